package helpdesk_test

import (
	"context"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// carols is a ticket among the sales, which Carol has.
func carols(t *testing.T, d *helpdesktest.Desk) *ticket.Ticket {
	t.Helper()
	return must(d.UpdateTicket(as(host), open(t, d, ann).ID, ticket.Patch{Assignee: new("8"), Department: new("sales")}))(t)
}

func TestTransferOutOfSight(t *testing.T) {
	t.Parallel()
	t.Run("M51 G07 a ticket that is moved out of its assignee's sight is nobody's, in one event, whoever moves it", func(t *testing.T) {
		t.Parallel()
		for _, who := range []ticket.Actor{bob, carol, host, ann} {
			d := walled(t)
			set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditWhileOpen)})
			tk := carols(t, d)
			before := len(history(t, d, tk.ID))
			must(d.Transfer(as(who), tk.ID, "support"))(t)
			now := must(d.Ticket(as(host), tk.ID))(t)
			equal(t, "assignee", now.Department+" "+now.Assignee+" "+now.AssignedBy, "support  "+who.ID)
			list := history(t, d, tk.ID)
			equal(t, "entries", len(list), before+1)
			c, _ := list[before].Changed("assignee")
			equal(t, "change", c, ticket.Change{Field: "assignee", Old: "8"})
			if _, moved := list[before].Changed("department"); !moved {
				t.Errorf("entry is %+v", list[before])
			}
		}
	})
	t.Run("M51 B04 the same where it goes to another brand, and one who sees it there keeps it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Brands: []ticket.Brand{{Code: "eu", Name: "EU"}, {Code: "us", Name: "US"}}})
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "eu", Name: "EU", Grants: []ticket.Grant{{Brands: []string{"eu"}}}}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"eu"}}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob"}))
		for agent, stays := range map[string]string{"8": "", "7": "7"} {
			tk := must(d.Assign(as(host), open(t, d, ann).ID, agent))(t)
			equal(t, "brand", tk.Brand, "eu")
			equal(t, "assignee", must(d.UpdateTicket(as(host), tk.ID, ticket.Patch{Brand: new("us")}))(t).Assignee, stays)
		}
	})
	t.Run("M51 who sees what is theirs keeps it, wherever it goes", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Sight: ticket.SightMine}}}))
		equal(t, "assignee", must(d.Transfer(as(bob), carols(t, d).ID, "support"))(t).Assignee, "8")
	})
	t.Run("M51 a change that names another agent gives it to that one, and to name the same one again is not that", func(t *testing.T) {
		t.Parallel()
		for named, has := range map[string]string{"7": "7", "8": "", "": ""} {
			d := walled(t)
			tk := must(d.UpdateTicket(as(bob), carols(t, d).ID, ticket.Patch{Department: new("support"), Assignee: &named}))(t)
			equal(t, "assignee", tk.Assignee, has)
		}
	})
	t.Run("M51 gates see that the ticket will be nobody's", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		tk := carols(t, d)
		d.Hooks().TicketAssignValidation.Bind("test", func(_ context.Context, in hooks.Updating) error {
			return ticket.Invalid("department", ticket.FaultRefused, "would take it from %s, and leave %q", in.Ticket.Assignee, in.After.Assignee)
		})
		_, err := d.Transfer(as(bob), tk.ID, "support")
		invalid(t, err, "department")
		equal(t, "assignee", must(d.Ticket(as(bob), tk.ID))(t).Assignee, "8")
	})
	t.Run("M51 who got the ticket meanwhile keeps it", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		tk := carols(t, d)
		d.Hooks().TicketUpdateValidation.Bind("test", func(_ context.Context, in hooks.Updating) error {
			if in.Patch.Department != nil {
				must(d.Assign(as(host), tk.ID, "7"))(t)
			}
			return nil
		})
		equal(t, "assignee", must(d.Transfer(as(bob), tk.ID, "support"))(t).Assignee, "7")
	})
	t.Run("M51 many at once: only who would not see them loses them", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		one, two := carols(t, d), must(d.Assign(as(host), carols(t, d).ID, "7"))(t)
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: []int64{one.ID, two.ID}, Do: ticket.MassUpdate, Patch: ticket.Patch{Department: new("support")}}))(t)
		for _, r := range results(t, d, run.ID) {
			equal(t, "code", r.Code, "")
		}
		equal(t, "Carol's", must(d.Ticket(as(bob), one.ID))(t).Assignee, "")
		equal(t, "Bob's", must(d.Ticket(as(bob), two.ID))(t).Assignee, "7")
	})
}
