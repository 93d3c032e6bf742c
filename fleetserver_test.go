package helpdesk_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestTenantsOnServer measures desks of many tenants over one pool of PostgreSQL: HELPDESK_TENANTS of them, and then in
// peace.
func TestTenantsOnServer(t *testing.T) {
	dsn := pgserver.Start(t, "fsync = off", "log_min_messages = fatal").Database()
	n, rest := 20, 2*time.Second
	if asked, err := strconv.Atoi(os.Getenv("HELPDESK_TENANTS")); err == nil && asked > 0 {
		n, rest = asked, 2*time.Minute
	}
	t.Run("B06 many tenants over one pool have few connections, few goroutines, and next to no queries while they are idle", func(t *testing.T) {
		cfg := must(pgxpool.ParseConfig(dsn))(t)
		cfg.MaxConns = 8
		pool := must(pgxpool.NewWithConfig(context.Background(), cfg))(t)
		t.Cleanup(pool.Close)
		beside := postgres.Beside(pool)
		t.Cleanup(func() { _ = beside.Close() })
		goroutines, before := runtime.NumGoroutine(), heap()
		began := time.Now()
		db := stdlib.OpenDBFromPool(pool)
		t.Cleanup(func() { _ = db.Close() })
		desks := tenantsOn(t, db, &postgres.Options{Beside: beside}, n)
		f := helpdesk.NewFleet(&helpdesk.FleetConfig{Workers: 8, Poll: time.Second, MaxPoll: max(rest/2, 2*time.Second)})
		var told atomic.Int64
		for i, d := range desks {
			d.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error { told.Add(1); return nil })
			ok(t, f.Add(context.Background(), strconv.Itoa(i), d.Desk))
		}
		t.Logf("%d desks opened in %s", n, time.Since(began).Round(time.Millisecond))
		runFleet(t, f)
		began = time.Now()
		for _, d := range desks {
			must(d.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp", Body: "broken"}))(t)
		}
		for end := time.Now().Add(time.Minute); told.Load() < int64(n) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		equal(t, "told", told.Load(), int64(n))
		t.Logf("a ticket for each, and its delivery, in %s", time.Since(began).Round(time.Millisecond))
		time.Sleep(rest) // what is measured is a stretch of time: they come to rest in the first, and are counted in the second
		from := committed(t, pool)
		time.Sleep(rest)
		queries := float64(committed(t, pool)-from) / rest.Seconds()
		var conns int
		ok(t, pool.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").Scan(&conns))
		each := (heap() - before) / int64(n)
		t.Logf("%d idle desks: %d KB each, %d goroutines, %d connections, %.1f transactions a second", n, each>>10, runtime.NumGoroutine()-goroutines, conns, queries)
		if conns > 8+8+2 || runtime.NumGoroutine()-goroutines > 30 {
			t.Errorf("%d connections, %d goroutines", conns, runtime.NumGoroutine()-goroutines)
		}
	})
}

// tenantsOn opens desks, each in a schema of its own, a few at a time.
func tenantsOn(t *testing.T, db *sql.DB, o *postgres.Options, n int) []*tenantDesk {
	t.Helper()
	out := make([]*tenantDesk, n)
	var wg sync.WaitGroup
	next := atomic.Int64{}
	for range 4 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				d, err := openTenant(db, *o, fmt.Sprintf("tenant%d", i))
				if err != nil {
					t.Error(err)
					return
				}
				out[i] = d
			}
		})
	}
	wg.Wait()
	t.Cleanup(func() {
		for i, d := range out {
			_, err := db.ExecContext(context.Background(), fmt.Sprintf("DROP SCHEMA tenant%d CASCADE", i))
			if err := errors.Join(d.Stop(context.Background()), d.s.Close(), err); err != nil {
				t.Error(err)
			}
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return out
}

type tenantDesk struct {
	*helpdesk.Desk
	s *postgres.Store
}

func openTenant(db *sql.DB, o postgres.Options, schema string) (*tenantDesk, error) {
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return nil, err
	}
	o.Schema = schema
	s, err := postgres.UseDB(ctx, db, &o)
	if err != nil {
		return nil, err
	}
	d, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	return &tenantDesk{d, s}, err
}

// committed is how many transactions the server has counted in this database; it tells of them with a little delay.
func committed(t testing.TB, pool *pgxpool.Pool) (n int64) {
	t.Helper()
	ok(t, pool.QueryRow(context.Background(), "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()").Scan(&n))
	return n
}
