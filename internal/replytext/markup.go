package replytext

import (
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
)

// What elements of mails mean, as the labels that label gives them.
const (
	blockQuote   = 1 + iota // <blockquote>, by whomever
	ownQuote                // <blockquote class="gmail_quote">: a reply's, or what the writer indented
	citedQuote              // <blockquote type="cite">
	wrapper                 // all of it is quoted
	gmailQuote              // holds the announcement, and quotes with the answers between them
	announcement            // the line above a quote
	rest                    // from here on everything is quoted
	border                  // the same, if header fields follow
	edge                    // the same, if they are surely a mail's: any program draws such a line
	signed                  // a signature
)

// labels by class or id, without what mail programs put before those that they find in foreign mails: "x_", "ecx",
// "m_-12".
var labels = map[string]int{
	"gmail_quote": gmailQuote, "gmail_quote_container": gmailQuote, "protonmail_quote": gmailQuote, "tutanota_quote": gmailQuote, "zmail_extra": gmailQuote,
	"messagereplysection": gmailQuote, "missive_quote": gmailQuote, "fairemail_quote": gmailQuote, "aqm-original": gmailQuote, "inoteshistory": gmailQuote,
	"yahoo_quoted": wrapper, "yahoo-quoted": wrapper, "quoted-mail": wrapper, "mail_android_quote": wrapper, "olk_src_body_section": wrapper, "mail-editor-reference-message-container": wrapper,
	"isreplycontent": wrapper, "reply_body": wrapper, "ntes-mailmaster-quote": wrapper, "outlookmessageheader": rest, "ms-outlook-mobile-reference-message": wrapper, "front-blockquote": wrapper,
	"bloop_original_html": wrapper, "inky-quote": wrapper, "cm_quote": wrapper, "mail_quote": wrapper, "edo-reply-quote": wrapper, "reference-message": wrapper,
	"moz-cite-prefix": announcement, "gmail_attr": announcement, "gmail_quote_attribution": announcement, "airmail_on": announcement, "-x-evo-attribution": announcement, "edo-message": announcement, "reply-intro": announcement, "mailru-quote-head": announcement,
	"divrplyfwdmsg": rest, "appendonsend": rest, "stopspelling": rest, "zwchr": rest, "replysplit": rest, "_origmsg_": rest,
	"gmail_signature": signed, "moz-signature": signed, "signature": signed, "applemailsignature": signed, "ms-outlook-mobile-signature": signed, "ms-outlook-ios-signature": signed, "protonmail_signature_block": signed,
	"bloop_sign": signed, "ymail_android_signature": signed, "mailspring-signature": signed, "ydpsignature": signed, "signature_block": signed, "messagesignaturesection": signed, "-x-evo-signature-wrapper": signed, "-x-evo-signature": signed, "aqm-signature": signed, "k9mail-signature": signed,
	"fairemail_signature": signed, "canarysig": signed, "edo-signature": signed, "missive_signature": signed, "front-signature": signed, "sh-signature": signed, "composer_signature": signed, "zmail_signature_below": signed, "ntes-pcmac-signature": signed, "ntes-pcmail-signature": signed, "js-signature": signed, "mail-signature": signed,
}

// label says what an element of a mail means; 0 if nothing.
func label(e htmltext.Element) int {
	switch e.Tag() {
	case "blockquote":
		return quoteLabel(e)
	case "signature": // Mailspring
		return signed
	case "includetail": // QQ
		return wrapper
	case "a", "b", "i", "font", "br", "img", "tr", "td", "li", "style", "meta":
		return 0
	}
	for _, name := range strings.Fields(e.Attribute("class") + " " + e.Attribute("id") + " " + e.Attribute("name")) {
		if l := labels[originalName(name)]; l != 0 {
			return l
		}
	}
	switch marker := e.Attribute("data-marker"); {
	case marker == "__DIVIDER__" || marker == "__HEADERS__":
		return rest
	case marker == "__SIG_PRE__" || marker == "__SIG_POST__" || e.Attribute("data-smartmail") == "gmail_signature" || e.Attribute("data-signatureblock") == "true", e.Attribute("data-signature-widget") != "", strings.HasPrefix(e.Attribute("id"), "Zm-_Id_-Sgn"):
		return signed
	case marker == "__QUOTED_TEXT__", e.Attribute("name") == "quote": // the second is GMX
		return wrapper
	}
	return borderLabel(e.Attribute("style"))
}

func quoteLabel(e htmltext.Element) int {
	class := originalName(e.Attribute("class"))
	switch {
	case isIndent(e.Attribute("style")) && !strings.EqualFold(e.Attribute("type"), "cite"):
		return 0
	case strings.EqualFold(e.Attribute("type"), "cite"), e.Attribute("cite") != "" && !strings.HasPrefix(strings.ToLower(e.Attribute("cite")), "http"), class == "protonmail_quote", class == "tutanota_quote", e.Attribute("data-marker") == "__QUOTED_TEXT__":
		return citedQuote
	case class == "gmail_quote":
		return ownQuote
	}
	return blockQuote
}

// isIndent reports whether a style is the one by which the buttons of mail programs move the writer's own text to the right.
func isIndent(style string) bool {
	style = strings.ToLower(strings.ReplaceAll(style, " ", ""))
	return strings.Contains(style, "40px") && strings.Contains(style, "margin") && !strings.Contains(style, "border-left:") && !strings.Contains(style, "padding-left:")
}

// originalName is a class or an id as the first mail program wrote it.
func originalName(name string) string {
	name = strings.ToLower(name)
	for {
		before := name
		name = strings.TrimPrefix(strings.TrimPrefix(name, "x_"), "ecx")
		if rest, ok := strings.CutPrefix(name, "m_"); ok {
			name = strings.TrimLeft(rest, "-0123456789")
		}
		if name == before {
			break
		}
	}
	for _, stem := range []string{"yahoo_quoted", "zwchr", "applemailsignature", "ydp", "_origmsg_"} {
		if stem != "ydp" && strings.HasPrefix(name, stem) {
			return stem
		}
	}
	if rest, ok := strings.CutPrefix(name, "ydp"); ok { // Yahoo puts eight digits and the class behind it
		for stem, l := range labels {
			if l != 0 && strings.HasSuffix(rest, stem) {
				return stem
			}
		}
	}
	return name
}

// borderLabel is the label of a style that draws the line that Outlook and Windows Mail put above the quoted mail's header,
// or one like it.
func borderLabel(style string) int {
	if !strings.Contains(style, "border-top") {
		return 0
	}
	style = strings.ToLower(strings.ReplaceAll(style, " ", ""))
	switch {
	case strings.Contains(style, "border:none") && strings.Contains(style, "border-top:solid"):
		return border
	case strings.Contains(style, "border-top:solid"), strings.Contains(style, "border-top-style:solid"), strings.Contains(style, "border-top:1pxsolid"):
		return edge
	}
	return 0
}

// hintsOf says what the marked elements mean for the text.
func hintsOf(text string, marks []htmltext.Mark) hints {
	r := marksReader{text: text}
	for i, m := range marks {
		if m.Start >= r.forward && (m.Start >= r.quoted || m.Label == rest) {
			r.read(m, marks[i+1:])
		}
	}
	return r.hints
}

// marksReader goes through the marks in the order in which they begin.
type marksReader struct {
	hints
	text                   string
	quoted, gmail, forward int // where those end that are open
}

// read says what a mark means; later are those that begin after it.
func (r *marksReader) read(m htmltext.Mark, later []htmltext.Mark) {
	here := span{m.Start, m.End}
	switch m.Label {
	case blockQuote, ownQuote, citedQuote:
		r.quote(here, m.Label == citedQuote || m.Start < r.gmail)
		if m.Label == ownQuote && m.Start >= r.gmail {
			r.own = append(r.own, here)
		}
	case wrapper:
		r.quote(here, true)
	case gmailQuote:
		if m.Start >= r.gmail {
			r.readGmail(m, later)
		}
	case announcement:
		if m.Start >= r.gmail {
			r.announced = append(r.announced, here)
		}
	case rest:
		r.tails = append(r.tails, m.Start)
	case border, edge:
		if found, sure := hasFields(r.text[m.Start:m.End]); sure || found && m.Label == border {
			r.tails = append(r.tails, m.Start)
		}
	case signed:
		r.signatures = append(r.signatures, here)
	}
}

func (r *marksReader) quote(s span, cited bool) {
	r.quotes = append(r.quotes, s)
	if cited {
		r.cited = append(r.cited, s)
	}
	r.quoted = s.end
}

// readGmail reads an element that holds an announcement, and below it quotes with the answers between them, or, where
// there is no element for the quotes, all that is quoted. What is handed on is not quoted.
func (r *marksReader) readGmail(m htmltext.Mark, later []htmltext.Mark) {
	if first := firstLine(r.text[m.Start:m.End]); isForward(&first) {
		r.forward = m.End
		return
	}
	r.gmail = m.End
	for _, n := range later {
		if n.Start >= m.End {
			break
		}
		if n.Label == blockQuote || n.Label == ownQuote || n.Label == citedQuote {
			if n.Start > m.Start {
				r.announced = append(r.announced, span{m.Start, n.Start})
			}
			return
		}
	}
	r.quote(span{m.Start, m.End}, true)
}

// firstLine is the first line of s that says something.
func firstLine(s string) (l line) {
	for row := range strings.Lines(s) {
		if l.read(row[:min(len(row), lineLimit)]); !l.blank() {
			break
		}
	}
	return l
}

// hasFields reports whether at least two of the first lines look like header fields, in whatever language; sure, whether
// one of them has an address, or a date with the time of day.
func hasFields(s string) (found, sure bool) {
	rows, named := 0, 0
	for row := range strings.Lines(s[:min(len(s), 2*lineLimit)]) {
		if strings.TrimSpace(row) == "" {
			continue
		}
		if i := strings.IndexAny(row, ":："); i > 0 && i < 40 {
			named++
		}
		sure = sure || strings.Contains(row, "@") || clock.MatchString(row) && day.MatchString(row)
		if rows++; rows == 4 {
			break
		}
	}
	return named >= 2, sure && named >= 2
}
