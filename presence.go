package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Present says that the acting agent is at a ticket, and answers who else is (I14), those who write first and then by
// id. Whoever does not call it again within Config.PresenceExpiry is gone; a page calls it every third of that, and when
// the agent begins or stops to write. It is cheap: a call that says nothing new writes at most every third of the
// expiry. Nothing is journalled, and customers are neither seen nor told. Every process on the store sees the same.
//
// It warns and refuses nothing: see ticket.ReplyDraft.Seen for what does.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for everybody but agents; ticket.ErrInvalid for an
// unknown activity; ticket.ErrBusy.
func (d *Desk) Present(ctx context.Context, ticketID int64, doing ticket.Activity) ([]ticket.Presence, error) {
	others, err := d.present(ctx, ticketID, doing)
	return others, failed(fmt.Sprintf("say who is at ticket %d", ticketID), err)
}

func (d *Desk) present(ctx context.Context, ticketID int64, doing ticket.Activity) ([]ticket.Presence, error) {
	ctx, actor, err := d.agentAt(ctx)
	if err == nil {
		err = d.writable(ctx)
	}
	if err == nil && doing != ticket.Viewing && doing != ticket.Writing {
		err = ticket.Invalid("activity", ticket.FaultUnknown, "%q is none: use viewing or writing", doing)
	}
	if err != nil {
		return nil, err
	}
	if _, err := d.read(ctx, actor, ticketID); err != nil {
		return nil, err
	}
	var all []ticket.Presence
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		all, err = presences(ctx, r, ticketID)
		return err
	})
	if err != nil {
		return nil, err
	}
	me := ticket.Presence{Agent: actor.ID, Name: actor.Name, Activity: doing}
	if d.newsOf(me, all) {
		if all, err = d.putPresence(ctx, actor, ticketID, me); err != nil {
			return nil, err
		}
	}
	return d.others(me, all), nil
}

// presences lists who was at a ticket, long ago perhaps.
func presences(ctx context.Context, r store.Reader, ticketID int64) (all []ticket.Presence, err error) {
	return all, record.ReadAll(ctx, r, kindPresence, record.ID(ticketID), &all)
}

func (d *Desk) gone(p ticket.Presence) bool { return d.Now().Sub(p.Seen) >= d.cfg.PresenceExpiry }

// newsOf reports whether what somebody says differs enough from what is known to be written.
func (d *Desk) newsOf(me ticket.Presence, all []ticket.Presence) bool {
	was, ok := find(all, func(p ticket.Presence) string { return p.Agent }, me.Agent)
	return !ok || was.Activity != me.Activity || was.Name != me.Name || d.Now().Sub(was.Seen) >= d.cfg.PresenceExpiry/3
}

// others are those who are there, but for me.
func (d *Desk) others(me ticket.Presence, all []ticket.Presence) []ticket.Presence {
	out := slices.DeleteFunc(all, func(p ticket.Presence) bool { return p.Agent == me.Agent || d.gone(p) })
	slices.SortFunc(out, func(a, b ticket.Presence) int {
		return cmp.Or(cmp.Compare(b.Activity, a.Activity), cmp.Compare(a.Agent, b.Agent))
	})
	return out
}

// putPresence writes that somebody is there, and tidies up after those who are gone.
func (d *Desk) putPresence(ctx context.Context, actor ticket.Actor, ticketID int64, me ticket.Presence) (all []ticket.Presence, err error) {
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, ticketID) // a purge waits, or there is nothing to be at
		if err != nil {
			return err
		}
		if err := d.may(ctx, actor, t); err != nil {
			return err
		}
		if all, err = presences(ctx, tx, ticketID); err != nil {
			return err
		}
		me.Since, me.Seen = d.Now(), d.Now()
		for _, p := range all {
			switch {
			case p.Agent == me.Agent && p.Activity == me.Activity && !d.gone(p):
				me.Since = p.Since
			case p.Agent != me.Agent && d.gone(p):
				if err := tx.DeleteRecord(ctx, kindPresence, atTicket(ticketID, p.Agent)); err != nil {
					return err
				}
			}
		}
		return record.Put(ctx, tx, kindPresence, atTicket(ticketID, me.Agent), record.ID(ticketID), me)
	})
	return all, err
}

// sweepPresences removes the presences that are over at tickets to which nobody came since, at most so many at once as
// deliveries.
func (d *Desk) sweepPresences(ctx context.Context) (n int, err error) {
	var over []string
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		over = nil
		for after := ""; ; {
			page, err := r.Records(ctx, store.RecordQuery{Kind: kindPresence, After: after, Limit: pruned})
			if err != nil {
				return err
			}
			for _, rec := range page {
				var p ticket.Presence
				if err := json.Unmarshal(rec.Doc, &p); err != nil {
					return err
				}
				if after = rec.Key; d.gone(p) {
					over = append(over, rec.Key)
				}
			}
			if len(page) < pruned || len(over) >= pruned {
				return nil
			}
		}
	})
	if err != nil || len(over) == 0 {
		return 0, err
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n = 0
		for _, key := range over {
			var p ticket.Presence
			rec, err := tx.Record(ctx, kindPresence, key)
			if errors.Is(err, ticket.ErrNotFound) {
				continue
			}
			if err == nil {
				err = json.Unmarshal(rec.Doc, &p)
			}
			if err == nil && d.gone(p) { // they may have come back meanwhile
				n++
				err = tx.DeleteRecord(ctx, kindPresence, key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Leave says that the acting agent is no longer at a ticket; who was not there is no error. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound; ticket.ErrForbidden for everybody but agents; ticket.ErrBusy.
func (d *Desk) Leave(ctx context.Context, ticketID int64) error {
	return failed(fmt.Sprintf("leave ticket %d", ticketID), d.removeOwn(ctx, kindPresence, ticketID))
}
