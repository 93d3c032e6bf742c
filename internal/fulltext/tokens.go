package fulltext

import (
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxToken is the most runes that a token has: what follows in a longer word is not looked at, in texts and questions
// alike. Such words are keys and encoded pictures, not language.
const maxToken = 64

// class is what a rune is to a word.
type class byte

const (
	apart   class = iota // parts words
	word                 // of a script with blanks
	paired               // of a script without
	joining              // a mark, of whatever it stands in
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return word
		}
		return apart
	case r < 0x250:
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == 0xad {
			return word
		}
		return apart
	case unicode.IsMark(r), 0x200b <= r && r <= 0x200d, r == 0x2060, r == 0xfeff, r == 'ﾞ', r == 'ﾟ':
		return joining
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar), r == 'ー', r == 'ｰ':
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return paired
		}
		return apart
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return word
	}
	return apart
}

// Token is one of a text. End marks the last letter of a run of pairs, which stands there once more by itself.
type Token struct {
	Text       string
	Start, End int // bytes of the text that it stands for
	Tail       bool
}

// letter is a folded rune of a run of pairs with its place in the text.
type letter struct {
	to         int // its end in folder.out
	start, end int
}

// scanner cuts a text into tokens.
type scanner struct {
	emit    func(token []byte, start, end int, tail bool) (more bool)
	f       folder
	in      class // of the run that f holds
	n       int   // runes of it
	start   int   // of it
	letters []letter
	ended   bool
}

// scan calls emit for every token until it returns false. token is good until the next call.
func scan(text string, emit func(token []byte, start, end int, tail bool) bool) {
	s := scanner{emit: emit}
	for i, r := range text {
		c := classOf(r)
		if c == joining {
			if c = s.in; c == apart {
				continue // a mark of nothing
			}
		}
		if c != s.in {
			if s.end(i); s.ended {
				return
			}
			s.in, s.start = c, i
		}
		if c == apart {
			continue
		}
		s.add(r, i, i+utf8.RuneLen(r)) // what is no UTF-8 parts words
	}
	s.end(len(text))
}

func (s *scanner) add(r rune, start, end int) {
	if s.in == word {
		if s.n++; s.n <= maxToken {
			s.f.add(r)
		}
		return
	}
	before := len(s.f.out)
	s.f.add(r)
	switch last := len(s.letters) - 1; {
	case last >= 0 && (len(s.f.out) <= before || unicode.IsMark(r)): // it became part of the letter before, or belongs to it
		s.letters[last].to, s.letters[last].end = len(s.f.out), end
	case len(s.f.out) > before:
		s.letters = append(s.letters, letter{len(s.f.out), start, end})
	}
}

// end emits what the run has.
func (s *scanner) end(at int) {
	switch {
	case s.in == word && len(s.f.out) > 0:
		s.ended = !s.emit(s.f.out, s.start, at, false)
	case s.in == paired:
		s.pairs()
	}
	s.f.reset()
	s.in, s.n, s.letters = apart, 0, s.letters[:0]
}

func (s *scanner) pairs() {
	from := 0
	for i, l := range s.letters {
		if i+1 < len(s.letters) {
			next := s.letters[i+1]
			s.ended = s.ended || !s.emit(s.f.out[from:next.to], l.start, next.end, false)
		} else {
			s.ended = s.ended || !s.emit(s.f.out[from:l.to], l.start, l.end, true)
		}
		from = l.to
	}
}

// Writer writes the tokens of texts, with a blank behind each. What is asked for as one letter of a script without
// blanks stands in no pair's place: those letters are written once more at the end.
type Writer struct {
	Limit int // bytes; what is beyond is left out

	out     []byte
	letters map[rune]bool
}

// Add writes the tokens of a text, and reports whether there was room for all of them.
func (w *Writer) Add(text string) (whole bool) {
	whole = true
	scan(text, func(token []byte, _, _ int, _ bool) bool {
		if len(w.out)+len(token) > w.Limit {
			whole = false
			return false
		}
		w.out = append(append(w.out, token...), ' ')
		if r, _ := utf8.DecodeRune(token); classOf(r) == paired {
			if w.letters == nil {
				w.letters = map[rune]bool{}
			}
			w.letters[r] = true
		}
		return true
	})
	return whole
}

// String returns what was written.
func (w *Writer) String() string {
	for _, r := range slices.Sorted(maps.Keys(w.letters)) {
		w.out = append(utf8.AppendRune(w.out, r), ' ')
	}
	w.letters = nil
	return string(w.out)
}

// Tokens lists the tokens of a text.
func Tokens(text string) []Token {
	var out []Token
	scan(text, func(token []byte, start, end int, tail bool) bool {
		out = append(out, Token{string(token), start, end, tail})
		return true
	})
	return out
}
