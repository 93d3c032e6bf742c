package gateway_test

import (
	"context"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestAfterClosing is what becomes of a mail to a ticket that takes no more.
func TestAfterClosing(t *testing.T) {
	t.Parallel()
	// begin is a desk with a department of its own policy, and a ticket of Ann in it.
	begin := func(t *testing.T, policy ticket.AfterClose) (*inbox, *ticket.Ticket) {
		t.Helper()
		i := newPolicy(t, gateway.Options{})
		if err := i.Catalog().PutDepartment(staff(), ticket.Department{Code: "billing", Name: "Billing"}); err != nil {
			t.Fatal(err)
		}
		if policy != "" {
			if err := i.Settings().Update(staff(), ticket.DepartmentLayer("billing"), ticket.SettingsPatch{AfterClose: new(policy)}); err != nil {
				t.Fatal(err)
			}
		}
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		if _, err := i.UpdateTicket(staff(), id, ticket.Patch{Department: new("billing"), Participants: &[]ticket.Person{{Email: "cem@example.net"}}}); err != nil {
			t.Fatal(err)
		}
		return i, i.ticket(t, id)
	}
	again := letter("cem@example.net", "2@example.net", "Re: Help", "In-Reply-To: <1@example.com>\n", "again")
	continued := func(t *testing.T, i *inbox, old *ticket.Ticket) {
		t.Helper()
		i.box.add(again)
		next := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		if next.ID == old.ID || next.LinkedTo != old.ID || next.Department != "billing" || next.Requester.Email != "ann@example.com" {
			t.Errorf("%+v", next)
		}
	}
	closes := func(t *testing.T, i *inbox, id int64) {
		t.Helper()
		if _, err := i.CloseTicket(staff(), id); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("R07 reopen: it goes on in the ticket", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseReopen)
		closes(t, i, tk.ID)
		i.box.add(again)
		if o := i.only(t, gateway.Answered); o.TicketID != tk.ID || i.ticket(t, tk.ID).Class.Done() {
			t.Errorf("%+v", o)
		}
	})
	for _, policy := range []ticket.AfterClose{ticket.AfterCloseLink, ticket.AfterCloseRefuse} {
		t.Run("R07 "+string(policy)+": a mail goes on in a new ticket, linked, of the same people and department", func(t *testing.T) {
			t.Parallel()
			i, tk := begin(t, policy)
			closes(t, i, tk.ID)
			continued(t, i, tk)
		})
	}
	t.Run("R07 answer: a mail is refused, recorded, and its sender may be told, unless it is a robot", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseAnswer)
		var told []hooks.Rejected
		i.Hooks().TicketMailRejected.Bind("test", func(_ context.Context, in hooks.Rejected) error { told = append(told, in); return nil })
		closes(t, i, tk.ID)
		i.box.add(again)
		o := i.only(t, gateway.Rejected)
		if len(told) != 1 || !told[0].MayAnswer || told[0].From != "cem@example.net" || told[0].Reason == "" || i.ticket(t, tk.ID).Seq != 1 {
			t.Errorf("%+v, %+v", o, told)
		}
		if _, err := i.raw(o.Work); err != nil {
			t.Errorf("the raw mail is gone: %v", err)
		}
		i.box.add(letter("cem@example.net", "3@example.net", "Re: Help", "In-Reply-To: <1@example.com>\nX-Auto-Response-Suppress: All\n", "again"))
		i.only(t, gateway.Rejected)
		if len(told) != 2 || told[1].MayAnswer {
			t.Errorf("%+v", told)
		}
		i.box.add(letter("cem@example.net", "4@example.net", "Away", "In-Reply-To: <1@example.com>\nAuto-Submitted: auto-replied\n", "I am away"))
		i.only(t, gateway.Answered) // a robot's is kept, and changes nothing
	})
	t.Run("R07 the department's policy holds, and only there", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseAnswer)
		if _, err := i.UpdateTicket(staff(), tk.ID, ticket.Patch{Department: new("support")}); err != nil {
			t.Fatal(err)
		}
		closes(t, i, tk.ID)
		i.box.add(again)
		i.only(t, gateway.Answered)
	})
	t.Run("R07 locked: a mail goes on in a new ticket, linked", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, "")
		if _, err := i.Lock(staff(), tk.ID); err != nil {
			t.Fatal(err)
		}
		continued(t, i, tk)
	})
	t.Run("R07 merged: it goes on in the target, and in what continues that", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseLink)
		i.box.add(letter(ann, "9@example.com", "Other", "", "please"))
		target := i.only(t, gateway.Opened).TicketID
		if _, err := i.UpdateTicket(staff(), target, ticket.Patch{Department: new("billing")}); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Merge(staff(), target, tk.ID); err != nil {
			t.Fatal(err)
		}
		i.box.add(again)
		if o := i.only(t, gateway.Answered); o.TicketID != target {
			t.Errorf("%+v", o)
		}
		closes(t, i, target)
		i.box.add(letter(ann, "3@example.com", "Re: Help", "In-Reply-To: <1@example.com>\n", "again"))
		if next := i.ticket(t, i.only(t, gateway.Opened).TicketID); next.LinkedTo != target {
			t.Errorf("%+v", next)
		}
	})
}
