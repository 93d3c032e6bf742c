package helpdesk_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const callers = 64

func TestOneOfManyCallers(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(cancel context.CancelFunc){
		"is cancelled":         func(cancel context.CancelFunc) { cancel() },
		"panics":               func(context.CancelFunc) { panic("boom") },
		"calls runtime.Goexit": func(context.CancelFunc) { runtime.Goexit() },
	} {
		t.Run("X08 one of 64 concurrent callers "+name+" in a guard, and the other 63 are unharmed", func(t *testing.T) {
			t.Parallel()
			d := must(helpdesk.New(context.Background(), openSQLite(t), nil))(t)
			c, cancel := context.WithCancel(as(guest))
			defer cancel()
			d.Hooks().TicketCreateGuard.Bind("harm", func(_ ctx, in hooks.Committing) error {
				if in.Actor.ID == "victim" {
					harm(cancel)
				}
				return nil
			})
			var wg sync.WaitGroup
			var fine atomic.Int32
			for i := range callers {
				wg.Go(func() {
					if i == 7 {
						_, err := d.CreateTicket(ticket.WithActor(c, ticket.Client("victim", "V", "v@example.com")), lamp())
						if err == nil {
							t.Error("the one was not harmed")
						}
						return
					}
					for range 5 {
						if _, err := d.CreateTicket(as(ann), lamp()); err != nil {
							t.Error(err)
							return
						}
					}
					fine.Add(1)
				})
			}
			wg.Wait()
			equal(t, "unharmed", fine.Load(), callers-1)
			equal(t, "tickets of the one", len(must(d.Tickets(as(bob), ticket.Query{Requester: "victim"}))(t).Tickets), 0)
			must(d.CreateTicket(as(ann), lamp()))(t)
		})
	}
}

// TestFaults fails every call to the store in turn, while a desk works: there is no event without a commit, and no
// commit without its event.
func TestFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for n := 1; ; n++ {
		f := storetest.NewFaulty(memory.New(nil))
		d := must(helpdesk.New(context.Background(), f, &helpdesk.Config{Dispatch: helpdesk.Manual}))(t)
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
		d.Hooks().TicketReplied.Bind("acme", func(ctx, hooks.Messaged) error { return nil })
		f.FailAt(n, broken)
		tk, err := d.CreateTicket(as(ann), lamp())
		if err == nil {
			_, err = d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi", Status: "closed"})
		}
		if err == nil {
			_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Priority: new("high"), Note: "urgent"})
		}
		name := f.Failed()
		if name == "" {
			ok(t, err)
			t.Logf("%d calls failed, one at a time", n-1)
			if n < 40 {
				t.Errorf("only %d calls were failed", n-1)
			}
			return
		}
		if err != nil && !errors.Is(err, broken) {
			t.Fatalf("call %d (%s) failed, and the desk said %v", n, name, err)
		}
		f.FailAt(0, nil)
		checkConsistent(t, d, name)
	}
}

func checkConsistent(t *testing.T, d *helpdesk.Desk, after string) {
	t.Helper()
	tickets, events, created := 0, 0, 0
	for tk, err := range d.AllTickets(as(bob), ticket.Query{}) {
		ok(t, err)
		tickets++
		list := must(d.History(as(bob), tk.ID, ticket.EventQuery{}))(t)
		if int64(len(list)) != tk.EventSeq || int64(len(must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t))) != tk.Seq {
			t.Fatalf("%s failed: ticket %d has %d events of %d", after, tk.ID, len(list), tk.EventSeq)
		}
		for _, e := range list {
			if e.Type == ticket.EventCreated || e.Type == ticket.EventReplied {
				events++
			}
		}
	}
	for _, e := range must(d.Journal(as(bob), ticket.EventQuery{}))(t) {
		if e.Type == ticket.EventCreated {
			created++
		}
	}
	deliveries := len(must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t))
	if created != tickets || deliveries != events {
		t.Fatalf("%s failed: %d tickets, %d created events; %d events with a hook, %d deliveries", after, tickets, created, events, deliveries)
	}
}
