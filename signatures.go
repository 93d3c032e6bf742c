package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Signature returns what closes a reply of the acting agent to a ticket, with its variables filled in (M78): the agent's
// own for the ticket's brand, else their own for every brand, else the department's for the brand, else the
// department's for every brand. The host's own code gets the department's. Where there is none the signature is empty.
// It is for messages that people outside read: notes have none.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may write nothing
// to the ticket; ticket.ErrInvalid for one that is over Limits.Body with its values. A variable that was known when the
// signature was put, and is no longer, is left out.
func (g Texts) Signature(ctx context.Context, ticketID int64) (ticket.Signature, error) {
	s, err := g.d.signature(ctx, ticketID)
	return s, failed(fmt.Sprintf("read signature for ticket %d", ticketID), err)
}

func (d *Desk) signature(ctx context.Context, ticketID int64) (ticket.Signature, error) {
	f, err := d.filling(ctx, ticketID)
	if err != nil {
		return ticket.Signature{}, err
	}
	v := f.values
	lists := [][]ticket.Signature{v.Department.Signatures}
	if f.actor.Kind == ticket.ActorStaff {
		lists = [][]ticket.Signature{v.User().Signatures, v.Department.Signatures}
	}
	s := chosen(v.Brand.Code, lists...)
	if s.Text, err = f.fill("text", s.Text, ticket.Plain, d.cfg.Limits.Body); err != nil {
		return ticket.Signature{}, err
	}
	if s.HTML, err = f.fill("html", s.HTML, ticket.HTML, d.cfg.Limits.Body); err != nil {
		return ticket.Signature{}, err
	}
	return s, nil
}

// chosen is the signature for a brand in the first list that has one.
func chosen(brand string, lists ...[]ticket.Signature) ticket.Signature {
	for _, list := range lists {
		for _, want := range []string{brand, ""} {
			if s, ok := find(list, func(s ticket.Signature) string { return s.Brand }, want); ok {
				return s
			}
		}
	}
	return ticket.Signature{}
}

// checkSignatures adds to e what is wrong with the signatures of an agent or a department.
func (d *Desk) checkSignatures(conf *config, e *ticket.ValidationError, list []ticket.Signature) {
	seen := map[string]bool{}
	for _, s := range list {
		if _, ok := conf.Brand(s.Brand); !ok && s.Brand != "" {
			e.Add("signatures", ticket.FaultUnknown, "%q is no brand: put the brand first", s.Brand)
		}
		if seen[s.Brand] {
			e.Add("signatures", ticket.FaultDuplicate, "has two for the brand %q: keep one", s.Brand)
		}
		seen[s.Brand] = true
		d.checkTexts(conf, e, "signatures", s.Text, "signatures", s.HTML)
	}
}

// checkTexts adds to e what is wrong with a text with variables and with its twin in HTML.
func (d *Desk) checkTexts(conf *config, e *ticket.ValidationError, textField, text, htmlField, html string) {
	for _, v := range []struct {
		field, text string
		format      ticket.Format
	}{{textField, text, ticket.Plain}, {htmlField, html, ticket.HTML}} {
		var own ticket.ValidationError
		if own.CheckText(v.field, v.text, d.cfg.Limits.Body); own.Err() == nil {
			d.checkVariables(conf, &own, v.field, v.text, v.format)
		}
		e.Fields = append(e.Fields, own.Fields...)
	}
}

// agentOrName returns an agent with all of their names: what the directory does not have is taken from what else is known
// of them.
func (d *Desk) agentOrName(ctx context.Context, conf *config, id string, known ticket.Agent) (ticket.Agent, error) {
	a := known
	if id != "" {
		found, err := d.agent(ctx, conf, id)
		if err == nil {
			a = found
			a.Name, a.Email = cmp.Or(a.Name, known.Name), cmp.Or(a.Email, known.Email)
		} else if !errors.Is(err, ticket.ErrNotFound) {
			return a, err
		}
	}
	if a.FirstName == "" && a.LastName == "" {
		a.FirstName, a.LastName, _ = strings.Cut(a.Name, " ")
	}
	a.Name = cmp.Or(a.Name, strings.TrimSpace(a.FirstName+" "+a.LastName))
	return a, nil
}
