package row

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Count is a ticket as one number counts it: what the number is of, N, and Unread. In differences those may be below 0.
type Count struct {
	By store.TallyKind
	store.Tally
}

// of is what the number is of.
func (c Count) of() Count {
	c.N, c.Unread = 0, 0
	return c
}

// Counted lists what the ticket counts as, each number once: where it lies, by its assignee, and under each of its tags.
func (r Row) Counted() []Count {
	c := r.Columns
	if !r.Known || c.Box >= BoxDeleted {
		return nil
	}
	place := ticket.Place{Brand: c.Brand, Department: c.Department}
	one := store.Tally{Place: place, Folder: ticket.Folder(c.Folder), Class: ticket.Class(c.Class), Status: c.Status, Assigned: c.Assignee != "", N: 1}
	if c.Unread {
		one.Unread = 1
	}
	out := append(make([]Count, 0, 2+len(r.Facets)), Count{store.TallyPlaces, one})
	if c.Assignee != "" {
		one.Assignee = c.Assignee
		out = append(out, Count{store.TallyAssignees, one})
	}
	for _, f := range r.Facets {
		if f.Kind == FacetTag {
			out = append(out, Count{store.TallyTags, store.Tally{Place: place, Tag: f.Value, N: 1}})
		}
	}
	return out
}

// Differences lists what has to be added to numbers where a ticket's row was one and is another now, each number once:
// nothing where it counts as before.
func Differences(was, now Row) []Count {
	before, after := was.Counted(), now.Counted()
	out := make([]Count, 0, len(before)+len(after))
	for _, b := range before {
		b.N, b.Unread = -b.N, -b.Unread
		if i := slices.IndexFunc(after, func(a Count) bool { return a.of() == b.of() }); i >= 0 {
			b.N, b.Unread = b.N+after[i].N, b.Unread+after[i].Unread
		}
		if b.N != 0 || b.Unread != 0 {
			out = append(out, b)
		}
	}
	for _, a := range after {
		if !slices.ContainsFunc(before, func(b Count) bool { return a.of() == b.of() }) {
			out = append(out, a)
		}
	}
	return out
}
