package safehtml

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// group is what an element is to the rules of nesting.
type group int

const (
	unknown    group = iota // left out; what it holds stays
	block                   // ends a paragraph
	inline                  // stands in a line
	formatting              // inline, and ended across a paragraph's end (HTML §13.2.4.3)
	void                    // holds nothing
	tabular                 // stands in tables alone
	raw                     // left out with what it holds
)

// groupOf is the list of elements. What mails have besides has no place in a page:
// what is fetched, run, sent, or found by its name.
func groupOf(name string) group {
	switch name {
	case "address", "blockquote", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
		"li", "ol", "p", "pre", "table", "ul":
		return block
	case "abbr", "bdi", "bdo", "cite", "del", "dfn", "ins", "kbd", "mark", "q", "samp", "span", "sub", "sup", "var":
		return inline
	case "a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u":
		return formatting
	case "br", "hr", "img", "wbr":
		return void
	case "caption", "tbody", "td", "tfoot", "th", "thead", "tr":
		return tabular
	case "script", "style", "title", "iframe", "noembed", "noframes", "noscript":
		return raw
	}
	return unknown
}

func allowed(name string) bool {
	g := groupOf(name)
	return g != unknown && g != raw
}

// renamed is the element that stands for another which would mean more to a page
// than to the mail.
func renamed(name string, attrs []html.Attribute) string {
	switch name {
	case "article", "aside", "details", "dialog", "dir", "fieldset", "footer", "form", "header", "hgroup", "legend", "main", "menu", "nav", "search", "section", "summary":
		return "div"
	case "body", "html":
		if len(attrs) > 0 { // the direction of writing, and the colours
			return "div"
		}
	case "acronym":
		return "abbr"
	case "image":
		return "img"
	case "listing", "xmp", "plaintext":
		return "pre"
	}
	return name
}

var (
	number     = regexp.MustCompile(`^[0-9]{1,4}$`)
	small      = regexp.MustCompile(`^[0-9]{1,2}$`)
	length     = regexp.MustCompile(`^(?:[0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})(?:px|%)?$`)
	signed     = regexp.MustCompile(`^-?[0-9]{1,4}$`)
	fontSize   = regexp.MustCompile(`^[+-]?[1-7]$`)
	colour     = regexp.MustCompile(`^(?:#?[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30})$`)
	word       = regexp.MustCompile(`^[a-zA-Z]{1,10}$`)
	listType   = regexp.MustCompile(`^(?:1|a|A|i|I|disc|circle|square)$`)
	direction  = regexp.MustCompile(`^(?i:ltr|rtl|auto)$`)
	language   = regexp.MustCompile(`^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8}){0,5}$`)
	fontFamily = regexp.MustCompile(`^[\p{L}\p{M}\p{N} ,'"_-]{1,200}$`)
	nothing    = regexp.MustCompile(`^[a-zA-Z]{0,10}$`)
	anything   = regexp.MustCompile(`(?s)^.*$`)
)

// attributesOf lists the attributes of an element with the form that a value must have.
// URLs and styles are judged by code of their own.
func attributesOf(name string) map[string]*regexp.Regexp {
	m := map[string]*regexp.Regexp{"dir": direction, "lang": language, "title": anything}
	add := func(form *regexp.Regexp, names ...string) {
		for _, n := range names {
			m[n] = form
		}
	}
	switch name {
	case "img":
		add(anything, "alt")
		add(length, "width", "height")
		add(small, "border", "hspace", "vspace")
		add(word, "align")
	case "table":
		add(length, "width", "height")
		add(small, "border", "cellpadding", "cellspacing")
		add(colour, "bgcolor")
		add(word, "align")
	case "caption", "div", "h1", "h2", "h3", "h4", "h5", "h6", "p":
		add(word, "align")
	case "tbody", "td", "tfoot", "th", "thead", "tr":
		add(length, "width", "height")
		add(colour, "bgcolor")
		add(word, "align", "valign")
		if name == "td" || name == "th" {
			add(number, "colspan", "rowspan")
			add(nothing, "nowrap")
		}
	case "font":
		add(colour, "color")
		add(fontFamily, "face")
		add(fontSize, "size")
	case "hr":
		add(length, "width")
		add(small, "size")
		add(colour, "color")
		add(word, "align")
		add(nothing, "noshade")
	case "br":
		add(word, "clear")
	case "li", "ol", "ul":
		add(listType, "type")
		add(signed, "start", "value")
		add(nothing, "reversed")
	}
	return m
}

// forms are the attributes of every element.
var forms = sync.OnceValue(func() map[string]map[string]*regexp.Regexp {
	all := map[string]map[string]*regexp.Regexp{}
	for _, name := range elements() {
		all[name] = attributesOf(name)
	}
	return all
})

// elements are the names of all elements that come out.
func elements() []string {
	return strings.Fields(`a abbr address b bdi bdo big blockquote br caption center cite code dd del dfn div dl dt em figcaption figure font
		h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr`)
}

// policy is the same list for bluemonday, which has its own mind about URLs.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements()...)
	p.AllowNoAttrs().OnElements(slices.DeleteFunc(elements(), func(name string) bool { return name == "a" })...)
	for name, attrs := range forms() {
		for attr, form := range attrs {
			p.AllowAttrs(attr).Matching(form).OnElements(name)
		}
	}
	p.AllowAttrs("style").Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowDataURIImages()
	return p
})

// safeAttributes keeps what is on the list, the first of each name, with sound values.
func safeAttributes(name string, attrs []html.Attribute) []html.Attribute {
	var safe []html.Attribute
	for _, a := range attrs {
		if a.Namespace != "" || slices.ContainsFunc(safe, func(s html.Attribute) bool { return s.Key == a.Key }) {
			continue
		}
		ok := false
		switch {
		case a.Key == "style":
			a.Val = safeStyle(a.Val)
			ok = a.Val != ""
		case a.Key == "href" && name == "a":
			a.Val, ok = safeLink(a.Val)
		case a.Key == "src" && name == "img":
			a.Val, ok = safeImage(a.Val)
		default:
			form := forms()[name][a.Key]
			ok = form != nil && form.MatchString(a.Val)
		}
		if ok {
			safe = append(safe, a)
		}
	}
	return safe
}
