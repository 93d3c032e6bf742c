package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The desk's own directory: an organisation, a customer with two addresses, and two contacts who turn out to be one.
func ExampleDesk_People() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	people := desk.People()

	acme, err := people.PutOrganisation(ctx, ticket.Organisation{ID: "acme", Name: "Acme", Domains: []string{"acme.example"}})
	check(err)
	_, err = people.PutCustomer(ctx, ticket.Customer{ID: "42", Name: "Ann", Emails: []string{"ann@acme.example", "ann@home.example"}, Organisation: acme.ID, Zone: "Asia/Tokyo"})
	check(err)
	_, err = people.PutCustomer(ctx, ticket.Customer{ID: "77", Name: "A. Smith", Emails: []string{"a.smith@old.example"}})
	check(err)

	// A guest who writes from a known address is that customer.
	guest := ticket.WithActor(ctx, ticket.Guest("Ann", "Ann@Home.example"))
	t, err := desk.CreateTicket(guest, ticket.Draft{Subject: "Lamp", Body: "It is broken."})
	check(err)
	fmt.Println(t.Requester.ID, t.Organisation)

	one, err := people.MergeCustomers(ctx, "42", "77")
	check(err)
	fmt.Println(one.Emails)
	same, err := people.CustomerByEmail(ctx, "", "a.smith@old.example")
	check(err)
	again, err := people.Customer(ctx, "77")
	check(err)
	fmt.Println(same.Name, again.Name)
	two, err := people.UnmergeCustomer(ctx, "77")
	check(err)
	fmt.Println(two.Name, two.Emails)

	list, err := people.Customers(ctx, helpdesk.PeopleQuery{Organisation: "acme"})
	check(err)
	all, err := people.Organisations(ctx, helpdesk.PeopleQuery{})
	check(err)
	home, err := people.Organisation(ctx, list[0].Organisation)
	check(err)
	fmt.Println(len(list), len(all), home.Name)
	_, known, err := desk.LocalTime(ctx, t.ID)
	check(err)
	fmt.Println("zone known:", known)
	check(people.DeleteCustomer(ctx, "77"))
	// Output:
	// 42 acme
	// [ann@acme.example ann@home.example a.smith@old.example]
	// Ann Ann
	// A. Smith [a.smith@old.example]
	// 1 1 Acme
	// zone known: true
}

// Roles say what agents may do: the grid of rights, departments, brands, and how far one sees.
func ExampleRights_Explain() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{
		Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "billing", Name: "Billing"}},
	})
	check(err)
	defer desk.Stop(ctx)
	check(desk.Catalog().PutRole(ctx, ticket.Role{Code: "helper", Name: "Helper", Grants: []ticket.Grant{{
		Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightSee, ticket.RightReply}, Sight: ticket.SightDepartment,
	}}}))
	check(desk.People().PutAgent(ctx, ticket.Agent{ID: "7", Name: "Bob", Roles: []string{"helper"}, Departments: []string{"support"}}))

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Invoice", Body: "Is it right?", Department: "billing"})
	check(err)

	bob := ticket.Staff("7", "Bob", "bob@desk.example")
	why, err := desk.Rights().Explain(ctx, bob, helpdesk.ActSee, t.ID)
	check(err)
	fmt.Println(why)

	_, err = desk.Transfer(ctx, t.ID, "support")
	check(err)
	why, err = desk.Rights().Explain(ctx, bob, helpdesk.ActSee, t.ID)
	check(err)
	fmt.Println(why)
	for _, act := range []helpdesk.Action{helpdesk.ActReply, helpdesk.ActAssign} {
		may, err := desk.Rights().May(ticket.WithActor(ctx, bob), act, t.ID)
		check(err)
		fmt.Println(act, may)
	}
	who, err := desk.People().Responsible(ctx, t.ID)
	check(err)
	fmt.Println(len(who), who[0].Name)
	// Output:
	// staff 7 may not see on ticket 1
	//   see: agent "7" has no grant for "see" here
	//     role "helper", grant 1: is for department support, and the ticket lies in brand "default", department "billing"
	// staff 7 may see on ticket 1
	//   see: a grant of a role of theirs gives it, for they are a member of its department (role "helper", grant 1)
	// reply true
	// assign false
	// 1 Bob
}
