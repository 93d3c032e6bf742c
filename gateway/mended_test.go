package gateway_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestUndeclaredDelimiters are multiparts whose parts are divided otherwise than the header says.
func TestUndeclaredDelimiters(t *testing.T) {
	t.Parallel()
	const parts = "--b\r\nContent-Type: text/plain\r\n\r\nIt flickers.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n"
	nested := "--m\r\nContent-Type: multipart/mixed\r\n\r\n" + parts + "\r\n--m--\r\n"
	for name, c := range map[string]struct {
		raw   []byte
		text  string
		files int
	}{
		"none declared":          {headed(parts, "Content-Type: multipart/mixed"), "It flickers.", 1},
		"another declared":       {headed(parts, "Content-Type: multipart/mixed; boundary=c"), "It flickers.", 1},
		"single quotes":          {headed(parts, "Content-Type: multipart/mixed; boundary='b'"), "It flickers.", 1},
		"a preamble above":       {headed("This is a multi-part message in MIME format.\r\n\r\n"+parts, "Content-Type: multipart/mixed; boundary=c"), "It flickers.", 1},
		"no type at all":         {headed("This is a multi-part message in MIME format.\r\n"+parts, "MIME-Version: 1.0"), "It flickers.", 1},
		"within another":         {headed(nested, "Content-Type: multipart/mixed; boundary=m"), "It flickers.", 1},
		"all of it encoded":      {headed(base64.StdEncoding.EncodeToString([]byte(parts)), "Content-Type: multipart/mixed; boundary=b", "Content-Transfer-Encoding: base64"), "It flickers.", 1},
		"no part at all":         {headed("--b--\r\n", "Content-Type: multipart/mixed; boundary=b"), "", 0},
		"text, as declared":      {headed("See:\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "Content-Type: text/plain"), "See:\n--b\nContent-Type: text/plain\n\nx\n--b--", 0},
		"text of somebody's own": {headed("Look at this.\r\nIt is odd:\r\n" + parts), "Look at this.\nIt is odd:\n" + strings.TrimSpace(strings.ReplaceAll(parts, "\r\n", "\n")), 0},
		"no header below":        {headed("--b\r\nIt flickers.\r\n--b--", "Content-Type: multipart/mixed"), "--b\nIt flickers.\n--b--", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read(c.raw)
			if m.Text != c.text || len(m.Attachments) != c.files || m.Degraded {
				t.Errorf("text %q, files %v, problems %v", m.Text, m.Attachments, m.Problems)
			}
			checkSound(t, name, m)
		})
	}
	t.Run("nested without end", func(t *testing.T) {
		t.Parallel()
		m := read(headed(strings.Repeat("--b\r\nContent-Type: multipart/mixed\r\n\r\n", 10_000), "Content-Type: multipart/mixed"))
		checkSound(t, "nested without end", m)
	})
}

func TestRareTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw   []byte
		text  string
		files int
	}{
		"Markdown":          {headed("It *flickers*.", "Content-Type: text/markdown; charset=utf-8"), "It *flickers*.", 0},
		"enriched":          {headed("<bold>It</bold> <color><param>red</param>flickers</color>\r\na lot,\r\n\r\nif x << 5.", "Content-Type: text/enriched"), "It flickers a lot,\nif x < 5.", 0},
		"a named file":      {headed("It *flickers*.", "Content-Type: text/markdown; name=a.md"), "", 1},
		"below another":     {headed("--b\r\n\r\nSee.\r\n--b\r\nContent-Type: text/markdown\r\n\r\n*x*\r\n--b--", "Content-Type: multipart/mixed; boundary=b"), "See.", 1},
		"a table is a file": {headed("1,2", "Content-Type: text/csv"), "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if m := read(c.raw); m.Text != c.text || len(m.Attachments) != c.files {
				t.Errorf("text %q, files %v", m.Text, m.Attachments)
			}
		})
	}
}

// TestForeignCharsets are labels that cannot be true, with those that look so and are.
func TestForeignCharsets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		label string
		enc   encoding.Encoding
		text  string
	}{
		"Cyrillic as Latin-1":                    {"iso-8859-1", charmap.Windows1251, "Здравствуйте! Лампа мигает, пришлите новую."},
		"Cyrillic as Windows-1252":               {"windows-1252", charmap.KOI8R, "Здравствуйте! Лампа мигает, пришлите новую."},
		"Chinese as Latin-1":                     {"iso-8859-1", simplifiedchinese.GB18030, "您好，我的台灯在闪烁，请给我换一个新的。"},
		"Latin-9 by its name":                    {"latin9", charmap.ISO8859_15, "5 €"},
		"French":                                 {"iso-8859-1", charmap.Windows1252, "À été où çà, déjà éméché: élève, éèàùâêîôûçœ"},
		"capitals with umlauts":                  {"iso-8859-1", charmap.Windows1252, "ÄÖÜ ÄÖÜ ÄÖÜ"},
		"signs":                                  {"windows-1252", charmap.Windows1252, "««««««« 5 € »»»»»»»"},
		"Japanese with few characters, no label": {"us-ascii", japanese.ShiftJIS, "ランプ説明書"},
		"Korean, no label":                       {"us-ascii", korean.EUCKR, "안녕하세요. 램프가 깜박입니다."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := c.enc.NewEncoder().String(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if m := read(headed(raw, "Content-Type: text/plain; charset="+c.label)); m.Text != c.text {
				t.Errorf("got %q", m.Text)
			}
		})
	}
}

func TestSpoiltNames(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"Content-Type: application/pdf; name=\"=?utf-8?Q?L=C3=A4mpchen.pdf?=\"\r\nContent-Disposition: attachment; filename=\"L????chen.pdf\"": "Lämpchen.pdf",
		"Content-Type: application/pdf; name=\"???.pdf\"\r\nContent-Disposition: attachment; filename=\"????.pdf\"":                            "____.pdf",
		"Content-Type: application/pdf; name=\"b.pdf\"\r\nContent-Disposition: attachment; filename=\"a.pdf\"":                                 "a.pdf",
	} {
		m := read(headed("--b\r\n"+header+"\r\n\r\nx\r\n--b--", "Content-Type: multipart/mixed; boundary=b"))
		if len(m.Attachments) != 1 || m.Attachments[0].Filename != want {
			t.Errorf("%s: %v", header, m.Attachments)
		}
	}
	for subject, want := range map[string]string{
		"=?utf-8?Q?L=C3\r\n =A4mpchen?=": "Lämpchen", "=?utf-8?Q?a b=C3=A4?=": "a bä", "=?iso-8859-1?Q?a =E4 =E4?=": "a ä ä",
	} {
		if m := read(headed("x", "Subject: "+subject)); m.Subject != want {
			t.Errorf("%s: %q", subject, m.Subject)
		}
	}
}

func TestRelayedReceipts(t *testing.T) {
	t.Parallel()
	const receipt = "--b\r\nContent-Type: text/plain\r\n\r\nYour message was read.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;ann@example.com\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b\r\nContent-Type: text/plain\r\n\r\na footer\r\n--b--"
	for subject, want := range map[string]gateway.Kind{"Read: Your lamp": gateway.KindAutoReply, "Fwd: Read: Your lamp": gateway.KindHuman} {
		m := read(headed(receipt, "Subject: "+subject, "Content-Type: multipart/mixed; boundary=b"))
		if n := gateway.Classify(m, gateway.NaturePolicy{}); n.Kind != want || n.MayReopen != (want == gateway.KindHuman) {
			t.Errorf("%s: %+v", subject, n)
		}
	}
}
