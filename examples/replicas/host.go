package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// host is the program that the desk is part of: it has tables of its own beside the desk's.
type host struct {
	*helpdesk.Desk
	s     database
	sql   func(string) string
	d     dialect
	plan  plan
	early func(task) // acknowledges what is not committed; nil in an honest program
}

// The host's tables: what it was asked for already, what its hooks did, and which reminders it sent.
func (d dialect) tables() []string {
	return []string{
		"CREATE TABLE IF NOT EXISTS replicas_asked (asked VARCHAR(40) PRIMARY KEY)",
		"CREATE TABLE IF NOT EXISTS replicas_heard (id " + d.serial + ", event BIGINT NOT NULL, point VARCHAR(40) NOT NULL)",
		"CREATE TABLE IF NOT EXISTS replicas_effects (id " + d.serial + ", event BIGINT NOT NULL, point VARCHAR(40) NOT NULL, ticket BIGINT NOT NULL, seq BIGINT NOT NULL)",
		"CREATE TABLE IF NOT EXISTS replicas_reminders (id " + d.serial + ", ticket BIGINT NOT NULL)",
	}
}

// newHost opens the desk. dispatch says whether it delivers.
func newHost(ctx context.Context, p plan, dispatch helpdesk.Dispatch) (*host, error) {
	s, d, err := open(ctx, p.Store)
	if err != nil {
		return nil, err
	}
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: dispatch, LeaseTTL: p.Lease, EventTimeout: p.Lease / 2, PollInterval: 100 * time.Millisecond})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	h := &host{Desk: desk, s: s, d: d, sql: d.sql, plan: p}
	for _, text := range d.tables() {
		if _, err := s.Querier(ctx).ExecContext(ctx, text); err != nil {
			return nil, errors.Join(err, h.close(ctx))
		}
	}
	return h, nil
}

func (h *host) close(ctx context.Context) error { return errors.Join(h.Stop(ctx), h.s.Close()) }

var (
	client = ticket.Client("42", "Ann Example", "ann@example.com")
	agent  = ticket.Staff("7", "Bob Example", "bob@desk.example")
)

// do does a task, which may have been done: by another replica, or by this one, before its answer was lost.
func (h *host) do(ctx context.Context, t task) error {
	who := agent
	if t.Step == stepCreate || t.Step == stepAgain {
		who = client
	}
	ctx = ticket.WithActor(ctx, who)
	if t.Step == stepCreate {
		err := h.InTx(ctx, func(ctx context.Context) error { return h.create(ctx, t) })
		if errors.Is(err, ticket.ErrExists) { // the desk's own key: Draft.External
			return nil
		}
		return err
	}
	tk, err := h.TicketByExternal(ticket.WithActor(ctx, agent), fmt.Sprint(t.Ticket))
	if err != nil {
		return err
	}
	return h.once(ctx, t, func(ctx context.Context) error { return h.change(ctx, tk.ID, t) })
}

// create opens a ticket, and a reminder of it in the same transaction.
func (h *host) create(ctx context.Context, t task) error {
	tk, err := h.CreateTicket(ctx, ticket.Draft{Subject: "Lamp broken", Body: t.text(), External: fmt.Sprint(t.Ticket)})
	if err == nil {
		err = h.remind(ctx, tk.ID)
	}
	if err == nil && h.early != nil {
		h.early(t)
	}
	return err
}

// once makes any verb one that may be asked for again: the host's own key is written in the transaction of the verb, so
// that both are there or neither. A second transaction with the key waits for the first.
func (h *host) once(ctx context.Context, t task, verb func(ctx context.Context) error) error {
	return h.InTx(ctx, func(ctx context.Context) error {
		res, err := h.s.Querier(ctx).ExecContext(ctx, h.sql(h.d.once+"replicas_asked (asked) VALUES (?)"+h.d.skip), t.key())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := verb(ctx); err != nil {
			return err
		}
		if h.early != nil {
			h.early(t)
		}
		return nil
	})
}

func (h *host) change(ctx context.Context, id int64, t task) (err error) {
	switch t.Step {
	case stepReply, stepAgain:
		_, err = h.Reply(ctx, id, ticket.ReplyDraft{Body: t.text()})
	case stepStatus:
		_, err = h.SetStatus(ctx, id, "in_progress", t.text())
	case stepClose:
		_, err = h.SetStatus(ctx, id, "closed", t.text())
	}
	return err
}

// bind makes the hooks whose effects are counted: one binding at three points, which hears of a ticket in order.
func (h *host) bind() {
	often := hooks.MaxAttempts(1000) // each kill with the delivery in hand is one
	h.Hooks().TicketCreated.Bind("ledger", func(ctx context.Context, e hooks.Created) error {
		return h.heard(ctx, "TicketCreated", e.Meta, e.Ticket.ID)
	}, often)
	h.Hooks().TicketReplied.Bind("ledger", func(ctx context.Context, e hooks.Messaged) error {
		return h.heard(ctx, "TicketReplied", e.Meta, e.Ticket.ID)
	}, often)
	h.Hooks().TicketStatusChange.Bind("ledger", func(ctx context.Context, e hooks.Changed) error {
		return h.heard(ctx, "TicketStatusChange", e.Meta, e.Ticket.ID)
	}, often)
}

// heard is the handler. It notes each time that it is called, and makes its effect once: in the transaction that marks
// the delivery. Then it takes a moment, as one does that talks to others, in which it may be killed. Every 50th event it
// fails at first, so that there is a second attempt to wait for.
func (h *host) heard(ctx context.Context, point string, e hooks.Meta, ticketID int64) error {
	if _, err := h.s.Querier(ctx).ExecContext(ctx, h.sql("INSERT INTO replicas_heard (event, point) VALUES (?, ?)"), e.EventID, point); err != nil {
		return err
	}
	effect := func(ctx context.Context) error {
		_, err := h.s.Querier(ctx).ExecContext(ctx, h.sql("INSERT INTO replicas_effects (event, point, ticket, seq) VALUES (?, ?, ?, ?)"), e.EventID, point, ticketID, e.Seq)
		return err
	}
	var err error
	if h.plan.Broken == brokenOutside {
		err = effect(ctx)
	} else {
		err = h.Deliveries().Once(ctx, effect)
	}
	if err != nil {
		return err
	}
	select {
	case <-time.After(2 * time.Millisecond):
	case <-ctx.Done():
		return ctx.Err()
	}
	if e.EventID%50 == 0 && e.Attempt == 1 && h.plan.Broken == "" {
		return fmt.Errorf("event %d: the other side does not answer: %w", e.EventID, io.ErrUnexpectedEOF)
	}
	return nil
}

// kindReminder is work of the host's own: it falls due, is leased by one replica at a time, and is done once.
const kindReminder = "replicas/reminder"

// remind puts a reminder into the transaction of its ticket.
func (h *host) remind(ctx context.Context, id int64) error {
	return h.s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		work, err := tx.NewID(ctx, "work")
		if err != nil {
			return err
		}
		return tx.PutWork(ctx, &store.Work{ID: work, Kind: kindReminder, Name: "reminder", TicketID: id, Due: h.Now().Add(time.Second), Created: h.Now()})
	})
}

// reminders sends what is due, a batch: each reminder is finished in the transaction that sends it, so a replica that
// was paused past its lease sends nothing. It returns how many it leased.
func (h *host) reminders(ctx context.Context) (int, error) {
	r := store.LeaseRequest{Kind: kindReminder, DueBy: h.Now(), TTL: h.plan.Lease, Limit: 16}
	var works []*store.Work
	due := false
	err := h.s.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		due, err = x.Due(ctx, r)
		return err
	})
	if err != nil || !due {
		return 0, err
	}
	err = h.s.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		works, err = tx.Lease(ctx, r)
		return err
	})
	for _, w := range works {
		if err := h.send(ctx, w); err != nil && !errors.Is(err, store.ErrStale) {
			return len(works), err
		}
	}
	return len(works), err
}

func (h *host) send(ctx context.Context, w *store.Work) error {
	return h.s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := h.s.Querier(ctx).ExecContext(ctx, h.sql("INSERT INTO replicas_reminders (ticket) VALUES (?)"), w.TicketID); err != nil {
			return err
		}
		done := *w
		done.State, done.Finished = store.WorkDone, h.Now()
		return tx.Finish(ctx, &done)
	})
}
