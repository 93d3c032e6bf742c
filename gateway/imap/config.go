package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Security says how a connection is protected.
type Security int

// The ways to protect a connection. The zero value is the safe one.
const (
	TLS       Security = iota // TLS from the first byte (RFC 8314), usually port 993
	StartTLS                  // TLS after STARTTLS, refused without it; usually port 143
	Plaintext                 // no protection at all: for a server on the same machine
)

// Config says where a mailbox is and how to fetch from it. Address, Username and
// either Password or Token are required; the other zero values are good.
type Config struct {
	Address  string // host:port
	Security Security
	// TLSConfig overrides the TLS settings. Default: the system's certificate
	// authorities, the host of Address, TLS 1.2 at least.
	TLSConfig *tls.Config
	Username  string
	Password  string
	// Token returns an access token of OAuth 2.0, which is then used instead of
	// Password: by OAUTHBEARER (RFC 7628) where the server has that, or else by
	// XOAUTH2. It is asked for each connection.
	Token func(ctx context.Context) (string, error)
	// Refused, if not nil, is told of a token that the server does not take: Token
	// is then asked once more, and another one tried before the login has failed.
	// (*oauth.Source).Refused makes sure that there is another one.
	Refused func(token string)
	// Folder is the mailbox on the server. Default INBOX.
	Folder string

	// Disposal is what Acknowledge does with mails. Default Keep.
	Disposal Disposal
	// MoveTo is the folder that Move moves them to.
	MoveTo string

	// WindowMails is how many mails are asked for at once, 50 to 200. Default 100.
	WindowMails int
	// WindowBytes is how many bytes are asked for at once. Default 25 MB.
	WindowBytes int64
	// MaxMail is the largest mail that is fetched whole, in bytes. Default 50 MB.
	MaxMail int64
	// Attempts is how often one mail is tried before it is unfetchable. Default 3.
	Attempts int
	Timeouts Timeouts
}

// Timeouts bound each phase of talking to the server.
type Timeouts struct {
	Connect time.Duration // dialling, TLS and the greeting. Default 30 s
	Command time.Duration // each command without bodies. Default 1 min
	Mail    time.Duration // the body of one mail. Default 5 min
}

// String shows where the mailbox is, without the password.
func (c Config) String() string {
	return fmt.Sprintf("%s at %s, folder %s", c.Username, c.Address, cmp.Or(c.Folder, "INBOX"))
}

func (c Config) withDefaults() (Config, error) {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return c, fmt.Errorf("imap address %q: give it as host:port: %w", c.Address, err)
	}
	if c.Username == "" || (c.Password == "") == (c.Token == nil) {
		return c, errors.New("imap: set a user name, and either a password or a source of tokens")
	}
	if c.Disposal < Keep || c.Disposal > Delete {
		return c, errors.New("imap: set Disposal to Keep, Flag, Move or Delete")
	}
	if (c.Disposal == Move) != (c.MoveTo != "") || c.MoveTo != "" && c.MoveTo == cmp.Or(c.Folder, "INBOX") {
		return c, errors.New("imap: Disposal Move needs another folder in MoveTo, and nothing else does")
	}
	if c.Security < TLS || c.Security > Plaintext {
		return c, errors.New("imap: set Security to TLS, StartTLS or Plaintext")
	}
	if c.TLSConfig == nil {
		c.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c.TLSConfig = c.TLSConfig.Clone()
	c.TLSConfig.ServerName = cmp.Or(c.TLSConfig.ServerName, host)
	c.Folder = cmp.Or(c.Folder, "INBOX")
	c.WindowMails = min(max(cmp.Or(c.WindowMails, 100), 50), 200)
	c.WindowBytes = cmp.Or(c.WindowBytes, 25<<20)
	c.MaxMail = cmp.Or(c.MaxMail, 50<<20)
	c.Attempts = cmp.Or(c.Attempts, 3)
	c.Timeouts = Timeouts{
		Connect: cmp.Or(c.Timeouts.Connect, 30*time.Second),
		Command: cmp.Or(c.Timeouts.Command, time.Minute),
		Mail:    cmp.Or(c.Timeouts.Mail, 5*time.Minute),
	}
	return c, nil
}

// ParseURL reads a mailbox's address in the manner of RFC 5092:
//
//	imaps://user@host:993/INBOX       TLS
//	imap://user@host/INBOX            STARTTLS
//	imap+insecure://user@localhost    no protection, said explicitly
//
// The port and the folder may be left out, special characters are
// percent-encoded, and a user name may hold an unencoded @. A password in the URL
// is taken, but belongs elsewhere. An error never shows the password.
func ParseURL(raw string) (Config, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return Config{}, errors.New("imap URL: write it as imaps://user@host/folder")
	}
	c := Config{}
	port := "143"
	switch strings.ToLower(scheme) {
	case "imaps":
		c.Security, port = TLS, "993"
	case "imap":
		c.Security = StartTLS
	case "imap+insecure":
		c.Security = Plaintext
	default:
		return Config{}, fmt.Errorf("imap URL: %q is not imaps, imap or imap+insecure", scheme)
	}
	// Only the last @ before the path separates: user names often are addresses.
	authority, folder, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(authority, '@')
	if at >= 0 {
		authority = strings.ReplaceAll(authority[:at], "@", "%40") + authority[at:]
	}
	u, err := url.Parse("imap://" + authority)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" {
		return Config{}, errors.New("imap URL: user or host is missing or not percent-encoded; write it as imaps://user@host/folder")
	}
	if c.Folder, err = url.PathUnescape(strings.TrimSuffix(folder, "/")); err != nil {
		return Config{}, errors.New("imap URL: the folder is not percent-encoded")
	}
	c.Address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	c.Username = u.User.Username()
	c.Password, _ = u.User.Password()
	c.Folder = cmp.Or(c.Folder, "INBOX")
	return c, nil
}
