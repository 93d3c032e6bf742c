// Package remotetest proves what a store on a database server does when the server, or a process that uses it, fails: one
// set of proofs for all servers.
package remotetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Server is a private server that may be ended in any way. Its methods belong to the test's goroutine.
type Server interface {
	Crash()
	Run()
	Database() string
}

// Options are those that the proofs set.
type Options struct {
	Busy, Idle  time.Duration
	TablePrefix string
}

// Kit is a kind of server and its store.
type Kit struct {
	Start func(t testing.TB) Server
	Open  func(ctx context.Context, dsn string, o Options) (store.Store, error)
	// KillAll ends all connections to the database, but for its own.
	KillAll func(t testing.TB, dsn string)
	// Migrations are the files of the schema, and Migrate runs the first of them on an empty database and notes them.
	Migrate func(t testing.TB, dsn string, first int)
	Count   int // of migrations
	// Exec runs a statement on the database; {p} is the prefix of its tables.
	Exec func(t testing.TB, dsn, text string)
}

// Run runs all proofs.
func Run(t *testing.T, k Kit) {
	for _, p := range []struct {
		name string
		run  func(t *testing.T, k Kit, s Server)
	}{
		{"X08 a server that crashes and comes back loses nothing that was acknowledged, and nobody has to do anything", crashes},
		{"X08 while the server is away callers wait, and are told when it takes too long", away},
		{"X08 connections that are ended in the middle cost nobody anything", killed},
		{"X08 what was committed is not done once more where its answer is lost", lostAnswer},
		{"X08 two transactions that wait for each other both come to their end", deadlock},
		{"X01 a part of a host's transaction that would have to run again is undone, and the host may go on", hostedOvertaken},
		{"X08 who waits too long for a lock is told so", lockTimeout},
		{"X08 a process that stands still in the middle of a transaction holds the others up for a while, and not for ever", standsStill},
		{"X08 many processes may start at once on an empty database", startTogether},
		{"X08 a database of every earlier schema is brought up to date, by two at once", everyVersion},
		{"X08 a database of a newer library, or with a changed migration, is left alone", foreignSchema},
		{"X08 numbers that somebody has changed by hand are found, though they have been read before", wrongNumbers},
		{"X12 a sweep of the search that comes late puts no old document over a newer one", lateSweep},
		{"B06 desks with other prefixes do not see each other", prefixes},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, k, k.Start(t))
		})
	}
}

var everything = ticket.Scope{All: true}

func (k Kit) open(t testing.TB, dsn string, o Options) store.Store {
	t.Helper()
	s, err := k.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the server may be away
	return s
}

func newTicket(id int64) *ticket.Ticket {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &ticket.Ticket{ID: id, Version: 1, Subject: "Lamp", Department: "support", Folder: ticket.Inbox, Status: "open", Class: ticket.ClassOpen, CreatedAt: at, UpdatedAt: at}
}

func put(ctx context.Context, s store.Store, id int64) error {
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, newTicket(id)) })
}

func exists(ctx context.Context, s store.Store, id int64) (bool, error) {
	err := s.View(ctx, func(ctx context.Context, r store.Reader) error {
		_, err := r.Ticket(ctx, id, everything)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// writers write tickets from several goroutines until stop is closed, and keep what was acknowledged.
type writers struct {
	s     store.Store
	stop  chan struct{}
	wg    sync.WaitGroup
	mu    sync.Mutex
	acked map[int64]bool
	wrong []error
	maybe int // commits whose outcome was not known
}

func start(ctx context.Context, s store.Store, n int) *writers {
	w := &writers{s: s, stop: make(chan struct{}), acked: map[int64]bool{}}
	for i := range n {
		w.wg.Go(func() { w.write(ctx, int64(i+1)*1_000_000) })
	}
	return w
}

func (w *writers) write(ctx context.Context, id int64) {
	for ; ; id++ {
		select {
		case <-w.stop:
			return
		default:
		}
		err := w.s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			x := newTicket(id)
			if _, err := tx.Reserve(ctx, "code", fmt.Sprint("T-", id), id); err != nil {
				return err
			}
			return tx.PutTicket(ctx, x)
		})
		w.mu.Lock()
		switch {
		case err == nil:
			w.acked[id] = true
		case errors.Is(err, store.ErrUncertain):
			w.maybe++
		case !errors.Is(err, ticket.ErrBusy):
			w.wrong = append(w.wrong, err)
		}
		w.mu.Unlock()
	}
}

// acknowledged waits until so many more were acknowledged.
func (w *writers) acknowledged(t testing.TB, more int) {
	t.Helper()
	count := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.acked)
	}
	from := count()
	for end := time.Now().Add(30 * time.Second); count() < from+more; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d more writes were acknowledged in 30 s, want %d; errors: %v", count()-from, more, w.wrong)
		}
	}
}

// check ends the writers and expects that all that was acknowledged is there, and that the numbers agree.
func (w *writers) check(t testing.TB) {
	t.Helper()
	close(w.stop)
	w.wg.Wait()
	for _, err := range w.wrong[:min(len(w.wrong), 3)] {
		t.Errorf("a writer got: %v", err)
	}
	for id := range w.acked {
		if there, err := exists(t.Context(), w.s, id); err != nil || !there {
			t.Fatalf("ticket %d was acknowledged and is there: %v, %v", id, there, err)
		}
	}
	if wrong, err := w.s.(store.TallyChecker).CheckTallies(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("the numbers: %v, %v", wrong, err)
	}
	t.Logf("%d acknowledged, %d uncertain", len(w.acked), w.maybe)
}

func crashes(t *testing.T, k Kit, srv Server) {
	s := k.open(t, srv.Database(), Options{Busy: 20 * time.Second})
	w := start(t.Context(), s, 8)
	for range 3 {
		w.acknowledged(t, 50)
		srv.Crash()
		srv.Run()
	}
	w.acknowledged(t, 50)
	w.check(t)
}

func away(t *testing.T, k Kit, srv Server) {
	s := k.open(t, srv.Database(), Options{Busy: 300 * time.Millisecond})
	if err := put(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	srv.Crash()
	for what, err := range map[string]error{"update": put(t.Context(), s, 2), "view": only(exists(t.Context(), s, 1)), "now": only(s.Now(t.Context()))} {
		if !errors.Is(err, ticket.ErrBusy) {
			t.Errorf("%s: %v, want %v", what, err, ticket.ErrBusy)
		}
	}
	srv.Run()
	if err := put(t.Context(), s, 2); err != nil {
		t.Errorf("after the server is back: %v", err)
	}
	for id, want := range map[int64]bool{1: true, 2: true} {
		if got, err := exists(t.Context(), s, id); got != want || err != nil {
			t.Errorf("ticket %d is there: %v, %v", id, got, err)
		}
	}
}

func only[T any](_ T, err error) error { return err }

func killed(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	s := k.open(t, dsn, Options{Busy: 20 * time.Second})
	w := start(t.Context(), s, 8)
	for range 20 {
		w.acknowledged(t, 10)
		k.KillAll(t, dsn)
	}
	w.acknowledged(t, 10)
	w.check(t)
}

func deadlock(t *testing.T, k Kit, srv Server) {
	s := k.open(t, srv.Database(), Options{Busy: 20 * time.Second})
	for id := range int64(2) {
		if err := put(t.Context(), s, id+1); err != nil {
			t.Fatal(err)
		}
	}
	var both sync.WaitGroup // both have locked their first ticket
	both.Add(2)
	errs := make(chan error, 2)
	for _, order := range [][]int64{{1, 2}, {2, 1}} {
		first := true
		go func() {
			errs <- s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				for i, id := range order {
					x, err := tx.LockTicket(ctx, id)
					if err != nil {
						return err
					}
					x.Version++
					if err := tx.PutTicket(ctx, x); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		x, err := r.Ticket(ctx, 1, everything)
		if err == nil && x.Version != 3 {
			t.Errorf("the ticket has version %d, want 3", x.Version)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func lockTimeout(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	s, hasty := k.open(t, dsn, Options{Busy: 20 * time.Second}), k.open(t, dsn, Options{Busy: time.Second})
	if err := put(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockTicket(ctx, 1); err != nil {
			return err
		}
		err := hasty.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return only(tx.LockTicket(ctx, 1)) })
		if !errors.Is(err, ticket.ErrBusy) {
			t.Errorf("got %v, want %v", err, ticket.ErrBusy)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// standsStill has a transaction do nothing for longer than the server allows, while it holds a lock. What it does when
// it wakes is done in a new transaction, by the closure that is run again.
func standsStill(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	s, frozen := k.open(t, dsn, Options{Busy: 20 * time.Second}), k.open(t, dsn, Options{Busy: 20 * time.Second, Idle: time.Second})
	if err := put(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err := frozen.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		x, err := tx.LockTicket(ctx, 1)
		if err != nil {
			return err
		}
		if runs++; runs == 1 { // others go on as soon as the server has had enough of it
			if err := change(t.Context(), s, "others"); err != nil {
				t.Errorf("the others: %v", err)
			}
		}
		x.Subject += ", frozen"
		return tx.PutTicket(ctx, x)
	})
	if err != nil || runs != 2 {
		t.Errorf("the one that stood still: %v, it ran %d times", err, runs)
	}
	err = s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		x, err := r.Ticket(ctx, 1, everything)
		if err == nil && x.Subject != "others, frozen" {
			t.Errorf("the subject is %q", x.Subject)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func change(ctx context.Context, s store.Store, subject string) error {
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		x, err := tx.LockTicket(ctx, 1)
		if err != nil {
			return err
		}
		x.Subject = subject
		return tx.PutTicket(ctx, x)
	})
}

func prefixes(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	a, b := k.open(t, dsn, Options{TablePrefix: "a_"}), k.open(t, dsn, Options{TablePrefix: "b_"})
	if err := put(t.Context(), a, 1); err != nil {
		t.Fatal(err)
	}
	if there, err := exists(t.Context(), b, 1); there || err != nil {
		t.Errorf("the other desk sees the ticket: %v, %v", there, err)
	}
	if _, err := k.Open(t.Context(), dsn, Options{TablePrefix: strings.Repeat("x", 100)}); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("a long prefix: %v", err)
	}
}
