// Command billing shows a desk inside the transaction of its host: an order and its ticket are written together or not
// at all, and a guard keeps one open refund ticket per order.
//
//	go run ./examples/billing [-db billing.db]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func main() {
	db := flag.String("db", "billing.db", "the SQLite file of the shop and its desk")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *db); err != nil {
		fmt.Fprintln(os.Stderr, "billing:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, path string) error {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		return err
	}
	defer desk.Stop(ctx)
	shop, err := newShop(ctx, desk, s)
	if err != nil {
		return err
	}
	return shop.day(ctx, out)
}

// day is what happens in the shop: two orders, one of which cannot be paid, and two wishes for the same refund.
func (s *shop) day(ctx context.Context, out io.Writer) error {
	ctx = ticket.WithActor(ctx, ticket.Client("42", "Ann Example", "ann@example.com"))
	order, t, err := s.order(ctx, "lamp", 4900)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "order %d is paid, and its ticket %s is open\n", order, t.Code)

	if _, _, err = s.order(ctx, "palace", 1_000_000_00); !errors.Is(err, errDeclined) {
		return fmt.Errorf("the palace should be declined: %w", err)
	}
	fmt.Fprintf(out, "an order was not: %v\n", err)

	refund, err := s.refund(ctx, order, "It arrived in two pieces.")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "refund ticket %s is open for order %d\n", refund.Code, order)
	if _, err = s.refund(ctx, order, "I would like my money back."); !errors.Is(err, ticket.ErrInvalid) {
		return fmt.Errorf("the second refund should be refused: %w", err)
	}
	fmt.Fprintf(out, "a second one was refused: %v\n", err)

	orders, tickets, err := s.count(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "in the database: %d order(s), %d ticket(s)\n", orders, tickets)
	return nil
}
