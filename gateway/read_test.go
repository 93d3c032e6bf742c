package gateway_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// mail joins lines as they travel.
func mail(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n")) }

func read(raw []byte) *gateway.Mail { return gateway.Read(raw, received, nil) }

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

var png = []byte("\x89PNG\r\n\x1a\n not a picture, but bytes \x00\xff\r\r\n")

func TestReadPlainGerman(t *testing.T) {
	t.Parallel()
	m := read(mail(
		"From: =?iso-8859-1?Q?J=FCrgen_M=FCller?= <Juergen@Example.DE>",
		"To: Hilfe <hilfe@example.com>, \"Kasse, Laden\" <kasse@example.com>",
		"Cc: team: a@example.com, b@example.com;",
		"Reply-To: antwort@example.de",
		"Subject: =?utf-8?B?R3LDvMOfZSBhdXMg?= =?utf-8?B?S8O2bG4=?=",
		"Message-ID: <42@example.de>",
		"Date: Sat, 28 Feb 2026 10:00:00 +0100",
		"Content-Type: text/plain; charset=ISO-8859-1",
		"Content-Transfer-Encoding: quoted-printable",
		"",
		"Sch=F6nen Tag! Die Kaffeem=FChle kostet 20 =\r",
		"=80.",
		"",
	))
	want := &gateway.Mail{
		From: gateway.Address{Name: "Jürgen Müller", Email: "juergen@example.de"},
		To:   []gateway.Address{{Name: "Hilfe", Email: "hilfe@example.com"}, {Name: "Kasse, Laden", Email: "kasse@example.com"}},
		Cc:   []gateway.Address{{Email: "a@example.com"}, {Email: "b@example.com"}},
	}
	if m.From != want.From || fmt.Sprint(m.To) != fmt.Sprint(want.To) || fmt.Sprint(m.Cc) != fmt.Sprint(want.Cc) {
		t.Errorf("from %v, to %v, cc %v", m.From, m.To, m.Cc)
	}
	if m.Subject != "Grüße aus Köln" || m.MessageID != "42@example.de" || m.MessageIDDerived {
		t.Errorf("subject %q, id %q", m.Subject, m.MessageID)
	}
	if m.Text != "Schönen Tag! Die Kaffeemühle kostet 20 €." {
		t.Errorf("text %q", m.Text)
	}
	if !m.Date.Equal(time.Date(2026, 2, 28, 9, 0, 0, 0, time.UTC)) || m.DateClamped {
		t.Errorf("date %v", m.Date)
	}
	if len(m.Problems) != 0 || m.Degraded {
		t.Errorf("problems: %v", m.Problems)
	}
}

func TestReadJapanese(t *testing.T) {
	t.Parallel()
	jis := func(s string) string {
		out, err := japanese.ISO2022JP.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	m := read(mail(
		"From: =?ISO-2022-JP?B?"+encode64([]byte(jis("田中")))+"?= <tanaka@example.jp>",
		"Subject: =?iso-2022-jp?B?"+encode64([]byte(jis("コーヒーミルの")))+"?=",
		" =?iso-2022-jp?B?"+encode64([]byte(jis("件")))+"?=",
		"Content-Type: text/plain; charset=iso-2022-jp",
		"Content-Transfer-Encoding: 7bit",
		"",
		jis("お世話になっております。"),
	))
	if m.From.Name != "田中" || m.Subject != "コーヒーミルの件" || m.Text != "お世話になっております。" {
		t.Errorf("from %q, subject %q, text %q", m.From.Name, m.Subject, m.Text)
	}
}

func TestReadHTMLWithInlinePicture(t *testing.T) {
	t.Parallel()
	m := read(mail(
		"From: a@example.com", "Subject: picture", "MIME-Version: 1.0",
		"Content-Type: multipart/mixed; boundary=outer", "",
		"--outer", "Content-Type: multipart/related; boundary=\"in ner\"", "",
		"--in ner", "Content-Type: text/html; charset=utf-8", "",
		"<p>See <img src=\"cid:pic@1\"> and the file.</p>",
		"--in ner", "Content-Type: image/png", "Content-ID: <pic@1>", "Content-Transfer-Encoding: base64", "",
		encode64(png),
		"--in ner--",
		"--outer", "Content-Type: message/rfc822", "",
		"Subject: inner", "", "inner text \xE4", "",
		"--outer", "Content-Type: application/pdf; name*=utf-8''Rechnung%20%C3%A4.pdf", "Content-Transfer-Encoding: base64",
		"Content-Disposition: attachment", "",
		encode64([]byte("pdf")),
		"--outer--", "",
	))
	if m.Text != "See and the file." || !strings.Contains(m.HTML, "cid:pic@1") {
		t.Errorf("text %q, html %q", m.Text, m.HTML)
	}
	if len(m.Attachments) != 3 {
		t.Fatalf("%d attachments: %v", len(m.Attachments), m.Attachments)
	}
	pic, inner, pdf := m.Attachments[0], m.Attachments[1], m.Attachments[2]
	if !pic.Inline || pic.ContentID != "pic@1" || !bytes.Equal(pic.Data, png) || pic.Filename != "attachment-1.png" {
		t.Errorf("picture: %+v", pic)
	}
	if want := "Subject: inner\r\n\r\ninner text \xE4\r\n"; string(inner.Data) != want || inner.Filename != "attachment-2.eml" || inner.Inline {
		t.Errorf("attached mail: %q", inner.Data)
	}
	if pdf.Filename != "Rechnung ä.pdf" || string(pdf.Data) != "pdf" || pdf.Size != 3 || pdf.MediaType != "application/pdf" {
		t.Errorf("pdf: %+v", pdf)
	}
}

func TestReadReply(t *testing.T) {
	t.Parallel()
	m := read(mail(
		"From: a@example.com", "Subject: Re: Re: [#VEP-728-96190] mill",
		"In-Reply-To: <2@desk>  <> < 3@desk >", "References: <1@desk>", "\t<2@desk> <lo ng@desk>",
		"Auto-Submitted: auto-replied", "List-Id: =?utf-8?Q?N=C3=A4chte?= <n.example.com>", "List-Id: second", "",
		"> quoted", "> > twice", "answer",
	))
	if fmt.Sprint(m.InReplyTo) != "[2@desk 3@desk]" || fmt.Sprint(m.References) != "[1@desk 2@desk long@desk]" {
		t.Errorf("in reply to %q, references %q", m.InReplyTo, m.References)
	}
	if m.Text != "> quoted\n> > twice\nanswer" {
		t.Errorf("text %q", m.Text)
	}
	if got := m.Header("list-ID"); fmt.Sprintf("%q", got) != `["Nächte <n.example.com>" "second"]` {
		t.Errorf("list id %q", got)
	}
	if m.Header("X-Absent") != nil || m.Header("auto-submitted")[0] != "auto-replied" {
		t.Error("header lookup")
	}
}

func TestReadBodies(t *testing.T) {
	t.Parallel()
	part := func(typ, body string) string { return "--b\r\nContent-Type: " + typ + "\r\n\r\n" + body + "\r\n" }
	multi := func(typ string, parts ...string) []byte {
		return mail("From: a@example.com", "Content-Type: multipart/"+typ+"; boundary=b", "", strings.Join(parts, "")+"--b--", "")
	}
	for _, c := range []struct {
		name       string
		raw        []byte
		text, html string
		files      int
	}{
		{"alternative has both", multi("alternative", part("text/plain", "plain"), part("text/html", "<b>rich</b>")), "plain", "<b>rich</b>", 0},
		{"an empty text is derived", multi("alternative", part("text/plain", " \r\n"), part("text/html", "<b>rich</b>")), "rich", "<b>rich</b>", 0},
		{"texts around a file", multi("mixed", part("text/plain", "one"), part("image/gif", "x"), part("text/plain", "two")), "one\n\ntwo", "", 1},
		{"text then HTML", multi("mixed", part("text/plain", "a < b"), part("text/html", "<i>c</i>")), "a < b\n\nc", "<pre>a &lt; b</pre>\n<i>c</i>", 0},
		{"calendar only", multi("alternative", part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")), "", "", 1},
		{"a named text is a file", multi("mixed", part("text/plain", "body"), part("text/plain; name=log.txt", "log")), "body", "", 1},
		{"a named text alone is the body", mail("From: a@example.com", "Content-Type: text/plain; name=body.txt", "", "body"), "body", "", 0},
		{"picture only", mail("From: a@example.com", "Content-Type: image/png", "", "x"), "", "", 1},
		{"digest", multi("digest", "--b\r\n\r\nSubject: x\r\n\r\ny\r\n"), "", "", 1},
		{"no part at all", mail("From: a@example.com", "Content-Type: multipart/mixed; boundary=b", "", "just text"), "just text", "", 0},
		{"no boundary", mail("From: a@example.com", "Content-Type: multipart/mixed", "", "just text"), "just text", "", 0},
		{"no closing boundary", mail("From: a@example.com", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "one", "--b", "", "two"), "one\n\ntwo", "", 0},
		{"no header end", mail("From: a@example.com", "Content-Type: multipart/mixed; boundary=b", part("text/plain", "text")+"--b--"), "text", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(c.raw)
			if m.Text != c.text || m.HTML != c.html || len(m.Attachments) != c.files || m.Degraded {
				t.Errorf("text %q, html %q, %d files, problems %v", m.Text, m.HTML, len(m.Attachments), m.Problems)
			}
		})
	}
}

func TestReadCleansBytes(t *testing.T) {
	t.Parallel()
	const body = "text"
	for name, raw := range map[string]string{
		"byte order mark":         "\xEF\xBB\xBFFrom: a@example.com\r\nSubject: s\r\n\r\ntext",
		"blank lines":             "\r\n\n\r\nFrom: a@example.com\nSubject: s\n\ntext",
		"mbox line":               "From a@example.com Mon Jan  1 00:00:00 2024\nFrom: a@example.com\nSubject: s\n\ntext",
		"doubled returns":         "From: a@example.com\r\r\nSubject: s\r\r\n\r\r\ntext\r\r\n",
		"NUL":                     "From: a@exam\x00ple.com\r\nSub\x00ject: s\r\n\r\nte\x00xt",
		"blank before colon":      "From : a@example.com\r\nSubject\t: s\r\n\r\ntext",
		"indented first field":    "  From: a@example.com\r\nSubject: s\r\n\r\ntext",
		"nameless field":          ": nothing\r\nFrom: a@example.com\r\n: x\r\nSubject: s\r\n\r\ntext",
		"line without colon":      "Received: by x\r\nfor somebody\r\nFrom: a@example.com\r\nSubject: s\r\n\r\ntext",
		"lone carriage return":    "From: a@example.com\r\nSubject: s\r\n\r\ntext\r",
		"transfer encoding typo":  "From: a@example.com\r\nSubject: s\r\nContent-Transfer-Encoding: 8-bits; x\r\n\r\ntext",
		"base64 with noise":       "From: a@example.com\r\nSubject: s\r\nContent-Transfer-Encoding: base64\r\n\r\n!dGV4\r\n  dA==\r\n-- a footer",
		"quoted-printable broken": "From: a@example.com\r\nSubject: s\r\nContent-Transfer-Encoding: Quoted-Printable \r\n\r\nte=78t=",
		"charset unknown":         "From: a@example.com\r\nSubject: s\r\nContent-Type: text/plain; charset=\"x-unheard\"\r\n\r\ntext",
		"type invalid":            "From: a@example.com\r\nSubject: s\r\nContent-Type: text\r\n\r\ntext",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read([]byte(raw))
			if m.From.Email != "a@example.com" || m.Subject != "s" || m.Text != body || m.Degraded {
				t.Errorf("from %q, subject %q, text %q, %v", m.From.Email, m.Subject, m.Text, m.Problems)
			}
			checkSound(t, name, m)
		})
	}
}

func TestReadSomethingOfNothing(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"empty": "", "blank": "\r\n\r\n", "text only": "hello", "binary": "\x00\xff\xfe\x80\x01",
		"header only": "X: y", "colon": ":", "mbox line": "From ", "equals": "=?=?=?", "folded": " \r\n x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read([]byte(raw))
			checkSound(t, name, m)
			if !m.FromUnknown || m.From.Email != gateway.UnknownSender || !m.MessageIDDerived || !m.DateClamped || !m.Date.Equal(received) {
				t.Errorf("%+v", m)
			}
		})
	}
	if m := read([]byte("hello")); m.Text != "hello" {
		t.Errorf("text %q", m.Text)
	}
	if a, b := read([]byte("hello")), read([]byte("hello.")); a.MessageID == b.MessageID || a.Identity == b.Identity {
		t.Error("different bytes have one id")
	}
}

func TestReadDates(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Sat, 28 Feb 2026 10:00:00 +0100":            "2026-02-28T09:00:00Z",
		"28 Feb 26 10:00 GMT":                        "2026-02-28T10:00:00Z",
		"Saturday, 28 Feb 2026 10:00:00 +0000 (UTC)": "2026-02-28T10:00:00Z",
		"2026-02-28 10:00:00":                        "2026-02-28T10:00:00Z",
		"Sun, 1 Mar 2026 12:00:01 +0000":             "", // the future
		"Thu, 1 Jan 1960 00:00:00 +0000":             "",
		"yesterday":                                  "",
		"":                                           "",
	} {
		m := read(mail("From: a@example.com", "Date: "+value, "", "x"))
		if want == "" {
			if !m.DateClamped || !m.Date.Equal(received) {
				t.Errorf("%q: %v", value, m.Date)
			}
		} else if got := m.Date.Format(time.RFC3339); got != want || m.DateClamped {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestReadSubjects(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 600)
	opts := &gateway.ReadOptions{NoSubject: "(kein Betreff)"}
	for value, want := range map[string]string{
		"plain":                              "plain",
		"two\r\n lines":                      "two lines",
		"":                                   "(kein Betreff)",
		"=?utf-8?Q?_=20_?=":                  "(kein Betreff)",
		"=?utf-8?Q?a=00b=0Ac?=":              "ab c",
		"caf\xe9 tr\xe8s bon":                "café très bon",
		"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=": "café", // a character cut in two
		"=?x-unheard?Q?a?= =?bad":            "a =?bad",
		"=?windows-1251?B?z/Do4uXy?=":        "Привет",
		"=?utf-7?Q?J+APw-rgen?=":             "Jürgen",
		"x=?utf-8?Q?_y?=z":                   "x yz",
		"=?utf-8?Q?with blanks inside?= end": "with blanks inside end",
		"=?iso-8859-1*en?Q?language=E9?=":    "languageé",
		long:                                 strings.Repeat("ä", 499) + "…",
		"=?gb2312?B?1tDOxA==?= =?big5?B?pKSk5Q==?=": "中文中文",
	} {
		if m := gateway.Read(mail("From: a@example.com", "Subject: "+value, "", "x"), received, opts); m.Subject != want {
			t.Errorf("%q: %q, want %q", value, m.Subject, want)
		}
	}
	if m := read(mail("From: a@example.com", "", "x")); m.Subject != "" {
		t.Errorf("no placeholder was asked for: %q", m.Subject)
	}
}
