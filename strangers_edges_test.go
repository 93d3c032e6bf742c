package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// noAgents is a host's directory of customers only, which counts how often it is asked for its agents.
type noAgents struct {
	helpdesk.Nobody
	asked *atomic.Int64
}

func (n noAgents) Agents(context.Context) ([]ticket.Agent, error) {
	n.asked.Add(1)
	return nil, nil
}

func TestStrangersEdges(t *testing.T) {
	t.Parallel()
	t.Run("M51 a host's directory is asked once for its agents by a verb of somebody whom it does not know", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		d := newDesk(t, helpdesk.Config{Directory: noAgents{asked: &asked}})
		tk := open(t, d, ann)
		asked.Store(0)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "asked", asked.Load(), 1)
	})
	t.Run("M51 a store from before it was noted that there are agents knows of those that it has", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		tk := open(t, d, ann)
		hire(t, d, bob, nil, ticket.Grant{})
		ok(t, s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			return tx.DeleteRecord(ctx, "config/people", "agents")
		}))
		again := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		_, err := again.Ticket(as(carol), tk.ID)
		is(t, err, ticket.ErrNotFound)
		ok(t, again.People().DeleteAgent(as(host), bob.ID))
		_, err = again.Ticket(as(bob), tk.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("M51 quick responses are not for an id that nobody knows", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		hire(t, d, bob, nil, ticket.Grant{})
		must(d.Catalog().QuickResponses(as(bob)))(t)
		_, err := d.Catalog().QuickResponses(as(carol))
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("M51 a seed with a role twice is refused", func(t *testing.T) {
		t.Parallel()
		twice := []ticket.Role{{Code: "lead", Name: "A"}, {Code: "lead", Name: "B"}}
		_, err := helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Roles: twice})
		is(t, err, ticket.ErrInvalid)
	})
	t.Run("G01 what a checked address of a customer opens is the customer's to read", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		must(d.People().PutCustomer(as(host), ticket.Customer{ID: "42", Name: "Ann", Emails: []string{ann.Email}}))(t)
		known := verified(ticket.Guest("Ann", ann.Email))
		tk := open(t, d, known)
		_, err := d.Ticket(as(known), tk.ID)
		is(t, err, ticket.ErrNotFound)
		must(d.Ticket(as(ann), tk.ID))(t)
	})
	t.Run("M48 customers cannot find by tags, which they are not shown", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Tags: &[]string{"difficult"}}))(t)
		_, err := d.Tickets(as(ann), ticket.Query{Tags: []string{"difficult"}})
		invalid(t, err, "tags")
	})
	t.Run("M51 who restores a ticket is not shown which hidden one it continues", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "S"}, {Code: "board", Name: "B"}}})
		hire(t, d, bob, nil, ticket.Grant{Departments: []string{"support"}})
		draft := lamp()
		draft.Requester = ann.Person()
		draft.LinkedTo = openIn(t, d, "", "board").ID
		tk := must(d.CreateTicket(as(host), draft))(t)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		equal(t, "linked to", must(d.RestoreTicket(as(bob), tk.ID))(t).LinkedTo, 0)
	})
	t.Run("X13 old versions of a message do not name contents that were erased", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := must(d.CreateTicket(as(zoe), withFiles(ticket.Upload{Name: "passport.txt", Content: strings.NewReader("passport of somebody")})))(t)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		must(d.EditMessage(as(bob), m.ID, "shorter"))(t)
		must(d.People().Erase(as(bob), zoe.Person(), &helpdesk.EraseOptions{Files: true}))(t)
		if all := everything(t, d, tk.ID); strings.Contains(all, m.Files[0].Blob) {
			t.Errorf("the hash of the content is still in %s", all)
		}
		equal(t, "why", must(d.Revisions(as(bob), m.ID))(t)[0].Files[0].Missing, "erased")
	})
	t.Run("X13 a name that others gave an address among participants takes nothing out", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Name: "Ann", Emails: []string{ann.Email}}))(t)
		draft := lamp()
		draft.Participants = []ticket.Person{{Name: "the", Email: ann.Email}}
		must(d.CreateTicket(as(ticket.Guest("Thief", "thief@example.com")), draft))(t)
		draft = lamp()
		draft.Body = "Ann wants the lamp."
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.People().Erase(as(bob), ticket.Person{ID: "42"}, nil))(t)
		equal(t, "body", must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0].Body, "(erased) wants the lamp.")
	})
	t.Run("X13 a name that a stranger typed beside a guest's address counts in their own ticket alone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Body = "the lamp"
		theirs := must(d.CreateTicket(as(ticket.Guest("the", guest.Email)), draft))(t)
		draft.Body = "Gus wants the lamp."
		tk := must(d.CreateTicket(as(guest), draft))(t)
		var out bytes.Buffer
		ok(t, d.People().Export(as(host), ticket.Person{Email: guest.Email}, &out, nil))
		if doc := inZip(t, out.Bytes(), "person.json"); !strings.Contains(doc, `"Gus"`) {
			t.Errorf("the export does not know the guest's name: %s", doc)
		}
		must(d.People().Erase(as(host), ticket.Person{Email: guest.Email}, nil))(t)
		equal(t, "body", must(d.Messages(as(host), tk.ID, ticket.MessageQuery{}))(t)[0].Body, "(erased) wants the lamp.")
		equal(t, "the stranger's", must(d.Messages(as(host), theirs.ID, ticket.MessageQuery{}))(t)[0].Body, "(erased) lamp")
	})
	t.Run("X13 an export says which of a person's own tickets another one continues", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.LinkedTo = open(t, d, ann).ID
		tk := must(d.CreateTicket(as(ann), draft))(t)
		equal(t, "shown", tk.LinkedTo, draft.LinkedTo)
		var out bytes.Buffer
		ok(t, d.People().Export(as(bob), ann.Person(), &out, nil))
		if doc := inZip(t, out.Bytes(), "tickets/"+tk.Code+".json"); !strings.Contains(doc, `"linked_to"`) {
			t.Errorf("it says nothing of it: %s", doc)
		}
	})
}

func inZip(t *testing.T, doc []byte, name string) string {
	t.Helper()
	z := must(zip.NewReader(bytes.NewReader(doc), int64(len(doc))))(t)
	f := must(z.Open(name))(t)
	return string(must(io.ReadAll(f))(t))
}
