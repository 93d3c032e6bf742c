package scan_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store/scan"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A store that can yield its tickets answers all that a desk asks about them.
func Example() {
	noon := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	stored := []*ticket.Ticket{
		{ID: 1, Subject: "Broken lamp", Department: "support", UpdatedAt: noon},
		{ID: 2, Subject: "Invoice", Department: "billing", UpdatedAt: noon.Add(time.Minute)},
		{ID: 3, Subject: "Lost parcel", Department: "support", UpdatedAt: noon.Add(time.Hour)},
	}
	scope := ticket.Scope{Places: []ticket.Place{{Department: "support"}}}
	page, err := scan.Page(slices.Values(stored), ticket.Query{Limit: 1}, scope)
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Tickets[0].Subject)
	page, err = scan.Page(slices.Values(stored), ticket.Query{Limit: 1, Cursor: page.Next}, scope)
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Tickets[0].Subject, page.Next == "")
	n, err := scan.Count(slices.Values(stored), ticket.Query{}, scope, 10)
	if err != nil {
		panic(err)
	}
	fmt.Println(n)
	// Output:
	// Lost parcel
	// Broken lamp true
	// 2
}
