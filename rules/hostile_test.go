package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestClockGoesOn has rules by the clock meet what could stop them for good.
func TestClockGoesOn(t *testing.T) {
	t.Parallel()
	clock := []rules.Trigger{rules.ByClock}
	t.Run("M53 a rule that fitted no more for days goes on from where it was when the catalogue is mended", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		late := ticket.Department{Code: "late", Name: "Late"}
		put(w, late)
		w.save(rules.Rule{Code: "late", On: clock, When: `hours_since_last_reply > 24`, Do: do("set_department", "late")})
		x := w.open("Lamp")
		if err := w.Catalog().DeleteDepartment(as(agent), "late"); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			w.after(time.Hour)
		}
		if x = w.now(x.ID); x.Department == "late" {
			t.Fatal("the rule ran")
		}
		put(w, late)
		w.after(2 * time.Hour)
		if x = w.now(x.ID); x.Department != "late" {
			t.Errorf("it is in %q: the rule looks no more", x.Department)
		}
	})
	t.Run("M53 a clock that was a year ahead, and is set back, keeps no rule from looking", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		right := w.Clock.Now()
		w.save(rules.Rule{Code: "late", On: clock, When: `hours_since_last_reply > 24`, Do: do("set_priority", "high")})
		w.after(365 * 24 * time.Hour)
		w.after(3 * time.Hour)
		w.Clock.Set(right)
		x := w.open("Lamp")
		for range 30 {
			w.after(time.Hour)
		}
		if x = w.now(x.ID); x.Priority != "high" {
			t.Errorf("its priority is %q", x.Priority)
		}
	})
	t.Run("M53 a process that pauses before it looks after the rules leaves their looks where others have put them", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "late", On: clock, Every: ticket.Duration(12 * time.Hour), When: `hours_since_last_reply > 24`, Do: do("set_priority", "high")})
		w.settle()
		before := w.Clock.Now()
		w.after(12 * time.Hour)
		if err := rules.Rewind(w.rules, t.Context(), before); err != nil {
			t.Fatal(err)
		}
		y := &year{shop: &shop{Desk: w.Desk}}
		if next, late := y.next(t); late > 0 || !next.Equal(before.Add(24*time.Hour)) {
			t.Errorf("%d rules look now, and one at %s", late, next)
		}
	})
	t.Run("M59 what a rule by the clock changes is no new cause for it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "fresh", On: clock, When: `hours_since_changed >= 0`, Do: do("add_note", rules.Text{Body: "It is fresh."})})
		x := w.open("Lamp")
		for range 10 {
			w.after(time.Hour)
		}
		equal(t, "runs", w.ran(x.ID), []string{"by_clock: fresh matched"})
		must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "And?"}))(t)
		w.after(time.Hour)
		equal(t, "runs after a reply", w.ran(x.ID), []string{"by_clock: fresh matched", "by_clock: fresh matched"})
		w.after(2 * time.Hour)
		equal(t, "runs later", w.ran(x.ID), []string{"by_clock: fresh matched", "by_clock: fresh matched"})
	})
	t.Run("M59 a rule that asks something else now is not kept from a ticket by what it has matched before", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := w.save(rules.Rule{Code: "late", On: clock, When: `hours_since_last_reply > 24`, Do: do("add_tags", []string{"a-day"})})
		x := w.open("Lamp")
		w.after(26 * time.Hour)
		r.When, r.Do = `hours_since_last_reply > 48`, do("add_tags", []string{"two-days"})
		r = w.save(r)
		r.Notes = "Looked at."
		w.save(r)
		w.after(2 * time.Hour)
		equal(t, "tags", w.now(x.ID).Tags, []string{"a-day"})
		w.after(24 * time.Hour)
		equal(t, "tags on the third day", w.now(x.ID).Tags, []string{"a-day", "two-days"})
	})
	t.Run("M59 the marks of a rule that was deleted are removed, and those of others stay", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		rule := rules.Rule{On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 1`, Do: do("add_tags", []string{"old"})}
		for _, rule.Code = range []string{"a", "a-b", "a.b", "ab", "a0"} {
			w.save(rule)
		}
		for range 3 {
			w.open("Lamp")
		}
		w.after(2 * time.Hour)
		marks := func() (codes []string) {
			ok(t, w.Store.View(bg, func(ctx context.Context, x store.Reader) error {
				recs, err := x.Records(ctx, store.RecordQuery{Kind: "rulemark"})
				for _, rec := range recs {
					code, _, _ := strings.Cut(rec.Key, "/")
					codes = append(codes, code)
				}
				return err
			}))
			return slices.Compact(codes)
		}
		equal(t, "marks of", marks(), []string{"a-b", "a.b", "a", "a0", "ab"})
		for _, code := range []string{"a", "a0", "a-b"} {
			ok(t, w.rules.Delete(as(agent), code))
		}
		w.after(2 * time.Hour)
		equal(t, "marks of", marks(), []string{"a.b", "ab"})
	})
	t.Run("M59 a look over more tickets than one part has reaches each, once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "late", On: clock, When: `hours_since_last_reply > 24`, Do: do("add_tags", []string{"late"})})
		const n = 1250
		err := w.InTx(as(customer), func(ctx context.Context) error {
			for i := range n {
				if _, err := w.CreateTicket(ctx, ticket.Draft{Subject: fmt.Sprint("Lamp ", i), Body: "x"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(26 * time.Hour)
		for range 100 {
			did, err := w.Tick(as(agent))
			if err != nil {
				t.Fatal(err)
			}
			if did == 0 {
				break
			}
		}
		reached := 0
		for x, err := range w.AllTickets(as(agent), ticket.Query{Tags: []string{"late"}}) {
			if err != nil {
				t.Fatal(err)
			}
			reached++
			if x.Version != 2 {
				t.Errorf("ticket %d was changed %d times", x.ID, x.Version-1)
			}
		}
		if reached != n {
			t.Errorf("%d of %d have been reached", reached, n)
		}
	})
}

// TestHostile has rules meet those who wish them ill.
func TestHostile(t *testing.T) {
	t.Parallel()
	t.Run("M58 no customer puts a second line into the subject of a notice", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		if err := w.Catalog().PutField(as(agent), ticket.Field{Code: "more", Name: "More", Type: ticket.FieldArea}); err != nil {
			t.Fatal(err)
		}
		w.save(rules.Rule{Code: "tell", On: []rules.Trigger{rules.Changed}, Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "About [f_more]", Body: "x"}}})
		x := w.open("Lamp")
		must(w.UpdateTicket(as(agent), x.ID, ticket.Patch{Fields: map[string]*string{"more": new("a lamp\nBcc: all@example.com")}}))(t)
		w.settle()
		if len(w.notices) != 1 || !strings.Contains(w.notices[0].Subject, "a lamp") || strings.ContainsAny(w.notices[0].Subject, "\r\n") {
			t.Errorf("the notices are %+v", w.notices)
		}
	})
	t.Run("M58 a text with a variable that there is not is refused when it is saved, and does not fail each time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		rule := func(r rules.Rule) error {
			r.Code, r.Name, r.On = "tell", "Tell", []rules.Trigger{rules.Changed}
			_, _, err := w.rules.Save(as(agent), r)
			return err
		}
		macro := func(action string) error {
			_, err := w.rules.Macros().Save(as(agent), rules.Macro{Code: "m", Name: "M", Do: do(action, rules.Text{Body: "Dear [ticket_custmer_name]"})})
			return err
		}
		notice := func(n rules.Notification) error {
			n.To.Owner = true
			return rule(rules.Rule{Notify: []rules.Notification{n}})
		}
		for field, err := range map[string]error{
			"notify[0].subject":     notice(rules.Notification{Subject: "[ticket_subjct]", Body: "x"}),
			"notify[0].body":        notice(rules.Notification{Body: "[ticket_subjct]"}),
			"do[0].reply.body":      rule(rules.Rule{Do: do("reply", rules.Text{Body: "Dear [ticket_custmer_name]"})}),
			"do[0].add_note.body":   macro("add_note"),
			"do[0].reply.body of a": macro("reply"),
		} {
			field, _, _ = strings.Cut(field, " ")
			var v *ticket.ValidationError
			if !errors.As(err, &v) || v.Fields[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
	t.Run("M58 a notice that waits has nothing of what was redacted meanwhile", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "tell", On: []rules.Trigger{rules.Created}, Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "[ticket_subject]", Body: "[ticket_subject]"}}})
		w.failing = errors.New("the mail server is away")
		x := w.open("My card is 4111")
		must(w.UpdateTicket(as(agent), x.ID, ticket.Patch{Subject: new("My card is gone")}))(t)
		w.failing = nil
		w.after(24 * time.Hour)
		if len(w.notices) != 1 || strings.Contains(w.notices[0].Subject+w.notices[0].Text, "4111") {
			t.Errorf("the notices are %+v", w.notices)
		}
	})
	t.Run("M57 a function of the host's that fails holds nothing else of the ticket up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"broken": func(context.Context, *rules.Acting, map[string]string) error { return errors.New("is away") }}})
		w.save(rules.Rule{Code: "call", On: []rules.Trigger{rules.Created}, Do: do("call", rules.Call{Function: "broken"})})
		x := w.open("Lamp")
		must(w.rules.FollowUps().Add(as(agent), x.ID, rules.FollowUp{At: w.Clock.Now().Add(time.Hour), Text: "Call", SetPriority: "high"}))(t)
		w.after(time.Hour + time.Minute)
		if x = w.now(x.ID); x.Priority != "high" {
			t.Errorf("the follow-up waits: the priority is %q", x.Priority)
		}
	})
	t.Run("M57 a function of the host's that hangs is ended", func(t *testing.T) {
		t.Parallel()
		ended := make(chan time.Duration, 1)
		w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"slow": func(ctx context.Context, _ *rules.Acting, _ map[string]string) error {
			end, ok := ctx.Deadline()
			if !ok {
				return errors.New("it would hang for ever")
			}
			ended <- time.Until(end)
			return nil
		}}})
		w.save(rules.Rule{Code: "call", On: []rules.Trigger{rules.Created}, Do: do("call", rules.Call{Function: "slow"})})
		w.open("Lamp")
		select {
		case d := <-ended:
			if d > time.Minute {
				t.Errorf("after %s, when another process has taken it over", d)
			}
		default:
			t.Error("never")
		}
	})
	t.Run("X27 macros that two agents apply at once lose none of each other's tags", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		x := w.open("Lamp")
		const n = 20
		for i := range n {
			code := fmt.Sprint("m", i)
			must(w.rules.Macros().Save(as(agent), rules.Macro{Code: code, Name: code, Do: do("add_tags", []string{code})}))(t)
		}
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				if _, err := w.rules.Macros().Apply(as(agent), x.ID, fmt.Sprint("m", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if tags := w.now(x.ID).Tags; len(tags) != n {
			t.Errorf("%d tags are there: %v", len(tags), tags)
		}
	})
	t.Run("X04 a ticket of which very much becomes keeps its last runs", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "any", On: []rules.Trigger{rules.Changed}, Do: do("add_tags", []string{"seen"})})
		x := w.open("Lamp")
		for i := range 400 {
			must(w.UpdateTicket(as(agent), x.ID, ticket.Patch{Subject: new(fmt.Sprint("Lamp ", i))}))(t)
			w.settle()
		}
		if runs := must(w.rules.Runs(as(agent), x.ID, ticket.MaxPage))(t); len(runs) < 200 && len(runs) < ticket.MaxPage {
			t.Errorf("%d runs are kept", len(runs))
		}
		var kept []*store.Record
		err := w.Store.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
			kept, err = r.Records(ctx, store.RecordQuery{Kind: "rulerun"})
			return err
		})
		if err != nil || len(kept) < 200 || len(kept) > 300 {
			t.Errorf("%d runs are stored, %v", len(kept), err)
		}
	})
	t.Run("M65 what was redacted, or whom somebody erased, is not in follow-ups either", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		x := w.open("Lamp")
		must(w.rules.FollowUps().Add(as(agent), x.ID, rules.FollowUp{At: w.Clock.Now().Add(time.Hour), Text: "Her card is 4111-1111, write to ann@example.com", Remind: rules.Recipients{Owner: true}}))(t)
		text := func() string { return fmt.Sprintf("%+v", must(w.rules.FollowUps().List(as(agent), x.ID))(t)) }
		if !strings.Contains(text(), "4111-1111") || !strings.Contains(text(), "ann@example.com") {
			t.Fatal(text())
		}
		must(w.Redact(as(agent), x.ID, "4111-1111"))(t)
		if strings.Contains(text(), "4111-1111") {
			t.Errorf("redacted: %s", text())
		}
		must(w.People().Erase(as(agent), customer.Person(), nil))(t)
		if strings.Contains(text(), "ann@example.com") {
			t.Errorf("erased: %s", text())
		}
	})
}
