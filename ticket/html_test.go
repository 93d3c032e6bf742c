package ticket_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

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

		"https://a@b.example/https://c.example":         "",
		"https://a.example/" + strings.Repeat("x", 2e4): "",
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

func TestTextHTMLOfWhatLooksLikeLinks(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"http://a@", "http://", "http://a)", "https://a.example/(", ")", "h"} {
		text := "https://a.example/" + strings.Repeat(piece, 1<<20/len(piece))
		began := time.Now()
		if page := string(ticket.TextHTML(text)); html.UnescapeString(linked.ReplaceAllString(page, "")) == "" {
			t.Errorf("a text of %q shows nothing", piece)
		}
		if took := time.Since(began); took > 10*time.Second { // the square of its length took a quarter of an hour
			t.Errorf("a text of %q takes %v", piece, took)
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
