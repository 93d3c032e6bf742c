package roundtrip_test

import (
	"fmt"
	"mime"
	"net/mail"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// answer is what a mail program makes of a letter and of what its owner types.
type answer struct {
	subject    string
	text, html string // one may be missing
	program    string // header field X-Mailer
	flowed     bool   // lines of the text that go on end in a space (RFC 3676)
	renames    bool   // the letter: it has another id there
	forgets    bool   // which mail it answers
	headers    string // more of them
}

// styles are the mail programs; each has a way by which the desk knows the ticket, where the address does not say it.
var styles = []struct {
	name  string
	by    gateway.CitedBy
	write func(m received, reply string) answer
}{
	{"gmail", gateway.ByOwnID, gmail},
	{"gmail_german", gateway.ByOwnID, gmailGerman},
	{"outlook", gateway.ByOwnID, outlook},
	{"outlook_web", gateway.ByOwnID, outlookWeb},
	{"outlook_german", gateway.ByOwnID, outlookGerman},
	{"apple", gateway.ByOwnID, apple},
	{"thunderbird", gateway.ByOwnID, thunderbird},
	{"thunderbird_below", gateway.ByOwnID, thunderbirdBelow},
	{"thunderbird_german", gateway.ByOwnID, thunderbirdGerman},
	{"iphone", gateway.ByOwnID, iPhone},
	{"android_text", gateway.ByOwnID, android},
	{"text_below", gateway.ByOwnID, textBelow},
	{"no_attributes", gateway.ByOwnID, noAttributes},
	{"other_id", gateway.ByOwnID, otherID},
	{"no_references", gateway.ByHiddenCode, noReferences},
	{"hidden_text", gateway.ByHiddenCode, hiddenText},
	{"hidden_html", gateway.ByHiddenCode, hiddenHTML},
	{"hidden_stripped", gateway.ByHiddenCode, hiddenStripped},
	{"subject_alone", gateway.BySubject, subjectAlone},
}

func re(m received) string { return "Re: " + m.subject }

// gmail quotes below, in a blockquote of its own class, and has other names for all classes.
func gmail(m received, reply string) answer {
	said := fmt.Sprintf("On %s %s <%s> wrote:", m.date.Format("Mon, Jan 2, 2006 at 3:04 PM"), m.name, m.from)
	return answer{
		subject: re(m), text: reply + "\n\n" + wrapped(said, 76) + "\n" + quoted(wrapped(m.text, 76)),
		html: `<div dir="ltr">` + divs(reply) + `</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` +
			gmailSays(m, said) + `<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>` +
			m.body(rename("m_-4521873409182736")) + "</blockquote></div>\n",
	}
}

func gmailSays(m received, said string) string {
	return strings.ReplaceAll(html.EscapeString(said), html.EscapeString("<"+m.from+">"), fmt.Sprintf(`&lt;<a href="mailto:%s">%s</a>&gt;`, m.from, m.from))
}

// gmailGerman is the same for a German.
func gmailGerman(m received, reply string) answer {
	a := gmail(m, reply)
	english := m.date.Format("On Mon, Jan 2, 2006 at 3:04 PM") + " " + m.name
	german := m.date.Format("Am Mo., 2. Jan. 2006 um 15:04 Uhr") + " schrieb " + m.name
	said := german + " <" + m.from + ">:"
	a.text = reply + "\n\n" + wrapped(said, 76) + "\n" + quoted(wrapped(m.text, 76))
	a.html = strings.Replace(strings.Replace(a.html, html.EscapeString(english), html.EscapeString(german), 1), "&gt; wrote:", "&gt;:", 1)
	a.subject = "Aw: " + m.subject
	return a
}

// outlook writes paragraphs of Word, and a block of headers with a line above it.
func outlook(m received, reply string) answer {
	sent := m.date.Format("Monday, January 2, 2006 3:04 PM")
	return answer{
		subject: "RE: " + m.subject, program: "Microsoft Outlook 16.0",
		text: fmt.Sprintf("%s\n\nFrom: %s <%s>\nSent: %s\nTo: %s\nSubject: %s\n\n%s", reply, m.name, m.from, sent, m.to, m.subject, m.text),
		html: `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt;} --></style></head><body lang=EN-GB link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><div class=WordSection1>` +
			paragraphs(reply, "MsoNormal") + `<p class=MsoNormal><o:p>&nbsp;</o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>` +
			fmt.Sprintf(`<b><span lang=EN-US>From:</span></b><span lang=EN-US> %s &lt;%s&gt; <br><b>Sent:</b> %s<br><b>To:</b> %s<br><b>Subject:</b> %s<o:p></o:p></span></p></div>`,
				html.EscapeString(m.name), m.from, sent, m.to, html.EscapeString(m.subject)) +
			`<p class=MsoNormal><o:p>&nbsp;</o:p></p>` + m.body(dropComments) + `</div></body></html>`,
	}
}

// outlookWeb has marks of its own, and an x_ before the names of others.
func outlookWeb(m received, reply string) answer {
	sent := m.date.Format("Monday, January 2, 2006 3:04 PM")
	return answer{
		subject: re(m), headers: "Thread-Topic: " + mime.QEncoding.Encode("utf-8", m.subject) + "\n",
		text: fmt.Sprintf("%s\n________________________________\nFrom: %s <%s>\nSent: %s\nTo: %s <%s>\nSubject: %s\n\n%s", reply, m.name, m.from, sent, m.to, m.to, m.subject, m.text),
		html: `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style></head><body dir="ltr">` +
			strings.ReplaceAll(divs(reply), "<div>", `<div class="elementToProof" style="font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">`) +
			`<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">` +
			fmt.Sprintf(`<b>From:</b> %s &lt;%s&gt;<br><b>Sent:</b> %s<br><b>To:</b> %s &lt;%s&gt;<br><b>Subject:</b> %s</font><div>&nbsp;</div></div>`, html.EscapeString(m.name), m.from, sent, m.to, m.to, html.EscapeString(m.subject)) +
			`<div>` + m.body(rename("x_")) + `</div></body></html>`,
	}
}

// outlookGerman writes text alone.
func outlookGerman(m received, reply string) answer {
	sent := m.date.Format("Monday, 2. January 2006 15:04")
	sent = strings.NewReplacer("Monday", "Montag", "January", "Januar").Replace(sent)
	return answer{
		subject: "AW: " + m.subject, program: "Microsoft Outlook 16.0",
		text: fmt.Sprintf("%s\n\n-----Ursprüngliche Nachricht-----\nVon: %s <%s> \nGesendet: %s\nAn: %s\nBetreff: %s\n\n%s", reply, m.name, m.from, sent, m.to, m.subject, m.text),
	}
}

// apple announces a quote within it.
func apple(m received, reply string) answer {
	said := fmt.Sprintf("On %s, %s <%s> wrote:", m.date.Format("2 Jan 2006, at 15:04"), m.name, m.from)
	return answer{
		subject: re(m), program: "Apple Mail (2.3826.700.81)",
		text: reply + "\n\n" + quoted(said+"\n\n"+m.text),
		html: `<html aria-label="message body"><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">` +
			divs(reply) + `<div><br><blockquote type="cite"><div>` + html.EscapeString(said) + `</div><br class="Apple-interchange-newline"><div>` + m.body(nil) + `</div></blockquote></div><br></body></html>`,
	}
}

func mozilla(m received) string {
	return fmt.Sprintf("On %s, %s wrote:", m.date.Format("1/2/06 15:04"), m.name)
}

func mozillaQuotes(m received, said string) string {
	return `<div class="moz-cite-prefix">` + html.EscapeString(said) + `<br></div><blockquote type="cite" cite="mid:` + m.id + `">` + m.body(nil) + `</blockquote>`
}

// thunderbird quotes below, where its owner has set that.
func thunderbird(m received, reply string) answer {
	return mozillaTop(m, reply, mozilla(m))
}

func mozillaTop(m received, reply, said string) answer {
	return answer{
		subject: re(m), flowed: true, headers: "User-Agent: Mozilla Thunderbird\n", text: reply + "\n\n" + said + "\n" + quoted(m.text),
		html: `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>` + strings.ReplaceAll(paragraphs(reply, ""), ` class=""`, "") + mozillaQuotes(m, said) + `</body></html>`,
	}
}

// thunderbirdBelow writes below what it quotes.
func thunderbirdBelow(m received, reply string) answer {
	said := mozilla(m)
	return answer{
		subject: re(m), flowed: true, headers: "User-Agent: Mozilla Thunderbird\n", text: said + "\n" + quoted(m.text) + "\n" + reply + "\n",
		html: `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>` + mozillaQuotes(m, said) + strings.ReplaceAll(paragraphs(reply, ""), ` class=""`, "") + `</body></html>`,
	}
}

// thunderbirdGerman is that of a German.
func thunderbirdGerman(m received, reply string) answer {
	a := mozillaTop(m, reply, fmt.Sprintf("Am %s schrieb %s:", m.date.Format("02.01.06 um 15:04"), m.name))
	a.subject = "Aw: " + m.subject
	return a
}

// iPhone has a signature that nobody wrote, and breaks its quote in two.
func iPhone(m received, reply string) answer {
	said := fmt.Sprintf("On %s, %s <%s> wrote:", m.date.Format("2 Jan 2006, at 15:04"), m.name, m.from)
	return answer{
		subject: re(m), program: "iPhone Mail (22F76)",
		text: reply + "\n\nSent from my iPhone\n\n" + quoted(said+"\n\n"+m.text),
		html: `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">` + divs(reply) +
			`<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">` + html.EscapeString(said) +
			`<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + m.body(nil) + `</div></blockquote></body></html>`,
	}
}

// android writes text alone.
func android(m received, reply string) answer {
	said := fmt.Sprintf("%s <%s> wrote on %s:", m.name, m.from, m.date.Format("2 January 2006 15:04"))
	said = "On " + m.date.Format("2 January 2006 15:04:05 MST") + ", " + strings.TrimSuffix(said, " on "+m.date.Format("2 January 2006 15:04")+":") + ":"
	return answer{subject: re(m), text: reply + "\n\n" + said + "\n" + quoted(m.text)}
}

// textBelow is how people of the terminal answer.
func textBelow(m received, reply string) answer {
	return answer{subject: re(m), headers: "User-Agent: Mutt/2.2.13\n", text: fmt.Sprintf("On %s, %s wrote:\n", m.date.Format("Mon, Jan 02, 2006 at 03:04:05PM -0700"), m.name) + quoted(m.text) + "\n" + reply + "\n"}
}

// noAttributes is a program that keeps elements alone.
func noAttributes(m received, reply string) answer {
	said := fmt.Sprintf("On %s, %s <%s> wrote:", m.date.Format("2 Jan 2006 15:04"), m.name, m.from)
	return answer{subject: re(m), html: divs(reply) + "<div><br></div><div>" + html.EscapeString(said) + "</div><blockquote>" + m.body(strip) + "</blockquote>"}
}

// otherID is apple, behind a server that gives each mail an id of its own: the letter's is known no more, but those that it
// refers to are.
func otherID(m received, reply string) answer {
	a := apple(m, reply)
	a.renames = true
	return a
}

// noReferences is gmail, behind a server that takes away what it answers.
func noReferences(m received, reply string) answer {
	a := gmail(m, reply)
	a.forgets = true
	return a
}

// hidden is an answer of which nothing says what it answers but what it quotes.
func hidden(a answer) answer {
	a.forgets, a.subject = true, "Re: your mail"
	return a
}

func hiddenText(m received, reply string) answer { return hidden(android(m, reply)) }

func hiddenHTML(m received, reply string) answer {
	a := hidden(gmail(m, reply))
	a.text = ""
	return a
}

func hiddenStripped(m received, reply string) answer { return hidden(noAttributes(m, reply)) }

// subjectAlone quotes nothing, and does not know what it answers.
func subjectAlone(m received, reply string) answer {
	return answer{subject: re(m), text: reply + "\n", forgets: true}
}

// mail is an answer as it is sent.
func (a answer) mail(m received, from, name, id string) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	field("From", (&mail.Address{Name: name, Address: from}).String())
	field("To", m.answerTo)
	field("Subject", mime.QEncoding.Encode("utf-8", a.subject))
	field("Date", m.date.Add(3600e9).Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	field("Message-ID", "<"+id+">")
	if a.renames {
		m.id = "0102019b." + strconv.Itoa(len(m.text)) + "@relay.example"
	}
	if !a.forgets {
		field("In-Reply-To", "<"+m.id+">")
		field("References", "<"+strings.Join(append(m.references, m.id), "> <")+">")
	}
	field("X-Mailer", a.program)
	b.WriteString(a.headers)
	field("MIME-Version", "1.0")
	plain := "text/plain"
	if a.flowed {
		plain += "; format=flowed"
	}
	switch {
	case a.html == "":
		b.WriteString(part(plain, a.text))
	case a.text == "":
		b.WriteString(part("text/html", a.html))
	default:
		const boundary = "=_0123456789abcdef"
		fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=%q\n\n--%s\n%s--%s\n%s--%s--\n", boundary, boundary, part(plain, a.text), boundary, part("text/html", a.html), boundary)
	}
	return b.String()
}
