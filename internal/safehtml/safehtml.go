// Package safehtml makes HTML that strangers wrote safe to show inside a page.
//
// Three passes, none of which trusts another: [balancer] writes the known elements
// of a token stream so that they nest as HTML wants it, bluemonday drops whatever
// it does not know by its own list, and a parsed tree is checked again before it is
// rendered. This is repeated until nothing changes, so that what comes out is what
// a parser makes of it, which leaves nothing to be read in another way than it was
// checked.
package safehtml

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Options say what else may be shown. The zero value shows nothing that is remote.
type Options struct {
	// Part returns the URL of the part of the mail with a Content-ID, or "" if there is none.
	Part func(contentID string) string
	// RemoteImages leaves the pictures in that http and https URLs name.
	RemoteImages bool
	// NewWindow opens links in a new window or tab.
	NewWindow bool
}

// Result is HTML that is safe between the tags of an element of a page.
type Result struct {
	HTML    string
	Blocked int  // remote pictures that were left out
	Cut     bool // the source was over the limit of size
}

const (
	maxSource = 4 << 20 // bytes of HTML that are looked at
	maxRounds = 6       // until nothing changes; two are usual
)

// Sanitize makes source safe. It never fails: what does not settle is shown as its
// text. Time and memory are linear in the size of the source, of which only the
// first 4 MB are looked at.
func Sanitize(source string, o Options) Result {
	var r Result
	if source == "" { // what reads HTML is no small thing
		return r
	}
	if r.Cut = len(source) > maxSource; r.Cut {
		source = source[:maxSource]
		if open := strings.LastIndexByte(source, '<'); open > strings.LastIndexByte(source, '>') {
			source = source[:open]
		}
	}
	source = strings.ReplaceAll(strings.ToValidUTF8(source, "\uFFFD"), "\x00", "")
	nodes := settled(source)
	f := finisher{o: o}
	for _, n := range nodes {
		f.finish(n)
	}
	r.HTML, r.Blocked = render(nodes), f.blocked
	return r
}

// settled cleans source until nothing changes, and returns its tree.
func settled(source string) []*html.Node {
	for range maxRounds {
		nodes, err := parse(policy().Sanitize(balance(source)))
		if err != nil {
			break
		}
		nodes = check(nodes)
		clean := render(nodes)
		if clean == source {
			return nodes
		}
		source = clean
	}
	var text strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind == html.TextToken {
			text.WriteString(z.Token().Data)
		}
	}
	return []*html.Node{{Type: html.TextNode, Data: text.String()}}
}

func parse(s string) ([]*html.Node, error) {
	return html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
}

func render(nodes []*html.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		if err := html.Render(&b, n); err != nil {
			return "" // no writer that fails, and no tree that cannot be rendered
		}
	}
	return b.String()
}

// check takes out of the trees what is not on the list: elements give way to what
// they hold.
func check(nodes []*html.Node) []*html.Node {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	checkChildren(root)
	var clean []*html.Node
	for c := root.FirstChild; c != nil; c = root.FirstChild {
		root.RemoveChild(c)
		clean = append(clean, c)
	}
	return clean
}

// checkChildren recurses no deeper than the parser nests, which is 512.
func checkChildren(parent *html.Node) {
	for c := parent.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.TextNode:
		case c.Type == html.ElementNode && c.Namespace == "" && allowed(c.Data):
			c.Attr = safeAttributes(c.Data, c.Attr)
			checkChildren(c)
		default:
			checkChildren(c)
			for inner := c.FirstChild; inner != nil; inner = c.FirstChild {
				c.RemoveChild(inner)
				parent.InsertBefore(inner, c)
			}
			parent.RemoveChild(c)
		}
		c = next
	}
}

// finisher makes of checked elements what the page may show.
type finisher struct {
	o       Options
	blocked int
}

func (f *finisher) finish(n *html.Node) {
	switch n.DataAtom {
	case atom.A:
		if value(n, "href") != "" {
			n.Attr = append(n.Attr, html.Attribute{Key: "rel", Val: "noopener noreferrer nofollow"})
			if f.o.NewWindow {
				n.Attr = append(n.Attr, html.Attribute{Key: "target", Val: "_blank"})
			}
		}
	case atom.Img:
		f.image(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		f.finish(c)
	}
}

// image resolves the source of a picture, or takes it away and leaves the text in
// its place.
func (f *finisher) image(n *html.Node) {
	source := value(n, "src")
	id, part := strings.CutPrefix(source, "cid:")
	remote := strings.HasPrefix(source, "http")
	switch {
	case part && f.o.Part != nil:
		source = f.o.Part(contentID(id))
	case part:
		source = ""
	case remote && !f.o.RemoteImages:
		source = ""
		f.blocked++
	}
	var attrs []html.Attribute
	alt := false
	for _, a := range n.Attr {
		alt = alt || a.Key == "alt"
		if a.Key != "src" {
			attrs = append(attrs, a)
		}
	}
	if !alt {
		attrs = append(attrs, html.Attribute{Key: "alt"})
	}
	if source != "" {
		attrs = append([]html.Attribute{{Key: "src", Val: source}}, attrs...)
		if remote {
			attrs = append(attrs, html.Attribute{Key: "referrerpolicy", Val: "no-referrer"})
		}
	}
	n.Attr = attrs
}

func value(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
