package gateway_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// nested builds a mail of n multiparts within each other.
func nested(n int, closed bool) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@example.com\r\nSubject: nested\r\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\ninnermost\r\n")
	for i := n - 1; closed && i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.Bytes()
}

// flat builds a mail of n text parts.
func flat(n int, end string) []byte {
	return []byte("From: a@example.com\r\nSubject: flat\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		strings.Repeat("--b\r\n\r\nx\r\n", n) + end)
}

// longest is how long a mail may take, on a machine that does other things, too.
const longest = 10 * time.Second * slower

func TestBombs(t *testing.T) {
	t.Parallel()
	recipients := strings.Repeat("someone@example.com,\r\n ", 100_000)
	for _, c := range []struct {
		name    string
		raw     []byte
		problem string // one of the problems must begin with it
	}{
		{"10,000 nested parts", nested(10_000, true), "parts nested deeper"},
		{"10,000 nested parts never closed", nested(10_000, false), ""},
		{"1,900 nested parts never closed", nested(1_900, false), ""},
		{"100,000 parts", flat(100_000, "--b--\r\n"), "parts over the limit"},
		{"100,000 parts never closed", flat(100_000, ""), ""},
		{"1 MB header line", mail("From: a@example.com", "X-Long: "+strings.Repeat("x", 1<<20), "Subject: s", "", "x"), "the header is cut"},
		{"1 MB of header names", mail("From: a@example.com", strings.Repeat("X: y\r\n", 400_000)+"Subject: s", "", "x"), "the header is cut"},
		{"100,000 recipients", mail("From: a@example.com", "To: "+recipients+"b@example.com", "Subject: s", "", "x"), "recipients over the limit"},
		{"100,000 references", mail("From: a@example.com", "Subject: s", "References: "+strings.Repeat("<x@y>\r\n <z@y> ", 50_000), "", "x"), "the header is cut"},
		{"parameters", mail("From: a@example.com", "Subject: s", "Content-Type: text/plain"+strings.Repeat("; a=b", 100_000), "", "x"), "the header is cut"},
		{"encoded words", mail("From: a@example.com", "Subject: "+strings.Repeat("=?a?b? ", 20_000), "", "x"), ""},
		{"comments", mail("From: "+strings.Repeat("(", 100_000)+" a@example.com", "Subject: s", "", "x"), ""},
		{"brackets", mail("From: a@example.com", "Subject: s", "In-Reply-To: "+strings.Repeat("<", 100_000), "", "x"), ""},
		{"deep HTML", mail("From: a@example.com", "Subject: s", "Content-Type: text/html", "", strings.Repeat("<div><ol><li>", 200_000)+"x"), "the HTML is cut"},
		{"unclosed tags", mail("From: a@example.com", "Subject: s", "Content-Type: text/html", "", strings.Repeat("<a <!--", 200_000)), ""},
		{"8 MB of =", mail("From: a@example.com", "Subject: s", "Content-Transfer-Encoding: quoted-printable", "", strings.Repeat("=", 8<<20)), "the text is cut"},
		{"20 MB base64", mail("From: a@example.com", "Subject: s", "Content-Transfer-Encoding: base64", "", strings.Repeat("QUFB", 5<<20)), "the text is cut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			m := read(c.raw)
			took := time.Since(begin)
			checkSound(t, c.name, m)
			if took > longest {
				t.Errorf("took %v", took)
			}
			if m.From.Email != "a@example.com" || m.Subject == "" {
				t.Errorf("from %v, subject %q", m.From, m.Subject)
			}
			if c.problem != "" && !slices.ContainsFunc(m.Problems, func(p string) bool { return strings.HasPrefix(p, c.problem) }) {
				t.Errorf("problems: %v", m.Problems)
			}
			t.Logf("%d bytes, %v, degraded %v, %v", len(c.raw), took, m.Degraded, m.Problems)
		})
	}
}

func TestCutsAreVisible(t *testing.T) {
	t.Parallel()
	opts := &gateway.ReadOptions{Limits: gateway.Limits{Text: 200, HTML: 300, File: 10, Recipients: 2, References: 2, Subject: 5}}
	m := gateway.Read(mail("From: a@example.com", "To: a@x.org, b@x.org, c@x.org", "References: <1@x> <2@x> <3@x>",
		"Subject: 123456", "Content-Type: multipart/mixed; boundary=b", "",
		"--b", "Content-Type: multipart/alternative; boundary=c", "",
		"--c", "Content-Type: text/plain; charset=utf-8", "", strings.Repeat("ä", 300),
		"--c", "Content-Type: text/html", "", strings.Repeat("<p class=x>text</p>", 100), "--c--",
		"--b", "Content-Type: application/pdf; name=big.pdf", "", strings.Repeat("x", 11), "--b--", ""), received, opts)
	checkSound(t, "cut", m)
	if len(m.Text) > 200 || !strings.Contains(m.Text, gateway.CutMarker) {
		t.Errorf("text of %d bytes: %q", len(m.Text), m.Text)
	}
	if len(m.HTML) > 300 || !strings.HasSuffix(m.HTML, "<p>"+gateway.CutMarker+"</p>") || strings.Count(m.HTML, "<") != strings.Count(m.HTML, ">") {
		t.Errorf("HTML of %d bytes: %q", len(m.HTML), m.HTML)
	}
	if a := m.Attachments[0]; !a.Omitted || a.Data != nil || a.Size != 11 || a.Filename != "big.pdf" {
		t.Errorf("%+v", a)
	}
	if len(m.To) != 2 || m.Subject != "1234…" || fmt.Sprint(m.References) != "[2@x 3@x]" {
		t.Errorf("to %v, subject %q, references %v", m.To, m.Subject, m.References)
	}
	if len(m.Problems) != 6 {
		t.Errorf("problems: %q", m.Problems)
	}
}

func TestDegraded(t *testing.T) {
	t.Parallel()
	raw := mail("From: =?utf-8?Q?=C3=84nn?= <a@example.com>", "Subject: s", "Message-ID: <1@x>", "In-Reply-To: <0@x>", "Content-Type: text/html", "",
		strings.Repeat("ä", 1000))
	for name, limits := range map[string]gateway.Limits{
		"over the size": {Mail: 1000, DegradedText: 300},
		"over the time": {Time: time.Nanosecond, DegradedText: 300},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read(raw, received, &gateway.ReadOptions{Limits: limits})
			checkSound(t, name, m)
			if !m.Degraded || m.From.Name != "Änn" || m.Subject != "s" || m.MessageID != "1@x" || fmt.Sprint(m.InReplyTo) != "[0@x]" {
				t.Errorf("%+v", m)
			}
			if len(m.Text) > 300 || !strings.HasPrefix(m.Text, "ää") || !strings.Contains(m.Text, gateway.CutMarker) {
				t.Errorf("text: %q", m.Text)
			}
			if len(m.Attachments) != 1 || !bytes.Equal(m.Attachments[0].Data, raw) || m.Attachments[0].MediaType != "message/rfc822" {
				t.Errorf("attachments: %+v", m.Attachments)
			}
			if sound := read(raw); sound.Identity != m.Identity {
				t.Error("degraded and sound reading disagree on the identity")
			}
		})
	}
}
