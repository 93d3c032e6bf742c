package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Statuses and settings are changed while the desk runs. Every process on the store sees the change at its next operation.
func ExampleSettings() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetShop)}) // a seed for an empty store
	check(err)
	defer desk.Stop(ctx)
	host := ticket.WithActor(ctx, ticket.System("shop")) // the host's own code

	// The name is yours; the class is what the library knows of it.
	check(desk.Catalog().PutStatus(host, ticket.Status{Code: "at_workshop", Name: "At the workshop", Class: ticket.ClassPending, Sort: 40}))
	check(desk.Catalog().PutDepartment(host, ticket.Department{Code: "repairs", Name: "Repairs"}))
	check(desk.Settings().Update(host, ticket.DepartmentLayer("repairs"), ticket.SettingsPatch{
		StatusOnStaff:      new("at_workshop"),
		RequireClosingNote: new(true),
	}))

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	_, err = desk.Transfer(bob, t.ID, "repairs")
	check(err)
	_, err = desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "We look at it."})
	check(err)
	t, err = desk.Ticket(bob, t.ID)
	check(err)
	fmt.Println(t.Status, t.Class)
	_, err = desk.CloseTicket(bob, t.ID)
	fmt.Println(err)
	t, err = desk.CloseTicket(bob, t.ID, "glued")
	check(err)
	fmt.Println(t.Status)

	fmt.Println(desk.Catalog().DeleteStatus(host, "at_workshop")) // the settings name it
	now, err := desk.Settings().Get(host, "default", "repairs", "")
	check(err)
	fmt.Println(now.DefaultStatus, now.StatusOnStaff, now.RequireClosingNote)
	// Output:
	// at_workshop pending
	// helpdesk: close ticket 1: invalid: note: is needed to close a ticket: say how it was settled
	// closed
	// helpdesk: delete status/at_workshop: invalid: code: status/at_workshop is named by the settings of department/repairs: change that first
	// open at_workshop true
}
