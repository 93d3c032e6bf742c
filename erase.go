package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// EraseOptions tune Erase.
type EraseOptions struct {
	// Files removes the contents of the attachments that the person sent, too. Their names stay, as those of files that
	// were removed, without the person's name in them.
	Files bool
}

// Erasure says what Erase has done.
type Erasure struct {
	Tickets int           `json:"tickets"` // in which there was something to take out
	Mails   int           `json:"mails"`   // that had become no message, likewise
	As      ticket.Person `json:"as"`      // who stands in the place of the person now
}

// Erase takes a person out of the desk (X13), given by id, by address, or both: their entry in the desk's own
// directory, and their name, addresses, phone and origin wherever tickets, messages, old versions, drafts, saved lists,
// mass actions and the journal have them. The tickets stay, readable, as those of somebody erased; messages keep what they say but for the
// names and addresses, and lose the raw mail that they came as. So do mails that a gateway has refused, dropped or put
// into quarantine: where their bytes have an address or a phone number of the person, whoever sent them, they go and the
// mail can no longer be let in. Contents of files are not looked at, nor are mails that still wait to become a message. Of
// an address that no directory knows, everybody is meant who acted under it.
// A name that was typed beside an address, and that no directory gave, is taken out of that ticket alone.
//
// Each ticket is a transaction of its own, so the erasure of somebody with many can be called again after a failure. On
// SQLite the data can be read in free pages of the file until Store.Compact has run. What the host's directory knows is
// the host's to remove. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the rights to keep people and to purge,
// on the whole desk; ticket.ErrInvalid for nobody; ticket.ErrBusy.
func (p People) Erase(ctx context.Context, who ticket.Person, opts *EraseOptions) (Erasure, error) {
	if opts == nil {
		opts = &EraseOptions{}
	}
	e, err := p.d.erase(ctx, who, *opts)
	return e, failed("erase person", err)
}

func (d *Desk) erase(ctx context.Context, who ticket.Person, opts EraseOptions) (Erasure, error) {
	var done Erasure
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return done, err
	}
	if err := errors.Join(d.mayAtAll(ctx, actor, ActPeople), d.mayAtAll(ctx, actor, ActPurge)); err != nil {
		return done, err
	}
	x, err := d.identity(ctx, who)
	if err != nil {
		return done, err
	}
	ids, err := d.ticketsOf(ctx, x)
	if err != nil {
		return done, err
	}
	done.As = x.As
	// What fails is to be called again: as long as the tickets have the person, all addresses are known by which they wrote.
	if done.Mails, err = d.eraseFromMails(ctx, actor, x); err != nil {
		return done, err
	}
	for _, id := range ids {
		found, err := d.eraseFrom(ctx, actor, id, x, opts)
		if err != nil {
			return done, fmt.Errorf("ticket %d: %w", id, err)
		}
		if found {
			done.Tickets++
		}
	}
	if err := errors.Join(d.eraseFromJournal(ctx, actor, x), d.eraseFromLetters(ctx, actor, x), d.eraseFromLists(ctx, actor, x), d.eraseFromTags(ctx, actor, x)); err != nil {
		return done, err
	}
	return done, d.eraseFromDirectory(ctx, actor, x)
}

func (d *Desk) eraseFrom(ctx context.Context, actor ticket.Actor, id int64, x *identity.Profile, opts EraseOptions) (found bool, err error) {
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		var err error
		for _, key := range x.Keys() {
			err = errors.Join(err, w.tx.Unlink(ctx, linkPerson, key, id))
		}
		if err != nil {
			return err
		}
		err = w.lockUnchecked(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) { // purged meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		s := &scrubber{Scrubber: x.ScrubberAt(id)}
		s.files = opts.Files
		s.requested = x.Requested(id)
		if found, err = w.scrubTicket(ctx, s); err != nil || !found {
			return err
		}
		w.before = w.after.Clone() // nobody has left it
		return w.scrubbed(ctx, "a person was erased")
	})
	return found && err == nil, err
}

// eraseFromJournal takes the person out of the entries that belong to no ticket: refused mails, purged tickets, and the
// changes of their own entry in the directory.
func (d *Desk) eraseFromJournal(ctx context.Context, actor ticket.Actor, x *identity.Profile) error {
	s := x.Scrubber()
	since, after := time.Time{}, int64(0)
	types := []ticket.EventType{ticket.EventMailRejected, ticket.EventPurged, ticket.EventPeople}
	for {
		list, err := d.events(ctx, ticket.EventQuery{Since: since, AfterID: after, Types: types, Limit: ticket.MaxPage})
		if err != nil || len(list) == 0 {
			return err
		}
		last := list[len(list)-1]
		since, after = last.At, last.ID
		_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
			for _, e := range list {
				next, changed, err := redact.Document(s, e)
				if err != nil {
					return err
				}
				for _, id := range x.IDs {
					if e.Type == ticket.EventPeople && e.Subject == "customer/"+id {
						next.Subject, changed = "customer/"+x.As.ID, true
					}
				}
				if !changed {
					continue
				}
				if err := w.tx.PutEvent(ctx, next); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// eraseFromLetters takes the person out of what was told of no ticket: that a mail of theirs was refused.
func (d *Desk) eraseFromLetters(ctx context.Context, actor ticket.Actor, x *identity.Profile) error {
	s := x.Scrubber()
	for after := ""; ; {
		var recs []*store.Record
		_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) (err error) {
			if recs, err = w.tx.Records(ctx, store.RecordQuery{Kind: kindLetter, Parent: record.ID(0), After: after, Limit: pruned}); err != nil {
				return err
			}
			_, err = scrubEach(ctx, w, recs, func(doc json.RawMessage) (json.RawMessage, bool, error) { return redact.Document(s, doc) })
			return err
		})
		if err != nil || len(recs) < pruned {
			return err
		}
		after = recs[len(recs)-1].Key
	}
}

// eraseFromLists takes the person out of what selects many tickets: saved lists and mass actions.
func (d *Desk) eraseFromLists(ctx context.Context, actor ticket.Actor, x *identity.Profile) error {
	s := x.Scrubber()
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		_, views := scrubRecords(ctx, w, store.RecordQuery{Kind: kindView}, "", func(v ticket.View) (ticket.View, bool, error) {
			was := v
			v, changed, err := redact.Document(s, v)
			changed = x.ReplaceIn(&v.Query) || changed
			if err == nil {
				err = w.renameView(ctx, was, v)
			}
			return v, changed, err
		})
		_, actions := scrubRecords(ctx, w, store.RecordQuery{Kind: kindMass}, "", func(v massDoc) (massDoc, bool, error) {
			v, changed, err := redact.Document(s, v)
			changed = x.ReplaceIn(v.Action.Query) || changed
			return v, changed, err
		})
		return errors.Join(views, actions)
	})
	if err != nil {
		return err
	}
	return d.eraseFromResults(ctx, actor, s)
}

// eraseFromResults takes the person out of what the tickets had against mass actions. There may be very many.
func (d *Desk) eraseFromResults(ctx context.Context, actor ticket.Actor, s *redact.Scrubber) error {
	for after := ""; ; {
		var recs []*store.Record
		_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) (err error) {
			if recs, err = w.tx.Records(ctx, store.RecordQuery{Kind: kindMassResult, After: after, Limit: pruned}); err != nil {
				return err
			}
			_, err = scrubEach(ctx, w, recs, func(r ticket.MassResult) (ticket.MassResult, bool, error) { return redact.Document(s, r) })
			return err
		})
		if err != nil || len(recs) < pruned {
			return err
		}
		after = recs[len(recs)-1].Key
	}
}

// eraseFromDirectory removes the entries of the person and of those merged into them. It comes last: until then an
// erasure that broke off can be called again.
func (d *Desk) eraseFromDirectory(ctx context.Context, actor ticket.Actor, x *identity.Profile) error {
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		gone := false
		for _, email := range x.Emails {
			if err := w.tx.DeleteRecord(ctx, kindUndeliverable, undeliverableKey(email)); err != nil {
				return err
			}
		}
		for _, id := range x.IDs {
			c, rec, err := w.customer(ctx, id)
			if err != nil {
				return err
			}
			if err := w.dropMerge(ctx, id); err != nil {
				return err
			}
			if rec.Version == 0 {
				continue
			}
			gone = true
			if err := w.dropEntry(ctx, c); err != nil {
				return err
			}
		}
		if !gone {
			return nil
		}
		return w.record(ctx, &ticket.Event{Type: ticket.EventPeople, Subject: "customer/" + x.As.ID, Detail: "erased"})
	})
	return err
}

func (w *write) dropMerge(ctx context.Context, from string) error {
	if _, merged := w.conf.merged[from]; !merged {
		return nil
	}
	if err := w.tx.DeleteRecord(ctx, kindMerge, from); err != nil {
		return err
	}
	return w.putMerged(ctx, from, "")
}
