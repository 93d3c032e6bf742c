package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// write is one write inside its transaction: the place through which every change of a ticket goes.
type write struct {
	d     *Desk
	tx    store.Tx
	conf  *config
	actor ticket.Actor
	cause ticket.Cause
	now   time.Time

	before *ticket.Ticket // nil for a new ticket
	last   *ticket.Ticket // as of the last event
	after  *ticket.Ticket // being changed
	events []written
	quiet  bool // the ticket does not count as updated

	configured bool // the write changes the configuration

	moved  []*ticket.Message // messages that came from another ticket
	beside []*write          // of other tickets, in the same transaction
}

// another returns a write of another ticket in the same transaction. Its events are told with w's.
func (w *write) another() *write {
	b := &write{d: w.d, tx: w.tx, conf: w.conf, actor: w.actor, cause: w.cause, now: w.now}
	w.beside = append(w.beside, b)
	return b
}

// gather adds the events of all writes beside w, and of those beside them, to w's own.
func (w *write) gather() {
	for _, b := range w.beside {
		b.gather()
		w.events = append(w.events, b.events...)
	}
}

// written is an event of the write, with the message that it is about and the ticket as of it.
type written struct {
	event   *ticket.Event
	message *ticket.Message
	ticket  *ticket.Ticket  // nil for an event without one; never changed
	about   *ticket.Message // the message, where the write leaves it as it is
}

// errGuardWrites says that a guard called a verb that writes.
var errGuardWrites = fmt.Errorf("%w: a guard may read but not write", ticket.ErrForbidden)

// transact runs fn as one write. It may run fn again; fn must start from what it reads.
func (d *Desk) transact(ctx context.Context, actor ticket.Actor, fn func(ctx context.Context, w *write) error) (*write, error) {
	if inGuard(ctx) {
		return nil, errGuardWrites
	}
	cause, err := d.causeFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.storeSubscriptions(ctx); err != nil {
		return nil, err
	}
	start := time.Now()
	var done *write
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		w := &write{d: d, tx: tx, actor: actor, cause: cause, now: d.Now()}
		done = w
		var err error
		if w.conf, err = d.configIn(ctx, tx); err != nil {
			return err
		}
		if err := fn(ctx, w); err != nil {
			return err
		}
		if err := w.also(ctx); err != nil {
			return err
		}
		w.gather()
		w.announce(ctx)
		return w.reconfigure(ctx)
	})
	d.observeWrite(ctx, done, err, time.Since(start))
	if err != nil {
		return nil, err
	}
	return done, nil
}

// lock takes the ticket's row for this write and checks the rights on it.
func (w *write) lock(ctx context.Context, id int64, acts ...Action) error {
	t, err := w.tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	if err := w.d.allowed(ctx, w.conf, w.actor, t, acts...); err != nil {
		return err
	}
	w.before, w.last, w.after = t, t.Clone(), t.Clone()
	return nil
}

// alive refuses to write to a ticket that is deleted, or has gone into another one.
func alive(t *ticket.Ticket) error {
	switch {
	case t.DeletedAt != nil:
		return fmt.Errorf("%w: the ticket is deleted: restore it first", ticket.ErrNotFound)
	case t.MergedInto != 0:
		return ticket.ErrMerged
	}
	return nil
}

// settings are those of the ticket as it is after the write so far.
func (w *write) settings() ticket.Settings { return w.conf.SettingsOf(w.after) }

// step puts what has changed since the last event into the journal as an event of its own, and the rows with it.
// Without a change and without a message there is no event.
func (w *write) step(ctx context.Context, typ ticket.EventType, m *ticket.Message) error {
	var changes []ticket.Change
	if w.last != nil { // there is nothing that a new ticket could differ from
		changes = ticket.Diff(w.last, w.after)
	}
	if len(changes) == 0 && m == nil {
		return nil
	}
	return w.journal(ctx, typ, m, changes)
}

// journal makes an event of its own.
func (w *write) journal(ctx context.Context, typ ticket.EventType, m *ticket.Message, changes []ticket.Change) error {
	id, err := w.tx.NewID(ctx, "event")
	if err != nil {
		return err
	}
	t := w.after
	t.Version++
	t.EventSeq++
	if w.before != nil && !w.quiet {
		changes = w.touch(changes)
	}
	e := &ticket.Event{ID: id, Type: typ, TicketID: t.ID, Seq: t.EventSeq, Version: t.Version, At: w.now, Actor: w.actor, Cause: w.cause, Changes: changes}
	if m != nil {
		e.MessageID, e.Kind = m.ID, m.Kind
	}
	w.last = t.Clone()
	w.events = append(w.events, written{event: e, message: m, ticket: w.last})
	return nil
}

// touch moves UpdatedAt and makes that part of the changes.
func (w *write) touch(changes []ticket.Change) []ticket.Change {
	w.after.UpdatedAt = w.now
	if w.last.UpdatedAt.Equal(w.now) {
		return changes
	}
	return append(changes, ticket.Change{Field: "updated_at", Old: stamp(w.last.UpdatedAt), New: stamp(w.now)})
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// commit puts the rows, asks the guard, and puts the events and their deliveries. guard may be nil.
func (w *write) commit(ctx context.Context, guard *hooks.Guard[hooks.Committing]) error {
	if len(w.events) == 0 {
		return nil
	}
	if err := w.tx.PutTicket(ctx, w.after); err != nil {
		return err
	}
	for _, e := range w.events {
		if e.message == nil {
			continue
		}
		if err := w.putMessage(ctx, e.message); err != nil {
			return err
		}
	}
	if err := w.rememberPeople(ctx); err != nil {
		return err
	}
	if err := w.guard(ctx, guard); err != nil {
		return err
	}
	for _, e := range w.events {
		if err := w.tx.PutEvent(ctx, e.event); err != nil {
			return err
		}
		if err := w.fanOut(ctx, e.event); err != nil {
			return err
		}
	}
	return nil
}

// guard asks the guards of the operation and, where the write changes properties as well, those of updates.
func (w *write) guard(ctx context.Context, guard *hooks.Guard[hooks.Committing]) error {
	ctx = context.WithValue(ctx, guardKey{}, true)
	for _, e := range w.events {
		in := hooks.Committing{Actor: w.actor, Before: w.before, After: w.after, Message: w.d.clear(ctx, e.message), Event: e.event}
		for _, g := range w.guardsOf(e, guard) {
			if g == nil || g.Empty() {
				continue
			}
			if err := g.Run(ctx, in); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *write) guardsOf(e written, guard *hooks.Guard[hooks.Committing]) []*hooks.Guard[hooks.Committing] {
	r := w.d.hooks
	switch {
	case e.event.Type == ticket.EventFilesRemoved: // settings decided that
		return nil
	case e.event.Type == ticket.EventUpdated:
		return []*hooks.Guard[hooks.Committing]{&r.TicketUpdateGuard}
	case e.message == nil || w.before == nil:
		return []*hooks.Guard[hooks.Committing]{guard}
	case len(ticket.Decisions(e.event.Changes)) > 0: // a message that carries a status, or brings one about
		return []*hooks.Guard[hooks.Committing]{&r.TicketMessageGuard, &r.TicketUpdateGuard}
	}
	return []*hooks.Guard[hooks.Committing]{&r.TicketMessageGuard}
}

// putMessage stores a message and the ids by which mail finds it.
func (w *write) putMessage(ctx context.Context, m *ticket.Message) error {
	stored, err := w.d.sealed(ctx, m)
	if err != nil {
		return err
	}
	if err := w.tx.PutMessage(ctx, stored); err != nil {
		return err
	}
	if m.Mail != nil && m.Mail.MessageID != "" {
		if err := w.tx.Link(ctx, linkMessageID, m.Mail.MessageID, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// Kinds of keys and links that the desk keeps in the store.
const (
	keyCode       = "code"
	keyExternal   = "external"
	linkMessageID = "message-id" // from a mail's Message-ID to our messages
)

// record puts an event that belongs to no ticket.
func (w *write) record(ctx context.Context, e *ticket.Event) error {
	id, err := w.tx.NewID(ctx, "event")
	if err != nil {
		return err
	}
	e.ID, e.At, e.Actor, e.Cause = id, w.now, w.actor, w.cause
	w.events = append(w.events, written{event: e})
	if err := w.tx.PutEvent(ctx, e); err != nil {
		return err
	}
	return w.fanOut(ctx, e)
}

// fanOut puts a delivery for every stored subscription that the event matches.
func (w *write) fanOut(ctx context.Context, e *ticket.Event) error {
	for i := range w.conf.subs {
		s := &w.conf.subs[i]
		if !w.d.hooks.Matches(s.Point, e) {
			continue
		}
		if err := putDelivery(ctx, w.tx, s.delivery(e, w.now)); err != nil {
			return err
		}
	}
	return nil
}

// announce prepares what happens after the commit: waking the dispatcher and calling the volatile bindings.
func (w *write) announce(ctx context.Context) {
	if len(w.events) == 0 {
		return
	}
	base := context.WithoutCancel(store.ContextWithoutTx(w.d.withoutAlso(ctx)))
	w.tx.OnCommit(func() { w.d.committed(base, w) })
}

// newMessage fills in what every message has.
func (w *write) newMessage(ctx context.Context, kind ticket.MessageKind) (*ticket.Message, error) {
	id, err := w.tx.NewID(ctx, "message")
	if err != nil {
		return nil, err
	}
	w.after.Seq++
	return &ticket.Message{ID: id, TicketID: w.after.ID, Seq: w.after.Seq, Kind: kind, Author: w.actor, Format: ticket.Plain, CreatedAt: w.now}, nil
}

// enterStatus changes the status and everything that follows from it.
func (w *write) enterStatus(code string) error {
	t := w.after
	st, ok := w.conf.Status(code)
	if !ok {
		return w.conf.noStatus(code)
	}
	if t.Status == code {
		return nil
	}
	s := w.settings()
	t.Status, t.Class = st.Code, st.Class
	t.SolvedAt = since(w.conf.Solved(s, code), t.SolvedAt, w.now)
	t.ClosedAt = since(st.Class == ticket.ClassClosed, t.ClosedAt, w.now)
	switch {
	case slices.Contains(s.ArchiveStatuses, code) && t.Folder == ticket.Inbox:
		t.Folder = ticket.Archive
	case t.Folder == ticket.Archive && !st.Class.Done() && !slices.Contains(s.ArchiveStatuses, code):
		t.Folder = ticket.Inbox
	}
	if st.Class.Done() && !w.actor.IsCustomer() {
		t.UnreadByStaff = false
	}
	return nil
}

// since keeps the moment at which something became true, for as long as it is.
func since(is bool, at *time.Time, now time.Time) *time.Time {
	switch {
	case !is:
		return nil
	case at != nil:
		return at
	}
	return &now
}

func (c *config) noStatus(code string) error {
	var e ticket.ValidationError
	c.CheckStatus(&e, code)
	return e.Err()
}

// newCode reserves a code that no ticket ever had.
func (w *write) newCode(ctx context.Context) error {
	s := w.settings()
	format, ok := w.d.cfg.Codes.Named(s.CodeFormat)
	if !ok {
		return ticket.Invalid("code_format", ticket.FaultUnknown, "%q is none of the desk's code formats: add it to Config.Codes or change the settings", s.CodeFormat)
	}
	brand, _ := w.conf.Brand(w.after.Brand)
	for range 100 {
		var number int64
		if counter := format.Counter(brand.TicketPrefix); counter != "" {
			var err error
			if number, err = w.tx.NewID(ctx, counter); err != nil {
				return err
			}
		}
		code := strings.ToUpper(format.New(brand.TicketPrefix, number, newRand()))
		holder, err := w.tx.Reserve(ctx, keyCode, code, w.after.ID)
		if err != nil {
			return err
		}
		if holder == w.after.ID {
			w.after.Code = code
			return nil
		}
	}
	return ticket.Invalid("code_format", ticket.FaultUnavailable, "no code is free in 100 tries: use a format with more codes")
}

// laneOf is the order key of a binding's deliveries about one ticket.
func laneOf(binding string, ticketID int64) string {
	return binding + "/" + strconv.FormatInt(ticketID, 10)
}
