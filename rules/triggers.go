package rules

import (
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// part is the triggers that one kind of news of an event gives, in their order. message is the one that the event is
// about, or nil.
type part func(e *ticket.Event, message *ticket.Message) []Trigger

// triggersOf are all that an event gives, as rules get to see them.
func triggersOf(e *ticket.Event, message *ticket.Message) (out []Trigger) {
	for _, of := range []part{opened, said, changed, rated, dated} {
		out = append(out, of(e, message)...)
	}
	return out
}

// eventNames are those that conditions get to see: of events, and of the targets of deadlines.
func eventNames() []string {
	out := texts([]ticket.EventType{ticket.EventCreated, ticket.EventReplied, ticket.EventNoted, ticket.EventUpdated, ticket.EventRated})
	return append(out, texts(sla.Targets())...)
}

// opened is a new ticket; one that staff opened begins with their reply (M54).
func opened(e *ticket.Event, m *ticket.Message) []Trigger {
	switch {
	case e.Type != ticket.EventCreated:
		return nil
	case e.Actor.Kind == ticket.ActorStaff && m != nil && m.Kind.Public():
		return []Trigger{Created, Changed, StaffReplied}
	}
	return []Trigger{Created}
}

// said is a message. Robots are nobody's reply: what Mail.Automatic says of a mail holds for rules, too (X21), and so what
// the desk writes by itself: a rule's reply, and the chaser of a ticket that closes itself.
func said(e *ticket.Event, m *ticket.Message) []Trigger {
	if e.Type != ticket.EventReplied && e.Type != ticket.EventNoted {
		return nil
	}
	switch staff := e.Actor.Kind == ticket.ActorStaff || e.Actor.Kind == ticket.ActorSystem; {
	case m == nil, m.Mail != nil && m.Mail.Automatic:
		return nil
	case e.Actor.Kind == ticket.ActorStaff && m.Kind.Public():
		return []Trigger{StaffReplied}
	case staff && m.Kind == ticket.KindNote:
		return []Trigger{Noted}
	case staff:
		return nil // to a third party, or by the desk itself
	case m.Kind == ticket.KindReply:
		return []Trigger{CustomerReplied}
	}
	return []Trigger{ThirdPartyReplied}
}

// changed is what became of the ticket, by itself or with a message.
func changed(e *ticket.Event, _ *ticket.Message) (out []Trigger) {
	switch e.Type {
	case ticket.EventUpdated, ticket.EventReplied, ticket.EventNoted:
	default:
		return nil
	}
	if !slices.ContainsFunc(ticket.Decisions(e.Changes), func(c ticket.Change) bool { return !isTrace(c.Field) }) {
		return nil
	}
	out = append(out, Changed)
	if _, ok := e.Changed("assignee"); ok {
		out = append(out, Assigned)
	}
	if c, ok := e.Changed("converted"); ok && c.New != "" {
		out = append(out, Converted)
	}
	return out
}

func rated(e *ticket.Event, _ *ticket.Message) []Trigger {
	if e.Type != ticket.EventRated {
		return nil
	}
	return []Trigger{Rated}
}

// dated is a stage of a deadline that has passed.
func dated(e *ticket.Event, _ *ticket.Message) []Trigger {
	switch _, stage := deadlineOf(e); stage {
	case "":
		return nil
	case sla.Breach:
		return []Trigger{DeadlineMissed}
	}
	return []Trigger{DeadlineNear}
}

// deadlineOf is the target and the stage of it that an event says has passed.
func deadlineOf(e *ticket.Event) (target, stage string) {
	if e == nil {
		return "", ""
	}
	c, _ := e.Changed(fieldDeadline)
	target, stage, _ = strings.Cut(c.New, " ")
	return target, stage
}

// detailOf says which warning of a deadline an event tells of: "75%" of the time has passed, or "30m" are left.
func detailOf(e *ticket.Event) string {
	_, stage := deadlineOf(e)
	span, isWarning := strings.CutPrefix(stage, "warning:")
	if isWarning && strings.HasSuffix(span, "m0s") {
		span = strings.TrimSuffix(span, "0s")
	}
	if isWarning && strings.HasSuffix(span, "h0m") {
		span = strings.TrimSuffix(span, "0m")
	}
	return span
}

// of reports whether the rule is looked at for the trigger.
func (r *Rule) of(t Trigger) bool { return !r.Inactive && slices.Contains(r.On, t) }
