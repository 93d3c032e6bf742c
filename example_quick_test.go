package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ready answers and signatures with variables.
func ExampleTexts_Expand() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{
		Brands: []ticket.Brand{{Code: "default", Name: "Lamps & Co"}},
		Departments: []ticket.Department{{Code: "support", Name: "Support",
			Signatures: []ticket.Signature{{Text: "[user_firstname], [store_name]", HTML: "<hr>[user_firstname], [store_name]"}}}},
	})
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob Burns", "bob@desk.example"))
	gus := ticket.WithActor(ctx, ticket.Guest("Gus", "gus@example.com"))
	t, err := desk.CreateTicket(gus, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)

	err = desk.Catalog().PutQuickResponse(bob, ticket.QuickResponse{Code: "sorry", Name: "Sorry", Body: "Dear [ticket_customer],\nwe are sorry [sic]."})
	fmt.Println(err)
	check(desk.Catalog().PutQuickResponse(bob, ticket.QuickResponse{Code: "sorry", Name: "Sorry", Body: "Dear [ticket_customer_name],\nwe are sorry [sic]."}))
	all, err := desk.Catalog().QuickResponses(bob)
	check(err)

	offered, err := desk.Texts().QuickResponses(bob, t.ID) // for the ticket's brand and department
	check(err)
	text, err := desk.Texts().Expand(bob, t.ID, offered[0].Body, ticket.Plain)
	check(err)
	signature, err := desk.Texts().Signature(bob, t.ID)
	check(err)
	fmt.Println(len(all), len(offered))
	fmt.Println(text + "\n" + signature.Text)
	fmt.Println(signature.HTML)
	// Output:
	// helpdesk: put quick_response/sorry: invalid: body: line 1, column 6: [ticket_customer] is no variable: did you mean [ticket_customer_name]? Write \[ticket_customer] for the text
	// 1 1
	// Dear Gus,
	// we are sorry [sic].
	// Bob, Lamps & Co
	// <hr>Bob, Lamps &amp; Co
}

func ExampleVariables() {
	for _, v := range helpdesk.Variables()[:2] {
		fmt.Printf("[%s]: %s\n", v.Name, v.Meaning)
	}
	// Output:
	// [ticket_customer_name]: name of the requester; without one, their address; in what rules tell staff both of a guest
	// [ticket_customer_email]: address of the requester
}
