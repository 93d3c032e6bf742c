package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Catalog is the catalogue of a desk: what tickets can be in. It can be changed while the desk runs; every process sees
// the change at its next operation. Each change is journalled; a put of what is there already writes nothing, so a host
// may put its set-up at each start.
type Catalog struct{ d *Desk }

// Catalog returns the catalogue.
func (d *Desk) Catalog() Catalog { return Catalog{d} }

// Statuses lists the statuses by Sort. Errors: ticket.ErrNoActor.
func (c Catalog) Statuses(ctx context.Context) ([]ticket.Status, error) {
	return list(ctx, c.d, func(conf *config) []ticket.Status { return conf.Statuses })
}

// Priorities lists the priorities by Sort, the least urgent first. Errors: ticket.ErrNoActor.
func (c Catalog) Priorities(ctx context.Context) ([]ticket.Priority, error) {
	return list(ctx, c.d, func(conf *config) []ticket.Priority { return conf.Priorities })
}

// list returns a part of the catalogue as it is.
func list[T interface{ Clone() T }](ctx context.Context, d *Desk, of func(*config) []T) ([]T, error) {
	return listFor(ctx, d, func(conf *config, _ ticket.Actor) []T { return of(conf) })
}

// listFor returns a part of the catalogue as the actor may know it: of gets a copy.
func listFor[T interface{ Clone() T }](ctx context.Context, d *Desk, of func(*config, ticket.Actor) []T) ([]T, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed("read catalogue", err)
	}
	conf, err := d.config(ctx)
	if err != nil {
		return nil, failed("read catalogue", err)
	}
	out := slices.Clone(of(conf, actor))
	for i, v := range out {
		out[i] = v.Clone() // the configuration is shared
	}
	return out, nil
}

// PutStatus adds a status, or changes the one with its Code. The class of a status that tickets are in cannot be
// changed. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers; ticket.ErrInvalid.
func (c Catalog) PutStatus(ctx context.Context, s ticket.Status) error {
	var e ticket.ValidationError
	checkEntry(&e, s.Code, s.Name)
	if !s.Class.Valid() {
		e.Add("class", ticket.FaultUnknown, "%q is no class: use one of new, open, pending, solved, closed", s.Class)
	}
	return c.put(ctx, kindStatus, s.Code, s, &e, func(ctx context.Context, w *write) error {
		if old, ok := w.conf.Status(s.Code); ok && old.Class != s.Class {
			return w.unused(ctx, "status", s.Code, ticket.Query{Statuses: []string{s.Code}})
		}
		return nil
	})
}

// PutPriority adds or changes a priority. Errors: as PutStatus.
func (c Catalog) PutPriority(ctx context.Context, p ticket.Priority) error {
	var e ticket.ValidationError
	checkEntry(&e, p.Code, p.Name)
	return c.put(ctx, kindPriority, p.Code, p, &e, nil)
}

// PutDepartment adds or changes a department. Errors: as PutStatus.
func (c Catalog) PutDepartment(ctx context.Context, dep ticket.Department) error {
	var e ticket.ValidationError
	checkEntry(&e, dep.Code, dep.Name)
	return c.put(ctx, kindDepartment, dep.Code, dep, &e, func(_ context.Context, w *write) error {
		var e ticket.ValidationError
		if w.d.checkSignatures(w.conf, &e, dep.Signatures); e.Err() != nil {
			return e.Err()
		}
		for _, b := range dep.Brands {
			if _, ok := w.conf.Brand(b); !ok {
				return ticket.Invalid("brands", ticket.FaultUnknown, "%q is no brand: put the brand first", b)
			}
		}
		return nil
	})
}

// PutBrand adds or changes a brand. Errors: as PutStatus.
func (c Catalog) PutBrand(ctx context.Context, b ticket.Brand) error {
	var e ticket.ValidationError
	checkEntry(&e, b.Code, b.Name)
	if _, err := time.LoadLocation(b.Zone); err != nil || b.Zone == "Local" {
		e.Add("zone", ticket.FaultUnknown, "%q is no IANA time zone, as Europe/Berlin is one", b.Zone)
	}
	if b.TicketPrefix != "" && len(ticket.NumberCode{}.Find(strings.ToUpper(b.TicketPrefix)+"-1")) != 1 {
		e.Add("ticket_prefix", ticket.FaultMalformed, "%q is no prefix: use 1 to 16 letters and digits, a letter first", b.TicketPrefix)
	}
	return c.put(ctx, kindBrand, b.Code, b, &e, nil)
}

// DeleteStatus removes a status that no ticket is in and that no settings name. Errors: as PutStatus;
// ticket.ErrNotFound.
func (c Catalog) DeleteStatus(ctx context.Context, code string) error {
	return c.delete(ctx, kindStatus, code, ticket.Query{Statuses: []string{code}})
}

// DeletePriority removes a priority that no ticket has and that no settings name. Errors: as DeleteStatus.
func (c Catalog) DeletePriority(ctx context.Context, code string) error {
	return c.delete(ctx, kindPriority, code, ticket.Query{Priorities: []string{code}})
}

// DeleteDepartment removes a department that no ticket is in and that no settings name. One that is no longer wanted is
// better made Inactive. Errors: as DeleteStatus.
func (c Catalog) DeleteDepartment(ctx context.Context, code string) error {
	return c.delete(ctx, kindDepartment, code, ticket.Query{Departments: []string{code}})
}

// DeleteBrand removes a brand that no ticket belongs to and that no settings name. Errors: as DeleteStatus.
func (c Catalog) DeleteBrand(ctx context.Context, code string) error {
	return c.delete(ctx, kindBrand, code, ticket.Query{Brands: []string{code}})
}

func checkEntry(e *ticket.ValidationError, code, name string) {
	if code == "" || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" {
		e.Add("code", ticket.FaultMalformed, "%q is no code: use lower-case letters, digits, and _ - .", code)
	}
	e.CheckLine("code", code, 64)
	if name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", name, 200)
}

// put stores an entry. check may be nil.
func (c Catalog) put(ctx context.Context, kind, code string, entry any, e *ticket.ValidationError, check func(context.Context, *write) error) error {
	what := strings.TrimPrefix(kind, "config/") + "/" + code
	return failed("put "+what, c.d.configure(ctx, func(ctx context.Context, w *write) error {
		if err := e.Err(); err != nil { // not before it is known who acts: who may not is told nothing else
			return err
		}
		if check != nil {
			if err := check(ctx, w); err != nil {
				return err
			}
		}
		doc, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		return w.putConfig(ctx, kind, code, doc, ticket.EventCatalog, what)
	}))
}

func (c Catalog) delete(ctx context.Context, kind, code string, users ticket.Query) error {
	what := strings.TrimPrefix(kind, "config/") + "/" + code
	return failed("delete "+what, c.d.configure(ctx, func(ctx context.Context, w *write) error {
		if err := w.unused(ctx, strings.TrimPrefix(kind, "config/"), code, users); err != nil {
			return err
		}
		if where, ok := w.conf.named(kind, code); ok {
			return ticket.Invalid("code", ticket.FaultInUse, "%s is named by %s: change that first", what, where)
		}
		return w.putConfig(ctx, kind, code, nil, ticket.EventCatalog, what)
	}))
}

// configure is the frame of every change to the configuration.
func (d *Desk) configure(ctx context.Context, fn func(context.Context, *write) error) error {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		err = d.mayAtAll(ctx, actor, ActConfigure)
	}
	if err != nil {
		return err
	}
	_, err = d.transact(ctx, actor, fn)
	return err
}

// unused refuses to take away what tickets or settings still name.
func (w *write) unused(ctx context.Context, kind, code string, users ticket.Query) error {
	users.Limit = 1
	for _, q := range everywhere(users) {
		used, err := anyTicket(ctx, w.tx, q)
		if err != nil {
			return err
		}
		if used {
			return ticket.Invalid("code", ticket.FaultInUse, "%s %q is in use by a ticket: change that first", kind, code)
		}
	}
	s := w.conf.Settings("", "", "")
	for _, used := range []string{"status/" + s.DefaultStatus, "priority/" + s.DefaultPriority, "department/" + s.DefaultDepartment, "brand/" + s.DefaultBrand} {
		if used == kind+"/"+code {
			return ticket.Invalid("code", ticket.FaultInUse, "%s %q is the default: change the settings first", kind, code)
		}
	}
	return nil
}

// everywhere is a query and the same one for the deleted and for the merged tickets, which no list shows with the others.
func everywhere(q ticket.Query) []ticket.Query {
	deleted, merged := q, q
	deleted.Deleted, merged.Merged = true, true
	return []ticket.Query{q, deleted, merged}
}

// named tells which layer of the settings, or which department, names an entry of the catalogue.
func (c *config) named(kind, code string) (where string, ok bool) {
	for layer, p := range c.Layers {
		var names []string
		switch kind {
		case kindStatus:
			names = slices.Concat([]string{deref(p.DefaultStatus), deref(p.ReopenStatus), deref(p.StatusOnStaff), deref(p.StatusOnCustomer)},
				deref(p.ArchiveStatuses), deref(p.SilentStatuses), deref(p.SolvedStatuses))
			for _, t := range deref(p.Transitions) {
				names = append(append(names, t.From), t.To...)
			}
		case kindPriority:
			names = []string{deref(p.DefaultPriority)}
		case kindDepartment:
			names = []string{deref(p.DefaultDepartment)}
		case kindBrand:
			names = []string{deref(p.DefaultBrand)}
		}
		if slices.Contains(names, code) {
			return "the settings of " + string(layer), true
		}
	}
	return c.placed(kind, code)
}

// placed tells which entry of the catalogue is for a brand or a department by name.
func (c *config) placed(kind, code string) (where string, ok bool) {
	names := func(what string, brands, departments []string) {
		if (kind == kindBrand && slices.Contains(brands, code)) || (kind == kindDepartment && slices.Contains(departments, code)) {
			where, ok = what, true
		}
	}
	for _, v := range c.Departments {
		names("department "+v.Code, v.Brands, nil)
		for _, s := range v.Signatures {
			names("a signature of department "+v.Code, []string{s.Brand}, nil)
		}
	}
	for _, v := range c.Fields {
		names("field "+v.Code, v.Brands, v.Departments)
	}
	for _, v := range c.Quick {
		names("quick response "+v.Code, v.Brands, v.Departments)
	}
	for _, v := range c.Roles {
		for _, g := range v.Grants {
			names("role "+v.Code, g.Brands, g.Departments)
		}
	}
	for _, v := range c.Agents {
		names("agent "+v.ID, nil, v.Departments)
		for _, s := range v.Signatures {
			names("a signature of agent "+v.ID, []string{s.Brand}, nil)
		}
	}
	for _, v := range c.Gateways {
		names("gateway "+v.Code, []string{v.Brand}, []string{v.Department})
		if (kind == kindStatus && v.Status == code) || (kind == kindPriority && v.Priority == code) {
			where, ok = "gateway "+v.Code, true
		}
	}
	for _, v := range c.Fields {
		if kind == kindField && v.When != nil && v.When.Field == code {
			where, ok = "field "+v.Code, true
		}
	}
	if !ok && kind == kindField {
		return c.fieldInTexts(code)
	}
	return where, ok
}

// putConfig stores a document of the configuration, or deletes it if doc is nil, and journals how it differs. The same
// again is no change.
func (w *write) putConfig(ctx context.Context, kind, key string, doc []byte, typ ticket.EventType, what string) error {
	rec, err := w.tx.Record(ctx, kind, key)
	switch {
	case errors.Is(err, ticket.ErrNotFound) && doc == nil:
		return err
	case errors.Is(err, ticket.ErrNotFound):
		rec = &store.Record{Kind: kind, Key: key}
	case err != nil:
		return err
	}
	changes := diffDocs(rec.Doc, doc)
	if len(changes) == 0 && rec.Version > 0 && doc != nil {
		return nil
	}
	w.configured = true
	if doc == nil {
		err = w.tx.DeleteRecord(ctx, kind, key)
	} else {
		rec.Doc = doc
		err = w.tx.PutRecord(ctx, rec)
	}
	if err != nil {
		return err
	}
	return w.record(ctx, &ticket.Event{Type: typ, Subject: what, Changes: changes})
}

// diffDocs lists how two JSON objects differ, by key.
func diffDocs(before, after []byte) []ticket.Change {
	a, b := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	_ = json.Unmarshal(before, &a) // an absent or foreign document counts as empty
	_ = json.Unmarshal(after, &b)
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	var out []ticket.Change
	for k := range keys {
		if o, n := string(a[k]), string(b[k]); o != n {
			out = append(out, ticket.Change{Field: k, Old: unquote(o), New: unquote(n)})
		}
	}
	slices.SortFunc(out, func(x, y ticket.Change) int { return strings.Compare(x.Field, y.Field) })
	return out
}

// unquote shows a JSON string as its text, and other values as JSON.
func unquote(raw string) string {
	var s string
	if json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	return raw
}

// zone is the time zone of the default brand.
func (d *Desk) zone(brand string) *time.Location {
	conf := d.conf.Load()
	b, _ := conf.Brand(cmp.Or(brand, conf.Settings("", "", "").DefaultBrand))
	if loc, err := time.LoadLocation(b.Zone); err == nil {
		return loc
	}
	return time.UTC
}
