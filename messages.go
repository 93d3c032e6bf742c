package helpdesk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Messages lists messages of a ticket in their order, as many as q.Limit says; AllMessages goes through all. Customers
// see the public ones. An encrypted message whose key is missing is listed without its body and with Sealed set. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrInvalid for a query of another ticket.
func (d *Desk) Messages(ctx context.Context, id int64, q ticket.MessageQuery) ([]*ticket.Message, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("list messages", err)
	}
	if _, err := d.read(ctx, actor, id); err != nil {
		return nil, failed(fmt.Sprintf("list messages of ticket %d", id), err)
	}
	if q.TicketID != 0 && q.TicketID != id {
		return nil, failed(fmt.Sprintf("list messages of ticket %d", id), ticket.Invalid("ticket_id", ticket.FaultConflicting, "is another ticket's: leave it out"))
	}
	q.TicketID = id
	notes, err := d.seesNotes(ctx, actor)
	if err != nil {
		return nil, failed(fmt.Sprintf("list messages of ticket %d", id), err)
	}
	if !notes {
		if q.Kinds = publicKinds(q.Kinds); len(q.Kinds) == 0 {
			return nil, nil
		}
	}
	var out []*ticket.Message
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Messages(ctx, q)
		return err
	})
	for _, m := range out {
		veil(m, notes)
	}
	if err == nil {
		err = d.openEach(ctx, out)
	}
	return out, failed(fmt.Sprintf("list messages of ticket %d", id), err)
}

// AllMessages goes through every message of the query, from q.AfterSeq on; what comes while it goes on comes, too. It
// ends with the first error, which comes with a nil message. Errors: as Messages.
func (d *Desk) AllMessages(ctx context.Context, id int64, q ticket.MessageQuery) iter.Seq2[*ticket.Message, error] {
	return func(yield func(*ticket.Message, error) bool) {
		q.Limit = ticket.MaxPage
		for {
			list, err := d.Messages(ctx, id, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, m := range list {
				if !yield(m, nil) {
					return
				}
				q.AfterSeq = m.Seq
			}
			if len(list) < q.Limit {
				return
			}
		}
	}
}

func publicKinds(kinds []ticket.MessageKind) []ticket.MessageKind {
	if len(kinds) == 0 {
		return []ticket.MessageKind{ticket.KindReply, ticket.KindThirdParty}
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k ticket.MessageKind) bool { return !k.Public() })
}

// EditMessage gives a message another body. The old one is kept and can be read with Revisions; both stay encrypted if
// the message is. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden, for customers; ticket.ErrInvalid
// for an empty or too long body; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) EditMessage(ctx context.Context, id int64, body string) (*ticket.Message, error) {
	m, err := d.edit(ctx, hooks.Editing{Body: body}, id, func(ctx context.Context, w *write, m *ticket.Message, now []ticket.Mention) error {
		if err := w.keepRevision(ctx, m); err != nil {
			return err
		}
		if err := w.mention(ctx, m, now); err != nil {
			return err
		}
		m.Body, m.HTMLBody, m.Sealed, m.EditedAt = body, "", false, &w.now
		unfold(m.Mail)
		return w.step(ctx, ticket.EventMessageEdited, m)
	})
	return m, failed(fmt.Sprintf("edit message %d", id), err)
}

// DeleteMessage removes body, files and old versions of a message for good. Its place in the thread stays, with
// DeletedAt set. Errors: as EditMessage.
func (d *Desk) DeleteMessage(ctx context.Context, id int64) (*ticket.Message, error) {
	m, err := d.edit(ctx, hooks.Editing{Delete: true}, id, func(ctx context.Context, w *write, m *ticket.Message, _ []ticket.Mention) error {
		if err := w.forget(ctx, m); err != nil {
			return err
		}
		w.after.FileBytes = max(0, w.after.FileBytes-bytesOf(m))
		m.Body, m.HTMLBody, m.Sealed, m.Files, m.Mentions, m.DeletedAt = "", "", false, nil, nil, &w.now
		if m.Mail != nil {
			m.Mail.Raw, m.Mail.Folds = "", nil
		}
		if err := w.unindex(ctx); err != nil {
			return err
		}
		return w.step(ctx, ticket.EventMessageDeleted, m)
	})
	return m, failed(fmt.Sprintf("delete message %d", id), err)
}

// edit is the frame of both.
func (d *Desk) edit(ctx context.Context, in hooks.Editing, id int64, fn func(context.Context, *write, *ticket.Message, []ticket.Mention) error) (*ticket.Message, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	m, t, err := d.readMessage(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, t, ActEdit); err != nil {
		return nil, err
	}
	if err := alive(t); err != nil {
		return nil, err
	}
	if in.Delete && actor.IsCustomer() {
		return nil, fmt.Errorf("%w: customers delete no messages", ticket.ErrForbidden)
	}
	if err := d.checkEdit(in); err != nil {
		return nil, err
	}
	if err := d.openEach(ctx, []*ticket.Message{m}); err != nil {
		return nil, err
	}
	if g := &d.hooks.TicketMessageValidation; !g.Empty() {
		in.Actor, in.Ticket, in.Message = actor, t.Clone(), m.Clone()
		if err := g.RunWithin(ctx, d.gateLimit(ctx), in); err != nil {
			return nil, err
		}
	}
	mentions, err := d.mentionsAfter(ctx, actor, t, m, in.Body)
	if err != nil {
		return nil, err
	}
	var out *ticket.Message
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, m.TicketID, ActEdit); err != nil {
			return err
		}
		if err := alive(w.after); err != nil {
			return err
		}
		now, err := w.tx.Message(ctx, id)
		if err != nil {
			return err
		}
		if now.DeletedAt != nil {
			return fmt.Errorf("%w: the message is deleted", ticket.ErrNotFound)
		}
		if err := w.mayEditMessage(ctx, now); err != nil {
			return err
		}
		out = now
		if err := fn(ctx, w, now, mentions); err != nil {
			return err
		}
		return w.commit(ctx, &d.hooks.TicketMessageGuard)
	})
	return out, err
}

func (d *Desk) checkEdit(in hooks.Editing) error {
	if in.Delete {
		return nil
	}
	var e ticket.ValidationError
	if strings.TrimSpace(in.Body) == "" {
		e.Add("body", ticket.FaultRequired, "is empty: write something, or delete the message")
	}
	e.CheckText("body", in.Body, d.cfg.Limits.Body)
	return e.Err()
}

// kindRevision is the kind of records that hold a message as it was before an edit.
const kindRevision = "revision"

func revisionParent(messageID int64) string { return strconv.FormatInt(messageID, 10) }

func (w *write) keepRevision(ctx context.Context, m *ticket.Message) error {
	key := fmt.Sprintf("%d/%012d", m.ID, w.after.Version)
	return record.Put(ctx, w.tx, kindRevision, key, revisionParent(m.ID), m)
}

// Revisions lists a message as it was before each edit, the oldest first. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound; ticket.ErrForbidden for customers.
func (d *Desk) Revisions(ctx context.Context, id int64) ([]*ticket.Message, error) {
	out, err := d.revisions(ctx, id)
	return out, failed(fmt.Sprintf("list revisions of message %d", id), err)
}

func (d *Desk) revisions(ctx context.Context, id int64) ([]*ticket.Message, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	_, t, err := d.readMessage(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, t, ActHistory); err != nil {
		return nil, err
	}
	var out []*ticket.Message
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		return record.ReadAll(ctx, r, kindRevision, revisionParent(id), &out)
	})
	if err == nil {
		err = d.openEach(ctx, out)
	}
	return out, err
}

// MarkRead takes the mark off that somebody has something to read: for a customer their own, for staff the desk's.
// Staff's mark also goes when staff reply or close, and not by looking (G05). Errors: ticket.ErrNoActor,
// ticket.ErrNotFound.
func (d *Desk) MarkRead(ctx context.Context, id int64) (*ticket.Ticket, error) {
	t, err := d.markRead(ctx, id)
	return t, failed(fmt.Sprintf("mark ticket %d read", id), err)
}

func (d *Desk) markRead(ctx context.Context, id int64) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := alive(t); err != nil {
		return nil, err
	}
	if (actor.IsCustomer() && !t.UnreadByClient) || (!actor.IsCustomer() && !t.UnreadByStaff) {
		return d.show(ctx, actor, t), nil
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, id, ActSee); err != nil {
			return err
		}
		if err := alive(w.after); err != nil {
			return err
		}
		if actor.IsCustomer() {
			w.after.UnreadByClient = false
		} else {
			w.after.UnreadByStaff = false
		}
		if err := w.step(ctx, ticket.EventRead, nil); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.after), nil
}

// unfold takes the folds away that no longer fit a body, and returns them.
func unfold(m *ticket.Mail) []ticket.Fold {
	if m == nil {
		return nil
	}
	folds := m.Folds
	m.Folds = nil
	return folds
}
