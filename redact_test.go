package helpdesk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const secret = "4111 1111 1111 1234"

// leaky opens a ticket that has the secret in every place that there is.
func leaky(t *testing.T, d *helpdesktest.Desk) *ticket.Ticket {
	t.Helper()
	draft := lamp()
	draft.Subject, draft.Body, draft.HTMLBody = "Card "+secret, "My card is "+secret+".", "<p>My card is <b>"+secret+"</b></p>"
	draft.Fields, draft.Phone, draft.Tags = map[string]string{"card": secret}, secret, []string{secret}
	draft.Files = []ticket.Upload{{Name: "card " + secret + ".txt", Content: strings.NewReader("a picture")}}
	raw, err := d.Mail().StoreBlob(as(host), strings.NewReader("Subject: Card "+secret+"\r\n\r\nMy card is "+secret))
	ok(t, err)
	ok(t, d.Mail().KeepBlob(as(host), raw, 1))
	draft.Mail = &ticket.Mail{MessageID: "card@example.com", Raw: raw.Blob()}
	tk := must(d.CreateTicket(as(ann.Via(ticket.ChannelEmail)), draft))(t)
	ok(t, d.Mail().ReleaseBlob(as(host), raw.Blob(), 1, 1))
	m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
	must(d.EditMessage(as(bob), m.ID, "It was "+secret))(t)
	must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("Still " + secret), Fields: map[string]*string{"card": new("no " + secret)}}))(t)
	must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "note of " + secret}))(t)
	return tk
}

// everything that the desk still says of a ticket, to whoever may see all.
func everything(t *testing.T, d *helpdesktest.Desk, id int64) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	ok(t, enc.Encode(must(d.Ticket(as(bob), id))(t)))
	for _, m := range must(d.Messages(as(bob), id, ticket.MessageQuery{}))(t) {
		ok(t, enc.Encode(m))
		ok(t, enc.Encode(must(d.Revisions(as(bob), m.ID))(t)))
	}
	ok(t, enc.Encode(history(t, d, id)))
	return b.String()
}

// traces reads every file of the database, and of the directory beside it, for a text.
func traces(t *testing.T, dir, text string) (in []string) {
	t.Helper()
	ok(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(text)) {
			in = append(in, filepath.Base(path))
		}
		return err
	}))
	return in
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	t.Run("X25 a text goes out of ticket, messages, raw mail, old versions and history, and who and when stay", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := leaky(t, d)
		other := open(t, d, ann)
		before := history(t, d, tk.ID)
		var told []hooks.Updated
		d.Hooks().TicketRedacted.Bind("copy", func(_ ctx, e hooks.Updated) error {
			told = append(told, e)
			return nil
		})
		equal(t, "found", must(d.Redact(as(bob), tk.ID, secret))(t), true)
		if all := everything(t, d, tk.ID); strings.Contains(all, secret) {
			t.Errorf("it is still in %s", all)
		}
		after := must(d.Ticket(as(bob), tk.ID))(t)
		equal(t, "subject", after.Subject, "Still "+helpdesk.Redacted)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		equal(t, "body", m.Body, "It was "+helpdesk.Redacted)
		equal(t, "author", m.Author.ID, ann.ID)
		equal(t, "file", m.Files[0].Name, "card "+helpdesk.Redacted+".txt")
		equal(t, "raw", m.Mail.Raw, "")
		_, err := d.Files().OpenRaw(as(bob), m.ID)
		is(t, err, ticket.ErrNotFound)
		events := history(t, d, tk.ID)
		equal(t, "events", len(events), len(before)+1)
		for i, e := range before {
			equal(t, "who and when", events[i].Actor.ID+events[i].At.String(), e.Actor.ID+e.At.String())
		}
		last := events[len(events)-1]
		equal(t, "type", last.Type, ticket.EventRedacted)
		if len(told) != 1 || strings.Contains(told[0].Ticket.Subject, secret) {
			t.Errorf("told %+v", told)
		}
		equal(t, "again", must(d.Redact(as(bob), tk.ID, secret))(t), false)
		equal(t, "the other", len(history(t, d, other.ID)), 1)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "and on"}))(t)
		equal(t, "list", len(must(d.Tickets(as(bob), ticket.Query{Tags: []string{secret}}))(t).Tickets), 0)
	})
	t.Run("X25 letters of any case and markup do not hide it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Body, draft.HTMLBody = "I am JOSÉ & sons, not josé & Sons' heir", "<p>josé &amp; sons</p>"
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.Redact(as(bob), tk.ID, "José & Sons"))(t)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		equal(t, "text", m.Body, "I am █████, not █████' heir")
		equal(t, "html", m.HTMLBody, "<p>█████</p>")
	})
	t.Run("X25 it is for those who may purge, and not for two letters", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		_, err := d.Redact(as(ann), tk.ID, "Lamp")
		is(t, err, ticket.ErrForbidden)
		_, err = d.Redact(as(bob), tk.ID, " a ")
		invalid(t, err, "texts")
		_, err = d.Redact(as(bob), tk.ID)
		invalid(t, err, "texts")
	})
	t.Run("X25 no trace is left in the files of the database after compacting", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d, s := onDisk(t, dir, helpdesk.Config{})
		tk := leaky(t, d)
		if in := traces(t, dir, secret); len(in) == 0 {
			t.Fatal("the text never was in the files: the search finds nothing")
		}
		must(d.Redact(as(bob), tk.ID, secret))(t)
		must(d.Tick(context.Background()))(t)
		ok(t, s.Compact(context.Background()))
		if in := traces(t, dir, secret); len(in) > 0 {
			t.Errorf("it is in %v", in)
		}
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "and on"}))(t)
		equal(t, "messages", len(must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)), 3)
	})
}
