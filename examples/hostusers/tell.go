package main

import (
	"context"
	"fmt"
	"io"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tell opens a ticket for a guest whom the shop knows, and lets its staff look at it.
func tell(ctx context.Context, out io.Writer, desk *helpdesk.Desk) error {
	guest := ticket.WithActor(ctx, ticket.Guest("A.", "Ann@example.com"))
	t, err := desk.CreateTicket(guest, ticket.Draft{Subject: "Return", Body: "The lamp is broken.", Department: "returns", Service: "A-17"})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is of customer %s\n", t.Code, t.Requester.ID)
	admin := ticket.WithActor(ctx, ticket.Staff("1", "Root", "root@shop.example"))
	objects, err := desk.Objects(admin, t.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "it is about %s, %s\n", objects[0].Label, objects[0].URL)
	for _, a := range []ticket.Actor{ticket.Staff("7", "Bob", ""), ticket.Staff("8", "Carol", ""), ticket.Client("42", "Ann", "ann@example.com")} {
		page, err := desk.Tickets(ticket.WithActor(ctx, a), ticket.Query{})
		if err != nil {
			return err
		}
		why, err := desk.Rights().Explain(admin, a, helpdesk.ActReply, t.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s sees %d ticket(s). Explained: %s\n", a.Name, len(page.Tickets), why)
	}
	return nil
}
