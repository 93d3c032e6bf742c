package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// forged is a mail that claims to be from Bob and names the ticket, as a gateway leaves it that found no proof.
func (x *shop) forged(t testing.TB, tk *ticket.Ticket) *ticket.Message {
	t.Helper()
	by := ticket.Guest(bob.Name, bob.Email).Via(ticket.ChannelEmail)
	m := must(x.Reply(as(by), tk.ID, ticket.ReplyDraft{Body: "Send it to my new address.", Unproven: true}))(t)
	if m.Kind != ticket.KindNote || !m.Unproven {
		t.Fatalf("it is %s, unproven %v", m.Kind, m.Unproven)
	}
	return m
}

// doubted reports what is wrong with a letter that tells of what was forged.
func doubted(t testing.TB, said string) {
	t.Helper()
	const claim = "This mail claims to be from Bob Bauer <bob@shop.example>. Nothing proves it."
	at, words := strings.Index(said, claim), strings.Index(said, "Send it to my new address.")
	if at < 0 || words < at || strings.Contains(said, "internal note") || strings.Count(said, bob.Name) != 1 {
		t.Error(said)
	}
}

func TestUnproven(t *testing.T) {
	t.Parallel()
	t.Run("M64 the desk does not vouch for a mail that nothing proves", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		x.forged(t, tk)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 1)
		equal(t, "reader", mails[0].to, ann.Email)
		equal(t, "sender", mails[0].Header.Get("From"), `"Support" <help@shop.example>`)
		doubted(t, mails[0].text(t))

		must(x.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "That was not me."}))(t)
		mails = x.mails(t)
		equal(t, "sender of a note of his own", mails[0].Header.Get("From"), `"Bob Bauer" <help@shop.example>`)
		if said := mails[0].text(t); !strings.Contains(said, "Bob Bauer has left an internal note") {
			t.Error(said)
		}
	})
	t.Run("M64 nor where a letter quotes it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{MailHistory: new(3)})
		tk := x.mine(t)
		x.forged(t, tk)
		x.told(t)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Is it on its way?"}))(t)
		said := x.mails(t)[0].text(t)
		if !strings.Contains(said, "a mail that claims to be from Bob Bauer <bob@shop.example> (nothing proves it) said:") || strings.Contains(said, "noted internally") {
			t.Error(said)
		}
	})
	t.Run("M64 nor where it mentions an agent, opens a ticket of its own, or a rule tells of it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		claimed := ticket.System("shop")
		claimed.Name, claimed.Email = bob.Name, bob.Email
		must(x.Reply(as(claimed), tk.ID, ticket.ReplyDraft{Body: "Send it to my new address.", Unproven: true, Mentions: []ticket.Mention{{Agent: ann.ID}}}))(t)
		x.doubtedAll(t, tk, template.Mentioned)

		m := x.forged(t, tk)
		x.told(t)
		done(t, x.n.Notify(x.host, ticket.Notice{ID: "rule:1", Ticket: tk.ID, Message: m.ID, Subject: "Look", Text: "Somebody writes.", To: ticket.Recipients{Agents: []string{cem.ID, bob.ID}}}))
		mails := x.mails(t)
		equal(t, "notices", len(mails), 1)
		equal(t, "sender of a notice", mails[0].Header.Get("From"), `"Support" <help@shop.example>`)
		apart := must(x.Split(as(ann), tk.ID, ticket.Split{Messages: []int64{m.ID}, Subject: "A new address"}))(t)
		x.doubtedAll(t, apart, template.StaffTicket)
	})
	t.Run("M64 nor in a chat, nor in a digest", func(t *testing.T) {
		t.Parallel()
		var said []string
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(_ context.Context, t notify.Telling) error {
				said = append(said, t.Text)
				return nil
			})}
		}})
		tk := x.mine(t)
		done(t, x.n.SetPreferences(as(ann), notify.Preferences{Channels: []string{"chat"}}))
		x.forged(t, tk)
		x.told(t)
		equal(t, "chats", len(said), 1)
		doubted(t, said[0])

		done(t, x.n.SetPreferences(as(ann), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffMessage: notify.InDigest}, DigestAt: "17:00", Version: 1}))
		x.forged(t, tk)
		equal(t, "mails before the digest", len(x.mails(t)), 0)
		x.Clock.Advance(24 * time.Hour)
		mails := x.mails(t)
		equal(t, "digests", len(mails), 1)
		text := mails[0].text(t)
		if !strings.Contains(text, "there is a mail that could not be tied to the ticket") || strings.Contains(text, bob.Name) || strings.Contains(mails[0].Header.Get("From"), bob.Name) {
			t.Error(mails[0].raw)
		}
	})
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	eve := ticket.Guest(bob.Name, "eve@elsewhere.example")
	const shown = "Bob Bauer <eve@elsewhere.example>"
	alone := func(t *testing.T, said string) {
		t.Helper()
		if n := strings.Count(said, bob.Name); n == 0 || n != strings.Count(said, shown) {
			t.Errorf("it names Bob without the address of who says so:\n%s", said)
		}
	}
	for what, by := range map[string]ticket.Actor{"by a form": eve, "by a form, from their own address": verified(eve), "by mail": eve.Via(ticket.ChannelEmail)} {
		t.Run("M24 who calls themselves as an agent is called is with their address in letters about their ticket, "+what, func(t *testing.T) {
			t.Parallel()
			x := newShop(t, setup{})
			done(t, x.n.SetPreferences(as(bob), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest}, DigestAt: "17:00"}))
			d := ticket.Draft{Subject: "An account", Body: "Please pay there."}
			if by.Channel == ticket.ChannelEmail {
				d.Mail = &ticket.Mail{MessageID: "a@elsewhere.example", Gateway: "g"}
			}
			tk := must(x.CreateTicket(as(by), d))(t)
			for _, m := range x.mails(t) {
				equal(t, "sender", m.Header.Get("From"), `"Support" <help@shop.example>`)
				if m.to != eve.Email {
					alone(t, m.text(t))
				}
			}
			x.Clock.Advance(24 * time.Hour)
			digest := x.mails(t)
			equal(t, "digests", len(digest), 1)
			alone(t, digest[0].text(t))

			must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(ann.ID), Participants: new([]ticket.Person{{Name: "Tom", Email: "tom@carrier.example"}})}))(t)
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Who asks?"}))(t)
			x.mails(t)
			must(x.Reply(as(verified(eve)), tk.ID, ticket.ReplyDraft{Body: "I do."}))(t)
			readers := 0
			for _, m := range x.mails(t) {
				readers++
				equal(t, "sender to "+m.to, m.Header.Get("From"), `"Support" <help@shop.example>`)
				alone(t, m.text(t))
			}
			equal(t, "readers of the answer", readers, 2)
		})
	}
	t.Run("M24 whom the host knows is called by their name", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		must(x.CreateTicket(as(ticket.Client("7", "Gus Gold", gus.Email)), ticket.Draft{Subject: "My lamp", Body: "It is dark."}))(t)
		for _, m := range x.mails(t) {
			if m.to != gus.Email && (!strings.Contains(m.text(t), "Gus Gold has opened a new ticket") || m.Header.Get("From") != `"Gus Gold" <help@shop.example>`) {
				t.Error(m.raw)
			}
		}
	})
	t.Run("M64 a mail that opens a ticket from the address of an agent, whom nothing proves, is doubted", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		by := ticket.Guest(bob.Name, bob.Email).Via(ticket.ChannelEmail)
		must(x.CreateTicket(as(by), ticket.Draft{Subject: "An account", Body: "Please pay there.", Mail: &ticket.Mail{MessageID: "a@elsewhere.example", Gateway: "g"}}))(t)
		seen := 0
		for _, m := range x.mails(t) {
			if m.to != ann.Email {
				continue
			}
			seen++
			equal(t, "sender", m.Header.Get("From"), `"Support" <help@shop.example>`)
			if said := m.text(t); !strings.Contains(said, "This mail claims to be from Bob Bauer <bob@shop.example>. Nothing proves it.") {
				t.Error(said)
			}
		}
		equal(t, "letters to Ann", seen, 1)
	})
	t.Run("M64 nor are its words in a digest, or believed where a later letter quotes it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.SetPreferences(as(ann), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest}, DigestAt: "17:00"}))
		by := ticket.Guest(bob.Name, bob.Email).Via(ticket.ChannelEmail)
		tk := must(x.CreateTicket(as(by), ticket.Draft{Subject: "An account", Body: "Please pay there.", Mail: &ticket.Mail{MessageID: "a@elsewhere.example", Gateway: "g"}}))(t)
		x.mails(t)
		x.Clock.Advance(24 * time.Hour)
		digest := x.mails(t)
		equal(t, "digests", len(digest), 1)
		if said := digest[0].text(t); strings.Contains(said, "Please pay") || strings.Contains(said, bob.Name) {
			t.Error(said)
		}
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
		must(x.Reply(as(verified(ticket.Guest(bob.Name, bob.Email))), tk.ID, ticket.ReplyDraft{Body: "Did you?"}))(t)
		quoted := 0
		for _, m := range x.mails(t) {
			if m.to != ann.Email {
				continue
			}
			quoted++
			if said := m.text(t); !strings.Contains(said, "Please pay there.") || !strings.Contains(said, "(nothing proves it)") {
				t.Error(said)
			}
		}
		equal(t, "letters that quote it", quoted, 1)
	})
	t.Run("M24 a customer without a name is called by the address that is known", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		id := must(x.People().PutCustomer(x.host, ticket.Customer{Emails: []string{"zed@example.com"}}))(t).ID
		tk := must(x.CreateTicket(as(bob), ticket.Draft{Subject: "A lamp", Body: "It is dark.", Requester: ticket.Person{ID: id}}))(t)
		x.mails(t)
		must(x.UpdateTicket(as(bob), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
		for _, m := range x.mails(t) {
			if m.to == ann.Email && !strings.Contains(m.text(t), "zed@example.com") {
				t.Error(m.text(t))
			}
		}
	})
}

// doubtedAll checks the letters of a kind that are due: there are some, from the desk, which doubt what was forged.
func (x *shop) doubtedAll(t testing.TB, tk *ticket.Ticket, k template.Kind) {
	t.Helper()
	ids := map[string]bool{}
	mails := x.mails(t)
	for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
		ids["<"+l.MessageID+">"] = l.Kind == k
	}
	n := 0
	for _, got := range mails {
		if !ids[got.Header.Get("Message-Id")] {
			continue
		}
		n++
		equal(t, "sender", got.Header.Get("From"), `"Support" <help@shop.example>`)
		doubted(t, got.text(t))
	}
	if n == 0 {
		t.Errorf("no %s was sent", k)
	}
}
