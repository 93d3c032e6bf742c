package roundtrip_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// away is what programs send for people who are not there, with the fields by which each says so.
var away = map[string]string{
	"RFC 3834":       "Auto-Submitted: auto-replied\n",
	"Exchange":       "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
	"Gmail":          "Precedence: bulk\nX-Autoreply: yes\n",
	"cPanel":         "X-Autorespond: away\n",
	"its text alone": "",
}

// absent answers a letter for somebody who is away.
func absent(m received, headers string) answer {
	a := gmail(m, "I am away until Monday.")
	a.subject, a.headers = "Automatic reply: "+m.subject, headers
	return a
}

// bounced is how a server says that it could not deliver a letter.
func bounced(m received, to string) string {
	return fmt.Sprintf(`From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: %s
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.%s.%s>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered to %s.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: text/rfc822-headers

From: <%s>
To: <%s>
Subject: %s
Message-ID: <%s>
--b--
`, m.from, strings.Split(to, "@")[0], m.id, to, to, m.from, to, m.subject, m.id)
}

func TestRobots(t *testing.T) {
	t.Parallel()
	for name, headers := range away {
		t.Run("X21 nobody is mailed when a robot answers a letter, as by "+name, func(t *testing.T) {
			t.Parallel()
			for _, plus := range []bool{true, false} {
				if plus && testing.Short() {
					continue
				}
				w := newWorld(t, options{box: memoryBox, plus: plus})
				letters := w.send(t)
				before := len(w.post.Mails())
				for _, l := range letters {
					id := fmt.Sprintf("%s.away@%s", l.kind, strings.Split(l.reader.Email, "@")[1])
					w.post.send(t, l.reader.Email, l.letter.answerTo, absent(l.letter, headers).mail(l.letter, l.reader.Email, l.reader.Name, id))
				}
				w.silent(t, before, len(letters))
			}
		})
	}
	t.Run("X21 nobody is mailed when a letter comes back, and its message says that it did", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, options{box: memoryBox})
		letters := w.send(t)
		before := len(w.post.Mails())
		for _, l := range letters {
			w.post.send(t, "", help, bounced(l.letter, l.reader.Email))
		}
		for _, o := range w.silent(t, before, len(letters)) {
			if o.Kind != gateway.KindBounce {
				t.Errorf("%+v", o)
			}
		}
		for _, l := range letters {
			if l.kind != template.CustomerMessage && l.kind != template.ThirdPartyMessage {
				continue
			}
			if m := w.answer(t, l.ticket); len(m.Undelivered) != 1 || m.Undelivered[0].Recipient != l.reader.Email || !m.Undelivered[0].Permanent {
				t.Errorf("%s: %+v", l.kind, m.Undelivered)
			}
		}
	})
	t.Run("X21 people are mailed when a person answers", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, options{box: memoryBox})
		letters := w.send(t)
		for _, l := range letters {
			w.post.send(t, l.reader.Email, l.letter.answerTo, gmail(l.letter, "I am here.").mail(l.letter, l.reader.Email, l.reader.Name, string(l.kind)+"@away.example"))
		}
		w.poll(t)
		if n := len(w.settle(t)); n == 0 {
			t.Error("nobody hears of anything, so nothing was shown")
		}
	})
}

// silent takes the mails that are there for the desk, and sees that it sends none for them.
func (w *world) silent(t testing.TB, before, come int) []gateway.Outcome {
	t.Helper()
	out := w.poll(t)
	w.settle(t)
	if len(out) != come {
		t.Errorf("%d of %d mails have come", len(out), come)
	}
	for _, m := range w.post.Mails()[before+come:] {
		t.Errorf("a mail to %s: %.600s", m.To, m.Raw)
	}
	return out
}

// answer is the first message of staff in a ticket.
func (w *world) answer(t testing.TB, id int64) *ticket.Message {
	t.Helper()
	for _, m := range must(w.Messages(w.host, id, ticket.MessageQuery{}))(t) {
		if m.Author.Kind == ticket.ActorStaff {
			return m
		}
	}
	t.Fatalf("ticket %d has no answer", id)
	return nil
}
