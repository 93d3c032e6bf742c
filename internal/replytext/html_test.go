package replytext

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// outlook is the header of a quoted mail in a language that is none, so that only the mark-up can tell.
const unknownHeader = `<b>Qui:</b> Ann &lt;ann@example.com&gt;<br><b>Quando:</b> 3 May<br><b>Ad:</b> Bob<br><b>Res:</b> Hm`

func TestHTML(t *testing.T) {
	t.Parallel()
	const unknown = "Ann, III. Mai."
	for _, c := range []struct{ name, html, want string }{
		{"no quote", "<p>Yes.</p><p>Bob</p>", "Yes.\n\nBob"},
		{"Gmail", `<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` + unknown + `<br></div><blockquote class="gmail_quote" style="margin:0">Does it work?</blockquote></div>`, "Yes."},
		{"Gmail, answers between the quotes", `<div class="gmail_quote"><div class="gmail_attr">On 3 May 2024 at 10:00 Ann &lt;ann@example.com&gt; wrote:</div><blockquote class="gmail_quote">First?</blockquote><div>Yes.</div><blockquote class="gmail_quote">Second?</blockquote><div>No.</div></div>`,
			"On 3 May 2024 at 10:00 Ann <ann@example.com> wrote:\n\nFirst?\n\nYes.\n\nSecond?\n\nNo."},
		{"Gmail, the answer below", `<div class="gmail_quote"><div class="gmail_attr">` + unknown + `</div><blockquote class="gmail_quote">First?</blockquote></div><div>Yes.</div>`, "Yes."},
		{"Gmail, handed on", `<div>See below.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Ann &lt;ann@example.com&gt;<br>Subject: Hm<br></div><blockquote>It broke.</blockquote></div>`,
			"See below.\n---------- Forwarded message ---------\nFrom: Ann <ann@example.com>\nSubject: Hm\n\nIt broke."},
		{"Gmail, text that the writer indented", `<div>The page says<blockquote class="gmail_quote">It works.</blockquote></div>`, "The page says\n\nIt works."},
		{"Gmail, as another program renamed it", `<div>Yes.</div><div class="x_gmail_quote"><div class="x_gmail_attr">` + unknown + `</div><blockquote class="x_gmail_quote">Does it work?</blockquote></div>`, "Yes."},
		{"Gmail, as Gmail renamed it", `<div>Yes.</div><div class="m_-123456gmail_quote"><div>` + unknown + `</div><blockquote class="m_-123456gmail_quote">Does it work?</blockquote></div>`, "Yes."},
		{"Gmail, as Hotmail renamed it", `<div>Yes.</div><div class="ecxgmail_quote">` + unknown + `<br>Does it work?</div>`, "Yes."},
		{"Outlook on the web", `<div>Yes.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr">` + unknownHeader + `</div><div>Does it work?</div>`, "Yes."},
		{"Outlook on the web, renamed", `<div>Yes.</div><div id="x_divRplyFwdMsg" dir="ltr">` + unknownHeader + `</div><div>Does it work?</div>`, "Yes."},
		{"Outlook", `<div class="WordSection1"><p class="MsoNormal">Yes.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">` + unknownHeader + `</p></div></div><p class="MsoNormal">Does it work?</p></div>`, "Yes."},
		{"Outlook, a border that is none", `<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p>Yes.</p></div><p>Bob</p>`, "Yes.\n\nBob"},
		{"Windows Mail", `<div>Yes.</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;">` + unknownHeader + `</div><div>Does it work?</div>`, "Yes."},
		{"new Outlook", `<div>Yes.</div><div id="mail-editor-reference-message-container"><div>` + unknownHeader + `</div><div>Does it work?</div></div>`, "Yes."},
		{"Hotmail", `<div>Yes.<br><hr id="stopSpelling">` + unknownHeader + `<br>Does it work?</div>`, "Yes."},
		{"Outlook on a Mac", `<div>Yes.</div><span id="OLK_SRC_BODY_SECTION"><div>` + unknownHeader + `</div><div>Does it work?</div></span>`, "Yes."},
		{"Thunderbird", `<p>Yes.</p><div class="moz-cite-prefix">` + unknown + `<br></div><blockquote type="cite" cite="mid:1@example.com"><p>Does it work?</p></blockquote>`, "Yes."},
		{"Thunderbird, the answer below", `<div class="moz-cite-prefix">` + unknown + `</div><blockquote type="cite" cite="mid:1@example.com"><p>Does it work?</p></blockquote><p>Yes.</p><pre class="moz-signature">-- 
Bob</pre>`, "Yes."},
		{"Thunderbird, answers between", `<div class="moz-cite-prefix">` + unknown + `</div><blockquote type="cite">First?</blockquote><p>Yes.</p><blockquote type="cite">Second?</blockquote><p>No.</p>`, unknown + "\n\nFirst?\n\nYes.\n\nSecond?\n\nNo."},
		{"Apple Mail", `<body>Yes.<br><div><br><blockquote type="cite"><div>` + unknown + `</div><br><div>Does it work?</div></blockquote></div><br></body>`, "Yes."},
		{"iPhone", `<div dir="ltr">Yes.<br><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 3. May 2024, at 10:00, Ann wrote:<br><br></blockquote></div><blockquote type="cite"><div>Does it work?</div></blockquote></div>`, "Yes."},
		{"Yahoo", `<div>Yes.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>` + unknown + `</div><div>Does it work?<blockquote>Old.</blockquote>Ann</div></div>`, "Yes."},
		{"Yahoo, renamed by itself", `<div>Yes.</div><div class="ydp12345678yahoo_quoted"><div>` + unknown + `</div><div>Does it work?</div></div>`, "Yes."},
		{"Proton", `<div>Yes.</div><div class="protonmail_signature_block"><div>Sent with Proton Mail</div></div><div class="protonmail_quote">` + unknown + `<br><blockquote class="protonmail_quote" type="cite">Does it work?</blockquote></div>`, "Yes."},
		{"Zimbra", `<div>Yes.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">` + unknownHeader + `</div><div data-marker="__QUOTED_TEXT__">Does it work?</div>`, "Yes."},
		{"Zoho", `<div>Yes.</div><div class="zmail_extra"><div>---- On Fri, 03 May 2024 10:00:00 +0200 ann@example.com wrote ----</div><blockquote>Does it work?</blockquote></div>`, "Yes."},
		{"mail.ru", `<p>Yes.</p><br>Пятница, 3 мая 2024, 10:00 +03:00 от Ann &lt;ann@example.com&gt;:<br><blockquote style="border-left:1px solid #0857A6">Does it work?</blockquote>`, "Yes."},
		{"an announced quote that nobody marked", `<div>Yes.</div><div>On Fri, May 3, 2024 at 10:00 AM Ann &lt;ann@example.com&gt; wrote:</div><div>Does it work?</div>`, "Yes."},
		{"a plain block quote at the end", `<p>Yes.</p><blockquote>Does it work?</blockquote>`, "Yes."},
		{"a block quote, and nothing else", `<blockquote>Does it work?</blockquote>`, "Does it work?"},
		{"signature of Gmail", `<div>Yes.<br><div class="gmail_signature" data-smartmail="gmail_signature">Bob<br>Example Ltd</div></div>`, "Yes."},
		{"signature of Gmail below dashes", `<div>Yes.<br>-- <br><div class="gmail_signature">Bob</div></div>`, "Yes."},
		{"a class that says no more than the text", `<div>Yes</div><div class="elided-text"><div class="m_1gmail_attr">On..., Ann wrote:<br></div><blockquote class="quote">Hm?</blockquote></div>`, "Yes"},
		{"Thunderbird, handed on", `<div>See below.</div><div class="moz-forward-container"><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tr><th>Subject: </th><td>x</td></tr><tr><th>From: </th><td>Ann &lt;ann@example.com&gt;</td></tr></table>It broke.</div>`,
			"See below.\n\n-------- Forwarded Message --------\n\nSubject: x\nFrom: Ann <ann@example.com>\n\nIt broke."},
		{"signature of Outlook", `<div>Yes.</div><div id="Signature"><p>Bob</p></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">` + unknownHeader + `</div>Old.`, "Yes."},
		{"an answer within the signature", `<div id="Signature"><p>Yes.</p><p>Bob</p></div>`, "Yes.\n\nBob"},
		{"R12 a marker", `<p>Yes.</p><div style="color:#fff">##- Please <b>type</b> your reply above this line -##</div><p>Ticket 5.</p>`, "Yes."},
		{"R12 a marker in a quote", `<div>Yes.</div><blockquote><span>##-</span> Please type your reply above this line <span>-##</span><br>Ticket 5</blockquote>`, "Yes."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, folds := HTML(c.html, nil)
			if got := ticket.Unfolded(text, folds); got != c.want {
				t.Errorf("got %q of %q, want %q", got, text, c.want)
			}
			if got := ticket.Unfolded(text, Split(text, c.html, nil)); got != c.want {
				t.Errorf("by both forms: got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	outlook := `<div><p>Yes.</p><p>Bob</p><div id="divRplyFwdMsg">` + unknownHeader + `</div><p>Does it work now, or does it not work?</p></div>`
	for _, c := range []struct{ name, text, html, want string }{
		{"no HTML", "Yes.\n\n> Hm?\n", "", "Yes."},
		{"the HTML knows where the quoted mail begins", "Yes.\n\nBob\n\nQui: Ann <ann@example.com>\nQuando: 3 May\nAd: Bob\nRes: Hm\n\nDoes it work now,\nor does it not work?\n", outlook, "Yes.\n\nBob"},
		{"marks in the text where the HTML has none", "Yes.\n\nBob\n\n> Qui: Ann <ann@example.com>\n> Quando: 3 May\n> Ad: Bob\n> Res: Hm\n>\n> Does it work now, or does it not work?\n", outlook, "Yes.\n\nBob"},
		{"another text than the HTML", "Please turn HTML on.", outlook, "Please turn HTML on."},
		{"the text has less", "Yes.\n\nBob\n", outlook, "Yes.\n\nBob\n"},
		{"the text knows itself", "Yes.\n\nOn 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n> Hm?\n", "<p>Yes.</p><p>Hm?</p>", "Yes."},
		{"letters of another script", "好的，谢谢。\n\n谁：小安\n几时：五月\n收到了吗？请您尽快回复我们，谢谢。\n", `<p>好的，谢谢。</p><div id="divRplyFwdMsg">谁：小安<br>几时：五月</div><p>收到了吗？请您尽快回复我们，谢谢。</p>`, "好的，谢谢。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ticket.Unfolded(c.text, Split(c.text, c.html, nil)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("a text cut from that of the HTML", func(t *testing.T) {
		t.Parallel()
		html := outlook + strings.Repeat("<p>And so on, and so on, for ever.</p>", 20000)
		whole, _ := HTML(html, nil)
		text := whole[:400_000] + "\n[cut]"
		if got := ticket.Unfolded(text, Split(text, html, nil)); !strings.HasPrefix(got, "Yes.\n\nBob") || len(got) > 30 {
			t.Errorf("got %.200q", got)
		}
	})
}
