package rules

import (
	"context"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// seen is what conditions see of an occasion now.
func (r *Rules) seen(ctx context.Context, x store.Reader, o *occasion, set *ruleset) (*condition.Vars, error) {
	return r.seenAt(ctx, x, o, set, r.desk.Now())
}

func (r *Rules) seenAt(ctx context.Context, x store.Reader, o *occasion, set *ruleset, now time.Time) (*condition.Vars, error) {
	src := condition.Source{Ticket: o.ticket, Before: o.before, Event: o.event, Message: o.message, Name: o.name, Detail: detailOf(o.event), Now: now}
	src.LastMessage = func() (*ticket.Message, error) {
		m, err := lastPublic(ctx, x, o.ticket.ID)
		if err != nil {
			return nil, &unread{err}
		}
		return m, nil
	}
	if set.group {
		var err error
		if src.Group, err = r.desk.CustomerGroup(ctx, o.ticket.Requester.ID); err != nil {
			return nil, err
		}
	}
	return condition.NewVars(src), nil
}

// unread is that the store could not read what a condition asks for.
type unread struct{ error }

func (u *unread) Unwrap() error { return u.error }

// lastPublic returns the last public message, without what is encrypted; nil for none.
func lastPublic(ctx context.Context, r store.Reader, ticketID int64) (*ticket.Message, error) {
	list, err := r.Messages(ctx, ticket.MessageQuery{TicketID: ticketID, Kinds: []ticket.MessageKind{ticket.KindReply}, Newest: true, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return readable(list[0]), nil
}

// readable is a message without what is encrypted.
func readable(m *ticket.Message) *ticket.Message {
	if m == nil || !m.Encrypted {
		return m
	}
	m = m.Clone()
	m.Body, m.HTMLBody = "", ""
	return m
}
