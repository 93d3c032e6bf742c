package gateway_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

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
