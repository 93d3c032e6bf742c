package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// zoe is somebody whose name and addresses stand nowhere else.
var zoe = ticket.Client("z-9", "Zoë Quist", "zoe@quist.example")

// life gives Zoë a ticket in each role that a person can have.
func life(t *testing.T, d *helpdesktest.Desk) (own, joined, left, foreign *ticket.Ticket) {
	t.Helper()
	p := d.People()
	must(p.PutCustomer(as(bob), ticket.Customer{ID: zoe.ID, Name: zoe.Name, Emails: []string{zoe.Email, "zq@work.example"}, Phone: "+49 30 555123"}))(t)
	must(p.PutCustomer(as(bob), ticket.Customer{ID: "z-8", Name: "Z. Quist", Emails: []string{"z8@quist.example"}}))(t)
	must(p.MergeCustomers(as(bob), zoe.ID, "z-8"))(t)
	a := zoe
	a.IP, a.UserAgent, a.OriginURL = "198.51.100.77", "ZoeBrowser/1", "https://shop.example/zoe"
	draft := lamp()
	draft.Body, draft.Phone = "Call me!\n\nZoë Quist <ZOE@quist.example>", "+49 30 555123"
	draft.Files = []ticket.Upload{{Name: "from Zoë Quist.txt", Content: strings.NewReader("bill")}}
	own = must(d.CreateTicket(as(a), draft))(t)
	answer := must(d.Reply(as(bob), own.ID, ticket.ReplyDraft{Body: "Dear Zoë Quist, zoe@quist.example is noted. Zoëlogy is fun."}))(t)
	ok(t, d.Mail().MarkUndelivered(as(host), answer.ID, ticket.Undelivered{Recipient: zoe.Email, Status: "5.1.1", Diagnostic: "no such user: zoe@quist.example", Permanent: true, Proven: true}))
	must(d.UpdateTicket(as(bob), own.ID, ticket.Patch{Subject: new("Lamp of Zoë Quist"), Phone: new("0")}))(t)

	joined = open(t, d, ann)
	must(d.UpdateTicket(as(bob), joined.ID, ticket.Patch{Participants: &[]ticket.Person{{Name: "Zoë Quist", Email: "zq@work.example"}, {Email: "gus@example.com"}}}))(t)
	left = open(t, d, zoe)
	must(d.UpdateTicket(as(bob), left.ID, ticket.Patch{Requester: new(ann.Person())}))(t)
	foreign = open(t, d, ann)
	must(d.Reply(as(ticket.Guest("Zoë Quist", "zoe@quist.example").Via(ticket.ChannelEmail)), foreign.ID, ticket.ReplyDraft{Body: "let me in", Unproven: true}))(t)
	ok(t, d.Mail().RejectMail(as(ticket.Guest("Zoë Quist", "zoe@quist.example").Via(ticket.ChannelEmail)), ticket.Rejection{Gateway: "g", Mail: 9, Subject: "from zoe@quist.example", Reason: "spam"}))
	gone := open(t, d, zoe)
	ok(t, d.DeleteTicket(as(bob), gone.ID))
	return own, joined, left, foreign
}

// personal is everything that must not be left of her.
var personal = []string{"zoe@quist.example", "ZOE@quist", "Zoë Quist", "zq@work.example", "z8@quist.example", "Z. Quist", "198.51.100.77", "ZoeBrowser", "shop.example/zoe", "555123", "z-9", "z-8"}

func TestErasure(t *testing.T) {
	t.Parallel()
	t.Run("X13 one person is erased, and the tickets are left readable", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d, s := onDisk(t, dir, helpdesk.Config{})
		own, joined, left, foreign := life(t, d)
		events := len(must(d.Journal(as(bob), ticket.EventQuery{Limit: ticket.MaxPage}))(t))
		for _, text := range personal {
			if in := traces(t, dir, text); len(in) == 0 {
				t.Errorf("%q never was in the files", text)
			}
		}
		done := must(d.People().Erase(as(bob), ticket.Person{ID: zoe.ID}, nil))(t)
		equal(t, "tickets", done.Tickets, 5)
		must(d.Tick(context.Background()))(t)
		ok(t, s.Compact(context.Background()))
		for _, text := range personal {
			if in := traces(t, dir, text); len(in) > 0 {
				t.Errorf("%q is in %v", text, in)
			}
		}

		after := must(d.Ticket(as(bob), own.ID))(t)
		equal(t, "requester", after.Requester, done.As)
		equal(t, "subject", after.Subject, "Lamp of (erased)")
		m := must(d.Messages(as(bob), own.ID, ticket.MessageQuery{}))(t)
		equal(t, "body", m[0].Body, "Call me!\n\n(erased) <(erased)>")
		equal(t, "answer", m[1].Body, "Dear (erased), (erased) is noted. Zoëlogy is fun.")
		equal(t, "author", m[0].Author, ticket.Actor{Kind: ticket.ActorClient, ID: done.As.ID, Name: done.As.Name, Channel: ticket.ChannelAccount})
		equal(t, "the agent", m[1].Author.ID, bob.ID)
		equal(t, "file", m[0].Files[0].Name, "from (erased).txt")
		if p := must(d.Ticket(as(bob), joined.ID))(t).Participants; !slices.Contains(p, done.As) || len(p) != 2 {
			t.Errorf("participants are %v", p)
		}
		equal(t, "requester of the one that she left", must(d.Ticket(as(bob), left.ID))(t).Requester.ID, ann.ID)
		equal(t, "stranger", must(d.Messages(as(bob), foreign.ID, ticket.MessageQuery{}))(t)[1].Author.ID, done.As.ID)
		equal(t, "list", len(must(d.Tickets(as(zoe), ticket.Query{}))(t).Tickets), 0)
		equal(t, "her tickets", len(must(d.Tickets(as(bob), ticket.Query{Requester: done.As.ID}))(t).Tickets), 1)
		_, err := d.People().Customer(as(bob), zoe.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.People().CustomerByEmail(as(bob), "", "z8@quist.example")
		is(t, err, ticket.ErrNotFound)
		equal(t, "journal", len(must(d.Journal(as(bob), ticket.EventQuery{Limit: ticket.MaxPage}))(t)), events+6)

		must(d.Reply(as(bob), own.ID, ticket.ReplyDraft{Body: "and on"}))(t)
		again := must(d.People().Erase(as(bob), ticket.Person{Email: "zoe@quist.example"}, nil))(t)
		equal(t, "again", again.Tickets, 0)
	})
	t.Run("X13 the history of an erased person can still be undone step by step", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		own, _, _, _ := life(t, d)
		must(d.People().Erase(as(bob), ticket.Person{ID: zoe.ID}, nil))(t)
		tk := must(d.Ticket(as(bob), own.ID))(t)
		for _, e := range slices.Backward(history(t, d, own.ID)) {
			ok(t, ticket.Undo(tk, e.Changes))
		}
		equal(t, "as it was opened", tk.Subject, "Lamp broken")
	})
	t.Run("X13 a guest is erased by their address", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		done := must(d.People().Erase(as(bob), ticket.Person{Email: guest.Email}, nil))(t)
		equal(t, "tickets", done.Tickets, 1)
		if all := everything(t, d, tk.ID); strings.Contains(all, guest.Email) || strings.Contains(all, `"`+guest.Name+`"`) {
			t.Errorf("left is %s", all)
		}
	})
	t.Run("X13 it is for those who may purge the whole desk, and nobody is not erased", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		_, err := d.People().Erase(as(ann), ann.Person(), nil)
		is(t, err, ticket.ErrForbidden)
		hire(t, d, bob, nil, ticket.Grant{Rights: []ticket.Right{ticket.RightSee, ticket.RightPeople}})
		_, err = d.People().Erase(as(bob), ann.Person(), nil)
		is(t, err, ticket.ErrForbidden)
		_, err = d.People().Erase(as(host), ticket.Person{Name: "X"}, nil)
		invalid(t, err, "")
	})
	t.Run("X13 one person is exported, with files and without what is internal", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		own, joined, _, _ := life(t, d)
		must(d.AddNote(as(bob), own.ID, ticket.ReplyDraft{Body: "a difficult one"}))(t)
		read := func(opts *helpdesk.ExportOptions) map[string]string {
			var b bytes.Buffer
			ok(t, d.People().Export(as(bob), ticket.Person{ID: zoe.ID}, &b, opts))
			z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
			ok(t, err)
			out := map[string]string{}
			for _, f := range z.File {
				r, err := f.Open()
				ok(t, err)
				data, err := io.ReadAll(r)
				ok(t, err)
				out[f.Name] = string(data)
			}
			return out
		}
		files := read(nil)
		equal(t, "file", files["files/"+own.Code+"/1-1 from Zoë Quist.txt"], "bill")
		var tk struct {
			Ticket   ticket.Ticket
			Messages []ticket.Message
		}
		ok(t, json.Unmarshal([]byte(files["tickets/"+own.Code+".json"]), &tk))
		equal(t, "messages", len(tk.Messages), 2)
		if !strings.Contains(files["person.json"], "zq@work.example") || !strings.Contains(files["person.json"], "z8@quist.example") || files["tickets/"+joined.Code+".json"] == "" {
			t.Errorf("person is %s", files["person.json"])
		}
		files = read(&helpdesk.ExportOptions{Internal: true, NoFiles: true})
		ok(t, json.Unmarshal([]byte(files["tickets/"+own.Code+".json"]), &tk))
		equal(t, "messages with notes", len(tk.Messages), 3)
		equal(t, "file", files["files/"+own.Code+"/1-1 from Zoë Quist.txt"], "")
		is(t, d.People().Export(as(ann), ann.Person(), io.Discard, nil), ticket.ErrForbidden)
	})
}
