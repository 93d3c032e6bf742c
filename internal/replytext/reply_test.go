package replytext

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestReplies are whole texts. What is to be folded stands behind a bar: "|" what is quoted, "¦" a signature.
func TestReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text string }{
		{"nothing quoted", "Hello,\n\nit broke.\n\nRegards,\nBob"},
		{"the answer stands below", "|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|\n|> Does it work?\n|\nYes, thank you."},
		{"the answer stands below, and nobody announced the quote", "|> Does it work?\nYes."},
		{"answers between quotes keep them", "On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n> Does it work?\n\nYes.\n\n> And the other?\n\nNo."},
		{"answers between quotes: what follows the last is folded", "See below.\n\nOn 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n> Does it work?\nYes.\n> And the other?\nNo.\n|> Regards\n|> Ann\n¦-- \n¦Bob"},
		{"what is quoted below the answer is but a signature", "|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?\n\nYes.\n\n|>\n|> -- \n|> Ann"},
		{"the writer quotes by hand", "Your page says that\n> it works\nIt does not."},
		{"an arrow is no quote", "Go to settings\n-> mail\n-> server\nand save."},
		{"a marked line in the middle", "Visit us\n>>> http://example.com <<<\nnow."},
		{"an unmarked rest of a marked line", "Yes.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> this is a long line that a mail program has broken somewhere and\n|marked only at its beginning, and then\n|> it goes on."},
		{"two quotes below each other", "Yes.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Well?\n|\n|On 2 May 2024, at 10:00, Bob <bob@example.com> wrote:\n|>> Hm."},
		{"an answer on the line of the announcement", "Yes. |On Fri, May 3, 2024 at 10:00 AM, Ann <ann@example.com> wrote:\n|> Does it work?"},
		{"header fields below a name", "Yes.\n\nBob\n\n|From: Ann <ann@example.com>\n|Sent: Friday, 3 May 2024 10:00\n|To: Bob\n|Subject: Well?\n|\n|Does it work?\n|\n|-----Original Message-----\n|\n|Old."},

		{"a sentence that begins with On", "On Monday we tried it.\nOn your side, what does the log say?\nI wrote: it broke."},
		{"a list of travels", "Please book:\n\nFrom: Berlin\nTo: Paris\nDate: 3 May 2024\n\nThank you."},
		{"an appointment", "Invitation:\n\nDate: Wednesday, 3 May\nTime: 10:00\nPlace: here\n\nPlease come."},
		{"an address in a sentence", "You can write to me at ann@example.com:\nI read it at 10:00 every day."},
		{"lines of a log", "The log says:\n\n2024-05-03 10:00:01 error: it broke\n2024-05-03 10:00:02 warning: user ann@example.com:\n\nWhat now?"},
		{"code", "Try this:\n\nfor (;;) {\n  a--;\n}\n--b;\n\nIt loops."},
		{"a rule between two parts", "First part.\n\n----\n\nThe second part is a sentence of some length.\n\n====\n\nAnd this is the third."},
		{"a table", "Name Size\n---- ----\na.txt 10\nb.txt 20\n\nBoth are missing."},
		{"mark-up", "# Title\n\n---\n\nSome text that goes on for a while, with commas.\n\n---\n\nMore of it, and then some."},
		{"an item of a list at the end", "I need:\n\n- milk\n- bread"},
		{"a sentence about a telephone", "Hello,\n\nSent from my desk, this should be quicker than by telephone."},
		{"contact form", "Name: Ann\nEmail: ann@example.com\nSubject: Broken\nMessage: It broke."},
		{"a copy of a mail, and nothing above", "From: Ann <ann@example.com>\nSent: Friday, 3 May 2024\nTo: Bob\nSubject: Well?\n\nIt broke."},

		{"the header of a mail as it travelled", "The header is:\n\nFrom: ann@example.com\nTo: bob@example.com\nSubject: x\nDate: 3 May 2024\nMessage-ID: <1@example.com>\nReceived: from a by b\n\nWhat is wrong?"},
		{"a rule above marked lines", "Yes.\n\n|________________________________\n|> Date: Fri, 3 May 2024\n|> From: ann@example.com\n|> Subject: x"},
		{"Notes", "See below.\n\n----- Forwarded by Ann/Example on 05/03/2024 10:00 AM -----\n\nFrom: Bob <bob@example.com>\nTo: Ann <ann@example.com>\nSubject: x\n\nIt broke."},
		{"a letter", "Dear all,\n\nNo: 17\nDate: 3 May 2024\nTo: ann@example.com\nRe: claim\n\nPlease pay."},
		{"what somebody said", "On 3 May 2024 at 10:00 I called, and she said\n\nthat it works."},

		{"what is left of the quote is but a closing formula", "|Am 05.01.26 um 09:00 schrieb Bob:\n|> Frage?\nAntwort.\n|>\n|> Mit freundlichen Grüßen\n|> Bob"},
		{"the writer says who wrote", "Hello,\n\nWe wrote:\n\n> a\n\nand then nothing."},
		{"header fields that begin with To", "Yes.\n\n|To: ann@example.com\n|Subject: x\n|From: bob@example.com\n|Date: Mon, 5 Jan 2026 09:00\n|\n|Hm."},
		{"a card with bars", "Yes.\n\n¦---\n¦Bob Example | CEO\n¦bob@example.com | +1 555"},
		{"a provider's advertisement", "Yes.\n\nAnn\n¦____________________________________________________\n¦Never miss a mail again!\n¦Our toolbar alerts you the instant new mail arrives.\n¦http://tools.example.com/"},
		{"a telephone that excuses itself", "Yes.\n\n¦Sent from my iPhone\n¦Please excuse typos"},
		{"a telephone and its network", "Yes.\n\n¦Sent from my Verizon, Samsung Galaxy smartphone"},
		{"signature", "Yes.\n\n¦-- \n¦Bob\n¦Example Ltd, 1 Road, Town\n"},
		{"signature without the blank", "Yes.\n¦--\n¦Bob"},
		{"signature above the quote", "Yes.\n\n¦-- \n¦Bob\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?"},
		{"signature below the quote", "Yes.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?\n\n¦-- \n¦Bob"},
		{"long dash and a card", "Thanks!\n\nCheers 🎉\nSarah\n\n¦—————\n¦Sarah Example\n¦Product Manager\n¦📧 sarah@example.com"},
		{"a name behind a dash", "Yes.\n\n¦-Bob"},
		{"several", "Yes.\n\n¦-Bob\n\n¦_______________________________________________\n¦users mailing list\n¦users@lists.example.com\n¦https://lists.example.com/users\n"},
		{"only a signature is no reply", "-- \nBob"},
		{"an empty reply by telephone shows what there is", "Sent from my iPhone\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?"},
		{"a quote that a program announced, and no word above", "|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?\n"},
		{"all of it marked, and nobody says why", "> Does it work?\n> Really?"},
		{"a legal notice", "Yes.\n\nBob\n\n¦This e-mail and any attachments are confidential and intended solely\n¦for the addressee. If you have received it in error, please notify the\n¦sender and delete it.\n"},
		{"a legal notice under a heading, with the company below", "Yes.\n\nBob\n\n¦*****************\n¦DISCLAIMER: We promise nothing.\n¦\n¦Example Ltd, registered in England No 123.\n"},
		{"a legal notice right below a name", "Yes.\n\nBob\n¦CONFIDENTIALITY NOTICE: This message is for Ann."},
		{"a legal notice above the quote", "Yes.\n\n¦Diese E-Mail enthält vertrauliche oder rechtlich geschützte Informationen.\n¦Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?"},
		{"a legal notice below the quote is no answer to it", "Yes.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> Does it work?\n|\n¦Ce message est confidentiel et destiné à l'usage exclusif de son destinataire. S'il vous parvient par erreur, merci de le détruire.\n"},
		{"two legal notices and a tree", "Yes.\n\n¦-- \n¦Bob\n¦\n¦Este mensaje es confidencial y para uso exclusivo de su destinatario.\n¦\n¦This message is confidential and for its addressee only.\n¦\n¦Please consider the environment before printing this email."},
		{"a notice in Japanese", "はい。\n\n¦本メールには機密情報が含まれている場合があります。誤って受信された場合は削除してください。"},
		{"a customer who got something in error", "Hello,\n\nthis message was sent to me in error, please delete it and my address.\n\nBob"},
		{"a customer who speaks of what is confidential", "Hello,\n\nis this mail confidential? I want to show it to my lawyer.\n\nBob"},
		{"a customer who asks for their data to be deleted", "Hello,\n\nI ask you to delete my data under the GDPR. This email is confidential, and I forbid you to disclose it to anybody who is not the intended recipient."},
		{"nothing but a legal notice", "This e-mail is confidential and intended solely for the addressee."},
		{"an answer below a notice stays", "Hello,\n\nThis message is confidential and intended only for you.\n\nPlease send the money to the new account by Friday, and tell nobody."},
		{"signed with OpenPGP", "¦-----BEGIN PGP SIGNED MESSAGE-----\n¦Hash: SHA256\n\nYes.\n\n¦- -- \n¦Bob\n¦-----BEGIN PGP SIGNATURE-----\n¦\n¦iQEzBAEBCAAdFiEE\n¦=abcd\n¦-----END PGP SIGNATURE-----\n"},
		{"signed with OpenPGP, and quoted", "Yes.\n\n|On 3 May 2024, at 10:00, Ann <ann@example.com> wrote:\n|> -----BEGIN PGP SIGNED MESSAGE-----\n|> Hash: SHA1\n|>\n|> Does it work?\n|> -----BEGIN PGP SIGNATURE-----\n|> iQEz\n|> -----END PGP SIGNATURE-----"},
		{"a signature that does not end", "¦-----BEGIN PGP SIGNED MESSAGE-----\n\nYes.\n¦-----BEGIN PGP SIGNATURE-----\n¦iQEz"},
		{"Outlook on a telephone", "Yes.\n\n¦Get Outlook for iOS<https://aka.ms/o0ukef>\n|________________________________\n|From: Ann <ann@example.com>\n|Sent: Friday, 3 May 2024\n|To: Bob\n|Subject: Well?\n|\n|Hm."},
		{"Outlook on a telephone, in a language nobody knows", "Yes.\n\n¦Gesendet von Outlook für Android<https://aka.ms/AAb9ysg>\n\n|Qui: Ann\n|Does it work?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for ending, text := range map[string]string{"": c.text, " with CRLF": strings.ReplaceAll(c.text, "\n", "\r\n")} {
				text, want := bars(text)
				if got := ticket.Unfolded(text, Text(text, nil)); fold(got) != fold(want.reply) {
					t.Errorf("reply%s: got %q, want %q", ending, got, want.reply)
				}
				for kind, want := range map[ticket.FoldKind]string{ticket.FoldQuoted: want.quoted, ticket.FoldSignature: want.signature} {
					if got := ticket.Folded(text, Text(text, nil), kind); fold(got) != fold(want) {
						t.Errorf("%s%s: got %q, want %q", kind, ending, got, want)
					}
				}
			}
		})
	}
}

type wanted struct{ reply, quoted, signature string }

// bars takes the bars out of a text, and tells what stands behind them.
func bars(marked string) (text string, w wanted) {
	for line := range strings.Lines(marked) {
		i := strings.IndexAny(line, "|¦")
		switch {
		case i < 0:
			w.reply += line
		case strings.HasPrefix(line[i:], "|"):
			w.reply, w.quoted = w.reply+line[:i]+"\n", w.quoted+line[i+1:]
			line = line[:i] + line[i+1:]
		default:
			w.signature += line[i+len("¦"):]
			line = line[:i] + line[i+len("¦"):]
		}
		text += line
	}
	return text, w
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestDevices(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"Sent from my iPhone", "Sent from my iPhone.", "Sent from my iPhone!", "Sent from my Verizon Wireless BlackBerry", "Sent from Mailbox for iPhone", "Sent from Yahoo Mail on Android", "Sent from Yahoo Mail for iPhone<https://overview.mail.yahoo.com/?.src=iOS>",
		"Sent from Mail for Windows 10", "Sent from Outlook for Android<https://aka.ms/AAb9ysg>", "Get Outlook for iOS", "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Sent with Proton Mail secure email.", "Sent with Spark", "Sent via the Samsung Galaxy S21, an AT&T 5G smartphone",
		"Von meinem iPhone gesendet", "Gesendet von meinem iPhone", "Von meinem Samsung Galaxy Smartphone gesendet.", "Gesendet mit der GMX Mail App", "Gesendet von Mail für Windows", "Diese Nachricht wurde von meinem Android-Mobiltelefon mit WEB.DE Mail gesendet.",
		"Envoyé de mon iPhone", "Envoyé depuis mon appareil mobile Samsung.", "Envoyé à partir de Outlook pour iOS", "Enviado desde mi iPhone", "Enviado desde Outlook para Android<https://aka.ms/x>", "Inviato da iPhone", "Inviato dal mio iPhone", "Enviado do meu iPhone",
		"Verzonden vanaf mijn iPhone", "Verstuurd vanaf mijn iPad", "Wysłane z iPhone'a", "Sendt fra min iPhone", "Sendt fra Outlook til iOS", "Skickat från min iPhone", "Lähetetty iPhonesta", "Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "iPhone'umdan gönderildi",
		"Odesláno z iPhonu", "Trimis de pe iPhone-ul meu", "iPhoneから送信", "发自我的 iPhone", "發自我的 iPhone", "從我的 iPhone 傳送", "나의 iPhone에서 보냄", "נשלח מה-iPhone שלי", "Στάλθηκε από το iPhone μου", "Đã gửi từ iPhone của tôi", "Dikirim dari iPhone saya",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			text := "Yes, thank you.\n\n" + line + "\n"
			folds := Text(text, nil)
			if got := ticket.Folded(text, folds, ticket.FoldSignature); got != line {
				t.Errorf("signature %q", got)
			}
		})
	}
	for _, line := range []string{
		"Sent from a friend who knows", "Sent from my desk, it is quicker.", "Sent the parcel on Monday", "Get Outlook to work again, please", "Gesendet habe ich es gestern", "Enviado el lunes", "von Berlin", "来自北京", "Yes, sent from my phone on Monday? I do not know what became of it",
	} {
		t.Run("no signature: "+line, func(t *testing.T) {
			t.Parallel()
			text := "Hello.\n\n" + line + "\n"
			if folds := Text(text, nil); len(folds) > 0 {
				t.Errorf("folded %v", folds)
			}
		})
	}
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	configured := &Options{Markers: []string{"##- Please type your reply above this line -##", "Bitte antworten Sie oberhalb dieser Linie", "##- 请在此行上方回复 -##", "=== Answer above ==="}}
	for _, c := range []struct{ name, text, want string }{
		{"R12 as it is", "Yes.\n\n##- Please type your reply above this line -##\n\nTicket 5 was answered.", "Yes."},
		{"R12 quoted", "Yes.\n\n> ##- Please type your reply above this line -##\n> Ticket 5 was answered.", "Yes."},
		{"R12 quoted and announced", "Yes.\n\nOn 3 May 2024 at 10:00 Desk <desk@example.com> wrote:\n\n> ##- Please type your reply above this line -##\n> Ticket 5 was answered.", "Yes."},
		{"R12 quoted, and answered below", "> ##- Please type your reply above this line -##\n> Does it work?\n\nYes.", "Yes."},
		{"R12 wrapped", "Yes.\n\n##- Please type your reply\nabove this line -##\n\nTicket 5 was answered.", "Yes."},
		{"R12 quoted and wrapped", "Yes.\n\n> ##- Please type your reply\n> above this line -##\n> Ticket 5", "Yes."},
		{"R12 no-break spaces", "Yes.\n\n##-\u00a0Please type\u00a0your reply above this line\u00a0-##\n\nTicket 5.", "Yes."},
		{"R12 tags inside", "Yes.\n\n##- Please <b>type</b> your reply above this line -##\n\nTicket 5.", "Yes."},
		{"R12 emphasis inside", "Yes.\n\n*##- Please _type_ your reply above this line -##*\n\nTicket 5.", "Yes."},
		{"R12 other dashes", "Yes.\n\n##— Please type your reply above this line –##\n\nTicket 5.", "Yes."},
		{"R12 a language that nobody configured", "Oui.\n\n##- Répondez au-dessus de cette ligne -##\n\nTicket 5.", "Oui."},
		{"R12 another language ever configured", "Ja.\n\n> Bitte antworten Sie oberhalb dieser Linie\n> Ticket 5.", "Ja."},
		{"R12 without dashes, not quoted", "Ja.\n\nBitte antworten Sie oberhalb dieser Linie\n\nTicket 5.", "Ja."},
		{"R12 letters of another script", "好的。\n\n##- 请在此行上方回复 -##\n\n工单 5", "好的。"},
		{"R12 one more form", "Yes.\n\n=== Answer above ===\nTicket 5.", "Yes."},
		{"R12 on the line of the reply", "Yes. ##- Please type your reply above this line -##\nTicket 5.", "Yes."},
		{"R12 nothing above: look below", "##- Please type your reply above this line -##\n\nYes, here it is.", "Yes, here it is."},
		{"R12 nothing above but the announcement", "On 3 May 2024 at 10:00 Desk <desk@example.com> wrote:\n> ##- Please type your reply above this line -##\n> Does it work?\nYes.", "Yes."},
		{"R12 a signature above", "Yes.\n\n-- \nBob\n\n##- Please type your reply above this line -##\n\nTicket 5.", "Yes."},
		{"R12 only the telephone above: look below", "Sent from my iPhone\n\n##- Please type your reply above this line -##\n\nYes, here it is.", "Sent from my iPhone\n\nYes, here it is."},
		{"R12 answers between quotes", "See below.\n\n> ##- Please type your reply above this line -##\n> First?\nYes.\n> Second?\nNo.", "See below.\n\n> ##- Please type your reply above this line -##\n> First?\nYes.\n> Second?\nNo."},
		{"R12 another desk's", "Yes.\n\n-----Please reply above this line-----\n\nTicket 5.", "Yes."},
		{"R12 another desk's, quoted", "Yes.\n\n> --- Reply ABOVE THIS LINE to post a reply ---\n> Ticket 5.", "Yes."},
		{"R12 another desk's, in words", "Yes.\n\nPlease type your reply above this line\n\nTicket 5.", "Yes."},
		{"R12 another desk's, in French", "Oui.\n\n=== Répondez au-dessus de cette ligne ===\n\nTicket 5.", "Oui."},
		{"R12 another desk's, in Dutch", "Ja.\n\nGelieve boven deze lijn te antwoorden\n\nTicket 5.", "Ja."},
		{"R12 another desk's, in Chinese", "好。\n\n请在此行上方回复\n\n工单 5", "好。"},
		{"R12 a question about such lines is none", "Hello,\n\nwhy must I write above this line?\nI do not want to.", "Hello,\n\nwhy must I write above this line?\nI do not want to."},
		{"R12 a sentence about lines is none", "Hello,\n\nI see a mark above this line of text.\nWhat is it?", "Hello,\n\nI see a mark above this line of text.\nWhat is it?"},
		{"R12 two numbers are no marker", "## 1\n## 2", "## 1\n## 2"},
		{"R12 headings are no marker", "## - first\ntext\n## - second\ntext", "## - first\ntext\n## - second\ntext"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ticket.Unfolded(c.text, Text(c.text, configured)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
