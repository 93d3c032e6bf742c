package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestNumberLines(t *testing.T) {
	t.Parallel()
	lines := []string{"## Ticket number: {code}", "## Ticketnummer: {code}", "Votre demande n° {code} a été reçue", "{code} är ditt ärendenummer", "番号:{code}"}
	for name, c := range map[string]struct{ body, want string }{
		"as it is":              {"hello\n\n## Ticket number: TCK-123\n", "TCK-123"},
		"quoted, twice":         {"hello\n> > ## Ticket number: TCK-123\n", "TCK-123"},
		"in another language":   {"hallo\n> ## Ticketnummer: vep-728-96190\n", "VEP-728-96190"},
		"with text behind it":   {"bonjour\n> Votre demande n° TCK-9 a été reçue le 3 mai.\n", "TCK-9"},
		"the code first":        {"hej\n> TCK-9 är ditt ärendenummer\n", "TCK-9"},
		"without blanks":        {"> 番号：TCK-9\n", "TCK-9"},
		"without its strokes":   {"Ticket number: TCK-123\n", "TCK-123"},
		"no-break spaces":       {"##\u00a0Ticket\u00a0number:\u00a0TCK-123\n", "TCK-123"},
		"but a number":          {"## Ticket number: 4711\n", "4711"},
		"the topmost first":     {"> ## Ticket number: TCK-2\n> > ## Ticket number: TCK-1\n> ## Ticket number: TCK-2\n", "TCK-2 TCK-1"},
		"not within a sentence": {"you said ## Ticket number: TCK-123\n", ""},
		"not in other words":    {"## Ticket code: TCK-123\n", ""},
		"not without a number":  {"## Ticket number: unknown\n", ""},
		"not in the subject":    {"hello\n", ""},
	} {
		t.Run("R11 a ticket-number line, "+name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read([]byte("From: ann@example.com\r\nSubject: Ticket number: TCK-99\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+c.body), received, nil)
			var got []string
			for _, cited := range gateway.NumberLines(m, ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}, lines) {
				if cited.By != gateway.ByNumberLine {
					t.Errorf("%+v", cited)
				}
				got = append(got, cited.Value)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("R11 a ticket-number line finds the ticket for whom it concerns, in every language, and only where it is configured", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{NumberLines: lines})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		quoted := "again\n\n> ## Ticketnummer: " + i.code(t, id)
		i.box.add(letter(ann, "2@example.com", "Re: Help", "", quoted))
		if o := i.only(t, gateway.Answered); o.TicketID != id || o.By != gateway.ByNumberLine {
			t.Errorf("%+v", o)
		}
		i.box.add(letter("eve@evil.example", "3@evil.example", "Re: Help", "", quoted))
		if o := i.only(t, gateway.Noted); o.TicketID != id {
			t.Errorf("a stranger: %+v", o)
		}
		off := newPolicy(t, gateway.Options{})
		off.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id = off.only(t, gateway.Opened).TicketID
		off.box.add(letter(ann, "2@example.com", "Re: Help", "", "again\n\n> ## Ticket number: "+off.code(t, id)))
		off.only(t, gateway.Opened)
	})
	t.Run("R11 the subject's code goes before the line, and a Message-ID before both", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{NumberLines: lines})
		for _, id := range []string{"1", "2", "3"} {
			i.box.add(letter(ann, id+"@example.com", "Help", "", "please"))
		}
		out := i.poll(t)
		line := "again\n## Ticket number: " + i.code(t, out[2].TicketID)
		subject := "Re: [#" + i.code(t, out[1].TicketID) + "]"
		i.box.add(letter(ann, "4@example.com", subject, "", line), letter(ann, "5@example.com", subject, "In-Reply-To: <1@example.com>\n", line))
		next := i.poll(t)
		if next[0].TicketID != out[1].TicketID || next[1].TicketID != out[0].TicketID {
			t.Errorf("%+v", next)
		}
	})
	t.Run("R11 a form without a place for the code, or without words, is refused", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		for _, bad := range []string{"## Ticket number:", "#{code}", "{code} or {code}"} {
			if _, err := gateway.New("x", i.Mail(), i.Store, &gateway.Options{NumberLines: []string{bad}}); err == nil || !strings.Contains(err.Error(), "number_lines[0]") {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

const form = "Website <form@desk.example>"

func TestContactForms(t *testing.T) {
	t.Parallel()
	visitor := "Reply-To: Zoe <zoe@example.net>\n"
	forms := gateway.Options{ContactForms: []string{"form@desk.example"}, Own: []string{"support@desk.example"}}
	t.Run("M73 whoever filled in a web form is the requester, and the form is told", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, forms)
		i.box.add(letter(form, "1@desk.example", "Contact", visitor+"Auto-Submitted: auto-generated\n", "please"))
		o := i.only(t, gateway.Opened)
		tk := i.ticket(t, o.TicketID)
		m := i.message(t, o.MessageID)
		if tk.Requester.Email != "zoe@example.net" || tk.Requester.Name != "Zoe" || m.Mail.Relay != "form@desk.example" || m.Mail.Automatic || o.Kind != gateway.KindHuman {
			t.Errorf("%+v, %+v, %+v", tk.Requester, m.Mail, o)
		}
	})
	t.Run("M73 without the option Reply-To is no requester", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter(form, "1@desk.example", "Contact", visitor, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Requester.Email != "form@desk.example" {
			t.Errorf("%+v", tk.Requester)
		}
	})
	t.Run("M73 a form that writes as an address of the desk itself is not held, and what is no form's is", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{ContactForms: []string{"support@desk.example"}, Own: []string{"support@desk.example", "sales@desk.example"}})
		i.box.add(letter("support@desk.example", "1@desk.example", "Contact", visitor, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Requester.Email != "zoe@example.net" {
			t.Errorf("%+v", tk.Requester)
		}
		i.box.add(letter("support@desk.example", "2@desk.example", "Contact", "", "no visitor"))
		i.only(t, gateway.Held)
		i.box.add(letter("support@desk.example", "3@desk.example", "Contact", "Reply-To: sales@desk.example\n", "the visitor types our address"))
		i.only(t, gateway.Held)
	})
	t.Run("M73 a form gives no standing in a ticket: whoever fills it in types any address", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, forms)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: "+ann+"\n", "cancel it"))
		if o := i.only(t, gateway.Noted); o.TicketID != id || !strings.Contains(o.Reason, "form") {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M73 in a trusted mailbox it does", func(t *testing.T) {
		t.Parallel()
		trusted := forms
		trusted.Policy.Trusted = true
		i := newPolicy(t, trusted)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: "+ann+"\n", "and this"))
		i.only(t, gateway.Answered)
	})
	t.Run("M73 nobody is an agent by a form, whatever is trusted and proven", func(t *testing.T) {
		t.Parallel()
		trusted := forms
		trusted.Policy.Trusted, trusted.Servers = true, []string{"mx.desk.example"}
		i := newPolicy(t, trusted)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: bob@desk.example\n"+proof, "give them the money back"))
		o := i.only(t, gateway.Noted)
		if m := i.message(t, o.MessageID); m.Author.Kind == ticket.ActorStaff || !m.Unproven {
			t.Errorf("%+v", m)
		}
		i.box.add(letter(form, "3@desk.example", "Contact", "Reply-To: bob@desk.example\n"+proof, "hello"))
		if m := i.message(t, i.only(t, gateway.Opened).MessageID); m.Author.Kind == ticket.ActorStaff {
			t.Errorf("%+v", m.Author)
		}
	})
}

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

// TestAfterClosing is what becomes of a mail to a ticket that takes no more.
func TestAfterClosing(t *testing.T) {
	t.Parallel()
	// begin is a desk with a department of its own policy, and a ticket of Ann in it.
	begin := func(t *testing.T, policy ticket.AfterClose) (*inbox, *ticket.Ticket) {
		t.Helper()
		i := newPolicy(t, gateway.Options{})
		if err := i.Catalog().PutDepartment(staff(), ticket.Department{Code: "billing", Name: "Billing"}); err != nil {
			t.Fatal(err)
		}
		if policy != "" {
			if err := i.Settings().Update(staff(), ticket.DepartmentLayer("billing"), ticket.SettingsPatch{AfterClose: new(policy)}); err != nil {
				t.Fatal(err)
			}
		}
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		if _, err := i.UpdateTicket(staff(), id, ticket.Patch{Department: new("billing"), Participants: &[]ticket.Person{{Email: "cem@example.net"}}}); err != nil {
			t.Fatal(err)
		}
		return i, i.ticket(t, id)
	}
	again := letter("cem@example.net", "2@example.net", "Re: Help", "In-Reply-To: <1@example.com>\n", "again")
	continued := func(t *testing.T, i *inbox, old *ticket.Ticket) {
		t.Helper()
		i.box.add(again)
		next := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		if next.ID == old.ID || next.LinkedTo != old.ID || next.Department != "billing" || next.Requester.Email != "ann@example.com" {
			t.Errorf("%+v", next)
		}
	}
	closes := func(t *testing.T, i *inbox, id int64) {
		t.Helper()
		if _, err := i.CloseTicket(staff(), id); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("R07 reopen: it goes on in the ticket", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseReopen)
		closes(t, i, tk.ID)
		i.box.add(again)
		if o := i.only(t, gateway.Answered); o.TicketID != tk.ID || i.ticket(t, tk.ID).Class.Done() {
			t.Errorf("%+v", o)
		}
	})
	for _, policy := range []ticket.AfterClose{ticket.AfterCloseLink, ticket.AfterCloseRefuse} {
		t.Run("R07 "+string(policy)+": a mail goes on in a new ticket, linked, of the same people and department", func(t *testing.T) {
			t.Parallel()
			i, tk := begin(t, policy)
			closes(t, i, tk.ID)
			continued(t, i, tk)
		})
	}
	t.Run("R07 answer: a mail is refused, recorded, and its sender may be told, unless it is a robot", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseAnswer)
		var told []hooks.Rejected
		i.Hooks().TicketMailRejected.Bind("test", func(_ context.Context, in hooks.Rejected) error { told = append(told, in); return nil })
		closes(t, i, tk.ID)
		i.box.add(again)
		o := i.only(t, gateway.Rejected)
		if len(told) != 1 || !told[0].MayAnswer || told[0].From != "cem@example.net" || told[0].Reason == "" || i.ticket(t, tk.ID).Seq != 1 {
			t.Errorf("%+v, %+v", o, told)
		}
		if _, err := i.raw(o.Work); err != nil {
			t.Errorf("the raw mail is gone: %v", err)
		}
		i.box.add(letter("cem@example.net", "3@example.net", "Re: Help", "In-Reply-To: <1@example.com>\nX-Auto-Response-Suppress: All\n", "again"))
		i.only(t, gateway.Rejected)
		if len(told) != 2 || told[1].MayAnswer {
			t.Errorf("%+v", told)
		}
		i.box.add(letter("cem@example.net", "4@example.net", "Away", "In-Reply-To: <1@example.com>\nAuto-Submitted: auto-replied\n", "I am away"))
		i.only(t, gateway.Answered) // a robot's is kept, and changes nothing
	})
	t.Run("R07 the department's policy holds, and only there", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseAnswer)
		if _, err := i.UpdateTicket(staff(), tk.ID, ticket.Patch{Department: new("support")}); err != nil {
			t.Fatal(err)
		}
		closes(t, i, tk.ID)
		i.box.add(again)
		i.only(t, gateway.Answered)
	})
	t.Run("R07 locked: a mail goes on in a new ticket, linked", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, "")
		if _, err := i.Lock(staff(), tk.ID); err != nil {
			t.Fatal(err)
		}
		continued(t, i, tk)
	})
	t.Run("R07 merged: it goes on in the target, and in what continues that", func(t *testing.T) {
		t.Parallel()
		i, tk := begin(t, ticket.AfterCloseLink)
		i.box.add(letter(ann, "9@example.com", "Other", "", "please"))
		target := i.only(t, gateway.Opened).TicketID
		if _, err := i.UpdateTicket(staff(), target, ticket.Patch{Department: new("billing")}); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Merge(staff(), target, tk.ID); err != nil {
			t.Fatal(err)
		}
		i.box.add(again)
		if o := i.only(t, gateway.Answered); o.TicketID != target {
			t.Errorf("%+v", o)
		}
		closes(t, i, target)
		i.box.add(letter(ann, "3@example.com", "Re: Help", "In-Reply-To: <1@example.com>\n", "again"))
		if next := i.ticket(t, i.only(t, gateway.Opened).TicketID); next.LinkedTo != target {
			t.Errorf("%+v", next)
		}
	})
}

func TestTrustedControlHeaders(t *testing.T) {
	t.Parallel()
	const fields = "X-Helpdesk-Department: billing\nX-Helpdesk-Priority: high\nX-Helpdesk-Tag: vip, beta\nx-helpdesk-tag: gold\n"
	begin := func(t *testing.T, trusted bool) *inbox {
		i := newPolicy(t, gateway.Options{Policy: gateway.Policy{Trusted: trusted}})
		if err := i.Catalog().PutDepartment(staff(), ticket.Department{Code: "billing", Name: "Billing"}); err != nil {
			t.Fatal(err)
		}
		return i
	}
	t.Run("X11 a trusted mailbox acts on fields of the desk's own namespace", func(t *testing.T) {
		t.Parallel()
		i := begin(t, true)
		i.box.add(letter(ann, "1@example.com", "Help", fields, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Department != "billing" || tk.Priority != "high" || len(tk.Tags) != 3 {
			t.Errorf("%+v", tk)
		}
	})
	t.Run("X11 one that is not does not", func(t *testing.T) {
		t.Parallel()
		i := begin(t, false)
		i.box.add(letter(ann, "1@example.com", "Help", fields, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Department != "support" || tk.Priority != "medium" || len(tk.Tags) != 0 {
			t.Errorf("%+v", tk)
		}
	})
	t.Run("X11 what they name and the desk has not does not lose the mail, nor its files", func(t *testing.T) {
		t.Parallel()
		i := begin(t, true)
		i.box.add("From: " + ann + "\nSubject: Help\nMessage-ID: <1@example.com>\nX-Helpdesk-Priority: nuclear\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nplease\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1;2\n--b--\n")
		o := i.only(t, gateway.Opened)
		if tk, m := i.ticket(t, o.TicketID), i.message(t, o.MessageID); tk.Priority != "medium" || len(m.Files) != 1 || m.Files[0].Blob == "" {
			t.Errorf("%+v, %+v", tk, m.Files)
		}
	})
}

func TestAgentsWithoutRights(t *testing.T) {
	t.Parallel()
	// begin is a desk in which Bob may see tickets of support, and do no more.
	begin := func(t *testing.T, grants ...ticket.Grant) *inbox {
		d := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{
			Agents: []ticket.Agent{{ID: "7", Name: "Bob", Email: "bob@desk.example", Roles: []string{"reader"}}},
			Roles:  []ticket.Role{{Code: "reader", Name: "Reader", Grants: grants}},
		}})
		g, err := gateway.New("support", d.Mail(), d.Store, &gateway.Options{Servers: []string{"mx.desk.example"}})
		if err != nil {
			t.Fatal(err)
		}
		return &inbox{d, g, &box{validity: 1}}
	}
	for name, grants := range map[string][]ticket.Grant{
		"who may only look": {{Rights: []ticket.Right{ticket.RightSee}}},
		"who sees nothing":  nil,
	} {
		t.Run("M64 the answer of an agent "+name+" is a marked note, with the reason, at once", func(t *testing.T) {
			t.Parallel()
			i := begin(t, grants...)
			i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
			id := i.only(t, gateway.Opened).TicketID
			i.box.add(letter("bob@desk.example", "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n"+proof, "done"))
			o := i.only(t, gateway.Noted)
			var m *ticket.Message
			err := i.Store.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
				m, err = r.Message(ctx, o.MessageID)
				return err
			})
			if err != nil || o.TicketID != id || !m.Unproven || m.Kind != ticket.KindNote || !strings.Contains(o.Reason, "may not") {
				t.Errorf("%+v, %+v, %v", o, m, err)
			}
		})
		t.Run("M64 what an agent "+name+" writes to the desk opens a ticket all the same", func(t *testing.T) {
			t.Parallel()
			i := begin(t, grants...)
			i.box.add(letter("bob@desk.example", "2@desk.example", "My own lamp", proof, "is broken"))
			if o := i.only(t, gateway.Opened); !strings.Contains(o.Reason, "may not") {
				t.Errorf("%+v", o)
			}
		})
	}
}
