package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/diagnosis"
)

// The kinds of failure, for errors.Is. A network failure is worth a retry; an
// authentication failure is not, before somebody has changed the credentials.
var (
	ErrAuthentication = gateway.ErrAuthentication
	ErrTLS            = errors.New("no protected connection: check the port, the TLS mode and the certificate")
	ErrNetwork        = errors.New("the server cannot be reached or does not answer")
	ErrProtocol       = errors.New("the server does not speak proper IMAP")
	ErrNoMailbox      = errors.New("the folder does not exist or cannot be opened")
)

// Error is a failure in one phase of talking to the server.
type Error struct {
	Phase string // connect, starttls, login, open, list, fetch, wait or acknowledge
	Kind  error  // one of the kinds above
	// Text is what the server or the network said: untrusted, quoted, shortened.
	Text string
}

// Error describes the failure.
func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("imap %s: %v", e.Phase, e.Kind)
	}
	return fmt.Sprintf("imap %s: %v (%s)", e.Phase, e.Kind, e.Text)
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// maxErrorText is how many bytes of foreign text an error carries.
const maxErrorText = 200

// failure classifies what went wrong in a phase. The cause's type is not passed
// on, for it belongs to a library, only its text.
func failure(phase string, cause error) error {
	text, _, _ := strings.Cut(cause.Error(), "\n") // a panic brings its stack
	text = fmt.Sprintf("%.*q", maxErrorText, text)
	return &Error{Phase: phase, Kind: kindOf(phase, cause), Text: text}
}

func kindOf(phase string, cause error) error {
	var status *goimap.Error
	var netErr net.Error
	switch {
	case errors.Is(cause, gateway.ErrInvalidGrant):
		return gateway.ErrInvalidGrant
	case errors.Is(cause, ErrAuthentication):
		return ErrAuthentication
	case errors.Is(cause, errNoToken):
		return ErrNetwork
	case errors.As(cause, &status):
		return kindOfStatus(phase, status)
	case diagnosis.IsTLS(cause):
		return ErrTLS
	case errors.Is(cause, errTimeout), errors.Is(cause, errLost), errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF),
		errors.Is(cause, net.ErrClosed), errors.As(cause, &netErr), errors.Is(cause, context.DeadlineExceeded):
		return ErrNetwork
	case phase == phaseConnect && strings.Contains(cause.Error(), closedEarly):
		return ErrNetwork
	}
	return ErrProtocol
}

// closedEarly is what go-imap says, and all that it says, of a server that went away before or with its greeting.
const closedEarly = "connection closed before greeting"

// kindOfStatus reads a NO, BAD or BYE (RFC 9051 §7.1, response codes RFC 5530).
func kindOfStatus(phase string, status *goimap.Error) error {
	switch status.Code {
	case goimap.ResponseCodeUnavailable, goimap.ResponseCodeInUse, goimap.ResponseCodeLimit, goimap.ResponseCodeServerBug:
		return ErrNetwork
	case goimap.ResponseCodePrivacyRequired:
		return ErrTLS
	}
	switch {
	case status.Type == goimap.StatusResponseTypeBye:
		return ErrNetwork
	case status.Type == goimap.StatusResponseTypeBad:
		return ErrProtocol
	case phase == phaseLogin:
		return ErrAuthentication
	case phase == phaseOpen:
		return ErrNoMailbox
	case phase == phaseStartTLS:
		return ErrTLS
	}
	return ErrProtocol
}
