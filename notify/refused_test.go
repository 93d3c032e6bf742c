package notify_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	t.Run("M24 who wrote a mail that was refused hears of it, where it may be answered, and not why", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		reject := func(may bool) {
			done(t, x.Mail().RejectMail(as(gus.Via(ticket.ChannelEmail)), ticket.Rejection{Gateway: "g", Subject: "Buy this", Reason: "hook shop.no-spam", MayAnswer: may}))
		}
		reject(true)
		same(t, "of one hears, where the settings do not say so", x.told(t))
		x.set(t, ticket.SettingsPatch{TellRefused: new(true)})
		reject(true)
		mails := x.mails(t)
		if len(mails) != 1 || mails[0].to != "gus@example.com" || mails[0].from != "" || mails[0].Header.Get("Auto-Submitted") != "auto-replied" {
			t.Fatalf("%+v", mails)
		}
		if strings.Contains(mails[0].raw, "no-spam") || !strings.Contains(mails[0].raw, "Buy this") {
			t.Error(mails[0].text(t))
		}
		reject(false)
		same(t, "of one that may not be answered hears", x.told(t))
	})
	t.Run("M24 the desk tells no address of its own that its mail was refused", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{TellRefused: new(true)})
		self := ticket.Guest("Help", help)
		done(t, x.Mail().RejectMail(as(self.Via(ticket.ChannelEmail)), ticket.Rejection{Gateway: "g", Subject: "Buy this", MayAnswer: true}))
		same(t, "told", x.told(t))
	})
}
