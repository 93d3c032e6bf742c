package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// DeleteTicket puts a ticket out of sight: no list shows it and nobody can write to it, until RestoreTicket. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound, for a deleted one too; ticket.ErrForbidden; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) DeleteTicket(ctx context.Context, id int64) error {
	_, err := d.remove(ctx, id, ActDelete, &d.hooks.TicketDeleteValidation, func(ctx context.Context, w *write) error {
		if err := alive(w.after); err != nil {
			return err
		}
		w.after.DeletedAt = &w.now
		if err := w.step(ctx, ticket.EventDeleted, nil); err != nil {
			return err
		}
		w.title()
		return w.commit(ctx, &w.d.hooks.TicketDeleteGuard)
	})
	return failed(fmt.Sprintf("delete ticket %d", id), err)
}

// RestoreTicket brings a deleted ticket back as it was. One that is not deleted stays as it is. Errors: as
// DeleteTicket.
func (d *Desk) RestoreTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	w, err := d.remove(ctx, id, ActDelete, nil, func(ctx context.Context, w *write) error {
		w.after.DeletedAt = nil
		if err := w.step(ctx, ticket.EventRestored, nil); err != nil {
			return err
		}
		w.title()
		return w.commit(ctx, &w.d.hooks.TicketDeleteGuard)
	})
	if err != nil {
		return nil, failed(fmt.Sprintf("restore ticket %d", id), err)
	}
	return d.show(ctx, w.actor, w.after), nil
}

// Purge removes a deleted ticket for good, with its messages, files and history, and with the tickets that were merged
// into it. What stays is one entry in the journal
// of the desk with its code and subject, and the code itself, which no other ticket will get. Errors: as DeleteTicket;
// ticket.ErrInvalid for a ticket that is not deleted.
func (d *Desk) Purge(ctx context.Context, id int64) error {
	_, err := d.remove(ctx, id, ActPurge, &d.hooks.TicketDeleteValidation, func(ctx context.Context, w *write) error {
		if w.after.DeletedAt == nil {
			return ticket.Invalid("", ticket.FaultState, "only a deleted ticket can be purged: delete it first")
		}
		return w.purge(ctx)
	})
	return failed(fmt.Sprintf("purge ticket %d", id), err)
}

// remove is the frame of all three. gate may be nil.
func (d *Desk) remove(ctx context.Context, id int64, act Action, gate *hooks.Gate[hooks.Deleting], fn func(context.Context, *write) error) (*write, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, t, act); err != nil {
		return nil, err
	}
	if gate != nil && !gate.Empty() {
		if err := gate.RunWithin(ctx, d.gateLimit(ctx), hooks.Deleting{Actor: actor, Ticket: t.Clone()}); err != nil {
			return nil, err
		}
	}
	return d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, id, act); err != nil {
			return err
		}
		return fn(ctx, w)
	})
}

// title writes code and subject into the events of a removal, for a journal that outlives the ticket (M30).
func (w *write) title() {
	for _, e := range w.events {
		e.event.Subject = w.before.Code + " " + w.before.Subject
	}
}

func (w *write) purge(ctx context.Context) error {
	t := w.before
	if g := &w.d.hooks.TicketDeleteGuard; !g.Empty() {
		in := hooks.Committing{Actor: w.actor, Before: t, After: w.after, Event: &ticket.Event{Type: ticket.EventPurged, TicketID: t.ID}}
		if err := g.Run(context.WithValue(ctx, guardKey{}, true), in); err != nil {
			return err
		}
	}
	for m, err := range everyMessage(ctx, w.tx, t.ID) {
		if err == nil {
			err = w.forget(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	if err := w.purgeShells(ctx); err != nil {
		return err
	}
	if err := w.forgetLinks(ctx); err != nil {
		return err
	}
	if err := w.forgetWriting(ctx, t.ID); err != nil {
		return err
	}
	if err := errors.Join(w.forgetTime(ctx, t.ID), ratings.Forget(ctx, w.tx, t.ID)); err != nil {
		return err
	}
	if err := w.forgetPeople(ctx, t); err != nil {
		return err
	}
	if t.External != "" {
		if err := w.tx.Release(ctx, keyExternal, t.External, t.ID); err != nil {
			return err
		}
	}
	if err := w.tx.DeleteTicket(ctx, t.ID); err != nil {
		return err
	}
	return w.record(ctx, &ticket.Event{Type: ticket.EventPurged, Subject: t.Code + " " + t.Subject, Changes: []ticket.Change{{Field: "ticket", Old: strconv.FormatInt(t.ID, 10)}}})
}

// purgeShells removes the tickets that were merged into this one, and what merges and splits keep of it.
func (w *write) purgeShells(ctx context.Context) error {
	shells, err := mergedInto(ctx, w.tx, w.before.ID)
	if err != nil {
		return err
	}
	for _, id := range shells {
		s := w.another()
		if err := s.lockUnchecked(ctx, id); err != nil {
			return err
		}
		if err := s.purge(ctx); err != nil {
			return err
		}
	}
	key := record.ID(w.before.ID)
	return errors.Join(w.tx.DeleteRecord(ctx, kindJoining, key), w.tx.DeleteRecord(ctx, kindSplit, key))
}

// forget removes what a message has outside its own row: its files where no other message keeps their contents, its old
// versions, and the ids by which mail found it.
func (w *write) forget(ctx context.Context, m *ticket.Message) error {
	if err := w.detach(ctx, m); err != nil {
		return err
	}
	old, err := w.tx.Records(ctx, store.RecordQuery{Kind: kindRevision, Parent: revisionParent(m.ID)})
	if err != nil {
		return err
	}
	for _, r := range old {
		if err := w.tx.DeleteRecord(ctx, kindRevision, r.Key); err != nil {
			return err
		}
	}
	if err := w.forgetMentions(ctx, m); err != nil {
		return err
	}
	if m.Mail != nil && m.Mail.MessageID != "" {
		return w.tx.Unlink(ctx, linkMessageID, m.Mail.MessageID, m.ID)
	}
	return nil
}
