package mailboxes_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
)

// TestFollow has one process run what another one defines.
func TestFollow(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	runs := must(mailboxes.New(o.Mail(), o.Store, &mailboxes.Options{Sealer: sealer(t, 1), Watch: 20 * time.Millisecond}))(t)
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
