package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	t.Run("X04 a rule says why it matched, and why it did not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, When: `ticket.priority == "high" and ticket.subject contains "Lamp"`, Do: do("add_tags", []string{"urgent"})})
		x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		w.now(x.ID)
		first := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t)[0].ID
		e := must(w.rules.Explain(as(agent), x.ID, "r", first))(t)
		if e.Matches || e.Ran != nil || e.Tree == nil || len(e.Tree.Parts) != 2 || !strings.Contains(e.Why, "medium") {
			t.Errorf("it says %+v", e)
		}
		must(w.SetPriority(as(agent), x.ID, "high"))(t)
		if e := must(w.rules.Explain(as(agent), x.ID, "r", 0))(t); e.Matches || e.EventID != first {
			t.Errorf("of the last event that it answers it says %+v", e)
		}
		if e := must(w.rules.Explain(as(agent), x.ID, "r", first))(t); e.Matches {
			t.Error("the event is explained by what came later")
		}
		last := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t)
		if e := must(w.rules.Explain(as(agent), x.ID, "r", last[len(last)-1].ID))(t); e.Matches || !strings.Contains(e.Why, "created") {
			t.Errorf("of an event that it does not answer it says %+v", e.Why)
		}
	})
	t.Run("X04 what a rule has done is kept, with the event that it answered", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"urgent"})})
		x := w.open("Lamp")
		first := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t)[0].ID
		e := must(w.rules.Explain(as(agent), x.ID, "r", first))(t)
		if len(e.Ran) != 1 || e.Ran[0].Outcome != rules.Matched || !slices.Equal(e.Ran[0].Did, []string{`add_tags ["urgent"]`}) {
			t.Errorf("it ran %+v", e.Ran)
		}
		if run := must(w.rules.Runs(as(agent), x.ID, 0))(t); len(run) != 1 || run[0].EventID != first || run[0].Looked != 1 {
			t.Errorf("the runs are %+v", run)
		}
	})
	t.Run("X04 what happened before a rule was active, and is told of late, does not run it, as the explanation says", func(t *testing.T) {
		t.Parallel()
		w := newFaulting(t) // nothing is told of by itself
		rule := rules.Rule{Code: "r", On: []rules.Trigger{rules.Created, "x.parcel"}, Do: do("add_tags", []string{"urgent"})}
		w.save(rules.Rule{Code: "first", On: rule.On, Do: do("add_tags", []string{"first"})})
		open := func() *ticket.Ticket {
			x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
			if _, err := w.rules.Fire(as(agent), x.ID, "x.parcel"); err != nil {
				t.Fatal(err)
			}
			return x
		}
		check := func(what string, x *ticket.Ticket, want ...string) {
			t.Helper()
			equal(t, what, w.now(x.ID).Tags, want)
			first := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t)[0].ID
			if e := must(w.rules.Explain(as(agent), x.ID, "r", first))(t); e.Matches != (len(want) > 1) || e.Matches != (len(e.Ran) == 1) {
				t.Errorf("%s: it says %+v", what, e)
			}
		}
		before := open()
		w.Clock.Advance(time.Minute)
		rule = w.save(rule)
		check("before the rule", before, "first")
		check("with the rule", open(), "first", "urgent")
		rule.Inactive = true
		rule = w.save(rule)
		paused := open()
		w.Clock.Advance(time.Minute)
		rule.Inactive = false
		rule = w.save(rule)
		check("while it was paused", paused, "first")
		late := open()
		rule.Since = w.Clock.Now().Add(time.Hour)
		w.save(rule)
		check("of a rule that is to begin later", late, "first")
		if e := must(w.rules.Explain(as(agent), late.ID, "r", 0))(t); e.Matches || !strings.Contains(e.Why, "not active yet") {
			t.Errorf("now it says %+v", e)
		}
		equal(t, "now match", must(w.rules.Matching(as(agent), late.ID, rules.Created))(t), []string{"first"})
		w.Clock.Advance(time.Hour)
		check("when it has begun", open(), "first", "urgent")
	})
	t.Run("X04 who may not read the history is told nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"urgent"})})
		x := w.open("Lamp")
		if _, err := w.rules.Explain(as(customer), x.ID, "r", 0); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("explain: %v", err)
		}
		if _, err := w.rules.Runs(as(customer), x.ID, 0); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("runs: %v", err)
		}
		if _, err := w.rules.DryRun(as(customer), rules.Trial{}); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("dry run: %v", err)
		}
		if _, err := w.rules.Explain(as(agent), x.ID, "none", 0); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("a rule that is not there: %v", err)
		}
	})
	t.Run("X04 a rule that is caused by itself is stopped, and the circle is named", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		flip := func(code, from, to string) {
			if _, _, err := w.rules.Save(as(agent), rules.Rule{Code: code, Name: code, On: []rules.Trigger{rules.Changed}, When: fmt.Sprintf("ticket.priority == %q", from), Do: do("set_priority", to)}); err != nil {
				t.Fatal(err)
			}
		}
		flip("up", "low", "high")
		flip("down", "high", "low")
		up := must(w.rules.Rule(as(agent), "up"))(t)
		if _, mine, err := w.rules.Save(as(agent), up); err != nil || len(mine) != 1 || !strings.Contains(mine[0].Message, "up → down → up") { // though it is not the first
			t.Errorf("of the rule that is saved is said %v, %v", mine, err)
		}
		warnings := must(w.rules.Warnings(as(agent)))(t)
		if len(warnings) != 1 || !strings.Contains(warnings[0].Message, "down → up → down") {
			t.Errorf("the warnings are %+v", warnings)
		}
		x := w.open("Lamp")
		must(w.SetPriority(as(agent), x.ID, "low"))(t)
		w.now(x.ID)
		equal(t, "runs", w.ran(x.ID), []string{"changed: up matched", "changed: down matched", "changed: up looped", "changed: up looped"})
		run := must(w.rules.Runs(as(agent), x.ID, 0))(t)[0]
		if !strings.Contains(run.Rules[0].Error, "up → down → up") {
			t.Errorf("it says %q", run.Rules[0].Error)
		}
	})
	t.Run("X04 a rule that cannot loop is not warned of", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", On: []rules.Trigger{rules.Changed}, When: `ticket.priority == "high"`, Do: do("add_tags", []string{"urgent"})})
		w.save(rules.Rule{Code: "b", On: []rules.Trigger{rules.Changed}, When: `"urgent" in ticket.tags`, Do: do("set_priority", "high")})
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.Changed}, When: `ticket.status == "open" and ticket.priority == "low"`, Do: []rules.Step{rules.Do("set_status", "in_progress"), rules.Do("add_note", rules.Text{Body: "n"})}})
	})
	t.Run("X04 what can hardly be meant is said when a rule is saved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, c := range []struct {
			rule rules.Rule
			want string
		}{
			{rules.Rule{Code: "stops", Sort: 1, On: []rules.Trigger{rules.Created}, Stop: true, Do: do("archive", nil)}, ""},
			{rules.Rule{Code: "late", Sort: 2, On: []rules.Trigger{rules.Created}, Do: do("archive", nil)}, `rule "stops" comes before it`},
			{rules.Rule{Code: "elsewhere", Sort: 2, On: []rules.Trigger{rules.Created, rules.Changed}, Do: do("archive", nil)}, ""},
			{rules.Rule{Code: "answers", On: []rules.Trigger{rules.StaffReplied}, Do: do("reply", rules.Text{Body: "x"})}, ""},
			{rules.Rule{Code: "notes", On: []rules.Trigger{rules.Noted}, Do: do("add_note", rules.Text{Body: "x"})}, "notes → notes"},
			{rules.Rule{Code: "never", On: []rules.Trigger{rules.Rated}, When: `ticket.status == "open" and ticket.status == "closed"`}, "never"},
		} {
			c.rule.Name = c.rule.Code
			_, warnings, err := w.rules.Save(as(agent), c.rule)
			if err != nil || (len(warnings) > 0) != (c.want != "") || (len(warnings) > 0 && !strings.Contains(warnings[0].Message, c.want)) {
				t.Errorf("%s: %v, %v, want %q", c.rule.Code, err, warnings, c.want)
			}
		}
	})
	t.Run("X04 a rule that fits the catalogue no more does not run, and says so", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("set_department", "sales")})
		w.save(rules.Rule{Code: "s", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"s"})})
		if err := w.Catalog().DeleteDepartment(as(agent), "sales"); err != nil {
			t.Fatal(err)
		}
		x := w.open("Lamp")
		equal(t, "runs", w.ran(x.ID), []string{"created: s matched"})
		if problems := must(w.Check(as(agent)))(t); !slices.ContainsFunc(problems, func(p ticket.Problem) bool {
			return p.Area == "rules" && strings.Contains(p.Message, `"r"`)
		}) {
			t.Errorf("the problems are %v", problems)
		}
	})
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	t.Run("X04 a dry run says what rules would have done, as they do it, and writes nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		list := []rules.Rule{
			{Code: "a", Name: "a", Sort: 1, On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Lamp"`, Do: do("add_tags", []string{"lamp"})},
			{Code: "b", Name: "b", Sort: 2, On: []rules.Trigger{rules.Created}, When: `"lamp" in ticket.tags`, Do: do("set_priority", "high"), Stop: true},
			{Code: "c", Name: "c", Sort: 3, On: []rules.Trigger{rules.Created, rules.CustomerReplied}, Do: do("add_tags", []string{"c"})},
			{Code: "d", Name: "d", Sort: 4, On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply >= 24`, Do: do("add_tags", []string{"d"})},
		}
		begin := w.Clock.Now()
		live := func(w *world) (out []string) {
			x, y := w.open("Lamp"), w.open("Table")
			w.after(30 * time.Hour)
			must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
			w.after(2 * time.Hour)
			must(w.SetPriority(as(agent), y.ID, "low"))(t)
			w.after(30 * time.Hour)
			for _, id := range []int64{x.ID, y.ID} {
				for _, r := range w.ran(id) {
					out = append(out, fmt.Sprint(id, " ", r))
				}
			}
			return out
		}
		live(w)
		before := must(w.Journal(as(agent), ticket.EventQuery{Limit: 100}))(t)
		report := must(w.rules.DryRun(as(agent), rules.Trial{Rules: list, Since: begin}))(t)
		if after := must(w.Journal(as(agent), ticket.EventQuery{Limit: 100}))(t); len(after) != len(before) {
			t.Errorf("the journal had %d entries, and has %d", len(before), len(after))
		}
		other := newWorld(t, nil)
		for _, r := range list {
			other.save(r)
		}
		var would []string
		for _, h := range report.Hits {
			would = append(would, fmt.Sprint(h.TicketID, " ", h.Trigger, ": ", h.Rule, " matched"))
		}
		did := live(other)
		slices.Sort(did)
		slices.Sort(would)
		equal(t, "what would have been done, against what was", would, did)
		if report.Tickets != 2 || report.Matched["a"] != 1 || report.Matched["d"] != 3 {
			t.Errorf("the report is %+v", report)
		}
	})
	t.Run("X04 two sets of rules are compared over the same time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		begin := w.Clock.Now()
		w.open("Lamp")
		w.open("Table")
		rule := rules.Rule{Code: "r", Name: "r", On: []rules.Trigger{rules.Created}, When: `ticket.subject == "Lamp"`, Do: do("archive", nil)}
		a := must(w.rules.DryRun(as(agent), rules.Trial{Rules: []rules.Rule{rule}, Since: begin}))(t)
		rule.When = `ticket.subject in ["Lamp", "Table"]`
		b := must(w.rules.DryRun(as(agent), rules.Trial{Rules: []rules.Rule{rule}, Since: begin}))(t)
		d := rules.Compare(a, b)
		if len(d.Before) != 0 || len(d.After) != 1 || d.After[0].TicketID != 2 {
			t.Errorf("the difference is %+v", d)
		}
		if late := must(w.rules.DryRun(as(agent), rules.Trial{Rules: []rules.Rule{rule}, Since: begin.Add(time.Hour)}))(t); late.Events != 0 || late.Tickets != 2 {
			t.Errorf("of a later time it says %+v", late)
		}
	})
}

func TestMacros(t *testing.T) {
	t.Parallel()
	macro := rules.Macro{Code: "close", Name: "Close", Do: []rules.Step{rules.Do("reply", rules.Text{Body: "Dear [ticket_customer_name], done.", Status: "closed"}), rules.Do("add_tags", []string{"done"})}}
	t.Run("X27 an agent applies a macro: a reply and changes, as themselves and at once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		must(w.rules.Macros().Save(as(agent), macro))(t)
		x := w.open("Lamp")
		got := must(w.rules.Macros().Apply(as(agent), x.ID, "close"))(t)
		list := must(w.Messages(as(agent), x.ID, ticket.MessageQuery{}))(t)
		last := list[len(list)-1]
		if got.Status != "closed" || !slices.Equal(got.Tags, []string{"done"}) || last.Author.ID != agent.ID || last.Body != "Dear Ann, done." {
			t.Errorf("the ticket is %q %v, the reply %q by %v", got.Status, got.Tags, last.Body, last.Author)
		}
	})
	t.Run("X27 a macro of which one part is refused does nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		m := macro
		m.Do = append(slices.Clone(m.Do), rules.Do("set_owner", ""), rules.Do("reply", rules.Text{Body: strings.Repeat("x", 1)}))
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: "no", Doc: "refuses", Do: func(context.Context, *rules.Acting, struct{}) error { return ticket.ErrForbidden }})
		m.Do = append(m.Do, rules.Do("no", nil))
		must(w.rules.Macros().Save(as(agent), m))(t)
		x := w.open("Lamp")
		if _, err := w.rules.Macros().Apply(as(agent), x.ID, "close"); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("got %v", err)
		}
		if now := w.now(x.ID); now.Version != x.Version {
			t.Errorf("the ticket has changed: %+v", now)
		}
	})
	t.Run("X27 a macro that calls the host takes the right to reply or to update", func(t *testing.T) {
		t.Parallel()
		called := 0
		w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"crm": func(context.Context, *rules.Acting, map[string]string) error {
			called++
			return nil
		}}})
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: "own", Doc: "does something", Do: func(context.Context, *rules.Acting, struct{}) error { called++; return nil }})
		must(w.rules.Macros().Save(as(agent), rules.Macro{Code: "call", Name: "Call", Do: do("call", rules.Call{Function: "crm"})}))(t)
		must(w.rules.Macros().Save(as(agent), rules.Macro{Code: "own", Name: "Own", Do: do("own", nil)}))(t)
		must(w.rules.Macros().Save(as(agent), rules.Macro{Code: "tag", Name: "Tag", Do: do("add_tags", []string{"a"})}))(t)
		x := w.open("Lamp")
		staff := func(id string, rights ...ticket.Right) context.Context {
			ok(t, w.Catalog().PutRole(host, ticket.Role{Code: id, Name: id, Grants: []ticket.Grant{{Rights: append(rights, ticket.RightSee)}}}))
			ok(t, w.People().PutAgent(host, ticket.Agent{ID: id, Name: id, Roles: []string{id}}))
			return as(ticket.Staff(id, id, ""))
		}
		for _, c := range []struct {
			who     context.Context
			may     bool
			offered string
		}{
			{staff("reader"), false, "tag"}, {staff("noter", ticket.RightNote), false, "tag"},
			{staff("writer", ticket.RightReply), true, "call own tag"}, {staff("editor", ticket.RightUpdate), true, "call own tag"},
		} {
			var offered []string
			for _, m := range must(w.rules.Macros().For(c.who, x.ID))(t) {
				offered = append(offered, m.Code)
			}
			if got := strings.Join(offered, " "); got != c.offered {
				t.Errorf("offered is %q, want %q", got, c.offered)
			}
			called = 0
			for _, code := range []string{"call", "own"} {
				if _, err := w.rules.Macros().Apply(c.who, x.ID, code); errors.Is(err, ticket.ErrForbidden) == c.may || c.may && err != nil {
					t.Errorf("%s: %v, may: %v", code, err, c.may)
				}
			}
			w.settle()
			if called != map[bool]int{true: 2}[c.may] {
				t.Errorf("called %d times, may: %v", called, c.may)
			}
		}
	})
	t.Run("X27 macros are for staff, for the brands and departments that they name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		m := macro
		m.Departments = []string{"sales"}
		must(w.rules.Macros().Save(as(agent), m))(t)
		x := w.open("Lamp")
		if list := must(w.rules.Macros().For(as(agent), x.ID))(t); len(list) != 0 {
			t.Errorf("offered are %v", list)
		}
		if _, err := w.rules.Macros().Apply(as(agent), x.ID, "close"); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("applied elsewhere: %v", err)
		}
		must(w.Transfer(as(agent), x.ID, "sales"))(t)
		if list := must(w.rules.Macros().For(as(agent), x.ID))(t); len(list) != 1 {
			t.Errorf("offered are %v", list)
		}
		if _, err := w.rules.Macros().Apply(as(customer), x.ID, "close"); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("a customer applies it: %v", err)
		}
		if _, err := w.rules.Macros().For(as(customer), x.ID); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("a customer is offered them: %v", err)
		}
	})
}

func TestAutoAssign(t *testing.T) {
	t.Parallel()
	staffed := func(t *testing.T, with rules.Assignment) *world {
		w := newWorld(t, nil)
		worker := ticket.Role{Code: "worker", Name: "Worker", Grants: []ticket.Grant{{Rights: []ticket.Right{ticket.RightSee, ticket.RightReply, ticket.RightUpdate, ticket.RightAssign}}}}
		if err := w.Catalog().PutRole(ticket.WithActor(context.Background(), ticket.System("setup")), worker); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"a", "b", "c"} {
			if err := w.People().PutAgent(ticket.WithActor(context.Background(), ticket.System("setup")), ticket.Agent{ID: id, Name: id, Departments: []string{"support"}, Roles: []string{"worker"}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := w.rules.Save(ticket.WithActor(context.Background(), ticket.System("setup")), rules.Rule{Code: "auto", Name: "auto", On: []rules.Trigger{rules.Created}, Do: do("auto_assign", with)}); err != nil {
			t.Fatal(err)
		}
		return w
	}
	host := ticket.WithActor(context.Background(), ticket.System("setup"))
	open := func(w *world, n int) (out []string) {
		for range n {
			x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x", Department: "support"}))(w.t)
			w.settle()
			out = append(out, must(w.Ticket(host, x.ID))(w.t).Assignee)
		}
		return out
	}
	t.Run("X26 tickets go to one after the other", func(t *testing.T) {
		t.Parallel()
		w := staffed(t, rules.Assignment{By: rules.RoundRobin})
		equal(t, "owners", open(w, 5), []string{"a", "b", "c", "a", "b"})
	})
	t.Run("X26 tickets go to who has the fewest, up to a capacity, and not to who is away", func(t *testing.T) {
		t.Parallel()
		w := staffed(t, rules.Assignment{By: rules.LeastLoaded, Capacity: 2})
		if err := w.rules.SetAway(host, "b", w.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		equal(t, "owners", open(w, 5), []string{"a", "c", "a", "c", ""})
		w.after(2 * time.Hour)
		equal(t, "owners when everybody is back", open(w, 2), []string{"b", ""}) // who came back had the one that waited already
	})
	t.Run("X26 a ticket for which nobody is free gets somebody later, and the run says that nobody was", func(t *testing.T) {
		t.Parallel()
		w := staffed(t, rules.Assignment{By: rules.LeastLoaded})
		for _, id := range []string{"a", "b", "c"} {
			if err := w.rules.SetAway(host, id, w.Clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		var waiting []*ticket.Ticket
		for range 3 {
			waiting = append(waiting, must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x", Department: "support"}))(t))
		}
		w.settle()
		if run := must(w.rules.Runs(host, waiting[0].ID, 1))(t); len(run) != 1 || !strings.HasSuffix(run[0].Rules[0].Did[0], ": nobody is free") {
			t.Errorf("the runs are %+v", run)
		}
		must(w.SetStatus(host, waiting[1].ID, "closed"))(t)
		must(w.UpdateTicket(host, waiting[2].ID, ticket.Patch{Assignee: new("c")}))(t)
		w.after(45 * time.Minute)
		equal(t, "owner while all are away", []string{must(w.Ticket(host, waiting[0].ID))(t).Assignee}, []string{""})
		w.after(30 * time.Minute)
		var owners []string
		for _, x := range waiting {
			owners = append(owners, must(w.Ticket(host, x.ID))(t).Assignee)
		}
		equal(t, "owners of one that waited, one that was closed, and one that somebody took", owners, []string{"a", "", "c"})
		w.after(time.Hour)
		if left := must(w.rules.Agenda().List(host, 0, store.WorkPending))(t); slices.ContainsFunc(left, func(d rules.Due) bool { return d.What == "assign" }) {
			t.Errorf("it is tried for ever: %+v", left)
		}
	})
	t.Run("X26 the tickets of an agent are handed over", func(t *testing.T) {
		t.Parallel()
		w := staffed(t, rules.Assignment{By: rules.RoundRobin})
		open(w, 6)
		n, err := w.rules.HandOver(host, "b", rules.Assignment{By: rules.LeastLoaded})
		if err != nil || n != 2 {
			t.Fatalf("%d were handed over, %v", n, err)
		}
		left := must(w.Tickets(host, ticket.Query{Assignee: "b"}))(t)
		if len(left.Tickets) != 0 {
			t.Errorf("%d tickets are left", len(left.Tickets))
		}
		if _, err := w.rules.HandOver(as(customer), "a", rules.Assignment{By: rules.LeastLoaded}); err == nil {
			t.Error("a customer hands tickets over")
		}
	})
	t.Run("X26 agents say themselves that they are away, and not of others", func(t *testing.T) {
		t.Parallel()
		w := staffed(t, rules.Assignment{By: rules.RoundRobin})
		a := ticket.WithActor(context.Background(), ticket.Staff("a", "a", ""))
		if err := w.rules.SetAway(a, "a", w.Clock.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if err := w.rules.SetAway(a, "b", w.Clock.Now().Add(time.Hour)); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("of another: %v", err)
		}
		equal(t, "owners", open(w, 2), []string{"b", "c"})
	})
}
