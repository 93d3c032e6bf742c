package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// leased is how often entries of a kind were taken up.
func (x *shop) leased(t testing.TB, kind string) (n int64) {
	t.Helper()
	done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		works, err := r.Works(ctx, store.WorkQuery{Kind: kind})
		n = -1
		for _, w := range works {
			n = max(n, 0) + w.Epoch
		}
		return err
	}))
	return n
}

func TestElsewhere(t *testing.T) {
	t.Parallel()
	t.Run("M24 a process orders letters for what only others have, and leaves them to those", func(t *testing.T) {
		t.Parallel()
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		db := memory.New(&memory.Options{Now: clock.Now})
		defer db.Close()
		var chats []string
		talks := newShop(t, setup{store: db, clock: clock, manual: true, change: func(o *notify.Options) { // and no mail
			o.Mail, o.Elsewhere = nil, []string{notify.Mail}
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(_ context.Context, t notify.Telling) error {
				chats = append(chats, t.Agent+": "+t.Subject)
				return nil
			})}
		}})
		mails := newShop(t, setup{store: db, clock: clock, manual: true, at: talks.server, change: func(o *notify.Options) { o.Elsewhere = []string{"chat"} }})
		done(t, talks.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"chat"}}))
		for name, x := range map[string]*shop{"the one without mail": talks, "the one without a chat": mails} {
			chats = nil
			before := len(x.taken(t))
			tk := x.lamp(t)
			x.DispatchAll(t)
			equal(t, name+" ordered", len(must(x.n.Letters(x.host, tk.ID))(t)), 3)
			other, kind := mails, "letter"
			if x == mails {
				other, kind = talks, "channel/chat"
			}
			leased := x.leased(t, kind)
			for range 10 {
				clock.Advance(time.Minute)
				x.tick(t)
			}
			if n := x.leased(t, kind); n != leased || n < 0 {
				t.Errorf("%s took up %d entries that it cannot send", name, n-leased)
			}
			clock.Advance(time.Hour)
			if s := x.checked(t); !strings.Contains(s, "should have left") || strings.Contains(s, "no mail is sent") {
				t.Error(s)
			}
			other.tick(t)
			x.tick(t)
			var told []string
			for _, m := range x.taken(t)[before:] {
				told = append(told, m.to+": "+m.subject(t))
			}
			slices.Sort(told)
			same(t, "by mail hear", told, "gus@example.com: "+subject(tk), "ann@shop.example: "+subject(tk))
			same(t, "by chat hears", chats, "2: "+subject(tk))
			for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
				equal(t, fmt.Sprintf("letter by %s", l.Channel), l.State, notify.Sent)
			}
		}
	})
	t.Run("M24 who has no mail and names nobody who has orders none, and Check says so", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{change: func(o *notify.Options) { o.Mail = nil }})
		tk := x.lamp(t)
		equal(t, "letters", len(must(x.n.Letters(x.host, tk.ID))(t)), 0)
		if s := x.checked(t); !strings.Contains(s, "no mail is sent") {
			t.Error(s)
		}
	})
	t.Run("M24 names of channels that cannot be are refused, and mail elsewhere needs a sender", func(t *testing.T) {
		t.Parallel()
		d := helpdesktest.New(t, nil)
		for want, o := range map[string]*notify.Options{
			"channels":  {Channels: map[string]notify.Channel{strings.Repeat("x", 51): notify.ChannelFunc(nil)}},
			"elsewhere": {Elsewhere: []string{notify.Feed}},
			"from":      {Elsewhere: []string{notify.Mail}},
		} {
			_, err := notify.New(d.Notification(), d.Store, o)
			if f := ticket.FieldErrors(err); len(f) != 1 || len(f[want]) == 0 {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
}
