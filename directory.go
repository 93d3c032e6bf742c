package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Directory is the host's own users, asked before the desk's own people (see People), which fill in what it does not
// know. Every look-up of nobody fails with ticket.ErrNotFound; another error fails the operation that asked.
type Directory interface {
	// Agent returns one of the staff.
	Agent(ctx context.Context, id string) (ticket.Agent, error)
	// Agents lists all of them, inactive ones too.
	Agents(ctx context.Context) ([]ticket.Agent, error)
	// Customer returns a customer.
	Customer(ctx context.Context, id string) (ticket.Customer, error)
	// CustomerByEmail returns who has the address, in its normal form, at the brand. The same address is the same
	// customer at every brand, unless the directory says otherwise (B05).
	CustomerByEmail(ctx context.Context, brand, email string) (ticket.Customer, error)
	// Organisation returns an organisation.
	Organisation(ctx context.Context, id string) (ticket.Organisation, error)
}

// Nobody is a Directory that knows nobody. A directory that answers some of the questions only embeds it.
type Nobody struct{}

// Agent fails with ticket.ErrNotFound.
func (Nobody) Agent(context.Context, string) (ticket.Agent, error) {
	return ticket.Agent{}, ticket.ErrNotFound
}

// Agents lists none.
func (Nobody) Agents(context.Context) ([]ticket.Agent, error) { return nil, nil }

// Customer fails with ticket.ErrNotFound.
func (Nobody) Customer(context.Context, string) (ticket.Customer, error) {
	return ticket.Customer{}, ticket.ErrNotFound
}

// CustomerByEmail fails with ticket.ErrNotFound.
func (Nobody) CustomerByEmail(context.Context, string, string) (ticket.Customer, error) {
	return ticket.Customer{}, ticket.ErrNotFound
}

// Organisation fails with ticket.ErrNotFound.
func (Nobody) Organisation(context.Context, string) (ticket.Organisation, error) {
	return ticket.Organisation{}, ticket.ErrNotFound
}

// The kinds of records of the desk's own directory. Agents are configuration: there are few, and every verb asks.
const (
	kindCustomer      = "customer"            // by id, with the organisation as parent
	kindCustomerEmail = "customer-email"      // "brand/address", to the customer's id
	kindOrganisation  = "organisation"        // by id
	kindDomain        = "organisation-domain" // mail domain, to the organisation's id
	kindMerged        = "config/merged"       // id of a merged customer, to the one that they were merged into
	kindHasPeople     = "config/people"       // exists as soon as there is a customer or an organisation
	keyHasPeople      = "people"
	keyHasAgents      = "agents" // or was an agent
)

// merged is a customer who goes by the name of another.
type merged struct {
	From string `json:"from"`
	Into string `json:"into"`
}

// pointer is a record that leads to another one.
type pointer struct {
	ID string `json:"id"`
}

// fromDirectory says of an error of the host's directory where it comes from. It is the host who reads this.
func fromDirectory(what string, err error) error {
	if err == nil || errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	return fmt.Errorf("the directory has no answer about %s (who is not there is ticket.ErrNotFound): %w", what, err)
}

// agent looks an agent up.
func (d *Desk) agent(ctx context.Context, conf *config, id string) (ticket.Agent, error) {
	if dir := d.cfg.Directory; dir != nil {
		a, err := dir.Agent(ctx, id)
		err = fromDirectory("agent "+id, err)
		if !errors.Is(err, ticket.ErrNotFound) {
			return a, err
		}
	}
	a, ok := conf.Agent(id)
	if !ok {
		return a, missing("agent", id)
	}
	return a.Clone(), nil
}

// agents lists the host's agents and the desk's own, by id.
func (d *Desk) agents(ctx context.Context, conf *config) ([]ticket.Agent, error) {
	var out []ticket.Agent
	if dir := d.cfg.Directory; dir != nil {
		var err error
		if out, err = dir.Agents(ctx); err != nil {
			return nil, fromDirectory("agents", err)
		}
		out = slices.Clone(out)
	}
	for _, a := range conf.Agents {
		if !slices.ContainsFunc(out, func(b ticket.Agent) bool { return a.ID == b.ID }) {
			out = append(out, a.Clone())
		}
	}
	slices.SortFunc(out, func(a, b ticket.Agent) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// knowsAgents reports whether there is a list of agents at all: one that the desk keeps or has kept, or the host's.
func (d *Desk) knowsAgents(ctx context.Context, conf *config) (bool, error) {
	if conf.staffed || d.cfg.Directory == nil {
		return conf.staffed, nil
	}
	all, err := d.cfg.Directory.Agents(ctx)
	return len(all) > 0, fromDirectory("agents", err)
}

// checkAgent refuses the id of nobody as an assignee, where the desk knows its agents at all.
func (d *Desk) checkAgent(ctx context.Context, conf *config, field, id string) error {
	if id == "" {
		return nil
	}
	a, err := d.agent(ctx, conf, id)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		known, err := d.knowsAgents(ctx, conf)
		if err != nil || !known {
			return err
		}
		return ticket.Invalid(field, ticket.FaultUnknown, "%q is nobody whom the directory knows as an agent", id)
	case err != nil:
		return err
	case a.Inactive:
		return ticket.Invalid(field, ticket.FaultInactive, "%q is an agent who is not active", id)
	}
	return nil
}

// customerByID looks a customer up; of a merged one it returns whom they were merged into.
func (d *Desk) customerByID(ctx context.Context, conf *config, id string) (ticket.Customer, error) {
	id = conf.canonical(id)
	if dir := d.cfg.Directory; dir != nil {
		c, err := dir.Customer(ctx, id)
		err = fromDirectory("customer "+id, err)
		if !errors.Is(err, ticket.ErrNotFound) {
			return c, err
		}
	}
	if !conf.people {
		return ticket.Customer{}, missing("customer", id)
	}
	return readDoc(ctx, d.store, kindCustomer, id, storedCustomer)
}

// customerByEmail looks up who has an address at a brand.
func (d *Desk) customerByEmail(ctx context.Context, conf *config, brand, email string) (ticket.Customer, error) {
	email = ticket.NormalizeEmail(email)
	if dir := d.cfg.Directory; dir != nil && email != "" {
		c, err := dir.CustomerByEmail(ctx, brand, email)
		err = fromDirectory("customer "+email, err)
		if err == nil && conf.canonical(c.ID) != c.ID {
			return d.customerByID(ctx, conf, c.ID)
		}
		if !errors.Is(err, ticket.ErrNotFound) {
			return c, err
		}
	}
	if !conf.people || email == "" {
		return ticket.Customer{}, missing("customer", email)
	}
	for _, key := range []string{emailKey(brand, email), emailKey("", email)} {
		p, err := readDoc(ctx, d.store, kindCustomerEmail, key, storedDoc[pointer])
		if err == nil {
			return d.customerByID(ctx, conf, p.ID)
		}
		if !errors.Is(err, ticket.ErrNotFound) {
			return ticket.Customer{}, err
		}
	}
	return ticket.Customer{}, missing("customer", email)
}

func emailKey(brand, email string) string { return brand + "/" + email }

// customerOf looks up who acts.
func (d *Desk) customerOf(ctx context.Context, conf *config, a ticket.Actor) (ticket.Customer, error) {
	if a.ID != "" {
		return d.customerByID(ctx, conf, a.ID)
	}
	return d.customerByEmail(ctx, conf, conf.Settings("", "", "").DefaultBrand, a.Email)
}

func (d *Desk) organisation(ctx context.Context, conf *config, id string) (ticket.Organisation, error) {
	if dir := d.cfg.Directory; dir != nil {
		o, err := dir.Organisation(ctx, id)
		err = fromDirectory("organisation "+id, err)
		if !errors.Is(err, ticket.ErrNotFound) {
			return o, err
		}
	}
	if !conf.people {
		return ticket.Organisation{}, missing("organisation", id)
	}
	return readDoc(ctx, d.store, kindOrganisation, id, storedOrganisation)
}

// organisationOfDomain returns the id of the organisation that a mail domain belongs to, or nothing.
func (d *Desk) organisationOfDomain(ctx context.Context, conf *config, email string) (string, error) {
	_, domain, ok := strings.Cut(ticket.NormalizeEmail(email), "@")
	if !ok || !conf.people {
		return "", nil
	}
	p, err := readDoc(ctx, d.store, kindDomain, domain, storedDoc[pointer])
	if errors.Is(err, ticket.ErrNotFound) {
		return "", nil
	}
	return p.ID, err
}

// identify ties a draft to the customer whom the directory knows: by the id, or, of somebody who is known by an
// address only, by that.
func (d *Desk) identify(ctx context.Context, conf *config, draft *ticket.Draft) error {
	p := draft.Requester
	if (d.cfg.Directory == nil && !conf.people) || p.IsZero() {
		return nil
	}
	var known ticket.Customer
	var err error
	if p.ID != "" {
		known, err = d.customerByID(ctx, conf, p.ID)
	} else {
		brand := cmp.Or(draft.Brand, conf.Settings("", "", setup.FormOf(draft)).DefaultBrand)
		known, err = d.customerByEmail(ctx, conf, brand, p.Email)
	}
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		organisation, err := d.organisationOfDomain(ctx, conf, p.Email)
		draft.Organisation = cmp.Or(draft.Organisation, organisation)
		return err
	case err != nil:
		return err
	}
	first := known.Person()
	name := cmp.Or(p.Name, first.Name)
	if p.ID == "" { // whoever typed the address may call themselves as they like
		name = cmp.Or(first.Name, p.Name)
	}
	draft.Requester = ticket.Person{ID: cmp.Or(known.ID, p.ID), Name: name, Email: cmp.Or(p.Email, first.Email)}
	draft.Organisation = cmp.Or(draft.Organisation, known.Organisation)
	draft.Phone = cmp.Or(draft.Phone, known.Phone)
	return nil
}

// identifyAgain is identify inside the transaction, for what the directory of the desk has learned since the draft was
// prepared. The host's directory, which may be another system, is not asked again.
func (d *Desk) identifyAgain(ctx context.Context, conf *config, draft *ticket.Draft) error {
	if draft.Requester.ID != "" {
		draft.Requester.ID = conf.canonical(draft.Requester.ID)
		return nil
	}
	if d.cfg.Directory != nil {
		return nil
	}
	return d.identify(ctx, conf, draft)
}

// readDoc reads one record.
func readDoc[T any](ctx context.Context, s store.Store, kind, key string, stored func(*store.Record) (T, error)) (v T, err error) {
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kind, key)
		if err == nil {
			v, err = stored(rec)
		}
		return err
	})
	return v, err
}

func storedDoc[T any](rec *store.Record) (v T, err error) {
	err = json.Unmarshal(rec.Doc, &v)
	return v, err
}

func storedCustomer(rec *store.Record) (ticket.Customer, error) {
	c, err := storedDoc[ticket.Customer](rec)
	c.Version = rec.Version
	return c, err
}

func storedOrganisation(rec *store.Record) (ticket.Organisation, error) {
	o, err := storedDoc[ticket.Organisation](rec)
	o.Version = rec.Version
	return o, err
}

func missing(what, id string) error { return notFound{what, id} }

// notFound says what is not there.
type notFound struct{ what, id string }

func (e notFound) Error() string        { return "no " + e.what + " " + e.id }
func (e notFound) Is(target error) bool { return target == ticket.ErrNotFound }
