package gateway_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestKnownFaults holds against us what other gateways are known to get wrong.
func TestKnownFaults(t *testing.T) {
	t.Parallel()
	t.Run("M38 a process that died while it fetched stops nobody for long", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter(ann, "1@example.com", "Lamp", "", "text"))
		died := make(chan struct{})
		go func() { // it dies within the fetch, and gives nothing back
			defer close(died)
			_, _ = i.g.Fetch(t.Context(), sourceFunc(func(context.Context, gateway.Intake) error { runtime.Goexit(); return nil }))
		}()
		<-died
		other := i.with(t, gateway.Options{})
		if n, err := other.g.Fetch(t.Context(), i.box); n != 0 || err != nil {
			t.Errorf("it is held by nobody: %d, %v", n, err)
		}
		i.Clock.Advance(time.Minute)
		if out := other.poll(t); len(out) != 1 || out[0].Result != gateway.Opened {
			t.Errorf("%+v", out)
		}
	})
	t.Run("M41 a reply of which a mail program has left nothing but its Message-IDs finds its ticket", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter(ann, "1@example.com", "Lamp", "", "text"))
		tk := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		if _, err := i.Reply(staff(), tk.ID, ticket.ReplyDraft{Body: "sorry", Mail: &ticket.Mail{MessageID: "ours@desk.example"}}); err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "two@example.com", "Something else", "References: <unknown@example.com> <ours@desk.example>\n", "thanks"))
		if o := i.only(t, gateway.Answered); o.TicketID != tk.ID {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M43 one call fetches and processes, and needs no timer", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter(ann, "1@example.com", "Lamp", "", "text"))
		if out := i.poll(t); len(out) != 1 || out[0].Result != gateway.Opened {
			t.Errorf("%+v", out)
		}
	})
}
