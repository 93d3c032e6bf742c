package gateway_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestRobotsWithoutHeaders are notices of absence and acknowledgements whose servers write no field that says so.
func TestRobotsWithoutHeaders(t *testing.T) {
	t.Parallel()
	const utf8 = "Content-Type: text/plain; charset=utf-8"
	answered := "In-Reply-To: <9@desk.example>"
	for _, c := range []struct {
		name, subject, text string
		lines               []string
		want                gateway.Kind
	}{
		{"en, Exchange", "Automatic reply: Your lamp", "I am out of the office until Monday.", nil, gateway.KindAutoReply},
		{"en, old Exchange", "Out of Office AutoReply: Your lamp", "I will be out of the office starting 01/05/2026.", nil, gateway.KindAutoReply},
		{"en, Notes", "Ann Example is out of the office.", "I will be out of the office starting 05.01.2026 and will not return until 12.01.2026.", nil, gateway.KindAutoReply},
		{"en, Notes, by name", "AUTO: Ann Example is out of the office (returning 01/12/2026)", "I am out of the office until 01/12/2026.\r\n\r\nNote: This is an automated response to your message \"lamp\" sent on 1/5/2026.", nil, gateway.KindAutoReply},
		{"en, Gmail", "Out of office Re: Your lamp", "I'm away this week.", []string{answered}, gateway.KindAutoReply},
		{"en, a phrase", "Away from my desk", "I am away from my desk and have limited access to email.", nil, gateway.KindAutoReply},
		{"en, no subject of its own", "Re: Your lamp", "This is an automatic reply. I am on leave until 12 January.", []string{answered}, gateway.KindAutoReply},
		{"en, an acknowledgement", "Re: Your lamp", "** This is an automated response, please do not reply **\r\n\r\nThank you for contacting Acme.", []string{answered}, gateway.KindAutoReply},
		{"en, maternity", "On maternity leave Re: Your lamp", "I am on maternity leave until June.", []string{answered}, gateway.KindAutoReply},
		{"en, holiday", "Annual leave: Your lamp", "I am on annual leave, back on the 12th.", []string{answered}, gateway.KindAutoReply},
		{"de", "Automatische Antwort: Ihre Lampe", "Ich bin bis 12.01. nicht im Büro.", nil, gateway.KindAutoReply},
		{"de, away", "Abwesenheitsnotiz: Ihre Lampe", "Sehr geehrte Damen und Herren, ich bin derzeit nicht im Büro.", nil, gateway.KindAutoReply},
		{"de, holiday", "Urlaub: Ihre Lampe", "Ich bin im Urlaub und ab 12.01. wieder erreichbar.", nil, gateway.KindAutoReply},
		{"de, no subject of its own", "AW: Ihre Lampe", "Dies ist eine automatische Antwort. Ich bin bis 12.01. im Urlaub.", []string{answered}, gateway.KindAutoReply},
		{"de, received", "Eingangsbestätigung: Ihre Lampe", "Vielen Dank für Ihre Nachricht. Dies ist eine automatisch generierte E-Mail.", []string{answered}, gateway.KindAutoReply},
		{"fr", "Réponse automatique : votre lampe", "Je suis absent jusqu'au 12 janvier.", nil, gateway.KindAutoReply},
		{"fr, away", "Absence du bureau : votre lampe", "Bonjour, je suis absente du bureau jusqu'au 12.", nil, gateway.KindAutoReply},
		{"fr, no subject of its own", "RE: votre lampe", "Ceci est un message automatique. Nous avons bien reçu votre demande.", []string{answered}, gateway.KindAutoReply},
		{"es", "Respuesta automática: su lámpara", "Estaré fuera de la oficina hasta el 12.", nil, gateway.KindAutoReply},
		{"es, no subject of its own", "RE: su lámpara", "Esta es una respuesta automática. Estoy de vacaciones.", []string{answered}, gateway.KindAutoReply},
		{"it", "Risposta automatica: lampada", "Sono in ferie fino al 12.", nil, gateway.KindAutoReply},
		{"pt", "Resposta automática: lâmpada", "Estou ausente do escritório até dia 12.", nil, gateway.KindAutoReply},
		{"nl", "Automatisch antwoord: lamp", "Ik ben afwezig tot 12 januari.", nil, gateway.KindAutoReply},
		{"nl, away", "Afwezig: lamp", "Ik ben op vakantie tot 12 januari.", nil, gateway.KindAutoReply},
		{"sv", "Autosvar: lampa", "Jag är på semester till den 12.", nil, gateway.KindAutoReply},
		{"sv, 2", "Automatiskt svar: lampa", "Jag är inte på kontoret.", nil, gateway.KindAutoReply},
		{"da", "Automatisk svar: lampe", "Jeg er på ferie til den 12.", nil, gateway.KindAutoReply},
		{"nb", "Automatisk svar: lampe", "Jeg er bortreist til 12.", nil, gateway.KindAutoReply},
		{"fi", "Automaattinen vastaus: lamppu", "Olen lomalla 12.1. asti.", nil, gateway.KindAutoReply},
		{"pl", "Odpowiedź automatyczna: lampa", "Jestem na urlopie do 12 stycznia.", nil, gateway.KindAutoReply},
		{"pl, 2", "Automatyczna odpowiedź: lampa", "Jestem na urlopie do 12 stycznia.", nil, gateway.KindAutoReply},
		{"cs", "Automatická odpověď: lampa", "Jsem na dovolené do 12. ledna.", nil, gateway.KindAutoReply},
		{"hu", "Automatikus válasz: lámpa", "Szabadságon vagyok január 12-ig.", []string{answered}, gateway.KindAutoReply},
		{"ro", "Răspuns automat: lampa", "Sunt în concediu până pe 12.", []string{answered}, gateway.KindAutoReply},
		{"ru", "Автоматический ответ: лампа", "Я нахожусь в отпуске до 12 января.", nil, gateway.KindAutoReply},
		{"uk", "Автоматична відповідь: лампа", "Я у відпустці до 12 січня.", []string{answered}, gateway.KindAutoReply},
		{"tr", "Otomatik Yanıt: lamba", "12 Ocak'a kadar izindeyim.", nil, gateway.KindAutoReply},
		{"el", "Αυτόματη απάντηση: λάμπα", "Θα απουσιάζω έως 12/1.", []string{answered}, gateway.KindAutoReply},
		{"ja", "自動応答: ランプ", "1月12日まで休暇中です。", nil, gateway.KindAutoReply},
		{"ja, 2", "自動返信: ランプ", "このメールは自動返信です。", nil, gateway.KindAutoReply},
		{"zh", "自动答复: 灯", "我在休假，1月12日回来。", nil, gateway.KindAutoReply},
		{"zh, 2", "自动回复:灯", "您好，邮件已收到。", []string{answered}, gateway.KindAutoReply},
		{"zh-TW", "自動回覆: 燈", "我目前休假中。", []string{answered}, gateway.KindAutoReply},
		{"ko", "자동 회신: 램프", "부재중입니다.", nil, gateway.KindAutoReply},
		{"vi", "Trả lời tự động: đèn", "Tôi đang nghỉ phép.", []string{answered}, gateway.KindAutoReply},
		{"ar", "رد تلقائي: مصباح", "أنا خارج المكتب.", []string{answered}, gateway.KindAutoReply},
		{"he", "מענה אוטומטי: מנורה", "אני בחופשה.", []string{answered}, gateway.KindAutoReply},
		{"th", "ตอบกลับอัตโนมัติ: โคมไฟ", "ลาพักร้อน", []string{answered}, gateway.KindAutoReply},

		{"a person asks about them", "Automatic reply does not work", "How do I switch on automatic replies?", nil, gateway.KindHuman},
		{"a person quotes one", "Re: Your lamp", "You wrote that I am out of office, but I am not. What is this?", []string{answered}, gateway.KindHuman},
		{"a person on leave who answers", "Re: Your lamp", "Yes please, go ahead. I will be away next week, so call Bob.", []string{answered}, gateway.KindHuman},
		{"a person complains of robots", "Re: Your lamp", "Is this an automatic reply? I want to speak to a person.", []string{answered}, gateway.KindHuman},
		{"a person asks for holidays", "Vacation request", "Please enter my vacation for August.", nil, gateway.KindHuman},
		{"a person on what is quoted", "Re: Your lamp", "Thanks, that helped.\r\n\r\n> This is an automated response, please do not reply.\r\n> Your ticket was opened.", []string{answered}, gateway.KindHuman},
	} {
		t.Run("X21 "+c.name, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read(mail(append(c.lines, "From: Ann <ann@example.com>", "Subject: "+c.subject, "Message-ID: <1@example.com>", utf8, "", c.text)...), received, nil)
			n := gateway.Classify(m, gateway.NaturePolicy{})
			if n.Kind != c.want || (n.Kind == gateway.KindAutoReply) == n.MayReopen {
				t.Errorf("%s, may reopen %t: %q", n.Kind, n.MayReopen, n.Evidence)
			}
		})
	}
}

// TestMoreBounces are reports as servers and services write them, without a part for machines.
func TestMoreBounces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, subject, recipient, action, status string
		lines                                          []string
		text                                           string
	}{
		{"Microsoft 365", "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>", "Undeliverable: Your lamp", "ann@example.org", "failed", "5.1.10", nil,
			"Your message to ann@example.org couldn't be delivered.\nann wasn't found at example.org.\n\nOriginal Message Details\nCreated Date: 1/5/2026 9:00:00 AM\nSender Address: desk@example.com\nRecipient Address: ann@example.org\nSubject: Your lamp\n\nError Details\nReported error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found by SMTP address lookup"},
		{"Microsoft 365, full", "Microsoft Outlook <postmaster@outlook.com>", "Undeliverable: Your lamp", "ann@example.org", "failed", "5.2.2", nil,
			"Delivery has failed to these recipients or groups:\n\nann@example.org (ann@example.org)\nThe recipient's mailbox is full and can't accept messages now. Please try resending your message later, or contact the recipient directly.\n\nDiagnostic information for administrators:\n\nGenerating server: x.outlook.com\n\nann@example.org\nRemote server returned '554 5.2.2 mailbox full; STOREDRV.Deliver'"},
		{"Exchange, delayed", "Microsoft Outlook <postmaster@corp.example>", "Delivery delayed: Your lamp", "ann@example.org", "delayed", "4.4.7", nil,
			"Delivery is delayed to these recipients or groups:\n\nann@example.org (ann@example.org)\n\nSubject: Your lamp\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted.\n\nThe server will keep trying to deliver this message for the next 1 days. 4.4.7"},
		{"Gmail, blocked", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "ann@example.org", "failed", "5.7.1", []string{"X-Failed-Recipients: ann@example.org"},
			"** Message blocked **\n\nYour message to ann@example.org has been blocked. See technical details below for more information.\n\nThe response from the remote server was:\n550 5.7.1 Message rejected"},
		{"Gmail, late", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)", "ann@example.org", "delayed", "", nil,
			"** Delivery incomplete **\n\nThere was a temporary problem delivering your message to ann@example.org. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.\n\nThe response was:\nThe recipient server did not accept our requests to connect."},
		{"Amazon SES", "MAILER-DAEMON@amazonses.com", "Delivery Status Notification (Failure)", "ann@example.org", "failed", "5.1.1", nil,
			"An error occurred while trying to deliver the mail to the following recipients:\nann@example.org\n550 5.1.1 user unknown"},
		{"SendGrid", "MAILER-DAEMON@sendgrid.net", "Undelivered Mail Returned to Sender", "ann@example.org", "failed", "5.5.0", nil,
			"This is an automatically generated message from SendGrid.\n\nI'm sorry to have to tell you that your message was not able to be delivered to one of its intended recipients.\n\nIf you require assistance with this, please contact SendGrid support.\n\nann@example.org: 550 5.5.0 Requested action not taken: mailbox unavailable"},
		{"Postfix, late", "MAILER-DAEMON@mx.example.net", "Delayed Mail (still being retried)", "ann@example.org", "delayed", "4.4.1", nil,
			"This is the mail system at host mx.example.net.\n\n####################################################################\n# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n####################################################################\n\nYour message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old.\n\n<ann@example.org>: connect to mx.example.org[192.0.2.7]:25: Connection timed out 4.4.1"},
		{"Zimbra", "MAILER-DAEMON@mail.example.net (Mail Delivery System)", "Undelivered Mail Returned to Sender", "ann@example.org", "failed", "5.4.4", nil,
			"I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n<ann@example.org>: Host or domain name not found. Name service error for\n    name=example.org type=A: 5.4.4"},
		{"IceWarp", "postmaster@mail.example.net", "Delivery failed: Your lamp", "ann@example.org", "failed", "5.1.1", nil,
			"Your message could not be delivered to the following recipients:\n\n<ann@example.org>\n\n550 5.1.1 User unknown; rejecting"},
		{"MDaemon", "MDaemon@mail.example.net", "Permanent Delivery Failure", "ann@example.org", "failed", "5.1.1", nil,
			"--------------------------------------------------------------\nDelivery Failure - The address below had permanent fatal errors\n--------------------------------------------------------------\n\n<ann@example.org>\n\n550 5.1.1 No such user"},
		{"courier", "\"Courier mail server at mx.example.net\" <@>", "NOTICE: mail delivery status.", "ann@example.org", "failed", "5.0.0", nil,
			"This is a delivery status notification from mx.example.net,\nrunning the Courier mail server, version 0.65.\n\nThe original message was received on Mon, 5 Jan 2026\n\n---------------------------------------------------------------------------\n\n                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<ann@example.org>:\n    550 Relaying denied"},
		{"GroupWise", "<mailer-daemon@corp.example>", "Mail System Error - Returned Mail", "ann@example.org", "failed", "", nil,
			"The message that you sent was undeliverable to the following:\n        ann@example.org\n\nThe recipient is not known."},
		{"Domino", "postmaster@corp.example", "DELIVERY FAILURE: User ann (ann@example.org) not listed in Domino Directory", "ann@example.org", "failed", "", nil,
			"Your message\n\n  Subject: Your lamp\n\nwas not delivered to:\n\n  ann@example.org\n\nbecause:\n\n  User ann (ann@example.org) not listed in Domino Directory"},
		{"web.de", "mailer-daemon@web.de", "Mail delivery failed: returning message to sender", "ann@example.org", "failed", "5.0.0", nil,
			"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\nann@example.org:\nSMTP error from remote server for RCPT TO command, host: mx.example.org (192.0.2.7) reason: 550 unknown user\n\n--- The header of the original message is following. ---\n\nMessage-ID: <ours@desk.example>"},
		{"t-online", "Mail Delivery System <MAILER-DAEMON@t-online.de>", "Undelivered Mail Returned to Sender", "ann@example.org", "failed", "5.1.1", nil,
			"|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n <ann@example.org> ... 550 5.1.1 unknown user\n|------------------------- Message text follows: ------------------------|"},
		{"French Exchange", "Microsoft Outlook <postmaster@corp.example>", "Non remis : Votre lampe", "ann@example.org", "failed", "5.1.1", []string{"Content-Type: text/plain; charset=utf-8"},
			"Échec de la remise à ces destinataires ou groupes :\n\nann@example.org\nL'adresse de messagerie que vous avez entrée est introuvable.\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##"},
		{"Spanish Exchange", "Microsoft Outlook <postmaster@corp.example>", "No se puede entregar: Su lámpara", "ann@example.org", "failed", "5.1.1", []string{"Content-Type: text/plain; charset=utf-8"},
			"No se pudo entregar el mensaje a estos destinatarios o grupos:\n\nann@example.org\nNo se encontró la dirección.\n\n550 5.1.1"},
		{"Italian Exchange", "Microsoft Outlook <postmaster@corp.example>", "Non recapitabile: Lampada", "ann@example.org", "failed", "5.1.1", []string{"Content-Type: text/plain; charset=utf-8"},
			"Impossibile recapitare il messaggio ai seguenti destinatari o gruppi:\n\nann@example.org\n\n550 5.1.1"},
		{"Portuguese Gmail", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "ann@example.org", "failed", "5.1.1", []string{"Content-Type: text/plain; charset=utf-8"},
			"** Endereço não encontrado **\n\nSua mensagem não foi entregue a ann@example.org porque o endereço não foi encontrado.\n\nA resposta foi:\n550 5.1.1"},
		{"German Gmail", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "ann@example.org", "failed", "5.1.1", []string{"Content-Type: text/plain; charset=utf-8"},
			"** Die Adresse wurde nicht gefunden **\n\nIhre Nachricht wurde nicht an ann@example.org zugestellt, weil die Adresse nicht gefunden wurde.\n\nDie Antwort:\n550 5.1.1"},
		{"Mimecast", "Postmaster <postmaster@corp.example>", "[Postmaster] Email Delivery Failure", "ann@example.org", "failed", "5.1.1", nil,
			"Your message was unable to be delivered to: ann@example.org\nThe error was 550 5.1.1 Invalid Recipient"},
		{"GroupWise, its status", "Mail Delivery System <mailer-daemon@corp.example>", "Message status - undeliverable", "ann@example.org", "failed", "", nil,
			"The message that you sent was undeliverable to the following:\n\tann@example.org (user not found)"},
		{"QQ", "PostMaster@qq.com", "系统退信/Systems bounce", "ann@example.org", "failed", "", []string{"Content-Type: text/plain; charset=utf-8"},
			"抱歉，您的邮件被退回来了……\n原邮件信息：\n时间　2026-01-05 09:00:00\n主题　Re: x\n收件人　ann@example.org\n退信原因\n收件人邮件地址（ann@example.org）不存在，邮件无法送达。"},
		{"a mailing service", "bounces@mail.example.net", "Undeliverable: Your lamp", "ann@example.org", "failed", "5.1.1", []string{"Return-Path: <>"},
			"The following message to <ann@example.org> was undeliverable.\nThe reason for the problem:\n5.1.1 - Bad destination email address 'reject'"},
		{"qmail in Russian", "MAILER-DAEMON@mx.example.ru", "failure notice", "ann@example.org", "failed", "5.1.1", nil,
			"Hi. This is the qmail-send program at mx.example.ru.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@example.org>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 no"},
	} {
		t.Run("X21 "+c.name, func(t *testing.T) {
			t.Parallel()
			lines := append([]string{"From: " + c.from, "To: desk@example.com", "Subject: " + c.subject, "Message-ID: <b@mx.example.net>"}, c.lines...)
			m := gateway.Read(mail(append(lines, "", strings.ReplaceAll(c.text, "\n", "\r\n"))...), received, nil)
			n := gateway.Classify(m, gateway.NaturePolicy{})
			want := map[string]gateway.Kind{"failed": gateway.KindBounce, "delayed": gateway.KindDelayNotice}[c.action]
			if n.Kind != want || n.Bounce == nil || n.Bounce.Recipient != c.recipient || n.Bounce.Action != c.action || n.Bounce.Status != c.status {
				t.Errorf("%s, %+v, %q", n.Kind, n.Bounce, n.Evidence)
			}
		})
	}
}
