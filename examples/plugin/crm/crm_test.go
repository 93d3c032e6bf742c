package crm_test

import (
	"context"
	"errors"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/examples/plugin/crm"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// flaky is a CRM that fails a few times.
type flaky struct {
	failures int
	records  map[string]string
}

func (f *flaky) Record(_ context.Context, key, _, what string) error {
	if f.failures > 0 {
		f.failures--
		return errors.New("CRM: 503")
	}
	f.records[key] = what
	return nil
}

func (f *flaky) Note(_ context.Context, customer string) (string, error) {
	return "<VIP> " + customer, nil
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	ann := ticket.WithActor(context.Background(), ticket.Client("42", "Ann", "ann@example.com"))
	newDesk := func(t *testing.T, failures int) (*helpdesktest.Desk, *flaky) {
		desk := helpdesktest.New(t, &helpdesktest.Options{Manual: true})
		f := &flaky{failures: failures, records: map[string]string{}}
		crm.Plugin{CRM: f}.Register(desk.Hooks())
		return desk, f
	}
	t.Run("X02 the gate refuses with a message per field", func(t *testing.T) {
		t.Parallel()
		desk, _ := newDesk(t, 0)
		_, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Delivery late", Body: "Where is it?"})
		var v *ticket.ValidationError
		if !errors.As(err, &v) || len(v.Fields) != 1 || v.Fields[0].Field != "service" {
			t.Errorf("error is %v", err)
		}
		if _, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Delivery late", Body: "Where is order 12345?"}); err != nil {
			t.Error(err)
		}
	})
	t.Run("X03 the event reaches the CRM once, although that fails twice", func(t *testing.T) {
		t.Parallel()
		desk, f := newDesk(t, 2)
		tk, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "x"})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			desk.DispatchAll(t)
			desk.Clock.Advance(time.Minute)
		}
		if len(f.records) != 1 {
			t.Fatalf("the CRM has %v", f.records)
		}
		for _, what := range f.records {
			if what != tk.Code+": Lamp broken" {
				t.Errorf("the CRM has %q", what)
			}
		}
	})
	t.Run("W02 the view is escaped", func(t *testing.T) {
		t.Parallel()
		desk, _ := newDesk(t, 0)
		html := desk.Hooks().TicketAdminAreaViewDetailSidebar.Render(ann, hooks.Page{Ticket: &ticket.Ticket{Requester: ticket.Person{Email: "ann@example.com"}}})
		if !strings.Contains(string(html), "&lt;VIP&gt; ann@example.com") || html == template.HTML("") {
			t.Errorf("html is %s", html)
		}
	})
}
