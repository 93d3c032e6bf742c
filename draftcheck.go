package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

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
	return heardBy(err, d.gateDraft(ctx, actor, filled))
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

// prepareDraft is what happens to a draft outside the transaction.
func (d *Desk) prepareDraft(ctx context.Context, actor ticket.Actor, draft ticket.Draft) (ticket.Draft, error) {
	draft, filled, err := d.completeDraft(ctx, actor, draft)
	if err != nil {
		return draft, err
	}
	return draft, d.gateDraft(ctx, actor, filled)
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
	body := draft.Body
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
	if draft.Body != body {
		unfold(draft.Mail)
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
	if filled.Assignee != "" || len(filled.Watchers) > 0 {
		if err := d.checkSight(ctx, actor, nil, assigned(actor, filled)); err != nil {
			return draft, filled, err
		}
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

func (d *Desk) gateDraft(ctx context.Context, actor ticket.Actor, draft *ticket.Draft) error {
	var errs []error
	if g := &d.hooks.TicketCreateValidation; !g.Empty() {
		errs = append(errs, g.RunWithin(ctx, d.gateLimit(ctx), hooks.Creating{Actor: actor, Draft: draft, Checking: d.isChecking(ctx)}))
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

func format(f ticket.Format) ticket.Format {
	if f == "" {
		return ticket.Plain
	}
	return f
}

// checkDraft fills in the defaults and checks the rest. It is idempotent: it runs before the gates, and again inside
// the transaction on the catalogue as it is then.
func (d *Desk) checkDraft(ctx context.Context, conf *config, actor ticket.Actor, t *ticket.Draft) error {
	d.fillDraft(conf, actor, t)
	var e ticket.ValidationError
	l := d.cfg.Limits
	if strings.TrimSpace(t.Subject) == "" {
		e.Add("subject", ticket.FaultRequired, "is empty: say in a few words what it is about")
	}
	e.CheckLine("subject", t.Subject, l.Subject)
	d.checkBody(&e, t.Body, t.HTMLBody, t.Format, t.Files, actor.Channel == ticket.ChannelEmail)
	d.checkSealer(&e, t.Encrypted)
	if chooses(ctx, actor) {
		conf.CheckChoices(&e, t)
	} else {
		conf.CheckPlace(&e, t.Brand, t.Department)
	}
	conf.CheckStatus(&e, t.Status)
	conf.CheckPriority(&e, t.Priority)
	if !t.Folder.Valid() {
		e.Add("folder", ticket.FaultUnknown, "%q is no folder: use inbox, archive or spam", t.Folder)
	}
	d.checkPerson(&e, "requester", t.Requester)
	if t.Requester.ID == "" && t.Requester.Email == "" {
		e.Add("requester", ticket.FaultRequired, "is unknown: give an id or an email address")
	}
	d.checkLines(&e, []named[string]{{"assignee", t.Assignee}, {"organisation", t.Organisation}, {"phone", t.Phone}, {"external", t.External}, {"service", t.Service}, {"form", t.Form}})
	d.checkPeople(&e, []named[[]ticket.Person]{{"to", t.To}, {"cc", t.Cc}})
	checkMail(&e, actor, t.Mail, t.Body)
	if len(t.Files) > 0 {
		s := conf.SettingsFor(t)
		checkFiles(&e, s, actor, t.Files)
		d.checkContents(ctx, &e, s, actor, 0, t.Files)
	}
	d.checkLists(&e, t.Participants, t.Watchers, t.Related, t.Tags, t.Fields)
	conf.CheckValues(&e, actor, t.Fields, nil)
	conf.CheckServed(&e, actor, t.Brand, t.Department, t.Fields, nil)
	conf.CheckRequired(&e, actor, t.Brand, t.Department, t.Fields)
	return e.Err()
}

func (d *Desk) fillDraft(conf *config, actor ticket.Actor, t *ticket.Draft) {
	s := conf.FillPlace(t)
	t.Status = cmp.Or(t.Status, s.DefaultStatus)
	t.Priority = cmp.Or(t.Priority, s.DefaultPriority)
	if t.Folder == "" {
		t.Folder = ticket.Inbox
	}
	if actor.IsCustomer() {
		t.Assignee = ""
	}
	if t.Requester.IsZero() && actor.Kind == ticket.ActorStaff {
		t.Requester = ticket.Person{Name: actor.Name, Email: actor.Email} // their id is no customer's
	}
	t.Requester.Email = ticket.NormalizeEmail(t.Requester.Email)
	t.Tags = normalTags(t.Tags)
}
