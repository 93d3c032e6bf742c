package gateway

import (
	"html"
	"regexp"
	"strings"
	"time"
)

// Inner is the mail within a forwarded one. Everything in it is what the forwarder's program, or the forwarder, wrote:
// it counts only from a trusted agent.
type Inner struct {
	From    Address
	Subject string    // without the forwarder's prefix; empty if the block names none
	Date    time.Time // zero if the block names none that can be read
	// Begins is where in Mail.Text the forwarded part begins, its heading included: what stands before is the
	// forwarder's. Body is where its own text begins. Both are len(Mail.Text) for an attached mail.
	Begins, Body int
	// Attachment is the index of the attached mail in Mail.Attachments, or -1 if the mail stands in the text.
	Attachment int
}

// forwardPrefix begins the subject of a forwarded mail, in the languages of the well-known mail programs.
var forwardPrefix = regexp.MustCompile(`(?i)^(?:\[[^\[\]]{1,40}\]\s*)?(?:\(fwd?\)\s*|\W{0,3}(?:fwd?|fw|wg|wtr?|tr|rv|re?nv|enc|i|vs|vb|vl|vidb|doorst|doorgest|přeposlat|přesláno|přeposláno|redir\.?|videresend|proslijeđeno|prosleđeno|posredovano|edasi|persiųsta|pārsūtīts|välitetty|videresendt|videres|vedb|vidarebefordrat|pd|podaj dalej|prz|przekazano|fs|předáno|preposlané|továbbítás|továbbítva|İLT|ilt|yml|tf|fyi|forward(?:ed)?|weiterleitung|weitergeleitet|transféré|transf|reenviado|reenv|res|encaminhada?|inoltro|inoltrato|doorgestuurd|pše|pr|npr|prosl|μβ|πρθ|пересл|переслано|пер|на|转发|转寄|轉寄|轉發|転送|전달|הועבר|هدایت|إعادة توجيه|đã chuyển tiếp|chuyển tiếp|terusan|diteruskan)\s*(?:\[\d+\])?\s*[:：]\s*)(.*?)\]?$`)

// Forwarded finds the mail that m forwards: one attached as message/rfc822, or one in the text below a block of its
// header, where the subject begins with a forward prefix, or is no answer's and a line above the block says that the
// mail is forwarded. A report about undelivered mail, which brings that mail too,
// forwards nothing. Whoever acts on it must trust the sender.
func Forwarded(m *Mail) (*Inner, bool) {
	if m.reportType() != "" {
		return nil, false
	}
	if inner, ok := attachedMail(m); ok {
		return inner, true
	}
	subject := m.Subject
	match := forwardPrefix.FindStringSubmatch(subject)
	switch {
	case match != nil:
		subject = match[1]
	case answerPrefix.MatchString(subject):
		return nil, false // what it quotes may be a forwarded mail
	}
	inner, ok := forwardedBlock(m.Text, match == nil)
	if !ok && match != nil {
		inner, ok = forwardedLine(m.Text)
	}
	if !ok || finnishAnswer(m, inner) {
		return nil, false
	}
	inner.Subject = firstOf(inner.Subject, subject)
	return inner, true
}

// finnishAnswer: "VS:" means forwarded in Norwegian and Danish, and answered in Finnish.
func finnishAnswer(m *Mail, inner *Inner) bool {
	head := strings.ToLower(m.Text[inner.Begins:inner.Body])
	return strings.HasPrefix(strings.ToLower(m.Subject), "vs") && strings.Contains(head, "lähettäjä")
}

// announcement is the one line that some programs write above a forwarded mail, as above an answered one.
var announcement = regexp.MustCompile(`(?i)^(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|kl\.?)\s(.{0,200}?)[<(]([^<>\s@]{1,64}@[^<>\s]{1,255})[>)].{0,60}:$`)

// datedAuthor is the one that Yandex writes below its heading: a date, the time, and the author.
var datedAuthor = regexp.MustCompile(`^(\d{1,2}[./]\d{1,2}[./]\d{4}, \d{1,2}:\d\d, "?.{0,200}?)[<(]([^<>\s@]{1,64}@[^<>\s]{1,255})[>)]:$`)

// forwardedLine finds such a line.
func forwardedLine(text string) (*Inner, bool) {
	lines := textLines(beginning(text, maxForwardText))
	for i, line := range lines {
		if !strings.HasSuffix(line.text, ":") || len(line.text) > 600 {
			continue
		}
		match := announcement.FindStringSubmatch(line.text)
		if match == nil && i > 0 && forwardHeading.MatchString(lines[i-1].text) {
			match = datedAuthor.FindStringSubmatch(line.text)
		}
		if match == nil {
			continue
		}
		inner := &Inner{From: Address{announcedName(match[1]), strings.ToLower(match[2])}, Begins: line.start, Body: len(text), Attachment: -1}
		if i+1 < len(lines) {
			inner.Body = lines[i+1].start
		}
		return inner, true
	}
	return nil, false
}

// announcedName is what stands between the date and the address.
func announcedName(s string) string {
	s = s[strings.LastIndexByte(s, ',')+1:]
	s = s[strings.LastIndexAny(s, "0123456789")+1:]
	for _, word := range []string{"AM ", "PM ", "Uhr ", "schrieb ", "a.m. ", "p.m. "} {
		s = strings.TrimPrefix(strings.TrimLeft(s, " :"), word)
	}
	return strings.Trim(s, " \"'*:")
}

// attachedMail is the one attached mail, or the first where all have the same author.
func attachedMail(m *Mail) (*Inner, bool) {
	var inner *Inner
	for i, a := range m.Attachments {
		if a.MediaType != "message/rfc822" && a.MediaType != "message/global" {
			continue
		}
		limits := Limits{}.withDefaults()
		h := scanHeader(clean(a.Data, limits).header)
		from, unknown := sender(h)
		if unknown {
			continue
		}
		if inner != nil {
			if inner.From.Email != from.Email {
				return nil, false // a collection
			}
			continue
		}
		subject, _ := cutRunes(oneLine(decodeWords(h.get("subject"))), limits.Subject)
		date, _ := parseDate(h.get("date"))
		inner = &Inner{From: from, Subject: subject, Date: date, Begins: len(m.Text), Body: len(m.Text), Attachment: i}
	}
	return inner, inner != nil && !m.Degraded
}

// Bounds of the search for a block.
const (
	maxForwardText = 256 << 10 // bytes of text that are looked at
	maxBlockFields = 24
)

// forwardedBlock finds the first block of header fields in a text: a From that holds an address, and a subject, date or
// recipient beside it. announced asks for a line above it that says in words what follows.
func forwardedBlock(text string, announced bool) (*Inner, bool) {
	lines := textLines(beginning(text, maxForwardText))
	for i := 0; i < len(lines); i++ {
		if _, _, ok := labelled(lines[i].text); !ok {
			continue
		}
		b := readBlock(lines, i)
		if !b.sound() {
			i = max(i, b.end-1)
			continue
		}
		begins, said := i, false
		for back := i - 1; back >= 0 && i-back <= 4; back-- { // the heading stands above, perhaps after a blank line
			if lines[back].text == "" {
				continue
			}
			if forwardHeading.MatchString(lines[back].text) {
				begins, said = back, forwardOnly.MatchString(lines[back].text)
			}
			break
		}
		if announced && !said {
			i = max(i, b.end-1)
			continue
		}
		inner := b.inner
		inner.Begins, inner.Attachment = lines[begins].start, -1
		if inner.Body = len(text); b.end < len(lines) {
			inner.Body = lines[b.end].start
		}
		return &inner, true
	}
	return nil, false
}

// textLine is a line without quote marks and blanks around, and where it starts in the text.
type textLine struct {
	text  string
	start int
}

// runOnHeading is a heading behind which Yahoo's text has the first field in the same line.
var runOnHeading = regexp.MustCompile(`^(-{4,} ?[^-:]{4,40} ?-{4,}) +(\S[^:]{0,30}: .*)$`)

func textLines(text string) []textLine {
	var lines []textLine
	at := 0
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		for strings.HasPrefix(bare, ">") || strings.HasPrefix(bare, "|") {
			bare = strings.TrimSpace(bare[1:])
		}
		bare = strings.TrimSpace(strings.Map(visible, bare))
		if m := runOnHeading.FindStringSubmatch(bare); m != nil {
			lines = append(lines, textLine{m[1], at})
			bare = m[2]
		}
		lines = append(lines, textLine{bare, at})
		at += len(line)
	}
	return lines
}

// visible drops marks of direction and joins, and makes all blanks plain.
func visible(r rune) rune {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
		return -1
	case r == 0xA0, r == 0x202F, r == 0x3000, r == '\t':
		return ' '
	}
	return r
}

// block is a run of header fields in a text.
type block struct {
	inner        Inner
	from, beside bool
	end          int // the line after it
}

func (b *block) sound() bool { return b.from && b.beside && b.inner.From.Email != "" }

// readBlock reads fields from a line on. Values may go on in the next line, and a blank line may stand between fields.
func readBlock(lines []textLine, at int) block {
	var b block
	values := map[string]string{}
	last, n := "", 0
	i := at
	for ; i < len(lines) && n < maxBlockFields; i++ {
		line := lines[i].text
		if line == "" {
			if next := i + 1; next < len(lines) && last != "" {
				if _, _, ok := labelled(lines[next].text); ok && (values["from"] == "" || values["subject"] == "" || values["to"] == "") {
					continue
				}
			}
			break
		}
		kind, value, ok := labelled(line)
		switch {
		case ok && (kind == "other" || values[kind] == ""):
			last = kind
			if kind != "other" {
				values[kind] = value
			}
			n++
		case ok: // a second From: the next mail of the conversation
			return b.close(values, lines, i)
		case continues(last, values[last], line):
			values[last] = strings.TrimSpace(values[last] + " " + line)
		default:
			return b.close(values, lines, i)
		}
	}
	return b.close(values, lines, i)
}

// close ends a block at a line; blank lines and a line like the heading, which some programs repeat, belong to it.
func (b block) close(values map[string]string, lines []textLine, end int) block {
	b.take(values)
	for end < len(lines) && (lines[end].text == "" || b.beside && ruledLine.MatchString(lines[end].text)) {
		end++
	}
	b.end = end
	return b
}

var ruledLine = regexp.MustCompile(`^[-_=~]{4,}.{0,60}[-_=~]{4,}$`)

// continues reports whether a line belongs to the value before it: the address of a From or To that has none yet, or
// the rest of a list of recipients.
func continues(kind, value, line string) bool {
	if len(line) > 500 {
		return false
	}
	switch kind {
	case "from":
		return !strings.Contains(value, "@") && strings.Contains(line, "@")
	case "to", "other":
		return strings.HasSuffix(value, ",") || strings.HasSuffix(value, ";") || value == "" && strings.Contains(line, "@")
	case "subject", "date":
		return value == ""
	}
	return false
}

// writtenLink is a link as Markdown has it.
var writtenLink = regexp.MustCompile(`\[([^\]\s]+@[^\]\s]+)\]\(mailto:[^)]*\)`)

// take reads the values of a block.
func (b *block) take(values map[string]string) {
	if from := values["from"]; from != "" {
		b.from = true
		from = writtenLink.ReplaceAllString(html.UnescapeString(from), "$1")
		if bare := mailtoLink.ReplaceAllString(from, ""); strings.Contains(bare, "@") {
			from = bare
		}
		if a, ok := parseAddress(strings.Trim(from, "* ")); ok {
			b.inner.From = Address{strings.Trim(a.Name, "*_'\" "), a.Email}
		}
		if _, glued, ok := strings.Cut(from, ">"); ok { // all fields on one line
			_, _, b.beside = labelled(glued)
		}
	}
	b.beside = b.beside || values["subject"] != "" || values["date"] != "" || values["to"] != ""
	b.inner.Subject, _ = cutRunes(oneLine(values["subject"]), Limits{}.withDefaults().Subject)
	if t, ok := parseDate(values["date"]); ok {
		b.inner.Date = t
	}
}

// labelled splits "Label: value" if the label is one of a mail's header in any language; marks of bold type are taken
// off.
func labelled(line string) (kind, value string, ok bool) {
	if len(line) > 4000 {
		return "", "", false
	}
	line = strings.TrimLeft(line, "*_ ")
	i := strings.IndexAny(line, ":：")
	if i <= 0 || i > 60 {
		return "", "", false
	}
	size := 1
	if line[i] != ':' {
		size = len("：")
	}
	kind, ok = headerLabels[strings.ToLower(strings.Trim(line[:i], "*_ "))]
	return kind, strings.Trim(line[i+size:], "* "), ok
}
