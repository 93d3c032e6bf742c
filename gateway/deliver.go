package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// deliver finds the ticket that a mail belongs to and writes the message, or opens a ticket.
func (g *Gateway) deliver(ctx context.Context, w *store.Work, j job, m *Mail, o Outcome) (Outcome, error) {
	limits := g.desk.Limits()
	from := sentBy(m, limits)
	ctx = ticket.WithActor(ctx, from)
	t, by, err := g.find(ctx, m)
	if err != nil {
		return o, err
	}
	o.By = by
	if t == nil {
		if err := g.mayOpen(ctx, w, m); err != nil {
			return o, err
		}
	}
	if err := g.desk.CheckMail(ctx, g.mailing(m, t, j)); err != nil {
		return o, err
	}
	letter := g.letter(m, j, limits)
	also := func(result Result) context.Context {
		o.Result = result
		return g.desk.Also(ctx, func(ctx context.Context, ticketID, messageID int64) error {
			o.TicketID, o.MessageID = ticketID, messageID
			return g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				holder, err := tx.Reserve(ctx, keyIdentity, m.Identity, w.ID)
				if err != nil {
					return err
				}
				if holder != w.ID {
					return errDuplicate
				}
				return g.finish(ctx, tx, w, j, o, store.WorkDone)
			})
		})
	}
	if t == nil {
		_, err = g.desk.CreateTicket(also(Opened), letter.draft(0))
		return o, err
	}
	reply := letter.reply()
	result := Answered
	proven, err := g.desk.TakesPart(ctx, t.ID)
	if err != nil {
		return o, err
	}
	if from.Email == UnknownSender || !proven {
		reply.Unproven, result = true, Noted
	}
	_, err = g.desk.Reply(also(result), t.ID, reply)
	if errors.Is(err, ticket.ErrLocked) || errors.Is(err, ticket.ErrClosed) || errors.Is(err, ticket.ErrNotFound) {
		// The ticket takes nothing more: the mail continues it in a new one.
		_, err = g.desk.CreateTicket(also(Opened), g.letter(m, j, limits).draft(t.ID))
	}
	return o, err
}

// errEarlier says that a mail waits for one that was fetched before it.
var errEarlier = errors.New("it answers a mail that is not here, and earlier ones are still to be processed")

// patience is how many attempts a mail waits for the one that it answers.
const patience = 6

// mayOpen lets a mail that answers an unknown one wait while earlier mails are held up: what it answers may be among
// them.
func (g *Gateway) mayOpen(ctx context.Context, w *store.Work, m *Mail) error {
	if w.Attempt > patience || len(m.InReplyTo)+len(m.References) == 0 {
		return nil
	}
	return g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		earlier, err := r.Works(ctx, store.WorkQuery{Kind: kindMail, Name: g.name, BeforeID: w.ID, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1})
		if err == nil && len(earlier) > 0 {
			return errEarlier
		}
		return err
	})
}

// kinds of links and keys that the desk keeps, and that a mail is matched with.
const (
	linkMessageID = "message-id"
	keyCode       = "code"
)

// find returns the ticket that the mail cites most trustworthily, or nil. Deleted tickets are not found, nor are
// those that were merged into one.
func (g *Gateway) find(ctx context.Context, m *Mail) (t *ticket.Ticket, by CitedBy, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		for _, c := range Citations(m, g.desk.Codes(), nil) {
			found, err := lookUp(ctx, r, c)
			if err == nil {
				err = alive(ctx, r, found)
			}
			if errors.Is(err, ticket.ErrNotFound) {
				continue
			}
			// A code can be guessed: only who belongs to the ticket is taken at their word; others make a marked note.
			if err == nil {
				t, by = found, c.By
			}
			return err
		}
		return nil
	})
	return t, by, err
}

// alive returns ticket.ErrNotFound where what is written to the ticket would go to a deleted one.
func alive(ctx context.Context, r store.Reader, t *ticket.Ticket) (err error) {
	for err == nil && t.DeletedAt == nil {
		if t.MergedInto == 0 {
			return nil
		}
		t, err = r.Ticket(ctx, t.MergedInto, ticket.Scope{All: true})
	}
	return cmp.Or(err, ticket.ErrNotFound)
}

func lookUp(ctx context.Context, r store.Reader, c Citation) (*ticket.Ticket, error) {
	all := ticket.Scope{All: true}
	if c.By == BySubject {
		id, err := r.Holder(ctx, keyCode, c.Value)
		if err != nil {
			return nil, err
		}
		return r.Ticket(ctx, id, all)
	}
	ids, err := r.Linked(ctx, linkMessageID, c.Value)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		m, err := r.Message(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) {
			continue // purged since
		}
		if err != nil {
			return nil, err
		}
		return r.Ticket(ctx, m.TicketID, all)
	}
	return nil, ticket.ErrNotFound
}

func (g *Gateway) mailing(m *Mail, t *ticket.Ticket, j job) hooks.Mailing {
	in := hooks.Mailing{Gateway: g.name, Ticket: t, Subject: m.Subject, Text: m.Text, MessageID: m.MessageID, To: people(m.To, g.desk.Limits()), Cc: people(m.Cc, g.desk.Limits()), Size: j.Size, Degraded: m.Degraded}
	for _, a := range m.Attachments {
		in.Files = append(in.Files, ticket.File{Name: a.Filename, Type: a.MediaType, Size: int64(a.Size), ContentID: a.ContentID, Inline: a.Inline})
	}
	return in
}

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
		out.subject = g.opts.NoSubject
	}
	above := ""
	if j.Problem != "" {
		above = fmt.Sprintf("[%s]\n\n", fitLine(j.Problem, 500))
		out.mail.Degraded = true
	}
	out.text, out.mail.Folds = cutFolded(above, m.Text, m.Folds(g.opts.Markers...), l.Body)
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
func sentBy(m *Mail, l ticket.Limits) ticket.Actor {
	p := person(m.From, l)
	if p.Email == "" {
		p.Email = UnknownSender
	}
	return ticket.Guest(p.Name, p.Email).Via(ticket.ChannelEmail)
}

// person is an address as the desk takes it: what cannot be kept whole is left out, for half an address is another one.
func person(a Address, l ticket.Limits) ticket.Person {
	p := ticket.Person{Name: fitLine(a.Name, l.Text), Email: fitLine(a.Email, len(a.Email)*utf8.UTFMax)}
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
