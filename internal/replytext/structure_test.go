package replytext

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestStructure is what the mark-up of mail programs says, where the words around it say nothing: in a language that nobody
// knows.
func TestStructure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, reply, signature string }{
		{"Gmail", `<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Qo'noS Ann<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">Works?</blockquote></div>`, "Yes.", ""},
		{"Gmail, with a signature", `<div dir="ltr">Yes.<div><br></div><div>-- <br></div><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Bob<br>CEO</div></div><br><div class="gmail_quote"><div class="gmail_attr">Qo'noS</div><blockquote class="gmail_quote">Works?</blockquote></div>`, "Yes.", "--\nBob\nCEO"},
		{"Gmail, answered within", `<div>See below.</div><div class="gmail_quote"><div class="gmail_attr">Qo'noS</div><blockquote class="gmail_quote">Works?</blockquote><div>Yes.</div><blockquote class="gmail_quote">Red?</blockquote><div>No.</div></div>`, "", ""},
		{"Yahoo", `<div>Yes.</div><div id="ydp12345678yahoo_quoted_4711" class="ydp12345678yahoo_quoted"><div>Qo'noS</div><div>Works?</div></div>`, "Yes.", ""},
		{"Outlook on the web", `<div class="elementToProof">Yes.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font><b>Qui:</b> Ann</font></div><div>Works?</div>`, "Yes.", ""},
		{"Outlook on the web, signed", `<div>Yes.</div><div id="Signature"><p>Bob</p><p>CEO</p></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Qui:</b> Ann</div><div>Works?</div>`, "Yes.", "Bob\nCEO"},
		{"Outlook on a telephone", `<div>Yes.</div><div id="ms-outlook-mobile-body-separator-line"><br></div><div id="ms-outlook-mobile-signature">Loq <a href="https://aka.ms/o0ukef">Outlook</a></div><div id="mail-editor-reference-message-container"><hr><div>Qui: Ann</div><div>Works?</div></div>`, "Yes.", "Loq Outlook"},
		{"Outlook", `<div class="WordSection1"><p class="MsoNormal">Yes.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Qui:</b> Ann<br><b>Quand:</b> 5/1<br><b>Quoi:</b> x</p></div></div><p>Works?</p></div>`, "Yes.", ""},
		{"Apple", `<html><body>Yes.<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>Qo'noS Ann</div><br class="Apple-interchange-newline"><div>Works?</div></blockquote></div></body></html>`, "Yes.", ""},
		{"Apple on a telephone", `<html><body dir="auto">Yes.<div><br></div><div id="AppleMailSignature" dir="ltr">Loq iPhone</div><div dir="ltr"><br><blockquote type="cite">Qo'noS Ann<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Works?</div></blockquote></body></html>`, "Yes.", "Loq iPhone"},
		{"Thunderbird", `<p>Yes.</p><div class="moz-signature">-- <br>Bob</div><div class="moz-cite-prefix">Qo'noS<br></div><blockquote type="cite" cite="mid:1@example.com"><p>Works?</p></blockquote>`, "Yes.", "--\nBob"},
		{"Thunderbird, signed below", `<p>Yes.</p><div class="moz-cite-prefix">Qo'noS<br></div><blockquote type="cite" cite="mid:1@example.com">Works?</blockquote><pre class="moz-signature" cols="72">-- <br>Bob</pre>`, "Yes.", "--\nBob"},
		{"Proton", `<div style="font-family: Arial">Yes.</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-user">Bob</div></div><div class="protonmail_quote">Qo'noS<br><blockquote class="protonmail_quote" type="cite">Works?</blockquote></div>`, "Yes.", "Bob"},
		{"Tutanota", `<div>Yes.</div><div>Qo'noS:<br></div><blockquote class="tutanota_quote">Works?</blockquote>`, "Yes.\nQo'noS:", ""},
		{"Zoho", `<div>Yes.</div><div id="Zm-_Id_-Sgn1" data-sigid="1">Bob</div><div class="zmail_extra" style="width:100%"><div id="Zm-_Id_-Sgn1"></div><blockquote id="blockquote_zmail"><div>Works?</div></blockquote></div>`, "Yes.", "Bob"},
		{"Spark", `<div name="messageBodySection">Yes.</div><div name="messageSignatureSection">Bob</div><div name="messageReplySection">Qo'noS Ann<br><blockquote type="cite" class="spark_quote">Works?</blockquote></div>`, "Yes.", "Bob"},
		{"Airmail", `<div id="bloop_customfont">Yes.</div><div class="bloop_sign" id="bloop_sign_1">Bob</div><br><p class="airmail_on">Qo'noS</p><blockquote type="cite" class="clean_bq">Works?</blockquote>`, "Yes.", "Bob"},
		{"Mailspring", `<div>Yes.</div><signature id="1">Bob</signature><div class="gmail_quote_attribution">Qo'noS</div><blockquote class="gmail_quote nylas-quote">Works?</blockquote>`, "Yes.", "Bob"},
		{"Roundcube", `<p>Yes.</p><p id="reply-intro">Qo'noS</p><blockquote type="cite"><p>Works?</p></blockquote>`, "Yes.", ""},
		{"Zimbra", `<div>Yes.</div><div data-marker="__SIG_POST__">Bob</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Qui: </b>Ann</div><div data-marker="__QUOTED_TEXT__">Works?</div>`, "Yes.", "Bob"},
		{"iNotes", `<font>Yes.</font><br><div class="iNotesHistory" style="padding-left:5px;"><div style="padding-left:5px;border-left:solid black 2px;">Qo'noS<br>Works?</div></div>`, "Yes.", ""},
		{"Evolution", `<div>Yes.</div><div class="-x-evo-signature-wrapper"><span class="-x-evo-signature">Bob</span></div><div class="-x-evo-attribution">Qo'noS</div><blockquote type="cite" style="margin:0 0 0 .8ex">Works?</blockquote>`, "Yes.", "Bob"},
		{"AquaMail", `<div dir="auto">Yes.</div><div id="aqm-signature"><div dir="auto">Bob</div></div><div id="aqm-original"><div class="aqm-original-body"><p>Qo'noS</p><blockquote type="cite" class="gmail_quote">Works?</blockquote></div></div>`, "Yes.", "Bob"},
		{"K-9", `<!DOCTYPE html><html><body>Yes.<br><br><div class='k9mail-signature'>-- <br>Bob</div><br><div class="gmail_quote">Qo'noS<blockquote class="gmail_quote">Works?</blockquote></div></body></html>`, "Yes.", "--\nBob"},
		{"FairEmail", `<div>Yes.</div><div class="fairemail_signature">Bob</div><div class="fairemail_quote"><p>Qo'noS</p><blockquote>Works?</blockquote></div>`, "Yes.", "Bob"},
		{"Canary", `<div id="CanaryBody">Yes.</div><div id="CanarySig"><div>Bob</div></div><div id="CanaryDropbox"></div><blockquote id="CanaryBlockquote"><div>Qo'noS</div><div>Works?</div></blockquote>`, "Yes.", "Bob"},
		{"Edison", `<div>Yes.</div><div id="edo-signature">Bob</div><div id="edo-message"><div>Qo'noS</div></div><blockquote id="edo-original"><div>Works?</div></blockquote>`, "Yes.", "Bob"},
		{"Missive", `<div>Yes.</div><div class="missive_signature">Bob</div><div class="missive_quote"><div>Qo'noS</div><blockquote>Works?</blockquote></div>`, "Yes.", "Bob"},
		{"QQ", `<div>Yes.</div><div><includetail><div>&nbsp;</div><div style="font:Verdana normal 14px;color:#000;"><div style="FONT-SIZE: 12px">------------------&nbsp;Qo&nbsp;------------------</div><div>Works?</div></div></includetail></div>`, "Yes.", ""},
		{"163", `<div>Yes.</div><p>Qo</p><div id="isReplyContent"><blockquote id="isReplyContent">Works?</blockquote></div>`, "Yes.\nQo", ""},
		{"NetEase Master", `<div>Yes.</div><div id="ntes-pcmac-signature">Bob</div><div class="ntes-mailmaster-quote"><div>Qo</div><blockquote id="ntes-pcmail-quote">Works?</blockquote></div>`, "Yes.", "Bob"},
		{"Mail.ru", `<div>Yes.</div><div data-signature-widget="container">Bob</div><blockquote class="mail-quote-collapse" style="border-left:1px solid #0857A6">Qo:<br><div id=""><div class="js-helper">Works?</div></div></blockquote>`, "Yes.", "Bob"},
		{"Fastmail", `<div>Yes.</div><div id="sig1"><div class="signature">Bob</div></div><div>On Mon, 5 Jan 2026, at 9:00 AM, Ann wrote:<br></div><blockquote type="cite" id="qt">Works?</blockquote>`, "Yes.", "Bob"},
		{"HEY", `<div class="trix-content"><div>Yes.</div><div>On January 5, 2026, Ann &lt;ann@example.com&gt; wrote:</div><blockquote><div>Works?</div></blockquote></div>`, "Yes.", ""},
		{"Superhuman", `<div>Yes.</div><div class="sh-signature"><div class="gmail_signature">Bob</div></div><br><div class="gmail_quote"><div>Qo</div><blockquote class="gmail_quote">Works?</blockquote></div>`, "Yes.", "Bob"},
		{"Front", `<div>Yes.</div><div class="front-signature">Bob</div><blockquote type="cite" class="front-blockquote">Qo<br>Works?</blockquote>`, "Yes.", "Bob"},
		{"Samsung", `<div dir="auto">Yes.</div><div id="composer_signature" dir="auto"><div style="font-size:85%">Loq Galaxy</div></div><div dir="auto"><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- Original message --------</div><div>Qui: Ann</div></div><div>Works?</div>`, "Yes.", "Loq Galaxy"},
		{"Windows Mail", `<div class="WordSection1"><p>Yes.</p><div style="mso-element:para-border-div;border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>Qui: </b><a href="mailto:a@example.com">Ann</a><br><b>Quand: </b>5/1<br><b>Quoi: </b>x</p></div><p>Works?</p></div>`, "Yes.", ""},
		{"GMX", `<div>Yes.</div><div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Qui:</b>&nbsp;5/1</div><div name="quoted-content">Works?</div></div>`, "Yes.", ""},
		{"a mail within the mail of another program", `<div dir="ltr">Yes.</div><br><div class="x_gmail_quote"><div class="x_gmail_attr">Qo</div><blockquote class="x_gmail_quote">Works?</blockquote></div>`, "Yes.", ""},
		{"a mail within the mail of another program, twice", `<div>Yes.</div><div id="m_-123456x_divRplyFwdMsg"><b>Qui:</b> Ann</div><div>Works?</div>`, "Yes.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, folds := HTML(c.html, nil)
			want := c.reply
			if want == "" {
				want = text
			}
			if got := ticket.Unfolded(text, folds); fold(got) != fold(want) {
				t.Errorf("reply %q, want %q", got, want)
			}
			if got := ticket.Folded(text, folds, ticket.FoldSignature); fold(got) != fold(c.signature) {
				t.Errorf("signature %q, want %q", got, c.signature)
			}
		})
	}
}
