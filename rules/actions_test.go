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
	"github.com/helpdeskgo/helpdesk/ticket"
)

// one has a rule do something to every new ticket, and returns one.
func one(t *testing.T, steps ...rules.Step) (*world, *ticket.Ticket) {
	t.Helper()
	w := newWorld(t, nil)
	field := ticket.Field{Code: "size", Name: "Size", Type: ticket.FieldNumber}
	if err := errors.Join(w.Catalog().PutField(as(agent), field), w.Catalog().PutDepartment(as(agent), ticket.Department{Code: "sales", Name: "Sales"}),
		w.Catalog().PutBrand(as(agent), ticket.Brand{Code: "outlet", Name: "Outlet"})); err != nil {
		t.Fatal(err)
	}
	w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: steps})
	return w, w.open("Lamp")
}

func TestActions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step rules.Step
		got  func(x *ticket.Ticket) string
		want string
	}{
		"status":        {rules.Do("set_status", "in_progress"), func(x *ticket.Ticket) string { return x.Status }, "in_progress"},
		"priority":      {rules.Do("set_priority", "high"), func(x *ticket.Ticket) string { return x.Priority }, "high"},
		"department":    {rules.Do("set_department", "sales"), func(x *ticket.Ticket) string { return x.Department }, "sales"},
		"brand":         {rules.Do("set_brand", "outlet"), func(x *ticket.Ticket) string { return x.Brand }, "outlet"},
		"owner":         {rules.Do("set_owner", "7"), func(x *ticket.Ticket) string { return x.Assignee }, "7"},
		"tags":          {rules.Do("add_tags", []string{"b", "a"}), func(x *ticket.Ticket) string { return fmt.Sprint(x.Tags) }, "[a b]"},
		"archive":       {rules.Do("archive", nil), func(x *ticket.Ticket) string { return string(x.Folder) }, string(ticket.Archive)},
		"spam":          {rules.Do("spam", nil), func(x *ticket.Ticket) string { return string(x.Folder) }, string(ticket.Spam)},
		"custom fields": {rules.Do("set_fields", map[string]string{"size": "42"}), func(x *ticket.Ticket) string { return x.Fields["size"] }, "42"},
	} {
		t.Run("M57 a rule sets the "+name, func(t *testing.T) {
			t.Parallel()
			_, x := one(t, c.step)
			if got := c.got(x); got != c.want {
				t.Errorf("it is %q, want %q", got, c.want)
			}
		})
	}
	t.Run("M57 a rule takes tags away, and moves a ticket back to the inbox", func(t *testing.T) {
		t.Parallel()
		_, x := one(t, rules.Do("add_tags", []string{"a", "b", "c"}), rules.Do("spam", nil), rules.Do("remove_tags", []string{"b", "x"}), rules.Do("restore", nil))
		if got := fmt.Sprint(x.Tags, " ", x.Folder); got != "[a c] inbox" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("M57 a rule adds notes and replies, and what it has set is there by then", func(t *testing.T) {
		t.Parallel()
		w, x := one(t, rules.Do("set_priority", "high"), rules.Do("add_note", rules.Text{Body: "It is [ticket_priority] now."}), rules.Do("reply", rules.Text{Body: "Dear [ticket_customer_name]", Status: "in_progress"}))
		list := must(w.Messages(as(agent), x.ID, ticket.MessageQuery{}))(t)
		if len(list) != 3 || list[1].Kind != ticket.KindNote || list[1].Body != "It is High now." || list[2].Kind != ticket.KindReply || list[2].Body != "Dear Ann" || x.Status != "in_progress" {
			t.Errorf("got %d messages, %+v", len(list), list[len(list)-1])
		}
	})
	t.Run("M57 all changes of a rule are one entry of the journal", func(t *testing.T) {
		t.Parallel()
		w, x := one(t, rules.Do("set_priority", "high"), rules.Do("set_status", "in_progress"), rules.Do("add_tags", []string{"a"}))
		if list := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t); len(list) != 2 || len(ticket.Decisions(list[1].Changes)) < 3 {
			t.Errorf("the journal has %d entries", len(list))
		}
	})
	t.Run("M57 a rule does all of its actions or none, and the other rules run", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: "fails", Doc: "fails", Do: func(context.Context, *rules.Acting, struct{}) error { return errors.New("not today") }})
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: "panics", Doc: "panics", Do: func(context.Context, *rules.Acting, struct{}) error { panic("secret") }})
		w.save(rules.Rule{Code: "a", On: []rules.Trigger{rules.Created}, Do: []rules.Step{rules.Do("add_note", rules.Text{Body: "n"}), rules.Do("fails", nil)}})
		w.save(rules.Rule{Code: "b", On: []rules.Trigger{rules.Created}, Do: []rules.Step{rules.Do("add_note", rules.Text{Body: "n"}), rules.Do("panics", nil)}})
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"c"})})
		x := w.open("Lamp")
		if n := len(must(w.Messages(as(agent), x.ID, ticket.MessageQuery{}))(t)); n != 1 {
			t.Errorf("there are %d messages", n)
		}
		equal(t, "tags", x.Tags, []string{"c"})
		equal(t, "runs", w.ran(x.ID), []string{"created: a failed", "created: b failed", "created: c matched"})
		run := must(w.rules.Runs(as(agent), x.ID, 0))(t)[0]
		if !strings.Contains(run.Rules[0].Error, "not today") || run.Rules[0].Did != nil || strings.Contains(run.Rules[1].Error, "secret") {
			t.Errorf("the run says %+v", run.Rules)
		}
	})
	t.Run("M57 a function of the host's is called after the commit, again until it succeeds, under one id", func(t *testing.T) {
		t.Parallel()
		var ids []int64
		w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"crm": func(_ context.Context, a *rules.Acting, args map[string]string) error {
			ids = append(ids, a.ID)
			if len(ids) < 3 {
				return errors.New("503")
			}
			if a.Rule != "r" || args["list"] != "vip" || a.Event == nil || a.Message.Body != "It is broken." {
				t.Errorf("it is told %+v, %v", a, args)
			}
			return nil
		}}})
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("call", rules.Call{Function: "crm", Args: map[string]string{"list": "vip"}})})
		w.open("Lamp")
		for range 5 {
			w.after(time.Minute)
		}
		if len(ids) != 3 || ids[0] != ids[2] || ids[0] == 0 {
			t.Errorf("it was called under the ids %v", ids)
		}
	})
	t.Run("M57 a host adds an action with a configuration of its own, checked when a rule is saved", func(t *testing.T) {
		t.Parallel()
		type refund struct {
			Percent int `json:"percent"`
		}
		w := newWorld(t, nil)
		var got int
		rules.AddAction(w.rules, rules.Action[refund]{
			Name: "refund", Doc: "pays back",
			Check: func(r refund, _ *rules.Setup) error {
				if r.Percent > 100 {
					return errors.New("percent is above 100")
				}
				return nil
			},
			Do: func(_ context.Context, _ *rules.Acting, r refund) error { got = r.Percent; return nil },
		})
		rule := rules.Rule{Code: "r", Name: "r", On: []rules.Trigger{rules.Created}}
		for with, want := range map[string]string{`{"percent":200}`: "above 100", `{"per cent":1}`: "unknown field", `{"percent":"x"}`: "percent: wants a whole number, and is a text", `{} {}`: "after its end"} {
			rule.Do = []rules.Step{{Action: "refund", With: []byte(with)}}
			if err := w.rules.CheckRule(as(agent), rule); !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", with, err)
			}
		}
		rule.Do = do("refund", refund{50})
		w.save(rule)
		if w.open("Lamp"); got != 50 {
			t.Errorf("it was told %d", got)
		}
	})
	t.Run("M57 what a rule may not do is refused when it is saved, with what was meant perhaps", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, c := range []struct {
			step rules.Step
			want string
		}{
			{rules.Do("set_statsu", "closed"), `did you mean "set_status"`},
			{rules.Do("set_prio", "high"), `did you mean "set_priority"`},
			{rules.Do("snooze", map[string]string{"for": "-1h"}), "for is -1h0m0s, and so before now"},
			{rules.Do("follow_up", map[string]string{"after": "-1h", "text": "x"}), "after is -1h0m0s, and so before now"},
			{rules.Do("set_status", "clsoed"), `did you mean "closed"`},
			{rules.Do("set_status", 5), "wants a text, and is a number"},
			{rules.Do("set_department", "nowhere"), "no department"},
			{rules.Do("set_fields", map[string]string{"nothing": "1"}), "no custom field"},
			{rules.Do("add_tags", []string{}), "wants a list of tags"},
			{rules.Do("reply", rules.Text{}), "body is empty"},
			{rules.Do("reply", rules.Text{Body: "Dear [ticket_custmer_name]"}), "ticket_customer_name"},
			{rules.Do("call", rules.Call{Function: "crm"}), "no function"},
			{rules.Do("auto_assign", rules.Assignment{By: "lottery"}), "no method"},
		} {
			err := w.rules.CheckRule(as(agent), rules.Rule{Code: "r", Name: "r", On: []rules.Trigger{rules.Created}, Do: []rules.Step{c.step}})
			if !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.step, err, c.want)
			}
		}
	})
	t.Run("X21 no rule replies to a robot", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("reply", rules.Text{Body: "We have it."})})
		x := must(w.CreateTicket(as(customer.Via(ticket.ChannelEmail)), ticket.Draft{Subject: "Report", Body: "x", Mail: &ticket.Mail{Unanswerable: true}}))(t)
		w.now(x.ID)
		equal(t, "runs", w.ran(x.ID), []string{"created: r failed"})
	})
	t.Run("M58 a rule tells people, with its own words", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		to := rules.Recipients{Owner: true, Addresses: []string{"boss@example.com"}}
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Notify: []rules.Notification{{To: to, Subject: "New: [ticket_subject]", Body: "Look.", Files: true}}})
		w.failing = errors.New("503")
		x := w.open("Lamp")
		w.mu.Lock()
		w.failing = nil
		w.mu.Unlock()
		w.after(time.Minute)
		if len(w.notices) != 1 {
			t.Fatalf("%d notices", len(w.notices))
		}
		n := w.notices[0]
		if n.Subject != "New: Lamp" || n.Text != "Look." || !n.To.Owner || !slices.Equal(n.To.Addresses, to.Addresses) || n.Ticket != x.ID || n.Why != "r" || n.Message == 0 || n.ID == "" {
			t.Errorf("the notice is %+v", n)
		}
	})
}
