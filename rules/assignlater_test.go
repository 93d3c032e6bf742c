package rules_test

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAssignLater(t *testing.T) {
	t.Parallel()
	everything := []ticket.Right{ticket.RightSee, ticket.RightReply, ticket.RightUpdate, ticket.RightAssign}
	staffed := func(t *testing.T) *world {
		w := newWorld(t, nil)
		for id, rights := range map[string][]ticket.Right{"a": everything, "b": everything, "w": everything[:3]} {
			ok(t, w.Catalog().PutRole(host, ticket.Role{Code: "of_" + id, Name: id, Grants: []ticket.Grant{{Rights: rights}}}))
			ok(t, w.People().PutAgent(host, ticket.Agent{ID: id, Name: id, Departments: []string{"support"}, Roles: []string{"of_" + id}}))
		}
		return w
	}
	toA := do("auto_assign", rules.Assignment{By: rules.RoundRobin, Agents: []string{"a"}})
	owner := func(t *testing.T, w *world, id int64, what, want string) {
		t.Helper()
		if got := must(w.Ticket(host, id))(t).Assignee; got != want {
			t.Errorf("%s: the ticket is %q's, want %q", what, got, want)
		}
	}
	t.Run("X26 who was found later, and is refused, is tried again until that is mended", func(t *testing.T) {
		t.Parallel()
		w := staffed(t)
		refusing := true
		w.Hooks().TicketUpdateGuard.Bind("acme.licence", func(_ context.Context, e hooks.Committing) error {
			if e.After.Assignee != "" && refusing {
				return ticket.Invalid("assignee", ticket.FaultConflicting, "has no licence")
			}
			return nil
		})
		_, _, err := w.rules.Save(host, rules.Rule{Code: "auto", Name: "Auto", On: []rules.Trigger{rules.Created}, Do: toA})
		ok(t, err)
		ok(t, w.rules.SetAway(host, "a", w.Clock.Now().Add(time.Minute)))
		x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x", Department: "support"}))(t)
		w.settle()
		w.after(20 * time.Minute)
		owner(t, w, x.ID, "refused", "")
		refusing = false
		w.after(20 * time.Minute)
		owner(t, w, x.ID, "mended", "a")
	})
	t.Run("X26 who may not assign has nobody found later by a macro", func(t *testing.T) {
		t.Parallel()
		w := staffed(t)
		must(w.rules.Macros().Save(host, rules.Macro{Code: "find", Name: "Find", Do: toA}))(t)
		x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x", Department: "support"}))(t)
		w.settle()
		ok(t, w.rules.SetAway(host, "a", w.Clock.Now().Add(time.Minute)))
		_, err := w.rules.Macros().Apply(as(ticket.Staff("w", "W", "w@desk.example")), x.ID, "find")
		wantErr(t, err, ticket.ErrForbidden)
		w.after(time.Hour)
		owner(t, w, x.ID, "by who may not", "")
		ok(t, w.rules.SetAway(host, "a", w.Clock.Now().Add(time.Minute)))
		must(w.rules.Macros().Apply(as(ticket.Staff("b", "B", "b@desk.example")), x.ID, "find"))(t)
		owner(t, w, x.ID, "while nobody is free", "")
		w.after(time.Hour)
		owner(t, w, x.ID, "by who may", "a")
	})
}
