package fulltext

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func tokens(text string) string {
	var out []string
	for _, t := range Tokens(text) {
		out = append(out, t.Text)
	}
	return strings.Join(out, " ")
}

func TestFold(t *testing.T) {
	t.Parallel()
	for what, same := range map[string][]string{
		"Turkish":    {"istanbul", "İSTANBUL", "ISTANBUL", "ıstanbul", "İstanbul", "I\u0307stanbul"},
		"German":     {"strasse", "Straße", "STRASSE", "STRAẞE"},
		"umlauts":    {"jurgen", "Jürgen", "JÜRGEN", "Ju\u0308rgen"},
		"ligatures":  {"office", "oﬃce", "OFFICE"},
		"Nordic":     {"aero thordr", "Ærø Þórðr", "ÆRØ   ÞÓRÐR "},
		"Polish":     {"lodz", "Łódź", "ŁÓDŹ"},
		"Vietnamese": {"duong", "Đường", "đường"},
		"Russian":    {"ещё", "еще", "ЕЩЁ", "ЕЩЕ\u0308"},
		"Greek":      {"οδος", "ὁδός", "ΟΔΟΣ", "οδοσ"},
		"width":      {"abc123", "ＡＢＣ１２３", "ａｂｃ１２３"},
		"kana":       {"ガギグ", "ｶﾞｷﾞｸﾞ", "カ\u3099キ\u3099ク\u3099"},
		"Hangul":     {"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
		"Arabic":     {"احمد", "أحمد", "أَحْمَد"},
		"digits":     {"123", "١٢٣", "１２３", "१२३"},
		"invisible":  {"lampe", "lam\u00adpe", "lam\u200bpe"},
		"blanks":     {"a b", " A \t B "},
	} {
		for _, s := range same {
			if got := Fold(s); got != Fold(same[0]) {
				t.Errorf("X12 %s: %q folds to %q, %q to %q", what, s, got, same[0], Fold(same[0]))
			}
			if got, again := Fold(s), Fold(Fold(s)); got != again {
				t.Errorf("X12 %s: %q folds to %q, and that to %q", what, s, got, again)
			}
		}
	}
	for _, apart := range [][2]string{{"мой", "мои"}, {"は", "ば"}, {"ハ", "パ"}, {"か", "が"}, {"a", "b"}} {
		if Fold(apart[0]) == Fold(apart[1]) {
			t.Errorf("X12 %q and %q are not the same word", apart[0], apart[1])
		}
	}
	for _, s := range []string{"мой", "パリ", "Łódź ŷ ǻ", "ὁδός", "한글", "şğı", "їжак ўсё"} {
		if a, b := Fold(norm.NFC.String(s)), Fold(norm.NFD.String(s)); a != b {
			t.Errorf("X12 %q folds to %q, and written in parts to %q", s, a, b)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		" .,;- ":                       "",
		"The lamp, broken!":            "the lamp broken",
		"ABC-123456":                   "abc 123456",
		"ann.b@example.com":            "ann b example com",
		"Rechnung_2026-03 (1).pdf":     "rechnung 2026 03 1 pdf",
		"don't":                        "don t",
		"C++ & C#":                     "c c",
		"日本語":                          "日本 本語 語",
		"日":                            "日",
		"日本 語":                         "日本 本 語",
		"iPhone修理する":                   "iphone 修理 理す する る",
		"ﾊﾟﾝ":                          "パン ン",
		"ก็ดี":                         "ก็ดี ดี",
		"한국어":                          "한국 국어 어",
		"привет, мир":                  "привет мир",
		"a\x00b\xffc":                  "a b c",
		"½ ①":                          "½ 1",
		"नमस्ते दुनिया":                "नमस्ते दुनिया",
		strings.Repeat("x", 100) + "y": strings.Repeat("x", 64),
	} {
		if got := tokens(text); got != want {
			t.Errorf("X12 the tokens of %q are %q, want %q", text, got, want)
		}
	}
	w := Writer{Limit: 12}
	if w.Add("lamp 日本語 broken") || w.String() != "lamp 日本 日 " {
		t.Errorf("X12 a full writer has %q", w.String())
	}
	w = Writer{Limit: 100}
	if !w.Add("日本") || !w.Add("b 語") || w.String() != "日本 本 b 語 日 本 語 " || w.String() != "日本 本 b 語 日 本 語 " {
		t.Errorf("X12 a writer has %q", w.String())
	}
}

// written is a question as Parse read it.
func written(q Query) string {
	var parts []string
	one := func(p Phrase) string {
		text := strings.Join(p.Words, "+")
		if p.Prefix {
			text += "*"
		}
		return text
	}
	for _, entry := range q.All {
		var list []string
		for _, p := range entry {
			list = append(list, one(p))
		}
		parts = append(parts, strings.Join(list, "|"))
	}
	for _, p := range q.None {
		parts = append(parts, "-"+one(p))
	}
	for _, f := range q.Fields {
		parts = append(parts, fmt.Sprintf("%s=%s,%t", f.Name, f.Value, f.Not))
	}
	if q.Cut {
		parts = append(parts, "cut")
	}
	return strings.Join(parts, " ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	known := func(name string) bool { return name == "status" || name == "tag" }
	for text, want := range map[string]string{
		"":                          "",
		" \x00 ":                    "",
		"lamp broken":               "lamp broken",
		`"broken lamp" x`:           "broken+lamp x",
		`"broken lamp`:              "broken+lamp",
		`broken" lamp"`:             "broken lamp",
		`""`:                        "",
		`"`:                         "",
		`" " "`:                     "",
		"„kaputte Lampe“ x":         "kaputte+lampe x",
		"«a b» “c d” 「日本」":          "a+b c+d 日本",
		"lam*":                      "lam*",
		"la*":                       "la",
		"*":                         "",
		"*lam*":                     "lam*",
		"lam**":                     "lam*",
		`"broken lam"*`:             "broken+lam*",
		`"broken lam*"`:             "broken+lam*",
		"ABC-1234*":                 "abc+1234*",
		"-lamp x":                   "x -lamp",
		"--lamp":                    "-lamp",
		"- lamp":                    "lamp",
		"-":                         "",
		"-\"a b\"":                  "-a+b",
		"NOT lamp x":                "x -lamp",
		"NOT":                       "",
		"x NOT":                     "x",
		"lamp AND broken":           "lamp broken",
		"and or not":                "and or not",
		"a OR b":                    "a|b",
		"a OR b OR c d":             "a|b|c d",
		"a OR -b c":                 "a c -b",
		"OR":                        "",
		"OR a":                      "a",
		"a OR":                      "a",
		"a OR OR b":                 "a|b",
		"a | b":                     "a|b",
		"x-ray":                     "x+ray",
		"ann@example.com":           "ann+example+com",
		"status:open lamp":          "lamp status=open,false",
		"STATUS:Open":               "status=Open,false",
		`status:"on hold" x`:        "x status=on hold,false",
		`status:"on hold`:           "status=on hold,false",
		"-status:open":              "status=open,true",
		"NOT tag:vip":               "tag=vip,true",
		"status:":                   "status",
		"status: open":              "status open",
		"http://example.com":        "http+example+com",
		"12:30":                     "12+30",
		":":                         "",
		"a:b:c status:d:e":          "a+b+c status=d:e,false",
		"tag:a tag:b":               "tag=a,false tag=b,false",
		"日":                         "日",
		"修理*":                       "修理",
		"日本語":                       "日本+本語",
		"iPhone修":                   "iphone",
		"修理iPhone":                  "修理+理+iphone",
		"(lamp) [broken] {x} ^y ~z": "lamp broken x y z",
		"lamp; DROP TABLE x; --":    "lamp drop table x",
	} {
		if got := written(Parse(text, known)); got != want {
			t.Errorf("X12 %q is read as %q, want %q", text, got, want)
		}
	}
	if q := Parse(strings.Repeat("w ", 30), known); len(q.All) != MaxTerms || !q.Cut {
		t.Errorf("X12 of 30 terms %d are kept, cut: %t", len(q.All), q.Cut)
	}
	if q := Parse(strings.Repeat("日", 1<<20), known); len(q.All) != 1 || len(q.All[0][0].Words) != maxWords || !q.Cut {
		t.Errorf("X12 a megabyte is read as %d terms, cut: %t", len(q.All), q.Cut)
	}
}

// marked writes what was found between brackets.
func marked(text string, found []Range) string {
	var b strings.Builder
	at := 0
	for _, r := range found {
		b.WriteString(text[at:r.Start] + "[" + text[r.Start:r.End] + "]")
		at = r.End
	}
	return b.String() + text[at:]
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, ask, want string }{
		{"The lamp is broken.", "LAMP", "The [lamp] is broken."},
		{"The lamp is broken.", "lamp broken", "The [lamp] is [broken]."},
		{"The lamp is broken.", `"is broken"`, "The lamp [is broken]."},
		{"The lamp is broken.", "lam*", "The [lamp] is broken."},
		{"lamps, lamp; Lampe", "lamp", "lamps, [lamp]; Lampe"},
		{"İSTANBUL'da", "istanbul", "[İSTANBUL]'da"},
		{"Große Straße", "strasse", "Große [Straße]"},
		{"東京都の住所です", "京都", "東[京都]の住所です"},
		{"東京都の住所です", "東京都", "[東京都]の住所です"},
		{"東京都の住所です", "都", "東京[都]の住所です"},
		{"東京都の住所です", "す", "東京都の住所で[す]"},
		{"see ABC-123 and abc-123", "abc-123", "see [ABC-123] and [abc-123]"},
		{"lamp lamp", `"lamp lamp" lamp`, "[lamp lamp]"},
		{"nothing", "lamp", "nothing"},
		{"", "lamp", ""},
	} {
		var phrases []Phrase
		for _, entry := range Parse(c.ask, func(string) bool { return false }).All {
			phrases = append(phrases, entry...)
		}
		if got := marked(c.text, Find(c.text, phrases, 100)); got != c.want {
			t.Errorf("X12 %q in %q: %s, want %s", c.ask, c.text, got, c.want)
		}
	}
	lamp := []Phrase{{Words: []string{"lamp"}}}
	if got := Find(strings.Repeat("lamp ", 100), lamp, 3); len(got) != 3 {
		t.Errorf("X12 %d are found, want 3", len(got))
	}
	long := strings.Repeat("word ", 100) + "a lamp here" + strings.Repeat(" word", 100) + " lamp and lamp" + strings.Repeat(" word", 100)
	part, within := Snippet(long, Find(long, lamp, 100), 60)
	if got := marked(part, within); !strings.Contains(got, "[lamp] and [lamp]") || strings.HasPrefix(got, "ord") || len(part) > 60+2*slack {
		t.Errorf("X12 the best part is %q", got)
	}
	if part, within := Snippet("x", nil, 10); part != "" || within != nil {
		t.Errorf("X12 nothing was found, and shown is %q", part)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "The lamp", "日本語ab", "İ\u0307", "ｶﾞ", "\xff\xe6", "ก็", "a\u0301\u0301", "\u1112\u1161\u11ab", "x\u00ad", "é\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, tk := range Tokens(text) {
			if tk.Start < last || tk.End < tk.Start || tk.End > len(text) || tk.Text == "" {
				t.Fatalf("token %+v after %d in %q", tk, last, text)
			}
			last = tk.Start
			for _, r := range tk.Text {
				if r < utf8.RuneSelf && (r < '0' || r > '9') && (r < 'a' || r > 'z') || r == utf8.RuneError {
					t.Fatalf("token %q has %q", tk.Text, r)
				}
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(byteAt(text, tk.Start)) || !utf8.RuneStart(byteAt(text, tk.End))) {
				t.Fatalf("token %+v parts a character of %q", tk, text)
			}
		}
		w := Writer{Limit: 1 << 20}
		w.Add(text)
		if strings.ContainsAny(w.String(), "\x00\"*():-") {
			t.Fatalf("%q is written as %q", text, w.String())
		}
	})
}

// byteAt returns a byte, or one that begins a character at the end.
func byteAt(s string, i int) byte {
	if i == len(s) {
		return 'x'
	}
	return s[i]
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", `a "b c`, "-a OR b", "status:x -tag:\"y z\"", "NOT NOT", "日本*", "\x00\xff", "«»„“", ":::", "OR|AND&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := Parse(text, func(name string) bool { return name == "status" || name == "tag" })
		n := len(q.None) + len(q.Fields)
		check := func(p Phrase) {
			if len(p.Words) == 0 || len(p.Words) > maxWords {
				t.Fatalf("%q has a phrase of %d words", text, len(p.Words))
			}
			for _, w := range p.Words {
				if strings.ContainsAny(w, " \x00\"*") || w == "" {
					t.Fatalf("%q has the word %q", text, w)
				}
			}
		}
		for _, entry := range q.All {
			n += len(entry)
			for _, p := range entry {
				check(p)
			}
		}
		for _, p := range q.None {
			check(p)
		}
		if n > MaxTerms {
			t.Fatalf("%q has %d terms", text, n)
		}
	})
}

func FuzzHighlight(f *testing.F) {
	f.Add("The lamp is broken", "lamp", 10)
	f.Add("東京都の", "京", 1)
	f.Add("a\xffb", "b", 0)
	f.Fuzz(func(t *testing.T, text, ask string, width int) {
		var phrases []Phrase
		for _, entry := range Parse(ask, func(string) bool { return false }).All {
			phrases = append(phrases, entry...)
		}
		found := Find(text, phrases, 20)
		part, within := Snippet(text, found, width%500)
		if !strings.Contains(text, part) || (len(found) > 0) != (len(within) > 0) {
			t.Fatalf("%q of %q, %d found, %d shown", part, text, len(found), len(within))
		}
		last := 0
		for _, r := range within {
			if r.Start < last || r.End <= r.Start || r.End > len(part) {
				t.Fatalf("%+v in %q", within, part)
			}
			last = r.End
			if utf8.ValidString(text) && !utf8.ValidString(part[r.Start:r.End]) {
				t.Fatalf("%+v parts a character of %q", r, part)
			}
		}
	})
}
