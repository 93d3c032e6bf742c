package safehtml

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxDepth is how deep elements nest; deeper tags are left out, and what they hold
// stays. The parser refuses 512, and adds a few of its own.
const maxDepth = 150

// balancer writes a token stream so that every element is closed where HTML closes
// it (HTML §13.1.2.4, §13.2.6). It does so before the parser sees the mail, because
// that takes the square of time, or of memory, over some of what it has to mend.
type balancer struct {
	out     strings.Builder
	open    []string
	dropped map[string]int // start tags that were too deep, whose end tags are to come
}

// balance keeps the text and the known elements of s.
func balance(s string) string {
	b := balancer{dropped: map[string]int{}}
	skip := false // within an element that is left out with what it holds
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.closeTo(0)
			return b.out.String()
		case html.TextToken:
			if !skip {
				b.text(z.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			skip = groupOf(t.Data) == raw
			b.start(renamed(t.Data, t.Attr), t.Attr)
		case html.EndTagToken:
			name, _ := z.TagName()
			skip = false
			b.end(renamed(string(name), nil))
		}
	}
}

func (b *balancer) top() string {
	if len(b.open) == 0 {
		return ""
	}
	return b.open[len(b.open)-1]
}

// betweenCells reports whether only parts of a table may follow.
func (b *balancer) betweenCells() bool {
	switch b.top() {
	case "table", "thead", "tbody", "tfoot", "tr":
		return true
	}
	return false
}

func (b *balancer) text(s string) {
	if b.betweenCells() && strings.TrimLeft(s, " \t\r\n\f") != "" {
		b.cell()
	}
	b.out.WriteString(html.EscapeString(s))
}

// cell opens a cell for what stands in a table outside of any.
func (b *balancer) cell() {
	if b.top() == "table" {
		b.push("tbody", nil)
	}
	if b.top() != "tr" {
		b.push("tr", nil)
	}
	b.push("td", nil)
}

func (b *balancer) push(name string, attrs []html.Attribute) {
	b.write(name, attrs)
	b.open = append(b.open, name)
}

func (b *balancer) write(name string, attrs []html.Attribute) {
	t := html.Token{Type: html.StartTagToken, Data: name, Attr: attrs}
	b.out.WriteString(t.String())
}

// closeTo closes what was opened after the first n.
func (b *balancer) closeTo(n int) {
	for len(b.open) > n {
		b.out.WriteString("</" + b.top() + ">")
		b.open = b.open[:len(b.open)-1]
	}
}

func (b *balancer) start(name string, attrs []html.Attribute) {
	g := groupOf(name)
	if g == unknown || g == raw {
		return
	}
	attrs = safeAttributes(name, attrs)
	if name == "a" && len(attrs) == 0 {
		return // an anchor, to which nothing can lead
	}
	switch {
	case g == tabular:
		b.tablePart(name, attrs)
		return
	case b.betweenCells():
		b.cell()
	}
	b.imply(name, g)
	switch {
	case g == void:
		b.write(name, attrs)
	case len(b.open) >= maxDepth:
		b.dropped[name]++
	default:
		b.push(name, attrs)
	}
}

// imply closes what ends where name begins.
func (b *balancer) imply(name string, g group) {
	switch name {
	case "li":
		b.closeOne(isLineOrParagraph, "li")
	case "dd", "dt":
		b.closeOne(isLineOrParagraph, "dd", "dt")
	case "a":
		b.closeOne(func(open string) bool { return !isCell(open) }, "a")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		if len(b.top()) == 2 && b.top()[0] == 'h' {
			b.closeTo(len(b.open) - 1)
		}
	}
	if g == block || name == "hr" {
		b.closeOne(func(open string) bool { return !isCell(open) }, "p")
	}
}

// closeOne closes the innermost of the named elements, with all in it, if nothing
// stands between that may not be passed.
func (b *balancer) closeOne(pass func(open string) bool, names ...string) bool {
	for i := len(b.open) - 1; i >= 0; i-- {
		if slices.Contains(names, b.open[i]) {
			b.closeTo(i)
			return true
		}
		if !pass(b.open[i]) {
			return false
		}
	}
	return false
}

// isCell reports whether an element keeps its inside apart from all outside.
func isCell(name string) bool {
	return name == "table" || groupOf(name) == tabular
}

func isLineOrParagraph(name string) bool {
	g := groupOf(name)
	return g == inline || g == formatting || name == "p" || name == "div" || name == "address"
}

// tablePart begins a row, a cell and the like, with those around it that are missing.
func (b *balancer) tablePart(name string, attrs []html.Attribute) {
	table := len(b.open) - 1
	for table >= 0 && b.open[table] != "table" {
		table--
	}
	if table < 0 || b.dropped["table"] > 0 {
		return
	}
	inTable := func(open string) bool { return open != "table" }
	switch name {
	case "caption", "thead", "tbody", "tfoot":
		b.closeTo(table + 1)
	case "tr":
		b.closeOne(inTable, "tr")
		b.rows(table)
	default:
		if !b.closeOne(inTable, "td", "th") {
			b.closeOne(inTable, "caption")
		}
		if b.top() != "tr" {
			b.rows(table)
			b.push("tr", nil)
		}
	}
	b.push(name, attrs)
}

// rows makes rows the next thing to stand in the table at depth i.
func (b *balancer) rows(i int) {
	if len(b.open) > i+1 && (b.open[i+1] == "tbody" || b.open[i+1] == "thead" || b.open[i+1] == "tfoot") {
		b.closeTo(i + 2)
		return
	}
	b.closeTo(i + 1)
	b.push("tbody", nil)
}

func (b *balancer) end(name string) {
	if b.dropped[name] > 0 {
		b.dropped[name]--
		return
	}
	pass := func(open string) bool { return !isCell(open) }
	switch groupOf(name) {
	case formatting:
		pass = func(open string) bool { return isLineOrParagraph(open) && open != "div" && open != "address" }
	case inline:
		pass = func(open string) bool { g := groupOf(open); return g == inline || g == formatting }
	case tabular:
		pass = func(open string) bool { return open != "table" }
	case block:
		switch name {
		case "table":
			pass = func(string) bool { return true }
		case "li":
			pass = func(open string) bool { return !isCell(open) && open != "ul" && open != "ol" }
		}
	case void:
		if name == "br" { // as browsers do
			b.start("br", nil)
		}
		return
	default:
		return
	}
	b.closeOne(pass, name)
}
