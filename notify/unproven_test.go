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
