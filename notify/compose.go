package notify

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/mail"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// mailing is a mail that is written, with the envelope that it goes in.
type mailing struct {
	letter   *letter.Letter
	from, to string
}

// compose writes a letter as mail.
func (n *Notifier) compose(ctx context.Context, l *Letter, f *gathered) (*mailing, error) {
	marker, err := n.desk.Marker(ctx)
	if err != nil {
		return nil, err
	}
	if f.marks, err = marker.Mark(l.mark(f.email), l.From); err != nil {
		return nil, err
	}
	if l.moved { // another mail, to another mailbox
		l.MessageID = f.marks.MessageID
	}
	r, err := n.render(ctx, l, f)
	if err != nil {
		return nil, err
	}
	s := f.around.Settings
	out := &letter.Letter{
		From: letter.Address{Name: n.senderName(l, f), Email: l.From}, Subject: r.Subject, Text: r.Text, HTML: r.HTML,
		Date: n.desk.Now(), MessageID: l.MessageID, Files: n.files(l, f),
	}
	if n.o.PlusAddresses && f.marks.Address != "" {
		out.ReplyTo = []letter.Address{{Name: out.From.Name, Email: f.marks.Address}}
	}
	if out.InReplyTo, out.References, err = l.thread(f, marker); err != nil {
		return nil, err
	}
	if out.To, out.Cc, err = n.headerOf(ctx, l, f); err != nil {
		return nil, err
	}
	m := &mailing{letter: out, from: l.From, to: cmp.Or(l.Copy, f.email)}
	if l.Automatic {
		out.Automatic = letter.Generated
		out.Header = append(out.Header, letter.Field{Name: ticket.LoopHeader, Value: f.marks.Loop})
		if l.answers(f) { // (RFC 3834, 3.3)
			out.Automatic, m.from = letter.Replied, ""
		}
		if page := n.o.URL(Page{Kind: PreferencesPage, Brand: f.around.Brand, Agent: l.Agent}); page != "" {
			out.Header = append(out.Header, letter.Field{Name: "List-Unsubscribe", Value: "<" + page + ">"})
		}
	}
	if s.MailSandbox != "" {
		out.Subject = "[for " + m.to + "] " + out.Subject
		out.To, out.Cc, m.to = []letter.Address{{Email: s.MailSandbox}}, nil, s.MailSandbox
	}
	return m, nil
}

// answers reports whether a letter of the desk's own is the answer to a mail.
func (l *Letter) answers(f *gathered) bool {
	answer := l.Kind == template.CustomerTicket || l.Kind == template.OutOfHours || l.Kind == template.Refused
	return answer && f.message != nil && f.message.Mail != nil && f.message.Author.IsCustomer()
}

// senderName is what readers see as the sender: who wrote, or else the desk. Where nothing proves who did, or that this is
// their name, the desk does not vouch for it with its own address.
func (n *Notifier) senderName(l *Letter, f *gathered) string {
	desk := cmp.Or(f.around.Brand.Name, f.around.Department.Name)
	if f.message == nil || f.message.Unproven || stranger(f.message.Author) || l.Kind == template.CustomerTicket {
		return desk
	}
	if f.staff {
		return cmp.Or(f.message.Author.Name, desk)
	}
	return cmp.Or(f.signs(f.message.Author), desk)
}

// acting is who did what a letter tells of; nobody where nothing proves it.
func (f *gathered) acting() ticket.Actor {
	switch {
	case f.message != nil && f.message.Unproven:
		return ticket.Actor{}
	case f.message != nil:
		return f.message.Author
	case f.event != nil:
		return f.event.Actor
	}
	return ticket.Actor{}
}

// headerOf is whom a letter is to, as its readers see it. What is written to several shows all but the blind copies, so
// that an answer to all reaches all, and not the desk twice; everything else shows its reader alone.
func (n *Notifier) headerOf(ctx context.Context, l *Letter, f *gathered) (to, cc []letter.Address, err error) {
	m := f.message
	together := m != nil && !m.Author.IsCustomer() && (l.Kind == template.CustomerMessage || l.Kind == template.ThirdPartyMessage)
	if !together {
		return []letter.Address{{Name: f.person.Name, Email: f.email}}, nil, nil
	}
	var seen []string
	add := func(list []letter.Address, people ...ticket.Person) []letter.Address {
		for _, p := range people {
			email := ticket.NormalizeEmail(p.Email)
			if l.moved && p.ID == l.To.ID {
				email = f.email
			}
			if _, bad := mail.ParseAddress(email); bad != nil || err != nil || slices.Contains(seen, email) {
				continue
			}
			seen = append(seen, email)
			var own bool
			if own, err = n.own(ctx, email); err == nil && !own {
				list = append(list, letter.Address{Name: p.Name, Email: email})
			}
		}
		return list
	}
	if l.Kind == template.CustomerMessage {
		to = add(to, f.ticket.Requester)
		cc = add(cc, f.ticket.Participants...)
	}
	to, cc = add(to, m.To...), add(cc, m.Cc...)
	if len(to)+len(cc) == 0 { // all of them are blind copies
		to = []letter.Address{{Email: f.email}}
	}
	return to, cc, err
}

// errDisabled says that letters of a kind are not sent (M24): asked when one is ordered, and, for the language of its reader
// and what has waited, when it is sent.
var errDisabled = errors.New("the template is disabled")

// language is that of a letter.
func (f *gathered) language(set *template.Set) string {
	return set.Locale(f.around.Brand.Code, slices.Concat([]string{f.locale}, f.around.Brand.Locales)...)
}

// render makes subject, text and HTML.
func (n *Notifier) render(ctx context.Context, l *Letter, f *gathered) (template.Rendered, error) {
	facts, err := n.facts(ctx, l, f)
	if err != nil {
		return template.Rendered{}, err
	}
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return template.Rendered{}, err
	}
	locale := f.language(set)
	if l.Kind == template.OutOfHours && set.Disabled(l.Kind, f.around.Brand.Code, locale) {
		l.Kind = template.CustomerTicket
	}
	if set.Disabled(l.Kind, f.around.Brand.Code, locale) {
		return template.Rendered{}, errDisabled
	}
	r, err := set.Render(l.Kind, f.around.Brand.Code, locale, facts)
	n.passedOver(ctx, l.Kind, r)
	return r, err
}

// passedOver tells of a template of the host's that failed on this letter.
func (n *Notifier) passedOver(ctx context.Context, k template.Kind, r template.Rendered) {
	if r.Passed != nil {
		n.log.WarnContext(ctx, "a template failed, and the one below it was sent", "kind", k, "error", r.Passed)
	}
}

// files are those that go with a letter, as far as they fit: of its message, or of the one that a notice names. Pictures
// that the HTML shows go with their message only.
func (n *Notifier) files(l *Letter, f *gathered) (out []letter.File) {
	m, withIt := f.message, l.Kind == template.CustomerMessage || l.Kind == template.StaffMessage || l.Kind == template.StaffTicket ||
		l.Kind == template.ThirdPartyMessage || l.Files != 0
	if m == nil || !withIt || m.Encrypted {
		return nil
	}
	var size int64
	for _, file := range m.Files {
		size += file.Size
	}
	if size > f.around.Settings.MailFileBytes {
		return nil // they are named in the text, which leads to the page that has them
	}
	for i, file := range m.Files {
		if file.Blob == "" {
			continue
		}
		at := letter.File{Name: file.Name, MediaType: file.Type, Open: func(ctx context.Context) (io.ReadCloser, error) {
			c, _, err := n.desk.OpenFile(system(ctx), m.ID, i)
			return c, err
		}}
		if file.Inline && m.Format == ticket.HTML && strings.Contains(m.Body, "cid:"+file.ContentID) {
			at.ContentID = file.ContentID
		}
		out = append(out, at)
	}
	return out
}

// links are where a letter leads.
func (n *Notifier) links(ctx context.Context, l *Letter, f *gathered, out *template.Facts) error {
	page := Page{Brand: f.around.Brand, Ticket: f.ticket, Agent: l.Agent}
	of := func(k PageKind) string {
		page.Kind = k
		return n.o.URL(page)
	}
	if f.staff {
		out.BackendURL = of(StaffPage)
		return nil
	}
	if out.Ticket.Requester.ID != "" || f.person.ID != "" {
		out.TicketURL = of(CustomerPage)
	}
	if !f.ticket.Concerns(l.To) {
		out.TicketURL = ""
		return nil // who does not take part has no page
	}
	if l.Copy != "" {
		return nil // what lets in its reader is for nobody else
	}
	page.Token = noToken
	if of(GuestPage) != "" {
		token, err := f.token(func() (string, error) { return n.desk.GuestLink(ctx, f.ticket.ID, l.To) })
		if err != nil {
			return err
		}
		page.Token = token
		out.GuestURL = of(GuestPage)
	}
	return n.survey(ctx, l, f, page, out)
}

// noToken stands in links that lead nowhere.
const noToken = "preview"

// token makes what lets a reader in, unless nobody is to be let in.
func (f *gathered) token(issue func() (string, error)) (string, error) {
	if f.preview {
		return noToken, nil
	}
	return issue()
}

// survey asks the requester for a rating of what staff wrote, where the settings do (M25).
func (n *Notifier) survey(ctx context.Context, l *Letter, f *gathered, page Page, out *template.Facts) error {
	m, s := f.message, f.around.Settings
	page.Kind, page.Token = SurveyPage, noToken
	asked := s.SurveyInMail && l.Kind == template.CustomerMessage && l.Role == Requester && m != nil && m.Author.Kind == ticket.ActorStaff
	if !asked || n.o.URL(page) == "" {
		return nil
	}
	token, err := f.token(func() (string, error) { return n.desk.SurveyLink(ctx, m.ID) })
	if err != nil {
		return err
	}
	page.Token = token
	for _, g := range slices.Backward(s.RatingGrades) {
		page.Grade = g
		out.Survey = append(out.Survey, template.Grade{Label: g, URL: n.o.URL(page)})
	}
	return nil
}
