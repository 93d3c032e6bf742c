package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// aside are mails none of which becomes a message: refused, held, a duplicate, one that the server did not give.
const (
	zoesSpam  = "From: Zoë Quist <zoe@quist.example>\nTo: support@desk.example\nSubject: spam of zoe@quist.example\nMessage-ID: <1@x>\n\nBuy!\n"
	zoesLoop  = "From: zoe@quist.example\nTo: support@desk.example\nSubject: round\nMessage-ID: <2@x>\n\nand round\n"
	evesSpam  = "From: Eve <eve@example.com>\nTo: support@desk.example\nSubject: spam\nMessage-ID: <4@x>\n\nZoë Quist said so.\n"
	evesQuote = "From: Eve <eve@example.com>\nTo: support@desk.example\nSubject: spam\nMessage-ID: <5@x>\nContent-Transfer-Encoding: base64\n\nem9lQHF1aXN0LmV4YW1wbGUgd3JvdGUgdGhpcy4=\n"
)

// postbox is a letterbox whose last mail the server does not give.
type postbox struct{ letterbox }

// Fetch implements gateway.Source.
func (b postbox) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	if int(from.UID) > len(b.letterbox) {
		return from, nil
	}
	at, err := b.letterbox.Fetch(ctx, from, to)
	if err != nil {
		return at, err
	}
	at.UID++
	return at, to.Take(ctx, gateway.Incoming{Place: "1/99", Next: at, Problem: "NO I cannot read the mail of zoe@quist.example"})
}

// sifted is a desk with a gateway that has put mails aside, and what became of each.
func sifted(t *testing.T, d *helpdesktest.Desk, s store.Store) (*gateway.Gateway, []gateway.Outcome) {
	t.Helper()
	d.Hooks().TicketMailValidation.Bind("acme.spam", func(_ context.Context, in hooks.Mailing) error {
		if strings.Contains(in.Subject, "spam") {
			return ticket.Invalid("", ticket.FaultRefused, "it is spam of %s", in.Actor.Email)
		}
		return nil
	})
	g := must(gateway.New("support", d.Mail(), s, nil))(t)
	lost := "From: zoe@quist.example\nTo: support@desk.example\nSubject: twice\nMessage-ID: <6@x>\n\nOnce.\n"
	box := letterbox{zoesSpam, strings.Repeat("Received: by a\n", 60) + zoesLoop, evesSpam, evesQuote, "Received: by one\n" + lost, "Received: by two\n" + lost}
	out := must(g.Poll(context.Background(), postbox{box}))(t)
	var results []gateway.Result
	for _, o := range out {
		results = append(results, o.Result)
	}
	equal(t, "results", fmt.Sprint(results), "[rejected held rejected rejected opened duplicate quarantined]")
	return g, out
}

func TestErasureOfMails(t *testing.T) {
	t.Parallel()
	t.Run("X13 mails of an erased person that became no message keep nothing of theirs", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d, s := onDisk(t, dir, helpdesk.Config{})
		g, out := sifted(t, d, s)
		done := must(d.People().Erase(as(bob), ticket.Person{Email: "zoe@quist.example"}, nil))(t)
		equal(t, "mails", done.Mails, 5)
		must(d.Tick(context.Background()))(t)
		ok(t, s.Compact(context.Background()))
		for _, text := range []string{"zoe@quist", "ZOE@quist", "em9lQHF1aXN0"} {
			if in := traces(t, dir, text); len(in) > 0 {
				t.Errorf("%q is in %v", text, in)
			}
		}
		for n, kept := range []bool{false, false, true, false, false, false, false} {
			raw, err := g.Raw(context.Background(), out[n].Work)
			if kept != (err == nil) || !kept && !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("mail %d: %v", n, err)
			}
			if err == nil {
				if text := must(io.ReadAll(raw))(t); !strings.Contains(string(text), "Eve") {
					t.Errorf("mail %d is %q", n, text)
				}
				ok(t, raw.Close())
			}
		}
		list := must(g.Recent(context.Background(), 10))(t)
		equal(t, "list", len(list), len(out))
		first := list[len(list)-1]
		equal(t, "result", first.Result, gateway.Rejected)
		equal(t, "from", first.From, "(erased)")
		equal(t, "subject", first.Subject, "spam of (erased)")
		held := list[len(list)-2]
		equal(t, "held", held.Result, gateway.Held)
		is(t, g.Requeue(context.Background(), held.Work), ticket.ErrNotFound)
		ok(t, g.Requeue(context.Background(), list[len(list)-3].Work))
		removed := must(d.Journal(as(bob), ticket.EventQuery{Types: []ticket.EventType{ticket.EventFilesRemoved}}))(t)
		if len(removed) != 3 || removed[0].Detail != "a person was erased" {
			t.Errorf("the journal has %+v of the removals", removed)
		}
		equal(t, "again", must(d.People().Erase(as(bob), ticket.Person{Email: "zoe@quist.example"}, nil))(t).Mails, 0)
		equal(t, "Eve's is tried again", must(g.Poll(context.Background(), letterbox{}))(t)[0].From, "eve@example.com")
	})
	t.Run("X13 a mail that waits to become a message is left to become one", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		g, out := sifted(t, d, d.Store)
		ok(t, g.Requeue(context.Background(), out[1].Work))
		equal(t, "mails", must(d.People().Erase(as(bob), ticket.Person{Email: "zoe@quist.example"}, nil))(t).Mails, 4)
		again := must(g.Poll(context.Background(), letterbox{}))(t)
		equal(t, "mails", len(again), 1)
		equal(t, "result", again[0].Result, gateway.Opened)
	})
	t.Run("X13 an erasure that fails at a mail is called again, and knows the addresses that tickets alone had", func(t *testing.T) {
		t.Parallel()
		box, broken := newShelf(t), errors.New("disk on fire")
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		must(d.CreateTicket(as(ticket.Client("42", "Zoë Quist", "zoe@quist.example")), ticket.Draft{Subject: "Lamp", Body: "It flickers."}))(t)
		sifted(t, d, d.Store)
		box.failAt(1, broken)
		first, err := d.People().Erase(as(bob), ticket.Person{ID: "42"}, nil)
		is(t, err, broken)
		box.failAt(0, nil)
		again := must(d.People().Erase(as(bob), ticket.Person{ID: "42"}, nil))(t)
		equal(t, "mails", first.Mails+again.Mails, 5)
	})
}
