package placeholder

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func fixed(value string) Values { return func(string) string { return value } }

func TestWhatIsAPlaceholder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		"[ticket_code]":                       "V",
		"Dear [ticket_customer_name],":        "Dear V,",
		"[Ticket_Code]":                       "V",
		"[f_order-no.2]":                      "V",
		"[a_]":                                "V",
		"[[ticket_code]]":                     "[V]",
		"[ticket_code][ticket_code]":          "VV",
		"[x[ticket_code]":                     "[xV",
		"[sic] [1] [] [see below] [user] [":   "[sic] [1] [] [see below] [user] [",
		"[ticket code] [_code] [1_a] [-a_b]":  "[ticket code] [_code] [1_a] [-a_b]",
		"[ticket_code":                        "[ticket_code",
		"[ticket_cöde]":                       "[ticket_cöde]",
		"[" + strings.Repeat("a", 99) + "_]":  "V",
		"[" + strings.Repeat("a", 100) + "_]": "[" + strings.Repeat("a", 100) + "_]",
		`\[ticket_code]`:                      `[ticket_code]`,
		`\\[ticket_code]`:                     `\V`,
		`\\\[ticket_code]`:                    `\[ticket_code]`,
		`[a_b]\[a_b]`:                         `V[a_b]`,
		`C:\dir \n \[sic] \\`:                 `C:\dir \n \[sic] \\`,
	} {
		t.Run("M47 "+text, func(t *testing.T) {
			t.Parallel()
			for name, fill := range map[string]func(string, int, Values) (string, error){"plain": Plain, "markdown": Markdown, "html": HTML} {
				if got, err := fill(text, 1000, fixed("V")); err != nil || got != want {
					t.Errorf("%s: %q (%v), want %q", name, got, err, want)
				}
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	t.Run("M47 a placeholder is named with its line and column", func(t *testing.T) {
		t.Parallel()
		var got []string
		for p := range All("é [A_b] [sic]\n\n\\[c_d] [c_d]\r\n[e_f] [e_f]") {
			got = append(got, fmt.Sprintf("%s %d:%d", p.Name, p.Line, p.Column))
		}
		if s := strings.Join(got, ", "); s != "a_b 1:3, c_d 3:8, e_f 4:1, e_f 4:7" {
			t.Error(s)
		}
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	t.Run("M47 a value is never a placeholder, whatever it holds", func(t *testing.T) {
		t.Parallel()
		for _, fill := range []func(string, int, Values) (string, error){Plain, Markdown, HTML} {
			got, err := fill("[a_b]c_d]", 1000, func(name string) string {
				if name != "a_b" {
					t.Errorf("%q was asked for", name)
				}
				return "[c_d] [" // with the text that follows it would be one
			})
			if err != nil || strings.Contains(got, "V") {
				t.Errorf("%q (%v)", got, err)
			}
		}
	})
	t.Run("M47 each name is asked for once", func(t *testing.T) {
		t.Parallel()
		for _, fill := range []func(string, int, Values) (string, error){Plain, Markdown, HTML} {
			asked := 0
			_, err := fill("[a_b][A_B]<p>[a_b]</p>", 1000, func(string) string { asked++; return "x" })
			if err != nil || asked != 1 {
				t.Errorf("asked %d times (%v)", asked, err)
			}
		}
	})
	t.Run("M47 a text does not grow over its limit", func(t *testing.T) {
		t.Parallel()
		big := fixed(strings.Repeat("x", 1<<20))
		for _, fill := range []func(string, int, Values) (string, error){Plain, Markdown, HTML} {
			if _, err := fill(strings.Repeat("[a_b]", 10), 1<<21, big); !errors.Is(err, ErrTooLong) {
				t.Errorf("%v", err)
			}
			if _, err := fill(strings.Repeat("[a_b]", Max+1), 1<<20, fixed("x")); !errors.Is(err, ErrTooMany) {
				t.Errorf("%v", err)
			}
			if got, err := fill(strings.Repeat("[a_b]", Max), 1<<20, fixed("x")); err != nil || len(got) != Max {
				t.Errorf("%d bytes (%v)", len(got), err)
			}
			if got, err := fill("[a_b]", 1<<20, big); err != nil || len(got) != 1<<20 {
				t.Errorf("%d bytes (%v)", len(got), err)
			}
		}
	})
	t.Run("M47 a value is safe where it stands in HTML", func(t *testing.T) {
		t.Parallel()
		for fragment, want := range map[string]string{
			`<b>[a_b]</b>`:                  `<b>&lt;i&gt;&#34;&#39;&amp;</b>`,
			`<p title="[a_b]">`:             `<p title="&lt;i&gt;&#34;&#39;&amp;">`,
			`<p title=[a_b]>`:               `<p title=&lt;i&gt;&#34;&#39;&amp;>`,
			`<a href="https://x/?q=[a_b]">`: `<a href="https://x/?q=%3ci%3e%22%27%26">`,
			`1 < 2`:                         `1 < 2`,
		} {
			if got, err := HTML(fragment, 1000, fixed(`<i>"'&`)); err != nil || got != want {
				t.Errorf("%s: %s (%v), want %s", fragment, got, err, want)
			}
		}
		got, err := HTML(`<a href="[a_b]">`, 1000, fixed("javascript:alert(1)"))
		if err != nil || strings.Contains(got, "javascript") {
			t.Errorf("%s (%v)", got, err)
		}
		for _, broken := range []string{`[a_b]<p`, `<p title="[a_b]`, "[a_b]\x00{x}\x00"} {
			if got, err := HTML(broken, 1000, fixed("x")); err == nil {
				t.Errorf("%q became %q", broken, got)
			}
		}
	})
	t.Run("M47 a value means itself in Markdown", func(t *testing.T) {
		t.Parallel()
		for value, want := range map[string]string{
			"*bold* _x_ `y`":        "\\*bold\\* \\_x\\_ \\`y\\`",
			"[a](https://x)":        `\[a\](https://x)`,
			"<script>&amp;":         `\<script\>\&amp;`,
			"# head":                `\# head`,
			"- item":                `\- item`,
			"1. item":               `1\. item`,
			"12) item":              `12\) item`,
			"===":                   `\===`,
			"a - b 1.5 x@y.example": `a - b 1.5 x@y.example`,
			"  a\n\n    code\n- b":  `a code - b`,
		} {
			if got, err := Markdown("[a_b]", 1000, fixed(value)); err != nil || got != want {
				t.Errorf("%q became %q (%v), want %q", value, got, err, want)
			}
		}
	})
}

// FuzzFill has any text and any value come in: nothing panics, no result is over the limit, what comes out of a filled
// text has the markup of the text and none of the value's.
func FuzzFill(f *testing.F) {
	for _, s := range []string{"", "[ticket_code]", "Dear [ticket_customer_name], [sic]", `\[a_b] \\[a_b]`, "<a href='[a_b]' title=[a_b] onclick=\"f([a_b])\">[a_b]</a>",
		"<!-- [a_b] --><style>p{color:[a_b]}</style><script>var x = `[a_b]`</script>", "[[[[a_b]]]]", "<[a_b]>", "<textarea>[a_b]</textarea>", "\x00{index . 0}\x00"} {
		f.Add(s, "<i>\"'&[a_b]{{.}}")
	}
	const limit = 1 << 12
	f.Fuzz(func(t *testing.T, text, value string) {
		plain, err := Plain(text, limit, fixed(value))
		check(t, plain, err)
		n := 0
		for range All(text) {
			n++
		}
		if err == nil && n == 0 && len(plain) > len(text) {
			t.Errorf("%q without a placeholder grew to %q", text, plain)
		}
		markdown, err := Markdown(text, limit, fixed(value))
		check(t, markdown, err)
		neutral, err := HTML(text, limit, fixed("x"))
		check(t, neutral, err)
		filled, err2 := HTML(text, limit, fixed(value))
		check(t, filled, err2)
		if err == nil && err2 == nil && n > 0 && (strings.Count(neutral, "<") != strings.Count(filled, "<") || strings.Count(neutral, `"`) != strings.Count(filled, `"`)) {
			t.Errorf("%q with %q has other markup: %q, %q", text, value, neutral, filled)
		}
	})
}

func check(t *testing.T, s string, err error) {
	if err == nil && len(s) > 1<<12 {
		t.Errorf("%d bytes", len(s))
	}
}
