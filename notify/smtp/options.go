package smtp

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"net"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Security is how a connection is protected.
type Security string

// The ways.
const (
	TLS      Security = "tls"      // from the first byte, as on port 465
	StartTLS Security = "starttls" // before anything is said, as on port 587; a server that does not offer it is left
	Plain    Security = "plain"    // not at all: for a server on the same machine
)

// Options say how a server is reached.
type Options struct {
	Address  string   // host and port
	Security Security // default TLS on port 465, else StartTLS
	// TLS is for a server with a certificate of one's own; nil asks for one that the system trusts, for the host of Address.
	TLS *tls.Config
	// Username and Password log in, by PLAIN or LOGIN. Without a name nobody does.
	Username, Password string
	// Token returns an access token of OAuth 2.0, which logs in in the place of the password: see gateway/oauth.
	Token func(ctx context.Context) (string, error)
	// Refused, if not nil, is told of a token that the server does not take, or not any more: (*oauth.Source).Refused has the
	// next one asked for.
	Refused func(token string)

	Hello string // what this machine calls itself; default "localhost"

	Connections int           // at the same time; default 2
	Letters     int           // over one connection, before a new one is opened; default 100
	Idle        time.Duration // that a connection is kept without work; default 30 s

	// Timeout is for each answer of the server, and for each part of a letter that it takes; default 1 min. The answer to a
	// whole letter may take five times as long, while the server looks at it.
	Timeout time.Duration

	DKIM *DKIM // signs letters, if not nil

	// Dial makes connections; default net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// DKIM is a key that signs letters for a domain (RFC 6376). Its public part stands in DNS, at
// <selector>._domainkey.<domain>.
type DKIM struct {
	Domain, Selector string
	Key              crypto.Signer // RSA of at least 2048 bits, or Ed25519
}

const implicitTLS = "465" // the port of submissions, RFC 8314

func (o Options) filled() (Options, error) {
	var e ticket.ValidationError
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil || host == "" || port == "" {
		e.Add("address", ticket.FaultMalformed, "%q is no host and port, as mail.example.com:465", o.Address)
	}
	usual := StartTLS
	if port == implicitTLS {
		usual = TLS
	}
	o.Security = cmp.Or(o.Security, usual)
	switch o.Security {
	case TLS, StartTLS:
	case Plain:
		if o.Username != "" && !local(host) {
			e.Add("security", ticket.FaultConflicting, "a password would be sent in the clear: use %s or %s", TLS, StartTLS)
		}
	default:
		e.Add("security", ticket.FaultUnknown, "%q is none of %s, %s, %s", o.Security, TLS, StartTLS, Plain)
	}
	if o.Username == "" && (o.Password != "" || o.Token != nil) {
		e.Add("username", ticket.FaultRequired, "a password or a token needs a name")
	}
	if strings.ContainsFunc(o.Hello, func(r rune) bool { return r <= ' ' || r > '~' }) {
		e.Add("hello", ticket.FaultMalformed, "%q is no name of a machine", o.Hello)
	}
	for name, n := range map[string]int{"connections": o.Connections, "letters": o.Letters, "idle": int(o.Idle), "timeout": int(o.Timeout)} {
		if n < 0 {
			e.Add(name, ticket.FaultOutOfRange, "is less than 0")
		}
	}
	o.DKIM.check(&e)
	o.Hello = cmp.Or(o.Hello, "localhost")
	o.Connections, o.Letters = cmp.Or(o.Connections, 2), cmp.Or(o.Letters, 100)
	o.Idle, o.Timeout = cmp.Or(o.Idle, 30*time.Second), cmp.Or(o.Timeout, time.Minute)
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	return o, e.Err()
}

// leastRSA is how long a key must be for all receivers to look at it (RFC 8301, 3.2).
const leastRSA = 1024

func (d *DKIM) check(e *ticket.ValidationError) {
	if d == nil {
		return
	}
	if d.Domain == "" || d.Selector == "" {
		e.Add("dkim", ticket.FaultRequired, "a signature needs a domain and a selector")
	}
	if d.Key == nil {
		e.Add("dkim.key", ticket.FaultRequired, "is missing")
		return
	}
	switch k := d.Key.Public().(type) {
	case ed25519.PublicKey:
	case *rsa.PublicKey:
		if k.N.BitLen() < leastRSA {
			e.Add("dkim.key", ticket.FaultTooShort, "has %d bits: nobody accepts less than %d", k.N.BitLen(), leastRSA)
		}
	default:
		e.Add("dkim.key", ticket.FaultUnknown, "%T is neither RSA nor Ed25519", k)
	}
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
