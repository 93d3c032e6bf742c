package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
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

// CheckTicket says what CreateTicket would refuse, without opening anything: filters, built-in checks and gates. It is
// for live validation of forms and for gates that talk to other systems, ahead of a transaction. The gates are asked
// even where the built-in checks have something against the draft, which CreateTicket spares them: the
// ticket.ValidationError that errors.As finds has the fields of both. ticket.ErrRefused holds where a gate refused, and
// ticket.ErrHookFailed where one failed, whatever else is wrong: then the fields are not all that there is to say.
//
// Files that somebody has chosen are checked by Upload.Name and Size, and need no Content; none is read. Beyond what
// CreateTicket refuses, a file is refused here whose name alone would be kept, because its type is blocked. Errors: as
// CreateTicket.
func (d *Desk) CheckTicket(ctx context.Context, draft ticket.Draft) error {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		d.trying(ctx)
		_, err = d.config(ctx) // no transaction will look at the newest
	}
	if err == nil {
		err = d.tryDraft(ctx, actor, draft)
	}
	return failed("check ticket", err)
}

// tryDraft asks the gates even of a draft that the built-in checks have something against, so that a form shows all of
// it at once.
func (d *Desk) tryDraft(ctx context.Context, actor ticket.Actor, draft ticket.Draft) error {
	d.checking(ctx)
	_, filled, err := d.completeDraft(ctx, actor, draft)
	var checks *ticket.ValidationError
	if filled == nil || (err != nil && !errors.As(err, &checks)) {
		return err
	}
	return heardBy(err, d.gateDraft(ctx, actor, *filled))
}

// checking notes that the verb of ctx is asked by a form: hooks hear of it.
func (d *Desk) checking(ctx context.Context) {
	if f, ok := ctx.Value(foundKey{d}).(*found); ok {
		f.checking = true
	}
}

func (d *Desk) isChecking(ctx context.Context) bool {
	f, ok := ctx.Value(foundKey{d}).(*found)
	return ok && f.checking
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
	w, err := d.createWith(ctx, actor, draft, files)
	if err != nil {
		return nil, err
	}
	return shownNew(actor, given, d.show(ctx, actor, w.after)), nil
}

// shownNew is a new ticket as whoever opened it may see it: with where they wrote from, and, for a guest, without what
// the directory knows of who has the address, for nobody has proven that it is theirs.
func shownNew(a ticket.Actor, given ticket.Draft, t *ticket.Ticket) *ticket.Ticket {
	if !a.IsCustomer() {
		return t
	}
	t = t.Clone()
	t.IP, t.UserAgent, t.OriginURL = a.IP, a.UserAgent, a.OriginURL
	if a.Kind == ticket.ActorGuest {
		t.Requester.Name, t.Requester.Email, t.Phone = a.Name, a.Email, given.Phone
	}
	return t
}

// createWith opens a ticket with files that were taken in; where nothing comes of it they are dropped.
func (d *Desk) createWith(ctx context.Context, actor ticket.Actor, draft ticket.Draft, files *intake) (*write, error) {
	kept := false
	defer func() {
		if !kept {
			files.drop(ctx)
		}
	}()
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.create(ctx, draft, files) })
	kept = err == nil
	return w, err
}

// prepareDraft is what happens to a draft outside the transaction.
func (d *Desk) prepareDraft(ctx context.Context, actor ticket.Actor, draft ticket.Draft) (ticket.Draft, error) {
	draft, filled, err := d.completeDraft(ctx, actor, draft)
	if err != nil {
		return draft, err
	}
	return draft, d.gateDraft(ctx, actor, *filled)
}

// completeDraft is what comes before the gates. filled is the draft with the defaults that it has for now, and nil where
// it has not come so far.
func (d *Desk) completeDraft(ctx context.Context, actor ticket.Actor, draft ticket.Draft) (_ ticket.Draft, filled *ticket.Draft, err error) {
	if err := d.mayOpen(ctx, actor, &draft); err != nil {
		return draft, filled, err
	}
	draft = draft.Clone() // what hooks change is not the caller's
	cleanNames(draft.Files)
	if actor.IsCustomer() {
		draft.Requester = actor.Person()
		if err := checkCustomerDraft(actor, draft); err != nil {
			return draft, filled, err
		}
	}
	if err := d.filterText(ctx, actor, &draft.Subject, &draft.Body); err != nil {
		return draft, filled, err
	}
	if !d.hooks.TicketDraft.Empty() {
		in := hooks.Creating{Actor: actor, Draft: &draft, Checking: d.isChecking(ctx)}
		if err := d.hooks.TicketDraft.Run(ctx, &in); err != nil {
			return draft, filled, err
		}
		draft = filtered(in.Draft, draft)
	}
	if err := d.identify(ctx, d.conf.Load(), &draft); err != nil {
		return draft, filled, err
	}
	// What is passed on is the draft without the defaults: those are taken inside the transaction, from the settings as
	// they are then.
	err = d.tryConfig(ctx, func(conf *config) error {
		f := draft.Clone()
		filled = &f
		err := d.checkNew(ctx, conf, actor, filled)
		if len(f.Files) > 0 {
			f.Files = admit(conf.SettingsFor(filled), actor, f.Files)
		}
		return err
	})
	if err != nil {
		return draft, filled, err
	}
	if err := d.checkSight(ctx, actor, nil, assigned(actor, filled)); err != nil {
		return draft, filled, err
	}
	draft.Files = filled.Files
	return draft, filled, nil
}

// mayOpen asks for the right to open a ticket where the draft would put it, before anything else looks at the draft. What
// holds in a place that the actor cannot choose is not told by way of it.
func (d *Desk) mayOpen(ctx context.Context, actor ticket.Actor, draft *ticket.Draft) error {
	return d.tryConfig(ctx, func(conf *config) error {
		place := *draft
		conf.FillPlace(&place)
		if refusedPlace(ctx, conf, actor, draft) != nil {
			place.Department = noDepartment
		}
		return d.authorize(ctx, conf, actor, ActCreate, ticketToBe(actor, &place))
	})
}

// refusedPlace is what customers are told of a place that they cannot choose; nil where they can.
func refusedPlace(ctx context.Context, conf *config, actor ticket.Actor, draft *ticket.Draft) []ticket.FieldError {
	if !chooses(ctx, actor) {
		return nil
	}
	place := *draft
	conf.FillPlace(&place)
	var e ticket.ValidationError
	conf.CheckOffered(&e, place.Brand, place.Department, setup.FormOf(&place))
	return e.Fields
}

// checkElsewhere checks a draft for a place that is refused as one for no department: what the place would ask for, and
// what it would not take, tells of the place.
func (d *Desk) checkElsewhere(ctx context.Context, conf *config, actor ticket.Actor, draft *ticket.Draft, refused []ticket.FieldError) error {
	draft.Department = noDepartment
	var e *ticket.ValidationError
	if err := d.checkDraft(ctx, conf, actor, draft); errors.As(err, &e) {
		of := func(f ticket.FieldError) bool { return f.Field == "brand" || f.Field == "department" }
		refused = append(slices.Clone(refused), slices.DeleteFunc(e.Fields, of)...)
	} else if err != nil {
		return err
	}
	return &ticket.ValidationError{Fields: refused}
}

// ticketToBe is what a question about rights shows of a draft.
func ticketToBe(actor ticket.Actor, draft *ticket.Draft) *ticket.Ticket {
	return &ticket.Ticket{Brand: draft.Brand, Department: draft.Department, Requester: draft.Requester, Channel: actor.Channel, Gateway: setup.FormOf(draft)}
}

// assigned is what a question about the assignee's rights shows of a draft.
func assigned(actor ticket.Actor, draft *ticket.Draft) *ticket.Ticket {
	t := ticketToBe(actor, draft)
	t.Assignee, t.Watchers, t.Organisation, t.Participants = draft.Assignee, draft.Watchers, draft.Organisation, draft.Participants
	return t
}

// checkNew fills a draft in and checks it and the rights. It runs before the gates, and again inside the
// transaction.
func (d *Desk) checkNew(ctx context.Context, conf *config, actor ticket.Actor, draft *ticket.Draft) error {
	if refused := refusedPlace(ctx, conf, actor, draft); len(refused) > 0 {
		d.fillDraft(conf, actor, draft)
		elsewhere := draft.Clone()
		return d.checkElsewhere(ctx, conf, actor, &elsewhere, refused)
	}
	if err := d.checkDraft(ctx, conf, actor, draft); err != nil {
		return err
	}
	return d.authorize(ctx, conf, actor, ActCreate, ticketToBe(actor, draft))
}

func (d *Desk) gateDraft(ctx context.Context, actor ticket.Actor, draft ticket.Draft) error {
	var errs []error
	if g := &d.hooks.TicketCreateValidation; !g.Empty() {
		errs = append(errs, g.RunWithin(ctx, d.gateLimit(ctx), hooks.Creating{Actor: actor, Draft: &draft, Checking: d.isChecking(ctx)}))
	}
	errs = append(errs, d.gateFiles(ctx, actor, nil, draft.Files))
	return mergeRefusals(errs...)
}

// filtered is what filters left, or what there was where one took it away.
func filtered[T any](left *T, was T) T {
	if left == nil {
		return was
	}
	return *left
}

// filterText runs the transliteration filter over what people will read.
func (d *Desk) filterText(ctx context.Context, actor ticket.Actor, subject, body *string) error {
	f := &d.hooks.TransliterateTicketText
	if f.Empty() {
		return nil
	}
	for _, text := range []struct {
		field string
		p     *string
	}{{"subject", subject}, {"body", body}} {
		if text.p == nil {
			continue
		}
		in := hooks.Transliterating{Actor: actor, Field: text.field, Text: *text.p}
		if err := f.Run(ctx, &in); err != nil {
			return err
		}
		*text.p = in.Text
	}
	return nil
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
	if w.actor.Kind != ticket.ActorStaff || w.actor.ID == "" || contains(w.after.Watchers, w.actor.ID) {
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
	if contains(s.ArchiveStatuses, st.Code) && t.Folder == ticket.Inbox {
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

// mergeRefusals makes one refusal of several; another error goes before them.
func mergeRefusals(errs ...error) error {
	var all hooks.Refusal
	for _, err := range errs {
		var r *hooks.Refusal
		switch {
		case err == nil:
		case errors.As(err, &r):
			all.Errors = append(all.Errors, r.Errors...)
		default:
			return err
		}
	}
	if len(all.Errors) == 0 {
		return nil
	}
	return &all
}
