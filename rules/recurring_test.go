package rules_test

import (
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// weekly opens a ticket each Monday at nine in Berlin; the clock of a test begins on such a Monday, at ten there.
func weekly() rules.Recurring {
	return rules.Recurring{Code: "weekly", Name: "Weekly", Rule: "DTSTART:20260105T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO", Zone: "Europe/Berlin",
		Ticket: rules.TicketTemplate{Subject: "Water the plants", Body: "All of them", Requester: ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}}}
}
