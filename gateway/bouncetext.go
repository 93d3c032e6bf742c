package gateway

import (
	"regexp"
	"slices"
	"strings"
)

// Servers that know no RFC 3464, or send it through something that strips it, tell of undelivered mail in words.

// bounceSubject is how they begin their subjects.
var bounceSubject = regexp.MustCompile(`(?i)^\W*(?:` + strings.Join([]string{
	`undeliver(?:able|ed)(?: mail| message)?`, `message status\W+undeliver`, `postmaster\]\W*(?:e-?mail|message) delivery failure`, `(?:mail |e-?mail |message )?deliver(?:y|ies) (?:status notification|failure|failed|has failed|problem|error|report|delayed|unsuccessful|subsystem)`, `returned (?:mail|e-?mail|to sender)`, `mail (?:returned|delivery (?:failed|failure|system|error|subsystem|status))`,
	`notice: mail delivery status`, `permanent delivery failure`, `failure notice`, `failure delivery`, `mail system error`, `mail could not be delivered`, `message (?:could not be delivered|not delivered|undeliverable|you sent blocked|delayed)`, `(?:non|not)[- ]?deliver(?:able|y|ed)`, `warning: (?:could not send|message|mail|e-?mail)`, `nondeliverable`, `bounced?(?: mail| message)?:`, `dsn[:,]`, `could not deliver`, `unable to deliver`, `error sending`, `ndn:`, `no se pudo entregar`,
	`delayed (?:mail|delivery)`, `delivery (?:is )?delayed`, `mail delivery delayed`,
	`unzustellbar`, `nicht zustellbar`, `zustellung (?:der nachricht )?(?:fehlgeschlagen|verzögert|nicht möglich)`, `ihre (?:e-?mail|nachricht) konnte nicht zugestellt`, `non remis`, `échec de (?:la )?(?:remise|distribution|livraison)`, `notification d'échec`, `message non distribué`, `retour(?:né)? à l'expéditeur`,
	`no se puede entregar`, `no entregado`, `error de entrega`, `mensaje no entregado`, `no se ha podido entregar`, `non recapitabile`, `mancata consegna`, `impossibile recapitare`, `não (?:é possível entregar|entregue)`, `falha (?:na entrega|de entrega)`, `devolvid[ao]`, `onbestelbaar`, `niet bezorgd`, `bezorging mislukt`, `kan inte levereras`, `ej levererat`, `olevererbart`, `kan ikke leveres`, `uleverbar`, `ikke leveret`, `toimitus epäonnistui`, `ei voida toimittaa`,
	`niedostarcz(?:ony|one|alne)`, `nie można dostarczyć`, `zwrot (?:wiadomości|poczty)`, `nedoručitelné`, `nedoručiteľné`, `nedoručeno`, `kézbesíthetetlen`, `nem kézbesíthető`, `nelivrabil`, `недоставлен`, `не доставлено`, `не удалось доставить`, `не може бути доставлено`, `teslim edilemedi`, `δεν ήταν δυνατή η παράδοση`, `αδύνατη η παράδοση`,
	`无法(?:送达|传递|投递)`, `無法(?:送達|傳遞|投遞)`, `未(?:送达|送達|传递|傳遞)`, `退信`, `系统退信`, `配信不能`, `配信できませんでした`, `送信できませんでした`, `배달(?:되지 않음| ?실패)`, `반송`, `לא ניתן למסירה`, `تعذر (?:التسليم|تسليم)`, `tidak terkirim`, `không (?:thể|gửi) (?:gửi|được)`,
}, "|") + `)`)

// bounceOpening is what the text of such a mail says near its beginning, and people do not. Plain phrases, because one
// expression for all of them takes milliseconds a mail.
var bounceOpening = phrases{
	"this is the qmail-send", "this is the postfix", "this is the mail system", "this is the mail delivery", "i'm afraid i wasn't able to deliver", "created automatically by mail delivery software", "created automatically by the mail delivery",
	"automatically generated delivery status notification", "delivery to the following recipient", "delivery to these recipients", "delivery has failed to these", "delivery failed to these",
	"message wasn't delivered", "message wasn’t delivered", "message was not delivered", "message could not be delivered", "message couldn't be delivered", "message couldn’t be delivered", "message cannot be delivered", "message can't be delivered", "message can’t be delivered", "message has not been delivered", "message was undeliverable", "message is undeliverable", "was undeliverable to", "unable to be delivered",
	"mail could not be delivered", "mail was not delivered", "mail couldn't be delivered", "unable to deliver your", "unable to deliver message", "unable to deliver mail", "unable to deliver the", "could not deliver your", "could not deliver the", "could not deliver mail", "did not reach some or all", "did not reach the following", "did not reach the intended", "could not be delivered to", "not yet been delivered to",
	"addresses had permanent", "address had permanent", "addresses had transient", "following address(es) failed", "following addresses failed", "following recipient(s)", "temporary problem delivering", "temporary problem while delivering", "temporary error while delivering", "was not delivered to", "the original message was received at", "undeliverable mail", "undelivered mail", "mail delivery failed", "message delivery failed", "delivery has failed", "returned mail", "user unknown", "user is unknown", "mailbox is full", "mailbox full", "mailbox unavailable", "no such user", "recipient address rejected",
	"message has been delayed", "message is delayed", "mail has been delayed", "message has been blocked", "message was blocked", "message was rejected", "message has been rejected", "mail was rejected", "mail was returned",
	"nicht zugestellt werden", "bei der nachrichtenzustellung", "zustellung fehlgeschlagen", "zustellung an folgende", "n'a pas pu être", "n’a pas pu être", "échec de la remise", "no se ha podido entregar", "no se pudo entregar", "no se puede entregar", "error al entregar", "impossibile recapitare", "non è stato possibile recapitare", "non può essere recapitato", "não pôde ser entregue", "não foi possível entregar", "não pode ser entregue", "falha na entrega", "niet worden bezorgd", "niet worden afgeleverd", "kunde inte levereras", "kunne ikke leveres", "nie została dostarczona", "nie mogła zostać dostarczona", "nie można dostarczyć", "не может быть доставлен", "не было доставлено", "не удалось доставить", "teslim edilemedi", "以下の宛先", "以下收件人", "无法送达", "无法投递", "無法傳遞", "配信できません", "배달하지 못했습니다",
}

// phrases are pieces of text in lower case.
type phrases []string

// in reports whether a text in lower case holds any of the phrases.
func (p phrases) in(lower string) bool {
	return slices.ContainsFunc(p, func(phrase string) bool { return strings.Contains(lower, phrase) })
}

// delaySign tells a warning from a failure.
var delaySign = phrases{"delayed", "warning:", "warning message only", "will keep trying", "will be retried", "will retry", "will continue to", "will keep on trying", "still undelivered", "still being delivered", "still trying", "no action is required", "not need to resend", "temporary problem", "temporary error", "not yet been delivered",
	"verzögert", "wird weiter versucht", "retardé", "retrasad", "ritardat", "atrasad", "vertraagd", "fördröjd", "forsinket", "opóźnion", "задерж", "отложен", "遅延", "延迟", "延遲"}

// delayOnly outweighs failureSign: it speaks of what has not happened yet.
var delayOnly = phrases{"this is a warning", "warning only", "warning message only", "not need to resend", "delivery incomplete", "still being retried", "will be retried until", "gmail will retry", "will retry for", "hasn't been delivered yet", "hasn’t been delivered yet", "has not been delivered yet", "not yet been delivered"}

// failureSign outweighs delaySign: the server has given up.
var failureSign = phrases{"permanent", "giving up", "given up", "gave up", "too long", "could not be delivered", "wasn't able to deliver", "has failed", "address rejected", "user unknown", "does not exist"}

var serverName = regexp.MustCompile(`(?i)^\W*(?:mail(?:er)?[- ]?daemon|(?:e-?)?mail delivery (?:sub)?system|mail(?: delivery)? (?:system|administrator|service)|system administrator|postmaster|microsoft (?:outlook|exchange)|courier mail server|internet mail delivery)`)

var serverLocal = regexp.MustCompile(`^(?:mailer[-_.]?daemon|mdaemon|mail[-_.]?daemon|post[-_]?master|microsoftexchange[0-9a-f]+|mail-?delivery|mailsystem)`)

// fromServer reports a mail that a mail server seems to have written.
func (c *classifier) fromServer() bool {
	m := c.mail
	local, _, _ := strings.Cut(m.From.Email, "@")
	return c.nullPath() || m.header.has("x-failed-recipients") || m.header.has("x-ms-exchange-message-is-ndr") ||
		serverLocal.MatchString(local) || serverName.MatchString(m.From.Name)
}

// textBounce recognises a report in words. Two of three must agree: the sender, the subject, the text. Without the sender
// the text must name a recipient and a code, too.
func (c *classifier) textBounce() (all []Delivery, isBounce bool) {
	m := c.mail
	if failed := m.header.values("x-failed-recipients"); len(failed) > 0 {
		c.because("X-Failed-Recipients", failed[0])
		return c.textDeliveries(), true
	}
	var signs []string
	if c.fromServer() {
		signs = append(signs, "a mail server wrote it")
	}
	if bounceSubject.MatchString(m.Subject) {
		signs = append(signs, "the subject tells of undelivered mail")
	}
	if len(signs) > 0 && bounceOpening.in(strings.ToLower(beginning(m.Text, 3000))) {
		signs = append(signs, "the text tells of undelivered mail")
	}
	// A person who answers such a mail, or passes it on, says so in the subject.
	if len(signs) < 2 || answerPrefix.MatchString(m.Subject) {
		return nil, false
	}
	all = c.textDeliveries()
	if !c.fromServer() && !slices.ContainsFunc(all, func(d Delivery) bool { return d.Recipient != "" && d.Status != "" }) {
		return nil, false // a person, whose parcel could not be delivered
	}
	for _, s := range signs {
		c.because(s, "")
	}
	return all, true
}

// introduces stands in the line after which the recipients follow.
var introduces = phrases{
	"following address", "following recipient", "following destination", "following user", "following mailbox", "these recipients", "was not delivered to", "fatal errors", "address(es)", "undeliverable to", "undeliverable address", "intended recipient", "failed recipient", "delivered to one or more", "delivered to the following", "delivered to all", "to which the message has not", "to these recipients", "ces destinataires", "estos destinatarios", "estes destinatários", "questi destinatari", "diese empfänger", "deze geadresseerden",
	"folgende empfänger", "folgenden empfänger", "folgende adresse", "folgenden adresse", "destinataire suivant", "destinataires suivants", "siguiente destinatario", "siguientes destinatarios", "siguientes direcc", "seguenti destinatar", "seguente destinatar", "seguenti indirizz", "seguintes destinat", "seguinte destinat", "volgende adres", "volgende ontvanger", "volgende geadresseerde", "następujących", "следующ", "以下の", "以下收件人",
}

var (
	// atLineStart is "<address>:" or "<address>... reason" at the start of a line, as most servers name a recipient.
	atLineStart = regexp.MustCompile(`^\s*<([^<>\s@]{1,64}@[^<>\s]{1,255})>\s*(?:\([^)]*\))?\s*(?::|\.\.\.|$)(.*)$`)
	// inSentence names the recipient in one.
	inSentence = regexp.MustCompile(`(?i)(?:delivered to:?|(?:message|mail) to|收件人(?:邮件地址)?[\s　（(:：]|deliver(?:ing)? (?:your |the )?(?:message|mail|e-?mail) to|to the following address:?|problem delivering to|recipient:?|empfänger:?|destinataire:?)\s*[*<"']{0,3}([^\s<>"'*,;]{1,64}@[^\s<>"'*,;]{1,255})`)
	// returnedBegins is the line after which the returned mail stands.
	returnedBegins = regexp.MustCompile(`(?i)^[-\s=_*]*(?:below this line is a copy|this is a copy of|(?:the )?original message(?: headers?)?(?: follows)?[\s.:=_*-]*$|unsent message|message (?:text|headers?) follows|returned (?:message|mail)|included is the message|return-path:)`)
)

// textDeliveries finds the recipients in the words of a report.
func (c *classifier) textDeliveries() []Delivery {
	lines := strings.Split(beginning(c.mail.Text, 32<<10), "\n")
	for i, line := range lines {
		line = beginning(line, 1000) // no server writes longer ones, and the time of what follows depends on it
		lines[i] = line
		if returnedBegins.MatchString(line) && i > 2 {
			lines = lines[:i]
			break
		}
	}
	told := strings.Join(lines, "\n")
	lower := strings.ToLower(c.mail.Subject + ": " + told)
	f := textFinder{sender: c.mail.From.Email, to: c.mail.To, lines: lines, action: "failed"}
	if delaySign.in(lower) && !failureSign.in(lower) || delayOnly.in(lower) {
		f.action = "delayed"
	}
	for _, value := range c.mail.header.values("x-failed-recipients") {
		list, _ := parseAddresses(value, maxDeliveries)
		for _, a := range list {
			f.add(a.Email, f.reasonFor(a.Email))
		}
	}
	f.search()
	for i := range f.all {
		d := &f.all[i]
		d.Action = f.action
		if d.Status = firstOf(statusCode(d.Diagnostic), statusCode(told)); d.Status == "" && f.action == "failed" {
			d.Status = basicStatus(d.Diagnostic)
		}
	}
	if len(f.all) == 0 {
		f.all = []Delivery{{Action: f.action, Status: statusCode(told)}}
	}
	return f.all
}

var basicCode = regexp.MustCompile(`(?:^|[^\d.])([45])[0-5]\d(?:$|[^\d.])`)

// basicStatus is the class of a plain SMTP reply code as an enhanced status (RFC 3463 §3.1, X.0.0).
func basicStatus(text string) string {
	if m := basicCode.FindStringSubmatch(text); m != nil {
		return m[1] + ".0.0"
	}
	return ""
}

// textFinder gathers recipients and reasons from the lines of a report.
type textFinder struct {
	sender string
	to     []Address
	lines  []string
	action string
	all    []Delivery
}

// add takes a recipient, unless it is known or is where the report comes from or goes to.
func (f *textFinder) add(email, reason string) {
	if email = strings.ToLower(strings.TrimRight(email, ".,:;")); email == "" || email == f.sender || len(f.all) >= maxDeliveries {
		return
	}
	for _, a := range f.to {
		if a.Email == email {
			return
		}
	}
	for i, d := range f.all {
		if d.Recipient == email {
			f.all[i].Diagnostic = firstOf(d.Diagnostic, shortDiagnostic(reason))
			return
		}
	}
	f.all = append(f.all, Delivery{Recipient: email, Diagnostic: shortDiagnostic(reason)})
}

// search looks at lines that begin with a recipient, then at the first address after a line that introduces one, then
// within sentences; the first of these ways that finds anything is the server's.
func (f *textFinder) search() {
	before := len(f.all)
	for i, line := range f.lines {
		if m := atLineStart.FindStringSubmatch(line); m != nil {
			f.add(m[1], m[2]+" "+f.paragraph(i+1))
		}
	}
	if len(f.all) > before {
		return
	}
	for i, line := range f.lines {
		if introduces.in(strings.ToLower(line)) {
			f.introduced(i)
		}
	}
	if len(f.all) > before {
		return
	}
	for i, line := range f.lines {
		if !strings.Contains(line, "@") {
			continue
		}
		if m := inSentence.FindStringSubmatch(line); m != nil {
			f.add(m[1], f.paragraph(i))
		}
	}
	if len(f.all) == before {
		f.alone()
	}
}

// alone takes the one address in a report that is neither the reporter's nor the reader's: in whatever language, it can
// only be the recipient's.
func (f *textFinder) alone() {
	before := len(f.all)
	for i, line := range f.lines {
		for rest := line; ; {
			begin, end := addressWithin(rest)
			if end == 0 {
				break
			}
			if local, _, _ := strings.Cut(rest[begin:end], "@"); !serverLocal.MatchString(strings.ToLower(local)) {
				f.add(rest[begin:end], f.paragraph(i))
			}
			rest = rest[end:]
		}
	}
	if len(f.all) > before+1 {
		f.all = f.all[:before]
	}
}

// mailtoLink is the link that Outlook's plain text has beside an address.
var mailtoLink = regexp.MustCompile(`<mailto:[^\s>]*>`)

// introduced looks for addresses in the five lines after an introduction.
func (f *textFinder) introduced(at int) {
	seen := 0
	for i := at; i < len(f.lines) && seen < 6; i++ {
		line := strings.TrimSpace(f.lines[i])
		if line == "" {
			continue
		}
		seen++
		if begin, end := addressWithin(line); end > 0 && begin < 60 {
			rest := strings.Trim(mailtoLink.ReplaceAllString(line[end:], ""), " >):*]")
			f.add(line[begin:end], rest+" "+f.paragraph(i+1))
			return
		}
	}
}

// addressWithin finds the first thing in a line that looks like an address; end is 0 if there is none.
func addressWithin(line string) (begin, end int) {
	for at := range len(line) {
		if line[at] == '@' && end == 0 {
			begin, end = addressAround(line, at)
		}
	}
	return begin, end
}

// reasonFor is what follows the first line that names an address.
func (f *textFinder) reasonFor(email string) string {
	for i, line := range f.lines {
		if strings.Contains(strings.ToLower(line), email) {
			return f.paragraph(i + 1)
		}
	}
	return ""
}

// paragraph is the text from a line to the next blank one; blank lines before it are passed over.
func (f *textFinder) paragraph(from int) string {
	var b strings.Builder
	for i := from; i < len(f.lines) && b.Len() < 2000; i++ {
		line := strings.TrimSpace(f.lines[i])
		if line == "" && b.Len() > 0 {
			break
		}
		if line == "" || strings.EqualFold(line, "because:") {
			continue
		}
		b.WriteString(line + " ")
	}
	return b.String()
}
