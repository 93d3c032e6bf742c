package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("M77 X10 B05 the host's users, roles and orders stand behind the desk", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		if err := run(context.Background(), &out, t.TempDir()+"/shop.db"); err != nil {
			t.Fatal(err)
		}
		got := regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`).ReplaceAllString(out.String(), "CODE")
		want := `CODE is of customer 42
it is about a lamp, https://shop.example/orders/A-17
Bob sees 1 ticket(s). Explained: staff 7 may reply on ticket 1
  see: it is their team's
  reply: it is their team's
Carol sees 0 ticket(s). Explained: staff 8 may not reply on ticket 1
  see: it is not for team billing
  reply: it is not for team billing
Ann sees 1 ticket(s). Explained: client 42 may reply on ticket 1
  see: the customer requested the ticket or takes part in it
  reply: the customer requested the ticket or takes part in it
`
		if got != want {
			t.Errorf("got:\n%swant:\n%s", got, want)
		}
	})
	t.Run("it is an example that can be read: under 150 lines", func(t *testing.T) {
		t.Parallel()
		src, err := os.ReadFile("main.go")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(src), "\n"); n >= 150 {
			t.Errorf("main.go has %d lines", n)
		}
	})
}
