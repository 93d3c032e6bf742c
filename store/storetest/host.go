package storetest

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var hostTransactions = []proof{
	{"the host's statements and the store's commit together or not at all", hostTogether},
	{"the host's statements in a part are undone with it", hostSavepoint},
	{"a store joins a transaction that the host began, and the host ends it", hostBegan},
	{"an error in the host's transaction undoes the part and leaves the rest to the host", hostPart},
	{"the host may undo some of what the store did, and the store goes by what is left", hostUndoes},
	{"the search goes by what is left of what a host has undone", hostFinds},
	{"a configuration that the host has not committed is not taken for everybody's", hostConfigures},
}

// host returns the store as one that shares its transactions, and the host's handle, with a table of the host's.
func (e *env) host(t testing.TB) (store.HostTx, *sql.DB) {
	t.Helper()
	h, ok := e.Store.(store.HostTx)
	if !ok {
		t.Fatal("Options.HostDB is set, but the store is no store.HostTx")
	}
	if _, err := h.Querier(e.ctx).ExecContext(e.ctx, "CREATE TABLE storetest_host (id INTEGER PRIMARY KEY)"); err != nil {
		t.Fatalf("the host's table: %v", err)
	}
	return h, e.opts.HostDB(t, e.Store)
}

const hostInsert = "INSERT INTO storetest_host (id) VALUES (1)"

// hostRows counts the rows of the host's table outside any transaction.
func (e *env) hostRows(t testing.TB, h store.HostTx) (n int) {
	t.Helper()
	if err := h.Querier(e.ctx).QueryRowContext(e.ctx, "SELECT COUNT(*) FROM storetest_host").Scan(&n); err != nil {
		t.Fatalf("counting the host's rows: %v", err)
	}
	return n
}

func (e *env) expectHost(t testing.TB, h store.HostTx, what string, id int64, there bool) {
	t.Helper()
	if rows, got := e.hostRows(t, h), e.exists(t, id); (rows == 1) != there || got != there {
		t.Errorf("%s: %d rows of the host's, the ticket is there: %v; want both: %v", what, rows, got, there)
	}
}

func hostTogether(t testing.TB, e *env) {
	h, _ := e.host(t)
	x := e.newTicket()
	both := func(end error) func(ctx context.Context, tx store.Tx) error {
		return func(ctx context.Context, tx store.Tx) error {
			if tx.Hosted() {
				t.Error("a transaction of the store's own says that the host began it")
			}
			if err := tx.PutTicket(ctx, x); err != nil {
				return err
			}
			return firstError(only(h.Querier(ctx).ExecContext(ctx, hostInsert)), end)
		}
	}
	e.refused(t, errUndo, both(errUndo))
	e.expectHost(t, h, "after a rollback", x.ID, false)
	e.write(t, both(nil))
	e.expectHost(t, h, "after a commit", x.ID, true)
}

func hostSavepoint(t testing.TB, e *env) {
	h, _ := e.host(t)
	x := e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			return firstError(tx.PutTicket(ctx, x), only(h.Querier(ctx).ExecContext(ctx, hostInsert)), errUndo)
		})
		if !errors.Is(err, errUndo) {
			return err
		}
		return nil
	})
	e.expectHost(t, h, "after an inner rollback", x.ID, false)
}

// hosted runs fn in a transaction that the host begins, and ends it.
func (e *env) hosted(t testing.TB, h store.HostTx, db *sql.DB, commit bool, fn func(ctx context.Context, tx *sql.Tx)) {
	t.Helper()
	tx, err := db.BeginTx(e.ctx, nil)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	ctx, err := h.WithTx(e.ctx, tx)
	if err != nil {
		t.Fatalf("with the host's transaction: %v", errors.Join(err, tx.Rollback()))
	}
	fn(ctx, tx)
	if commit {
		err = tx.Commit()
	} else {
		err = tx.Rollback()
	}
	if err != nil {
		t.Fatalf("ending the host's transaction: %v", err)
	}
}

func hostBegan(t testing.TB, e *env) {
	h, db := e.host(t)
	x := e.newTicket()
	for _, commit := range []bool{false, true} {
		e.hosted(t, h, db, commit, func(ctx context.Context, host *sql.Tx) {
			if _, err := host.ExecContext(ctx, hostInsert); err != nil {
				t.Errorf("the host's statement: %v", err)
			}
			err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				if !tx.Hosted() {
					t.Error("the transaction does not say that the host began it")
				}
				tx.OnCommit(func() { t.Error("a commit function was called in the host's transaction") })
				return tx.PutTicket(ctx, x)
			})
			if err != nil {
				t.Errorf("update: %v", err)
			}
			err = e.View(ctx, func(ctx context.Context, r store.Reader) error { return only(r.Ticket(ctx, x.ID, everything)) })
			if err != nil {
				t.Errorf("view: %v", err)
			}
		})
		e.expectHost(t, h, "after the host's end", x.ID, commit)
	}
	e.usable(t)
}

func hostPart(t testing.TB, e *env) {
	h, db := e.host(t)
	x, undone := e.newTicket(), e.newTicket()
	e.hosted(t, h, db, true, func(ctx context.Context, host *sql.Tx) {
		if _, err := host.ExecContext(ctx, hostInsert); err != nil {
			t.Errorf("the host's statement: %v", err)
		}
		err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			return firstError(tx.PutTicket(ctx, undone), errUndo)
		})
		if !errors.Is(err, errUndo) {
			t.Errorf("update: %v, want the closure's error", err)
		}
		if err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) }); err != nil {
			t.Errorf("update after an undone part: %v", err)
		}
	})
	e.expectHost(t, h, "after the host's commit", x.ID, true)
	if e.exists(t, undone.ID) {
		t.Error("the undone part was committed")
	}
}

func hostUndoes(t testing.TB, e *env) {
	h, db := e.host(t)
	x, late := e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
	e.hosted(t, h, db, true, func(ctx context.Context, host *sql.Tx) {
		do := func(text string) {
			if _, err := host.ExecContext(ctx, text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		write := func(status string, rec store.Record) {
			err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				if _, err := tx.LockTicket(ctx, x.ID); err != nil {
					return err
				}
				x, late := *x, *late
				x.Status, x.Tags, late.Status = status, []string{"lamp"}, status
				return firstError(tx.PutTicket(ctx, &x), tx.PutTicket(ctx, &late), tx.PutRecord(ctx, &rec))
			})
			if err != nil {
				t.Fatalf("update: %v", err)
			}
		}
		do("SAVEPOINT hosts_own")
		write("waiting", store.Record{Kind: "draft", Key: "a"})
		do("ROLLBACK TO SAVEPOINT hosts_own")
		write("waiting", store.Record{Kind: "draft", Key: "a"})
	})
	e.expectTickets(t, map[int64]bool{x.ID: true, late.ID: true})
	e.read(t, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, ticket.Query{Tags: []string{"lamp"}}, everything)
		same(t, "tickets by the tag that the host left", len(page.Tickets), 1)
		return err
	})
	if c, ok := e.Store.(store.TallyChecker); ok {
		if wrong, err := c.CheckTallies(e.ctx); err != nil || len(wrong) > 0 {
			t.Errorf("the numbers: %v, %v", wrong, err)
		}
	}
}

// hostConfigures joins the host's transaction anew for each call, as a host may.
func hostConfigures(t testing.TB, e *env) {
	h, db := e.host(t)
	version := func(ctx context.Context) (n int64) {
		err := e.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			n, err = r.ConfigVersion(ctx)
			return err
		})
		if err != nil {
			t.Errorf("the configuration's number: %v", err)
		}
		return n
	}
	e.hosted(t, h, db, true, func(ctx context.Context, host *sql.Tx) {
		err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			return tx.PutRecord(ctx, &store.Record{Kind: "config/status", Key: "new"})
		})
		if err != nil {
			t.Errorf("update: %v", err)
		}
		again, err := h.WithTx(e.ctx, host)
		if err != nil {
			t.Fatalf("with the host's transaction once more: %v", err)
		}
		if hosts, others := version(again), version(e.ctx); hosts == others {
			t.Error("others are given the number of a configuration that they do not see")
		}
	})
}
