package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Reply adds a message to a ticket. A customer's message may reopen the ticket, a reply of staff may assign it, and
// both may set a status, as the settings say. Where the settings have a message after closing open a new ticket, the
// message returned belongs to that one; so it does where a customer's mail comes to a ticket that takes none. What is written to a merged ticket goes to the one that it was merged into.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden; ticket.ErrLocked and ticket.ErrClosed for
// customers whom the ticket takes nothing from; ticket.ErrInvalid for an empty or too long body, or an unknown status;
// ticket.ErrConflict where a draft with Seen comes after a public message that its author had not seen;
// ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) Reply(ctx context.Context, id int64, draft ticket.ReplyDraft) (*ticket.Message, error) {
	if draft.Kind == "" {
		draft.Kind = ticket.KindReply
	}
	m, err := d.say(ctx, id, draft)
	return m, failed(fmt.Sprintf("reply to ticket %d", id), err)
}

// readerOf is who reads the ticket that a message goes to. A sender of mail is shown nothing of it; whether they may write
// is asked later.
func (d *Desk) readerOf(actor ticket.Actor, draft ticket.ReplyDraft) (ticket.Actor, error) {
	if draft.Unproven && !leavesUnproven(actor) {
		return actor, errUnproven()
	}
	if draft.Unproven || byMail(actor) {
		return ticket.System("helpdesk"), nil
	}
	return actor, nil
}

// leavesUnproven reports whether somebody leaves messages that ask for no right on their ticket: gateways do, for the
// senders of mails, and the host's own code.
func leavesUnproven(a ticket.Actor) bool { return byMail(a) || a.Kind == ticket.ActorSystem }

func errUnproven() *ticket.ValidationError {
	return ticket.Invalid("unproven", ticket.FaultNotAllowed, "is what a gateway says of a mail: leave it out")
}

// AddNote adds an internal note, which customers never see. Errors: as Reply; ticket.ErrForbidden for customers.
func (d *Desk) AddNote(ctx context.Context, id int64, draft ticket.ReplyDraft) (*ticket.Message, error) {
	draft.Kind = ticket.KindNote
	m, err := d.say(ctx, id, draft)
	return m, failed(fmt.Sprintf("add note to ticket %d", id), err)
}

// errContinue says that the settings want a message on a closed ticket to open a new one.
var errContinue = errors.New("continues in a new ticket")

func (d *Desk) say(ctx context.Context, id int64, draft ticket.ReplyDraft) (*ticket.Message, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	draft = draft.Clone() // what hooks change is not the caller's
	reader, err := d.readerOf(actor, draft)
	if err != nil {
		return nil, err
	}
	t, err := d.readHolder(ctx, reader, id)
	if err != nil {
		return nil, err
	}
	prepared, err := d.prepareReply(ctx, actor, t, draft)
	if errors.Is(err, errContinue) {
		return d.continueIn(ctx, actor, t, draft, nil)
	}
	if err != nil {
		return nil, err
	}
	draft = prepared
	files, err := d.takeFiles(ctx, actor, t, draft.Files)
	if err != nil {
		return nil, err
	}
	kept := false
	defer func() {
		if !kept {
			files.drop(ctx)
		}
	}()
	var said *ticket.Message
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) (err error) {
		said, err = w.say(ctx, id, draft, files)
		return err
	})
	kept = err == nil || errors.Is(err, errContinue)
	if errors.Is(err, errContinue) {
		return d.continueIn(ctx, actor, t, draft, files)
	}
	return said, err
}

// sayActs are the rights that a message needs. Only staff write to third parties.
func sayActs(r ticket.ReplyDraft) []Action {
	acts := []Action{ActReply, ActNote}
	switch r.Kind {
	case ticket.KindReply:
		acts = acts[:1]
	case ticket.KindNote:
		acts = acts[1:]
	}
	if r.Status != "" {
		acts = append(acts, ActStatus)
	}
	return acts
}

// say is the part inside the transaction.
func (w *write) say(ctx context.Context, id int64, draft ticket.ReplyDraft, files *intake) (*ticket.Message, error) {
	via, err := w.lockHolder(ctx, id, draft)
	if err != nil {
		return nil, err
	}
	if err := w.mayWrite(draft); err != nil {
		return nil, err
	}
	if err := w.unseen(ctx, draft.Seen); err != nil {
		return nil, err
	}
	m, err := w.newMessage(ctx, draft.Kind)
	if err != nil {
		return nil, err
	}
	m.Body, m.HTMLBody, m.Mail, m.Format = draft.Body, draft.HTMLBody, draft.Mail, format(draft.Format)
	m.To, m.Cc, m.Bcc, m.Unproven, m.Encrypted = draft.To, draft.Cc, draft.Bcc, draft.Unproven, draft.Encrypted
	m.Via = via
	if err := w.mention(ctx, m, draft.Mentions); err != nil {
		return nil, err
	}
	if err := w.attach(ctx, m, files); err != nil {
		return nil, err
	}
	if err := w.afterReply(m, draft.Status); err != nil {
		return nil, err
	}
	typ := ticket.EventReplied
	if !m.Kind.Public() {
		typ = ticket.EventNoted
	}
	if err := w.step(ctx, typ, m); err != nil {
		return nil, err
	}
	if err := w.sent(ctx, m); err != nil {
		return nil, err
	}
	return m, w.commit(ctx, &w.d.hooks.TicketMessageGuard)
}

// unseen refuses a message whose author had not seen the last public one, where they say which that was.
func (w *write) unseen(ctx context.Context, seen int64) error {
	if seen == 0 {
		return nil
	}
	m, err := w.tx.Message(ctx, seen)
	if errors.Is(err, ticket.ErrNotFound) || (err == nil && m.TicketID != w.after.ID) {
		return fmt.Errorf("%w: the message that was seen last is no longer in the ticket", ticket.ErrConflict)
	}
	if err != nil || m.Seq == w.after.Seq {
		return err
	}
	newer, err := w.tx.Messages(ctx, ticket.MessageQuery{TicketID: w.after.ID, AfterSeq: m.Seq, Kinds: publicKinds(nil), Limit: 1})
	if err == nil && len(newer) > 0 {
		err = fmt.Errorf("%w: message %d came while the reply was written", ticket.ErrConflict, newer[0].ID)
	}
	return err
}

// lockHolder takes the row that a message to the ticket belongs to: another one's, where the ticket was merged. via is
// the ticket that the message names then.
func (w *write) lockHolder(ctx context.Context, id int64, draft ticket.ReplyDraft) (via int64, err error) {
	for next := id; ; next = w.after.MergedInto {
		if draft.Unproven {
			// Who could not be proven to belong here gets a marked note and sees nothing: no right of theirs is involved.
			err = w.lockUnchecked(ctx, next)
		} else {
			err = w.lock(ctx, next, sayActs(draft)...)
		}
		if err != nil || w.after.MergedInto == 0 || w.after.DeletedAt != nil {
			return via, err
		}
		via = id
	}
}

func (w *write) lockUnchecked(ctx context.Context, id int64) error {
	t, err := w.tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	w.before, w.last, w.after = t, t.Clone(), t.Clone()
	return nil
}

// mayWrite is what the ticket itself has against a message.
func (w *write) mayWrite(draft ticket.ReplyDraft) error {
	t := w.after
	if err := alive(t); err != nil {
		return err
	}
	if !w.actor.IsCustomer() || draft.Unproven || automatic(draft.Mail) {
		return nil
	}
	var err error
	switch s := w.settings(); {
	case t.Locked:
		err = ticket.ErrLocked
	case slices.Contains(s.SilentStatuses, t.Status):
		err = ticket.ErrClosed
	case t.Class != ticket.ClassClosed, s.AfterClose == ticket.AfterCloseReopen:
		return nil
	case s.AfterClose == ticket.AfterCloseLink:
		return errContinue
	case s.AfterClose == ticket.AfterCloseAnswer && byMail(w.actor):
		return errAnswerMail
	default:
		err = ticket.ErrClosed
	}
	if byMail(w.actor) { // nobody is there who could be told: the mail is not lost
		return errContinue
	}
	return err
}

// errAnswerMail says that the settings want a mail to a closed ticket refused, and its sender told.
var errAnswerMail = fmt.Errorf("%w: the settings have mails to it refused: %w", ticket.ErrClosed, ticket.ErrRefused)

// automatic reports whether a robot wrote a message: it is kept, and is nobody's answer.
func automatic(m *ticket.Mail) bool { return m != nil && m.Automatic }

// afterReply is what a message does to its ticket.
func (w *write) afterReply(m *ticket.Message, status string) error {
	t, s := w.after, w.settings()
	customer := w.actor.IsCustomer()
	if m.Unproven || customer && automatic(m.Mail) {
		t.UnreadByStaff = true
		return nil
	}
	if m.Kind.Public() {
		t.LastReplyAt, t.LastReplyBy = w.now, w.actor.Kind
		t.UnreadByClient = !customer
		if customer || w.actor.Kind == ticket.ActorStaff { // an automatic answer is no sign that somebody has read the question
			t.UnreadByStaff = customer
		}
	}
	if m.Kind == ticket.KindReply && w.actor.Kind == ticket.ActorStaff && s.AssignOnReply && t.Assignee == "" {
		t.Assignee, t.AssignedBy = w.actor.ID, w.actor.ID
	}
	switch {
	case status != "":
		if err := w.closingNote(status, m.Body); err != nil {
			return err
		}
		return w.setStatus(status)
	case m.Kind != ticket.KindReply:
		return nil
	case customer && s.StatusOnCustomer != "":
		return w.enterStatus(s.StatusOnCustomer)
	case customer && t.Class.Done():
		return w.enterStatus(cmp.Or(s.ReopenStatus, s.DefaultStatus))
	case w.actor.Kind == ticket.ActorStaff && s.StatusOnStaff != "":
		return w.enterStatus(s.StatusOnStaff)
	}
	return nil
}

// setStatus is enterStatus under the rights of whoever acts: customers may close and reopen, and nothing between.
func (w *write) setStatus(code string) error {
	if err := w.customerMayEnter(code); err != nil {
		return err
	}
	if err := w.checkTransition(code); err != nil {
		return err
	}
	return w.enterStatus(code)
}

func (w *write) customerMayEnter(code string) error {
	if !w.actor.IsCustomer() {
		return nil
	}
	st, ok := w.conf.Status(code)
	reopens := w.after.Class.Done() && code == cmp.Or(w.settings().ReopenStatus, w.settings().DefaultStatus)
	if ok && !st.Class.Done() && !reopens {
		return fmt.Errorf("%w: a customer may close and reopen a ticket only", ticket.ErrForbidden)
	}
	return nil
}

// continueIn opens a ticket for a message that came after the end of another. files are nil where they are still to be
// stored.
func (d *Desk) continueIn(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, r ticket.ReplyDraft, files *intake) (*ticket.Message, error) {
	ctx, next := d.continuation(ctx, t, r)
	draft, err := d.prepareDraft(ctx, actor, next)
	if err != nil {
		return nil, err
	}
	draft.Requester, draft.Organisation = t.Requester, t.Organisation // also where a participant wrote
	if files == nil {
		if files, err = d.takeFiles(ctx, actor, nil, draft.Files); err != nil {
			return nil, err
		}
	}
	w, err := d.createWith(ctx, actor, &draft, files)
	if err != nil {
		return nil, err
	}
	return w.events[0].message, nil
}

// continuation is the ticket that a message opens which came after the end of another.
func (d *Desk) continuation(ctx context.Context, t *ticket.Ticket, r ticket.ReplyDraft) (context.Context, ticket.Draft) {
	department := t.Department
	if dep, ok := d.conf.Load().Department(department); !ok || dep.Inactive {
		department = "" // the default: nobody works there any more
	}
	return context.WithValue(ctx, continuesKey{}, true), ticket.Draft{
		Subject: t.Subject, Body: r.Body, Format: r.Format, HTMLBody: r.HTMLBody, Files: r.Files, Brand: t.Brand, Department: department,
		Participants: t.Participants, Service: t.Service, LinkedTo: t.ID, To: r.To, Cc: r.Cc, Mail: r.Mail.AsFirst(),
		Encrypted: r.Encrypted,
	}
}
