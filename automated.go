package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
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

// DoubtText says what of a text looks like a variable and is none, so that it stays as it is: each place with what was
// probably meant; five at most.
func (g Automation) DoubtText(ctx context.Context, text string) ([]string, error) {
	err := g.usable(ctx)
	if err != nil {
		return nil, failed("doubt a text", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return nil, failed("doubt a text", err)
	}
	return conf.doubts(text), nil
}

// CheckAgent says why an agent cannot be given tickets: an error with ticket.FaultUnknown, and with who may have been meant,
// or ticket.FaultInactive. There is none where nobody keeps a list of agents. own reports whether the desk keeps it itself,
// so that nobody else knows the agent. Errors: ticket.ErrInvalid as above; those of the host's directory.
func (g Automation) CheckAgent(ctx context.Context, id string) (own bool, err error) {
	if err = g.usable(ctx); err != nil {
		return false, failed("check an agent", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return false, failed("check an agent", err)
	}
	own = g.cfg.Directory == nil
	err = g.checkAgent(ctx, conf, "agent", id)
	var faults *ticket.ValidationError
	if own && errors.As(err, &faults) && faults.Fields[0].Fault == ticket.FaultUnknown {
		faults.Fields[0].Message += suggestAgent(conf.Agents, id)
	}
	return own, err
}

// suggestAgent names the agent who may have been meant, else some of those there are.
func suggestAgent(all []ticket.Agent, id string) string {
	name := func(a ticket.Agent) string { return fmt.Sprintf("%q (%s)", a.ID, a.Name) }
	var some []string
	for _, a := range all {
		for _, s := range []string{a.ID, a.Name, a.FirstName, a.Email} {
			if s != "" && nearest.Distance(strings.ToLower(s), strings.ToLower(id)) <= len(s)/4 {
				return "; did you mean " + name(a) + "?"
			}
		}
		if len(some) < 5 && !a.Inactive {
			some = append(some, name(a))
		}
	}
	if len(some) == 0 {
		return ""
	}
	return "; there are " + strings.Join(some, ", ")
}

// Expand is Texts.Expand.
func (g Automation) Expand(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error) {
	return g.Texts().Expand(ctx, ticketID, text, format)
}

// ExpandForStaff is Expand for a text that agents read: a guest is named with their address, for anybody can call themselves
// what a colleague is called.
func (g Automation) ExpandForStaff(ctx context.Context, ticketID int64, text string, format ticket.Format) (out string, err error) {
	f, err := g.filling(ctx, ticketID)
	if err == nil {
		f.values.ForStaff = true
		out, err = g.expandWith(f, text, format)
	}
	return out, failed(fmt.Sprintf("expand text for ticket %d", ticketID), err)
}
