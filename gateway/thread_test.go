package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// letter writes a mail.
func letter(from, id, subject, more, body string) string {
	return fmt.Sprintf("From: %s\nTo: support@desk.example\nSubject: %s\nMessage-ID: <%s>\nDate: Mon, 5 Jan 2026 08:00:00 +0000\n%sContent-Type: text/plain; charset=utf-8\n\n%s\n", from, subject, id, more, body)
}

const ann = "Ann <ann@example.com>"

func (i *inbox) only(t *testing.T, want gateway.Result) gateway.Outcome {
	t.Helper()
	out := i.poll(t)
	if len(out) != 1 || out[0].Result != want {
		t.Fatalf("outcomes are %+v, want one %s", out, want)
	}
	return out[0]
}

func (i *inbox) ticket(t *testing.T, id int64) *ticket.Ticket {
	t.Helper()
	tk, err := i.Ticket(staff(), id)
	if err != nil {
		t.Fatal(err)
	}
	return tk
}

func TestThreading(t *testing.T) {
	t.Parallel()
	opened := func(t *testing.T) (*inbox, *ticket.Ticket) {
		i := newInbox(t, nil)
		i.box.add(letter(ann, "one@example.com", "Lamp broken", "", "In two pieces."))
		return i, i.ticket(t, i.only(t, gateway.Opened).TicketID)
	}
	for name, c := range map[string]struct {
		mail func(tk *ticket.Ticket) string
		want gateway.Result
	}{
		"by In-Reply-To": {func(*ticket.Ticket) string {
			return letter(ann, "two@example.com", "something else", "In-Reply-To: <one@example.com>\n", "again")
		}, gateway.Answered},
		"by References, the newest first": {func(*ticket.Ticket) string {
			return letter(ann, "two@example.com", "x", "References: <unknown@example.com> <one@example.com>\n", "again")
		}, gateway.Answered},
		"by the code in the subject, within whatever is around it": {func(tk *ticket.Ticket) string {
			return letter(ann, "two@example.com", "AW: Re: [#"+strings.ToLower(tk.Code)+"] Lamp", "", "again")
		}, gateway.Answered},
		"by the code, for a stranger only as a marked note": {func(tk *ticket.Ticket) string {
			return letter("Eve <eve@evil.example>", "two@example.com", "Re: [#"+tk.Code+"]", "", "cancel it")
		}, gateway.Noted},
		"by In-Reply-To, for a stranger only as a marked note": {func(*ticket.Ticket) string {
			return letter("Eve <eve@evil.example>", "two@example.com", "Re: Lamp", "In-Reply-To: <one@example.com>\n", "cancel it")
		}, gateway.Noted},
		"not by a similar subject": {func(*ticket.Ticket) string {
			return letter(ann, "two@example.com", "Re: Lamp broken", "", "another lamp")
		}, gateway.Opened},
		"not by an unknown code": {func(*ticket.Ticket) string {
			return letter(ann, "two@example.com", "[#AAA-000-00000]", "", "?")
		}, gateway.Opened},
		"not by an empty id": {func(*ticket.Ticket) string {
			return letter(ann, "two@example.com", "x", "In-Reply-To: <>\nReferences: <> <>\n", "?")
		}, gateway.Opened},
	} {
		t.Run("M21 a mail finds its ticket "+name, func(t *testing.T) {
			t.Parallel()
			i, tk := opened(t)
			i.box.add(c.mail(tk))
			o := i.only(t, c.want)
			if (o.TicketID == tk.ID) != (c.want != gateway.Opened) {
				t.Errorf("it went to ticket %d, the first is %d", o.TicketID, tk.ID)
			}
			m, err := i.Message(staff(), o.MessageID)
			if err != nil {
				t.Fatal(err)
			}
			if m.Unproven != (c.want == gateway.Noted) || m.Kind.Public() == m.Unproven {
				t.Errorf("unproven %t, kind %s", m.Unproven, m.Kind)
			}
		})
	}
	t.Run("M36 a customer's reply to our answer, and a reply to that reply", func(t *testing.T) {
		t.Parallel()
		i, tk := opened(t)
		ours, err := i.Reply(staff(), tk.ID, ticket.ReplyDraft{Body: "sorry", Mail: &ticket.Mail{MessageID: "ours@desk.example"}})
		if err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "two@example.com", "x", "In-Reply-To: <"+ours.Mail.MessageID+">\n", "thanks"), letter(ann, "three@example.com", "x", "In-Reply-To: <two@example.com>\n", "bye"))
		for _, o := range i.poll(t) {
			if o.Result != gateway.Answered || o.TicketID != tk.ID {
				t.Errorf("outcome is %+v", o)
			}
		}
	})
	for name, end := range map[string]func(i *inbox, id int64) error{
		"locked":  func(i *inbox, id int64) error { _, err := i.Lock(staff(), id); return err },
		"deleted": func(i *inbox, id int64) error { return i.DeleteTicket(staff(), id) },
		"closed, where the policy refuses": func(i *inbox, id int64) error {
			_, err := i.CloseTicket(staff(), id)
			p := ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseRefuse)}
			return errors.Join(err, i.Settings().Update(staff(), ticket.DeskLayer, p))
		},
		"closed, where the policy links": func(i *inbox, id int64) error {
			_, err := i.CloseTicket(staff(), id)
			p := ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)}
			return errors.Join(err, i.Settings().Update(staff(), ticket.DeskLayer, p))
		},
	} {
		t.Run("R07 W31 a reply to a ticket that is "+name+" opens a new one, with its files, and nothing is lost", func(t *testing.T) {
			t.Parallel()
			i, tk := opened(t)
			if err := end(i, tk.ID); err != nil {
				t.Fatal(err)
			}
			i.box.add(letter(ann, "two@example.com", "Re: Lamp", "In-Reply-To: <one@example.com>\n", "again"))
			out := i.poll(t)
			if len(out) != 1 || out[0].TicketID == tk.ID || out[0].TicketID == 0 {
				t.Fatalf("outcomes are %+v", out)
			}
			fresh := i.ticket(t, out[0].TicketID)
			if name != "deleted" && fresh.LinkedTo != tk.ID {
				t.Errorf("linked to %d", fresh.LinkedTo)
			}
		})
	}
	t.Run("I11 mail to a merged ticket, by its code or its thread, goes on in the target, and back with it", func(t *testing.T) {
		t.Parallel()
		i, tk := opened(t)
		i.box.add(letter("Gus <gus@example.com>", "gus@example.com", "Chair", "", "squeaks"))
		target := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		must := func(_ *ticket.Ticket, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(i.Merge(staff(), target.ID, tk.ID))
		i.box.add(letter(ann, "two@example.com", "Re: ["+tk.Code+"]", "", "by code"))
		byCode := i.only(t, gateway.Answered)
		i.box.add(letter(ann, "three@example.com", "Re: Lamp", "In-Reply-To: <one@example.com>\n", "by thread"))
		byThread := i.only(t, gateway.Answered)
		i.box.add(letter("Gus <gus@example.com>", "gus2@example.com", "Re: ["+target.Code+"]", "", "by the target's"))
		stays := i.only(t, gateway.Answered)
		for what, o := range map[string]gateway.Outcome{"by code": byCode, "by thread": byThread, "by the target's": stays} {
			if o.TicketID != target.ID {
				t.Errorf("%s: it is in ticket %d, want %d", what, o.TicketID, target.ID)
			}
		}
		must(i.Unmerge(staff(), tk.ID))
		for what, want := range map[int64]int64{byCode.MessageID: tk.ID, byThread.MessageID: tk.ID, stays.MessageID: target.ID} {
			if m, err := i.Message(staff(), what); err != nil || m.TicketID != want {
				t.Errorf("message %d is in ticket %d (%v), want %d", what, m.TicketID, err, want)
			}
		}
	})
	t.Run("I11 R07 mail to a ticket that was merged into one that is deleted opens a new one, whoever it is from", func(t *testing.T) {
		t.Parallel()
		i, tk := opened(t)
		i.box.add(letter("Gus <gus@example.com>", "gus@example.com", "Chair", "", "squeaks"))
		middle := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		i.box.add(letter("Gus <gus@example.com>", "gus2@example.com", "Table", "", "wobbles"))
		target := i.ticket(t, i.only(t, gateway.Opened).TicketID)
		for _, pair := range [][2]int64{{middle.ID, tk.ID}, {target.ID, middle.ID}} {
			if _, err := i.Merge(staff(), pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := i.DeleteTicket(staff(), target.ID); err != nil {
			t.Fatal(err)
		}
		fresh := map[int64]bool{tk.ID: true, middle.ID: true, target.ID: true}
		for n, mail := range []string{
			letter(ann, "two@example.com", "Re: ["+tk.Code+"]", "", "by code"),
			letter(ann, "three@example.com", "Re: Lamp", "In-Reply-To: <one@example.com>\n", "by thread"),
			letter("Eve <eve@example.com>", "four@example.com", "Re: ["+tk.Code+"]", "", "a stranger, by code"),
			letter("Gus <gus@example.com>", "five@example.com", "Re: ["+middle.Code+"]", "", "by the code of the one between"),
		} {
			i.box.add(mail)
			o := i.only(t, gateway.Opened)
			if linked := i.ticket(t, o.TicketID).LinkedTo; fresh[o.TicketID] || linked != 0 {
				t.Errorf("mail %d went to ticket %d, which is linked to %d", n, o.TicketID, linked)
			}
			fresh[o.TicketID] = true
		}
	})
	t.Run("R07 a reply to a closed ticket reopens it", func(t *testing.T) {
		t.Parallel()
		i, tk := opened(t)
		if _, err := i.CloseTicket(staff(), tk.ID); err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "two@example.com", "x", "In-Reply-To: <one@example.com>\n", "again"))
		i.only(t, gateway.Answered)
		if i.ticket(t, tk.ID).Class.Done() {
			t.Error("still closed")
		}
	})
}

func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	three := func(i *inbox) {
		for n := range 3 {
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), fmt.Sprintf("Lamp %d", n), "", "x"))
		}
	}
	t.Run("X05 nothing is made twice: polled again, cursor deleted, UIDVALIDITY changed, another gateway", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		three(i)
		i.poll(t)
		other, err := gateway.New("sales", i.Mail(), i.Store, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, again := range map[string]func() error{
			"again": func() error { return nil },
			"cursor deleted": func() error {
				return i.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, "gateway", "support") })
			},
			"validity changed": func() error { i.box.validity++; return nil },
			"another gateway":  func() error { _, err := other.Poll(context.Background(), i.box); return err },
		} {
			if err := again(); err != nil {
				t.Fatal(err)
			}
			if out := i.poll(t); len(out) != 0 {
				t.Errorf("%s: %+v", name, out)
			}
			if n, _ := i.count(t); n != 3 {
				t.Errorf("%s: %d tickets", name, n)
			}
		}
	})
	t.Run("X05 the same mail with other trace headers is the same, the same id with another text is not", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		mail := letter(ann, "one@example.com", "Lamp", "", "x")
		i.box.add("Received: from a\n"+mail, "Received: from b\n"+mail, "Received: from a\n"+letter(ann, "one@example.com", "Lamp", "", "y"))
		var got []gateway.Result
		for _, o := range i.poll(t) {
			got = append(got, o.Result)
		}
		if fmt.Sprint(got) != "[opened duplicate opened]" {
			t.Errorf("results are %v", got)
		}
	})
	t.Run("X05 the mail of a purged ticket is not imported again", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"))
		o := i.only(t, gateway.Opened)
		if err := errors.Join(i.DeleteTicket(staff(), o.TicketID), i.Purge(staff(), o.TicketID)); err != nil {
			t.Fatal(err)
		}
		i.box.validity++
		if out := i.poll(t); len(out) != 0 {
			t.Errorf("outcomes are %+v", out)
		}
	})
	t.Run("X05 two processes on one mailbox make each mail one message", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		for n := range 100 {
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), fmt.Sprintf("Lamp %d", n), "", "x"))
		}
		var wg sync.WaitGroup
		for range 4 {
			g, err := gateway.New("support", i.Mail(), i.Store, nil)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				if _, err := g.Poll(context.Background(), i.box); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		i.poll(t)
		if n, m := i.count(t); n != 100 || m != 100 {
			t.Errorf("%d tickets, %d messages", n, m)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("W29 a hook that refuses a mail has it recorded, with its bytes, and journalled", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		var seen hooks.Mailing
		i.Hooks().TicketMailValidation.Bind("no-casino", func(_ context.Context, in hooks.Mailing) error {
			seen = in
			if strings.Contains(in.Subject, "Casino") {
				return ticket.Invalid("subject", ticket.FaultRefused, "is about gambling")
			}
			return nil
		})
		mail := letter(ann, "one@example.com", "Casino", "", "win")
		i.box.add(mail)
		o := i.only(t, gateway.Rejected)
		if !strings.Contains(o.Reason, "no-casino") || seen.Actor.Email != "ann@example.com" || seen.Gateway != "support" {
			t.Errorf("outcome %+v, the hook saw %+v", o, seen)
		}
		if n, _ := i.count(t); n != 0 {
			t.Errorf("%d tickets", n)
		}
		i.ExpectFired(t, map[string]int{"TicketMailValidation": 1, "TicketMailRejected": 1})
		r, err := i.g.Raw(context.Background(), o.Work)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(r); err != nil || string(raw) != strings.ReplaceAll(mail, "\n", "\r\n") {
			t.Errorf("raw mail is %q, %v", raw, err)
		}
		if out := i.poll(t); len(out) != 0 {
			t.Errorf("again: %+v", out)
		}
		journal, err := i.Journal(staff(), ticket.EventQuery{Types: []ticket.EventType{ticket.EventMailRejected}})
		if err != nil || len(journal) != 1 {
			t.Fatalf("journal is %+v, %v", journal, err)
		}
		if c, _ := journal[0].Changed("mail"); c.New != fmt.Sprint(o.Work) {
			t.Errorf("the journal names the mail %q, it is %d", c.New, o.Work)
		}
		if err := i.g.Requeue(context.Background(), o.Work); err != nil {
			t.Fatal(err)
		}
		again := i.only(t, gateway.Rejected)
		// A desk whose hooks think better of it makes the mail a ticket.
		open := newInbox(t, &helpdesktest.Options{Store: i.Store})
		if err := open.g.Requeue(context.Background(), again.Work); err != nil {
			t.Fatal(err)
		}
		o = open.only(t, gateway.Opened)
		if err := open.g.Requeue(context.Background(), o.Work); !errors.Is(err, ticket.ErrConflict) {
			t.Errorf("a mail that is a message was put back: %v", err)
		}
	})
	t.Run("X05 a gateway wants the desk's own store and a name", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		for _, err := range []error{
			drop(gateway.New("x", i.Mail(), memory.New(nil), nil)), drop(gateway.New("", i.Mail(), i.Store, nil)), drop(gateway.New("a\nb", i.Mail(), i.Store, nil)), drop(gateway.New("x", nil, i.Store, nil)),
		} {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("error is %v", err)
			}
		}
	})
	t.Run("W10 a gate on new tickets refuses a mail as well", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.Hooks().TicketClientCreateValidation.Bind("no", func(context.Context, hooks.Creating) error { return ticket.Invalid("body", ticket.FaultRefused, "no") })
		i.box.add(letter(ann, "one@example.com", "x", "", "y"))
		i.only(t, gateway.Rejected)
	})
	t.Run("M39 the outage of a hook's service never discards a mail, and never stops the others", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		down := true
		i.Hooks().TicketMailValidation.Bind("spam-service", func(_ context.Context, in hooks.Mailing) error {
			if down && in.Subject == "first" {
				return errors.New("connection refused")
			}
			return nil
		})
		i.box.add(letter(ann, "1@example.com", "first", "", "x"), letter(ann, "2@example.com", "second", "", "x"))
		i.only(t, gateway.Opened)
		for range 50 {
			i.Clock.Advance(2 * time.Hour)
			if out := i.poll(t); len(out) != 0 {
				t.Fatalf("outcomes are %+v", out)
			}
		}
		down = false
		i.Clock.Advance(2 * time.Hour)
		i.only(t, gateway.Opened)
	})
	t.Run("X05 a mail that cannot be processed is quarantined after some tries, and can be tried again by hand", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		var broken atomic.Bool
		broken.Store(true)
		bad := &brokenDesk{Desk: i.Mail(), broken: &broken}
		g, err := gateway.New("support", bad, i.Store, &gateway.Options{Attempts: 3})
		if err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "1@example.com", "poison", "", "x"), letter(ann, "2@example.com", "fine", "", "x"))
		var all []gateway.Outcome
		for range 5 {
			out, err := g.Poll(context.Background(), i.box)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, out...)
			i.Clock.Advance(time.Hour)
		}
		if len(all) != 2 || all[0].Result != gateway.Opened || all[1].Result != gateway.Quarantined {
			t.Fatalf("outcomes are %+v", all)
		}
		q, err := g.Quarantine(context.Background())
		if err != nil || len(q) != 1 || q[0].Work != all[1].Work {
			t.Fatalf("quarantine is %+v, %v", q, err)
		}
		broken.Store(false)
		if err := g.Requeue(context.Background(), q[0].Work); err != nil {
			t.Fatal(err)
		}
		out, err := g.Poll(context.Background(), i.box)
		if err != nil || len(out) != 1 || out[0].Result != gateway.Opened {
			t.Errorf("requeued: %+v, %v", out, err)
		}
	})
	t.Run("X05 a mail that the server cannot hand over, and one that is too big, are accounted for", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		src := sourceFunc(func(ctx context.Context, to gateway.Intake) error {
			return errors.Join(to.Take(ctx, gateway.Incoming{Place: "1/1", Problem: "the server fails on it"}),
				to.Take(ctx, gateway.Incoming{Place: "1/2", Raw: []byte("From: ann@example.com\r\nSubject: Big\r\n\r\n"), Size: 1 << 31, Problem: "too big to be fetched"}))
		})
		out, err := i.g.Poll(context.Background(), src)
		if err != nil || len(out) != 2 || out[0].Result != gateway.Quarantined || out[1].Result != gateway.Opened {
			t.Fatalf("outcomes are %+v, %v", out, err)
		}
		m, err := i.Message(staff(), out[1].MessageID)
		if err != nil || !strings.Contains(m.Body, "too big to be fetched") || !m.Mail.Degraded {
			t.Errorf("message is %+v, %v", m, err)
		}
	})
}

func drop[T any](_ T, err error) error { return err }

// brokenDesk panics over one mail.
type brokenDesk struct {
	gateway.Desk
	broken *atomic.Bool
}

func (d *brokenDesk) CreateTicket(ctx context.Context, draft ticket.Draft) (*ticket.Ticket, error) {
	if d.broken.Load() && draft.Subject == "poison" {
		panic("a bug")
	}
	return d.Desk.CreateTicket(ctx, draft)
}

type sourceFunc func(ctx context.Context, to gateway.Intake) error

func (f sourceFunc) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	return from, f(ctx, to)
}

func TestBadMails(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("ä", 600_000)
	for name, mail := range map[string]string{
		"a subject over 998 bytes":   letter(ann, "1@example.com", strings.Repeat("ж", 800), "", "x"),
		"a body over 1 MB":           letter(ann, "1@example.com", "x", "", huge),
		"NUL and invalid UTF-8":      letter(ann, "1@example.com", "a\x00b\xff", "", "a\x00b\xff\xfe"),
		"no body and no subject":     "From: ann@example.com\nMessage-ID: <1@example.com>\n\n",
		"nothing at all":             "\n",
		"a name of 5,000 characters": letter(strings.Repeat("n", 5000)+" <ann@example.com>", "1@example.com", "x", "", "x"),
		"an address that is none":    letter("nobody in particular", "1@example.com", "x", "", "x"),
		"a Message-ID of 5,000":      letter(ann, strings.Repeat("i", 5000)+"@example.com", "x", "", "x"),
		"1,000 recipients":           letter(ann, "1@example.com", "x", "Cc: "+strings.Repeat("a@example.com, ", 1000)+"\n", "x"),
		"an unclosed part":           letter(ann, "1@example.com", "x", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n", "--b\nContent-Type: text/plain\n\nhello"),
	} {
		t.Run("X18 a mail with "+name+" becomes a ticket, its bytes are kept", func(t *testing.T) {
			t.Parallel()
			i := newInbox(t, nil)
			i.box.add(mail)
			o := i.only(t, gateway.Opened)
			tk := i.ticket(t, o.TicketID)
			if tk.Subject == "" || len(tk.Subject) > 998 {
				t.Errorf("subject is %d bytes long", len(tk.Subject))
			}
			m, err := i.Message(staff(), o.MessageID)
			if err != nil {
				t.Fatal(err)
			}
			if name == "a body over 1 MB" && !strings.Contains(m.Body, gateway.CutMarker) {
				t.Error("the cut is not visible")
			}
			r, err := i.Files().OpenRaw(staff(), m.ID)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := io.ReadAll(r); err != nil || len(raw) != len(strings.ReplaceAll(mail, "\n", "\r\n")) {
				t.Errorf("raw is %d bytes, %v", len(raw), err)
			}
		})
	}
	t.Run("M12 W30 attachments are stored, and can be read back byte for byte", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter(ann, "1@example.com", "x", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
			"--b\nContent-Type: text/plain\n\nhello\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"../a.bin\"\nContent-Transfer-Encoding: base64\n\nAAECAwQ=\n--b--\n"))
		o := i.only(t, gateway.Opened)
		r, f, err := i.Files().Open(staff(), o.MessageID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != "\x00\x01\x02\x03\x04" || f.Name != "a.bin" {
			t.Errorf("%q is %q, %v", f.Name, b, err)
		}
	})
}
