package sla_test

import (
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func Example() {
	set, err := sla.NewSet(
		[]sla.Policy{{
			Code: "gold", Name: "Gold", Calendar: "office", For: sla.Match{Priorities: []string{"high"}},
			FirstResponse: sla.Goal{Within: ticket.Duration(4 * time.Hour), Warn: []sla.Warning{{Percent: 75}}},
		}},
		[]calendar.Calendar{{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened := time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC) // a Monday
	t := &ticket.Ticket{ID: 1, Priority: "high", Status: "open", Class: ticket.ClassNew, Folder: ticket.Inbox, CreatedAt: opened}
	messages := []*ticket.Message{{Kind: ticket.KindReply, Author: ticket.Guest("Ann", "ann@example.com"), CreatedAt: opened}}
	clocks, err := set.Clocks(sla.History{Ticket: t, Messages: messages}, opened.Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range clocks {
		fmt.Println(c.Target, c.State, c.Deadline, c.Remaining)
		for _, e := range c.Explain() {
			fmt.Println(e.From.Format("Mon 15:04"), e.To.Format("Mon 15:04"), e.Why, e.Counted)
		}
	}
	// Output:
	// first_response running 2026-01-06 11:00:00 +0000 UTC 3h0m0s
	// Mon 15:00 Mon 17:00 open 2h0m0s
	// Mon 17:00 Tue 09:00 closed 0s
	// Tue 09:00 Tue 11:00 open 2h0m0s
}
