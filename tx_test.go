package helpdesk_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shop is a host with a table of its own in the desk's file.
type shop struct {
	*helpdesk.Desk
	s    *sqlite.Store
	path string
}

func newShop(t *testing.T, cfg *helpdesk.Config) shop {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	s := must(sqlite.Open(context.Background(), path, nil))(t)
	t.Cleanup(func() { ok(t, s.Close()) })
	d := must(helpdesk.New(context.Background(), s, cfg))(t)
	_, err := s.Querier(context.Background()).ExecContext(context.Background(), `CREATE TABLE orders (id INTEGER PRIMARY KEY, ticket TEXT)`)
	ok(t, err)
	return shop{d, s, path}
}

func (s shop) orders(t *testing.T) (n int) {
	t.Helper()
	ok(t, s.s.Querier(context.Background()).QueryRowContext(context.Background(), `SELECT count(*) FROM orders`).Scan(&n))
	return n
}

func (s shop) tickets(t *testing.T) int {
	t.Helper()
	return len(must(s.Tickets(as(bob), ticket.Query{}))(t).Tickets)
}

// order writes an order and its ticket.
func (s shop) order(c context.Context, id int) error {
	tk, err := s.CreateTicket(c, lamp())
	if err != nil {
		return err
	}
	_, err = s.s.Querier(c).ExecContext(c, `INSERT INTO orders (id, ticket) VALUES (?, ?)`, id, tk.Code)
	return err
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	t.Run("X01 an order and its ticket are committed together or not at all, and events only if they are", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, &helpdesk.Config{Dispatch: helpdesk.Inline})
		told := 0
		s.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		ok(t, s.InTx(as(ann), func(c ctx) error {
			err := s.order(c, 1)
			equal(t, "told inside the transaction", told, 0)
			return err
		}))
		equal(t, "told", told, 1)
		invalid(t, s.InTx(as(ann), nil), "")
		for name, fail := range map[string]func(ctx) error{
			"an error":    func(ctx) error { return errors.New("payment failed") },
			"a duplicate": func(c ctx) error { return s.order(c, 1) },
		} {
			if err := s.InTx(as(ann), func(c ctx) error { return errors.Join(s.order(c, 2), fail(c)) }); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.InTx(as(ann), func(c ctx) error { _ = s.order(c, 3); panic("x") })
		}()
		equal(t, "orders", s.orders(t), 1)
		equal(t, "tickets", s.tickets(t), 1)
		equal(t, "told", told, 1)
	})
	t.Run("X01 a refused verb undoes itself and leaves the rest of the transaction", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, nil)
		s.Hooks().TicketCreateGuard.Bind("one", func(c ctx, in hooks.Committing) error {
			if in.After.Subject == "refuse me" {
				return ticket.Invalid("subject", ticket.FaultRefused, "is refused")
			}
			return nil
		})
		ok(t, s.InTx(as(ann), func(c ctx) error {
			if err := s.order(c, 1); err != nil {
				return err
			}
			_, err := s.CreateTicket(c, ticket.Draft{Subject: "refuse me", Body: "x"})
			invalid(t, err, "subject")
			return nil
		}))
		equal(t, "orders", s.orders(t), 1)
		equal(t, "tickets", s.tickets(t), 1)
	})
	t.Run("X01 the host's own *sql.Tx is joined, and its rollback takes the ticket with it", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, nil)
		db := must(sql.Open("sqlite", "file:"+s.path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"))(t)
		defer db.Close()
		for i, commit := range []bool{true, false} {
			tx := must(db.BeginTx(context.Background(), nil))(t)
			c := must(s.s.WithTx(as(ann), tx))(t)
			_, err := tx.Exec(`INSERT INTO orders (id) VALUES (?)`, i)
			ok(t, err)
			must(s.CreateTicket(c, lamp()))(t)
			if commit {
				ok(t, tx.Commit())
			} else {
				ok(t, tx.Rollback())
			}
		}
		equal(t, "orders", s.orders(t), 1)
		equal(t, "tickets", s.tickets(t), 1)
	})
	t.Run("X01 a host's commit is noticed and delivered by the background", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, &helpdesk.Config{PollInterval: time.Hour})
		told := make(chan int64, 1)
		s.Hooks().TicketCreated.Bind("acme", func(_ ctx, e hooks.Created) error { told <- e.Ticket.ID; return nil })
		ok(t, s.Start(context.Background()))
		defer func() { ok(t, s.Stop(context.Background())) }()
		db := must(sql.Open("sqlite", "file:"+s.path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"))(t)
		defer db.Close()
		tx := must(db.BeginTx(context.Background(), nil))(t)
		tk := must(s.CreateTicket(must(s.s.WithTx(as(ann), tx))(t), lamp()))(t)
		ok(t, tx.Commit())
		select {
		case id := <-told:
			equal(t, "ticket", id, tk.ID)
		case <-time.After(10 * time.Second):
			t.Fatal("nobody noticed the commit")
		}
	})
	t.Run("X01 guards see the transaction, may read through the desk, and may not write", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, nil)
		s.Hooks().TicketCreateGuard.Bind("one open refund per order", func(c ctx, in hooks.Committing) error {
			page, err := s.Tickets(c, ticket.Query{Service: in.After.Service, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen}})
			if err != nil {
				return err
			}
			if len(page.Tickets) > 1 {
				return ticket.Invalid("service", ticket.FaultRefused, "has an open refund")
			}
			if _, err := s.CreateTicket(c, lamp()); !errors.Is(err, ticket.ErrForbidden) {
				t.Errorf("a guard wrote: %v", err)
			}
			return nil
		})
		draft := lamp()
		draft.Service = "order-1"
		must(s.CreateTicket(as(ann), draft))(t)
		_, err := s.CreateTicket(as(guest), draft) // the guard sees Ann's ticket, which the guest may not
		invalid(t, err, "service")
	})
	t.Run("X01 in a transaction a gate has the short deadline of guards", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, &helpdesk.Config{GuardTimeout: 20 * time.Millisecond})
		s.Hooks().TicketCreateValidation.Bind("slow", func(c ctx, _ hooks.Creating) error {
			select {
			case <-c.Done():
				return c.Err()
			case <-time.After(100 * time.Millisecond):
				return nil
			}
		})
		must(s.CreateTicket(as(ann), lamp()))(t)
		err := s.InTx(as(ann), func(c ctx) error { _, err := s.CreateTicket(c, lamp()); return err })
		is(t, err, hooks.ErrDeadline)
	})
	t.Run("X01 WithoutTx steps out: what is read is what is committed", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, nil)
		ok(t, s.InTx(as(bob), func(c ctx) error {
			must(s.CreateTicket(c, lamp()))(t)
			equal(t, "inside", len(must(s.Tickets(c, ticket.Query{}))(t).Tickets), 1)
			equal(t, "outside", len(must(s.Tickets(helpdesk.WithoutTx(c), ticket.Query{}))(t).Tickets), 0)
			return nil
		}))
	})
}
