package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// With Inline dispatch the verb itself delivers, but not in a transaction of the host's, whose commit the desk does not
// see: there the host delivers, after its commit. The store's own handle begins transactions that WithTx takes.
func Example_hostTransactionInline() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "shop.db", nil)
	check(err)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Inline})
	check(err)
	defer desk.Stop(ctx)
	desk.Hooks().TicketCreated.Bind("shop.crm", func(_ context.Context, e hooks.Created) error {
		fmt.Println("heard of", e.Ticket.Subject)
		return nil
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	host, err := s.DB().BeginTx(ctx, nil)
	check(err)
	inHost, err := s.WithTx(ann, host)
	check(err)
	_, err = desk.CreateTicket(inHost, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	check(host.Commit())
	fmt.Println("committed")
	n, err := desk.Deliveries().Dispatch(ctx)
	check(err)
	fmt.Println(n, "delivered")

	err = desk.InTx(ann, func(ctx context.Context) error { // the desk commits, and delivers then
		_, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Shade torn", Body: "And so is this."})
		fmt.Println("written")
		return err
	})
	check(err)
	// Output:
	// committed
	// heard of Lamp broken
	// 1 delivered
	// written
	// heard of Shade torn
}
