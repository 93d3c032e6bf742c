package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/placeholder"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// QuickResponses lists every quick response by Sort, inactive ones too. Errors: ticket.ErrNoActor; ticket.ErrForbidden
// for customers, and for staff who may see nothing.
func (c Catalog) QuickResponses(ctx context.Context) ([]ticket.QuickResponse, error) {
	ctx, actor, err := c.d.enter(ctx)
	if err == nil && actor.IsCustomer() {
		err = fmt.Errorf("%w: quick responses are for staff", ticket.ErrForbidden)
	}
	if err == nil {
		err = c.d.mayAtAll(ctx, actor, ActSee)
	}
	if err != nil {
		return nil, failed("read catalogue", err)
	}
	return list(ctx, c.d, func(conf *config) []ticket.QuickResponse { return conf.Quick })
}

// PutQuickResponse adds a quick response, or changes the one with its Code. Errors: as PutStatus; ticket.ErrInvalid also
// for a variable that nobody knows, with its line and column and the nearest name: see Variables.
func (c Catalog) PutQuickResponse(ctx context.Context, q ticket.QuickResponse) error {
	var e ticket.ValidationError
	return c.put(ctx, kindQuick, q.Code, q, &e, func(_ context.Context, w *write) error {
		var e ticket.ValidationError
		c.d.checkQuick(w.conf, &e, q)
		return e.Err()
	})
}

func (d *Desk) checkQuick(conf *config, e *ticket.ValidationError, q ticket.QuickResponse) {
	checkEntry(e, q.Code, q.Name)
	if strings.TrimSpace(q.Body) == "" && strings.TrimSpace(q.HTML) == "" {
		e.Add("body", ticket.FaultRequired, "is empty: write a text, or HTML")
	}
	d.checkTexts(conf, e, "body", q.Body, "html", q.HTML)
	conf.CheckPlaces(e, q.Brands, q.Departments)
}

// DeleteQuickResponse removes a quick response. Errors: as PutStatus; ticket.ErrNotFound.
func (c Catalog) DeleteQuickResponse(ctx context.Context, code string) error {
	what := "quick_response/" + code
	return failed("delete "+what, c.d.configure(ctx, func(ctx context.Context, w *write) error {
		return w.putConfig(ctx, kindQuick, code, nil, ticket.EventCatalog, what)
	}))
}

// Texts are what helps agents and customers to write: quick responses, signatures, variables, suggested answers.
type Texts struct{ d *Desk }

// Texts returns the group of verbs for texts.
func (d *Desk) Texts() Texts { return Texts{d} }

// QuickResponses lists by Sort the quick responses that are offered for a ticket: active ones of its brand and its
// department. Their variables are as they were written: see Expand. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers, and for staff who may write nothing to the ticket.
func (g Texts) QuickResponses(ctx context.Context, ticketID int64) ([]ticket.QuickResponse, error) {
	op := fmt.Sprintf("list quick responses for ticket %d", ticketID)
	f, err := g.d.filling(ctx, ticketID)
	if err != nil {
		return nil, failed(op, err)
	}
	var out []ticket.QuickResponse
	for _, q := range f.conf.Quick {
		if !q.Inactive && among(q.Brands, f.values.Ticket.Brand) && among(q.Departments, f.values.Ticket.Department) {
			out = append(out, q.Clone())
		}
	}
	return out, nil
}

// among reports whether a list that means all if it is empty has s.
func among(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }

// fieldInTexts tells which quick response or signature has a variable of the custom field.
func (c *config) fieldInTexts(code string) (where string, ok bool) {
	for _, q := range c.Quick {
		if mentions(code, q.Body, q.HTML) {
			return "quick response " + q.Code, true
		}
	}
	signed := func(s ticket.Signature) bool { return mentions(code, s.Text, s.HTML) }
	for _, dep := range c.Departments {
		if slices.ContainsFunc(dep.Signatures, signed) {
			return "a signature of department " + dep.Code, true
		}
	}
	for _, a := range c.Agents {
		if slices.ContainsFunc(a.Signatures, signed) {
			return "a signature of agent " + a.ID, true
		}
	}
	return "", false
}

// mentions reports whether a text has a variable of the custom field.
func mentions(field string, texts ...string) bool {
	for _, text := range texts {
		for p := range placeholder.All(text) {
			if p.Name == "f_"+field || p.Name == "f_"+field+"_label" {
				return true
			}
		}
	}
	return false
}
