package condition

import (
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/markup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What conditions see of long values; the rest is cut off.
const (
	MaxText  = 64 << 10 // bytes of a body
	MaxLine  = 4 << 10  // bytes of any other text
	MaxList  = 100      // entries of a list
	MaxEntry = 400      // bytes of one
)

// Source is what a condition is asked about. Only Ticket is needed.
type Source struct {
	Ticket *ticket.Ticket
	// Before is the ticket before the change; nil where nothing changed, as with a rule by the clock, or where nothing
	// was before: it is then as the ticket is.
	Before  *ticket.Ticket
	Event   *ticket.Event
	Name    string          // of the event, as rules call it; default: the Type of Event
	Detail  string          // of the event, more closely
	Message *ticket.Message // that the event is about
	// LastMessage reads the last public message, if a condition asks for it. Default: Message, if that is public.
	LastMessage func() (*ticket.Message, error)
	Group       string // of the requester: Customer.Group
	Now         time.Time
}

// NewVars returns what a condition sees of s. Nothing of it may change while it is used.
func NewVars(s Source) *Vars {
	if s.Before == nil {
		s.Before = s.Ticket
	}
	v := &Vars{Now: s.Now, custom: s.Ticket.Fields, customBefore: s.Before.Fields, shared: &shared{}}
	v.HoursSinceCreated = hours(s.Now, s.Ticket.CreatedAt)
	v.HoursSinceChanged = hours(s.Now, s.Ticket.UpdatedAt)
	v.HoursSinceLastReply = hours(s.Now, s.Ticket.LastReplyAt)
	v.LastReplyBy = side(s.Ticket.LastReplyBy)
	v.Ticket.fill(s.Ticket)
	if v.Before = v.Ticket; s.Before != s.Ticket {
		v.Before = Ticket{}
		v.Before.fill(s.Before)
	}
	v.Ticket.Requester.Group, v.Before.Requester.Group = line(s.Group), line(s.Group)
	v.Ticket.LastMessage = lastMessage(s)
	v.Before.LastMessage = v.Ticket.LastMessage
	if s.Event != nil {
		v.Event = eventOf(s.Event)
	}
	if s.Name != "" {
		v.Event.Name = s.Name
	}
	v.Event.Detail = s.Detail
	if s.Message != nil {
		v.Message = messageOf(s.Message)
	}
	return v
}

func (v *Ticket) fill(t *ticket.Ticket) {
	v.ID, v.Code, v.External, v.Subject = float64(t.ID), t.Code, line(t.External), line(t.Subject)
	v.Brand, v.Department, v.Status, v.Class = t.Brand, t.Department, t.Status, string(t.Class)
	v.Priority, v.Folder, v.Assignee, v.AssignedBy = t.Priority, string(t.Folder), t.Assignee, t.AssignedBy
	v.Channel, v.Gateway, v.Locked = string(t.Channel), t.Gateway, t.Locked
	v.Deleted, v.Merged = t.DeletedAt != nil, t.MergedInto != 0
	v.Tags, v.Watchers = short(t.Tags), short(t.Watchers)
	v.Requester = Customer{ID: t.Requester.ID, Name: line(t.Requester.Name), Email: ticket.NormalizeEmail(line(t.Requester.Email))}
	v.Organisation, v.Phone, v.Service, v.OriginURL = line(t.Organisation), line(t.Phone), line(t.Service), line(t.OriginURL)
	for _, p := range t.Participants[:min(len(t.Participants), MaxList)] {
		v.Participants = append(v.Participants, ticket.NormalizeEmail(cut(p.Email, MaxEntry)))
	}
	if t.Converted != nil {
		v.Converted = line(t.Converted.Kind)
	}
	v.Messages, v.SpentMinutes = float64(t.Seq), time.Duration(t.Spent.Total).Minutes()
	v.UnreadStaff, v.UnreadClient, v.LastReplyBy = t.UnreadByStaff, t.UnreadByClient, string(t.LastReplyBy)
	v.CreatedAt, v.UpdatedAt, v.LastReplyAt = t.CreatedAt, t.UpdatedAt, t.LastReplyAt
	if t.SolvedAt != nil {
		v.SolvedAt = *t.SolvedAt
	}
	if t.ClosedAt != nil {
		v.ClosedAt = *t.ClosedAt
	}
}

func eventOf(e *ticket.Event) Event {
	out := Event{Name: string(e.Type), Actor: personOf(e.Actor), Rule: e.Cause.Rule}
	for _, c := range e.Changes[:min(len(e.Changes), MaxList)] {
		name := c.Field
		if code, custom := c.CustomField(); custom {
			name = customPrefix + code
		}
		out.Changed = append(out.Changed, name)
	}
	return out
}

func messageOf(m *ticket.Message) Message {
	out := Message{Kind: string(m.Kind), Author: personOf(m.Author), Channel: string(m.Author.Channel), Files: float64(len(m.Files))}
	out.Automatic = m.Mail != nil && m.Mail.Automatic
	for _, f := range m.Files[:min(len(m.Files), MaxList)] {
		out.FileNames = append(out.FileNames, cut(f.Name, MaxEntry))
	}
	out.Body = sync.OnceValues(func() (string, error) { return plain(m), nil })
	return out
}

func lastMessage(s Source) Lazy {
	if s.LastMessage == nil {
		if s.Message == nil || !s.Message.Kind.Public() {
			return nil
		}
		m := s.Message
		s.LastMessage = func() (*ticket.Message, error) { return m, nil }
	}
	return sync.OnceValues(func() (string, error) {
		m, err := s.LastMessage()
		if err != nil || m == nil {
			return "", err
		}
		return plain(m), nil
	})
}

// plain is what somebody wrote in a message, as text.
func plain(m *ticket.Message) string {
	text := m.Reply()
	if m.Format == ticket.HTML {
		text = strings.TrimSpace(markup.Strip(cut(text, 4*MaxText), " "))
	}
	return cut(text, MaxText)
}

func personOf(a ticket.Actor) Person {
	return Person{Kind: string(a.Kind), ID: a.ID, Name: line(a.Name), Email: ticket.NormalizeEmail(line(a.Email))}
}

func side(k ticket.ActorKind) string {
	if k == ticket.ActorGuest {
		k = ticket.ActorClient
	}
	return string(k)
}

// hours is how long ago t is; a number that is not set, if t is none.
func hours(now, t time.Time) float64 {
	if t.IsZero() {
		return unset()
	}
	return now.Sub(t).Hours()
}

func line(s string) string { return cut(s, MaxLine) }

// cut shortens s to n bytes, and to what is valid UTF-8 at its end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// short is the list without what conditions do not see of it. Most lists are returned as they are.
func short(list []string) []string {
	list = list[:min(len(list), MaxList)]
	for i, s := range list {
		if len(s) > MaxEntry {
			out := append([]string(nil), list[:i]...)
			for _, s := range list[i:] {
				out = append(out, cut(s, MaxEntry))
			}
			return out
		}
	}
	return list
}
