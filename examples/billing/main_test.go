package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("X01 an order and its ticket are one, a failed payment takes both, and a guard keeps one refund per order", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		if err := run(context.Background(), &out, t.TempDir()+"/billing.db"); err != nil {
			t.Fatal(err)
		}
		got := regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`).ReplaceAllString(out.String(), "CODE")
		want := `order 1 is paid, and its ticket CODE is open
an order was not: payment declined
refund ticket CODE is open for order 1
a second one was refused: helpdesk: create ticket: hook billing.one-refund at TicketCreateGuard: invalid: service: order 1 has an open refund already: CODE
in the database: 1 order(s), 2 ticket(s)
`
		if got != want {
			t.Errorf("got:\n%swant:\n%s", got, want)
		}
	})
}
