package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// create writes what the creation of a ticket writes: a ticket, its code, a message, an event, and as many deliveries.
func create(ctx context.Context, s store.Store, deliveries int) error {
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		id, err := tx.NewID(ctx, "ticket")
		if err != nil {
			return err
		}
		message, err := tx.NewID(ctx, "message")
		if err != nil {
			return err
		}
		event, err := tx.NewID(ctx, "event")
		if err != nil {
			return err
		}
		if _, err := tx.Reserve(ctx, "code", fmt.Sprint("ABC-", id), id); err != nil {
			return err
		}
		t := newTicket(id)
		if err := tx.PutTicket(ctx, t); err != nil {
			return err
		}
		if err := tx.PutMessage(ctx, newMessage(message, t)); err != nil {
			return err
		}
		if err := tx.PutEvent(ctx, newEvent(event, t)); err != nil {
			return err
		}
		for i := range deliveries {
			work, err := tx.NewID(ctx, "work")
			if err != nil {
				return err
			}
			if err := tx.PutWork(ctx, newDelivery(work, i, event, t)); err != nil {
				return err
			}
		}
		return nil
	})
}

func newMessage(id int64, t *ticket.Ticket) *ticket.Message {
	return &ticket.Message{ID: id, TicketID: t.ID, Seq: 1, Kind: ticket.KindReply, Author: ticket.Client("42", "Ann", "ann@example.com"),
		Body: "The lamp in the hall does not light any more. I have changed the bulb twice.", Format: ticket.Plain, CreatedAt: t.CreatedAt}
}

func newEvent(id int64, t *ticket.Ticket) *ticket.Event {
	return &ticket.Event{ID: id, Type: ticket.EventCreated, TicketID: t.ID, MessageID: 1, Seq: 1, Version: 1, At: t.CreatedAt,
		Actor: ticket.Client("42", "Ann", "ann@example.com"), Kind: ticket.KindReply}
}

func newDelivery(id int64, binding int, event int64, t *ticket.Ticket) *store.Work {
	name := fmt.Sprint("TicketCreated/binding", binding)
	return &store.Work{ID: id, Kind: "delivery", Name: name, OrderKey: fmt.Sprint(name, "/", t.ID), Seq: event, Due: t.CreatedAt,
		EventID: event, TicketID: t.ID, Created: t.CreatedAt}
}

// raw writes the same rows with prepared statements of its own, one transaction at a time.
type raw struct {
	mu    sync.Mutex
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	next  int64
	docs  [3]string
}

const (
	rawTicket = `INSERT INTO helpdesk_tickets VALUES (?, 0, 'inbox', 'new', 'open', 'support', 'default', 'medium', '', '', '42', 'ann@example.com',
		'', '', '', 0, ?, ?, ?)`
	rawFacet   = "INSERT INTO helpdesk_facets VALUES (1, 'light', ?, ?)"
	rawMessage = "INSERT INTO helpdesk_messages VALUES (?, ?, 1, 'reply', ?, '', ?)"
	rawEvent   = "INSERT INTO helpdesk_events VALUES (?, ?, 1, ?, 'created', ?)"
	rawKey     = "INSERT INTO helpdesk_keys VALUES ('code', ?, ?)"
	rawWork    = `INSERT INTO helpdesk_work VALUES (?, 'delivery', ?, ?, ?, 0, '', ?, 0, 0, 0, ?, 0, ?, ?, '', ?, ?, NULL, '')`
)

func newRaw(t testing.TB, synchronous string) *raw {
	t.Helper()
	path := filepath.Join(t.TempDir(), "raw.db")
	s, err := sqlite.Open(t.Context(), path, nil) // for the schema
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(1)&_pragma=synchronous("+synchronous+")&_pragma=cache_size(-16384)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &raw{stmts: map[string]*sql.Stmt{}, next: 1}
	if r.conn, err = db.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"BEGIN IMMEDIATE", "COMMIT", rawTicket, rawFacet, rawMessage, rawEvent, rawKey, rawWork} {
		if r.stmts[q], err = r.conn.PrepareContext(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
	one := newTicket(1)
	message := newMessage(1, one)
	message.Body = ""
	for i, v := range []any{one, message, newEvent(1, one)} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		r.docs[i] = string(b)
	}
	return r
}

func (r *raw) create(_ context.Context, deliveries int) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	exec := func(q string, args ...any) {
		if err == nil {
			_, err = r.stmts[q].ExecContext(context.Background(), args...)
		}
	}
	id := r.next
	r.next++
	t := newTicket(id)
	at, zero := t.UpdatedAt.UnixMicro(), time.Time{}.UnixMicro()
	exec("BEGIN IMMEDIATE")
	exec(rawKey, fmt.Sprint("ABC-", id), id)
	exec(rawTicket, id, at, at, r.docs[0])
	exec(rawFacet, at, id)
	exec(rawMessage, id, id, newMessage(id, t).Body, r.docs[1])
	exec(rawEvent, id, id, at, r.docs[2])
	for i := range deliveries {
		w := newDelivery(id*int64(deliveries)+int64(i), i, id, t)
		exec(rawWork, w.ID, w.Name, w.OrderKey, id, at, zero, id, id, at, zero)
	}
	exec("COMMIT")
	return err
}

// rate calls fn n times from so many callers and returns calls per second.
func rate(t testing.TB, callers, n int, fn func() error) float64 {
	t.Helper()
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := fn(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkRatio compares creations with those of a raw program, in turns, and one delivery with the creation that it
// rides on.
func BenchmarkRatio(b *testing.B) {
	for _, d := range []sqlite.Durability{sqlite.Full, sqlite.Normal} {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", d, callers), func(b *testing.B) {
				ours, theirs := open(b, &sqlite.Options{Durability: d}), newRaw(b, strings.ToUpper(string(d)))
				plain := open(b, &sqlite.Options{Durability: d})
				var sum, rawSum, plainSum float64
				rounds := 0
				for b.Loop() {
					n := 100 * min(callers, 10)
					sum += 1 / rate(b, callers, n, func() error { return create(b.Context(), ours, 1) })
					rawSum += 1 / rate(b, callers, n, func() error { return theirs.create(b.Context(), 1) })
					plainSum += 1 / rate(b, callers, n, func() error { return create(b.Context(), plain, 0) })
					rounds++
				}
				b.ReportMetric(rawSum/sum, "of-raw")
				b.ReportMetric(float64(rounds)/sum, "creates/s")
				b.ReportMetric((sum-plainSum)/plainSum, "delivery-share")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
