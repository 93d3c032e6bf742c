package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestDigestReads(t *testing.T) {
	t.Parallel()
	t.Run("X14 a digest reads no messages but those that it tells of", func(t *testing.T) {
		t.Parallel()
		db := &counting{Store: memory.New(nil)}
		defer func() { done(t, db.Close()) }()
		x := newShop(t, setup{store: db, manual: true, mailer: &away{back: true}})
		x.set(t, ticket.SettingsPatch{MailHistory: new(10)})
		done(t, x.n.SetPreferences(as(ann), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffMessage: notify.InDigest}}))
		tk := x.mine(t)
		for i := range 20 {
			must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: fmt.Sprint("And cold: ", i)}))(t)
		}
		x.DispatchAll(t)
		x.tick(t)
		x.Clock.Advance(24 * time.Hour)
		before := db.messages.Load()
		x.tick(t)
		equal(t, "messages read in lists", db.messages.Load()-before, 0)
		if l := x.letterOf(t, tk.ID, ann.ID, notify.Mail); l.State != notify.Sent {
			t.Errorf("%+v", l)
		}
	})
	t.Run("X14 what is more than a digest shows is in another one", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.atFive(t)
		var all []*ticket.Ticket
		for range 130 {
			all = append(all, x.lamp(t))
		}
		x.told(t)
		x.Clock.Advance(9 * time.Hour)
		said := ""
		for _, m := range x.mails(t) {
			said += m.text(t)
		}
		missing := 0
		for _, tk := range all {
			if !strings.Contains(said, "[#"+tk.Code+"]") {
				missing++
			}
		}
		equal(t, "tickets that no digest shows", missing, 0)
	})
	t.Run("M08 X14 what is left out of a digest is left out of its copies, too", func(t *testing.T) {
		t.Parallel()
		bad := int64(0)
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.URL = func(p notify.Page) string {
				if p.Ticket != nil && p.Agent == bob.ID && p.Ticket.ID == bad {
					bad = 0
					panic("no such page")
				}
				return ""
			}
		}})
		x.set(t, ticket.SettingsPatch{MailCopies: &[]string{"archive@shop.example"}})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.told(t)
		bad = one.ID
		x.Clock.Advance(9 * time.Hour)
		mails := x.mails(t)
		x.Clock.Advance(24 * time.Hour)
		mails = append(mails, x.mails(t)...)
		for _, to := range []string{bob.Email, "archive@shop.example"} {
			for _, tk := range []*ticket.Ticket{one, two} {
				n := 0
				for _, m := range mails {
					if m.to == to && strings.Contains(m.text(t), "[#"+tk.Code+"]") {
						n++
					}
				}
				equal(t, fmt.Sprintf("digests to %s with ticket %d", to, tk.ID), n, 1)
			}
		}
	})
}
