package memory

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// reader reads a snapshot, or the changing state of a transaction.
type reader struct {
	state *state
	now   func() time.Time // store time
	done  atomic.Bool
}

var _ store.Reader = (*reader)(nil)

func (r *reader) check(ctx context.Context) error {
	if r.done.Load() {
		return ticket.ErrTxDone
	}
	return ctx.Err()
}

func missing(what string, key any) error {
	return fmt.Errorf("store: %s %v: %w", what, key, ticket.ErrNotFound)
}

func (r *reader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	t, ok := r.state.tickets.get(id)
	if !ok || !scope.Sees(t) {
		return nil, missing("ticket", id)
	}
	return t.Clone(), nil
}

func (r *reader) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	m, ok := r.state.messages.get(id)
	if !ok {
		return nil, missing("message", id)
	}
	return m.Clone(), nil
}

func (r *reader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var all []*ticket.Message
	for at, id := range r.state.threads.from(place{ticket: q.TicketID, seq: minSeq}) {
		if at.ticket != q.TicketID {
			break
		}
		m, _ := r.state.messages.get(id)
		if len(q.Kinds) == 0 || slices.Contains(q.Kinds, m.Kind) {
			all = append(all, m)
		}
	}
	if q.Newest {
		slices.Reverse(all)
	}
	var out []*ticket.Message
	for _, m := range all {
		after := q.AfterSeq == 0 || (q.Newest && m.Seq < q.AfterSeq) || (!q.Newest && m.Seq > q.AfterSeq)
		if after && len(out) < ticket.PageSize(q.Limit) {
			out = append(out, m.Clone())
		}
	}
	return out, nil
}

func (r *reader) Event(ctx context.Context, id int64) (*ticket.Event, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	e, ok := r.state.events.get(id)
	if !ok {
		return nil, missing("event", id)
	}
	return cloneEvent(e), nil
}

func (r *reader) Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var out []*ticket.Event
	add := func(id int64) (more bool) {
		e, _ := r.state.events.get(id)
		if len(q.Types) == 0 || slices.Contains(q.Types, e.Type) {
			out = append(out, cloneEvent(e))
		}
		return len(out) < ticket.PageSize(q.Limit)
	}
	if q.TicketID == 0 {
		for _, id := range r.state.journal.from(moment{ticket.Time(q.Since), q.AfterID + 1}) {
			if !add(id) {
				break
			}
		}
		return out, nil
	}
	for at, id := range r.state.journals.from(place{ticket: q.TicketID, seq: q.AfterSeq + 1}) {
		if at.ticket != q.TicketID {
			break
		}
		if e, _ := r.state.events.get(id); e.At.Before(ticket.Time(q.Since)) {
			continue
		}
		if !add(id) {
			break
		}
	}
	return out, nil
}

func (r *reader) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	v, ok := r.state.records.get(name{kind, key})
	if !ok {
		return nil, missing("record", kind+" "+key)
	}
	return cloneRecord(v), nil
}

func (r *reader) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var out []*store.Record
	for k, v := range r.state.records.from(name{kind: q.Kind, key: q.After}) {
		if k.kind != q.Kind || (q.Limit > 0 && len(out) == q.Limit) {
			break
		}
		if (q.Parent == "" || v.Parent == q.Parent) && (q.After == "" || k.key != q.After) {
			out = append(out, cloneRecord(v))
		}
	}
	return out, nil
}

func (r *reader) ConfigVersion(ctx context.Context) (int64, error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	return r.state.config, nil
}

func (r *reader) Holder(ctx context.Context, kind, key string) (int64, error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	id, ok := r.state.keys.get(name{kind, key})
	if !ok {
		return 0, missing("holder of "+kind, key)
	}
	return id, nil
}

func (r *reader) Linked(ctx context.Context, kind, key string) ([]int64, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var out []int64
	for l := range r.state.links.from(link{kind: kind, key: key, id: minSeq}) {
		if l.kind != kind || l.key != key {
			break
		}
		out = append(out, l.id)
	}
	return out, nil
}

func (r *reader) Chunk(ctx context.Context, blob string, n int) ([]byte, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	b, ok := r.state.chunks.get(chunk{blob, n})
	if !ok {
		return nil, missing("blob", fmt.Sprintf("%s, chunk %d", blob, n))
	}
	return slices.Clone(b), nil
}
