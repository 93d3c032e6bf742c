package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// marks are those of a mail of the desk about a ticket, to an address.
func (i *inbox) marks(t *testing.T, ticketID, messageID int64, to string) ticket.Marks {
	t.Helper()
	k, err := i.Mail().Marker(staff())
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.Mark(ticket.Mark{TicketID: ticketID, MessageID: messageID, To: ticket.RecipientOf(ticketID, to)}, "support@desk.example")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// asked is an inbox with a ticket of Ann's, and the desk's answer to it.
func asked(t *testing.T, o gateway.Options) (i *inbox, id int64, answer *ticket.Message) {
	t.Helper()
	i = newPolicy(t, o)
	i.box.add(letter(ann, "1@example.com", "Lamp", "", "broken"))
	id = i.only(t, gateway.Opened).TicketID
	answer, err := i.Reply(staff(), id, ticket.ReplyDraft{Body: "which one?"})
	if err != nil {
		t.Fatal(err)
	}
	return i, id, answer
}

func to(address, mail string) string {
	return strings.Replace(mail, "To: support@desk.example", "To: "+address, 1)
}

func TestMarked(t *testing.T) {
	t.Parallel()
	t.Run("M41 an answer that has lost everything but a mark finds its ticket", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		marks := i.marks(t, id, m.ID, "ann@example.com")
		for n, mail := range []string{
			to(marks.Address, letter(ann, "2@example.com", "(no idea)", "", "the red one")),
			letter(ann, "3@example.com", "(no idea)", "In-Reply-To: <"+marks.MessageID+">\n", "the red one"),
			letter(ann, "4@example.com", "(no idea)", "", "the red one\n\n> "+marks.Code),
		} {
			i.box.add(mail)
			if o := i.only(t, gateway.Answered); o.TicketID != id || !o.By.Marked() {
				t.Errorf("mail %d: %+v", n+2, o)
			}
		}
	})
	t.Run("X11 whoever has the mark and is a stranger writes no answer", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		i.box.add(to(i.marks(t, id, m.ID, "ann@example.com").Address, letter("eve@evil.example", "2@evil.example", "Lamp", "", "cancel it")))
		if o := i.only(t, gateway.Noted); o.TicketID != id {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M64 an agent answers with the mark that they were given, in that ticket alone", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		i.box.add(letter(ann, "1b@example.com", "Chair", "", "broken"))
		other := i.only(t, gateway.Opened).TicketID
		given := i.marks(t, id, m.ID, "bob@desk.example")
		i.box.add(to(given.Address, letter("bob@desk.example", "2@desk.example", "Re: Lamp", "", "sent a new one")))
		if o := i.only(t, gateway.Answered); i.message(t, o.MessageID).Author.Kind != ticket.ActorStaff || o.TicketID != id {
			t.Errorf("%+v", o)
		}
		i.box.add(to(i.marks(t, id, m.ID, "ann@example.com").Address, letter("bob@desk.example", "3@desk.example", "Re: Lamp", "", "forged")))
		if o := i.only(t, gateway.Noted); o.TicketID != id {
			t.Errorf("with a customer's mark: %+v", o)
		}
		i.box.add(letter("bob@desk.example", "4@desk.example", "Re: [#"+i.code(t, other)+"]", "", "forged\n\n"+given.Code))
		if o := i.poll(t)[0]; o.TicketID == other && o.Result != gateway.Noted {
			t.Errorf("in another ticket: %+v", o)
		}
	})
	t.Run("X11 what proves an agent is not shown to those who read their answer", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{Participants: 9})
		given := i.marks(t, id, m.ID, "bob@desk.example")
		i.box.add(to(given.Address, letter("bob@desk.example", "2@desk.example", "Re: Lamp", "Cc: ann@example.com, "+given.Address+"\n",
			"a new one\n\n> From: "+given.Address+"\n> which one?\n> "+given.Code+"\n")))
		o := i.only(t, gateway.Answered)
		got := fmt.Sprintf("%+v", i.message(t, o.MessageID))
		_, secret, _ := strings.Cut(given.Address, "+hd")
		secret, _, _ = strings.Cut(secret, "@")
		if strings.Contains(got, secret) || !strings.Contains(got, "which one?") || !strings.Contains(got, "support@desk.example") {
			t.Errorf("%s", got)
		}
		i.box.add(letter("bob@desk.example", "3@desk.example", "Re: Lamp", "In-Reply-To: <"+given.MessageID+">\n", "forged\n\n"+given.Code))
		i.only(t, gateway.Noted)
		i.box.add(letter(ann, "4@example.com", "Re: Lamp", "In-Reply-To: <1@example.com>\nCc: "+given.Address+"\n", "copies the desk"))
		i.only(t, gateway.Answered)
		if p := i.ticket(t, id).Participants; len(p) != 0 {
			t.Errorf("the desk takes part in its own ticket: %v", p)
		}
	})
	t.Run("M64 what an agent writes to a supplier, with the desk in copy, is not shown to the customer", func(t *testing.T) {
		t.Parallel()
		i, id, _ := asked(t, gateway.Options{Servers: []string{"mx.desk.example"}, Own: []string{"support@desk.example"}})
		subject := "Re: [#" + i.code(t, id) + "] Lamp"
		for address, want := range map[string]ticket.MessageKind{
			"parts@supplier.example": ticket.KindConfided, "support@desk.example": ticket.KindReply, "ann@example.com": ticket.KindReply, "another-name-of-the-desk@desk.example": ticket.KindConfided,
		} {
			i.box.add(to(address, letter("bob@desk.example", address+"2@desk.example", subject, proof+"Cc: support@desk.example\n", "a new foot, please: "+address)))
			if m := i.message(t, i.only(t, gateway.Answered).MessageID); m.Kind != want || m.Author.ID != "7" {
				t.Errorf("to %s: %s of %s", address, m.Kind, m.Author.ID)
			}
		}
		i.box.add(to("another-name-of-the-desk@desk.example", letter("bob@desk.example", "3@desk.example", subject, proof, "the desk is in no field")))
		if m := i.message(t, i.only(t, gateway.Answered).MessageID); m.Kind != ticket.KindReply {
			t.Errorf("%s", m.Kind)
		}
	})
	t.Run("X11 a ticket that was merged, and a message that was split off, are found by their marks", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		marks := i.marks(t, id, m.ID, "ann@example.com")
		split, err := i.Split(staff(), id, ticket.Split{Messages: []int64{m.ID}, Subject: "Another"})
		if err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "2@example.com", "x", "In-Reply-To: <"+marks.MessageID+">\n", "red"))
		if o := i.only(t, gateway.Answered); o.TicketID != split.ID {
			t.Errorf("the message went to ticket %d, the answer to %+v", split.ID, o)
		}
		if _, err := i.Merge(staff(), split.ID, id); err != nil {
			t.Fatal(err)
		}
		i.box.add(to(marks.Address, letter(ann, "3@example.com", "x", "", "blue")))
		if o := i.only(t, gateway.Answered); i.message(t, o.MessageID).TicketID != split.ID {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M40 the desk's own mail, come back, is dropped: by its id, or by the loop header", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{Own: []string{"support@desk.example"}})
		marks := i.marks(t, id, m.ID, "ann@example.com")
		i.box.add(letter("support@desk.example", marks.MessageID, "Re: Lamp", "", "which one?"),
			letter("support@desk.example", "x@relay.example", "Re: Lamp", ticket.LoopHeader+": "+marks.Loop+"\n", "received"),
			letter("support@desk.example", "y@relay.example", "Re: Lamp", ticket.LoopHeader+": somebody's\n", "received"))
		out := i.poll(t)
		if len(out) != 3 || out[0].Result != gateway.Dropped || out[1].Result != gateway.Dropped || out[2].Result != gateway.Held {
			t.Errorf("%+v", out)
		}
	})
	t.Run("X11 keys are rotated: old marks count once more, and after a leak not at all", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		address := i.marks(t, id, m.ID, "ann@example.com").Address
		admin := ticket.WithActor(t.Context(), ticket.System("host"))
		if err := i.Mail().RotateKey(admin); err != nil {
			t.Fatal(err)
		}
		i.box.add(to(address, letter(ann, "2@example.com", "x", "", "red")))
		i.only(t, gateway.Answered)
		if err := i.Mail().DropOldKey(admin); err != nil {
			t.Fatal(err)
		}
		i.box.add(to(address, letter(ann, "3@example.com", "x", "", "blue")))
		i.only(t, gateway.Opened)
	})
}

// report is a server's, of a mail to somebody (RFC 3464).
func report(id, recipient, action, status, original string) string {
	return "From: MAILER-DAEMON@mx.example.net\nTo: support@desk.example\nSubject: Undelivered\nMessage-ID: <" + id + ">\nReturn-Path: <>\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; " + recipient + "\nAction: " + action + "\nStatus: " + status +
		"\nDiagnostic-Code: smtp; 550 no such user\n\n--b\nContent-Type: message/rfc822\n\nFrom: support@desk.example\nTo: " + recipient + "\nMessage-ID: <" + original + ">\nSubject: Re: Lamp\n\nwhich one?\n--b--\n"
}

func TestUndelivered(t *testing.T) {
	t.Parallel()
	t.Run("X21 a bounce is noted on the message that it returns, and on the address", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		before := i.ticket(t, id)
		i.box.add(report("b1@mx", "Ann@example.com", "failed", "5.1.1", i.marks(t, id, m.ID, "ann@example.com").MessageID))
		o := i.only(t, gateway.Noted)
		if note := i.message(t, o.MessageID); o.TicketID != id || note.Kind.Public() || !note.Mail.Automatic || !note.Mail.Unanswerable {
			t.Errorf("%+v", note)
		}
		got := i.message(t, m.ID)
		if len(got.Undelivered) != 1 || got.Undelivered[0].Recipient != "ann@example.com" || got.Undelivered[0].Status != "5.1.1" || !got.Undelivered[0].Permanent || got.Body != m.Body {
			t.Errorf("%+v", got)
		}
		if after := i.ticket(t, id); after.Status != before.Status {
			t.Errorf("it has changed the status to %s", after.Status)
		}
		u, err := i.Mail().Undeliverable(staff(), "ANN@example.com")
		if err != nil || !u.Permanent || u.Status != "5.1.1" {
			t.Errorf("%+v, %v", u, err)
		}
	})
	t.Run("X13 who is erased is not left in what a server has returned", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		i.box.add(report("b1@mx", "ann@example.com", "failed", "5.1.1", i.marks(t, id, m.ID, "ann@example.com").MessageID))
		o := i.only(t, gateway.Noted)
		if files := i.message(t, o.MessageID).Files; len(files) == 0 || files[0].Blob == "" {
			t.Fatalf("%+v", files)
		}
		if _, err := i.People().Erase(staff(), ticket.Person{Email: "ann@example.com"}, nil); err != nil {
			t.Fatal(err)
		}
		got := i.message(t, o.MessageID)
		for _, f := range got.Files {
			if f.Blob != "" {
				t.Errorf("%s is still there", f.Name)
			}
		}
		if text := fmt.Sprintf("%+v %+v", got, i.message(t, m.ID)); strings.Contains(text, "ann@example.com") || got.Mail.Raw != "" {
			t.Errorf("%s", text)
		}
		if u, err := i.Mail().Undeliverable(staff(), "ann@example.com"); err == nil {
			t.Errorf("%+v", u)
		}
	})
	t.Run("X21 a late mail marks no address, and its end has the last word", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		original := i.marks(t, id, m.ID, "ann@example.com").MessageID
		i.box.add(report("b1@mx", "ann@example.com", "delayed", "4.4.1", original))
		i.only(t, gateway.Noted)
		if got := i.message(t, m.ID); len(got.Undelivered) != 1 || got.Undelivered[0].Permanent {
			t.Errorf("%+v", got.Undelivered)
		}
		if u, err := i.Mail().Undeliverable(staff(), "ann@example.com"); err == nil {
			t.Errorf("%+v", u)
		}
		i.box.add(report("b2@mx", "ann@example.com", "failed", "5.4.1", original))
		i.only(t, gateway.Noted)
		if got := i.message(t, m.ID); len(got.Undelivered) != 1 || !got.Undelivered[0].Permanent {
			t.Errorf("%+v", got.Undelivered)
		}
	})
	t.Run("X21 a report of somebody to whom nothing was sent marks nobody", func(t *testing.T) {
		t.Parallel()
		i, id, m := asked(t, gateway.Options{})
		original := i.marks(t, id, m.ID, "ann@example.com").MessageID
		i.box.add(report("b1@mx", "carl@example.com", "failed", "5.1.1", original))
		i.only(t, gateway.Noted)
		i.box.add(report("b2@mx", "ann@example.com", "failed", "5.1.1", tampered(original)))
		if o := i.only(t, gateway.Opened); o.TicketID == id {
			t.Errorf("a forged id counts: %+v", o)
		}
		if got := i.message(t, m.ID); len(got.Undelivered) != 0 {
			t.Errorf("%+v", got.Undelivered)
		}
		for _, email := range []string{"ann@example.com", "carl@example.com"} {
			if u, err := i.Mail().Undeliverable(staff(), email); err == nil {
				t.Errorf("%s: %+v", email, u)
			}
		}
	})
	t.Run("X21 a host that sends by itself is told by the id that it has stored", func(t *testing.T) {
		t.Parallel()
		i, id, _ := asked(t, gateway.Options{})
		m, err := i.Reply(staff(), id, ticket.ReplyDraft{Body: "red?", Mail: &ticket.Mail{MessageID: "host-1@desk.example"}})
		if err != nil {
			t.Fatal(err)
		}
		i.box.add(report("b1@mx", "ann@example.com", "failed", "5.1.1", "host-1@desk.example"), report("b2@mx", "carl@example.com", "failed", "5.1.1", "host-1@desk.example"))
		i.poll(t)
		if got := i.message(t, m.ID); len(got.Undelivered) != 1 || got.Undelivered[0].Recipient != "ann@example.com" || !got.Undelivered[0].Proven {
			t.Errorf("%+v", got.Undelivered)
		}
	})
	t.Run("X21 whoever had the same mail in copy marks nobody else's address", func(t *testing.T) {
		t.Parallel()
		i, id, _ := asked(t, gateway.Options{})
		m, err := i.Reply(staff(), id, ticket.ReplyDraft{Body: "red?", Cc: []ticket.Person{{Email: "carl@example.com"}}, Mail: &ticket.Mail{MessageID: "host-1@desk.example"}})
		if err != nil {
			t.Fatal(err)
		}
		i.box.add(report("b1@mx", "ann@example.com", "failed", "5.1.1", "host-1@desk.example"))
		i.only(t, gateway.Noted)
		if got := i.message(t, m.ID); len(got.Undelivered) != 1 || got.Undelivered[0].Proven {
			t.Errorf("%+v", got.Undelivered)
		}
		if u, err := i.Mail().Undeliverable(staff(), "ann@example.com"); err == nil {
			t.Errorf("%+v", u)
		}
	})
	t.Run("X21 a mail that carried no message marks the address", func(t *testing.T) {
		t.Parallel()
		i, id, _ := asked(t, gateway.Options{})
		i.box.add(report("b1@mx", "ann@example.com", "failed", "5.1.1", i.marks(t, id, 0, "ann@example.com").MessageID))
		i.only(t, gateway.Noted)
		if u, err := i.Mail().Undeliverable(staff(), "ann@example.com"); err != nil || !u.Permanent {
			t.Errorf("%+v, %v", u, err)
		}
	})
}
