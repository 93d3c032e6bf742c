package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shop is the host: it has a table of its own in the desk's file.
type shop struct {
	desk *helpdesk.Desk
	s    *sqlite.Store
}

// errDeclined is what the bank says to large sums.
var errDeclined = errors.New("payment declined")

const schema = `CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, article TEXT NOT NULL, cents INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0)`

func newShop(ctx context.Context, desk *helpdesk.Desk, s *sqlite.Store) (*shop, error) {
	if _, err := s.Querier(ctx).ExecContext(ctx, schema); err != nil {
		return nil, err
	}
	shop := &shop{desk, s}
	desk.Hooks().TicketCreateGuard.Bind("billing.one-refund", shop.oneRefund)
	return shop, nil
}

// order writes an order, pays it, and opens its ticket. What fails on the way takes everything with it.
func (s *shop) order(ctx context.Context, article string, cents int) (id int64, t *ticket.Ticket, err error) {
	err = s.desk.InTx(ctx, func(ctx context.Context) error {
		res, err := s.s.Querier(ctx).ExecContext(ctx, `INSERT INTO orders (article, cents) VALUES (?, ?)`, article, cents)
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		t, err = s.desk.CreateTicket(ctx, ticket.Draft{Subject: "Your order: " + article, Body: "We have it, and will tell you here when it is on its way.", Service: service(id)})
		if err != nil {
			return err
		}
		return s.pay(ctx, id, cents)
	})
	return id, t, err
}

func (s *shop) pay(ctx context.Context, id int64, cents int) error {
	if cents > 100_000 {
		return errDeclined
	}
	_, err := s.s.Querier(ctx).ExecContext(ctx, `UPDATE orders SET paid = 1 WHERE id = ?`, id)
	return err
}

// refund opens a ticket about the order.
func (s *shop) refund(ctx context.Context, order int64, why string) (*ticket.Ticket, error) {
	return s.desk.CreateTicket(ctx, ticket.Draft{Subject: "Refund", Body: why, Service: service(order), Tags: []string{"refund"}})
}

// oneRefund is asked inside the transaction, with the new ticket already in it, so that two customers who click at the
// same moment cannot both get one.
func (s *shop) oneRefund(ctx context.Context, in hooks.Committing) error {
	if len(in.After.Tags) == 0 || in.After.Tags[0] != "refund" {
		return nil
	}
	open := ticket.Query{Service: in.After.Service, Tags: []string{"refund"}, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen, ticket.ClassPending}}
	for t, err := range s.desk.AllTickets(ctx, open) {
		if err != nil {
			return err
		}
		if t.ID != in.After.ID {
			return ticket.Invalid("service", ticket.FaultRefused, "%s has an open refund already: %s", t.Service, t.Code)
		}
	}
	return nil
}

func service(order int64) string { return fmt.Sprintf("order %d", order) }

func (s *shop) count(ctx context.Context) (orders, tickets int, err error) {
	if err = s.s.Querier(ctx).QueryRowContext(ctx, `SELECT count(*) FROM orders`).Scan(&orders); err != nil {
		return 0, 0, err
	}
	for _, err := range s.desk.AllTickets(ctx, ticket.Query{}) {
		if err != nil {
			return 0, 0, err
		}
		tickets++
	}
	return orders, tickets, nil
}
