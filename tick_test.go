package helpdesk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

func TestTickDelivers(t *testing.T) {
	t.Parallel()
	background := context.Background()
	pending := func(t *testing.T, d *helpdesk.Desk) int {
		t.Helper()
		return len(must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkPending}, Limit: 1000}))(t))
	}
	t.Run("M11 X03 Tick delivers all that is due in manual mode, counts it, and does what is due by the clock after it", func(t *testing.T) {
		t.Parallel()
		d := manual(t, openStore(t), helpdesk.Config{})
		told, seen := 0, -1
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		d.Automation().AddStep(func(ctx) (int, error) { seen = told; return 0, nil })
		const n = 100 // more than Dispatch delivers at a time
		for range n {
			open(t, d, ann)
		}
		equal(t, "told before", told, 0)
		equal(t, "done", must(d.Tick(background))(t), n)
		equal(t, "told", told, n)
		equal(t, "told before the clock's", seen, n)
		equal(t, "pending", pending(t, d.Desk), 0)
		equal(t, "done when nothing is left", must(d.Tick(background))(t), 0)
	})
	t.Run("M11 X03 what a handler fails at is no error of Tick, and tried again by it when its pause is over", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		tries := 0
		d.Hooks().TicketCreated.Bind("acme", func(_ ctx, e hooks.Created) error {
			if tries++; tries == 1 {
				return errors.New("not yet")
			}
			return nil
		})
		open(t, d, ann)
		equal(t, "done", must(d.Tick(background))(t), 1)
		equal(t, "done in the pause", must(d.Tick(background))(t), 0)
		d.Clock.Advance(time.Minute)
		equal(t, "done after it", must(d.Tick(background))(t), 1)
		equal(t, "tries", tries, 2)
		d.Failed()
	})
	t.Run("M11 X03 what a handler fails at in inline mode is tried again by Tick when its pause is over, though nobody writes", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tries := 0
		d.Hooks().TicketCreated.Bind("acme", func(_ ctx, e hooks.Created) error {
			if tries++; tries == 1 {
				return errors.New("not yet")
			}
			return nil
		})
		open(t, d, ann)
		equal(t, "tries by the write", tries, 1)
		equal(t, "done in the pause", must(d.Tick(background))(t), 0)
		d.Clock.Advance(time.Minute)
		equal(t, "done after it", must(d.Tick(background))(t), 1)
		equal(t, "tries", tries, 2)
		equal(t, "pending", pending(t, d.Desk), 0)
		d.Failed()
	})
	t.Run("M11 X03 handlers that cause each other without end do not keep Tick from what is due by the clock", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		ended, cancel := context.WithTimeout(background, time.Minute) // a Tick that does not end is not waited for
		defer cancel()
		d.Hooks().TicketCreated.Bind("loop", func(ctx, hooks.Created) error {
			_, err := d.CreateTicket(as(ann), lamp()) // without the handler's context nobody knows how deep it is
			return errors.Join(err, ended.Err())
		})
		steps := 0
		d.Automation().AddStep(func(ctx) (int, error) { steps++; return 0, nil })
		open(t, d, ann)
		n := must(d.Tick(ended))(t)
		if n < 1 || n > 1024 {
			t.Errorf("it tried %d deliveries", n)
		}
		equal(t, "steps", steps, 1)
	})
	t.Run("M11 X03 X08 whatever call to the store fails, Tick does what is due by the clock, and a later one delivers", func(t *testing.T) {
		t.Parallel()
		broken, said := errors.New("disk on fire"), map[string]bool{}
		for n := 1; ; n++ {
			clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
			f := storetest.NewFaulty(memory.New(&memory.Options{Now: clock.Now}))
			d := helpdesktest.New(t, &helpdesktest.Options{Store: f, Clock: clock, Manual: true})
			told, steps := 0, 0
			d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
			d.Automation().AddStep(func(ctx) (int, error) { steps++; return 0, nil })
			open(t, d, ann)
			f.FailAt(n, broken)
			_, err := d.Tick(background)
			name := f.Failed()
			f.FailAt(0, nil)
			if err != nil {
				is(t, err, broken)
				equal(t, name+" failed: said once", strings.Count(err.Error(), "helpdesk:"), 1)
				said[name] = true
			}
			equal(t, name+" failed: steps", steps, 1)
			if name == "" {
				equal(t, "told when nothing fails", told, 1)
				break
			}
			clock.Advance(time.Hour) // leases are over, and pauses
			must(d.Tick(background))(t)
			if told == 0 || pending(t, d.Desk) > 0 {
				t.Errorf("%s failed: told %d times, %d deliveries wait", name, told, pending(t, d.Desk))
			}
		}
		if !said["Due"] || !said["Lease"] {
			t.Errorf("Tick has an error only if one of these fails: %v", said)
		}
	})
	t.Run("M11 Tick leaves deliveries in background mode to the desk, which Check says has to be started; in inline mode a write has made them before", func(t *testing.T) {
		t.Parallel()
		for mode, want := range map[helpdesk.Dispatch]struct{ pending, problems int }{helpdesk.Background: {1, 1}, helpdesk.Inline: {0, 0}, helpdesk.Manual: {0, 0}} {
			d := must(helpdesk.New(background, openStore(t), &helpdesk.Config{Dispatch: mode}))(t)
			defer func() { ok(t, d.Stop(background)) }()
			d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
			must(d.CreateTicket(as(ann), lamp()))(t)
			must(d.Tick(background))(t)
			equal(t, "pending", pending(t, d), want.pending)
			problems := 0
			for _, p := range must(d.Check(background))(t) {
				if p.Area == "hooks" {
					problems++
				}
			}
			equal(t, "problems", problems, want.problems)
		}
	})
	t.Run("M11 M24 one Tick of a desk in manual mode sends the letter about a new ticket", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		must(notify.New(d.Notification(), d.Store, &notify.Options{Mail: d.Outbox, From: "help@desk.example"}))(t)
		open(t, d, ann)
		equal(t, "letters before", len(d.Outbox.Mails()), 0)
		must(d.Tick(background))(t)
		equal(t, "letters", len(d.Outbox.Mails()), 1)
	})
}
