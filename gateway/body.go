package gateway

import (
	"bytes"
	"html"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
)

// bodyPiece is one stretch of the readable body, in one or both of its forms.
type bodyPiece struct{ text, html string }

// gatherer walks a part tree and sorts what it finds into body and attachments.
type gatherer struct {
	limits      Limits
	problems    *problems
	pieces      int // readable leaves so far
	attachments []Attachment
	locations   []string  // Content-Location per attachment
	spare       bodyPiece // of a winmail.dat, for a mail without a body of its own
}

// gather fills m's Text, HTML and Attachments from the tree.
func (g *gatherer) gather(root *part, m *Mail) {
	pieces := g.walk(root)
	body := g.join(pieces)
	if strings.TrimSpace(body.text) == "" && strings.TrimSpace(body.html) == "" {
		body = g.spare
	}
	if strings.TrimSpace(body.text) == "" {
		body.text = g.derive(body.html)
	}
	text, cutText := cutBytes(strings.Trim(body.text, "\n"), g.limits.Text)
	if cutText {
		g.problems.add("the text is cut at the size limit")
	}
	m.Text, m.HTML = text, g.cutHTML(body.html)
	m.Attachments = g.attachments
	for i := range m.Attachments {
		a := &m.Attachments[i]
		a.Inline = a.Inline || m.HTML != "" && (refers(m.HTML, "cid:"+a.ContentID, a.ContentID) || refers(m.HTML, g.locations[i], g.locations[i]))
	}
}

// refers reports whether the HTML holds a reference to a part that has an id.
func refers(html, reference, id string) bool {
	return len(id) > 2 && strings.Contains(html, reference)
}

// cutHTML cuts at the limit, but never within a tag.
func (g *gatherer) cutHTML(s string) string {
	if len(s) <= g.limits.HTML {
		return s
	}
	g.problems.add("the HTML is cut at the size limit")
	const marker = "<p>" + CutMarker + "</p>"
	s, _ = cutBytes(s, g.limits.HTML)
	s = strings.TrimSuffix(s, "\n"+CutMarker+"\n")
	s = s[:min(len(s), max(g.limits.HTML-len(marker), 0))]
	if open := strings.LastIndexByte(s, '<'); open > strings.LastIndexByte(s, '>') {
		s = s[:open]
	}
	return strings.ToValidUTF8(s, "") + marker
}

// walk returns the body pieces below p in the order of the mail.
func (g *gatherer) walk(p *part) []bodyPiece {
	switch {
	case len(p.children) == 0:
		return g.leaf(p)
	case p.media.name == "multipart/alternative":
		return g.alternative(p)
	case p.media.name == "multipart/appledouble":
		return g.walk(dataFork(p))
	}
	var pieces []bodyPiece
	for _, c := range p.children {
		c.body = withoutDelimiter(c.body, p.boundary())
		pieces = append(pieces, g.walk(c)...)
	}
	return pieces
}

// withoutDelimiter takes off a last line that is a damaged closing delimiter of the enclosing multipart ("--b-").
func withoutDelimiter(body []byte, boundary string) []byte {
	whole := bytes.TrimRight(body, "\r\n")
	line := whole[bytes.LastIndexByte(whole, '\n')+1:]
	if rest, ok := bytes.CutPrefix(line, []byte("--"+boundary)); ok && boundary != "" && len(bytes.TrimRight(rest, "- \t")) == 0 {
		return whole[:len(whole)-len(line)]
	}
	return body
}

// alternative makes one piece of several forms of the same text (RFC 2046
// §5.1.4): the first plain text and the last HTML. Forms of it for some programs
// only are no files: they are left out where a common one is there.
func (g *gatherer) alternative(p *part) []bodyPiece {
	var best bodyPiece
	common := slices.ContainsFunc(p.children, func(c *part) bool { return c.media.name == "text/plain" || c.media.name == "text/html" })
	for _, c := range p.children {
		if common && rareForm(c.media.name) && c.filename() == "" {
			continue
		}
		c.body = withoutDelimiter(c.body, p.boundary())
		switch form := g.join(g.walk(c)); {
		case form.html != "":
			best.html = form.html
		case strings.TrimSpace(best.text) == "":
			best.text = form.text
		}
	}
	return []bodyPiece{best}
}

// rareForm are the types of a body that few programs read.
func rareForm(mediaType string) bool {
	switch mediaType {
	case "text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext", "text/rtf":
		return true
	}
	return false
}

// join makes one piece of a sequence. Of several pieces the text is complete in
// itself, and so is the HTML if there is any.
func (g *gatherer) join(pieces []bodyPiece) bodyPiece {
	if len(pieces) == 1 {
		return pieces[0]
	}
	var texts, htmls []string
	anyHTML := false
	for _, p := range pieces {
		anyHTML = anyHTML || p.html != ""
	}
	for _, p := range pieces {
		text := p.text
		if strings.TrimSpace(text) == "" {
			text = g.derive(p.html)
		}
		if text = strings.Trim(text, "\n"); text != "" {
			texts = append(texts, text)
		}
		switch {
		case p.html != "":
			htmls = append(htmls, p.html)
		case anyHTML && strings.TrimSpace(p.text) != "":
			htmls = append(htmls, "<pre>"+html.EscapeString(p.text)+"</pre>")
		}
	}
	return bodyPiece{strings.Join(texts, "\n\n"), strings.Join(htmls, "\n")}
}

// derive makes text of HTML. What is far beyond the limit is not looked at.
func (g *gatherer) derive(s string) string {
	if most := 8 * g.limits.HTML; len(s) > most {
		g.problems.add("the text is cut at the size limit")
		s = s[:most]
		return htmltext.Convert(s) + "\n" + CutMarker + "\n"
	}
	return htmltext.Convert(s)
}

// leaf takes one part as body or as attachment.
func (g *gatherer) leaf(p *part) []bodyPiece {
	if p.multipart() { // a multipart in which no part was found is read as text
		p.media.name, p.body = "text/plain", withoutDelimiter(p.body, p.boundary())
	}
	if isTNEF(p) && g.unpack(p) {
		return nil
	}
	if !g.isBody(p) {
		g.attach(p)
		return nil
	}
	g.pieces++
	text, sound := p.text()
	if !sound {
		g.problems.add("a text's transfer encoding is damaged")
	}
	if p.media.name == "text/html" || p.header.get("content-type") == "" && startsHTML(text) {
		return []bodyPiece{{html: text}}
	}
	if p.media.name == "text/enriched" || p.media.name == "text/richtext" {
		return []bodyPiece{{text: unenriched(text)}}
	}
	text, files := cutUU(text)
	for _, f := range files {
		g.addFile(f.name, "", "", f.data)
	}
	return []bodyPiece{{text: text}}
}

// startsHTML recognises HTML that nobody declared.
func startsHTML(text string) bool {
	head := strings.ToLower(strings.TrimLeft(beginning(text, 200), " \t\n\uFEFF"))
	return strings.HasPrefix(head, "<html") || strings.HasPrefix(head, "<!doctype html")
}

// isBody reports whether a leaf is to be read rather than downloaded. A named text
// is a file, unless it is the first thing in the mail and not marked as one.
func (g *gatherer) isBody(p *part) bool {
	if p.disposition().name == "attachment" {
		return false
	}
	if p.media.name != "text/plain" && p.media.name != "text/html" {
		return g.readable(p)
	}
	return p.filename() == "" || g.pieces == 0
}
