package rules_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// How tickets that close themselves go together with rules.

func TestAutoCloseAndRules(t *testing.T) {
	t.Parallel()
	t.Run("I10 with the rules of the cookbook a ticket is chased, and closed, as without them", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "sales", Name: "Sales"}))
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "support", Name: "Support"}))
		must(s.Import(host, must(rules.ParseFile([]byte(readFile(t, cookbookFile))))(t), true))(t)
		must(s.AutoCloses().Save(host, chasing()))(t)
		id := s.open(t).ID
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Which lamp?"}))(t)
		s.later(t, time.Minute)
		if got := s.get(t, id).Status; got != "in_progress" {
			t.Fatalf("it is %s: the rules do not run", got)
		}
		must(s.SetStatus(bob, id, "waiting_customer"))(t)
		s.later(t, 7*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 5*day)
		s.stands(t, id, 1, "closed")
	})
	t.Run("I10 a closing that a gate refuses is tried every hour, and holds up nothing that is due on the ticket", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		var refusing atomic.Bool
		var asked atomic.Int32
		refusing.Store(true)
		s.Hooks().TicketStatusValidation.Bind("acme.solution", func(_ context.Context, e hooks.Updating) error {
			if e.Patch.Status == nil || *e.Patch.Status != "closed" {
				return nil
			}
			if asked.Add(1); refusing.Load() {
				return ticket.Invalid("f_solution", ticket.FaultRequired, "is missing")
			}
			return nil
		})
		must(s.AutoCloses().Save(host, chasing()))(t)
		id := waiting(t, s)
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(12*day + 30*time.Minute), Text: "call", Remind: rules.Recipients{Owner: true}}))(t)
		s.later(t, 7*day)
		s.later(t, 5*day)
		s.stands(t, id, 1, "waiting_customer")
		must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "An event has it tried at once."}))(t)
		s.later(t, 30*time.Minute)
		if told := s.notices(); len(told) != 1 || told[0].Text != "call" {
			t.Errorf("told %+v: the follow-up waits for the closing", told)
		}
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, "f_solution") {
			t.Errorf("problems: %v", got)
		}
		before := asked.Load()
		for range 10 {
			s.later(t, time.Hour)
		}
		if n := asked.Load() - before; n != 10 {
			t.Errorf("tried %d times in ten hours", n)
		}
		refusing.Store(false)
		s.later(t, time.Hour)
		s.stands(t, id, 1, "closed")
		if got := must(s.Check(host))(t); len(got) != 0 || s.records(t, "closing") != 0 {
			t.Errorf("problems: %v", got)
		}
	})
	t.Run("I10 the desk's check reads where only those tickets stand that cannot be closed; what it says of them can be redacted", func(t *testing.T) {
		t.Parallel()
		r := &recording{Store: memory.New(nil)}
		s := newShop(t, shopOptions{store: r})
		s.Hooks().TicketStatusValidation.Bind("acme.solution", func(_ context.Context, e hooks.Updating) error {
			if e.Patch.Status == nil || *e.Patch.Status != "closed" {
				return nil
			}
			return ticket.Invalid("f_solution", ticket.FaultRequired, "is missing for the Golden Lamp")
		})
		must(s.AutoCloses().Save(host, chasing()))(t)
		id := waiting(t, s)
		s.later(t, 7*day)
		s.later(t, 5*day)
		for range 5 {
			waiting(t, s)
		}
		r.read.Store(0)
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, "Golden Lamp") || r.read.Load() != 1 {
			t.Errorf("problems: %v; where %d tickets stand was read", got, r.read.Load())
		}
		must(s.Redact(host, id, "Golden Lamp"))(t)
		if got := must(s.Check(host))(t); len(got) != 1 || strings.Contains(got[0].Message, "Golden Lamp") {
			t.Errorf("problems: %v", got)
		}
		ok(t, s.AutoCloses().Delete(host, "waiting"))
		s.later(t, time.Hour)
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
	})
	t.Run("I10 a policy whose status is gone is a problem of the desk's check, and goes on when that is mended", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		ok(t, s.Catalog().PutStatus(host, ticket.Status{Code: "done", Name: "Done", Class: ticket.ClassClosed}))
		p := chasing()
		p.Status = "done"
		must(s.AutoCloses().Save(host, p))(t)
		id := waiting(t, s)
		ok(t, s.Catalog().DeleteStatus(host, "done"))
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, `"done"`) {
			t.Errorf("problems: %v", got)
		}
		s.later(t, 7*day)
		s.later(t, 5*day)
		s.stands(t, id, 1, "waiting_customer")
		p = must(s.AutoCloses().List(host))(t)[0]
		p.Status = "closed"
		s.later(t, time.Minute)
		must(s.AutoCloses().Save(host, p))(t)
		s.later(t, 0)
		s.stands(t, id, 1, "closed")
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
	})
}

// recording counts where how many tickets stand on their way to the closing was read.
type recording struct {
	store.Store
	read atomic.Int32
}

func (s *recording) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, x store.Reader) error { return fn(ctx, recordReader{x, s}) })
}

type recordReader struct {
	store.Reader
	s *recording
}

func (x recordReader) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	if kind == "closing" {
		x.s.read.Add(1)
	}
	return x.Reader.Record(ctx, kind, key)
}

func (x recordReader) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	out, err := x.Reader.Records(ctx, q)
	if q.Kind == "closing" {
		x.s.read.Add(int32(len(out)))
	}
	return out, err
}
