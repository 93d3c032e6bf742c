package replytext

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// notices are what companies put below their mails, one paragraph each.
const notices = `
This email and its attachments may contain confidential information. If you are not the intended recipient, please delete it and tell us.
The information contained in this e-mail is privileged and for the named addressee only. Unauthorised use is prohibited.
If you are not the intended recipient of this message, any disclosure, copying or distribution is strictly prohibited. Please notify the sender and destroy all copies.
CONFIDENTIALITY NOTICE: The contents of this mail are meant for its addressee.
Disclaimer: Views expressed here are those of the author alone.
NOTICE: This e-mail message is for the sole use of the intended recipient(s) and may contain confidential and privileged information.
This communication is confidential and intended solely for the use of the person to whom it is addressed.
*** This message has been scanned for viruses by Example Mail ***
Please consider the environment before printing this e-mail.
Virus-free. www.avast.com
Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, vernichten Sie sie bitte.
Diese Nachricht ist vertraulich und ausschließlich für den Empfänger bestimmt. Unbefugte Weitergabe ist nicht gestattet.
Haftungsausschluss: Für den Inhalt wird keine Gewähr übernommen.
Der Inhalt dieser E-Mail ist vertraulich und ausschließlich für den bezeichneten Adressaten bestimmt. Sollten Sie nicht der vorgesehene Empfänger sein, löschen Sie diese Nachricht.
Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail drucken.
Ce message et ses pièces jointes sont confidentiels. Si vous n'en êtes pas le destinataire, merci de les détruire et d'avertir l'expéditeur.
Ce courriel est destiné à l'usage exclusif de son destinataire et peut être confidentiel. Toute diffusion est interdite.
Avant d'imprimer, pensez à l'environnement.
Este mensaje es confidencial y se dirige exclusivamente a su destinatario. Si lo ha recibido por error, elimínelo.
AVISO LEGAL: La información contenida en este correo es confidencial.
La información contenida en este correo electrónico es privilegiada y para uso exclusivo del destinatario; su divulgación está prohibida.
Antes de imprimir este correo piense si es necesario.
Questo messaggio contiene informazioni riservate al destinatario. Se lo ha ricevuto per errore, lo cancelli e avvisi il mittente.
Le informazioni contenute nella presente comunicazione sono riservate e destinate esclusivamente al destinatario.
Esta mensagem é confidencial e destina-se exclusivamente ao seu destinatário. Se a recebeu por engano, apague-a.
As informações contidas neste e-mail são confidenciais; a sua divulgação é proibida.
Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. Hebt u het ten onrechte ontvangen, meld het de afzender.
Deze e-mail kan vertrouwelijke informatie bevatten. Bent u niet de geadresseerde, verwijder haar dan.
Niniejsza wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeśli otrzymali ją Państwo omyłkowo, prosimy o usunięcie.
Denne e-mail er fortrolig og kun til modtageren. Har du fået den ved en fejl, bedes du slette den.
Denne e-posten er konfidensiell og kun for mottakeren. Har du mottatt den ved en feil, vennligst slett den.
Detta meddelande är konfidentiellt och endast avsett för mottagaren. Har du fått det av misstag, radera det.
Tämä viesti on luottamuksellinen ja tarkoitettu ainoastaan vastaanottajalle. Jos sait sen erehdyksessä, ilmoita lähettäjälle.
Настоящее сообщение конфиденциально и предназначено только для адресата. Если вы получили его по ошибке, удалите его.
Данное электронное сообщение содержит конфиденциальную информацию; её разглашение запрещено.
Це повідомлення конфіденційне. Якщо ви не адресат, повідомте відправника.
Bu e-posta gizli bilgiler içerir ve yalnızca alıcısı içindir. Yanlışlıkla aldıysanız gönderene bildirin.
Tento e-mail je důvěrný a určený výhradně adresátovi. Pokud jste jej obdrželi omylem, smažte jej.
Ez az üzenet bizalmas, és kizárólag a címzettnek szól. Ha tévedésből kapta, törölje.
Acest mesaj este confidențial și destinat exclusiv destinatarului. Dacă l-ați primit din greșeală, ștergeți-l.
Το παρόν μήνυμα είναι εμπιστευτικό. Αν το λάβατε κατά λάθος, ενημερώστε τον αποστολέα.
本邮件及其附件含有保密信息，仅供收件人使用。如误收请删除。
本電子郵件含有機密資訊，僅供收件者使用。如誤收請刪除。
このメールには機密情報が含まれています。宛先以外の方は削除してください。
본 메일은 기밀 정보를 포함하고 있습니다. 수신인이 아닌 경우 삭제하여 주십시오.`

func TestNotices(t *testing.T) {
	t.Parallel()
	for notice := range strings.SplitSeq(strings.TrimSpace(notices), "\n") {
		t.Run(notice, func(t *testing.T) {
			t.Parallel()
			const quote = "\n\nOn Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n\n> Does it work?\n"
			for how, text := range map[string]string{
				"":            said + "\n\n" + notice + "\n",
				"wrapped":     said + "\n\n" + brokenAt(notice, 60) + "\n",
				"above":       said + "\n\n" + notice + quote,
				"below":       said + quote + "\n\n" + notice + "\n",
				"under rules": said + "\n\n________________________________\n" + notice + "\n________________________________\n",
				"with a foot": said + "\n\n" + notice + "\n\nExample Ltd, registered in England, www.example.com\n",
			} {
				if got := ticket.Unfolded(text, Text(text, nil)); got != said {
					t.Errorf("%s: got %q", how, got)
				}
			}
			alone := notice + "\n"
			if got := ticket.Unfolded(alone, Text(alone, nil)); strings.TrimSpace(got) != notice {
				t.Errorf("alone: got %q", got)
			}
		})
	}
}
