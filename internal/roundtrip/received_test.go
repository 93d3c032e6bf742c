package roundtrip_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// received is a letter as the program of its reader has it.
type received struct {
	to, from, name, answerTo string // addresses, and the sender's name
	subject, id              string
	references               []string
	date                     time.Time
	text, html               string
}

func read(t testing.TB, raw []byte) received {
	t.Helper()
	r := must(mail.CreateReader(bytes.NewReader(raw)))(t)
	m := received{to: r.Header.Get("Delivered-To")}
	from := must(r.Header.AddressList("From"))(t)[0]
	m.from, m.name, m.answerTo = from.Address, from.Name, from.Address
	if list := must(r.Header.AddressList("Reply-To"))(t); len(list) > 0 {
		m.answerTo = list[0].Address
	}
	m.subject, m.id, m.date = must(r.Header.Subject())(t), must(r.Header.MessageID())(t), must(r.Header.Date())(t)
	m.references = must(r.Header.MsgIDList("References"))(t)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m
		}
		done(t, err)
		h, ok := p.Header.(*mail.InlineHeader)
		if !ok {
			continue
		}
		body := strings.ReplaceAll(string(must(io.ReadAll(p.Body))(t)), "\r\n", "\n")
		if kind, _, _ := h.ContentType(); kind == "text/html" {
			m.html = body
		} else {
			m.text = body
		}
	}
}

// body is the inside of the letter's HTML, each element changed as a program does.
func (m received) body(change func(n *html.Node)) string {
	root, err := html.Parse(strings.NewReader(m.html))
	if err != nil {
		return err.Error()
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && change != nil {
			change(n)
		}
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.DataAtom != atom.Body {
			continue
		}
		for c := range n.ChildNodes() {
			_ = html.Render(&b, c)
		}
	}
	return b.String()
}

// rename puts a prefix before all classes and ids, as programs do that show a mail within a page.
func rename(prefix string) func(n *html.Node) {
	return func(n *html.Node) {
		dropComments(n)
		for i, a := range n.Attr {
			if a.Key == "id" || a.Key == "class" {
				n.Attr[i].Val = prefix + strings.ReplaceAll(a.Val, " ", " "+prefix)
			}
		}
	}
}

// strip takes all attributes away, and comments.
func strip(n *html.Node) {
	n.Attr = nil
	dropComments(n)
}

func dropComments(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.CommentNode {
			n.RemoveChild(c)
		}
		c = next
	}
}

// quoted is a text behind quote signs.
func quoted(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		b.WriteString(strings.TrimRight(">"+strings.TrimSuffix(" "+line, "\n"), " ") + "\n")
	}
	return b.String()
}

// wrapped is a text in lines of a width, as far as its words let it be.
func wrapped(text string, width int) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		n := 0
		for i, word := range strings.Split(line, " ") {
			switch {
			case i == 0:
			case n+len(word) >= width:
				b.WriteString("\n")
				n = 0
			default:
				b.WriteString(" ")
				n++
			}
			b.WriteString(word)
			n += len(word)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// divs is a text as programs write it into HTML: a div a line, and a break in those that are empty.
func divs(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			line = "<br>"
		} else {
			line = html.EscapeString(line)
		}
		b.WriteString("<div>" + line + "</div>")
	}
	return b.String()
}

// paragraphs is a text in paragraphs of a class.
func paragraphs(text, class string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(text, "\n\n") {
		fmt.Fprintf(&b, "<p class=%q>%s<o:p></o:p></p>\n", class, html.EscapeString(p))
	}
	return b.String()
}

// part is one part of an answer.
func part(kind, body string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = io.WriteString(w, strings.ReplaceAll(body, "\n", "\r\n"))
	_ = w.Close()
	return "Content-Type: " + kind + "; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n"
}
