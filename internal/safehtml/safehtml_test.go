package safehtml

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestAttacks(t *testing.T) {
	t.Parallel()
	if len(attacks) < 100 {
		t.Errorf("only %d attacks", len(attacks))
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []string{a.source, a.source + `<p>after</p>`, `<table><tr><td>` + a.source, `<p title='` + a.source, `<b><a href=x>` + a.source + `</table>`} {
				for _, o := range []Options{{}, {NewWindow: true}} {
					r := Sanitize(source, o)
					checkSafe(t, r.HTML, o)
					if strings.Contains(r.HTML, "leak") && !strings.Contains(source, "title='") {
						t.Errorf("a URL is left in %s", r.HTML)
					}
				}
			}
		})
	}
}

const pixel = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="

// mails are what is to come out as it went in, more or less.
var mails = []struct{ name, source, want string }{
	{"plain text", `a < b && c`, `a &lt; b &amp;&amp; c`},
	{"words", `<p>Hello <b>Ann</b>,<br>see <i>below</i>.</p>`, `<p>Hello <b>Ann</b>,<br/>see <i>below</i>.</p>`},
	{"link", `<a href="HTTPS://x.example/a b?c=d&e=100%" class=x id=y>x</a>`,
		`<a href="https://x.example/a%20b?c=d&amp;e=100%25" rel="noopener noreferrer nofollow">x</a>`},
	{"mail and phone", `<a href="mailto:a@x.example">m</a><a href=tel:+4912>t</a>`,
		`<a href="mailto:a@x.example" rel="noopener noreferrer nofollow">m</a><a href="tel:+4912" rel="noopener noreferrer nofollow">t</a>`},
	{"link without a scheme", `<a href="//x.example/">x</a>`, `<a href="https://x.example/" rel="noopener noreferrer nofollow">x</a>`},
	{"anchor", `<a name=top>x</a><a href="#top">y</a>`, `xy`},
	{"links within each other", `<a href=https://x.example/1>1<a href=https://x.example/2>2</a>`,
		`<a href="https://x.example/1" rel="noopener noreferrer nofollow">1</a><a href="https://x.example/2" rel="noopener noreferrer nofollow">2</a>`},
	{"the page's own frame", `<!DOCTYPE html><html><head><title>t</title><style>p{}</style></head><body dir=rtl bgcolor="#fff"><p>שלום</p></body></html>`,
		`<div dir="rtl"><p>שלום</p></div>`},
	{"styles", `<p style="COLOR: Red !important; font: bold 12px/1.5 'Segoe UI', Arial; mso-x: y; position: absolute; margin: 0 auto; background: url(x)">x</p>`,
		`<p style="color: Red; font: bold 12px/1.5 &#39;Segoe UI&#39;, Arial; margin: 0 auto">x</p>`},
	{"Outlook", `<p class=MsoNormal><span lang=EN-US style='font-size:11.0pt;color:#1F497D;mso-fareast-language:EN-US'>Hi<o:p></o:p></span></p>`,
		`<p><span lang="EN-US" style="font-size: 11.0pt; color: #1F497D">Hi</span></p>`},
	{"paragraphs without ends", `<p>a<p>b<div>c<p>d</div>e`, `<p>a</p><p>b</p><div>c<p>d</p></div>e`},
	{"lists without ends", `<ul><li>a<li>b<ol type=a start=3><li>c</ul>d`, `<ul><li>a</li><li>b<ol type="a" start="3"><li>c</li></ol></li></ul>d`},
	{"definitions", `<dl><dt>a<dd>b<dt>c<dd>d</dl>`, `<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>`},
	{"tables without ends", `<table width="100%" border=0><tr><td>a<td colspan=2>b<tr><th>c</table>d`,
		`<table width="100%" border="0"><tbody><tr><td>a</td><td colspan="2">b</td></tr><tr><th>c</th></tr></tbody></table>d`},
	{"table in a table", `<table><tr><td><table><tr><td>a</table><td>b</table>`,
		`<table><tbody><tr><td><table><tbody><tr><td>a</td></tr></tbody></table></td><td>b</td></tr></tbody></table>`},
	{"text between cells", `<table>a<tr>b<td>c</table>`, `<table><tbody><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></tbody></table>`},
	{"cells without a table", `<tr><td>a</td><td>b</td></tr>`, `ab`},
	{"crossed", `<b>a<i>b</b>c</i>d`, `<b>a<i>b</i></b>cd`},
	{"cell that closes too much", `<div><table><tr><td>a</div></td><td>b</table>c</div>d`,
		`<div><table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>c</div>d`},
	{"end tags of nothing", `</div></p></td>a</b></br>b`, `a<br/>b`},
	{"preformatted", "<pre>\na\n  b</pre>", "<pre>a\n  b</pre>"},
	{"preformatted with a blank line", "<pre>\n\na</pre>", "<pre>\n\na</pre>"},
	{"quotes", `<blockquote type=cite style="border-left:1px solid #ccc;padding-left:1ex">x</blockquote>`,
		`<blockquote style="border-left: 1px solid #ccc; padding-left: 1ex">x</blockquote>`},
	{"section", `<main><section><h1>a</h1></section></main>`, `<div><div><h1>a</h1></div></div>`},
	{"form", `<form action=x>a<input value=b><select><option>c</select><button>d</button></form>`, `<div>acd</div>`},
	{"conditional comment", `<!--[if mso]><p>outlook</p><![endif]-->a<![if !mso]>b<![endif]>`, `ab`},
	{"embedded picture", `<img src="data:image/gif;base64,` + pixel + `" width=1>`, `<img src="data:image/gif;base64,` + pixel + `" width="1" alt=""/>`},
	{"text of what cannot be shown", `<object data=x>a</object><video src=x>b</video><svg><text>c</text></svg>`, `abc`},
}

func TestMails(t *testing.T) {
	t.Parallel()
	for _, m := range mails {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := Sanitize(m.source, Options{})
			checkSafe(t, r.HTML, Options{})
			if r.HTML != m.want || r.Blocked != 0 || r.Cut {
				t.Errorf("%+v\nwant %s", r, m.want)
			}
		})
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	const source = `<img src="cid:logo@x" alt=logo><img src="CID:a%20b"><img src="cid:gone" alt="no such"><img src="//x.example/1"><img src="http://x.example/2" width=5>` +
		`<img srcset="https://x.example/3"><img src=/local><img src="data:text/html,x">`
	part := func(id string) string {
		return map[string]string{"logo@x": `/file/1?a="b"`, "a b": "/file/2"}[id]
	}
	t.Run("parts of the mail are shown, and nothing remote", func(t *testing.T) {
		t.Parallel()
		r := Sanitize(source, Options{Part: part})
		const want = `<img src="/file/1?a=&#34;b&#34;" alt="logo"/><img src="/file/2" alt=""/><img alt="no such"/><img alt=""/><img width="5" alt=""/>` +
			`<img alt=""/><img alt=""/><img alt=""/>`
		if r.HTML != want || r.Blocked != 2 {
			t.Errorf("%d blocked:\n%s\nwant\n%s", r.Blocked, r.HTML, want)
		}
	})
	t.Run("remote pictures are shown when they are asked for", func(t *testing.T) {
		t.Parallel()
		r := Sanitize(source, Options{RemoteImages: true})
		const want = `<img alt="logo"/><img alt=""/><img alt="no such"/><img src="https://x.example/1" alt="" referrerpolicy="no-referrer"/>` +
			`<img src="http://x.example/2" width="5" alt="" referrerpolicy="no-referrer"/><img alt=""/><img alt=""/><img alt=""/>`
		if r.HTML != want || r.Blocked != 0 {
			t.Errorf("%d blocked:\n%s\nwant\n%s", r.Blocked, r.HTML, want)
		}
	})
	t.Run("links open a window when that is asked for", func(t *testing.T) {
		t.Parallel()
		r := Sanitize(`<a href="https://x.example/" target=_top>x</a>`, Options{NewWindow: true})
		if r.HTML != `<a href="https://x.example/" rel="noopener noreferrer nofollow" target="_blank">x</a>` {
			t.Error(r.HTML)
		}
	})
}

// worst are the sources that cost most, some 1 MB each. The race detector sees one goroutine in them, at any size.
func worst() map[string]string {
	size := 1 << 20
	if testing.Short() {
		size >>= 5
	}
	megabyte := func(s string) string { return strings.Repeat(s, size/len(s)) }
	var fonts strings.Builder
	for i := range 40 {
		fonts.WriteString("<font color=" + string(rune('a'+i%26)) + strings.Repeat("x", i/26+3) + "><b><i><u>")
	}
	return map[string]string{
		"nested div":                megabyte("<div>"),
		"100,000 nested tags":       strings.Repeat("<div><ol><li><table><tr><td>", size/52) + "x",
		"nested b":                  megabyte("<b>"),
		"nested a":                  megabyte("<a href=https://x.example/>"),
		"nested tables":             megabyte("<table>"),
		"nested tables and cells":   megabyte("<table><tr><td>"),
		"nested svg":                megabyte("<svg>"),
		"nested unknown":            megabyte("<x>"),
		"formatting and paragraphs": fonts.String() + megabyte("<p>x"),
		"formatting and tables":     "<table>" + fonts.String() + megabyte("<tr>x"),
		"formatting and divs":       "<p>" + fonts.String() + megabyte("<div>x</div>"),
		"crossed formatting":        megabyte("<b><p></b>x"),
		"crossed links":             megabyte("<a href=https://x.example/><table></a>"),
		"end tags":                  strings.Repeat("<i>", 140) + megabyte("</p></b></div>"),
		"attributes":                "<p " + megabyte("a=b ") + ">",
		"different attributes":      "<p " + megabyte("style=color:red title=x ") + ">",
		"styles":                    `<p style="` + megabyte("color:red;") + `">`,
		"many styles":               megabyte(`<p style="color:red;font:12px 'a',b">`),
		"one long style":            `<p style="` + strings.Repeat("color:"+strings.Repeat("a ", 50)+";", 39) + `">` + megabyte("x"),
		"less-than signs":           megabyte("<"),
		"comments":                  megabyte("<!--"),
		"comments that end":         megabyte("<!-->"),
		"ampersands":                megabyte("&"),
		"entities":                  megabyte("&amp;lt;"),
		"quotes":                    megabyte(`'"`),
		"one tag":                   "<p title='" + megabyte("x"),
		"unclosed tags":             megabyte("<a <!--"),
		"scripts":                   megabyte("<script>"),
		"templates":                 megabyte("<template>"),
		"selects":                   megabyte("<select><option>"),
		"one picture":               `<img src="data:image/gif;base64,` + base64.StdEncoding.EncodeToString(make([]byte, size*2/3)) + `">`,
		"pictures":                  megabyte(`<img src=https://x.example/>`),
		"forms":                     megabyte("<form><p>"),
		"rubies":                    megabyte("<ruby><rt>"),
		"headings":                  megabyte("<h1><div>"),
	}
}

func TestWorstCases(t *testing.T) {
	t.Parallel()
	for name, source := range worst() {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			r := Sanitize(source, Options{})
			took, most := time.Since(begin), 10*time.Second
			if testing.Short() { // under the race detector, on a machine that does other things, too
				most = 2 * time.Minute
			}
			if took > most {
				t.Errorf("took %v", took)
			}
			t.Logf("%d bytes to %d in %v", len(source), len(r.HTML), took.Round(time.Millisecond))
		})
	}
	t.Run("what is over the limit is cut", func(t *testing.T) {
		t.Parallel()
		r := Sanitize(strings.Repeat("x", maxSource-10)+strings.Repeat("<b>x</b>", 10), Options{})
		if !r.Cut || len(r.HTML) > maxSource+1000 {
			t.Errorf("cut %v, %d bytes", r.Cut, len(r.HTML))
		}
	})
}
