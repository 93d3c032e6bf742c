package helpdesk

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Fields lists the custom fields by Sort, inactive ones too; customers see those that are visible to them. Errors:
// ticket.ErrNoActor.
func (c Catalog) Fields(ctx context.Context) ([]ticket.Field, error) {
	return listFor(ctx, c.d, func(conf *config, a ticket.Actor) []ticket.Field { return conf.shownFields(a, conf.fields) })
}

// PutField adds a custom field, or changes the one with its Code (M48). The type of a field that tickets have values of
// cannot be changed. A desk without fields takes any code in Ticket.Fields; from the first one on, those alone. Errors:
// as PutStatus.
func (c Catalog) PutField(ctx context.Context, f ticket.Field) error {
	var e ticket.ValidationError
	checkEntry(&e, f.Code, f.Name)
	return c.put(ctx, kindField, f.Code, f.Clone(), &e, func(ctx context.Context, w *write) error {
		var e ticket.ValidationError
		if checkField(&e, w.conf, f); e.Err() != nil {
			return &e
		}
		if old, ok := w.conf.field(f.Code); ok && old.Type != f.Type {
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

func checkField(e *ticket.ValidationError, conf *config, f ticket.Field) {
	if !f.Type.Valid() {
		e.Add("type", ticket.FaultUnknown, "%q is no type: use text, multiline, number, date, checkbox, select or multi", f.Type)
	}
	if f.Type.HasOptions() != (len(f.Options) > 0) {
		e.Add("options", ticket.FaultRequired, "are for fields of type select and multi, which need some")
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.Value == "" || o.Value != strings.TrimSpace(o.Value) || strings.ContainsAny(o.Value, "\r\n|") {
			e.Add("options", ticket.FaultMalformed, "%q is no value: use a line without bars and without blanks around it", o.Value)
		}
		if seen[o.Value] {
			e.Add("options", ticket.FaultDuplicate, "%q is there twice", o.Value)
		}
		seen[o.Value] = true
		e.CheckLine("options", o.Value, ticket.MaxFieldKey)
	}
	if f.Editable && !f.Visible {
		e.Add("editable", ticket.FaultConflicting, "needs a field that is visible to customers")
	}
	if f.Required && !f.Editable {
		e.Add("required", ticket.FaultConflicting, "needs a field that customers can fill in: use staff for one that staff must")
	}
	conf.checkPlaces(e, f.Brands, f.Departments)
	checkCondition(e, conf, f)
}

func checkCondition(e *ticket.ValidationError, conf *config, f ticket.Field) {
	if f.When == nil {
		return
	}
	on, ok := conf.field(f.When.Field)
	switch {
	case f.When.Field == f.Code:
		e.Add("when", ticket.FaultConflicting, "depends on the field itself")
	case !ok:
		e.Add("when", ticket.FaultUnknown, "%q is no field: put it first", f.When.Field)
	case on.When != nil:
		e.Add("when", ticket.FaultConflicting, "%q depends on another field itself: depend on that one", f.When.Field)
	}
	for _, v := range f.When.Values {
		if _, wrong := on.Normal(v); ok && wrong != nil {
			e.Add("when", wrong.Fault, "%s", wrong.Message)
		}
	}
	for _, other := range conf.fields {
		if other.When != nil && other.When.Field == f.Code {
			e.Add("when", ticket.FaultInUse, "field %q depends on this one", other.Code)
		}
	}
}

// checkValues brings the values of custom fields into their normal form, in place, and adds to e what is wrong with
// them. old are those that the ticket has: what stays as it is needs no checking.
func (c *config) checkValues(e *ticket.ValidationError, a ticket.Actor, values, old map[string]string) {
	if len(c.fields) == 0 {
		return
	}
	for _, code := range slices.Sorted(maps.Keys(values)) {
		v := values[code]
		f, ok := c.field(code)
		switch {
		case !ok && v == "", !fillable(f, a) && v == "":
			delete(values, code)
			continue
		case !fillable(f, a):
			notFillable(e, code)
			continue
		case v == old[code] && v != "":
			continue
		case !ok:
			e.Add("fields."+code, ticket.FaultUnknown, "is no field: use one of %s", codes(c.fields, func(f ticket.Field) string { return f.Code }))
			continue
		}
		normal, wrong := f.Normal(v)
		if wrong != nil {
			e.Fields = append(e.Fields, *wrong)
			continue
		}
		values[code] = normal
		if normal == "" {
			delete(values, code)
		}
	}
}

// checkServed refuses values for fields that are not there at the ticket's place: nobody would be shown them. A value that
// the ticket has from where it was before stays, and so it is there again when the ticket comes back. What a mail brings is
// left out, for nobody could mend it.
func (c *config) checkServed(e *ticket.ValidationError, a ticket.Actor, brand, department string, values, old map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(values)) {
		f, ok := c.field(code)
		switch {
		case !ok || values[code] == "" || values[code] == old[code] || f.Serves(brand, department):
		case byMail(a):
			delete(values, code)
		case f.Inactive:
			e.Add("fields."+code, ticket.FaultInactive, "is no longer in use: leave it out")
		default:
			e.Add("fields."+code, ticket.FaultNotAllowed, "is not asked for here: leave it out, or choose another brand or department")
		}
	}
}

// served are those of a ticket's values that go along to another place.
func (c *config) served(values map[string]string, brand, department string) map[string]string {
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(code, _ string) bool {
		f, ok := c.field(code)
		return ok && !f.Serves(brand, department)
	})
	return out
}

// fillable reports whether somebody may give a field values. For customers a field that they may not fill in, one that
// is no longer in use and one that is none are the same: an answer would tell them what the desk keeps about them.
func fillable(f ticket.Field, a ticket.Actor) bool {
	return !a.IsCustomer() || (f.Editable && !f.Inactive)
}

func notFillable(e *ticket.ValidationError, code string) {
	e.Add("fields."+code, ticket.FaultNotAllowed, "is none that customers fill in: leave it out")
}

// checkRequired adds which fields the actor must still fill in. Mails are exempt: nobody can fill in a mail.
func (c *config) checkRequired(e *ticket.ValidationError, a ticket.Actor, brand, department string, values map[string]string) {
	for _, f := range c.fields {
		if required(f, a) && f.Wants(&ticket.Ticket{Brand: brand, Department: department, Fields: values}) {
			e.Add("fields."+f.Code, ticket.FaultRequired, "is empty: fill in %s", f.Name)
		}
	}
}

func required(f ticket.Field, a ticket.Actor) bool {
	switch {
	case a.Channel == ticket.ChannelEmail:
		return false
	case a.Kind == ticket.ActorStaff:
		return f.RequiredForStaff
	case !a.IsCustomer():
		return false
	case a.Channel == ticket.ChannelContactForm || a.Channel == ticket.ChannelFeedbackTab:
		return f.Required && f.OnForm
	}
	return f.Required
}

// checkFieldsPatch checks the values that a patch sets, and that none is missing which the patch makes needed: by taking
// it away, by moving the ticket to where it is needed, or by a value that another one depends on.
func (w *write) checkFieldsPatch(e *ticket.ValidationError, p ticket.Patch) {
	if len(w.conf.fields) == 0 || (len(p.Fields) == 0 && p.Brand == nil && p.Department == nil) {
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
	w.conf.checkServed(e, w.actor, after.Brand, after.Department, values, before.Fields)
	maps.DeleteFunc(p.Fields, func(code string, _ *string) bool { _, left := values[code]; return !left })
	after.Fields = patchFields(after.Fields, p.Fields)
	for _, f := range w.conf.fields {
		if required(f, w.actor) && f.Wants(&after) && !f.Wants(before) {
			e.Add("fields."+f.Code, ticket.FaultRequired, "is empty: fill in %s", f.Name)
		}
	}
}

func (w *write) checkFieldValues(e *ticket.ValidationError, p ticket.Patch) {
	values := map[string]string{}
	for code, v := range p.Fields {
		if f, _ := w.conf.field(code); !fillable(f, w.actor) { // not even with the value that it has
			notFillable(e, code)
			continue
		}
		values[code] = deref(v)
	}
	if e.Err() != nil {
		return
	}
	w.conf.checkValues(e, w.actor, values, w.after.Fields)
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
	if conf.keepsFrom(a, t.Department) {
		t.Department = ""
	}
	if len(conf.fields) == 0 {
		return t
	}
	maps.DeleteFunc(t.Fields, func(code, _ string) bool {
		f, _ := conf.field(code)
		return !f.Visible
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

// FieldsFor lists the custom fields of a ticket that is to be, in the order of a form: active, for the brand and the
// department (empty: the defaults), and, for customers, visible to them. Errors: ticket.ErrNoActor.
func (c Catalog) FieldsFor(ctx context.Context, brand, department string) ([]ticket.Field, error) {
	all, err := c.d.Catalog().Fields(ctx)
	if err != nil {
		return nil, err
	}
	draft := ticket.Draft{Brand: brand, Department: department}
	c.d.conf.Load().fillPlace(&draft)
	return slices.DeleteFunc(all, func(f ticket.Field) bool { return !f.Serves(draft.Brand, draft.Department) }), nil
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
	if len(conf.fields) == 0 {
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
		if f, ok := conf.field(code); !ok || !f.Visible {
			return ticket.Invalid("fields", ticket.FaultUnknown, "%q is no field", code)
		}
	}
	return nil
}
