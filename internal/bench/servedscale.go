package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
)

// scaled returns what the names of the scaled desk's tables begin with. It is built unless it is there, and stays for the
// next run. Its name says the scale and the schema.
func (s *server) scaled(ctx context.Context, n int) (string, error) {
	if n <= 0 {
		return "", errors.New("needs a desk of some size: say -scale, as in -scale 100000")
	}
	schema, err := s.schemaOf()
	if err != nil {
		return "", err
	}
	prefix := fmt.Sprintf("bench_%d_%s_%d_", n, schema, builderVersion)
	done, err := s.tables(ctx, prefix+"built")
	if err != nil || len(done) > 0 {
		return prefix, err
	}
	if err := s.drop(ctx, prefix); err != nil { // what was begun
		return "", err
	}
	if err := s.build(ctx, prefix, n); err != nil {
		return "", fmt.Errorf("build a desk of %d tickets: %w", n, err)
	}
	_, err = s.db.ExecContext(ctx, "CREATE TABLE "+prefix+"built (n int)")
	return prefix, err
}

// build fills the tables.
func (s *server) build(ctx context.Context, prefix string, n int) (err error) {
	st, err := s.open(ctx, s.dsn, prefix, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	settle := func() error {
		for {
			if n, err := st.Settle(ctx); err != nil || n == 0 {
				return err
			}
		}
	}
	if err := fill(ctx, st, n, settle); err != nil {
		return err
	}
	tables, err := s.tables(ctx, prefix)
	for _, t := range tables {
		if err == nil {
			_, err = s.db.ExecContext(ctx, s.tidy+t)
		}
	}
	return err
}

// lister opens the scaled desk, and a connection for raw SQL beside it.
func (s *server) lister(ctx context.Context, prefix string) (*lister, error) {
	st, err := s.open(ctx, s.dsn, prefix, connections)
	if err != nil {
		return nil, err
	}
	desk, err := helpdesk.New(ctx, st, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	l := &lister{desk: desk, s: st, sql: s.sql, bind: s.bind}
	l.sql.prefix = prefix
	if l.db, err = s.connect(s.dsn); err == nil {
		l.conn, err = l.db.Conn(ctx)
	}
	return l, err
}
