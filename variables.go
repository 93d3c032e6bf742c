package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/internal/placeholder"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Variable is a name that stands for something of the ticket, in brackets, in the texts of quick responses and
// signatures (M47).
type Variable struct {
	Name    string
	Meaning string
}

// variable is one with the way to its value.
type variable struct {
	Variable
	value func(*filling) string
}

// filling is what the values of one text are taken from.
type filling struct {
	conf   *config
	actor  ticket.Actor
	ticket *ticket.Ticket
	brand  ticket.Brand
	agent  func(id string, known ticket.Agent) ticket.Agent // each looked up once, and at first need
	err    error                                            // of a look-up
}

// owner is to whom the ticket is assigned.
func (f *filling) owner() ticket.Agent {
	return f.agent(f.ticket.Assignee, ticket.Agent{ID: f.ticket.Assignee})
}

// user is who writes.
func (f *filling) user() ticket.Agent {
	if a := f.actor; a.Kind == ticket.ActorStaff {
		return f.agent(a.ID, ticket.Agent{ID: a.ID, Name: a.Name, Email: a.Email})
	}
	return f.owner()
}

func (f *filling) locale() string { return first(f.brand.Locales) }

var variables = []variable{
	{Variable{"ticket_customer_name", "name of the requester; without one, their address"}, func(f *filling) string {
		return or(f.ticket.Requester.Name, f.ticket.Requester.Email)
	}},
	{Variable{"ticket_customer_email", "address of the requester"}, func(f *filling) string { return f.ticket.Requester.Email }},
	{Variable{"ticket_code", "code of the ticket"}, func(f *filling) string { return f.ticket.Code }},
	{Variable{"ticket_subject", "subject of the ticket"}, func(f *filling) string { return f.ticket.Subject }},
	{Variable{"ticket_department", "name of its department, in the brand's first language"}, func(f *filling) string {
		v, _ := f.conf.department(f.ticket.Department)
		return or(v.Labels.In(f.brand.Code, f.locale(), v.Name), f.ticket.Department)
	}},
	{Variable{"ticket_status", "name of its status, in the brand's first language"}, func(f *filling) string {
		v, _ := f.conf.status(f.ticket.Status)
		return or(v.Labels.In(f.brand.Code, f.locale(), v.Name), f.ticket.Status)
	}},
	{Variable{"ticket_priority", "name of its priority, in the brand's first language"}, func(f *filling) string {
		v, _ := f.conf.priority(f.ticket.Priority)
		return or(v.Labels.In(f.brand.Code, f.locale(), v.Name), f.ticket.Priority)
	}},
	{Variable{"ticket_service", "order or service that it is about"}, func(f *filling) string { return f.ticket.Service }},
	{Variable{"ticket_phone", "phone number of the requester"}, func(f *filling) string { return f.ticket.Phone }},
	{Variable{"ticket_created", "day on which it was opened, in the brand's time zone, as in 2026-11-21"}, func(f *filling) string {
		return f.ticket.CreatedAt.In(zoneOf(f.brand)).Format(time.DateOnly)
	}},
	{Variable{"ticket_assignee", "name of the agent to whom it is assigned"}, func(f *filling) string { return f.owner().Name }},
	{Variable{"store_name", "name of the brand"}, func(f *filling) string { return f.brand.Name }},
	{Variable{"store_email", "address from which the department writes, else the brand"}, func(f *filling) string {
		v, _ := f.conf.department(f.ticket.Department)
		return or(v.Sender, f.brand.Sender)
	}},
	{Variable{"user_name", "name of the agent who writes"}, func(f *filling) string { return f.user().Name }},
	{Variable{"user_firstname", "first name of the agent who writes"}, func(f *filling) string { return f.user().FirstName }},
	{Variable{"user_lastname", "last name of the agent who writes"}, func(f *filling) string { return f.user().LastName }},
	{Variable{"user_email", "address of the agent who writes"}, func(f *filling) string { return f.user().Email }},
}

// Variables lists the variables of quick responses and signatures. Two of them stand for many: "f_<code>" and
// "f_<code>_label" are made of the codes of the catalogue's custom fields.
//
// A variable stands in square brackets, in any case of letters, as in "Dear [ticket_customer_name]". What could be none
// is text and stays as it is: only one word of letters, digits, underscores, dots and hyphens that begins with a letter
// and holds an underscore is taken for a variable, so "[sic]", "[1]" and "[see below]" are not. A backslash before the
// bracket makes a text of a variable: "\[ticket_code]" comes out as "[ticket_code]".
//
// What a value holds is never a variable itself. In HTML it is never markup either, wherever it stands, and in Markdown
// it means itself, on one line. A text may have 1,000 variables.
func Variables() []Variable {
	out := make([]Variable, len(variables), len(variables)+2)
	for i, v := range variables {
		out[i] = v.Variable
	}
	return append(out,
		Variable{"f_<code>", "value of the custom field; several, with a comma between"},
		Variable{"f_<code>_label", "as f_<code>, with the names of options in the brand's first language"})
}

// variable returns what a name in lower case stands for. A field's code goes before the label of a shorter one.
func (c *config) variable(name string) (func(*filling) string, bool) {
	for _, v := range variables {
		if v.Name == name {
			return v.value, true
		}
	}
	code, isField := strings.CutPrefix(name, "f_")
	if !isField {
		return nil, false
	}
	if field, ok := c.field(code); ok {
		return func(f *filling) string { return strings.Join(lines(f.ticket.Fields[field.Code]), ", ") }, true
	}
	code, isLabel := strings.CutSuffix(code, "_label")
	if field, ok := c.field(code); ok && isLabel {
		return func(f *filling) string { return f.label(field) }, true
	}
	return nil, false
}

// lines are the values of a field, of which it has one a line.
func lines(value string) []string {
	return slices.DeleteFunc(strings.Split(value, "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// label is what people read of a field's value.
func (f *filling) label(field ticket.Field) string {
	out := lines(f.ticket.Fields[field.Code])
	for i, v := range out {
		if o, ok := find(field.Options, func(o ticket.Option) string { return o.Value }, v); ok {
			out[i] = or(o.Labels.In(f.brand.Code, f.locale(), o.Name), v)
		}
	}
	return strings.Join(out, ", ")
}

func zoneOf(b ticket.Brand) *time.Location {
	if loc, err := time.LoadLocation(b.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// unknownShown is how many unknown variables of one text an error lists.
const unknownShown = 10

// checkVariables adds to e what is wrong with the variables of a text.
func (d *Desk) checkVariables(conf *config, e *ticket.ValidationError, field, text string, f ticket.Format) {
	unknown := 0
	for p := range placeholder.All(text) {
		if _, ok := conf.variable(p.Name); ok {
			continue
		}
		if unknown++; unknown > unknownShown {
			return
		}
		e.Add(field, ticket.FaultUnknown, `line %d, column %d: [%s] is no variable: did you mean [%s]? Write \[%s] for the text`, p.Line, p.Column, p.Name, conf.nearestVariable(p.Name), p.Name)
	}
	if unknown > 0 {
		return
	}
	if _, err := fillIn(text, f, d.cfg.Limits.Body, func(string) string { return "" }); err != nil {
		e.Add(field, ticket.FaultMalformed, "%v", err)
	}
}

// nearestVariable is the known name that may have been meant.
func (c *config) nearestVariable(name string) string {
	names := make([]string, 0, len(variables)+2*len(c.fields))
	for _, v := range variables {
		names = append(names, v.Name)
	}
	for _, f := range c.fields {
		names = append(names, "f_"+f.Code, "f_"+f.Code+"_label")
	}
	return nearest.Of(name, slices.Values(names))
}

func fillIn(text string, f ticket.Format, limit int, v placeholder.Values) (string, error) {
	switch f {
	case ticket.HTML:
		return placeholder.HTML(text, limit, v)
	case ticket.Markdown:
		return placeholder.Markdown(text, limit, v)
	}
	return placeholder.Plain(text, limit, v)
}

// Expand fills the variables of a text in, as of a quick response that an agent has chosen: values of the ticket, and of
// the agent who acts. The host's own code has the values of the agent to whom the ticket is assigned. Format says how
// values are made safe; empty means plain. See Variables.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may write nothing
// to the ticket; ticket.ErrInvalid for an unknown variable, with its place and the nearest name, for HTML in which a
// value cannot be made safe, and for a text that is over Limits.Body before or after.
func (g Texts) Expand(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error) {
	out, err := g.d.expand(ctx, ticketID, text, format)
	return out, failed(fmt.Sprintf("expand text for ticket %d", ticketID), err)
}

func (d *Desk) expand(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error) {
	f, err := d.filling(ctx, ticketID)
	if err != nil {
		return "", err
	}
	var e ticket.ValidationError
	e.CheckText("text", text, d.cfg.Limits.Body)
	checkFormat(&e, format)
	if e.Err() == nil {
		d.checkVariables(f.conf, &e, "text", text, format)
	}
	if e.Err() != nil {
		return "", e.Err()
	}
	return f.fill("text", text, format, d.cfg.Limits.Body)
}

// fill returns a text with the values of f.
func (f *filling) fill(field, text string, format ticket.Format, limit int) (string, error) {
	out, err := fillIn(text, format, limit, f.value)
	switch {
	case f.err != nil:
		return "", f.err
	case err != nil:
		return "", ticket.Invalid(field, ticket.FaultMalformed, "%v", err)
	}
	return out, nil
}

// value is that of a name; one that nobody knows any more has none.
func (f *filling) value(name string) string {
	v, ok := f.conf.variable(name)
	if !ok {
		return ""
	}
	return v(f)
}

// filling reads what an agent's texts for a ticket are filled in with, if they may write to it.
func (d *Desk) filling(ctx context.Context, ticketID int64) (*filling, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.read(ctx, actor, ticketID)
	if err != nil {
		return nil, err
	}
	if err := d.mayCompose(ctx, actor, t); err != nil {
		return nil, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	f := &filling{conf: conf, actor: actor, ticket: t}
	f.brand, _ = conf.brand(t.Brand)
	found := map[string]ticket.Agent{}
	f.agent = func(id string, known ticket.Agent) ticket.Agent {
		a, ok := found[id]
		if !ok {
			var err error
			a, err = d.agentOrName(ctx, conf, id, known)
			found[id], f.err = a, errors.Join(f.err, err)
		}
		return a
	}
	return f, nil
}

// mayCompose lets in who writes for the desk: who may reply, or at least note.
func (d *Desk) mayCompose(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	if actor.IsCustomer() {
		return fmt.Errorf("%w: this is for staff", ticket.ErrForbidden)
	}
	err := d.may(ctx, actor, t, ActReply)
	if err != nil {
		err = d.may(ctx, actor, t, ActNote)
	}
	return err
}
