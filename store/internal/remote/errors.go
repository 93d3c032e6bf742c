package remote

import (
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrUnfit says that a connection, or a transaction of the host's, is not one that the store can work with.
var ErrUnfit = errors.New("connection does not fit the store")

// judged gives an error of the driver the meaning that the contract names.
func (s *Store) judged(what string, v Verdict, err error) error {
	return Judged(s.d.Name, what, v, err)
}

// Judged is an error of a store of that name.
func Judged(name, what string, v Verdict, err error) error {
	sense := map[Verdict]error{Repeat: ticket.ErrBusy, Busy: ticket.ErrBusy, Duplicate: ticket.ErrExists, Lost: ticket.ErrBusy, Unsent: ticket.ErrBusy,
		Refused: ticket.ErrInvalid, Over: ticket.ErrTxDone}[v]
	switch {
	case v == Lost && what == commitment:
		return fmt.Errorf("%s: %w: %w", name, store.ErrUncertain, err)
	case sense != nil:
		return fmt.Errorf("%s: %s: %w (%w)", name, what, sense, err)
	}
	return fmt.Errorf("%s: %s: %w", name, what, err)
}

func (s *Store) invalid(field string, fault ticket.Fault, format string, args ...any) error {
	return fmt.Errorf("%s: %w", s.d.Name, ticket.Invalid(field, fault, format, args...))
}

func (s *Store) missing(what string, key any) error {
	return fmt.Errorf("%s: %s %v: %w", s.d.Name, what, key, ticket.ErrNotFound)
}

func (s *Store) stale(id int64, state store.WorkState) error {
	return fmt.Errorf("%s: work %d is not %s: %w", s.d.Name, id, state, store.ErrStale)
}
