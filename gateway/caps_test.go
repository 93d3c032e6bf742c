package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCaps(t *testing.T) {
	t.Parallel()
	// quiet counts the mails of which nobody is to be told.
	quiet := func(t *testing.T, i *inbox, out []gateway.Outcome) (n int) {
		t.Helper()
		for _, o := range out {
			if o.MessageID == 0 {
				t.Errorf("it has become no message: %+v", o)
				continue
			}
			if m := i.message(t, o.MessageID); m.Mail.Quiet != "" {
				n++
				if !m.Mail.Unanswerable {
					t.Error("a quiet mail may be answered")
				}
			}
		}
		return n
	}
	send := func(i *inbox, n, first int, from string) {
		for k := range n {
			i.box.add(letter(from, fmt.Sprintf("%d-%s", first+k, from[strings.Index(from, "<")+1:]), fmt.Sprintf("Lamp %d", first+k), "", "x"))
		}
	}
	t.Run("X05 above a cap mails become tickets, and nobody hears of them; an hour later all is as before", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{SenderHour: 5, SenderDay: 8}})
		send(i, 7, 0, "ann@example.com")
		send(i, 3, 0, "carl@example.com")
		if got := quiet(t, i, i.pollAll(t)); got != 2 {
			t.Errorf("%d mails are quiet, want the 2 above 5 of one sender", got)
		}
		i.Clock.Advance(time.Hour)
		send(i, 2, 7, "ann@example.com")
		if got := quiet(t, i, i.pollAll(t)); got != 1 {
			t.Errorf("%d mails are quiet, want the one above 8 on that day", got)
		}
		i.Clock.Advance(24 * time.Hour)
		send(i, 1, 9, "ann@example.com")
		if got := quiet(t, i, i.pollAll(t)); got != 0 {
			t.Error("the next day is not a new one")
		}
	})
	t.Run("X05 a domain, and everybody together, have caps; and another process knows of them", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{DomainHour: 3, Hour: 6}})
		for k := range 4 {
			send(i, 1, 0, fmt.Sprintf("a%d@example.com", k))
		}
		if got := quiet(t, i, i.pollAll(t)); got != 1 {
			t.Errorf("%d mails are quiet, want the one above 3 of a domain", got)
		}
		g, err := gateway.New("support", i.Mail(), i.Store, &gateway.Options{Caps: gateway.Caps{DomainHour: 3, Hour: 6}})
		if err != nil {
			t.Fatal(err)
		}
		i.g = g
		for k := range 3 {
			send(i, 1, 0, fmt.Sprintf("b@%d.example", k))
		}
		if got := quiet(t, i, i.pollAll(t)); got != 1 {
			t.Errorf("%d mails are quiet, want the one above 6 in all", got)
		}
	})
	t.Run("X05 the same mail over and over is one ticket, and quiet", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		for k := range 6 {
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", k), "The lamp", "", "is broken"))
			if k == 2 {
				i.box.add(letter(ann, "other@example.com", "The lamp", "", "is red"))
			}
		}
		out := i.pollAll(t)
		tickets := map[int64]bool{}
		for _, o := range out {
			tickets[o.TicketID] = true
		}
		if got := quiet(t, i, out); got != 3 || len(tickets) != 4 {
			t.Errorf("%d mails are quiet in %d tickets, want the 3 after the first 3 of the same, and 4 tickets", got, len(tickets))
		}
		if a, b, c := out[0].TicketID, out[4].TicketID, out[6].TicketID; a != b || b != c {
			t.Errorf("the repeated ones went to tickets %d, %d and %d", a, b, c)
		}
		i.Clock.Advance(21 * time.Minute)
		i.box.add(letter(ann, "9@example.com", "The lamp", "", "is broken"))
		i.only(t, gateway.Opened)
	})
	alarms := func(i *inbox, n int, from string) {
		for k := range n {
			i.box.add(letter(from, fmt.Sprintf("%d-%s", k, from), fmt.Sprint("Alarm ", k), "Auto-Submitted: auto-generated\n", "x"))
		}
	}
	t.Run("X05 robots count apart from people, and those on the allow-list not at all", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{SenderHour: -1, SenderDay: -1, DomainHour: -1, Hour: 2}, Allow: []string{"alarm@example.com"}})
		alarms(i, 9, "alarm@example.com")
		alarms(i, 5, "robot@example.com")
		send(i, 2, 0, "ann@example.com")
		if got := quiet(t, i, i.pollAll(t)); got != 3 {
			t.Errorf("%d mails are quiet, want the 3 of the robot above 2", got)
		}
	})
	t.Run("X05 the same subject and no text, with another file each, are different mails", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{SenderHour: -1, SenderDay: -1, DomainHour: -1, Hour: -1}})
		for k := range 6 {
			i.box.add(fmt.Sprintf("From: scanner@example.com\nSubject: Scan\nMessage-ID: <%d@example.com>\nContent-Type: application/pdf; name=scan.pdf\n\npage %d\n", k, k))
		}
		for _, o := range i.pollAll(t) {
			if o.Result != gateway.Opened || i.message(t, o.MessageID).Mail.Quiet != "" {
				t.Errorf("%+v", o)
			}
		}
	})
	t.Run("X11 forged mails silence nobody, and write nobody's answers", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{SenderHour: 4}, Servers: []string{"mx.desk.example"}})
		const forged = "Authentication-Results: mx.desk.example; dmarc=fail header.from=example.com\n"
		i.box.add(letter(ann, "1@example.com", "Lamp", "", "broken"))
		id := i.only(t, gateway.Opened).TicketID
		for k := range 6 {
			i.box.add(letter(ann, fmt.Sprintf("f%d@example.com", k), "Lamp", forged+"In-Reply-To: <1@example.com>\n", "cancel it"))
		}
		for k := range 6 {
			i.box.add(letter(ann, fmt.Sprintf("g%d@example.com", k), "Lamp", forged, "cancel it"))
		}
		for _, o := range i.pollAll(t) {
			if o.Result == gateway.Answered || o.TicketID == id && o.Result != gateway.Noted {
				t.Errorf("%+v", o)
			}
		}
		i.box.add(letter(ann, "2@example.com", "Lamp", "In-Reply-To: <1@example.com>\n", "please"))
		if m := i.message(t, i.only(t, gateway.Answered).MessageID); m.Mail.Quiet != "" {
			t.Errorf("a customer is silenced: %s", m.Mail.Quiet)
		}
	})
}

func TestRefusalCaps(t *testing.T) {
	t.Parallel()
	t.Run("X05 who is refused may be told so within the caps, and forging their address beyond them silences nobody", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Caps: gateway.Caps{SenderHour: 5, Repeats: 2}, Allow: []string{"robot@example.com"}})
		i.Hooks().TicketMailValidation.Bind("no-casino", func(_ context.Context, in hooks.Mailing) error {
			if strings.Contains(in.Subject, "Casino") {
				return ticket.Invalid("subject", ticket.FaultRefused, "is about gambling")
			}
			return nil
		})
		told := map[string]int{}
		i.Hooks().TicketMailRejected.Bind("test", func(_ context.Context, in hooks.Rejected) error {
			if in.MayAnswer {
				told[in.From]++
			}
			return nil
		})
		n := 0
		refuse := func(mails int, from, subject string) {
			t.Helper()
			for range mails {
				n++
				i.box.add(letter(from, fmt.Sprintf("%d@casino.example", n), strings.ReplaceAll(subject, "#", strconv.Itoa(n)), "", "win"))
			}
			for _, o := range i.pollAll(t) {
				if o.Result != gateway.Rejected {
					t.Errorf("%+v", o)
				}
			}
		}
		expect := func(what, from string, want int) {
			t.Helper()
			i.DispatchAll(t)
			if told[from] != want {
				t.Errorf("%s: %d refusals may be told to %s, not %d", what, told[from], from, want)
			}
		}
		refuse(12, "ann@example.com", "Casino #")
		expect("at once", "ann@example.com", 5)
		refuse(7, "robot@example.com", "Casino #")
		expect("in Options.Allow", "robot@example.com", 5)
		refuse(4, "carl@example.com", "Casino")
		expect("the same over and over", "carl@example.com", 2)
		i.box.add(letter(ann, "real@example.com", "Lamp", "", "broken"))
		if m := i.message(t, i.only(t, gateway.Opened).MessageID); m.Mail.Quiet != "" || m.Mail.Unanswerable {
			t.Errorf("a customer is silenced: %q", m.Mail.Quiet)
		}
		i.Clock.Advance(time.Hour)
		refuse(1, "ann@example.com", "Casino #")
		expect("an hour later", "ann@example.com", 6)
	})
}

// forgetful is a desk whose journal fails now and then.
type forgetful struct {
	helpdesk.Mail
	fails *int
}

func (f forgetful) RejectMail(ctx context.Context, r ticket.Rejection) error {
	if *f.fails > 0 {
		*f.fails--
		return errors.New("disk on fire")
	}
	return f.Mail.RejectMail(ctx, r)
}

func TestRefusalsThatFail(t *testing.T) {
	t.Parallel()
	t.Run("X05 a refusal that could not be journalled counts once", func(t *testing.T) {
		t.Parallel()
		i, fails := newInbox(t, nil), 0
		g, err := gateway.New("support", forgetful{i.Mail(), &fails}, i.Store, &gateway.Options{Caps: gateway.Caps{SenderHour: 3}})
		if err != nil {
			t.Fatal(err)
		}
		i.g = g
		i.Hooks().TicketMailValidation.Bind("no", func(context.Context, hooks.Mailing) error { return ticket.Invalid("", ticket.FaultRefused, "no") })
		told := 0
		i.Hooks().TicketMailRejected.Bind("test", func(_ context.Context, in hooks.Rejected) error {
			if in.MayAnswer {
				told++
			}
			return nil
		})
		for n := range 5 {
			fails = 1
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), fmt.Sprint("No ", n), "", "no"))
			if out := i.pollAll(t); len(out) != 0 {
				t.Errorf("%+v", out)
			}
			i.Clock.Advance(2 * time.Second)
			i.only(t, gateway.Rejected)
		}
		i.DispatchAll(t)
		if told != 3 {
			t.Errorf("%d refusals may be told, not 3", told)
		}
	})
}

// pollAll polls until nothing is left.
func (i *inbox) pollAll(t *testing.T) (all []gateway.Outcome) {
	t.Helper()
	for {
		out := i.poll(t)
		if len(out) == 0 {
			return all
		}
		all = append(all, out...)
	}
}

// responder is a desk that acknowledges every mail which opens a ticket, as far as that is allowed.
func responder(t *testing.T, address string, caps gateway.Caps, send func(mail string)) *inbox {
	t.Helper()
	d := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{}})
	g, err := gateway.New("support", d.Mail(), d.Store, &gateway.Options{Own: []string{address}, Caps: caps})
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	d.Hooks().TicketCreated.Bind("test.acknowledge", func(ctx context.Context, e hooks.Created) error {
		if m := e.Message; m != nil && m.Mail != nil && !m.Mail.Unanswerable && m.Mail.Quiet == "" {
			sent++
			send(fmt.Sprintf("From: %s\nTo: %s\nSubject: We have got your mail (%d)\nMessage-ID: <%d.%s>\n\nThank you.\n", address, m.Author.Email, sent, sent, address))
		}
		return nil
	})
	return &inbox{d, g, &box{validity: 1}}
}

func TestLoops(t *testing.T) {
	t.Parallel()
	t.Run("X05 two desks that answer each other stop within the cap, though their mail bears no mark of a robot", func(t *testing.T) {
		t.Parallel()
		var a, b *inbox
		mails := 0
		a = responder(t, "support@a.example", gateway.Caps{SenderHour: 10}, func(mail string) { mails++; b.box.add(mail) })
		b = responder(t, "support@b.example", gateway.Caps{SenderHour: 10}, func(mail string) { mails++; a.box.add(mail) })
		a.box.add(letter("support@b.example", "first@b.example", "Hello", "", "who are you?"))
		for range 100 {
			before := mails
			for _, i := range []*inbox{a, b} {
				i.pollAll(t)
				i.DispatchAll(t)
			}
			if mails == before {
				break
			}
		}
		if mails < 10 || mails > 20 {
			t.Errorf("%d mails went back and forth: each desk answers 10 within an hour at most", mails)
		}
		nobodyLost(t, a)
		nobodyLost(t, b)
	})
	t.Run("X05 so does a vacation robot that drops every header but the subject", func(t *testing.T) {
		t.Parallel()
		var a *inbox
		mails := 0
		a = responder(t, "support@a.example", gateway.Caps{}, func(mail string) {
			mails++
			subject := mail[strings.Index(mail, "Subject: ")+9:]
			a.box.add(fmt.Sprintf("From: ann@example.com\nTo: support@a.example\nMessage-ID: <v%d@example.com>\nSubject: Re: %s\n\nI am at the lake.\n", mails, subject[:strings.Index(subject, "\n")]))
		})
		a.box.add(letter(ann, "1@example.com", "Lamp", "", "broken"))
		for range 200 {
			before := mails
			a.pollAll(t)
			a.DispatchAll(t)
			if mails == before {
				break
			}
		}
		if mails == 0 || mails > 30 {
			t.Errorf("the desk has answered %d times", mails)
		}
		nobodyLost(t, a)
	})
}

// nobodyLost checks that every mail of the box is a message.
func nobodyLost(t *testing.T, i *inbox) {
	t.Helper()
	if _, messages := i.count(t); messages != len(i.box.mails) {
		t.Errorf("%d mails are %d messages", len(i.box.mails), messages)
	}
}
