package gateway_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// winmail writes a TNEF stream (MS-OXTNEF) of attributes.
func winmail(attributes ...[]byte) []byte {
	b := []byte{0x78, 0x9F, 0x3E, 0x22, 1, 0}
	for _, a := range attributes {
		b = append(b, a...)
	}
	return b
}

func tnefAttribute(level byte, id uint32, value string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{level}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	return append(append(b, value...), 0, 0)
}

// tnefProps writes properties with values of bytes.
func tnefProps(tagged ...any) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(tagged)/2))
	for i := 0; i < len(tagged); i += 2 {
		value := tagged[i+1].(string)
		b = binary.LittleEndian.AppendUint32(b, uint32(tagged[i].(int)))
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
		b = append(append(b, value...), make([]byte, (4-len(value)%4)%4)...)
	}
	return string(b)
}

const (
	tnefCodepage = 0x00069007
	tnefClass    = 0x00078008
	tnefText     = 0x0002800C
	tnefMessage  = 0x00069003
	tnefBegin    = 0x00069002
	tnefTitle    = 0x00018010
	tnefData     = 0x0006800F
	tnefFile     = 0x00069005
	propHTML     = 0x10130102
	propLongName = 0x3707001E
	propMIME     = 0x370E001E
	propID       = 0x3712001E
)

func TestWinmail(t *testing.T) {
	t.Parallel()
	cyrillic := tnefAttribute(1, tnefCodepage, "\xE3\x04\x00\x00\x00\x00\x00\x00")
	file := append(tnefAttribute(2, tnefBegin, strings.Repeat("\x00", 14)), tnefAttribute(2, tnefTitle, "SCHET~1.PDF\x00")...)
	file = append(file, tnefAttribute(2, tnefData, "%PDF")...)
	file = append(file, tnefAttribute(2, tnefFile, tnefProps(propLongName, "../\xD1\xF7\xB8\xF2.pdf\x00"))...)
	picture := append(tnefAttribute(2, tnefBegin, strings.Repeat("\x00", 14)), tnefAttribute(2, tnefData, "GIF")...)
	picture = append(picture, tnefAttribute(2, tnefFile, tnefProps(propLongName, "p.gif\x00", propMIME, "image/gif\x00", propID, "p@x\x00"))...)
	body := tnefAttribute(1, tnefMessage, tnefProps(propHTML, "<p>\xCF\xF0\xE8\xE2\xE5\xF2<img src=\"cid:p@x\"></p>"))
	const note = "IPM.Note\x00"
	part := func(kind string, stream []byte) string {
		return "Content-Type: " + kind + "; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(stream) + "\r\n"
	}
	mixed := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + strings.Join(parts, "--b\r\n") + "--b--\r\n"
	}
	const hello = "\r\nhello\r\n"
	full := winmail(cyrillic, tnefAttribute(1, tnefClass, note), body, file, picture)
	for _, c := range []struct{ name, rest, text, files string }{
		{"files, for a mail with a text", mixed(hello, part("application/ms-tnef", full)), "hello", "Счёт.pdf application/pdf 4, p.gif image/gif 3"},
		{"files and body, for a mail without", part("application/ms-tnef", full), "Привет", "Счёт.pdf application/pdf 4, p.gif image/gif 3 inline"},
		{"under a type that says nothing", mixed(hello, part("application/octet-stream", full)), "hello", "Счёт.pdf application/pdf 4, p.gif image/gif 3"},
		{"plain text", part("application/ms-tnef", winmail(tnefAttribute(1, tnefText, "text\x00"))), "text", ""},
		{"a meeting keeps its file", mixed(hello, part("application/ms-tnef", winmail(tnefAttribute(1, tnefClass, "IPM.Schedule.Meeting.Request\x00")))), "hello",
			"winmail.dat application/ms-tnef 46"},
		{"what is cut keeps its file", mixed(hello, part("application/ms-tnef", full[:len(full)-20])), "hello",
			fmt.Sprintf("Счёт.pdf application/pdf 4, p.gif image/gif 3, winmail.dat application/ms-tnef %d", len(full)-20)},
		{"what is none is a file", mixed(hello, part("application/ms-tnef", []byte("no TNEF"))), "hello", "winmail.dat application/ms-tnef 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(sent(c.rest))
			checkSound(t, c.name, m)
			if files := fileList(m); m.Text != c.text || files != c.files {
				t.Errorf("%q, %s\nwant %q, %s\n%q", m.Text, files, c.text, c.files, m.Problems)
			}
		})
	}
}

func fileList(m *gateway.Mail) string {
	var files []string
	for _, a := range m.Attachments {
		s := fmt.Sprintf("%s %s %d", a.Filename, a.MediaType, a.Size)
		if a.Inline {
			s += " inline"
		}
		files = append(files, s)
	}
	return strings.Join(files, ", ")
}

func TestFilesWithin(t *testing.T) {
	t.Parallel()
	const uu = "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n"
	for _, c := range []struct{ name, rest, text, files string }{
		{"uuencode", "\r\nbefore\r\n" + uu + "after", "before\nafter", "cat.txt text/plain 3"},
		{"uuencode twice", "\r\n" + uu + "\r\n" + strings.Replace(uu, "cat.txt", "a b.pdf", 1), "", "cat.txt text/plain 3, a b.pdf application/pdf 3"},
		{"uuencode with an empty line in place of a space", "\r\nx\r\nbegin 600 a\r\n#0V%T\r\n\r\nend\r\n", "x", "a application/octet-stream 3"},
		{"uuencode that breaks off", "\r\nbegin 644 cat.txt\r\n#0V%T\r\n", "begin 644 cat.txt\n#0V%T", ""},
		{"uuencode with a line of text in it", "\r\nbegin 644 cat.txt\r\n#0V%T\r\nWe should talk.\r\n`\r\nend\r\n", "begin 644 cat.txt\n#0V%T\nWe should talk.\n`\nend", ""},
		{"words that look alike", "\r\nbegin 644 the work\r\nend\r\n", "begin 644 the work\nend", ""},
		{"words", "\r\nbegin with this\r\nend", "begin with this\nend", ""},
		{"AppleDouble", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: multipart/appledouble; boundary=c\r\n\r\n" +
			"--c\r\nContent-Type: application/applefile; name=\"a.pdf\"\r\n\r\nicons\r\n--c\r\nContent-Type: application/pdf\r\nContent-Disposition: inline\r\n\r\n%PDF\r\n--c--\r\n--b--\r\n",
			"hello", "a.pdf application/pdf 4"},
		{"AppleDouble without a data fork", "Content-Type: multipart/appledouble; boundary=c\r\n\r\n--c\r\nContent-Type: application/applefile; name=\"a.pdf\"\r\n\r\nicons\r\n--c--\r\n",
			"", "a.pdf application/applefile 5"},
		{"BinHex", "Content-Type: application/mac-binhex40; name=a.hqx\r\n\r\n(This file must be converted with BinHex 4.0)\r\n", "", "a.hqx application/mac-binhex40 47"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(sent(c.rest))
			checkSound(t, c.name, m)
			if files := fileList(m); m.Text != c.text || files != c.files {
				t.Errorf("%q, %s\nwant %q, %s", m.Text, files, c.text, c.files)
			}
		})
	}
}
