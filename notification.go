package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What notifications need of the desk beside the verbs that everybody has.

// Notification is the desk as notifications see it: all of Automation, and what is asked of a ticket before somebody is told
// of it.
type Notification struct{ Automation }

// Notification returns the desk for notifications, as notify.New takes it.
func (d *Desk) Notification() Notification { return Notification{d.Automation()} }

// steadyKey finds the configuration that a context goes by.
type steadyKey struct{ *Desk }

// Steady returns a context with which all questions go by the configuration as it is now: it is looked for once, however many
// they are. What is written goes by the newest. Errors: ticket.ErrNoActor; ticket.ErrStopped.
func (g Notification) Steady(ctx context.Context) (context.Context, error) {
	asking, _, err := g.enter(ctx)
	if err != nil {
		return ctx, failed("read the configuration", err)
	}
	conf, err := g.confOf(asking)
	return context.WithValue(ctx, steadyKey{g.Desk}, conf), failed("read the configuration", err)
}

// asked begins a question, which goes by the configuration that it returns.
func (g Notification) asked(ctx context.Context) (context.Context, *config, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return ctx, nil, err
	}
	conf, err := g.confOf(ctx)
	return ctx, conf, err
}

// Surroundings returns what the catalogue and the settings say of a ticket. Errors: ticket.ErrNoActor; ticket.ErrStopped.
func (g Notification) Surroundings(ctx context.Context, t *ticket.Ticket) (ticket.Surroundings, error) {
	_, conf, err := g.asked(ctx)
	if err != nil {
		return ticket.Surroundings{}, failed("read the surroundings of a ticket", err)
	}
	out := ticket.Surroundings{Settings: conf.SettingsOf(t).Clone(), Brand: ticket.Brand{Code: t.Brand}, Department: ticket.Department{Code: t.Department},
		Status: ticket.Status{Code: t.Status, Class: t.Class}, Priority: ticket.Priority{Code: t.Priority}, Fields: conf.Fields}
	if b, ok := conf.Brand(t.Brand); ok {
		out.Brand = b
	}
	if dep, ok := conf.Department(t.Department); ok {
		out.Department = dep
	}
	if s, ok := conf.Status(t.Status); ok {
		out.Status = s
	}
	if p, ok := conf.Priority(t.Priority); ok {
		out.Priority = p
	}
	return out, nil
}

// Sees reports whether an agent may see a ticket as it is given: nobody hears of what they may not see. An inactive agent
// sees nothing. Errors: ticket.ErrNoActor; the directory's own.
func (g Notification) Sees(ctx context.Context, agent string, t *ticket.Ticket) (bool, error) {
	sees, err := g.sees(ctx, agent, t)
	return sees, failed(fmt.Sprintf("look whether agent %q sees a ticket", agent), err)
}

func (g Notification) sees(ctx context.Context, id string, t *ticket.Ticket) (bool, error) {
	ctx, conf, err := g.asked(ctx)
	if err != nil {
		return false, err
	}
	a, err := g.agent(ctx, conf, id)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && a.Inactive {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sees, err := g.decide(ctx, conf, ticket.Staff(id, a.Name, a.Email), ActSee, t)
	return sees.Allowed, err
}

// WritesAs reports whether an address is the desk's own: one that a brand, a department or a gateway writes as, with a mark
// in it or without. Errors: ticket.ErrNoActor; ticket.ErrStopped.
func (g Notification) WritesAs(ctx context.Context, email string) (bool, error) {
	_, conf, err := g.asked(ctx)
	if err != nil {
		return false, failed("look whose an address is", err)
	}
	return conf.WritesAs(mark.Base(email)), nil
}

// IsAgents reports whether an active agent has a mail address: what claims to be from it should be proven. Errors:
// ticket.ErrNoActor; ticket.ErrStopped; the directory's own.
func (g Notification) IsAgents(ctx context.Context, email string) (bool, error) {
	ctx, conf, err := g.asked(ctx)
	if err != nil {
		return false, failed("look whose an address is", err)
	}
	list, err := g.agentByEmail(ctx, conf, ticket.NormalizeEmail(mark.Base(email)))
	return len(list) > 0, failed("look whose an address is", err)
}

// Agent is People.Agent.
func (g Notification) Agent(ctx context.Context, id string) (ticket.Agent, error) {
	return g.People().Agent(ctx, id)
}

// Members is People.Members.
func (g Notification) Members(ctx context.Context, department string) ([]ticket.Agent, error) {
	return g.People().Members(ctx, department)
}

// Responsible is People.Responsible.
func (g Notification) Responsible(ctx context.Context, ticketID int64) ([]ticket.Agent, error) {
	return g.People().Responsible(ctx, ticketID)
}

// Customer is People.Customer.
func (g Notification) Customer(ctx context.Context, id string) (ticket.Customer, error) {
	return g.People().Customer(ctx, id)
}

// Marker is Mail.Marker.
func (g Notification) Marker(ctx context.Context) (ticket.Marker, error) { return g.Mail().Marker(ctx) }

// Undeliverable is Mail.Undeliverable.
func (g Notification) Undeliverable(ctx context.Context, email string) (ticket.Undelivered, error) {
	return g.Mail().Undeliverable(ctx, email)
}

// MarkUndelivered is Mail.MarkUndelivered.
func (g Notification) MarkUndelivered(ctx context.Context, messageID int64, list ...ticket.Undelivered) error {
	return g.Mail().MarkUndelivered(ctx, messageID, list...)
}

// GuestLink is GuestLinks.New for one person.
func (g Notification) GuestLink(ctx context.Context, ticketID int64, p ticket.Person) (string, error) {
	return g.GuestLinks().New(ctx, ticketID, &GuestLinkOptions{Person: p})
}

// SurveyLink is Ratings.Survey.
func (g Notification) SurveyLink(ctx context.Context, messageID int64) (string, error) {
	return g.Ratings().Survey(ctx, messageID)
}

// Signature is Texts.Signature.
func (g Notification) Signature(ctx context.Context, ticketID int64) (ticket.Signature, error) {
	return g.Texts().Signature(ctx, ticketID)
}

// OpenFile is Files.Open.
func (g Notification) OpenFile(ctx context.Context, messageID int64, n int) (io.ReadSeekCloser, ticket.File, error) {
	return g.Files().Open(ctx, messageID, n)
}
