package replytext

import (
	"html"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// blocks are the header fields that mail programs write above what they quote, as "program, language" and the names of
// the fields in the program's order, with what it writes behind them.
var blocks = map[string]string{
	"Outlook en":     "From:|Ann Example <ann@example.com>\nSent:|Monday, January 5, 2026 9:00 AM\nTo:|Support <support@desk.example>\nSubject:|RE: Lamp",
	"Outlook de":     "Von:|Ann Example <ann@example.com>\nGesendet:|Montag, 5. Januar 2026 09:00\nAn:|Support <support@desk.example>\nBetreff:|AW: Lampe",
	"Outlook fr":     "De :|Ann Example <ann@example.com>\nEnvoyé :|lundi 5 janvier 2026 09:00\nÀ :|Support <support@desk.example>\nObjet :|RE: Lampe",
	"Outlook fr 2":   "De\u00a0:|Ann Example\nEnvoyé\u00a0:|lundi 5 janvier 2026 09:00\nÀ\u00a0:|Support\nCc\u00a0:|Bob\nObjet\u00a0:|RE: Lampe",
	"Outlook es":     "De:|Ann Example <ann@example.com>\nEnviado:|lunes, 5 de enero de 2026 9:00\nPara:|Support\nAsunto:|RE: Lámpara",
	"Outlook es 2":   "De:|Ann Example\nEnviado el:|lunes, 5 de enero de 2026 9:00\nPara:|Support\nCC:|Bob\nAsunto:|RE: Lámpara",
	"Outlook it":     "Da:|Ann Example <ann@example.com>\nInviato:|lunedì 5 gennaio 2026 09:00\nA:|Support\nOggetto:|R: Lampada",
	"Outlook pt":     "De:|Ann Example <ann@example.com>\nEnviado:|segunda-feira, 5 de janeiro de 2026 09:00\nPara:|Support\nAssunto:|RE: Lâmpada",
	"Outlook pt 2":   "De:|Ann Example\nEnviada em:|segunda-feira, 5 de janeiro de 2026 09:00\nPara:|Support\nAssunto:|RES: Lâmpada",
	"Outlook nl":     "Van:|Ann Example <ann@example.com>\nVerzonden:|maandag 5 januari 2026 09:00\nAan:|Support\nOnderwerp:|RE: Lamp",
	"Outlook pl":     "Od:|Ann Example <ann@example.com>\nWysłano:|poniedziałek, 5 stycznia 2026 09:00\nDo:|Support\nTemat:|ODP: Lampa",
	"Outlook sv":     "Från:|Ann Example <ann@example.com>\nSkickat:|den 5 januari 2026 09:00\nTill:|Support\nÄmne:|SV: Lampa",
	"Outlook da":     "Fra:|Ann Example <ann@example.com>\nSendt:|5. januar 2026 09:00\nTil:|Support\nEmne:|SV: Lampe",
	"Outlook nb":     "Fra:|Ann Example <ann@example.com>\nSendt:|mandag 5. januar 2026 09:00\nTil:|Support\nEmne:|SV: Lampe",
	"Outlook fi":     "Lähettäjä:|Ann Example <ann@example.com>\nLähetetty:|maanantai 5. tammikuuta 2026 9.00\nVastaanottaja:|Support\nAihe:|VS: Lamppu",
	"Outlook cs":     "Od:|Ann Example <ann@example.com>\nOdesláno:|pondělí 5. ledna 2026 9:00\nKomu:|Support\nPředmět:|RE: Lampa",
	"Outlook sk":     "Od:|Ann Example <ann@example.com>\nOdoslané:|pondelok 5. januára 2026 9:00\nKomu:|Support\nPredmet:|RE: Lampa",
	"Outlook hu":     "Feladó:|Ann Example <ann@example.com>\nElküldve:|2026. január 5., hétfő 9:00\nCímzett:|Support\nTárgy:|RE: Lámpa",
	"Outlook ro":     "De la:|Ann Example <ann@example.com>\nTrimis:|luni, 5 ianuarie 2026 09:00\nCătre:|Support\nSubiect:|RE: Lampa",
	"Outlook tr":     "Kimden:|Ann Example <ann@example.com>\nGönderildi:|5 Ocak 2026 Pazartesi 09:00\nKime:|Support\nKonu:|YNT: Lamba",
	"Outlook tr 2":   "Gönderen:|Ann Example <ann@example.com>\nGönderilme Tarihi:|5 Ocak 2026 Pazartesi 09:00\nKime:|Support\nKonu:|YNT: Lamba",
	"Outlook el":     "Από:|Ann Example <ann@example.com>\nΣτάλθηκε:|Δευτέρα, 5 Ιανουαρίου 2026 9:00 πμ\nΠρος:|Support\nΘέμα:|RE: x",
	"Outlook ru":     "От:|Ann Example <ann@example.com>\nОтправлено:|5 января 2026 г. 9:00\nКому:|Support\nТема:|RE: Лампа",
	"Outlook uk":     "Від:|Ann Example <ann@example.com>\nНадіслано:|5 січня 2026 р. 9:00\nКому:|Support\nТема:|RE: Лампа",
	"Outlook bg":     "От:|Ann Example <ann@example.com>\nИзпратено:|понеделник, 5 януари 2026 г. 9:00\nДо:|Support\nОтносно:|RE: x",
	"Outlook hr":     "Od:|Ann Example <ann@example.com>\nPoslano:|ponedjeljak, 5. siječnja 2026. 9:00\nPrima:|Support\nPredmet:|RE: x",
	"Outlook zh":     "发件人:|Ann Example <ann@example.com>\n发送时间:|2026年1月5日 9:00\n收件人:|Support\n主题:|回复: x",
	"Outlook zh 2":   "发件人：|Ann Example\n发送时间：|2026年1月5日 9:00\n收件人：|Support\n主题：|回复: x",
	"Outlook zh-TW":  "寄件者:|Ann Example <ann@example.com>\n寄件日期:|2026年1月5日 上午 09:00\n收件者:|Support\n主旨:|RE: x",
	"Outlook ja":     "差出人:|Ann Example <ann@example.com>\n送信日時:|2026年1月5日 9:00\n宛先:|Support\n件名:|RE: x",
	"Outlook ko":     "보낸 사람:|Ann Example <ann@example.com>\n보낸 날짜:|2026년 1월 5일 월요일 오전 9:00\n받는 사람:|Support\n제목:|RE: x",
	"Outlook he":     "מאת:|Ann Example <ann@example.com>\nנשלח:|יום שני 5 ינואר 2026 09:00\nאל:|Support\nנושא:|RE: x",
	"Outlook ar":     "من:|Ann Example <ann@example.com>\nتم الإرسال:|الاثنين 5 يناير 2026 09:00\nإلى:|Support\nالموضوع:|RE: x",
	"Outlook Mac":    "From:|Ann Example <ann@example.com>\nDate:|Monday, January 5, 2026 at 9:00 AM\nTo:|Support <support@desk.example>\nSubject:|Re: Lamp",
	"Outlook Mac de": "Von:|Ann Example <ann@example.com>\nDatum:|Montag, 5. Januar 2026 um 09:00\nAn:|Support\nBetreff:|Re: Lampe",
	"Outlook Mac fr": "De :|Ann Example <ann@example.com>\nDate :|lundi 5 janvier 2026 à 09:00\nÀ :|Support\nObjet :|Re: Lampe",
	"Outlook Mac es": "De:|Ann Example <ann@example.com>\nFecha:|lunes, 5 de enero de 2026, 9:00\nPara:|Support\nAsunto:|Re: x",
	"Outlook Mac it": "Da:|Ann Example <ann@example.com>\nData:|lunedì, 5 gennaio 2026 09:00\nA:|Support\nOggetto:|Re: x",
	"Outlook Mac nl": "Van:|Ann Example <ann@example.com>\nDatum:|maandag 5 januari 2026 om 09:00\nAan:|Support\nOnderwerp:|Re: x",
	"GMX":            "Gesendet:|Montag, 05. Januar 2026 um 09:00 Uhr\nVon:|\"Ann Example\" <ann@example.com>\nAn:|support@desk.example\nBetreff:|Re: Lampe",
	"GMX en":         "Sent:|Monday, January 05, 2026 at 9:00 AM\nFrom:|\"Ann Example\" <ann@example.com>\nTo:|support@desk.example\nSubject:|Re: Lamp",
	"T-Online":       "Betreff:|Re: Lampe\nDatum:|2026-01-05T09:00:00+0100\nVon:|\"Ann Example\" <ann@example.com>\nAn:|support@desk.example",
	"Hotmail":        "Date:|Mon, 5 Jan 2026 09:00:00 +0100\nFrom:|ann@example.com\nTo:|support@desk.example\nSubject:|Re: Lamp",
	"Hotmail old":    "Subject:|Re: Lamp\nFrom:|ann@example.com\nDate:|Mon, 5 Jan 2026 09:00:00 +0100\nTo:|support@desk.example",
	"Naver":          "From:|\"Ann\"<ann@example.com>\nTo:|<support@desk.example>;\nCc:|\nSent:|2026-01-05 (월) 09:00:00 (GMT+09:00)\nSubject:|Re: x",
	"QQ":             "发件人:|\"Ann\"<ann@example.com>;\n发送时间:|2026年1月5日(星期一) 上午9:00\n收件人:|\"support\"<support@desk.example>;\n主题:|Re: x",
	"AOL":            "From:|Ann Example <ann@example.com>\nTo:|support <support@desk.example>\nSent:|Mon, Jan 5, 2026 9:00 am\nSubject:|Re: Lamp",
	"BlackBerry":     "From:|Ann Example <ann@example.com>\nSender:|list@example.com\nDate:|Mon, 5 Jan 2026 09:00:00\nTo:|<support@desk.example>\nReply-To:|ann@example.com\nSubject:|Re: Lamp",
	"Samsung":        "From:|Ann Example <ann@example.com>\nDate:|05/01/2026 09:00 (GMT+00:00)\nTo:|support@desk.example\nSubject:|Re: Lamp",
	"Zimbra":         "From:|\"Ann Example\" <ann@example.com>\nTo:|\"support\" <support@desk.example>\nSent:|Monday, January 5, 2026 9:00:00 AM\nSubject:|Re: Lamp",
	"Notes":          "From:|       Ann Example <ann@example.com>\nTo:|       support@desk.example\nCc:|       Bob/Org@Org\nDate:|       05.01.2026 09:00\nSubject:|       Re: Lamp",
	"Windows Mail":   "From:|Ann Example\nSent:|Monday, 5 January 2026 09:00\nTo:|Support\nSubject:|RE: Lamp",
	"mailto":         "From:|Ann Example [mailto:ann@example.com]\nSent:|Monday, January 5, 2026 9:00 AM\nTo:|'Support'\nCc:|Bob; Cem\nSubject:|RE: Lamp\nImportance:|High",
	"many":           "From:|Ann Example <ann@example.com>\nSent:|Monday, January 5, 2026 9:00 AM\nTo:|Aaa Bbbbbbb <a.b@example.com>; Ccc Ddddddd <c.d@example.com>; Eee Fffffff <e.f@example.com>;\nGgg Hhhhhhh <g.h@example.com>\nCc:|Iii Jjjjjjj <i.j@example.com>\nSubject:|RE: Lamp",
}

// headings stand above such fields.
var headings = []string{
	"", "________________________________\n", "-----Original Message-----\n", "-------- Original message --------\n", "----- Original Message -----\n", "------ Original Message ------\n", "-------- Ursprüngliche Nachricht --------\n",
	"-----Message d'origine-----\n", "------------------ 原始邮件 ------------------\n", "-----Mensaje original-----\n", "--------------------------------------------------\n", "\n\n  Original Message  \n", "=====================================================\n",
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	const quoted = "Does it work?\n\nAnn"
	check := func(t *testing.T, got string) {
		t.Helper()
		if got != said {
			t.Errorf("got %q", got)
		}
	}
	for name, block := range blocks {
		for i, heading := range headings {
			plain := strings.ReplaceAll(block, "|", " ")
			tight := strings.ReplaceAll(block, "|", "")
			bold := "*" + strings.ReplaceAll(strings.ReplaceAll(block, "|", "* "), "\n", "\n*")
			if strings.Contains(name, "many") {
				bold = plain
			}
			for how, text := range map[string]string{
				"plain":     said + "\n\n" + heading + plain + "\n\n" + quoted + "\n",
				"close":     said + "\n" + heading + plain + "\n" + quoted + "\n",
				"tight":     said + "\n\n" + heading + tight + "\n\n" + quoted + "\n",
				"bold":      said + "\n\n" + heading + bold + "\n\n" + quoted + "\n",
				"marked":    said + "\n\n" + quotedBy(heading+plain+"\n\n"+quoted) + "\n",
				"spaced":    said + "\n\n" + heading + strings.ReplaceAll(plain, "\n", "\n\n") + "\n\n" + quoted + "\n",
				"telephone": said + "\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n" + heading + plain + "\n\n" + quoted + "\n",
				"below it":  said + "\n\n-- \nBob\n\n" + heading + plain + "\n\n" + quoted + "\n",
			} {
				if i > 0 && how != "plain" && how != "marked" && how != "close" {
					continue
				}
				t.Run(name+" under "+heading+" "+how, func(t *testing.T) {
					t.Parallel()
					check(t, ticket.Unfolded(text, Text(text, nil)))
				})
			}
		}
		lines := strings.Split(html.EscapeString(block), "\n")
		for i := range lines {
			label, value, _ := strings.Cut(lines[i], "|")
			lines[i] = "<b>" + label + "</b> " + value
		}
		rows := strings.Join(lines, "<br>")
		paras := "<p>" + strings.Join(lines, "</p><p>") + "</p>"
		table := "<table><tr><td>" + strings.Join(lines, "</td></tr><tr><td>") + "</td></tr></table>"
		for how, source := range map[string]string{
			"Outlook on the web": "<div>" + said + "</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font>" + rows + "</font></div><div>Does it work?</div>",
			"Outlook":            "<p class=MsoNormal>" + said + "</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal>" + rows + "</p></div></div><p>Does it work?</p>",
			"rule":               "<div>" + said + "</div><hr><div>" + rows + "</div><div>Does it work?</div>",
			"paragraphs":         "<p>" + said + "</p>" + paras + "<p>Does it work?</p>",
			"table":              "<p>" + said + "</p>" + table + "<p>Does it work?</p>",
			"block quote":        "<p>" + said + "</p><blockquote><div>" + rows + "</div><div>Does it work?</div></blockquote>",
			"renamed":            "<div>" + said + "</div><div id=\"x_appendonsend\"></div><hr><div id=\"x_divRplyFwdMsg\">" + rows + "</div><div>Does it work?</div>",
		} {
			t.Run(name+" in HTML "+how, func(t *testing.T) {
				t.Parallel()
				text, folds := HTML(source, nil)
				check(t, ticket.Unfolded(text, folds))
			})
		}
	}
}
