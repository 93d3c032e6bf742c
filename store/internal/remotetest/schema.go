package remotetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// openTogether opens a database from several goroutines at once, as processes that start do.
func (k Kit) openTogether(t testing.TB, dsn string, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			s, err := k.Open(t.Context(), dsn, Options{})
			if err == nil {
				err = errors.Join(put(t.Context(), s, int64(i+1)), s.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func startTogether(t *testing.T, k Kit, srv Server) { k.openTogether(t, srv.Database(), 8) }

func everyVersion(t *testing.T, k Kit, srv Server) {
	for first := range k.Count + 1 {
		dsn := srv.Database()
		k.Migrate(t, dsn, first)
		k.openTogether(t, dsn, 2)
	}
}

func foreignSchema(t *testing.T, k Kit, srv Server) {
	for what, text := range map[string]string{
		"newer":   "INSERT INTO {p}migrations (version, name, sum) VALUES (4711, 'later', 'x')",
		"changed": "UPDATE {p}migrations SET sum = 'x' WHERE version = 1",
	} {
		dsn := srv.Database()
		if err := k.open(t, dsn, Options{}).Close(); err != nil {
			t.Fatal(err)
		}
		k.Exec(t, dsn, text)
		if _, err := k.Open(t.Context(), dsn, Options{}); !errors.Is(err, ticket.ErrSchema) {
			t.Errorf("%s: %v, want %v", what, err, ticket.ErrSchema)
		}
	}
}
