// Package tally sums up numbers of tickets.
package tally

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sum is how many tickets there are of each kind. The keys have no N.
type Sum map[store.Tally]int

// Add counts what t stands for, if q asks for its folder, its assignee or its tag.
func (s Sum) Add(q store.TallyQuery, t store.Tally) {
	switch {
	case q.By == store.TallyTags && !strings.HasPrefix(t.Tag, q.Prefix),
		q.By != store.TallyTags && len(q.Folders) > 0 && !slices.Contains(q.Folders, t.Folder),
		q.By == store.TallyAssignees && (t.Assignee == "" || (q.Assignee != "" && t.Assignee != q.Assignee)):
		return
	}
	n := t.N
	t.N = 0
	s[t] += n
}

// AddTicket counts a ticket.
func (s Sum) AddTicket(q store.TallyQuery, t *ticket.Ticket) {
	for _, one := range Of(q.By, t) {
		s.Add(q, one)
	}
}

// Rows lists the numbers, in an order that depends on them alone.
func (s Sum) Rows() []store.Tally {
	out := make([]store.Tally, 0, len(s))
	for t, n := range s {
		if t.N = n; n > 0 {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, Compare)
	return out
}

// Compare orders numbers by what they are of.
func Compare(a, b store.Tally) int {
	flag := func(t store.Tally) int {
		n := 0
		if t.Unread {
			n++
		}
		if t.Assigned {
			n += 2
		}
		return n
	}
	return cmp.Or(cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Assignee, b.Assignee), cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Department, b.Department),
		cmp.Compare(a.Brand, b.Brand), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Status, b.Status), cmp.Compare(flag(a), flag(b)))
}

// Live reports whether a ticket is counted at all.
func Live(t *ticket.Ticket) bool { return t.DeletedAt == nil && t.MergedInto == 0 }

// Of returns what a ticket counts as.
func Of(by store.TallyKind, t *ticket.Ticket) []store.Tally {
	if !Live(t) {
		return nil
	}
	place := ticket.Place{Brand: t.Brand, Department: t.Department}
	if by == store.TallyTags {
		var out []store.Tally
		for i, tag := range t.Tags {
			if !slices.Contains(t.Tags[:i], tag) {
				out = append(out, store.Tally{Place: place, Tag: tag, N: 1})
			}
		}
		return out
	}
	one := store.Tally{Place: place, Folder: t.Folder, Class: t.Class, Status: t.Status, Unread: t.UnreadByStaff, N: 1}
	if by == store.TallyAssignees {
		one.Assignee = t.Assignee
	} else {
		one.Assigned = t.Assignee != ""
	}
	return []store.Tally{one}
}

// InPlace reports whether scope sees t because of where it lies. Such tickets are counted without looking at them.
func InPlace(s ticket.Scope, t *ticket.Ticket) bool {
	return ticket.Scope{All: s.All, Places: s.Places}.Sees(t)
}

// Own reports whether scope sees t because its agent has it. Such tickets are, but for their tags.
func Own(s ticket.Scope, t *ticket.Ticket) bool {
	own := *t
	own.Watchers = nil
	return ticket.Scope{Agent: s.Agent, AgentPlaces: s.AgentPlaces}.Sees(&own)
}

// Limit is what q bounds the walks by.
func Limit(q store.TallyQuery) int {
	if q.Limit <= 0 {
		return store.WalkLimit
	}
	return q.Limit
}
