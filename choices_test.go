package helpdesk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// offices are departments of each sort: the default one, an open one, one of the outlet's, one that customers hear
// nothing of, and one that is closed.
func offices() helpdesk.Config {
	return helpdesk.Config{
		Brands: []ticket.Brand{{Code: "default", Name: "Shop"}, {Code: "outlet", Name: "Outlet"}, {Code: "gone", Name: "Gone", Inactive: true}},
		Departments: []ticket.Department{{Code: "support", Name: "Support", Silent: true}, {Code: "sales", Name: "Sales"},
			{Code: "returns", Name: "Returns", Brands: []string{"outlet"}}, {Code: "fraud", Name: "Fraud", Internal: true},
			{Code: "telex", Name: "Telex", Inactive: true}},
	}
}

func depsOf(list []ticket.Department) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Code)
	}
	return strings.Join(out, " ")
}

func TestDepartmentsOffered(t *testing.T) {
	t.Parallel()
	t.Run("M26 a form offers what its actor may open a ticket in", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		role := ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Departments: []string{"sales", "fraud"}}}}
		ok(t, d.Catalog().PutRole(as(host), role))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob", Roles: []string{"seller"}}))
		offered := func(a ticket.Actor, brand string) string {
			return depsOf(must(d.Catalog().DepartmentsFor(as(a), brand, ""))(t))
		}
		equal(t, "to the host", offered(host, ""), "fraud sales support")
		equal(t, "to the host at the outlet", offered(host, "outlet"), "fraud returns sales support")
		equal(t, "to an agent with rights in two", offered(bob, ""), "fraud sales")
		equal(t, "to a customer", offered(ann, "outlet"), "returns sales support")
		ok(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{CustomerDepartment: new(false)}))
		equal(t, "to a customer who may not choose", offered(ann, "outlet"), "support")
		ok(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{CustomerSection: new(false)}))
		equal(t, "to a customer of a closed desk", offered(ann, ""), "")
	})
	t.Run("M26 customers are told nothing of what is internal or closed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		equal(t, "departments", depsOf(must(d.Catalog().Departments(as(ann)))(t)), "returns sales support")
		equal(t, "is silent", must(d.Catalog().Departments(as(ann)))(t)[2].Silent, false)
		equal(t, "brands", len(must(d.Catalog().Brands(as(ann)))(t)), 2)
		equal(t, "departments of staff", len(must(d.Catalog().Departments(as(bob)))(t)), 5)
		ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "iban", Name: "IBAN", Type: ticket.FieldText, Visible: true, Departments: []string{"fraud"}}))
		equal(t, "fields", len(must(d.Catalog().Fields(as(ann)))(t)), 0)
		for _, code := range []string{"fraud", "telex", "returns", "nowhere"} {
			_, err := d.CreateTicket(as(ann), ticket.Draft{Subject: "x", Body: "x", Department: code})
			var v *ticket.ValidationError
			if !errors.As(err, &v) {
				t.Fatal(err)
			}
			want := ticket.FieldError{Field: "department", Fault: ticket.FaultUnknown, Message: `"` + code + `" is no department: use one of sales, support`}
			equal(t, code, len(v.Fields), 1)
			equal(t, code, v.Fields[0], want)
		}
		set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditWhileOpen)})
		tk := open(t, d, ann)
		_, err := d.Transfer(as(ann), tk.ID, "fraud")
		invalid(t, err, "department")
		equal(t, "transferred by staff", must(d.Transfer(as(bob), tk.ID, "fraud"))(t).Department, "fraud")
		equal(t, "to its customer", must(d.Ticket(as(ann), tk.ID))(t).Department, "")
		equal(t, "numbers", must(d.Counters(as(ann), ticket.CounterQuery{}))(t).Departments[""].Total, 1)
	})
	t.Run("M26 what holds in a department that customers cannot choose does not tell of it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "iban", Name: "IBAN", Type: ticket.FieldText, Visible: true, Editable: true, Required: true, Departments: []string{"fraud"}}))
		said := func(code string) string {
			draft := ticket.Draft{Subject: "x", Body: "x", Department: code, Priority: "urgent", Service: "x"}
			_, err := d.CreateTicket(as(ann), draft)
			return strings.ReplaceAll(err.Error()+"\n"+d.CheckTicket(as(ann), draft).Error(), code, "…")
		}
		equal(t, "with a field of its own", said("fraud"), said("nowhere"))
		for _, p := range []ticket.SettingsPatch{{CustomerSection: new(false)}, {CustomerPriority: new(false), CustomerService: new(false)}} {
			ok(t, d.Settings().Update(as(host), ticket.DepartmentLayer("fraud"), p))
			equal(t, "with settings of its own", said("fraud"), said("nowhere"))
			equal(t, "what else is wrong", strings.Contains(said("fraud"), `"urgent" is no priority`), true)
		}
	})
	t.Run("M26 settings do not tell customers of an internal department", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		ok(t, d.Settings().Update(as(host), ticket.DepartmentLayer("fraud"), ticket.SettingsPatch{CustomerPriority: new(false), DefaultDepartment: new("fraud")}))
		get := func(a ticket.Actor, department string) ticket.Settings {
			return must(d.Settings().Get(as(a), "", department, ""))(t)
		}
		equal(t, "to customers", fmt.Sprint(get(ann, "fraud")), fmt.Sprint(get(ann, "nowhere")))
		equal(t, "to staff", get(bob, "fraud").CustomerPriority, false)
		set(t, d, ticket.SettingsPatch{DefaultDepartment: new("fraud")})
		equal(t, "the default one", get(ann, "").DefaultDepartment+" "+get(ann, "sales").DefaultDepartment, " ")
		equal(t, "what holds there", get(ann, "").CustomerPriority, false)
	})
	t.Run("M48 a field of internal departments alone is none to customers", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "iban", Name: "IBAN", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "suspect"}}, Visible: true, Editable: true, Departments: []string{"fraud"}}))
		said := func(code string) string {
			_, err := d.CreateTicket(as(ann), ticket.Draft{Subject: "x", Body: "x", Fields: map[string]string{code: "x"}})
			_, listed := d.Tickets(as(ann), ticket.Query{Fields: []ticket.FieldFilter{{Code: code, Values: []string{"x"}}}})
			_, sorted := d.Tickets(as(ann), ticket.Query{Sort: ticket.ByField(code)})
			return strings.ReplaceAll(fmt.Sprint(err, listed, sorted), code, "…")
		}
		equal(t, "iban", said("iban"), said("nosuch"))
	})
	t.Run("M26 Check tells of an internal default, which forms would name", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		told := func() bool {
			for _, p := range must(d.Check(as(host)))(t) {
				if strings.Contains(p.Message, "is internal") {
					return true
				}
			}
			return false
		}
		equal(t, "before", told(), false)
		ok(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{DefaultDepartment: new("fraud")}))
		equal(t, "with an internal default", told(), true)
		ok(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{CustomerSection: new(false)}))
		equal(t, "on a desk for staff", told(), false)
	})
	t.Run("M26 a place that is none is noticed, and customers cannot tell it from one that they hear nothing of", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		said := func(a ticket.Actor, brand, department string) string {
			_, err := d.Catalog().FieldsFor(as(a), brand, department)
			var v *ticket.ValidationError
			if !errors.As(err, &v) {
				return "fine"
			}
			return v.Fields[0].Message
		}
		equal(t, "swapped", said(bob, "sales", "default"), `"sales" is no brand: use one of default, gone, outlet`)
		for _, code := range []string{"fraud", "telex", "nowhere"} {
			equal(t, code, said(ann, "", code), `"`+code+`" is no department: use one of returns, sales, support`)
		}
		for _, code := range []string{"gone", "nowhere"} {
			equal(t, code, said(ann, code, ""), `"`+code+`" is no brand: use one of default, outlet`)
			_, err := d.Catalog().DepartmentsFor(as(ann), code, "")
			invalid(t, err, "brand")
		}
		for _, code := range []string{"fraud", "telex", "sales", ""} {
			equal(t, code+" to staff", said(bob, "outlet", code), "fine")
		}
		equal(t, "to customers", said(ann, "outlet", "sales"), "fine")
		_, err := d.Catalog().DepartmentsFor(as(ann), "contact", "default")
		invalid(t, err, "brand")
	})
	t.Run("M26 what follows a closed ticket of a closed department goes to the default one", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, offices())
		set(t, d, ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)})
		tk := must(d.CreateTicket(as(ann), ticket.Draft{Subject: "x", Body: "x", Department: "sales"}))(t)
		must(d.CloseTicket(as(bob), tk.ID))(t)
		ok(t, d.Catalog().PutDepartment(as(host), ticket.Department{Code: "sales", Name: "Sales", Inactive: true}))
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "again"}))(t)
		equal(t, "department", must(d.Ticket(as(ann), m.TicketID))(t).Department, "support")
	})
}
