package fulltext

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// folding is what a rune beyond ASCII becomes where that is more than its lower case: see table.go.
type folding struct {
	from rune
	to   string
}

// folded returns what r becomes, in lower case and without what people leave out when they type: accents of Latin and
// Greek letters, the points of Hebrew and Arabic, the width of East Asian letters. All four letters i of Turkish are
// one, because nobody knows in which language somebody types; й of Russian stays, for it is another letter than и, and so
// do the voicing marks of Japanese.
func folded(r rune) (to string, is bool) {
	i := sort.Search(len(foldings), func(i int) bool { return foldings[i].from >= r })
	if i < len(foldings) && foldings[i].from == r {
		return foldings[i].to, true
	}
	return "", false
}

// Fold returns s folded, for comparing names: blanks around it are cut off, and inside they are single.
func Fold(s string) string {
	var f folder
	for _, r := range s {
		f.add(r)
	}
	return strings.Join(strings.Fields(string(f.out)), " ")
}

// folder collects folded runes, and composes what comes in parts: letters with marks, syllables of Hangul.
type folder struct {
	out  []byte
	last rune // the last one in out, where something may be composed with it
}

func (f *folder) reset() { f.out, f.last = f.out[:0], 0 }

func (f *folder) add(r rune) {
	switch {
	case 'A' <= r && r <= 'Z':
		f.out, f.last = append(f.out, byte(r)+'a'-'A'), 0
		return
	case r < utf8.RuneSelf:
		f.out, f.last = append(f.out, byte(r)), 0
		return
	}
	if c := compose(f.last, r); c != 0 {
		f.out = f.out[:len(f.out)-utf8.RuneLen(f.last)]
		f.put(c)
		return
	}
	to, is := folded(r)
	if !is {
		f.put(lower(r))
		return
	}
	for _, r := range to {
		if c := compose(f.last, r); c != 0 { // half-width voicing marks
			f.out = f.out[:len(f.out)-utf8.RuneLen(f.last)]
			r = c
		}
		f.put(r)
	}
}

func (f *folder) put(r rune) {
	f.out = utf8.AppendRune(f.out, r)
	f.last = r
}

// lower is the lower case of a rune that table.go says nothing of, and the digit of a decimal number in any script.
func lower(r rune) rune {
	if unicode.Is(unicode.Nd, r) {
		return '0' + digit(r)
	}
	return unicode.ToLower(r)
}

// digit is the value of a decimal digit: Unicode has each script's ten in a row.
func digit(r rune) rune {
	for _, in := range unicode.Nd.R16 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return (r - rune(in.Lo)) % 10
		}
	}
	for _, in := range unicode.Nd.R32 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return (r - rune(in.Lo)) % 10
		}
	}
	return 0
}

// The marks that make another letter of the one before them.
const (
	breve      = '\u0306'
	diaeresis  = '\u0308'
	voiced     = '\u3099'
	halfVoiced = '\u309a'
)

// compose returns the letter that a folded one and what follows it make, or 0.
func compose(last, r rune) rune {
	switch {
	case last == 0:
	case r == breve && last == 'и':
		return 'й'
	case r == breve && last == 'у':
		return 'ў'
	case r == diaeresis && last == 'і':
		return 'ї'
	case r == voiced:
		return kana(last, 1)
	case r == halfVoiced:
		return kana(last, 2)
	case 0x1161 <= r && r <= 0x1175 && 0x1100 <= last && last <= 0x1112: // Unicode, 3.12: Hangul syllable composition
		return 0xac00 + ((last-0x1100)*21+(r-0x1161))*28
	case 0x11a8 <= r && r <= 0x11c2 && 0xac00 <= last && last <= 0xd7a3 && (last-0xac00)%28 == 0:
		return last + r - 0x11a7
	}
	return 0
}

// kana returns a letter of hiragana or katakana with its voicing (1) or half-voicing (2) mark, or 0 where it has none.
func kana(r rune, mark rune) rune {
	const voiceable = "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ"
	switch {
	case mark == 1 && (r == 'う' || r == 'ウ'):
		return map[rune]rune{'う': 'ゔ', 'ウ': 'ヴ'}[r]
	case mark == 1 && strings.ContainsRune(voiceable, r):
		return r + 1
	case mark == 2 && strings.ContainsRune("はひふへほハヒフヘホ", r):
		return r + 2
	}
	return 0
}
