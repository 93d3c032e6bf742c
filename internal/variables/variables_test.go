package variables_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/variables"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func values() variables.Values {
	label := func(s string) ticket.Label { return ticket.Label{"de": s} }
	return variables.Values{
		Ticket: &ticket.Ticket{Code: "AB-1", Subject: "A lamp", Department: "sales", Status: "new", Priority: "high", Service: "S5", Phone: "030",
			Requester: ticket.Person{Name: "Ann", Email: "ann@example.com"}, CreatedAt: time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC),
			Fields: map[string]string{"size": "s\n\nxl\nodd", "size_label": "L", "note": "a\nb"}},
		Brand:      ticket.Brand{Code: "acme", Name: "Acme", Sender: "hi@acme.example", Zone: "Europe/Berlin", Locales: []string{"de", "en"}},
		Department: ticket.Department{Code: "sales", Name: "Sales", Labels: label("Verkauf"), Sender: "sales@acme.example"},
		Status:     ticket.Status{Code: "new", Name: "New"},
		Fields: []ticket.Field{{Code: "size", Options: []ticket.Option{{Value: "s", Name: "Small", Labels: label("Klein")}, {Value: "xl", Name: "Very large"}}},
			{Code: "size_label"}, {Code: "note"}},
		Owner: func() ticket.Agent { return ticket.Agent{Name: "Carol"} },
		User: func() ticket.Agent {
			return ticket.Agent{Name: "Bob Baker", FirstName: "Bob", LastName: "Baker", Email: "bob@desk.example"}
		},
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ticket_customer_name": "Ann", "ticket_customer_email": "ann@example.com", "ticket_code": "AB-1", "ticket_subject": "A lamp",
		"ticket_department": "Verkauf", "ticket_status": "New", "ticket_priority": "high", "ticket_service": "S5", "ticket_phone": "030",
		"ticket_created": "2026-11-22", "ticket_assignee": "Carol", "store_name": "Acme", "store_email": "sales@acme.example",
		"user_name": "Bob Baker", "user_firstname": "Bob", "user_lastname": "Baker", "user_email": "bob@desk.example",
		"f_size": "s, xl, odd", "f_note": "a, b", "f_note_label": "a, b", "f_size_label": "L", "f_size_label_label": "L",
		"f_nosuch": "", "nosuch_name": "", "f_": "",
	} {
		t.Run("M47 "+name, func(t *testing.T) {
			t.Parallel()
			if got := values().Of(name); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
	t.Run("M47 options by their names, where no field has the longer code", func(t *testing.T) {
		t.Parallel()
		v := values()
		v.Fields = v.Fields[:1]
		if got := v.Of("f_size_label"); got != "Klein, Very large, odd" {
			t.Errorf("%q", got)
		}
	})
	t.Run("M47 staff see a guest with their address, and whom the host knows by name", func(t *testing.T) {
		t.Parallel()
		v := values()
		v.ForStaff, v.Ticket.Requester.Name = true, "Bob, Support"
		if got := v.Of("ticket_customer_name"); got != "Bob, Support <ann@example.com>" {
			t.Errorf("%q", got)
		}
		v.Ticket.Requester.Name = strings.Repeat("ä", 1000)
		if got := v.Of("ticket_customer_name"); len([]rune(got)) > 200 || !strings.HasSuffix(got, "… <ann@example.com>") {
			t.Errorf("%q", got)
		}
		v.Ticket.Requester = ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}
		if got := v.Of("ticket_customer_name"); got != "Ann" {
			t.Errorf("%q", got)
		}
	})
	t.Run("M47 what is missing has the next best", func(t *testing.T) {
		t.Parallel()
		v := values()
		v.Ticket.Requester.Name, v.Brand.Zone, v.Department = "", "Nowhere/Nothing", ticket.Department{}
		for name, want := range map[string]string{"ticket_customer_name": "ann@example.com", "ticket_created": "2026-11-21", "ticket_department": "sales", "store_email": "hi@acme.example"} {
			if got := v.Of(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	fields := values().Fields
	t.Run("M47 every variable that is listed is known, and told about", func(t *testing.T) {
		t.Parallel()
		for _, v := range variables.All() {
			if name := strings.ReplaceAll(v.Name, "<code>", "note"); !variables.Known(name, fields) || v.Meaning == "" {
				t.Errorf("%+v", v)
			}
			if name := strings.ReplaceAll(v.Name, "<code>", "nosuch"); name != v.Name && variables.Known(name, fields) {
				t.Errorf("%s is known", name)
			}
		}
		all := variables.All()
		if all[0].Name = "changed"; variables.All()[0].Name == "changed" {
			t.Error("whoever is told may change it")
		}
	})
	t.Run("M47 the name that may have been meant", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{"ticket_cod": "ticket_code", "user_nam": "user_name", "f_nota": "f_note", "f_size_labe": "f_size_label",
			"nam": "ticket_customer_name", "Name": "ticket_customer_name", "customer": "ticket_customer_name", "Customer Name": "ticket_customer_name", "customerName": "ticket_customer_name",
			"ticket.code": "ticket_code", "ticket.id": "ticket_code", "number": "ticket_code", "ticket.requester.email": "ticket_customer_email", "client-email": "ticket_customer_email",
			"ticket.created_at": "ticket_created", "agent.name": "user_name", "first_name": "user_firstname", "owner": "ticket_assignee", "store": "store_name", "brand": "store_name",
			"subjet": "ticket_subject", "costumer_name": "ticket_customer_name", "note": "f_note", "ticket.field.size": "f_size", "field.note": "f_note", "size label": "f_size_label",
			"sic": "", "see below": "", "x": "", "": "", "...": "", "ticket": "", "field": "", "foo_bar": "", "link": "", "same": "", "unsubscribe": "", "é": ""} {
			if got := variables.Meant(name, fields); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

func TestFill(t *testing.T) {
	t.Parallel()
	name := func(string) string { return "<b>*x*" }
	for format, want := range map[ticket.Format]string{ticket.Plain: "Hi <b>*x*", ticket.HTML: "Hi &lt;b&gt;*x*", "": "Hi <b>*x*"} {
		t.Run("M47 values are made safe for "+string(format), func(t *testing.T) {
			t.Parallel()
			got, err := variables.Fill("Hi [user_name]", format, 100, name)
			if err != nil || got != want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	t.Run("M47 and for Markdown; not over the limit", func(t *testing.T) {
		t.Parallel()
		if got, err := variables.Fill("Hi [user_name]", ticket.Markdown, 100, name); err != nil || strings.Contains(got, "*x*") {
			t.Errorf("%q, %v", got, err)
		}
		long := func(string) string { return string(slices.Repeat([]byte("x"), 100)) }
		if got, err := variables.Fill("[user_name]", ticket.Plain, 99, long); err == nil {
			t.Errorf("%q", got)
		}
	})
}
