package hooks

import (
	"maps"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// params turns a payload into the keys of the panels that s names.
func (r *Registry) params(in any, s style) Params {
	p := Params{}
	if s&styleSource != 0 {
		maps.Copy(p, r.sourceParams(in))
	}
	if s&styleAlias != 0 {
		maps.Copy(p, r.aliasParams(in))
	}
	return p
}

// parts is what any payload has of these.
type parts struct {
	actor    ticket.Actor
	ticket   *ticket.Ticket
	message  *ticket.Message
	creation bool
	old, new string
	changed  bool
	more     Params
}

func split(in any) parts {
	switch in := in.(type) {
	case Creating:
		return parts{actor: in.Actor, ticket: draftTicket(in), creation: true, message: &ticket.Message{Body: in.Draft.Body, Encrypted: in.Draft.Encrypted, Author: in.Actor}}
	case Replying:
		return parts{actor: in.Actor, ticket: in.Ticket, message: draftMessage(in)}
	case Updating:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"changes": in.Changes}}
	case Deleting:
		return parts{actor: in.Actor, ticket: in.Ticket}
	case Merging:
		return parts{actor: in.Actor, ticket: in.Target, more: Params{"others": idsOf(in.Sources), "undo": in.Undo}}
	case Splitting:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"messages": in.Split.Messages}}
	case Editing:
		return parts{actor: in.Actor, ticket: in.Ticket, message: in.Message, more: Params{"body": in.Body}}
	case Attaching:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"filename": in.File.Name, "mime_type": in.File.Type}}
	case Scanning:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"filename": in.File.Name, "mime_type": in.File.Type, "size": in.File.Size, "sha256": in.File.Blob}}
	case Mailing:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"subject": in.Subject, "message": in.Text, "from": in.Actor.Email}}
	case Committing:
		return parts{actor: in.Actor, ticket: in.After, message: in.Message, creation: in.Before == nil}
	case Suggesting:
		return parts{actor: in.Actor, more: Params{"subject": in.Subject, "message": in.Body}}
	case Account:
		return parts{actor: in.Actor, more: Params{"name": in.Name, "email": in.Email}}
	case Transliterating:
		return parts{actor: in.Actor, more: Params{"subject": in.Field, "text": in.Text}}
	case Page:
		return parts{actor: in.Actor, ticket: in.Ticket}
	}
	return splitEvent(in)
}

func idsOf(list []*ticket.Ticket) []int64 {
	out := make([]int64, len(list))
	for i, t := range list {
		out[i] = t.ID
	}
	return out
}

func splitEvent(in any) parts {
	switch in := in.(type) {
	case Created:
		return parts{actor: in.Actor, ticket: in.Ticket, message: in.Message, creation: true}
	case Messaged:
		return parts{actor: in.Actor, ticket: in.Ticket, message: in.Message}
	case Updated:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"changes": in.Changes}}
	case Changed:
		return parts{actor: in.Actor, ticket: in.Ticket, old: in.Old, new: in.New, changed: true}
	case Tagged:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"added": in.Added, "removed": in.Removed}}
	case Fielded:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"old_fields": in.Old, "new_fields": in.New}}
	case Removed:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"id": in.TicketID, "code": in.Code, "title": in.Title}}
	case Moved:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"others": in.Others}}
	case Rated:
		return parts{actor: in.Actor, ticket: in.Ticket, message: in.Message, more: Params{"grade": in.Grade, "comment": in.Comment}}
	case Timed:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"entry": in.Entry, "before": in.Before, "after": in.After}}
	case Invoiced:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"invoice": in.Invoice, "reference": in.Reference}}
	case Voided:
		return parts{actor: in.Actor, ticket: in.Ticket, more: Params{"invoice": in.Invoice, "key": in.Key}}
	case Rejected:
		return parts{actor: in.Actor, more: Params{"gateway": in.Gateway, "mail": in.Mail, "from": in.From, "subject": in.Subject, "reason": in.Reason, "may_answer": in.MayAnswer}}
	case Dead:
		return parts{actor: in.Actor, more: Params{"delivery": in.Delivery, "point": in.Point, "binding": in.Binding, "reason": in.Reason}}
	case Configured:
		return parts{actor: in.Actor, more: Params{"what": in.What, "changes": in.Changes}}
	}
	return parts{}
}

// draftTicket is a draft as the ticket that it would become, as far as that is known before the write.
func draftTicket(in Creating) *ticket.Ticket {
	d := in.Draft
	requester := d.Requester
	if in.Actor.IsCustomer() {
		requester = in.Actor.Person()
	}
	return &ticket.Ticket{Brand: d.Brand, Department: d.Department, Subject: d.Subject, Status: d.Status, Class: ticket.ClassNew, Priority: d.Priority,
		Requester: requester, Service: d.Service, Assignee: d.Assignee, Fields: d.Fields, Channel: in.Actor.Channel}
}

func draftMessage(in Replying) *ticket.Message {
	m := &ticket.Message{Kind: in.Draft.Kind, Body: in.Draft.Body, Format: in.Draft.Format, Encrypted: in.Draft.Encrypted, Author: in.Actor}
	if in.Ticket != nil {
		m.TicketID = in.Ticket.ID
	}
	return m
}

// sourceParams has the keys of the panel whose hook names the points carry: a ticket's own at the top, or, where a
// reply is concerned, the ticket under "request" and the reply under "reply".
func (r *Registry) sourceParams(in any) Params {
	x := split(in)
	out := Params{}
	if x.ticket != nil {
		out = r.ticketParams(x.ticket)
	}
	switch {
	case x.creation && x.message != nil:
		out["message"] = x.message.Body
	case x.message != nil:
		out = Params{"request": out, "reply": r.replyParams(x.message)}
	}
	maps.Copy(out, x.more)
	if x.changed {
		out["old"], out["new"] = x.old, x.new
	}
	out["actor_kind"], out["actor_id"] = string(x.actor.Kind), x.actor.ID
	return out
}

func (r *Registry) ticketParams(t *ticket.Ticket) Params {
	fields := map[string]string{}
	maps.Copy(fields, t.Fields)
	return Params{
		"id": t.ID, "did": t.Department, "user_id": t.Requester.ID, "status": sourceStatus(t.Class), "locked": flag(t.Locked),
		"priority": r.rank(t.Priority), "title": t.Subject, "ctime": r.stamp(t.CreatedAt), "lastreply": r.stamp(t.LastReplyAt),
		// The source counts the other way round: 0 is "has not read it".
		"userunread": flag(!t.UnreadByClient), "adminunread": flag(!t.UnreadByStaff),
		"service": t.Service, "assigned": t.Assignee, "assignedBy": t.AssignedBy, "custom_fields": fields, "code": t.Code,
	}
}

func (r *Registry) replyParams(m *ticket.Message) Params {
	return Params{
		"id": m.ID, "user_id": m.Author.ID, "owner_id": m.TicketID, "admin": flag(!m.Author.IsCustomer()), "name": m.Author.Name,
		"encrypted": flag(m.Encrypted), "message": m.Body, "ctime": r.stamp(m.CreatedAt), "ip": m.Author.IP,
	}
}

// aliasParams has the keys of the panel whose hook names are the aliases.
func (r *Registry) aliasParams(in any) Params {
	x := split(in)
	out := Params{}
	if t := x.ticket; t != nil {
		maps.Copy(out, Params{"ticketid": t.ID, "ticketId": t.ID, "ticketmask": t.Code, "userid": t.Requester.ID, "deptid": t.Department,
			"deptname": r.departmentName(t.Department), "subject": t.Subject, "status": r.statusName(t.Status), "priority": r.priorityName(t.Priority)})
	}
	if m := x.message; m != nil {
		maps.Copy(out, Params{"message": m.Body, "replyid": m.ID, "replyId": m.ID})
	}
	if !x.actor.IsCustomer() {
		maps.Copy(out, Params{"adminid": x.actor.ID, "adminId": x.actor.ID, "admin": x.actor.Name, "adminname": x.actor.Name})
	}
	if moved, ok := in.(Moved); ok {
		maps.Copy(out, Params{"masterTicketId": out["ticketid"], "mergedTicketIds": moved.Others})
	}
	maps.Copy(out, x.more)
	return out
}

func sourceStatus(c ticket.Class) string {
	switch c {
	case ticket.ClassOpen:
		return "process"
	case ticket.ClassPending:
		return "replied"
	case ticket.ClassSolved, ticket.ClassClosed:
		return "solved"
	}
	return "waiting"
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Names gives the panels' values what the catalogue of the desk knows. A nil function falls back to the code.
type Names struct {
	Zone       func() *time.Location     // of the time stamps; default UTC
	Rank       func(priority string) int // 1 low, 2 medium, 3 high
	Department func(code string) string
	Status     func(code string) string
	Priority   func(code string) string
}

// SetNames tells the registry of a desk's catalogue. The desk calls it once, before anything is bound.
func (r *Registry) SetNames(n Names) { r.names = n }

func (r *Registry) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := time.UTC
	if r.names.Zone != nil {
		zone = r.names.Zone()
	}
	return t.In(zone).Format(time.DateTime)
}

func (r *Registry) rank(code string) int {
	if r.names.Rank != nil {
		return r.names.Rank(code)
	}
	return 2
}

func (r *Registry) departmentName(code string) string { return named(r.names.Department, code) }
func (r *Registry) statusName(code string) string     { return named(r.names.Status, code) }
func (r *Registry) priorityName(code string) string   { return named(r.names.Priority, code) }

func named(f func(string) string, code string) string {
	if f == nil {
		return code
	}
	return f(code)
}
