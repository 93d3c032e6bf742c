package helpdesk

import (
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// formError is what a form is told where both the built-in checks and the gates have something to say: what errors.As
// finds first are the fields of both, and what holds of the gates' answer holds of this.
type formError struct {
	checks error
	gates  error
	fields *ticket.ValidationError
}

// heardBy is what a form hears of what the built-in checks and the gates have against it.
func heardBy(checks, gates error) error {
	var wrong, refused *ticket.ValidationError
	switch {
	case checks == nil:
		return gates
	case gates == nil || !errors.As(checks, &wrong):
		return checks
	case errors.As(gates, &refused):
		wrong = &ticket.ValidationError{Fields: slices.Concat(wrong.Fields, refused.Fields)}
	}
	return &formError{checks, gates, wrong}
}

func (e *formError) Error() string { return e.checks.Error() + "; " + e.gates.Error() }

// Unwrap has the fields come first.
func (e *formError) Unwrap() []error { return []error{e.fields, e.gates} }
