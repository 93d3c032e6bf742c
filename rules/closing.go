package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// closing is where a ticket stands on the way to its closing: it waits; it was chased, so many times; then it is closed
// and has none. It is only ever changed together with what it says.
type closing struct {
	ID       int64     `json:"id"`
	Policy   string    `json:"policy"`
	Since    time.Time `json:"since"` // it waits
	Chased   int       `json:"chased,omitempty"`
	ChasedAt time.Time `json:"chased_at,omitzero"` // last, and when it was done: not when it should have been
	Fault    string    `json:"fault,omitempty"`    // why the next step was refused
	Again    time.Time `json:"again,omitzero"`     // and when it is tried then
	Seq      int64     `json:"seq,omitempty"`      // of the entry of the journal by which it waits
}

// next is when the next step is due, by the policy as it is now.
func (p AutoClose) next(c closing) time.Time {
	switch {
	case c.Chased == 0:
		return c.Since.Add(time.Duration(p.After))
	case c.Chased < p.Chasers:
		return c.ChasedAt.Add(time.Duration(p.Every))
	}
	return c.ChasedAt.Add(time.Duration(p.CloseAfter))
}

// waits finds out from the journal whether a ticket waits for its customer, and since which entry. Who wrote last decides, or
// gave it its status.
func waits(ctx context.Context, x store.Reader, t *ticket.Ticket) (since *ticket.Event, waiting bool, err error) {
	q := ticket.EventQuery{TicketID: t.ID, Types: []ticket.EventType{ticket.EventCreated, ticket.EventReplied, ticket.EventNoted, ticket.EventUpdated, ticket.EventMerged, ticket.EventRestored}}
	for e, err := range events(ctx, x, q) {
		if err != nil {
			return since, false, err
		}
		_, moved := e.Changed("status")
		answer, err := isAnswer(ctx, x, e)
		if err != nil {
			return since, false, err
		}
		switch {
		case e.Type == ticket.EventMerged: // somebody has to read what has come: a reply or a status begins it anew
			waiting = false
		case e.Type == ticket.EventRestored: // nobody could answer it while it was gone
			since = e
		case e.Actor.IsCustomer():
			waiting = waiting && !answer && !moved && e.Type != ticket.EventCreated
		case answer, moved, e.Type == ticket.EventCreated:
			since, waiting = e, true
		}
	}
	return since, waiting, nil
}

// lookAtClosing finds out where a locked ticket stands, and puts its next step on the agenda.
func (r *Rules) lookAtClosing(ctx context.Context, tx store.Tx, t *ticket.Ticket) error {
	p, c, err := r.standing(ctx, tx, t)
	if err != nil || c == nil {
		return err
	}
	return r.arm(ctx, tx, kindClosing, t.ID, entryKey(t.ID, c.ID), p.next(*c))
}

// standing finds out where a locked ticket stands, and by which policy, and stores that. It is nil for one that waits
// for nobody.
func (r *Rules) standing(ctx context.Context, tx store.Tx, t *ticket.Ticket) (AutoClose, *closing, error) {
	list, err := autoCloseForm.list(ctx, tx)
	if err != nil {
		return AutoClose{}, nil, err
	}
	key := record.ID(t.ID)
	c, err := record.Read[closing](ctx, tx, kindClosing, key)
	if err := orGone(err); err != nil {
		return AutoClose{}, nil, err
	}
	none := func(err error) (AutoClose, *closing, error) {
		if err == nil && c.ID != 0 {
			err = dropClosing(ctx, tx, t.ID, c)
		}
		return AutoClose{}, nil, err
	}
	i := slices.IndexFunc(list, func(p AutoClose) bool { return p.matches(t) })
	if i < 0 {
		return none(nil)
	}
	p := list[i]
	by, waiting, err := waits(ctx, tx, t)
	if err != nil || !waiting {
		return none(err)
	}
	since := by.At
	if p.Since.After(since) {
		since = p.Since
	}
	if c.ID != 0 && c.Policy == p.Code && !since.After(c.Since) {
		return p, &c, nil
	}
	next := closing{Policy: p.Code, Since: since, Seq: by.Seq}
	if next.ID, err = tx.NewID(ctx, kindClosing); err != nil {
		return p, nil, err
	}
	return p, &next, putClosing(ctx, tx, t.ID, c, next)
}

// linkFaulty leads to the tickets whose next step was refused: of those that wait there may be very many.
const (
	linkFaulty = "closing.fault"
	allFaulty  = "all"
)

// putClosing stores where a ticket stands, in place of what was stored.
func putClosing(ctx context.Context, tx store.Tx, id int64, was, is closing) error {
	if err := record.Put(ctx, tx, kindClosing, record.ID(id), record.ID(id), is); err != nil {
		return err
	}
	switch {
	case is.Fault != "":
		return tx.Link(ctx, linkFaulty, allFaulty, id)
	case was.Fault != "":
		return tx.Unlink(ctx, linkFaulty, allFaulty, id)
	}
	return nil
}

// dropClosing leaves nothing of where a ticket stood.
func dropClosing(ctx context.Context, tx store.Tx, id int64, was closing) error {
	if err := tx.DeleteRecord(ctx, kindClosing, record.ID(id)); err != nil || was.Fault == "" {
		return err
	}
	return tx.Unlink(ctx, linkFaulty, allFaulty, id)
}

// closingDue takes the step that is due: a chaser, or the closing, and never both.
func (r *Rules) closingDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	t, err := tx.LockTicket(ctx, e.Ticket)
	if err != nil {
		return orGone(err)
	}
	p, c, err := r.standing(ctx, tx, t)
	if err != nil || c == nil {
		return err
	}
	now := r.desk.Now()
	if due := p.next(*c); due.After(now) { // the policy has changed, or the clock was set back
		return r.arm(ctx, tx, kindClosing, t.ID, entryKey(t.ID, c.ID)+"/"+record.ID(e.ID), due)
	}
	chases := c.Chased < p.Chasers
	err = r.desk.InTx(ctx, func(ctx context.Context) error { // behind a savepoint
		as, err := r.deeper(r.because(ctx, tx, t.ID, c.Seq, "autoclose:"+p.Code))
		if err != nil {
			return err
		}
		if chases {
			return r.chase(as, t, p)
		}
		_, err = r.desk.UpdateTicket(as, t.ID, ticket.Patch{Status: &p.Status})
		return err
	})
	switch {
	case err != nil:
		return r.stayOpen(ctx, tx, t, *c, e.ID, err)
	case !chases:
		return dropClosing(ctx, tx, t.ID, *c)
	}
	was := *c
	c.Chased, c.ChasedAt, c.Fault, c.Again = c.Chased+1, now, "", time.Time{}
	if err := putClosing(ctx, tx, t.ID, was, *c); err != nil {
		return err
	}
	return r.arm(ctx, tx, kindClosing, t.ID, entryKey(t.ID, c.ID), p.next(*c))
}

func (r *Rules) chase(ctx context.Context, t *ticket.Ticket, p AutoClose) error {
	text, err := r.desk.Expand(ctx, t.ID, p.Text, p.Format)
	if err != nil {
		return err
	}
	_, err = r.desk.Reply(ctx, t.ID, ticket.ReplyDraft{Body: text, Format: p.Format})
	return err
}

// stayOpen keeps a step that the desk refuses, as a gate does, until somebody mends that: it is tried every hour, and
// nothing else that is due on the ticket waits for it.
func (r *Rules) stayOpen(ctx context.Context, tx store.Tx, t *ticket.Ticket, c closing, entry int64, err error) error {
	if again(ctx, err) || !isOwn(err) {
		return err
	}
	r.log.WarnContext(ctx, "a ticket could not be closed", "policy", c.Policy, "ticket", t.ID, "error", err)
	was := c
	c.Fault = clip(err.Error())
	now := r.desk.Now()
	next := now.Add(time.Hour)
	waits := c.Again.After(now) && !c.Again.After(next) // an entry is there: an event had this one tried
	if !waits {
		c.Again = next
	}
	if err := putClosing(ctx, tx, t.ID, was, c); err != nil || waits {
		return err
	}
	return r.arm(ctx, tx, kindClosing, t.ID, entryKey(t.ID, c.ID)+"/"+record.ID(entry), next)
}

// closingProblems tells which tickets cannot be closed, and which policies name what the catalogue has no more.
func (r *Rules) closingProblems(ctx context.Context) (out []ticket.Problem, err error) {
	var list []AutoClose
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out = nil
		if list, err = autoCloseForm.list(ctx, x); err != nil {
			return err
		}
		ids, err := x.Linked(ctx, linkFaulty, allFaulty)
		for _, id := range ids {
			c, err := record.Read[closing](ctx, x, kindClosing, record.ID(id))
			if err := orGone(err); err != nil {
				return err
			}
			if c.Fault != "" {
				out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("auto-close policy %q cannot go on with ticket %d, and tries it every hour: %s", c.Policy, id, c.Fault)})
			}
			if len(out) == shownDead {
				break
			}
		}
		return err
	})
	for _, p := range list {
		if p.Inactive || err != nil {
			continue
		}
		if bad := r.checkAutoClose(system(ctx), p); bad != nil {
			out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("auto-close policy %q: %v", p.Code, bad)})
		}
	}
	return out, err
}

// scanned is how many tickets one step of a scan looks at.
const scanned = 100

// scanDue looks at some of the tickets that may fall under a policy that was saved, and has the rest looked at next. The
// cursor of the list is in the entry.
func (r *Rules) scanDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	code := entryCode(e.Key)
	p, err := autoCloseForm.get(ctx, tx, code)
	if err != nil {
		return orGone(err)
	}
	if p.Inactive {
		return nil
	}
	var cursor string
	if len(e.Doc) > 0 {
		if err := json.Unmarshal(e.Doc, &cursor); err != nil {
			return err
		}
	}
	q := ticket.Query{Statuses: p.Statuses, Departments: p.Departments, Brands: p.Brands, Sort: ticket.OldestCreated, Cursor: cursor, Limit: scanned}
	page, err := tx.Tickets(ctx, q, ticket.Scope{All: true})
	if err != nil {
		return err
	}
	ids := make([]int64, len(page.Tickets))
	for i, t := range page.Tickets {
		ids[i] = t.ID
	}
	slices.Sort(ids) // rows are locked in that order
	for _, id := range ids {
		if err := r.lookAt(ctx, id); err != nil {
			return err
		}
	}
	if page.Next == "" || len(ids) == 0 && page.Next == cursor {
		return nil
	}
	doc, err := json.Marshal(page.Next)
	if err != nil {
		return err
	}
	next := agenda.Entry{What: dueScan, Key: fmt.Sprintf("%s/%d/%d", code, p.Version, e.ID), Due: r.desk.Now(), Doc: doc}
	return agenda.Put(ctx, tx, r.desk.Now(), next)
}
