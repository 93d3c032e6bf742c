package merging

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Undo is the undoing of a merge, as far as the target's values go.
type Undo struct {
	Event     *ticket.Event // of the merge that brought the target the values
	Source    *ticket.Ticket
	Inherited bool                   // that merge was undone before, and the source brings what it brought, too
	Others    []Other                // merges into the same target that stay
	Canonical func(id string) string // the id that a customer goes by now, whoever they were merged into
	Marks     bool                   // the marks of what is to be read go, too: nobody has said anything since
}

// Other is a merge that stays.
type Other struct {
	At    time.Time
	Shell *ticket.Ticket
}

// Take takes from the target what the merge had brought it, as its journal tells. What a ticket that is still merged
// brings as well stays, until that one is taken apart: kept has the ids of those. Lists are replaced, and none is changed
// in place; an empty one is nil.
func (u Undo) Take(t *ticket.Ticket) (kept map[int64]bool) {
	r := reckoning{u, map[int64]bool{}}
	gone := lost(r, "participants", r.concerns)
	t.Participants = drop(t.Participants, func(p ticket.Person) bool { return slices.ContainsFunc(gone, p.Is) }) // also by another name
	t.Watchers = without(t.Watchers, lost(r, "watchers", func(t *ticket.Ticket, v string) bool { return slices.Contains(t.Watchers, v) }))
	t.Tags = without(t.Tags, lost(r, "tags", func(t *ticket.Ticket, v string) bool { return slices.Contains(t.Tags, v) }))
	t.Links = without(t.Links, lost(r, "links", func(t *ticket.Ticket, v ticket.Link) bool { return slices.Contains(t.Links, v) }))
	t.Related = without(t.Related, lost(r, "related", func(t *ticket.Ticket, v ticket.Ref) bool {
		return slices.ContainsFunc(t.Related, func(r ticket.Ref) bool { return r.Kind == v.Kind && r.ID == v.ID })
	}))
	if u.Marks {
		t.UnreadByStaff = t.UnreadByStaff && !(marked(u.Event, "unread_by_staff") && r.goes(func(t *ticket.Ticket) bool { return t.UnreadByStaff }))
		t.UnreadByClient = t.UnreadByClient && !(marked(u.Event, "unread_by_client") && r.goes(func(t *ticket.Ticket) bool { return t.UnreadByClient }))
	}
	return r.kept
}

// reckoning says whose a value is.
type reckoning struct {
	Undo
	kept map[int64]bool
}

// concerns reports whether a ticket is somebody's, also where they are another customer's account by now.
func (r reckoning) concerns(t *ticket.Ticket, p ticket.Person) bool {
	now := p
	now.ID = r.Canonical(p.ID)
	return t.Concerns(p) || t.Concerns(now)
}

// goes reports whether something goes: has says which tickets bring it. What one that was merged before had brought was
// gone by then, taken out or read, or it would not have been gained.
func (r reckoning) goes(has func(*ticket.Ticket) bool) bool {
	if r.Inherited && !has(r.Source) {
		return false
	}
	goes := true
	for _, o := range r.Others {
		if !o.At.Before(r.Event.At) && has(o.Shell) {
			r.kept[o.Shell.ID], goes = true, false
		}
	}
	return goes
}

// lost are the values of a list that go.
func lost[T comparable](r reckoning, field string, has func(*ticket.Ticket, T) bool) []T {
	return drop(gained[T](r.Event, field), func(v T) bool {
		return !r.goes(func(t *ticket.Ticket) bool { return has(t, v) })
	})
}

// gained are the values that a list got.
func gained[T comparable](e *ticket.Event, field string) []T {
	c, _ := e.Changed(field)
	var was, is []T
	_ = json.Unmarshal([]byte(c.Old), &was) // an empty list is written as nothing
	_ = json.Unmarshal([]byte(c.New), &is)
	return without(is, was)
}

func marked(e *ticket.Event, field string) bool {
	c, ok := e.Changed(field)
	return ok && c.New == "true"
}

func without[T comparable](list, gone []T) []T {
	return drop(list, func(v T) bool { return slices.Contains(gone, v) })
}

func drop[T any](list []T, gone func(T) bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), gone)
	if len(list) == 0 {
		return nil
	}
	return list
}
