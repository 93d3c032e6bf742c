package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// handle is what a session runs on: a connection of ours, or a transaction of the host's.
type handle interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// maxStatements bounds the statements that a session keeps: lists have many forms, and each takes its memory.
const maxStatements = 160

// session is a connection with its prepared statements. It serves one goroutine at a time. The driver never sees a
// caller's context: a statement that is interrupted would roll back the transactions of others.
type session struct {
	on     handle
	prefix string
	stmts  map[string]*statement // by the text with {p} in it
	uses   int64
	writes int64           // statements that may have changed something
	busy   map[string]bool // texts of those with open rows
	kept   []byte          // documents of the list that is made
}

// statement is a prepared one.
type statement struct {
	*sql.Stmt
	used int64 // what session.uses was
}

func newSession(on handle, prefix string) *session {
	return &session{on: on, prefix: prefix, stmts: map[string]*statement{}, busy: map[string]bool{}}
}

func (s *session) stmt(query string) (*sql.Stmt, error) {
	s.uses++
	if changes(query) {
		s.writes++
	}
	if st, ok := s.stmts[query]; ok {
		st.used = s.uses
		return st.Stmt, nil
	}
	for len(s.stmts) >= maxStatements && s.forget() {
	}
	st, err := s.on.PrepareContext(context.Background(), strings.ReplaceAll(query, "{p}", s.prefix))
	if err != nil {
		return nil, err
	}
	s.stmts[query] = &statement{st, s.uses}
	return st, nil
}

// changes reports whether a statement may change a row.
func changes(query string) bool {
	switch word, _, _ := strings.Cut(query, " "); word {
	case "SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT":
		return false
	}
	return true
}

// forget closes the statement whose last use is longest ago, if there is one that is not in use.
func (s *session) forget() bool {
	oldest, least := "", s.uses
	for text, st := range s.stmts {
		if st.used < least && !s.busy[text] {
			oldest, least = text, st.used
		}
	}
	st, ok := s.stmts[oldest]
	if ok {
		_ = st.Close()
		delete(s.stmts, oldest)
	}
	return ok
}

// exec runs a statement and returns how many rows it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	st, err := s.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row reads one row into dest, or fails with sql.ErrNoRows.
func (s *session) row(dest []any, query string, args ...any) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(context.Background(), args...).Scan(dest...)
}

// number reads one number; absent says that there is no row.
func (s *session) number(query string, args ...any) (n int64, err error) {
	err = s.row([]any{&n}, query, args...)
	return n, err
}

// each calls fn for every row. fn must not use the session.
func (s *session) each(fn func(*sql.Rows) error, query string, args ...any) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanner reads a value from a row, whose columns it is given by a function such as Rows.Scan.
type scanner[T any] func(scan func(dest ...any) error) (T, error)

// one reads the row of the thing with a key.
func one[T any](s *session, read scanner[T], what string, key any, query string, args ...any) (T, error) {
	v, err := read(func(dest ...any) error { return s.row(dest, query, args...) })
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, missing(what, key)
	}
	return v, classify("read "+what, err)
}

// several reads all rows.
func several[T any](s *session, read scanner[T], what, query string, args ...any) (out []T, err error) {
	err = s.each(func(rows *sql.Rows) error {
		v, err := read(rows.Scan)
		out = append(out, v)
		return err
	}, query, args...)
	return out, classify("list "+what, err)
}

// openRows are rows that are read between other statements.
type openRows struct {
	*sql.Rows
	ses  *session
	text string
}

var _ lists.Opener = (*session)(nil)

// Each calls fn with what reads every row: see lists.Source.
func (s *session) Each(_ context.Context, fn func(scan func(...any) error) error, query string, args ...any) error {
	return s.each(func(rows *sql.Rows) error { return fn(rows.Scan) }, query, args...)
}

// Open runs a query whose rows the caller closes: see lists.Opener. The same text may be open several times: each is a
// statement of its own, told apart by spaces at its end.
func (s *session) Open(_ context.Context, query string, args ...any) (lists.Rows, error) {
	for s.busy[query] {
		query += " "
	}
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(context.Background(), args...) //nolint:rowserrcheck // the caller looks at it
	if err != nil {
		return nil, err
	}
	s.busy[query] = true
	return &openRows{rows, s, query}, nil
}

// Close gives the statement back.
func (r *openRows) Close() error {
	delete(r.ses.busy, r.text)
	return r.Rows.Close()
}

// maxKept is how much memory a session keeps from one list to the next.
const maxKept = 1 << 20

// Keep copies a document to where it is good until free: see lists.Opener.
func (s *session) Keep(doc []byte) []byte {
	at := len(s.kept)
	s.kept = append(s.kept, doc...)
	return s.kept[at:len(s.kept):len(s.kept)]
}

// free ends the life of all documents that were kept.
func (s *session) free() {
	if s.kept = s.kept[:0]; cap(s.kept) > maxKept {
		s.kept = nil
	}
}

func (s *session) close() {
	for _, st := range s.stmts {
		_ = st.Close()
	}
	clear(s.stmts)
}

func missing(what string, key any) error {
	return fmt.Errorf("sqlite: %s %v: %w", what, key, ticket.ErrNotFound)
}
