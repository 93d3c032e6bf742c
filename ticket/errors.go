package ticket

import (
	"errors"
	"fmt"
	"strings"
)

// The errors of a desk. Operations wrap them: test with errors.Is.
var (
	ErrNotFound  = errors.New("not found")
	ErrExists    = errors.New("already exists")
	ErrConflict  = errors.New("changed by somebody else since it was read: read it again")
	ErrForbidden = errors.New("not allowed")
	ErrLocked    = errors.New("ticket is locked: unlock it first")
	ErrClosed    = errors.New("ticket takes no replies in its status: reopen it or open a new one")
	ErrNoActor   = errors.New("no actor in the context: use ticket.WithActor")
	ErrInvalid   = errors.New("invalid")
	ErrRefused   = errors.New("refused by a hook")
	// ErrHookFailed is not ErrRefused: a hook that had to be asked did not answer as it should, and nothing was written.
	ErrHookFailed = errors.New("a hook failed: try again")
	ErrBusy       = errors.New("database is busy: try again")
	ErrTxDone     = errors.New("transaction is over: use the context and Tx only inside the closure")
	ErrStopped    = errors.New("stopped: the desk was, or its store was closed")
	ErrSchema     = errors.New("schema of the database does not fit this version of the library")
	ErrTooDeep    = errors.New("hooks call each other too deeply")
	ErrNoSearch   = errors.New("the store cannot search, or was opened without search")
	ErrSealed     = errors.New("encrypted text cannot be opened")
	ErrMerged     = errors.New("ticket was merged into another one: go on there, or unmerge it first")
	// ErrRemoved says of a file that it was there, and that only its name is left: errors.Is(ErrRemoved, ErrNotFound) holds.
	ErrRemoved = fmt.Errorf("%w: its content was removed", ErrNotFound)
)

// What is wrong with a guest link (M12) or the link of a survey (M25). errors.Is(each, ErrToken) and
// errors.Is(each, ErrForbidden) hold.
var (
	ErrToken          = fmt.Errorf("%w: the link does not open", ErrForbidden)
	ErrTokenInvalid   = fmt.Errorf("%w: it is damaged, or not of this desk: ask for a new one", ErrToken) // also: signed with a key that is gone
	ErrTokenExpired   = fmt.Errorf("%w: it has expired: ask for a new one", ErrToken)
	ErrTokenRevoked   = fmt.Errorf("%w: it was revoked: ask for a new one", ErrToken)
	ErrTokenElsewhere = fmt.Errorf("%w: it is one of another ticket", ErrToken)
)

// FieldError is one thing wrong with an input.
type FieldError struct {
	Field   string `json:"field"`   // JSON name of the field; empty where the whole input is meant
	Fault   Fault  `json:"fault"`   // what kind of thing is wrong, for programs
	Message string `json:"message"` // says what to do, starting in lower case
}

// ValidationError tells what is wrong with an input, field by field: errors.As finds it, and errors.Is(err, ErrInvalid)
// holds for it. Gates return it to refuse a write; the desk merges what several gates say.
type ValidationError struct {
	Fields []FieldError `json:"fields"`
}

// Invalid returns a ValidationError about one field; the message is a format as of fmt.Sprintf.
func Invalid(field string, fault Fault, format string, args ...any) *ValidationError {
	var e ValidationError
	e.Add(field, fault, format, args...)
	return &e
}

// FieldErrors is what is wrong with an input by FieldError.Field, as a page asks for it that shows each message beside
// its field: those of the ValidationError in err. What is about no field stands under "". It is nil where there is
// none.
func FieldErrors(err error) map[string][]FieldError {
	var v *ValidationError
	if !errors.As(err, &v) {
		return nil
	}
	out := make(map[string][]FieldError, len(v.Fields))
	for _, f := range v.Fields {
		out[f.Field] = append(out[f.Field], f)
	}
	return out
}

// Add appends a field error; the message is a format as of fmt.Sprintf.
func (e *ValidationError) Add(field string, fault Fault, format string, args ...any) {
	e.Fields = append(e.Fields, FieldError{Field: field, Fault: fault, Message: fmt.Sprintf(format, args...)})
}

// Err returns e if it holds anything, else nil.
func (e *ValidationError) Err() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (e *ValidationError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Message
		if f.Field != "" {
			parts[i] = f.Field + ": " + f.Message
		}
	}
	return "invalid: " + strings.Join(parts, "; ")
}

// Is makes errors.Is(err, ErrInvalid) hold.
func (e *ValidationError) Is(target error) bool { return target == ErrInvalid }
