package helpdesk_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// cardNumber is a text that reads as a number, too.
const cardNumber = "4111111111111234"

// withMail opens a ticket that came as a raw mail.
func withMail(t *testing.T, d *helpdesktest.Desk, draft ticket.Draft, raw string) *ticket.Ticket {
	t.Helper()
	held, err := d.Mail().StoreBlob(as(host), strings.NewReader(raw))
	ok(t, err)
	ok(t, d.Mail().KeepBlob(as(host), held, 1))
	draft.Mail = &ticket.Mail{MessageID: "m@example.com", Raw: held.Blob()}
	tk := must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), draft))(t)
	ok(t, d.Mail().ReleaseBlob(as(host), held.Blob(), 1, 1))
	return tk
}

func TestRedactionIsNotFooled(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]string{
		"a number": `{"card": ` + cardNumber + `}`, "a number in a list": `["x", ` + cardNumber + `]`, "a key": `{"` + cardNumber + `": true}`,
		"a repeated key": `{"card": "` + cardNumber + `", "card": ""}`, "a protected key": `{"id": "` + cardNumber + `", "paid_at": "` + cardNumber + `"}`,
		"a change": `[{"field": "id", "old": "` + cardNumber + `"}]`,
	} {
		t.Run("X25 a body that is JSON hides it nowhere: "+what, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			draft := lamp()
			draft.Body = body
			tk := must(d.CreateTicket(as(ann), draft))(t)
			m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
			must(d.EditMessage(as(bob), m.ID, "old "+body))(t)
			equal(t, "found", must(d.Redact(as(bob), tk.ID, cardNumber))(t), true)
			if all := everything(t, d, tk.ID); strings.Contains(all, cardNumber) {
				t.Errorf("it is still in %s", all)
			}
		})
	}
	t.Run("X25 a custom field may have the code of whatever is protected", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Fields = map[string]string{"code": cardNumber, "date": "of " + cardNumber, "paid_at": cardNumber, "id": cardNumber, "email": "x"}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"code": nil, "paid_at": new("no " + cardNumber)}}))(t)
		must(d.Redact(as(bob), tk.ID, cardNumber))(t)
		if all := everything(t, d, tk.ID); strings.Contains(all, cardNumber) {
			t.Errorf("it is still in %s", all)
		}
		equal(t, "value", must(d.Ticket(as(bob), tk.ID))(t).Fields["date"], "of "+helpdesk.Redacted)
	})
	for what, html := range map[string]string{
		"tags": "<p>My card: 4111 1111 <b>1111</b> 1234</p>", "entities": "<p>My card: 4111&nbsp;1111 1111&#32;&#49;234</p>",
		"both": "<p>My card: 4111 1111 <i>1&#x31;11</i> 1234</p>",
	} {
		t.Run("X25 markup that splits it up goes with it: "+what, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			draft := lamp()
			draft.HTMLBody = html
			tk := must(d.CreateTicket(as(ann), draft))(t)
			equal(t, "found", must(d.Redact(as(bob), tk.ID, secret))(t), true)
			m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
			if strings.Contains(m.HTMLBody, "234") {
				t.Errorf("it is still in %s", m.HTMLBody)
			}
			equal(t, "text", m.Body, draft.Body)
		})
	}
	for what, raw := range map[string]string{
		"base64":           "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("long ", 40)+secret+" and on")),
		"folded base64":    "Content-Transfer-Encoding: base64\r\n\r\n" + fold(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("long ", 40)+secret+" and on"))),
		"quoted-printable": "Content-Transfer-Encoding: quoted-printable\r\n\r\nMy card is 4111 11=\r\n11 1111 =31234.\r\n",
		"a subject":        "Subject: =?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("card "+secret)) + "?=\r\n\r\nHello\r\n",
		"HTML":             "Content-Type: text/html\r\n\r\n<p>4111 1111 <b>1111</b> 1234</p>\r\n",
	} {
		t.Run("X25 a raw mail goes in which it stands encoded: "+what, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			tk := withMail(t, d, lamp(), raw)
			equal(t, "found", must(d.Redact(as(bob), tk.ID, secret))(t), true)
			m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
			equal(t, "raw", m.Mail.Raw, "")
		})
	}
	t.Run("X25 a raw mail without it stays", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Phone = secret
		tk := withMail(t, d, draft, "Subject: Lamp\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString([]byte("It arrived in two pieces.")))
		equal(t, "found", must(d.Redact(as(bob), tk.ID, secret))(t), true)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		if m.Mail.Raw == "" {
			t.Error("it is gone")
		}
	})
}

func TestRedactionLeavesTheHistoryReadable(t *testing.T) {
	t.Parallel()
	t.Run("X25 numbers and switches of the history are no texts", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Files = []ticket.Upload{{Name: "a.txt", Content: strings.NewReader(strings.Repeat("x", 1234))}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "my PIN is 1234, true", Files: draft.Files[:0]}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "a file", Files: []ticket.Upload{{Name: "b.txt", Content: strings.NewReader("b")}}}))(t)
		must(d.Lock(as(bob), tk.ID))(t)
		equal(t, "found", must(d.Redact(as(bob), tk.ID, "1234", "true"))(t), true)
		after := must(d.Ticket(as(bob), tk.ID))(t)
		for _, e := range slices.Backward(history(t, d, tk.ID)) {
			ok(t, ticket.Undo(after, e.Changes))
		}
		equal(t, "size of the files at first", after.FileBytes, 1234)
	})
	t.Run("X25 I11 X06 what a ticket that was unmerged or split off brought is taken out of the journals of the others, and theirs stays", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		const text = "whisper"
		draft := ticket.Draft{Subject: "About the " + text, Body: "x", Tags: []string{text}, Related: []ticket.Ref{{Kind: "order", ID: "5", Label: "a " + text}},
			Requester: ticket.Person{Name: "Gus " + text, Email: guest.Email}}
		source, middle, target := must(d.CreateTicket(as(host), draft))(t), talk(t, d, ann, "m"), talk(t, d, ann, "t")
		answer := must(d.Reply(as(bob), source.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		must(d.UpdateTicket(as(bob), target.ID, ticket.Patch{Subject: new("Our own " + text)}))(t)
		must(d.UpdateTicket(as(bob), target.ID, ticket.Patch{Tags: &[]string{text + "ed"}}))(t)
		must(d.UpdateTicket(as(bob), target.ID, ticket.Patch{Tags: &[]string{}}))(t)
		must(d.Merge(as(bob), middle.ID, source.ID))(t)
		must(d.Merge(as(bob), target.ID, middle.ID))(t)
		must(d.Rate(as(host), target.ID, ticket.RatingDraft{MessageID: answer.ID, Grade: "bad", Comment: new("a " + text)}))(t)
		tags := append(must(d.Ticket(as(bob), target.ID))(t).Tags, "more")
		must(d.UpdateTicket(as(bob), target.ID, ticket.Patch{Tags: &tags}))(t)
		must(d.Unmerge(as(bob), middle.ID))(t)
		must(d.Unmerge(as(bob), source.ID))(t)
		must(d.Rate(as(host), source.ID, ticket.RatingDraft{MessageID: answer.ID, Grade: "bad", Comment: new("another " + text)}))(t)
		part := must(d.Split(as(bob), source.ID, ticket.Split{Messages: []int64{answer.ID}, Subject: "part"}))(t)
		must(d.UpdateTicket(as(bob), target.ID, ticket.Patch{Tags: &[]string{"it is a " + text}}))(t)
		told := func(id int64) int { return strings.Count(strings.ToLower(everything(t, d, id)), text) }

		before := told(source.ID)
		equal(t, "found", must(d.Redact(as(host), part.ID, text))(t), true)
		equal(t, "the part", told(part.ID), 0)
		if got := told(source.ID); got != before-1 {
			t.Errorf("what the part was split off from tells %d times, %d before it was redacted", got, before)
		}
		must(d.Redact(as(host), source.ID, text))(t)
		equal(t, "the source", told(source.ID), 0)
		equal(t, "where it was merged into first", told(middle.ID), 0)
		// Its subject now and as it was changed, the tag that it had before and its end, the tag that it got since.
		equal(t, "the target's own", told(target.ID), 6)
		equal(t, "again", must(d.Redact(as(host), source.ID, text))(t), false)
	})
	t.Run("X25 lines and quotes do not hide it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Body = "> My card is 4111 1111\r\n> 1111  1234.\nBye"
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.Redact(as(bob), tk.ID, secret))(t)
		equal(t, "text", must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0].Body, "> My card is █████.\nBye")
	})
}

func fold(s string) string {
	var b strings.Builder
	for len(s) > 60 {
		fmt.Fprintf(&b, "%s\r\n", s[:60])
		s = s[60:]
	}
	return b.String() + s
}

// erased erases somebody on disk and looks for what must not be left.
func erased(t *testing.T, who ticket.Person, texts []string, prepare func(*helpdesktest.Desk)) *helpdesktest.Desk {
	t.Helper()
	dir := t.TempDir()
	d, s := onDisk(t, dir, helpdesk.Config{Brands: []ticket.Brand{{Code: "default", Name: "D"}, {Code: "outlet", Name: "O"}}})
	prepare(d)
	for _, text := range texts {
		if in := traces(t, dir, text); len(in) == 0 {
			t.Errorf("%q never was in the files", text)
		}
	}
	must(d.People().Erase(as(bob), who, nil))(t)
	must(d.Tick(context.Background()))(t)
	ok(t, s.Compact(context.Background()))
	for _, text := range texts {
		if in := traces(t, dir, text); len(in) > 0 {
			t.Errorf("%q is in %v", text, in)
		}
	}
	return d
}

func TestErasureFindsEverything(t *testing.T) {
	t.Parallel()
	names := []string{"Zoë Quist", "zoe@quist.example"}
	t.Run("X13 whoever got a copy of a message", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{Email: zoe.Email}, names, func(d *helpdesktest.Desk) {
			tk := open(t, d, ann)
			must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "copied", Cc: []ticket.Person{{Name: "Zoë Quist", Email: zoe.Email}}}))(t)
		})
	})
	t.Run("X13 M79 what tags were renamed to, and from", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{Email: zoe.Email}, []string{strings.ToLower(zoe.Email)}, func(d *helpdesktest.Desk) {
			tk := open(t, d, zoe)
			set := func(tag string) { must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Tags: &[]string{tag}}))(t) }
			set(zoe.Email)
			must(d.Tags().Rename(as(bob), zoe.Email, "angry"))(t)
			must(d.Tags().Rename(as(bob), "angry", zoe.Email))(t)
		})
	})
	t.Run("X13 who only looked at the ticket of a colleague", func(t *testing.T) {
		t.Parallel()
		a := zoe
		a.IP = "198.51.100.77"
		erased(t, ticket.Person{ID: zoe.ID}, append(names, a.IP), func(d *helpdesktest.Desk) {
			must(d.People().PutCustomer(as(bob), ticket.Customer{ID: zoe.ID, Name: zoe.Name, Emails: []string{zoe.Email}, Organisation: "acme", SeesOrganisation: true}))(t)
			draft := lamp()
			draft.Organisation, draft.Requester = "acme", ann.Person()
			tk := must(d.CreateTicket(as(host), draft))(t)
			must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "news"}))(t)
			must(d.MarkRead(as(a), tk.ID))(t)
		})
	})
	t.Run("X13 somebody of no directory, given by the address", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{Email: zoe.Email}, append(names, zoe.ID), func(d *helpdesktest.Desk) { open(t, d, zoe) })
	})
	t.Run("X13 what an id leads to by way of an address", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{ID: zoe.ID}, append(names, zoe.ID), func(d *helpdesktest.Desk) {
			open(t, d, zoe)
			tk := open(t, d, ann)
			must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Participants: &[]ticket.Person{{Name: "Zoë Quist", Email: zoe.Email}}}))(t)
		})
	})
	t.Run("X13 an address that only a message has", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{ID: zoe.ID}, append(names, "third@quist.example"), func(d *helpdesktest.Desk) {
			must(d.People().PutCustomer(as(bob), ticket.Customer{ID: zoe.ID, Name: zoe.Name, Emails: []string{zoe.Email}}))(t)
			tk := open(t, d, ann)
			third := zoe
			third.Email = "third@quist.example"
			must(d.Reply(as(third.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "hello", Unproven: true}))(t)
			must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "third@quist.example wrote"}))(t)
		})
	})
	t.Run("X13 a customer of another brand, given by the address", func(t *testing.T) {
		t.Parallel()
		d := erased(t, ticket.Person{Email: zoe.Email}, names, func(d *helpdesktest.Desk) {
			must(d.People().PutCustomer(as(bob), ticket.Customer{Name: zoe.Name, Emails: []string{zoe.Email}, Brand: "outlet"}))(t)
		})
		equal(t, "customers", len(must(d.People().Customers(as(bob), helpdesk.PeopleQuery{}))(t)), 0)
	})
	t.Run("X13 a telephone number that was changed since", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{ID: zoe.ID}, []string{"5550001", "5550002"}, func(d *helpdesktest.Desk) {
			tk := open(t, d, zoe)
			for _, n := range []string{"5550001", "5550002", "5550003"} {
				must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Phone: new(n)}))(t)
			}
		})
	})
	t.Run("X13 who wrote into a ticket that is purged", func(t *testing.T) {
		t.Parallel()
		erased(t, ticket.Person{Email: zoe.Email}, names, func(d *helpdesktest.Desk) {
			tk := open(t, d, ann)
			stranger := ticket.Guest("Zoë Quist", zoe.Email).Via(ticket.ChannelEmail)
			must(d.Reply(as(stranger), tk.ID, ticket.ReplyDraft{Body: "let me in", Unproven: true}))(t)
			ok(t, d.DeleteTicket(as(bob), tk.ID))
			ok(t, d.Purge(as(bob), tk.ID))
		})
	})
	t.Run("X13 custom fields keep their codes, whatever they are called", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Fields = map[string]string{"id": zoe.ID, "email": zoe.Email}
		tk := must(d.CreateTicket(as(zoe), draft))(t)
		must(d.People().Erase(as(bob), zoe.Person(), nil))(t)
		after := must(d.Ticket(as(bob), tk.ID))(t)
		if doc, err := json.Marshal(after.Fields); err != nil || strings.Contains(string(doc), "name") || strings.Contains(string(doc), "quist") {
			t.Errorf("fields are %s", doc)
		}
	})
}
