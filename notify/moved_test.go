package notify_test

import (
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMoved(t *testing.T) {
	t.Parallel()
	t.Run("M24 an answer whose ticket is merged before it is told arrives, and what is split off is not sent again", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{manual: true})
		x.set(t, ticket.SettingsPatch{MailHistory: new(0)})
		one, two := x.lamp(t), x.lamp(t)
		x.DispatchAll(t)
		x.told(t)
		m := must(x.Reply(as(ann), one.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
		must(x.Merge(as(ann), two.ID, one.ID))(t)
		x.DispatchAll(t)
		answers := 0
		for _, got := range x.mails(t) {
			if got.to == "gus@example.com" && strings.Contains(got.text(t), "It leaves today.") {
				answers++
			}
		}
		equal(t, "answers", answers, 1)
		must(x.Split(as(ann), two.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
		x.DispatchAll(t)
		for _, got := range x.mails(t) {
			if got.to == "gus@example.com" {
				t.Errorf("what was split off is sent again: %s", got.text(t))
			}
		}
	})
	t.Run("M63 a third party and a blind copy are shown nothing of what was said before", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		tom := ticket.Person{Email: "tom@carrier.example"}
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Where is it?", Kind: ticket.KindConfided, To: []ticket.Person{tom}}))(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today.", Bcc: []ticket.Person{{Email: "eva@example.com"}}}))(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Hello?", Kind: ticket.KindConfided, To: []ticket.Person{tom}}))(t)
		for _, got := range x.mails(t) {
			if text := got.text(t); got.to != "gus@example.com" && (strings.Contains(text, "Monday") || strings.Contains(text, "Hello?") && !strings.Contains(text, "> Where is it?")) {
				t.Errorf("%s reads:\n%s", got.to, text)
			}
		}
	})
	t.Run("M08 M29 what a server says of a copy, or of the sandbox, is not said of the reader", func(t *testing.T) {
		t.Parallel()
		for _, p := range []ticket.SettingsPatch{{MailCopies: &[]string{"archive@shop.example"}}, {MailSandbox: new("archive@shop.example")}} {
			x := newShop(t, setup{server: smtpserver.Options{Recipient: func(to string) error {
				if to == "archive@shop.example" {
					return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
				}
				return nil
			}}})
			x.set(t, p)
			x.lamp(t)
			x.told(t)
			if _, err := x.Mail().Undeliverable(x.host, "gus@example.com"); err == nil {
				t.Error("the customer's address is marked")
			}
		}
	})
	t.Run("M24 a clock that is set back loses nothing", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.lamp(t)
		x.Clock.Advance(-2 * time.Second)
		x.tick(t)
		x.Clock.Advance(time.Hour)
		x.tick(t)
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			equal(t, "state", l.State, notify.Sent)
		}
	})
}
