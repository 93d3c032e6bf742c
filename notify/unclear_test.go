package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fades is a server that reads what is for one reader, and is gone before it says whether it has it.
type fades struct {
	at    string
	given int
	sent  []string
}

func (f *fades) Send(_ context.Context, _ *letter.Letter, _, to string) error {
	if to == f.at {
		f.given++
		return &smtp.Error{Stage: smtp.Content, Server: true, Unclear: true, Err: errors.New("EOF")}
	}
	f.sent = append(f.sent, to)
	return nil
}

// hangs is a desk that finds no message before whoever asks gives up.
type hangs struct{ notify.Desk }

func (h hangs) Message(ctx context.Context, _ int64) (*ticket.Message, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(3 * time.Second):
		return nil, errors.New("nobody has given up")
	}
}

func TestUnclear(t *testing.T) {
	t.Parallel()
	t.Run("M24 a letter after which the server is gone each time is given up in the end, however often it was taken", func(t *testing.T) {
		t.Parallel()
		m := &fades{at: bob.Email}
		x := newShop(t, setup{mailer: m})
		tk := x.lamp(t)
		for range 200 {
			x.tick(t)
			x.Clock.Advance(time.Hour)
		}
		if l := x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State != notify.Failed || !strings.Contains(l.Error, "EOF") {
			t.Errorf("%+v", l)
		}
		equal(t, "attempts", m.given, 12)
		equal(t, "others", len(m.sent), 2)
	})
	t.Run("M24 a channel that fails does not hide that the mail server does", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{mailer: &away{}, change: func(o *notify.Options) {
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(context.Context, notify.Telling) error { return errors.New("no") })}
		}})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"chat"}}))
		x.lamp(t)
		x.tick(t)
		if s := x.checked(t); !strings.Contains(s, "the mail server fails") {
			t.Error(s)
		}
	})
	t.Run("M24 what a letter says is waited for as long as for a mail server, and no worker longer", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{mailer: &away{back: true}, desk: func(d notify.Desk) notify.Desk { return hangs{d} }, change: func(o *notify.Options) { o.Timeout = 50 * time.Millisecond }})
		tk := x.lamp(t)
		x.tick(t)
		if l := x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State != notify.Queued || l.Attempts != 1 || !strings.Contains(l.Error, context.DeadlineExceeded.Error()) {
			t.Errorf("%+v", l)
		}
	})
}
