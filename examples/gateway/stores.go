package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// forms is how stores are written.
const forms = "sqlite:FILE, postgres://USER@HOST/DATABASE, or mysql:USER@tcp(HOST)/DATABASE"

// openStore opens the store that a text names.
func openStore(ctx context.Context, name string) (store.Store, error) {
	scheme, rest, _ := strings.Cut(name, ":")
	switch {
	case rest == "":
	case scheme == "sqlite":
		return sqlite.Open(ctx, rest, nil)
	case scheme == "postgres", scheme == "postgresql":
		return postgres.Open(ctx, name, nil)
	case scheme == "mysql":
		return mysql.Open(ctx, rest, nil)
	}
	return nil, fmt.Errorf("%q names no store: write %s", name, forms)
}
