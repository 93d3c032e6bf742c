package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/helpdeskgo/helpdesk/internal/placeholder"
	"github.com/helpdeskgo/helpdesk/internal/variables"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Variable is a name that stands for something of the ticket, in brackets, in the texts of quick responses and
// signatures (M47).
type Variable struct {
	Name    string
	Meaning string
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
	all := variables.All()
	out := make([]Variable, len(all))
	for i, v := range all {
		out[i] = Variable(v)
	}
	return out
}

// unknownShown is how many unknown variables of one text an error lists.
const unknownShown = 10

// checkVariables adds to e what is wrong with the variables of a text.
func (d *Desk) checkVariables(conf *config, e *ticket.ValidationError, field, text string, f ticket.Format) {
	unknown := 0
	for p := range placeholder.All(text) {
		if variables.Known(p.Name, conf.Fields) {
			continue
		}
		if unknown++; unknown > unknownShown {
			return
		}
		meant := "helpdesk.Variables lists them."
		if near := variables.Meant(p.Name, conf.Fields); near != "" {
			meant = fmt.Sprintf("did you mean [%s]?", near)
		}
		e.Add(field, ticket.FaultUnknown, `line %d, column %d: [%s] is no variable: %s Write \[%s] for the text`, p.Line, p.Column, p.Name, meant, p.Name)
	}
	if unknown > 0 {
		return
	}
	if _, err := variables.Fill(text, f, d.cfg.Limits.Body, func(string) string { return "" }); err != nil {
		e.Add(field, ticket.FaultMalformed, "%v", err)
	}
}

// doubtsShown is how many doubts about one text are told, and doubtsLookedAt how many places of it are looked at for them.
const doubtsShown, doubtsLookedAt = 5, 1000

// doubts are places of a text that may have been meant as variables, and are none.
func (conf *config) doubts(text string) (out []string) {
	looked := 0
	for l := range placeholder.Lookalikes(text) {
		if looked++; looked > doubtsLookedAt || len(out) == doubtsShown {
			break
		}
		near := variables.Meant(l.Name, conf.Fields)
		switch {
		case near != "":
			out = append(out, fmt.Sprintf("line %d, column %d: %s stays as it is: did you mean [%s]?", l.Line, l.Column, l.Text, near))
		case l.Foreign:
			out = append(out, fmt.Sprintf("line %d, column %d: %s stays as it is: variables are written as [ticket_code], and helpdesk.Variables lists them", l.Line, l.Column, l.Text))
		}
	}
	return out
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
	return d.expandWith(f, text, format)
}

func (d *Desk) expandWith(f *filling, text string, format ticket.Format) (string, error) {
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
	out, err := variables.Fill(text, format, limit, f.values.Of)
	switch {
	case f.err != nil:
		return "", f.err
	case err != nil:
		return "", ticket.Invalid(field, ticket.FaultMalformed, "%v", err)
	}
	return out, nil
}

// filling is what the texts for one ticket are filled in with.
type filling struct {
	conf   *config
	actor  ticket.Actor
	values variables.Values
	err    error // of looking up an agent
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
	f := &filling{conf: conf, actor: actor, values: variables.Values{Ticket: t, Fields: conf.Fields}}
	v := &f.values
	v.Brand, _ = conf.Brand(t.Brand)
	v.Department, _ = conf.Department(t.Department)
	v.Status, _ = conf.Status(t.Status)
	v.Priority, _ = conf.Priority(t.Priority)
	v.Owner = f.lookUp(ctx, d, ticket.Agent{ID: t.Assignee})
	v.User = v.Owner
	if actor.Kind == ticket.ActorStaff {
		v.User = f.lookUp(ctx, d, ticket.Agent{ID: actor.ID, Name: actor.Name, Email: actor.Email})
		if actor.ID == t.Assignee {
			v.Owner = v.User
		}
	}
	return f, nil
}

// lookUp returns an agent at first need.
func (f *filling) lookUp(ctx context.Context, d *Desk, known ticket.Agent) func() ticket.Agent {
	return sync.OnceValue(func() ticket.Agent {
		a, err := d.agentOrName(ctx, f.conf, known.ID, known)
		f.err = errors.Join(f.err, err)
		return a
	})
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
