package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Customer returns a customer; of a merged one it returns whom they were merged into. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for customers; ticket.ErrNotFound.
func (p People) Customer(ctx context.Context, id string) (ticket.Customer, error) {
	return lookUp(ctx, p.d, "read customer "+id, func(ctx context.Context, conf *config) (ticket.Customer, error) {
		return p.d.customerByID(ctx, conf, id)
	})
}

// CustomerByEmail returns who has an address at a brand; an empty brand means the default. Errors: as Customer.
func (p People) CustomerByEmail(ctx context.Context, brand, email string) (ticket.Customer, error) {
	return lookUp(ctx, p.d, "read customer by address", func(ctx context.Context, conf *config) (ticket.Customer, error) {
		return p.d.customerByEmail(ctx, conf, cmp.Or(brand, conf.Settings("", "", "").DefaultBrand), email)
	})
}

// PeopleQuery selects customers or organisations of the desk's own directory, by id.
type PeopleQuery struct {
	Organisation string // customers of this one only
	After        string // continues a listing after this id
	Limit        int    // default ticket.DefaultPage, at most ticket.MaxPage
}

func (q PeopleQuery) records(kind string) store.RecordQuery {
	limit := q.Limit
	if limit <= 0 {
		limit = ticket.DefaultPage
	}
	return store.RecordQuery{Kind: kind, Parent: q.Organisation, After: q.After, Limit: min(limit, ticket.MaxPage)}
}

// Customers lists one page of the desk's own customers, those who were merged into others too. Errors: as Customer,
// without ticket.ErrNotFound.
func (p People) Customers(ctx context.Context, q PeopleQuery) ([]ticket.Customer, error) {
	return lookUp(ctx, p.d, "list customers", func(ctx context.Context, _ *config) ([]ticket.Customer, error) {
		return readDocs(ctx, p.d.store, q.records(kindCustomer), storedCustomer)
	})
}

func readDocs[T any](ctx context.Context, s store.Store, q store.RecordQuery, stored func(*store.Record) (T, error)) (out []T, err error) {
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		recs, err := r.Records(ctx, q)
		out = make([]T, 0, len(recs))
		for _, rec := range recs {
			v, err := stored(rec)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// PutCustomer adds a customer, or changes the one with the ID; without an ID they get one. With a Version it is refused
// with ticket.ErrConflict if somebody else has changed them. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the
// right to keep people; ticket.ErrExists for an address of somebody else; ticket.ErrInvalid.
func (p People) PutCustomer(ctx context.Context, c ticket.Customer) (ticket.Customer, error) {
	c = normalCustomer(c)
	var out ticket.Customer
	err := p.d.keepPeople(ctx, "put customer "+c.ID, func(ctx context.Context, w *write) (err error) {
		out, err = w.putCustomer(ctx, c)
		return err
	})
	return out, err
}

func normalCustomer(c ticket.Customer) ticket.Customer {
	c = c.Clone()
	for i, e := range c.Emails {
		c.Emails[i] = ticket.NormalizeEmail(e)
	}
	c.Emails = slices.DeleteFunc(c.Emails, func(e string) bool { return e == "" })
	return c
}

func (w *write) putCustomer(ctx context.Context, c ticket.Customer) (ticket.Customer, error) {
	if err := w.checkCustomer(c); err != nil {
		return c, err
	}
	if c.ID == "" {
		n, err := w.tx.NewID(ctx, "customer")
		if err != nil {
			return c, err
		}
		c.ID = "c" + strconv.FormatInt(n, 10)
	}
	old, rec, err := w.customer(ctx, c.ID)
	if err != nil {
		return c, err
	}
	if c.Version != 0 && c.Version != rec.Version {
		return c, fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, rec.Version, c.Version)
	}
	if old.MergedInto != "" {
		return c, ticket.Invalid("id", ticket.FaultState, "customer %q was merged into %q: change that one, or unmerge", c.ID, old.MergedInto)
	}
	c.MergedInto, c.CreatedAt = "", old.CreatedAt
	if c.CreatedAt.IsZero() {
		c.CreatedAt = w.now
	}
	if err := w.moveAddresses(ctx, old, c); err != nil {
		return c, err
	}
	if c.Organisation != "" && c.Organisation != old.Organisation {
		if _, err := w.tx.LockRecord(ctx, kindOrganisation, c.Organisation); err != nil && !errors.Is(err, ticket.ErrNotFound) { // see DeleteOrganisation
			return c, err
		}
	}
	return w.storeCustomer(ctx, c, rec)
}

func (w *write) storeCustomer(ctx context.Context, c ticket.Customer, rec *store.Record) (ticket.Customer, error) {
	c.Version = 0 // the record's own counts
	doc, err := json.Marshal(c)
	if err != nil {
		return c, err
	}
	old := rec.Doc
	next := &store.Record{Kind: kindCustomer, Key: c.ID, Parent: c.Organisation, Version: rec.Version, Doc: doc}
	c.Version = rec.Version + 1
	return c, w.putPerson(ctx, next, old, "customer/"+c.ID)
}

// customer returns the stored customer and their record; both are empty for a new one.
func (w *write) customer(ctx context.Context, id string) (c ticket.Customer, rec *store.Record, err error) {
	rec, err = w.tx.Record(ctx, kindCustomer, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return c, &store.Record{}, nil
	}
	if err == nil {
		c, err = storedCustomer(rec)
	}
	return c, rec, err
}

// moveAddresses has the addresses of the customer lead to them, and no others.
func (w *write) moveAddresses(ctx context.Context, old, c ticket.Customer) error {
	for _, e := range old.Emails {
		if err := w.unpoint(ctx, kindCustomerEmail, emailKey(old.Brand, e), c.ID); err != nil {
			return err
		}
	}
	for _, e := range c.Emails {
		if err := w.point(ctx, kindCustomerEmail, emailKey(c.Brand, e), c.ID, "the address "+e); err != nil {
			return err
		}
	}
	return nil
}

func (w *write) checkCustomer(c ticket.Customer) error {
	var e ticket.ValidationError
	l := w.d.cfg.Limits
	if c.ID != "" {
		checkID(&e, c.ID)
	}
	if c.ID == "" && c.Name == "" && len(c.Emails) == 0 {
		e.Add("", ticket.FaultRequired, "is nobody: give an id, a name or an address")
	}
	for field, s := range map[string]string{"name": c.Name, "phone": c.Phone, "organisation": c.Organisation, "locale": c.Locale, "group": c.Group} {
		e.CheckLine(field, s, l.Text)
	}
	e.CheckCount("emails", len(c.Emails), l.List)
	for _, a := range c.Emails {
		checkAddress(&e, "emails", a)
	}
	if c.Brand != "" {
		w.conf.CheckPlaces(&e, []string{c.Brand}, nil)
	}
	checkZone(&e, c.Zone)
	return e.Err()
}

func checkAddress(e *ticket.ValidationError, field, a string) {
	e.CheckLine(field, a, 320) // RFC 5321, 4.5.3.1
	at := strings.LastIndexByte(a, '@')
	if at < 1 || at == len(a)-1 || strings.ContainsAny(a, " \t<>,;/") {
		e.Add(field, ticket.FaultMalformed, "%q is no mail address", a)
	}
}

// DeleteCustomer removes one of the desk's own customers from the directory; their tickets stay as they are. To remove
// what tickets say about somebody, too, use Erase. Errors: as PutCustomer; ticket.ErrNotFound; ticket.ErrInvalid for
// somebody into whom another was merged.
func (p People) DeleteCustomer(ctx context.Context, id string) error {
	return p.d.keepPeople(ctx, "delete customer "+id, func(ctx context.Context, w *write) error {
		for from, into := range w.conf.merged {
			if into == id {
				return ticket.Invalid("id", ticket.FaultState, "customer %q was merged into this one: unmerge them first", from)
			}
		}
		c, rec, err := w.customer(ctx, id)
		if err != nil {
			return err
		}
		if rec.Version == 0 {
			return missing("customer", id)
		}
		return w.dropCustomer(ctx, c)
	})
}

func (w *write) dropCustomer(ctx context.Context, c ticket.Customer) error {
	if err := w.dropEntry(ctx, c); err != nil {
		return err
	}
	return w.record(ctx, &ticket.Event{Type: ticket.EventPeople, Subject: "customer/" + c.ID, Detail: "deleted"})
}

func (w *write) dropEntry(ctx context.Context, c ticket.Customer) error {
	for _, e := range c.Emails {
		if err := w.unpoint(ctx, kindCustomerEmail, emailKey(c.Brand, e), c.ID); err != nil {
			return err
		}
	}
	return w.tx.DeleteRecord(ctx, kindCustomer, c.ID)
}

// Organisation returns an organisation. Errors: as Customer.
func (p People) Organisation(ctx context.Context, id string) (ticket.Organisation, error) {
	return lookUp(ctx, p.d, "read organisation "+id, func(ctx context.Context, conf *config) (ticket.Organisation, error) {
		return p.d.organisation(ctx, conf, id)
	})
}

// Organisations lists one page of the desk's own organisations. Errors: as Customers.
func (p People) Organisations(ctx context.Context, q PeopleQuery) ([]ticket.Organisation, error) {
	q.Organisation = ""
	return lookUp(ctx, p.d, "list organisations", func(ctx context.Context, _ *config) ([]ticket.Organisation, error) {
		return readDocs(ctx, p.d.store, q.records(kindOrganisation), storedOrganisation)
	})
}

// PutOrganisation adds an organisation, or changes the one with the ID; without an ID it gets one. Errors: as
// PutCustomer; ticket.ErrExists for a domain of another one.
func (p People) PutOrganisation(ctx context.Context, o ticket.Organisation) (ticket.Organisation, error) {
	o = o.Clone()
	for i, domain := range o.Domains {
		o.Domains[i] = strings.TrimPrefix(ticket.NormalizeEmail(domain), "@")
	}
	out := o
	err := p.d.keepPeople(ctx, "put organisation "+o.ID, func(ctx context.Context, w *write) error {
		out = o // it may run again
		return w.putOrganisation(ctx, &out)
	})
	return out, err
}

func (w *write) putOrganisation(ctx context.Context, o *ticket.Organisation) error {
	if err := w.checkOrganisation(*o); err != nil {
		return err
	}
	if o.ID == "" {
		n, err := w.tx.NewID(ctx, "organisation")
		if err != nil {
			return err
		}
		o.ID = "o" + strconv.FormatInt(n, 10)
	}
	old, rec, err := w.organisation(ctx, o.ID)
	if err != nil {
		return err
	}
	if o.Version != 0 && o.Version != rec.Version {
		return fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, rec.Version, o.Version)
	}
	for _, domain := range old.Domains {
		if err := w.unpoint(ctx, kindDomain, domain, o.ID); err != nil {
			return err
		}
	}
	for _, domain := range o.Domains {
		if err := w.point(ctx, kindDomain, domain, o.ID, "the domain "+domain); err != nil {
			return err
		}
	}
	o.Version = 0
	doc, err := json.Marshal(o)
	if err != nil {
		return err
	}
	o.Version = rec.Version + 1
	return w.putPerson(ctx, &store.Record{Kind: kindOrganisation, Key: o.ID, Version: rec.Version, Doc: doc}, rec.Doc, "organisation/"+o.ID)
}

// organisation returns the stored organisation and its record; both are empty for a new one.
func (w *write) organisation(ctx context.Context, id string) (o ticket.Organisation, rec *store.Record, err error) {
	rec, err = w.tx.Record(ctx, kindOrganisation, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return o, &store.Record{}, nil
	}
	if err == nil {
		o, err = storedOrganisation(rec)
	}
	return o, rec, err
}

func (w *write) checkOrganisation(o ticket.Organisation) error {
	var e ticket.ValidationError
	l := w.d.cfg.Limits
	if o.ID != "" {
		checkID(&e, o.ID)
	}
	if strings.TrimSpace(o.Name) == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", o.Name, l.Text)
	e.CheckLine("phone", o.Phone, l.Text)
	e.CheckText("notes", o.Notes, l.Body)
	e.CheckCount("domains", len(o.Domains), l.List)
	for _, domain := range o.Domains {
		e.CheckLine("domains", domain, 253)
		if !strings.Contains(domain, ".") || strings.ContainsAny(domain, " /@") {
			e.Add("domains", ticket.FaultMalformed, "%q is no mail domain, as example.com is one", domain)
		}
	}
	checkZone(&e, o.Zone)
	return e.Err()
}

// DeleteOrganisation removes an organisation that has no customers. Tickets keep the id. Errors: as PutOrganisation;
// ticket.ErrNotFound.
func (p People) DeleteOrganisation(ctx context.Context, id string) error {
	return p.d.keepPeople(ctx, "delete organisation "+id, func(ctx context.Context, w *write) error {
		rec, err := w.tx.LockRecord(ctx, kindOrganisation, id)
		if err != nil {
			return err
		}
		members, err := w.tx.Records(ctx, store.RecordQuery{Kind: kindCustomer, Parent: id, Limit: 1})
		if err != nil {
			return err
		}
		if len(members) > 0 {
			return ticket.Invalid("id", ticket.FaultInUse, "customer %q belongs to it: change them first", members[0].Key)
		}
		var o ticket.Organisation
		if err := json.Unmarshal(rec.Doc, &o); err != nil {
			return err
		}
		for _, domain := range o.Domains {
			if err := w.unpoint(ctx, kindDomain, domain, id); err != nil {
				return err
			}
		}
		if err := w.tx.DeleteRecord(ctx, kindOrganisation, id); err != nil {
			return err
		}
		return w.record(ctx, &ticket.Event{Type: ticket.EventPeople, Subject: "organisation/" + id, Detail: "deleted"})
	})
}
