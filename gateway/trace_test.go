package gateway_test

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestTrace(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil)
	i.box.add(letter(ann, "one@example.com", "Lamp broken", "", "In two pieces."))
	raw := i.box.mails[0]
	if _, err := i.g.Trace(t.Context(), raw); !errors.Is(err, ticket.ErrNotFound) {
		t.Errorf("before it came: %v", err)
	}
	if _, err := i.g.Fetch(t.Context(), i.box); err != nil {
		t.Fatal(err)
	}
	if o, err := i.g.Trace(t.Context(), raw); err != nil || o.Work == 0 || o.Result != "" {
		t.Errorf("while it waits: %+v, %v", o, err)
	}
	want := i.only(t, gateway.Opened)
	if got, err := i.g.Trace(t.Context(), raw); err != nil || got.Work != want.Work || got.Result != gateway.Opened || got.MessageID != want.MessageID {
		t.Errorf("in the end: %+v, %v, want %+v", got, err, want)
	}
}

func TestEmptyMail(t *testing.T) {
	t.Parallel()
	t.Run("a mail of no bytes is a ticket, and its copy is none", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.mails = [][]byte{nil, {}}
		i.only(t, gateway.Opened)
		i.box.validity++
		if again := i.poll(t); len(again) != 0 {
			t.Errorf("under another validity: %+v", again)
		}
	})
	t.Run("a mail whose bytes the server withholds goes to quarantine", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		out, err := i.g.Poll(t.Context(), claimed(467))
		if err != nil || len(out) != 1 || out[0].Result != gateway.Quarantined {
			t.Errorf("outcomes are %+v, %v", out, err)
		}
	})
}

// claimed is a server with one mail, of which it gives the size only.
type claimed int64

func (c claimed) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	end := gateway.Cursor{Validity: 1, UID: 1}
	if from == end {
		return end, nil
	}
	return end, to.Take(ctx, gateway.Incoming{Place: "1/1", Next: end, Size: int64(c)})
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil)
	for _, id := range []string{"one@example.com", "two@example.com", "three@example.com"} {
		i.box.add(letter(ann, id, "Lamp "+id, "", "x"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	i.Hooks().TicketMailValidation.Bind("acme", func(context.Context, hooks.Mailing) error { cancel(); return nil })
	out, err := i.g.Poll(ctx, i.box)
	if !errors.Is(err, context.Canceled) || len(out) > 1 {
		t.Fatalf("the interrupted poll: %+v, %v", out, err)
	}
	// The clock stands still: no lease has ended meanwhile.
	if rest := i.poll(t); len(out)+len(rest) != 3 {
		t.Errorf("%d mails before the interrupt, %d after it, of 3", len(out), len(rest))
	}
}
