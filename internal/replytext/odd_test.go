package replytext

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestOddReplies are texts in the layouts of programs that go their own way, and of people who do. What is to be folded
// stands behind a bar, as in TestReplies.
func TestOddReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text string }{
		{"eM Client", "Yes.\n\n|------ Original Message ------\n|From \"Ann Example\" <ann@example.com>\n|To \"Support\" <support@desk.example>\n|Date 05.01.2026 09:00:00\n|Subject Lamp\n|\n|>Does it work?"},
		{"eM Client in German", "Ja.\n\n|------ Originalnachricht ------\n|Von \"Ann Example\" <ann@example.com>\n|An \"Support\" <support@desk.example>\n|Datum 05.01.2026 09:00:00\n|Betreff Lampe\n|\n|Geht sie?"},
		{"Notes", "Yes.\n\nBob\n\n|\n|From:   Ann Example/ORG\n|To:     Support/ORG@ORG\n|Date:   05.01.2026 09:00\n|Subject:        Lamp\n|\n|Does it work?"},
		{"Notes, by name", "Yes.\n\n|-----Ann Example/ORG wrote: -----\n|To: support@desk.example\n|From: Ann Example/ORG\n|Date: 01/05/2026 09:00AM\n|Subject: Lamp\n|\n|Does it work?"},
		{"Notes, by name and address", "Yes.\n\n|-----Ann Example <ann@example.com> wrote: -----\n|To: support@desk.example\n|From: Ann Example <ann@example.com>\n|Date: 01/05/2026 09:00AM\n|Subject: Lamp\n|\n|Does it work?"},
		{"GroupWise", "Yes.\n\n|>>> Ann Example <ann@example.com> 05.01.2026 09:00 >>>\n|Does it work?"},
		{"GroupWise, marked", "Yes.\n\n|>>> On 1/5/2026 at 9:00 AM, in message <1@example.com>, Ann Example\n|<ann@example.com> wrote:\n|> Does it work?"},
		{"Pine", "Yes.\n\n|On Mon, 5 Jan 2026, Ann Example wrote:\n|\n|> Date: Mon, 5 Jan 2026 09:00:00 +0100\n|> From: Ann Example <ann@example.com>\n|> Subject: Lamp\n|>\n|> Does it work?"},
		{"Pegasus", "|On 5 Jan 2026 at 9:00, Ann Example wrote:\n|\n|> Does it work?\n\nYes.\n"},
		{"The Bat", "Hello Ann,\n\n|Monday, January 5, 2026, 9:00:00 AM, you wrote:\n|\n|> Does it work?\n\nYes.\n\n¦-- \n¦Best regards,\n¦ Bob                            mailto:bob@example.com"},
		{"initials as marks", "Yes, it does.\n\n|On Mon, 5 Jan 2026 at 09:00, Ann Example <ann@example.com> wrote:\n|| Does it work?\n|| Ann"},
		{"Outlook Express", "Yes.\n\n|----- Original Message ----- \n|From: \"Ann Example\" <ann@example.com>\n|To: <support@desk.example>\n|Sent: Monday, January 05, 2026 9:00 AM\n|Subject: Lamp\n|\n|\n|> Does it work?\n|>"},
		{"Lotus iNotes in German", "Ja.\n\n|-----Ann Example <ann@example.com> schrieb: -----\n|An: support@desk.example\n|Von: Ann Example <ann@example.com>\n|Datum: 05.01.2026 09:00\n|Betreff: Lampe\n|\n|Geht sie?"},
		{"a Microsoft rule", "Yes.\n\n|\n|________________________________\n|\n|From: Ann Example <ann@example.com>\n|Sent: Monday, January 5, 2026 9:00 AM\n|To: Support\n|Subject: Lamp\n|\n|CAUTION: This email originated from outside of the organization.\n|\n|Does it work?"},
		{"a banner of a filter in what is quoted", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|\n|> CAUTION: EXTERNAL\n|> Does it work?"},
		{"the signature between answer and quote, without dashes", "Yes.\n\nKind regards,\nBob\n\n|From: Ann Example <ann@example.com>\n|Sent: Monday, January 5, 2026 9:00 AM\n|To: Bob\n|Subject: Lamp\n|\n|Does it work?"},
		{"two mails quoted, of two programs", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|\n|> Well?\n|>\n|> From: Support <support@desk.example>\n|> Sent: Sunday\n|> To: Ann\n|> Subject: Lamp\n|>\n|> Hello."},
		{"answers in what Outlook quotes", "See my answers below.\n\n|From: Ann Example <ann@example.com>\n|Sent: Monday, January 5, 2026 9:00 AM\n|To: Bob\n|Subject: Lamp\n|\n|Does it work?\n|Yes.\n|Is it red?\n|No."},
		{"a quote of one line, by hand, then the program's", "You wrote\n> it works\nand it does not.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|> it works\n|> Ann"},
		{"em dashes", "Yes.\n\n¦—\n¦Bob Example"},
		{"three dashes of a provider", "Yes.\n\nBob\n¦-- \n¦Diese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.\n¦www.avast.com"},
		{"a bar of equals signs", "Yes.\n\n====\n\nBob thinks so as well, and so does everybody else here."},
		{"a postscript below a signature", "Yes.\n\n¦-- \n¦Bob\n¦\n¦P.S. It is red."},
		{"a link below", "Yes.\n\nBob\nhttps://example.com"},
		{"lists with dashes", "We need:\n-- a lamp\n-- a bulb\nThanks"},
		{"stars as marks", "Yes.\n\n|*From:* Ann Example <ann@example.com>\n|*Sent:* Monday, January 5, 2026 9:00 AM\n|*To:* Bob\n|*Subject:* Lamp\n|\n|Does it work?"},
		{"marks in bold around names", "Yes.\n\n|**From:** Ann Example <ann@example.com>  \n|**Sent:** Monday, January 5, 2026 9:00 AM  \n|**To:** Bob  \n|**Subject:** Lamp\n|\n|Does it work?"},
		{"nothing but blanks above", "\u00a0\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|> Does it work?"},
		{"one word", "Ok\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|> Does it work?"},
		{"a smile", ":-)\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|> Does it work?"},
		{"a link in brackets beside the address", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <\n|ann@example.com> wrote:\n|\n|> Does it work?"},
		{"a blank line within the announcement", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com>\n|\n|wrote:\n|\n|> Does it work?"},
		{"Spark's two lines", "Yes.\n\n¦Sent with Spark\n|On 5 Jan 2026 at 9:00 +0100, Ann Example <ann@example.com>, wrote:\n|\n|Does it work?"},
		{"quoted with tabs", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n|\t> Does it work?\n|\t> Ann"},
		{"Orange", "Oui.\n\n|> Message du 05/01/26 09:00\n|> De : \"Ann Example\" <ann@example.com>\n|> A : support@desk.example\n|> Copie à : \n|> Objet : Lampe\n|>\n|> Ça marche ?"},
		{"Orange, not marked", "Oui.\n\n|Message du 05/01/26 09:00\n|De : \"Ann Example\" <ann@example.com>\n|A : support@desk.example\n|Copie à : \n|Objet : Lampe\n|\n|Ça marche ?"},
		{"Libero", "Sì.\n\n|----Messaggio originale----\n|Da: ann@example.com\n|Data: 05/01/2026 9.00\n|A: <support@desk.example>\n|Ogg: Lampada\n|\n|Funziona?"},
		{"WEB.DE on a telephone", "Ja.\n\n¦--\n¦Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.\n|Am 05.01.26, 09:00 schrieb Ann Example <ann@example.com>:\n|\n|Geht sie?"},
		{"WP", "Tak.\n\n|Dnia 5 stycznia 2026 09:00 Ann Example <ann@example.com> napisał(a):\n|\n|Działa?"},
		{"Interia", "Tak.\n\n|Temat: Lampa\n|Data: 2026-01-05 9:00\n|Nadawca: \"Ann Example\" <ann@example.com>\n|Adresat: support@desk.example;\n|\n|Działa?"},
		{"Seznam", "Ano.\n\n|---------- Původní e-mail ----------\n|Od: Ann Example <ann@example.com>\n|Komu: support@desk.example\n|Datum: 5. 1. 2026 9:00:00\n|Předmět: Lampa\n|\n|Funguje?"},
		{"Ukr.net", "Так.\n\n|5 січня 2026, 09:00:00, від \"Ann Example\" <ann@example.com>:\n|\n|Працює?"},
		{"Abv", "Да.\n\n|-------- Оригинално писмо --------\n|От: Ann Example ann@example.com\n|Относно: Лампа\n|До: support@desk.example\n|Изпратено на: 05.01.2026 09:00\n|\n|Работи ли?"},
		{"UOL", "Sim.\n\n|De: \"Ann Example\" <ann@example.com>\n|Enviada: 2026/01/05 09:00:00\n|Para: support@desk.example\n|Assunto: Lâmpada\n|\n|Funciona?"},
		{"Telfort", "Ja.\n\n|----Origineel Bericht----\n|Van : ann@example.com\n|Datum : 05/01/2026 09:00\n|Aan : support@desk.example\n|Onderwerp : Lamp\n|\n|Werkt hij?"},
		{"Telia", "Ja.\n\n|----Ursprungligt meddelande----\n|Från : ann@example.com\n|Datum : 2026-01-05 - 09:00 ()\n|Till : support@desk.example\n|Ämne : Lampa\n|\n|Fungerar den?"},
		{"Daum", "네.\n\n|--------- 원본 메일 ---------\n|보낸사람 : Ann Example <ann@example.com>\n|받는사람 : support@desk.example\n|날짜 : 2026년 1월 05일(월) 09:00:00\n|제목 : 램프\n|\n|됩니까?"},
		{"old Yahoo", "Yes.\n\n|--- On Mon, 1/5/26, Ann Example <ann@example.com> wrote:\n|\n|From: Ann Example <ann@example.com>\n|Subject: Lamp\n|To: support@desk.example\n|Date: Monday, January 5, 2026, 9:00 AM\n|\n|Does it work?"},
		{"Sina", "好。\n\n|----- 原始邮件 -----\n|发件人：Ann <ann@example.com>\n|收件人：support@desk.example\n|主题：灯\n|日期：2026年01月05日 09点00分\n|\n|好吗？"},
		{"139", "好。\n\n|----邮件原文----\n|发件人：Ann <ann@example.com>\n|收件人：support@desk.example\n|抄 送： (无)\n|发送时间：2026-01-05 09:00:00\n|主题：灯\n|\n|好吗？"},
		{"Aliyun", "好。\n\n|------------------------------------------------------------------\n|发件人：Ann <ann@example.com>\n|发送时间：2026年1月5日(星期一) 09:00\n|收件人：support <support@desk.example>\n|主　题：灯\n|\n|好吗？"},
		{"Foxmail", "好。\n\n|\n|发件人： Ann\n|发送时间： 2026-01-05 09:00\n|收件人： support\n|主题： 灯\n|\n|好吗？"},
		{"Terra", "Sim.\n\n|On Seg 05/01/26 09:00 , Ann Example ann@example.com sent:\n|> Funciona?"},
		{"Sympa's digest", "Yes.\n\n|----- Message from Ann Example <ann@example.com> ---------\n|    Date: Mon, 5 Jan 2026 09:00:00 +0100\n|    From: Ann Example <ann@example.com>\n| Subject: Lamp\n|      To: support@desk.example\n|\n|> Does it work?"},
		{"Exchange ActiveSync", "Yes.\n\n¦Sent from my Windows Phone\n|________________________________\n|From: Ann Example<mailto:ann@example.com>\n|Sent: 05/01/2026 09:00\n|To: Support<mailto:support@desk.example>\n|Subject: Lamp\n|\n|Does it work?"},
		{"Salesforce", "Yes.\n\n|--------------- Original Message ---------------\n|From: Ann Example [ann@example.com]\n|Sent: 1/5/2026 9:00 AM\n|To: support@desk.example\n|Subject: Lamp\n|\n|Does it work?"},
		{"OTRS", "Yes.\n\n|2026-01-05 09:00 - Ann Example schrieb:\n|> Does it work?"},
		{"Zammad", "Yes.\n\n|On 01/05/2026 at 09:00, Ann Example wrote:\n|> Does it work?"},
		{"a reply to a notice of ours", "Yes.\n\n|On Mon, Jan 5, 2026 at 9:00 AM Support <support@desk.example> wrote:\n|\n|> ##- Please type your reply above this line -##\n|>\n|> Your request (123) has been updated."},
		{"a customer's own heading", "From what I see:\nTo do: nothing\nDate of purchase: 5 May\nIt broke."},
		{"a customer's log with addresses", "This is in the log:\n\nJan 5 09:00:00 mx postfix/smtp[1]: to=<ann@example.com>, status=bounced\nJan 5 09:00:01 mx postfix/qmgr[2]: removed\n\nWhat is wrong?"},
		{"a customer who tells who wrote what", "On Monday Ann wrote to me that it works.\nBob said: it does not.\nWho is right?"},
		{"JSON", "It answers:\n\n{\n  \"from\": \"ann@example.com\",\n  \"to\": \"bob@example.com\",\n  \"subject\": \"x\"\n}\n\nIs that right?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, want := bars(c.text)
			folds := Text(text, nil)
			if got := ticket.Unfolded(text, folds); fold(got) != fold(want.reply) {
				t.Errorf("reply: got %q, want %q", got, want.reply)
			}
			for kind, want := range map[ticket.FoldKind]string{ticket.FoldQuoted: want.quoted, ticket.FoldSignature: want.signature} {
				if got := ticket.Folded(text, folds, kind); fold(got) != fold(want) {
					t.Errorf("%s: got %q, want %q", kind, got, want)
				}
			}
		})
	}
}
