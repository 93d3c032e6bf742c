package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestWorkflow(t *testing.T) {
	t.Parallel()
	next := func(t *testing.T, a ticket.Actor, d interface {
		NextStatuses(ctx, int64) ([]ticket.Status, error)
	}, id int64) string {
		var out []string
		for _, s := range must(d.NextStatuses(as(a), id))(t) {
			out = append(out, s.Code)
		}
		return strings.Join(out, " ")
	}
	t.Run("X28 declared transitions hold for staff and customers, by department, and not for the settings and the host", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetShop), Departments: []ticket.Department{{Code: "support", Name: "S"}, {Code: "returns", Name: "R"}}})
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("returns"), ticket.SettingsPatch{StatusOnStaff: new("waiting_customer"),
			Transitions: &[]ticket.Transition{{From: "open", To: []string{"in_progress"}}, {From: "in_progress", To: []string{"waiting_customer", "closed"}}, {From: "closed"}}}))
		tk := open(t, d, ann)
		equal(t, "free", next(t, bob, d, tk.ID), "open in_progress waiting_customer closed")
		equal(t, "for its customer", next(t, ann, d, tk.ID), "open closed")
		must(d.Transfer(as(bob), tk.ID, "returns"))(t)
		equal(t, "declared", next(t, bob, d, tk.ID), "open in_progress")
		equal(t, "declared for its customer", next(t, ann, d, tk.ID), "open")
		for what, err := range map[string]error{
			"SetStatus": drop(d.SetStatus(as(bob), tk.ID, "closed")), "CloseTicket": drop(d.CloseTicket(as(bob), tk.ID)), "by the customer": drop(d.CloseTicket(as(ann), tk.ID)),
			"UpdateTicket": drop(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Status: new("waiting_customer")})), "Reply": drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "closed"})),
		} {
			t.Log(what)
			invalid(t, err, "status")
		}
		equal(t, "messages after all that", must(d.Ticket(as(bob), tk.ID))(t).Seq, 1)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		equal(t, "what the settings bring about", must(d.Ticket(as(bob), tk.ID))(t).Status, "waiting_customer")
		equal(t, "from a status without a transition", next(t, bob, d, tk.ID), "open in_progress waiting_customer closed")
		must(d.SetStatus(as(bob), tk.ID, "in_progress"))(t)
		must(d.CloseTicket(as(bob), tk.ID))(t)
		equal(t, "after the last", next(t, bob, d, tk.ID), "closed")
		_, err := d.ReopenTicket(as(bob), tk.ID)
		invalid(t, err, "status")
		must(d.SetStatus(as(host), tk.ID, "open"))(t)
		invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{Transitions: &[]ticket.Transition{{From: "open", To: []string{"none"}}}}), "transitions")
		invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{Transitions: &[]ticket.Transition{{To: []string{"open"}}}}), "transitions")
		must(d.SetStatus(as(host), tk.ID, "in_progress"))(t)
		invalid(t, d.Catalog().DeleteStatus(as(bob), "waiting_customer"), "code")
	})
	t.Run("X28 closing picks a status that may follow", func(t *testing.T) {
		t.Parallel()
		statuses := append(ticket.StatusPreset(ticket.PresetDefault), ticket.Status{Code: "archived", Name: "Archived", Class: ticket.ClassClosed, Sort: 95})
		d := newDesk(t, helpdesk.Config{Statuses: statuses})
		set(t, d, ticket.SettingsPatch{Transitions: &[]ticket.Transition{{From: "open", To: []string{"archived"}}}})
		equal(t, "status", must(d.CloseTicket(as(bob), open(t, d, ann).ID))(t).Status, "archived")
	})
	t.Run("X28 fields are asked for where a ticket is moved to, where another value makes them matter, and before it is finished", func(t *testing.T) {
		t.Parallel()
		kind := ticket.Field{Code: "kind", Name: "Kind", Type: ticket.FieldSelect, Options: ticket.ParseOptions("return\nother")}
		reason := ticket.Field{Code: "reason", Name: "Reason", Type: ticket.FieldText, RequiredForStaff: true, When: &ticket.FieldCondition{Field: "kind", Values: []string{"return"}}}
		cost := ticket.Field{Code: "cost", Name: "Cost", Type: ticket.FieldNumber, RequiredForStaff: true, Departments: []string{"billing"}}
		cause := ticket.Field{Code: "cause", Name: "Cause", Type: ticket.FieldText, RequiredToSolve: true, Departments: []string{"support"}}
		d := withFields(t, helpdesk.Config{}, kind, reason, cost, cause)
		tk := open(t, d, ann)
		_, err := d.Transfer(as(bob), tk.ID, "billing")
		invalid(t, err, "fields.cost")
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"kind": new("return")}})
		invalid(t, err, "fields.reason")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"kind": new("return"), "reason": new("foot")}}))(t)
		for what, err := range map[string]error{
			"CloseTicket": drop(d.CloseTicket(as(bob), tk.ID)), "Reply": drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "closed"})),
		} {
			t.Log(what)
			invalid(t, err, "fields.cause")
		}
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Status: new("closed"), Fields: map[string]*string{"cause": new("glue")}}))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Department: new("billing"), Fields: map[string]*string{"cost": new("5")}}))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("x")}))(t)
		must(d.CloseTicket(as(ann), open(t, d, ann).ID))(t)
	})
}
