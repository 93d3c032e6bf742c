package condition

import (
	"slices"
	"strings"
)

// Facts are what can be said of a condition without running it.
type Facts struct {
	Fields []string `json:"fields,omitempty"` // the names of those that it asks for, as they are written: before.status
	// Timestamps are those that it asks for, in whatever way: ticket.created_at for hours_since_created.
	Timestamps  []string    `json:"timestamps,omitempty"`
	Thresholds  []Threshold `json:"thresholds,omitempty"`
	Message     bool        `json:"message,omitempty"`      // asks for the message of the event
	LastMessage bool        `json:"last_message,omitempty"` // asks for the last public message
	Group       bool        `json:"group,omitempty"`        // asks for the requester's group
	Event       bool        `json:"event,omitempty"`        // asks for what happened, or how the ticket was before
	// Drifts says that it asks for the time otherwise than by Thresholds: it can come true at any moment, and no more
	// can be told.
	Drifts  bool `json:"drifts,omitempty"`
	Changes bool `json:"changes,omitempty"` // asks what has changed, by changed, changed_to or changed_from
}

// Threshold is a comparison of the hours since a time with a number: the ticket crosses it, with no change to the ticket.
type Threshold struct {
	Timestamp string  `json:"timestamp"` // ticket.last_reply_at
	Hours     float64 `json:"hours"`
	Operator  string  `json:"operator"` // >, >=, < or <=, the timestamp on the left
}

// stampOf is the time that a field of hours counts from.
func stampOf(f *Field) string {
	switch f.Name {
	case "hours_since_created":
		return "ticket.created_at"
	case "hours_since_changed":
		return "ticket.updated_at"
	case "hours_since_last_reply":
		return "ticket.last_reply_at"
	}
	return f.Name
}

// Facts returns what can be said of the condition.
func (c *Condition) Facts() Facts {
	var f Facts
	if c.root != nil {
		f.of(c.root, c.schema.Clock)
	}
	return f
}

func (f *Facts) of(n *node, clock bool) {
	if t, ok := thresholdOf(n, clock); ok {
		add(&f.Thresholds, t)
		for _, a := range n.args {
			for p := range a.parts {
				f.field(p)
			}
		}
		return
	}
	f.field(n)
	switch {
	case n.ages(), n.op == opField && n.field.Name == "now", n.op == opCall && n.name == "hours_since":
		f.Drifts = true
	case n.op == opCall && strings.HasPrefix(n.name, "changed"):
		f.Event, f.Changes = true, true
		was := *n.args[0]
		was.past = true
		f.field(&was)
	}
	for _, a := range n.args {
		f.of(a, clock)
	}
}

func (f *Facts) field(n *node) {
	if n.op != opField {
		return
	}
	name := n.field.Name
	if n.past {
		name, f.Event = n.field.earlier(), true
	}
	add(&f.Fields, name)
	stamp := stampOf(n.field)
	switch {
	case stamp != n.field.Name, n.field.Kind == Time && name != "now":
		if !n.past {
			add(&f.Timestamps, stamp)
		}
	case name == "ticket.last_message":
		f.LastMessage = true
	case strings.HasPrefix(name, "message."):
		f.Message = true
	case strings.HasPrefix(name, "event."):
		f.Event = true
	case n.field.Name == "ticket.requester.group":
		f.Group = true
	}
}

// thresholdOf reads a comparison as a threshold of what is now.
func thresholdOf(n *node, clock bool) (t Threshold, ok bool) {
	if len(n.args) != 2 {
		return t, false
	}
	op := n.op
	if clock {
		op = crossing(n, op)
	}
	since := n.args[0]
	stamp, hours, ok := threshold(since, n.args[1])
	if !ok {
		since, op = n.args[1], turned(op)
		stamp, hours, ok = threshold(since, n.args[0])
	}
	if since.op == opCall {
		since = since.args[0]
	}
	if !ok || since.past || !slices.Contains([]string{"<", "<=", ">", ">="}, op) {
		return t, false
	}
	return Threshold{Timestamp: stampOf(stamp), Hours: hours, Operator: op}, true
}

// turned is the operator with its sides exchanged.
func turned(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

func add[T comparable](list *[]T, v T) {
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

// Warnings are what the condition may not have been meant to say, in the order of their places: values that the desk has
// not, which Compile takes, for lists of the desk change while rules stay; and that it never, or always, holds.
func (c *Condition) Warnings() []*Warning {
	out := slices.Clone(c.warnings)
	if reason, never := c.Never(); never && len(out) == 0 {
		out = append(out, &Warning{Line: 1, Column: 1, Message: "can never be true: " + reason})
	}
	if c.root != nil && c.Always() {
		out = append(out, &Warning{Line: 1, Column: 1, Message: "is always true, whatever the ticket is: leave it empty"})
	}
	slices.SortStableFunc(out, func(a, b *Warning) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return out
}
