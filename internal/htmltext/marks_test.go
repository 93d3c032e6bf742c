package htmltext

import (
	"strings"
	"testing"
)

func TestMarked(t *testing.T) {
	t.Parallel()
	label := func(e Element) int {
		switch {
		case e.Attribute("class") == "q":
			return 1
		case e.Tag() == "hr":
			return 2
		}
		return 0
	}
	for _, c := range []struct {
		name, html string
		want       []string // label and what the mark holds
	}{
		{"none", "<div>a</div>", nil},
		{"one", "a<div class=q>b</div>c", []string{"1 b"}},
		{"with others of its kind inside", "a<div class=q>b<div>c</div>d</div>e", []string{"1 b\nc\nd"}},
		{"within each other", "<div class=q>a<div class=q>b</div>c</div>d", []string{"1 a\nb\nc", "1 b"}},
		{"never closed", "a<div class=q>b<p>c", []string{"1 b\n\nc"}},
		{"closed by what is around it", "<div><div>x</div><span class=q>a</div>b", []string{"1 a\nb"}},
		{"without content", "a<hr>b<div class=\"q\"/>c", []string{"2 ", "1 "}},
		{"an end without a beginning", "</div>a<div class=q>b</div></div></div>c<div class=q>d</div>e", []string{"1 b", "1 d"}},
		{"space around the text", "<pre>\n\n  a <div class=q>b </div></pre>", []string{"1 b"}},
		{"nothing in it is text", "<style><div class=q></style>a", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, marks := Marked(c.html, label)
			if text != Convert(c.html) {
				t.Errorf("text is %q with marks, and %q without", text, Convert(c.html))
			}
			var got []string
			for _, m := range marks {
				got = append(got, string(rune('0'+m.Label))+" "+strings.TrimSpace(text[m.Start:m.End]))
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("many within each other", func(t *testing.T) {
		t.Parallel()
		text, marks := Marked(strings.Repeat("<div class=q>a", 10_000)+strings.Repeat("</div>", 10_000), label)
		if len(marks) != maxOpen || !strings.HasPrefix(text, "a\na") {
			t.Errorf("%d marks", len(marks))
		}
	})
}
