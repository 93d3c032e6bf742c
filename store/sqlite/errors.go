package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The errors of opening a file and of joining a transaction. Those of the contract stand in package ticket.
var (
	ErrNotDatabase = errors.New("file is no SQLite database")
	ErrReadOnly    = errors.New("file cannot be written")
	ErrUnfit       = errors.New("connection does not fit the store")
)

// code returns SQLite's result code of err, without the extension, or 0.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func isBusy(err error) bool { return code(err) == lib.SQLITE_BUSY }

// classify gives an error of the driver the meaning that the contract names.
func classify(what string, err error) error {
	switch {
	case err == nil, errors.Is(err, ticket.ErrBusy):
		return err
	case isBusy(err), code(err) == lib.SQLITE_LOCKED:
		return fmt.Errorf("sqlite: %s: %w (%w)", what, ticket.ErrBusy, err)
	case errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("sqlite: %s: %w", what, ticket.ErrTxDone)
	case errors.Is(err, sql.ErrConnDone):
		return fmt.Errorf("sqlite: %s: %w", what, ticket.ErrStopped)
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("sqlite: %s: %w", what, ticket.ErrNotFound)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	switch code(err) {
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return fmt.Errorf("sqlite: %s: %w (%w)", what, ErrNotDatabase, err)
	case lib.SQLITE_READONLY:
		return fmt.Errorf("sqlite: %s: %w (%w)", what, ErrReadOnly, err)
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}

func invalid(field string, fault ticket.Fault, format string, args ...any) error {
	return fmt.Errorf("sqlite: %w", ticket.Invalid(field, fault, format, args...))
}
