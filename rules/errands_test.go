package rules_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
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
