package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	kindLetter = "letter" // record, of a ticket
	letterWork = "letter" // kind of the work of the agenda for mail
	asideWork  = "aside"  // and of that for what is written later, which does not wait for a mail server that is away
	sendEntry  = "send"   // on the agenda; the key is the letter's

	keyMessage = "letter_message" // links a message, wherever it goes, with its letters
)

func letterKey(id int64) string { return record.Ordered(id) }

// idOfKey is the letter of a key; 0 is none.
func idOfKey(key string) int64 {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// readLetter reads one. Errors: ticket.ErrNotFound.
func readLetter(ctx context.Context, x store.Reader, id int64) (*Letter, error) {
	l, err := record.Read[Letter](ctx, x, kindLetter, letterKey(id))
	return &l, err
}

// put stores a letter.
func put(ctx context.Context, tx store.Tx, l *Letter) error {
	return record.Put(ctx, tx, kindLetter, letterKey(l.ID), record.ID(l.Ticket), l)
}

// order puts a new letter, and on the agenda when it is due.
func (n *Notifier) order(ctx context.Context, tx store.Tx, l *Letter) error {
	if err := put(ctx, tx, l); err != nil {
		return err
	}
	if l.Message != 0 {
		if err := tx.Link(ctx, keyMessage, record.ID(l.Message), l.ID); err != nil {
			return err
		}
	}
	tx.OnCommit(n.desk.Wake)
	return n.remind(ctx, tx, l)
}

// remind puts a letter on the agenda. Those of one ticket to one reader come in their order.
func (n *Notifier) remind(ctx context.Context, tx store.Tx, l *Letter) error {
	if l.Digest {
		return n.intoDigest(ctx, tx, l)
	}
	lane := fmt.Sprintf("%d/%s/%s", l.Ticket, l.Channel, readerOf(l.Ticket, l.Agent, l.To))
	return n.enter(ctx, tx, l, agenda.Entry{Kind: workOf(l.Channel), What: sendEntry, Ticket: l.Ticket, Lane: lane})
}

// enter puts what sends a letter on the agenda.
func (n *Notifier) enter(ctx context.Context, tx store.Tx, l *Letter, e agenda.Entry) error {
	e.Key, e.Due = letterKey(l.ID), l.Due
	work, err := agenda.Add(ctx, tx, n.desk.Now(), e)
	if err != nil {
		return err
	}
	return enlist(ctx, tx, l, work)
}

// workOf is the kind of work of a letter.
func workOf(channel string) string {
	if channel == Mail {
		return letterWork
	}
	return "channel/" + channel
}

// readerOf names a reader in keys, by no address: who is erased must not live on in them.
func readerOf(ticketID int64, agent string, p ticket.Person) string {
	if agent != "" {
		return "agent." + agent
	}
	if p.Email == "" {
		return "person." + p.ID
	}
	return fmt.Sprintf("person.%x", ticket.RecipientOf(ticketID, p.Email))
}

// change has fn change a letter that is not done, and stores it; where it is done, or gone, nothing happens.
func change(ctx context.Context, tx store.Tx, id int64, fn func(l *Letter)) (*Letter, error) {
	rec, l, err := lockLetter(ctx, tx, id)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && l.State.Done() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	was := *l
	fn(l)
	return l, rewrite(ctx, tx, rec, &was, l)
}

// lockTicketOf locks the ticket of a message, where that is there: before its letters, as a redaction does, lest two wait for
// each other.
func lockTicketOf(ctx context.Context, tx store.Tx, messageID int64) error {
	m, err := tx.Message(ctx, messageID)
	if err == nil {
		_, err = tx.LockTicket(ctx, m.TicketID)
	}
	return orGone(err)
}

// lockLetter reads one that nobody else changes meanwhile. Errors: ticket.ErrNotFound.
func lockLetter(ctx context.Context, tx store.Tx, id int64) (*store.Record, *Letter, error) {
	rec, err := tx.LockRecord(ctx, kindLetter, letterKey(id))
	if err != nil {
		return nil, nil, err
	}
	l := &Letter{}
	return rec, l, json.Unmarshal(rec.Doc, l)
}

// rewrite stores a letter that was locked.
func rewrite(ctx context.Context, tx store.Tx, rec *store.Record, was, is *Letter) (err error) {
	if rec.Doc, err = json.Marshal(is); err != nil {
		return err
	}
	if err := tx.PutRecord(ctx, rec); err != nil { // whose parent may be another by now
		return err
	}
	if err := relist(ctx, tx, was, is); err != nil || len(is.Members) == 0 {
		return err
	}
	return carry(ctx, tx, is)
}

// Letters lists the letters that were ordered for a ticket, the oldest first. Those of tickets that were merged into it stay
// theirs. Ticket 0 has those that are about none: that a mail was refused. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers, for staff who may neither reply nor update, and, of ticket 0, without the right to
// configure.
func (n *Notifier) Letters(ctx context.Context, ticketID int64) ([]Letter, error) {
	var out []Letter
	err := n.mayHandle(ctx, ticketID)
	if err == nil {
		err = n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
			out = nil
			return record.ReadAll(ctx, x, kindLetter, record.ID(ticketID), &out)
		})
	}
	return out, failed(fmt.Sprintf("list letters of ticket %d", ticketID), err)
}

// mayHandle refuses those who have nothing to do with the letters of a ticket, or with those of none.
func (n *Notifier) mayHandle(ctx context.Context, ticketID int64) error {
	if ticketID == 0 {
		return n.desk.MayConfigure(ctx)
	}
	return n.desk.MayWork(ctx, ticketID)
}

// Delivery says how far the letters of a message have come, the oldest first: also those that were ordered before the message
// went to another ticket. Errors: as Letters.
func (n *Notifier) Delivery(ctx context.Context, messageID int64) ([]Letter, error) {
	out, err := n.delivery(ctx, messageID)
	return out, failed(fmt.Sprintf("delivery of message %d", messageID), err)
}

func (n *Notifier) delivery(ctx context.Context, messageID int64) (out []Letter, err error) {
	m, err := n.desk.Message(ctx, messageID)
	if err == nil {
		err = n.desk.MayWork(ctx, m.TicketID)
	}
	if err != nil {
		return nil, err
	}
	return out, n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		var all []Letter // of the ticket: there may be some of before letters were linked
		if err := record.ReadAll(ctx, x, kindLetter, record.ID(m.TicketID), &all); err != nil {
			return err
		}
		ids, err := x.Linked(ctx, keyMessage, record.ID(messageID))
		if err != nil {
			return err
		}
		for _, id := range ids {
			l, err := record.Read[Letter](ctx, x, kindLetter, letterKey(id))
			if err != nil && !errors.Is(err, ticket.ErrNotFound) {
				return err
			}
			all = append(all, l)
		}
		slices.SortFunc(all, func(a, b Letter) int { return cmp.Compare(a.ID, b.ID) })
		out = nil
		for _, l := range slices.CompactFunc(all, func(a, b Letter) bool { return a.ID == b.ID }) {
			if l.Message == messageID {
				out = append(out, l)
			}
		}
		return nil
	})
}

// letter reads one. Errors: ticket.ErrNotFound.
func (n *Notifier) letter(ctx context.Context, key string) (l Letter, err error) {
	err = n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) (err error) {
		l, err = record.Read[Letter](ctx, x, kindLetter, key)
		return err
	})
	return l, err
}

// Cancel takes a letter back that is not sent yet. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden;
// ticket.ErrConflict for one that was sent, or is being sent.
func (n *Notifier) Cancel(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("cancel letter %d", id), n.cancel(ctx, id))
}

func (n *Notifier) cancel(ctx context.Context, id int64) error {
	l, err := n.letter(ctx, letterKey(id))
	if err == nil {
		err = n.mayHandle(ctx, l.Ticket)
	}
	if err != nil {
		return err
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return n.cancelIn(ctx, tx, id, "it was taken back")
	})
}

// cancelIn ends a letter, and takes it off the agenda, or out of its digest. One that is leased may have reached the server.
func (n *Notifier) cancelIn(ctx context.Context, tx store.Tx, id int64, why string) error {
	rec, l, err := lockLetter(ctx, tx, id)
	if err != nil {
		return err
	}
	if l.State.Done() {
		return conflict(fmt.Sprintf("letter %d is %s: there is nothing to take back any more", id, l.State))
	}
	if err := n.halt(ctx, tx, l); err != nil {
		return err
	}
	was := *l
	l.end(Cancelled, why, n.desk.Now())
	return rewrite(ctx, tx, rec, &was, l)
}

// halt keeps a letter from being sent. Errors: ticket.ErrConflict where it is being sent.
func (n *Notifier) halt(ctx context.Context, tx store.Tx, l *Letter) error {
	if l.Digest {
		if err := tx.Unlink(ctx, keyDigest, l.Agent, l.ID); err != nil {
			return err
		}
	}
	w, err := workFor(ctx, tx, l)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && !isOpen(w) {
		return nil
	}
	if err != nil {
		return err
	}
	to, at := store.WorkDone, n.desk.Now()
	if l.In != 0 { // the others of its digest go on
		to, at = store.WorkPending, w.Due
	}
	err = tx.SetWork(ctx, w.ID, store.WorkPending, to, at)
	if errors.Is(err, store.ErrStale) {
		return conflict(fmt.Sprintf("letter %d is being sent at this moment: look in a minute what became of it", l.ID))
	}
	return err
}

// end notes that nothing more comes of a letter.
func (l *Letter) end(s State, why string, now time.Time) {
	l.State, l.Reason, l.Ended = s, why, ticket.Time(now)
	if s == Sent || s == Cancelled {
		l.Title, l.Note = "", "" // which nobody needs any more
	}
}

// Recall takes back a message whose letters to people outside are all held (Settings.UndoSend): they are cancelled, and the
// message is deleted. It returns the message as it was, for its author to go on with. What
// else the reply did stays, as the status that it gave the ticket. Errors: as Desk.DeleteMessage;
// ticket.ErrConflict where a letter of it has left.
func (n *Notifier) Recall(ctx context.Context, messageID int64) (*ticket.Message, error) {
	m, err := n.recall(ctx, messageID)
	return m, failed(fmt.Sprintf("recall message %d", messageID), err)
}

func (n *Notifier) recall(ctx context.Context, messageID int64) (m *ticket.Message, err error) {
	err = n.desk.InTx(ctx, func(ctx context.Context) error {
		if m, err = n.desk.Message(ctx, messageID); err != nil {
			return err
		}
		list, err := n.Delivery(ctx, messageID)
		if err != nil {
			return err
		}
		err = n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := lockTicketOf(ctx, tx, messageID); err != nil {
				return err
			}
			for _, l := range list {
				if l.State == Cancelled || l.Agent != "" && l.State.Done() { // what staff have read they may have
					continue
				}
				if err := n.cancelIn(ctx, tx, l.ID, "the message was recalled"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = n.desk.DeleteMessage(ctx, messageID)
		return err
	})
	return m, err
}

// Retry has a letter sent that was given up, or that bounced, or that waits though nothing sends it any more. Errors: as
// Cancel; ticket.ErrConflict for one in another state.
func (n *Notifier) Retry(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("retry letter %d", id), n.retry(ctx, id))
}

func (n *Notifier) retry(ctx context.Context, id int64) error {
	l, err := n.letter(ctx, letterKey(id))
	if err == nil {
		err = n.mayHandle(ctx, l.Ticket)
	}
	if err != nil {
		return err
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		rec, l, err := lockLetter(ctx, tx, id)
		if err != nil {
			return err
		}
		was := *l
		waits := l.State == Sent || l.State == Cancelled
		if !l.State.Done() {
			if waits, err = goesOn(ctx, tx, l); err != nil {
				return err
			}
		}
		if waits {
			return conflict(fmt.Sprintf("letter %d is %s: only what failed, bounced, or is sent by nothing any more can be sent again", id, l.State))
		}
		l.State, l.Reason, l.Error, l.Attempts, l.Ended, l.Due, l.In = Queued, "", "", 0, time.Time{}, ticket.Time(n.desk.Now()), 0
		tx.OnCommit(n.desk.Wake)
		return errors.Join(rewrite(ctx, tx, rec, &was, l), revive(ctx, tx, l), n.remind(ctx, tx, l))
	})
}
