package ticket

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"
)

// TextHTML shows a plain text on a page: escaped, with its line breaks, and with its http and https addresses as links,
// which tell the other side neither of the page nor that it recommends them. It is for bodies of format Plain, and for
// whatever else people typed. It makes nothing of markup: a body of another format is shown as it was written, with its
// tags to read. Who wants those drawn needs a sanitiser: see SECURITY.md.
func TextHTML(text string) template.HTML {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var b strings.Builder
	rest := 0
	for i := 0; i < len(text); {
		n, over := linkAt(text, i)
		if n == 0 {
			i += over
			continue
		}
		b.WriteString(escaped(text[rest:i]))
		link := escaped(text[i : i+n])
		b.WriteString(`<a href="` + link + `" rel="nofollow noopener noreferrer">` + link + `</a>`)
		i += n
		rest = i
	}
	b.WriteString(escaped(text[rest:]))
	return template.HTML(b.String()) //nolint:gosec // everything but the tags above is escaped
}

func escaped(text string) string {
	return strings.ReplaceAll(template.HTMLEscapeString(text), "\n", "<br>\n")
}

// maxLink is how many bytes of an address are drawn as a link.
const maxLink = 2048

// linkAt returns how long the address is that begins at i, or 0 and after how many bytes to look for the next one: what
// looks like an address and is none is passed over whole, lest a text of many such take the square of its length.
func linkAt(text string, i int) (n, over int) {
	rest := text[i:]
	if len(rest) < len("http://") || (rest[0]|0x20) != 'h' || (i > 0 && wordByte(text[i-1])) {
		return 0, 1
	}
	if low := strings.ToLower(rest[:min(len(rest), len("https://"))]); !strings.HasPrefix(low, "http://") && low != "https://" {
		return 0, 1
	}
	end := strings.IndexFunc(rest, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == unicode.ReplacementChar || strings.ContainsRune("<>\"`\\", r)
	})
	if end >= 0 {
		rest = rest[:end]
	}
	if len(rest) > maxLink {
		return 0, len(rest)
	}
	link := trimEnd(rest)
	if u, err := url.Parse(link); err != nil || u.Hostname() == "" || u.User != nil {
		return 0, len(rest)
	}
	return len(link), 0
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// trimEnd takes off an address what belongs to the sentence around it. A bracket that was opened in the address is its own.
func trimEnd(link string) string {
	for link != "" {
		last := link[len(link)-1]
		open := map[byte]string{')': "(", ']': "[", '}': "{"}[last]
		switch {
		case strings.IndexByte(".,;:!?'*_", last) >= 0:
		case open != "" && strings.Count(link, string(last)) > strings.Count(link, open):
		default:
			return link
		}
		link = link[:len(link)-1]
	}
	return link
}
