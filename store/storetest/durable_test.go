package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// lasting is a store that outlives its Close, as a database outlives its handles.
type lasting struct{ *memory.Store }

func (lasting) Close() error { return nil }

// acknowledgements is what a killed process has said: it fails, and so ends Write, after some lines.
type acknowledgements struct {
	mu   sync.Mutex
	text strings.Builder
	left int
}

var errKilled = errors.New("killed")

func (a *acknowledgements) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left--; a.left < 0 {
		return 0, errKilled
	}
	return a.text.Write(p)
}

// killedAfter has writers write into s until 50 writes are acknowledged.
func killedAfter(t testing.TB, s store.Store) []byte {
	t.Helper()
	acks := &acknowledgements{left: 50}
	if err := Write(t.Context(), s, acks); !errors.Is(err, errKilled) {
		t.Fatalf("write: %v", err)
	}
	return []byte(acks.text.String())
}

// losesTags finds one ticket too few by a tag, as if the tag had been committed apart from its ticket.
type losesTags struct{ store.Reader }

func (r losesTags) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	n, err := r.Reader.CountTickets(ctx, q, scope, limit)
	if len(q.Tags) > 0 {
		n.N--
	}
	return n, err
}

func TestDurableGroups(t *testing.T) {
	t.Parallel()
	open := func(testing.TB) store.Store { return lasting{memory.New(nil)} }
	same := func(_ testing.TB, s store.Store) store.Store { return s }
	kill := func(t testing.TB) (store.Store, []byte) {
		s := memory.New(nil)
		return s, killedAfter(t, s)
	}
	for name, c := range map[string]struct {
		opts  Options
		group string // that must fail; none if empty
	}{
		"a store that lasts fails nothing": {Options{Reopen: same, Another: same, Kill: kill}, ""},
		"reopening finds nothing": {Options{Kill: kill, Another: same,
			Reopen: func(t testing.TB, _ store.Store) store.Store { return open(t) }}, "reopening"},
		"each process has a database of its own": {Options{Reopen: same, Kill: kill,
			Another: func(t testing.TB, _ store.Store) store.Store { return open(t) }}, "processes"},
		"an acknowledged write is lost": {Options{Reopen: same, Another: same, Kill: func(t testing.TB) (store.Store, []byte) {
			s, acks := kill(t)
			return s, fmt.Append(acks, "4711\n")
		}}, "killing"},
		"a write is half there": {Options{Reopen: same, Another: same, Kill: func(t testing.TB) (store.Store, []byte) {
			s, acks := kill(t)
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.Unlink(ctx, "mail", "K-1", 1) })
			if err != nil {
				t.Fatal(err)
			}
			return s, acks
		}}, "killing"},
		"an event has no ticket": {Options{Reopen: same, Another: same, Kill: func(t testing.TB) (store.Store, []byte) {
			s, acks := kill(t)
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return tx.PutEvent(ctx, &ticket.Event{ID: 4711, TicketID: 4711, Seq: 1, At: base})
			})
			if err != nil {
				t.Fatal(err)
			}
			return s, acks
		}}, "killing"},
		"a ticket is not found by its tag": {Options{Reopen: same, Another: same, Kill: func(t testing.TB) (store.Store, []byte) {
			s, acks := kill(t)
			w := &wrapped{Store: s, reader: func(r store.Reader) store.Reader { return losesTags{r} }}
			w.owner = w
			return w, acks
		}}, "killing"},
	} {
		t.Run("X09 "+name, func(t *testing.T) {
			t.Parallel()
			expectFailed(t, failedGroups(t, open, &c.opts, named("rollback", "reopening", "processes", "killing")), c.group)
		})
	}
}
