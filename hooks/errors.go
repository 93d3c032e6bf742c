package hooks

import (
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrUnknownPoint is what BindNamed and Render return for a name that no point has.
var ErrUnknownPoint = errors.New("no such hook point")

// ErrDeadline says that a hook took longer than its Timeout.
var ErrDeadline = errors.New("took too long")

// ErrPanic says that a hook panicked. The stack goes to the log and never into an error.
var ErrPanic = errors.New("panicked")

// Error is what one binding said against an operation: errors.Is(err, ticket.ErrRefused) holds where it refused on
// purpose, with a *ticket.ValidationError or an error that wraps ticket.ErrRefused, and errors.Is(err,
// ticket.ErrHookFailed) where it failed.
type Error struct {
	Point   string
	Binding string
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("hook %s at %s: %v", e.Binding, e.Point, e.Err) }

// Unwrap returns what the hook returned, or ErrPanic or ErrDeadline.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is hold for ticket.ErrRefused or for ticket.ErrHookFailed.
func (e *Error) Is(target error) bool {
	return target == ticket.ErrRefused && onPurpose(e.Err) || target == ticket.ErrHookFailed && !onPurpose(e.Err)
}

// Refusal is what the gates of an operation said together. errors.As finds the merged *ticket.ValidationError in it, if
// any gate returned one. errors.Is(err, ticket.ErrRefused) holds where at least one refused on purpose, and
// errors.Is(err, ticket.ErrHookFailed) where at least one failed; of several gates both can be.
type Refusal struct {
	Errors []*Error
}

func (r *Refusal) Error() string {
	parts := make([]string, len(r.Errors))
	for i, e := range r.Errors {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns the merged field errors first and then the errors of the bindings.
func (r *Refusal) Unwrap() []error {
	var out []error
	if v := r.merged(); v != nil {
		out = append(out, v)
	}
	for _, e := range r.Errors {
		out = append(out, e)
	}
	return out
}

// Final reports whether every gate that refused did so on purpose. Otherwise something failed, and the same operation
// may succeed later: mail is tried again then.
func (r *Refusal) Final() bool { return !errors.Is(r, ticket.ErrHookFailed) }

func (r *Refusal) merged() *ticket.ValidationError {
	var all ticket.ValidationError
	for _, e := range r.Errors {
		var v *ticket.ValidationError
		if errors.As(e.Err, &v) {
			all.Fields = append(all.Fields, v.Fields...)
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return &all
}

func (r *Refusal) add(e *Error) { r.Errors = append(r.Errors, e) }

func (r *Refusal) err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return r
}
