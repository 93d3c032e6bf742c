package notify_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// panics is a mailer that does so for one reader, and takes what is for others.
type panics struct{ sent []string }

func (p *panics) Send(_ context.Context, _ *letter.Letter, _, to string) error {
	if to == bob.Email {
		panic("no such map")
	}
	p.sent = append(p.sent, to)
	return nil
}

// checked is what Check says.
func (x *shop) checked(t testing.TB) string {
	t.Helper()
	return strings.Join(said(must(x.Check(x.host))(t)), "\n")
}

// letterOf is the letter of a ticket that is for an agent, by a channel.
func (x *shop) letterOf(t testing.TB, id int64, agent, channel string) notify.Letter {
	t.Helper()
	for _, l := range must(x.n.Letters(x.host, id))(t) {
		if l.Agent == agent && l.Channel == channel {
			return l
		}
	}
	t.Fatalf("no letter for %s by %s", agent, channel)
	return notify.Letter{}
}

// entries sets the entries of letters that wait to another state, as faults of the store do in the end.
func (x *shop) entries(t testing.TB, to store.WorkState) {
	t.Helper()
	done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		works, err := tx.Works(ctx, store.WorkQuery{Kind: "letter", States: []store.WorkState{store.WorkPending}})
		for _, w := range works {
			err = errors.Join(err, tx.SetWork(ctx, w.ID, store.WorkPending, to, x.Clock.Now()))
		}
		return err
	}))
}

func TestPanics(t *testing.T) {
	t.Parallel()
	chat := func(o *notify.Options) {
		o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(context.Context, notify.Telling) error { return nil })}
	}
	for name, c := range map[string]struct {
		change  func(o *notify.Options)
		channel string
	}{
		"channel": {func(o *notify.Options) {
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(context.Context, notify.Telling) error { panic("no such map") })}
		}, "chat"},
		"mailer": {func(o *notify.Options) { chat(o); o.Mail = &panics{} }, notify.Mail},
		"address of a page": {func(o *notify.Options) {
			chat(o)
			o.URL = func(p notify.Page) string {
				if p.Agent == bob.ID {
					panic("no such map")
				}
				return ""
			}
		}, notify.Mail},
	} {
		t.Run("M24 a panic of the host's "+name+" is an attempt that failed, and stops nothing else", func(t *testing.T) {
			t.Parallel()
			x := newShop(t, setup{change: c.change})
			done(t, x.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{c.channel}}))
			tk := x.lamp(t)
			x.tick(t)
			l := x.letterOf(t, tk.ID, bob.ID, c.channel)
			if l.State != notify.Queued || l.Attempts != 1 || !strings.Contains(l.Error, "no such map") {
				t.Errorf("%+v", l)
			}
			equal(t, "Ann's letter", x.letterOf(t, tk.ID, ann.ID, notify.Mail).State, notify.Sent)
			for range 40 {
				x.Clock.Advance(3 * time.Hour)
				x.tick(t)
			}
			if l = x.letterOf(t, tk.ID, bob.ID, c.channel); l.State != notify.Failed || !strings.Contains(l.Error, "no such map") {
				t.Errorf("%+v", l)
			}
			if s := x.checked(t); !strings.Contains(s, "1 letters were given up") {
				t.Error(s)
			}
		})
	}
	t.Run("M24 a panic where the host's calendar is asked keeps no letter, and Check tells of it", func(t *testing.T) {
		t.Parallel()
		asked := 0
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.Hours = func(context.Context, calendar.Visitor) (calendar.Page, error) {
				if asked++; asked == 2 {
					panic("no such week")
				}
				return calendar.Page{}, nil
			}
		}})
		tk := x.lamp(t)
		x.tick(t)
		if l := x.letterOf(t, tk.ID, "", notify.Mail); asked != 2 || l.State != notify.Sent || l.Attempts != 1 {
			t.Errorf("asked %d times: %+v", asked, l)
		}
		if s := x.checked(t); !strings.Contains(s, "no such week") {
			t.Error(s)
		}
		x.lamp(t)
		x.tick(t)
		if s := x.checked(t); strings.Contains(s, "no such week") {
			t.Error(s)
		}
	})
}

func TestStuck(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]store.WorkState{"was given up by faults": store.WorkDead, "is not there": store.WorkDone} {
		t.Run("M24 a letter whose entry "+name+" is found, and sent", func(t *testing.T) {
			t.Parallel()
			x := newShop(t, setup{})
			x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
			tk := x.mine(t)
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
			x.tick(t)
			x.entries(t, state)
			if s := x.checked(t); strings.Contains(s, `1 entries of the agenda "letter" were given up`) != (state == store.WorkDead) {
				t.Error(s)
			}
			x.Clock.Advance(2 * time.Minute)
			same(t, "told", x.told(t))
			x.Clock.Advance(10 * time.Minute)
			x.tick(t) // which finds it
			x.tick(t)
			equal(t, "mails", len(x.taken(t)), 4) // the ticket to three, and this
			x.Clock.Advance(time.Hour)
			same(t, "told again", x.told(t))
			if s := x.checked(t); strings.Contains(s, "entries") || strings.Contains(s, "letters") {
				t.Error(s)
			}
		})
	}
	t.Run("M24 what breaks off again and again is given up, told of, and sent by a retry", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Second))})
		reply := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		x.DispatchAll(t)
		for range 3 {
			x.entries(t, store.WorkDead)
			x.Clock.Advance(20 * time.Minute)
			x.tick(t) // which finds nothing to send, and then puts it back
		}
		l := must(x.n.Delivery(as(ann), reply.ID))(t)[0]
		equal(t, "state", l.State, notify.Failed)
		if s := x.checked(t); !strings.Contains(s, "1 letters were given up") {
			t.Error(s)
		}
		done(t, x.n.Retry(as(ann), l.ID))
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk))
	})
	t.Run("M24 a retry takes a letter that nothing sends, and none that is sent", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
		tk := x.mine(t)
		reply := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		x.tick(t)
		l := must(x.n.Delivery(as(ann), reply.ID))(t)[0]
		if err := x.n.Retry(as(ann), l.ID); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
		x.entries(t, store.WorkDead)
		done(t, x.n.Retry(as(ann), l.ID))
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk))
		if err := x.n.Retry(as(ann), l.ID); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
	})
	t.Run("M75 Check tells of letters that should have left", func(t *testing.T) {
		t.Parallel()
		away := &away{}
		x := newShop(t, setup{mailer: away})
		x.lamp(t)
		x.tick(t)
		x.Clock.Advance(2 * time.Hour)
		if s := x.checked(t); !strings.Contains(s, "3 letters should have left more than an hour ago") {
			t.Error(s)
		}
		away.back = true
		x.tick(t)
		if s := x.checked(t); strings.Contains(s, "letters") {
			t.Error(s)
		}
	})
	t.Run("M30 nothing is kept of a letter whose ticket is removed for good", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{mailer: &away{}})
		x.atFive(t)
		tk := x.lamp(t)
		x.tick(t)
		equal(t, "marks", len(x.keys(t, "letter_open")), 3)
		inDigest := func() (ids []int64) {
			done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) (err error) {
				ids, err = r.Linked(ctx, "digest", bob.ID)
				return err
			}))
			return ids
		}
		equal(t, "letters that wait for a digest", len(inDigest()), 1)
		done(t, x.DeleteTicket(x.host, tk.ID))
		done(t, x.Purge(x.host, tk.ID))
		x.tick(t)
		equal(t, "letters", len(x.keys(t, "letter")), 0)
		equal(t, "marks", len(x.keys(t, "letter_open")), 0)
		equal(t, "letters that wait for a digest", len(inDigest()), 0)
	})
}

// keys are those of records of a kind.
func (x *shop) keys(t testing.TB, kind string) []string {
	t.Helper()
	out := map[string]bool{}
	done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		recs, err := r.Records(ctx, store.RecordQuery{Kind: kind})
		for _, rec := range recs {
			out[rec.Key] = true
		}
		return err
	}))
	return slices.Sorted(maps.Keys(out))
}
