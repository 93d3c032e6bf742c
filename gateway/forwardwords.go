package gateway

import (
	"regexp"
	"strings"
)

// forwardHeading is the line that programs write above a forwarded mail: a rule, or words.
var forwardHeading = regexp.MustCompile(`(?i)^(?:[-_=~*]{2,}|.{0,60}(?:` + forwardWords + `))`)

// forwardOnly is such a line that says so in words, and above no other mail than a forwarded one.
var forwardOnly = regexp.MustCompile(`(?i)^[-_=~*> ]{0,60}.{0,60}(?:` + forwardWords + `).{0,60}$`)

const forwardWords = `forwarded|weitergeleitet|transféré|réexpédié|reenviad|reenviat|inoltrat|encaminhad|doorgestuurd|vidarebefordra|videresend|välitet|áframsend` +
	`|przekaz|przesłan|přeposl|přeposíl|preposl|preposiel|továbbít|redirecționat|redirectionat|transmis mai departe|proslijeđen|prosleđen|posredovan|edastat|persiųst|pārsūtīt` +
	`|переадресован|перенаправлен|пересла|пересыла|пересила|препрат|прослеђен|yönlendir|iletilen|ileti başlangıcı|προωθ` +
	`|転送|转发|轉寄|轉發|전달|הועבר|معاد توجيه|محول|terusan|diteruskan|dimajukan|chuyển tiếp|ส่งต่อ`

// headerLabels are the names that programs give to the fields of a forwarded mail, in lower case, with what they mean.
var headerLabels = labels([]labelList{
	{"from", `from|von|de|da|van|från|fra|frá|od|od koho|desde|remitente|expéditeur|absender|mittente|afzender|avsändare|afsender|avsender|remetente|enviado por|emisor|lähettäjä|keneltä|saatja|kellelt|feladó|de la|expeditor|expeditorul|kimden|gönderen|από|αποστολέας|от|от кого|відправник|від|від кого|отправитель|изпращач|од|šalje|pošiljatelj|pošiljalac|odosielateľ|odesílatel|nadawca|nuo|siuntėjas|no|sūtītājs|nga|发件人|发信人|寄件者|寄件人|發件人|发送人|差出人|送信者|送信元|발신인|보낸 사람|보낸사람|발신자|보내는 사람|מאת|من|از|فرستنده|จาก|từ|người gửi|dari|daripada|nondik|nork|gan|प्रेषक|द्वारा`},
	{"date", `date|sent|datum|gesendet|gesendet am|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviada|enviada em|enviado em|enviat|fecha|fecha de envío|data|data de envio|inviato|inviato il|data invio|verzonden|verzonden op|verstuurd|skickat|skickades|sendt|dato|sendt den|lähetetty|päivämäärä|päiväys|pvm|wysłano|wysłane|data wysłania|odesláno|odoslané|dátum|elküldve|küldve|küldés ideje|küldés dátuma|trimis|trimisă|trimis la|gönderildi|gönderilen|gönderme tarihi|gönderilme tarihi|tarih|ημερομηνία|στάλθηκε|εστάλη|отправлено|дата|дата отправки|дата и время|надіслано|відправлено|изпратено|послато|poslano|poslato|saadetud|kuupäev|išsiųsta|nosūtīts|datums|dată|data trimiterii|дата отримання|发送时间|发送日期|日期|时间|時間|傳送時間|傳送日期|寄件日期|寄件時間|送信日時|日時|日付|送信日|보낸 날짜|보낸날짜|날짜|보낸 시간|נשלח|תאריך|تاريخ|تم الإرسال|أرسلت|التاريخ|تاریخ|วันที่|ส่งแล้ว|ngày|đã gửi|ngày gửi|tanggal|dikirim|terkirim|tarikh|dihantar|time|when|दिनांक`},
	{"to", `to|pre|an|à|a|para|aan|til|till|do|komu|címzett|către|kime|alıcı|kişiye|προς|кому|до|за|prima|za|saaja|kellele|kam|gavėjas|vastaanottaja|destinataire|destinatario|destinatário|empfänger|ontvanger|destinatarul|pour|adresat|mottagare|modtager|mottaker|收件人|收件者|收信人|宛先|送信先|받는 사람|받는사람|수신자|받는 이|אל|إلى|الى|به|ถึง|đến|tới|người nhận|kepada|ke|nori|प्रति`},
	{"subject", `subject|sujet|subiectul|betreff|objet|asunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|konu|θέμα|тема|относно|tema|teema|temats|zadeva|naslov|主题|主旨|主題|标题|標題|件名|題名|제목|נושא|הנושא|موضوع|الموضوع|เรื่อง|หัวเรื่อง|chủ đề|tiêu đề|subjek|perihal|judul|hal|assunto|assumpte|efni|gaia|विषय`},
	{"other", `cc|bcc|cci|cco|kopie|kopie an|kopie (cc)|copie|copie à|copia|cópia|kopia|kopi|kopio|dw|udw|másolat|bilgi|κοιν|копия|копія|抄送|副本|参照|참조|עותק|نسخة|สำเนา|reply-to|reply to|antwort an|antworten an|répondre à|responder a|rispondi a|antwoord aan|ответить|回复|返信先|organization|organisation|attachments|anlagen|anhänge|pièces jointes|adjuntos|archivos adjuntos|allegati|bijlagen|bilagor|вложения|附件|importance|wichtigkeit|priorität|importancia|priority|message-id|mailed-by|signed-by|resent-from`},
})

type labelList struct{ kind, words string }

func labels(lists []labelList) map[string]string {
	all := map[string]string{}
	for _, list := range lists {
		for _, word := range strings.Split(list.words, "|") {
			if all[word] == "" {
				all[word] = list.kind
			}
		}
	}
	return all
}
