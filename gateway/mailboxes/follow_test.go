package mailboxes_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/hooks"
)

// TestFollow has one process run what another one defines.
func TestFollow(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	runs := o.beside(t, &mailboxes.Options{Sealer: sealer(t, 1), Watch: 20 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runs.Run(ctx) }()
	t.Run("M35 what another process defines is run", func(t *testing.T) {
		must(o.Save(as(bob), s.definition(t, "shop")))(t)
		s.send(t, "one")
		o.expect(t, "support/one")
	})
	t.Run("M35 a gateway that is deleted and defined anew is run as it is now", func(t *testing.T) {
		ok(t, o.Delete(as(bob), "shop"))
		next := s.definition(t, "shop")
		next.Department = "sales"
		must(o.Save(as(bob), next))(t)
		for got := ""; got != "sales"; {
			s.send(t, "more")
			got, _, _ = strings.Cut(<-o.opened, "/")
		}
	})
	t.Run("M35 Run ends with its context", func(t *testing.T) {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestDeletedMeanwhile deletes a gateway of which mails wait, as happens where another process fetches at that moment.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, &mailboxes.Options{Sealer: sealer(t, 1), Watch: 10 * time.Millisecond}), startServer(t)
	var down atomic.Bool
	asked := make(chan struct{}, 100)
	o.Hooks().TicketMailValidation.Bind("test", func(context.Context, hooks.Mailing) error {
		asked <- struct{}{}
		if down.Load() {
			return errors.New("a service is away")
		}
		return nil
	})
	down.Store(true)
	must(o.Save(as(bob), s.definition(t, "shop")))(t)
	s.send(t, "one")
	o.run(t)
	<-asked
	t.Run("M35 what was fetched before a gateway was deleted still becomes a ticket", func(t *testing.T) {
		ok(t, o.Mail().DeleteGateway(as(bob), "shop"))
		down.Store(false)
		deadline := time.After(time.Minute)
		for tick := time.NewTicker(5 * time.Millisecond); len(o.opened) == 0; {
			o.Clock.Advance(time.Minute)
			select {
			case <-tick.C:
			case <-deadline:
				t.Fatal("it waits for ever")
			}
		}
		o.expect(t, "support/one")
	})
}
