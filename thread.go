package helpdesk

import (
	"context"

	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Whole threads: what merging and splitting move about.

// thread reads all messages of a ticket in their order, as the store has them.
func thread(ctx context.Context, r store.Reader, id int64) (out []*ticket.Message, err error) {
	for m, err := range everyMessage(ctx, r, id) {
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
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
	if last := merging.LastPublic(list); last != nil {
		t.LastReplyAt, t.LastReplyBy = last.CreatedAt, last.Author.Kind
	}
	return nil
}
