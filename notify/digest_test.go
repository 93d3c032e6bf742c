package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// atFive has Bob hear of new tickets in a digest.
func (x *shop) atFive(t testing.TB) {
	t.Helper()
	done(t, x.n.SetPreferences(as(bob), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest, template.StaffMessage: notify.InDigest}, DigestAt: "17:00"}))
}

// digests are the mails that are to Bob, each as its Message-ID and the codes of the tickets that it names.
func digests(t testing.TB, mails []got, tickets ...*ticket.Ticket) (out []string) {
	t.Helper()
	for _, m := range mails {
		if m.to != bob.Email {
			continue
		}
		line, text := m.Header.Get("Message-Id"), m.text(t)
		for i, tk := range tickets {
			if strings.Contains(text, tk.Code) {
				line += fmt.Sprintf(" %d", i+1)
			}
		}
		out = append(out, line)
	}
	return out
}

func TestDigest(t *testing.T) {
	t.Parallel()
	t.Run("X14 a digest that the server puts off is tried for three days, given up, and sent by a retry", func(t *testing.T) {
		t.Parallel()
		m := &moody{}
		x := newShop(t, setup{server: smtpserver.Options{Recipient: func(string) error { return m.refuse() }}})
		x.atFive(t)
		tk := x.lamp(t)
		x.told(t)
		x.Clock.Advance(8 * time.Hour)
		m.left, m.err = 1000, refusal(452, 4, 2, 2, "mailbox full")
		since, l := x.Clock.Now(), notify.Letter{}
		for range 100 {
			x.tick(t)
			if l = x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State.Done() {
				break
			}
			if !strings.Contains(l.Error, "mailbox full") {
				t.Fatalf("%+v", l)
			}
			x.Clock.Advance(time.Hour)
		}
		if lasted := x.Clock.Now().Sub(since); l.State != notify.Failed || lasted < 71*time.Hour || !strings.Contains(l.Reason, "three days") || !strings.Contains(l.Error, "mailbox full") {
			t.Errorf("after %s: %+v", lasted, l)
		}
		if s := x.checked(t); !strings.Contains(s, "letters were given up") {
			t.Error(s)
		}
		m.left = 0
		done(t, x.n.Retry(as(ann), l.ID))
		equal(t, "digests", len(digests(t, x.mails(t), tk)), 1)
	})
	t.Run("X14 a digest waits for a server that is away, at no cost", func(t *testing.T) {
		t.Parallel()
		away := &away{back: true}
		x := newShop(t, setup{mailer: away})
		x.atFive(t)
		tk := x.lamp(t)
		x.tick(t)
		away.back = false
		x.Clock.Advance(8 * time.Hour)
		for range 24 * 10 {
			x.tick(t)
			x.Clock.Advance(time.Hour)
		}
		if l := x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State != notify.Queued || l.Attempts != 0 {
			t.Errorf("%+v", l)
		}
		away.back = true
		x.tick(t)
		if l := x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State != notify.Sent {
			t.Errorf("%+v", l)
		}
	})
	t.Run("X14 what was taken back is in no digest", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.told(t)
		done(t, x.n.Cancel(x.host, x.letterOf(t, one.ID, bob.ID, notify.Mail).ID))
		x.Clock.Advance(9 * time.Hour)
		d := digests(t, x.mails(t), one, two)
		if len(d) != 1 || !strings.HasSuffix(d[0], "> 2") {
			t.Error(d)
		}
		equal(t, "state", x.letterOf(t, one.ID, bob.ID, notify.Mail).State, notify.Cancelled)
		if err := x.n.Cancel(x.host, x.letterOf(t, two.ID, bob.ID, notify.Mail).ID); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
	})
	t.Run("X14 what is taken back while a digest waits for its next try is not in it then, and the rest is", func(t *testing.T) {
		t.Parallel()
		m := &moody{}
		x := newShop(t, setup{server: smtpserver.Options{Recipient: func(string) error { return m.refuse() }}})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.told(t)
		x.Clock.Advance(8 * time.Hour)
		m.left, m.err = 1, refusal(451, 4, 7, 1, "greylisted")
		x.tick(t)
		done(t, x.n.Cancel(x.host, x.letterOf(t, one.ID, bob.ID, notify.Mail).ID))
		x.Clock.Advance(time.Hour)
		d := digests(t, x.mails(t), one, two)
		if len(d) != 1 || !strings.HasSuffix(d[0], "> 2") {
			t.Error(d)
		}
	})
	t.Run("X14 a digest whose entry was given up by faults is found, and sent with all that it had", func(t *testing.T) {
		t.Parallel()
		m := &moody{}
		x := newShop(t, setup{server: smtpserver.Options{Recipient: func(string) error { return m.refuse() }}})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.told(t)
		x.entries(t, store.WorkDead) // of those that wait
		x.Clock.Advance(8*time.Hour + 15*time.Minute)
		m.left, m.err = 1, refusal(451, 4, 7, 1, "greylisted")
		x.tick(t) // which finds them
		x.tick(t) // and sends what is put off
		in := x.letterOf(t, one.ID, bob.ID, notify.Mail).In
		if in == 0 || in != x.letterOf(t, two.ID, bob.ID, notify.Mail).In {
			t.Errorf("they are in %d", in)
		}
		x.entries(t, store.WorkDead) // of the digest
		x.Clock.Advance(20 * time.Minute)
		x.tick(t)
		d := digests(t, x.mails(t), one, two)
		if len(d) != 1 || !strings.HasSuffix(d[0], "> 1 2") || !strings.Contains(d[0], fmt.Sprintf("digest.%d@", in)) {
			t.Error(d)
		}
		for _, tk := range []*ticket.Ticket{one, two} {
			equal(t, "state", x.letterOf(t, tk.ID, bob.ID, notify.Mail).State, notify.Sent)
		}
	})
	t.Run("X14 what cannot be told holds up no other news of a digest", func(t *testing.T) {
		t.Parallel()
		var bad []string
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.URL = func(p notify.Page) string {
				if p.Ticket != nil && slices.Contains(bad, p.Ticket.Code) && p.Agent == bob.ID {
					panic("no such page")
				}
				return ""
			}
		}})
		x.atFive(t)
		one, two, three := x.lamp(t), x.lamp(t), x.lamp(t)
		bad = []string{one.Code, three.Code}
		x.told(t)
		x.Clock.Advance(8 * time.Hour)
		d := digests(t, x.mails(t), one, two)
		if len(d) != 1 || !strings.HasSuffix(d[0], "> 2") {
			t.Error(d)
		}
		for range 40 {
			x.Clock.Advance(3 * time.Hour)
			x.tick(t)
		}
		for _, tk := range []*ticket.Ticket{one, three} {
			if l := x.letterOf(t, tk.ID, bob.ID, notify.Mail); l.State != notify.Failed || !strings.Contains(l.Error, "no such page") {
				t.Errorf("%+v", l)
			}
		}
		bad = nil
		done(t, x.n.Retry(as(ann), x.letterOf(t, one.ID, bob.ID, notify.Mail).ID))
		if d := digests(t, x.mails(t), one, two); len(d) != 1 || !strings.HasSuffix(d[0], "> 1") {
			t.Error(d)
		}
	})
	t.Run("M08 a digest has one blind copy for each address, and so has an answer to a mail that was refused", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{MailCopies: &[]string{"archive@shop.example"}, TellRefused: new(true)})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.told(t)
		x.Clock.Advance(9 * time.Hour)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 2)
		for _, m := range mails {
			equal(t, "to", m.Header.Get("To"), `"Bob Bauer" <bob@shop.example>`)
			equal(t, "id", m.Header.Get("Message-Id"), mails[0].Header.Get("Message-Id"))
			for _, tk := range []*ticket.Ticket{one, two} {
				if !strings.Contains(m.text(t), tk.Code) {
					t.Error(m.text(t))
				}
			}
		}
		equal(t, "one is for the archive", strings.Contains(mails[0].to+mails[1].to, "archive@shop.example"), true)
		done(t, x.Mail().RejectMail(as(gus.Via(ticket.ChannelEmail)), ticket.Rejection{Gateway: "g", Subject: "Buy this", MayAnswer: true}))
		mails = x.mails(t)
		equal(t, "answers", len(mails), 2)
		for _, m := range mails {
			equal(t, "to", m.Header.Get("To"), `<gus@example.com>`)
			equal(t, "id", m.Header.Get("Message-Id"), mails[0].Header.Get("Message-Id"))
		}
		equal(t, "one is for the archive", strings.Contains(mails[0].to+mails[1].to, "archive@shop.example"), true)
	})
	t.Run("X14 a digest that was given up and is sent by a retry has its letters sent", func(t *testing.T) {
		t.Parallel()
		away := &away{back: true}
		x := newShop(t, setup{mailer: away})
		x.atFive(t)
		one, two := x.lamp(t), x.lamp(t)
		x.tick(t)
		x.Clock.Advance(8 * time.Hour)
		away.fail = &smtp.Error{Stage: smtp.Recipient, Code: 452, Err: errors.New("mailbox full")}
		x.tick(t)
		for range 60 {
			x.Clock.Advance(3 * time.Hour)
			x.tick(t)
		}
		d := x.letterOf(t, one.ID, bob.ID, notify.Mail)
		equal(t, "state", d.State, notify.Failed)
		away.fail = nil
		done(t, x.n.Retry(x.host, d.In))
		x.tick(t)
		for _, tk := range []*ticket.Ticket{one, two} {
			equal(t, "state", x.letterOf(t, tk.ID, bob.ID, notify.Mail).State, notify.Sent)
		}
		if s := x.checked(t); strings.Contains(s, "given up") {
			t.Error(s)
		}
	})
	t.Run("X14 a letter that comes when its digest has left is in another one", func(t *testing.T) {
		t.Parallel()
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 16, 59, 59, 0, time.UTC))
		slow := helpdesktest.NewClock(time.Date(2026, 1, 5, 16, 59, 50, 0, time.UTC)) // of another process
		db := memory.New(&memory.Options{Now: clock.Now})
		defer db.Close()
		x := newShop(t, setup{store: db, clock: clock})
		y := newShop(t, setup{store: db, clock: slow, at: x.server})
		x.atFive(t)
		one := x.lamp(t)
		x.tick(t)
		clock.Advance(2 * time.Second)
		x.tick(t)
		two := y.lamp(t)
		y.tick(t)
		clock.Advance(time.Hour)
		x.tick(t)
		d := digests(t, x.taken(t), one, two)
		if len(d) != 2 || !strings.HasSuffix(d[0], "> 1") || !strings.HasSuffix(d[1], "> 2") {
			t.Error(d)
		}
	})
}

// TestKilledDigest has the process die at each call of its store in turn while a digest is sent, and another one go on when a
// ticket of it has become spam and a new one has come.
func TestKilledDigest(t *testing.T) {
	t.Parallel()
	repeated, steps := 0, 0
	for step := 1; step < 500; step++ {
		died, again := killedDigest(t, step)
		if !died {
			break
		}
		repeated += again
		steps++
	}
	t.Logf("killed at %d steps; %d digests were repeated", steps, repeated)
	if steps < 10 || repeated == 0 {
		t.Errorf("killed at %d steps, and %d digests were repeated: nothing was tried", steps, repeated)
	}
}

func killedDigest(t *testing.T, step int) (died bool, repeated int) {
	t.Helper()
	start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	clock, leases := helpdesktest.NewClock(start), helpdesktest.NewClock(start)
	db := memory.New(&memory.Options{Now: leases.Now})
	defer db.Close()
	faulty := storetest.NewFaulty(db)
	x := newShop(t, setup{store: faulty, clock: clock})
	x.atFive(t)
	one, two := x.lamp(t), x.lamp(t)
	x.tick(t)
	clock.Advance(8 * time.Hour)
	faulty.FailFrom(step, errors.New("killed"))
	_, _ = x.Tick(context.Background())
	died = faulty.Failed() != ""
	faulty.FailAt(0, nil)
	before := digests(t, x.taken(t), one, two)
	must(x.UpdateTicket(as(ann), one.ID, ticket.Patch{Folder: new(ticket.Spam)}))(t)
	three := x.lamp(t)
	for range 30 {
		leases.Advance(time.Hour)
		clock.Advance(time.Hour)
		_, _ = x.Tick(context.Background())
	}
	all := digests(t, x.taken(t), one, two, three)
	for _, line := range before { // the same goes out again, but for what may not be told any more
		id := strings.Fields(line)[0]
		for _, later := range all[len(before):] {
			if strings.HasPrefix(later, id) {
				repeated++
				equal(t, fmt.Sprintf("killed at step %d: the digest again", step), later, id+" 2")
			}
		}
	}
	told := map[string]string{} // ticket → id
	for _, line := range all {
		words := strings.Fields(line)
		for _, n := range words[1:] {
			if id := told[n]; id != "" && id != words[0] {
				t.Errorf("killed at step %d: %s is told by %s and %s", step, n, id, words[0])
			}
			told[n] = words[0]
		}
	}
	if told["2"] == "" || told["3"] == "" {
		t.Errorf("killed at step %d: not all is told: %v", step, all)
	}
	return died, repeated
}
