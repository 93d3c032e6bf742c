package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A department declares which status may follow which, and what must be filled in before a ticket is finished.
func ExampleDesk_NextStatuses() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{
		Statuses: ticket.StatusPreset(ticket.PresetShop),
		Fields:   []ticket.Field{{Code: "cause", Name: "Cause", Type: ticket.FieldText, RequiredToSolve: true}},
	})
	check(err)
	defer desk.Stop(ctx)
	host := ticket.WithActor(ctx, ticket.System("shop"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	check(desk.Settings().Update(host, ticket.DepartmentLayer("support"), ticket.SettingsPatch{Transitions: &[]ticket.Transition{
		{From: "open", To: []string{"in_progress"}},
		{From: "in_progress", To: []string{"waiting_customer", "closed"}},
	}}))
	t, err := desk.CreateTicket(ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com")), ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)

	next, err := desk.NextStatuses(bob, t.ID) // for the buttons of a page
	check(err)
	for _, st := range next {
		fmt.Println(st.Name)
	}
	_, err = desk.CloseTicket(bob, t.ID)
	fmt.Println(err)
	_, err = desk.SetStatus(bob, t.ID, "in_progress")
	check(err)
	_, err = desk.CloseTicket(bob, t.ID)
	fmt.Println(err)
	t, err = desk.UpdateTicket(bob, t.ID, ticket.Patch{Status: new("closed"), Fields: map[string]*string{"cause": new("glue")}})
	check(err)
	fmt.Println(t.Status)
	// Output:
	// Open
	// In Progress
	// helpdesk: close ticket 1: invalid: status: "closed" may not follow "open": use in_progress
	// helpdesk: close ticket 1: invalid: fields.cause: is empty: fill in Cause to finish a ticket
	// closed
}
