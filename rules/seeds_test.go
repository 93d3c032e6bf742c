package rules_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const thirtyDays = 720 * time.Hour

// TestSeeds has every example rule that the field's best known manual gives.
func TestSeeds(t *testing.T) {
	t.Parallel()
	t.Run("M59 automatically assigns a ticket to sales only if the tickets have Order as the subject", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		w.save(rules.Rule{Code: "order", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Order"`,
			Do: []rules.Step{rules.Do("set_department", "sales"), rules.Do("set_owner", "jane")}})
		if x := w.open("Order 17 is late"); x.Department != "sales" || x.Assignee != "jane" {
			t.Errorf("it is in %q with %q", x.Department, x.Assignee)
		}
		if x := w.open("A question"); x.Department == "sales" {
			t.Error("another ticket went there, too")
		}
	})
	t.Run("M59 automatically assigns a ticket, created from email, to a certain department", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "helpers", Name: "Helpers"})
		w.save(rules.Rule{Code: "mail", On: []rules.Trigger{rules.Created}, When: `ticket.channel == "email"`, Do: do("set_department", "helpers")})
		x := must(w.CreateTicket(as(customer.Via(ticket.ChannelEmail)), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		if x = w.now(x.ID); x.Department != "helpers" {
			t.Errorf("it is in %q", x.Department)
		}
		if x := w.open("Lamp"); x.Department == "helpers" {
			t.Error("one from the site went there, too")
		}
	})
	t.Run("M59 sets the status to In Progress after the first reply of a support team member", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "progress", On: []rules.Trigger{rules.StaffReplied}, Do: do("set_status", "in_progress")})
		x := w.open("Lamp")
		if x.Status == "in_progress" {
			t.Error("it is in progress before anybody replied")
		}
		must(w.Reply(as(agent), x.ID, ticket.ReplyDraft{Body: "We look."}))(t)
		if x := w.now(x.ID); x.Status != "in_progress" {
			t.Errorf("its status is %q", x.Status)
		}
	})
	t.Run("M59 notifies a manager when the tag Problem is added", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "problem", On: []rules.Trigger{rules.Changed}, When: `"problem" in ticket.tags and not ("problem" in before.tags)`,
			Notify: []rules.Notification{{To: rules.Recipients{Addresses: []string{"manager@example.com"}}, Subject: "A problem ticket arrived", Body: "[ticket_subject]"}}})
		x := w.open("Lamp")
		for _, tags := range [][]string{{"problem"}, {"problem", "more"}} {
			must(w.UpdateTicket(as(agent), x.ID, ticket.Patch{Tags: &tags}))(t)
			w.settle()
		}
		if len(w.notices) != 1 || w.notices[0].To.Addresses[0] != "manager@example.com" {
			t.Errorf("the notices are %+v", w.notices)
		}
	})
	t.Run("M59 changes priority to High when it has not been answered for three days", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "high", On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72 and last_reply_by == "client"`, Do: do("set_priority", "high")})
		x, answered := w.open("Lamp"), w.open("Table")
		must(w.Reply(as(agent), answered.ID, ticket.ReplyDraft{Body: "We look."}))(t)
		w.after(72 * time.Hour)
		if got := w.now(x.ID).Priority; got == "high" {
			t.Error("it is high too early")
		}
		w.after(time.Hour)
		if a, b := w.now(x.ID).Priority, w.now(answered.ID).Priority; a != "high" || b == "high" {
			t.Errorf("the priorities are %q and, where staff answered last, %q", a, b)
		}
	})
	t.Run("M59 notifies staff of change of ownership", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "owner", On: []rules.Trigger{rules.Assigned}, Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "Yours", Body: "[ticket_subject]"}}})
		x := w.open("Lamp")
		must(w.Assign(as(agent), x.ID, agent.ID))(t)
		w.settle()
		if len(w.notices) != 1 || !w.notices[0].To.Owner {
			t.Errorf("the notices are %+v", w.notices)
		}
	})
	for name, steps := range map[string][]time.Duration{
		"every hour":                      repeat(time.Hour, 760),
		"every seven hours":               repeat(7*time.Hour, 110),
		"every hour but for three days":   append(append(repeat(time.Hour, 700), 72*time.Hour), repeat(time.Hour, 10)...),
		"every hour but for three months": append(repeat(time.Hour, 10), 3*thirtyDays),
	} {
		t.Run("M59 notifies a customer about ticket closing if the customer has not answered for 30 days, checked "+name, func(t *testing.T) {
			t.Parallel()
			unanswered(t, steps)
		})
	}
	t.Run("M59 notifies if a ticket has not been answered within three days", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		status := ticket.Status{Code: "waiting", Name: "Waiting for Customer", Class: ticket.ClassPending}
		if err := w.Catalog().PutStatus(as(agent), status); err != nil {
			t.Fatal(err)
		}
		w.save(rules.Rule{Code: "waits", On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72 and ticket.status == "waiting"`,
			Notify: []rules.Notification{{To: rules.Recipients{Customer: true}, Subject: "Still there?", Body: "Answer us."}}})
		x := w.open("Lamp")
		w.after(80 * time.Hour)
		if len(w.notices) != 0 {
			t.Fatalf("told of a ticket that is not waiting: %+v", w.notices)
		}
		must(w.SetStatus(as(agent), x.ID, "waiting"))(t)
		w.after(time.Hour)
		w.after(100 * time.Hour)
		if len(w.notices) != 1 {
			t.Errorf("%d notices of one wait", len(w.notices))
		}
	})
}

func put(w *world, d ticket.Department) {
	w.t.Helper()
	if err := w.Catalog().PutDepartment(as(agent), d); err != nil {
		w.t.Fatal(err)
	}
}

func repeat(d time.Duration, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = d
	}
	return out
}

// unanswered has a customer silent for a month, and then, after one more reply, for another one.
func unanswered(t *testing.T, steps []time.Duration) {
	w := newWorld(t, nil)
	old := w.open("From before") // crosses before the rule is there
	w.after(thirtyDays + time.Hour)
	w.save(rules.Rule{Code: "month", On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply == 720 and ticket.status != "closed"`,
		Notify: []rules.Notification{{To: rules.Recipients{Customer: true}, Subject: "We will close it", Body: "Unless you answer."}}})
	x, closed := w.open("Lamp"), w.open("Done")
	must(w.CloseTicket(as(agent), closed.ID))(t)
	told := func(n int) {
		t.Helper()
		got := map[int64]int{}
		for _, n := range w.notices {
			got[n.Ticket]++
		}
		if got[x.ID] != n || len(got) != min(n, 1) {
			t.Fatalf("told of %v, want %d times of ticket %d", got, n, x.ID)
		}
	}
	must(w.UpdateTicket(as(agent), old.ID, ticket.Patch{Tags: &[]string{"seen"}}))(t) // no crossing
	for range 2 {
		w.after(time.Hour)
	}
	told(0)
	for _, d := range steps {
		w.after(d)
	}
	told(1)
	must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "I am here."}))(t)
	w.after(719 * time.Hour)
	told(1)
	w.after(2 * time.Hour)
	told(2)
	w.after(thirtyDays)
	told(2)
}

func TestClock(t *testing.T) {
	t.Parallel()
	t.Run("M53 a rule by the clock that is saved again goes on where it was", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("add_tags", []string{"old"})})
		x := w.open("Lamp")
		w.after(5 * time.Hour)
		r.Name = "Another name"
		since := r.Since
		if r = w.save(r); !r.Since.Equal(since) {
			t.Errorf("it is active since %s, and was since %s", r.Since, since)
		}
		w.after(6 * time.Hour)
		equal(t, "tags", w.now(x.ID).Tags, []string{"old"})
		equal(t, "runs", w.ran(x.ID), []string{"by_clock: c matched"})
		r.Inactive = true
		r = w.save(r)
		y := w.open("Table")
		w.after(20 * time.Hour)
		equal(t, "tags while it was not active", w.now(y.ID).Tags, nil)
		r.Inactive = false
		w.save(r)
		w.after(20 * time.Hour)
		equal(t, "tags of what crossed while it was not active", w.now(y.ID).Tags, nil)
	})
	t.Run("M53 a ticket whose hours went by while it was deleted is late when it is back, and old if it was before the rule", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		before := w.open("Chair")
		w.after(11 * time.Hour)
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("add_tags", []string{"old"})})
		x, fired := w.open("Lamp"), w.open("Table")
		w.after(9 * time.Hour)
		ok(t, w.DeleteTicket(as(agent), x.ID))
		w.after(2 * time.Hour)
		for _, id := range []int64{fired.ID, before.ID} {
			ok(t, w.DeleteTicket(as(agent), id))
		}
		w.after(20 * time.Hour)
		for _, id := range []int64{x.ID, fired.ID, before.ID} {
			must(w.RestoreTicket(as(agent), id))(t)
		}
		w.after(20 * time.Hour)
		equal(t, "of one that was late", w.ran(x.ID), []string{"by_clock: c matched"})
		equal(t, "of one that was told", w.ran(fired.ID), []string{"by_clock: c matched"})
		equal(t, "of one that was old", w.ran(before.ID), nil)
	})
	t.Run("X04 rules by the clock that fire at once leave a record each", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, code := range []string{"a", "b"} {
			w.save(rules.Rule{Code: code, On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("add_tags", []string{code})})
		}
		x := w.open("Lamp")
		w.after(10 * time.Hour)
		got := w.ran(x.ID)
		slices.Sort(got)
		equal(t, "runs", got, []string{"by_clock: a matched", "by_clock: b matched"})
	})
	t.Run("M53 a rule looks back where it is asked to", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		x := w.open("Lamp")
		w.after(100 * time.Hour)
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("add_tags", []string{"old"}), Since: w.Clock.Now().Add(-200 * time.Hour)})
		w.settle()
		equal(t, "tags", w.now(x.ID).Tags, []string{"old"})
	})
	t.Run("M53 a rule by the clock that fits the catalogue no more goes on when that is mended", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("set_department", "sales")})
		x := w.open("Lamp")
		if err := w.Catalog().DeleteDepartment(as(agent), "sales"); err != nil {
			t.Fatal(err)
		}
		for range 60 {
			w.after(time.Hour)
		}
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		w.after(time.Hour)
		w.after(time.Hour)
		if got := w.now(x.ID).Department; got != "sales" {
			t.Errorf("it is in %q", got)
		}
	})
	t.Run("M53 a clock that is set back fires nothing twice", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, Every: ticket.Duration(time.Minute), When: `hours_since_created >= 10`, Do: do("add_note", rules.Text{Body: "n"})})
		x := w.open("Lamp")
		for _, d := range []time.Duration{11 * time.Hour, -5 * time.Hour, 6 * time.Hour, -time.Hour, 100 * time.Hour} {
			w.after(d)
		}
		equal(t, "runs", w.ran(x.ID), []string{"by_clock: c matched"})
	})
}

func TestRefusedRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, c := range []struct {
		rule rules.Rule
		want string
	}{
		{rules.Rule{}, "code: is empty"},
		{rules.Rule{}, "on: names no trigger"},
		{rules.Rule{On: []rules.Trigger{"creatd"}}, `did you mean "created"`},
		{rules.Rule{On: []rules.Trigger{rules.ByClock}, Every: ticket.Duration(time.Second)}, "less than a minute"},
		{rules.Rule{Brands: []string{"nowhere"}}, "no brand"},
		{rules.Rule{When: `ticket.statsu == "open"`}, "status"},
		{rules.Rule{Notify: []rules.Notification{{Body: "x"}}}, "names nobody"},
		{rules.Rule{Notify: []rules.Notification{{To: rules.Recipients{Addresses: []string{"x"}}, Body: "x"}}}, "no email address"},
		{rules.Rule{Do: make([]rules.Step, 51)}, "do"},
	} {
		t.Run(fmt.Sprintf("M52 a rule is refused with what is wrong: %s", c.want), func(t *testing.T) {
			if err := w.rules.CheckRule(as(agent), c.rule); !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLongLook(t *testing.T) {
	t.Parallel()
	t.Run("M53 a rule by the clock goes over very many tickets in parts, each ticket once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		const many = 5*ticket.MaxPage + 7
		for range many {
			must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		}
		w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 10`, Do: do("add_note", rules.Text{Body: "old"})})
		w.after(11 * time.Hour)
		w.after(time.Hour)
		for id := range int64(many) {
			if n := len(must(w.Messages(as(agent), id+1, ticket.MessageQuery{}))(t)); n != 2 {
				t.Fatalf("ticket %d has %d messages", id+1, n)
			}
		}
	})
}
