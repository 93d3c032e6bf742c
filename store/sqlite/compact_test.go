package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// secret marks what is removed: kinds of places, each with its own word. None is one that stays.
func secret(place string) string { return "geheim-" + place + "-4711" }

var secretPlaces = []string{"subject", "field", "tag", "body", "html", "long", "event", "record", "key", "link", "blob", "work", "index"}

// indexed is a secret as a token, and needle what of it must stand in a file where the index has it: a term may share
// its first letters with the one before.
const indexed, needle = "geheimwortimindex4711", "wortimindex4711"

func trace(place string) []byte {
	if place == "index" {
		return []byte(needle)
	}
	return []byte(secret(place))
}

// index stores documents of all stale tickets, with a word and without the secret where it is not asked for.
func indexTickets(t testing.TB, s store.Store, word string) {
	t.Helper()
	engine := s.(store.Searcher)
	for {
		stale, err := engine.Stale(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(stale) == 0 {
			return
		}
		var docs []store.Document
		for _, st := range stale {
			d := store.Document{Ticket: st.Ticket, Mark: st.Mark, Updated: updatedAt(st.Ticket), Body: "lamp"}
			if st.Ticket%6 == 1 {
				d.Body += " " + word
			}
			docs = append(docs, d)
		}
		if _, err := engine.Index(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
}

// updatedAt is a minute for each ticket.
func updatedAt(id int64) time.Time {
	return newTicket(0).UpdatedAt.Add(time.Duration(id) * time.Minute)
}

// finds counts what a word finds.
func finds(t testing.TB, s store.Store, word string) int {
	t.Helper()
	q := store.SearchQuery{All: [][]store.Phrase{{{Words: []string{word}}}}, Filter: ticket.Query{Limit: ticket.MaxPage}}
	page, err := s.(store.Searcher).Search(t.Context(), q, ticket.Scope{All: true})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Tickets)
}

// writeSecrets writes many tickets, and puts secrets into everything that belongs to one of them.
func writeSecrets(t testing.TB, s store.Store) {
	t.Helper()
	for n := range int64(60) {
		write(t, s, func(ctx context.Context, tx store.Tx) error {
			x := newTicket(n + 1)
			m, e := newMessage(n+1, x), newEvent(n+1, x)
			if n%6 == 0 {
				x.Subject, x.Tags, x.Fields = secret("subject"), []string{secret("tag")}, map[string]string{"pin": secret("field")}
				m.Body, m.HTMLBody = secret("body")+strings.Repeat(" "+secret("long"), 2000), secret("html")
				e.Changes = []ticket.Change{{Field: "subject", New: secret("event")}}
			}
			return errors.Join(tx.PutTicket(ctx, x), tx.PutMessage(ctx, m), tx.PutEvent(ctx, e))
		})
	}
	indexTickets(t, s, indexed)
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		_, reserved := tx.Reserve(ctx, "code", secret("key"), 1)
		return errors.Join(reserved, tx.Link(ctx, "mail", secret("link"), 1),
			tx.PutRecord(ctx, &store.Record{Kind: "draft", Key: "1", Doc: json.RawMessage(`"` + secret("record") + `"`)}),
			tx.PutChunk(ctx, "blob", 0, bytes.Repeat([]byte(secret("blob")), 1000)),
			tx.PutWork(ctx, &store.Work{ID: 1, Kind: "delivery", Error: secret("work"), Due: newTicket(1).CreatedAt}))
	})
}

// removeSecrets deletes half of them and overwrites the others.
func removeSecrets(t testing.TB, s store.Store) {
	t.Helper()
	for n := int64(0); n < 60; n += 6 {
		write(t, s, func(ctx context.Context, tx store.Tx) error {
			if n%12 == 0 {
				return tx.DeleteTicket(ctx, n+1)
			}
			x := newTicket(n + 1)
			return errors.Join(tx.PutTicket(ctx, x), tx.PutMessage(ctx, newMessage(n+1, x)), tx.PutEvent(ctx, newEvent(n+1, x)))
		})
	}
	indexTickets(t, s, "torch")
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		return errors.Join(tx.Release(ctx, "code", secret("key"), 1), tx.Unlink(ctx, "mail", secret("link"), 1),
			tx.DeleteRecord(ctx, "draft", "1"), tx.DeleteBlob(ctx, "blob"), tx.SetWork(ctx, 1, store.WorkPending, store.WorkDone, newTicket(1).CreatedAt))
	})
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		n, err := tx.PruneWork(ctx, "delivery", newTicket(1).CreatedAt.Add(time.Hour), 10)
		if n != 1 {
			t.Errorf("%d works pruned", n)
		}
		return err
	})
}

func write(t testing.TB, s store.Store, fn func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// traces returns the places of which the raw files of a database still hold something.
func traces(t testing.TB, file string) (out []string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(file + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range secretPlaces {
			if bytes.Contains(data, trace(place)) {
				out = append(out, place+suffix)
			}
		}
	}
	return out
}

func TestCompact(t *testing.T) {
	t.Parallel()
	t.Run("X25 nothing that was removed is in the files of a compacted store, and without compacting all of it is", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		s, err := sqlite.Open(t.Context(), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer closeStore(t, s)
		writeSecrets(t, s)
		if _, err := s.DB().ExecContext(t.Context(), "PRAGMA wal_checkpoint(PASSIVE)"); err != nil { // so that the file itself has it too
			t.Fatal(err)
		}
		removeSecrets(t, s)
		found := strings.Join(traces(t, file), " ")
		for _, place := range secretPlaces {
			if !strings.Contains(found, place) {
				t.Errorf("the test proves nothing: %q was not to be found before: %s", place, found)
			}
		}
		before := contents(t, s)
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := traces(t, file); len(left) > 0 {
			t.Errorf("left in the files: %v", left)
		}
		if n, m := finds(t, s, indexed), finds(t, s, "lamp"); n != 0 || m != 55 {
			t.Errorf("the secret finds %d, another word %d", n, m)
		}
		if after := contents(t, s); after != before {
			t.Errorf("the store held\n%s\nand holds\n%s", before, after)
		}
		if info, err := os.Stat(file + "-wal"); err != nil || info.Size() > 0 {
			t.Errorf("the log is %v, %v", info, err)
		}
	})
	t.Run("X25 a store is compacted while others read and write", func(t *testing.T) { compactAmongOthers(t) })
	t.Run("X25 compacting waits for a View no longer than the timeout, and says so", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{BusyTimeout: 100 * time.Millisecond})
		writeSecrets(t, s)
		err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
			if _, err := r.Ticket(ctx, 1, ticket.Scope{All: true}); err != nil {
				return err
			}
			if err := s.Compact(ctx); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("inside a View: %v", err)
			}
			err := s.Compact(t.Context())
			if !errors.Is(err, ticket.ErrBusy) || !strings.Contains(err.Error(), "compact again") {
				t.Errorf("beside a View: %v", err)
			}
			return nil
		})
		if err := errors.Join(err, s.Compact(t.Context())); err != nil {
			t.Error(err)
		}
	})
	t.Run("X25 compacting is refused in a transaction, without one's context, and after Close", func(t *testing.T) {
		t.Parallel()
		s := open(t, nil)
		write(t, s, func(ctx context.Context, _ store.Tx) error {
			if err := s.Compact(ctx); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("inside a transaction: %v", err)
			}
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Compact(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Compact(t.Context()); !errors.Is(err, ticket.ErrStopped) {
			t.Errorf("closed: %v", err)
		}
	})
	t.Run("X25 what another store on the file has removed goes too", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		var f files
		a, b := f.openAt(t, file), f.openAt(t, file)
		defer closeStore(t, a)
		defer closeStore(t, b)
		writeSecrets(t, a)
		removeSecrets(t, b)
		for _, s := range []store.Store{a, b} {
			if err := s.(store.Compacter).Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := traces(t, file); len(left) > 0 {
				t.Errorf("left in the files: %v", left)
			}
		}
		if x, y := contents(t, a), contents(t, b); x != y {
			t.Errorf("one sees\n%s\nthe other\n%s", x, y)
		}
	})
}

// compactAmongOthers compacts again and again while some read, some write, and some begin Views that last.
func compactAmongOthers(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	writeSecrets(t, s)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	others := func(fn func() error) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := fn(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 4 {
		others(func() error { return create(t.Context(), s, 1) })
	}
	for range 2 {
		others(func() error {
			return s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
				q := ticket.Query{Limit: 20}
				for range 3 {
					page, err := r.Tickets(ctx, q, ticket.Scope{All: true})
					if q.Cursor = page.Next; err != nil || q.Cursor == "" {
						return err
					}
				}
				return nil
			})
		})
	}
	for range 5 {
		if err := s.Compact(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	var check string
	if err := s.DB().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity: %s, %v", check, err)
	}
}

// contents writes down all tickets with their threads and journals.
func contents(t testing.TB, s store.Store) string {
	t.Helper()
	var out strings.Builder
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		for q := (ticket.Query{Sort: ticket.OldestCreated}); ; {
			page, err := r.Tickets(ctx, q, ticket.Scope{All: true})
			if err != nil {
				return err
			}
			for _, x := range page.Tickets {
				thread, err := r.Messages(ctx, ticket.MessageQuery{TicketID: x.ID})
				journal, err2 := r.Events(ctx, ticket.EventQuery{TicketID: x.ID})
				if err := errors.Join(err, err2); err != nil {
					return err
				}
				doc, err := json.Marshal([]any{x, thread, journal})
				if err != nil {
					return err
				}
				fmt.Fprintf(&out, "%s\n", doc)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return nil
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func closeStore(t testing.TB, s store.Store) {
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
