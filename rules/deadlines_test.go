package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// promised is a desk that promises an answer within four hours of work, and a solution within sixteen.
func promised(t *testing.T) *world {
	w := newWorld(t, nil)
	must(w.rules.Calendars().Save(as(agent), calendar.Calendar{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00")}))(t)
	goal := func(h time.Duration) sla.Goal {
		return sla.Goal{Within: ticket.Duration(h * time.Hour), Warn: []sla.Warning{{Percent: 75}}}
	}
	must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "std", Name: "Standard", Calendar: "office", FirstResponse: goal(4), NextResponse: goal(4), Resolution: goal(16), Pause: sla.Pause{Classes: []ticket.Class{ticket.ClassPending}}}))(t)
	for _, on := range []rules.Trigger{rules.DeadlineNear, rules.DeadlineMissed} {
		w.save(rules.Rule{Code: string(on), On: []rules.Trigger{on}, When: `event.name != "resolution"`, Do: []rules.Step{rules.Do("add_note", rules.Text{Body: string(on)})}})
	}
	w.settle()
	return w
}

// stages lists what the journal says of deadlines, with the hours since the ticket was opened.
func (w *world) stages(id int64) (out []string) {
	w.t.Helper()
	var begin time.Time
	for _, e := range must(w.History(as(agent), id, ticket.EventQuery{Limit: 100}))(w.t) {
		if begin.IsZero() {
			begin = e.At
		}
		if c, ok := e.Changed("deadline"); ok {
			out = append(out, fmt.Sprintf("%s %s", e.At.Sub(begin), c.New))
		}
	}
	return out
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	t.Run("I21 each stage of a deadline is told once, in working time, and rules answer it", func(t *testing.T) {
		t.Parallel()
		w := promised(t) // Monday, nine o'clock
		w.after(5 * time.Hour)
		x := w.open("Lamp")
		for range 30 {
			w.after(time.Hour)
		}
		equal(t, "stages", w.stages(x.ID), []string{"3h0m0s first_response warning:75%", "20h0m0s first_response breach"})
		equal(t, "runs", w.ran(x.ID), []string{"deadline_near: deadline_near matched", "deadline_missed: deadline_missed matched"})
	})
	t.Run("I21 M53 rules are told which warning of a deadline it is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		goal := sla.Goal{Within: ticket.Duration(8 * time.Hour), Warn: []sla.Warning{{Percent: 50}, {Before: ticket.Duration(2 * time.Hour)}, {Before: ticket.Duration(90 * time.Minute)}, {Before: ticket.Duration(90 * time.Second)}}}
		must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "std", Name: "Standard", FirstResponse: goal}))(t)
		var want []string
		for i, detail := range []string{"50%", "2h", "1h30m", "1m30s", "breach"} {
			on := rules.DeadlineNear
			if detail == "breach" {
				on = rules.DeadlineMissed
			}
			code := fmt.Sprintf("r%d", i)
			w.save(rules.Rule{Code: code, On: []rules.Trigger{on}, When: fmt.Sprintf("event.detail == %q", detail), Do: do("add_tags", []string{code})})
			want = append(want, fmt.Sprintf("%s: %s matched", on, code))
		}
		id := w.open("Lamp").ID
		for range 9 * 60 {
			w.after(time.Minute)
		}
		equal(t, "runs", w.ran(id), want)
	})
	t.Run("I21 an answer ends the wait, a customer who waits begins another, and a pause stops the clock", func(t *testing.T) {
		t.Parallel()
		w := promised(t)
		if err := w.Catalog().PutStatus(as(agent), ticket.Status{Code: "hold", Name: "Hold", Class: ticket.ClassPending}); err != nil {
			t.Fatal(err)
		}
		x := w.open("Lamp")
		w.after(2 * time.Hour)
		must(w.Reply(as(agent), x.ID, ticket.ReplyDraft{Body: "Which one?"}))(t)
		w.after(3 * time.Hour)
		must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "That one."}))(t) // at two
		w.after(time.Hour)
		must(w.SetStatus(as(agent), x.ID, "hold"))(t)
		w.after(20 * time.Hour)
		must(w.SetStatus(as(agent), x.ID, "open"))(t) // at eleven of the next day
		for range 4 {
			w.after(time.Hour)
		}
		equal(t, "stages", w.stages(x.ID), []string{"28h0m0s next_response warning:75%", "29h0m0s next_response breach"})
	})
	t.Run("I21 without its policy a ticket is under the next one that fits, at once", func(t *testing.T) {
		t.Parallel()
		for name, remove := range map[string]func(w *world) error{
			"deleted": func(w *world) error { return w.rules.Policies().Delete(as(agent), "slow") },
			"replaced by a file": func(w *world) error {
				b := must(w.rules.Policies().Get(as(agent), "quick"))(w.t)
				_, err := w.rules.Import(as(agent), rules.File{Policies: []sla.Policy{b}}, true)
				return err
			},
		} {
			w := newWorld(t, nil)
			for i, p := range []sla.Policy{{Code: "slow", FirstResponse: sla.Goal{Within: ticket.Duration(100 * time.Hour)}}, {Code: "quick", FirstResponse: sla.Goal{Within: ticket.Duration(4 * time.Hour)}}} {
				p.Name, p.Sort = p.Code, i
				must(w.rules.Policies().Save(as(agent), p))(t)
			}
			w.settle()
			x := w.open("Lamp")
			w.after(time.Hour)
			ok(t, remove(w))
			w.settle()
			for range 5 {
				w.after(time.Hour)
			}
			equal(t, name+": stages", w.stages(x.ID), []string{"4h0m0s first_response breach"})
		}
	})
	t.Run("I21 a replica that slept for a week tells everything, in order and once", func(t *testing.T) {
		t.Parallel()
		w := promised(t)
		x := w.open("Lamp")
		w.after(7 * 24 * time.Hour)
		w.after(time.Hour)
		equal(t, "stages", w.stages(x.ID), []string{"168h0m0s first_response warning:75%", "168h0m0s first_response breach", "168h0m0s resolution warning:75%", "168h0m0s resolution breach"})
	})
	t.Run("I21 what was late before a policy was there is nobody's news", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		x := w.open("Lamp")
		w.after(48 * time.Hour)
		goal := sla.Goal{Within: ticket.Duration(24 * time.Hour)}
		must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "std", Name: "Standard", FirstResponse: goal, Resolution: sla.Goal{Within: ticket.Duration(50 * time.Hour)}}))(t)
		w.after(time.Hour)
		equal(t, "stages", w.stages(x.ID), nil)
		w.after(time.Hour)
		equal(t, "stages", w.stages(x.ID), []string{"50h0m0s resolution breach"})
	})
	t.Run("I21 a stage is told once, also where another policy holds for a while", func(t *testing.T) {
		t.Parallel()
		w := promised(t)
		must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "high", Name: "High", Sort: -1, For: sla.Match{Priorities: []string{"high"}}, Resolution: sla.Goal{Within: ticket.Duration(100 * time.Hour)}}))(t)
		x := w.open("Lamp")
		w.after(4 * time.Hour)
		for _, p := range []string{"high", "medium", "high", "low"} {
			must(w.SetPriority(as(agent), x.ID, p))(t)
			w.after(time.Minute)
		}
		equal(t, "stages", w.stages(x.ID), []string{"4h0m0s first_response warning:75%", "4h0m0s first_response breach"})
	})
	t.Run("X21 a robot's mail is no answer, and resets nothing", func(t *testing.T) {
		t.Parallel()
		w := promised(t)
		x := w.open("Lamp")
		must(w.Reply(as(agent), x.ID, ticket.ReplyDraft{Body: "Which one?"}))(t)
		w.settle()
		must(w.Reply(as(customer.Via(ticket.ChannelEmail)), x.ID, ticket.ReplyDraft{Body: "I am away.", Mail: &ticket.Mail{Automatic: true}}))(t)
		for range 6 {
			w.after(time.Hour)
		}
		equal(t, "stages", w.stages(x.ID), nil)
	})
}

func TestFile(t *testing.T) {
	t.Parallel()
	t.Run("M52 rules, calendars and policies go to a file and come back the same", func(t *testing.T) {
		t.Parallel()
		w := promised(t)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		w.save(rules.Rule{Code: "order", Notes: "As: \"no\"\n\n# and more", On: []rules.Trigger{rules.Created, rules.ByClock}, Every: ticket.Duration(2 * time.Hour), When: "ticket.subject contains \"Order\"\nand hours_since_created > 2",
			Do:     []rules.Step{rules.Do("set_department", "sales"), rules.Do("add_tags", []string{"yes", "1.0", "~"}), rules.Do("archive", nil), rules.Do("reply", rules.Text{Body: "Hello\n  [ticket_customer_name] \n"})},
			Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "x", Body: "y"}}, Stop: true})
		must(w.rules.Macros().Save(as(agent), rules.Macro{Code: "m", Name: "M", Do: do("archive", nil)}))(t)
		must(w.rules.AutoCloses().Save(as(agent), rules.AutoClose{Code: "ac", Name: "AC", Statuses: []string{"open"}, After: ticket.Duration(48 * time.Hour), CloseAfter: ticket.Duration(24 * time.Hour), Text: "Still there?", Status: "closed"}))(t)
		holidays := []calendar.Special{{Name: "Christmas", From: "--12-24T14:00", To: "--01-02"}, {Name: "Leap", From: "--02-29"}, {Name: "Audit", From: "2026-12-01"}}
		must(w.rules.Calendars().Save(as(agent), calendar.Calendar{Code: "holidays", Name: "Holidays", Special: holidays}))(t)
		f := must(w.rules.Export(as(agent)))(t)
		b := must(f.YAML())(t)
		again := must(rules.ParseFile(b))(t)
		if c := must(again.YAML())(t); string(c) != string(b) {
			t.Errorf("written again it is\n%s\nand was\n%s", c, b)
		}
		other := newWorld(t, nil)
		put(other, ticket.Department{Code: "sales", Name: "Sales"})
		other.save(rules.Rule{Code: "left", On: []rules.Trigger{rules.Created}, Do: do("archive", nil)})
		if warnings, err := other.rules.Import(as(agent), again, true); err != nil || len(warnings) > 0 {
			t.Fatalf("import: %v, %v", err, warnings)
		}
		if c := must(must(other.rules.Export(as(agent)))(t).YAML())(t); string(c) != string(b) {
			t.Errorf("from the other desk it is\n%s\nand was\n%s", c, b)
		}
	})
	t.Run("M52 a file of which one entry is wrong changes nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		f := must(rules.ParseFile([]byte("rules:\n- {code: a, name: A, on: [created], do: [{archive: null}]}\n- {code: b, name: B, on: [created], do: [{set_status: nothing}]}\n")))(t)
		_, err := w.rules.Import(as(agent), f, true)
		wantErr(t, err, ticket.ErrInvalid)
		if list := must(w.rules.List(as(agent)))(t); len(list) != 0 {
			t.Errorf("there are %d rules", len(list))
		}
	})
	t.Run("M52 what is no file is refused", func(t *testing.T) {
		t.Parallel()
		for what, text := range map[string]string{
			"malformed": "rules:\n  - code: a\n   on: [created]", "another name": "rule: []", "another field": "rules: [{cod: a}]", "two actions in one": "rules: [{do: [{archive: null, spam: null}]}]",
			"an anchor": "rules: &a []", "an alias": "a: &a [1]\nrules: *a", "two documents": "rules: []\n---\nrules: []", "a tag": "rules: !!set {}",
		} {
			if _, err := rules.ParseFile([]byte(text)); err == nil {
				t.Errorf("%s: it is read", what)
			}
		}
		if f, err := rules.ParseFile(nil); err != nil || len(f.Rules) != 0 {
			t.Errorf("nothing: %v", err)
		}
	})
}
