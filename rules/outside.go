package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// outsideEntry names what is done outside on the agenda.
const outsideEntry = "outside"

// outside is an action that is done after the transaction of its rule.
type outside struct {
	Rule    string  `json:"rule"`
	Trigger Trigger `json:"trigger,omitempty"`
	Event   int64   `json:"event,omitempty"`
	Step    Step    `json:"step"`

	Cause ticket.Cause `json:"cause,omitzero"` // of what it writes
}

func (r *Rules) putOutside(ctx context.Context, tx store.Tx, a *Acting, s Step) error {
	cause, err := r.desk.Cause(ctx)
	if err != nil {
		return err
	}
	o := outside{Rule: a.Rule, Trigger: a.Trigger, Step: s, Cause: cause}
	if a.Event != nil {
		o.Event = a.Event.ID
	}
	doc, err := json.Marshal(o)
	if err != nil {
		return err
	}
	id, err := tx.NewID(ctx, "outside")
	if err != nil {
		return err
	}
	now := r.desk.Now()
	// Calls of one rule come in their order. What else is due on the ticket does not wait for a server that is away.
	lane := record.ID(a.Ticket.ID) + "/" + a.Rule
	if err := agenda.Put(ctx, tx, now, agenda.Entry{Kind: agenda.Errand, What: outsideEntry, Key: record.ID(id), Ticket: a.Ticket.ID, Lane: lane, Due: now, Last: true, Doc: doc}); err != nil {
		return err
	}
	tx.OnCommit(r.desk.Wake)
	return nil
}

// doOutside does one such action.
func (r *Rules) doOutside(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	var o outside
	if err := json.Unmarshal(e.Doc, &o); err != nil {
		return nil, err
	}
	action := r.actions[o.Step.Action]
	if action == nil {
		return nil, fmt.Errorf("this process has no action %q", o.Step.Action)
	}
	a := &Acting{ID: e.ID, Rule: o.Rule, Trigger: o.Trigger}
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if a.Ticket, err = x.Ticket(ctx, e.Ticket, everything); err != nil || o.Event == 0 {
			return err
		}
		if a.Event, err = x.Event(ctx, o.Event); err != nil || a.Event.MessageID == 0 {
			return err
		}
		if a.Message, err = x.Message(ctx, a.Event.MessageID); err == nil {
			a.Message = readable(a.Message)
		}
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, nil // purged meanwhile
	}
	if err != nil {
		return nil, err
	}
	return nil, r.timed(r.desk.Because(system(ctx), o.Cause), func(ctx context.Context) error { return action.do(ctx, a, o.Step.With) })
}
