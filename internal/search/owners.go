package search

import (
	"fmt"
	"hash/fnv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The letters before what makes a ticket somebody's own.
const (
	ownRequester    = "r"
	ownAddress      = "e" // of a requester
	ownParticipant  = "p" // address
	ownOrganisation = "o"
	ownAssignee     = "a"
	ownWatcher      = "w"
)

// own is a token for somebody to whom tickets may belong. It tells nothing, and need not be unique: it spares work, and
// decides nothing.
func own(what, value string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // a hash never fails
	return fmt.Sprintf("%s%016x", what, h.Sum64())
}

// whose lists the tokens of a ticket.
func whose(t *ticket.Ticket) (out []string) {
	put := func(what, value string) {
		if value != "" {
			out = append(out, own(what, value))
		}
	}
	put(ownRequester, t.Requester.ID)
	put(ownAddress, ticket.NormalizeEmail(t.Requester.Email))
	put(ownOrganisation, t.Organisation)
	put(ownAssignee, t.Assignee)
	for _, p := range t.Participants {
		put(ownParticipant, ticket.NormalizeEmail(p.Email))
	}
	for _, w := range t.Watchers {
		put(ownWatcher, w)
	}
	return out
}

// Owners lists tokens of which every ticket has one that scope and filter can select; none means that there are too
// many.
func Owners(scope ticket.Scope, q ticket.Query) (out []string) {
	put := func(value string, what ...string) {
		for _, w := range what {
			if value != "" {
				out = append(out, own(w, value))
			}
		}
	}
	if !scope.All && len(scope.Places) == 0 {
		put(scope.Agent, ownAssignee, ownWatcher)
		put(scope.Requester, ownRequester)
		for _, e := range scope.Emails {
			put(ticket.NormalizeEmail(e), ownAddress, ownParticipant)
		}
		for _, o := range scope.Organisations {
			put(o, ownOrganisation)
		}
		return out
	}
	switch {
	case q.Requester != "":
		put(q.Requester, ownRequester)
	case q.Email != "":
		put(ticket.NormalizeEmail(q.Email), ownAddress)
	case q.Participant != "":
		put(ticket.NormalizeEmail(q.Participant), ownParticipant)
	case q.Organisation != "":
		put(q.Organisation, ownOrganisation)
	case q.Watcher != "":
		put(q.Watcher, ownWatcher)
	default:
		put(q.Assignee, ownAssignee)
	}
	return out
}
