package helpdesk_test

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestHiddenFieldsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) (*helpdesktest.Desk, *ticket.Ticket) {
		d := withFields(t, helpdesk.Config{}, ticket.Field{Code: "risk", Name: "Risk", Type: ticket.FieldText},
			ticket.Field{Code: "own", Name: "Own", Type: ticket.FieldText, Visible: true, Editable: true})
		set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditWhileOpen)})
		tk := open(t, d, ann)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"risk": new("fraud")}}))(t)
		return d, tk
	}
	t.Run("M48 a right guess of a hidden value is refused like a wrong one", func(t *testing.T) {
		t.Parallel()
		d, tk := setUp(t)
		var said []string
		for _, guess := range []string{"fraud", "none"} {
			_, err := d.UpdateTicket(as(ann), tk.ID, ticket.Patch{Fields: map[string]*string{"risk": &guess}})
			invalid(t, err, "fields.risk")
			said = append(said, err.Error())
		}
		equal(t, "refusal", said[0], said[1])
	})
	t.Run("M48 nothing tells customers which hidden fields there are", func(t *testing.T) {
		t.Parallel()
		d, tk := setUp(t)
		var said []string
		for _, code := range []string{"risk", "nope"} {
			_, err := d.UpdateTicket(as(ann), tk.ID, ticket.Patch{Fields: map[string]*string{code: new("x")}})
			invalid(t, err, "fields."+code)
			said = append(said, strings.ReplaceAll(err.Error(), code, "…"))
			draft := lamp()
			draft.Fields = values(code, "x")
			_, err = d.CreateTicket(as(guest), draft)
			invalid(t, err, "fields."+code)
			said = append(said, strings.ReplaceAll(err.Error(), code, "…"))
			_, err = d.UpdateTicket(as(ann), tk.ID, ticket.Patch{Fields: map[string]*string{code: nil}})
			said = append(said, strings.ReplaceAll(errorText(err), code, "…"))
		}
		for i := range 3 {
			equal(t, "refusal", said[i], said[i+3])
		}
		if strings.Contains(strings.Join(said, " "), "risk") {
			t.Errorf("it says %q", said)
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestGuestsLearnNothingOfCustomers(t *testing.T) {
	t.Parallel()
	t.Run("R02 a guest with the address of a customer is shown no more than they said", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "c-77", Name: "Zoë Quist", Emails: []string{"zoe@quist.example"}, Phone: "+49 30 555123", Organisation: "acme"}))(t)
		got := must(d.CreateTicket(as(ticket.Guest("", "zoe@quist.example")), lamp()))(t)
		equal(t, "requester", got.Requester, ticket.Person{ID: "c-77", Email: "zoe@quist.example"})
		equal(t, "phone", got.Phone, "")
		kept := must(d.Ticket(as(bob), got.ID))(t)
		equal(t, "customer", kept.Requester.ID+kept.Phone+kept.Organisation, "c-77+49 30 555123acme")
	})
	t.Run("G01 customers are not told where the others write from", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		from := func(a ticket.Actor, ip string) ticket.Actor {
			a.IP, a.UserAgent, a.OriginURL = ip, "browser of "+a.Name, "https://inside.example/"+a.Name
			return a
		}
		draft := lamp()
		draft.Participants = []ticket.Person{guest.Person()}
		tk := must(d.CreateTicket(as(from(ann, "192.0.2.1")), draft))(t)
		must(d.Reply(as(from(bob, "10.0.0.7")), tk.ID, ticket.ReplyDraft{Body: "hello"}))(t)
		for _, a := range []ticket.Actor{ann, guest} {
			seen := must(d.Ticket(as(a), tk.ID))(t)
			equal(t, "origin of the ticket", seen.IP+seen.UserAgent+seen.OriginURL, "")
			for _, m := range must(d.Messages(as(a), tk.ID, ticket.MessageQuery{}))(t) {
				equal(t, "origin of a message", m.Author.IP+m.Author.UserAgent+m.Author.OriginURL, "")
				m = must(d.Message(as(a), m.ID))(t)
				equal(t, "origin of one message", m.Author.IP+m.Author.UserAgent+m.Author.OriginURL, "")
			}
		}
		equal(t, "for staff", must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[1].Author.IP, "10.0.0.7")
	})
}

func TestIdsOfStaffAreNotThoseOfCustomers(t *testing.T) {
	t.Parallel()
	t.Run("M51 a ticket that an agent opens for themselves is no customer's with the same id", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		must(d.People().PutCustomer(as(host), ticket.Customer{ID: bob.ID, Name: "Seven", Emails: []string{"seven@example.com"}, Organisation: "acme"}))(t)
		tk := open(t, d, bob)
		twin := ticket.Client(bob.ID, "Seven", "seven@example.com")
		_, err := d.Ticket(as(twin), tk.ID)
		is(t, err, ticket.ErrNotFound)
		equal(t, "list", len(must(d.Tickets(as(twin), ticket.Query{}))(t).Tickets), 0)
		equal(t, "organisation", must(d.Ticket(as(bob), tk.ID))(t).Organisation, "")
	})
}

func TestRightsOnTheWholeDesk(t *testing.T) {
	t.Parallel()
	t.Run("X13 who sees some tickets only neither exports nor erases people from all of them", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		tk := open(t, d, ann)
		must(d.AddNote(as(host), tk.ID, ticket.ReplyDraft{Body: "a secret note"}))(t)
		for what, g := range map[string]ticket.Grant{
			"what is mine":       {Sight: ticket.SightMine},
			"my department":      {Sight: ticket.SightDepartment},
			"no ticket whatever": {Rights: []ticket.Right{ticket.RightPeople, ticket.RightPurge}},
		} {
			hire(t, d, bob, nil, g)
			var b bytes.Buffer
			is(t, d.People().Export(as(bob), ann.Person(), &b, &helpdesk.ExportOptions{Internal: true}), ticket.ErrForbidden)
			if b.Len() > 0 {
				t.Errorf("%s: it wrote %d bytes", what, b.Len())
			}
			if g.Sight != "" {
				_, err := d.People().Erase(as(bob), ann.Person(), nil)
				is(t, err, ticket.ErrForbidden)
			}
		}
		equal(t, "requester", must(d.Ticket(as(host), tk.ID))(t).Requester.ID, ann.ID)
	})
}

// inside is a directory that counts how often it is asked in a transaction.
type inside struct {
	helpdesk.Nobody
	store store.Store
	asked *atomic.Int64
}

func (i inside) look(ctx context.Context) {
	if _, in := store.TxFrom(ctx, i.store); in {
		i.asked.Add(1)
	}
}

func (i inside) Agent(ctx context.Context, id string) (ticket.Agent, error) {
	i.look(ctx)
	return ticket.Agent{ID: id, Name: "A"}, nil
}

func (i inside) Agents(ctx context.Context) ([]ticket.Agent, error) {
	i.look(ctx)
	return nil, nil
}

func (i inside) Customer(ctx context.Context, id string) (ticket.Customer, error) {
	i.look(ctx)
	return ticket.Customer{ID: id, Name: "C"}, nil
}

func (i inside) CustomerByEmail(ctx context.Context, _, email string) (ticket.Customer, error) {
	i.look(ctx)
	return ticket.Customer{}, ticket.ErrNotFound
}

func (i inside) Organisation(ctx context.Context, id string) (ticket.Organisation, error) {
	i.look(ctx)
	return ticket.Organisation{ID: id, Name: "O"}, nil
}

func TestNoTransactionWaitsForTheDirectory(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := openStore(t)
	d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: inPlaces(helpdesk.Config{Directory: inside{store: s, asked: &asked}})})
	var tk *ticket.Ticket
	var m *ticket.Message
	for _, c := range []struct {
		verb string
		do   func() error
	}{
		{"CreateTicket", func() (err error) { tk, err = d.CreateTicket(as(ann), lamp()); return err }},
		{"CreateTicket of a guest", func() (err error) { _, err = d.CreateTicket(as(guest), lamp()); return err }},
		{"CreateTicket of staff", func() (err error) { _, err = d.CreateTicket(as(bob), lamp()); return err }},
		{"Reply", func() (err error) { m, err = d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "b"}); return err }},
		{"Reply of a customer", func() (err error) { _, err = d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "b"}); return err }},
		{"Assign", func() (err error) { _, err = d.Assign(as(bob), tk.ID, "8"); return err }},
		{"EditMessage", func() (err error) { _, err = d.EditMessage(as(bob), m.ID, "c"); return err }},
		{"MarkRead", func() (err error) { _, err = d.MarkRead(as(ann), tk.ID); return err }},
		{"SaveDraft", func() (err error) { _, err = d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: "d"}); return err }},
		{"Present", func() (err error) { _, err = d.Present(as(bob), tk.ID, ticket.Viewing); return err }},
		{"Leave", func() error { return d.Leave(as(bob), tk.ID) }},
		{"DiscardDraft", func() error { return d.Drafts().Discard(as(bob), tk.ID) }},
		{"GuestLinks.New", func() (err error) { _, err = d.GuestLinks().New(as(bob), tk.ID, nil); return err }},
		{"GuestLinks.Revoke", func() error { return d.GuestLinks().Revoke(as(bob), tk.ID) }},
		{"Redact", func() (err error) { _, err = d.Redact(as(bob), tk.ID, "pieces"); return err }},
		{"PutCustomer", func() (err error) { _, err = d.People().PutCustomer(as(bob), ticket.Customer{ID: "1"}); return err }},
		{"PutAgent", func() error { return d.People().PutAgent(as(bob), ticket.Agent{ID: "1", Name: "A"}) }},
		{"Settings.Update", func() error {
			return d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{Uploads: new(true)})
		}},
		{"Erase", func() (err error) { _, err = d.People().Erase(as(bob), guest.Person(), nil); return err }},
		{"DeleteTicket", func() error { return d.DeleteTicket(as(bob), tk.ID) }},
		{"Purge", func() error { return d.Purge(as(bob), tk.ID) }},
	} {
		before := asked.Load()
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.verb, err)
		}
		if n := asked.Load() - before; n > 0 {
			t.Errorf("%s asks the directory %d times while others wait for its transaction", c.verb, n)
		}
	}
}
