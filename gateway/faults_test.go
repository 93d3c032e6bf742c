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
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// varied are mails of all sorts: a new one, an answer, the first once more, and once more by another way, one that is
// refused.
func (b *box) varied(name string) {
	first := letter(ann, "1."+name+"@example.com", "Lamp", "", "of "+name)
	b.add("Received: by one\n"+first, letter(ann, "2."+name+"@example.com", "Re: Lamp", "In-Reply-To: <1."+name+"@example.com>\n", name),
		"Received: by one\n"+first, "Received: by two\n"+first, letter(ann, "3."+name+"@example.com", "Pills", "", name))
}

// refusePills refuses mails by their subject.
func refusePills(_ context.Context, in hooks.Mailing) error {
	if in.Subject == "Pills" {
		return ticket.Invalid("subject", ticket.FaultRefused, "is about pills")
	}
	return nil
}

// early lists the mails that were acknowledged, and are not done with.
func (b *askedBox) early(g *gateway.Gateway) (out []string) {
	for _, place := range b.done {
		var uid int
		if _, err := fmt.Sscanf(place, "1/%d", &uid); err != nil {
			return append(out, place)
		}
		if o, err := g.Trace(context.Background(), b.mails[uid-1]); err != nil || o.Result == "" {
			out = append(out, fmt.Sprintf("%s: %+v, %v", place, o, err))
		}
	}
	return out
}

// finished reports whether every mail was acknowledged.
func (b *askedBox) finished() bool {
	for n := range b.mails {
		if !slices.Contains(b.done, fmt.Sprintf("1/%d", n+1)) {
			return false
		}
	}
	return true
}

// TestStoreFaults fails every call to a database in turn, while mails are fetched, processed and acknowledged.
func TestStoreFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 whichever call to the database fails, every mail has its result, and is acknowledged after it", func(t *testing.T, address string) {
		step := 1
		if testing.Short() {
			step = 9
		}
		f := storetest.NewFaulty(mailproof.Store(t, address, nil))
		d := helpdesktest.New(t, &helpdesktest.Options{Store: f})
		d.Hooks().TicketMailValidation.Bind("test", refusePills)
		var names []string
		var mails [][]byte
		var failed = map[string]int{}
		for n := 1; ; n += step {
			name := fmt.Sprintf("f%d", n)
			desk := gateway.Desk(d.Mail())
			if n%2 == 0 { // several in one transaction
				desk = joined{d.Mail()}
			}
			g, err := gateway.New(name, desk, f, &gateway.Options{Acknowledge: true, Lease: 100 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			b := &askedBox{box: box{validity: 1}}
			b.varied(name)
			names, mails = append(names, name), append(mails, b.mails...)
			f.FailAt(n, broken)
			_, _ = g.Poll(t.Context(), b)
			call := f.Failed()
			f.FailAt(0, nil)
			failed[call]++
			if early := b.early(g); len(early) > 0 {
				t.Errorf("call %d (%s) failed: acknowledged too early: %v", n, call, early)
			}
			for begun := time.Now(); !b.finished(); d.Clock.Advance(10 * time.Minute) { // what was leased is free soon
				poll(t, g, b)
				if time.Since(begun) > time.Minute {
					t.Fatalf("call %d (%s) failed: acknowledged are %v only", n, call, b.done)
				}
			}
			if call == "" {
				break
			}
		}
		g, err := gateway.New("any", d.Mail(), f, nil)
		if err != nil {
			t.Fatal(err)
		}
		tally := mailproof.Check(t, d.Desk, g, names, slices.Values(mails))
		t.Logf("%d calls failed: %v; %v", len(names)-1, failed, tally)
		want := len(names)
		if tally[gateway.Opened] != want || tally[gateway.Answered] != want || tally[gateway.Duplicate] != want || tally[gateway.Rejected] != want || want*step < 100 {
			t.Errorf("of %d mailboxes became %v", want, tally)
		}
	})
}
