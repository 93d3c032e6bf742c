package move_test

import (
	"math/rand/v2"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/move"
)

func TestServers(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(t *testing.T) func() string{
		"PostgreSQL": func(t *testing.T) func() string { return pgserver.Start(t, "fsync = off").Database },
		"MariaDB":    func(t *testing.T) func() string { return mariaserver.Start(t).Database },
	} {
		t.Run("X17 "+name, func(t *testing.T) {
			t.Parallel()
			next := database(t)
			t.Run("a desk goes from a file to the server and back, and its checksums stay", func(t *testing.T) {
				t.Parallel()
				goAndReturn(t, next())
			})
			t.Run("a move to the server is killed again and again, and the desk is whole", func(t *testing.T) {
				t.Parallel()
				t.Logf("%d kills", killedMove(t, next()))
			})
			t.Run("what is written to the file meanwhile goes along", func(t *testing.T) {
				t.Parallel()
				catchUp(t, next())
			})
		})
	}
}

func openServer(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := openNamed(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return closing(t, s)
}

func goAndReturn(t *testing.T, dsn string) {
	first := fill(t, newFile(t), rand.Uint64())
	server, last := openServer(t, dsn), newFile(t)
	there := copied(t, first, server, nil)
	back := copied(t, server, last, &move.Options{Batch: 11})
	for i, line := range back.Kinds {
		if line.To != there.Kinds[i].From || line.To.Rows == 0 {
			t.Errorf("%s: %+v after the way there and back, were %+v", line.Kind, line.To, there.Kinds[i].From)
		}
	}
	if want, got := newID(t, first, "code/filled"), newID(t, server, "code/filled"); got != want {
		t.Errorf("codes go on with %d on the server, with %d in the file", got, want)
	}
	if top := topID(t, first); newID(t, server, "ticket") <= top || newID(t, last, "ticket") <= top {
		t.Errorf("new tickets get ids up to %d, which there are", top)
	}
}

func topID(t *testing.T, s store.Store) (id int64) {
	t.Helper()
	rows, err := s.(store.Mover).Rows(t.Context(), store.RowTickets, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		id = max(id, row.Ticket.ID)
	}
	return id
}
