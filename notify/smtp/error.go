package smtp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	gosmtp "github.com/emersion/go-smtp"
)

// Stage is where in a conversation with a server something went wrong.
type Stage string

// The stages, in their order.
const (
	Connecting Stage = "connect"
	Securing   Stage = "tls"
	LoggingIn  Stage = "login"
	Sender     Stage = "sender"    // MAIL FROM
	Recipient  Stage = "recipient" // RCPT TO
	Content    Stage = "content"   // DATA, and what comes after it
)

// Error says why a letter was not sent.
type Error struct {
	Stage Stage
	// Code and Status are what the server answered (RFC 5321, 4.2; RFC 3463), as 550 and "5.1.1"; 0 and empty where it
	// said nothing.
	Code   int
	Status string
	// Permanent says that this letter will not be taken by this server, however often it is tried.
	Permanent bool
	// Server says that it is not about this letter: others would fare as it did.
	Server bool
	// Unclear says that the server may have taken the letter: its answer was not heard.
	Unclear bool
	Err     error
}

// Error names the stage and the cause.
func (e *Error) Error() string { return "send mail: " + string(e.Stage) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNeedsUTF8 is of an address with letters beyond ASCII before the @, which the server does not take (RFC 6531).
var ErrNeedsUTF8 = errors.New("the server takes no addresses with letters beyond ASCII before the @ (SMTPUTF8)")

// failure judges what went wrong. Only what a server says of a letter is about the letter.
func failure(stage Stage, err error) *Error {
	e := &Error{Stage: stage, Err: err, Server: true}
	var said *gosmtp.SMTPError
	if !errors.As(err, &said) {
		e.Unclear = stage == Content
		return e
	}
	e.Code, e.Err = said.Code, errors.New(answer(said))
	if c := said.EnhancedCode; c[0] > 0 {
		e.Status = fmt.Sprintf("%d.%d.%d", c[0], c[1], c[2])
	}
	if said.Code == 421 || stage == Connecting || stage == Securing || stage == LoggingIn { // it closes, or wants none of us
		return e
	}
	e.Server = false
	e.Permanent = said.Code >= 500 && !slices.Contains(unproven, e.Status)
	return e
}

// unproven are what a server says of mail whose sender it could not make out, by DKIM, SPF or the name of the machine
// (RFC 7372): the letter is as it should be, and is taken once keys and names in DNS are.
var unproven = []string{"5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.25", "5.7.26"}

// lapsed reports whether a server wants to know again who logged in, as where a token has run out since (RFC 4954, 6).
func (e *Error) lapsed() bool {
	return slices.Contains([]int{530, 534, 535, 538}, e.Code) || e.Code == 454 && e.Status == "4.7.0"
}

// maxAnswer is how much of a server's words are repeated, in bytes.
const maxAnswer = 500

func answer(said *gosmtp.SMTPError) string {
	text := strings.ToValidUTF8(strings.Join(strings.Fields(said.Message), " "), "?")
	if len(text) > maxAnswer {
		text = strings.ToValidUTF8(text[:maxAnswer], "") + "…"
	}
	return fmt.Sprintf("the server says %d %s", said.Code, text)
}

// because gives the reason of the context, if it has ended: it is why the connection was closed.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// ErrClosed is of a Server that was closed.
var ErrClosed = errors.New("send mail: the server was closed, and sends nothing any more")
