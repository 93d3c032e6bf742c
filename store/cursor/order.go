package cursor

import (
	"cmp"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Order is the order of a list.
type Order struct {
	Sort  ticket.Sort
	Ranks []string // of a list by priority: the priorities in the order of the list
}

// OrderOf returns the order that q asks for, the default where it asks for none, or ticket.ErrInvalid for one that lists
// do not have.
func OrderOf(q ticket.Query) (Order, error) {
	o := Order{Sort: q.Sort}
	switch {
	case q.Sort == "":
		o.Sort = ticket.NewestUpdate
	case ByPriority(q.Sort):
		for _, r := range q.Ranks {
			if r != "" && !slices.Contains(o.Ranks, r) {
				o.Ranks = append(o.Ranks, r)
			}
		}
		if q.Sort == ticket.MostUrgent {
			slices.Reverse(o.Ranks)
		}
	}
	if code, _, ok := o.Sort.Field(); (ok && len(code) <= maxCode) || slices.Contains(sorts[:], o.Sort) {
		return o, nil
	}
	return Order{}, ticket.Invalid("sort", ticket.FaultUnknown, "%.300q is no order of a list: use one of %q, or ticket.ByField", q.Sort, sorts)
}

// ByPriority reports whether sort goes by the rank of the priority, and then by the newest update.
func ByPriority(sort ticket.Sort) bool {
	return sort == ticket.MostUrgent || sort == ticket.LeastUrgent
}

// Descending reports whether o shows the greatest time or key, and of equal ones the greatest id, first.
func (o Order) Descending() bool {
	_, desc, ok := o.Sort.Field()
	return (ok && desc) || o.Sort == ticket.NewestUpdate || o.Sort == ticket.NewestCreated || o.Sort == ticket.NewestReply || ByPriority(o.Sort)
}

// Position is the place of a ticket in a list. Only what its order goes by is set.
type Position struct {
	At       time.Time       // the time that the list is sorted by
	Key      ticket.FieldKey // of the custom field; empty where the ticket has no value
	Priority string
	ID       int64
}

// Of returns where t stands.
func (o Order) Of(t *ticket.Ticket) Position {
	p := Position{ID: t.ID}
	code, _, field := o.Sort.Field()
	switch {
	case field:
		if keys := ticket.KeysOf(t.Fields[code]); len(keys) > 0 {
			p.Key = keys[0]
		}
	case o.Sort == ticket.NewestCreated || o.Sort == ticket.OldestCreated:
		p.At = t.CreatedAt
	case o.Sort == ticket.NewestReply || o.Sort == ticket.OldestReply:
		p.At = t.LastReplyAt
	default:
		p.At = t.UpdatedAt
	}
	if ByPriority(o.Sort) {
		p.Priority = t.Priority
	}
	return p
}

// Phases is how many phases a list has: parts that follow each other, each in an order of its own by key, time and id.
// A list by a custom field ends with the tickets that have no value, one by priority with those whose priority has no
// rank.
func (o Order) Phases() int {
	if _, _, field := o.Sort.Field(); field {
		return 2
	}
	return len(o.Ranks) + 1
}

// Phase returns the phase that p belongs to, counted from 0.
func (o Order) Phase(p Position) int {
	_, _, field := o.Sort.Field()
	switch {
	case field && p.Key == "":
		return 1
	case field || !ByPriority(o.Sort):
		return 0
	}
	if i := slices.Index(o.Ranks, p.Priority); i >= 0 {
		return i
	}
	return len(o.Ranks)
}

// Compare is negative when p comes before q. Ties are broken by the id, in the direction of the order.
func (o Order) Compare(p, q Position) int {
	if c := cmp.Compare(o.Phase(p), o.Phase(q)); c != 0 {
		return c
	}
	c := cmp.Or(p.At.Compare(q.At), cmp.Compare(p.Key, q.Key), cmp.Compare(p.ID, q.ID))
	if o.Descending() {
		return -c
	}
	return c
}
