package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Tags: what is in use, and how two that mean the same become one.
func ExampleDesk_Tags() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for _, tag := range []string{"Bug", "defect", "later"} {
		_, err := desk.CreateTicket(bob, ticket.Draft{Subject: "Lamp", Body: "Broken.", Requester: ticket.Person{Email: "ann@example.com"}, Tags: []string{tag}})
		check(err)
	}

	n, err := desk.Tags().Rename(bob, "bug", "defect")
	check(err)
	fmt.Println(n, "ticket changed")
	_, err = desk.Tags().Delete(bob, "later")
	check(err)
	list, err := desk.Tags().List(bob, "")
	check(err)
	for _, t := range list.Tags {
		fmt.Println(t.Tag, t.Tickets)
	}
	// Output:
	// 1 ticket changed
	// defect 2
}
