package replytext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// hints are what mark-up says of a text, as places in it.
type hints struct {
	quotes     []span // quoted, ascending and apart
	cited      []span // quoted by a mail program, which leaves no doubt; some of quotes
	own        []span // quoted by the writer's own hand; some of quotes
	announced  []span // lines that announce a quote
	signatures []span
	tails      []int // here begins a mail that is quoted to the end
}

type span struct{ start, end int }

// state is what a line was found to be.
type state uint8

const (
	fresh      state = iota // new
	quote                   // quoted, with a mark at each line
	announcing              // announces the quote below it
	signature
	dropped // quoted, with all that follows
)

// line is one line of the text.
type line struct {
	start, end int    // bytes of the text, the line end not included
	next       int    // start of the next line
	says       string // without marks of quotation, direction and emphasis, blanks made plain
	low        string // says in lower case
	depth      int    // of quotation
	state      state
	folded     bool
	cited, own bool // as in hints
	tail       bool
	marker     bool
	from       int // where in the line the fold begins; start, unless it shares the line with something new
}

func (l *line) blank() bool { return l.says == "" }

// page is a text being read.
type page struct {
	text   string
	lines  []line
	more   bool // there is text beyond the limit
	effort int  // bytes that may still be looked at closely
	cut    int  // index of the line at which the quoted rest begins; len(lines) if there is none
}

func newPage(text string, h hints) *page {
	p := &page{text: text, effort: limit}
	for at, left := 0, limit; at < len(text); {
		if left <= 0 {
			p.more = true
			break
		}
		l := line{start: at, end: len(text), next: len(text)}
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			l.end, l.next = at+i, at+i+1
		}
		l.from = l.start
		l.read(text[l.start:min(l.end, l.start+lineLimit)])
		left -= lineCost + min(l.next-l.start, lineLimit)
		at = l.next
		p.lines = append(p.lines, l)
	}
	p.cut = len(p.lines)
	p.apply(h)
	return p
}

// apply writes the hints on the lines.
func (p *page) apply(h hints) {
	p.each(h.quotes, func(l *line) { l.depth++ })
	p.each(h.cited, func(l *line) { l.cited = true })
	p.each(h.own, func(l *line) { l.own = true })
	p.each(h.announced, func(l *line) { l.state, l.cited = announcing, true })
	p.each(h.signatures, func(l *line) { l.state = signature })
	i := 0
	for _, at := range h.tails {
		for i < len(p.lines) && (p.lines[i].end <= at || p.lines[i].blank()) {
			i++
		}
		if i < len(p.lines) {
			p.lines[i].tail = true
		}
	}
	for i := range p.lines {
		if l := &p.lines[i]; l.depth > 0 {
			l.state = quote
		}
	}
}

// each calls fn for the lines that begin within one of the spans, which ascend.
func (p *page) each(spans []span, fn func(*line)) {
	i := 0
	for _, s := range spans {
		for i < len(p.lines) && p.lines[i].end <= s.start {
			i++
		}
		for i < len(p.lines) && p.lines[i].start < s.end {
			if !p.lines[i].blank() {
				fn(&p.lines[i])
			}
			i++
		}
	}
}

// read takes a line apart.
func (l *line) read(s string) {
	s = plain(s)
	rest, depth := unquoted(s)
	l.depth = depth
	l.says = strings.TrimSpace(rest)
	l.low = strings.ToLower(l.says)
}

// unquoted strips the marks of quotation (RFC 3676, 4.5) and counts them. They may stand a little to the right, and may
// have blanks between them.
func unquoted(s string) (rest string, depth int) {
	rest = strings.TrimLeft(s, " \t")
	if len(s)-len(rest) > 4 {
		return rest, 0
	}
	for {
		switch {
		case strings.HasPrefix(rest, ">"):
			rest = rest[1:]
		case strings.HasPrefix(rest, "＞"):
			rest = rest[len("＞"):]
		default:
			return rest, depth
		}
		depth++
		rest = strings.TrimLeft(rest, " \t")
	}
}

// plain makes every blank a space, and leaves out what has no shape: marks of direction, joiners, fillers.
func plain(s string) string {
	if ascii(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xFEFF, r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069:
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// nextLine is the first line from i on that is not blank, or the number of lines.
func (p *page) nextLine(i int) int {
	for i < len(p.lines) && p.lines[i].blank() {
		i++
	}
	return i
}

// continues reports whether l belongs to the fold that f is in.
func (l *line) continues(f *line) bool {
	return l.folded && l.from == l.start && (l.state == signature) == (f.state == signature)
}

// folds are the ranges of what was folded. A fold takes the blank lines below it along.
func (p *page) folds() []ticket.Fold {
	var out []ticket.Fold
	for i := 0; i < len(p.lines); i++ {
		l := &p.lines[i]
		if !l.folded || l.blank() && l.state != quote && l.state != dropped {
			continue
		}
		f := ticket.Fold{Kind: ticket.FoldQuoted, Start: l.from, End: l.next}
		if l.state == signature {
			f.Kind = ticket.FoldSignature
		}
		k := i + 1
		for k < len(p.lines) && (p.lines[k].blank() || p.lines[k].continues(l)) {
			k++
		}
		f.End = p.lines[k-1].next
		if k == len(p.lines) && (!p.more || p.cut < len(p.lines)) {
			f.End = len(p.text)
		}
		if n := len(out); n > 0 && out[n-1].Kind == f.Kind && out[n-1].End == f.Start {
			out[n-1].End = f.End
		} else {
			out = append(out, f)
		}
		i = k - 1
	}
	return out
}
