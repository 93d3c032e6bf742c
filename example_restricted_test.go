package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A department that only its own people see. A grant for departments is a wall that nobody opens by assigning a ticket;
// a sight is not: what is assigned to somebody, they see.
func Example_restricted() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{
		Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}, {Code: "legal", Name: "Legal", Internal: true}},
	})
	check(err)
	defer desk.Stop(ctx)

	clerk := ticket.Role{Code: "clerk", Name: "Clerk", Grants: []ticket.Grant{{Departments: []string{"support", "sales"}}}}
	lawyer := ticket.Role{Code: "lawyer", Name: "Lawyer", Grants: []ticket.Grant{{Departments: []string{"support", "sales", "legal"}}}}
	member := ticket.Role{Code: "member", Name: "Member", Grants: []ticket.Grant{{Sight: ticket.SightDepartment}}} // no wall
	for _, r := range []ticket.Role{clerk, lawyer, member} {
		check(desk.Catalog().PutRole(ctx, r))
	}
	check(desk.Settings().Update(ctx, ticket.DeskLayer, ticket.SettingsPatch{DefaultRole: new("clerk")}))
	check(desk.People().PutAgent(ctx, ticket.Agent{ID: "7", Name: "Bob"}))
	check(desk.People().PutAgent(ctx, ticket.Agent{ID: "8", Name: "Mia", Departments: []string{"support"}, Roles: []string{"member"}}))
	check(desk.People().PutAgent(ctx, ticket.Agent{ID: "9", Name: "Lea", Roles: []string{"lawyer"}}))

	lea := ticket.WithActor(ctx, ticket.Staff("9", "Lea", "lea@desk.example"))
	t, err := desk.CreateTicket(lea, ticket.Draft{Subject: "A claim", Body: "Confidential.", Department: "legal"})
	check(err)
	for _, who := range []ticket.Actor{ticket.Staff("7", "Bob", "bob@desk.example"), ticket.Staff("8", "Mia", "mia@desk.example")} {
		_, before := desk.Ticket(ticket.WithActor(ctx, who), t.ID)
		_, given := desk.Assign(lea, t.ID, who.ID)
		_, after := desk.Ticket(ticket.WithActor(ctx, who), t.ID)
		fmt.Println(who.Name, "sees it:", before == nil, "is given it:", !errors.Is(given, ticket.ErrInvalid), "sees it then:", after == nil)
	}
	// Output:
	// Bob sees it: false is given it: false sees it then: false
	// Mia sees it: false is given it: true sees it then: true
}
