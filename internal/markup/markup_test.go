package markup_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/markup"
)

func TestStrip(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                 "",
		"plain text, 3 > 2":                "plain text, 3 > 2",
		"<p>a<b>b</b></p>":                 "|a|b||",
		"Tom &amp; Ann &lt;b&gt; &#49;":    "Tom & Ann <b> 1",
		"a < b":                            "a < b",
		"broken <a href='x":                "broken <a href='x",
		"<!-- note -->x":                   "|x",
		"<style>p{}</style><p>text</p>":    "|p{}||text|",
		"an entity &nosuch; &#x110000000;": "an entity &nosuch; \uFFFD",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if got := markup.Strip(in, "|"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func FuzzStrip(f *testing.F) {
	f.Add("<p>a &amp; b</p>")
	f.Add("<<>>&#60;x")
	f.Fuzz(func(t *testing.T, in string) {
		if !strings.ContainsAny(in, "<&") && markup.Strip(in, " ") != in {
			t.Errorf("%q has no markup, and came out otherwise", in)
		}
		if len(markup.Strip(in, "")) > 3*len(in) { // an entity is never much longer than what writes it
			t.Errorf("%q grew", in)
		}
	})
}
