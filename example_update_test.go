package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Several properties in one write, and only if nobody changed the ticket since it was read. A nil field of a Patch leaves things as they are; a pointer to an empty value clears.
func ExampleDesk_UpdateTicket() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))

	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "It arrived in two pieces.", Service: "order 1"})
	check(err)
	patch := ticket.Patch{
		Version:  t.Version,
		Subject:  new("Lamp broken"),
		Tags:     &[]string{"fragile", "lamp"},
		Service:  new(""),
		Assignee: new("7"),
		Fields:   map[string]*string{"batch": new("2026-03")},
	}
	t, err = desk.UpdateTicket(bob, t.ID, patch)
	check(err)
	fmt.Printf("%s %v %q %s %v\n", t.Subject, t.Tags, t.Service, t.Assignee, t.Fields)

	_, err = desk.UpdateTicket(bob, t.ID, patch) // its version is stale now
	fmt.Println(errors.Is(err, ticket.ErrConflict))
	// Output:
	// Lamp broken [fragile lamp] "" 7 map[batch:2026-03]
	// true
}
