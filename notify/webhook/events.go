package webhook

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Types of what is sent that is no event of the desk.
const (
	TypeTest = "webhook.test" // by Test
	TypeRule = "rule.matched" // by the action "webhook" of rules
)

const (
	typeUpdated = "ticket.updated"
	typePurged  = "ticket.purged"
)

// names are the types of the events that are sent.
func names() map[ticket.EventType]string {
	return map[ticket.EventType]string{
		ticket.EventCreated: "ticket.created", ticket.EventReplied: "ticket.replied", ticket.EventNoted: "ticket.noted", ticket.EventUpdated: typeUpdated,
		ticket.EventDeleted: "ticket.deleted", ticket.EventRestored: "ticket.restored", ticket.EventPurged: typePurged, ticket.EventRedacted: "ticket.redacted",
		ticket.EventMerged: "ticket.merged", ticket.EventUnmerged: "ticket.unmerged", ticket.EventSplit: "ticket.split", ticket.EventRated: "ticket.rated",
		ticket.EventTimeLogged: "ticket.time_logged", ticket.EventInvoiced: "ticket.invoiced", ticket.EventInvoiceVoided: "ticket.invoice_voided",
		ticket.EventMessageEdited: "message.edited", ticket.EventMessageDeleted: "message.deleted", ticket.EventUndelivered: "message.undelivered",
	}
}

// Types lists the types of events that an endpoint can ask for, in the order of the alphabet.
func Types() (list []string) {
	for _, name := range names() {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// bind has the desk tell of each event once.
func (w *Webhooks) bind() {
	h, after := w.desk.Hooks(), hooks.After(rulesBinding)
	tell := func(ctx context.Context, m hooks.Meta) error { return w.happened(ctx, m.EventID) }
	h.TicketCreated.Bind(Binding, func(ctx context.Context, e hooks.Created) error { return tell(ctx, e.Meta) }, after)
	for _, p := range []*hooks.Event[hooks.Messaged]{&h.TicketReplied, &h.TicketNoteAdded, &h.TicketReplyModified, &h.TicketReplyDeleted, &h.TicketUndelivered} {
		p.Bind(Binding, func(ctx context.Context, e hooks.Messaged) error { return tell(ctx, e.Meta) }, after)
	}
	h.TicketUpdated.Bind(Binding, func(ctx context.Context, e hooks.Updated) error {
		if e.Type != ticket.EventUpdated {
			return nil // told with its message
		}
		return tell(ctx, e.Meta)
	}, after)
	h.TicketRedacted.Bind(Binding, func(ctx context.Context, e hooks.Updated) error { return tell(ctx, e.Meta) }, after)
	for _, p := range []*hooks.Event[hooks.Removed]{&h.TicketDeleted, &h.TicketRestored} {
		p.Bind(Binding, func(ctx context.Context, e hooks.Removed) error { return tell(ctx, e.Meta) }, after)
	}
	h.TicketPurged.Bind(Binding, func(ctx context.Context, e hooks.Removed) error { return w.purged(ctx, e) })
	for _, p := range []*hooks.Event[hooks.Moved]{&h.TicketMerged, &h.TicketUnmerged, &h.TicketSplit} {
		p.Bind(Binding, func(ctx context.Context, e hooks.Moved) error { return tell(ctx, e.Meta) }, after)
	}
	h.TicketRated.Bind(Binding, func(ctx context.Context, e hooks.Rated) error { return tell(ctx, e.Meta) }, after)
	h.TicketTimeLogged.Bind(Binding, func(ctx context.Context, e hooks.Timed) error { return tell(ctx, e.Meta) }, after)
	h.TicketInvoiced.Bind(Binding, func(ctx context.Context, e hooks.Invoiced) error { return tell(ctx, e.Meta) }, after)
	h.TicketInvoiceVoided.Bind(Binding, func(ctx context.Context, e hooks.Voided) error { return tell(ctx, e.Meta) }, after)
}

// happened puts what an event has to tell onto the agenda, once for each endpoint that hears of it.
func (w *Webhooks) happened(ctx context.Context, eventID int64) error {
	var list []notice
	err := w.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		list, err = noticesOf(ctx, x, eventID)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil // purged meanwhile
	}
	if err != nil || len(list) == 0 {
		return err
	}
	return w.desk.Once(ctx, func(ctx context.Context) error { return w.putAll(ctx, list) })
}

// noticesOf are what endpoints are sent of an event, by where the ticket is now. Errors: ticket.ErrNotFound where it was
// purged.
func noticesOf(ctx context.Context, x store.Reader, eventID int64) (list []notice, err error) {
	all, err := endpoints(ctx, x)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	e, err := x.Event(ctx, eventID)
	if err != nil {
		return nil, err
	}
	for _, to := range all {
		n, err := to.noticeOf(ctx, x, e)
		if err != nil {
			return nil, err
		}
		if n != nil {
			list = append(list, *n)
		}
	}
	return list, nil
}

// noticeOf is what an endpoint is sent of an event; nil where it does not hear of it. Errors: ticket.ErrNotFound.
func (e Endpoint) noticeOf(ctx context.Context, x store.Reader, of *ticket.Event) (*notice, error) {
	n, hears := e.purge(of)
	if of.Type != ticket.EventPurged {
		t, err := x.Ticket(ctx, of.TicketID, ticket.Scope{All: true})
		if err != nil {
			return nil, err
		}
		n, hears = e.notice(of, t)
	}
	if !hears {
		return nil, nil
	}
	return &n, nil
}

// notice is what an endpoint is sent of an event, if it hears of it.
func (e Endpoint) notice(of *ticket.Event, t *ticket.Ticket) (n notice, hears bool) {
	typ, known := names()[of.Type]
	if e.hides(of) {
		if known = of.Type == ticket.EventNoted && len(ticket.Decisions(of.Changes)) > 0; known {
			typ = typeUpdated // what has changed is no secret, and that there is a note is
		}
	}
	n = notice{ID: webhookID(e.ID, 'e', of.ID), Endpoint: e.Code, Type: typ, At: of.At, Event: of.ID, Seq: of.Seq, Ticket: t.ID, Code: t.Code}
	return n, known && e.hears(typ, t)
}

// hides reports whether an event is about an internal message that the endpoint does not hear of.
func (e Endpoint) hides(of *ticket.Event) bool {
	return !e.Notes && (of.Type == ticket.EventNoted || of.MessageID != 0 && !of.Kind.Public())
}

// purge is what an endpoint is sent of a ticket that was purged, if it hears of that. The event belongs to the desk: the
// ticket has none any more.
func (e Endpoint) purge(of *ticket.Event) (n notice, hears bool) {
	c, _ := of.Changed("ticket")
	id, _ := strconv.ParseInt(c.Old, 10, 64)
	code, _, _ := strings.Cut(of.Subject, " ")
	n = notice{ID: webhookID(e.ID, 'e', of.ID), Endpoint: e.Code, Type: typePurged, At: of.At, Event: of.ID, Seq: last, Ticket: id, Code: code}
	return n, e.hears(typePurged, nil)
}

// purged forgets what is kept of a ticket that is gone, and tells that it is.
func (w *Webhooks) purged(ctx context.Context, e hooks.Removed) error {
	return w.desk.Once(ctx, func(ctx context.Context) error {
		var list []notice
		err := w.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			list, err = noticesOf(ctx, tx, e.EventID)
			return errors.Join(err, forget(ctx, tx, e.TicketID))
		})
		if err != nil {
			return err
		}
		return w.putAll(ctx, list)
	})
}

func forget(ctx context.Context, tx store.Tx, ticketID int64) error {
	recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindLog, Parent: record.ID(ticketID)})
	for _, rec := range recs {
		err = errors.Join(err, tx.DeleteRecord(ctx, kindLog, rec.Key))
	}
	return err
}
