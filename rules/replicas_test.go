package rules_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestMonthReplicas lives through the month with three processes on one database, which all do what is due at the same
// time.
func TestMonthReplicas(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts database servers: run it without -short")
	}
	for name, opener := range map[string]func(t *testing.T) func() (store.Store, error){
		"SQLite": func(t *testing.T) func() (store.Store, error) {
			file := t.TempDir() + "/desk.db"
			return func() (store.Store, error) {
				return sqlite.Open(bg, file, &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
			}
		},
		"PostgreSQL": func(t *testing.T) func() (store.Store, error) {
			dsn := pgserver.Start(t, "fsync = off").Database()
			return func() (store.Store, error) { return postgres.Open(bg, dsn, nil) }
		},
		"MariaDB": func(t *testing.T) func() (store.Store, error) {
			dsn := mariaserver.Start(t).Database()
			return func() (store.Store, error) { return mysql.Open(bg, dsn, nil) }
		},
	} {
		t.Run("X07 three processes do each due thing once, on "+name, func(t *testing.T) {
			t.Parallel()
			open := opener(t)
			clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
			months := make([]*month, 3)
			for i := range months {
				s := must(open())(t)
				t.Cleanup(func() { _ = s.Close() })
				months[i] = newMonth(t, shopOptions{store: s, clock: clock}, uint64(i))
			}
			m := months[0]
			m.begin(t, 24)
			for step := range monthDays * 4 {
				if step == 3*4 {
					m.replies(t)
				}
				clock.Advance(6 * time.Hour)
				for range 2 { // what one has put off the other does
					var wg sync.WaitGroup
					for _, r := range months {
						wg.Go(func() {
							if _, err := r.Tick(bg); err != nil && !errors.Is(err, ticket.ErrBusy) { // then the next one does it
								t.Error(err)
							}
						})
					}
					wg.Wait()
				}
			}
			clock.Advance(time.Hour)
			for _, r := range months {
				must(r.Tick(bg))(t)
				r.DispatchAll(t)
				r.gather()
			}
			times := 0
			for _, r := range months {
				times += r.times
				for id, n := range r.told {
					m.told[id] = n
				}
			}
			m.expect(t)
			t.Logf("%d notices were told %d times", len(m.told), times)
		})
	}
}
