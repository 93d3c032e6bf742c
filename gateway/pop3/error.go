package pop3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/diagnosis"
)

// The kinds of failure, for errors.Is. A network failure is worth a retry; an authentication failure is not, before
// somebody has changed the credentials.
var (
	ErrAuthentication = gateway.ErrAuthentication
	ErrTLS            = errors.New("no protected connection: check the port, the TLS mode and the certificate")
	ErrNetwork        = errors.New("the server cannot be reached or does not answer")
	ErrProtocol       = errors.New("the server does not speak proper POP3")
	ErrInUse          = errors.New("the maildrop is in use by another connection")
)

// The phases of talking to a server.
const (
	phaseConnect = "connect"
	phaseLogin   = "login"
	phaseList    = "list"
	phaseFetch   = "fetch"
	phaseDelete  = "delete"
)

// Error is a failure in one phase of talking to the server.
type Error struct {
	Phase string // connect, login, list, fetch or delete
	Kind  error  // one of the kinds above
	// Text is what the server or the network said: untrusted, quoted, shortened.
	Text string
}

// Error describes the failure.
func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("pop3 %s: %v", e.Phase, e.Kind)
	}
	return fmt.Sprintf("pop3 %s: %v (%s)", e.Phase, e.Kind, e.Text)
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// failure classifies what went wrong in a phase.
func failure(phase string, cause error) error {
	var known *Error
	if errors.As(cause, &known) {
		return cause
	}
	return &Error{Phase: phase, Kind: kindOf(phase, cause), Text: fmt.Sprintf("%.200q", cause.Error())}
}

func kindOf(phase string, cause error) error {
	var no *refusal
	var n net.Error
	for _, kind := range []error{gateway.ErrInvalidGrant, ErrAuthentication, ErrNetwork, ErrTLS, ErrProtocol, ErrInUse} {
		if errors.Is(cause, kind) {
			return kind
		}
	}
	switch {
	case errors.As(cause, &no):
		return kindOfRefusal(phase, no)
	case diagnosis.IsTLS(cause):
		return ErrTLS
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF), errors.Is(cause, net.ErrClosed), errors.Is(cause, context.DeadlineExceeded), errors.As(cause, &n):
		return ErrNetwork
	}
	return ErrProtocol
}

// kindOfRefusal reads the codes of RFC 2449 (section 8.1) and RFC 3206.
func kindOfRefusal(phase string, no *refusal) error {
	switch code := no.code(); {
	case code == "IN-USE":
		return ErrInUse
	case code == "SYS/TEMP", code == "LOGIN-DELAY":
		return ErrNetwork
	case code == "AUTH", phase == phaseLogin:
		return ErrAuthentication
	}
	return ErrProtocol
}
