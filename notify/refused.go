package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sender is the role of who has written a mail that was refused.
const Sender Role = "sender"

// refused has the sender of a mail told that it was not taken, where such an answer is allowed and the settings want it. Why is not said: that names
// hooks and rules of the desk's.
func (n *Notifier) refused(ctx context.Context, e hooks.Rejected) error {
	email := ticket.NormalizeEmail(e.Actor.Email)
	if !e.MayAnswer || email == "" || !n.reaches(Mail) {
		return nil
	}
	ctx = system(ctx)
	s, err := n.desk.Surroundings(ctx, &ticket.Ticket{})
	if err != nil || !s.Settings.TellRefused {
		return err
	}
	if own, err := n.own(ctx, email); err != nil || own { // it would come back as mail
		return err
	}
	set, err := n.templates.current(ctx, n)
	if err != nil || set.Disabled(template.Refused, "", "") {
		return err
	}
	due, err := n.dueNow(ctx)
	if err != nil {
		return err
	}
	return n.desk.Once(ctx, func(ctx context.Context) error {
		return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			id, err := tx.NewID(ctx, kindLetter)
			if err != nil {
				return err
			}
			now := ticket.Time(n.desk.Now())
			_, domain, _ := strings.Cut(n.o.From, "@")
			l := &Letter{ID: id, Event: e.EventID, Channel: Mail, Kind: template.Refused, Role: Sender, Why: "their mail was refused",
				To: ticket.Person{Email: email}, State: Queued, Due: due, Created: now, Automatic: true, Title: e.Subject,
				From: n.o.From, MessageID: fmt.Sprintf("refused.%d@%s", id, domain)}
			if err := n.order(ctx, tx, l); err != nil {
				return err
			}
			return n.orderCopies(ctx, tx, *l, s.Settings.MailCopies)
		})
	})
}

// mailRefused sends it: an answer to no ticket, which nothing comes back to.
func (n *Notifier) mailRefused(ctx context.Context, l *Letter) (why string, err error) {
	if l.To.Email == "" {
		return unreachable, nil
	}
	if err := n.mailReady(); err != nil {
		return "", err
	}
	around, err := n.desk.Surroundings(ctx, &ticket.Ticket{})
	if err != nil {
		return "", err
	}
	if why, err := n.admit(ctx, l.goesTo(around.Settings, l.To.Email)); why != "" || err != nil {
		return why, err
	}
	m, err := n.composeRefused(ctx, l, around)
	if err != nil {
		return "", err
	}
	return "", n.post(ctx, m)
}

func (n *Notifier) composeRefused(ctx context.Context, l *Letter, around ticket.Surroundings) (*mailing, error) {
	marker, err := n.desk.Marker(ctx)
	if err != nil {
		return nil, err
	}
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return nil, err
	}
	brand := around.Brand
	brand.Name = n.o.Name
	r, err := set.Render(template.Refused, brand.Code, set.Locale(brand.Code, slices.Clone(brand.Locales)...), &template.Facts{To: l.To, Title: l.Title, Brand: brand, Now: n.desk.Now()})
	if err != nil {
		return nil, err
	}
	n.passedOver(ctx, template.Refused, r)
	to, shown := cmp.Or(l.Copy, l.To.Email), l.To.Email
	if box := around.Settings.MailSandbox; box != "" {
		r.Subject, to, shown = "[for "+to+"] "+r.Subject, box, box
	}
	return &mailing{to: to, letter: &letter.Letter{
		From: letter.Address{Name: n.o.Name, Email: l.From}, To: []letter.Address{{Email: shown}}, Date: n.desk.Now(), MessageID: l.MessageID,
		Automatic: letter.Replied, Header: []letter.Field{{Name: ticket.LoopHeader, Value: marker.Loop()}}, Subject: r.Subject, Text: r.Text, HTML: r.HTML,
	}}, nil
}
