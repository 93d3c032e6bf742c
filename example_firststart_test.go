package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What a shop puts at each start: a department, a field of its contact form, what agents may do, and an agent.
func Example_firstStart() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	shop := ticket.WithActor(ctx, ticket.System("shop")) // the host's own code: it may do everything
	err = errors.Join(
		desk.Catalog().PutDepartment(shop, ticket.Department{Code: "orders", Name: "Orders"}),
		desk.Catalog().PutField(shop, ticket.Field{Code: "order", Name: "Order number", Type: ticket.FieldText, Visible: true, Editable: true, OnForm: true}),
		desk.Catalog().PutRole(shop, ticket.Role{Code: "member", Name: "Member", Grants: []ticket.Grant{{Departments: []string{"orders"}}}}),
		desk.People().PutAgent(shop, ticket.Agent{ID: "7", Name: "Bob", Departments: []string{"orders"}}),
		desk.Settings().Update(shop, ticket.DeskLayer, ticket.SettingsPatch{DefaultRole: new("member"), DefaultDepartment: new("orders")}),
	)
	check(err)
	problems, err := desk.Check(ctx)
	check(err)
	fmt.Println("problems:", len(problems))

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com").Via(ticket.ChannelContactForm))
	form, err := desk.Catalog().FieldsFor(ann, "", "orders")
	check(err)
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces.", Fields: map[string]string{form[0].Code: "A-17"}})
	check(err)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	t, err = desk.Ticket(bob, t.ID)
	check(err)
	fmt.Println(t.Department, t.Fields)
	// Output:
	// problems: 0
	// orders map[order:A-17]
}
