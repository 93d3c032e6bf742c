package merging

import (
	"cmp"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Weave makes one thread of two. Messages that once were in an order, given by their ids, are so again; the others go by their
// time, and neither thread loses the order that it has.
func Weave(order []int64, a, b []*ticket.Message) []*ticket.Message {
	at := make(map[int64]int, len(order))
	for i, id := range order {
		at[id] = i
	}
	known := func(m *ticket.Message) bool { _, ok := at[m.ID]; return ok }
	old := slices.DeleteFunc(slices.Concat(a, b), func(m *ticket.Message) bool { return !known(m) })
	slices.SortFunc(old, func(x, y *ticket.Message) int { return cmp.Compare(at[x.ID], at[y.ID]) })
	return byTime(old, byTime(slices.DeleteFunc(slices.Clone(a), known), slices.DeleteFunc(slices.Clone(b), known)))
}

// byTime joins two threads by time, as one step of sorting by merging does.
func byTime(a, b []*ticket.Message) []*ticket.Message {
	out := make([]*ticket.Message, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if cmp.Or(a[0].CreatedAt.Compare(b[0].CreatedAt), cmp.Compare(a[0].ID, b[0].ID)) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// LastPublic is the newest message that customers may read, or nil.
func LastPublic(list []*ticket.Message) *ticket.Message {
	for _, m := range slices.Backward(list) {
		if m.Kind.Public() {
			return m
		}
	}
	return nil
}

// IDs lists the ids of messages.
func IDs(list []*ticket.Message) []int64 {
	out := make([]int64, len(list))
	for i, m := range list {
		out[i] = m.ID
	}
	return out
}

// Side is what becomes of a message when a merge is undone.
type Side int

// The sides.
const (
	Mine  Side = iota // it stays with the target
	Along             // it came since and goes with the source: it answers one of the source's
	Back              // the source brought it
)

// Part says of each message of a target's thread where it goes. brought are the messages that the source brought, had
// those that the target has whatever they answer, and family the ids of the source and of those that were merged into it.
func Part(all []*ticket.Message, brought, had map[int64]bool, family []int64) []Side {
	known := mails{}
	for _, m := range all {
		if had[m.ID] {
			known.put(m, false)
		}
	}
	for _, m := range all { // a mail that came to both tickets counts as the source's
		if brought[m.ID] {
			known.put(m, true)
		}
	}
	out := make([]Side, len(all))
	for i, m := range all {
		switch {
		case brought[m.ID]:
			out[i] = Back
		case !had[m.ID] && (slices.Contains(family, m.Via) || (m.Via == 0 && known.answered(m))):
			out[i] = Along
			known.put(m, true)
		default:
			known.put(m, false)
		}
	}
	return out
}

// mails says by the ids of a thread's mails whether they go with the source.
type mails map[string]bool

func (known mails) put(m *ticket.Message, goes bool) {
	if m.Mail != nil && m.Mail.MessageID != "" {
		known[m.Mail.MessageID] = known[m.Mail.MessageID] || goes
	}
}

// answered reports whether a message came as a mail whose answered one goes. References lead up to that one (RFC 5322,
// 3.6.4): of those that are known the last counts.
func (known mails) answered(m *ticket.Message) bool {
	if m.Mail == nil {
		return false
	}
	for _, id := range slices.Backward(slices.Concat(m.Mail.References, m.Mail.InReplyTo)) {
		if goes, ok := known[id]; ok {
			return goes
		}
	}
	return false
}
