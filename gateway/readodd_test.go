package gateway_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestReadOddBodies holds what clients and relays do to bodies.
func TestReadOddBodies(t *testing.T) {
	t.Parallel()
	const flowed = "Content-Type: text/plain; charset=utf-8; format=Flowed"
	for _, c := range []struct {
		name, text string
		raw        []byte
		files      int
	}{
		{"text that is called base64", "The lamp is broken again, and nobody answers.", headed("The lamp is broken again, and nobody answers.", "Content-Transfer-Encoding: base64"), 0},
		{"real base64 with a footer", "The lamp", headed("VGhlIGxhbXA=\r\n-- \r\nscanned by a relay", "Content-Transfer-Encoding: base64"), 0},
		{"HTML without a type", "Broken lamp", headed("<html><body><p>Broken <b>lamp</b></p></body></html>"), 0},
		{"HTML with a nonsense type", "Broken lamp", headed("<p>Broken <b>lamp</b></p>", "Content-Type: <html>"), 0},
		{"HTML that is called text stays what it is called", "<html>x</html>", headed("<html>x</html>", "Content-Type: text/plain"), 0},
		{"a closing delimiter without its last hyphen", "It flickers.", headed("--lamp\r\n\r\nIt flickers.\r\n\r\n--lamp-\r\n", "Content-Type: multipart/mixed; boundary=lamp"), 0},
		{"a form for one program only", "It flickers.", headed("--b\r\nContent-Type: text/plain\r\n\r\nIt flickers.\r\n--b\r\nContent-Type: text/x-amp-html\r\n\r\n<html amp4email>\r\n--b--", "Content-Type: multipart/alternative; boundary=b"), 0},
		{"a form for one program alone is a file", "", headed("--b\r\nContent-Type: text/x-amp-html\r\n\r\n<html amp4email>\r\n--b--", "Content-Type: multipart/alternative; boundary=b"), 1},
		{"flowed lines", "One paragraph of two lines.\n\nAnother.", headed("One paragraph \r\nof two lines.\r\n\r\nAnother.", flowed), 0},
		{"flowed quotes", "> One quoted line.\n>> deeper\nMine.", headed("> One quoted \r\n> line.\r\n>> deeper\r\nMine.", flowed), 0},
		{"flowed and stuffed", "From here\n> not a quote", headed(" From here\r\n > not a quote", flowed), 0},
		{"flowed with a signature", "Bye \n-- \nAnn", headed("Bye \r\n-- \r\nAnn", flowed), 0},
		{"flowed without blanks", "電球がちらつきます。", headed("電球が \r\nちらつきます。", flowed+"; DelSp=yes"), 0},
		{"uuencode", "See the file.\n\nAnn", headed("See the file.\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n\r\nAnn"), 1},
		{"no uuencode", "begin 644 times\nthis is a story\nend", headed("begin 644 times\r\nthis is a story\r\nend"), 0},
		{"uuencode without its end", "begin 644 cat.txt\n#0V%T", headed("begin 644 cat.txt\r\n#0V%T"), 0},
		{"lone carriage returns", "It\nflickers.", bytes.ReplaceAll(headed("It\r\nflickers."), []byte("\r\n"), []byte("\r")), 0},
		{"a mail within a mail within a mail", "outer", headed("--b\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--c--\r\n--b--", "Content-Type: multipart/mixed; boundary=b"), 1},
		{"text, HTML, text", "one\n\ntwo\n\nthree", headed("--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b\r\n\r\nthree\r\n--b--", "Content-Type: multipart/mixed; boundary=b"), 0},
		{"signed", "It flickers.", headed("--b\r\n\r\nIt flickers.\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b"), 1},
		{"encrypted", "", headed("--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--", "Content-Type: multipart/encrypted; boundary=b"), 2},
		{"a part of a mail", "", headed("half", "Content-Type: message/partial; id=x; number=1; total=2"), 1},
		{"a body elsewhere", "", headed("Content-Type: text/plain\r\n\r\n", "Content-Type: message/external-body; access-type=ftp"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(c.raw)
			if m.Text != c.text || len(m.Attachments) != c.files || m.Degraded || m.Subject != "The lamp" {
				t.Errorf("subject %q, text %q, files %v, problems %v", m.Subject, m.Text, m.Attachments, m.Problems)
			}
			checkSound(t, c.name, m)
		})
	}
}

func TestReadUUFile(t *testing.T) {
	t.Parallel()
	m := read(headed("begin 644 ../cat.txt\r\n#0V%T\r\n`\r\nend"))
	if len(m.Attachments) != 1 || m.Attachments[0].Filename != "cat.txt" || string(m.Attachments[0].Data) != "Cat" || m.Text != "" {
		t.Errorf("%q %+v", m.Text, m.Attachments)
	}
}

// TestReadCharsets reads one word in every charset that mails come in, in a header and in a body.
func TestReadCharsets(t *testing.T) {
	t.Parallel()
	const cyrillic, latin = "Привет, лампа мигает", "Die Glühbirne flackert"
	for label, c := range map[string]struct {
		enc  encoding.Encoding
		text string
	}{
		"gb18030": {simplifiedchinese.GB18030, "灯泡在闪烁"}, "GB2312": {simplifiedchinese.GBK, "灯泡在闪烁"}, "hz-gb-2312": {simplifiedchinese.HZGB2312, "灯泡在闪烁"},
		"big5": {traditionalchinese.Big5, "燈泡在閃爍"}, "euc-kr": {korean.EUCKR, "전구가 깜박입니다"}, "ks_c_5601-1987": {korean.EUCKR, "전구가 깜박입니다"},
		"shift_jis": {japanese.ShiftJIS, "電球がちらつきます"}, "euc-jp": {japanese.EUCJP, "電球がちらつきます"}, "iso-2022-jp": {japanese.ISO2022JP, "電球がちらつきます"},
		"koi8-r": {charmap.KOI8R, cyrillic}, "koi8-u": {charmap.KOI8U, "Лампочка блимає"}, "windows-1251": {charmap.Windows1251, cyrillic}, "iso-8859-5": {charmap.ISO8859_5, cyrillic}, "cp866": {charmap.CodePage866, cyrillic}, "x-mac-cyrillic": {charmap.MacintoshCyrillic, cyrillic},
		"iso-8859-1": {charmap.ISO8859_1, latin}, "iso-8859-15": {charmap.ISO8859_15, latin + " €"}, "windows-1252": {charmap.Windows1252, latin + " €"}, "macintosh": {charmap.Macintosh, latin}, "cp850": {charmap.CodePage850, latin}, "ibm437": {charmap.CodePage437, latin},
		"iso-8859-2": {charmap.ISO8859_2, "Żarówka miga łódź"}, "windows-1250": {charmap.Windows1250, "Žárovka bliká"}, "windows-1253": {charmap.Windows1253, "Η λάμπα"}, "iso-8859-7": {charmap.ISO8859_7, "Η λάμπα"},
		"windows-1254": {charmap.Windows1254, "Işık yanıp sönüyor"}, "windows-1255": {charmap.Windows1255, "הנורה מהבהבת"}, "iso-8859-8-i": {charmap.ISO8859_8, "הנורה מהבהבת"}, "windows-1256": {charmap.Windows1256, "المصباح يومض"},
		"windows-1257": {charmap.Windows1257, "Lempa mirksi ąčę"}, "tis-620": {charmap.Windows874, "หลอดไฟกะพริบ"}, "windows-874": {charmap.Windows874, "หลอดไฟกะพริบ"},
	} {
		b, err := c.enc.NewEncoder().String(c.text)
		if err != nil {
			t.Fatal(label, err)
		}
		m := read(headed(encode64([]byte(b)), "Subject: =?"+label+"?B?"+encode64([]byte(b))+"?=", "Content-Type: text/plain; charset=\""+strings.ToUpper(label)+"\"", "Content-Transfer-Encoding: base64"))
		if m.Subject != c.text || m.Text != c.text {
			t.Errorf("%s: subject %q, text %q, want %q", label, m.Subject, m.Text, c.text)
		}
	}
}

// TestReadWrongCharsets reads text under a label that is not true.
func TestReadWrongCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ label, bytes, want string }{
		{"iso-8859-1", "Die Glühbirne für 5 €", "Die Glühbirne für 5 €"}, // it is UTF-8
		{"windows-1251", "лампа мигает", "лампа мигает"},
		{"iso-8859-1", "Gl\xfchbirne", "Glühbirne"},
		{"utf-8", "Gl\xfchbirne", "Glühbirne"},
		{"us-ascii", "Glühbirne", "Glühbirne"},
		{"iso-8859-1", "5 \x80", "5 €"}, // what everybody means
		{"", "Gl\xfchbirne", "Glühbirne"},
	} {
		if m := read(headed(c.bytes, "Content-Type: text/plain; charset="+c.label, "Content-Transfer-Encoding: 8bit")); m.Text != c.want {
			t.Errorf("%s %q: %q", c.label, c.bytes, m.Text)
		}
	}
}

// TestReadRawHeaders reads 8-bit header fields in the charset of the text.
func TestReadRawHeaders(t *testing.T) {
	t.Parallel()
	latin2, err := charmap.ISO8859_2.NewEncoder().String("Żarówka łódź")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"Content-Type: text/plain; charset=iso-8859-2\r\n\r\nx", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-2\r\n\r\nx\r\n--b--"} {
		m := read([]byte("From: \"" + latin2 + "\" <ann@example.com>\r\nSubject: " + latin2 + "\r\nX-Note: Grüße\r\n" + body))
		if m.Subject != "Żarówka łódź" || m.From.Name != "Żarówka łódź" || m.Header("X-Note")[0] != "Grüße" {
			t.Errorf("subject %q, from %q, %q", m.Subject, m.From.Name, m.Header("X-Note"))
		}
	}
}

// TestReadUTF16 reads a mail that an editor saved.
func TestReadUTF16(t *testing.T) {
	t.Parallel()
	for _, first := range []int{0, 1} { // little or big end first
		raw := []byte{[]byte{0xFF, 0xFE}[first], []byte{0xFE, 0xFF}[first]}
		for _, u := range utf16.Encode([]rune("From: ann@example.com\r\nSubject: Glühbirne\r\n\r\nSie flackert, müde.")) {
			pair := []byte{byte(u), byte(u >> 8)}
			raw = append(raw, pair[first], pair[1-first])
		}
		if m := read(raw); m.From.Email != "ann@example.com" || m.Subject != "Glühbirne" || m.Text != "Sie flackert, müde." {
			t.Errorf("%+v", m)
		}
	}
}

func TestReadOddSubjects(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"=?utf-8?Q?really?=3F?= yes":               "really?? yes",
		"=?utf-8?Q?a?==?utf-8?Q?b?=":               "ab",
		"=?utf-8?Q?what?= =?utf-8?Q?=3F?=":         "what?",
		"=?utf-8?B?R2zDvGg=":                       "Glüh", // the end was cut off
		"=?utf-8?B?R2zDvGg=?":                      "Glüh",
		"=?utf-8?Q?Gl=C3=BCh":                      "Glüh",
		"=??Q?Gl=C3=BCh?=":                         "Glüh",
		"=?utf-8?q?_Gl=C3=BCh_?= x":                "Glüh x",
		"\"=?utf-8?Q?Gl=C3=BCh?=\"":                "\"Glüh\"",
		"=?UTF8?B?R2zDvGg?=":                       "Glüh", // no padding
		"=?utf-8?B?R2zDvGg=?= =?utf-8?Q?birne?= !": "Glühbirne !",
		"a =? b ?= c":                              "a =? b ?= c",
		"is it 5 =? 3":                             "is it 5 =? 3",
	} {
		if m := read(mail("From: a@example.com", "Subject: "+value, "", "x")); m.Subject != want {
			t.Errorf("%q: %q, want %q", value, m.Subject, want)
		}
	}
}

func TestReadOddDates(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Fri, 27 Feb 2026 09(local):   55  :  06 -0600": "2026-02-27 15:55:06",
		"Fri, 27 Feb 2026 16:21:05 H0500":               "2026-02-27 16:21:05",
		"Fri, 27 Feb 2026 16:21:05":                     "2026-02-27 16:21:05",
		"Fri Feb 27 16:21:05 2026":                      "2026-02-27 16:21:05",
		"27 Feb 2026 16:21 Mitteleuropäische Zeit":      "2026-02-27 16:21:00",
	} {
		if m := read(mail("From: a@example.com", "Date: "+value, "", "x")); m.DateClamped || m.Date.Format("2006-01-02 15:04:05") != want {
			t.Errorf("%q: %v", value, m.Date)
		}
	}
}

func TestReadOddNames(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"Content-Disposition: attachment; filename*1=\"pen.pdf\"; filename*0=\"Lam\"":                        "Lampen.pdf",
		"Content-Disposition: attachment; filename*0*=utf-8''L%C3%A4m; filename*1=pchen; filename*2*=%2Epdf": "Lämpchen.pdf",
		"Content-Disposition: attachment; filename=\"=?utf-8?B?TMOkbXBjaGVuLnBkZg==?=\"":                     "Lämpchen.pdf",
		"Content-Disposition: attachment; filename=Meine Lampe.pdf":                                          "Meine Lampe.pdf",
		"Content-Disposition: attachment; filename=\"C:\\Users\\ann\\Lampe.pdf\"":                            "Lampe.pdf",
		"Content-Disposition: attachment; filename==?utf-8?Q?L=C3=A4mpchen=2Epdf?=":                          "Lämpchen.pdf",
		"Content-Disposition: attachment; filename=\"L\xe4mpchen.pdf\"":                                      "Lämpchen.pdf",
		"Content-Disposition: attachment; filename=\"Lampe;neu.pdf\"":                                        "Lampe;neu.pdf",
		"Content-Disposition: attachment; filename=\"a.pdf\"; filename*=UTF-8''L%C3%A4mpchen.pdf":            "Lämpchen.pdf",
		"Content-Type: application/pdf; name=\"=?utf-8?Q?L=C3=A4mp?=\r\n =?utf-8?Q?chen=2Epdf?=\"":           "Lämpchen.pdf",
		"Content-Disposition: attachment":                                                                    "attachment-1.bin",
	} {
		m := read(headed("--b\r\n"+field+"\r\n\r\nx\r\n--b--", "Content-Type: multipart/mixed; boundary=b"))
		if len(m.Attachments) != 1 || m.Attachments[0].Filename != want {
			t.Errorf("%s: %v, want %s", field, names(m), want)
		}
	}
}

func names(m *gateway.Mail) string {
	var list []string
	for _, a := range m.Attachments {
		list = append(list, a.Filename)
	}
	return fmt.Sprintf("%q", list)
}
