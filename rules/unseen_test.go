package rules_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestUnseen(t *testing.T) {
	t.Parallel()
	t.Run("X04 what a rule asks for and never sees is warned of when it is saved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		tag := do("add_tags", []string{"x"})
		for _, c := range []struct {
			rule rules.Rule
			want string // in the one warning; empty: there is none
		}{
			{rules.Rule{On: []rules.Trigger{rules.ByClock}, When: `message.body contains "x"`, Do: tag}, "ticket.last_message"},
			{rules.Rule{On: []rules.Trigger{rules.DeadlineMissed}, When: `message.files > 0`, Do: tag}, "ticket.last_message"},
			{rules.Rule{On: []rules.Trigger{rules.ByClock}, When: `changed(ticket.status)`, Do: tag}, "no event"},
			{rules.Rule{On: []rules.Trigger{"x.ping"}, When: `event.name == "created"`, Do: tag}, "no event"},
			{rules.Rule{On: []rules.Trigger{rules.Created}, When: `hours_since_last_reply > 72`, Do: tag}, "by_clock"},
			{rules.Rule{On: []rules.Trigger{rules.Created}}, "does nothing"},
			{rules.Rule{On: []rules.Trigger{rules.Created}, When: `changed_to(ticket.status, "closed")`, Do: tag}, "nothing has changed by then"},
			{rules.Rule{On: []rules.Trigger{rules.Created, rules.Changed}, When: `changed_to(ticket.status, "closed")`, Do: tag}, ""},
			{rules.Rule{On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72`, Stop: true, Do: tag}, "stop means nothing"},
			{rules.Rule{On: []rules.Trigger{rules.ByClock, rules.Created}, Stop: true, Do: tag}, ""},
			{rules.Rule{On: []rules.Trigger{rules.Created}, Every: ticket.Duration(time.Hour), Do: tag}, "on: [by_clock] is"},
			{rules.Rule{On: []rules.Trigger{rules.Noted}, When: `event.name == "note"`, Do: tag}, `did you mean "noted"`},
			{rules.Rule{On: []rules.Trigger{rules.DeadlineMissed}, When: `event.name == "answer"`, Do: tag}, `"first_response", "next_response" and "resolution"`},
			{rules.Rule{On: []rules.Trigger{rules.Changed}, When: `"field.nowhere" in event.changed`, Do: tag}, "event.changed is never"},
			{rules.Rule{On: []rules.Trigger{rules.Created}, When: `ticket.channel == "mail"`, Do: tag}, `did you mean "email"?`},
			{rules.Rule{On: []rules.Trigger{rules.Created}, Stop: true}, ""},
			{rules.Rule{On: []rules.Trigger{rules.ByClock, rules.Created}, When: `message.body contains "x"`, Do: tag}, ""},
			{rules.Rule{On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72`, Do: tag}, ""},
			{rules.Rule{On: []rules.Trigger{rules.Created}, When: `hours_since_created < 1`, Do: tag}, ""},
		} {
			c.rule.Code, c.rule.Name = "r", "R"
			_, warnings, err := w.rules.Save(as(agent), c.rule)
			ok(t, err)
			if c.want == "" && len(warnings) > 0 || c.want != "" && (len(warnings) != 1 || !strings.Contains(warnings[0].Message, c.want)) {
				t.Errorf("%+v: %v, want %q", c.rule, warnings, c.want)
			}
			ok(t, w.rules.Delete(as(agent), "r"))
		}
	})
	t.Run("X04 what a rule before it may have changed when a ticket is opened is asked for, and not warned of", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", Sort: 1, On: []rules.Trigger{rules.Created}, Do: do("set_priority", "high")})
		w.save(rules.Rule{Code: "b", Sort: 2, On: []rules.Trigger{rules.Created}, When: `changed_to(ticket.priority, "high")`, Do: do("add_tags", []string{"b"})})
		equal(t, "tags", w.open("Lamp").Tags, []string{"b"})
	})
	t.Run("X04 what is no trigger, and a time that ends before it begins, are refused and not answered by nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		id := w.open("Lamp").ID
		for name, want := range map[rules.Trigger]string{"create": `did you mean "created"`, "": "is no trigger"} {
			_, err := w.rules.Matching(as(agent), id, name)
			if wantErr(t, err, ticket.ErrInvalid); !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v", name, err)
			}
		}
		must(w.rules.Matching(as(agent), id, "x.returned"))(t)
		now := w.Clock.Now()
		_, err := w.rules.DryRun(as(agent), rules.Trial{Since: now, Until: now.Add(-time.Hour)})
		wantErr(t, err, ticket.ErrInvalid)
		must(w.rules.DryRun(as(agent), rules.Trial{Since: now, Until: now}))(t)
	})
	t.Run("X04 a rule that answers ratings sees the answer that was rated, and is not warned of it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		ok(t, w.Settings().Update(host, ticket.DeskLayer, ticket.SettingsPatch{SurveyOnPage: new(true)}))
		w.save(rules.Rule{Code: "thanks", On: []rules.Trigger{rules.Rated}, When: `message.author.id == "` + agent.ID + `" and message.body contains "Hello"`, Do: do("add_tags", []string{"seen"})})
		id := w.open("Lamp").ID
		m := must(w.Reply(as(agent), id, ticket.ReplyDraft{Body: "Hello"}))(t)
		must(w.Rate(as(customer), id, ticket.RatingDraft{MessageID: m.ID, Grade: "good"}))(t)
		if got := w.now(id).Tags; !slices.Contains(got, "seen") {
			t.Errorf("tags are %v", got)
		}
	})
	t.Run("M52 all that is wrong with a file is said at once, with its place and its code, and nothing is saved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		f := must(rules.ParseFile([]byte(`rules:
  - {code: a, name: A, on: [created], do: [add_tags: [x]]}
  - {code: b, name: B, on: [created], do: [set_priority: hihg]}
  - {code: c, name: C, on: [created], when: "ticket.statsu == 'open'", do: [add_tags: [x]]}
macros:
  - {code: m, name: M, do: [set_status: opne]}
`)))(t)
		_, err := w.rules.Import(as(agent), f, false)
		if !errors.Is(err, ticket.ErrInvalid) {
			t.Fatalf("%v", err)
		}
		by := ticket.FieldErrors(err)
		for field, code := range map[string]string{"rules[1].do[0].set_priority": `(in "b")`, "rules[2].when": `(in "c")`, "macros[0].do[0].set_status": `(in "m")`} {
			if len(by[field]) != 1 || !strings.HasSuffix(by[field][0].Message, code) {
				t.Errorf("%s: %v, of %v", field, by[field], err)
			}
		}
		if list := must(w.rules.List(as(agent)))(t); len(list) > 0 || len(by) != 3 {
			t.Errorf("%d rules are saved; %v", len(list), err)
		}
	})
	t.Run("M52 a code that a file has twice is refused: one of the two would be lost", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		f := must(rules.ParseFile([]byte("rules:\n  - {code: a, name: A, on: [created], do: [add_tags: [x]]}\n  - {code: b, name: B, on: [created], do: [add_tags: [x]]}\n  - {code: a, name: C, on: [created], do: [add_tags: [y]]}\n")))(t)
		_, err := w.rules.Import(as(agent), f, false)
		by := ticket.FieldErrors(err)["rules[2].code"]
		if len(by) != 1 || !strings.Contains(by[0].Message, "rules[0]") {
			t.Errorf("%v", err)
		}
		if list := must(w.rules.List(as(agent)))(t); len(list) > 0 {
			t.Errorf("%d rules are saved", len(list))
		}
	})
	t.Run("M52 what is like nothing that there is has no suggestion, but what there is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for code, want := range map[string]string{"zzzzzz": `there are ["`, "opne": `did you mean "open"?`, "progress": `did you mean "in_progress"?`} {
			err := w.rules.CheckRule(as(agent), rules.Rule{Code: "r", Name: "R", On: []rules.Trigger{rules.Created}, Do: do("set_status", code)})
			if wantErr(t, err, ticket.ErrInvalid); err == nil || !strings.Contains(err.Error(), want) {
				t.Error(err)
			}
		}
	})
	t.Run("M52 a condition without quotes around all of it is told so", func(t *testing.T) {
		t.Parallel()
		_, err := rules.ParseFile([]byte("rules:\n  - code: a\n    name: A\n    on: [created]\n    when: \"vip\" in ticket.tags\n"))
		if err == nil || !strings.Contains(err.Error(), "single quotes") || !strings.Contains(err.Error(), "line 5") {
			t.Errorf("%v", err)
		}
	})
}
