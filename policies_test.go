package helpdesk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCustomerPolicies(t *testing.T) {
	t.Parallel()
	t.Run("M26 customers choose priority, department and order as far as the settings let them", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		draft := lamp()
		draft.Priority, draft.Department, draft.Service = "high", "billing", "order-5"
		must(d.CreateTicket(as(ann), draft))(t)
		set(t, d, ticket.SettingsPatch{CustomerPriority: new(false), CustomerDepartment: new(false), CustomerService: new(false)})
		_, err := d.CreateTicket(as(ann), draft)
		for _, field := range []string{"priority", "department", "service"} {
			invalid(t, err, field)
		}
		draft.Priority, draft.Department, draft.Service = "medium", "support", ""
		must(d.CreateTicket(as(ann), draft))(t)
		draft.Priority, draft.Requester = "high", ann.Person()
		must(d.CreateTicket(as(bob), draft))(t)
	})
	t.Run("M26 B04 a form has its own layer", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		set(t, d, ticket.SettingsPatch{CustomerPriority: new(false)})
		ok(t, d.Settings().Update(as(bob), ticket.GatewayLayer("vip"), ticket.SettingsPatch{CustomerPriority: new(true), DefaultDepartment: new("billing")}))
		draft := lamp()
		draft.Priority, draft.Form = "high", "vip"
		tk := must(d.CreateTicket(as(guest), draft))(t)
		equal(t, "department", tk.Department, "billing")
		equal(t, "form", tk.Gateway, "vip")
		winners := must(d.Settings().Winners(as(bob), "", "", "vip"))(t)
		equal(t, "layer of the priority", winners["customer_priority"], ticket.GatewayLayer("vip"))
		equal(t, "layers", len(winners), 2)
		equal(t, "layer without the form", must(d.Settings().Winners(as(bob), "", "", ""))(t)["customer_priority"], ticket.DeskLayer)
	})
	t.Run("G01 M26 the customer section is open or closed, and mail comes in all the same", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		tk := open(t, d, ann)
		set(t, d, ticket.SettingsPatch{CustomerSection: new(false), GuestTickets: new(false)})
		_, err := d.CreateTicket(as(ann), lamp())
		is(t, err, ticket.ErrForbidden)
		_, err = d.CreateTicket(as(guest), lamp())
		is(t, err, ticket.ErrForbidden)
		_, err = d.Ticket(as(ann), tk.ID)
		is(t, err, ticket.ErrNotFound)
		equal(t, "list", len(must(d.Tickets(as(ann), ticket.Query{}))(t).Tickets), 0)
		must(d.CreateTicket(as(guest.Via(ticket.ChannelEmail)), lamp()))(t)
		must(d.Reply(as(ann.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		open(t, d, bob)
		set(t, d, ticket.SettingsPatch{CustomerSection: new(true)})
		ok(t, d.Settings().Update(as(bob), ticket.BrandLayer("outlet"), ticket.SettingsPatch{CustomerSection: new(false)}))
		must(d.Ticket(as(ann), tk.ID))(t)
		draft := lamp()
		draft.Brand = "outlet"
		_, err = d.CreateTicket(as(ann), draft)
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("R04 where a login is required guests are refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		set(t, d, ticket.SettingsPatch{LoginRequired: new(true)})
		_, err := d.CreateTicket(as(guest), lamp())
		is(t, err, ticket.ErrForbidden)
		is(t, d.CheckTicket(as(guest), lamp()), ticket.ErrForbidden)
		_, err = d.Reply(as(guest), tk.ID, ticket.ReplyDraft{Body: "hi"})
		is(t, err, ticket.ErrNotFound)
		open(t, d, ann)
		must(d.Reply(as(guest.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
	})
	t.Run("R02 the host is told of a guest and gives back a customer id", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		asked := 0
		d.Hooks().GuestAccount.Bind("shop", func(_ ctx, in *hooks.Account) error {
			asked++
			equal(t, "asked about", in.Name+in.Email+in.Brand, guest.Name+guest.Email+"default")
			in.CustomerID, in.Organisation = "1001", "acme"
			return nil
		})
		d.Hooks().TicketCreateValidation.Bind("picky", func(_ ctx, in hooks.Creating) error {
			if in.Draft.Subject == "spam" {
				return ticket.Invalid("subject", ticket.FaultRefused, "is spam")
			}
			return nil
		})
		tk := must(d.CreateTicket(as(guest), lamp()))(t)
		equal(t, "requester", tk.Requester, ticket.Person{ID: "1001", Name: guest.Name, Email: guest.Email})
		equal(t, "organisation", tk.Organisation, "acme")
		must(d.Ticket(as(ticket.Client("1001", "", "")), tk.ID))(t)
		open(t, d, ann)
		ok(t, d.CheckTicket(as(guest), lamp()))
		_, err := d.CreateTicket(as(guest), ticket.Draft{Subject: "spam", Body: "x"})
		is(t, err, ticket.ErrRefused)
		set(t, d, ticket.SettingsPatch{GuestAccounts: new(false)})
		equal(t, "requester without accounts", open(t, d, guest).Requester.ID, "")
		equal(t, "asked", asked, 1)
	})
	t.Run("R02 a host that cannot open the account refuses the ticket, and one that answers badly too", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		answer := errors.New("no database")
		d.Hooks().GuestAccount.Bind("shop", func(_ ctx, in *hooks.Account) error {
			in.CustomerID = "a\nb"
			return answer
		})
		_, err := d.CreateTicket(as(guest), lamp())
		is(t, err, answer)
		is(t, err, ticket.ErrHookFailed)
		answer = nil
		_, err = d.CreateTicket(as(guest), lamp())
		is(t, err, ticket.ErrHookFailed)
		equal(t, "tickets", len(must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets), 0)
	})
	t.Run("R03 customers edit their own ticket while the policy allows, and the old text is kept", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		tk := open(t, d, ann)
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		edit := func(a ticket.Actor) error {
			_, err := d.EditMessage(as(a), m.ID, "in three")
			_, err2 := d.UpdateTicket(as(a), tk.ID, ticket.Patch{Subject: new("Lamp in three"), Department: new("billing")})
			return errors.Join(err, err2)
		}
		is(t, edit(ann), ticket.ErrForbidden)
		set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditUntilReply)})
		ok(t, edit(ann))
		after := must(d.Ticket(as(ann), tk.ID))(t)
		equal(t, "ticket", after.Subject+after.Department, "Lamp in threebilling")
		equal(t, "old text", must(d.Revisions(as(bob), m.ID))(t)[0].Body, "It arrived in two pieces.")
		equal(t, "old subject", changeOf(t, d, tk.ID, "subject").Old, "Lamp broken")
		is(t, edit(ticket.Client("43", "Gus", "gus@example.com")), ticket.ErrNotFound)
		_, err := d.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new("7"), Tags: &[]string{"x"}})
		is(t, err, ticket.ErrForbidden)
		_, err = d.UpdateTicket(as(ann), tk.ID, ticket.Patch{Tags: &[]string{"x"}})
		invalid(t, err, "tags")
		_, err = d.DeleteMessage(as(ann), m.ID)
		is(t, err, ticket.ErrForbidden)

		reply := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hm"}))(t)
		is(t, edit(ann), ticket.ErrForbidden)
		_, err = d.EditMessage(as(ann), reply.ID, "forged")
		is(t, err, ticket.ErrForbidden)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "more"}))(t)
		_, err = d.EditMessage(as(ann), m.ID, "what was answered already")
		is(t, err, ticket.ErrForbidden)
		set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditWhileOpen)})
		ok(t, edit(ann))
		_, err = d.EditMessage(as(ann), reply.ID, "forged")
		is(t, err, ticket.ErrForbidden)
		must(d.Lock(as(bob), tk.ID))(t)
		is(t, edit(ann), ticket.ErrForbidden)
		must(d.Unlock(as(bob), tk.ID))(t)
		must(d.CloseTicket(as(bob), tk.ID))(t)
		is(t, edit(ann), ticket.ErrForbidden)
		invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{CustomerEdit: new(ticket.CustomerEdit("maybe"))}), "customer_edit")
	})
	t.Run("X10 policies are explained, too", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		e := must(d.Rights().Explain(as(bob), ann, helpdesk.ActEdit, tk.ID))(t)
		if e.Allowed || !strings.Contains(e.String(), "the settings let no customer edit") {
			t.Error(e)
		}
		e = must(d.Rights().Explain(as(bob), guest, helpdesk.ActCreate, 0))(t)
		equal(t, "guest creates", e.Allowed, true)
		set(t, d, ticket.SettingsPatch{LoginRequired: new(true)})
		e = must(d.Rights().Explain(as(bob), guest, helpdesk.ActCreate, 0))(t)
		equal(t, "guest creates", e.Allowed, false)
	})
}
