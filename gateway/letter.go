package gateway

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// letter is a mail as the desk takes it: everything within the desk's limits, cut where it must be and visibly so.
type letter struct {
	subject, text, html string
	files               []ticket.Upload
	to, cc              []ticket.Person
	mail                *ticket.Mail
}

func (g *Gateway) letter(m *Mail, j job, l ticket.Limits) letter {
	out := letter{
		subject: fitLine(m.Subject, l.Subject), html: cutText(m.HTML, l.Body), files: uploads(m, l),
		to: people(m.To, l), cc: people(m.Cc, l),
		mail: &ticket.Mail{MessageID: fitLine(m.MessageID, l.Text), InReplyTo: m.InReplyTo, References: m.References, Identity: m.Identity, Gateway: g.name, Date: m.Date, Raw: j.Raw, Degraded: m.Degraded},
	}
	if out.subject == "" {
		out.subject = cmp.Or(g.opts.NoSubject, ticket.DefaultSettings().EmptySubject)
	}
	above := ""
	if j.Problem != "" {
		above = fmt.Sprintf("[%s]\n\n", fitLine(j.Problem, 500))
		out.mail.Degraded = true
	}
	out.text, out.mail.Folds = cutFolded(above, m.Text, g.folds(m), l.Body)
	return out
}

// draft is the letter as the first message of a ticket: what it quotes is new there.
func (l letter) draft(linkedTo int64) ticket.Draft {
	return ticket.Draft{Subject: l.subject, Body: l.text, HTMLBody: l.html, Files: l.files, To: l.to, Cc: l.cc, Mail: l.mail.AsFirst(), LinkedTo: linkedTo}
}

func (l letter) reply() ticket.ReplyDraft {
	return ticket.ReplyDraft{Body: l.text, HTMLBody: l.html, Files: l.files, To: l.to, Cc: l.cc, Mail: l.mail}
}

// uploads are the attachments, those over a limit without their content: their names stay, and the raw mail has all of
// it.
func uploads(m *Mail, l ticket.Limits) []ticket.Upload {
	var out []ticket.Upload
	var total int64
	for i, a := range m.Attachments {
		if i >= l.Files {
			break
		}
		u := ticket.Upload{Name: fitLine(a.Filename, l.Text), Type: fitLine(a.MediaType, l.Text), ContentID: a.ContentID, Inline: a.Inline, Size: int64(a.Size)}
		if a.Omitted || int64(a.Size) > l.File || total+int64(a.Size) > l.UploadSize {
			u.Missing = "too big to keep: the raw mail has it"
		} else {
			total += int64(a.Size)
			u.Content = bytes.NewReader(a.Data)
		}
		out = append(out, u)
	}
	return out
}

// sentBy is the sender as an actor. Whoever has no address that can be kept is an unknown one.
func sentBy(author Address, l ticket.Limits) ticket.Actor {
	p := person(author, l)
	if p.Email == "" {
		p.Email = UnknownSender
	}
	return ticket.Guest(p.Name, p.Email).Via(ticket.ChannelEmail)
}

// person is an address as the desk takes it: what cannot be kept whole is left out, for half an address is another one.
func person(a Address, l ticket.Limits) ticket.Person {
	email := mark.Base(a.Email) // the mark is the sender's: others whom the message is shown must not have it
	p := ticket.Person{Name: fitLine(a.Name, l.Text), Email: fitLine(email, len(email)*utf8.UTFMax)}
	if len(p.Email) > l.Text {
		p.Email = ""
	}
	return p
}

func people(list []Address, l ticket.Limits) []ticket.Person {
	var out []ticket.Person
	for _, a := range list[:min(len(list), l.List)] {
		if p := person(a, l); p.Email != "" {
			out = append(out, p)
		}
	}
	return slices.Clip(out)
}

// fitLine makes a line out of a text that came from outside, at most limit bytes long.
func fitLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == 0 || r == '\n' || r == '\r' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	more := "…"
	if limit < len(more) {
		more = ""
	}
	return strings.ToValidUTF8(s[:limit-len(more)], "") + more
}

func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	more := "\n" + CutMarker
	if limit < len(more) {
		more = ""
	}
	return strings.ToValidUTF8(s[:limit-len(more)], "") + more
}
