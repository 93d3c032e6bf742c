package gateway

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		label string
		enc   encoding.Encoding
		text  string
	}{
		{"ISO-8859-1", charmap.Windows1252, "Äpfel – schön"},
		{"iso-8859-15", charmap.ISO8859_15, "20 €"},
		{"latin1", charmap.Windows1252, "é"},
		{"cp-850", charmap.CodePage850, "Müßiggang"},
		{"ibm437", charmap.CodePage437, "Müßig"},
		{"cp1251", charmap.Windows1251, "Привет"},
		{"\"koi8-r\"", charmap.KOI8R, "Привет"},
		{"gb2312", simplifiedchinese.GB18030, "镕 beyond the old set"},
		{"ks_c_5601-1987", korean.EUCKR, "안녕하세요 똠"},
		{"big5", traditionalchinese.Big5, "謝謝"},
		{"iso-2022-jp-ms", japanese.ISO2022JP, "日本語"},
		{"cp932", japanese.ShiftJIS, "日本語"},
		{"utf-16", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), "Ω text"},
		{"utf8", encoding.Nop, "Ω"},
		{"us-ascii", encoding.Nop, "Ω said by a liar"},
		{"us-ascii", charmap.Windows1252, "schöne Grüße"},
		{"utf-8", charmap.Windows1252, "schöne Grüße aus Köln"},
		{"x-unknown", encoding.Nop, "Ω"},
		{"", charmap.Windows1252, "“quoted” – naïve"},
		{"charset=utf-8; x", encoding.Nop, "Ω"},
		{"iso-2022-jp", encoding.Nop, "Ω mislabelled"},
	} {
		raw, err := c.enc.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatalf("%s: %v", c.label, err)
		}
		if got := decodeCharset(c.label, raw); got != c.text {
			t.Errorf("%s: %q, want %q", c.label, got, c.text)
		}
	}
	if got := decodeCharset("utf-7", []byte("J+APw-rgen +- a+b")); got != "Jürgen + a+b" {
		t.Errorf("utf-7: %q", got)
	}
	if got := decodeCharset("iso-2022-kr", []byte("\x1b$)C\x0e>H3g\x0f!")); got != "안녕!" {
		t.Errorf("iso-2022-kr: %q", got)
	}
}

func TestDetectCharset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		enc  encoding.Encoding
		text string
	}{
		"shift_jis":                {japanese.ShiftJIS, "お世話になっております。注文した商品がまだ届いていません。"},
		"euc-jp":                   {japanese.EUCJP, "お世話になっております。注文した商品がまだ届いていません。"},
		"euc-kr":                   {korean.EUCKR, "안녕하세요. 주문한 상품이 아직 도착하지 않았습니다."},
		"big5":                     {traditionalchinese.Big5, "您好,我的訂單還沒有到,請問什麼時候可以收到?謝謝您的幫助。"},
		"gb18030":                  {simplifiedchinese.GB18030, "您好,我的订单还没有到,请问什么时候可以收到?谢谢您的帮助。"},
		"windows-1251":             {charmap.Windows1251, "Здравствуйте, мой заказ ещё не пришёл."},
		"koi8-r":                   {charmap.KOI8R, "Здравствуйте, мой заказ ещё не пришёл."},
		"windows-1252":             {charmap.Windows1252, "Ça coûte où? Größe: 20 € — «très bien», señor Ångström"},
		"windows-1252 in capitals": {charmap.Windows1252, "GRÖSSE ÄPFEL ÜBUNG STRAßE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := c.enc.NewEncoder().Bytes([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := decodeUndeclared(raw); got != c.text {
				t.Errorf("got %q", got)
			}
		})
	}
	if got := decodeUndeclared([]byte("half a character: caf\xc3")); got != "half a character: cafÃ" {
		t.Errorf("one broken byte: %q", got)
	}
}
