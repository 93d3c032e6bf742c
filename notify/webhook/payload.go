package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Version is that of the payloads. New fields may come without a new one.
const Version = 1

// Payload is the body of a request.
type Payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened
	Version   int       `json:"version"`
	Data      Data      `json:"data"`
}

// Data is what a payload tells. What a field says in parentheses comes with Endpoint.Bodies alone.
type Data struct {
	Event   int64           `json:"event,omitempty"` // of the desk's journal
	Seq     int64           `json:"seq,omitempty"`   // counts the events of the ticket; gaps are events that are not sent
	Ticket  *Ticket         `json:"ticket,omitempty"`
	Message *Message        `json:"message,omitempty"`
	Actor   *Actor          `json:"actor,omitempty"` // who did it
	Rule    string          `json:"rule,omitempty"`  // that did it, or sends
	Changes []ticket.Change `json:"changes,omitempty"`
	Detail  string          `json:"detail,omitempty"` // (the comment of a rating, a reason)
	Text    string          `json:"text,omitempty"`   // what a rule says, or a test
	// Gone says that the ticket was deleted or purged before this was sent: then there is nothing of it but its id and code.
	Gone bool `json:"gone,omitempty"`
}

// Ticket is the ticket as the event left it.
type Ticket struct {
	ID         int64          `json:"id"`
	Code       string         `json:"code,omitempty"`
	External   string         `json:"external,omitempty"`
	Brand      string         `json:"brand,omitempty"`
	Department string         `json:"department,omitempty"`
	Status     string         `json:"status,omitempty"`
	Class      ticket.Class   `json:"class,omitempty"`
	Priority   string         `json:"priority,omitempty"`
	Assignee   string         `json:"assignee,omitempty"`
	Subject    string         `json:"subject,omitempty"`   // ( )
	Requester  *ticket.Person `json:"requester,omitempty"` // ( )
}

// Message is the message that an event is about, as it is when it is sent.
type Message struct {
	ID        int64              `json:"id"`
	Kind      ticket.MessageKind `json:"kind,omitempty"`
	Automatic bool               `json:"automatic,omitempty"` // a robot wrote it, as a bounce: nobody waits for an answer (X21)
	Encrypted bool               `json:"encrypted,omitempty"` // its text stays in the desk
	Deleted   bool               `json:"deleted,omitempty"`
	Body      string             `json:"body,omitempty"` // (plain text or HTML, as format says)
	Format    ticket.Format      `json:"format,omitempty"`
	Cut       bool               `json:"cut,omitempty"` // the body is only the first 16 kB
}

// Actor is who did something.
type Actor struct {
	Kind  ticket.ActorKind `json:"kind"`
	ID    string           `json:"id,omitempty"`
	Name  string           `json:"name,omitempty"`  // ( )
	Email string           `json:"email,omitempty"` // ( )
}

const maxBody = 16 << 10 // bytes of a message: payloads are to be small

// errHidden says that an endpoint does not hear any more of what it is sent.
var errHidden = errors.New("it is about an internal note")

// payload is the body of a request, as it may be told now: what was redacted, deleted or purged since is not in it. It is nil
// where nothing is told any more.
func (w *Webhooks) payload(ctx context.Context, to Endpoint, n notice) ([]byte, error) {
	p := Payload{Type: n.Type, Timestamp: n.At, Version: Version, Data: Data{Event: n.Event, Rule: n.Rule, Ticket: &Ticket{ID: n.Ticket, Code: n.Code}}}
	if n.Seq != last && n.Event != 0 {
		p.Data.Seq = n.Seq
	}
	err := w.store.View(ctx, func(ctx context.Context, x store.Reader) error { return p.Data.fill(ctx, x, to, n) })
	switch {
	case errors.Is(err, errHidden):
		return nil, nil
	case errors.Is(err, ticket.ErrNotFound):
		p.Data.Gone, err = true, nil
	}
	if err == nil && n.Text != "" && !p.Data.Gone {
		if p.Data.Text, err = w.desk.ExpandForStaff(system(ctx), n.Ticket, n.Text, ticket.Plain); errors.Is(err, ticket.ErrNotFound) {
			p.Data.Gone, err = true, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// fill reads what there is to tell. Errors: ticket.ErrNotFound where nothing may be told any more.
func (d *Data) fill(ctx context.Context, x store.Reader, to Endpoint, n notice) error {
	if n.Type == typePurged {
		return nil
	}
	now, err := x.Ticket(ctx, n.Ticket, ticket.Scope{All: true})
	if err != nil {
		return err
	}
	if now.DeletedAt != nil {
		return ticket.ErrNotFound
	}
	if n.Event == 0 {
		d.Ticket = to.ticket(now)
		return nil
	}
	e, err := x.Event(ctx, n.Event)
	if err != nil {
		return err
	}
	then, err := journal.AsOf(ctx, x, e)
	if err != nil {
		return err
	}
	d.Ticket, d.Actor, d.Changes, d.Rule = to.ticket(then), to.actor(e.Actor), to.changes(e), e.Cause.Rule
	if to.hides(e) {
		if n.Type != typeUpdated { // it was to hear of notes when this was put
			return errHidden
		}
		return nil
	}
	if to.Bodies {
		d.Detail = e.Detail
	}
	if e.MessageID == 0 {
		return nil
	}
	m, err := x.Message(ctx, e.MessageID)
	if err == nil {
		d.Message = to.message(m, n.Ticket)
	} else if errors.Is(err, ticket.ErrNotFound) {
		d.Message, err = &Message{ID: e.MessageID, Deleted: true}, nil
	}
	return err
}

func (e Endpoint) ticket(t *ticket.Ticket) *Ticket {
	out := &Ticket{ID: t.ID, Code: t.Code, External: t.External, Brand: t.Brand, Department: t.Department, Status: t.Status, Class: t.Class, Priority: t.Priority, Assignee: t.Assignee}
	if e.Bodies {
		out.Subject, out.Requester = t.Subject, &t.Requester
	}
	return out
}

// personal are the fields of which an endpoint without Bodies is told that they have changed, and not how.
func personal(field string) bool {
	switch field {
	case "subject", "requester", "participants", "phone", "ip", "user_agent", "origin_url":
		return true
	}
	return false
}

// changes are what an event has changed, without what the desk keeps for itself.
func (e Endpoint) changes(of *ticket.Event) []ticket.Change {
	out := ticket.Decisions(of.Changes)
	for i, c := range out {
		if !e.Bodies && personal(c.Field) {
			out[i] = ticket.Change{Field: c.Field}
		}
	}
	return out
}

func (e Endpoint) actor(a ticket.Actor) *Actor {
	out := &Actor{Kind: a.Kind, ID: a.ID}
	if e.Bodies {
		out.Name, out.Email = a.Name, a.Email
	}
	return out
}

// message is what an endpoint is told of one. What was moved to another ticket is told by its id: others may see that.
func (e Endpoint) message(m *ticket.Message, of int64) *Message {
	out := &Message{ID: m.ID, Kind: m.Kind, Encrypted: m.Encrypted || m.Sealed, Deleted: m.DeletedAt != nil, Automatic: m.Mail != nil && m.Mail.Automatic}
	if !e.Bodies || out.Encrypted || out.Deleted || m.TicketID != of {
		return out
	}
	out.Body, out.Format = m.Body, m.Format
	if len(out.Body) > maxBody {
		out.Body, out.Cut = strings.ToValidUTF8(out.Body[:maxBody], ""), true
	}
	return out
}
