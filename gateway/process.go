package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Result is what became of a mail.
type Result string

// The results. Every mail that was fetched has one in the end.
const (
	Opened      Result = "opened"      // a new ticket
	Answered    Result = "answered"    // a message in a ticket
	Noted       Result = "noted"       // an internal note, because its sender does not belong to the ticket that it cites
	Duplicate   Result = "duplicate"   // the same mail was a message already
	Rejected    Result = "rejected"    // a hook or a policy refused it; the raw mail is kept
	Dropped     Result = "dropped"     // nothing came of it: the desk's own mail, or a sender whom nobody wants; the raw mail is kept
	Held        Result = "held"        // it waits in quarantine until somebody has looked; Requeue lets it in
	Quarantined Result = "quarantined" // it could not be processed; the raw mail is kept
)

// Outcome is what became of one mail, and why.
type Outcome struct {
	Work      int64     `json:"-"` // names the mail, for Requeue
	Received  time.Time `json:"-"` // when the mailbox had it; of lists
	Result    Result    `json:"result"`
	TicketID  int64     `json:"ticket_id,omitempty"`
	MessageID int64     `json:"message_id,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	From      string    `json:"from,omitempty"`
	Subject   string    `json:"subject,omitempty"`
	By        CitedBy   `json:"by,omitempty"` // how it named its ticket
	Kind      Kind      `json:"kind,omitempty"`
	// Evidence is what the reason rests on, of a mail that has become no message. It is the sender's text.
	Evidence []string `json:"evidence,omitempty"`

	mayAnswer bool // of a refusal: its sender may be told
}

func (g *Gateway) lease(ctx context.Context) ([]*store.Work, error) {
	return g.leaseDue(ctx, kindMail, batch)
}

// leaseDue leases work of the gateway, if some is due.
func (g *Gateway) leaseDue(ctx context.Context, kind string, limit int) (works []*store.Work, err error) {
	req := store.LeaseRequest{Kind: kind, Names: []string{g.name}, DueBy: g.desk.Now(), TTL: g.opts.Lease, Limit: limit}
	due := false
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		due, err = r.Due(ctx, req)
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	err = g.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		works, err = tx.Lease(ctx, req)
		return err
	})
	return works, err
}

// one processes one mail, and reports whether it has its result.
func (g *Gateway) one(ctx context.Context, h *inHand) (o Outcome, done bool) {
	w, j := h.work, h.job
	if h.unreadable {
		return g.settle(ctx, w, j, Outcome{Result: Quarantined, Reason: "its work cannot be read"}, store.WorkDead)
	}
	o, err := g.process(ctx, h)
	switch {
	case err == nil:
		return o, true
	case errors.Is(err, store.ErrStale):
		return o, false // another process has it
	case errors.Is(err, errOtherPart):
		h.left = true
	case errors.Is(err, errDuplicate):
		o.Result = Duplicate
		o, done = g.settle(ctx, w, j, o, store.WorkDone)
	case refusedForGood(err):
		if o, done = g.reject(ctx, w, j, o, err); done && h.refusal != nil {
			h.tally.add(*h.refusal, 0)
		}
	case w.Attempt-j.Left >= g.opts.Attempts && !passing(err):
		o.Result, o.Reason = Quarantined, err.Error()
		o, done = g.settle(ctx, w, j, o, store.WorkDead)
	default:
		g.later(ctx, w, err)
	}
	return o, done
}

// errDuplicate rolls back what a mail would have become a second time.
var errDuplicate = errors.New("the same mail is a message already")

// errUnwanted says that the mailbox's policy refuses a mail.
var errUnwanted = errors.New("refused by the policy of the mailbox")

// refusedForGood reports whether a hook, or a policy, refused the mail on purpose, and nothing that may pass was in the way.
func refusedForGood(err error) bool {
	var r *hooks.Refusal
	if errors.As(err, &r) {
		return r.Final()
	}
	return errors.Is(err, ticket.ErrRefused) || errors.Is(err, errUnwanted)
}

// passing reports whether the fault is not the mail's: it is tried again for as long as it takes.
func passing(err error) bool {
	return errors.Is(err, ticket.ErrHookFailed) || errors.Is(err, ticket.ErrBusy) || errors.Is(err, ticket.ErrStopped) || errors.Is(err, errEarlier) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// later has the mail tried again after a pause.
func (g *Gateway) later(ctx context.Context, w *store.Work, why error) {
	now := g.desk.Now()
	next := *w
	next.State, next.Error, next.Finished = store.WorkPending, fitLine(why.Error(), 1000), now
	next.Due = now.Add(pauseAfter(w.Attempt))
	interrupted := ctx.Err() != nil
	if interrupted {
		next.Due = atOnce()
	}
	ctx = context.WithoutCancel(ctx)
	err := g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, &next) })
	if err != nil && !errors.Is(err, store.ErrStale) {
		g.log(ctx, "a mail could not be put back: it is tried again when its lease ends", "mail", w.ID, "error", err)
	}
	if interrupted {
		return // whoever did that knows
	}
	g.log(ctx, "a mail is tried again later", "mail", w.ID, "attempt", w.Attempt, "error", why)
}

// settle stores a result that needed no message. What was about to become one was rolled back, ids and all.
func (g *Gateway) settle(ctx context.Context, w *store.Work, j job, o Outcome, state store.WorkState) (Outcome, bool) {
	o.Work, o.TicketID, o.MessageID = w.ID, 0, 0
	ctx = context.WithoutCancel(ctx)
	err := g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return g.finish(ctx, tx, w, j, o, state) })
	if err != nil {
		g.log(ctx, "the result of a mail could not be stored: it is tried again when its lease ends", "mail", w.ID, "error", err)
	}
	if state == store.WorkDead {
		g.log(ctx, "a mail is in quarantine", "mail", w.ID, "reason", o.Reason)
	}
	return o, err == nil
}

// finish marks the work as over, with its outcome, if this process still has it. The raw mail is then the message's to
// keep; that of a refused or quarantined mail stays with the work for a while, to be looked at and tried again.
func (g *Gateway) finish(ctx context.Context, tx store.Tx, w *store.Work, j job, o Outcome, state store.WorkState) error {
	j.Outcome = new(o.asKept())
	doc, err := json.Marshal(j)
	if err != nil {
		return err
	}
	next := *w
	next.State, next.Doc, next.Finished, next.Error = state, doc, g.desk.Now(), fitLine(o.Reason, 1000)
	if err := tx.Finish(ctx, &next); err != nil {
		return err
	}
	if j.Problem == "" { // of others the server has what we have not
		if err := g.promise(ctx, tx, j.Mailbox, j.Place, 0); err != nil {
			return err
		}
	}
	if j.Raw == "" {
		return nil
	}
	switch o.Result {
	case Rejected, Quarantined, Dropped, Held:
		return g.desk.RetainBlob(ctx, j.Raw, w.ID, w.Created)
	case Duplicate:
		return g.desk.ReleaseBlob(ctx, j.Raw, w.ID, 0)
	}
	return g.desk.ReleaseBlob(ctx, j.Raw, w.ID, o.MessageID)
}

// asKept leaves sender and subject of a mail to the message that it became: who is erased there must not live on here.
func (o Outcome) asKept() Outcome {
	if o.MessageID != 0 {
		o.From, o.Subject, o.Evidence = "", "", nil
	}
	return o
}

// reject journals the refusal, in one transaction with the end of the work.
func (g *Gateway) reject(ctx context.Context, w *store.Work, j job, o Outcome, why error) (Outcome, bool) {
	o.Result, o.Reason, o.Work, o.TicketID, o.MessageID = Rejected, fitLine(why.Error(), 1000), w.ID, 0, 0
	from := ticket.Guest("", o.From).Via(ticket.ChannelEmail)
	ctx = g.desk.Also(ticket.WithActor(ctx, from), func(ctx context.Context, _, _ int64) error {
		return g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return g.finish(ctx, tx, w, j, o, store.WorkDone) })
	})
	if err := g.desk.RejectMail(ctx, ticket.Rejection{Gateway: g.name, Mail: w.ID, Subject: o.Subject, Reason: o.Reason, MayAnswer: o.mayAnswer}); err != nil {
		g.later(ctx, w, err)
		return o, false
	}
	return o, true
}

// process makes the message.
func (g *Gateway) process(ctx context.Context, h *inHand) (o Outcome, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("processing panicked: %v", v)
		}
	}()
	w, j := h.work, h.job
	o.Work = w.ID
	if j.Raw == "" {
		o.Result, o.Reason = Quarantined, "it could not be fetched: "+fitLine(j.Problem, 500)
		if settled, done := g.settle(ctx, w, j, o, store.WorkDead); done {
			return settled, nil
		}
		return o, store.ErrStale
	}
	if err := g.load(ctx, h); err != nil {
		return o, err
	}
	o.From, o.Subject = h.mail.From.Email, h.mail.Subject
	return g.deliver(ctx, h, o)
}

// read makes sense of a mail.
func (g *Gateway) read(ctx context.Context, raw []byte, j job) *Mail {
	m := g.understand(raw, j)
	if m.Subject == "" {
		m.Subject = g.noSubject(ctx)
	}
	folds := m.Folds(g.opts.Markers...) // found here, where mails are read side by side
	m.folds = &folds
	return m
}

// understand is read, of a mail that may have no subject.
func (g *Gateway) understand(raw []byte, j job) *Mail {
	return Read(raw, j.Received, &ReadOptions{Limits: g.opts.Limits, Decrypt: g.opts.Decrypt})
}

func (g *Gateway) readRaw(ctx context.Context, j job) ([]byte, error) {
	r, err := g.desk.OpenBlob(ctx, j.Raw)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r)
	return raw, errors.Join(err, r.Close())
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// kindReleased is the record of a mail that was held, and that somebody has let in.
const kindReleased = "mail-released"

// released reports whether somebody has let the mail in.
func (v *delivery) released(ctx context.Context) (bool, error) {
	err := v.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		_, err := r.Record(ctx, kindReleased, strconv.FormatInt(v.work.ID, 10))
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Requeue has a mail processed again that is in quarantine, or was refused or dropped, with hooks and policies as they are
// now. One that was held is let in: it opens a ticket. Of one that the server did not give, the server is asked again with
// the next fetch. Errors:
// ticket.ErrNotFound, also where the retention of files, or an erasure, has removed its bytes; ticket.ErrConflict for a mail that is
// being processed or has become a message.
func (g *Gateway) Requeue(ctx context.Context, work int64) error {
	err := g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		w, err := tx.Work(ctx, work)
		if err != nil {
			return err
		}
		var j job
		if err := json.Unmarshal(w.Doc, &j); w.Kind != kindMail || w.Name != g.name || err != nil {
			return ticket.ErrNotFound
		}
		refused := w.State == store.WorkDone && j.Outcome != nil && (j.Outcome.Result == Rejected || j.Outcome.Result == Dropped)
		if w.State != store.WorkDead && !refused {
			return fmt.Errorf("%w: the mail is neither in quarantine nor refused", ticket.ErrConflict)
		}
		if j.Raw == "" && j.Place != "" {
			return g.askAgain(ctx, tx, w, j)
		}
		if j.Raw != "" {
			raw, err := g.desk.OpenBlob(ctx, j.Raw)
			if err != nil {
				return err
			}
			if err := raw.Close(); err != nil {
				return err
			}
		}
		if j.Outcome != nil && j.Outcome.Result == Held {
			if err := tx.PutRecord(ctx, &store.Record{Kind: kindReleased, Key: strconv.FormatInt(work, 10), Version: store.AnyVersion, Doc: []byte("true")}); err != nil {
				return err
			}
		}
		return tx.SetWork(ctx, work, w.State, store.WorkPending, g.desk.Now())
	})
	if err != nil {
		return fmt.Errorf("gateway %s: requeue %d: %w", g.name, work, err)
	}
	return nil
}

// Raw opens the bytes of a mail that was fetched, by the number of its work. Errors: ticket.ErrNotFound, also where
// nothing could be fetched, where nobody keeps the bytes any more (those of a duplicate, or of a message that is gone),
// and where the retention of files, or an erasure, has removed them.
func (g *Gateway) Raw(ctx context.Context, work int64) (io.ReadSeekCloser, error) {
	var j job
	err := g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		w, err := r.Work(ctx, work)
		if err != nil {
			return err
		}
		return json.Unmarshal(w.Doc, &j)
	})
	if err != nil {
		return nil, err
	}
	if j.Raw == "" {
		return nil, ticket.ErrNotFound
	}
	return g.desk.OpenBlob(ctx, j.Raw)
}
