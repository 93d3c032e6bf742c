package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// database is a store that the host's own tables may live beside.
type database interface {
	store.Store
	store.HostTx
	store.TallyChecker
}

// dialect is how a database differs from the others in the few statements of this program.
type dialect struct {
	serial string // the type of a key that counts by itself
	once   string // inserts what is not there yet, up to the name of the table
	skip   string // and what stands at its end
	dollar bool   // arguments are $1, $2, …
}

var (
	_ database = (*sqlite.Store)(nil)
	_ database = (*postgres.Store)(nil)
	_ database = (*mysql.Store)(nil)
)

// open opens the database that a -store names.
func open(ctx context.Context, name string) (database, dialect, error) {
	scheme, rest, _ := strings.Cut(name, ":")
	switch scheme {
	case "sqlite":
		s, err := sqlite.Open(ctx, rest, nil)
		return s, dialect{serial: "INTEGER PRIMARY KEY AUTOINCREMENT", once: "INSERT OR IGNORE INTO "}, err
	case "postgres":
		s, err := postgres.Open(ctx, name, &postgres.Options{IdleTimeout: idle})
		return s, dialect{serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", once: "INSERT INTO ", skip: " ON CONFLICT DO NOTHING", dollar: true}, err
	case "mysql":
		s, err := mysql.Open(ctx, rest, &mysql.Options{IdleTimeout: idle})
		return s, dialect{serial: "BIGINT AUTO_INCREMENT PRIMARY KEY", once: "INSERT IGNORE INTO "}, err
	}
	return nil, dialect{}, fmt.Errorf("store: %w", ticket.Invalid("store", ticket.FaultUnknown, "%q is none of sqlite:path, postgres://…, mysql:user:password@tcp(host)/database", name))
}

// idle is for how long a replica that stands still may keep what it has locked.
const idle = 2 * time.Second

// sql turns the question marks of a statement into what the database wants.
func (d dialect) sql(text string) string {
	if !d.dollar {
		return text
	}
	var b strings.Builder
	n := 0
	for _, c := range text {
		if c == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}
