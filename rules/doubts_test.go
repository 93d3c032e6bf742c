package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// staffOf is a host's directory of agents; err is its answer to everything, where it is not nil.
type staffOf struct {
	helpdesk.Nobody
	list []ticket.Agent
	err  error
}

func (s *staffOf) Agent(_ context.Context, id string) (ticket.Agent, error) {
	for _, a := range s.list {
		if a.ID == id {
			return a, s.err
		}
	}
	if s.err != nil {
		return ticket.Agent{}, s.err
	}
	return ticket.Agent{}, ticket.ErrNotFound
}

func (s *staffOf) Agents(context.Context) ([]ticket.Agent, error) { return s.list, s.err }

// warned are the warnings of saving a rule, and what the desk's check says then.
func warned(t *testing.T, w *world, rule rules.Rule) (warnings, problems string) {
	t.Helper()
	rule.Code, rule.Name, rule.On, rule.Version = "r", "R", []rules.Trigger{rules.Created}, rules.AnyVersion
	_, list, err := w.rules.Save(host, rule)
	ok(t, err)
	var says []string
	for _, x := range list {
		says = append(says, x.Message)
	}
	if all := must(w.rules.Warnings(host))(t); len(all) != len(list) {
		t.Errorf("saving warns of %v, Warnings of %v", list, all)
	}
	var checked []string
	for _, p := range must(w.Check(host))(t) {
		if p.Area == "rules" {
			checked = append(checked, p.Message)
		}
	}
	return strings.Join(says, "\n"), strings.Join(checked, "\n")
}

func TestUnknownAgents(t *testing.T) {
	t.Parallel()
	assign := func(ids ...string) []rules.Step {
		return do("auto_assign", rules.Assignment{By: rules.RoundRobin, Agents: ids})
	}
	owner := func(id string) []rules.Step { return do("set_owner", id) }
	cases := []struct {
		do   []rules.Step
		want string // in the warning; empty: there is none
	}{
		{owner("99"), `do[0].set_owner: "99" is nobody`},
		{owner("9"), "not active"},
		{owner("7"), ""},
		{owner(""), ""},
		{assign("7", "98"), `do[0].auto_assign: "98" is nobody`},
		{assign("7", "9"), ""},
		{assign("9"), "not active"},
		{assign(), ""},
		{do("follow_up", rules.FollowUp{After: ticket.Duration(time.Hour), SetOwner: "99"}), `do[0].follow_up: "99" is nobody`},
	}
	people := []ticket.Agent{{ID: "7", Name: "Bob"}, {ID: "9", Name: "Zoe", Inactive: true}}
	check := func(t *testing.T, w *world) {
		t.Helper()
		for _, c := range cases {
			warnings, problems := warned(t, w, rules.Rule{Do: c.do})
			if (c.want == "") != (warnings == "") || (c.want == "") != (problems == "") || !strings.Contains(warnings, c.want) || !strings.Contains(problems, c.want) {
				t.Errorf("%s: warned of %q, checked %q, want %q", c.do[0], warnings, problems, c.want)
			}
		}
		warnings, problems := warned(t, w, rules.Rule{Notify: []rules.Notification{{To: rules.Recipients{Agents: []string{"9", "99"}}, Body: "x"}}})
		if !strings.HasPrefix(warnings, `notify[0].to.agents: "99"`) || problems == "" || strings.Contains(warnings, `"9" `) {
			t.Errorf("%q, %q", warnings, problems)
		}
	}
	t.Run("M52 agents whom nobody knows, and who have left, are warned of when a rule is saved, and by the desk's check", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, c := range cases { // nobody keeps a list
			if warnings, problems := warned(t, w, rules.Rule{Do: c.do}); warnings+problems != "" {
				t.Errorf("%s: %q, %q", c.do[0], warnings, problems)
			}
		}
		for _, a := range people {
			ok(t, w.People().PutAgent(host, a))
		}
		check(t, w)
		for when, want := range map[string]string{
			`ticket.assignee == "99" or before.owner in ["7", "98"]`: `when: "98" is nobody`,
			`changed_to(ticket.assignee, "99")`:                      `when: "99" is nobody`,
			`"99" in ticket.watchers`:                                `when: "99" is nobody`,
			`ticket.assignee in ["7", "9", ""]`:                      "", // who has left had tickets
			`ticket.subject == "99"`:                                 "",
		} {
			_, list, err := w.rules.Save(host, rules.Rule{Code: "w", Name: "W", On: []rules.Trigger{rules.Changed}, When: when, Do: do("archive", nil), Version: rules.AnyVersion})
			if ok(t, err); (len(list) > 0) != (want != "") || want != "" && !strings.Contains(list[0].Message, want) {
				t.Errorf("%s: warned of %v, want %q", when, list, want)
			}
		}
		ok(t, w.rules.Delete(host, "w"))
		for id, want := range map[string]string{"bob": `did you mean "7" (Bob)?`, "99": `there are "7" (Bob)`} {
			if warnings, _ := warned(t, w, rules.Rule{Do: owner(id)}); !strings.HasSuffix(warnings, want) {
				t.Errorf("%q", warnings)
			}
		}
		if _, problems := warned(t, w, rules.Rule{Do: owner("99"), Inactive: true}); problems != "" {
			t.Errorf("a rule that is off: %q", problems)
		}
	})
	t.Run("M52 a host's directory is believed, asked for nobody else, and missed by nobody while it is away", func(t *testing.T) {
		t.Parallel()
		dir := &staffOf{list: people}
		w := &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Directory: dir}}), t: t}
		w.rules = must(rules.New(w.Automation(), w.Store, nil))(t)
		check(t, w)
		ok(t, w.rules.SetAway(host, "99", w.Clock.Now().Add(time.Hour)))
		dir.err = errors.New("the directory is away")
		if warnings, problems := warned(t, w, rules.Rule{Do: owner("98")}); warnings != "" || problems != "" {
			t.Errorf("%q, %q", warnings, problems)
		}
	})
	t.Run("X26 who is away is listed, until they are back, for staff", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		until := w.Clock.Now().Add(time.Hour)
		ok(t, w.rules.SetAway(host, "9", until))
		ok(t, w.rules.SetAway(host, "7", until.Add(time.Hour)))
		ok(t, w.rules.SetAway(host, "8", until))
		ok(t, w.rules.SetAway(host, "8", time.Time{}))
		equal(t, "away", must(w.rules.Away(as(agent)))(t), []rules.Absence{{Agent: "7", Until: until.Add(time.Hour).UTC()}, {Agent: "9", Until: until.UTC()}})
		w.Clock.Advance(time.Hour)
		equal(t, "an hour later", must(w.rules.Away(as(agent)))(t), []rules.Absence{{Agent: "7", Until: until.Add(time.Hour).UTC()}})
		_, err := w.rules.Away(as(customer))
		wantErr(t, err, ticket.ErrForbidden)
		_, err = w.rules.Away(t.Context())
		wantErr(t, err, ticket.ErrNoActor)
	})
	t.Run("X26 nobody is away, and given tickets later, whom the desk does not know", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		until := w.Clock.Now().Add(time.Hour)
		id := w.open("Lamp").ID
		later := rules.FollowUp{After: ticket.Duration(time.Hour), SetOwner: "99"}
		ok(t, w.rules.SetAway(host, "99", until)) // nobody keeps a list
		must(w.rules.FollowUps().Add(host, id, later))(t)
		ok(t, w.People().PutAgent(host, people[0]))
		err := w.rules.SetAway(host, "99", until)
		if wantErr(t, err, ticket.ErrInvalid); !strings.Contains(err.Error(), `there are "7" (Bob)`) {
			t.Error(err)
		}
		ok(t, w.rules.SetAway(host, "99", time.Time{}))
		ok(t, w.rules.SetAway(host, "7", until))
		_, err = w.rules.FollowUps().Add(host, id, later)
		if wantErr(t, err, ticket.ErrInvalid); len(ticket.FieldErrors(err)["set_owner"]) != 1 {
			t.Error(err)
		}
	})
}

func TestDoubtfulTexts(t *testing.T) {
	t.Parallel()
	t.Run("M47 what looks like a variable and is none is warned of when a rule is saved, with what was meant", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		ok(t, w.Catalog().PutField(host, ticket.Field{Code: "telephone", Name: "Telephone", Type: ticket.FieldText}))
		for text, want := range map[string]string{
			"Dear [nam],":                "line 1, column 6: [nam] stays as it is: did you mean [ticket_customer_name]?",
			"x\né {{ticket.code}}":       "line 2, column 3: {{ticket.code}} stays as it is: did you mean [ticket_code]?",
			"{ticket.code}":              "did you mean [ticket_code]?",
			"{{ ticket_subject }}":       "did you mean [ticket_subject]?",
			"${requester.email}":         "did you mean [ticket_customer_email]?",
			"[Customer name]":            "did you mean [ticket_customer_name]?",
			"Call {field.telephone}":     "did you mean [f_telephone]?",
			"[telephone]":                "did you mean [f_telephone]?",
			"{{#if vip}}":                "variables are written as [ticket_code]",
			"[ticket_code] [sic] [1] []": "",
			`\[ticket_code]`:             "",
			"[see below] [user guide]":   "",
			"[code](https://x.example) see items[name] ![name][name]": "",
			"body {color: red} {} { } {a}":                            "",
			"[x] done, [ ] open":                                      "",
		} {
			for field, rule := range map[string]rules.Rule{
				"do[0].reply.body":    {Do: do("reply", rules.Text{Body: text})},
				"do[0].add_note.body": {Do: do("add_note", rules.Text{Body: text})},
				"notify[0].body":      {Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Body: text}}},
				"notify[0].subject":   {Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: text}}},
			} {
				warnings, problems := warned(t, w, rule)
				if (want == "") != (warnings == "") || !strings.Contains(warnings, want) || warnings != "" && !strings.HasPrefix(warnings, field+": ") || problems != "" {
					t.Errorf("%s %q: %q, %q, want %q", field, text, warnings, problems, want)
				}
			}
		}
	})
	t.Run("M47 many of them in a text are a few warnings, and take no time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		began := time.Now()
		warnings, _ := warned(t, w, rules.Rule{Do: do("reply", rules.Text{Body: strings.Repeat("[nam] {{{{ [[[[ [seventeen letters] ", 10000)})})
		if n := strings.Count(warnings, "[nam]"); n != 5 || time.Since(began) > 20*time.Second {
			t.Errorf("%d warnings after %v", n, time.Since(began))
		}
	})
	t.Run("X27 a macro's texts and agents are among the warnings", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		ok(t, w.People().PutAgent(host, ticket.Agent{ID: "7", Name: "Bob"}))
		must(w.rules.Macros().Save(host, rules.Macro{Code: "m", Name: "M", Do: append(do("reply", rules.Text{Body: "[nam]"}), do("set_owner", "99")...)}))(t)
		if all := must(w.rules.Warnings(host))(t); len(all) != 2 || all[0].Rule != "m" {
			t.Errorf("%v", all)
		}
	})
	t.Run("M47 a name that is like no variable is not taken for one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for text, want := range map[string]string{"[foo_bar]": "helpdesk.Variables", "[requester_name]": "did you mean [ticket_customer_name]?"} {
			_, _, err := w.rules.Save(host, rules.Rule{Code: "r", Name: "R", On: []rules.Trigger{rules.Created}, Do: do("reply", rules.Text{Body: text})})
			if wantErr(t, err, ticket.ErrInvalid); err == nil || !strings.Contains(err.Error(), want) {
				t.Error(err)
			}
		}
	})
}
