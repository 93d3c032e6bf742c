package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// openingDesk is a desk with two departments and a second brand.
func openingDesk(t *testing.T, o gateway.Options) *inbox {
	t.Helper()
	i := newInbox(t, &helpdesktest.Options{Config: helpdesk.Config{
		Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}},
		Brands:      []ticket.Brand{{Code: "default", Name: "Shop"}, {Code: "lamps", Name: "Lamps"}},
	}})
	return i.with(t, o)
}

// with is the same desk with another gateway of that name.
func (i *inbox) with(t *testing.T, o gateway.Options) *inbox {
	t.Helper()
	g, err := gateway.New("support", i.Mail(), i.Store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return &inbox{i.Desk, g, i.box}
}

// opened is the ticket that one more mail opens, and its outcome.
func (i *inbox) opened(t *testing.T, subject string) (*ticket.Ticket, gateway.Outcome) {
	t.Helper()
	n := len(i.box.mails)
	i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), subject, "", "text"))
	out := i.poll(t)
	if len(out) != 1 || out[0].Result != gateway.Opened {
		t.Fatalf("%+v", out)
	}
	tk, err := i.Ticket(staff(), out[0].TicketID)
	if err != nil {
		t.Fatal(err)
	}
	return tk, out[0]
}

func TestR10Opening(t *testing.T) {
	t.Parallel()
	want := ticket.Opening{Brand: "lamps", Department: "sales", Status: "in_progress", Priority: "high"}
	place := func(tk *ticket.Ticket) ticket.Opening {
		return ticket.Opening{Brand: tk.Brand, Department: tk.Department, Status: tk.Status, Priority: tk.Priority}
	}
	t.Run("R10 a gateway's brand, department, status and priority", func(t *testing.T) {
		t.Parallel()
		i := openingDesk(t, gateway.Options{Opening: want})
		if tk, o := i.opened(t, "Lamp"); place(tk) != want || strings.Contains(o.Reason, "set up wrong") {
			t.Errorf("%+v, %s", place(tk), o.Reason)
		}
	})
	t.Run("R10 what is gone from the catalogue holds up no mail, and is told", func(t *testing.T) {
		t.Parallel()
		i := openingDesk(t, gateway.Options{Opening: ticket.Opening{Brand: "gone", Department: "gone", Status: "gone", Priority: "gone"}})
		tk, o := i.opened(t, "Lamp")
		if got := place(tk); got != (ticket.Opening{Brand: "default", Department: "support", Status: "open", Priority: "medium"}) || !strings.Contains(o.Reason, "set up wrong") {
			t.Errorf("%+v, %s", got, o.Reason)
		}
	})
	t.Run("R10 a default department that takes no tickets any more holds up no mail", func(t *testing.T) {
		t.Parallel()
		i := openingDesk(t, gateway.Options{})
		if err := i.Catalog().PutDepartment(staff(), ticket.Department{Code: "support", Name: "Support", Inactive: true}); err != nil {
			t.Fatal(err)
		}
		if tk, _ := i.opened(t, "Lamp"); tk.Department != "sales" {
			t.Errorf("%+v", place(tk))
		}
	})
	t.Run("R10 the subject of a mail without one: the gateway's, or that of the settings", func(t *testing.T) {
		t.Parallel()
		i := openingDesk(t, gateway.Options{Opening: ticket.Opening{Department: "sales"}})
		if tk, _ := i.opened(t, ""); tk.Subject != "(no subject)" {
			t.Errorf("%q", tk.Subject)
		}
		if err := i.Settings().Update(staff(), ticket.DepartmentLayer("sales"), ticket.SettingsPatch{EmptySubject: new("(kein Betreff)")}); err != nil {
			t.Fatal(err)
		}
		if tk, _ := i.opened(t, ""); tk.Subject != "(kein Betreff)" {
			t.Errorf("%q", tk.Subject)
		}
		if tk, _ := i.with(t, gateway.Options{NoSubject: "(sans objet)"}).opened(t, ""); tk.Subject != "(sans objet)" {
			t.Errorf("%q", tk.Subject)
		}
	})
}

func TestFetchLimit(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil).with(t, gateway.Options{FetchLimit: 2})
	for n := range 5 {
		i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), "Lamp", "", "text"))
	}
	t.Run("M35 a fetch takes as many mails as it may, and the next one goes on", func(t *testing.T) {
		for _, want := range []int{2, 2, 1, 0} {
			if n, err := i.g.Fetch(t.Context(), i.box); err != nil || n != want {
				t.Errorf("%d, %v; want %d", n, err, want)
			}
		}
		if st, err := i.g.Status(t.Context()); err != nil || st.Failure != "" || st.Waiting != 5 {
			t.Errorf("%+v, %v", st, err)
		}
	})
}

// acknowledged is a mailbox that notes of what it was told.
type acknowledgedBox struct {
	*box
	told []string
}

func (b *acknowledgedBox) Acknowledge(_ context.Context, places []string) error {
	b.told = append(b.told, places...)
	return nil
}

func TestAnotherMailbox(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil)
	old := &acknowledgedBox{box: &box{validity: 1}}
	old.add(letter(ann, "1@example.com", "One", "", "text"), letter(ann, "2@example.com", "Two", "", "text"))
	before := i.with(t, gateway.Options{Mailbox: "old", Acknowledge: true})
	if n, err := before.g.Fetch(t.Context(), old); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	next := &acknowledgedBox{box: &box{validity: 1}}
	next.add(letter(ann, "3@example.com", "Three", "", "text"), letter(ann, "2@example.com", "Two", "", "text"))
	after := i.with(t, gateway.Options{Mailbox: "new", Acknowledge: true})
	t.Run("M35 a gateway that is given another mailbox begins at its beginning, and tells it nothing of the other's mails", func(t *testing.T) {
		if _, err := after.g.Poll(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if tickets, messages := i.count(t); tickets != 3 || messages != 3 {
			t.Errorf("%d tickets, %d messages", tickets, messages)
		}
		if len(old.told) != 0 || len(next.told) != 2 { // the copy, too
			t.Errorf("old %q, new %q", old.told, next.told)
		}
	})
}

func TestApart(t *testing.T) {
	t.Parallel()
	mail := letter(ann, "1@example.com", "Lamp", "Cc: sales@desk.example\n", "broken")
	for apart, want := range map[bool]int{false: 1, true: 2} {
		t.Run(fmt.Sprintf("X05 the same mail in two mailboxes is %d messages where they are apart: %t", want, apart), func(t *testing.T) {
			t.Parallel()
			d := helpdesktest.New(t, nil)
			byGateway := map[string]gateway.Result{}
			for _, name := range []string{"support", "sales"} {
				g, err := gateway.New(name, joined{d.Mail()}, d.Store, &gateway.Options{Apart: apart})
				if err != nil {
					t.Fatal(err)
				}
				i := &inbox{d, g, &box{validity: 1}}
				i.box.add(mail, strings.Replace(mail, "From:", "Received: by "+name+"\nFrom:", 1)) // as it is, and by way of another server
				for _, o := range i.pollAll(t) {
					if o.Result == gateway.Opened {
						byGateway[name] = o.Result
					}
				}
				i.box.validity = 2 // what was seen is seen, in any case
				if out := i.pollAll(t); len(out) != 0 {
					t.Errorf("%+v", out)
				}
			}
			if len(byGateway) != want {
				t.Errorf("it is a ticket of %v", byGateway)
			}
		})
	}
}
