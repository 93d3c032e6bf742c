package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What whoever sets a desk up gets wrong first.
func TestMistakes(t *testing.T) {
	t.Parallel()
	t.Run("X14 a way to be told that the desk does not have is refused, and one that it has no more is mail", func(t *testing.T) {
		t.Parallel()
		with := newShop(t, setup{change: func(o *notify.Options) { o.Elsewhere = []string{"chat"} }})
		if err := with.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"Mail"}}); len(ticket.FieldErrors(err)["channels"]) != 1 {
			t.Error(err)
		}
		done(t, with.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"chat"}}))
		n, err := notify.New(helpdesktest.New(t, &helpdesktest.Options{Store: with.Store, Clock: with.Clock}).Notification(), with.Store, &notify.Options{Mail: with.Outbox, From: help})
		done(t, err)
		tk := with.lamp(t)
		list, _, err := n.Explain(with.host, with.eventOf(t, must(with.Messages(with.host, tk.ID, ticket.MessageQuery{}))(t)[0]))
		done(t, err)
		for _, e := range list {
			if e.Agent == bob.ID && (len(e.Channels) != 1 || e.Channels[0] != notify.Mail) {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("M75 a second New of a process, and a survey's page that is none, are refused", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		if _, err := notify.New(x.Notification(), x.Store, nil); err == nil || !strings.Contains(err.Error(), "already") {
			t.Error(err)
		}
		d := helpdesktest.New(t, nil)
		if _, err := notify.New(d.Notification(), d.Store, &notify.Options{SurveyURL: "shop.example/survey"}); !errors.Is(err, ticket.ErrInvalid) || len(ticket.FieldErrors(err)["survey_url"]) != 1 {
			t.Error(err)
		}
	})
	t.Run("M24 links lead to pages by a query as well as by a path", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		for base, want := range map[string]string{
			"https://shop.example/desk":          "https://shop.example/desk/",
			"https://shop.example/desk?code=":    "https://shop.example/desk?code=",
			"https://shop.example/desk/{code}/x": "https://shop.example/desk/",
		} {
			done(t, x.Catalog().PutBrand(x.host, ticket.Brand{Code: "default", Name: "Shop", StaffURL: base}))
			tk := x.lamp(t)
			for _, m := range x.mails(t) {
				if m.to == ann.Email && !strings.Contains(m.text(t), want+tk.Code) {
					t.Errorf("%s: %s", base, m.text(t))
				}
			}
		}
	})
	t.Run("M04 who signs as the department does so in the signature, too", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: ann.ID, Name: ann.Name, Email: ann.Email, Departments: []string{"support"}, Signatures: []ticket.Signature{{Text: "Ann Archer, third floor"}}}))
		for name, want := range map[ticket.SignAs]bool{ticket.SignAgent: true, ticket.SignDepartment: false} {
			x.set(t, ticket.SettingsPatch{SignAs: new(name)})
			tk := x.mine(t)
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
			for _, m := range x.mails(t) {
				if got := strings.Contains(m.text(t), "third floor"); got != want {
					t.Errorf("as %s: %s", name, m.text(t))
				}
			}
		}
	})
	t.Run("X14 a digest begins each message, with who has written it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest}}))
		x.lamp(t)
		x.told(t)
		x.Clock.Advance(24 * time.Hour)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 1)
		if text := mails[0].text(t); !strings.Contains(text, "Gus Gold <gus@example.com>: It was bright on Monday.") || strings.Contains(text, "there is a new ticket") {
			t.Error(text)
		}
	})
}
