package mysql_test

import (
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/store/mysql"
)

// TestOldNews has a host begin at READ COMMITTED on a connection that was at REPEATABLE READ a moment before, while somebody
// asks the server for its transactions so often that it tells of that moment all the time.
func TestOldNews(t *testing.T) {
	t.Parallel()
	srv := mariaserver.Start(t, "--innodb-flush-log-at-trx-commit=0", "--log-warnings=0")
	db := handle(t, srv.Database())
	s, err := mysql.Use(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("X01 a host is not refused for what was on its connection before", func(t *testing.T) {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begin := func(level sql.IsolationLevel) *sql.Tx {
			tx, err := conn.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
			if err != nil {
				t.Fatal(err)
			}
			return tx
		}
		listed := func() (level string) {
			_ = db.QueryRowContext(t.Context(), "SELECT coalesce(max(trx_isolation_level), '') FROM information_schema.innodb_trx WHERE trx_state = 'RUNNING'").Scan(&level)
			return level
		}
		before := begin(sql.LevelRepeatableRead)
		for end := time.Now().Add(20 * time.Second); listed() != "REPEATABLE READ" && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			if _, err := before.ExecContext(t.Context(), "SELECT count(*) FROM helpdesk_tickets"); err != nil {
				t.Fatal(err)
			}
		}
		stop, asking := make(chan struct{}), sync.WaitGroup{}
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					listed()
				}
			}
		})
		_ = before.Rollback()
		tx := begin(sql.LevelReadCommitted)
		if _, err := s.WithTx(t.Context(), tx); err != nil {
			t.Errorf("read committed: %v", err)
		}
		if got := listed(); got != "REPEATABLE READ" {
			t.Logf("the server tells of %q: the machine was too slow for old news", got)
		}
		close(stop)
		asking.Wait()
		_ = tx.Rollback()
	})
}
