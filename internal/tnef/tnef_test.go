package tnef

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// latin reads every code page as Latin-1.
func latin(_ int, b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// stream joins attributes to a TNEF stream.
func stream(attributes ...[]byte) []byte {
	return append([]byte{0x78, 0x9F, 0x3E, 0x22, 1, 0}, bytes.Join(attributes, nil)...)
}

func attribute(level byte, id uint32, value []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{level}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	sum := uint16(0)
	for _, c := range value {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(b, value...), sum)
}

// props joins properties to the value of an attribute.
func props(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

func tag(id, kind uint16) []byte {
	return binary.LittleEndian.AppendUint32(nil, uint32(id)<<16|uint32(kind))
}

// sized is a property of variable size.
func sized(id, kind uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint32(tag(id, kind), 1)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(value))), value...)
	return append(b, make([]byte, (4-len(value)%4)%4)...)
}

func long(id uint16, value uint32) []byte {
	return binary.LittleEndian.AppendUint32(tag(id, 3), value)
}

func wide(id uint16, s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return sized(id, typeUnicode, b)
}

func named(kind uint16, value []byte) []byte {
	b := append(tag(0x8001, kind), make([]byte, 16)...)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, 6)
	return append(append(b, 'a', 0, 'b', 0, 0, 0, 0, 0), value...)
}

func begin() []byte { return attribute(2, attAttachBegin, make([]byte, 14)) }

var note = attribute(1, attMessageClass, []byte("IPM.Microsoft Mail.Note\x00"))

// whole has one of each.
func whole() []byte {
	inner := stream(note, attribute(1, attMessageProps, props(wide(propBody, "inner text"))),
		begin(), attribute(2, attAttachTitle, []byte("inner.txt\x00")), attribute(2, attAttachData, []byte("in")))
	return stream(
		attribute(1, attOEMCodepage, []byte{0xE4, 4, 0, 0, 0, 0, 0, 0}), note,
		attribute(1, attSubject, []byte("M\xE4rz\x00")),
		attribute(1, attMessageProps, props(
			named(3, []byte{1, 0, 0, 0}), long(propCodepage, 1252), wide(propBody, "Grüße"), sized(propHTML, typeBinary, []byte("<p>Gr\xFC\xDFe</p>")),
			append(tag(0x0017|0x100, typeShort|multiple), 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0),
			append(tag(0x0018, 0x0040), make([]byte, 8)...),
			sized(propRTF, typeBinary, packed))),
		begin(), attribute(2, attAttachTitle, []byte("RECHNU~1.PDF\x00")), attribute(2, attAttachData, []byte("%PDF")),
		attribute(2, attAttachProps, props(wide(propAttachLong, "Rechnung März.pdf"), sized(propAttachMIME, typeString8, []byte("Application/PDF\x00")),
			wide(propAttachID, "<id@x>"), long(propAttachMethod, 1))),
		begin(), attribute(2, attAttachTitle, []byte("b.bin\x00")), attribute(2, attAttachData, nil),
		begin(), attribute(2, attAttachProps, props(long(propAttachMethod, methodEmbedded), wide(propDisplayName, "Forwarded"),
			sized(propAttachData, typeObject, append(make([]byte, sizeOfInterfaceID), inner...)))),
	)
}

// packed is the example of MS-OXRTFCP §4.1.1.
var packed, _ = hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")

const unpacked = "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	m, err := Decode(whole(), latin)
	if err != nil {
		t.Fatal(err)
	}
	if m.Lost || m.Subject != "März" || m.Text != "Grüße" || m.HTML != "<p>Grüße</p>" || string(m.RTF) != unpacked {
		t.Errorf("%+v", m)
	}
	if len(m.Files) != 3 {
		t.Fatalf("%d files", len(m.Files))
	}
	if f := m.Files[0]; f.Name != "Rechnung März.pdf" || f.MediaType != "application/pdf" || f.ContentID != "id@x" || string(f.Data) != "%PDF" {
		t.Errorf("%+v", f)
	}
	if f := m.Files[1]; f.Name != "b.bin" || len(f.Data) != 0 {
		t.Errorf("%+v", f)
	}
	f := m.Files[2]
	if f.Name != "Forwarded" || f.Message == nil || f.Message.Text != "inner text" || len(f.Message.Files) != 1 || string(f.Message.Files[0].Data) != "in" {
		t.Errorf("%+v", f)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	if _, err := Decode([]byte("%PDF-1.4 no such thing"), latin); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
	all := whole()
	for n := 6; n < len(all); n++ {
		m, err := Decode(all[:n], latin)
		if err != nil {
			t.Fatal(err)
		}
		if complete := len(m.Files) == 3 && m.Files[2].Message != nil && len(m.Files[2].Message.Files) == 1; !m.Lost && complete && n < len(all)-2 {
			t.Errorf("cut at %d of %d, and nothing lost", n, len(all))
		}
	}
	for name, s := range map[string][]byte{
		"a meeting":      stream(attribute(1, attMessageClass, []byte("IPM.Schedule.Meeting.Request\x00"))),
		"an OLE object":  stream(begin(), attribute(2, attAttachProps, props(long(propAttachMethod, methodOLE)))),
		"a huge length":  append(stream(), 1, 1, 2, 3, 4, 0xFF, 0xFF, 0xFF, 0xFF),
		"a third level":  stream(attribute(3, attBody, []byte("x"))),
		"unknown widths": stream(attribute(1, attMessageProps, props(tag(1, 0x0099)))),
		"too many":       stream(attribute(1, attMessageProps, binary.LittleEndian.AppendUint32(nil, 1<<31))),
		"too many files": stream(bytes.Repeat(begin(), maxFiles+1)),
	} {
		if m, err := Decode(s, latin); err != nil || !m.Lost {
			t.Errorf("%s: %v, %+v", name, err, m)
		}
	}
}

func TestEmbeddedIsBounded(t *testing.T) {
	t.Parallel()
	s := stream(note)
	for range 50 {
		s = stream(begin(), attribute(2, attAttachProps, props(sized(propAttachData, typeObject, append(make([]byte, sizeOfInterfaceID), s...)))))
	}
	m, err := Decode(s, latin)
	if err != nil || !m.Lost {
		t.Errorf("%v, %+v", err, m)
	}
	many := sized(propRTF, typeBinary, append([]byte{0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 'L', 'Z', 'F', 'u', 0, 0, 0, 0}, bytes.Repeat([]byte{0xFF}, 1<<20)...))
	begun := time.Now()
	m, err = Decode(stream(attribute(1, attMessageProps, props(many))), latin)
	if err != nil || len(m.RTF) > maxRTF || !m.Lost || time.Since(begun) > 5*time.Second {
		t.Errorf("%v, %d bytes of RTF, lost %v, %v", err, len(m.RTF), m.Lost, time.Since(begun))
	}
}

func TestRTF(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rtf, want string }{
		{unpacked, "hello world"},
		{`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator x;}\f0 Gr\'fc\'dfe\par\tab x\{y\}\~z}`, "Grüße\n\tx{y}\u00A0z"},
		{`{\rtf1\uc1 \u8364?\u-10179?\u-8704?\uc2\u228ae!\uc0\u246 o}`, "€😀ä!öo"},
		{`{\rtf1{\pict 0102}a{\bin4 }}}}b}c`, "abc"},
		{`{\rtf1 a{b{c`, "abc"},
		{`\\\'zz\'4\`, `\`},
		{strings.Repeat("{", 100_000) + "x" + strings.Repeat("}", 100_000) + "y", "xy"},
	} {
		if got, html := RTFText([]byte(c.rtf), latin); got != c.want || html {
			t.Errorf("%.60q: %q, want %q", c.rtf, got, c.want)
		}
	}
	const encapsulated = `{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag19 <html>}{\*\htmltag64 <p class="a">}\htmlrtf {\f1\htmlrtf0 Gr\'fc\'dfe{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 x\htmlrtf }\htmlrtf0{\*\mhtmltag64 y}{\*\htmltag72 </p>}\par}`
	got, html := RTFText([]byte(encapsulated), latin)
	if got != `<html><p class="a">Grüße&nbsp;x</p>` || !html {
		t.Errorf("%q", got)
	}
}

// FuzzDecode: any bytes yield an error or a bounded message.
func FuzzDecode(f *testing.F) {
	f.Add(whole())
	f.Add(stream(attribute(1, attMessageProps, props(sized(propRTF, typeBinary, packed)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data, latin)
		if err != nil {
			return
		}
		files, bytes := weigh(m)
		if files > maxFiles || bytes > len(data)*(maxDepth+1) {
			t.Errorf("%d bytes became %d files of %d bytes", len(data), files, bytes)
		}
		if text, _ := RTFText(m.RTF, latin); len(text) > 4*maxRTF {
			t.Errorf("%d bytes of text", len(text))
		}
	})
}

func weigh(m *Message) (files, bytes int) {
	for _, f := range m.Files {
		files++
		bytes += len(f.Data)
		if f.Message != nil {
			n, b := weigh(f.Message)
			files, bytes = files+n, bytes+b
		}
	}
	return files, bytes
}

// FuzzRTF: any bytes become text.
func FuzzRTF(f *testing.F) {
	f.Add([]byte(unpacked))
	f.Add([]byte(`{\rtf1\fromhtml1{\*\htmltag64 <p>}\u8364?\'fc\bin3 xyz}`))
	f.Fuzz(func(t *testing.T, rtf []byte) {
		if text, _ := RTFText(rtf, latin); len(text) > 16*len(rtf)+16 {
			t.Errorf("%d bytes became %d", len(rtf), len(text))
		}
	})
}
