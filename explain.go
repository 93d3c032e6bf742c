package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Explanation says whether somebody may do something, and why (X10).
type Explanation struct {
	Actor    ticket.Actor `json:"actor"`
	Action   Action       `json:"action"`
	TicketID int64        `json:"ticket_id,omitempty"`
	// Allowed holds if they see the ticket and have the right. What status, lock and input have against an operation is
	// not a matter of rights.
	Allowed bool     `json:"allowed"`
	Sees    Decision `json:"sees"`  // who does not see a ticket is told that there is none, whatever else they may do
	Right   Decision `json:"right"` // about Action itself
}

// String tells it to people, in a line for each thing that was looked at.
func (e Explanation) String() string {
	var b strings.Builder
	verdict := "may not"
	if e.Allowed {
		verdict = "may"
	}
	fmt.Fprintf(&b, "%s %s %s %s", e.Actor.Kind, cmp.Or(e.Actor.ID, e.Actor.Email), verdict, e.Action)
	if e.TicketID != 0 {
		fmt.Fprintf(&b, " on ticket %d", e.TicketID)
	}
	tell(&b, "see", e.Sees)
	if e.Action != ActSee {
		tell(&b, string(e.Action), e.Right)
	}
	return b.String()
}

func tell(b *strings.Builder, what string, d Decision) {
	if d.Reason == "" {
		return
	}
	fmt.Fprintf(b, "\n  %s: %s", what, d.Reason)
	if d.Role != "" {
		fmt.Fprintf(b, " (role %q, grant %d)", d.Role, d.Grant)
	}
	for _, t := range d.Tried {
		fmt.Fprintf(b, "\n    %s", t)
	}
}

// Rights says who may do what, and why.
type Rights struct{ d *Desk }

// Rights returns the group of questions about rights.
func (d *Desk) Rights() Rights { return Rights{d} }

// May reports whether the acting person may do something with a ticket, as for buttons that are drawn or not. id is 0
// for what is about no ticket, as for Explain. What status and lock have against it is not a matter of rights. Errors:
// ticket.ErrNoActor; the directory's own.
func (g Rights) May(ctx context.Context, act Action, id int64) (bool, error) {
	may, err := g.d.mayDo(ctx, act, id)
	return may, failed("look for a right", err)
}

func (d *Desk) mayDo(ctx context.Context, act Action, id int64) (bool, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return false, err
	}
	if id == 0 {
		conf, err := d.confOf(ctx)
		if err != nil {
			return false, err
		}
		decision, err := d.decide(ctx, conf, actor, act, conf.someTicket(act))
		return decision.Allowed, err
	}
	t, err := d.read(ctx, actor, id)
	if err == nil {
		err = d.may(ctx, actor, t, act)
	}
	if errors.Is(err, ticket.ErrNotFound) || errors.Is(err, ticket.ErrForbidden) {
		return false, nil
	}
	return err == nil, err
}

// Explain says whether somebody may do something with a ticket, and which grant allows it or what each of them lacks.
// It asks what the verbs themselves ask, so it agrees with what happens. id is 0 for what is about no ticket; ActCreate
// without one is about a ticket where the settings would put it. Errors: ticket.ErrNoActor; ticket.ErrForbidden for
// whoever may not configure the desk; ticket.ErrInvalid for an actor of no kind; ticket.ErrNotFound; the directory's own.
func (g Rights) Explain(ctx context.Context, who ticket.Actor, act Action, id int64) (Explanation, error) {
	e, err := g.d.explain(ctx, who, act, id)
	return e, failed("explain rights", err)
}

func (d *Desk) explain(ctx context.Context, who ticket.Actor, act Action, id int64) (Explanation, error) {
	e := Explanation{Actor: who, Action: act, TicketID: id}
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return e, err
	}
	conf, err := d.config(ctx)
	if err != nil {
		return e, err
	}
	if err := d.authorize(ctx, conf, actor, ActConfigure, nil); err != nil {
		return e, err
	}
	if _, err := ticket.ActorFrom(ticket.WithActor(ctx, who)); err != nil {
		return e, ticket.Invalid("who", ticket.FaultRequired, "is nobody: use ticket.Client, ticket.Guest, ticket.Staff or ticket.System")
	}
	if id == 0 {
		e.Right, err = d.decide(ctx, conf, who, act, conf.someTicket(act))
		e.Sees, e.Allowed = Allow("it is about no ticket"), e.Right.Allowed
		return e, err
	}
	var t *ticket.Ticket
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		t, err = r.Ticket(ctx, id, ticket.Scope{All: true})
		return err
	})
	if err != nil {
		return e, err
	}
	var seeErr, rightErr error
	e.Sees, seeErr = d.explainSight(ctx, conf, who, act, t)
	e.Right, rightErr = d.decide(ctx, conf, who, act, t)
	e.Allowed = e.Sees.Allowed && e.Right.Allowed
	return e, errors.Join(seeErr, rightErr)
}

// explainSight asks what a look at the ticket asks: lists must show it, too. Senders of mail are the exception: they may
// answer what they are not shown.
func (d *Desk) explainSight(ctx context.Context, conf *config, who ticket.Actor, act Action, t *ticket.Ticket) (Decision, error) {
	sees, err := d.decide(ctx, conf, who, ActSee, t)
	if err != nil || !sees.Allowed || (byMail(who) && act != ActSee) {
		return sees, err
	}
	scope, err := d.scope(ctx, who)
	if err == nil && !scope.Sees(t) {
		sees = Deny("the Authorizer lets them see it, but its Scope leaves it out of their lists")
	}
	return sees, err
}

// someTicket is where a new ticket would lie if nobody said; nil for other actions.
func (c *config) someTicket(act Action) *ticket.Ticket {
	if act != ActCreate {
		return nil
	}
	s := c.Settings("", "", "")
	s = c.Settings(s.DefaultBrand, "", "")
	return &ticket.Ticket{Brand: s.DefaultBrand, Department: s.DefaultDepartment}
}
