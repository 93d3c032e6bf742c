package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/gateway/oauth"
	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/store"
)

// mailbox is one that was opened.
type mailbox struct {
	address      string // its user, who often is its address
	source       gateway.Source
	acknowledges bool
	imap         *imap.Mailbox // nil for POP3
	pop3         *pop3.Mailbox // nil for IMAP
}

// open makes a mailbox of the flags. Nothing is connected yet.
func (o options) open(ctx context.Context, s store.Store) (*mailbox, error) {
	var tokens *oauth.Source
	if o.oauth.tokens != "" {
		var err error
		if tokens, err = o.oauth.source(ctx, o.name, s); err != nil {
			return nil, err
		}
		o.password = ""
	}
	roots, err := o.tls()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(o.mailbox, "pop3") {
		return o.openPOP3(tokens, roots)
	}
	c, err := imap.ParseURL(o.mailbox)
	if err != nil {
		return nil, err
	}
	c.Password, c.TLSConfig = o.password, roots
	if tokens != nil {
		c.Token, c.Refused = tokens.Token, tokens.Refused
	}
	switch what, folder, _ := strings.Cut(o.done, ":"); what {
	case "keep":
	case "flag":
		c.Disposal = imap.Flag
	case "delete":
		c.Disposal = imap.Delete
	case "move":
		c.Disposal, c.MoveTo = imap.Move, folder
	default:
		return nil, fmt.Errorf("-done %q is none of keep, flag, delete and move:FOLDER", o.done)
	}
	box, err := imap.New(c)
	if err != nil {
		return nil, err
	}
	return &mailbox{address: c.Username, source: box.Source(), acknowledges: c.Disposal != imap.Keep, imap: box}, nil
}

// parsePOP3 reads where a maildrop is.
func parsePOP3(text string) (c pop3.Config, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" {
		return c, errors.New("write the mailbox as pop3s://USER@HOST, with special characters percent-encoded")
	}
	c.Username = u.User.Username()
	port := "110"
	switch u.Scheme {
	case "pop3s":
		c.Security, port = pop3.TLS, "995"
	case "pop3":
		c.Security = pop3.StartTLS
	case "pop3+insecure":
		c.Security = pop3.Plaintext
	default:
		return c, fmt.Errorf("%q is none of pop3s, pop3 and pop3+insecure", u.Scheme)
	}
	c.Address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	return c, nil
}

// openPOP3 is open for POP3, which can keep or delete.
func (o options) openPOP3(tokens *oauth.Source, roots *tls.Config) (*mailbox, error) {
	c, err := parsePOP3(o.mailbox)
	if err != nil {
		return nil, err
	}
	if o.done != "keep" && o.done != "delete" {
		return nil, fmt.Errorf("-done %q: POP3 can keep or delete", o.done)
	}
	c.Password, c.TLSConfig = o.password, roots
	if tokens != nil {
		c.Token, c.Refused = tokens.Token, tokens.Refused
	}
	box, err := pop3.New(c)
	if err != nil {
		return nil, err
	}
	return &mailbox{address: c.Username, source: box.Source(), acknowledges: o.done == "delete", pop3: box}, nil
}

// tls are the settings for a certificate authority of one's own; nil for those of the system.
func (o options) tls() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.authority == "" {
		return c, nil
	}
	text, err := os.ReadFile(o.authority)
	if err != nil {
		return nil, err
	}
	if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", o.authority)
	}
	return c, nil
}

// grantOptions are what is needed for tokens.
type grantOptions struct{ tokens, client, scope, secret, refresh string }

// providers are token servers that many mailboxes have, with what a mailbox needs of them.
var providers = map[string][2]string{
	"google":    {"https://oauth2.googleapis.com/token", "https://mail.google.com/"},
	"microsoft": {"https://login.microsoftonline.com/common/oauth2/v2.0/token", "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access"},
}

// known fills in what is known of a provider.
func (g grantOptions) known() grantOptions {
	if p, ok := providers[g.tokens]; ok {
		g.tokens, g.scope = p[0], cmp.Or(g.scope, p[1])
	}
	return g
}

// source is where tokens come from. A refresh token in the environment is kept, and need not be
// given again.
func (g grantOptions) source(ctx context.Context, name string, s store.Store) (*oauth.Source, error) {
	g = g.known()
	src, err := oauth.New(name, s, oauth.Config{ClientID: g.client, ClientSecret: g.secret, TokenURL: g.tokens, Scopes: strings.Fields(g.scope)})
	if err != nil {
		return nil, err
	}
	if g.refresh != "" {
		if err := src.Grant(ctx, g.refresh); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// diagnose says how far one comes with the mailbox.
func (b *mailbox) diagnose(ctx context.Context, out io.Writer) error {
	if b.imap == nil {
		d := b.pop3.Diagnose(ctx)
		fmt.Fprintln(out, d.Mailbox)
		for _, s := range d.Steps {
			step(out, s.Name, s.Took, s.Err)
		}
		if d.Advice != "" {
			return errors.New(d.Advice)
		}
		fmt.Fprintf(out, "  %d mails\n", d.Mails)
		return nil
	}
	d := b.imap.Diagnose(ctx)
	fmt.Fprintln(out, d.Mailbox)
	for _, s := range d.Steps {
		step(out, s.Name, s.Took, s.Err)
	}
	if d.Advice != "" {
		return errors.New(d.Advice)
	}
	fmt.Fprintf(out, "  %d mails, the next one is %d; tells of new mail by itself: %t; moves mails: %t\n", d.Mails, d.Next, d.Idle, d.Move)
	return nil
}

func step(out io.Writer, name string, took time.Duration, err error) {
	result := "works"
	if err != nil {
		result = err.Error()
	}
	fmt.Fprintf(out, "  %-10s %8s  %s\n", name, took.Round(time.Millisecond), result)
}
