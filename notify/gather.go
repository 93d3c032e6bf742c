package notify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/safehtml"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// gathered is what there is to tell of a letter, as it is when it is sent.
type gathered struct {
	ticket  *ticket.Ticket
	around  ticket.Surroundings
	message *ticket.Message // nil where the letter carries none
	event   *ticket.Event   // nil where there is none

	preview bool // nothing of it leaves the desk

	staff  bool
	person ticket.Person // who reads it
	email  string
	locale string
	zone   *time.Location

	recent []*ticket.Message // that the reader may read, the newest first, without message
	got    []got             // the mails that they have, of the ticket
	marks  ticket.Marks
}

// gather reads what a letter tells, and says why there is nothing to tell.
func (n *Notifier) gather(ctx context.Context, l *Letter) (f *gathered, why string, err error) {
	f = &gathered{staff: l.Agent != ""}
	if why, err = n.gatherMessage(ctx, l, f); why != "" || err != nil {
		return f, why, err
	}
	if why, err = n.stillWanted(ctx, l); why != "" || err != nil {
		return f, why, err
	}
	if why, err = n.gatherReader(ctx, l, f); why != "" || err != nil {
		return f, why, err
	}
	return f, "", n.dress(ctx, l, f)
}

// dress reads what stands around the ticket, and what was said before.
func (n *Notifier) dress(ctx context.Context, l *Letter, f *gathered) (err error) {
	if f.around, err = n.desk.Surroundings(ctx, f.ticket); err != nil {
		return err
	}
	if b := &f.around.Brand; b.Name == "" || b.Name == unnamed {
		b.Name = cmp.Or(n.o.Name, f.around.Department.Name, b.Code)
	}
	return n.gatherRecent(ctx, l, f)
}

// unnamed is what the brand is called that a desk begins with: nothing to show to customers.
const unnamed = "Default"

// gatherMessage reads the message, and the ticket that has it now.
func (n *Notifier) gatherMessage(ctx context.Context, l *Letter, f *gathered) (why string, err error) {
	id := l.Ticket
	if l.Message != 0 {
		m, err := n.desk.Message(ctx, l.Message)
		switch {
		case errors.Is(err, ticket.ErrNotFound):
			return "the message is gone", nil
		case err != nil && !errors.Is(err, ticket.ErrSealed):
			return "", err
		case m.DeletedAt != nil:
			return "the message was deleted", nil
		}
		f.message, id = m, m.TicketID
	}
	for range 10 { // as often as it was merged
		if f.ticket, err = n.desk.Ticket(ctx, id); err != nil || f.ticket.MergedInto <= 0 || l.Kind == template.Merged {
			break
		}
		id = f.ticket.MergedInto
	}
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		return "the ticket is gone", nil
	case err != nil:
		return "", err
	case f.ticket.DeletedAt != nil:
		return "the ticket was deleted", nil
	case f.ticket.Folder == ticket.Spam:
		return "the ticket is spam", nil
	}
	told := []template.Kind{template.Updated, template.Merged, template.SurveyResult}
	if l.Event == 0 || f.message != nil && !slices.Contains(told, l.Kind) { // what it says is in the message
		return "", nil
	}
	err = n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) (err error) {
		f.event, err = x.Event(ctx, l.Event)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return "the event is gone", nil
	}
	return "", err
}

// gatherReader asks once more who reads it, and whether they may.
func (n *Notifier) gatherReader(ctx context.Context, l *Letter, f *gathered) (why string, err error) {
	if l.Agent != "" {
		return n.gatherAgent(ctx, l, f)
	}
	f.person = l.To
	if m := f.message; m != nil && !m.Kind.Public() && l.Role != ThirdParty && l.Role != Copied && l.Role != Listed {
		return "they may not read the message any more", nil
	}
	takesPart := f.ticket.Concerns(l.To) || f.message != nil && slices.ContainsFunc(slices.Concat(f.message.To, f.message.Cc), l.To.Is)
	if (l.Role == Requester || l.Role == Participant) && !takesPart && l.Kind != template.Merged {
		return "they do not take part in the ticket any more", nil
	}
	c, known, err := n.customer(ctx, l.To.ID)
	if err != nil {
		return "", err
	}
	f.locale, f.zone = c.Locale, zoneOf(c.Zone)
	l.readdress(f.ticket, c)
	if l.moved && l.Channel == Mail {
		if own, err := n.own(ctx, ticket.NormalizeEmail(l.To.Email)); err != nil {
			return "", err
		} else if own {
			return "the address is the desk's own", nil
		}
	}
	f.person.Email = l.To.Email
	f.email = ticket.NormalizeEmail(cmp.Or(l.To.Email, c.Person().Email))
	f.person.Name = cmp.Or(f.person.Name, c.Name)
	if f.email == "" && (l.Channel == Mail || !known) {
		return unreachable, nil
	}
	return "", nil
}

// customer looks somebody up in the directory.
func (n *Notifier) customer(ctx context.Context, id string) (c ticket.Customer, known bool, err error) {
	if id == "" {
		return c, false, nil
	}
	c, err = n.desk.Customer(ctx, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return ticket.Customer{}, false, nil
	}
	return c, err == nil, err
}

func hasEmail(c ticket.Customer, email string) bool {
	return email != "" && slices.ContainsFunc(c.Emails, func(e string) bool { return ticket.NormalizeEmail(e) == email })
}

// readdress gives a letter the address that its reader has by now, where the one that it was ordered for was corrected since:
// on the ticket, or in the directory that had it. An address that the directory never had is somebody's choice, and stays.
func (l *Letter) readdress(t *ticket.Ticket, c ticket.Customer) {
	was := ticket.NormalizeEmail(l.To.Email)
	now := was
	if r := t.Requester; l.Role == Requester && l.Ticket == t.ID && r.ID != "" && r.ID == l.To.ID {
		now = cmp.Or(ticket.NormalizeEmail(r.Email), was)
	}
	if now == was && l.Known && !hasEmail(c, was) {
		now = cmp.Or(ticket.NormalizeEmail(c.Person().Email), was)
	}
	if l.moved = was != "" && now != was; l.moved {
		l.To.Email = now
	}
}

// unreachable is why nobody is told who has no address, as after they were erased.
const unreachable = "there is nobody any more, or they have no address"

func (n *Notifier) gatherAgent(ctx context.Context, l *Letter, f *gathered) (why string, err error) {
	a, err := n.desk.Agent(ctx, l.Agent)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && a.Inactive {
		return "there is no such agent any more, or they are inactive", nil
	}
	if err != nil {
		return "", err
	}
	sees, err := n.desk.Sees(ctx, l.Agent, f.ticket)
	if err != nil {
		return "", err
	}
	if !sees {
		return "they may not see the ticket any more", nil
	}
	f.person = ticket.Person{ID: a.ID, Name: a.Name, Email: a.Email}
	f.email, f.locale, f.zone = ticket.NormalizeEmail(a.Email), a.Locale, zoneOf(a.Zone)
	if f.email == "" && l.Channel == Mail {
		return unreachable, nil
	}
	return "", nil
}

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

// signs is the name that customers see on what somebody wrote (M04).
func (f *gathered) signs(a ticket.Actor) string {
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

func zoneOf(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

func idOf(t *ticket.Ticket) string { return record.ID(t.ID) }
