package rules

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Binding is the one id under which rules are bound to the desk's events: what is to see a ticket as rules have left it is
// bound with hooks.After(rules.Binding).
const Binding = "helpdesk.rules"

// bind has the desk tell of what rules answer, and of what ends or moves something that is due. Each event is one delivery
// where that can be: a message that changes the ticket as well is told twice, and the ticket looked at once.
func (r *Rules) bind() {
	h := r.desk.Hooks()
	h.TicketCreated.Bind(Binding, func(ctx context.Context, e hooks.Created) error {
		return r.happened(ctx, e.Meta, e.Ticket.ID, opened)
	})
	h.TicketReplied.Bind(Binding, func(ctx context.Context, e hooks.Messaged) error { return r.happened(ctx, e.Meta, e.Ticket.ID, said) })
	h.TicketUpdated.Bind(Binding, func(ctx context.Context, e hooks.Updated) error {
		if e.Type == ticket.EventReplied {
			return r.answer(ctx, e.Meta, changed)
		}
		if !movesClocks(e.Changes) {
			return errors.Join(r.answer(ctx, e.Meta, changed), r.lookAt(ctx, e.Ticket.ID))
		}
		return r.happened(ctx, e.Meta, e.Ticket.ID, changed)
	})
	h.TicketNoteAdded.Bind(Binding, func(ctx context.Context, e hooks.Messaged) error { return r.answer(ctx, e.Meta, said) })
	h.TicketRated.Bind(Binding, func(ctx context.Context, e hooks.Rated) error { return r.answer(ctx, e.Meta, rated) })
	h.TicketRestored.Bind(Binding, func(ctx context.Context, e hooks.Removed) error {
		return errors.Join(r.rearm(ctx, e.TicketID, e.EventID), r.redate(ctx, e.TicketID))
	})
	h.TicketMerged.Bind(Binding, func(ctx context.Context, e hooks.Moved) error { return r.redate(ctx, e.Ticket.ID) })
	h.TicketUnmerged.Bind(Binding, func(ctx context.Context, e hooks.Moved) error {
		err := r.redate(ctx, e.Ticket.ID)
		for _, id := range e.Others {
			err = errors.Join(err, r.rearm(ctx, id, e.EventID), r.redate(ctx, id))
		}
		return err
	})
	h.TicketPurged.Bind(Binding, func(ctx context.Context, e hooks.Removed) error { return r.forget(ctx, e.TicketID) })
}

// happened runs the rules, and then looks at what is due on the ticket as they have left it.
func (r *Rules) happened(ctx context.Context, m hooks.Meta, id int64, of part) error {
	return errors.Join(r.answer(ctx, m, of), r.lookAt(ctx, id), r.redate(ctx, id))
}
