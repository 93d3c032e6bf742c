package cms

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"
	"time"
)

// der writes an element with its length.
func der(tag byte, content ...[]byte) []byte {
	all := bytes.Join(content, nil)
	n := len(all)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, all...)
	case n < 1<<16:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, all...)
	}
	return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, all...)
}

// ber writes an element without a length.
func ber(tag byte, content ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(content, nil)...), 0, 0)
}

type writer func(tag byte, content ...[]byte) []byte

// structure writes a CMS structure around a string.
func structure(w writer, kind Kind, octets []byte) []byte {
	oid := ""
	for o, k := range kinds {
		if k == kind && (oid == "" || o < oid) {
			oid = o
		}
	}
	data := der(tagOID, []byte("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"))
	encapsulated := w(tagSequence, data)
	if octets != nil {
		encapsulated = w(tagSequence, data, w(tagContext0, octets))
	}
	return w(tagSequence, der(tagOID, []byte(oid)), w(tagContext0, w(tagSequence, der(0x02, []byte{1}), w(0x31), encapsulated, w(0x31))))
}

func TestContent(t *testing.T) {
	t.Parallel()
	const text = "Content-Type: text/plain\r\n\r\nsigned"
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write([]byte(text))
	z.Close()
	pieces := ber(tagOctets|constructed, der(tagOctets, []byte(text[:10])), ber(tagOctets|constructed, der(tagOctets, []byte(text[10:]))))
	for name, c := range map[string]struct {
		data []byte
		kind Kind
		want string
	}{
		"DER":        {structure(der, Signed, der(tagOctets, []byte(text))), Signed, text},
		"BER":        {structure(ber, Signed, pieces), Signed, text},
		"long":       {structure(der, Signed, der(tagOctets, []byte(strings.Repeat(text, 10_000)))), Signed, strings.Repeat(text, 10_000)},
		"compressed": {structure(ber, Compressed, der(tagOctets, packed.Bytes())), Compressed, text},
		"alone":      {structure(der, Signed, nil), Signed, ""},
	} {
		content, err := Content(c.data, 1<<20)
		if KindOf(c.data) != c.kind || err != nil || string(content) != c.want {
			t.Errorf("%s: kind %d, %.50q, %v", name, KindOf(c.data), content, err)
		}
		for n := range min(len(c.data), 1000) - 4 { // only what follows the content may be missing
			if content, err := Content(c.data[:n], 1<<20); err == nil && string(content) != c.want {
				t.Errorf("%s cut at %d: %q", name, n, content)
			}
		}
		if _, err := Content(c.data, 5); c.want != "" && err == nil {
			t.Errorf("%s: the limit is not held", name)
		}
	}
	if kind := KindOf(structure(ber, Encrypted, nil)); kind != Encrypted {
		t.Errorf("kind %d", kind)
	}
	for _, s := range []string{"", "0", "0\x80", "%PDF-1.4", "-----BEGIN PGP MESSAGE-----", "0\x84\xFF\xFF\xFF\xFF", "\x3F\x81\x00"} {
		if KindOf([]byte(s)) != Other {
			t.Errorf("%q is something", s)
		}
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	for _, s := range [][]byte{bytes.Repeat([]byte{0x30, 0x80}, 1<<20), bytes.Repeat([]byte{0x24, 0x80}, 1<<20)} {
		if KindOf(append(structure(ber, Signed, nil)[:20], s...)) != Other {
			t.Error("a structure")
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// FuzzContent: any bytes yield an error or a bounded content.
func FuzzContent(f *testing.F) {
	f.Add(structure(der, Signed, der(tagOctets, []byte("x"))))
	f.Add(structure(ber, Compressed, ber(tagOctets|constructed, der(tagOctets, []byte("x")))))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind := KindOf(data)
		content, err := Content(data, 1000)
		if len(content) > 1000 || err == nil && kind != Signed && kind != Compressed {
			t.Errorf("kind %d, %d bytes, %v", kind, len(content), err)
		}
	})
}
