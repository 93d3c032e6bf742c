package helpdesk

import (
	"context"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Fields lists the custom fields by Sort, inactive ones too; customers see those that are visible to them. Errors:
// ticket.ErrNoActor.
func (c Catalog) Fields(ctx context.Context) ([]ticket.Field, error) {
	return listFor(ctx, c.d, func(conf *config, a ticket.Actor) []ticket.Field { return conf.ShownFields(a, conf.Fields) })
}

// PutField adds a custom field, or changes the one with its Code (M48). The type of a field that tickets have values of
// cannot be changed. A desk without fields takes any code in Ticket.Fields; from the first one on, those alone. Errors:
// as PutStatus.
func (c Catalog) PutField(ctx context.Context, f ticket.Field) error {
	var e ticket.ValidationError
	checkEntry(&e, f.Code, f.Name)
	return c.put(ctx, kindField, f.Code, f.Clone(), &e, func(ctx context.Context, w *write) error {
		var e ticket.ValidationError
		if w.conf.CheckField(&e, f); e.Err() != nil {
			return &e
		}
		if old, ok := w.conf.Field(f.Code); ok && old.Type != f.Type {
			return w.unused(ctx, "field", f.Code, ticket.Query{Fields: []ticket.FieldFilter{{Code: f.Code}}})
		}
		return nil
	})
}

// DeleteField removes a custom field that no ticket has a value of. One that is no longer wanted is better made
// Inactive. Errors: as DeleteStatus.
func (c Catalog) DeleteField(ctx context.Context, code string) error {
	return c.delete(ctx, kindField, code, ticket.Query{Fields: []ticket.FieldFilter{{Code: code}}})
}

// checkFieldsPatch checks the values that a patch sets, and that none is missing which the patch makes needed: by taking
// it away, by moving the ticket to where it is needed, or by a value that another one depends on.
func (w *write) checkFieldsPatch(e *ticket.ValidationError, p ticket.Patch) {
	if len(w.conf.Fields) == 0 || (len(p.Fields) == 0 && p.Brand == nil && p.Department == nil) {
		return
	}
	w.checkFieldValues(e, p)
	if e.Err() != nil {
		return
	}
	before, after := w.after, *w.after
	set(&after.Brand, p.Brand)
	set(&after.Department, p.Department)
	values := map[string]string{}
	for code, v := range p.Fields {
		values[code] = deref(v)
	}
	w.conf.CheckServed(e, w.actor, after.Brand, after.Department, values, before.Fields)
	maps.DeleteFunc(p.Fields, func(code string, _ *string) bool { _, left := values[code]; return !left })
	after.Fields = patchFields(after.Fields, p.Fields)
	for _, f := range w.conf.Fields {
		if setup.Required(f, w.actor) && w.conf.ShowsField(w.actor, f) && f.Wants(&after) && !f.Wants(before) {
			e.Add("fields."+f.Code, ticket.FaultRequired, "is empty: fill in %s", f.Name)
		}
	}
}

func (w *write) checkFieldValues(e *ticket.ValidationError, p ticket.Patch) {
	values := map[string]string{}
	for code, v := range p.Fields {
		if f, _ := w.conf.Field(code); !w.conf.Fillable(f, w.actor) { // not even with the value that it has
			setup.RefuseFilled(e, code)
			continue
		}
		values[code] = deref(v)
	}
	if e.Err() != nil {
		return
	}
	w.conf.CheckValues(e, w.actor, values, w.after.Fields)
	for code := range p.Fields {
		p.Fields[code] = new(values[code])
	}
}

// show is a ticket as the actor may see it: without the numbers of tickets that it is linked to and that they may not see,
// and, for customers, without an Internal department and the fields that are not visible to them, without those of the staff who watch, and without
// where it was written from.
func (d *Desk) show(ctx context.Context, a ticket.Actor, t *ticket.Ticket) *ticket.Ticket {
	if t == nil || inGuard(ctx) {
		return t
	}
	t = d.unlinked(ctx, a, t)
	if !a.IsCustomer() {
		return t
	}
	t = t.Clone()
	t.Watchers, t.Tags, t.AssignedBy, t.IP, t.UserAgent, t.OriginURL = nil, nil, "", "", "", ""
	t.Spent = ticket.Spent{}
	conf := d.conf.Load()
	if conf.KeepsFrom(a, t.Department) {
		t.Department = ""
	}
	if len(conf.Fields) == 0 {
		return t
	}
	maps.DeleteFunc(t.Fields, func(code, _ string) bool {
		f, _ := conf.Field(code)
		return !f.Visible || (!f.Inactive && !conf.ShowsField(a, f))
	})
	return t
}

// unlinked takes out of a ticket the numbers of others that the actor may not see.
func (d *Desk) unlinked(ctx context.Context, a ticket.Actor, t *ticket.Ticket) *ticket.Ticket {
	if a.Kind == ticket.ActorSystem || (t.LinkedTo == 0 && t.MergedInto == 0 && t.SplitFrom == 0 && len(t.Links) == 0) {
		return t
	}
	t = t.Clone()
	ids := []int64{t.LinkedTo, t.SplitFrom, t.MergedInto}
	for _, l := range t.Links {
		ids = append(ids, l.Ticket)
	}
	seen, err := d.readEach(ctx, a, ids)
	unseen := func(id int64) bool { return id != 0 && (err != nil || seen[id] == nil) }
	for _, id := range []*int64{&t.LinkedTo, &t.SplitFrom} {
		if unseen(*id) {
			*id = 0
		}
	}
	if unseen(t.MergedInto) {
		t.MergedInto = hiddenTicket
	}
	t.Links = slices.DeleteFunc(t.Links, func(l ticket.Link) bool { return unseen(l.Ticket) })
	return t
}

// hiddenTicket stands for the number of a ticket where it must be said that there is one.
const hiddenTicket = -1

// FieldsFor lists the custom fields that a ticket which is to be is asked for, in the order of a form: active, for the
// brand and the department (empty: the defaults). Customers have those that they can fill in, and, where they act
// through a contact form or a feedback tab, of those what stands on forms (Field.OnForm). Errors: ticket.ErrNoActor;
// ticket.ErrInvalid for a brand or a department that is none, or that customers hear nothing of.
func (c Catalog) FieldsFor(ctx context.Context, brand, department string) ([]ticket.Field, error) {
	ctx, actor, err := c.d.enter(ctx)
	var conf *config
	if err == nil {
		conf, err = c.d.config(ctx)
	}
	if err == nil {
		err = conf.checkNamed(actor, brand, department)
	}
	if err != nil {
		return nil, failed("list fields", err)
	}
	brand, department = conf.PlaceFor(brand, department, "")
	var out []ticket.Field
	for _, f := range conf.ShownFields(actor, conf.Fields) {
		if f.Serves(brand, department) && conf.Asked(f, actor) {
			out = append(out, f.Clone()) // the configuration is shared
		}
	}
	return out, nil
}

// checkNamed refuses a brand and a department that are named and are none to the actor.
func (c *config) checkNamed(a ticket.Actor, brand, department string) error {
	var e ticket.ValidationError
	c.CheckNamed(&e, a, brand, department)
	return e.Err()
}

// checkQuery refuses a query that is none, and one by a property that the actor may not see: an answer would tell its
// value.
func (d *Desk) checkQuery(ctx context.Context, conf *config, a ticket.Actor, q ticket.Query) error {
	var e ticket.ValidationError
	if q.Check(&e); e.Err() != nil {
		return e.Err()
	}
	if !a.IsCustomer() || inGuard(ctx) {
		return nil
	}
	if q.Watcher != "" {
		return ticket.Invalid("watcher", ticket.FaultNotAllowed, "is for staff to ask")
	}
	if len(q.Tags) > 0 {
		return ticket.Invalid("tags", ticket.FaultNotAllowed, "are for staff to ask")
	}
	if len(conf.Fields) == 0 {
		return nil
	}
	asked := make([]string, 0, len(q.Fields)+1)
	for _, f := range q.Fields {
		asked = append(asked, f.Code)
	}
	if code, _, ok := q.Sort.Field(); ok {
		asked = append(asked, code)
	}
	for _, code := range asked {
		if f, ok := conf.Field(code); !ok || !conf.ShowsField(a, f) {
			return ticket.Invalid("fields", ticket.FaultUnknown, "%q is no field", code)
		}
	}
	return nil
}
