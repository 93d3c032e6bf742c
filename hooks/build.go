package hooks

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func buildCreated(o Occurrence) Created   { return Created{o.meta(), o.Ticket, o.Message} }
func buildMessaged(o Occurrence) Messaged { return Messaged{o.meta(), o.Ticket, o.Message} }
func buildUpdated(o Occurrence) Updated   { return Updated{o.meta(), o.Ticket, o.Event.Changes} }
func buildRejected(o Occurrence) Rejected {
	gateway, _ := o.Event.Changed("gateway")
	mail, _ := o.Event.Changed("mail")
	id, _ := strconv.ParseInt(mail.New, 10, 64)
	may, _ := o.Event.Changed("may_answer")
	return Rejected{o.meta(), gateway.New, id, o.Event.Actor.Person().String(), o.Event.Subject, o.Event.Detail, may.New == "true"}
}
func buildConfigured(o Occurrence) Configured {
	return Configured{o.meta(), o.Event.Subject, o.Event.Changes}
}

func buildRemoved(o Occurrence) Removed {
	code, title, _ := strings.Cut(o.Event.Subject, " ")
	id := o.Event.TicketID
	if c, ok := o.Event.Changed("ticket"); ok { // a purged ticket has no events: this one belongs to the desk
		id, _ = strconv.ParseInt(c.Old, 10, 64)
	}
	return Removed{o.meta(), id, o.Ticket, code, title}
}

func buildChanged(field string) func(Occurrence) Changed {
	return func(o Occurrence) Changed {
		c, _ := o.Event.Changed(field)
		return Changed{o.meta(), o.Ticket, c.Old, c.New}
	}
}

func buildTagged(o Occurrence) Tagged {
	c, _ := o.Event.Changed("tags")
	t := Tagged{Meta: o.meta(), Ticket: o.Ticket, Old: stringList(c.Old), New: stringList(c.New)}
	for _, s := range t.New {
		if !slices.Contains(t.Old, s) {
			t.Added = append(t.Added, s)
		}
	}
	for _, s := range t.Old {
		if !slices.Contains(t.New, s) {
			t.Removed = append(t.Removed, s)
		}
	}
	return t
}

func buildFielded(o Occurrence) Fielded {
	f := Fielded{Meta: o.meta(), Ticket: o.Ticket, Old: map[string]string{}, New: map[string]string{}}
	for _, c := range o.Event.Changes {
		if code, ok := c.CustomField(); ok {
			f.Old[code], f.New[code] = c.Old, c.New
		}
	}
	return f
}

// onFields matches any entry that changed custom fields, except the one that opened the ticket.
func onFields(e *ticket.Event) bool {
	return e.TicketID != 0 && slices.ContainsFunc(e.Changes, func(c ticket.Change) bool {
		_, ok := c.CustomField()
		return ok
	})
}

// The events of merging, splitting, rating and dead letters carry their particulars as changes.

func buildMoved(o Occurrence) Moved {
	c, _ := o.Event.Changed("tickets")
	m := Moved{Meta: o.meta(), Ticket: o.Ticket}
	_ = json.Unmarshal([]byte(c.New), &m.Others) // the desk wrote it
	return m
}

func buildRated(o Occurrence) Rated {
	c, _ := o.Event.Changed("rating")
	return Rated{o.meta(), o.Ticket, o.Message, c.New, o.Event.Detail}
}

func buildTimed(o Occurrence) Timed {
	id, c := numbered(o.Event, "time/")
	before, _ := time.ParseDuration(c.Old)
	after, _ := time.ParseDuration(c.New)
	return Timed{o.meta(), o.Ticket, id, before, after}
}

func buildInvoiced(o Occurrence) Invoiced {
	id, c := numbered(o.Event, "invoice/")
	return Invoiced{o.meta(), o.Ticket, id, c.New}
}

func buildVoided(o Occurrence) Voided {
	id, c := numbered(o.Event, "invoice/")
	return Voided{o.meta(), o.Ticket, id, c.Old}
}

// numbered returns the change whose field is the prefix and a number.
func numbered(e *ticket.Event, prefix string) (id int64, c ticket.Change) {
	for _, c := range e.Changes {
		if n, ok := strings.CutPrefix(c.Field, prefix); ok {
			id, _ := strconv.ParseInt(n, 10, 64)
			return id, c
		}
	}
	return 0, c
}

func buildDead(o Occurrence) Dead {
	c, _ := o.Event.Changed("delivery")
	id, _ := strconv.ParseInt(c.New, 10, 64)
	point, binding, _ := strings.Cut(o.Event.Subject, "|")
	return Dead{o.meta(), id, point, binding, o.Event.Detail}
}

func stringList(s string) []string {
	var out []string
	if s == "" || json.Unmarshal([]byte(s), &out) != nil {
		return nil
	}
	return out
}

// Matchers: which journal entries a point sees.

func onType(types ...ticket.EventType) func(*ticket.Event) bool {
	return func(e *ticket.Event) bool { return slices.Contains(types, e.Type) }
}

// onChange matches any entry that changed field, except the one that opened the ticket.
func onChange(field string) func(*ticket.Event) bool {
	return func(e *ticket.Event) bool {
		_, ok := e.Changed(field)
		return ok && e.TicketID != 0
	}
}

// onUpdate matches changed properties, by themselves or with a message: what a reply sets, or the settings set for it.
func onUpdate(e *ticket.Event) bool {
	switch e.Type {
	case ticket.EventUpdated:
		return true
	case ticket.EventReplied, ticket.EventNoted:
		return len(ticket.Decisions(e.Changes)) > 0
	}
	return false
}

// onReply matches public messages of any sender.
func onReply(e *ticket.Event) bool { return e.Type == ticket.EventReplied }

// onEntering matches a change into one of the classes from outside them.
func onEntering(classes ...ticket.Class) func(*ticket.Event) bool {
	return func(e *ticket.Event) bool {
		c, ok := e.Changed("class")
		return ok && slices.Contains(classes, ticket.Class(c.New)) && !slices.Contains(classes, ticket.Class(c.Old))
	}
}

// onSolved matches the moment at which the desk counts a ticket as solved, by its own list of solved statuses (M27).
func onSolved(e *ticket.Event) bool {
	c, ok := e.Changed("solved_at")
	return ok && c.Old == "" && c.New != ""
}

// onReopened matches a change from done to not done.
func onReopened(e *ticket.Event) bool {
	c, ok := e.Changed("class")
	return ok && ticket.Class(c.Old).Done() && !ticket.Class(c.New).Done()
}
