package rules_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestErrands has a server be away that a rule calls for every ticket.
func TestErrands(t *testing.T) {
	t.Parallel()
	t.Run("X17 what waits for a server that is away holds nothing else up, and is called several times at once", func(t *testing.T) {
		t.Parallel()
		s := memory.New(nil)
		d := must(helpdesk.New(bg, s, &helpdesk.Config{PollInterval: 20 * time.Millisecond}))(t)
		called, back := make(chan int64, 100), make(chan struct{})
		away := func(ctx context.Context, a *rules.Acting, _ map[string]string) error {
			called <- a.Ticket.ID
			select {
			case <-back:
			case <-ctx.Done():
			}
			return ctx.Err()
		}
		r := must(rules.New(d.Automation(), s, &rules.Options{Functions: map[string]rules.Function{"crm": away}, ActionTimeout: time.Minute, Workers: 2}))(t)
		for _, rule := range []rules.Rule{
			{Code: "tell", Name: "Tell", On: []rules.Trigger{rules.Created}, Do: do("call", rules.Call{Function: "crm"})},
			{Code: "pong", Name: "Pong", On: []rules.Trigger{"x.ping"}, Do: do("add_tags", []string{"pong"})},
		} {
			if _, _, err := r.Save(host, rule); err != nil {
				t.Fatal(err)
			}
		}
		ok(t, d.Start(bg))
		var last *ticket.Ticket
		for range 10 {
			last = must(d.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		}
		first := []int64{<-called, <-called} // while the first still waits
		if first[0] == first[1] {
			t.Errorf("called for %v", first)
		}
		must(r.Fire(host, last.ID, "x.ping"))(t)
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if slices.Contains(must(d.Ticket(host, last.ID))(t).Tags, "pong") {
				break
			}
			if time.Now().After(end) {
				t.Fatal("what was due has waited for a server that is away")
			}
		}
		if len(called) > 0 {
			t.Error("more calls are made at once than there are workers")
		}
		close(back)
		for range 8 {
			<-called
		}
		ok(t, d.Stop(bg))
	})
}

// TestOrderOfCalls has two processes, whose clocks are not the same, make the calls of one rule for a ticket.
func TestOrderOfCalls(t *testing.T) {
	t.Parallel()
	t.Run("X17 calls that a rule makes for a ticket come in their order, whatever the clocks of those say that put them", func(t *testing.T) {
		t.Parallel()
		s := memory.New(nil)
		var calls []int64
		away := true
		call := func(_ context.Context, a *rules.Acting, _ map[string]string) error {
			if calls = append(calls, a.ID); away {
				return errors.New("the server is away")
			}
			return nil
		}
		now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		process := func(ahead time.Duration) (*helpdesk.Desk, *rules.Rules) {
			d := must(helpdesk.New(bg, s, &helpdesk.Config{Now: func() time.Time { return now.Add(ahead) }, Dispatch: helpdesk.Manual}))(t)
			return d, must(rules.New(d.Automation(), s, &rules.Options{Functions: map[string]rules.Function{"crm": call}}))(t)
		}
		d1, r1 := process(time.Second)
		d2, r2 := process(0)
		_, _, err := r1.Save(host, rules.Rule{Code: "tell", Name: "Tell", On: []rules.Trigger{"x.ping"}, Do: do("call", rules.Call{Function: "crm"}), Since: now.Add(-time.Hour)})
		ok(t, err)
		id := must(d1.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t).ID
		for _, p := range []struct {
			d *helpdesk.Desk
			r *rules.Rules
		}{{d1, r1}, {d2, r2}, {d1, r1}, {d2, r2}} {
			must(p.r.Fire(host, id, "x.ping"))(t)
			must(p.d.Tick(host))(t)
		}
		away = false
		for range 4 {
			now = now.Add(time.Minute)
			must(d2.Tick(host))(t)
		}
		var done []int64
		for _, c := range calls {
			if !slices.Contains(done, c) {
				done = append(done, c)
			}
		}
		if len(done) != 4 || !slices.IsSorted(done) {
			t.Errorf("calls were made in the order %v", calls)
		}
	})
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	t.Run("X17 calls that come together are made at once, by as many as there are", func(t *testing.T) {
		t.Parallel()
		s := memory.New(nil)
		called, back := make(chan struct{}, 10), make(chan struct{})
		fn := func(context.Context, *rules.Acting, map[string]string) error {
			called <- struct{}{}
			<-back
			return nil
		}
		d, r := calling(t, s, fn, &helpdesk.Config{PollInterval: 20 * time.Millisecond}, 0)
		for range 4 {
			id := must(d.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t).ID
			must(r.Fire(host, id, "x.ping"))(t)
		}
		ok(t, d.Start(bg))
		for i := range 4 {
			select {
			case <-called:
			case <-time.After(20 * time.Second):
				t.Fatalf("only %d calls are made at once", i)
			}
		}
		close(back)
		ok(t, d.Stop(bg))
	})
	t.Run("X17 a call that never comes to its end, whatever its context says, is told by the desk's check", func(t *testing.T) {
		t.Parallel()
		var ahead atomic.Int64
		now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		called, back := make(chan struct{}, 10), make(chan struct{})
		fn := func(context.Context, *rules.Acting, map[string]string) error {
			called <- struct{}{}
			<-back
			return nil
		}
		d, r := calling(t, memory.New(&memory.Options{Now: now}), fn, &helpdesk.Config{Now: now, PollInterval: 20 * time.Millisecond}, 1)
		id := must(d.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t).ID
		ok(t, d.Start(bg))
		must(r.Fire(host, id, "x.ping"))(t)
		<-called
		stuck := func() (n int) {
			for _, p := range must(d.Check(host))(t) {
				if strings.Contains(p.Message, "has not come to its end") {
					n++
				}
			}
			return n
		}
		if n := stuck(); n != 0 {
			t.Errorf("%d calls are stuck that have just begun", n)
		}
		ahead.Store(int64(10 * time.Minute))
		if n := stuck(); n != 1 {
			t.Errorf("%d calls are stuck", n)
		}
		close(back)
		ok(t, d.Stop(bg))
	})
}

// calling is a desk whose rule calls a function for each ping, by so many workers.
func calling(t *testing.T, s store.Store, fn rules.Function, c *helpdesk.Config, workers int) (*helpdesk.Desk, *rules.Rules) {
	t.Helper()
	d := must(helpdesk.New(bg, s, c))(t)
	r := must(rules.New(d.Automation(), s, &rules.Options{Functions: map[string]rules.Function{"crm": fn}, Workers: workers}))(t)
	_, _, err := r.Save(host, rules.Rule{Code: "tell", Name: "Tell", On: []rules.Trigger{"x.ping"}, Do: do("call", rules.Call{Function: "crm"})})
	ok(t, err)
	return d, r
}
