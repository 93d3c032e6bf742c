package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestPutsOfTheSame(t *testing.T) {
	t.Parallel()
	t.Run("M80 a put of what is there already writes nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		c := as(host)
		var org ticket.Organisation
		var ann ticket.Customer
		puts := map[string]func() error{
			"brand":      func() error { return d.Catalog().PutBrand(c, ticket.Brand{Code: "outlet", Name: "Outlet"}) },
			"department": func() error { return d.Catalog().PutDepartment(c, ticket.Department{Code: "sales", Name: "Sales"}) },
			"status": func() error {
				return d.Catalog().PutStatus(c, ticket.Status{Code: "waiting", Name: "Waiting", Class: ticket.ClassPending})
			},
			"priority": func() error { return d.Catalog().PutPriority(c, ticket.Priority{Code: "urgent", Name: "Urgent"}) },
			"field": func() error {
				return d.Catalog().PutField(c, ticket.Field{Code: "size", Name: "Size", Type: ticket.FieldSelect, Options: ticket.ParseOptions("s\nm")})
			},
			"role": func() error {
				return d.Catalog().PutRole(c, ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Rights: ticket.Rights()}}})
			},
			"text": func() error {
				return d.Catalog().PutQuickResponse(c, ticket.QuickResponse{Code: "hi", Name: "Hi", Body: "Hello [requester.name]"})
			},
			"agent": func() error { return d.People().PutAgent(c, ticket.Agent{ID: "7", Name: "Bob"}) },
			"settings": func() error {
				return d.Settings().Update(c, ticket.DeskLayer, ticket.SettingsPatch{AssignOnReply: new(true)})
			},
			"organisation": func() (err error) {
				org, err = d.People().PutOrganisation(c, ticket.Organisation{ID: "acme", Name: "Acme", Version: org.Version})
				return err
			},
			"customer": func() (err error) {
				ann, err = d.People().PutCustomer(c, ticket.Customer{ID: "42", Name: "Ann", Emails: []string{"ann@example.com"}, Version: ann.Version})
				return err
			},
		}
		journal := func() int { return len(must(d.Journal(c, ticket.EventQuery{Limit: ticket.MaxPage}))(t)) }
		for what, put := range puts {
			before := journal()
			ok(t, put())
			equal(t, what+" is put", journal(), before+1)
			ok(t, put())
			equal(t, what+" is put again", journal(), before+1)
		}
	})
}

func TestSeedsThatCameLater(t *testing.T) {
	t.Parallel()
	t.Run("M80 Check names what Config has gained since the store was seeded", func(t *testing.T) {
		t.Parallel()
		first := newDesk(t, helpdesk.Config{})
		open := func(cfg helpdesk.Config) *helpdesktest.Desk {
			return helpdesktest.New(t, &helpdesktest.Options{Store: first.Store, Config: cfg})
		}
		said := func(d *helpdesktest.Desk) string {
			var out []string
			for _, p := range must(d.Check(as(host)))(t) {
				what, _, _ := strings.Cut(p.Message, ", which")
				out = append(out, p.Area+": "+what)
			}
			return strings.Join(out, "; ")
		}
		ok(t, first.Catalog().PutDepartment(as(host), ticket.Department{Code: "sales", Name: "Sales"}))
		ok(t, first.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{DefaultDepartment: new("sales")}))
		ok(t, first.Catalog().DeleteDepartment(as(host), "support"))
		equal(t, "without seeds of its own", said(open(helpdesk.Config{})), "")
		d := open(helpdesk.Config{
			Departments: []ticket.Department{{Code: "sales", Name: "Sales"}, {Code: "legal", Name: "Legal"}},
			Fields:      []ticket.Field{{Code: "order", Name: "Order", Type: ticket.FieldText}},
			Agents:      []ticket.Agent{{ID: "7", Name: "Bob"}},
		})
		equal(t, "with", said(d), `catalogue: Config.Departments names "legal"; catalogue: Config.Fields names "order"; catalogue: Config.Agents names "7"`)
		ok(t, d.Catalog().PutDepartment(as(host), ticket.Department{Code: "legal", Name: "Legal"}))
		ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "order", Name: "Order", Type: ticket.FieldText}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob"}))
		equal(t, "once they are put", said(d), "")
	})
}

func TestPutsAskWhoActsFirst(t *testing.T) {
	t.Parallel()
	t.Run("M51 a put of what is no entry says first that nobody acts, or that they may not", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for what, put := range map[string]func(c ctx) error{
			"brand":        func(c ctx) error { return d.Catalog().PutBrand(c, ticket.Brand{}) },
			"department":   func(c ctx) error { return d.Catalog().PutDepartment(c, ticket.Department{}) },
			"status":       func(c ctx) error { return d.Catalog().PutStatus(c, ticket.Status{}) },
			"priority":     func(c ctx) error { return d.Catalog().PutPriority(c, ticket.Priority{}) },
			"field":        func(c ctx) error { return d.Catalog().PutField(c, ticket.Field{}) },
			"role":         func(c ctx) error { return d.Catalog().PutRole(c, ticket.Role{}) },
			"text":         func(c ctx) error { return d.Catalog().PutQuickResponse(c, ticket.QuickResponse{}) },
			"agent":        func(c ctx) error { return d.People().PutAgent(c, ticket.Agent{}) },
			"settings":     func(c ctx) error { return d.Settings().Update(c, "x", ticket.SettingsPatch{DefaultStatus: new("x")}) },
			"organisation": func(c ctx) error { return drop(d.People().PutOrganisation(c, ticket.Organisation{})) },
			"customer":     func(c ctx) error { return drop(d.People().PutCustomer(c, ticket.Customer{})) },
		} {
			t.Run(what, func(t *testing.T) {
				is(t, put(t.Context()), ticket.ErrNoActor)
				is(t, put(as(ann)), ticket.ErrForbidden)
				is(t, put(as(host)), ticket.ErrInvalid)
			})
		}
	})
}
