package condition_test

import (
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func Example() {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	t := &ticket.Ticket{Subject: "My lamp", Status: "open", LastReplyAt: now.Add(-80 * time.Hour)}

	c, err := condition.Compile(`ticket.status == "open" and hours_since_last_reply > 72`, &condition.Schema{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Match(condition.NewVars(condition.Source{Ticket: t, Now: now})))
	t.Status = "closed"
	fmt.Println(c.Explain(condition.NewVars(condition.Source{Ticket: t, Now: now})).Says)

	_, err = condition.Compile(`ticket.statsu == "open"`, &condition.Schema{})
	fmt.Println(err)
	// Output:
	// true <nil>
	// did not match: ticket.status was "closed", not "open"
	// line 1, column 1: ticket.statsu is not known: did you mean ticket.status?
}

func ExampleFromGroup() {
	text, err := condition.FromGroup(condition.Group{Mode: condition.Any, Conditions: []condition.Item{
		{Field: "ticket.subject", Operator: condition.Contains, Values: []string{"Order"}},
		{Field: "ticket.tags", Operator: condition.Contains, Values: []string{"problem"}},
	}}, &condition.Schema{})
	fmt.Println(text, err)
	// Output: lower(ticket.subject) contains "order" or "problem" in ticket.tags <nil>
}

func ExampleCondition_Warnings() {
	c, err := condition.Compile(`ticket.status == "clsed"`, &condition.Schema{Statuses: []string{"open", "closed"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range c.Warnings() {
		fmt.Println(w)
	}
	// Output: line 1, column 18: ticket.status is never "clsed": the desk has no such value: did you mean "closed"?
}

func ExampleCondition_Narrow() {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	c, err := condition.Compile(`hours_since_last_reply == 720 and ticket.status == "open"`, &condition.Schema{Clock: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, q := range c.Narrow(now, now.Add(-time.Hour)) {
		fmt.Println(q.Statuses, q.UpdatedFrom.Format(time.DateTime), q.LastReplyFrom.Format(time.DateTime), q.LastReplyTo.Format(time.DateTime))
	}
	// Output:
	// [open] 2026-11-20 11:00:00 0001-01-01 00:00:00 2026-10-21 12:00:01
	// [open] 0001-01-01 00:00:00 2026-10-21 10:59:59 2026-10-21 12:00:01
}
