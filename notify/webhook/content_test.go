package webhook_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// sent is all that was sent to the receiver, as text.
func (w *world) sent() string {
	var b strings.Builder
	for _, q := range w.to.requests() {
		b.Write(q.raw)
	}
	return b.String()
}

func (w *world) lacks(words ...string) {
	w.t.Helper()
	for _, word := range words {
		if all := w.sent(); strings.Contains(all, word) {
			w.t.Errorf("%q is sent: %s", word, all)
		}
	}
}

func (w *world) has(words ...string) {
	w.t.Helper()
	for _, word := range words {
		if all := w.sent(); !strings.Contains(all, word) {
			w.t.Errorf("%q is not sent: %s", word, all)
		}
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	t.Run("X14 without more, ids, codes and changes are sent, and nothing that people wrote", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Notes: true})
		x := w.open("Lamp-in-pieces")
		must(w.Reply(as(ann), x.ID, ticket.ReplyDraft{Body: "It-is-really-broken."}))(t)
		must(w.AddNote(as(bob), x.ID, ticket.ReplyDraft{Body: "A-difficult-one."}))(t)
		must(w.UpdateTicket(as(bob), x.ID, ticket.Patch{Subject: new("Lamp-no-more"), Status: new("closed")}))(t)
		must(w.Rate(as(ann), x.ID, ticket.RatingDraft{Grade: "bad", Comment: new("Never-again.")}))(t)
		w.settle()
		w.lacks("in-pieces", "really-broken", "difficult-one", "no-more", "Never-again", "Ann", "example.com", "Bob")
		w.has(`"id":"42"`, `"id":"7"`, `{"field":"status","old":"open","new":"closed"}`, `{"field":"subject","old":"","new":""}`, `"field":"rating"`, `"kind":"note"`)
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.replied", "ticket.noted", "ticket.updated", "ticket.rated"})
	})
	t.Run("X14 texts and people are sent where an endpoint has Bodies", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Bodies: true})
		x := w.open("Lamp-in-pieces")
		must(w.Reply(as(bob), x.ID, ticket.ReplyDraft{Body: "Sorry. " + strings.Repeat("é", 20<<10)}))(t)
		must(w.Rate(as(ann), x.ID, ticket.RatingDraft{Grade: "bad", Comment: new("Never-again.")}))(t)
		w.settle()
		w.has("in-pieces", "It is broken.", "Ann Miller", "ann@example.com", "Never-again", "Sorry. ")
		if m := w.to.requests()[1].body.Data.Message; !m.Cut || len(m.Body) > 16<<10 || strings.Contains(m.Body, "�") {
			t.Errorf("%d bytes of the message, cut: %v", len(m.Body), m.Cut)
		}
	})
	t.Run("X14 internal notes are sent to no endpoint without Notes, nor that there are any", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Bodies: true})
		x := w.open("Lamp")
		n := must(w.AddNote(as(bob), x.ID, ticket.ReplyDraft{Body: "Secret-one."}))(t)
		must(w.EditMessage(as(bob), n.ID, "Secret-two."))(t)
		must(w.SetStatus(as(bob), x.ID, "in_progress", "Secret-why."))(t)
		must(w.DeleteMessage(as(bob), n.ID))(t)
		w.settle()
		w.lacks("Secret", "note", `"message":{"id":2`, `"message":{"id":3`)
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.updated"})
		w.has(`"new":"in_progress"`)
	})
	t.Run("X14 a note that waits is not sent to an endpoint that shall not hear of notes any more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, _ := w.put(webhook.Endpoint{Notes: true, Bodies: true})
		x := w.open("Lamp")
		w.settle()
		must(w.AddNote(as(bob), x.ID, ticket.ReplyDraft{Body: "Secret."}))(t)
		e.Notes = false
		w.put(e)
		w.settle()
		w.lacks("Secret", "note")
		if n := len(w.works(store.WorkPending)); n > 0 {
			t.Errorf("%d entries wait", n)
		}
	})
	t.Run("X21 what a robot wrote is told as such", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		x := w.open("Lamp")
		must(w.Reply(as(ann.Via(ticket.ChannelEmail)), x.ID, ticket.ReplyDraft{Body: "I am away.", Mail: &ticket.Mail{MessageID: "1@example.com", Automatic: true}}))(t)
		w.settle()
		if m := w.to.last(t).body.Data.Message; m == nil || !m.Automatic {
			t.Errorf("%s", w.to.last(t).raw)
		}
	})
	t.Run("X14 encrypted messages stay in the desk", func(t *testing.T) {
		t.Parallel()
		sealer := must(helpdesk.NewSealer(bytes.Repeat([]byte{7}, 32)))(t)
		w := newWorld(t, &helpdesktest.Options{Config: helpdesk.Config{Sealer: sealer}}, nil)
		w.put(webhook.Endpoint{Bodies: true, Notes: true})
		x := w.open("Lamp")
		m := must(w.Reply(as(bob), x.ID, ticket.ReplyDraft{Body: "Password-one.", Encrypted: true}))(t)
		w.settle()
		must(w.EditMessage(as(bob), m.ID, "Password-two."))(t)
		w.settle()
		w.lacks("Password")
		if q := w.to.last(t).body.Data.Message; q == nil || !q.Encrypted || q.Body != "" {
			t.Errorf("%+v", q)
		}
	})
	t.Run("X14 what was redacted, edited or deleted before it is sent does not leave", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Bodies: true})
		x := w.open("Lamp 4111-1111")
		m := must(w.Reply(as(ann), x.ID, ticket.ReplyDraft{Body: "My card is 4111-1111, my house is Mill-Lane."}))(t)
		other := must(w.Reply(as(ann), x.ID, ticket.ReplyDraft{Body: "My-phone."}))(t)
		must(w.UpdateTicket(as(bob), x.ID, ticket.Patch{Subject: new("Lamp, card 4111-1111")}))(t)
		must(w.UpdateTicket(as(bob), x.ID, ticket.Patch{Subject: new("Lamp")}))(t)
		must(w.Redact(as(bob), x.ID, "4111-1111"))(t)
		must(w.EditMessage(as(bob), m.ID, "My card."))(t)
		must(w.DeleteMessage(as(bob), other.ID))(t)
		w.settle()
		w.lacks("4111", "Mill-Lane", "My-phone")
		w.has("My card.", `"deleted":true`, "ticket.redacted")
	})
	t.Run("X14 a message that was moved to another ticket is told by its id", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Bodies: true, Events: []string{"ticket.replied"}})
		x := w.open("Lamp")
		m := must(w.Reply(as(ann), x.ID, ticket.ReplyDraft{Body: "And-my-chair."}))(t)
		must(w.Split(as(bob), x.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
		w.settle()
		w.lacks("my-chair")
		if q := w.to.last(t).body.Data; q.Message == nil || q.Message.ID != m.ID || q.Ticket.ID != x.ID {
			t.Errorf("%+v", q)
		}
	})
	t.Run("X14 of a ticket that was deleted or purged before it is sent there are ids alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Bodies: true})
		deleted, purged := w.open("Lamp-one"), w.open("Lamp-two")
		ok(t, w.DeleteTicket(as(bob), deleted.ID))
		ok(t, w.DeleteTicket(as(bob), purged.ID))
		ok(t, w.Purge(as(bob), purged.ID))
		w.settle()
		w.lacks("Lamp", "Ann", "broken")
		gone := 0
		for _, q := range w.to.requests() {
			if q.body.Data.Gone {
				gone++
			}
			if q.body.Data.Ticket.Code == "" || q.body.Data.Message != nil || q.body.Data.Actor != nil {
				t.Errorf("%s", q.raw)
			}
		}
		if gone != 4 || len(w.to.requests()) != 5 {
			t.Errorf("%d of %d requests say that it is gone", gone, len(w.to.requests()))
		}
	})
	t.Run("X14 what is taken out of a ticket is taken out of answers that the log has", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.to.answers(echo(w.to))
		w.put(webhook.Endpoint{Bodies: true})
		x := w.open("Card 4111-1111")
		w.settle()
		if all := w.stored("webhook_log"); !strings.Contains(all, "4111-1111") {
			t.Fatalf("the log has no answer: %s", all)
		}
		must(w.Redact(as(bob), x.ID, "4111-1111"))(t)
		if all := w.stored("webhook_log"); strings.Contains(all, "4111") {
			t.Errorf("the log has %s", all)
		}
		if log := w.log(); len(log) != 1 || log[0].Status != 200 {
			t.Errorf("%+v", log)
		}
	})
}
