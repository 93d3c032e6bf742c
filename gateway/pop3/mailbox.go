// Package pop3 fetches mails from a maildrop by POP3 (RFC 1939), with UIDL, STLS (RFC 2595) and SASL (RFC 5034).
package pop3

import (
	"context"
	"errors"
	"fmt"
)

// State says what became of a mail.
type State int

// The states of a mail.
const (
	Fetched     State = iota // Raw is the whole mail
	TooBig                   // over Config.MaxMail: Raw is its header only
	Unfetchable              // the server fails on it: Raw is nil, Reason says why
)

// Message is one mail as the server hands it over.
type Message struct {
	ID     string // UIDL, which the mail keeps for as long as it is there
	State  State
	Reason error // of an unfetchable mail, else nil
	Size   int64 // in bytes, as the server claims it
	Raw    []byte
}

// Mailbox is a maildrop. It is safe for concurrent use, but a server lets one connection in at a time.
type Mailbox struct{ config Config }

// New returns a maildrop; nothing is connected yet. Errors: ticket.ErrInvalid.
func New(c Config) (*Mailbox, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Mailbox{c}, nil
}

// Fetch hands mails to handle, one at a time, in the order of the maildrop: those whose ids unknown returns. POP3 has no
// place up to which a maildrop was fetched, so all ids are asked for each time. A lost connection is made anew. An error
// of unknown or handle ends it and is returned; other errors are *Error, or the context's.
func (b *Mailbox) Fetch(ctx context.Context, unknown func(ctx context.Context, ids []string) ([]string, error), handle func(ctx context.Context, m Message) error) error {
	f := &fetch{config: &b.config, handle: handle, tries: map[string]int{}}
	defer f.close()
	if err := f.connect(ctx); err != nil {
		return cancelled(ctx, err)
	}
	ids := make([]string, len(f.list))
	for i, e := range f.list {
		ids[i] = e.id
	}
	wanted, err := unknown(ctx, ids)
	if err != nil {
		return err
	}
	return cancelled(ctx, f.all(ctx, wanted))
}

// Delete removes mails, by their ids. Those that are not there are no error.
func (b *Mailbox) Delete(ctx context.Context, ids []string) error {
	f := &fetch{config: &b.config}
	defer f.close()
	if err := f.connect(ctx); err != nil {
		return cancelled(ctx, err)
	}
	gone := map[string]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	for _, e := range f.list {
		if !gone[e.id] {
			continue
		}
		if err := f.conn.remove(b.config.Timeouts.Command, e.number); err != nil {
			return cancelled(ctx, failure(phaseDelete, err))
		}
	}
	conn := f.conn
	f.conn = nil
	if err := conn.quit(b.config.Timeouts.Command); err != nil { // nothing was removed, or some
		return cancelled(ctx, failure(phaseDelete, err))
	}
	return nil
}

// cancelled prefers the context's error: a closed connection is then its effect.
func cancelled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// fetch is one run over a maildrop.
type fetch struct {
	config *Config
	handle func(context.Context, Message) error
	conn   *conn
	list   []entry
	tries  map[string]int
	works  bool      // a mail has come through
	lost   int       // connections since then
	held   []Message // unfetchable mails, until another one comes through
}

// How many unfetchable mails may follow each other, and how many connections may be lost without a mail coming through,
// before it is the server that is at fault.
const (
	maxHeld = 10
	maxLost = 20
)

// connect opens a connection in place of the one before, and lists the maildrop: its numbers are new each time.
func (f *fetch) connect(ctx context.Context) error {
	f.close()
	c, err := enter(ctx, f.config)
	if err != nil {
		return err
	}
	f.conn = c
	if f.list, err = c.list(f.config.Timeouts.Command); err != nil {
		return failure(phaseList, err)
	}
	named(f.list)
	return nil
}

// named tells mails apart to which a server gives the same id, as some do for those that are the same.
func named(list []entry) {
	seen := map[string]int{}
	for i, e := range list {
		if seen[e.id]++; seen[e.id] > 1 {
			list[i].id = fmt.Sprintf("%s %d", e.id, seen[e.id])
		}
	}
}

func (f *fetch) close() {
	if f.conn != nil {
		f.conn.close()
		f.conn = nil
	}
}

// all fetches the wanted mails.
func (f *fetch) all(ctx context.Context, wanted []string) error {
	open := map[string]bool{}
	for _, id := range wanted {
		open[id] = true
	}
	for len(open) > 0 {
		again, err := f.some(ctx, open)
		if err != nil {
			return err
		}
		if !again {
			break // what is still open was removed by others
		}
		if f.lost++; f.lost > maxLost {
			return f.outage()
		}
		if err := f.connect(ctx); err != nil {
			return err
		}
	}
	// Where nothing came through, two failures look like an outage: the mails are not written off, the next good one
	// will show.
	if !f.works && len(f.held) > 1 {
		return f.outage()
	}
	return f.release(ctx)
}

// some goes through the list over the present connection; again says that it is of no more use.
func (f *fetch) some(ctx context.Context, open map[string]bool) (again bool, err error) {
	for _, e := range f.list {
		if !open[e.id] {
			continue
		}
		m, err := f.one(e)
		if err == nil {
			f.works, f.lost = true, 0
			if err := f.release(ctx); err != nil {
				return false, err
			}
			delete(open, e.id)
			if err := f.handle(ctx, m); err != nil {
				return false, err
			}
			continue
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		var no *refusal
		refused := errors.As(err, &no)
		if f.tries[e.id]++; f.tries[e.id] >= f.config.Attempts {
			delete(open, e.id)
			f.held = append(f.held, Message{ID: e.id, State: Unfetchable, Size: e.size, Reason: failure(phaseFetch, err)})
			if len(f.held) > maxHeld {
				return false, f.outage()
			}
		}
		if !refused {
			return true, nil
		}
	}
	// Mails that were refused are asked for again over a new connection.
	for _, e := range f.list {
		if open[e.id] {
			return true, nil
		}
	}
	return false, nil
}

// one fetches a mail, or the header of one that is too big.
func (f *fetch) one(e entry) (Message, error) {
	m := Message{ID: e.id, Size: e.size}
	if e.size <= f.config.MaxMail {
		raw, whole, err := f.conn.retrieve(f.config.Timeouts.Mail, e.number, f.config.MaxMail)
		if err != nil {
			return m, err
		}
		if m.Raw = raw; whole {
			return m, nil
		}
	}
	m.State = TooBig
	raw, err := f.conn.top(f.config.Timeouts.Mail, e.number, maxHeader)
	m.Raw = raw
	return m, err
}

// maxHeader is how much of the header is taken of a mail that is too big.
const maxHeader = 1 << 20

// release hands over the held mails: the server works, so it is they that do not.
func (f *fetch) release(ctx context.Context) error {
	for len(f.held) > 0 {
		if err := f.handle(ctx, f.held[0]); err != nil {
			return err
		}
		f.held = f.held[1:]
	}
	return nil
}

func (f *fetch) outage() error {
	return &Error{Phase: phaseFetch, Kind: ErrProtocol, Text: fmt.Sprintf("it fails on mail after mail and gives none; %d unfetchable ones are not written off", len(f.held))}
}
