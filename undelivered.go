package helpdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindUndeliverable is the record of an address that takes no mail. Its key is a digest: an address that is erased must
// not live on in a key.
const kindUndeliverable = "undeliverable"

func undeliverableKey(email string) string {
	sum := sha256.Sum256([]byte(ticket.NormalizeEmail(email)))
	return hex.EncodeToString(sum[:])
}

// unreachable is its document.
type unreachable struct {
	ticket.Undelivered
	MessageID int64 `json:"message_id"`
}

// MarkUndelivered notes what a mail server has reported of a message that the desk has sent: on the message, once for
// each recipient, the last word counts. Where the server has given up for good, and that is Proven, the address is marked
// as well: see Undeliverable. Whoever calls it has made sure that the report is about a mail that was sent to that
// recipient. Without a message (0) nothing but addresses is marked. It asks for no rights, changes nothing else of the ticket, and is journalled; TicketUndelivered tells of it.
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrBusy.
func (g Mail) MarkUndelivered(ctx context.Context, messageID int64, list ...ticket.Undelivered) error {
	return failed(fmt.Sprintf("mark message %d as undelivered", messageID), g.markUndelivered(ctx, messageID, list))
}

func (d *Desk) markUndelivered(ctx context.Context, messageID int64, list []ticket.Undelivered) error {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return err
	}
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if messageID == 0 {
			var errs error
			for _, u := range list {
				errs = errors.Join(errs, w.markAddress(ctx, w.fitting(u), 0))
			}
			return errs
		}
		m, err := w.tx.Message(ctx, messageID)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := w.lockUnchecked(ctx, m.TicketID); err != nil {
			return err
		}
		if m, err = w.tx.Message(ctx, messageID); err != nil { // as it is under the lock
			return err
		}
		for _, u := range list {
			if err := w.noteUndelivered(ctx, m, u); err != nil {
				return err
			}
		}
		w.quiet = true
		if err := w.step(ctx, ticket.EventUndelivered, m); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	return err
}

// fitting is a report as it is kept.
func (w *write) fitting(u ticket.Undelivered) ticket.Undelivered {
	u.Recipient, u.Status, u.Diagnostic = clip(ticket.NormalizeEmail(u.Recipient), w.d.cfg.Limits.Text), clip(u.Status, 20), clip(u.Diagnostic, 500)
	if u.At = ticket.Time(u.At); u.At.IsZero() {
		u.At = w.now
	}
	return u
}

func (w *write) noteUndelivered(ctx context.Context, m *ticket.Message, u ticket.Undelivered) error {
	u = w.fitting(u)
	all := slices.DeleteFunc(slices.Clone(m.Undelivered), func(v ticket.Undelivered) bool { return v.Recipient == u.Recipient })
	all = append(all, u)
	m.Undelivered = all[max(0, len(all)-ticket.MaxUndelivered):]
	return w.markAddress(ctx, u, m.ID)
}

// markAddress marks one for which a server has given up.
func (w *write) markAddress(ctx context.Context, u ticket.Undelivered, messageID int64) error {
	if !u.Permanent || !u.Proven || u.Recipient == "" {
		return nil
	}
	key := undeliverableKey(u.Recipient)
	u.Recipient, u.Diagnostic = "", "" // which has the address in it, as a rule
	return record.Put(ctx, w.tx, kindUndeliverable, key, "", unreachable{u, messageID})
}

// Undeliverable returns what a mail server has last said for good of an address: that it takes no mail. Errors:
// ticket.ErrNotFound where nothing is known against it; ticket.ErrNoActor.
func (g Mail) Undeliverable(ctx context.Context, email string) (ticket.Undelivered, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return ticket.Undelivered{}, failed("look up an address", err)
	}
	u, err := readDoc(ctx, g.store, kindUndeliverable, undeliverableKey(email), storedDoc[unreachable])
	if err != nil {
		return ticket.Undelivered{}, failed("look up an address", err)
	}
	u.Recipient = ticket.NormalizeEmail(email)
	return u.Undelivered, nil
}

// Deliverable takes the mark off an address: it takes mail again. Errors: ticket.ErrNoActor; ticket.ErrForbidden without
// the right to keep people; ticket.ErrBusy.
func (g Mail) Deliverable(ctx context.Context, email string) error {
	return failed("take the mark off an address", g.deliverable(ctx, email))
}

func (d *Desk) deliverable(ctx context.Context, email string) error {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return err
	}
	if err := d.mayAtAll(ctx, actor, ActPeople); err != nil {
		return err
	}
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		return w.tx.DeleteRecord(ctx, kindUndeliverable, undeliverableKey(email))
	})
	return err
}
