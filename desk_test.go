package helpdesk_test

import (
	"context"
	"testing"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann   = ticket.Client("42", "Ann", "ann@example.com")
	bob   = ticket.Staff("7", "Bob", "bob@desk.example")
	carol = ticket.Staff("8", "Carol", "carol@desk.example")
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func TestSmoke(t *testing.T) {
	d := helpdesktest.New(t, nil)
	var got []hooks.Changed
	d.Hooks().TicketStatusChange.Bind("acme", func(ctx context.Context, e hooks.Changed) error { got = append(got, e); return nil })
	tk, err := d.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp broken", Body: "In two pieces."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "Sorry"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetStatus(as(bob), tk.ID, "closed", "done"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Again"}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].New != "closed" || got[1].New != "open" || got[0].Ticket.Status != "closed" {
		t.Fatalf("%+v", got)
	}
	t.Log(d.Fired())
	h, err := d.History(as(bob), tk.ID, ticket.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h {
		t.Log(e.Seq, e.Type, e.Actor.Kind, ticket.Decisions(e.Changes))
	}
}
