package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// stored are the gateways that stand in the store, with the key for their secrets.
func (o options) stored(d *helpdesk.Desk, s store.Store, errs io.Writer) (*mailboxes.Set, error) {
	key, err := hex.DecodeString(o.key)
	if err != nil || len(key) != 32 {
		return nil, errors.New("set DESK_KEY to 64 hexadecimal digits, as openssl rand -hex 32 makes them, and keep it: secrets are encrypted with it")
	}
	sealer, err := helpdesk.NewSealer(key)
	if err != nil {
		return nil, err
	}
	return mailboxes.New(d.Mail(), s, &mailboxes.Options{Sealer: sealer, Logger: slog.New(slog.NewTextHandler(errs, nil))})
}

// save stores what the flags say.
func (o options) save(ctx context.Context, set *mailboxes.Set, out io.Writer) error {
	d, err := o.definition()
	if err != nil {
		return err
	}
	d, err = set.Save(ticket.WithActor(ctx, ticket.System("examples/gateway")), d)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "stored, version %d: %s\n", d.Version, d)
	return nil
}

// definition is what the flags say.
func (o options) definition() (mailboxes.Definition, error) {
	d := mailboxes.Definition{Code: o.name, Name: o.name, DoneAfter: o.days, Version: mailboxes.AnyVersion}
	var address string
	if strings.HasPrefix(o.mailbox, "pop3") {
		c, err := parsePOP3(o.mailbox)
		if err != nil {
			return d, err
		}
		d.Protocol, d.User, address = mailboxes.POP3, c.Username, c.Address
		d.Security = map[pop3.Security]mailboxes.Security{pop3.TLS: mailboxes.TLS, pop3.StartTLS: mailboxes.StartTLS, pop3.Plaintext: mailboxes.NoTLS}[c.Security]
	} else {
		c, err := imap.ParseURL(o.mailbox)
		if err != nil {
			return d, err
		}
		d.Protocol, d.User, d.Folder, address = mailboxes.IMAP, c.Username, c.Folder, c.Address
		d.Security = map[imap.Security]mailboxes.Security{imap.TLS: mailboxes.TLS, imap.StartTLS: mailboxes.StartTLS, imap.Plaintext: mailboxes.NoTLS}[c.Security]
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return d, err
	}
	if d.Port, err = strconv.Atoi(port); err != nil {
		return d, err
	}
	d.Host, d.Addresses = host, []string{o.address}
	if o.address == "" {
		d.Addresses = nil // the user, if that is one
	}
	done, folder, _ := strings.Cut(o.done, ":")
	d.Done, d.MoveTo = mailboxes.Done(done), folder
	if o.authority != "" {
		text, err := os.ReadFile(o.authority)
		if err != nil {
			return d, err
		}
		d.Authority = string(text)
	}
	if o.oauth.tokens == "" {
		d.Password = mailboxes.NewSecret(o.password)
		return d, nil
	}
	g := o.oauth.known()
	d.OAuth = &mailboxes.OAuth{TokenURL: g.tokens, ClientID: g.client, ClientSecret: mailboxes.NewSecret(g.secret), Scopes: strings.Fields(g.scope), RefreshToken: mailboxes.NewSecret(g.refresh)}
	return d, nil
}

// runStored runs all gateways that stand in the store, once or until the context ends.
func (o options) runStored(ctx context.Context, desk *helpdesk.Desk, set *mailboxes.Set, out io.Writer) error {
	if o.once {
		return onceStored(ctx, set, out)
	}
	if err := desk.Start(ctx); err != nil {
		return err
	}
	var watched sync.WaitGroup
	watched.Go(func() { o.watch(ctx, func(page io.Writer) error { return showAll(ctx, set, page) }, out) })
	err := set.Run(ctx)
	watched.Wait()
	return err
}

// onceStored makes tickets of what is there, in every mailbox.
func onceStored(ctx context.Context, set *mailboxes.Set, out io.Writer) error {
	list, err := set.Status(ctx)
	var errs []error
	for _, g := range list {
		if g.Inactive {
			continue
		}
		fmt.Fprintf(out, "%s:\n", g.Code)
		outcomes, err := set.Fetch(ctx, g.Code)
		tell(outcomes, out)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, err, showAll(ctx, set, out))...)
}

// showAll prints how all of them are.
func showAll(ctx context.Context, set *mailboxes.Set, out io.Writer) error {
	list, err := set.Status(ctx)
	for _, st := range list {
		fmt.Fprintf(out, "%s (%s)\n", st.Code, st.Name)
		for _, w := range st.Warnings {
			fmt.Fprintf(out, "  mind: %s\n", w)
		}
		if st.Inactive {
			fmt.Fprintln(out, "  not active")
			continue
		}
		showStatus(st.Status, out)
	}
	return err
}
