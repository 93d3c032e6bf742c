// Package htmltext makes readable plain text of HTML, and tells where in it the elements lie that a caller asks for.
//
// It reads tokens, never a tree, so that its time is linear however the elements nest. Script, style and the like never
// become text; addresses hidden in data-cfemail are decoded. Nothing in it fails: what is no HTML is text.
package htmltext

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Convert makes readable plain text of HTML.
func Convert(source string) string {
	text, _ := Marked(source, nil)
	return text
}

// Marked is Convert, and returns the elements that label gives a number other than 0, in the order in which they begin.
// An element that is never closed ends with the text. Label may be nil. At most 4,096 elements are
// marked, and 64 within each other.
func Marked(source string, label func(Element) int) (string, []Mark) {
	if source == "" { // a tokenizer is no small thing
		return "", nil
	}
	w := textWriter{label: label, depth: map[string]int{}}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.finish()
		case html.TextToken:
			if w.hidden == 0 && w.replaced == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken:
			w.start(z.Token(), false)
		case html.SelfClosingTagToken:
			w.start(z.Token(), true)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
		}
	}
}

// textWriter gathers the text and the white space between.
type textWriter struct {
	out      strings.Builder
	newlines int  // owed before the next text
	space    bool // owed before the next text
	pre      int  // open pre elements
	hidden   int  // open elements whose content is no text
	skip     atom.Atom
	replaced int // within an element whose content was written already
	inside   atom.Atom
	lists    []int // counters of open lists; -1 for bullets

	label func(Element) int
	marks []Mark
	open  []openMark
	depth map[string]int // open elements of those tags that some mark has
}

// text writes character data, unescaped, with white space as a browser would show it.
func (w *textWriter) text(s string) {
	for line := range strings.Lines(s) {
		if w.pre > 0 {
			w.word(strings.TrimRight(line, "\r\n"))
			if strings.HasSuffix(line, "\n") {
				w.newlines++
			}
			continue
		}
		w.flow(line)
	}
}

func (w *textWriter) flow(s string) {
	for s != "" {
		end := strings.IndexFunc(s, isHTMLSpace)
		switch {
		case end == 0:
			w.space = true
			s = strings.TrimLeftFunc(s, isHTMLSpace)
		case end < 0:
			w.word(s)
			s = ""
		default:
			w.word(s[:end])
			s = s[end:]
		}
	}
}

// isHTMLSpace: a no-break space becomes a plain one, for nobody searches for it.
func isHTMLSpace(r rune) bool { return r == '\u00A0' || r < 0x80 && unicode.IsSpace(r) }

// word writes s after the white space that is owed.
func (w *textWriter) word(s string) {
	s = strings.Map(func(r rune) rune {
		if r == 0x200B || r == 0x200C || r == 0xFEFF || r == 0xAD || r < ' ' && r != '\t' {
			return -1 // fillers of newsletters
		}
		return r
	}, s)
	if s == "" {
		return
	}
	if w.out.Len() > 0 {
		switch {
		case w.newlines > 0:
			w.out.WriteString(strings.Repeat("\n", min(w.newlines, 2)))
		case w.space:
			w.out.WriteByte(' ')
		}
	}
	w.newlines, w.space = 0, false
	w.out.WriteString(s)
}

func (w *textWriter) breakLine(n int) { w.newlines = max(w.newlines, n) }

func (w *textWriter) start(t html.Token, selfClosed bool) {
	if w.hidden > 0 {
		if t.DataAtom == w.skip && !selfClosed {
			w.hidden++
		}
		return
	}
	if w.replaced > 0 {
		if t.DataAtom == w.inside && !selfClosed {
			w.replaced++
		}
		return
	}
	w.mark(t, selfClosed)
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript, atom.Object, atom.Svg, atom.Iframe, atom.Noembed:
		if !selfClosed {
			w.hidden, w.skip = 1, t.DataAtom
		}
		return
	case atom.Br:
		w.newlines++
	case atom.Hr:
		w.breakLine(1)
		w.word("---")
		w.breakLine(1)
	case atom.Img:
		w.flow(attribute(t, "alt"))
	case atom.Td, atom.Th:
		w.space = true
	case atom.Pre:
		w.pre++
	case atom.Ul, atom.Menu, atom.Ol:
		w.openList(t)
	}
	w.breakLine(breaksBefore(t.DataAtom))
	if t.DataAtom == atom.Li {
		w.item()
	}
	if address := decodeCFEmail(attribute(t, "data-cfemail")); address != "" {
		w.word(address)
		if !selfClosed {
			w.replaced, w.inside = 1, t.DataAtom
		}
	}
}

func (w *textWriter) end(tag string) {
	a := atom.Lookup([]byte(tag))
	switch {
	case w.hidden > 0:
		if a == w.skip {
			w.hidden--
		}
		return
	case w.replaced > 0:
		if a == w.inside {
			w.replaced--
		}
		return
	}
	w.unmark(tag)
	switch a {
	case atom.Pre:
		w.pre = max(w.pre-1, 0)
	case atom.Ul, atom.Menu, atom.Ol:
		w.lists = w.lists[:max(len(w.lists)-1, 0)]
	}
	w.breakLine(breaksBefore(a))
}

func (w *textWriter) openList(t html.Token) {
	if len(w.lists) > 50 {
		w.lists = w.lists[:0]
	}
	if t.DataAtom == atom.Ol {
		w.lists = append(w.lists, 0)
		return
	}
	w.lists = append(w.lists, -1)
}

// item writes the mark of a list item.
func (w *textWriter) item() {
	mark := "-"
	if n := len(w.lists); n > 0 && w.lists[n-1] >= 0 {
		w.lists[n-1]++
		mark = strconv.Itoa(w.lists[n-1]) + "."
	}
	w.word(mark)
	w.space = true
}

// breaksBefore is the number of line ends around an element: 2 for a paragraph, 1
// for any other block.
func breaksBefore(a atom.Atom) int {
	switch a {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		return 2
	case atom.Div, atom.Tr, atom.Li, atom.Dt, atom.Dd, atom.Address, atom.Article, atom.Aside, atom.Section, atom.Header,
		atom.Footer, atom.Main, atom.Nav, atom.Form, atom.Fieldset, atom.Figure, atom.Figcaption, atom.Center, atom.Body,
		atom.Caption, atom.Option, atom.Legend, atom.Summary, atom.Details:
		return 1
	}
	return 0
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// decodeCFEmail decodes an address that a content network hid from robots: the
// first byte is the key with which the others are combined. Empty if it is none.
func decodeCFEmail(s string) string {
	data, err := hex.DecodeString(s)
	if err != nil || len(data) < 4 {
		return ""
	}
	for i := range data[1:] {
		data[i+1] ^= data[0]
	}
	address := strings.Join(strings.Fields(strings.ToValidUTF8(string(data[1:]), "")), " ")
	if !strings.Contains(address, "@") {
		return ""
	}
	return address
}
