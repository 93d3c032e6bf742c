package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The catalogue is what tickets can be in. Its changes stand in the journal of the desk.
func ExampleCatalog() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	host := ticket.WithActor(ctx, ticket.System("shop"))

	check(desk.Catalog().PutBrand(host, ticket.Brand{Code: "outlet", Name: "Outlet", TicketPrefix: "OUT", Zone: "Europe/Berlin"}))
	check(desk.Catalog().PutPriority(host, ticket.Priority{Code: "urgent", Name: "Urgent", Labels: ticket.Label{"de": "Dringend"}, Sort: 40}))
	check(desk.Catalog().DeletePriority(host, "low"))
	priorities, err := desk.Catalog().Priorities(host)
	check(err)
	for _, p := range priorities {
		fmt.Println(p.Code, p.Labels.In("outlet", "de-AT", p.Name))
	}

	// Of two administrators who edit the same page of settings, the second hears of it.
	layer := ticket.BrandLayer("outlet")
	_, version, err := desk.Settings().Layer(host, layer)
	check(err)
	check(desk.Settings().Put(host, layer, ticket.SettingsPatch{CodeFormat: new("number")}, version))
	err = desk.Settings().Put(host, layer, ticket.SettingsPatch{CodeFormat: new("random")}, version)
	fmt.Println(errors.Is(err, ticket.ErrConflict))

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces.", Brand: "outlet"})
	check(err)
	fmt.Println(t.Code)

	statuses, err := desk.Catalog().Statuses(host)
	check(err)
	departments, err := desk.Catalog().Departments(host)
	check(err)
	brands, err := desk.Catalog().Brands(host)
	check(err)
	fmt.Println(len(statuses), len(departments), len(brands))

	events, err := desk.Journal(host, ticket.EventQuery{Types: []ticket.EventType{ticket.EventCatalog, ticket.EventSettings}})
	check(err)
	for _, e := range events {
		fmt.Println(e.Type, e.Subject)
	}
	// Output:
	// medium Medium
	// high High
	// urgent Dringend
	// true
	// OUT-1
	// 3 1 2
	// catalog_changed brand/outlet
	// catalog_changed priority/urgent
	// catalog_changed priority/low
	// settings_changed settings/brand/outlet
}
