package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// An order of the host's and its ticket are committed together or not at all.
func ExampleDesk_InTx() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "shop.db", nil)
	check(err)
	defer s.Close()
	_, err = s.Querier(ctx).ExecContext(ctx, `CREATE TABLE orders (id INTEGER PRIMARY KEY, ticket INTEGER)`)
	check(err)
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))

	order := func(id int, paid error) error {
		return desk.InTx(ann, func(ctx context.Context) error { // all that follows uses this ctx
			t, err := desk.CreateTicket(ctx, ticket.Draft{Subject: fmt.Sprintf("Order %d", id), Body: "Thank you."})
			if err != nil {
				return err
			}
			if _, err = s.Querier(ctx).ExecContext(ctx, `INSERT INTO orders VALUES (?, ?)`, id, t.ID); err != nil {
				return err
			}
			return paid
		})
	}
	fmt.Println(order(1, nil))
	fmt.Println(order(2, errors.New("payment declined")))

	var orders int
	check(s.Querier(ctx).QueryRowContext(ctx, `SELECT count(*) FROM orders`).Scan(&orders))
	page, err := desk.Tickets(ann, ticket.Query{})
	check(err)
	fmt.Println(orders, "order,", len(page.Tickets), "ticket")
	// Output:
	// <nil>
	// payment declined
	// 1 order, 1 ticket
}
