package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// holds reports whether some record that notifications keep has a text.
func (x *shop) holds(t testing.TB, text string) (kinds []string) {
	t.Helper()
	done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		for _, kind := range []string{"letter", "later", "correspondence", "noticed", "feed", "feed_of", "preferences"} {
			recs, err := r.Records(ctx, store.RecordQuery{Kind: kind})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				if strings.Contains(rec.Key+string(rec.Doc), text) {
					kinds = append(kinds, kind+" "+rec.Key)
				}
			}
		}
		return nil
	}))
	return kinds
}

func TestErased(t *testing.T) {
	t.Parallel()
	t.Run("X13 a letter that waits for somebody who is erased is cancelled, and nothing has their address", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute)), MailCopies: &[]string{"archive@shop.example"}})
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "For two.", Bcc: []ticket.Person{{Email: "blind@example.com"}}}))(t)
		x.tick(t)
		for _, email := range []string{"gus@example.com", "blind@example.com"} {
			must(x.People().Erase(x.host, ticket.Person{Email: email}, nil))(t)
			same(t, "what has "+email, x.holds(t, email))
		}
		x.Clock.Advance(time.Hour)
		same(t, "told", x.told(t))
		list := must(x.n.Delivery(x.host, m.ID))(t)
		equal(t, "letters", len(list), 4)
		for _, l := range list {
			if l.State != notify.Cancelled || l.Reason == "" || l.Error != "" {
				t.Errorf("%+v", l)
			}
		}
	})
	t.Run("X13 letters about mails that were refused are listed for who may configure, kept for a time, and forget who is erased", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{manual: true})
		x.set(t, ticket.SettingsPatch{TellRefused: new(true)})
		for _, who := range []ticket.Actor{gus, ticket.Guest("Eva Early", "eva@example.com")} {
			done(t, x.Mail().RejectMail(as(who.Via(ticket.ChannelEmail)), ticket.Rejection{Gateway: "g", Subject: "Buy this, says " + who.Email, Reason: "spam", MayAnswer: true}))
			x.DispatchAll(t)
		}
		equal(t, "letters", len(must(x.n.Letters(x.host, 0))(t)), 2)
		for _, who := range []ticket.Actor{ann, gus} {
			if _, err := x.n.Letters(as(who), 0); !errors.Is(err, ticket.ErrForbidden) {
				t.Error(err)
			}
			if err := x.n.Cancel(as(who), must(x.n.Letters(x.host, 0))(t)[0].ID); !errors.Is(err, ticket.ErrForbidden) {
				t.Error(err)
			}
		}
		must(x.People().Erase(x.host, ticket.Person{Email: "eva@example.com"}, nil))(t)
		same(t, "what has an address that was erased", x.holds(t, "eva@example.com"))
		equal(t, "what has another", len(x.holds(t, "gus@example.com")), 1)
		mails := x.mails(t)
		if len(mails) != 1 || mails[0].to != "gus@example.com" {
			t.Errorf("%+v", mails)
		}
		list := must(x.n.Letters(x.host, 0))(t)
		equal(t, "the letter to Gus", list[0].State, notify.Sent)
		equal(t, "the letter to whoever was erased", list[1].State, notify.Cancelled)
		x.Clock.Advance(100 * 24 * time.Hour)
		x.tick(t)
		equal(t, "letters that are old", len(must(x.n.Letters(x.host, 0))(t)), 0)
	})
}
