package gateway

import (
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/tnef"
)

// isTNEF reports whether a part is what Outlook calls winmail.dat, whatever a relay
// has made of its type.
func isTNEF(p *part) bool {
	switch p.media.name {
	case "application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef":
		return true
	case "application/octet-stream":
		name := strings.ToLower(p.filename())
		return strings.HasPrefix(name, "winmail") && strings.HasSuffix(name, ".dat") || name == "att00001.dat"
	}
	return false
}

// unpack adds the files in a winmail.dat to the attachments. It reports false where
// the file itself must stay, because something of it did not come out.
func (g *gatherer) unpack(p *part) bool {
	data, _ := p.content()
	if !tnef.Is(data) {
		return false
	}
	m, err := tnef.Decode(data, codepageText)
	if err != nil {
		return false
	}
	g.addTNEF(m)
	if g.spare == (bodyPiece{}) {
		g.spare = tnefBody(m)
	}
	if m.Lost {
		g.problems.add("winmail.dat could not be unpacked completely and is kept")
	}
	return !m.Lost
}

// addTNEF adds the files of a message, and of the messages in it.
func (g *gatherer) addTNEF(m *tnef.Message) {
	for _, f := range m.Files {
		if f.Message == nil {
			g.addFile(f.Name, f.MediaType, f.ContentID, f.Data)
			continue
		}
		body, name, kind := tnefBody(f.Message), f.Name, "text/html"
		content := body.html
		if content == "" {
			content, kind = body.text, "text/plain"
		}
		if name == "" {
			name = f.Message.Subject
		}
		if name == "" {
			name = "message"
		}
		g.addFile(name+extension(kind), kind, "", []byte(content))
		g.addTNEF(f.Message)
	}
}

// tnefBody is the body of the message, from the form that says most.
func tnefBody(m *tnef.Message) bodyPiece {
	b := bodyPiece{text: lineEnds(validText(m.Text)), html: lineEnds(validText(m.HTML))}
	if len(m.RTF) == 0 || b.html != "" {
		return b
	}
	switch text, html := tnef.RTFText(m.RTF, codepageText); {
	case html:
		b.html = lineEnds(validText(text))
	case strings.TrimSpace(b.text) == "":
		b.text = lineEnds(validText(text))
	}
	return b
}

// codepageText decodes bytes in a code page of Windows.
func codepageText(codepage int, b []byte) string {
	label := ""
	switch codepage {
	case 0, 20127, 65001: // unknown, ASCII, UTF-8
	case 1200:
		label = "utf-16le"
	case 20866:
		label = "koi8-r"
	case 21866:
		label = "koi8-u"
	case 50220, 50221, 50222:
		label = "iso-2022-jp"
	case 51932:
		label = "euc-jp"
	case 51949:
		label = "euc-kr"
	case 54936:
		label = "gb18030"
	default:
		label = "cp" + strconv.Itoa(codepage)
		if codepage > 28590 && codepage < 28606 {
			label = "iso-8859-" + strconv.Itoa(codepage-28590)
		}
	}
	return decodeCharset(label, b)
}
