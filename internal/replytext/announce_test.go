package replytext

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// attributions are such lines as mail programs write them, without ">" below and with.
var announcements = []string{
	// Gmail
	"On Fri, May 3, 2024 at 10:00 AM Ann Example <ann@example.com> wrote:",
	"Am Fr., 3. Mai 2024 um 10:00 Uhr schrieb Ann Example <ann@example.com>:",
	"Le ven. 3 mai 2024 à 10:00, Ann Example <ann@example.com> a écrit :",
	"Le\u00a0ven. 3 mai 2024 à\u00a010:00, Ann Example <ann@example.com> a écrit\u00a0:",
	"El vie, 3 may 2024 a las 10:00, Ann Example (<ann@example.com>) escribió:",
	"Il giorno ven 3 mag 2024 alle ore 10:00 Ann Example <ann@example.com> ha scritto:",
	"Em sex., 3 de mai. de 2024 às 10:00, Ann Example <ann@example.com> escreveu:",
	"Op vr 3 mei 2024 om 10:00 schreef Ann Example <ann@example.com>:",
	"pt., 3 maj 2024 o 10:00 Ann Example <ann@example.com> napisał(a):",
	"Den fre. 3. maj 2024 kl. 10.00 skrev Ann Example <ann@example.com>:",
	"fre. 3. mai 2024 kl. 10:00 skrev Ann Example <ann@example.com>:",
	"Den fre 3 maj 2024 kl 10:00 skrev Ann Example <ann@example.com>:",
	"pe 3. toukok. 2024 klo 10.00 Ann Example (ann@example.com) kirjoitti:",
	"пт, 3 мая 2024 г. в 10:00, Ann Example <ann@example.com>:",
	"пт, 3 трав. 2024 р. о 10:00 Ann Example <ann@example.com> пише:",
	"3 May 2024 Cum, saat 10:00 tarihinde Ann Example <ann@example.com> şunu yazdı:",
	"pá 3. 5. 2024 v 10:00 odesílatel Ann Example <ann@example.com> napsal:",
	"pi 3. 5. 2024 o 10:00 Ann Example <ann@example.com> napísal(a):",
	"Ann Example <ann@example.com> ezt írta (időpont: 2024. máj. 3., P, 10:00):",
	"În vin., 3 mai 2024 la 10:00, Ann Example <ann@example.com> a scris:",
	"Στις Παρ 3 Μαΐ 2024 στις 10:00 π.μ., ο χρήστης Ann Example <ann@example.com> έγραψε:",
	"El dv., 3 de maig 2024 a les 10:00, Ann Example <ann@example.com> va escriure:",
	"Vào Th 6, 3 thg 5, 2024 vào lúc 10:00 Ann Example <ann@example.com> đã viết:",
	"Pada tanggal Jum, 3 Mei 2024 pukul 10.00 Ann Example <ann@example.com> menulis:",
	"Ann Example <ann@example.com> 于2024年5月3日周五 10:00写道：",
	"Ann Example <ann@example.com> 於 2024年5月3日 週五 上午10:00寫道：",
	"2024年5月3日(金) 10:00 Ann Example <ann@example.com>:",
	"2024년 5월 3일 (금) 오전 10:00, Ann Example <ann@example.com>님이 작성:",
	"\u202aבתאריך יום ו׳, 3 במאי 2024 ב-10:00 מאת \u202aAnn Example\u202c\u200f <\u202aann@example.com\u202c\u200f>:\u202c",
	"في الجمعة، 3 مايو 2024 في 10:00 ص تمت كتابة ما يلي بواسطة Ann Example <ann@example.com>:",
	"เมื่อ ศ. 3 พ.ค. 2024 เวลา 10:00 Ann Example <ann@example.com> เขียนว่า:",
	// Apple
	"On 3. May 2024, at 10:00, Ann Example <ann@example.com> wrote:",
	"Am 03.05.2024 um 10:00 schrieb Ann Example <ann@example.com>:",
	"Le 3 mai 2024 à 10:00, Ann Example <ann@example.com> a écrit :",
	"El 3 may 2024, a las 10:00, Ann Example <ann@example.com> escribió:",
	"Il giorno 3 mag 2024, alle ore 10:00, Ann Example <ann@example.com> ha scritto:",
	"Op 3 mei 2024, om 10:00 heeft Ann Example <ann@example.com> het volgende geschreven:",
	"3 мая 2024 г., в 10:00, Ann Example <ann@example.com> написал(а):",
	"Wiadomość napisana przez Ann Example <ann@example.com> w dniu 03.05.2024, o godz. 10:00:",
	"2024/05/03 10:00、Ann Example <ann@example.com>のメール:",
	"在 2024年5月3日，上午10:00，Ann Example <ann@example.com> 写道：",
	"2024. 5. 3. 오전 10:00, Ann Example <ann@example.com> 작성:",
	"3 Mayıs 2024 tarihinde 10:00 saatinde, Ann Example <ann@example.com> şunları yazdı:",
	// Thunderbird
	"On 03/05/2024 10:00, Ann Example wrote:",
	"Am 03.05.24 um 10:00 schrieb Ann Example:",
	"Le 03/05/2024 à 10:00, Ann Example a écrit :",
	"El 3/5/24 a las 10:00, Ann Example escribió:",
	"Il 03/05/2024 10:00, Ann Example ha scritto:",
	"Em 03/05/2024 10:00, Ann Example escreveu:",
	"Op 3-5-2024 om 10:00 schreef Ann Example:",
	"W dniu 3.05.2024 o 10:00, Ann Example pisze:",
	"Dne 03. 05. 24 v 10:00 Ann Example napsal(a):",
	"03.05.2024 10:00, Ann Example пишет:",
	"2024. 05. 03. 10:00 keltezéssel, Ann Example írta:",
	"Den 03.05.2024 10:00, skrev Ann Example:",
	"Den 2024-05-03 kl. 10:00, skrev Ann Example:",
	"03.05.2024 10:00 tarihinde Ann Example yazdı:",
	"在 2024/5/3 10:00, Ann Example 写道:",
	"On 2024/05/03 10:00, Ann Example wrote:",
	// others
	"On Friday, May 3rd, 2024 at 10:00 AM, Ann Example <ann@example.com> wrote:",
	"May 3, 2024, 10:00 by ann@example.com:",
	"3. Mai 2024, 10:00 von ann@example.com:",
	"03.05.2024, 10:00, \"Ann Example\" <ann@example.com>:",
	"Пятница, 3 мая 2024, 10:00 +03:00 от Ann Example <ann@example.com>:",
	"\"Ann Example\" <ann@example.com> schrieb am 03.05.2024 10:00:",
	"Quoting Ann Example <ann@example.com>:",
	"Zitat von Ann Example <ann@example.com>:",
	"---- On Fri, 03 May 2024 10:00:00 +0200 Ann Example <ann@example.com> wrote ----",
	" ---- Am Fr, 03 Mai 2024 10:00:00 +0200 Ann Example <ann@example.com> schrieb ----",
	"--- On Fri, 5/3/24, Ann Example <ann@example.com> wrote:",
	"On May 3, 2024, 10:00 AM +0200, Ann Example <ann@example.com>, wrote:",
	"On May 3, 2024 at 10:00:00, Ann Example (ann@example.com(mailto:ann@example.com)) wrote:",
	"*On Fri, May 3, 2024 at 10:00 AM Ann Example <ann@example.com> wrote:*",
}

// weaker are lines that could be a sentence of the writer, too: they need marked lines below.
var weaker = []string{
	"Ann Example kirjoitti 3.5.2024 klo 10.00:", "Ann Example wrote:", "Ann wrote on 3 May 2024:", "On Friday, Ann Example wrote:", "Ann Example escribió el 3/5/2024:",
	"2024/5/3 Ann Example <ann@example.com>", "ann@example.com, 3.5.2024:",
}

// wrapped breaks a line in two at a blank near the n-th byte.
func wrapped(s string, n int) string {
	i := strings.LastIndexByte(s[:min(n, len(s))], ' ')
	if i <= 0 {
		return s
	}
	return s[:i] + "\n" + s[i+1:]
}

func TestAttributions(t *testing.T) {
	t.Parallel()
	const reply = "Thank you, it works.\n\nYours, Bob"
	for _, line := range announcements {
		for form, text := range map[string]string{
			"with marks":                  reply + "\n\n" + line + "\n\n> Does it work?\n> Ann\n",
			"with marks, right below":     reply + "\n" + line + "\n> Does it work?\n> Ann\n",
			"without marks":               reply + "\n\n" + line + "\n\nDoes it work?\n\nAnn\n",
			"wrapped before the address":  reply + "\n\n" + strings.Replace(line, " <ann@", "\n<ann@", 1) + "\n\nDoes it work?\n\nAnn\n",
			"wrapped behind the bracket":  reply + "\n\n" + strings.Replace(line, "<ann@", "<\nann@", 1) + "\n\nDoes it work?\n\nAnn\n",
			"wrapped, with marks":         reply + "\n\n" + wrapped(line, 60) + "\n\n> Does it work?\n>\n> Ann",
			"all of it marked":            reply + "\n\n> " + line + "\n>\n> Does it work?\n>\n> Ann",
			"carriage returns, no breaks": strings.ReplaceAll(reply+"\n\n"+line+"\n\n> Does it work?\n> Ann\n", "\n", "\r\n"),
		} {
			t.Run(form+" "+line, func(t *testing.T) {
				t.Parallel()
				got := strings.ReplaceAll(ticket.Unfolded(text, Text(text, nil)), "\r", "")
				if got != reply {
					t.Errorf("got %q of %q", got, text)
				}
			})
		}
	}
}

func TestWeakAttributions(t *testing.T) {
	t.Parallel()
	const reply = "Thank you, it works.\n\nYours, Bob"
	for _, line := range weaker {
		t.Run("with marks "+line, func(t *testing.T) {
			t.Parallel()
			for _, l := range []string{line, wrapped(line, len(line)-1)} {
				text := reply + "\n\n" + l + "\n> Does it work?\n> Ann\n"
				if got := ticket.Unfolded(text, Text(text, nil)); got != reply {
					t.Errorf("got %q of %q", got, text)
				}
			}
		})
		t.Run("a sentence "+line, func(t *testing.T) {
			t.Parallel()
			text := "I looked it up.\n" + line + "\nIt never worked.\nPlease help.\n"
			if folds := Text(text, nil); len(folds) > 0 {
				t.Errorf("folded %q", ticket.Folded(text, folds, ticket.FoldQuoted))
			}
		})
	}
}

func TestHeaderBlocks(t *testing.T) {
	t.Parallel()
	const reply = "Thank you, it works.\n\nYours, Bob"
	for language, names := range map[string][4]string{
		"en": {"From:", "Sent:", "To:", "Subject:"}, "en, by Apple": {"From:", "Date:", "To:", "Subject:"}, "fr": {"De :", "Envoyé :", "À :", "Objet :"},
		"fr, by the web": {"De :", "Envoyé le :", "À :", "Objet :"}, "es": {"De:", "Enviado el:", "Para:", "Asunto:"}, "it": {"Da:", "Inviato:", "A:", "Oggetto:"},
		"pt": {"De:", "Enviado:", "Para:", "Assunto:"}, "pt, of Brazil": {"De:", "Enviada em:", "Para:", "Assunto:"}, "de": {"Von:", "Gesendet:", "An:", "Betreff:"},
		"de, by Apple": {"Von:", "Datum:", "An:", "Betreff:"}, "nl": {"Van:", "Verzonden:", "Aan:", "Onderwerp:"}, "pl": {"Od:", "Wysłano:", "Do:", "Temat:"},
		"da": {"Fra:", "Sendt:", "Til:", "Emne:"}, "no": {"Fra:", "Sendt:", "Til:", "Emne:"}, "sv": {"Från:", "Skickat:", "Till:", "Ämne:"}, "fi": {"Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"},
		"ru": {"От:", "Отправлено:", "Кому:", "Тема:"}, "uk": {"Від:", "Надіслано:", "Кому:", "Тема:"}, "tr": {"Kimden:", "Gönderildi:", "Kime:", "Konu:"}, "tr, newer": {"Gönderen:", "Gönderim Tarihi:", "Alıcı:", "Konu:"},
		"cs": {"Od:", "Odesláno:", "Komu:", "Předmět:"}, "sk": {"Od:", "Odoslané:", "Komu:", "Predmet:"}, "hu": {"Feladó:", "Elküldve:", "Címzett:", "Tárgy:"}, "ro": {"De la:", "Trimis:", "Către:", "Subiect:"},
		"el": {"Από:", "Στάλθηκε:", "Προς:", "Θέμα:"}, "zh": {"发件人:", "发送时间:", "收件人:", "主题:"}, "zh, wide colons": {"发件人：", "发送时间：", "收件人：", "主题："}, "zh, of Taiwan": {"寄件者:", "寄件日期:", "收件者:", "主旨:"},
		"ja": {"差出人:", "送信日時:", "宛先:", "件名:"}, "ko": {"보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"}, "he": {"מאת:", "נשלח:", "אל:", "נושא:"}, "ar": {"من:", "تاريخ الإرسال:", "إلى:", "الموضوع:"},
		"bold": {"*From:*", "*Sent:*", "*To:*", "*Subject:*"}, "no-break space": {"De\u00a0:", "Envoyé\u00a0:", "À\u00a0:", "Objet\u00a0:"},
	} {
		block := names[0] + " Ann Example <ann@example.com>\n" + names[1] + " 3 May 2024 10:00\n" + names[2] + " bob@example.com\n" + names[3] + " It does not work\n\nDoes it work?\n\nAnn"
		named := names[0] + " Ann Example\n" + names[1] + " 3 May 2024 10:00\n" + names[2] + " Bob Example\n" + names[3] + " It does not work\n\nDoes it work?\n\nAnn"
		for form, quoted := range map[string]string{
			"plain": block, "below a rule": "________________________________\n" + block, "names alone": named, "marked": "> " + strings.ReplaceAll(block, "\n", "\n> "),
			"blank lines between": strings.ReplaceAll(block, "\n", "\n\n"), "wide": strings.ReplaceAll(block, ": ", ":\t"), "folded": strings.Replace(block, " <ann@", "\n <ann@", 1),
		} {
			t.Run(language+", "+form, func(t *testing.T) {
				t.Parallel()
				text := reply + "\n\n" + quoted
				if got := ticket.Unfolded(text, Text(text, nil)); got != reply {
					t.Errorf("got %q of %q", got, text)
				}
			})
		}
	}
}

func TestSeparators(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"-----Original Message-----", "----- Original Message -----", "-------- Original message --------", "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐", "------- Original Message -------", "-----Ursprüngliche Nachricht-----",
		"----- Ursprüngliche Nachricht -----", "-----Message d'origine-----", "-----Message d’origine-----", "-------- Message original --------", "-----Mensaje original-----", "-----Messaggio originale-----", "-----Mensagem original-----",
		"-----Oorspronkelijk bericht-----", "-----Wiadomość oryginalna-----", "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Ursprungligt meddelande-----", "-----Alkuperäinen viesti-----", "-----Исходное сообщение-----",
		"-------- Исходное сообщение --------", "-----Özgün İleti-----", "-----Orijinal Mesaj-----", "-----Původní zpráva-----", "-----Eredeti üzenet-----", "------------------ 原始邮件 ------------------", "-----原始郵件-----", "-----元のメッセージ-----", "-----원본 메시지-----",
		"—— Original Message ——", "**** Original Message ****", "_____Original Message_____",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			text := "Thank you.\n\n" + line + "\n\nDoes it work?\n"
			if got := ticket.Unfolded(text, Text(text, nil)); got != "Thank you." {
				t.Errorf("got %q", got)
			}
		})
	}
	for _, line := range []string{
		"---------- Forwarded message ---------", "-------- Weitergeleitete Nachricht --------", "Begin forwarded message:", "Anfang der weitergeleiteten Nachricht:", "---------- Message transféré ----------", "---------- Forwarded message ----------",
		"---------- Mensaje reenviado ---------", "-------- Пересылаемое сообщение --------", "---------- 转发的邮件 ----------",
	} {
		t.Run("what is handed on stays: "+line, func(t *testing.T) {
			t.Parallel()
			text := "See below.\n\n" + line + "\nFrom: Ann <ann@example.com>\nDate: 3 May 2024\nSubject: Broken\nTo: bob@example.com\n\nIt broke.\n"
			if folds := Text(text, nil); len(folds) > 0 {
				t.Errorf("folded %q", ticket.Folded(text, folds, ticket.FoldQuoted))
			}
		})
	}
}
