package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What a gateway needs of the desk beside the verbs that everybody has.

// Mail is the desk as a gateway sees it: every verb of Desk, and those that only gateways need. They ask for no rights
// where they say so, and are not for what people ask for.
type Mail struct{ *Desk }

// Mail returns the desk for a gateway, as gateway.New takes it.
func (d *Desk) Mail() Mail { return Mail{d} }

// CheckMail asks the gates about a mail that came in, ahead of opening or answering a ticket with it. The error is a
// *hooks.Refusal: Final says whether the mail is refused for good or only not now. Errors also: ticket.ErrNoActor,
// ticket.ErrStopped.
func (g Mail) CheckMail(ctx context.Context, in hooks.Mailing) error {
	ctx, actor, err := g.enter(ctx)
	if err != nil {
		return failed("check mail", err)
	}
	if g.hooks.TicketMailValidation.Empty() {
		return nil
	}
	in.Actor = actor
	return failed("check mail", g.hooks.TicketMailValidation.RunWithin(ctx, g.gateLimit(ctx), in))
}

// RejectMail journals that a mail was refused, by whom it claims to be from (the actor); TicketMailRejected tells of it.
// Errors: ticket.ErrNoActor; ticket.ErrBusy.
func (g Mail) RejectMail(ctx context.Context, r ticket.Rejection) error {
	ctx, actor, err := g.enter(ctx)
	if err != nil {
		return failed("reject mail", err)
	}
	_, err = g.transact(ctx, actor, func(ctx context.Context, w *write) error {
		e := &ticket.Event{
			Type: ticket.EventMailRejected, Subject: clip(r.Subject, g.cfg.Limits.Subject), Detail: clip(r.Reason, 1000),
			Changes: []ticket.Change{{Field: "gateway", New: r.Gateway}, {Field: "mail", New: strconv.FormatInt(r.Mail, 10)}},
		}
		if r.MayAnswer {
			e.Changes = append(e.Changes, ticket.Change{Field: "may_answer", New: "true"})
		}
		return w.record(ctx, e)
	})
	return failed("reject mail", err)
}

// Joinable reports whether several mails may be written in one transaction: a write waits for no code of the host, which
// may take its time (filters, gates and guards, the Authorizer, the Directory, Locate), and files go into the desk's own
// store.
func (g Mail) Joinable() bool {
	c := g.cfg
	_, ours := c.Authorizer.(DefaultAuthorizer)
	return ours && !g.hooks.Interposed() && c.Directory == nil && c.Locate == nil && c.BlobStore == nil
}

// Correspondent says what the desk knows of a mail address. Errors: ticket.ErrNoActor; ticket.ErrStopped; the directory's
// own.
func (g Mail) Correspondent(ctx context.Context, email string) (ticket.Correspondent, error) {
	ctx, _, err := g.enter(ctx)
	if err != nil {
		return ticket.Correspondent{}, failed("look up a correspondent", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return ticket.Correspondent{}, failed("look up a correspondent", err)
	}
	out, err := g.correspondent(ctx, conf, ticket.NormalizeEmail(mark.Base(email)))
	return out, failed("look up a correspondent", err)
}

func (d *Desk) correspondent(ctx context.Context, conf *config, email string) (ticket.Correspondent, error) {
	out := ticket.Correspondent{Own: conf.WritesAs(email)}
	if email == "" {
		return out, nil
	}
	agents, err := d.agentByEmail(ctx, conf, email)
	if err != nil {
		return out, err
	}
	if len(agents) > 0 {
		out.Agent = &agents[0]
	}
	c, err := d.customerByEmail(ctx, conf, conf.Settings("", "", "").DefaultBrand, email)
	if err == nil {
		out.Customer, out.Organisation = c.ID, c.Organisation
	} else if !errors.Is(err, ticket.ErrNotFound) {
		return out, err
	}
	_, domain, _ := strings.Cut(email, "@")
	if out.Organisation != "" || !conf.people || domain == "" {
		return out, nil
	}
	p, err := readDoc(ctx, d.store, kindDomain, domain, storedDoc[pointer])
	if errors.Is(err, ticket.ErrNotFound) {
		return out, nil
	}
	out.Organisation = p.ID
	return out, err
}

// agentByEmail returns the active agent who has an address, the host's own before the desk's; none if nobody has it.
func (d *Desk) agentByEmail(ctx context.Context, conf *config, email string) ([]ticket.Agent, error) {
	var hosts []ticket.Agent
	if dir := d.cfg.Directory; dir != nil {
		var err error
		if hosts, err = dir.Agents(ctx); err != nil {
			return nil, fromDirectory("agents", err)
		}
	}
	for _, list := range [][]ticket.Agent{hosts, conf.Agents} {
		for i := range list {
			if a := &list[i]; !a.Inactive && ticket.NormalizeEmail(a.Email) == email {
				return []ticket.Agent{a.Clone()}, nil
			}
		}
	}
	return nil, nil
}

// TakesPart reports whether the actor may answer the ticket: whether a mail of theirs is taken for what it says it is. Of
// a merged ticket it is asked of the one that has it, where the answer would go.
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; the directory's own.
func (g Mail) TakesPart(ctx context.Context, id int64) (bool, error) {
	takes, err := g.takesPart(ctx, id)
	return takes, failed(fmt.Sprintf("look whom ticket %d concerns", id), err)
}

func (d *Desk) takesPart(ctx context.Context, id int64) (bool, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return false, err
	}
	t, err := d.readHolder(ctx, ticket.System("helpdesk"), id)
	if err != nil {
		return false, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return false, err
	}
	decision, err := d.decide(ctx, conf, actor, ActReply, t)
	return decision.Allowed, err
}

// Suggest asks the host's hooks for answers to a question that the actor is about to send: articles of a
// knowledge base, as a rule. No answers is no error. Errors: ticket.ErrNoActor; the error of a hook that failed.
func (g Texts) Suggest(ctx context.Context, brand, locale, subject, body string) ([]hooks.Answer, error) {
	ctx, actor, err := g.d.enter(ctx)
	if err != nil {
		return nil, failed("suggest answers", err)
	}
	in := hooks.Suggesting{Actor: actor, Brand: brand, Locale: locale, Subject: subject, Body: body}
	if err := g.d.hooks.SuggestAnswers.Run(ctx, &in); err != nil {
		return nil, failed("suggest answers", err)
	}
	return in.Answers, nil
}
