package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var locks = []proof{
	{"no update is lost when 32 callers lock, change and put", noLostUpdate},
	{"LockTicket returns what is stored, deleted tickets too", lockReturns},
	{"LockTicket says when there is no such ticket", lockMissing},
	{"no update is lost when 32 callers lock a record, change and put it", noLostRecord},
	{"who locks a record finds all that others have done to it", lockedRemoval},
	{"LockRecord returns what is stored, and says when there is no such record", lockedRecord},
}

func noLostUpdate(t testing.TB, e *env) {
	e.counts(t, 32, e.Store)
}

// counts has callers count a ticket's version up, each after the lock, by way of the stores in turn.
func (e *env) counts(t testing.TB, callers int, stores ...store.Store) {
	t.Helper()
	const rounds = 5
	x := e.newTicket()
	e.put(t, x)
	errs := together(callers, func(i int) error {
		for range rounds {
			err := stores[i%len(stores)].Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				got, err := tx.LockTicket(ctx, x.ID)
				if err != nil {
					return err
				}
				got.Version++
				return tx.PutTicket(ctx, got)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	if got, want := e.loaded(t, x).(*ticket.Ticket).Version, int64(1+callers*rounds); int64(got) != want {
		t.Errorf("%d changes made version %d, want %d", callers*rounds, got, want)
	}
}

func lockReturns(t testing.TB, e *env) {
	x := e.fullTicket()
	e.put(t, x)
	if x.DeletedAt == nil {
		t.Fatal("the ticket of this proof should be a deleted one")
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		got, err := tx.LockTicket(ctx, x.ID)
		if err != nil {
			return err
		}
		same(t, "locked", got, x)
		got.Subject = "changed"
		if err := tx.PutTicket(ctx, got); err != nil {
			return err
		}
		again, err := tx.LockTicket(ctx, x.ID)
		same(t, "locked again after a change", again, got)
		return err
	})
}

func lockMissing(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockTicket(ctx, 4711); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("got %v, want %v", err, ticket.ErrNotFound)
		}
		return nil
	})
}

func noLostRecord(t testing.TB, e *env) {
	const callers, rounds = 32, 5
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return tx.PutRecord(ctx, &store.Record{Kind: "kind", Key: "key", Doc: json.RawMessage("0")})
	})
	errs := together(callers, func(int) error {
		for range rounds {
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				rec, err := tx.LockRecord(ctx, "kind", "key")
				if err != nil {
					return err
				}
				n, err := strconv.Atoi(string(rec.Doc))
				if err != nil {
					return err
				}
				return tx.PutRecord(ctx, &store.Record{Kind: "kind", Key: "key", Version: store.AnyVersion, Doc: json.RawMessage(strconv.Itoa(n + 1))})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, "kind", "key")
		if err == nil && string(rec.Doc) != strconv.Itoa(callers*rounds) {
			t.Errorf("%d changes made %s", callers*rounds, rec.Doc)
		}
		return err
	})
}

// lockedRemoval has half of the callers tie themselves to what a record stands for, and the others remove the record where
// nobody is tied to it: nobody may be left tied to nothing.
func lockedRemoval(t testing.TB, e *env) {
	const callers, rounds = 16, 10
	for round := range rounds {
		key := strconv.Itoa(round)
		e.write(t, func(ctx context.Context, tx store.Tx) error {
			return tx.PutRecord(ctx, &store.Record{Kind: "thing", Key: key, Doc: json.RawMessage("1")})
		})
		errs := together(callers, func(n int) error {
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				if _, err := tx.LockRecord(ctx, "thing", key); err != nil {
					return err
				}
				if n%2 == 0 {
					return tx.Link(ctx, "thing", key, int64(n)+1)
				}
				tied, err := tx.Linked(ctx, "thing", key)
				if err != nil || len(tied) > 0 {
					return err
				}
				return tx.DeleteRecord(ctx, "thing", key)
			})
			if errors.Is(err, ticket.ErrNotFound) { // removed before
				return nil
			}
			return err
		})
		if err := firstError(errs...); err != nil {
			t.Fatal(err)
		}
		e.read(t, func(ctx context.Context, r store.Reader) error {
			_, gone := r.Record(ctx, "thing", key)
			tied, err := r.Linked(ctx, "thing", key)
			if (gone == nil) == (len(tied) == 0) {
				t.Errorf("%d are tied to a record, reading which says %v", len(tied), gone)
			}
			return err
		})
	}
}

func lockedRecord(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockRecord(ctx, "kind", "none"); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("got %v, want %v", err, ticket.ErrNotFound)
		}
		for _, doc := range []string{"1", "2"} {
			want := &store.Record{Kind: "kind", Key: "key", Parent: "parent", Version: store.AnyVersion, Doc: json.RawMessage(doc)}
			if err := tx.PutRecord(ctx, want); err != nil {
				return err
			}
			got, err := tx.LockRecord(ctx, "kind", "key")
			if err != nil {
				return err
			}
			if want.Version = got.Version; !reflect.DeepEqual(got, want) || strconv.FormatInt(got.Version, 10) != doc {
				t.Errorf("locked %+v, want %+v", got, want)
			}
		}
		return nil
	})
}
