package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What agents leave at a ticket while they work on it: one record for each agent and ticket, whose key is
// "<ticket>/<agent>". None of it is in the journal, and none of it changes the ticket.
const (
	kindDraft    = "draft"    // its parent is the agent
	kindPresence = "presence" // its parent is the ticket
)

func atTicket(ticketID int64, agent string) string {
	return strconv.FormatInt(ticketID, 10) + "/" + agent
}

// agentAt returns the acting agent's id. Errors: ticket.ErrNoActor; ticket.ErrForbidden for everybody else.
func (d *Desk) agentAt(ctx context.Context) (context.Context, ticket.Actor, error) {
	ctx, actor, err := d.enter(ctx)
	if err == nil && (actor.Kind != ticket.ActorStaff || actor.ID == "") {
		err = fmt.Errorf("%w: this is for agents, as ticket.Staff names them", ticket.ErrForbidden)
	}
	return ctx, actor, err
}

// Drafts are the replies that agents are writing (M11).
type Drafts struct{ d *Desk }

// Drafts returns the group of verbs for drafts.
func (d *Desk) Drafts() Drafts { return Drafts{d} }

// Save keeps what the acting agent has written so far for a ticket, in place of what they had saved for it, and
// returns it as it is kept. It is made to be called every few seconds: it writes one small record, fires no hook,
// journals nothing and leaves UpdatedAt alone. Files are no part of a draft. The draft goes away when the agent sends a
// message of its side to the ticket, public or internal, and with a purge of the ticket.
//
// Of two who save, the later one stays, unless the Version says that somebody meant another draft. A draft may be empty.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, for a deleted ticket too; ticket.ErrForbidden for everybody but agents
// with the right to send it; ticket.ErrConflict; ticket.ErrInvalid for what Reply would refuse whatever it is filled
// with; ticket.ErrBusy.
func (g Drafts) Save(ctx context.Context, ticketID int64, draft ticket.SavedDraft) (ticket.SavedDraft, error) {
	out, err := g.d.saveDraft(ctx, ticketID, draft)
	return out, failed(fmt.Sprintf("save draft for ticket %d", ticketID), err)
}

func (d *Desk) saveDraft(ctx context.Context, ticketID int64, s ticket.SavedDraft) (ticket.SavedDraft, error) {
	none := ticket.SavedDraft{}
	ctx, actor, err := d.agentAt(ctx)
	if err == nil {
		err = d.writable(ctx)
	}
	if err == nil {
		err = d.checkSavedDraft(&s)
	}
	if err != nil {
		return none, err
	}
	if err := d.maySave(ctx, actor, ticketID, s.Kind); err != nil { // the transaction must not wait for a directory
		return none, err
	}
	had := s.Version
	s.TicketID, s.Agent, s.SavedAt = ticketID, actor.ID, d.Now()
	key := atTicket(ticketID, actor.ID)
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, ticketID) // a purge waits for the draft, or the draft finds nothing
		if err != nil {
			return err
		}
		if err := d.may(ctx, actor, t, sayActs(ticket.ReplyDraft{Kind: s.Kind})...); err != nil {
			return err
		}
		if err := alive(t); err != nil {
			return err
		}
		if err := sameDraft(ctx, tx, key, had); err != nil {
			return err
		}
		if s.Version, err = tx.NewID(ctx, "draft"); err != nil {
			return err
		}
		stored, err := d.sealedDraft(ctx, s)
		if err != nil {
			return err
		}
		return record.Put(ctx, tx, kindDraft, key, actor.ID, stored)
	})
	if err != nil {
		return none, err
	}
	return s, nil
}

// maySave asks for the right to send what is saved.
func (d *Desk) maySave(ctx context.Context, actor ticket.Actor, ticketID int64, kind ticket.MessageKind) error {
	t, err := d.read(ctx, actor, ticketID)
	if err != nil {
		return err
	}
	return d.may(ctx, actor, t, sayActs(ticket.ReplyDraft{Kind: kind})...)
}

// checkSavedDraft fills in the defaults and checks the rest.
func (d *Desk) checkSavedDraft(s *ticket.SavedDraft) error {
	s.Sealed, s.Format = false, format(s.Format)
	if s.Kind == "" {
		s.Kind = ticket.KindReply
	}
	r := s.Reply()
	if r.Body == "" {
		r.Body = "still empty" // which a message may not be
	}
	return d.checkReply(ticket.DefaultSettings(), ticket.Actor{Kind: ticket.ActorStaff}, &r)
}

// sameDraft refuses to save over a draft that is not the one with the version, if there is one to compare.
func sameDraft(ctx context.Context, r store.Reader, key string, version int64) error {
	if version == 0 {
		return nil
	}
	was, err := draftAt(ctx, r, key)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		return fmt.Errorf("%w: the draft was sent or discarded", ticket.ErrConflict)
	case err == nil && was.Version != version:
		return fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, was.Version, version)
	}
	return err
}

func draftAt(ctx context.Context, r store.Reader, key string) (s ticket.SavedDraft, err error) {
	rec, err := r.Record(ctx, kindDraft, key)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(rec.Doc, &s)
}

// Get returns what the acting agent has saved for a ticket. Errors: ticket.ErrNoActor; ticket.ErrNotFound, also where
// they have saved nothing; ticket.ErrForbidden for everybody but agents; ticket.ErrSealed, beside the draft without its
// body, for an encrypted one whose key is missing.
func (g Drafts) Get(ctx context.Context, ticketID int64) (ticket.SavedDraft, error) {
	s, err := g.d.draft(ctx, ticketID)
	return s, failed(fmt.Sprintf("read draft for ticket %d", ticketID), err)
}

func (d *Desk) draft(ctx context.Context, ticketID int64) (s ticket.SavedDraft, err error) {
	ctx, actor, err := d.agentAt(ctx)
	if err != nil {
		return s, err
	}
	if _, err := d.read(ctx, actor, ticketID); err != nil {
		return s, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		s, err = draftAt(ctx, r, atTicket(ticketID, actor.ID))
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		err = fmt.Errorf("%w: nothing is saved", ticket.ErrNotFound)
	}
	if err != nil {
		return ticket.SavedDraft{}, err
	}
	return s, d.openDraft(ctx, &s)
}

// List lists what the acting agent has saved, the latest first, for tickets that they may still see and that are not
// deleted. An encrypted draft whose key is missing is listed without its body and with Sealed set. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden for everybody but agents.
func (g Drafts) List(ctx context.Context) ([]ticket.SavedDraft, error) {
	list, err := g.d.drafts(ctx)
	return list, failed("list drafts", err)
}

func (d *Desk) drafts(ctx context.Context) ([]ticket.SavedDraft, error) {
	ctx, actor, err := d.agentAt(ctx)
	if err != nil {
		return nil, err
	}
	var all, out []ticket.SavedDraft
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		all = nil
		return record.ReadAll(ctx, r, kindDraft, actor.ID, &all)
	})
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		t, err := d.read(ctx, actor, s.TicketID)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && t.DeletedAt != nil) {
			continue
		}
		if err == nil {
			err = d.openDraft(ctx, &s)
		}
		if err != nil && !errors.Is(err, ticket.ErrSealed) {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b ticket.SavedDraft) int {
		return cmp.Or(b.SavedAt.Compare(a.SavedAt), cmp.Compare(b.Version, a.Version))
	})
	return out, nil
}

// Discard removes what the acting agent has saved for a ticket; nothing saved is no error. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for everybody but agents; ticket.ErrBusy.
func (g Drafts) Discard(ctx context.Context, ticketID int64) error {
	return failed(fmt.Sprintf("discard draft for ticket %d", ticketID), g.d.removeOwn(ctx, kindDraft, ticketID))
}

// removeOwn removes the acting agent's record of a kind at a ticket.
func (d *Desk) removeOwn(ctx context.Context, kind string, ticketID int64) error {
	ctx, actor, err := d.agentAt(ctx)
	if err != nil {
		return err
	}
	if err := d.writable(ctx); err != nil {
		return err
	}
	if _, err := d.read(ctx, actor, ticketID); err != nil {
		return err
	}
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.DeleteRecord(ctx, kind, atTicket(ticketID, actor.ID))
	})
}

// sent removes the draft that the message was, in the transaction that stores the message. A note leaves the draft of a
// reply alone, and the other way round.
func (w *write) sent(ctx context.Context, m *ticket.Message) error {
	if w.actor.Kind != ticket.ActorStaff || w.actor.ID == "" || m.Unproven {
		return nil
	}
	at := w.after.ID
	if m.Via != 0 { // it was written for a merged ticket, and so was its draft
		at = m.Via
	}
	key := atTicket(at, w.actor.ID)
	s, err := draftAt(ctx, w.tx, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil || s.Kind.Public() != m.Kind.Public() {
		return err
	}
	return w.tx.DeleteRecord(ctx, kindDraft, key)
}

// forgetWriting removes what stands beside a ticket that is purged: drafts, presences, the count of its links.
func (w *write) forgetWriting(ctx context.Context, ticketID int64) error {
	for _, kind := range []string{kindDraft, kindPresence} {
		for after := atTicket(ticketID, ""); ; {
			page, err := w.tx.Records(ctx, store.RecordQuery{Kind: kind, After: after, Limit: 100})
			if err != nil {
				return err
			}
			of := 0
			for _, rec := range page {
				if !strings.HasPrefix(rec.Key, atTicket(ticketID, "")) {
					break
				}
				if err := w.tx.DeleteRecord(ctx, kind, rec.Key); err != nil {
					return err
				}
				of, after = of+1, rec.Key
			}
			if of < 100 {
				break
			}
		}
	}
	return w.tx.DeleteRecord(ctx, kindLinks, strconv.FormatInt(ticketID, 10))
}

func draftPlace(s ticket.SavedDraft) string {
	return fmt.Sprintf("draft/%d/%s", s.TicketID, s.Agent)
}

// sealedDraft returns a draft as it goes into the store.
func (d *Desk) sealedDraft(ctx context.Context, s ticket.SavedDraft) (ticket.SavedDraft, error) {
	if !s.Encrypted || s.Body+s.HTMLBody == "" {
		return s, nil
	}
	text, err := d.seal(ctx, draftPlace(s), bodies{s.Body, s.HTMLBody})
	s.Body, s.HTMLBody, s.Sealed = text, "", true
	return s, err
}

// openDraft makes a draft from the store clear, in place, as openMessage does.
func (d *Desk) openDraft(ctx context.Context, s *ticket.SavedDraft) error {
	if !s.Sealed {
		return nil
	}
	text := s.Body
	s.Body = ""
	b, err := d.unseal(ctx, draftPlace(*s), text)
	if err == nil {
		s.Body, s.HTMLBody, s.Sealed = b.Body, b.HTML, false
	}
	return err
}
