package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func count(t testing.TB, db *sql.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// calm keeps everybody in the quick lane, so that a loaded machine does not change what a test is about.
func calm() *sqlite.Options {
	return &sqlite.Options{SlowShare: 100, BusyTimeout: time.Minute}
}

func TestOneOfManyCallersFails(t *testing.T) {
	t.Parallel()
	const callers, each = 64, 20
	ends := map[string]func(ctx context.Context, cancel func()) error{
		"is cancelled in mid-write": func(_ context.Context, cancel func()) error { cancel(); return nil },
		"panics":                    func(context.Context, func()) error { panic("guard is broken") },
		"calls Goexit":              func(context.Context, func()) error { runtime.Goexit(); return nil },
		"returns an error":          func(context.Context, func()) error { return errors.New("refused") },
	}
	for name, end := range ends {
		t.Run("one of 64 callers "+name+" and the others are unharmed", func(t *testing.T) {
			t.Parallel()
			s := open(t, calm())
			var good sync.WaitGroup
			var bad sync.WaitGroup
			stop := make(chan struct{})
			var spoilt atomic.Int64
			bad.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						spoil(s, end)
						spoilt.Add(1)
					}
				}
			})
			for range callers - 1 {
				good.Go(func() {
					for range each {
						if err := create(t.Context(), s, 1); err != nil {
							t.Error(err)
						}
					}
				})
			}
			good.Wait()
			close(stop)
			bad.Wait()
			want := (callers - 1) * each
			for _, table := range []string{"tickets", "messages", "events", "work", "keys"} {
				if n := count(t, s.DB(), "SELECT count(*) FROM helpdesk_"+table); n != want {
					t.Errorf("%d rows in %s, want %d", n, table, want)
				}
			}
			t.Logf("%d transactions were spoilt meanwhile", spoilt.Load())
			if spoilt.Load() == 0 {
				t.Error("nothing was spoilt")
			}
		})
	}
}

// spoil writes half a ticket and ends as told, in a goroutine of its own.
func spoil(s *sqlite.Store, end func(context.Context, func()) error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_ = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			id, err := tx.NewID(ctx, "ticket")
			if err != nil {
				return err
			}
			if err := tx.PutTicket(ctx, newTicket(id)); err != nil {
				return err
			}
			if err := end(ctx, cancel); err != nil {
				return err
			}
			return tx.PutMessage(ctx, newMessage(id, newTicket(id)))
		})
	}()
	<-done
}

// hold keeps the writer until release is called, so that the callers who come meanwhile share the next commit.
func hold(t *testing.T, s *sqlite.Store) (release func()) {
	t.Helper()
	s.WaitForAll()
	running, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(done)
		err := s.Update(context.Background(), func(context.Context, store.Tx) error {
			once.Do(func() { close(running) })
			<-free
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-running
	return func() { close(free); <-done }
}

// waitFor returns when so many callers wait for the writer.
func waitFor(t *testing.T, s *sqlite.Store, callers int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); s.Waiting() < callers; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d callers wait, want %d", s.Waiting(), callers)
		}
	}
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	setUp := `CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);
		CREATE TABLE lines (id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders DEFERRABLE INITIALLY DEFERRED)`
	if _, err := s.DB().ExecContext(t.Context(), setUp); err != nil {
		t.Fatal(err)
	}
	const callers, wrong = 8, 3
	release := hold(t, s)
	var errs [callers]error
	var runs, after [callers]int
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			errs[i] = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				runs[i]++
				tx.OnCommit(func() { after[i]++ })
				order := 1
				if i == wrong {
					order = 99 // is not there, which SQLite says at COMMIT
				}
				_, err := s.Querier(ctx).ExecContext(ctx, "INSERT INTO lines VALUES (?, ?)", i, order)
				return err
			})
		})
	}
	waitFor(t, s, callers)
	release()
	wg.Wait()
	for i, err := range errs {
		switch {
		case runs[i] != 2:
			t.Errorf("caller %d ran %d times, want once in the group and once alone", i, runs[i])
		case i == wrong && (err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") || after[i] != 0):
			t.Errorf("the wrong caller got %v, and OnCommit ran %d times", err, after[i])
		case i != wrong && (err != nil || after[i] != 1):
			t.Errorf("caller %d got %v, and OnCommit ran %d times", i, err, after[i])
		}
	}
	if n := count(t, s.DB(), "SELECT count(*) FROM lines"); n != callers-1 {
		t.Errorf("%d rows, want %d", n, callers-1)
	}
}

func TestHostStatementRollsBack(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	if _, err := s.DB().ExecContext(t.Context(), "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
				if i == 3 {
					_, _ = s.Querier(ctx).ExecContext(ctx, "INSERT OR ROLLBACK INTO orders VALUES (1)")
				}
				_, err := s.Querier(ctx).ExecContext(ctx, "INSERT INTO orders VALUES (?)", 100+i)
				return err
			})
			if wantErr := i == 3; (err != nil) != wantErr || (wantErr && !errors.Is(err, ticket.ErrTxDone)) {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	waitFor(t, s, 6)
	release()
	wg.Wait()
	if n := count(t, s.DB(), "SELECT count(*) FROM orders"); n != 6 {
		t.Errorf("%d rows, want the first and those of five callers", n)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	t.Run("a caller that waits is let go when its context ends", func(t *testing.T) {
		t.Parallel()
		s := open(t, calm())
		release := hold(t, s)
		defer release()
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { failed <- create(ctx, s, 0) }()
		waitFor(t, s, 1)
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a caller that waits too long gets ErrBusy", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{BusyTimeout: 20 * time.Millisecond})
		release := hold(t, s)
		defer release()
		if err := create(t.Context(), s, 0); !errors.Is(err, ticket.ErrBusy) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an Update outside the transaction that its caller is in gets ErrBusy instead of waiting for itself", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{BusyTimeout: 20 * time.Millisecond})
		err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
			return create(store.ContextWithoutTx(ctx), s, 0)
		})
		if !errors.Is(err, ticket.ErrBusy) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("another process's lock is waited for, and ends in ErrBusy", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{BusyTimeout: 50 * time.Millisecond})
		tx, err := s.DB().BeginTx(t.Context(), nil) // immediate
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := create(t.Context(), s, 0); !errors.Is(err, ticket.ErrBusy) || time.Since(start) < 50*time.Millisecond {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := create(t.Context(), s, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestRefusalWaitsForTheVerdict(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	setUp := `CREATE TABLE orders (id INTEGER PRIMARY KEY, of INTEGER REFERENCES orders DEFERRABLE INITIALLY DEFERRED)`
	if _, err := s.DB().ExecContext(t.Context(), setUp); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	reserve := func(id int64, spoil bool) error {
		return s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			holder, err := tx.Reserve(ctx, "code", "ABC-1", id)
			if err != nil {
				return err
			}
			if holder != id {
				return fmt.Errorf("taken by %d: %w", holder, ticket.ErrExists)
			}
			if spoil {
				_, err = s.Querier(ctx).ExecContext(ctx, "INSERT INTO orders VALUES (1, 99)")
			}
			return err
		})
	}
	var first, second error
	var wg sync.WaitGroup
	wg.Go(func() { first = reserve(1, true) })
	waitFor(t, s, 1)
	wg.Go(func() { second = reserve(2, false) })
	waitFor(t, s, 2)
	release()
	wg.Wait()
	if first == nil || second != nil {
		t.Errorf("the key went to neither: the one whose commit failed got %v, the other %v", first, second)
	}
}

// TestRiders has callers share a transaction of which one fails.
func TestRiders(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for _, c := range []struct {
		name   string
		writes bool // before it fails
		again  bool
	}{
		{"one that fails before it writes costs the others nothing", false, false},
		{"one that fails after it has written is undone, and the others are run again, once", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, calm())
			for round := range 2 { // the second finds the writer careful
				var runs, told atomic.Int64
				release := hold(t, s)
				var wg sync.WaitGroup
				ride := func(fail bool) {
					wg.Go(func() {
						err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
							if runs.Add(1); fail && !c.writes {
								return refused
							}
							tx.OnCommit(func() { told.Add(1) })
							id, err := tx.NewID(ctx, "ticket")
							if err != nil {
								return err
							}
							err = tx.PutTicket(ctx, newTicket(id))
							if fail {
								err = refused
							}
							return err
						})
						if (fail && !errors.Is(err, refused)) || (!fail && err != nil) {
							t.Errorf("a caller that fails (%t): %v", fail, err)
						}
					})
				}
				callers := []bool{false, false, false, true, false, false}
				for i, fail := range callers {
					waitFor(t, s, i)
					ride(fail)
				}
				waitFor(t, s, len(callers))
				release()
				wg.Wait()
				if n, want := count(t, s.DB(), "SELECT count(*) FROM helpdesk_tickets"), 5*(round+1); n != want || told.Load() != 5 {
					t.Errorf("round %d: %d tickets, want %d; %d callers heard of their commit", round, n, want, told.Load())
				}
				if again := runs.Load() > int64(len(callers)); again != (c.again && round == 0) {
					t.Errorf("round %d: the closures ran %d times", round, runs.Load())
				}
			}
		})
	}
}
