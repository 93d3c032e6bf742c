package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	kindLater  = "later"        // record, of a ticket: an answer that is to be written
	laterEntry = "later"        // on the agenda; the key is the record's
	laterFails = "later_failed" // on the agenda: somebody is to know of it

	laterTries = 20 // as often as an agenda tries
)

// Later is an answer that is written when its time has come (X29): nobody sees it before.
type Later struct {
	ID     int64              `json:"id"`
	Ticket int64              `json:"ticket"`
	At     time.Time          `json:"at"`
	By     ticket.Actor       `json:"by"`
	Body   string             `json:"body"`
	Format ticket.Format      `json:"format,omitempty"`
	Kind   ticket.MessageKind `json:"kind,omitempty"`
	Status string             `json:"status,omitempty"` // that the ticket gets with it
	To     []ticket.Person    `json:"to,omitempty"`
	Cc     []ticket.Person    `json:"cc,omitempty"`
	Bcc    []ticket.Person    `json:"bcc,omitempty"`
	// Failed says why it could not be written; it then waits for its author, who is told: see CancelLater.
	Failed string `json:"failed,omitempty"`
}

// SendLater has a reply written at a time to come, by the acting agent and with the rights that they have then. Files
// cannot wait, and neither can what is to be encrypted. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden; ticket.ErrInvalid for a time that has passed or is more than a year away, and for what cannot wait.
func (n *Notifier) SendLater(ctx context.Context, ticketID int64, d ticket.ReplyDraft, at time.Time) (Later, error) {
	l, err := n.sendLater(ctx, ticketID, d, at)
	return l, failed(fmt.Sprintf("send later on ticket %d", ticketID), err)
}

func (n *Notifier) sendLater(ctx context.Context, ticketID int64, d ticket.ReplyDraft, at time.Time) (Later, error) {
	by, err := ticket.ActorFrom(ctx)
	if err != nil {
		return Later{}, err
	}
	if err := n.desk.MayWork(ctx, ticketID); err != nil {
		return Later{}, err
	}
	var e ticket.ValidationError
	now := n.desk.Now()
	if !at.After(now) || at.After(now.AddDate(1, 0, 0)) {
		e.Add("at", ticket.FaultOutOfRange, "must be within the year to come")
	}
	for field, has := range map[string]bool{"files": len(d.Files) > 0, "encrypted": d.Encrypted, "mail": d.Mail != nil, "html_body": d.HTMLBody != ""} {
		if has {
			e.Add(field, ticket.FaultUnavailable, "cannot wait: send the message now, or without it")
		}
	}
	if err := e.Err(); err != nil {
		return Later{}, err
	}
	if err := n.desk.CheckReply(ctx, ticketID, d); err != nil {
		return Later{}, err
	}
	l := Later{Ticket: ticketID, At: ticket.Time(at), By: by, Body: d.Body, Format: d.Format, Kind: d.Kind, Status: d.Status, To: d.To, Cc: d.Cc, Bcc: d.Bcc}
	return l, n.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if _, err := tx.LockTicket(ctx, ticketID); err != nil { // lest it is purged meanwhile, and this stays
			return err
		}
		if l.ID, err = tx.NewID(ctx, kindLater); err != nil {
			return err
		}
		if err := record.Put(ctx, tx, kindLater, record.Ordered(l.ID), record.ID(ticketID), l); err != nil {
			return err
		}
		tx.OnCommit(n.desk.Wake)
		return agenda.Put(ctx, tx, now, agenda.Entry{Kind: asideWork, What: laterEntry, Key: record.Ordered(l.ID), Ticket: ticketID, Lane: "later/" + record.ID(l.ID), Due: l.At})
	})
}

// Scheduled lists the answers of a ticket that wait, the oldest first. Errors: as SendLater, without ticket.ErrInvalid.
func (n *Notifier) Scheduled(ctx context.Context, ticketID int64) (out []Later, err error) {
	if err = n.desk.MayWork(ctx, ticketID); err == nil {
		err = n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
			out = nil
			return record.ReadAll(ctx, x, kindLater, record.ID(ticketID), &out)
		})
	}
	return out, failed(fmt.Sprintf("list what is sent later on ticket %d", ticketID), err)
}

// CancelLater takes an answer back that waits, and returns it. Errors: ticket.ErrNoActor; ticket.ErrNotFound, also for one
// that was written; ticket.ErrForbidden.
func (n *Notifier) CancelLater(ctx context.Context, id int64) (l Later, err error) {
	err = n.desk.InTx(ctx, func(ctx context.Context) error {
		return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			if l, err = lockLater(ctx, tx, record.Ordered(id)); err != nil {
				return err
			}
			if err := n.desk.MayWork(ctx, l.Ticket); err != nil {
				return err
			}
			return tx.DeleteRecord(ctx, kindLater, record.Ordered(id))
		})
	})
	return l, failed(fmt.Sprintf("cancel what is sent later, %d", id), err)
}

// lockLater reads one that nobody else writes or cancels meanwhile.
func lockLater(ctx context.Context, tx store.Tx, key string) (l Later, err error) {
	rec, err := tx.LockRecord(ctx, kindLater, key)
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(rec.Doc, &l)
}

// postLater writes one whose time has come, in the transaction that ends its entry: once. What cannot be written stays, and
// says why.
func (n *Notifier) postLater(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	l, err := lockLater(ctx, tx, e.Key)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil // it was cancelled
	}
	if err != nil {
		return err
	}
	if err = n.writeLater(ctx, l); err == nil {
		return tx.DeleteRecord(ctx, kindLater, e.Key)
	}
	if !final(err) && (e.Attempt < laterTries || errors.Is(err, ticket.ErrBusy)) {
		return err
	}
	l.Failed = clip(err.Error())
	if err := record.Put(ctx, tx, kindLater, e.Key, record.ID(l.Ticket), l); err != nil {
		return err
	}
	now := n.desk.Now()
	return agenda.Put(ctx, tx, now, agenda.Entry{Kind: asideWork, What: laterFails, Key: e.Key, Ticket: l.Ticket, Lane: "later/" + record.ID(l.ID), Due: now})
}

// writeLater writes the reply. What panics there, in the host's code, has failed: it is tried as often as anything else.
func (n *Notifier) writeLater(ctx context.Context, l Later) (err error) {
	defer func() {
		if p := recover(); p != nil {
			n.log.ErrorContext(ctx, "an answer that was to be sent later panicked", "ticket", l.Ticket, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	_, err = n.desk.Reply(ticket.WithActor(ctx, l.By), l.Ticket, ticket.ReplyDraft{Body: l.Body, Format: l.Format, Kind: l.Kind, Status: l.Status, To: l.To, Cc: l.Cc, Bcc: l.Bcc})
	return err
}

// tellFailed tells the author of an answer that it could not be written; who may not see the ticket any more is told nothing
// of it, and so those are told who have it now.
func (n *Notifier) tellFailed(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	var l Later
	err := n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) (err error) {
		l, err = record.Read[Later](ctx, x, kindLater, e.Key)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, nil // it was taken back meanwhile
	}
	if err != nil {
		return nil, err
	}
	to := ticket.Recipients{Owner: true}
	if l.By.Kind == ticket.ActorStaff {
		t, err := n.desk.Ticket(system(ctx), l.Ticket)
		if err != nil {
			return nil, orGone(err)
		}
		sees, err := n.desk.Sees(system(ctx), l.By.ID, t)
		if err != nil {
			return nil, err
		}
		if sees {
			to = ticket.Recipients{Agents: []string{l.By.ID}}
		}
	}
	return nil, n.Notify(ctx, ticket.Notice{ID: kindLater + "/" + e.Key, Ticket: l.Ticket, To: to, At: l.At, Why: kindLater + ":" + record.ID(l.ID),
		Subject: "An answer could not be sent",
		Text: fmt.Sprintf("The answer that %s wanted to be sent at %s was not written: %s\n\nIt waits on the ticket. Send it in another way, and take it back there.",
			cmp.Or(l.By.Name, l.By.ID), l.At.Format("2006-01-02 15:04 MST"), l.Failed)})
}

func orGone(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}

// laterTrouble tells of answers that could not be written.
func (n *Notifier) laterTrouble(ctx context.Context, add func(string, ...any)) error {
	var all []Later
	err := n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		all = nil
		return record.ReadAll(ctx, x, kindLater, "", &all)
	})
	if all = slices.DeleteFunc(all, func(l Later) bool { return l.Failed == "" }); len(all) > 0 {
		add("%d answers that were to be sent later could not be written: look at ticket %d first (Notifier.Scheduled), send each in another way, and take it back (CancelLater)", len(all), all[0].Ticket)
	}
	return err
}

// final reports whether a refusal is one that time does not change.
func final(err error) bool {
	for _, target := range []error{ticket.ErrInvalid, ticket.ErrForbidden, ticket.ErrNotFound, ticket.ErrClosed, ticket.ErrLocked, ticket.ErrMerged, ticket.ErrRefused} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
