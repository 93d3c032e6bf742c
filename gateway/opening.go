package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// create opens a ticket where the gateway's mails do. What the catalogue does not have, or has no more, is replaced: a mail
// does not wait for somebody who sets that right; nor for what its own fields name in a trusted mailbox. draft makes a new one for each attempt.
func (v *delivery) create(ctx context.Context, draft func() ticket.Draft) error {
	want, reason := v.opts.Opening, v.out.Reason
	if v.opts.Policy.Trusted && v.mail.controls() {
		_, err := v.desk.CreateTicket(v.also(ctx, Opened), v.mail.controlled(placed(draft(), want), v.desk.Limits()))
		if !errors.Is(err, ticket.ErrInvalid) {
			return err
		}
	}
	_, err := v.desk.CreateTicket(v.also(ctx, Opened), placed(draft(), want))
	if !misplaced(err) {
		return err
	}
	usable, lookErr := v.desk.Usable(ctx, v.name, want)
	if lookErr != nil || usable == want {
		return err
	}
	v.out.Reason = fitLine(fmt.Sprintf("%s; opened with what there is, for the gateway is set up wrong: %v", reason, err), 1000)
	if _, err = v.desk.CreateTicket(v.also(ctx, Opened), placed(draft(), usable)); err != nil {
		v.out.Reason = reason
		return err
	}
	v.log(ctx, "a ticket could not be opened where it should", "mail", v.work.ID, "reason", v.out.Reason)
	return nil
}

func placed(d ticket.Draft, o ticket.Opening) ticket.Draft {
	d.Brand, d.Department, d.Status, d.Priority = o.Brand, o.Department, o.Status, o.Priority
	return d
}

// misplaced reports whether a ticket was refused, by no hook, for where it was to be opened, or as what.
func misplaced(err error) bool {
	var invalid *ticket.ValidationError
	var hook *hooks.Refusal
	if !errors.As(err, &invalid) || errors.As(err, &hook) {
		return false
	}
	for _, f := range invalid.Fields {
		switch f.Field {
		case "brand", "department", "status", "priority":
			return true
		}
	}
	return false
}

// noSubject is the subject of a mail without one.
func (g *Gateway) noSubject(ctx context.Context) string {
	if g.opts.NoSubject != "" {
		return g.opts.NoSubject
	}
	s, err := g.desk.EmptySubject(ticket.WithActor(ctx, ticket.System("gateway")), g.name, g.opts.Opening)
	if err != nil {
		g.log(ctx, "the settings could not be asked for the subject of a mail without one", "error", err)
	}
	return cmp.Or(s, ticket.DefaultSettings().EmptySubject)
}

// mailbox is what the place up to which a mailbox was fetched, and the mails in it, are known by.
func (g *Gateway) mailbox() string {
	if g.opts.Mailbox == "" {
		return g.name
	}
	return g.name + "/" + hashOf([]byte(g.opts.Mailbox))[:32]
}
