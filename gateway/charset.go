package gateway

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeCharset turns bytes in the named charset into UTF-8. It never fails: an
// unknown, wrong or missing label leads to decodeUndeclared.
func decodeCharset(label string, b []byte) string {
	label = charsetName(label)
	switch label {
	case "utf-7", "unicode-1-1-utf-7":
		return decodeUTF7(b)
	case "iso-2022-kr":
		return decodeISO2022KR(b)
	}
	enc := charsetNamed(label)
	if enc == nil {
		return decodeUndeclared(b)
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return decodeUndeclared(b)
	}
	// The label is wrong if the text breaks under it but is sound UTF-8, or if it names one of the charsets in which
	// every byte is a character: hardly any text in these is sound UTF-8 by chance.
	_, bytewise := enc.(*charmap.Charmap)
	if (bytewise || bytes.Contains(out, []byte("\uFFFD"))) && !isASCII(b) && utf8.Valid(b) {
		return string(b)
	}
	if enc == charmap.Windows1252 && foreignToWest(out) {
		if real := detectCharset(b); real != nil {
			if text, err := real.NewDecoder().Bytes(b); err == nil {
				return string(text)
			}
		}
	}
	return string(out)
}

// foreignToWest reports whether a text in a Western charset cannot be what was written: languages that use one have few
// letters beyond ASCII among the others.
func foreignToWest(text []byte) bool {
	plain, accented := 0, 0
	for _, r := range string(text[:min(len(text), detectSample)]) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			plain++
		case r > 0xA0:
			accented++
		}
	}
	return accented >= 10 && accented > 2*plain
}

// decodeUndeclared decodes bytes of which nothing reliable is known: UTF-8 if
// they are that, what the detector finds, or else Windows-1252.
func decodeUndeclared(b []byte) string {
	if bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(J")) {
		if out, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil && !bytes.Contains(out, []byte("\uFFFD")) {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return strings.TrimPrefix(string(b), "\uFEFF")
	}
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		if out, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	if mostlyUTF8(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	enc := detectCharset(b)
	if enc == nil {
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// charsetName normalises what senders write as a charset label.
func charsetName(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'<>"))
	label = strings.TrimPrefix(label, "charset=")
	label, _, _ = strings.Cut(label, ";")
	return strings.Trim(label, " \t\"'")
}

// charsetNamed finds an encoding by its label; nil where the label says nothing
// reliable, which includes ASCII and UTF-8, for these must prove valid first.
func charsetNamed(label string) encoding.Encoding {
	switch label {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "utf-8", "utf8", "x-unknown", "unknown", "unknown-8bit", "x-user-defined", "default", "8bit":
		return nil
	case "gb2312", "gbk", "cp936", "ms936", "x-gbk", "gb_2312-80", "hz-gb-2312-80":
		return simplifiedchinese.GB18030
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "ks_c_5601-1987", "ks_c_5601", "cp949", "ms949", "windows-949", "uhc", "x-windows-949":
		return korean.EUCKR
	case "utf-16", "utf16", "unicode": // big-endian without a mark (RFC 2781 §4.3)
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "big5-hkscs", "cp950", "ms950", "windows-950", "x-x-big5":
		return traditionalchinese.Big5
	case "shift-jis", "sjis", "x-sjis", "cp932", "ms932", "windows-31j", "windows-932", "ms_kanji":
		return japanese.ShiftJIS
	case "latin9", "latin-9", "latin0", "iso8859-15":
		return charmap.ISO8859_15
	case "x-euc-jp", "eucjp", "ujis":
		return japanese.EUCJP
	}
	if strings.HasPrefix(label, "iso-2022-jp") || strings.HasPrefix(label, "cp5022") || label == "csiso2022jp" {
		return japanese.ISO2022JP
	}
	return indexedCharset(label)
}

// indexedCharset asks the WHATWG and IANA registries, also under the spellings
// that senders use for code pages.
func indexedCharset(label string) encoding.Encoding {
	names := []string{label}
	for _, prefix := range []string{"cp-", "cp", "ms", "x-cp", "ibm-", "windows", "iso", "iso_"} {
		rest, ok := strings.CutPrefix(label, prefix)
		if !ok || rest == "" {
			continue
		}
		rest = strings.TrimLeft(rest, "-_ ")
		names = append(names, "windows-"+rest, "ibm"+rest, "cp"+rest, "iso-"+rest)
	}
	if rest, ok := strings.CutPrefix(label, "8859"); ok {
		names = append(names, "iso-8859"+rest)
	}
	for _, name := range names {
		if enc, err := htmlindex.Get(name); err == nil && enc != encoding.Replacement {
			return enc
		}
		if enc, err := ianaindex.IANA.Encoding(name); err == nil && enc != nil {
			return enc
		}
	}
	return nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyUTF8 reports whether b is UTF-8 with little damage, such as a character
// cut in half.
func mostlyUTF8(b []byte) bool {
	sound, broken := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			sound++
		}
		b = b[size:]
	}
	return sound >= 9*broken
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?([a-z0-9_:.-]{2,40})`)

// htmlCharset finds the charset that an HTML text declares for itself in its
// first kilobytes; empty if none.
func htmlCharset(b []byte) string {
	m := metaCharset.FindSubmatch(b[:min(len(b), 4096)])
	if m == nil {
		return ""
	}
	name := string(m[1])
	if strings.HasPrefix(strings.ToLower(name), "utf-16") { // it was readable as ASCII
		return "utf-8"
	}
	return name
}
