package htmltext

import "testing"

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, want string }{
		{"M81 script and style never become text", "<style>p{}</style>a<script>alert('<b>')</script>b<title>t</title><noscript>n</noscript>", "ab"},
		{"M81 an unclosed script never becomes text", "a<script>alert(1)", "a"},
		{"M81 comments and conditionals never become text", "a<!--[if mso]>x<![endif]-->b", "ab"},
		{"M81 data-cfemail is decoded", `write <a href="/cdn-cgi" class="__cf_email__" data-cfemail="2243624a0c4d5045">[email&#160;protected]</a>!`, "write a@h.org!"},
		{"M81 a data-cfemail that is none stays", `<a data-cfemail="zz">x</a>`, "x"},
		{"blocks and breaks", "<p>one</p><p>two<br>three</p><div>four</div><div>five</div>", "one\n\ntwo\nthree\n\nfour\nfive"},
		{"white space", " a \n\t b&nbsp;<b> c</b>d ", "a b cd"},
		{"entities", "&lt;b&gt; &amp; &euro; &#x41;", "<b> & € A"},
		{"entities are decoded once", "<p>Write &amp;lt;b&amp;gt;, not &amp;nbsp;.</p><pre>&amp;amp;</pre>", "Write &lt;b&gt;, not &nbsp;.\n\n&amp;"},
		{"what frames hold instead is no text", "a<iframe src=x>no <b>frames</b></iframe><noembed><i>x</i></noembed>b", "ab"},
		{"pre keeps its lines", "<pre>a\n  b</pre>c", "a\n  b\n\nc"},
		{"lists", "<ol><li>one<li>two</ol><ul><li>x</li></ul>", "1. one\n2. two\n\n- x"},
		{"tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"pictures", `<img alt="our logo" src=x> text`, "our logo text"},
		{"broken", "<p <b>a</p", "a"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Convert(c.html); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
