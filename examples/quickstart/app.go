package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// app is the program with its desk open.
type app struct {
	options
	desk     *helpdesk.Desk
	store    store.Store
	logger   *slog.Logger
	out      io.Writer
	progress *progress
}

// demonstrate fetches our own mails from our own server, and works them.
func (a *app) demonstrate(ctx context.Context) (err error) {
	mails, err := ownMails()
	if err != nil {
		return err
	}
	server, err := startServer(mails, max(a.validity, 1))
	if err != nil {
		return err
	}
	defer server.close()
	demo, err := newPlugin(a.desk.Hooks())
	if err != nil {
		return err
	}
	sink, closeSink, err := a.telling()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSink()) }()
	box, err := imap.New(server.mailbox())
	if err != nil {
		return err
	}
	g, err := a.fetch(ctx, demoGateway, box.Source(), fmt.Sprintf("%d mails of our own at %s, in this program", len(mails), server.address))
	if err != nil {
		return err
	}
	if err := a.work(ctx); err != nil {
		return err
	}
	if err := errors.Join(a.deliver(ctx), a.send(ctx)); err != nil {
		return err
	}
	if err := a.reportDemo(ctx, demo); err != nil {
		return err
	}
	if err := a.converse(ctx, sink, server, g, box.Source()); err != nil || a.once {
		return err
	}
	return a.watch(ctx, g, box.Source())
}

// fetchMailbox fetches from a real mailbox. Nobody works the tickets, and no hook refuses a mail.
func (a *app) fetchMailbox(ctx context.Context) error {
	box, err := imap.New(a.mailbox)
	if err != nil {
		return err
	}
	// The name holds the mailbox, so that two of them in one desk have a cursor each.
	g, err := a.fetch(ctx, a.mailbox.String(), box.Source(), a.mailbox.String())
	if err != nil && (a.once || g == nil || errors.Is(err, imap.ErrAuthentication) || ctx.Err() != nil) {
		return err
	}
	if err != nil {
		a.logger.WarnContext(ctx, "the mailbox cannot be read now: trying again", "error", err, "every", a.every)
	}
	if err := a.reportMailbox(ctx, g); err != nil || a.once {
		return err
	}
	return a.watch(ctx, g, box.Source())
}

// fetch looks at a mailbox once, and prints what became of its new mails.
func (a *app) fetch(ctx context.Context, name string, src gateway.Source, what string) (*gateway.Gateway, error) {
	g, err := gateway.New(name, a.desk.Mail(), a.store, &gateway.Options{Logger: a.logger, Progress: a.progress.tell, Interval: a.every})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(a.out, "mailbox  %s\n", what)
	outcomes, err := g.Poll(ctx, src)
	if err == nil || len(outcomes) > 0 {
		fmt.Fprintf(a.out, "fetched  %s\n", counted(outcomes))
	}
	return g, err
}

// deliver tells the durable hooks what has happened since they last heard, until there is nothing left to tell.
func (a *app) deliver(ctx context.Context) error {
	for {
		if n, err := a.desk.Deliveries().Dispatch(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// watch goes on until ctx ends, and prints a line for whatever comes in. These hooks are volatile: who is not there to
// see a line does not get it later.
func (a *app) watch(ctx context.Context, g *gateway.Gateway, src gateway.Source) error {
	tell := func(t *ticket.Ticket, m *ticket.Message) {
		if m != nil {
			fmt.Fprintf(a.out, "%s  %s: %s (message %d)\n", t.Code, oneLine(m.Author.Email), oneLine(t.Subject), m.Seq)
		}
	}
	h := a.desk.Hooks()
	h.TicketCreated.Bind("quickstart.live", func(_ context.Context, e hooks.Created) error { tell(e.Ticket, e.Message); return nil }, hooks.Volatile())
	h.TicketReplied.Bind("quickstart.live", func(_ context.Context, e hooks.Messaged) error { tell(e.Ticket, e.Message); return nil }, hooks.Volatile())
	if err := a.desk.Start(ctx); err != nil {
		return err
	}
	a.progress.quiet = true
	fmt.Fprintf(a.out, "watching for new mail, every %v: interrupt to end\n", a.every)
	return g.Run(ctx, src)
}

// lockedWriter lets hooks of several goroutines print.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
