package notify_test

import (
	"context"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestComesToNothing(t *testing.T) {
	t.Parallel()
	t.Run("M24 X21 Explain says of an address that takes no mail that it is not told, and why", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(context.Context, notify.Telling) error { return nil })}
		}})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{notify.Mail, "chat"}}))
		tk := x.lamp(t)
		x.told(t)
		event := must(x.History(x.host, tk.ID, ticket.EventQuery{}))(t)[0].ID
		explained := func() map[string]notify.Explanation {
			list, _, err := x.n.Explain(x.host, event)
			done(t, err)
			out := map[string]notify.Explanation{}
			for _, e := range list {
				out[e.Agent+e.Person.Email] = e
			}
			return out
		}
		if e := explained()[gus.Email]; e.WhyNot != "" || len(e.Channels) != 1 {
			t.Errorf("%+v", e)
		}
		for _, email := range []string{gus.Email, bob.Email} {
			done(t, x.Mail().MarkUndelivered(x.host, 0, ticket.Undelivered{Recipient: email, Permanent: true, Proven: true, At: x.Clock.Now()}))
		}
		by := explained()
		if e := by[gus.Email]; !strings.Contains(e.WhyNot, "takes no mail") || len(e.Channels) != 0 {
			t.Errorf("%+v", e)
		}
		if e := by[bob.ID]; e.WhyNot != "" || len(e.Channels) != 1 || e.Channels[0] != "chat" {
			t.Errorf("%+v", e)
		}
		if e := by[ann.ID]; e.WhyNot != "" || len(e.Channels) != 1 {
			t.Errorf("%+v", e)
		}
	})
	t.Run("M60 a notice on a ticket that is spam is told to nobody, and is in no feed", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		must(x.MoveTo(as(ann), tk.ID, ticket.Spam))(t)
		x.told(t)
		cursor := ""
		x.poll(t, ann, &cursor)
		done(t, x.n.Notify(x.host, ticket.Notice{ID: "rule:1", Ticket: tk.ID, Subject: "Look", Text: "It waits.", To: ticket.Recipients{Owner: true, Agents: []string{bob.ID}}}))
		same(t, "mails", x.told(t))
		same(t, "news", x.poll(t, ann, &cursor))
	})
}
