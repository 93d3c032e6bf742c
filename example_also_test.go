package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Also ties one statement of the host's to one write of the desk, and leaves the gates their time outside the transaction: here a message of a queue becomes one ticket, however
// often the queue hands it over.
func ExampleDesk_Also() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "shop.db", nil)
	check(err)
	defer s.Close()
	_, err = s.Querier(ctx).ExecContext(ctx, `CREATE TABLE seen (message TEXT PRIMARY KEY, ticket INTEGER)`)
	check(err)
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))

	take := func(message string) error {
		marked := desk.Also(ann, func(ctx context.Context, ticketID, _ int64) error {
			_, err := s.Querier(ctx).ExecContext(ctx, `INSERT INTO seen VALUES (?, ?)`, message, ticketID)
			return err
		})
		_, err := desk.CreateTicket(marked, ticket.Draft{Subject: "From the queue", Body: message})
		return err
	}
	fmt.Println("first:", take("m-1"))
	fmt.Println("again, refused:", take("m-1") != nil)
	page, err := desk.Tickets(ann, ticket.Query{})
	check(err)
	fmt.Println(len(page.Tickets), "ticket")
	// Output:
	// first: <nil>
	// again, refused: true
	// 1 ticket
}
