package safehtml

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// FuzzSanitize: whatever comes in, nothing comes out that is not on the list, the tags
// are balanced, and there is nothing left to clean.
func FuzzSanitize(f *testing.F) {
	for _, a := range attacks {
		f.Add(a.source)
	}
	for _, m := range mails {
		f.Add(m.source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, o := range []Options{{}, {RemoteImages: true, NewWindow: true}} {
			r := Sanitize(source, o)
			checkSafe(t, r.HTML, o)
			if len(r.HTML) > 40*len(source)+4096 {
				t.Errorf("%d bytes became %d", len(source), len(r.HTML))
			}
		}
	})
}

// Written here once more, so that a slip in the list of the code is seen.
var (
	safeElements = strings.Fields(`a abbr address b bdi bdo big blockquote br caption center cite code dd del dfn div dl dt em figcaption figure font
		h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr`)
	safeNames = strings.Fields(`align alt bgcolor border cellpadding cellspacing clear color colspan dir face height href hspace lang noshade nowrap
		referrerpolicy rel reversed rowspan size src start style target title type valign value vspace width`)
	safeHref = regexp.MustCompile(`^(?:https?://[^/\s]|mailto:|tel:)[^\s\x00-\x20]*$`)
	safeSrc  = regexp.MustCompile(`^(?:data:image/(?:gif|jpeg|png|webp);base64,[A-Za-z0-9+/=]+|https?://[^/\s][^\s\x00-\x20]*)$`)
	// A function, an escape, a comment, something negative, or what leaves the flow; plainStyle is taken out before.
	badStyle   = regexp.MustCompile(`(?i)[(\\<>@{}!'"]|/\*|(^|[:\s,/])-[0-9.]|(^|;)\s*(position|top|left|right|bottom|inset|z-index|transform|animation|transition|filter|content|cursor|opacity|behaviou?r|-moz-binding)\s*:`)
	plainStyle = regexp.MustCompile(`rgba?\([0-9.,%\s]*\)|'[^'"\\<>();:]*'|"[^'"\\<>();:]*"`)
)

// checkSafe reports what of HTML is not safe, or not as a parser has it.
func checkSafe(t *testing.T, out string, o Options) {
	t.Helper()
	if !utf8.ValidString(out) || strings.ContainsRune(out, 0) {
		t.Errorf("not clean UTF-8: %q", out)
	}
	nodes, err := parse(out)
	if err != nil {
		t.Fatalf("the parser refuses %q: %v", out, err)
	}
	if again := render(nodes); again != out {
		t.Errorf("not balanced:\n%q\nis read as\n%q", out, again)
	}
	if again := Sanitize(out, o); again.HTML != out || again.Blocked != 0 {
		t.Errorf("cleaned again:\n%q\nbecomes\n%q", out, again.HTML)
	}
	for _, n := range nodes {
		for d := range allNodes(n) {
			checkNode(t, d, o)
		}
	}
}

func allNodes(n *html.Node) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if !yield(n) {
			return
		}
		for d := range n.Descendants() {
			if !yield(d) {
				return
			}
		}
	}
}

func checkNode(t *testing.T, n *html.Node, o Options) {
	t.Helper()
	if n.Type == html.TextNode {
		return
	}
	if n.Type != html.ElementNode || n.Namespace != "" || !slices.Contains(safeElements, n.Data) {
		t.Errorf("a node of type %d: %s", n.Type, n.Data)
		return
	}
	for _, a := range n.Attr {
		ok := a.Namespace == "" && slices.Contains(safeNames, a.Key)
		switch a.Key {
		case "href":
			ok = n.Data == "a" && safeHref.MatchString(a.Val)
		case "src":
			ok = n.Data == "img" && safeSrc.MatchString(a.Val) && (o.RemoteImages || !strings.HasPrefix(a.Val, "http"))
		case "style":
			ok = ok && !badStyle.MatchString(plainStyle.ReplaceAllString(a.Val, "x"))
		case "target":
			ok = o.NewWindow && a.Val == "_blank"
		}
		if !ok {
			t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
		}
	}
	if n.Data == "a" && value(n, "href") != "" && value(n, "rel") != "noopener noreferrer nofollow" {
		t.Errorf("a link without rel: %v", n.Attr)
	}
}
