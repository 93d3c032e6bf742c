package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ledger is the host's billing. It knows an invoice again by its key.
type ledger map[string]string

func (l ledger) Invoice(_ context.Context, inv ticket.Invoice) (string, error) {
	if l[inv.Key] == "" {
		l[inv.Key] = fmt.Sprintf("2026-%04d", len(l)+1)
		fmt.Printf("bill %s for %s\n", inv.Ticket.Requester.Name, inv.Total)
	}
	return l[inv.Key], nil
}

// Working time: a timer, entries by hand, sums, and an invoice of what is billable.
func ExampleDesk_Time() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Now: func() time.Time { return now }, Invoicer: ledger{}})
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)
	clock := desk.Time()

	_, err = clock.Start(bob, t.ID, &helpdesk.TimerOptions{Billable: true})
	check(err)
	now = now.Add(20 * time.Minute)
	running, err := clock.Running(bob)
	check(err)
	fmt.Println("running for", running.Elapsed)
	_, err = clock.Stop(bob, "soldered it")
	check(err)

	e, err := clock.Log(bob, t.ID, ticket.TimeEntry{Duration: ticket.Duration(time.Hour), Note: "drove there"})
	check(err)
	e, err = clock.Edit(bob, e.ID, ticket.TimePatch{Billable: new(true)})
	check(err)
	e, err = clock.Entry(bob, e.ID)
	check(err)
	fmt.Println(e.Note, e.Duration)

	sum, err := clock.Sum(bob, ticket.Query{Requester: "42"})
	check(err)
	fmt.Println("unbilled of Ann's:", sum.Unbilled())
	inv, err := clock.Invoice(bob, t.ID)
	check(err)
	fmt.Println("invoice", inv.Reference)
	_, err = clock.VoidInvoice(bob, inv.ID) // only one that the books never took can be given up
	fmt.Println("stays:", errors.Is(err, ticket.ErrConflict))

	_, err = clock.Start(bob, t.ID, nil)
	check(err)
	check(clock.Cancel(bob))
	oops, err := clock.Log(bob, t.ID, ticket.TimeEntry{Duration: ticket.Duration(time.Minute)})
	check(err)
	check(clock.Delete(bob, oops.ID))
	page, err := clock.Entries(bob, ticket.TimeQuery{TicketID: t.ID})
	check(err)
	invoices, err := clock.Invoices(bob, t.ID)
	check(err)
	fmt.Println(len(page.Entries), "entries on", len(invoices), "invoice")
	// Output:
	// running for 20m0s
	// drove there 1h0m0s
	// unbilled of Ann's: 1h20m0s
	// bill Ann for 1h20m0s
	// invoice 2026-0001
	// stays: true
	// 2 entries on 1 invoice
}
