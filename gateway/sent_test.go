package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// other is a second gateway of the desk, with a mailbox of its own.
func (i *inbox) other(t *testing.T, name string, o gateway.Options) *inbox {
	t.Helper()
	g, err := gateway.New(name, i.Mail(), i.Store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return &inbox{i.Desk, g, &box{validity: 1}}
}

// sentMail is a mail as it lies in an agent's Sent folder.
func sentMail(from, to, id, subject, more, body string) string {
	return strings.Replace(letter(from, id, subject, more, body), "To: support@desk.example", "To: "+to, 1)
}

func TestSentFolder(t *testing.T) {
	t.Parallel()
	answers := gateway.Options{Policy: gateway.Policy{Sent: gateway.SentAnswers}, Own: []string{"support@desk.example"}}
	const bobs = "Bob <bob@desk.example>"
	setUp := func(t *testing.T, o gateway.Options) (in, sent *inbox, id int64) {
		in = newPolicy(t, gateway.Options{Servers: []string{"mx.desk.example"}})
		in.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		return in, in.other(t, "sent", o), in.only(t, gateway.Opened).TicketID
	}
	t.Run("X20 what an agent has answered from another program is their answer", func(t *testing.T) {
		t.Parallel()
		_, sent, id := setUp(t, answers)
		sent.box.add(sentMail(bobs, ann, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done"))
		o := sent.only(t, gateway.Answered)
		m := sent.message(t, o.MessageID)
		if o.TicketID != id || m.Author.Kind != ticket.ActorStaff || m.Author.ID != "7" || m.Kind != ticket.KindReply || m.Unproven || !m.Mail.Sent {
			t.Errorf("%+v, %+v", o, m)
		}
		if tk := sent.ticket(t, id); tk.UnreadByStaff || tk.LastReplyBy != ticket.ActorStaff {
			t.Errorf("%+v", tk)
		}
	})
	t.Run("X20 a code in the subject does, for whom the ticket concerns", func(t *testing.T) {
		t.Parallel()
		_, sent, id := setUp(t, answers)
		sent.box.add(sentMail(bobs, "x@example.org, "+ann, "2@desk.example", "Re: [#"+sent.code(t, id)+"] Help", "", "done"))
		if o := sent.only(t, gateway.Answered); o.TicketID != id || o.By != gateway.BySubject {
			t.Errorf("%+v", o)
		}
	})
	t.Run("X20 what was sent to somebody else is not shown to the customer", func(t *testing.T) {
		t.Parallel()
		_, sent, id := setUp(t, answers)
		sent.box.add(sentMail(bobs, "supplier@example.org", "2@desk.example", "Fwd: Help", "References: <1@example.com>\n", "what do you say?"))
		o := sent.only(t, gateway.Answered)
		if m := sent.message(t, o.MessageID); o.TicketID != id || m.Kind != ticket.KindConfided || m.Author.ID != "7" {
			t.Errorf("%+v, %+v", o, m)
		}
	})
	t.Run("X20 an answer that an agent has sent to the desk is the mailbox's", func(t *testing.T) {
		t.Parallel()
		in, sent, id := setUp(t, answers)
		mail := sentMail(bobs, "support@desk.example", "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done")
		sent.box.add(mail)
		sent.only(t, gateway.Dropped)
		in.box.add("Received: from a\n" + proof + mail)
		if m := in.message(t, in.only(t, gateway.Answered).MessageID); m.TicketID != id || m.Kind != ticket.KindReply {
			t.Errorf("%+v", m)
		}
	})
	t.Run("X20 a customer in blind copy is one to whom it was sent", func(t *testing.T) {
		t.Parallel()
		_, sent, id := setUp(t, answers)
		sent.box.add(sentMail(bobs, "undisclosed-recipients:;\nBcc: "+ann, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done"))
		if m := sent.message(t, sent.only(t, gateway.Answered).MessageID); m.TicketID != id || m.Kind != ticket.KindReply {
			t.Errorf("%+v", m)
		}
	})
	t.Run("X20 what cites no ticket is left alone, or opens one of its recipient's", func(t *testing.T) {
		t.Parallel()
		all := answers
		all.Policy.Sent = gateway.SentAll
		_, sent, _ := setUp(t, answers)
		sent.box.add(sentMail(bobs, "cem@example.net", "2@desk.example", "Offer", "", "here"))
		if o := sent.only(t, gateway.Dropped); o.Reason == "" {
			t.Errorf("%+v", o)
		}
		_, sent, _ = setUp(t, all)
		sent.box.add(sentMail(bobs, "support@desk.example, bob@desk.example, Cem <cem@example.net>", "2@desk.example", "Offer", "", "here"))
		o := sent.only(t, gateway.Opened)
		if tk, m := sent.ticket(t, o.TicketID), sent.message(t, o.MessageID); tk.Requester.Email != "cem@example.net" || m.Author.ID != "7" || tk.UnreadByStaff {
			t.Errorf("%+v, %+v", tk, m.Author)
		}
		sent.box.add(sentMail(bobs, "support@desk.example", "3@desk.example", "Note to self", "", "here"))
		sent.only(t, gateway.Dropped)
	})
	t.Run("X20 the desk's own answers are there already", func(t *testing.T) {
		t.Parallel()
		_, sent, id := setUp(t, answers)
		if _, err := sent.Reply(staff(), id, ticket.ReplyDraft{Body: "done", Mail: &ticket.Mail{MessageID: "ours@desk.example"}}); err != nil {
			t.Fatal(err)
		}
		sent.box.add(sentMail(bobs, ann, "ours@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "Dear Ann,\ndone\nBob"))
		sent.only(t, gateway.Dropped)
		if n := sent.ticket(t, id).Seq; n != 2 {
			t.Errorf("%d messages", n)
		}
	})
	t.Run("X20 a copy that the mailbox got, too, is not there twice, whichever comes first", func(t *testing.T) {
		t.Parallel()
		mail := sentMail(bobs, ann+"\nCc: support@desk.example", "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done")
		for name, marks := range map[string]string{"proven": proof, "unproven": ""} {
			in, sent, id := setUp(t, answers)
			sent.box.add(mail)
			sent.only(t, gateway.Answered)
			in.box.add("Received: from a\n" + marks + mail)
			in.only(t, gateway.Dropped)
			if n := in.ticket(t, id).Seq; n != 2 {
				t.Errorf("%s, the sent one first: %d messages", name, n)
			}
			in, sent, id = setUp(t, answers)
			in.box.add("Received: from a\n" + marks + mail)
			in.poll(t)
			sent.box.add(mail)
			sent.poll(t)
			alive := 0
			page, err := in.Messages(staff(), id, ticket.MessageQuery{})
			for _, m := range page {
				if m.DeletedAt == nil {
					alive++
				}
			}
			if last := page[len(page)-1]; err != nil || alive != 2 || last.Author.ID != "7" || last.Kind != ticket.KindReply {
				t.Errorf("%s, the mailbox first: %d messages, %+v, %v", name, alive, last, err)
			}
		}
	})
	t.Run("X20 the same id with other words is no copy", func(t *testing.T) {
		t.Parallel()
		in, sent, _ := setUp(t, answers)
		in.box.add(letter(ann, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "a customer takes the id of an answer"))
		in.only(t, gateway.Answered)
		mail := sentMail(bobs, ann, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done")
		sent.box.add(mail)
		sent.only(t, gateway.Answered)
		in.box.add(letter(bobs, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "forged"))
		in.only(t, gateway.Noted)
	})
	t.Run("X20 a shared mailbox's answer is whose the options say, or the desk's", func(t *testing.T) {
		t.Parallel()
		by := answers
		by.SentBy = "7"
		for want, o := range map[ticket.ActorKind]gateway.Options{ticket.ActorStaff: by, ticket.ActorSystem: answers} {
			_, sent, id := setUp(t, o)
			sent.box.add(sentMail("Support <support@desk.example>", ann, "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n", "done"))
			out := sent.only(t, gateway.Answered)
			if m := sent.message(t, out.MessageID); out.TicketID != id || m.Author.Kind != want || m.Author.Name != "Support" || m.Kind != ticket.KindReply {
				t.Errorf("%+v", m.Author)
			}
		}
	})
	t.Run("X20 an answer to a mail that is still on its way waits for it", func(t *testing.T) {
		t.Parallel()
		in, sent, _ := setUp(t, answers)
		sent.box.add(sentMail("bob@desk.example", "cem@example.net", "9@desk.example", "Re: New", "In-Reply-To: <8@example.net>\n", "done"))
		if out := sent.poll(t); len(out) != 0 {
			t.Fatalf("%+v", out)
		}
		in.box.add(letter("cem@example.net", "8@example.net", "New", "", "please"))
		id := in.only(t, gateway.Opened).TicketID
		sent.Clock.Advance(time.Minute)
		if o := sent.only(t, gateway.Answered); o.TicketID != id {
			t.Errorf("%+v", o)
		}
	})
	t.Run("X20 what a program has sent is no agent's answer, and nothing is answered", func(t *testing.T) {
		t.Parallel()
		_, sent, _ := setUp(t, answers)
		sent.box.add(sentMail(bobs, ann, "2@desk.example", "Out of office", "In-Reply-To: <1@example.com>\nAuto-Submitted: auto-replied\n", "away"))
		sent.only(t, gateway.Dropped)
		d := gateway.Decide(sentBy("bob@desk.example"), human(), dmarc(""), gateway.Facts{Agent: "7", Threads: []gateway.Thread{{Citation: theirs, TicketID: 7, Addressed: true}}}, answers.Policy)
		if d.Action != gateway.Staff || d.MayAutoRespond {
			t.Errorf("%+v", d)
		}
	})
}
