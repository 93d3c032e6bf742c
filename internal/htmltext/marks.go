package htmltext

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Element is a start tag that Marked asks about.
type Element struct{ token html.Token }

// Tag is the name of the element, in lower case.
func (e Element) Tag() string { return e.token.Data }

// Attribute is the value of an attribute, empty if it has none. Name is in lower case.
func (e Element) Attribute(name string) string { return attribute(e.token, name) }

// Mark is an element that was asked for.
type Mark struct {
	Label      int // what the caller gave it
	Start, End int // bytes of the text: what the element holds, with the white space before it; equal where it is empty
}

// maxMarks and maxOpen bound the marks of one text, and those within each other: what has more quotes than that is not
// understood any better for them.
const maxMarks, maxOpen = 4096, 64

// openMark is an element that is not closed yet.
type openMark struct {
	tag   string
	depth int // of elements with that tag, itself included
	mark  int // index in marks
}

// finish returns the text without the space around it, and the marks where they lie in that.
func (w *textWriter) finish() (string, []Mark) {
	for len(w.open) > 0 {
		w.closeMark()
	}
	whole := w.out.String()
	text := strings.TrimSpace(whole)
	lead := len(whole) - len(strings.TrimLeftFunc(whole, unicode.IsSpace))
	for i := range w.marks {
		m := &w.marks[i]
		m.Start = min(max(m.Start-lead, 0), len(text))
		m.End = min(max(m.End-lead, m.Start), len(text))
	}
	return text, w.marks
}

// mark asks about a start tag.
func (w *textWriter) mark(t html.Token, selfClosed bool) {
	if w.label == nil {
		return
	}
	if n, counted := w.depth[t.Data]; counted && !selfClosed {
		w.depth[t.Data] = n + 1
	}
	if len(w.marks) == maxMarks || len(w.open) == maxOpen {
		return
	}
	label := w.label(Element{t})
	if label == 0 {
		return
	}
	w.marks = append(w.marks, Mark{label, w.out.Len(), w.out.Len()})
	if selfClosed || t.DataAtom == atom.Hr || t.DataAtom == atom.Br || t.DataAtom == atom.Img {
		return
	}
	if w.depth[t.Data] == 0 {
		w.depth[t.Data] = 1
	}
	w.open = append(w.open, openMark{t.Data, w.depth[t.Data], len(w.marks) - 1})
}

// unmark ends the marks that an end tag closes: those of the element itself, and whatever was left open within it.
func (w *textWriter) unmark(tag string) {
	n, counted := w.depth[tag]
	if !counted || n == 0 {
		return
	}
	w.depth[tag] = n - 1
	for i := len(w.open) - 1; i >= 0; i-- {
		if o := w.open[i]; o.tag == tag {
			if o.depth < n {
				return
			}
			for len(w.open) > i {
				w.closeMark()
			}
			return
		}
	}
}

func (w *textWriter) closeMark() {
	last := w.open[len(w.open)-1]
	w.marks[last.mark].End = w.out.Len()
	w.open = w.open[:len(w.open)-1]
}
