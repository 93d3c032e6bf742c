package helpdesk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func withFields(t testing.TB, cfg helpdesk.Config, fields ...ticket.Field) *helpdesktest.Desk {
	t.Helper()
	cfg.Fields = fields
	return newDesk(t, inPlaces(cfg))
}

func values(kv ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		out[kv[i]] = kv[i+1]
	}
	return out
}

func TestFields(t *testing.T) {
	t.Parallel()
	open := func(f ticket.Field) ticket.Field {
		f.Name, f.Visible, f.Editable = "Field "+f.Code, true, true
		return f
	}
	t.Run("M48 values are checked and brought into the normal form of their type", func(t *testing.T) {
		t.Parallel()
		options := ticket.ParseOptions("r | Red\nb | Blue\ng")
		d := withFields(t, helpdesk.Config{}, open(ticket.Field{Code: "line", Type: ticket.FieldText}), open(ticket.Field{Code: "area", Type: ticket.FieldArea}),
			open(ticket.Field{Code: "num", Type: ticket.FieldNumber}), open(ticket.Field{Code: "day", Type: ticket.FieldDate}), open(ticket.Field{Code: "box", Type: ticket.FieldCheckbox}),
			open(ticket.Field{Code: "one", Type: ticket.FieldSelect, Options: options}), open(ticket.Field{Code: "many", Type: ticket.FieldMulti, Options: options}))
		for _, c := range []struct{ code, in, out string }{
			{"line", " a ", "a"}, {"area", "a\nb", "a\nb"}, {"num", "+007.50", "7.5"}, {"num", "-0.0", "0"}, {"num", "-.5", "!"}, {"num", "1e3", "!"}, {"num", "0x1", "!"},
			{"num", "1,5", "!"}, {"num", strings.Repeat("9", 31), "!"}, {"day", "2026-02-28", "2026-02-28"}, {"day", "2026-02-29", "!"}, {"box", "Yes", "1"}, {"box", "off", ""},
			{"box", "perhaps", "!"}, {"one", "b", "b"}, {"one", "Blue", "!"}, {"many", "g\nr\nr", "r\ng"}, {"many", "r\nx", "!"}, {"line", "a\nb", "!"}, {"none", "x", "!"},
		} {
			draft := lamp()
			draft.Fields = values(c.code, c.in)
			tk, err := d.CreateTicket(as(ann), draft)
			if c.out == "!" {
				invalid(t, err, "fields."+c.code)
				continue
			}
			ok(t, err)
			equal(t, c.code+" "+c.in, tk.Fields[c.code], c.out)
		}
	})
	t.Run("M48 customers see and fill in what is theirs", func(t *testing.T) {
		t.Parallel()
		d := withFields(t, helpdesk.Config{}, ticket.Field{Code: "secret", Name: "S", Type: ticket.FieldText}, ticket.Field{Code: "shown", Name: "S", Type: ticket.FieldText, Visible: true}, open(ticket.Field{Code: "own", Type: ticket.FieldText}))
		for _, code := range []string{"secret", "shown"} {
			draft := lamp()
			draft.Fields = values(code, "x")
			_, err := d.CreateTicket(as(ann), draft)
			invalid(t, err, "fields."+code)
		}
		draft := lamp()
		draft.Fields = values("own", "mine")
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"secret": new("s"), "shown": new("t")}}))(t)
		equal(t, "staff", len(must(d.Ticket(as(bob), tk.ID))(t).Fields), 3)
		for _, seen := range []*ticket.Ticket{must(d.Ticket(as(ann), tk.ID))(t), must(d.Tickets(as(ann), ticket.Query{}))(t).Tickets[0], must(d.TicketByCode(as(ann), tk.Code))(t), must(d.MarkRead(as(ann), tk.ID))(t), must(d.CloseTicket(as(ann), tk.ID))(t)} {
			equal(t, "customer", seen.Fields["secret"]+seen.Fields["shown"]+seen.Fields["own"], "tmine")
		}
		equal(t, "fields of a customer", len(must(d.Catalog().Fields(as(ann)))(t)), 2)
		_, err := d.Tickets(as(ann), ticket.Query{Fields: []ticket.FieldFilter{{Code: "secret", Values: []string{"s"}}}})
		invalid(t, err, "fields")
		_, err = d.Tickets(as(ann), ticket.Query{Sort: ticket.ByField("secret")})
		invalid(t, err, "fields")
	})
	t.Run("M48 X28 required fields are asked of those who can fill them in, where the field is for the place and matters", func(t *testing.T) {
		t.Parallel()
		kind := open(ticket.Field{Code: "kind", Type: ticket.FieldSelect, Options: ticket.ParseOptions("return\nother")})
		reason := open(ticket.Field{Code: "reason", Type: ticket.FieldText, Required: true, OnForm: true, When: &ticket.FieldCondition{Field: "kind", Values: []string{"return"}}})
		d := withFields(t, helpdesk.Config{}, kind, reason, ticket.Field{Code: "cost", Name: "Cost", Type: ticket.FieldNumber, RequiredForStaff: true, Departments: []string{"billing"}})
		draft := lamp()
		must(d.CreateTicket(as(ann), draft))(t)
		draft.Fields = values("kind", "other")
		must(d.CreateTicket(as(ann), draft))(t)
		draft.Fields = values("kind", "return")
		_, err := d.CreateTicket(as(ann), draft)
		invalid(t, err, "fields.reason")
		_, err = d.CreateTicket(as(guest), draft)
		invalid(t, err, "fields.reason")
		must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), draft))(t)
		must(d.CreateTicket(as(bob), draft))(t)
		draft.Fields = values("kind", "return", "reason", "broken")
		must(d.CreateTicket(as(ann), draft))(t)
		draft.Department, draft.Fields = "billing", nil
		_, err = d.CreateTicket(as(bob), draft)
		invalid(t, err, "fields.cost")
		draft.Fields = values("cost", "5")
		tk := must(d.CreateTicket(as(bob), draft))(t)
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"cost": nil}})
		invalid(t, err, "fields.cost")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"cost": nil}, Department: new("support")}))(t)
	})
	t.Run("M49 tickets are filtered, ranged and sorted by fields", func(t *testing.T) {
		t.Parallel()
		d := withFields(t, helpdesk.Config{}, open(ticket.Field{Code: "n", Type: ticket.FieldNumber}))
		for _, n := range []string{"10", "9", "", "-1.5"} {
			draft := lamp()
			draft.Fields = values("n", n)
			draft.Subject = "n=" + n
			must(d.CreateTicket(as(ann), draft))(t)
		}
		list := func(q ticket.Query) (out string) {
			for tk, err := range d.AllTickets(as(bob), q) {
				ok(t, err)
				out += tk.Subject + " "
			}
			return out
		}
		equal(t, "ascending", list(ticket.Query{Sort: ticket.ByField("n"), Limit: 1}), "n=-1.5 n=9 n=10 n= ")
		equal(t, "descending", list(ticket.Query{Sort: ticket.ByFieldDesc("n"), Limit: 2}), "n=10 n=9 n=-1.5 n= ")
		equal(t, "range", list(ticket.Query{Sort: ticket.ByField("n"), Fields: []ticket.FieldFilter{{Code: "n", From: "-2", To: "9.0"}}}), "n=-1.5 n=9 ")
		equal(t, "value", list(ticket.Query{Fields: []ticket.FieldFilter{{Code: "n", Values: []string{"10.0", "11"}}}}), "n=10 ")
		equal(t, "none", list(ticket.Query{Fields: []ticket.FieldFilter{{Code: "n", Empty: true}}}), "n= ")
	})
	t.Run("M49 a change of a field is journalled and told with old and new", func(t *testing.T) {
		t.Parallel()
		d := withFields(t, helpdesk.Config{}, open(ticket.Field{Code: "a", Type: ticket.FieldText}), open(ticket.Field{Code: "b", Type: ticket.FieldText}))
		draft := lamp()
		draft.Fields = values("a", "1", "b", "2")
		tk := must(d.CreateTicket(as(ann), draft))(t)
		var got []hooks.Fielded
		d.Hooks().TicketFieldsChange.Bind("acme", func(_ ctx, e hooks.Fielded) error {
			got = append(got, e)
			return nil
		})
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"a": new("3"), "b": nil}, Subject: new("x")}))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"a": new("3")}}))(t)
		if len(got) != 1 || got[0].Old["a"] != "1" || got[0].New["a"] != "3" || got[0].Old["b"] != "2" || got[0].New["b"] != "" {
			t.Errorf("told %+v", got)
		}
		equal(t, "history", changeOf(t, d, tk.ID, "fields.a"), ticket.Change{Field: "fields.a", Old: "1", New: "3"})
	})
	t.Run("B03 M48 fields are for brands and departments, and speak the reader's language", func(t *testing.T) {
		t.Parallel()
		d := withFields(t, helpdesk.Config{}, ticket.Field{Code: "o", Name: "Size", Type: ticket.FieldSelect, Visible: true, Brands: []string{"outlet"},
			Labels: ticket.Label{"de": "Größe", "outlet/de": "Maß"}, Options: []ticket.Option{{Value: "l", Name: "Large", Labels: ticket.Label{"de": "Groß"}}}})
		equal(t, "in the shop", len(must(d.Catalog().FieldsFor(as(ann), "default", ""))(t)), 0)
		equal(t, "in the outlet, to who cannot fill it in", len(must(d.Catalog().FieldsFor(as(ann), "outlet", ""))(t)), 0)
		list := must(d.Catalog().FieldsFor(as(bob), "outlet", ""))(t)
		equal(t, "in the outlet", len(list), 1)
		equal(t, "label", list[0].Labels.In("outlet", "de-AT", list[0].Name)+list[0].Labels.In("default", "de", list[0].Name)+list[0].Labels.In("", "tr", list[0].Name), "MaßGrößeSize")
		equal(t, "value", list[0].Text("l", "outlet", "de")+list[0].Text("l", "", "ru")+list[0].Text("gone", "", ""), "GroßLargegone")
		invalid(t, d.Catalog().DeleteBrand(as(bob), "outlet"), "code")
	})
	t.Run("M48 a form asks for what can be filled in, and on contact forms for what stands there", func(t *testing.T) {
		t.Parallel()
		shown, form := open(ticket.Field{Code: "a", Type: ticket.FieldText}), open(ticket.Field{Code: "b", Type: ticket.FieldText, OnForm: true})
		d := withFields(t, helpdesk.Config{}, shown, form, ticket.Field{Code: "c", Name: "C", Type: ticket.FieldText, Visible: true, OnForm: true},
			ticket.Field{Code: "d", Name: "D", Type: ticket.FieldText}, ticket.Field{Code: "e", Name: "E", Type: ticket.FieldText, Visible: true, Editable: true, Inactive: true})
		asked := func(a ticket.Actor) (out string) {
			for _, f := range must(d.Catalog().FieldsFor(as(a), "", ""))(t) {
				out += f.Code
			}
			return out
		}
		equal(t, "of a client", asked(ann), "ab")
		equal(t, "on a contact form", asked(guest.Via(ticket.ChannelContactForm)), "b")
		equal(t, "on a feedback tab", asked(ann.Via(ticket.ChannelFeedbackTab)), "b")
		equal(t, "of staff", asked(bob), "abcd")
	})
	t.Run("M48 a field is checked, and kept while tickets have values of it", func(t *testing.T) {
		t.Parallel()
		d := withFields(t, helpdesk.Config{}, open(ticket.Field{Code: "a", Type: ticket.FieldText}))
		for field, f := range map[string]ticket.Field{
			"type": {Code: "x", Name: "X", Type: "blob"}, "options": {Code: "x", Name: "X", Type: ticket.FieldSelect}, "editable": {Code: "x", Name: "X", Type: ticket.FieldText, Editable: true},
			"required": {Code: "x", Name: "X", Type: ticket.FieldText, Required: true}, "brands": {Code: "x", Name: "X", Type: ticket.FieldText, Brands: []string{"none"}},
			"when": {Code: "x", Name: "X", Type: ticket.FieldText, When: &ticket.FieldCondition{Field: "none"}}, "name": {Code: "x", Type: ticket.FieldText},
		} {
			invalid(t, d.Catalog().PutField(as(bob), f), field)
		}
		invalid(t, d.Catalog().PutField(as(bob), ticket.Field{Code: "x", Name: "X", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "a"}, {Value: "a"}}}), "options")
		draft := lamp()
		draft.Fields = values("a", "1")
		tk := must(d.CreateTicket(as(ann), draft))(t)
		invalid(t, d.Catalog().DeleteField(as(bob), "a"), "code")
		invalid(t, d.Catalog().PutField(as(bob), ticket.Field{Code: "a", Name: "A", Type: ticket.FieldNumber}), "code")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"a": nil}}))(t)
		ok(t, d.Catalog().PutField(as(bob), ticket.Field{Code: "a", Name: "A", Type: ticket.FieldNumber}))
		ok(t, d.Catalog().DeleteField(as(bob), "a"))
	})
	t.Run("M48 B03 a value is refused where its field is not, and stays with a ticket that goes there", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{Fields: []ticket.Field{
			{Code: "iban", Name: "IBAN", Type: ticket.FieldText, Visible: true, Editable: true, Departments: []string{"billing"}},
			{Code: "fax", Name: "Fax", Type: ticket.FieldText, Visible: true, Editable: true, Inactive: true},
		}}))
		fault := func(err error, field string, want ticket.Fault) {
			t.Helper()
			var v *ticket.ValidationError
			if invalid(t, err, field); errors.As(err, &v) && v.Fields[0].Fault != want {
				t.Errorf("the fault of %v is %q, want %q", err, v.Fields[0].Fault, want)
			}
		}
		draft := func(code, department string) ticket.Draft {
			r := lamp()
			r.Department, r.Fields = department, map[string]string{code: "DE1"}
			return r
		}
		_, err := d.CreateTicket(as(bob), draft("iban", ""))
		fault(err, "fields.iban", ticket.FaultNotAllowed)
		equal(t, "left over in a customer's form", len(must(d.CreateTicket(as(ann), draft("iban", "")))(t).Fields), 0)
		_, err = d.CreateTicket(as(ann), draft("fax", ""))
		fault(err, "fields.fax", ticket.FaultNotAllowed)
		_, err = d.CreateTicket(as(bob), draft("fax", ""))
		fault(err, "fields.fax", ticket.FaultInactive)
		mailed := must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), draft("iban", "")))(t)
		equal(t, "by mail", len(mailed.Fields), 0)
		tk := must(d.CreateTicket(as(ann), draft("iban", "billing")))(t)
		moved := must(d.Transfer(as(bob), tk.ID, "support"))(t)
		equal(t, "moved with its value", moved.Fields["iban"], "DE1")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"iban": new("DE1")}}))(t)
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"iban": new("DE2")}})
		fault(err, "fields.iban", ticket.FaultNotAllowed)
		back := must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Department: new("billing"), Fields: map[string]*string{"iban": new("DE2")}}))(t)
		equal(t, "moved back with another", back.Fields["iban"], "DE2")
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "and another thing"}))(t)
		part := must(d.Split(as(bob), tk.ID, ticket.Split{Messages: []int64{m.ID}, Department: "support"}))(t)
		equal(t, "split off to where the field is not", len(part.Fields), 0)
		equal(t, "split from", must(d.Ticket(as(bob), tk.ID))(t).Fields["iban"], "DE2")
		must(d.Transfer(as(bob), tk.ID, "support"))(t)
		equal(t, "cleared", len(must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"iban": nil}}))(t).Fields), 0)
	})
}
