package gateway_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// TestClockJumps moves the clock in the middle of things, and not again.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	for what, jump := range map[string]time.Duration{"back a day": -24 * time.Hour, "forward a year": 365 * 24 * time.Hour} {
		grounds.Each(t, "X05 the clock goes "+what+" at any moment, and no mail waits for it", func(t *testing.T, address string) {
			clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
			d := helpdesktest.New(t, &helpdesktest.Options{Store: mailproof.Store(t, address, clock.Now), Clock: clock})
			var inHook atomic.Pointer[func()]
			d.Hooks().TicketMailValidation.Bind("test", func(ctx context.Context, in hooks.Mailing) error {
				if do := inHook.Swap(nil); do != nil {
					(*do)()
				}
				return refusePills(ctx, in)
			})
			for _, moment := range []string{"while mails are taken in", "before they are processed", "while one is processed", "while one is processed, and another process goes on", "while they are acknowledged", "after all"} {
				j := &jumping{askedBox: askedBox{box: box{validity: 1}}}
				name := fmt.Sprintf("%d", time.Now().UnixNano())
				j.varied(name)
				g, err := gateway.New(name, d.Mail(), d.Store, &gateway.Options{Acknowledge: true})
				if err != nil {
					t.Fatal(err)
				}
				move := func() { clock.Advance(jump) }
				switch moment {
				case "while mails are taken in":
					j.during = move
				case "before they are processed":
					if _, err := g.Fetch(t.Context(), j); err != nil {
						t.Fatal(err)
					}
					move()
				case "while one is processed":
					inHook.Store(&move)
				case "while one is processed, and another process goes on":
					both := func() {
						move()
						if _, err := g.Process(t.Context()); err != nil {
							t.Error(err)
						}
					}
					inHook.Store(&both)
				case "while they are acknowledged":
					j.asked = move
				}
				poll(t, g, j)
				if moment == "after all" {
					move()
				}
				poll(t, g, j)
				if early := j.early(g); len(early) > 0 || !j.finished() {
					t.Errorf("%s: acknowledged are %v; too early %v", moment, j.done, early)
				}
				if again := poll(t, g, j); len(again) != 0 {
					t.Errorf("%s: once more: %+v", moment, again)
				}
				if tally := mailproof.Check(t, d.Desk, g, []string{name}, slices.Values(j.mails)); tally[gateway.Opened] != 1 || tally[gateway.Answered] != 1 || tally[gateway.Duplicate] != 1 || tally[gateway.Rejected] != 1 {
					t.Errorf("%s: %v", moment, tally)
				}
			}
		})
	}
}

// jumping is a mailbox in the midst of which something happens.
type jumping struct {
	askedBox
	during, asked func()
}

func (j *jumping) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	return j.askedBox.Fetch(ctx, from, &jumpingIntake{to, j, 0})
}

func (j *jumping) Acknowledge(ctx context.Context, places []string) error {
	if do := j.asked; do != nil {
		j.asked = nil
		do()
	}
	return j.askedBox.Acknowledge(ctx, places)
}

type jumpingIntake struct {
	gateway.Intake
	j     *jumping
	taken int
}

func (i *jumpingIntake) Take(ctx context.Context, in gateway.Incoming) error {
	if i.taken++; i.taken == 3 && i.j.during != nil {
		i.j.during()
	}
	return i.Intake.Take(ctx, in)
}
