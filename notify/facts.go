package notify

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/internal/safehtml"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// facts are what the templates make a letter of.
func (n *Notifier) facts(ctx context.Context, l *Letter, f *gathered) (*template.Facts, error) {
	s := f.around
	out := &template.Facts{
		Ticket: f.ticket, Brand: s.Brand, Department: s.Department, Status: s.Status, Priority: s.Priority, Fields: s.Fields,
		To: f.person, ForStaff: f.staff, Title: l.Title, Note: l.Note, Zone: f.zone, Now: n.desk.Now(),
		Marks: f.marks, Marker: s.Settings.MailMarker && l.Channel == Mail, CodeInSubject: s.Settings.CodeInSubject,
	}
	if err := n.factsOfPeople(ctx, f, out); err != nil {
		return nil, err
	}
	if f.message != nil {
		out.Message = f.turn(f.message)
	}
	if f.message != nil || f.event != nil {
		out.SignedAs = f.signs(f.acting())
	}
	for _, m := range f.recent[:min(len(f.recent), s.Settings.MailHistory)] {
		out.History = append(out.History, *f.turn(m))
	}
	n.factsOfEvent(ctx, l, f, out)
	if l.Kind == template.OutOfHours {
		page, err := n.hours(ctx, f.ticket.Brand, f.locale)
		if err != nil {
			return nil, err
		}
		if out.Note = page.Message; page.Open { // by now
			l.Kind = template.CustomerTicket
		}
		if !page.OpensAt.IsZero() {
			out.TimeLeft = calendar.TimeLeft(f.locale, page.OpensAt.Sub(n.desk.Now()))
		}
	}
	if err := n.factsOfObject(ctx, f, out); err != nil {
		return nil, err
	}
	if err := n.signature(ctx, l, f, out); err != nil {
		return nil, err
	}
	return out, n.links(ctx, l, f, out)
}

func (n *Notifier) factsOfPeople(ctx context.Context, f *gathered, out *template.Facts) error {
	var errs error
	orNobody := func(err error) {
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			errs = errors.Join(errs, err)
		}
	}
	var err error
	out.Customer = ticket.Customer{ID: f.ticket.Requester.ID, Name: f.ticket.Requester.Name, Emails: []string{f.ticket.Requester.Email}}
	if id := f.ticket.Requester.ID; id != "" {
		c, err := n.desk.Customer(ctx, id)
		if orNobody(err); err == nil {
			out.Customer = c
		}
	}
	out.Stranger = out.Customer.ID == "" || out.Customer.Name == ""
	if id := f.ticket.Assignee; id != "" {
		out.Owner, err = n.desk.Agent(ctx, id)
		orNobody(err)
	}
	if by := f.acting(); by.Kind == ticket.ActorStaff {
		out.User, err = n.desk.Agent(ctx, by.ID)
		if orNobody(err); err != nil {
			out.User = ticket.Agent{ID: by.ID, Name: by.Name, Email: by.Email}
		}
	}
	return errs
}

// factsOfEvent are the changes and the rating that an event is about.
func (n *Notifier) factsOfEvent(ctx context.Context, l *Letter, f *gathered, out *template.Facts) {
	if f.event == nil {
		return
	}
	if l.Kind == template.Updated {
		for _, c := range f.event.Changes {
			out.Changes = append(out.Changes, template.Change{Field: c.Field, Old: n.named(ctx, c.Field, c.Old), New: n.named(ctx, c.Field, c.New)})
		}
	}
	if c, ok := f.event.Changed("rating"); ok && f.event.Type == ticket.EventRated {
		out.Rating = &template.Rating{Grade: c.New, Comment: f.event.Detail}
	}
	if l.Kind == template.Merged {
		for _, id := range mergedIDs(f.event) {
			if t, err := n.desk.Ticket(ctx, id); err == nil {
				out.Others = append(out.Others, t.Code)
			}
		}
	}
}

// named is what people call what a property names by its code.
func (n *Notifier) named(ctx context.Context, field, code string) string {
	if code == "" {
		return ""
	}
	like := &ticket.Ticket{}
	switch field {
	case "status":
		like.Status = code
	case "priority":
		like.Priority = code
	case "department":
		like.Department = code
	case "brand":
		like.Brand = code
	case "assignee":
		a, err := n.desk.Agent(ctx, code)
		if err != nil {
			return code
		}
		return cmp.Or(a.Name, code)
	default:
		return code
	}
	s, err := n.desk.Surroundings(ctx, like)
	if err != nil {
		return code
	}
	return cmp.Or(map[string]string{"status": s.Status.Name, "priority": s.Priority.Name, "department": s.Department.Name, "brand": s.Brand.Name}[field], code)
}

func (n *Notifier) factsOfObject(ctx context.Context, f *gathered, out *template.Facts) error {
	if t := f.ticket; len(t.Related) == 0 && t.Service == "" && t.Converted == nil { // it refers to nothing
		return nil
	}
	list, err := n.desk.Objects(ctx, f.ticket.ID)
	if err == nil && len(list) > 0 {
		out.Order = &list[0]
	}
	return err
}

// turn is a message as a letter shows it. The text of an encrypted one does not leave the desk.
func (f *gathered) turn(m *ticket.Message) *template.Turn {
	t := &template.Turn{
		Author: cmp.Or(m.Author.Name, m.Author.Email), Email: m.Author.Email, SignedAs: f.signs(m.Author), At: m.CreatedAt,
		FromStaff: !m.Author.IsCustomer(), Internal: m.Kind == ticket.KindNote, Unproven: m.Unproven,
		Stranger: stranger(m.Author),
	}
	for _, file := range m.Files {
		if !file.Inline {
			t.Files = append(t.Files, file.Name)
		}
	}
	switch {
	case m.Encrypted:
	case m.Format == ticket.HTML:
		inline := func(id string) string { return "cid:" + id }
		t.HTML = safehtml.Sanitize(m.Body, safehtml.Options{Part: inline}).HTML
		t.Text = htmltext.Convert(m.Body)
	default:
		t.Text = m.Reply()
	}
	return t
}

// doubted is a message as staff are told of it: a mail that opened a ticket and came from the address of an agent, whom
// nothing proved, may be forged. Where the host cannot say whose the address is, it may be, too.
func (n *Notifier) doubted(ctx context.Context, f *gathered, m *ticket.Message) *ticket.Message {
	if !f.staff || m == nil || m.Unproven || m.Seq != 1 || m.Mail == nil || !stranger(m.Author) {
		return m
	}
	forged, err := n.desk.IsAgents(ctx, m.Author.Email)
	if err != nil {
		n.log.WarnContext(ctx, "whose an address is cannot be had, and a mail from it is taken as unproven", "address", m.Author.Email, "error", err)
	}
	if err != nil || forged {
		m = m.Clone()
		m.Unproven = true
	}
	return m
}

// stranger reports whether somebody's name is what they call themselves: a form or a mail says it, and the host does not.
func stranger(a ticket.Actor) bool { return a.Kind == ticket.ActorGuest }

// signs is the name that customers see on what somebody wrote (M04).
func (f *gathered) signs(a ticket.Actor) string {
	if stranger(a) {
		return template.Turn{Author: a.Name, Email: a.Email, Stranger: true}.Named()
	}
	if a.IsCustomer() {
		return cmp.Or(a.Name, a.Email)
	}
	s := f.around
	department := s.Department.Labels.In(s.Brand.Code, f.locale, cmp.Or(s.Department.Name, s.Department.Code))
	if a.Kind != ticket.ActorStaff || s.Settings.SignAs == ticket.SignDepartment {
		return department
	}
	return cmp.Or(a.Name, department)
}

// signature closes what staff write to people outside (M78), unless its author has put it there already.
func (n *Notifier) signature(ctx context.Context, l *Letter, f *gathered, out *template.Facts) error {
	m := f.message
	if m == nil || f.staff || m.Author.IsCustomer() || (l.Kind != template.CustomerMessage && l.Kind != template.ThirdPartyMessage) {
		return nil
	}
	if !m.Unproven && len(out.User.Signatures)+len(f.around.Department.Signatures) == 0 { // whoever it is signed by
		return nil
	}
	if m.Author.Kind == ticket.ActorStaff && f.around.Settings.SignAs != ticket.SignDepartment { // else it is the department's
		ctx = ticket.WithActor(ctx, m.Author)
	}
	s, err := n.desk.Signature(ctx, f.ticket.ID)
	if errors.Is(err, ticket.ErrForbidden) || errors.Is(err, ticket.ErrNotFound) { // their rights were taken since
		s, err = n.desk.Signature(system(ctx), f.ticket.ID)
	}
	if text := strings.TrimSpace(s.Text); err != nil || text != "" && strings.Contains(m.Body, text) {
		return err
	}
	s.HTML = safehtml.Sanitize(s.HTML, safehtml.Options{RemoteImages: true}).HTML
	out.Signature = s
	return nil
}
