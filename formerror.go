package helpdesk

import (
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
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

// mergeRefusals makes one refusal of several; another error goes before them.
func mergeRefusals(errs ...error) error {
	var all hooks.Refusal
	for _, err := range errs {
		var r *hooks.Refusal
		switch {
		case err == nil:
		case errors.As(err, &r):
			all.Errors = append(all.Errors, r.Errors...)
		default:
			return err
		}
	}
	if len(all.Errors) == 0 {
		return nil
	}
	return &all
}
