package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ticket returns a ticket. Staff see deleted ones too, with DeletedAt set; a merged one is returned with MergedInto set,
// and what it held is there. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound, also for what the actor may not see: who tests as the wrong actor is told no more than a
// stranger.
func (d *Desk) Ticket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("read ticket", err)
	}
	t, err := d.read(ctx, actor, id)
	return d.show(ctx, actor, t), failed(fmt.Sprintf("read ticket %d", id), err)
}

// read returns a ticket that the actor may see.
func (d *Desk) read(ctx context.Context, actor ticket.Actor, id int64) (*ticket.Ticket, error) {
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return nil, err
	}
	var t *ticket.Ticket
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		t, err = r.Ticket(ctx, id, scope)
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	if err := d.may(ctx, actor, t); err != nil {
		return nil, err
	}
	return t, nil
}

// readEach returns those of some tickets that the actor may see, by id, from one look into the store.
func (d *Desk) readEach(ctx context.Context, actor ticket.Actor, ids []int64) (map[int64]*ticket.Ticket, error) {
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]*ticket.Ticket, len(ids))
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		clear(out)
		for _, id := range ids {
			if out[id] != nil || id == 0 {
				continue
			}
			t, err := r.Ticket(ctx, id, scope)
			if errors.Is(err, ticket.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out[id] = t
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, t := range out { // outside of the View: the host's code may take its time
		err := d.may(ctx, actor, t)
		switch {
		case errors.Is(err, ticket.ErrNotFound), errors.Is(err, ticket.ErrForbidden):
			delete(out, id)
		case err != nil:
			return nil, err
		}
	}
	return out, nil
}

// readHolder is read for what goes to a ticket: where that was merged, it goes to another one.
func (d *Desk) readHolder(ctx context.Context, actor ticket.Actor, id int64) (*ticket.Ticket, error) {
	for {
		t, err := d.read(ctx, actor, id)
		if err != nil || t.MergedInto == 0 || t.DeletedAt != nil {
			return t, err
		}
		id = t.MergedInto
	}
}

// hidden is the same for what is not there and for what the actor may not see, whatever the store says about it.
func hidden(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return ticket.ErrNotFound
	}
	return err
}

// readMessage returns a message, and its ticket, if the actor may see both.
func (d *Desk) readMessage(ctx context.Context, actor ticket.Actor, id int64) (*ticket.Message, *ticket.Ticket, error) {
	var m *ticket.Message
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		m, err = r.Message(ctx, id)
		return err
	})
	if err != nil {
		return nil, nil, hidden(err)
	}
	t, err := d.read(ctx, actor, m.TicketID)
	if err != nil {
		return nil, nil, err
	}
	notes, err := d.seesNotes(ctx, actor)
	if err != nil {
		return nil, nil, err
	}
	if !m.Kind.Public() && !notes {
		return nil, nil, ticket.ErrNotFound
	}
	veil(m, notes)
	return m, t, nil
}

// veil takes from a message what its readers on the customer's side may not see: who got a blind copy, and where its
// author, an agent perhaps, wrote it.
func veil(m *ticket.Message, notes bool) {
	if !notes {
		m.Bcc = nil
		m.Author.IP, m.Author.UserAgent, m.Author.OriginURL = "", "", ""
		if !m.Author.IsCustomer() {
			m.Author.Email = ""
		}
	}
}

// Message returns one message. Errors: as Ticket; ticket.ErrSealed, beside the message without its body, for an
// encrypted one whose key is missing.
func (d *Desk) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("read message", err)
	}
	m, _, err := d.readMessage(ctx, actor, id)
	if err == nil {
		err = d.openMessage(ctx, m)
	}
	return m, failed(fmt.Sprintf("read message %d", id), err)
}

// TicketByCode returns the ticket with the code, in any case of letters and with or without the brackets of a subject.
// The code of a merged ticket leads to the one that it was merged into. Errors: as Ticket.
func (d *Desk) TicketByCode(ctx context.Context, code string) (*ticket.Ticket, error) {
	return d.byKey(ctx, keyCode, strings.ToUpper(strings.Trim(code, " []#")))
}

// TicketByExternal returns the ticket that the host gave this id of its own, or the one that it was merged into. Errors:
// as Ticket.
func (d *Desk) TicketByExternal(ctx context.Context, id string) (*ticket.Ticket, error) {
	return d.byKey(ctx, keyExternal, id)
}

func (d *Desk) byKey(ctx context.Context, kind, key string) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("read ticket", err)
	}
	var id int64
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		id, err = r.Holder(ctx, kind, key)
		return err
	})
	if err != nil {
		return nil, failed(fmt.Sprintf("read ticket with %s %q", kind, key), hidden(err))
	}
	t, err := d.readHolder(ctx, actor, id)
	return d.show(ctx, actor, t), failed(fmt.Sprintf("read ticket with %s %q", kind, key), err)
}

// History lists the journal of a ticket from its beginning: who changed what, when and why. The next page has the last
// entry's Seq as AfterSeq; one with fewer entries than the Limit is the last. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers.
func (d *Desk) History(ctx context.Context, id int64, q ticket.EventQuery) ([]*ticket.Event, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("read history", err)
	}
	op := fmt.Sprintf("read history of ticket %d", id)
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, failed(op, err)
	}
	if err := d.may(ctx, actor, t, ActHistory); err != nil {
		return nil, failed(op, err)
	}
	q.TicketID = id
	list, err := d.events(ctx, q)
	d.veilLinks(ctx, actor, list)
	return list, failed(op, err)
}

// Journal lists the entries of the whole desk, in the order of time: those of purged tickets, of the catalogue, the
// settings and the mail too. The next page has the last entry's At as Since and its ID as AfterID. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (d *Desk) Journal(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		err = d.mayAtAll(ctx, actor, ActHistory)
	}
	if err != nil {
		return nil, failed("read journal", err)
	}
	list, err := d.events(ctx, q)
	return list, failed("read journal", err)
}

func (d *Desk) events(ctx context.Context, q ticket.EventQuery) (list []*ticket.Event, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		list, err = r.Events(ctx, q)
		return err
	})
	return list, err
}

// everyMessage goes through the messages of a ticket in their order, as the store has them, page by page.
func everyMessage(ctx context.Context, r store.Reader, ticketID int64) iter.Seq2[*ticket.Message, error] {
	q := ticket.MessageQuery{TicketID: ticketID, Limit: ticket.MaxPage}
	return every(func() ([]*ticket.Message, error) { return r.Messages(ctx, q) }, func(m *ticket.Message) { q.AfterSeq = m.Seq })
}

// everyEvent goes through the entries of one ticket's journal, page by page.
func everyEvent(ctx context.Context, r store.Reader, q ticket.EventQuery) iter.Seq2[*ticket.Event, error] {
	q.Limit = ticket.MaxPage
	return every(func() ([]*ticket.Event, error) { return r.Events(ctx, q) }, func(e *ticket.Event) { q.AfterSeq = e.Seq })
}

// every goes through pages until one is empty; after says where the next one begins.
func every[T any](page func() ([]T, error), after func(T)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			list, err := page()
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range list {
				after(v) // whatever becomes of v
				if !yield(v, nil) {
					return
				}
			}
			if len(list) == 0 {
				return
			}
		}
	}
}
