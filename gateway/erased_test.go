package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestErased has more mails put aside than are looked at in one go.
func TestErased(t *testing.T) {
	t.Parallel()
	mailproof.NewGrounds(t).Each(t, "X13 who is erased is in no mail that was put aside, however many there are, and others stay", func(t *testing.T, address string) {
		d := helpdesktest.New(t, &helpdesktest.Options{Store: mailproof.Store(t, address, nil)})
		g, err := gateway.New("support", d.Mail(), d.Store, nil)
		if err != nil {
			t.Fatal(err)
		}
		i := &inbox{d, g, &box{validity: 1}}
		const mails = 1100
		circle := strings.Repeat("Received: by a\n", 60)
		for n := range mails {
			from := ann
			if n%100 == 7 {
				from = "Eve <eve@example.org>"
			}
			i.box.add(circle + letter(from, fmt.Sprintf("%d@x", n), fmt.Sprint("Lamp ", n), "", "broken"))
		}
		all := i.pollAll(t)
		done, err := d.People().Erase(staff(), ticket.Person{Email: "eve@example.org"}, nil)
		if err != nil || done.Mails != mails/100 {
			t.Fatalf("%+v, %v", done, err)
		}
		for n, o := range all {
			_, err := i.raw(o.Work)
			if gone := errors.Is(err, ticket.ErrNotFound); o.Result != gateway.Held || gone != (n%100 == 7) || err != nil && !gone {
				t.Errorf("mail %d: %s, %v", n, o.Result, err)
			}
		}
		status, err := g.Status(context.Background())
		if err != nil || status.Quarantined != 1000 { // which is how far they are counted
			t.Errorf("%+v, %v", status, err)
		}
		list, err := g.Quarantine(context.Background())
		if err != nil || len(list) != 1000 {
			t.Fatal(len(list), err)
		}
		for _, o := range list {
			if o.Result != gateway.Held || o.From != "ann@example.com" && o.From != "(erased)" {
				t.Errorf("%+v", o)
			}
		}
	})
}
