package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// CheckReply says what Reply would refuse, without writing anything, as CheckTicket does for a new ticket: filters,
// built-in checks, what the ticket's status has against it, and gates, with the fields of all of them in the
// ticket.ValidationError that errors.As finds. A draft with Kind ticket.KindNote is checked as AddNote would. Files are
// checked by their names and sizes, as CheckTicket does. Errors: as Reply, but for ticket.ErrConflict.
func (d *Desk) CheckReply(ctx context.Context, id int64, draft ticket.ReplyDraft) error {
	if draft.Kind == "" {
		draft.Kind = ticket.KindReply
	}
	return failed(fmt.Sprintf("check reply to ticket %d", id), d.tryReply(ctx, id, draft))
}

func (d *Desk) tryReply(ctx context.Context, id int64, draft ticket.ReplyDraft) error {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return err
	}
	d.trying(ctx)
	if _, err := d.config(ctx); err != nil { // no transaction will look at the newest
		return err
	}
	reader, err := d.readerOf(actor, draft)
	if err != nil {
		return err
	}
	t, err := d.readHolder(ctx, reader, id)
	if err != nil {
		return err
	}
	draft = draft.Clone() // what hooks change is not the caller's
	d.checking(ctx)
	filled, after, err := d.completeReply(ctx, actor, t, draft.Clone())
	if errors.Is(err, errContinue) {
		ctx, next := d.continuation(ctx, t, draft)
		return d.tryDraft(ctx, actor, next)
	}
	if after == nil {
		return err
	}
	return heardBy(err, d.gateReply(ctx, actor, t, after, filled))
}

// prepareReply is what happens to a message outside the transaction.
func (d *Desk) prepareReply(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, draft ticket.ReplyDraft) (ticket.ReplyDraft, error) {
	draft, after, err := d.completeReply(ctx, actor, t, draft)
	if err != nil {
		return draft, err
	}
	return draft, d.gateReply(ctx, actor, t, after, draft)
}

// completeReply is what comes before the gates. after is the ticket with what the message does to it, and nil where it has
// not come so far.
func (d *Desk) completeReply(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, draft ticket.ReplyDraft) (_ ticket.ReplyDraft, after *ticket.Ticket, err error) {
	cleanNames(draft.Files)
	if draft.Unproven {
		draft.Kind, draft.Status = ticket.KindNote, ""
	} else if err := d.may(ctx, actor, t, sayActs(draft)...); err != nil {
		return draft, nil, err
	}
	var s ticket.Settings
	err = d.tryConfig(ctx, func(conf *config) error {
		s = conf.SettingsOf(t)
		return (&write{d: d, conf: conf, actor: actor, after: t}).mayWrite(draft)
	})
	if err != nil {
		return draft, nil, err
	}
	body := draft.Body
	if err := d.filterText(ctx, actor, nil, &draft.Body); err != nil {
		return draft, nil, err
	}
	if f := &d.hooks.TicketReplyDraft; !f.Empty() {
		in := hooks.Replying{Actor: actor, Ticket: t.Clone(), Draft: &draft, Checking: d.isChecking(ctx)}
		if err := f.Run(ctx, &in); err != nil {
			return draft, nil, err
		}
		draft = filtered(in.Draft, draft)
	}
	if draft.Body != body {
		unfold(draft.Mail)
	}
	wrong := d.checkReply(s, actor, &draft)
	var files ticket.ValidationError
	d.checkContents(ctx, &files, s, actor, t.FileBytes, draft.Files)
	draft.Files = admit(s, actor, draft.Files)
	whom, unheard := d.mentionsIn(ctx, actor, t, draft.Kind, draft.Body, draft.Mentions)
	draft.Mentions = whom
	err = d.tryConfig(ctx, func(conf *config) error {
		w := &write{d: d, conf: conf, actor: actor, now: d.Now(), before: t, after: t.Clone()}
		after = w.after
		return w.afterReply(&ticket.Message{Kind: draft.Kind, Body: draft.Body, Unproven: draft.Unproven, Mail: draft.Mail}, draft.Status)
	})
	return draft, after, together(wrong, files.Err(), unheard, err)
}

// together makes one ticket.ValidationError of several; another error goes before them.
func together(errs ...error) error {
	var all ticket.ValidationError
	for _, err := range errs {
		var v *ticket.ValidationError
		switch {
		case err == nil:
		case errors.As(err, &v):
			all.Fields = append(all.Fields, v.Fields...)
		default:
			return err
		}
	}
	return all.Err()
}

func (d *Desk) checkReply(s ticket.Settings, actor ticket.Actor, r *ticket.ReplyDraft) error {
	var e ticket.ValidationError
	d.checkBody(&e, r.Body, r.HTMLBody, r.Format, r.Files, actor.Channel == ticket.ChannelEmail)
	d.checkSealer(&e, r.Encrypted)
	switch r.Kind {
	case ticket.KindReply, ticket.KindNote, ticket.KindThirdParty, ticket.KindConfided:
	default:
		e.Add("kind", ticket.FaultUnknown, "%q is no kind of message", r.Kind)
	}
	d.checkPeople(&e, []named[[]ticket.Person]{{"to", r.To}, {"cc", r.Cc}, {"bcc", r.Bcc}})
	e.CheckLine("status", r.Status, d.cfg.Limits.Text)
	checkMail(&e, actor, r.Mail, r.Body)
	if r.Unproven && !leavesUnproven(actor) {
		e.Fields = append(e.Fields, errUnproven().Fields...)
	}
	checkFiles(&e, s, actor, r.Files)
	return e.Err()
}

// gateReply shows the gates the message, and what it does to the ticket: a status that it carries, and what the settings
// make of it.
func (d *Desk) gateReply(ctx context.Context, actor ticket.Actor, t, after *ticket.Ticket, draft ticket.ReplyDraft) error {
	limit := d.gateLimit(ctx)
	gate := &d.hooks.TicketReplyValidation
	if !draft.Kind.Public() {
		gate = &d.hooks.TicketNoteValidation
	}
	var errs []error
	if !gate.Empty() {
		seen := draft
		errs = append(errs, gate.RunWithin(ctx, limit, hooks.Replying{Actor: actor, Ticket: t.Clone(), Draft: &seen, Checking: d.isChecking(ctx)}))
	}
	errs = append(errs, d.gateFiles(ctx, actor, t, draft.Files))
	return mergeRefusals(append(errs, d.gateEffects(ctx, actor, t, after)...)...)
}

// gateEffects asks the gates for the status and the assignee about what comes with a message.
func (d *Desk) gateEffects(ctx context.Context, actor ticket.Actor, t, after *ticket.Ticket) (errs []error) {
	assigns, turns := &d.hooks.TicketAssignValidation, &d.hooks.TicketStatusValidation
	assigned, turned := after.Assignee != t.Assignee && !assigns.Empty(), after.Status != t.Status && !turns.Empty()
	if !assigned && !turned {
		return nil
	}
	in := hooks.Updating{Actor: actor, Ticket: t.Clone(), After: after, Patch: &ticket.Patch{}, Changes: ticket.Diff(t, after)}
	if after.Status != t.Status {
		in.Patch.Status = &after.Status
	}
	if after.Assignee != t.Assignee {
		in.Patch.Assignee = &after.Assignee
	}
	if assigned {
		errs = append(errs, assigns.RunWithin(ctx, d.gateLimit(ctx), in))
	}
	if turned {
		errs = append(errs, turns.RunWithin(ctx, d.gateLimit(ctx), in))
	}
	return errs
}
