package helpdesk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestGatewaysInTheCatalogue(t *testing.T) {
	t.Parallel()
	d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}})
	put := func(doc string, version int64) (int64, error) {
		return d.Mail().PutGateway(as(bob), []byte(doc), version)
	}
	t.Run("M35 a gateway names what the catalogue has, and nothing else", func(t *testing.T) {
		_, err := put(`{"code":"Shop!","brand":"b","department":"d","status":"s","priority":"p","addresses":["nobody"]}`, 0)
		fields := ticket.FieldErrors(err)
		for _, f := range []string{"code", "name", "brand", "department", "status", "priority", "addresses"} {
			if len(fields[f]) == 0 {
				t.Errorf("nothing about %s: %v", f, err)
			}
		}
		if _, err := put("no document", 0); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("M35 M80 it has versions, and each change is journalled", func(t *testing.T) {
		v := must(put(`{"code":"shop","name":"Shop","department":"sales","status":"in_progress","priority":"high","addresses":["Shop@Example.com"]}`, 0))(t)
		equal(t, "version", v, 1)
		if _, err := put(`{"code":"shop","name":"Other"}`, 0); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
		equal(t, "the same again", must(put(`{"code":"shop","name":"Shop","department":"sales","status":"in_progress","priority":"high","addresses":["Shop@Example.com"]}`, store.AnyVersion))(t), 1)
		equal(t, "a change", must(put(`{"code":"shop","name":"Lamps","department":"sales","status":"in_progress","priority":"high","addresses":["Shop@Example.com"]}`, v))(t), 2)
		journal := must(d.Journal(as(bob), ticket.EventQuery{Types: []ticket.EventType{ticket.EventCatalog}}))(t)
		if len(journal) != 2 || journal[0].Subject != "gateway/shop" {
			t.Errorf("%+v", journal)
		}
	})
	t.Run("M35 customers change none", func(t *testing.T) {
		if _, err := d.Mail().PutGateway(as(ann), []byte(`{}`), 0); !errors.Is(err, ticket.ErrForbidden) {
			t.Error(err)
		}
		if err := d.Mail().DeleteGateway(as(ann), "shop"); !errors.Is(err, ticket.ErrForbidden) {
			t.Error(err)
		}
	})
	t.Run("M35 what it names stays in the catalogue", func(t *testing.T) {
		for name, err := range map[string]error{
			"department": d.Catalog().DeleteDepartment(as(bob), "sales"), "status": d.Catalog().DeleteStatus(as(bob), "in_progress"), "priority": d.Catalog().DeletePriority(as(bob), "high"),
		} {
			if !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), "gateway shop") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("M40 its addresses are the desk's own", func(t *testing.T) {
		if !must(d.Mail().Correspondent(as(bob), "shop@example.com"))(t).Own {
			t.Error("it is somebody else's")
		}
	})
	t.Run("M35 one that is gone names nothing", func(t *testing.T) {
		ok(t, d.Mail().DeleteGateway(as(bob), "shop"))
		if err := d.Mail().DeleteGateway(as(bob), "shop"); !errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
		ok(t, d.Catalog().DeleteDepartment(as(bob), "sales"))
	})
}

func TestM75GatewayProblems(t *testing.T) {
	t.Parallel()
	d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support", Sender: "help@example.com"}, {Code: "sales", Name: "Sales"}}})
	put := func(doc string) { t.Helper(); must(d.Mail().PutGateway(as(bob), []byte(doc), store.AnyVersion))(t) }
	expect := func(t *testing.T, words ...string) {
		t.Helper()
		list := must(d.Check(as(bob)))(t)
		if len(list) != len(words) {
			t.Errorf("%d problems, %d expected: %+v", len(list), len(words), list)
		}
		for i, w := range words {
			if i < len(list) && (list[i].Area != "mail" || !strings.Contains(list[i].Message, w)) {
				t.Errorf("%+v does not tell of %q", list[i], w)
			}
		}
	}
	t.Run("M75 a desk without stored gateways has its mail come in another way", func(t *testing.T) { expect(t) })
	t.Run("M75 no gateway is active", func(t *testing.T) {
		put(`{"code":"shop","name":"Shop","inactive":true,"addresses":["help@example.com"]}`)
		expect(t, "no gateway is active")
	})
	t.Run("M75 all is well", func(t *testing.T) {
		put(`{"code":"shop","name":"Shop","addresses":["HELP@example.com"],"department":"sales"}`)
		expect(t)
	})
	t.Run("M75 a sender whose answers nobody fetches, and a certificate that nobody looks at", func(t *testing.T) {
		put(`{"code":"shop","name":"Shop","addresses":["other@example.com"],"department":"sales","certificates_unchecked":true}`)
		expect(t, "certificate", "department support writes as help@example.com")
	})
	t.Run("M75 a gateway whose department takes no tickets any more", func(t *testing.T) {
		put(`{"code":"shop","name":"Shop","addresses":["help@example.com"],"department":"sales"}`)
		ok(t, d.Catalog().PutDepartment(as(bob), ticket.Department{Code: "sales", Name: "Sales", Inactive: true}))
		expect(t, `gateway shop: department "sales" is not active`)
	})
}
