package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// rulesBinding is that of package rules, whose work on an event comes first: or the department would be told that a ticket
// was in.
const rulesBinding = "helpdesk.rules"

// bind has people told of what happens.
func (n *Notifier) bind() {
	var after []hooks.EventOption
	if n.o.Rules != nil {
		after = append(after, hooks.After(rulesBinding))
	}
	h := n.desk.Hooks()
	h.TicketCreated.Bind(Binding, func(ctx context.Context, e hooks.Created) error { return n.happened(ctx, e.EventID) }, after...)
	h.TicketReplied.Bind(Binding, func(ctx context.Context, e hooks.Messaged) error { return n.happened(ctx, e.EventID) }, after...)
	h.TicketNoteAdded.Bind(Binding, func(ctx context.Context, e hooks.Messaged) error { return n.happened(ctx, e.EventID) }, after...)
	h.TicketUpdated.Bind(Binding, func(ctx context.Context, e hooks.Updated) error {
		if e.Type != ticket.EventUpdated { // a message that changed the ticket is told of as one
			return nil
		}
		return n.happened(ctx, e.EventID)
	}, after...)
	h.TicketRated.Bind(Binding, func(ctx context.Context, e hooks.Rated) error { return n.happened(ctx, e.EventID) }, after...)
	h.TicketPurged.Bind(Binding, func(ctx context.Context, e hooks.Removed) error { return n.forget(ctx, e.TicketID) })
	h.TicketMailRejected.Bind(Binding, n.refused)
	h.TicketMerged.Bind(Binding, func(ctx context.Context, e hooks.Moved) error { return n.happened(ctx, e.EventID) }, after...)
}

// happened orders the letters of an event, in the transaction that marks it as told.
func (n *Notifier) happened(ctx context.Context, event int64) error {
	ctx, err := n.steadily(ctx)
	if err != nil {
		return err
	}
	o, err := n.occasion(ctx, event)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil // purged meanwhile
	}
	if err != nil {
		return err
	}
	news, err := n.news(ctx, o, listen(o))
	if err != nil || len(news) == 0 {
		return err
	}
	if o.now, err = n.dueNow(ctx); err != nil {
		return err
	}
	return n.desk.Once(ctx, func(ctx context.Context) error {
		return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return n.orderHere(ctx, tx, o, news) })
	})
}

// occasion reads what an event is about, and all that it depends on who hears of it.
func (n *Notifier) occasion(ctx context.Context, event int64) (o occasion, err error) {
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		o = occasion{}
		if o.Event, err = x.Event(ctx, event); err != nil {
			return err
		}
		if o.Ticket, err = x.Ticket(ctx, o.Event.TicketID, ticket.Scope{All: true, Internal: true}); err != nil {
			return err
		}
		if o.Event.MessageID != 0 {
			if o.Message, err = x.Message(ctx, o.Event.MessageID); err != nil {
				return err
			}
			written := o.Event.Type == ticket.EventReplied || o.Event.Type == ticket.EventNoted
			if written && o.Message.TicketID != o.Ticket.ID { // it went to another ticket before anybody was told of it
				if o.Ticket, err = x.Ticket(ctx, o.Message.TicketID, ticket.Scope{All: true, Internal: true}); err != nil {
					return err
				}
			}
		}
		if o.Event.Cause.Event != 0 {
			cause, err := x.Event(ctx, o.Event.Cause.Event)
			if err != nil && !errors.Is(err, ticket.ErrNotFound) {
				return err
			}
			o.Cause = ticket.EventUpdated // whatever it was
			if err == nil {
				o.Cause = cause.Type
			}
		}
		return sources(ctx, x, &o)
	})
	if err != nil {
		return o, err
	}
	return o, n.surround(ctx, &o)
}

// sources are whose tickets became part of this one.
func sources(ctx context.Context, x store.Reader, o *occasion) error {
	if o.Event.Type != ticket.EventMerged {
		return nil
	}
	for _, id := range mergedIDs(o.Event) {
		t, err := x.Ticket(ctx, id, ticket.Scope{All: true})
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if t.MergedInto == o.Ticket.ID {
			o.Sources = append(o.Sources, t.Requester)
		}
	}
	return nil
}

// surround asks the directory, outside of any transaction.
func (n *Notifier) surround(ctx context.Context, o *occasion) error {
	s, err := n.desk.Surroundings(ctx, o.Ticket)
	if err != nil {
		return err
	}
	o.Settings, o.from, o.locales = s.Settings, cmp.Or(s.Department.Sender, s.Brand.Sender, n.o.From), s.Brand.Locales
	if o.marker, err = n.desk.Marker(ctx); err != nil {
		return err
	}
	return n.askAround(ctx, o, o.uses())
}

// uses are the parts of an occasion for which others must be asked, as far as they make a difference to who hears of it.
type uses struct{ responsible, subscribers, members, hours, introduced bool }

func (o *occasion) uses() (u uses) {
	if o.notice != nil {
		return uses{responsible: o.notice.To.Owner && o.Ticket.Assignee == ""}
	}
	const one, another, third = "\x00responsible", "\x00subscriber", "\x00member" // no agent has such an id
	like := *o
	like.Responsible, like.Subscribers, like.Members, like.Closed = []string{one}, []string{another}, []string{third}, true
	like.Introduced = true
	for _, h := range listen(like) {
		u.responsible = u.responsible || h.Agent == one
		u.subscribers = u.subscribers || h.Agent == another
		u.members = u.members || h.Agent == third
		u.introduced = u.introduced || h.Role == Participant
		u.hours = u.hours || h.Kind == template.OutOfHours
	}
	return u
}

// askAround asks for what is of use: most that happens to a ticket concerns few.
func (n *Notifier) askAround(ctx context.Context, o *occasion, u uses) (err error) {
	if u.responsible {
		list, err := n.desk.Responsible(ctx, o.Ticket.ID)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		o.Responsible = ids(list)
	}
	if u.members && o.Message != nil {
		for _, m := range o.Message.Mentions {
			if m.Department == "" {
				continue
			}
			list, err := n.desk.Members(ctx, m.Department)
			if err != nil {
				return err
			}
			o.Members = append(o.Members, ids(list)...)
		}
	}
	if u.introduced {
		if o.Introduced, err = n.introduced(ctx, o); err != nil {
			return err
		}
	}
	if u.hours {
		page, err := n.hours(ctx, o.Ticket.Brand, "")
		if err != nil {
			return err
		}
		o.Closed = !page.Open
	}
	if u.subscribers {
		o.Subscribers, err = n.subscribers(ctx, o.Ticket.Department)
	}
	return err
}

// introduced reports whether staff have answered a ticket, where that matters: on what a guest writes beside others.
func (n *Notifier) introduced(ctx context.Context, o *occasion) (bool, error) {
	if o.Event.Actor.Kind != ticket.ActorGuest || o.Event.Type != ticket.EventReplied {
		return false, nil
	}
	list, err := n.desk.Messages(ctx, o.Ticket.ID, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindReply}, Newest: true, Limit: mostRecent})
	return slices.ContainsFunc(list, func(m *ticket.Message) bool { return m.Author.Kind == ticket.ActorStaff }), err
}

// hours says whether somebody is there. Without a calendar somebody always is, and where it fails: nobody is to wait for
// their letter because of that. Check says so.
func (n *Notifier) hours(ctx context.Context, brand, locale string) (calendar.Page, error) {
	if n.o.Hours == nil {
		return calendar.Page{Open: true}, nil
	}
	p, err := n.askHours(ctx, calendar.Visitor{Brand: brand, Locale: locale})
	if e := ctx.Err(); e != nil {
		return p, e
	}
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		n.log.WarnContext(ctx, "the working hours cannot be had, and somebody is taken to be there", "brand", brand, "error", err)
		n.hourless.Store(brand, err)
		return calendar.Page{Open: true}, nil
	}
	n.hourless.Delete(brand)
	if err != nil {
		return calendar.Page{Open: true}, nil
	}
	return p, nil
}

// mergedIDs are the tickets that an event merged into its own.
func mergedIDs(e *ticket.Event) (out []int64) {
	c, _ := e.Changed("tickets")
	_ = json.Unmarshal([]byte(c.New), &out) // the desk wrote it
	return out
}

func ids(agents []ticket.Agent) (out []string) {
	for _, a := range agents {
		out = append(out, a.ID)
	}
	slices.Sort(out)
	return out
}
