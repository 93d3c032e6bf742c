package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// askedBox is a mailbox that is told of mails that are done with.
type askedBox struct {
	box
	done []string
	fail error
}

func (b *askedBox) Acknowledge(_ context.Context, places []string) error {
	if b.fail != nil {
		return b.fail
	}
	b.done = append(b.done, places...)
	return nil
}

func (b *askedBox) expect(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(b.done)
	if !slices.Equal(b.done, want) {
		t.Errorf("acknowledged: %q, want %q", b.done, want)
	}
	b.done = nil
}

// newAsked is a desk with a gateway that acknowledges.
func newAsked(t *testing.T, o gateway.Options) (*helpdesktest.Desk, *gateway.Gateway, *askedBox) {
	t.Helper()
	d := helpdesktest.New(t, nil)
	o.Acknowledge = true
	g, err := gateway.New("support", d.Mail(), d.Store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return d, g, &askedBox{box: box{validity: 1}}
}

func poll(t *testing.T, g *gateway.Gateway, b gateway.Source) []gateway.Outcome {
	t.Helper()
	out, err := g.Poll(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestM35Acknowledge(t *testing.T) {
	t.Parallel()
	t.Run("M35 a mail is acknowledged once it is a message, and once only", func(t *testing.T) {
		_, g, b := newAsked(t, gateway.Options{})
		b.add(letter("ann@example.com", "1", "One", "", "text"), letter("ann@example.com", "2", "Two", "", "text"))
		poll(t, g, b)
		b.expect(t, "1/1", "1/2")
		poll(t, g, b)
		b.expect(t)
	})
	t.Run("M35 after as many days as are set", func(t *testing.T) {
		d, g, b := newAsked(t, gateway.Options{AcknowledgeAfter: 7 * 24 * time.Hour})
		b.add(letter("ann@example.com", "1", "One", "", "text"))
		poll(t, g, b)
		d.Clock.Advance(6 * 24 * time.Hour)
		poll(t, g, b)
		b.expect(t)
		d.Clock.Advance(2 * 24 * time.Hour)
		poll(t, g, b)
		b.expect(t, "1/1")
	})
	t.Run("M35 not while a hook cannot say what it is", func(t *testing.T) {
		d, g, b := newAsked(t, gateway.Options{})
		down := true
		d.Hooks().TicketMailValidation.Bind("test", func(context.Context, hooks.Mailing) error {
			if down {
				return errors.New("the spam service is down")
			}
			return nil
		})
		b.add(letter("ann@example.com", "1", "One", "", "text"))
		poll(t, g, b)
		b.expect(t)
		down = false
		d.Clock.Advance(time.Hour)
		poll(t, g, b)
		b.expect(t, "1/1")
	})
	t.Run("M35 in quarantine and refused, too, for the raw mail is kept", func(t *testing.T) {
		d, g, b := newAsked(t, gateway.Options{})
		d.Hooks().TicketMailValidation.Bind("test", func(context.Context, hooks.Mailing) error {
			return ticket.Invalid("body", ticket.FaultNotAllowed, "is spam")
		})
		b.add(letter("ann@example.com", "1", "One", "", "text"))
		if out := poll(t, g, b); len(out) != 1 || out[0].Result != gateway.Rejected {
			t.Fatalf("%v", out)
		}
		b.expect(t, "1/1")
	})
	t.Run("M35 never where the server has more than we have", func(t *testing.T) {
		d, g, b := newAsked(t, gateway.Options{})
		part := sourceFunc(func(ctx context.Context, to gateway.Intake) error {
			raw := []byte(letter("ann@example.com", "1", "Big", "", ""))
			return to.Take(ctx, gateway.Incoming{Place: "1/1", Raw: raw, Size: 1 << 31, Problem: "it is too big"})
		})
		if out := poll(t, g, part); len(out) != 1 || out[0].Result != gateway.Opened {
			t.Fatalf("%v", out)
		}
		d.Clock.Advance(time.Hour)
		poll(t, g, b)
		b.expect(t)
	})
	t.Run("M35 a copy at another place, too", func(t *testing.T) {
		_, g, b := newAsked(t, gateway.Options{})
		same := letter("ann@example.com", "1", "One", "", "text")
		b.add(same, same)
		poll(t, g, b)
		b.expect(t, "1/1", "1/2")
	})
	t.Run("M35 a server that fails is asked again", func(t *testing.T) {
		d, g, b := newAsked(t, gateway.Options{})
		b.add(letter("ann@example.com", "1", "One", "", "text"))
		b.fail = errors.New("NO")
		if out, err := g.Poll(t.Context(), b); !errors.Is(err, b.fail) || len(out) != 1 {
			t.Fatalf("%v, %v", out, err)
		}
		b.fail = nil
		d.Clock.Advance(time.Minute)
		poll(t, g, b)
		b.expect(t, "1/1")
	})
}

// TestOneFetchesAtATime: of two processes one has the mailbox; who stood still meanwhile stores nothing more.
func TestOneFetchesAtATime(t *testing.T) {
	t.Parallel()
	d := helpdesktest.New(t, nil)
	both := make([]*gateway.Gateway, 2)
	for i := range both {
		var err error
		if both[i], err = gateway.New("support", d.Mail(), d.Store, &gateway.Options{Lease: time.Millisecond}); err != nil {
			t.Fatal(err)
		}
	}
	b := &box{validity: 1}
	for n := range 3 {
		b.add(letter("ann@example.com", fmt.Sprint(n), fmt.Sprint(n), "", "text"))
	}
	slow := sourceFunc(func(ctx context.Context, to gateway.Intake) error {
		// It stands still until its lease has ended, and another has taken over and got ahead.
		for range 100 {
			d.Clock.Advance(time.Second)
			if n, err := both[1].Fetch(ctx, b); err != nil || n > 0 {
				break
			}
		}
		late := gateway.Incoming{Place: "1/9", Next: gateway.Cursor{Validity: 1, UID: 9}, Raw: []byte(letter("ann@example.com", "9", "Late", "", "text"))}
		return to.Take(ctx, late)
	})
	if n, err := both[0].Fetch(t.Context(), slow); err != nil || n != 0 {
		t.Errorf("who woke too late stored %d mails, %v", n, err)
	}
	if st, err := both[0].Status(t.Context()); err != nil || st.Cursor.UID != 3 || st.Waiting != 3 {
		t.Errorf("%+v, %v", st, err)
	}
}
