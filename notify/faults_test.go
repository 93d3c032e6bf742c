package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// moody is a server that refuses what it is told to, so many times.
type moody struct {
	mu   sync.Mutex
	left int
	err  error
}

func (m *moody) refuse() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left == 0 {
		return nil
	}
	m.left--
	return m.err
}

func refusal(code int, a, b, c int, text string) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{a, b, c}, Message: text}
}

func TestServerFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at    string
		err   error
		times int
		state notify.State // in the end
	}{
		"puts the sender off":            {"sender", refusal(451, 4, 7, 1, "greylisted"), 3, notify.Sent},
		"puts the recipient off":         {"recipient", refusal(450, 4, 2, 2, "mailbox full"), 3, notify.Sent},
		"puts the content off":           {"data", refusal(452, 4, 3, 1, "no space"), 3, notify.Sent},
		"closes for a while":             {"recipient", refusal(421, 4, 3, 2, "shutting down"), 5, notify.Sent},
		"does not know the recipient":    {"recipient", refusal(550, 5, 1, 1, "no such user"), 1, notify.Bounced},
		"takes no such content":          {"data", refusal(554, 5, 7, 1, "spam"), 1, notify.Bounced},
		"puts the recipient off for all": {"recipient", refusal(450, 4, 2, 1, "never today"), 1000, notify.Failed},
	} {
		t.Run("M24 a server that "+name, func(t *testing.T) {
			t.Parallel()
			m := &moody{}
			o := smtpserver.Options{Sender: func(string) error { return nil }}
			ask := func(at string) func(string) error {
				return func(string) error {
					if at != c.at {
						return nil
					}
					return m.refuse()
				}
			}
			o.Sender, o.Recipient, o.Data = ask("sender"), ask("recipient"), func(smtpserver.Mail) error { return ask("data")("") }
			x := newShop(t, setup{server: o})
			tk := x.mine(t)
			m.left, m.err = c.times, c.err
			reply := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
			var mails []got
			for range 40 {
				mails = append(mails, x.mails(t)...)
				x.Clock.Advance(3 * time.Hour)
			}
			l := must(x.n.Delivery(as(ann), reply.ID))(t)[0]
			equal(t, "state", l.State, c.state)
			if c.state == notify.Sent {
				equal(t, "mails", len(mails), 1)
				equal(t, "id", mails[0].Header.Get("Message-Id"), "<"+l.MessageID+">")
				return
			}
			equal(t, "mails", len(mails), 0)
			if l.Error == "" || !strings.Contains(l.Error, c.err.(*gosmtp.SMTPError).Message) {
				t.Error(l.Error)
			}
			m.left = 0
			done(t, x.Mail().Deliverable(x.host, "gus@example.com"))
			done(t, x.n.Retry(as(ann), l.ID))
			equal(t, "mails after a retry", len(x.mails(t)), 1)
		})
	}
	t.Run("M24 a server that is away stops nothing else, and costs no letter an attempt", func(t *testing.T) {
		t.Parallel()
		away := &away{}
		var pinged []string
		x := newShop(t, setup{mailer: away, change: func(o *notify.Options) {
			o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(_ context.Context, t notify.Telling) error {
				pinged = append(pinged, t.Agent+": "+t.Subject)
				return nil
			})}
		}})
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"chat"}}))
		tk := x.lamp(t)
		x.tick(t)
		l := must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Hello?"}, x.Clock.Now().Add(time.Minute)))(t)
		x.Clock.Advance(time.Minute)
		x.tick(t)
		if _, err := x.n.CancelLater(as(ann), l.ID); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("what was to be sent later waits for the mail server: %v", err)
		}
		for range 100 {
			x.tick(t)
			x.Clock.Advance(10 * time.Minute)
		}
		same(t, "by chat hears", pinged, "2: "+subject(tk))
		if away.asked < 100 || away.asked > 210 { // after each pause by one letter, or by both
			t.Errorf("the server was asked %d times", away.asked)
		}
		if problems := strings.Join(said(must(x.Check(x.host))(t)), "\n"); !strings.Contains(problems, "the mail server fails") {
			t.Error(problems)
		}
		away.back = true
		x.Clock.Advance(2 * time.Hour)
		x.tick(t)
		slices.Sort(away.sent)
		same(t, "by mail hear", away.sent, "ann@shop.example", "gus@example.com", "gus@example.com")
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			if l.State != notify.Sent || l.Attempts != 1 {
				t.Errorf("%+v", l)
			}
		}
	})
}

// away is a server that nobody reaches.
type away struct {
	mu    sync.Mutex
	asked int
	back  bool
	fail  error // where it is back
	sent  []string
}

func (a *away) Send(_ context.Context, _ *letter.Letter, _, to string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	if !a.back {
		return &smtp.Error{Stage: smtp.Connecting, Server: true, Err: errors.New("connection refused")}
	}
	if a.fail != nil {
		return a.fail
	}
	a.sent = append(a.sent, to)
	return nil
}

// TestKilled has the process die at each call of its store in turn, and another one go on: each mail is sent once, or
// again by the same Message-ID, to whom it is for; none is lost.
func TestKilled(t *testing.T) {
	t.Parallel()
	repeated, steps := 0, 0
	for step := 1; ; step++ {
		if testing.Short() && step%5 != 1 {
			continue
		}
		died, again := killedAt(t, step)
		if !died {
			break
		}
		repeated += again
		steps++
	}
	t.Logf("killed at %d steps; %d mails were repeated, by their own id", steps, repeated)
	if steps < 10 || repeated == 0 {
		t.Errorf("killed at %d steps, with %d mails that were repeated: nothing was tried", steps, repeated)
	}
}

func killedAt(t *testing.T, step int) (died bool, repeated int) {
	t.Helper()
	clock, leases := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)), helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
	db := memory.New(&memory.Options{Now: leases.Now})
	defer db.Close()
	faulty := storetest.NewFaulty(db)
	x := newShop(t, setup{store: faulty, manual: true, clock: clock})
	x.set(t, ticket.SettingsPatch{MailCopies: &[]string{"archive@shop.example"}})
	tk := x.lamp(t)
	must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
	faulty.FailFrom(step, errors.New("killed"))
	_, _ = x.Deliveries().Dispatch(context.Background())
	_, _ = x.Tick(context.Background())
	died = faulty.Failed() != ""
	_ = x.Stop(context.Background())
	faulty.FailAt(0, nil)
	leases.Advance(time.Hour)
	y := newShop(t, setup{store: faulty, manual: true, clock: clock, at: x.server})
	for range 10 {
		y.DispatchAll(t)
		y.tick(t)
		clock.Advance(time.Hour)
	}
	ids := map[string]map[string]bool{}
	for _, m := range x.taken(t) {
		what := "the reply"
		if !strings.Contains(m.text(t), "plugged") {
			what = "the ticket"
		}
		key := fmt.Sprintf("%s for %s", what, m.to)
		if to := m.Header.Get("To"); m.to != "archive@shop.example" && !strings.Contains(to, m.to) {
			t.Errorf("killed at step %d: a mail to %s went to %s", step, to, m.to)
		}
		if m.to == "archive@shop.example" {
			key += " of " + m.Header.Get("To")
		}
		if ids[key] == nil {
			ids[key] = map[string]bool{}
		} else if ids[key][m.Header.Get("Message-Id")] {
			repeated++
		}
		ids[key][m.Header.Get("Message-Id")] = true
	}
	for key, list := range ids {
		if len(list) != 1 {
			t.Errorf("killed at step %d: %s has %d Message-IDs", step, key, len(list))
		}
	}
	// The ticket to Gus, Ann and Bob, the reply to Gus, and a copy of each.
	if len(ids) != 8 {
		t.Errorf("killed at step %d: %d mails, not 8: %v", step, len(ids), ids)
	}
	return died, repeated
}
