package notify

import (
	"context"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Channel is a way of the host's own to tell people: a chat, SMS, a push service.
type Channel interface {
	// Tell tells one reader. It is called outside of any transaction, and again until it returns no error, for three days;
	// Telling.ID is the same then. An error that wraps ticket.ErrInvalid means that this will never be told.
	Tell(ctx context.Context, t Telling) error
}

// ChannelFunc makes a Channel of a function.
type ChannelFunc func(ctx context.Context, t Telling) error

// Tell implements Channel.
func (fn ChannelFunc) Tell(ctx context.Context, t Telling) error { return fn(ctx, t) }

// Telling is what one reader is told.
type Telling struct {
	ID     int64 // of the letter: the same at each attempt
	Kind   template.Kind
	Agent  string        // id, where the reader is an agent
	To     ticket.Person // the reader
	Ticket *ticket.Ticket
	// Subject and Text are what a mail would say, in the reader's language and without the marks of mail.
	Subject, Text string
	URL           string // of the ticket, as it suits the reader; empty where there is no page
}

// tellBy tells somebody by a channel of the host's.
func (n *Notifier) tellBy(ctx context.Context, l *Letter, f *gathered) (why string, err error) {
	c := n.o.Channels[l.Channel]
	if c == nil {
		return "", errNoChannel(l.Channel)
	}
	r, err := n.render(ctx, l, f)
	if err != nil {
		return "", err
	}
	page := Page{Kind: CustomerPage, Brand: f.around.Brand, Ticket: f.ticket, Agent: l.Agent}
	if f.staff {
		page.Kind = StaffPage
	}
	return "", c.Tell(ctx, Telling{ID: l.ID, Kind: l.Kind, Agent: l.Agent, To: f.person, Ticket: f.ticket, Subject: r.Subject, Text: r.Text, URL: n.o.URL(page)})
}
