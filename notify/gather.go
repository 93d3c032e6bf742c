package notify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/notify/template"
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
	if f, why, err = n.gatherNews(ctx, l); why != "" || err != nil {
		return f, why, err
	}
	return f, "", n.gatherRecent(ctx, l, f)
}

// gatherNews is gather without what was said before, of which a digest shows nothing.
func (n *Notifier) gatherNews(ctx context.Context, l *Letter) (f *gathered, why string, err error) {
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

// dress reads what stands around the ticket.
func (n *Notifier) dress(ctx context.Context, l *Letter, f *gathered) (err error) {
	if f.around, err = n.desk.Surroundings(ctx, f.ticket); err != nil {
		return err
	}
	if b := &f.around.Brand; b.Name == "" || b.Name == unnamed {
		b.Name = cmp.Or(n.o.Name, f.around.Department.Name, b.Code)
	}
	return nil
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
		f.message, id = n.doubted(ctx, f, m), m.TicketID
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
