package gateway_test

import (
	"html"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestForwardedForms are the ways in which programs write the sender of a forwarded mail, mark its subject, and put it
// into HTML.
func TestForwardedForms(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, m *gateway.Mail, name string) {
		t.Helper()
		inner, ok := gateway.Forwarded(m)
		if !ok || inner.From.Email != "eva@example.net" || inner.From.Name != name || inner.Subject != "lamp" {
			t.Fatalf("%t, %+v of %q", ok, inner, m.Text)
		}
		if above := strings.TrimSpace(m.Text[:inner.Begins]); above != "Please help." {
			t.Errorf("above stands %q", above)
		}
		if body := strings.TrimSpace(m.Text[inner.Body:]); !strings.HasPrefix(body, "It flickers.") {
			t.Errorf("the body is %q", body)
		}
	}
	plain := func(subject, text string) *gateway.Mail {
		return read(headed(strings.ReplaceAll(text, "\n", "\r\n"), "Subject: "+subject, "Content-Type: text/plain; charset=utf-8"))
	}
	for from, name := range map[string]string{
		"Eva Example <eva@example.net>": "Eva Example", "<eva@example.net>": "", "eva@example.net": "", "\"Eva Example\" <eva@example.net>": "Eva Example", "'Eva Example' <eva@example.net>": "Eva Example", "Eva Example [mailto:eva@example.net]": "Eva Example",
		"Eva Example <mailto:eva@example.net>": "Eva Example", "Eva Example <eva@example.net<mailto:eva@example.net>>": "Eva Example", "Eva Example <eva@example.net <mailto:eva@example.net>>": "Eva Example", "Eva Example (eva@example.net)": "Eva Example", "\"Example, Eva\" <eva@example.net>": "Example, Eva",
		"Eva Example <eva@example.net>;": "Eva Example", "Eva Example <eva@example.net> ": "Eva Example", "Eva Example <EVA@Example.NET>": "Eva Example", "*Eva Example* <eva@example.net>": "Eva Example", "Eva Example <[eva@example.net](mailto:eva@example.net)>": "Eva Example", "\"eva@example.net\" <eva@example.net>": "eva@example.net",
		"Eva Example <eva@example.net> On Behalf Of Gus Other": "Eva Example", "Eva Example via Lamps <eva@example.net>": "Eva Example via Lamps", "Ева Пример <eva@example.net>": "Ева Пример", "\u202aEva Example\u202c <\u202aeva@example.net\u202c>": "Eva Example", "Eva Example &lt;eva@example.net&gt;": "Eva Example",
	} {
		t.Run("from "+from, func(t *testing.T) {
			t.Parallel()
			check(t, plain("Fwd: lamp", "Please help.\n\n---------- Forwarded message ---------\nFrom: "+from+"\nDate: Mon, Mar 2, 2026 at 10:00 AM\nSubject: lamp\nTo: <ann@example.com>\n\n\nIt flickers.\n"), name)
		})
	}
	for _, subject := range []string{"Fwd: lamp", "FWD: lamp", "fwd:lamp", "Fw: lamp", "FW : lamp", "TR : lamp", "Tr: lamp", "WG: lamp", "RV: lamp", "ENC: lamp", "I: lamp", "PD: lamp", "VB: lamp", "Doorst: lamp", "[Fwd: lamp]", "(Fwd) lamp", "Forward: lamp", "Fwd: Re: lamp", "FW: FW: lamp", "转发: lamp", "Fwd：lamp", "Fwd [2]: lamp", "[EXTERNAL] Fwd: lamp", "Weitergeleitet: lamp", "Tr : Fwd: lamp"} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()
			check(t, plain(subject, "Please help.\n\nFrom: "+eva+"\nSent: Monday, March 2, 2026 10:00 AM\nTo: Ann\nSubject: lamp\n\nIt flickers.\n"), "Eva Example")
		})
	}
	fields := map[string][]string{
		"en": {"From:", "Sent:", "To:", "Subject:"}, "de": {"Von:", "Gesendet:", "An:", "Betreff:"}, "fr": {"De :", "Envoyé :", "À :", "Objet :"}, "fr-nbsp": {"De\u00a0:", "Envoyé\u00a0:", "À\u00a0:", "Objet\u00a0:"}, "es": {"De:", "Enviado el:", "Para:", "Asunto:"}, "it": {"Da:", "Inviato:", "A:", "Oggetto:"},
		"pt": {"De:", "Enviada em:", "Para:", "Assunto:"}, "nl": {"Van:", "Verzonden:", "Aan:", "Onderwerp:"}, "pl": {"Od:", "Wysłano:", "Do:", "Temat:"}, "sv": {"Från:", "Skickat:", "Till:", "Ämne:"}, "da": {"Fra:", "Sendt:", "Til:", "Emne:"}, "fi": {"Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"}, "cs": {"Od:", "Odesláno:", "Komu:", "Předmět:"},
		"sk": {"Od:", "Odoslané:", "Komu:", "Predmet:"}, "hu": {"Feladó:", "Elküldve:", "Címzett:", "Tárgy:"}, "ro": {"De la:", "Trimis:", "Către:", "Subiect:"}, "tr": {"Kimden:", "Gönderildi:", "Kime:", "Konu:"}, "el": {"Από:", "Στάλθηκε:", "Προς:", "Θέμα:"}, "ru": {"От:", "Отправлено:", "Кому:", "Тема:"}, "uk": {"Від:", "Надіслано:", "Кому:", "Тема:"},
		"zh": {"发件人:", "发送时间:", "收件人:", "主题:"}, "zh-TW": {"寄件者:", "寄件日期:", "收件者:", "主旨:"}, "ja": {"差出人:", "送信日時:", "宛先:", "件名:"}, "ko": {"보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"}, "he": {"מאת:", "נשלח:", "אל:", "נושא:"}, "ar": {"من:", "تم الإرسال:", "إلى:", "الموضوع:"},
	}
	for lang, f := range fields {
		values := []string{html.EscapeString(eva), "Monday, March 2, 2026 10:00 AM", "Ann &lt;ann@example.com&gt;", "lamp"}
		row := func(before, between, after string) string {
			var b strings.Builder
			for i := range f {
				b.WriteString(before + f[i] + between + values[i] + after)
			}
			return b.String()
		}
		for how, source := range map[string]string{
			"Outlook":            "<p class=MsoNormal>Please help.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal>" + row("<b>", "</b> ", "<br>") + "</p></div></div><p class=MsoNormal>It flickers.</p>",
			"Outlook on the web": "<div>Please help.</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg><font>" + row("<b>", "</b>&nbsp;", "<br>") + "</font><div>&nbsp;</div></div><div>It flickers.</div>",
			"Gmail":              "<div dir=ltr>Please help.<br><br><div class=gmail_quote><div dir=ltr class=gmail_attr>---------- Forwarded message ---------<br>" + row("", " ", "<br>") + "</div><br><br>It flickers.</div></div>",
			"Thunderbird":        "<p>Please help.</p><div class=moz-forward-container><br><br>-------- Forwarded Message --------<table class=moz-email-headers-table><tbody>" + row("<tr><th>", "</th><td>", "</td></tr>") + "</tbody></table><br><br>It flickers.</div>",
			"Apple":              "<div>Please help.</div><div><br><blockquote type=cite><div>Begin forwarded message:</div><br>" + row("<div><b>", "</b><span>", "<br></span></div>") + "<br><div>It flickers.</div></blockquote></div>",
			"paragraphs":         "<p>Please help.</p>" + row("<p>", " ", "</p>") + "<p>It flickers.</p>",
		} {
			t.Run(lang+" in HTML of "+how, func(t *testing.T) {
				t.Parallel()
				check(t, read(headed(source, "Subject: Fwd: lamp", "Content-Type: text/html; charset=utf-8")), "Eva Example")
			})
		}
	}
}
