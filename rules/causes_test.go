package rules_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// looped are the runs of a ticket in which a rule was stopped, as "code: error".
func looped(t *testing.T, r *rules.Rules, id int64) (out []string) {
	t.Helper()
	for _, run := range must(r.Runs(host, id, 1000))(t) {
		for _, x := range run.Rules {
			if x.Outcome == rules.Looped {
				out = append(out, x.Rule+": "+x.Error)
			}
		}
	}
	return out
}

// saved stores a rule, whatever there is to warn of, and returns that.
func (s *shop) saved(t *testing.T, r rules.Rule) string {
	t.Helper()
	r.Name = r.Code
	_, warnings, err := s.Save(host, r)
	ok(t, err)
	var out []string
	for _, w := range warnings {
		out = append(out, w.Message)
	}
	return strings.Join(out, "; ")
}

// What rules put off comes back through the agenda, and is stopped as what they do at once.
func TestCircles(t *testing.T) {
	t.Parallel()
	t.Run("X04 rules that set each other off by what they call are stopped", func(t *testing.T) {
		t.Parallel()
		var w *world
		calls := 0
		w = newWorld(t, &rules.Options{Functions: map[string]rules.Function{"set": func(ctx context.Context, a *rules.Acting, args map[string]string) error {
			if calls++; calls > 20 {
				t.Error("it never ends")
				return nil
			}
			_, err := w.UpdateTicket(ctx, a.Ticket.ID, ticket.Patch{Priority: new(args["to"])})
			return err
		}}})
		for from, to := range map[string]string{"low": "high", "high": "low"} {
			w.save(rules.Rule{Code: from, On: []rules.Trigger{rules.Changed}, When: `ticket.priority == "` + from + `"`,
				Do: do("call", rules.Call{Function: "set", Args: map[string]string{"to": to}})})
		}
		id := w.open("Lamp").ID
		must(w.UpdateTicket(as(agent), id, ticket.Patch{Priority: new("high")}))(t)
		w.settle()
		if calls != 2 {
			t.Errorf("called %d times", calls)
		}
		equal(t, "looped", looped(t, w.rules, id), []string{"high: it has been caused by itself: high → low → high"})
	})
	t.Run("X04 what a rule calls may have it run for another ticket", func(t *testing.T) {
		t.Parallel()
		var w *world
		var other int64
		w = newWorld(t, &rules.Options{Functions: map[string]rules.Function{"pass_on": func(ctx context.Context, a *rules.Acting, _ map[string]string) error {
			if a.Ticket.ID == other {
				return nil
			}
			_, err := w.UpdateTicket(ctx, other, ticket.Patch{Priority: new("high")})
			return err
		}}})
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Changed}, Do: []rules.Step{rules.Do("add_tags", []string{"seen"}), rules.Do("call", rules.Call{Function: "pass_on"})}})
		id := w.open("Lamp").ID
		other = w.open("Cable").ID
		must(w.UpdateTicket(as(agent), id, ticket.Patch{Priority: new("high")}))(t)
		w.settle()
		equal(t, "tags", w.now(other).Tags, []string{"seen"})
	})
	t.Run("X04 rules that fire each other's triggers end at the limit", func(t *testing.T) {
		t.Parallel()
		var w *world
		fired := 0
		w = newWorld(t, &rules.Options{Functions: map[string]rules.Function{"fire": func(ctx context.Context, a *rules.Acting, args map[string]string) error {
			if fired++; fired > 200 {
				t.Error("it never ends")
				return nil
			}
			return only(w.rules.Fire(ctx, a.Ticket.ID, rules.Trigger(args["what"])))
		}}})
		for on, what := range map[string]string{"x.a": "x.b", "x.b": "x.a"} {
			w.save(rules.Rule{Code: on[2:], On: []rules.Trigger{rules.Trigger(on)}, Do: do("call", rules.Call{Function: "fire", Args: map[string]string{"what": what}})})
		}
		id := w.open("Lamp").ID
		must(w.rules.Fire(as(agent), id, "x.a"))(t)
		w.settle()
		var failed []string
		for _, run := range must(w.rules.Runs(as(agent), id, 0))(t) {
			for _, r := range run.Rules {
				if r.Outcome == rules.Failed {
					failed = append(failed, r.Error)
				}
			}
		}
		if len(failed) != 1 || !strings.Contains(failed[0], "deep") {
			t.Errorf("after %d calls: %q", fired, failed)
		}
		if p := must(w.Check(as(agent)))(t); len(p) != 1 || !strings.Contains(p[0].Message, "has failed") || !strings.Contains(p[0].Message, "too deep") {
			t.Errorf("problems: %v", p)
		}
	})
	t.Run("X04 a rule that is set off by the reminder of its own follow-up is stopped, and warned of", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{silent: true})
		warned := s.saved(t, rules.Rule{Code: "remind", On: []rules.Trigger{rules.Noted}, Do: do("follow_up", rules.FollowUp{After: ticket.Duration(day), Text: "read the note", Remind: rules.Recipients{Owner: true}})})
		if !strings.Contains(warned, "remind → remind") {
			t.Errorf("warned of %q", warned)
		}
		id := s.open(t).ID
		for range 2 { // a person's note has it run each time
			must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "note"}))(t)
			for range 5 {
				s.later(t, day)
			}
		}
		if n := len(s.notes(t, id)); n != 4 {
			t.Errorf("there are %d notes", n)
		}
		if got := looped(t, s.Rules, id); len(got) != 2 || !strings.Contains(got[0], "remind → followup:") {
			t.Errorf("looped: %q", got)
		}
	})
	t.Run("X04 a follow-up that sets what its rule looks for is warned of, and one that does not is not", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		later := func(status string) []rules.Step {
			return do("follow_up", rules.FollowUp{After: ticket.Duration(day), SetStatus: status})
		}
		when := `ticket.status == "waiting_customer"`
		if got := s.saved(t, rules.Rule{Code: "fine", On: []rules.Trigger{rules.Changed}, When: when, Do: later("open")}); got != "" {
			t.Errorf("warned of %q", got)
		}
		if got := s.saved(t, rules.Rule{Code: "again", On: []rules.Trigger{rules.Changed}, When: when, Do: later("waiting_customer")}); !strings.Contains(got, "again → again") {
			t.Errorf("warned of %q", got)
		}
	})
	t.Run("X04 a rule that is set off by the end of its own snooze is stopped, and warned of", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		warned := s.saved(t, rules.Rule{Code: "hide", On: []rules.Trigger{rules.Changed}, When: `ticket.folder == "inbox"`, Do: do("snooze", rules.Later{For: ticket.Duration(time.Hour)})})
		if !strings.Contains(warned, "hide → hide") {
			t.Errorf("warned of %q", warned)
		}
		id := s.open(t).ID
		must(s.UpdateTicket(bob, id, ticket.Patch{Priority: new("high")}))(t)
		for range 5 {
			s.later(t, time.Hour)
		}
		if got := s.get(t, id).Folder; got != ticket.Inbox || len(looped(t, s.Rules, id)) != 1 {
			t.Errorf("it lies in %s, looped: %q", got, looped(t, s.Rules, id))
		}
	})
	t.Run("X04 a rule that reopens what closed itself does so once", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		must(s.AutoCloses().Save(host, chasing()))(t)
		s.saved(t, rules.Rule{Code: "reopen", On: []rules.Trigger{rules.Changed}, When: `ticket.status == "closed"`, Do: do("set_status", "waiting_customer")})
		id := waiting(t, s)
		for range 60 {
			s.later(t, day)
		}
		s.stands(t, id, 2, "closed")
		equal(t, "looped", looped(t, s.Rules, id), []string{"reopen: it has been caused by itself: reopen → autoclose:waiting → reopen"})
	})
	t.Run("X04 policies that take each other's tickets end at the limit", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		for _, code := range []string{"one", "two"} {
			ok(t, s.Catalog().PutStatus(host, ticket.Status{Code: code, Name: code, Class: ticket.ClassSolved}))
		}
		for from, to := range map[string]string{"one": "two", "two": "one"} {
			p := chasing()
			p.Code, p.Name, p.Statuses, p.Status = from, from, []string{from}, to
			must(s.AutoCloses().Save(host, p))(t)
		}
		id := s.open(t).ID
		must(s.SetStatus(bob, id, "one"))(t)
		for range 300 {
			s.later(t, day)
		}
		n := s.chased(t, id)
		for range 30 {
			s.later(t, day)
		}
		if got := must(s.Check(host))(t); s.chased(t, id) != n || n > 10 || len(got) != 1 || !strings.Contains(got[0].Message, "deep") {
			t.Errorf("chased %d times, and %d before: %v", s.chased(t, id), n, got)
		}
	})
	t.Run("X04 a rule that is set off by what tells of it is stopped", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			name string
			o    shopOptions
		}{{"by a note", shopOptions{silent: true}}, {"by the host", shopOptions{}}} {
			s := newShop(t, c.o)
			s.saved(t, rules.Rule{Code: "tell", On: []rules.Trigger{rules.Noted}, Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "A note"}}})
			told := 0
			s.onNotice = func(ctx context.Context, n rules.Notice) error {
				if told++; told > 20 {
					return nil
				}
				_, err := s.AddNote(ctx, n.Ticket, ticket.ReplyDraft{Body: "They were told."})
				return err
			}
			id := s.open(t).ID
			must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "note"}))(t)
			s.later(t, time.Minute)
			s.later(t, time.Minute)
			if n, got := len(s.notes(t, id)), looped(t, s.Rules, id); n != 2 || !slices.Equal(got, []string{"tell: it has been caused by itself: tell → tell"}) {
				t.Errorf("%s: %d notes, looped %q", c.name, n, got)
			}
		}
	})
}
