package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Which status may follow which, and what must be filled in before (X28).

// NextStatuses lists the statuses that the actor may give a ticket now, its own among them, in the order of the
// catalogue: as the settings declare transitions, and for customers those that close or reopen it. What fields and notes
// a status asks for is another matter. Errors: ticket.ErrNoActor; ticket.ErrNotFound.
func (d *Desk) NextStatuses(ctx context.Context, id int64) ([]ticket.Status, error) {
	list, err := d.nextStatuses(ctx, id)
	return list, failed(fmt.Sprintf("list next statuses of ticket %d", id), err)
}

func (d *Desk) nextStatuses(ctx context.Context, id int64) (out []ticket.Status, err error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	may, err := d.decide(ctx, conf, actor, ActStatus, t)
	if err != nil {
		return nil, err
	}
	for _, st := range conf.Statuses {
		w := &write{d: d, conf: conf, actor: actor, now: d.Now(), before: t, after: t.Clone()}
		if st.Code == t.Status || (may.Allowed && alive(t) == nil && w.mayEnter(st.Code) == nil) {
			out = append(out, st.Clone())
		}
	}
	return out, nil
}

// mayEnter asks all but the fields.
func (w *write) mayEnter(code string) error {
	if err := w.mayLeave(); err != nil {
		return err
	}
	if err := w.customerMayEnter(code); err != nil {
		return err
	}
	return w.declared(code)
}

// checkTransition refuses a status that may not follow, or that asks for fields which are empty.
func (w *write) checkTransition(code string) error {
	if code == w.after.Status {
		return nil
	}
	if err := w.declared(code); err != nil {
		return err
	}
	st, _ := w.conf.Status(code)
	if w.actor.Kind != ticket.ActorStaff || !st.Class.Done() || w.after.Class.Done() {
		return nil
	}
	var e ticket.ValidationError
	for _, f := range w.conf.Fields {
		if f.RequiredToSolve && f.Wants(w.after) {
			e.Add("fields."+f.Code, ticket.FaultRequired, "is empty: fill in %s to finish a ticket", f.Name)
		}
	}
	return e.Err()
}

// declared refuses a status that the settings do not let follow. The host's own code is free.
func (w *write) declared(code string) error {
	s, from := w.settings(), w.after.Status
	if w.actor.Kind == ticket.ActorSystem || s.MayFollow(from, code) {
		return nil
	}
	var next []string
	for _, t := range s.Transitions {
		if t.From == from {
			next = append(next, t.To...)
		}
	}
	if len(next) == 0 {
		return ticket.Invalid("status", ticket.FaultNotAllowed, "nothing may follow %q", from)
	}
	return ticket.Invalid("status", ticket.FaultNotAllowed, "%q may not follow %q: use %s", code, from, strings.Join(next, ", "))
}

// closing is the first status of the classes that may follow the ticket's, or the first of them all.
func (w *write) closing(t *ticket.Ticket, classes ...ticket.Class) (string, error) {
	s := w.conf.SettingsOf(t)
	for _, class := range classes {
		i := slices.IndexFunc(w.conf.Statuses, func(st ticket.Status) bool { return st.Class == class && s.MayFollow(t.Status, st.Code) })
		if i >= 0 {
			return w.conf.Statuses[i].Code, nil
		}
	}
	return w.conf.Closing(classes...)
}
