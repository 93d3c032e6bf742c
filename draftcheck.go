package helpdesk

import (
	"context"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

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
	d.checkLines(&e, map[string]string{"assignee": t.Assignee, "organisation": t.Organisation, "phone": t.Phone, "external": t.External, "service": t.Service, "form": t.Form})
	d.checkPeople(&e, map[string][]ticket.Person{"to": t.To, "cc": t.Cc})
	checkMail(&e, actor, t.Mail)
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
	t.Status = or(t.Status, s.DefaultStatus)
	t.Priority = or(t.Priority, s.DefaultPriority)
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
