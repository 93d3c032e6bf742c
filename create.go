package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

// CreateTicket opens a ticket with its first message. What the draft leaves empty is taken from the settings. Filters
// run first, then the built-in checks and the gates, and only then anything is stored.
//
// Errors: ticket.ErrNoActor; ticket.ErrInvalid as a ticket.ValidationError, for a draft over the limits, without a
// subject, without body and files, or naming what the catalogue does not have; ticket.ErrExists for a second draft with
// the same External; ticket.ErrForbidden; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) CreateTicket(ctx context.Context, draft ticket.Draft) (*ticket.Ticket, error) {
	t, err := d.create(ctx, draft)
	return t, failed("create ticket", err)
}

func (d *Desk) create(ctx context.Context, draft ticket.Draft) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	given := draft
	draft, err = d.prepareDraft(ctx, actor, draft)
	if err != nil {
		return nil, err
	}
	if err := d.openAccount(ctx, actor, &draft); err != nil {
		return nil, err
	}
	files, err := d.takeFiles(ctx, actor, nil, draft.Files)
	if err != nil {
		return nil, err
	}
	w, err := d.createWith(ctx, actor, &draft, files)
	if err != nil {
		return nil, err
	}
	t := d.show(ctx, actor, w.after)
	if actor.IsCustomer() && t == w.after {
		t = t.Clone() // which is for the guard that opened it
	}
	return shownNew(actor, given, t), nil
}

// shownNew is a new ticket as whoever opened it may see it: with where they wrote from, and, for a guest, without what
// the directory knows of who has the address, for nobody has proven that it is theirs.
func shownNew(a ticket.Actor, given ticket.Draft, t *ticket.Ticket) *ticket.Ticket {
	if !a.IsCustomer() {
		return t
	}
	t.IP, t.UserAgent, t.OriginURL = a.IP, a.UserAgent, a.OriginURL
	if a.Kind == ticket.ActorGuest {
		t.Requester.Name, t.Requester.Email, t.Phone = a.Name, a.Email, given.Phone
	}
	return t
}

// createWith opens a ticket with files that were taken in; where nothing comes of it they are dropped.
func (d *Desk) createWith(ctx context.Context, actor ticket.Actor, draft *ticket.Draft, files *intake) (*write, error) {
	kept := false
	defer func() {
		if !kept {
			files.drop(ctx)
		}
	}()
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.create(ctx, *draft, files) })
	kept = err == nil
	return w, err
}

// create is the part inside the transaction.
func (w *write) create(ctx context.Context, draft ticket.Draft, files *intake) error {
	if err := w.d.identifyAgain(ctx, w.conf, &draft); err != nil {
		return err
	}
	if err := w.d.checkNew(ctx, w.conf, w.actor, &draft); err != nil {
		return err
	}
	if err := w.checkLink(ctx, draft.LinkedTo); err != nil {
		return err
	}
	id, err := w.tx.NewID(ctx, "ticket")
	if err != nil {
		return err
	}
	w.after = w.newTicket(id, &draft)
	if err := w.keepSight(ctx); err != nil {
		return err
	}
	if err := w.reserveExternal(ctx, draft.External); err != nil {
		return err
	}
	if err := w.newCode(ctx); err != nil {
		return err
	}
	m, err := w.newMessage(ctx, ticket.KindReply)
	if err != nil {
		return err
	}
	m.Body, m.HTMLBody, m.Mail, m.To, m.Cc = draft.Body, draft.HTMLBody, draft.Mail, draft.To, draft.Cc
	m.Format, m.Encrypted = format(draft.Format), draft.Encrypted
	if err := w.attach(ctx, m, files); err != nil {
		return err
	}
	w.after.LastReplyAt, w.after.LastReplyBy = w.now, w.actor.Kind
	if err := w.step(ctx, ticket.EventCreated, m); err != nil {
		return err
	}
	if draft.Close {
		if err := w.closeAtOnce(ctx); err != nil {
			return err
		}
	}
	return w.commit(ctx, &w.d.hooks.TicketCreateGuard)
}

// keepSight makes staff who open a ticket that their grants would hide from them a watcher of it: who opens a ticket
// sees it (G04).
func (w *write) keepSight(ctx context.Context) error {
	if w.actor.Kind != ticket.ActorStaff || w.actor.ID == "" || slices.Contains(w.after.Watchers, w.actor.ID) {
		return nil
	}
	sees, err := w.d.decide(ctx, w.conf, w.actor, ActSee, w.after)
	if err == nil && !sees.Allowed {
		w.after.Watchers = append(w.after.Watchers, w.actor.ID)
	}
	return err
}

// checkLink lets a ticket continue one that is there, and that whoever opens it may see. A mail may continue a ticket
// that its sender may not see: they learn nothing of it.
func (w *write) checkLink(ctx context.Context, id int64) error {
	if id == 0 {
		return nil
	}
	t, err := w.tx.Ticket(ctx, id, ticket.Scope{All: true})
	if err == nil && w.actor.Channel != ticket.ChannelEmail {
		err = w.d.allowed(ctx, w.conf, w.actor, t)
	}
	if errors.Is(err, ticket.ErrNotFound) {
		return ticket.Invalid("linked_to", ticket.FaultUnknown, "there is no ticket %d", id)
	}
	return err
}

func (w *write) newTicket(id int64, d *ticket.Draft) *ticket.Ticket {
	a := w.actor
	t := &ticket.Ticket{
		ID: id, External: d.External, Brand: d.Brand, Department: d.Department, Subject: d.Subject, Priority: d.Priority, Folder: d.Folder,
		Requester: d.Requester, Organisation: d.Organisation, Phone: d.Phone, Participants: d.Participants, Assignee: d.Assignee, Watchers: d.Watchers,
		Channel: a.Channel, OriginURL: a.OriginURL, IP: a.IP, UserAgent: a.UserAgent, Service: d.Service, Related: d.Related, LinkedTo: d.LinkedTo,
		Tags: d.Tags, Fields: d.Fields, CreatedAt: w.now, UpdatedAt: w.now,
		UnreadByStaff: a.IsCustomer(), UnreadByClient: !a.IsCustomer(),
	}
	t.Gateway = setup.FormOf(d)
	if d.Assignee != "" {
		t.AssignedBy = a.ID
	}
	st, _ := w.conf.Status(d.Status)
	t.Status, t.Class = st.Code, st.Class
	s := w.conf.SettingsOf(t)
	t.SolvedAt = since(w.conf.Solved(s, st.Code), nil, w.now)
	t.ClosedAt = since(st.Class == ticket.ClassClosed, nil, w.now)
	if slices.Contains(s.ArchiveStatuses, st.Code) && t.Folder == ticket.Inbox {
		t.Folder = ticket.Archive
	}
	return t
}

// closeAtOnce closes a ticket that was settled elsewhere, as a change of its own, so that those who wait for closing
// hear of it.
func (w *write) closeAtOnce(ctx context.Context) error {
	code, err := w.conf.Closing(ticket.ClassClosed, ticket.ClassSolved)
	if err != nil {
		return err
	}
	if err := w.enterStatus(code); err != nil {
		return err
	}
	return w.step(ctx, ticket.EventUpdated, nil)
}

func (w *write) reserveExternal(ctx context.Context, external string) error {
	if external == "" {
		return nil
	}
	holder, err := w.tx.Reserve(ctx, keyExternal, external, w.after.ID)
	if err == nil && holder != w.after.ID {
		return fmt.Errorf("%w: another ticket has the external id %q", ticket.ErrExists, external)
	}
	return err
}
