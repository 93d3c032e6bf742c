package gateway_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

type forwardCase struct {
	name, subject string
	text          []string
	from, inner   string // "" where nothing is forwarded
	above, body   string
}

const eva = "Eva Example <eva@example.net>"

var forwardCases = []forwardCase{
	{"Gmail", "Fwd: The lamp", []string{"Please help her.", "", "---------- Forwarded message ---------", "From: Eva Example <eva@example.net>", "Date: Mon, Mar 2, 2026 at 10:00 AM",
		"Subject: The lamp flickers", "To: <ann@example.com>", "", "", "It flickers."}, eva, "The lamp flickers", "Please help her.", "It flickers."},
	{"Gmail in German", "Fwd: Die Lampe", []string{"---------- Forwarded message ---------", "Von: Eva Example <eva@example.net>", "Date: Mo., 2. März 2026 um 10:00 Uhr", "Subject: Die Lampe", "To: ann@example.com", "", "Sie flackert."},
		eva, "Die Lampe", "", "Sie flackert."},
	{"Outlook", "FW: The lamp", []string{"fyi", "", "From: Eva Example <eva@example.net>", "Sent: Monday, March 2, 2026 10:00 AM", "To: Ann <ann@example.com>; Bob <bob@example.com>", "Cc: x@example.com", "Subject: The lamp", "", "It flickers."},
		eva, "The lamp", "fyi", "It flickers."},
	{"Outlook in German, old", "WG: Die Lampe", []string{"Bitte.", "", "________________________________", "Von: Eva Example [mailto:eva@example.net] ", "Gesendet: Montag, 2. März 2026 10:00", "An: Ann", "Betreff: Die Lampe", "", "Sie flackert."},
		eva, "Die Lampe", "Bitte.", "Sie flackert."},
	{"Outlook in French", "TR: La lampe", []string{"De : Eva Example <eva@example.net>", "Envoyé : lundi 2 mars 2026 10:00", "À : ann@example.com", "Objet : La lampe", "", "Elle clignote."}, eva, "La lampe", "", "Elle clignote."},
	{"Outlook with links beside addresses", "FW: lamp", []string{"From: Eva Example <eva@example.net<mailto:eva@example.net>>", "Sent: Monday", "Subject: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"Outlook on a phone, bold", "Fw: lamp", []string{"Get Outlook for iOS", "________________________________", "*From:* Eva Example <eva@example.net>", "*Sent:* Monday", "*To:* ann@example.com", "*Subject:* lamp", "", "x"}, eva, "lamp", "Get Outlook for iOS", "x"},
	{"Apple", "Fwd: lamp", []string{"See below", "", "Begin forwarded message:", "", "> From: Eva Example <eva@example.net>", "> Subject: lamp", "> Date: 2 March 2026 at 10:00:00 CET", "> To: ann@example.com", "> ", "> It flickers."}, eva, "lamp", "See below", "> It flickers."},
	{"Apple in Italian", "I: lampada", []string{"Inizio messaggio inoltrato:", "", "Da: Eva Example <eva@example.net>", "Oggetto: lampada", "Data: 2 marzo 2026", "A: ann@example.com", "", "x"}, eva, "lampada", "", "x"},
	{"Thunderbird", "Fwd: lamp", []string{"-------- Forwarded Message --------", "Subject: \tlamp", "Date: \tMon, 2 Mar 2026 10:00:00 +0100", "From: \tEva Example <eva@example.net>", "To: \tann@example.com", "", "", "", "It flickers."}, eva, "lamp", "", "It flickers."},
	{"Thunderbird in German", "Fwd: Lampe", []string{"", "", "-------- Weitergeleitete Nachricht --------", "Betreff: \tLampe", "Datum: \tMon, 2 Mar 2026 10:00:00 +0100", "Von: \tEva Example <eva@example.net>", "An: \tann@example.com", "", "x"}, eva, "Lampe", "", "x"},
	{"Seamonkey's brackets", "[Fwd: lamp]", []string{"-------- Original Message --------", "From: Eva Example <eva@example.net>", "To: ann@example.com", "", "x"}, eva, "lamp", "", "x"},
	{"Yahoo", "Fw: lamp", []string{"----- Forwarded Message -----", "From: \"Eva Example\" <eva@example.net>", "To: \"ann@example.com\" <ann@example.com>", "Sent: Monday, March 2, 2026, 10:00:00 AM GMT+1", "Subject: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"Zoho", "Fwd: lamp", []string{"============ Forwarded message ============", "From: Eva Example <eva@example.net>", "To: <ann@example.com>", "Date: Mon, 02 Mar 2026 10:00:00 +0100", "Subject: lamp", "============ Forwarded message ============", "x"}, eva, "lamp", "", "x"},
	{"Spanish", "RV: lámpara", []string{"De: Eva Example <eva@example.net>", "Enviado el: lunes, 2 de marzo de 2026", "Para: ann@example.com", "Asunto: lámpara", "", "x"}, eva, "lámpara", "", "x"},
	{"Portuguese", "ENC: lâmpada", []string{"De: Eva Example <eva@example.net>", "Enviada em: segunda-feira", "Para: ann@example.com", "Assunto: lâmpada", "", "x"}, eva, "lâmpada", "", "x"},
	{"Dutch", "Doorst: lamp", []string{"Van: Eva Example <eva@example.net>", "Verzonden: maandag", "Aan: ann@example.com", "Onderwerp: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"Swedish", "VB: lampa", []string{"Från: Eva Example <eva@example.net>", "Skickat: måndag", "Till: ann@example.com", "Ämne: lampa", "", "x"}, eva, "lampa", "", "x"},
	{"Polish", "PD: lampa", []string{"Od: Eva Example <eva@example.net>", "Wysłano: poniedziałek", "Do: ann@example.com", "Temat: lampa", "", "x"}, eva, "lampa", "", "x"},
	{"Turkish", "İLT: lamba", []string{"Kimden: Eva Example <eva@example.net>", "Gönderildi: 2 Mart", "Kime: ann@example.com", "Konu: lamba", "", "x"}, eva, "lamba", "", "x"},
	{"Russian", "FW: лампа", []string{"-------- Пересылаемое сообщение --------", "От: Eva Example <eva@example.net>", "Кому: ann@example.com", "Тема: лампа", "", "x"}, eva, "лампа", "", "x"},
	{"Chinese", "转发：灯", []string{"发件人： Eva Example <eva@example.net>", "发送时间： 2026年3月2日", "收件人： ann@example.com", "主题： 灯", "", "x"}, eva, "灯", "", "x"},
	{"Japanese", "FW: 電球", []string{"差出人: Eva Example <eva@example.net>", "送信日時: 2026年3月2日", "宛先: ann@example.com", "件名: 電球", "", "x"}, eva, "電球", "", "x"},
	{"Korean", "전달: 램프", []string{"보낸 사람: Eva Example <eva@example.net>", "보낸 날짜: 2026년 3월 2일", "받는 사람: ann@example.com", "제목: 램프", "", "x"}, eva, "램프", "", "x"},
	{"fields between blank lines", "Fwd: lamp", []string{"From: Eva Example <eva@example.net>", "", "Sent: Monday", "", "To: ann@example.com", "", "Subject: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"the address on a line of its own", "Fwd: lamp", []string{"From: Eva Example", " <eva@example.net>", "Date: Monday", "Subject: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"recipients over several lines", "Fwd: lamp", []string{"From: Eva Example <eva@example.net>", "To: ann@example.com,", "  bob@example.com", "Subject: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"the first block counts", "Fwd: lamp", []string{"From: Eva Example <eva@example.net>", "Subject: Fwd: lamp", "", "From: Gus <gus@example.net>", "Subject: lamp", "", "x"}, eva, "Fwd: lamp", "", "From: Gus <gus@example.net>\nSubject: lamp\n\nx"},
	{"no subject in the block", "Fwd: lamp", []string{"From: Eva Example <eva@example.net>", "Date: Monday", "", "x"}, eva, "lamp", "", "x"},
	{"all fields on one line", "Fw: lamp", []string{"----- Forwarded Message -----", "From: \"Eva Example\" <eva@example.net>To: \"Ann\" <ann@example.com>Sent: Monday, March 2", "", "x"}, eva, "lamp", "", "x"},
	{"a new subject over a forwarded mail", "Please help her", []string{"Urgent.", "", "---------- Forwarded message ---------", "From: Eva Example <eva@example.net>", "Subject: lamp", "", "x"}, eva, "lamp", "Urgent.", "x"},
	{"no subject over a forwarded mail", "", []string{"Anfang der weitergeleiteten Nachricht:", "", "Von: Eva Example <eva@example.net>", "Betreff: lamp", "", "x"}, eva, "lamp", "", "x"},
	{"a new subject over a quoted mail", "Please help her", []string{"-----Original Message-----", "From: Eva Example <eva@example.net>", "Subject: lamp", "", "x"}, "", "", "", ""},
	{"an answer over a forwarded mail", "AW: Wtr: lamp", []string{"---------- Forwarded message ---------", "From: Eva Example <eva@example.net>", "Subject: lamp", "", "x"}, "", "", "", ""},
	{"Czech", "Fwd: lampa", []string{"Začátek přeposílané zprávy:", "", "Od: Eva Example <eva@example.net>", "Předmět: lampa", "Datum: 2. března 2026", "Komu: ann@example.com", "", "x"}, eva, "lampa", "", "x"},
	{"Hungarian", "Továbbítás: lámpa", []string{"----- Továbbított üzenet -----", "Feladó: Eva Example <eva@example.net>", "Címzett: ann@example.com", "Elküldve: 2026. március 2.", "Tárgy: lámpa", "", "x"}, eva, "lámpa", "", "x"},
	{"Romanian", "Fwd: lampă", []string{"Începe mesajul redirecționat:", "De la: Eva Example <eva@example.net>", "Subiect: lampă", "Dată: 2 martie 2026", "Către: ann@example.com", "", "x"}, eva, "lampă", "", "x"},
	{"Finnish", "VL: lamppu", []string{"Lähettäjä: Eva Example <eva@example.net>", "Lähetetty: maanantai", "Vastaanottaja: ann@example.com", "Aihe: lamppu", "", "x"}, eva, "lamppu", "", "x"},
	{"Ukrainian", "Fwd: лампа", []string{"Початок листа, що пересилається:", "Від кого: Eva Example <eva@example.net>", "Тема: лампа", "Дата: 2 березня", "Кому: ann@example.com", "", "x"}, eva, "лампа", "", "x"},
	{"Croatian", "Fwd: lampa", []string{"-------- Proslijeđena poruka --------", "Naslov: lampa", "Datum: ponedjeljak", "Šalje: Eva Example <eva@example.net>", "Prima: ann@example.com", "", "x"}, eva, "lampa", "", "x"},
	{"Arabic", "Fwd: مصباح", []string{"من: Eva Example <eva@example.net>", "التاريخ: الاثنين", "الموضوع: مصباح", "إلى: ann@example.com", "", "x"}, eva, "مصباح", "", "x"},
	{"Hebrew", "Fwd: מנורה", []string{"\u202bמאת:\u202c Eva Example <eva@example.net>", "נושא: מנורה", "אל: ann@example.com", "", "x"}, eva, "מנורה", "", "x"},
	{"Greek", "Fwd: λάμπα", []string{"Από: Eva Example <eva@example.net>", "Θέμα: λάμπα", "Προς: ann@example.com", "", "x"}, eva, "λάμπα", "", "x"},
	{"a Finnish answer", "VS: lamppu", []string{"Lähettäjä: Eva Example <eva@example.net>", "Lähetetty: maanantai", "Aihe: lamppu", "", "x"}, "", "", "", ""},
	{"Norwegian", "VS: lampe", []string{"Fra: Eva Example <eva@example.net>", "Sendt: mandag", "Til: ann@example.com", "Emne: lampe", "", "x"}, eva, "lampe", "", "x"},
	{"one line above it", "Fwd: lamp", []string{"fyi", "", "On Mon, Mar 2, 2026 at 10:00 AM Eva Example <eva@example.net> wrote:", "> x"}, eva, "lamp", "fyi", "> x"},
	{"one line above it, in German", "Fwd: Lampe", []string{"Am 02.03.2026 um 10:00 schrieb Eva Example <eva@example.net>:", "> x"}, eva, "Lampe", "", "> x"},
	{"Yahoo, on one line", "Fw: lamp", []string{"fyi", "   ----- Forwarded Message ----- From: \"Eva Example\" <eva@example.net>To: \"Ann\" <ann@example.com>Sent: Monday, March 2, 2026 at 10:00:00 AM GMT+1Subject: lamp", " ", "x"}, eva, "lamp", "fyi", "x"},
	{"Yandex", "Fwd: лампа", []string{"-------- Пересылаемое сообщение --------", "02.03.2026, 10:00, \"Eva Example\" <eva@example.net>:", "", "x"}, eva, "лампа", "-------- Пересылаемое сообщение --------", "x"},
	{"a date and an author without a heading", "Fwd: lamp", []string{"It was her:", "02.03.2026, 10:00, \"Eva Example\" <eva@example.net>:", "x"}, "", "", "", ""},
	{"no prefix", "lamp", []string{"From: Eva Example <eva@example.net>", "Subject: lamp", "", "x"}, "", "", "", ""},
	{"an answer to a forwarded mail", "Re: Fwd: lamp", []string{"From: Eva Example <eva@example.net>", "Subject: lamp", "", "x"}, "", "", "", ""},
	{"no block", "Fwd: lamp", []string{"Look at this: a lamp."}, "", "", "", ""},
	{"no address", "Fwd: lamp", []string{"From: Eva", "Subject: lamp", "", "x"}, "", "", "", ""},
	{"a From and nothing beside it", "Fwd: lamp", []string{"From: Eva <eva@example.net>", "It flickers."}, "", "", "", ""},
}

func TestForwarded(t *testing.T) {
	t.Parallel()
	for _, c := range forwardCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(headed(strings.Join(c.text, "\r\n"), "Subject: "+c.subject, "Content-Type: text/plain; charset=utf-8"))
			inner, ok := gateway.Forwarded(m)
			if ok != (c.from != "") {
				t.Fatalf("%v %+v", ok, inner)
			}
			if !ok {
				return
			}
			if got := inner.From.Name + " <" + inner.From.Email + ">"; got != c.from || inner.Subject != c.inner || inner.Attachment != -1 {
				t.Errorf("from %s, %q", got, inner.Subject)
			}
			if above, body := strings.TrimSpace(m.Text[:inner.Begins]), m.Text[inner.Body:]; above != c.above || strings.TrimSpace(body) != c.body {
				t.Errorf("above %q, body %q", above, body)
			}
		})
	}
}

func TestForwardedAttachment(t *testing.T) {
	t.Parallel()
	part := func(from string) string {
		return "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: " + from + "\r\nSubject: =?utf-8?Q?L=C3=A4mpchen?=\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\nx\r\n"
	}
	multi := func(typ string, parts ...string) *gateway.Mail {
		return read(headed("--b\r\n\r\nsee\r\n"+strings.Join(parts, "")+"--b--", "Content-Type: multipart/"+typ+"; boundary=b"))
	}
	inner, ok := gateway.Forwarded(multi("mixed", part(eva)))
	if !ok || inner.From.Email != "eva@example.net" || inner.Subject != "Lämpchen" || inner.Attachment != 0 || inner.Begins != 3 || inner.Date.IsZero() {
		t.Errorf("%v %+v", ok, inner)
	}
	if inner, ok := gateway.Forwarded(multi("mixed", part(eva), part(eva))); !ok || inner.Attachment != 0 {
		t.Errorf("two of one author: %+v", inner)
	}
	for name, m := range map[string]*gateway.Mail{
		"mails of two authors":   multi("mixed", part(eva), part("gus@example.net")),
		"a mail without a From":  multi("mixed", part("nobody")),
		"a report about a mail":  multi("report; report-type=delivery-status", part(eva)),
		"no mail is attached":    multi("mixed"),
		"a mail that is no mail": read([]byte(strings.Repeat("x", 51<<20))),
	} {
		if inner, ok := gateway.Forwarded(m); ok {
			t.Errorf("%s: %+v", name, inner)
		}
	}
}

// TestForwardedHTML finds the block where the mail has HTML only.
func TestForwardedHTML(t *testing.T) {
	t.Parallel()
	for name, html := range map[string]string{
		"Gmail":              `<div dir="ltr">Please help.<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>From: <strong class="gmail_sendername" dir="auto">Eva Example</strong> <span dir="auto">&lt;<a href="mailto:eva@example.net">eva@example.net</a>&gt;</span><br>Date: Mon, Mar 2, 2026 at 10:00 AM<br>Subject: lamp<br>To:  &lt;<a href="mailto:ann@example.com">ann@example.com</a>&gt;<br></div><br><br><div>It flickers.</div></div></div>`,
		"Outlook":            `<div class=WordSection1><p class=MsoNormal>Please help.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Eva Example &lt;eva@example.net&gt; <br><b>Sent:</b> Monday, March 2, 2026 10:00 AM<br><b>To:</b> Ann &lt;ann@example.com&gt;<br><b>Subject:</b> lamp<o:p></o:p></p></div><p class=MsoNormal>It flickers.</p></div>`,
		"Apple":              `<html><body>Please help.<br><blockquote type="cite"><div>Begin forwarded message:</div><br class="x"><div style="margin:0"><span><b>From: </b></span><span>Eva Example &lt;<a href="mailto:eva@example.net">eva@example.net</a>&gt;<br></span></div><div><span><b>Subject: </b></span><span><b>lamp</b><br></span></div><div><span><b>Date: </b></span><span>2 March 2026 at 10:00:00 CET<br></span></div><div><span><b>To: </b></span><span>ann@example.com<br></span></div><br><div>It flickers.</div></blockquote></body></html>`,
		"Thunderbird":        `<p>Please help.</p><div class="moz-forward-container">-------- Forwarded Message --------<table class="moz-email-headers-table"><tbody><tr><th>Subject: </th><td>lamp</td></tr><tr><th>Date: </th><td>Mon, 2 Mar 2026 10:00:00 +0100</td></tr><tr><th>From: </th><td>Eva Example <a href="mailto:eva@example.net">&lt;eva@example.net&gt;</a></td></tr><tr><th>To: </th><td>ann@example.com</td></tr></tbody></table><br><br>It flickers.</div>`,
		"Yahoo":              `<div>Please help.</div><div>----- Forwarded Message -----</div><div><b>From:</b> Eva Example &lt;eva@example.net&gt;</div><div><b>To:</b> "ann@example.com" &lt;ann@example.com&gt;</div><div><b>Sent:</b> Monday</div><div><b>Subject:</b> lamp</div><div><br></div><div>It flickers.</div>`,
		"Outlook on the web": `<div>Please help.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Eva Example &lt;eva@example.net&gt;<br><b>Sent:</b> Monday<br><b>To:</b> ann@example.com &lt;ann@example.com&gt;<br><b>Subject:</b> lamp</font><div>&nbsp;</div></div><div>It flickers.</div>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read(headed(html, "Subject: Fwd: lamp", "Content-Type: text/html; charset=utf-8"))
			inner, ok := gateway.Forwarded(m)
			if !ok || inner.From.Name+" <"+inner.From.Email+">" != eva || inner.Subject != "lamp" {
				t.Fatalf("%+v in\n%s", inner, m.Text)
			}
			if above, body := strings.TrimSpace(m.Text[:inner.Begins]), m.Text[inner.Body:]; above != "Please help." || body != "It flickers." {
				t.Errorf("above %q, body %q in\n%s", above, body, m.Text)
			}
		})
	}
}
