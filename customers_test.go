package helpdesk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCustomers(t *testing.T) {
	t.Parallel()
	annAt := ticket.Customer{ID: "42", Name: "Ann", Emails: []string{"Ann@Example.com", "ann@work.example"}}
	t.Run("X13 a customer of several addresses sees what each of them opened", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		before := must(d.CreateTicket(as(ticket.Guest("Ann", "ann@work.example")), lamp()))(t)
		_, err := d.Ticket(as(ann), before.ID)
		is(t, err, ticket.ErrNotFound)
		c := must(d.People().PutCustomer(as(bob), annAt))(t)
		equal(t, "version", c.Version, 1)
		must(d.Ticket(as(ann), before.ID))(t)
		after := must(d.CreateTicket(as(ticket.Guest("A.", "ANN@work.example")), lamp()))(t)
		equal(t, "requester", after.Requester, ticket.Person{ID: "42", Name: "A.", Email: "ann@work.example"})
		equal(t, "list", len(must(d.Tickets(as(ann), ticket.Query{}))(t).Tickets), 2)
		_, err = d.Ticket(as(ticket.Guest("Eve", "ann@example.com")), after.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("X13 an address has one owner, and changed addresses are free again", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		p := d.People()
		c := must(p.PutCustomer(as(bob), annAt))(t)
		_, err := p.PutCustomer(as(bob), ticket.Customer{ID: "43", Emails: []string{"ann@work.example"}})
		is(t, err, ticket.ErrExists)
		_, err = p.Customer(as(bob), "43")
		is(t, err, ticket.ErrNotFound)
		c.Emails = []string{"ann@example.com"}
		must(p.PutCustomer(as(bob), c))(t)
		_, err = p.PutCustomer(as(bob), c)
		is(t, err, ticket.ErrConflict)
		other := must(p.PutCustomer(as(bob), ticket.Customer{Name: "New", Emails: []string{"ann@work.example"}}))(t)
		if other.ID == "" || must(p.CustomerByEmail(as(bob), "", "ann@WORK.example"))(t).ID != other.ID {
			t.Errorf("the new owner is %+v", other)
		}
		ok(t, p.DeleteCustomer(as(bob), other.ID))
		_, err = p.CustomerByEmail(as(bob), "", "ann@work.example")
		is(t, err, ticket.ErrNotFound)
		for _, e := range must(d.Journal(as(bob), ticket.EventQuery{}))(t) {
			for _, ch := range e.Changes {
				if strings.Contains(ch.Old+ch.New, "ann") {
					t.Errorf("the journal holds %+v", ch)
				}
			}
		}
	})
	t.Run("X13 contacts are merged with addresses and tickets, and unmerged exactly", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		p := d.People()
		must(p.PutCustomer(as(bob), annAt))(t)
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "77", Name: "A. Smith", Emails: []string{"old@example.com"}}))(t)
		old := ticket.Client("77", "A. Smith", "old@example.com")
		theirs := open(t, d, old)
		gone := open(t, d, old)
		ok(t, d.DeleteTicket(as(bob), gone.ID))
		mine := open(t, d, ann)
		must(p.MergeCustomers(as(bob), "42", "77"))(t)
		equal(t, "requester", must(d.Ticket(as(ann), theirs.ID))(t).Requester.ID, "42")
		equal(t, "of the deleted one", must(d.Ticket(as(bob), gone.ID))(t).Requester.ID, "42")
		equal(t, "by the old login", len(must(d.Tickets(as(old), ticket.Query{}))(t).Tickets), 2)
		between := open(t, d, old)
		equal(t, "opened in between", between.Requester.ID, "42")
		_, err := p.PutCustomer(as(bob), ticket.Customer{ID: "77", Name: "Zombie"})
		invalid(t, err, "id")
		_, err = p.MergeCustomers(as(bob), "77", "42")
		invalid(t, err, "id")
		_, err = p.MergeCustomers(as(bob), "42", "42")
		invalid(t, err, "from")
		invalid(t, p.DeleteCustomer(as(bob), "42"), "id")

		must(p.UnmergeCustomer(as(bob), "77"))(t)
		equal(t, "requester", must(d.Ticket(as(bob), theirs.ID))(t).Requester, old.Person())
		equal(t, "of the deleted one", must(d.Ticket(as(bob), gone.ID))(t).Requester, old.Person())
		equal(t, "own", must(d.Ticket(as(bob), mine.ID))(t).Requester.ID, "42")
		equal(t, "between", must(d.Ticket(as(bob), between.ID))(t).Requester.ID, "42")
		_, err = d.Ticket(as(ann), theirs.ID)
		is(t, err, ticket.ErrNotFound)
		if c := must(p.Customer(as(bob), "42"))(t); !slices.Equal(c.Emails, []string{"ann@example.com", "ann@work.example"}) {
			t.Errorf("addresses are %v", c.Emails)
		}
		equal(t, "address", must(p.CustomerByEmail(as(bob), "", "old@example.com"))(t).ID, "77")
		_, err = p.UnmergeCustomer(as(bob), "77")
		invalid(t, err, "from")
		equal(t, "changes of the requester", changeOf(t, d, theirs.ID, "requester").Field, "requester")
	})
	t.Run("I02 organisation and contact are separate: one client's tickets are a list of their own", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		p := d.People()
		must(p.PutOrganisation(as(bob), ticket.Organisation{ID: "acme", Name: "Acme", Domains: []string{"@Acme.example"}}))(t)
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "42", Name: "Ann", Organisation: "acme", SeesOrganisation: true}))(t)
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "43", Name: "Gus", Organisation: "acme"}))(t)
		a, b := open(t, d, ann), open(t, d, ticket.Client("43", "Gus", ""))
		stranger := must(d.CreateTicket(as(ticket.Guest("New", "new@acme.example")), lamp()))(t)
		open(t, d, guest)
		equal(t, "organisation", a.Organisation+stranger.Organisation, "acmeacme")
		equal(t, "all", len(must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets), 4)
		equal(t, "the client's", len(must(d.Tickets(as(bob), ticket.Query{Organisation: "acme"}))(t).Tickets), 3)
		equal(t, "seen by their lead", len(must(d.Tickets(as(ann), ticket.Query{}))(t).Tickets), 3)
		must(d.Reply(as(ann), b.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "seen by the other", len(must(d.Tickets(as(ticket.Client("43", "", "")), ticket.Query{}))(t).Tickets), 1)
		_, err := p.PutOrganisation(as(bob), ticket.Organisation{ID: "evil", Name: "E", Domains: []string{"acme.example"}})
		is(t, err, ticket.ErrExists)
		invalid(t, p.DeleteOrganisation(as(bob), "acme"), "id")
		equal(t, "members", len(must(p.Customers(as(bob), helpdesk.PeopleQuery{Organisation: "acme", After: "42"}))(t)), 1)
		_, err = p.Organisations(as(ann), helpdesk.PeopleQuery{})
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("I02 a ticket that goes to somebody else leaves the organisation, and comes back to it with them", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		p := d.People()
		for _, o := range []string{"acme", "umbrella"} {
			must(p.PutOrganisation(as(bob), ticket.Organisation{ID: o, Name: o}))(t)
		}
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "42", Organisation: "acme"}))(t)
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "77", Organisation: "umbrella"}))(t)
		tk := open(t, d, ticket.Client("77", "", "x@example.com"))
		equal(t, "opened", tk.Organisation, "umbrella")
		must(p.MergeCustomers(as(bob), "42", "77"))(t)
		equal(t, "merged", must(d.Ticket(as(bob), tk.ID))(t).Organisation, "acme")
		must(p.UnmergeCustomer(as(bob), "77"))(t)
		equal(t, "unmerged", must(d.Ticket(as(bob), tk.ID))(t).Organisation, "umbrella")
		equal(t, "given away", must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Requester: new(ann.Person())}))(t).Organisation, "")
	})
	t.Run("M22 a customer's form says nothing of mails", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Mail = &ticket.Mail{MessageID: "a@example.com"}
		_, err := d.CreateTicket(as(ann), draft)
		invalid(t, err, "mail")
		tk := open(t, d, guest)
		_, err = d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "note to a stranger's ticket", Unproven: true})
		invalid(t, err, "unproven")
		must(d.Reply(as(ann.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "by mail", Unproven: true}))(t)
	})
	t.Run("B05 the same address is one person, unless the directory splits it by brand", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		p := d.People()
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "1", Emails: []string{"gus@example.com"}}))(t)
		must(p.PutCustomer(as(bob), ticket.Customer{ID: "2", Emails: []string{"gus@example.com"}, Brand: "outlet"}))(t)
		for brand, want := range map[string]string{"default": "1", "outlet": "2"} {
			draft := lamp()
			draft.Brand = brand
			equal(t, brand, must(d.CreateTicket(as(ticket.Guest("", "gus@example.com")), draft))(t).Requester.ID, want)
			equal(t, brand, must(p.CustomerByEmail(as(bob), brand, "gus@example.com"))(t).ID, want)
		}
	})
	t.Run("M74 the requester's local time is of their own zone, their organisation's, their address's, or the brand's", func(t *testing.T) {
		t.Parallel()
		zone, fails := "America/New_York", error(nil)
		d := newDesk(t, helpdesk.Config{Brands: []ticket.Brand{{Code: "default", Name: "D", Zone: "Europe/Berlin"}},
			Locate: func(_ context.Context, ip string) (string, error) { return zone, fails }})
		a := ann
		a.IP = "192.0.2.1"
		tk := must(d.CreateTicket(as(a), lamp()))(t)
		at := func() string {
			now, known, err := d.LocalTime(as(bob), tk.ID)
			ok(t, err)
			if !now.Equal(d.Now()) {
				t.Error("it is another time")
			}
			if !known {
				return now.Location().String() + "?"
			}
			return now.Location().String()
		}
		equal(t, "located", at(), "America/New_York")
		fails = errors.New("no database")
		zone = ""
		equal(t, "not located", at(), "Europe/Berlin?")
		must(d.People().PutOrganisation(as(bob), ticket.Organisation{ID: "acme", Name: "A", Zone: "Asia/Tokyo"}))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Organisation: new("acme")}))(t)
		equal(t, "organisation's", at(), "Asia/Tokyo")
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Zone: "Australia/Sydney"}))(t)
		equal(t, "own", at(), "Australia/Sydney")
		_, _, err := d.LocalTime(as(ann), tk.ID)
		is(t, err, ticket.ErrForbidden)
		_, err = d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Zone: "Mars/Olympus"})
		invalid(t, err, "zone")
	})
	t.Run("M77 the host tells of its objects, and a missing one is in nobody's way", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Objects: stock{}})
		draft := lamp()
		draft.Service, draft.Related = "A-17", []ticket.Ref{{Kind: "order", ID: "gone", Label: "Old order"}, {Kind: "order", ID: "A-17"}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		list := must(d.Objects(as(bob), tk.ID))(t)
		equal(t, "objects", len(list), 3)
		equal(t, "missing", list[0].Label+list[0].URL, "Old order")
		equal(t, "kept reference", list[1].Ref, ticket.Ref{Kind: "order", ID: "A-17", Label: "Order A-17"})
		equal(t, "service", list[2].Kind+list[2].Label, "serviceOrder A-17")
		_, err := d.Objects(as(guest), tk.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("X13 bad people are refused with typed errors", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		p := d.People()
		for field, c := range map[string]ticket.Customer{
			"": {}, "emails": {ID: "1", Emails: []string{"nobody"}}, "brands": {ID: "1", Brand: "none"}, "name": {ID: "1", Name: "a\nb"}, "id": {ID: "a\x00b"},
		} {
			_, err := p.PutCustomer(as(bob), c)
			invalid(t, err, field)
		}
		for field, o := range map[string]ticket.Organisation{"name": {ID: "1"}, "domains": {Name: "x", Domains: []string{"com"}}, "zone": {Name: "x", Zone: "Local"}} {
			_, err := p.PutOrganisation(as(bob), o)
			invalid(t, err, field)
		}
		for field, a := range map[string]ticket.Agent{"id": {Name: "x"}, "name": {ID: "1"}, "roles": {ID: "1", Name: "x", Roles: []string{"none"}}, "departments": {ID: "1", Name: "x", Departments: []string{"none"}}} {
			invalid(t, p.PutAgent(as(bob), a), field)
		}
		equal(t, "journal", journalled(t, d), 0)
	})
	t.Run("X13 an outage of the host's directory is an error and no refusal", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Directory: broken{}})
		_, err := d.CreateTicket(as(ann), lamp())
		is(t, err, errOutage)
		if !strings.Contains(err.Error(), "the directory has no answer about customer 42") {
			t.Errorf("the error does not say where it is from: %v", err)
		}
		_, err = d.Tickets(as(bob), ticket.Query{})
		is(t, err, errOutage)
		if errors.Is(err, ticket.ErrForbidden) || errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
	})
}

var errOutage = errors.New("outage")

// broken is a directory that cannot be reached.
type broken struct{ helpdesk.Nobody }

func (broken) Agent(context.Context, string) (ticket.Agent, error) { return ticket.Agent{}, errOutage }

func (broken) Customer(context.Context, string) (ticket.Customer, error) {
	return ticket.Customer{}, errOutage
}
