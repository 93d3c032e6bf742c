package helpdesk

import (
	"cmp"
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/policy"
	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What the settings let customers do.

// shuts says why the whole desk is closed to a customer; empty where it is not.
func (c *config) shuts(a ticket.Actor) string { return policy.Entry(c.Settings("", "", ""), a) }

// refuses says what the settings have against an action of a customer; empty where they have nothing. What a more
// particular layer closes can still be read.
func (c *config) refuses(a ticket.Actor, act Action, t *ticket.Ticket) string {
	if why := c.shuts(a); why != "" {
		return why
	}
	if t == nil || act == ActSee {
		return ""
	}
	s := c.SettingsOf(t)
	if why := policy.Entry(s, a); why != "" {
		return why
	}
	switch act {
	case ActCreate:
		return policy.Opening(s, a)
	case ActEdit, ActUpdate:
		return policy.Edit(s, t)
	}
	return ""
}

type continuesKey struct{}

// chooses reports whether a draft says what a customer has chosen.
func chooses(ctx context.Context, a ticket.Actor) bool {
	return a.IsCustomer() && !byMail(a) && ctx.Value(continuesKey{}) == nil
}

// checkCustomerDraft refuses what is no customer's to say, whatever the settings: a host that says it for them opens the
// ticket in its own name, for them as the requester.
func checkCustomerDraft(a ticket.Actor, d ticket.Draft) error {
	if a.Channel == ticket.ChannelEmail {
		return nil
	}
	var e ticket.ValidationError
	for field, said := range map[string]bool{
		"organisation": d.Organisation != "", "folder": d.Folder != "" && d.Folder != ticket.Inbox, "watchers": len(d.Watchers) > 0, "status": d.Status != "",
	} {
		if said {
			e.Add(field, ticket.FaultNotAllowed, "is not for customers to say: leave it out")
		}
	}
	return e.Err()
}

// checkCustomerPatch leaves to customers what they may edit: subject and department, and what they may choose when
// they open a ticket.
func (w *write) checkCustomerPatch(p ticket.Patch) error {
	if !w.actor.IsCustomer() {
		return nil
	}
	s := w.settings()
	var e ticket.ValidationError
	refuse := func(field string, is bool) {
		if is {
			e.Add(field, ticket.FaultNotAllowed, "is for staff to change: leave it out")
		}
	}
	if p.Department != nil {
		w.conf.CheckOffered(&e, w.after.Brand, *p.Department, w.after.Gateway)
	}
	refuse("priority", p.Priority != nil && !s.CustomerPriority)
	refuse("service", p.Service != nil && !s.CustomerService)
	refuse("brand", p.Brand != nil)
	refuse("assignee", p.Assignee != nil)
	refuse("folder", p.Folder != nil)
	refuse("locked", p.Locked != nil)
	refuse("requester", p.Requester != nil)
	refuse("organisation", p.Organisation != nil)
	refuse("participants", p.Participants != nil)
	refuse("watchers", p.Watchers != nil)
	refuse("related", p.Related != nil)
	refuse("converted", p.Converted != nil)
	refuse("tags", p.Tags != nil)
	return e.Err()
}

// mayEditMessage is the policy of R03 for one message: customers edit what they wrote themselves, and under
// EditUntilReply only what staff have not answered.
func (w *write) mayEditMessage(ctx context.Context, m *ticket.Message) error {
	if !w.actor.IsCustomer() {
		return nil
	}
	if !m.Author.IsCustomer() || !m.Author.Person().Is(w.actor.Person()) || m.Kind != ticket.KindReply {
		return fmt.Errorf("%w: customers edit what they wrote themselves", ticket.ErrForbidden)
	}
	if w.settings().CustomerEdit != ticket.EditUntilReply {
		return nil
	}
	last, err := w.tx.Messages(ctx, ticket.MessageQuery{TicketID: m.TicketID, AfterSeq: m.Seq, Kinds: publicKinds(nil), Limit: ticket.MaxPage})
	if err != nil {
		return err
	}
	for _, later := range last {
		if !later.Author.IsCustomer() {
			return fmt.Errorf("%w: staff have replied to it: the settings let customers edit until then", ticket.ErrForbidden)
		}
	}
	return nil
}

// openAccount asks the host about a guest who opens a ticket: it may have, or make, an account for them (R02).
func (d *Desk) openAccount(ctx context.Context, actor ticket.Actor, draft *ticket.Draft) error {
	point := &d.hooks.GuestAccount
	if point.Empty() || actor.Kind != ticket.ActorGuest || draft.Requester.ID != "" {
		return nil
	}
	s := d.conf.Load().Settings(draft.Brand, draft.Department, setup.FormOf(draft))
	if !s.GuestAccounts {
		return nil
	}
	in := hooks.Account{Actor: actor, Brand: cmp.Or(draft.Brand, s.DefaultBrand), Name: draft.Requester.Name, Email: draft.Requester.Email}
	if err := point.Run(ctx, &in); err != nil {
		return err
	}
	var e ticket.ValidationError
	e.CheckLine("customer_id", in.CustomerID, d.cfg.Limits.Text)
	e.CheckLine("organisation", in.Organisation, d.cfg.Limits.Text)
	if err := e.Err(); err != nil {
		return fmt.Errorf("%w: one of GuestAccount answered badly: %w", ticket.ErrHookFailed, err)
	}
	draft.Requester.ID, draft.Organisation = in.CustomerID, cmp.Or(draft.Organisation, in.Organisation)
	return nil
}
