package sla

import (
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// History is what has become of a ticket.
type History struct {
	Ticket   *ticket.Ticket    // as it is now
	Events   []*ticket.Event   // its journal, all of it, by Seq
	Messages []*ticket.Message // its thread, by Seq; no texts are needed
	Group    string            // of its requester, as ticket.Customer has it; may be empty
}

// moment is how the ticket was from a time on.
type moment struct {
	at     time.Time
	facts  Facts
	status string
	class  ticket.Class
	away   bool // in the spam folder, deleted, or merged
}

// same reports whether nothing that counts has changed.
func (m moment) same(n moment) bool {
	n.at = m.at
	return m == n
}

func (h History) momentOf(t *ticket.Ticket, at time.Time) moment {
	m := moment{at: at, facts: FactsOf(t), status: t.Status, class: t.Class, away: t.Folder == ticket.Spam || t.DeletedAt != nil || t.MergedInto != 0}
	m.facts.Group = h.Group
	return m
}

// moments are how the ticket was, from its beginning on: the journal is read backwards.
func (h History) moments() ([]moment, error) {
	t := h.Ticket.Clone()
	all := make([]moment, 0, len(h.Events)+1)
	for _, e := range slices.Backward(h.Events) {
		all = append(all, h.momentOf(t, e.At))
		if err := ticket.Undo(t, e.Changes); err != nil {
			return nil, fmt.Errorf("journal of ticket %d, entry %d: %w", h.Ticket.ID, e.Seq, err)
		}
	}
	all = append(all, h.momentOf(t, h.Ticket.CreatedAt))
	slices.Reverse(all)
	out := all[:1]
	for _, m := range all[1:] {
		last := &out[len(out)-1]
		if m.at.Before(last.at) { // the clocks of two machines
			m.at = last.at
		}
		switch {
		case m.at.Equal(last.at):
			*last = m
		case !m.same(*last):
			out = append(out, m)
		}
	}
	return out, nil
}

// wait is a time in which the customer waits for an answer.
type wait struct {
	target   Target
	from, to time.Time // to is zero while they wait
}

// waits are those of the thread, in order.
func (h History) waits() []wait {
	var out []wait
	waiting, spoken := false, false // spoken: staff have had a word
	created := h.Ticket.CreatedAt
	var since time.Time
	for i, m := range h.Messages {
		switch {
		case asks(m) || i == 0 && m.Kind == ticket.KindReply && m.Author.Kind == ticket.ActorSystem:
			if !waiting {
				waiting, since = true, m.CreatedAt
			}
		case answers(m) && m.CreatedAt.Before(created):
			waiting = false
		case answers(m):
			if waiting {
				out = append(out, wait{target: target(spoken), from: later(since, created), to: m.CreatedAt})
			}
			waiting, spoken = false, true
		}
	}
	if waiting {
		out = append(out, wait{target: target(spoken), from: later(since, created)})
	}
	return out
}

func target(spoken bool) Target {
	if spoken {
		return NextResponse
	}
	return FirstResponse
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// asks reports whether a message has its author wait for an answer.
func asks(m *ticket.Message) bool {
	return m.Kind == ticket.KindReply && m.Author.IsCustomer() && !m.Unproven && (m.Mail == nil || !m.Mail.Automatic && m.Mail.Quiet == "")
}

// answers reports whether a message is the answer that a customer waits for.
func answers(m *ticket.Message) bool {
	return m.Kind == ticket.KindReply && m.Author.Kind == ticket.ActorStaff && !m.Unproven && (m.Mail == nil || !m.Mail.Automatic)
}
