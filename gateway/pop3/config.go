package pop3

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Security says how a connection is protected.
type Security int

// The ways to protect a connection. The zero value is the safe one.
const (
	TLS       Security = iota // TLS from the first byte (RFC 8314), usually port 995
	StartTLS                  // TLS after STLS, refused without it; usually port 110
	Plaintext                 // no protection at all: for a server on the same machine
)

// Config says where a maildrop is and how to fetch from it. Address, Username and either Password or Token are required;
// the other zero values are good.
type Config struct {
	Address  string // host:port
	Security Security
	// TLSConfig overrides the TLS settings. Default: the system's certificate authorities, the host of Address, TLS 1.2
	// at least.
	TLSConfig *tls.Config
	Username  string
	Password  string
	// Token returns an access token of OAuth 2.0, which is then used instead of Password: by OAUTHBEARER (RFC 7628) where
	// the server has that, or else by XOAUTH2. It is asked for each connection.
	Token func(ctx context.Context) (string, error)
	// Refused, if not nil, is told of a token that the server does not take: Token is then asked once more, and another one
	// tried before the login has failed. (*oauth.Source).Refused makes sure that there is another one.
	Refused func(token string)

	// MaxMail is the largest mail that is fetched whole, in bytes. Default 50 MB.
	MaxMail int64
	// Attempts is how often one mail is tried before it is unfetchable. Default 3.
	Attempts int
	Timeouts Timeouts
}

// Timeouts bound each phase of talking to the server.
type Timeouts struct {
	Connect time.Duration // dialling, TLS and the greeting. Default 30 s
	Command time.Duration // each command without bodies, and each line of a listing. Default 1 min
	Mail    time.Duration // each piece of a mail. Default 1 min
}

// String shows where the maildrop is, without the password.
func (c Config) String() string { return fmt.Sprintf("%s at %s", c.Username, c.Address) }

func (c Config) withDefaults() (Config, error) {
	var e ticket.ValidationError
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		e.Add("address", ticket.FaultMalformed, "%q is no address: give it as host:port", c.Address)
	}
	if c.Username == "" || strings.ContainsAny(c.Username, " \r\n\x00") {
		e.Add("username", ticket.FaultMalformed, "is empty or has blanks")
	}
	if (c.Password == "") == (c.Token == nil) {
		e.Add("password", ticket.FaultConflicting, "give either a password or a source of tokens")
	}
	if strings.ContainsAny(c.Password, "\r\n\x00") {
		e.Add("password", ticket.FaultMalformed, "has a line break: no server takes that")
	}
	if c.Security < TLS || c.Security > Plaintext {
		e.Add("security", ticket.FaultUnknown, "is none of TLS, StartTLS and Plaintext")
	}
	if err := e.Err(); err != nil {
		return c, fmt.Errorf("pop3: %w", err)
	}
	if c.TLSConfig == nil {
		c.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c.TLSConfig = c.TLSConfig.Clone()
	c.TLSConfig.ServerName = cmp.Or(c.TLSConfig.ServerName, host)
	c.MaxMail = cmp.Or(c.MaxMail, 50<<20)
	c.Attempts = cmp.Or(c.Attempts, 3)
	c.Timeouts = Timeouts{
		Connect: cmp.Or(c.Timeouts.Connect, 30*time.Second),
		Command: cmp.Or(c.Timeouts.Command, time.Minute),
		Mail:    cmp.Or(c.Timeouts.Mail, time.Minute),
	}
	return c, nil
}
