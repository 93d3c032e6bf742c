package helpdesk

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Trace writes into a ticket's history what has changed beside the ticket, as a follow-up that belongs to it, in the
// transaction of ctx: names of what changed, and no text of anybody, for a redaction does not look there. It is a change
// of the ticket, but does not move it up a list.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may not update the
// ticket; ticket.ErrMerged; ticket.ErrRefused; ticket.ErrBusy.
func (g Automation) Trace(ctx context.Context, id int64, changes ...ticket.Change) (*ticket.Ticket, error) {
	t, err := g.trace(ctx, id, changes)
	return t, failed(fmt.Sprintf("journal what belongs to ticket %d", id), err)
}

func (g Automation) trace(ctx context.Context, id int64, changes []ticket.Change) (*ticket.Ticket, error) {
	ctx, actor, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	if actor.IsCustomer() {
		return nil, fmt.Errorf("%w: this is for staff", ticket.ErrForbidden)
	}
	w, err := g.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, id, ActUpdate); err != nil {
			return err
		}
		if err := alive(w.after); err != nil {
			return err
		}
		w.quiet = true
		if err := w.journal(ctx, ticket.EventUpdated, nil, changes); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	if err != nil {
		return nil, err
	}
	return g.show(ctx, actor, w.after), nil
}

// CheckText adds to e what Expand would have against a text, whatever the ticket.
func (g Automation) CheckText(ctx context.Context, e *ticket.ValidationError, field, text string, format ticket.Format) error {
	err := g.usable(ctx)
	if err != nil {
		return failed("check a text", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return failed("check a text", err)
	}
	e.CheckText(field, text, g.cfg.Limits.Body)
	checkFormat(e, format)
	g.checkVariables(conf, e, field, text, format)
	return nil
}

// Expand is Texts.Expand.
func (g Automation) Expand(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error) {
	return g.Texts().Expand(ctx, ticketID, text, format)
}
