package fulltext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a question: what is beyond them is left out, and Query.Cut says so.
const (
	MaxText  = 4096 // bytes
	MaxTerms = 24   // phrases, alternatives and exclusions together
	maxWords = 32   // tokens of one phrase
)

// Phrase is tokens that must stand side by side.
type Phrase struct {
	Words  []string
	Prefix bool // the last of them need only begin so
}

// Field is something of the form name:value.
type Field struct {
	Name, Value string
	Not         bool
	Phrase      Phrase // the same read as text
}

// Query is what somebody asks for: something of each entry of All, and nothing of None.
type Query struct {
	All    [][]Phrase
	None   []Phrase
	Fields []Field
	Cut    bool // there was more than the bounds allow
}

// Parse reads what somebody typed. It understands everything somehow:
//
//	lamp broken          both words
//	"broken lamp"        side by side
//	lam*                 words that begin so
//	-lamp, NOT lamp      without it
//	lamp OR torch        one of them
//	status:open          a field, if known says that there is one of the name; otherwise it is text
//
// Quotation marks that are not closed reach to the end, operators without anything to work on are nothing, and other
// punctuation parts words as it does in texts. Names of fields are in lower case.
func Parse(text string, known func(name string) bool) Query {
	p := parser{known: known}
	if len(text) > MaxText {
		p.q.Cut = true
		text = strings.ToValidUTF8(text[:MaxText], "")
	}
	p.rest = text
	for p.next() {
	}
	return p.q
}

type parser struct {
	q     Query
	rest  string
	known func(string) bool
	terms int
	not   bool // NOT stands before
	or    bool // OR stands before, and something positive before that
	alt   bool // the last entry of All may get an alternative
}

// quotes are the pairs of quotation marks.
var quotes = map[rune]string{'"': `"`, '“': "”\"", '„': "“”\"", '«': "»", '»': "«", '「': "」"}

// next reads one term, and reports whether there may be more.
func (p *parser) next() bool {
	p.rest = strings.TrimLeftFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || r == 0 })
	if p.rest == "" {
		return false
	}
	not := p.not
	for strings.HasPrefix(p.rest, "-") {
		not, p.rest = true, p.rest[1:]
	}
	r, _ := utf8.DecodeRuneInString(p.rest)
	switch closing, quoted := quotes[r]; {
	case p.rest == "" || unicode.IsSpace(r): // a lone minus
		return true
	case quoted:
		p.add(p.phrase(p.quoted(closing)), not)
		return true
	}
	raw := p.word()
	if !not && p.operator(raw) {
		return true
	}
	name, value, isField := strings.Cut(raw, ":")
	name = strings.ToLower(name)
	if !isField || !p.known(name) {
		p.add(p.phrase(raw), not)
		return true
	}
	if r, _ := utf8.DecodeRuneInString(p.rest); value == "" && quotes[r] != "" {
		value = p.quoted(quotes[r])
	}
	p.field(name, value, not)
	return true
}

// word takes what reaches to the next blank or quotation mark.
func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
	if end < 0 {
		end = len(p.rest)
	}
	raw := p.rest[:end]
	p.rest = p.rest[end:]
	return raw
}

// quoted takes what stands between quotation marks, the first of which is next.
func (p *parser) quoted(closing string) string {
	_, size := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[size:]
	end := strings.IndexAny(p.rest, closing)
	if end < 0 {
		end = len(p.rest)
	}
	text := p.rest[:end]
	_, size = utf8.DecodeRuneInString(p.rest[end:])
	p.rest = p.rest[end+size:]
	if strings.HasPrefix(p.rest, "*") {
		text, p.rest = text+"*", p.rest[1:]
	}
	return text
}

// operator takes a word that joins others.
func (p *parser) operator(raw string) bool {
	switch raw {
	case "AND", "&", "&&", "+":
	case "OR", "|", "||":
		p.or = p.alt
	case "NOT", "!":
		p.not = true
	default:
		return false
	}
	return true
}

func (p *parser) field(name, value string, not bool) {
	p.not, p.or, p.alt = false, false, false
	phrase := p.phrase(name + " " + value)
	if strings.TrimSpace(value) == "" {
		p.add(phrase, not)
		return
	}
	if p.full() {
		return
	}
	p.q.Fields = append(p.q.Fields, Field{Name: name, Value: value, Not: not, Phrase: phrase})
}

// full counts a term, and reports whether it is one too many.
func (p *parser) full() bool {
	if p.terms++; p.terms > MaxTerms {
		p.q.Cut = true
		return true
	}
	return false
}

func (p *parser) phrase(text string) Phrase {
	phrase, whole := PhraseOf(text)
	p.q.Cut = p.q.Cut || !whole
	return phrase
}

func (p *parser) add(phrase Phrase, not bool) {
	or := p.or
	p.not, p.or = false, false
	if len(phrase.Words) == 0 || p.full() {
		return
	}
	switch {
	case not:
		p.q.None = append(p.q.None, phrase)
		p.alt = false
	case or:
		last := len(p.q.All) - 1
		p.q.All[last] = append(p.q.All[last], phrase)
	default:
		p.q.All = append(p.q.All, []Phrase{phrase})
		p.alt = true
	}
}

// minPrefix is how many letters the beginning of a word must have to stand for more than itself: fewer begin half of
// everything.
const minPrefix = 3

// PhraseOf reads a text as one phrase, and reports whether it was short enough. It has no words if the text has none. A
// star behind the last word makes it a prefix, if it has three letters at least.
func PhraseOf(text string) (p Phrase, whole bool) {
	tokens := Tokens(text)
	if whole = len(tokens) <= maxWords; !whole {
		tokens = tokens[:maxWords]
	}
	last := len(tokens) - 1
	for i, t := range tokens {
		if i == last && t.Tail && i > 0 {
			break // in a text it may go on; what stands before says enough
		}
		if t.Tail && last == 0 { // one letter, without its marks
			_, size := utf8.DecodeRuneInString(t.Text)
			t.Text = t.Text[:size]
		}
		p.Words = append(p.Words, t.Text)
	}
	if last >= 0 && whole && strings.HasPrefix(text[tokens[last].End:], "*") {
		word := tokens[last].Text
		p.Prefix = !tokens[last].Tail && utf8.RuneCountInString(word) >= minPrefix
	}
	return p, whole
}
