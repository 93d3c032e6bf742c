package ticket_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func ExampleTextHTML() {
	m := ticket.Message{Body: "<b>Broken</b>, see https://shop.example/orders?id=7&x=1.\nAnn"}
	fmt.Println(ticket.TextHTML(m.Body))
	// Output:
	// &lt;b&gt;Broken&lt;/b&gt;, see <a href="https://shop.example/orders?id=7&amp;x=1" rel="nofollow noopener noreferrer">https://shop.example/orders?id=7&amp;x=1</a>.<br>
	// Ann
}

var linked = regexp.MustCompile(`<a href="([^"<>]*)" rel="nofollow noopener noreferrer">`)

func TestTextHTML(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"(see https://a.example/x_(y))":  "https://a.example/x_(y)",
		"HTTPS://A.example/":             "HTTPS://A.example/",
		"<https://a.example/?q=\"x\">":   "https://a.example/?q=",
		"https://a.example/\u202egpj.sh": "https://a.example/",
		"https://a.example, and":         "https://a.example",
		"javascript:alert(1)":            "",
		"xhttp://a.example":              "",
		"http://":                        "",
		"https://bank.example@evil.test": "",
		"data:text/html,https":           "",
		"http:///etc/passwd":             "",
	} {
		got := ""
		if m := linked.FindStringSubmatch(string(ticket.TextHTML(text))); m != nil {
			got = html.UnescapeString(m[1])
		}
		if got != want {
			t.Errorf("the link in %q is %q, want %q", text, got, want)
		}
	}
}

// FuzzTextHTML holds that a page reads as the text does, and that nothing in it is a tag but links and line breaks.
func FuzzTextHTML(f *testing.F) {
	for _, s := range []string{"", "a < b", "<script>alert(1)</script>", "https://a.example/\"onmouseover=x", "a\r\nb", "http://x\x00y", "\xffhttp://x", "https://é.example/ü", "http://[::1", "'&#39;\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page := string(ticket.TextHTML(text))
		bare := linked.ReplaceAllString(page, "")
		bare = strings.ReplaceAll(strings.ReplaceAll(bare, "</a>", ""), "<br>\n", "\n")
		if strings.ContainsAny(bare, `<>"'`) {
			t.Fatalf("%q has markup of its own: %q", text, page)
		}
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", "\ufffd")
		if html.UnescapeString(bare) != want {
			t.Fatalf("%q reads %q", text, page)
		}
	})
}
