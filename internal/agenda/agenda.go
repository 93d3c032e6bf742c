// Package agenda has things done when they are due: once, late rather than never, and by whichever process comes first.
//
// An entry says when, and what to look at; what is to be done then stands elsewhere, in a record or on a ticket, and is
// read when the entry is due. So nothing is ever taken off the agenda: an entry whose time has been put off, or whose
// thing is gone, comes to nothing.
package agenda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Kinds of the work that entries are. What waits for others, as a server that may be away, is an errand, and stands on an
// agenda of its own: nothing else that is due waits for them.
const (
	Kind   = "due"
	Errand = "errand"
)

// Entry is something that is due at a time.
type Entry struct {
	Kind   string // empty means Kind
	What   string // names the handler
	Key    string // what it is about, for the handler
	Ticket int64  // 0 for what is about no ticket
	Lane   string // of what waits for nothing else of the ticket, and holds nothing else up; empty means the ticket's
	Due    time.Time
	Last   bool            // comes after all that waits in its lane, whatever their times: who puts it has locked the ticket
	Seq    int64           // its place in the lane, on an agenda that is Ranked
	Doc    json.RawMessage // may be nil

	ID      int64 // of the work
	Attempt int   // 1 for the first
}

// Handler does what is due. It runs in the transaction that ends the entry, so that what it writes to the store happens
// once. It may be run again, from the beginning, and puts what comes next on the agenda itself. An error keeps the entry
// for later, and rolls back; what will never succeed is no error: note it and return nil.
type Handler func(ctx context.Context, tx store.Tx, e Entry) error

// Outside does what is due outside of any transaction, as a call to another server: at least once. Done, if not nil,
// runs in the transaction that ends the entry.
type Outside func(ctx context.Context, e Entry) (done Handler, err error)

// Again is an error of an Outside that says itself what becomes of the entry. The log is not told.
type Again struct {
	At  time.Time       // when it is tried again; the zero time gives it up
	Doc json.RawMessage // what it has to say then; nil: what it says now
	Err error
}

func (a *Again) Error() string { return a.Err.Error() }
func (a *Again) Unwrap() error { return a.Err }

// Options tune an agenda.
type Options struct {
	Kind     string // of its entries; default Kind
	Ranked   bool   // its entries say their Seq; their handlers learn nothing of Due
	Batch    int    // how many entries are leased at once, and done one after the other; default 32
	Store    store.Store
	Now      func() time.Time
	LeaseTTL time.Duration // default 1 min
	Attempts int           // default 20: with growing pauses that is most of a day
	Logger   *slog.Logger  // is told of what fails; nil: nobody
}

// Agenda holds what is due. It is safe for concurrent use once its handlers are set.
type Agenda struct {
	o        Options
	handlers map[string]Outside // those that run inside do nothing before
}

// New returns an agenda without handlers.
func New(o Options) *Agenda {
	if o.LeaseTTL <= 0 {
		o.LeaseTTL = time.Minute
	}
	if o.Attempts <= 0 {
		o.Attempts = 20
	}
	o.Kind, o.Batch = cmp.Or(o.Kind, Kind), cmp.Or(o.Batch, 32)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Agenda{o: o, handlers: map[string]Outside{}}
}

// Handle says what is done with entries of that name, before any is taken.
func (a *Agenda) Handle(what string, h Handler) {
	a.HandleOutside(what, func(context.Context, Entry) (Handler, error) { return h, nil })
}

// HandleOutside is Handle for what takes its time.
func (a *Agenda) HandleOutside(what string, h Outside) {
	if _, twice := a.handlers[what]; twice || strings.Contains(what, "|") {
		panic("agenda: " + what + " is handled already, or no name")
	}
	a.handlers[what] = h
}

// Put puts an entry on the agenda. The same What, Key and Due for a ticket is one entry. Those of a lane are
// taken in the order of their times, each after the one before has come to its end.
func Put(ctx context.Context, tx store.Tx, now time.Time, e Entry) error {
	_, err := Add(ctx, tx, now, e)
	return err
}

// Add is Put, and returns the ID of the work, which is nobody's where the entry was there already.
func Add(ctx context.Context, tx store.Tx, now time.Time, e Entry) (id int64, err error) {
	if id, err = tx.NewID(ctx, "work"); err != nil {
		return 0, err
	}
	kind := cmp.Or(e.Kind, Kind)
	w := &store.Work{ID: id, Kind: kind, Name: e.What + "|" + e.Key, Seq: cmp.Or(e.Seq, e.Due.UnixMicro()), Due: e.Due, TicketID: e.Ticket, State: store.WorkPending, Created: now, Doc: e.Doc}
	w.OrderKey = kind + "/" + e.What + "/" + e.Key
	switch {
	case e.Lane != "":
		w.OrderKey = kind + "/" + e.What + "/" + e.Lane
	case e.Ticket != 0:
		w.OrderKey = kind + "/" + strconv.FormatInt(e.Ticket, 10)
	}
	if e.Last {
		if err := last(ctx, tx, w); err != nil {
			return 0, err
		}
	}
	return id, tx.PutWork(ctx, w)
}

// last puts work behind all that waits in its lane: the clocks of those who put it may not be the same.
func last(ctx context.Context, tx store.Tx, w *store.Work) error {
	open, err := tx.Works(ctx, store.WorkQuery{Kind: w.Kind, TicketID: w.TicketID, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1000})
	for _, before := range open {
		if before.OrderKey == w.OrderKey {
			w.Seq = max(w.Seq, before.Seq+1)
		}
	}
	return err
}

// Step does what is due, one batch, those first that have been due longest, and returns how many that were, also those
// that failed.
func (a *Agenda) Step(ctx context.Context) (int, error) {
	r := store.LeaseRequest{Kind: a.o.Kind, DueBy: a.o.Now(), TTL: a.o.LeaseTTL, Limit: a.o.Batch}
	due := false
	err := a.o.Store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		due, err = x.Due(ctx, r)
		return err
	})
	if err != nil || !due {
		return 0, err
	}
	var works []*store.Work
	until := time.Now().Add(r.TTL / 2)
	err = a.o.Store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		works, err = tx.Lease(ctx, r)
		return err
	})
	for i, w := range works {
		if ctx.Err() != nil || time.Now().After(until) {
			return i, errors.Join(ctx.Err(), a.giveBack(ctx, works[i:]))
		}
		if e := a.do(ctx, w); e != nil {
			return i, errors.Join(err, e, a.giveBack(ctx, works[i+1:]))
		}
	}
	return len(works), err
}

// giveBack ends leases of what was not begun.
func (a *Agenda) giveBack(ctx context.Context, works []*store.Work) error {
	return a.o.Store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		for _, w := range works {
			back := *w
			back.State = store.WorkPending
			err := tx.Finish(ctx, &back)
			if err == nil && w.Error == "" { // the lease was no try
				err = tx.SetWork(ctx, w.ID, store.WorkPending, store.WorkPending, w.Due)
			}
			if err != nil && !errors.Is(err, store.ErrStale) {
				return err
			}
		}
		return nil
	})
}

// do has one entry done, and notes its end. An error is that of the store.
func (a *Agenda) do(ctx context.Context, w *store.Work) error {
	failure := a.attempt(ctx, w)
	if failure == nil || errors.Is(failure, store.ErrStale) {
		return nil
	}
	next := a.judge(ctx, w, failure)
	err := a.o.Store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, &next) })
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// judge is what becomes of an entry that failed.
func (a *Agenda) judge(ctx context.Context, w *store.Work, failure error) store.Work {
	next := *w
	next.Error = clip(failure.Error())
	if again, ok := errors.AsType[*Again](failure); ok {
		if next.State, next.Due = store.WorkPending, again.At; again.Doc != nil {
			next.Doc = again.Doc
		}
		if again.At.IsZero() {
			next.State, next.Due, next.Finished = store.WorkDead, w.Due, a.o.Now()
		}
		return next
	}
	next.State, next.Due = store.WorkPending, a.o.Now().Add(pause(w.Attempt))
	if ctx.Err() != nil || errors.Is(failure, ticket.ErrStopped) { // it was broken off, and did not fail
		return next
	}
	if w.Attempt >= a.o.Attempts && !errors.Is(failure, ticket.ErrBusy) {
		next.State, next.Finished = store.WorkDead, a.o.Now()
	}
	a.o.Logger.WarnContext(ctx, "what was due failed", "what", w.Name, "ticket", w.TicketID, "attempt", w.Attempt, "dead", next.State == store.WorkDead, "error", failure)
	return next
}

// attempt runs the handler, and ends the entry in the transaction of what it writes.
func (a *Agenda) attempt(ctx context.Context, w *store.Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.o.Logger.ErrorContext(ctx, "what was due panicked", "what", w.Name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	what, key, _ := strings.Cut(w.Name, "|")
	e := Entry{What: what, Key: key, Ticket: w.TicketID, Due: w.Due, Doc: w.Doc, ID: w.ID, Attempt: w.Attempt}
	if w.Seq != 0 && !a.o.Ranked {
		e.Due = time.UnixMicro(w.Seq).UTC() // and not when it is tried again
	}
	h := a.handlers[what]
	if h == nil {
		return fmt.Errorf("this process knows nothing of %q", what)
	}
	done, err := h(ctx, e)
	if err != nil {
		return err
	}
	return a.o.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if done != nil {
			if err := done(ctx, tx, e); err != nil {
				return err
			}
		}
		end := *w
		end.State, end.Finished, end.Error, end.Doc = store.WorkDone, a.o.Now(), "", nil // whatever texts it had
		return tx.Finish(ctx, &end)
	})
}

// pause grows from a second to an hour.
func pause(attempt int) time.Duration {
	return min(time.Second<<min(max(attempt-1, 0), 12), time.Hour)
}

func clip(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
	if len(s) > 1000 {
		s = strings.ToValidUTF8(s[:1000], "") + "…"
	}
	return s
}

// Works lists entries of every kind, the newest first.
func Works(ctx context.Context, x store.Reader, q store.WorkQuery) ([]*store.Work, error) {
	var out []*store.Work
	for _, q.Kind = range []string{Kind, Errand} {
		list, err := x.Works(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b *store.Work) int { return cmp.Compare(b.ID, a.ID) })
	if q.Limit > 0 {
		out = out[:min(len(out), q.Limit)]
	}
	return out, nil
}

// Is reports whether work is an entry.
func Is(w *store.Work) bool { return w.Kind == Kind || w.Kind == Errand }

// Rewrite puts work in the place of what is stored under its ID, which is not leased. A store changes no text of work that
// is not: so it is removed, and put anew. Errors: store.ErrStale where it is in another state than from by now, or gone.
func Rewrite(ctx context.Context, tx store.Tx, w *store.Work, from store.WorkState) error {
	long := time.Unix(1, 0).UTC() // before anything was finished
	if err := tx.SetWork(ctx, w.ID, from, store.WorkDone, long); err != nil {
		return err
	}
	if _, err := tx.PruneWork(ctx, w.Kind, long.Add(time.Second), 1000); err != nil {
		return err
	}
	return tx.PutWork(ctx, w)
}

// Discard gives an entry up as of a time; none of its texts stays.
func Discard(ctx context.Context, tx store.Tx, w *store.Work, now time.Time) error {
	end := *w
	end.State, end.Finished, end.Error, end.Doc = store.WorkDone, now, "", nil
	return Rewrite(ctx, tx, &end, w.State)
}

// Scrub has fn take texts out of what the entries of a ticket that failed say of it, whether they were given up or wait for
// their next try, and reports whether there was anything to take out. One that is being tried says something else when that
// has come to its end.
func Scrub(ctx context.Context, tx store.Tx, ticketID int64, fn func(text string) string) (any bool, err error) {
	works, err := Works(ctx, tx, store.WorkQuery{States: []store.WorkState{store.WorkDead, store.WorkPending}, TicketID: ticketID, Limit: 1000})
	for _, w := range works {
		next := *w
		if next.Error = fn(w.Error); next.Error == w.Error {
			continue
		}
		if err := Rewrite(ctx, tx, &next, w.State); errors.Is(err, store.ErrStale) { // it is being tried by now
			continue
		} else if err != nil {
			return any, err
		}
		any = true
	}
	return any, err
}

// Prune removes the entries that came to their end before t, a part of them, and returns how many those were.
func (a *Agenda) Prune(ctx context.Context, t time.Time) (n int, err error) {
	err = a.o.Store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		n, err = tx.PruneWork(ctx, a.o.Kind, t, 1000)
		return err
	})
	return n, err
}
