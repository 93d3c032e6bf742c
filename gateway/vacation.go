package gateway

import (
	"regexp"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// vacationSubject is how robots begin the subject of a notice of absence, in the words of the well-known mail programs.
var vacationSubject = regexp.MustCompile(`(?i)^\W*(?:` + strings.Join([]string{
	`auto(?:matic|mated)?[- _]?(?:reply|response|answer)`, `auto(?:replied)?`, `out[- ]of[- ](?:the[- ])?office(?: (?:reply|autoreply|message|auto[- ]reply))?`, `ooo`, `ooto`,
	`away from (?:the |my )?(?:office|desk|mail)`, `vacation(?: (?:reply|message|notice))?`, `(?:annual|maternity|paternity|parental|sick) leave`, `[^:]{1,60} is (?:currently )?(?:out of (?:the )?office|on (?:vacation|leave|holiday))(?: \([^)]{1,60}\))?\.?`, `[^:]{1,60} ist (?:außer haus|nicht im (?:büro|haus)|abwesend)\.?`, `on (?:vacation|holidays?|leave|annual leave|maternity leave|parental leave)`, `i am (?:currently )?(?:away|out of (?:the )?office|on (?:vacation|leave|holiday))`,
	`automatische? antwort`, `abwesenheits?(?:notiz|nachricht|meldung|assistent|benachrichtigung)?`, `autom\. antwort`, `außer haus`, `nicht im (?:büro|haus)`, `ich bin (?:derzeit |momentan )?(?:nicht|abwesend|im urlaub)`, `urlaub(?:snachricht|sbenachrichtigung)?`,
	`réponse automatique`, `message d'absence`, `absence(?: du bureau)?`, `absent(?:e)?(?: du bureau)?`, `en (?:congé|congés|vacances)`,
	`respuesta autom[aá]tica`, `fuera de (?:la )?oficina`, `ausente`, `de vacaciones`,
	`risposta automatica`, `fuori (?:sede|ufficio)`, `risposta non al computer`, `assente`, `in ferie`,
	`resposta autom[aá]tica`, `fora do escrit[oó]rio`, `ausência(?: temporária)?`, `de f[eé]rias`,
	`automatisch antwoord`, `afwezig(?:heids(?:bericht|melding|assistent))?`, `niet aanwezig`, `automatische beantwoording`,
	`autosvar`, `automatis[ck]t? svar`, `frånvaro(?:meddelande)?`, `fraværs(?:melding|besked|assistent)?`, `fravær`, `ikke til ?stede`, `ej på kontoret`, `automaattinen vastaus`, `poissa(?:olo)?(?:ilmoitus)?`, `sjálfvirkt svar`,
	`automatyczna odpowied[zź]`, `odpowied[zź] automatyczna`, `autoodpowied[zź]`, `nieobecno[sś][cć]`, `poza biurem`, `automatick[aá] odpov[eěď]+[dďď]?`, `mimo kancelář`, `nepřítomnost`, `automatikus válasz`, `házon kívül`, `räspuns automat`, `r[aă]spuns automat`,
	`samodejni odgovor`, `automatski odgovor`, `automatinis atsakymas`, `automātiskā atbilde`, `automaatvastus`,
	`автоматический ответ`, `автоответ(?:чик)?`, `нет на работе`, `в отпуске`, `автоматична відповідь`, `автоматичен отговор`, `аутоматски одговор`,
	`αυτόματη απάντηση`, `εκτός γραφείου`, `otomatik (?:yanıt|cevap)`, `ofis dışında`, `balasan otomatis`, `jawapan automatik`, `trả lời tự động`, `thư trả lời tự động`, `ตอบกลับอัตโนมัติ`, `ข้อความตอบกลับอัตโนมัติ`,
	`自动(?:回复|答复)`, `自動(?:回覆|回復|回答|応答|返信)`, `外出(?:自動回覆)?`, `不在(?:通知|応答)?`, `자동 ?(?:회신|응답)`, `부재중`, `מענה אוטומטי`, `תשובה אוטומטית`, `رد تلقائي`, `الرد التلقائي`, `پاسخ خودکار`, `स्वचालित (?:उत्तर|जवाब)`,
}, "|") + `)(?:\s*[:：\-–—\])(】!]\s*(.*)|\s+((?:re|aw|sv|vs|antw|r|odp|rv|tr|fwd?|wg)\s*:.*)|\s*)$`)

// vacationText are sentences of absence that stand at the beginning of such a notice.
var vacationText = regexp.MustCompile(`(?i)(?:` + strings.Join([]string{
	`\b(?:i am|i'm|i’m|i will be|i'll be|we are)(?: \pL+){0,3} (?:out of(?: the| my)? office|on (?:vacation|leave|annual leave|holidays?|maternity leave|parental leave|a business trip)|away(?: from| until)|travell?ing|not in the office)`,
	`\bthis is an auto(?:matic|mated)[- ](?:reply|response|message|answer)`, `\bthank you for your (?:e-?mail|message)[^\n]{0,60}\b(?:out of|away|leave|vacation)`,
	`(?:limited|no) access to (?:my )?e-?mail`, `\bich bin(?:[^.\n]|\d\.){0,60}(?:abwesend|nicht im (?:büro|haus)|im urlaub|nicht erreichbar|außer haus|wieder (?:erreichbar|im büro|für sie))`,
	`(?:diese|dies ist eine) (?:e-?mail|nachricht|antwort)?(?:[^.\n]|\d\.){0,20}automatisch`, `\bje (?:suis|serai)(?:[^.\n]|\d\.){0,60}(?:absent|en (?:congé|vacances|déplacement)|de retour)`, `ceci est (?:une réponse|un message) automatique`,
	`\b(?:estoy|estaré|me encuentro)(?:[^.\n]|\d\.){0,40}(?:fuera de|ausente|de vacaciones)`, `(?:respuesta|mensaje) autom[aá]tic[oa]`, `\b(?:sono|sarò)(?:[^.\n]|\d\.){0,40}(?:assente|fuori (?:sede|ufficio)|in ferie)`,
	`\b(?:estou|estarei)(?:[^.\n]|\d\.){0,40}(?:ausente|fora do|de f[eé]rias)`, `\bik ben(?:[^.\n]|\d\.){0,40}(?:afwezig|niet aanwezig|met vakantie|op vakantie|niet op kantoor)`, `\bjag är(?:[^.\n]|\d\.){0,40}(?:ledig|borta|på semester|inte på kontoret)`,
	`\bjeg er(?:[^.\n]|\d\.){0,40}(?:på ferie|ikke på kontoret|bortreist|fraværende)`, `\bolen(?:[^.\n]|\d\.){0,40}(?:poissa|lomalla)`, `jestem(?:[^.\n]|\d\.){0,40}(?:nieobecn|na urlopie|poza biurem)`, `jsem(?:[^.\n]|\d\.){0,40}(?:mimo kancelář|na dovolené|nepřítom)`,
	`(?:нахожусь|буду)(?:[^.\n]|\d\.){0,40}(?:отпуске|отсутств|вне офиса|командировке)`, `ofis dışınday[ıi]m|izindeyim|izinde olacağım`, `(?:我|本人)[^。\n]{0,20}(?:休假|出差|外出|不在办公室)`, `(?:外出|休暇|不在|出張)[^。\n]{0,20}(?:しており|いたしており|中です|にしております)`, `부재중`,
}, "|") + `)`)

// robotText are sentences by which robots say that they are such. What is quoted of them counts for nothing.
var robotText = regexp.MustCompile(`(?i)(?:^|[\n.!?*#=(\[_-]\s*)(?:` + strings.Join([]string{
	`this (?:is|was) an? auto(?:-|matic |mated |matically |mated, |matically )?(?:generated |sent )?(?:reply|response|message|answer|e-?mail|acknowledge?ment|notification|confirmation)`, `this (?:e-?mail|message|reply|response) (?:is|was|has been) (?:automatically|auto-?)\s?(?:generated|sent|created)`,
	`(?:dies|das) ist eine auto(?:matische|matisch (?:generierte|erstellte|erzeugte|versandte|versendete)|matisierte)[srn]? (?:antwort|nachricht|e-?mail|mail|eingangsbestätigung|bestätigung|benachrichtigung)`, `diese (?:e-?mail|mail|nachricht|antwort) (?:wurde|wird|ist) automatisch`,
	`ceci est (?:un message|une réponse|un e-?mail|un courriel|un mail) automatique`, `(?:ce message|cet e-?mail|ce courriel|cette réponse) (?:est|a été) (?:généré|envoyé)e? automatiquement`,
	`est[ae] es una? (?:respuesta|mensaje|correo|e-?mail|confirmación) (?:generad[oa] )?autom[aá]tic`, `quest[ao] è una? (?:risposta|messaggio|e-?mail|mail) automatic`, `est[ae] é uma? (?:resposta|mensagem|e-?mail) automátic`,
	`dit is een automatisch(?:e)? (?:antwoord|bericht|e-?mail|gegenereerd)`, `detta är ett automatiskt`, `dette er (?:en|et) automatisk`, `tämä on automaattinen`, `(?:to|niniejsza|ta) (?:jest )?(?:wiadomość )?(?:została wygenerowana automatycznie|automatyczna (?:odpowiedź|wiadomość))`, `toto je automatick[áýé]`, `ez egy automatikus`, `acesta este un (?:mesaj|răspuns) automat`,
	`это автоматическ`, `(?:данное |это )?(?:письмо|сообщение) (?:создано|отправлено|сформировано) автоматически`, `bu (?:e-?posta|mesaj|ileti|yanıt) otomatik`, `(?:このメール|本メール|これ)は[^\n。]{0,20}自動`, `(?:此|本|该|這|这)[^\n。]{0,8}(?:自动|自動)(?:回复|回覆|答复|发送|發送|回信)`, `[^\n.]{0,20}자동(?:으로)? ?(?:회신|응답|발송|발신)`,
}, "|") + `)`)

// answerPrefix begins the subject of an answer in any of the usual languages, or a ticket code in its brackets.
var answerPrefix = regexp.MustCompile(`(?i)^(?:re|aw|sv|vs|antw|rif|r|odp|ynt|yan|回复|回覆|答复|답장|רה|رد|res|atb|bls|vá|σχετ|απ|fwd?|wg|tr|rv|\[#?[a-z][a-z0-9]*-[0-9])(?:\[\d+\])?\s*[:：\-0-9]`)

// vacation recognises a notice of absence without any header of its own by its subject, if a second sign agrees: the
// mail answers another one, the subject quotes one, the header forbids answers, the return path is empty, or the text
// says the same. "Out of office", written by a person about the program of that name, stays a person's. What escapes is
// ended by the caps on answers.
func (c *classifier) vacation() bool {
	match := vacationSubject.FindStringSubmatch(c.mail.Subject)
	if match == nil {
		return c.answers() && c.saysSo()
	}
	second := ""
	switch {
	case c.answers():
		second = "and the mail answers another"
	case answerPrefix.MatchString(match[1] + match[2]):
		second = "and the subject quotes another"
	case c.nullPath():
		second = "and the return path is empty"
	case c.mail.header.has("x-auto-response-suppress"):
		second = "and the header forbids answers"
	case vacationText.MatchString(beginning(c.mail.Text, 600)), robotText.MatchString(beginning(c.mail.Text, 600)):
		second = "and the text says so"
	default:
		return false
	}
	c.because("Subject", c.mail.Subject)
	c.because(second, "")
	return true
}

// saysSo recognises an answer whose new text says that a robot wrote it.
func (c *classifier) saysSo() bool {
	if !robotText.MatchString(beginning(c.mail.Text, 600)) || !robotText.MatchString(beginning(ticket.Unfolded(c.mail.Text, c.mail.Folds()), 600)) {
		return false
	}
	c.because("the text says that a robot wrote it", "")
	return true
}

// beginning is at most n bytes of s, never ending within a character.
func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
