package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// forms is how stores are written.
const forms = "sqlite:FILE, postgres://USER@HOST/DATABASE, or mysql:USER@tcp(HOST)/DATABASE"

// open opens the store that a text names. A file that must be there is not made.
func open(ctx context.Context, name string, must bool) (store.Store, error) {
	scheme, rest, ok := strings.Cut(name, ":")
	if !ok || rest == "" {
		return nil, fmt.Errorf("%q names no store: write %s", name, forms)
	}
	switch scheme {
	case "sqlite":
		if _, err := os.Stat(rest); err != nil && must {
			return nil, fmt.Errorf("there is no desk: %w", err)
		}
		return sqlite.Open(ctx, rest, nil)
	case "postgres", "postgresql":
		return postgres.Open(ctx, name, nil)
	case "mysql":
		return mysql.Open(ctx, rest, nil)
	}
	return nil, fmt.Errorf("%q is no kind of store: write %s", scheme, forms)
}
