package notify_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message/mail"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func (x *shop) set(t testing.TB, p ticket.SettingsPatch) {
	t.Helper()
	done(t, x.Settings().Update(x.host, ticket.DeskLayer, p))
}

// mine is a lamp that Ann has, and of which everybody was told.
func (x *shop) mine(t testing.TB) *ticket.Ticket {
	t.Helper()
	tk := x.lamp(t)
	must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
	x.told(t)
	return tk
}

func subject(tk *ticket.Ticket) string { return "[#" + tk.Code + "] " + tk.Subject }

// text is the plain text of a mail.
func (m got) text(t testing.TB) string {
	t.Helper()
	r, err := gomessage.CreateReader(strings.NewReader(m.raw))
	done(t, err)
	for {
		p, err := r.NextPart()
		done(t, err)
		if h, ok := p.Header.(*gomessage.InlineHeader); ok && strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
			return string(must(io.ReadAll(p.Body))(t))
		}
	}
}

// files are the names of a mail's attachments.
func (m got) files(t testing.TB) (out []string) {
	t.Helper()
	r, err := gomessage.CreateReader(strings.NewReader(m.raw))
	done(t, err)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		done(t, err)
		if h, ok := p.Header.(*gomessage.AttachmentHeader); ok {
			name := must(h.Filename())(t)
			body := must(io.ReadAll(p.Body))(t)
			out = append(out, name+"="+string(body))
		}
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	t.Run("M29 in the sandbox every mail goes to one address, and says who would have got it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{MailSandbox: new("trap@shop.example")})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?", Cc: []ticket.Person{{Email: "eva@example.com"}}}))(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 2)
		for _, m := range mails {
			equal(t, "recipient", m.to, "trap@shop.example")
			equal(t, "to", m.Header.Get("To")+m.Header.Get("Cc"), "<trap@shop.example>")
			if s := m.subject(t); !strings.HasPrefix(s, "[for gus@example.com] ") && !strings.HasPrefix(s, "[for eva@example.com] ") {
				t.Error(s)
			}
		}
		problems := must(x.Check(x.host))(t)
		if !strings.Contains(strings.Join(said(problems), "\n"), "the sandbox is on: every mail goes to trap@shop.example") {
			t.Error(said(problems))
		}
	})
	t.Run("M08 every mail has a blind copy, by the same Message-ID", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		x.set(t, ticket.SettingsPatch{MailCopies: &[]string{"archive@shop.example", "boss@shop.example"}})
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 3)
		to := map[string]bool{}
		for _, m := range mails {
			to[m.to] = true
			equal(t, "id", m.Header.Get("Message-Id"), mails[0].Header.Get("Message-Id"))
			equal(t, "to", m.Header.Get("To"), `"Gus Gold" <gus@example.com>`)
			if strings.Contains(m.raw, "archive@") || strings.Contains(m.raw, "boss@") {
				t.Error("a blind copy shows")
			}
		}
		if !to["archive@shop.example"] || !to["boss@shop.example"] || !to["gus@example.com"] {
			t.Error(to)
		}
	})
	t.Run("M04 customers see the name that the settings say, staff the agent's", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{SignAs: new(ticket.SignDepartment)})
		tk := x.lamp(t)
		must(x.UpdateTicket(as(bob), tk.ID, ticket.Patch{Assignee: new(bob.ID)}))(t)
		x.told(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		for _, m := range x.mails(t) {
			want, not := `"Support" <help@shop.example>`, "Ann"
			if m.to == bob.Email {
				want, not = `"Ann Archer" <help@shop.example>`, "Support wrote"
			}
			equal(t, "from", m.Header.Get("From"), want)
			if strings.Contains(m.text(t), not) {
				t.Errorf("%s reads of %s:\n%s", m.to, not, m.text(t))
			}
		}
	})
	t.Run("M23 as many messages are quoted as the settings say, and no notes to customers", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{MailHistory: new(2)})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "First answer."}))(t)
		must(x.AddNote(as(ann), tk.ID, ticket.ReplyDraft{Body: "Secret note."}))(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Second answer."}))(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Third answer."}))(t)
		mails := x.mails(t)
		last := mails[len(mails)-1].text(t)
		for text, want := range map[string]bool{"Third answer.": true, "> Second answer.": true, "> First answer.": true, "Monday": false, "Secret": false} {
			if strings.Contains(last, text) != want {
				t.Errorf("%q: %v in\n%s", text, !want, last)
			}
		}
	})
	t.Run("M63 files go with the message, and are links when they are too large", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		draft := func() ticket.ReplyDraft {
			return ticket.ReplyDraft{Body: "See there.", Files: []ticket.Upload{{Name: "plan.txt", Type: "text/plain", Content: strings.NewReader("turn left")}}}
		}
		must(x.Reply(as(ann), tk.ID, draft()))(t)
		m := x.mails(t)[0]
		same(t, "files", m.files(t), "plan.txt=turn left")
		x.set(t, ticket.SettingsPatch{MailFileBytes: new(int64(5))})
		must(x.Reply(as(ann), tk.ID, draft()))(t)
		m = x.mails(t)[0]
		same(t, "files", m.files(t))
		if !strings.Contains(m.text(t), "plan.txt") {
			t.Error(m.text(t))
		}
	})
	t.Run("X24 a mail whose file cannot be read is not sent without it, but tried again, and told of in the end", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "See there.", Files: []ticket.Upload{{Name: "plan.txt", Content: strings.NewReader("turn left")}}}))(t)
		x.damage(t, m.Files[0].Blob)
		for range 40 {
			same(t, "told", x.told(t))
			x.Clock.Advance(6 * time.Hour)
		}
		l := must(x.n.Delivery(as(ann), m.ID))(t)[0]
		if l.State != notify.Failed || l.Error == "" || l.Attempts < 10 {
			t.Errorf("%+v", l)
		}
		if problems := strings.Join(said(must(x.Check(x.host))(t)), "\n"); !strings.Contains(problems, "1 letters were given up") {
			t.Error(problems)
		}
	})
	t.Run("M63 everybody sees whom a message is for, but for blind copies", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?", Cc: []ticket.Person{{Name: "Eva", Email: "eva@example.com"}}, Bcc: []ticket.Person{{Email: "tom@example.com"}}}))(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 3)
		for _, m := range mails {
			equal(t, "to", m.Header.Get("To"), `"Gus Gold" <gus@example.com>`)
			equal(t, "cc", m.Header.Get("Cc"), `"Eva" <eva@example.com>`)
		}
	})
	t.Run("M21 a letter refers to what its own reader has sent and got", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := must(x.CreateTicket(as(gus.Via(ticket.ChannelEmail)), ticket.Draft{Subject: "Dark", Body: "It is dark.", Mail: &ticket.Mail{MessageID: "one@example.com"}}))(t)
		first := x.mails(t)
		byTo := func(list []got, to string) got {
			for _, m := range list {
				if m.to == to {
					return m
				}
			}
			t.Fatalf("nothing for %s", to)
			return got{}
		}
		confirmation := byTo(first, "gus@example.com")
		equal(t, "the confirmation answers", confirmation.Header.Get("In-Reply-To"), "<one@example.com>")
		equal(t, "is by a robot", confirmation.Header.Get("Auto-Submitted"), "auto-replied")
		equal(t, "is from", confirmation.from, "")
		x.Clock.Advance(time.Minute)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		answer := byTo(x.mails(t), "gus@example.com")
		equal(t, "the answer answers", answer.Header.Get("In-Reply-To"), confirmation.Header.Get("Message-Id"))
		equal(t, "is by a robot", answer.Header.Get("Auto-Submitted"), "")
		equal(t, "is from", answer.from, help)
		if refs := answer.Header.Get("References"); !strings.Contains(refs, "<one@example.com>") || strings.Contains(refs, byTo(first, bob.Email).Header.Get("Message-Id")) {
			t.Error(refs)
		}
	})
	t.Run("X21 nobody is written to at an address that takes no mail", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{server: smtpserver.Options{Recipient: func(to string) error {
			if to == "gus@example.com" {
				return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}
			return nil
		}}})
		tk := x.lamp(t)
		same(t, "told", x.told(t), "ann@shop.example: "+subject(tk), "bob@shop.example: "+subject(tk))
		m := must(x.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		if len(m.Undelivered) != 1 || !m.Undelivered[0].Permanent || m.Undelivered[0].Status != "5.1.1" {
			t.Errorf("%+v", m.Undelivered)
		}
		reply := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		same(t, "told", x.told(t))
		if l := must(x.n.Delivery(as(ann), reply.ID))(t)[0]; l.State != notify.Cancelled || !strings.Contains(l.Reason, "takes no mail") {
			t.Errorf("%+v", l)
		}
	})
}

func said(list []ticket.Problem) (out []string) {
	for _, p := range list {
		out = append(out, p.Area+": "+p.Message)
	}
	return out
}

func TestHeld(t *testing.T) {
	t.Parallel()
	t.Run("X29 what staff write can be taken back for a while", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(30 * time.Second))})
		tk := x.mine(t)
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Go away!"}))(t)
		same(t, "told", x.told(t))
		equal(t, "state", must(x.n.Delivery(as(ann), m.ID))(t)[0].State, notify.Held)
		back := must(x.n.Recall(as(ann), m.ID))(t)
		equal(t, "body", back.Body, "Go away!")
		x.Clock.Advance(time.Minute)
		same(t, "told", x.told(t))
		if now := must(x.Message(as(ann), m.ID))(t); now.DeletedAt == nil {
			t.Error("the message is there still")
		}
		m = must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		x.Clock.Advance(time.Minute)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk))
		if _, err := x.n.Recall(as(ann), m.ID); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
		if must(x.Message(as(ann), m.ID))(t).DeletedAt != nil {
			t.Error("what was sent is deleted")
		}
	})
	t.Run("X29 an answer is written later, with the rights that its author has then, and can be taken back", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		at := x.Clock.Now().Add(2 * time.Hour)
		l := must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Good morning!", Status: "in_progress"}, at))(t)
		other := must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Good evening!"}, at))(t)
		must(x.n.CancelLater(as(ann), other.ID))(t)
		same(t, "told", x.told(t))
		equal(t, "waiting", len(must(x.n.Scheduled(as(bob), tk.ID))(t)), 1)
		x.Clock.Advance(3 * time.Hour)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk))
		equal(t, "waiting", len(must(x.n.Scheduled(as(bob), tk.ID))(t)), 0)
		equal(t, "status", must(x.Ticket(as(ann), tk.ID))(t).Status, "in_progress")
		if _, err := x.n.CancelLater(as(ann), l.ID); !errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
		if _, err := x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Files: []ticket.Upload{{Name: "a"}}}, x.Clock.Now().Add(-time.Hour)); len(ticket.FieldErrors(err)) != 2 {
			t.Error(err)
		}
		must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Too late."}, x.Clock.Now().Add(time.Hour)))(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Department: new("sales"), Assignee: new("")}))(t) // beyond Ann's sight
		x.Clock.Advance(2 * time.Hour)
		x.told(t)
		if waits := must(x.n.Scheduled(x.host, tk.ID))(t); len(waits) != 1 || waits[0].Failed == "" {
			t.Errorf("%+v", waits)
		}
	})
	t.Run("X14 quiet hours hold letters up, a digest puts them together, and what is not wanted is not sent", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{
			Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest, template.Updated: notify.Off}, DigestAt: "17:00", DigestZone: "Europe/Berlin"}))
		done(t, x.n.SetPreferences(as(ann), notify.Preferences{Hours: &calendar.Calendar{Code: "ann", Name: "Ann", Zone: "UTC", Week: calendar.Weekdays("10:00-16:00")}}))
		one, two := x.lamp(t), x.lamp(t)
		same(t, "at nine hear", x.told(t), "gus@example.com: "+subject(one), "gus@example.com: "+subject(two))
		x.Clock.Advance(time.Hour)
		same(t, "at ten hear", x.told(t), "ann@shop.example: "+subject(one), "ann@shop.example: "+subject(two))
		x.Clock.Advance(6 * time.Hour)
		digest := x.mails(t)
		equal(t, "at four hear", len(digest), 1)
		equal(t, "the digest is for", digest[0].to, bob.Email)
		for _, tk := range []*ticket.Ticket{one, two} {
			if !strings.Contains(digest[0].text(t), tk.Code) {
				t.Error(digest[0].text(t))
			}
		}
		x.Clock.Advance(24 * time.Hour)
		same(t, "the day after hear", x.told(t))
	})
	t.Run("X14 preferences are one's own, and checked", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		wrong := notify.Preferences{Topics: map[template.Kind]notify.Choice{"nonsense": notify.Off, template.StaffTicket: "sometimes"}, DigestAt: "25:00", DigestZone: "Moon/Base", Departments: []string{"support"}}
		if f := ticket.FieldErrors(x.n.SetPreferences(as(ann), wrong)); len(f) != 4 {
			t.Error(f)
		}
		if f := ticket.FieldErrors(x.n.SetPreferences(as(verified(gus)), notify.Preferences{Departments: []string{"support"}, Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.Off}})); len(f) != 2 {
			t.Error(f)
		}
		for _, who := range []context.Context{x.host, as(gus)} {
			if _, err := x.n.Preferences(who); !errors.Is(err, ticket.ErrForbidden) {
				t.Error(err)
			}
		}
		p := must(x.n.Preferences(as(ann)))(t)
		p.NoFeed = true
		done(t, x.n.SetPreferences(as(ann), p))
		if err := x.n.SetPreferences(as(ann), p); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
		if !must(x.n.Preferences(as(ann)))(t).NoFeed || must(x.n.Preferences(as(bob)))(t).NoFeed {
			t.Error("preferences are mixed up")
		}
	})
	t.Run("X30 who subscribes to a department hears of it, as far as they see it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.SetPreferences(as(cem), notify.Preferences{Departments: []string{"support"}}))
		tk := x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "ann@shop.example: "+subject(tk), "bob@shop.example: "+subject(tk)) // not Cem: he may not see it
		a := must(x.People().Agent(x.host, cem.ID))(t)
		a.Departments = []string{"sales", "support"}
		done(t, x.People().PutAgent(x.host, a))
		done(t, x.Catalog().PutDepartment(x.host, ticket.Department{Code: "support", Name: "Support", Silent: true}))
		tk = x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "cem@shop.example: "+subject(tk))
	})
}

func TestSeen(t *testing.T) {
	t.Parallel()
	t.Run("M58 what is sent is what may be seen when it is sent", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Your password is hunter2."}))(t)
		must(x.Redact(x.host, tk.ID, "hunter2"))(t)
		x.Clock.Advance(time.Hour)
		if text := x.mails(t)[0].text(t); strings.Contains(text, "hunter2") || !strings.Contains(text, "Your password is") {
			t.Error(text)
		}
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "For Gus alone."}))(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Requester: &ticket.Person{Name: "Eva", Email: "eva@example.com"}}))(t)
		x.Clock.Advance(time.Hour)
		for _, line := range x.told(t) {
			if strings.HasPrefix(line, "gus@") {
				t.Error(line)
			}
		}
	})
	t.Run("M34 an agent who no longer sees the ticket is not told", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Hours: &calendar.Calendar{Code: "bob", Name: "Bob", Zone: "UTC", Week: calendar.Weekdays("12:00-16:00")}}))
		tk := x.lamp(t)
		x.told(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Department: new("sales")}))(t)
		x.Clock.Advance(4 * time.Hour)
		same(t, "told", x.told(t), "cem@shop.example: "+subject(tk))
	})
	t.Run("W32 the text of an encrypted message does not leave the desk", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{sealed: true})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "The key is under the mat.", Encrypted: true}))(t)
		if m := x.mails(t)[0]; strings.Contains(m.raw, "the mat") {
			t.Error(m.text(t))
		}
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Did you find it?"}))(t)
		if m := x.mails(t)[0]; strings.Contains(m.raw, "the mat") || !strings.Contains(m.text(t), "Did you find it?") {
			t.Error(m.text(t))
		}
	})
}
