package rules_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// records counts the records of a kind.
func (s *shop) records(t testing.TB, kind string) (n int) {
	t.Helper()
	ok(t, s.Store.View(bg, func(ctx context.Context, x store.Reader) error {
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kind})
		n = len(recs)
		return err
	}))
	return n
}

// chasing is a policy: after a week a chaser, and five days later the end.
func chasing() rules.AutoClose {
	return rules.AutoClose{Code: "waiting", Name: "Waiting", Statuses: []string{"waiting_customer"}, After: ticket.Duration(7 * day),
		CloseAfter: ticket.Duration(5 * day), Text: "Dear [ticket_customer_name], are you still there?", Status: "closed"}
}

const chaser = "Dear Ann, are you still there?"

// waiting is a ticket that waits for Ann.
func waiting(t testing.TB, s *shop) int64 {
	t.Helper()
	id := s.open(t).ID
	must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Which lamp?", Status: "waiting_customer"}))(t)
	return id
}

// chased counts the chasers of a ticket.
func (s *shop) chased(t testing.TB, id int64) (n int) {
	t.Helper()
	for _, b := range s.bodies(t, id, ticket.KindReply) {
		if b == chaser {
			n++
		}
	}
	return n
}

// stands fails the test if a ticket was chased or closed otherwise.
func (s *shop) stands(t testing.TB, id int64, chased int, status string) {
	t.Helper()
	if n, got := s.chased(t, id), s.get(t, id).Status; n != chased || got != status {
		t.Errorf("%v: chased %d times and %s, want %d and %s", s.Now(), n, got, chased, status)
	}
}

func TestAutoClose(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T, change func(p *rules.AutoClose)) (*shop, int64) {
		s := newShop(t, shopOptions{})
		p := chasing()
		if change != nil {
			change(&p)
		}
		must(s.AutoCloses().Save(host, p))(t)
		return s, waiting(t, s)
	}
	t.Run("I10 the chaser goes out, and then the ticket is closed, each once", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 7*day-time.Second)
		s.stands(t, id, 0, "waiting_customer")
		s.later(t, time.Second)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 5*day-time.Second)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, time.Second)
		s.stands(t, id, 1, "closed")
		s.later(t, 100*day)
		s.stands(t, id, 1, "closed")
		if got := s.history(t, id, "status"); !slices.Equal(got, []string{"open>waiting_customer", "autoclose:waiting waiting_customer>closed"}) {
			t.Errorf("the journal has %v", got)
		}
		if n := s.records(t, "closing"); n != 0 {
			t.Errorf("%d records are left", n)
		}
	})
	t.Run("I10 a run that is weeks late sends the chaser, and waits all the time that comes after it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 40*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 5*day-time.Second)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 60*day)
		s.stands(t, id, 1, "closed")
	})
	t.Run("I10 a ticket that was away begins anew when it is restored", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 8*day)
		s.stands(t, id, 1, "waiting_customer")
		if err := s.DeleteTicket(host, id); err != nil {
			t.Fatal(err)
		}
		s.later(t, 3*day)
		must(s.RestoreTicket(host, id))(t)
		s.later(t, 7*day-time.Second) // one day after it was to be closed, had it stayed
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, time.Second)
		s.stands(t, id, 2, "waiting_customer")
		s.later(t, 5*day)
		s.stands(t, id, 2, "closed")
	})
	t.Run("I10 several chasers go out one after the other", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, func(p *rules.AutoClose) { p.Chasers, p.Every = 3, ticket.Duration(2*day) })
		s.later(t, 30*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 30*day)
		s.stands(t, id, 2, "waiting_customer")
		s.later(t, 2*day)
		s.stands(t, id, 3, "waiting_customer")
		s.later(t, 2*day)
		s.stands(t, id, 3, "waiting_customer")
		s.later(t, 3*day)
		s.stands(t, id, 3, "closed")
	})
	for _, after := range []time.Duration{day, 8 * day} {
		for name, do := range map[string]func(t *testing.T, s *shop, id int64) error{
			"a reply of the customer": func(_ *testing.T, s *shop, id int64) error {
				_, err := s.Reply(ann, id, ticket.ReplyDraft{Body: "Yes"})
				return err
			},
			"another status":        func(_ *testing.T, s *shop, id int64) error { _, err := s.SetStatus(bob, id, "in_progress"); return err },
			"its deletion":          func(_ *testing.T, s *shop, id int64) error { return s.DeleteTicket(host, id) },
			"the end of the policy": func(_ *testing.T, s *shop, id int64) error { return s.AutoCloses().Delete(host, "waiting") },
			"a policy that is inactive": func(_ *testing.T, s *shop, _ int64) error {
				p := chasing()
				p.Inactive, p.Version = true, store.AnyVersion
				_, err := s.AutoCloses().Save(host, p)
				return err
			},
			"another ticket that has it": func(t *testing.T, s *shop, id int64) error { _, err := s.Merge(host, s.open(t).ID, id); return err },
		} {
			t.Run("I10 "+name+" ends it after "+after.String(), func(t *testing.T) {
				t.Parallel()
				s, id := setUp(t, nil)
				s.later(t, after)
				n := s.chased(t, id)
				ok(t, do(t, s, id))
				s.later(t, 60*day)
				if got := s.get(t, id); got.Status == "closed" || (got.MergedInto == 0 && s.chased(t, id) != n) {
					t.Errorf("%s, chased %d times, %d before", got.Status, s.chased(t, id), n)
				}
				if got := must(s.Check(host))(t); len(got) != 0 {
					t.Errorf("problems: %v", got)
				}
			})
		}
	}
	t.Run("X21 an automatic mail, a note and the desk's own reply end nothing", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 6*day)
		s.mail(t, id, true)
		must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "x"}))(t)
		must(s.Reply(host, id, ticket.ReplyDraft{Body: "We have your mail."}))(t)
		s.later(t, day)
		s.stands(t, id, 1, "waiting_customer")
		s.mail(t, id, true)
		s.later(t, 5*day)
		s.stands(t, id, 1, "closed")
	})
	t.Run("I10 an answer of an agent begins it anew, also after a chaser and after a reply of the customer", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 8*day)
		s.stands(t, id, 1, "waiting_customer")
		must(s.Reply(ann, id, ticket.ReplyDraft{Body: "The red one"}))(t)
		s.later(t, 30*day)
		s.stands(t, id, 1, "waiting_customer")
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Which red one?"}))(t)
		s.later(t, 7*day)
		s.stands(t, id, 2, "waiting_customer")
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Or the big one?"}))(t)
		s.later(t, 6*day)
		s.stands(t, id, 2, "waiting_customer")
		s.later(t, day)
		s.stands(t, id, 3, "waiting_customer")
		s.later(t, 5*day)
		s.stands(t, id, 3, "closed")
	})
	t.Run("I10 a status that an agent gives it after the customer wrote makes it wait", func(t *testing.T) {
		t.Parallel()
		s, _ := setUp(t, nil)
		id := s.open(t).ID
		must(s.SetStatus(bob, id, "waiting_customer"))(t) // they have talked on the phone
		s.later(t, 7*day)
		s.stands(t, id, 1, "waiting_customer")
	})
	t.Run("I10 tickets that wait already fall under a new policy, from then on", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		var ids []int64
		for range 250 { // more than one step of the scan
			ids = append(ids, waiting(t, s))
		}
		s.later(t, 100*day)
		must(s.AutoCloses().Save(host, chasing()))(t)
		s.later(t, 6*day)
		s.stands(t, ids[0], 0, "waiting_customer")
		s.later(t, day)
		s.later(t, 5*day)
		for _, id := range ids {
			s.stands(t, id, 1, "closed")
		}
	})
	t.Run("I10 a ticket that comes into a policy's department falls under it", func(t *testing.T) {
		t.Parallel()
		s, _ := setUp(t, nil)
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "sales", Name: "Sales"}))
		p := chasing()
		p.Code, p.Sort, p.Departments, p.After = "sales", -1, []string{"sales"}, ticket.Duration(day)
		must(s.AutoCloses().Save(host, p))(t)
		id := waiting(t, s)
		s.later(t, 2*day)
		s.stands(t, id, 0, "waiting_customer")
		must(s.Transfer(bob, id, "sales"))(t)
		s.later(t, 0)
		s.stands(t, id, 1, "waiting_customer")
	})
	t.Run("I10 a policy that is made shorter holds for those that wait", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		p := must(s.AutoCloses().List(host))(t)[0]
		p.After = ticket.Duration(2 * day)
		must(s.AutoCloses().Save(host, p))(t)
		s.later(t, 2*day)
		s.stands(t, id, 1, "waiting_customer")
		p = must(s.AutoCloses().List(host))(t)[0]
		p.CloseAfter = ticket.Duration(20 * day)
		must(s.AutoCloses().Save(host, p))(t)
		s.later(t, 19*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, day)
		s.stands(t, id, 1, "closed")
	})
	t.Run("I10 a clock that is set back closes nothing too early", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t, nil)
		s.later(t, 7*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, -3*day)
		s.later(t, 5*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 3*day)
		s.stands(t, id, 1, "closed")
	})
	t.Run("I10 what makes no sense is refused, by field", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		for field, change := range map[string]func(p *rules.AutoClose){
			"code":        func(p *rules.AutoClose) { p.Code = "No" },
			"statuses":    func(p *rules.AutoClose) { p.Statuses = []string{"gone"} },
			"departments": func(p *rules.AutoClose) { p.Departments = []string{"gone"} },
			"brands":      func(p *rules.AutoClose) { p.Brands = []string{"gone"} },
			"after":       func(p *rules.AutoClose) { p.After = 0 },
			"close_after": func(p *rules.AutoClose) { p.CloseAfter, p.Every = 0, ticket.Duration(day) },
			"chasers":     func(p *rules.AutoClose) { p.Chasers = 11 },
			"text":        func(p *rules.AutoClose) { p.Text = "[ticket_custmer]" },
			"status":      func(p *rules.AutoClose) { p.Status = "open" },
		} {
			p := chasing()
			change(&p)
			_, err := s.AutoCloses().Save(host, p)
			if got := ticket.FieldErrors(err); len(got[field]) != 1 || len(got) != 1 {
				t.Errorf("%s: %v", field, err)
			}
		}
		p := must(s.AutoCloses().Save(host, chasing()))(t)
		_, err := s.AutoCloses().Save(host, chasing())
		wantErr(t, err, ticket.ErrConflict)
		if p.Version != 1 || p.Chasers != 1 || !p.Since.Equal(s.Now()) {
			t.Errorf("stored %+v", p)
		}
	})
}
