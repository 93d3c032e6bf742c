package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Merging shows the messages of a ticket to those who see the other one. A gate keeps what is the lawyers' where it is.
func Example_mergeAcross() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "legal", Name: "Legal", Internal: true}}})
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketMergeValidation.Bind("shop.walls", func(_ context.Context, in hooks.Merging) error {
		var e ticket.ValidationError
		for _, t := range in.Sources {
			if in.Across() && t.Department == "legal" {
				e.Add("sources", ticket.FaultNotAllowed, "%s is a matter of the lawyers: merge the other one into it", t.Code)
			}
		}
		return e.Err()
	})
	ann := ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}
	lamp, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Lamp", Body: "It broke.", Requester: ann})
	check(err)
	claim, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Claim", Body: "See you in court.", Requester: ann, Department: "legal"})
	check(err)

	_, err = desk.Merge(ctx, lamp.ID, claim.ID)
	fmt.Println(ticket.ErrorCode(err))
	merged, err := desk.Merge(ctx, claim.ID, lamp.ID)
	check(err)
	fmt.Println(merged.Department, merged.Seq)
	// Output:
	// refused
	// legal 2
}
