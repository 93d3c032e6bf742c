// Package tally sums up numbers of tickets.
package tally

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sum is how many tickets there are of each group, and how many of those are unread. The keys have neither.
type Sum map[store.Tally]struct{ n, unread int }

// Add counts what t stands for.
func (s Sum) Add(t store.Tally) {
	key := t
	key.N, key.Unread = 0, 0
	was := s[key]
	was.n, was.unread = was.n+t.N, was.unread+t.Unread
	s[key] = was
}

// Rows lists the numbers above 0, each group once, in an order that depends on them alone.
func (s Sum) Rows() []store.Tally { return s.list(func(n, _ int) bool { return n > 0 }) }

// Wrong lists what is not 0.
func (s Sum) Wrong() []store.Tally {
	return s.list(func(n, unread int) bool { return n != 0 || unread != 0 })
}

func (s Sum) list(wanted func(n, unread int) bool) []store.Tally {
	out := make([]store.Tally, 0, len(s))
	for t, c := range s {
		if t.N, t.Unread = c.n, c.unread; wanted(c.n, c.unread) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, compare)
	return out
}

func compare(a, b store.Tally) int {
	flag := func(t store.Tally) int {
		if t.Assigned {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Assignee, b.Assignee), cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Department, b.Department),
		cmp.Compare(a.Brand, b.Brand), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Status, b.Status), flag(a)-flag(b))
}

// Summed returns numbers with each group once, in an order that depends on them alone.
func Summed(t store.Tallies) store.Tallies {
	sum := Sum{}
	for _, row := range t.Rows {
		sum.Add(row)
	}
	t.Rows = sum.Rows()
	return t
}

// Live reports whether a ticket is counted at all.
func Live(t *ticket.Ticket) bool { return t.DeletedAt == nil && t.MergedInto == 0 }

// Of returns what a ticket counts as, if q asks for where it lies, its assignee or its tags.
func Of(q store.TallyQuery, t *ticket.Ticket) (out []store.Tally) {
	if !Live(t) {
		return nil
	}
	if (len(q.Brands) > 0 && !slices.Contains(q.Brands, t.Brand)) || (len(q.Departments) > 0 && !slices.Contains(q.Departments, t.Department)) {
		return nil
	}
	var place ticket.Place
	if !q.Whole {
		place = ticket.Place{Brand: t.Brand, Department: t.Department}
	}
	if q.By == store.TallyTags {
		for i, tag := range t.Tags {
			if !slices.Contains(t.Tags[:i], tag) && strings.HasPrefix(tag, q.Prefix) {
				out = append(out, store.Tally{Place: place, Tag: tag, N: 1})
			}
		}
		return out
	}
	if len(q.Folders) > 0 && !slices.Contains(q.Folders, t.Folder) {
		return nil
	}
	one := store.Tally{Place: place, Folder: t.Folder, Class: t.Class, Status: t.Status, Assigned: t.Assignee != "", N: 1}
	if t.UnreadByStaff {
		one.Unread = 1
	}
	if q.By == store.TallyAssignees {
		if !one.Assigned || (q.Assignee != "" && t.Assignee != q.Assignee) {
			return nil
		}
		one.Assignee = t.Assignee
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
