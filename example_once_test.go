package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A durable event comes at least once. Once makes what the handler writes into the desk's database happen exactly once, however often it is tried.
func ExampleDeliveries_Once() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "shop.db", nil)
	check(err)
	defer s.Close()
	_, err = s.Querier(ctx).ExecContext(ctx, `CREATE TABLE points (customer TEXT, n INTEGER)`)
	check(err)
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketCreated.Bind("shop.points", func(ctx context.Context, e hooks.Created) error {
		err := desk.Deliveries().Once(ctx, func(ctx context.Context) error {
			_, err := s.Querier(ctx).ExecContext(ctx, `INSERT INTO points VALUES (?, 10)`, e.Ticket.Requester.ID)
			return err
		})
		if err == nil && e.Attempt == 1 {
			return errors.New("the mail server does not answer") // after the points are given
		}
		return err
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	_, err = desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	_, err = desk.Deliveries().Dispatch(ctx) // in background mode, which is the default, Start does this
	check(err)

	// The delivery waits for its second attempt. Retry has it tried at once.
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	waiting, err := desk.Deliveries().List(bob, helpdesk.DeliveryQuery{})
	check(err)
	fmt.Println(waiting[0].State, waiting[0].Error)
	check(desk.Deliveries().Retry(bob, waiting[0].ID))
	_, err = desk.Deliveries().Dispatch(ctx)
	check(err)

	var points int
	check(s.Querier(ctx).QueryRowContext(ctx, `SELECT sum(n) FROM points`).Scan(&points))
	fmt.Println("points:", points)
	// Output:
	// pending hook shop.points at TicketCreated: the mail server does not answer
	// points: 10
}
