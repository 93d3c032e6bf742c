package memory

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// minSeq is below every Seq and id: where a range starts.
const minSeq = math.MinInt64

func pageSize(limit int) int {
	if limit <= 0 {
		return ticket.DefaultPage
	}
	return min(limit, ticket.MaxPage)
}

func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	order, err := cursor.OrderOf(q)
	if err != nil {
		return ticket.Page{}, err
	}
	from, err := cursor.Of(q, order)
	if err != nil {
		return ticket.Page{}, err
	}
	var places []cursor.Position
	for _, t := range r.state.tickets.all() {
		if at := order.Of(t); scope.Sees(t) && matches(q, t) && (from == nil || from.Admits(at, order)) {
			places = append(places, at)
		}
	}
	back := from != nil && from.Back
	slices.SortFunc(places, func(a, b cursor.Position) int {
		if back {
			a, b = b, a
		}
		return order.Compare(a, b)
	})
	var more *cursor.Cursor
	if n := pageSize(q.Limit); len(places) > n {
		places = places[:n]
		more = &cursor.Cursor{Position: places[n-1], Before: back, Back: back}
	}
	if back {
		slices.Reverse(places)
	}
	page := ticket.Page{}
	page.Next, page.Prev = cursor.Around(order, from, more)
	for _, at := range places {
		t, _ := r.state.tickets.get(at.ID)
		page.Tickets = append(page.Tickets, t.Clone())
	}
	return page, nil
}

func participates(t *ticket.Ticket, email string) bool {
	return slices.ContainsFunc(t.Participants, func(p ticket.Person) bool { return ticket.NormalizeEmail(p.Email) == email })
}

// matches reports whether q selects t; see ticket.Query.
func matches(q ticket.Query, t *ticket.Ticket) bool {
	return anyOf(q.Folders, t.Folder) && anyOf(q.Classes, t.Class) && anyOf(q.Statuses, t.Status) &&
		anyOf(q.Departments, t.Department) && anyOf(q.Brands, t.Brand) && anyOf(q.Priorities, t.Priority) &&
		anyOf(q.Channels, t.Channel) && hasAll(t.Tags, q.Tags) &&
		is(q.Assignee, t.Assignee) && (!q.Unassigned || t.Assignee == "") && is(q.Requester, t.Requester.ID) &&
		is(q.Organisation, t.Organisation) && is(q.Service, t.Service) && is(q.External, t.External) &&
		(q.Watcher == "" || slices.Contains(t.Watchers, q.Watcher)) &&
		matchesPeople(q, t) && matchesRelated(q.Related, t) && matchesFields(q.Fields, t) &&
		(!q.UnreadByStaff || t.UnreadByStaff) && (!q.UnreadByClient || t.UnreadByClient) && q.Deleted == (t.DeletedAt != nil) && (q.Deleted || q.Merged == (t.MergedInto != 0)) &&
		within(t.CreatedAt, q.CreatedFrom, q.CreatedTo) && within(t.UpdatedAt, q.UpdatedFrom, q.UpdatedTo) &&
		within(t.LastReplyAt, q.LastReplyFrom, q.LastReplyTo)
}

func matchesPeople(q ticket.Query, t *ticket.Ticket) bool {
	email, participant := ticket.NormalizeEmail(q.Email), ticket.NormalizeEmail(q.Participant)
	return (email == "" || ticket.NormalizeEmail(t.Requester.Email) == email) &&
		(participant == "" || participates(t, participant))
}

func matchesRelated(want ticket.Ref, t *ticket.Ticket) bool {
	if want.Kind == "" && want.ID == "" {
		return true
	}
	return slices.ContainsFunc(t.Related, func(r ticket.Ref) bool { return r.Kind == want.Kind && r.ID == want.ID })
}

func matchesFields(filters []ticket.FieldFilter, t *ticket.Ticket) bool {
	return !slices.ContainsFunc(filters, func(f ticket.FieldFilter) bool { return !f.Selects(t.Fields[f.Code]) })
}

func anyOf[T comparable](want []T, v T) bool { return len(want) == 0 || slices.Contains(want, v) }

func is(want, v string) bool { return want == "" || want == v }

func hasAll(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// within reports whether from <= t < to, a zero bound meaning none.
func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(ticket.Time(from))) && (to.IsZero() || t.Before(ticket.Time(to)))
}
