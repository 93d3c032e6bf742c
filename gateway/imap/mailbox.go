package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// Mailbox is one folder on one server. It keeps no state between calls and may be
// used by several goroutines, each with a connection of its own.
type Mailbox struct{ config Config }

// New checks the configuration. It does not connect.
func New(config Config) (*Mailbox, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Mailbox{config}, nil
}

// A Handler takes one mail. Its error stops the fetch and is returned as it is.
type Handler func(ctx context.Context, m Message) error

// Check connects, logs in and opens the folder, and returns the cursor of its end:
// whoever starts there imports no old mail.
func (b *Mailbox) Check(ctx context.Context) (Cursor, error) {
	s, err := open(ctx, &b.config, reading)
	if err != nil {
		return Cursor{}, err
	}
	s.close()
	return Cursor{s.uidValidity, max(s.uidNext, 1) - 1}, nil
}

// Fetch hands over every mail after the cursor in ascending order of UID, one at a
// time, and returns the cursor behind the last one handed over without a gap, also
// beside an error. A mail that had to be tried again may come after later ones; an
// unfetchable one is reported once another has come through, which shows that it is
// not the server as a whole that fails. If the folder has another UIDVALIDITY than the cursor, it
// begins anew: the caller must recognise mails that it knows.
//
// Mails that arrive while Fetch runs are left to the next call. Errors are the
// handler's own, the context's, or an *Error.
func (b *Mailbox) Fetch(ctx context.Context, from Cursor, handle Handler) (Cursor, error) {
	f := &fetch{config: &b.config, ctx: ctx, handle: handle, cursor: from}
	defer func() {
		if f.session != nil {
			f.session.close()
		}
	}()
	err := f.run()
	var own finalError
	if errors.As(err, &own) {
		err = own.error
	}
	return f.cursor, err
}

// fetch is one run over a mailbox.
type fetch struct {
	config  *Config
	ctx     context.Context
	handle  Handler
	session *session
	cursor  Cursor    // what is safe to store
	reached Cursor    // cursor without regard to held mails
	works   bool      // a mail has come through
	lost    int       // connections since then
	held    []Message // unfetchable mails, until one after them comes through
}

// How many unfetchable mails may follow each other, and how many connections may
// be lost without a mail coming through, before it is the server that is at fault.
const (
	maxHeld = 10
	maxLost = 50
)

func (f *fetch) run() error {
	if err := f.walk(); err != nil {
		return err
	}
	// Where nothing came through, two failures look like an outage: the mails are
	// not written off, the next good one will show.
	if !f.works && len(f.held) > 1 {
		return f.outage()
	}
	if err := f.release(); err != nil {
		return err
	}
	f.cursor = f.reached
	return nil
}

func (f *fetch) walk() error {
	if err := f.connect(); err != nil {
		return err
	}
	if f.session.uidValidity != f.cursor.UIDValidity {
		f.cursor = Cursor{UIDValidity: f.session.uidValidity}
	}
	f.reached = f.cursor
	// The end is that of the first connection, so that the run has one.
	r := reach{end: uint64(f.session.uidNext), first: uint64(f.cursor.UID) + 1, step: uint64(f.config.WindowMails)}
	for !r.done() {
		window, more, err := f.list(r.bounds())
		var broken *Error
		switch {
		case errors.As(err, &broken) && r.first < r.last(): // one of them is bad
			r.step = (r.last() - r.first + 1) / 2
			continue
		case errors.As(err, &broken) && r.first == r.last():
			err = f.unfetchable(meta{uid: uint32(r.first)}, err)
		case err == nil:
			err = f.window(window)
		}
		if err != nil {
			return err
		}
		if last := r.last(); !more && last != 0 {
			f.reach(uint32(last)) // gaps are done with
		}
		r.advance(window, more, f.config.WindowMails)
	}
	return nil
}

// reach walks over the UIDs in ranges that suit how densely they are used.
type reach struct {
	end         uint64 // UIDNEXT; 0 if the server does not say
	first, step uint64
}

// last is the end of the present range; 0 for "*".
func (r *reach) last() uint64 {
	if r.end == 0 {
		return 0
	}
	return min(r.first+r.step-1, r.end-1)
}

func (r *reach) bounds() (first, last uint32) { return uint32(r.first), uint32(r.last()) }

func (r *reach) done() bool { return r.first > 1<<32-1 || r.end != 0 && r.first >= r.end }

func (r *reach) advance(window []meta, more bool, full int) {
	switch {
	case more:
		r.first, r.step = uint64(window[len(window)-1].uid)+1, uint64(full)
	case r.last() == 0:
		r.first = 1 << 32 // "*" was reached
	default:
		r.first = r.last() + 1
		if len(window) < full/4 { // sparse
			r.step = min(r.step*4, 1<<31)
		}
	}
}

// connect opens a session in place of the one before.
func (f *fetch) connect() error {
	if f.session != nil {
		f.session.close()
		f.session = nil
	}
	s, err := open(f.ctx, f.config, reading)
	if err != nil {
		return err
	}
	f.session = s
	return nil
}

// reconnect opens a session in which the UIDs must still mean the same.
func (f *fetch) reconnect() error {
	if f.lost++; f.lost > maxLost {
		return f.outage()
	}
	if err := f.connect(); err != nil {
		return err
	}
	if f.session.uidValidity != f.cursor.UIDValidity {
		return &Error{Phase: phaseOpen, Kind: ErrProtocol, Text: "UIDVALIDITY changed during the fetch"}
	}
	return nil
}

// list asks for the next mails, several times over new connections if they are
// few. Its *Error of phase list means that the connection is sound again.
func (f *fetch) list(first, last uint32) (found []meta, more bool, err error) {
	for tries := 1; ; tries++ {
		found, more, err = f.session.list(first, last, f.config.WindowMails)
		if err == nil {
			return found, more, nil
		}
		if f.ctx.Err() != nil {
			return nil, false, context.Cause(f.ctx)
		}
		if lost := f.reconnect(); lost != nil {
			return nil, false, finalError{lost}
		}
		if first != last && last != 0 || tries >= f.config.Attempts {
			return nil, false, err
		}
	}
}

// window fetches listed mails in portions of WindowBytes.
func (f *fetch) window(mails []meta) error {
	for len(mails) > 0 {
		n, bytes := 0, int64(0)
		for n < len(mails) && mails[n].size <= f.config.MaxMail && (n == 0 || bytes+mails[n].size <= f.config.WindowBytes) {
			bytes += mails[n].size
			n++
		}
		section := &goimap.FetchItemBodySection{Peek: true}
		state := Fetched
		if n == 0 { // the first one is too big: its header must do
			n, state = 1, TooBig
			section.Specifier = goimap.PartSpecifierHeader
		}
		if err := f.portion(mails[:n], section, state); err != nil {
			return err
		}
		mails = mails[n:]
	}
	return nil
}

// portion fetches some mails. Where that fails it halves them, down to the one on
// which the server fails; that one is tried Attempts times and then reported.
func (f *fetch) portion(mails []meta, section *goimap.FetchItemBodySection, state State) error {
	size, tries := len(mails), 0
	for len(mails) > 0 {
		size = min(size, len(mails))
		part := mails[:size]
		missing, cause := f.try(part, section, state)
		var own finalError
		switch {
		case errors.As(cause, &own):
			return cause
		case f.ctx.Err() != nil:
			return context.Cause(f.ctx)
		case cause != nil:
			if err := f.reconnect(); err != nil {
				return err
			}
		}
		if len(missing) > 0 {
			var err error
			if missing, err = f.present(missing); err != nil {
				return err
			}
		}
		switch {
		case len(missing) == 0:
			f.reach(part[len(part)-1].uid)
			tries, size = 0, max(size, 1)*2 // careful, but not forever
			mails = mails[len(part):]
		case len(missing) < len(part): // some came: go on with the others
			tries = 0
			mails = slices.Concat(missing, mails[len(part):])
			size = max(len(missing)/2, 1)
		case len(part) > 1:
			size = len(part) / 2
		default:
			if tries++; tries < f.config.Attempts {
				continue
			}
			if err := f.unfetchable(part[0], cause); err != nil {
				return err
			}
			tries, mails = 0, mails[1:]
		}
	}
	return nil
}

// try fetches mails over the present connection and returns those that did not
// come.
func (f *fetch) try(mails []meta, section *goimap.FetchItemBodySection, state State) (missing []meta, err error) {
	missing = slices.Clone(mails)
	err = f.session.bodies(mails, section, func(uid uint32, raw []byte) error {
		if f.ctx.Err() != nil {
			return context.Cause(f.ctx)
		}
		at := slices.IndexFunc(missing, func(m meta) bool { return m.uid == uid })
		if at < 0 {
			return nil // not asked for, or a second time
		}
		m := missing[at]
		missing = slices.Delete(missing, at, at+1)
		f.works, f.lost = true, 0
		if err := f.release(); err != nil {
			return err
		}
		// The cursor may pass this mail only if none before it is missing.
		next := f.cursor
		if next.UID = max(next.UID, uid); len(missing) > 0 && missing[0].uid <= uid {
			next.UID = max(f.cursor.UID, missing[0].uid-1)
		}
		return f.deliver(m.message(Message{State: state, Raw: raw, Next: next}))
	})
	return missing, err
}

// message fills in what the server said about the mail.
func (m meta) message(msg Message) Message {
	msg.UIDValidity, msg.UID = msg.Next.UIDValidity, m.uid
	msg.Received, msg.Size, msg.Flags = m.received, m.size, m.flags
	return msg
}

// deliver hands a mail over; once that has worked, the cursor follows.
func (f *fetch) deliver(m Message) error {
	if err := f.handle(f.ctx, m); err != nil {
		return err
	}
	f.cursor = m.Next
	f.reached.UID = max(f.reached.UID, m.Next.UID)
	return nil
}

// present asks which of the missing mails still exist: the others were expunged
// meanwhile.
func (f *fetch) present(missing []meta) ([]meta, error) {
	first, last := missing[0].uid, missing[len(missing)-1].uid
	still, _, err := f.list(first, last)
	var broken *Error
	if errors.As(err, &broken) {
		return missing, nil // it cannot even list them
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(missing), func(m meta) bool {
		return !slices.ContainsFunc(still, func(s meta) bool { return s.uid == m.uid })
	}), nil
}

// reach notes that every mail up to uid has come, is held, or does not exist.
func (f *fetch) reach(uid uint32) {
	f.reached.UID = max(f.reached.UID, uid)
	if len(f.held) == 0 {
		f.cursor = f.reached
	}
}

// unfetchable holds a mail on which the server fails.
func (f *fetch) unfetchable(m meta, cause error) error {
	if cause == nil {
		cause = errBody
	}
	var typed *Error
	if !errors.As(cause, &typed) {
		cause = failure(phaseFetch, cause)
	}
	next := Cursor{f.cursor.UIDValidity, max(f.cursor.UID, m.uid)}
	f.held = append(f.held, m.message(Message{State: Unfetchable, Reason: cause, Next: next}))
	f.reach(m.uid)
	if len(f.held) > maxHeld {
		return finalError{f.outage()}
	}
	return nil
}

// release hands over the held mails: the server works, so it is they that do not.
func (f *fetch) release() error {
	for len(f.held) > 0 {
		m := f.held[0]
		m.Next.UID = max(m.Next.UID, f.cursor.UID)
		if err := f.deliver(m); err != nil {
			return err
		}
		f.held = f.held[1:]
	}
	return nil
}

func (f *fetch) outage() error {
	return &Error{Phase: phaseFetch, Kind: ErrProtocol, Text: fmt.Sprintf("it fails on mail after mail and gives none; %d unfetchable ones are not written off", len(f.held))}
}
