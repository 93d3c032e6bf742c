package gateway_test

import (
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// languages are texts with the charsets in which people who write them have sent them.
var languages = []struct {
	text, name string
	charsets   map[string]encoding.Encoding
}{
	{"Die Glühbirne flackert, schöne Grüße", "Jörg Müller", map[string]encoding.Encoding{"iso-8859-1": charmap.ISO8859_1, "iso-8859-15": charmap.ISO8859_15, "windows-1252": charmap.Windows1252, "cp850": charmap.CodePage850, "macintosh": charmap.Macintosh}},
	{"L’ampoule clignote à côté", "Hélène Façade", map[string]encoding.Encoding{"windows-1252": charmap.Windows1252, "utf-8": encoding.Nop}},
	{"Żarówka miga, proszę o pomoc", "Łukasz Świątek", map[string]encoding.Encoding{"iso-8859-2": charmap.ISO8859_2, "windows-1250": charmap.Windows1250, "cp852": charmap.CodePage852}},
	{"Žárovka bliká, děkuji", "Jiří Dvořák", map[string]encoding.Encoding{"iso-8859-2": charmap.ISO8859_2, "windows-1250": charmap.Windows1250}},
	{"Лампа мигает, помогите пожалуйста", "Иван Петров", map[string]encoding.Encoding{"koi8-r": charmap.KOI8R, "windows-1251": charmap.Windows1251, "iso-8859-5": charmap.ISO8859_5, "cp866": charmap.CodePage866, "x-cp1251": charmap.Windows1251}},
	{"Лампа блимає, допоможіть будь ласка їй", "Олена Їжак", map[string]encoding.Encoding{"koi8-u": charmap.KOI8U, "windows-1251": charmap.Windows1251}},
	{"Η λάμπα τρεμοπαίζει", "Γιώργος Παπαδόπουλος", map[string]encoding.Encoding{"iso-8859-7": charmap.ISO8859_7, "windows-1253": charmap.Windows1253}},
	{"Ampul titriyor, lütfen yardım edin ığşİ", "Gülşah Işık", map[string]encoding.Encoding{"iso-8859-9": charmap.ISO8859_9, "windows-1254": charmap.Windows1254}},
	{"המנורה מהבהבת", "יוסי כהן", map[string]encoding.Encoding{"iso-8859-8": charmap.ISO8859_8, "windows-1255": charmap.Windows1255, "iso-8859-8-i": charmap.ISO8859_8I}},
	{"المصباح يومض", "أحمد علي", map[string]encoding.Encoding{"iso-8859-6": charmap.ISO8859_6, "windows-1256": charmap.Windows1256}},
	{"Spuldze mirgo, lūdzu palīdziet", "Jānis Bērziņš", map[string]encoding.Encoding{"windows-1257": charmap.Windows1257, "iso-8859-13": charmap.ISO8859_13, "iso-8859-4": charmap.ISO8859_4}},
	{"หลอดไฟกะพริบ", "สมชาย", map[string]encoding.Encoding{"windows-874": charmap.Windows874, "tis-620": charmap.Windows874}},
	{"電球がちらつきます。お願いします。", "山田太郎", map[string]encoding.Encoding{"iso-2022-jp": japanese.ISO2022JP, "shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP, "windows-31j": japanese.ShiftJIS, "x-sjis": japanese.ShiftJIS}},
	{"灯泡在闪烁，请帮忙", "王小明", map[string]encoding.Encoding{"gb2312": simplifiedchinese.GBK, "gbk": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030, "hz-gb-2312": simplifiedchinese.HZGB2312, "x-gbk": simplifiedchinese.GBK}},
	{"燈泡閃爍，請協助", "陳大文", map[string]encoding.Encoding{"big5": traditionalchinese.Big5, "big5-hkscs": traditionalchinese.Big5}},
	{"전구가 깜박입니다. 도와주세요", "김철수", map[string]encoding.Encoding{"euc-kr": korean.EUCKR, "ks_c_5601-1987": korean.EUCKR, "cp949": korean.EUCKR}},
	{"Ω all of it 😀", "Zoë 🐈", map[string]encoding.Encoding{"utf-8": encoding.Nop, "UTF8": encoding.Nop, "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}},
}

// sentences makes a body long enough to look like one.
func sentences(s string) string { return s + ".\n\n" + s + "!\n" + s + "?" }

func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		for charset, enc := range l.charsets {
			encode := func(s string) string {
				out, err := enc.NewEncoder().String(s)
				if err != nil {
					t.Fatalf("%s: %v", charset, err)
				}
				return out
			}
			body := encode(strings.ReplaceAll(sentences(l.text), "\n", "\r\n"))
			var qp strings.Builder
			w := quotedprintable.NewWriter(&qp)
			w.Binary = strings.HasPrefix(charset, "utf-16")
			fmt.Fprint(w, body)
			w.Close()
			b64 := base64.StdEncoding.EncodeToString([]byte(body))
			bWord := func(s string) string {
				return "=?" + charset + "?B?" + base64.StdEncoding.EncodeToString([]byte(encode(s))) + "?="
			}
			qWord := func(s string) string {
				var b strings.Builder
				for _, c := range []byte(encode(s)) {
					fmt.Fprintf(&b, "=%02X", c)
				}
				return "=?" + strings.ToUpper(charset) + "?q?" + b.String() + "?="
			}
			ways := map[string][]string{
				"base64":           {bWord(l.text), bWord(l.name), "base64", b64},
				"quoted printable": {qWord(l.text), "\"" + qWord(l.name) + "\"", "quoted-printable", qp.String()},
			}
			if !strings.HasPrefix(charset, "utf-16") && !strings.HasPrefix(charset, "hz-") {
				ways["raw"] = []string{encode(l.text), encode(l.name), "8bit", body}
			}
			for how, x := range ways {
				t.Run(charset+" "+how+" "+l.name, func(t *testing.T) {
					t.Parallel()
					m := gateway.Read(mail("From: "+x[1]+" <ann@example.com>", "Subject: "+x[0], "MIME-Version: 1.0", "Content-Type: text/plain; charset=\""+charset+"\"", "Content-Transfer-Encoding: "+x[2], "", x[3]), received, nil)
					if m.Subject != l.text || m.From.Name != l.name || m.From.Email != "ann@example.com" || strings.TrimSpace(m.Text) != sentences(l.text) {
						t.Errorf("subject %q, name %q, text %q", m.Subject, m.From.Name, m.Text)
					}
				})
			}
		}
	}
}
