package helpdesk

import (
	"cmp"
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Whole threads: what merging and splitting move about.

// thread reads all messages of a ticket in their order, as the store has them.
func thread(ctx context.Context, r store.Reader, id int64) (out []*ticket.Message, err error) {
	for after := int64(0); ; {
		list, err := r.Messages(ctx, ticket.MessageQuery{TicketID: id, AfterSeq: after, Limit: ticket.MaxPage})
		if err != nil || len(list) == 0 {
			return out, err
		}
		out = append(out, list...)
		after = list[len(list)-1].Seq
	}
}

// weave makes one thread of two. Messages that once were in order, a list of ids, are so again; the others go by their
// time, and neither thread loses the order that it has.
func weave(order []int64, a, b []*ticket.Message) []*ticket.Message {
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

// arrange makes list the thread of w's ticket. Messages that come from another ticket are made its own.
func (w *write) arrange(ctx context.Context, list []*ticket.Message) error {
	t := w.after
	t.Seq, t.FileBytes = int64(len(list)), 0
	for i, m := range list {
		seq := int64(i) + 1
		t.FileBytes += bytesOf(m)
		if m.TicketID == t.ID && m.Seq == seq {
			continue
		}
		if m.TicketID != t.ID {
			// A sealed body is bound to its place: it is opened here, and sealed again for the new one.
			if err := w.d.openMessage(ctx, m); err != nil {
				return err
			}
			w.moved = append(w.moved, m)
		}
		m.TicketID, m.Seq = t.ID, seq
		if err := w.putMessage(ctx, m); err != nil {
			return err
		}
	}
	if last := lastPublic(list); last != nil {
		t.LastReplyAt, t.LastReplyBy = last.CreatedAt, last.Author.Kind
	}
	return nil
}

// lastPublic is the newest message that customers may read, or nil.
func lastPublic(list []*ticket.Message) *ticket.Message {
	for _, m := range slices.Backward(list) {
		if m.Kind.Public() {
			return m
		}
	}
	return nil
}

func idsOf(list []*ticket.Message) []int64 {
	out := make([]int64, len(list))
	for i, m := range list {
		out[i] = m.ID
	}
	return out
}
