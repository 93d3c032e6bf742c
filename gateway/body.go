package gateway

import (
	"html"
	"strings"
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
		pieces = append(pieces, g.walk(c)...)
	}
	return pieces
}

// alternative makes one piece of several forms of the same text (RFC 2046
// §5.1.4): the first plain text and the last HTML.
func (g *gatherer) alternative(p *part) []bodyPiece {
	var best bodyPiece
	for _, c := range p.children {
		switch form := g.join(g.walk(c)); {
		case form.html != "":
			best.html = form.html
		case strings.TrimSpace(best.text) == "":
			best.text = form.text
		}
	}
	return []bodyPiece{best}
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
		return htmlText(s) + "\n" + CutMarker + "\n"
	}
	return htmlText(s)
}

// leaf takes one part as body or as attachment.
func (g *gatherer) leaf(p *part) []bodyPiece {
	if p.multipart() { // a multipart in which no part was found is read as text
		p.media.name = "text/plain"
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
	if p.media.name == "text/html" {
		return []bodyPiece{{html: text}}
	}
	text, files := cutUU(text)
	for _, f := range files {
		g.addFile(f.name, "", "", f.data)
	}
	return []bodyPiece{{text: text}}
}

// isBody reports whether a leaf is to be read rather than downloaded. A named text
// is a file, unless it is the first thing in the mail and not marked as one.
func (g *gatherer) isBody(p *part) bool {
	if p.media.name != "text/plain" && p.media.name != "text/html" {
		return false
	}
	if p.disposition().name == "attachment" {
		return false
	}
	return p.filename() == "" || g.pieces == 0
}
