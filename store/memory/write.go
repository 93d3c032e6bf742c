package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tx is the handle that one closure gets on a transaction.
type tx struct {
	reader
	transaction *transaction
}

var _ store.Tx = (*tx)(nil)

func invalid(field string, fault ticket.Fault, format string, args ...any) error {
	return fmt.Errorf("store: %w", ticket.Invalid(field, fault, format, args...))
}

// checkPut refuses what cannot be stored: nothing, or something without an id. Ids that did not come from NewID are
// never handed out later.
func (x *tx) checkPut(ctx context.Context, sequence string, present bool, id func() int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if !present || id() <= 0 {
		return invalid("id", ticket.FaultRequired, "a %s needs an id above 0: take one from NewID", sequence)
	}
	counters := x.transaction.store.counters
	counters[sequence] = max(counters[sequence], id())
	return nil
}

func (x *tx) NewID(ctx context.Context, sequence string) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	counters := x.transaction.store.counters
	counters[sequence]++
	return counters[sequence], nil
}

func (x *tx) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return x.Ticket(ctx, id, ticket.Scope{All: true}) // nobody else writes meanwhile
}

func (x *tx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	if err := x.checkPut(ctx, "ticket", t != nil, func() int64 { return t.ID }); err != nil {
		return err
	}
	x.state.tickets.put(t.ID, cloneTicket(t))
	x.mark(t.ID)
	return nil
}

func (x *tx) DeleteTicket(ctx context.Context, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if id == 0 { // entries without a ticket have it
		return nil
	}
	x.state.tickets.delete(id)
	x.state.documents.delete(id)
	x.state.stale.delete(id)
	for at, message := range x.state.threads.from(place{ticket: id, seq: minSeq}) {
		if at.ticket != id {
			break
		}
		x.state.threads.delete(at)
		x.state.messages.delete(message)
	}
	for at, event := range x.state.journals.from(place{ticket: id, seq: minSeq}) {
		if at.ticket != id {
			break
		}
		e, _ := x.state.events.get(event)
		x.state.forgetEvent(e)
	}
	return nil
}

func (x *tx) PutMessage(ctx context.Context, m *ticket.Message) error {
	if err := x.checkPut(ctx, "message", m != nil, func() int64 { return m.ID }); err != nil {
		return err
	}
	if old, ok := x.state.messages.get(m.ID); ok {
		x.state.threads.delete(place{old.TicketID, old.Seq, old.ID})
	}
	x.state.messages.put(m.ID, cloneMessage(m))
	x.state.threads.put(place{m.TicketID, m.Seq, m.ID}, m.ID)
	x.mark(m.TicketID)
	return nil
}

func (x *tx) PutEvent(ctx context.Context, e *ticket.Event) error {
	if err := x.checkPut(ctx, "event", e != nil, func() int64 { return e.ID }); err != nil {
		return err
	}
	if old, ok := x.state.events.get(e.ID); ok {
		x.state.forgetEvent(old)
	}
	c := cloneEvent(e)
	x.state.events.put(c.ID, c)
	x.state.journals.put(place{c.TicketID, c.Seq, c.ID}, c.ID)
	x.state.journal.put(moment{c.At, c.ID}, c.ID)
	return nil
}

func (s *state) forgetEvent(e *ticket.Event) {
	s.events.delete(e.ID)
	s.journals.delete(place{e.TicketID, e.Seq, e.ID})
	s.journal.delete(moment{e.At, e.ID})
}

func (x *tx) LockRecord(ctx context.Context, kind, key string) (*store.Record, error) {
	return x.Record(ctx, kind, key) // as LockTicket
}

func (x *tx) PutRecord(ctx context.Context, r *store.Record) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if r == nil || r.Kind == "" {
		return invalid("kind", ticket.FaultRequired, "a record needs a kind")
	}
	var stored int64
	if old, ok := x.state.records.get(name{r.Kind, r.Key}); ok {
		stored = old.Version
	}
	if r.Version != stored && r.Version != store.AnyVersion {
		return fmt.Errorf("store: record %s %s has version %d, not %d: %w", r.Kind, r.Key, stored, r.Version, ticket.ErrConflict)
	}
	c := cloneRecord(r)
	c.Version = stored + 1
	x.state.records.put(name{r.Kind, r.Key}, c)
	x.countConfig(r.Kind)
	return nil
}

func (x *tx) DeleteRecord(ctx context.Context, kind, key string) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	x.state.records.delete(name{kind, key})
	x.countConfig(kind)
	return nil
}

// countConfig takes the version from a counter that is not rolled back: what a transaction saw in vain must not come
// again as something else.
func (x *tx) countConfig(kind string) {
	if store.ConfigKind(kind) {
		x.transaction.store.configs++
		x.state.config = x.transaction.store.configs
	}
}

func (x *tx) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	if holder, ok := x.state.keys.get(name{kind, key}); ok {
		return holder, nil
	}
	x.state.keys.put(name{kind, key}, id)
	return id, nil
}

func (x *tx) Release(ctx context.Context, kind, key string, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if holder, ok := x.state.keys.get(name{kind, key}); ok && holder == id {
		x.state.keys.delete(name{kind, key})
	}
	return nil
}

func (x *tx) Link(ctx context.Context, kind, key string, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	x.state.links.put(link{kind, key, id}, struct{}{})
	return nil
}

func (x *tx) Unlink(ctx context.Context, kind, key string, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	x.state.links.delete(link{kind, key, id})
	return nil
}

func (x *tx) PutChunk(ctx context.Context, blob string, n int, data []byte) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if len(data) > store.ChunkSize {
		return invalid("data", ticket.FaultTooLong, "a chunk has %d bytes: at most %d are taken", len(data), store.ChunkSize)
	}
	if n < 0 {
		return invalid("n", ticket.FaultOutOfRange, "chunks are counted from 0")
	}
	x.state.chunks.put(chunk{blob, n}, slices.Clone(data))
	return nil
}

func (x *tx) DeleteBlob(ctx context.Context, blob string) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	for c := range x.state.chunks.from(chunk{blob: blob}) {
		if c.blob != blob {
			break
		}
		x.state.chunks.delete(c)
	}
	return nil
}

func (x *tx) OnCommit(fn func()) {
	if fn != nil && !x.done.Load() {
		x.transaction.after = append(x.transaction.after, fn)
	}
}

func (x *tx) Hosted() bool { return false }
