package replytext

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// programs are mail programs with the lines that mail programs write above a quote, in their languages.
var programs = map[string][]string{
	"Gmail": {
		"On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:",
		"On Mon, 5 Jan 2026 at 09:00, Ann Example <ann@example.com> wrote:",
		"On Mon, 5 Jan 2026, 09:00 Ann Example, <ann@example.com> wrote:",
		"Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb Ann Example <ann@example.com>:",
		"Ann Example <ann@example.com> schrieb am Mo., 5. Jan. 2026, 09:00:",
		"Le lun. 5 janv. 2026 à 09:00, Ann Example <ann@example.com> a écrit :",
		"El lun, 5 ene 2026 a las 9:00, Ann Example (<ann@example.com>) escribió:",
		"Il giorno lun 5 gen 2026 alle ore 09:00 Ann Example <ann@example.com> ha scritto:",
		"Em seg., 5 de jan. de 2026 às 09:00, Ann Example <ann@example.com> escreveu:",
		"Ann Example <ann@example.com> escreveu (segunda, 5/01/2026 à(s) 09:00):",
		"Op ma 5 jan 2026 om 09:00 schreef Ann Example <ann@example.com>:",
		"pon., 5 sty 2026 o 09:00 Ann Example <ann@example.com> napisał(a):",
		"пн, 5 янв. 2026 г. в 09:00, Ann Example <ann@example.com>:",
		"пн, 5 січ. 2026 р. о 09:00 Ann Example <ann@example.com> пише:",
		"Den mån 5 jan. 2026 kl 09:00 skrev Ann Example <ann@example.com>:",
		"Den man. 5. jan. 2026 kl. 09.00 skrev Ann Example <ann@example.com>:",
		"man. 5. jan. 2026 kl. 09:00 skrev Ann Example <ann@example.com>:",
		"ma 5. tammik. 2026 klo 9.00 Ann Example (ann@example.com) kirjoitti:",
		"po 5. 1. 2026 v 9:00 odesílatel Ann Example <ann@example.com> napsal:",
		"po 5. 1. 2026 o 9:00 Ann Example <ann@example.com> napísal(a):",
		"Ann Example <ann@example.com> ezt írta (időpont: 2026. jan. 5., H, 9:00):",
		"În lun., 5 ian. 2026 la 09:00, Ann Example <ann@example.com> a scris:",
		"Ann Example <ann@example.com>, 5 Oca 2026 Pzt, 09:00 tarihinde şunu yazdı:",
		"Στις Δευ 5 Ιαν 2026 στις 9:00 π.μ., ο χρήστης Ann Example <ann@example.com> έγραψε:",
		"На пн, 5.01.2026 г. в 9:00 Ann Example <ann@example.com> написа:",
		"pon, 5. sij 2026. u 09:00 Ann Example <ann@example.com> napisao je:",
		"V V pon., 5. jan. 2026 ob 09:00 je oseba Ann Example <ann@example.com> napisala:",
		"пон, 5. јан 2026. у 09:00 Ann Example <ann@example.com> је написао/ла:",
		"2026-01-05, pr, 09:00 Ann Example <ann@example.com> rašė:",
		"pirmd., 2026. g. 5. janv., plkst. 09:00 — lietotājs Ann Example (<ann@example.com>) rakstīja:",
		"Kuupäev E, 5. jaanuar 2026 kell 09:00 kirjutas kasutaja Ann Example <ann@example.com>:",
		"Ann Example <ann@example.com> 于2026年1月5日周一 09:00写道：",
		"Ann Example <ann@example.com> 於 2026年1月5日 週一 上午9:00寫道：",
		"2026年1月5日(月) 9:00 Ann Example <ann@example.com>:",
		"2026년 1월 5일 (월) 오전 9:00, Ann Example <ann@example.com>님이 작성:",
		"في الاثنين، 5 يناير 2026 في 9:00 ص تمت كتابة ما يلي بواسطة Ann Example <ann@example.com>:",
		"\u202bבתאריך יום ב׳, 5 בינו׳ 2026 ב-9:00 מאת \u202aAnn Example\u202c\u200f <\u202aann@example.com\u202c\u200f>:\u202c",
		"Vào Th 2, 5 thg 1, 2026 vào lúc 09:00 Ann Example <ann@example.com> đã viết:",
		"ในวันที่ จ. 5 ม.ค. 2026 เวลา 09:00 Ann Example <ann@example.com> เขียนว่า:",
		"Pada Sen, 5 Jan 2026 pukul 09.00 Ann Example <ann@example.com> menulis:",
		"Missatge de Ann Example <ann@example.com> del dia dl., 5 de gen. 2026 a les 9:00:",
		"در تاریخ دوشنبه ۵ ژانویهٔ ۲۰۲۶،\u200f ۹:۰۰ Ann Example <ann@example.com> نوشت:",
		"सोम, 5 जन॰ 2026 को 9:00 am बजे को Ann Example <ann@example.com> ने लिखा:",
	},
	"Apple": {
		"On Jan 5, 2026, at 9:00 AM, Ann Example <ann@example.com> wrote:",
		"On 5 Jan 2026, at 09:00, Ann Example <ann@example.com> wrote:",
		"On Jan 5, 2026, at 09:00, ann@example.com wrote:",
		"Am 05.01.2026 um 09:00 schrieb Ann Example <ann@example.com>:",
		"Le 5 janv. 2026 à 09:00, Ann Example <ann@example.com> a écrit :",
		"El 5 ene 2026, a las 9:00, Ann Example <ann@example.com> escribió:",
		"Il giorno 5 gen 2026, alle ore 09:00, Ann Example <ann@example.com> ha scritto:",
		"Op 5 jan. 2026 om 09:00 heeft Ann Example <ann@example.com> het volgende geschreven:",
		"No dia 05/01/2026, às 09:00, Ann Example <ann@example.com> escreveu:",
		"Em 5 de jan. de 2026, à(s) 09:00, Ann Example <ann@example.com> escreveu:",
		"5 jan. 2026 kl. 09:00 skrev Ann Example <ann@example.com>:",
		"Den 5. jan. 2026 kl. 09.00 skrev Ann Example <ann@example.com>:",
		"Ann Example <ann@example.com> kirjoitti 5.1.2026 kello 9.00:",
		"Wiadomość napisana przez Ann Example <ann@example.com> w dniu 05.01.2026, o godz. 09:00:",
		"5 янв. 2026 г., в 09:00, Ann Example <ann@example.com> написал(а):",
		"2026/01/05 9:00、Ann Example <ann@example.com>のメール:",
		"在 2026年1月5日，09:00，Ann Example <ann@example.com> 写道：",
		"2026. 1. 5. 오전 9:00, Ann Example <ann@example.com> 작성:",
		"Ann Example <ann@example.com> şunları yazdı (5 Oca 2026 09:00):",
		"5. 1. 2026 v 9:00, Ann Example <ann@example.com>:",
		"2026. jan. 5. dátummal, 9:00 időpontban Ann Example <ann@example.com> írta:",
		"5 Ιαν 2026, 9:00 π.μ., ο χρήστης «Ann Example <ann@example.com>» έγραψε:",
		"ב-5 בינו׳ 2026, בשעה 9:00, Ann Example <ann@example.com> כתב/ה:",
	},
	"Thunderbird": {
		"On 05/01/2026 09:00, Ann Example wrote:", "On 1/5/26 9:00 AM, Ann Example wrote:", "On 1/5/2026 9:00 AM, Ann Example via lists.example.com wrote:",
		"Am 05.01.2026 um 09:00 schrieb Ann Example:", "Am 05.01.26 um 09:00 schrieb Ann Example:", "Le 05/01/2026 à 09:00, Ann Example a écrit :", "El 5/1/26 a las 9:00, Ann Example escribió:", "Il 05/01/2026 09:00, Ann Example ha scritto:",
		"Op 5-1-2026 om 09:00 schreef Ann Example:", "Em 05/01/2026 09:00, Ann Example escreveu:", "W dniu 5.01.2026 o 09:00, Ann Example pisze:", "05.01.2026 9:00, Ann Example пишет:", "Dne 05. 01. 26 v 9:00 Ann Example napsal(a):",
		"Den 2026-01-05 kl. 09:00, skrev Ann Example:", "Den 05.01.2026 kl. 09.00 skrev Ann Example:", "Den 05.01.2026 09:00, skrev Ann Example:", "Ann Example kirjoitti 5.1.2026 klo 9.00:", "2026. 01. 05. 9:00 keltezéssel, Ann Example írta:",
		"On 2026/01/05 9:00, Ann Example wrote:", "在 2026/1/5 9:00, Ann Example 写道:", "Pe 05.01.2026 09:00, Ann Example a scris:", "Dňa 5. 1. 2026 o 9:00 Ann Example napísal(a):", "5.01.2026 09:00 tarihinde Ann Example yazdı:", "Στις 5/1/26 09:00, ο Ann Example έγραψε:",
	},
	"Yahoo": {
		"On Monday, January 5, 2026 at 09:00:00 AM GMT+1, Ann Example <ann@example.com> wrote:",
		"On Monday, January 5, 2026, 09:00:00 AM EST, Ann Example <ann@example.com> wrote:",
		"Am Montag, 5. Januar 2026, 09:00:00 MEZ hat Ann Example <ann@example.com> Folgendes geschrieben:",
		"Am Montag, 5. Januar 2026 um 09:00:00 MEZ hat Ann Example <ann@example.com> Folgendes geschrieben:",
		"Le lundi 5 janvier 2026 à 09:00:00 UTC+1, Ann Example <ann@example.com> a écrit :",
		"El lunes, 5 de enero de 2026, 09:00:00 CET, Ann Example <ann@example.com> escribió:",
		"Il lunedì 5 gennaio 2026 alle ore 09:00:00 CET, Ann Example <ann@example.com> ha scritto:",
		"Em segunda-feira, 5 de janeiro de 2026 09:00:00 BRT, Ann Example <ann@example.com> escreveu:",
	},
	"others": {
		"On Monday, January 5th, 2026 at 9:00 AM, Ann Example <ann@example.com> wrote:",                   // Proton
		"---- On Mon, 05 Jan 2026 09:00:00 +0100 Ann Example <ann@example.com> wrote ---",                 // Zoho
		"---- On Mon, 05 Jan 2026 09:00:00 +0100 Ann Example<ann@example.com> wrote ----",                 // Zoho
		"On Monday, January 05, 2026 09:00 CET, Ann Example <ann@example.com> wrote:",                     // SOGo
		"Am Montag, Januar 05, 2026 09:00 CET, schrieb Ann Example <ann@example.com>:",                    // SOGo
		"On 2026-01-05 09:00, Ann Example wrote:",                                                         // Roundcube
		"Am 2026-01-05 09:00, schrieb Ann Example:",                                                       // Roundcube
		"Am 05.01.2026 09:00 schrieb Ann Example:",                                                        // Roundcube
		"Le 2026-01-05 09:00, Ann Example a écrit :",                                                      // Roundcube
		"Quoting Ann Example <ann@example.com>:",                                                          // Horde
		"Zitat von Ann Example <ann@example.com>:",                                                        // Horde
		"Ann Example <ann@example.com> wrote:",                                                            // Horde
		"Ann Example <ann@example.com> a écrit :",                                                         // Horde
		"On Mon, Jan 05, 2026 at 09:00:00AM +0100, Ann Example wrote:",                                    // Mutt
		"Ann Example <ann@example.com> writes:",                                                           // Gnus
		"On Mon, Jan 05 2026 at 09:00, Ann Example wrote:",                                                // Gnus
		"Am Montag, 5. Januar 2026, 09:00:00 CET schrieb Ann Example:",                                    // KMail
		"On Monday, 5 January 2026 09:00:00 CET Ann Example wrote:",                                       // KMail
		"On Mon, 2026-01-05 at 09:00 +0100, Ann Example wrote:",                                           // Evolution
		"Am Montag, dem 05.01.2026 um 09:00 +0100 schrieb Ann Example:",                                   // Evolution
		"Понедельник, 5 января 2026, 9:00 +03:00 от Ann Example <ann@example.com>:",                       // Mail.ru
		"05.01.2026, 09:00, \"Ann Example\" <ann@example.com>:",                                           // Yandex
		"At 2026-01-05 09:00:00, \"Ann Example\" <ann@example.com> wrote:",                                // 163
		"在 2026-01-05 09:00:00，\"Ann Example\" <ann@example.com> 写道：",                                     // 163
		"Am 5. Januar 2026 09:00:00 MEZ schrieb Ann Example <ann@example.com>:",                           // K-9
		"On 5 January 2026 09:00:00 GMT, Ann Example <ann@example.com> wrote:",                            // K-9
		"On 5 Jan 2026, 09:00 +0100, Ann Example <ann@example.com>, wrote:",                               // Spark
		"On 5 January 2026 at 09:00:00, Ann Example (ann@example.com) wrote:",                             // Airmail
		"On Mon, Jan 5, 2026 at 9:00am, Ann Example <ann@example.com> wrote:",                             // Newton
		"On Mon, Jan 05, 2026 at 9:00 AM, Ann Example <[ann@example.com](mailto:ann@example.com)> wrote:", // Superhuman
		"Jan 5, 2026, 09:00 by ann@example.com:",                                                          // Tutanota
		"5. Januar 2026, 09:00 von ann@example.com:",                                                      // Tutanota
		"On Mon, 5 Jan 2026, at 9:00 AM, Ann Example wrote:",                                              // Fastmail
		"On Monday, January 5, 2026 at 9:00:00 AM UTC+1 Ann Example wrote:",                               // Google Groups
		"On 5 Jan 2026 at 9:00, Ann Example wrote:",                                                       // Pegasus
		"At 09:00 AM 1/5/2026, Ann Example wrote:",                                                        // Eudora
		"On Mon, 05 Jan 2026 09:00:00 +0100, Ann Example <ann@example.com> wrote:",                        // Opera
		"On Mon, 5 Jan 2026 09:00:00 +0100\nAnn Example <ann@example.com> wrote:",                         // Claws
		"On Monday, 5 January 2026, Ann Example <ann@example.com> wrote:",                                 // Gmail, of a day
		"On 05.01.2026 09:00, \"Example, Ann\" <ann@example.com> wrote:",                                  // names with commas
		"On Mon, Jan 5, 2026 at 9:00 AM 'Ann Example' via Support <support@lists.example.com> wrote:",     // groups
		"Ann Example schrieb am 05.01.2026 um 09:00:",                                                     // Postbox
		"Ann Example wrote on 1/5/26 9:00 AM:",                                                            // Postbox, SeaMonkey
		"Ann Example a écrit le 05/01/2026 à 09:00 :",                                                     // SeaMonkey
		"-----Ann Example <ann@example.com> wrote: -----",                                                 // Notes
		"Am Mo, 5. Jan 2026, um 09:00, schrieb Ann Example:",                                              // Fastmail
		"Le lun. 5 janv. 2026, à 09 h 00, Ann Example <ann@example.com> a écrit :",                        // Canada
		"El 2026-01-05 09:00, Ann Example escribió:",                                                      // Roundcube
		"W dniu 2026-01-05 09:00, Ann Example napisał(a):",                                                // Roundcube
		"Dne 2026-01-05 09:00, Ann Example napsal:",                                                       // Roundcube
		"Den 2026-01-05 09:00, skrev Ann Example:",                                                        // Roundcube
		"Ann Example írta 2026-01-05 09:00 időpontban:",                                                   // Roundcube
		"Ann Example писал 2026-01-05 09:00:",                                                             // Roundcube
		"2026-01-05 09:00, Ann Example yazdı:",                                                            // Roundcube
		"2026-01-05 09:00, Ann Example 写道:",                                                               // Roundcube
		"2026-01-05 09:00 に Ann Example さんは書きました:",                                                        // Roundcube
		"Il 2026-01-05 09:00 Ann Example ha scritto:",                                                     // Roundcube
		"Em 2026-01-05 09:00, Ann Example escreveu:",                                                      // Roundcube
		"Op 2026-01-05 09:00 schreef Ann Example:",                                                        // Roundcube
		"Στις 2026-01-05 09:00, Ann Example έγραψε:",                                                      // Roundcube
		"Em seg, 5 de jan de 2026 09:00, Ann Example <ann@example.com> escreveu:",                         // Gmail on a telephone
		"El lun., 5 de enero de 2026 9:00 a. m., Ann Example <ann@example.com> escribió:",                 // Gmail on a telephone
		"Il lun 5 gen 2026, 09:00 Ann Example <ann@example.com> ha scritto:",                              // Gmail on a telephone
		"Op ma 5 jan. 2026 09:00 schreef Ann Example <ann@example.com>:",                                  // Gmail on a telephone
		"пн, 5 янв. 2026 г., 09:00 Ann Example <ann@example.com>:",                                        // Gmail on a telephone
		"2026년 1월 5일 (월) 09:00, Ann Example <ann@example.com>님이 작성:",                                      // Gmail on a telephone
		"On Mon, Jan 5, 2026, 9:00\u202fAM Ann Example <ann@example.com> wrote:",                          // a narrow blank
		"On Mon, Jan 5, 2026 at 9:00\u202fAM Ann Example\u00a0<\u200bann@example.com> wrote:",             // blanks without a shape
		"On Mon, Jan 5, 2026 at 9:00 AM Ann Example <[1]ann@example.com> wrote:",                          // lynx
		"On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com<mailto:ann@example.com>> wrote:",     // Outlook's text
		"On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com <mailto:ann@example.com>> wrote:",    // Thunderbird's text
		"*On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:*",                           // bold
		"_On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:_",                           // italics
		"On 1/5/26, Ann Example <ann@example.com> wrote:",                                                 // old Gmail
		"2026/1/5 Ann Example <ann@example.com>",                                                          // old Gmail, many languages
		"2026-01-05 9:00 GMT+01:00 Ann Example <ann@example.com>:",                                        // old Gmail
		"On Mon, Jan 5, 2026 at 9:00 AM, <ann@example.com> wrote:",                                        // no name
		"Le lun. 5 janv. 2026 à 09:00, <ann@example.com> a écrit :",                                       // no name
		"Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb <ann@example.com>:",                                    // no name
		"Le 5 janvier 2026 à 09:00:00, Ann Example (ann@example.com(mailto:ann@example.com)) a écrit:",    // Airmail
	},
}

// weak are lines that a person could have written, too.
var weak = regexp.MustCompile(`^Ann Example (?:schrieb am|wrote on|a écrit le|kirjoitti|írta|писал) `)

const said = "Yes, it does."

// brokenAt breaks a line as mail programs do.
func brokenAt(line string, at int) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Split(line, " ") {
		switch {
		case i > 0 && n+1+len([]rune(word)) > at:
			b.WriteByte('\n')
			n = 0
		case i > 0:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len([]rune(word))
	}
	return b.String()
}

// quotedBy puts marks of quotation before lines.
func quotedBy(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") }

func TestPrograms(t *testing.T) {
	t.Parallel()
	const quoted = "Does it work?\n\nAnn"
	for program, lines := range programs {
		for _, a := range lines {
			markup := strings.ReplaceAll(html.EscapeString(a), "\n", "<br>")
			texts := map[string]string{
				"marked":             said + "\n\n" + a + "\n\n" + quotedBy(quoted) + "\n",
				"marked, close":      said + "\n" + a + "\n" + quotedBy(quoted) + "\n",
				"wrapped":            said + "\n\n" + brokenAt(a, 60) + "\n\n" + quotedBy(quoted) + "\n",
				"wrapped short":      said + "\n\n" + brokenAt(a, 40) + "\n" + quotedBy(quoted) + "\n",
				"marked with it":     said + "\n\n" + quotedBy(a+"\n\n"+quoted) + "\n",
				"marked and wrapped": said + "\n\n" + quotedBy(brokenAt(a, 60)+"\n\n"+quoted) + "\n",
				"with a signature":   said + "\n\nSent from my iPhone\n\n" + a + "\n\n" + quotedBy(quoted) + "\n",
				"below":              a + "\n\n" + quotedBy(quoted) + "\n\n" + said + "\n",
			}
			if !strings.HasPrefix(a, "2026/1/5 Ann") && !weak.MatchString(a) { // too little to be sure of without marks
				texts["not marked"] = said + "\n\n" + a + "\n\n" + quoted + "\n"
				texts["not marked, wrapped"] = said + "\n\n" + brokenAt(a, 60) + "\n\n" + quoted + "\n"
			}
			for how, text := range texts {
				t.Run(program+" "+a+" "+how, func(t *testing.T) {
					t.Parallel()
					want := said
					if got := ticket.Unfolded(text, Text(text, nil)); got != want {
						t.Errorf("got %q", got)
					}
				})
			}
			for how, source := range map[string]string{
				"gmail":     "<div dir=ltr>" + said + "</div><br><div class=gmail_quote><div dir=ltr class=gmail_attr>" + markup + "<br></div><blockquote class=gmail_quote style='margin:0'>Does it work?<br>Ann</blockquote></div>",
				"paragraph": "<p>" + said + "</p><p>" + markup + "</p><blockquote><p>Does it work?</p><p>Ann</p></blockquote>",
				"apple":     "<html><body>" + said + "<br><div><br><blockquote type=cite><div>" + markup + "</div><br><div>Does it work?</div></blockquote></div></body></html>",
				"mozilla":   "<p>" + said + "</p><div class='moz-cite-prefix'>" + markup + "<br></div><blockquote type=cite cite='mid:1'>Does it work?</blockquote>",
			} {
				t.Run(program+" "+a+" in HTML "+how, func(t *testing.T) {
					t.Parallel()
					text, folds := HTML(source, nil)
					if got := ticket.Unfolded(text, folds); got != said {
						t.Errorf("got %q", got)
					}
				})
			}
		}
	}
}
