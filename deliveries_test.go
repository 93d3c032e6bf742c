package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func manual(t testing.TB, s store.Store, cfg helpdesk.Config) *helpdesktest.Desk {
	t.Helper()
	if s == nil {
		s = openStore(t)
	}
	return helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: cfg, Manual: true})
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	t.Run("X03 deliveries come in order per ticket, with the ticket as of each event", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		var got []string
		d.Hooks().TicketStatusChange.Bind("acme", func(_ ctx, e hooks.Changed) error {
			got = append(got, fmt.Sprintf("%d:%s>%s at %s v%d", e.Ticket.ID, e.Old, e.New, e.Ticket.Status, e.Ticket.Version))
			return nil
		})
		tk := open(t, d, ann)
		for _, s := range []string{"in_progress", "closed", "open"} {
			must(d.SetStatus(as(bob), tk.ID, s))(t)
		}
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("changed later")}))(t)
		equal(t, "deliveries", d.DispatchAll(t), 3)
		want := []string{"1:open>in_progress at in_progress v2", "1:in_progress>closed at closed v3", "1:closed>open at open v4"}
		for i := range want {
			want[i] = strings.Replace(want[i], "1:", fmt.Sprint(tk.ID)+":", 1)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
	t.Run("X03 a failing delivery is retried after growing pauses, holds its ticket and no other, and dies", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		fail := true
		var got []int64
		d.Hooks().TicketReplied.Bind("acme", func(_ ctx, e hooks.Messaged) error {
			if fail && e.Message.Body == "poison" {
				return errors.New("CRM is down")
			}
			got = append(got, e.Message.ID)
			return nil
		}, hooks.MaxAttempts(3))
		a, b := open(t, d, ann), open(t, d, ann)
		bad := must(d.Reply(as(bob), a.ID, ticket.ReplyDraft{Body: "poison"}))(t)
		held := must(d.Reply(as(bob), a.ID, ticket.ReplyDraft{Body: "held"}))(t)
		free := must(d.Reply(as(bob), b.ID, ticket.ReplyDraft{Body: "free"}))(t)
		d.DispatchAll(t)
		if !slices.Equal(got, []int64{free.ID}) {
			t.Fatalf("delivered %v, want only %d", got, free.ID)
		}
		equal(t, "at once again", d.DispatchAll(t), 0)
		d.Clock.Advance(2 * time.Second)
		equal(t, "second attempt", d.DispatchAll(t), 1)
		d.Clock.Advance(time.Second)
		equal(t, "too early for the third", d.DispatchAll(t), 0)
		d.Clock.Advance(2 * time.Second)
		d.DispatchAll(t)
		if !slices.Equal(got, []int64{free.ID, held.ID}) {
			t.Fatalf("delivered %v, want the held one after the death of the first", got)
		}
		dead := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkDead}}))(t)
		if len(dead) != 1 || dead[0].Attempt != 3 || !strings.Contains(dead[0].Error, "CRM is down") || dead[0].Binding != "acme" {
			t.Fatalf("dead: %+v", dead)
		}
		equal(t, "TicketDeliveryDead", d.Fired()["TicketDeliveryDead"], 1)
		equal(t, "health", must(d.Health(as(bob)))(t).Dead, 1)
		fail = false
		ok(t, d.Deliveries().Retry(as(bob), dead[0].ID))
		d.DispatchAll(t)
		equal(t, "retried by hand", got[len(got)-1], bad.ID)
		is(t, d.Deliveries().Retry(as(bob), dead[0].ID), ticket.ErrConflict)
		is(t, d.Deliveries().Retry(as(ann), dead[0].ID), ticket.ErrForbidden)
		_, err := d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{Binding: "acme"})
		invalid(t, err, "binding")
	})
	t.Run("X03 a dead letter holds the later ones of its ticket if the binding says so, until it is discarded", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		n := 0
		d.Hooks().TicketReplied.Bind("acme", func(_ ctx, e hooks.Messaged) error {
			if e.Message.Body == "poison" {
				return errors.New("no")
			}
			n++
			return nil
		}, hooks.MaxAttempts(1), hooks.HoldOnDead())
		tk := open(t, d, ann)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "poison"}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "held"}))(t)
		d.DispatchAll(t)
		equal(t, "delivered", n, 0)
		dead := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkDead}}))(t)
		ok(t, d.Deliveries().Discard(as(bob), dead[0].ID))
		d.DispatchAll(t)
		equal(t, "delivered", n, 1)
	})
	t.Run("X03 After makes a delivery wait for another binding of the same event", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		var order []string
		tries := 0
		d.Hooks().TicketCreated.Bind("notify", func(ctx, hooks.Created) error { order = append(order, "notify"); return nil }, hooks.After("rules"), hooks.Priority(-10))
		d.Hooks().TicketCreated.Bind("rules", func(ctx, hooks.Created) error {
			if tries++; tries < 3 {
				return errors.New("not yet")
			}
			order = append(order, "rules")
			return nil
		})
		open(t, d, ann)
		for range 5 {
			d.DispatchAll(t)
			d.Clock.Advance(time.Minute)
		}
		if !slices.Equal(order, []string{"rules", "notify"}) {
			t.Errorf("order is %v", order)
		}
	})
	t.Run("X03 a new binding starts now, and with Since from there", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := manual(t, s, helpdesk.Config{})
		from := d.Now()
		tk := open(t, d, ann)
		must(d.SetStatus(as(bob), tk.ID, "closed"))(t)
		d.Clock.Advance(time.Hour)
		var now, all []string
		d.Hooks().TicketStatusChange.Bind("now", func(_ ctx, e hooks.Changed) error { now = append(now, e.New); return nil })
		d.Hooks().TicketStatusChange.Bind("all", func(_ ctx, e hooks.Changed) error { all = append(all, e.New); return nil }, hooks.Since(from))
		must(d.SetStatus(as(bob), tk.ID, "open"))(t)
		d.DispatchAll(t)
		if !slices.Equal(now, []string{"open"}) || !slices.Equal(all, []string{"closed", "open"}) {
			t.Errorf("now %v, all %v", now, all)
		}
		// The same code started again goes on where it was.
		again := manual(t, s, helpdesk.Config{})
		again.Hooks().TicketStatusChange.Bind("all", func(_ ctx, e hooks.Changed) error { all = append(all, e.New); return nil }, hooks.Since(from))
		again.DispatchAll(t)
		equal(t, "after a restart", len(all), 2)
	})
	t.Run("X03 every writer writes deliveries for stored subscriptions, also for those whose code it lacks", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		with := manual(t, s, helpdesk.Config{})
		got := 0
		with.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { got++; return nil })
		ok(t, with.Start(context.Background()))
		without := manual(t, s, helpdesk.Config{})
		open(t, without, ann)
		without.DispatchAll(t)
		equal(t, "delivered by the other", got, 0)
		with.DispatchAll(t)
		equal(t, "delivered", got, 1)
		subs := must(without.Deliveries().Subscriptions(as(bob)))(t)
		if len(subs) != 1 || subs[0].Here {
			t.Errorf("subscriptions are %+v", subs)
		}
		invalid(t, with.Deliveries().Unsubscribe(as(bob), "TicketCreated", "acme"), "id")
		open(t, without, ann)
		ok(t, without.Deliveries().Unsubscribe(as(bob), "TicketCreated", "acme"))
		open(t, without, ann)
		with.DispatchAll(t)
		equal(t, "delivered after Unsubscribe", got, 1)
		is(t, without.Deliveries().Unsubscribe(as(bob), "TicketCreated", "acme"), ticket.ErrNotFound)
	})
	t.Run("X03 an effect in the database happens once per event, however often the delivery is tried", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		tries := 0
		d.Hooks().TicketCreated.Bind("acme", func(c ctx, e hooks.Created) error {
			err := d.Deliveries().Once(c, func(c ctx) error {
				_, err := d.AddNote(c, e.Ticket.ID, ticket.ReplyDraft{Body: "welcome"})
				return err
			})
			if tries++; tries < 3 {
				return errors.Join(err, errors.New("failed after the effect"))
			}
			return err
		})
		tk := open(t, d, ann)
		for range 4 {
			d.DispatchAll(t)
			d.Clock.Advance(time.Minute)
		}
		equal(t, "tries", tries, 3)
		equal(t, "notes", len(must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindNote}}))(t)), 1)
		invalid(t, d.Deliveries().Once(as(bob), func(ctx) error { return nil }), "")
	})
	t.Run("X03 handlers that cause each other without end are stopped, and the history names the cause", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{Limits: ticket.Limits{Depth: 3}})
		d.Hooks().TicketNoteAdded.Bind("loop", func(c ctx, e hooks.Messaged) error {
			_, err := d.AddNote(c, e.Ticket.ID, ticket.ReplyDraft{Body: "and again"})
			return err
		})
		tk := open(t, d, ann)
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "first"}))(t)
		d.DispatchAll(t)
		list := history(t, d, tk.ID)
		last := list[len(list)-1]
		equal(t, "depth", last.Cause.Depth, 3)
		equal(t, "cause", last.Cause.Binding, "loop")
		equal(t, "actor", last.Actor.ID, "loop")
		dead := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkDead}}))(t)
		if len(dead) != 1 || dead[0].Attempt != 1 {
			t.Errorf("dead: %+v", dead)
		}
	})
	t.Run("X03 finished deliveries can be inspected for the time that the settings say", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
		open(t, d, ann)
		d.DispatchAll(t)
		done := func() int { return len(must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)) }
		must(d.Tick(context.Background()))(t)
		equal(t, "kept", done(), 1)
		d.Clock.Advance(8 * 24 * time.Hour)
		equal(t, "removed", must(d.Tick(context.Background()))(t), 1)
		equal(t, "left", done(), 0)
	})
	t.Run("X03 a panicking, an ending and a failing handler are retried, and no stack reaches the error", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("panics", func(ctx, hooks.Created) error { panic("boom") })
		open(t, d, ann)
		d.DispatchAll(t)
		list := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)
		if len(list) != 1 || list[0].State != store.WorkPending || strings.Contains(list[0].Error, "goroutine") || !strings.Contains(list[0].Error, "panicked") {
			t.Errorf("deliveries are %+v", list)
		}
		ended := manual(t, nil, helpdesk.Config{})
		ended.Hooks().TicketCreated.Bind("ends", func(ctx, hooks.Created) error { runtime.Goexit(); return nil })
		open(t, ended, ann)
		gone := make(chan struct{})
		go func() { defer close(gone); ended.DispatchAll(t) }()
		<-gone
		list = must(ended.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)
		if len(list) != 1 || list[0].State != store.WorkPending || !strings.Contains(list[0].Error, "Goexit") {
			t.Errorf("deliveries are %+v", list)
		}
	})
	t.Run("X03 an error that no database takes as a text is kept as one that every database does", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("crm", func(ctx, hooks.Created) error { return errors.New("answered \x00\xff") })
		open(t, d, ann)
		d.DispatchAll(t)
		list := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)
		if len(list) != 1 || !strings.HasSuffix(list[0].Error, "answered \ufffd\ufffd") {
			t.Errorf("deliveries are %+v", list)
		}
	})
	t.Run("X03 the deliveries of a purged ticket end quietly", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { t.Error("delivered"); return nil })
		tk := open(t, d, ann)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
		d.DispatchAll(t)
		list := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)
		if len(list) != 1 || list[0].State != store.WorkDone {
			t.Errorf("deliveries are %+v", list)
		}
	})
}

func TestDispatchModes(t *testing.T) {
	t.Parallel()
	work := func(t *testing.T, d *helpdesk.Desk) {
		tk := must(d.CreateTicket(as(ann), lamp()))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi", Status: "closed"}))(t)
	}
	want := []string{"created", "replied", "status closed"}
	dispatch := func(d *helpdesk.Desk) (int, error) { return d.Deliveries().Dispatch(context.Background()) }
	tick := func(d *helpdesk.Desk) (int, error) { return d.Tick(context.Background()) }
	for name, by := range map[string]struct {
		mode helpdesk.Dispatch
		step func(d *helpdesk.Desk) (int, error)
	}{
		"in the background": {helpdesk.Background, nil}, "inline": {helpdesk.Inline, nil},
		"by the host's scheduler": {helpdesk.Manual, dispatch}, "by a host's scheduler that knows Tick alone": {helpdesk.Manual, tick},
	} {
		t.Run("M11 deliveries run "+name+" to the same effect", func(t *testing.T) {
			t.Parallel()
			d := must(helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Dispatch: by.mode}))(t)
			got := make(chan string, 10)
			d.Hooks().TicketCreated.Bind("x", func(ctx, hooks.Created) error { got <- "created"; return nil })
			d.Hooks().TicketReplied.Bind("x", func(ctx, hooks.Messaged) error { got <- "replied"; return nil })
			d.Hooks().TicketStatusChange.Bind("x", func(_ ctx, e hooks.Changed) error { got <- "status " + e.New; return nil })
			ok(t, d.Start(context.Background()))
			work(t, d)
			for by.step != nil && must(by.step(d))(t) > 0 {
			}
			for _, w := range want {
				select {
				case g := <-got:
					equal(t, "delivery", g, w)
				case <-time.After(10 * time.Second):
					t.Fatalf("%q did not come", w)
				}
			}
			ok(t, d.Stop(context.Background()))
			_, err := d.CreateTicket(as(ann), lamp())
			is(t, err, ticket.ErrStopped)
		})
	}
	t.Run("X03 a handler that hangs delays only itself", func(t *testing.T) {
		t.Parallel()
		d := must(helpdesk.New(context.Background(), openStore(t), nil))(t)
		hang, got := make(chan struct{}), make(chan int64, 100)
		d.Hooks().TicketCreated.Bind("hangs", func(ctx, hooks.Created) error { <-hang; return nil })
		d.Hooks().TicketCreated.Bind("works", func(_ ctx, e hooks.Created) error { got <- e.Ticket.ID; return nil })
		ok(t, d.Start(context.Background()))
		for range 50 {
			must(d.CreateTicket(as(ann), lamp()))(t)
		}
		for range 50 {
			select {
			case <-got:
			case <-time.After(10 * time.Second):
				t.Fatal("the other binding waits for the one that hangs")
			}
		}
		close(hang)
		ok(t, d.Stop(context.Background()))
	})
}
