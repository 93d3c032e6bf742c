package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A provider of shops has a desk for each of them. One fleet delivers for all, with a bounded number of goroutines.
func ExampleFleet() {
	ctx, cancel := context.WithCancel(context.Background())
	fleet := helpdesk.NewFleet(&helpdesk.FleetConfig{Workers: 8})
	told := make(chan string)
	desks := map[string]*helpdesk.Desk{}
	for _, name := range []string{"lamps", "chairs"} {
		s := memory.New(nil) // or, of one database: postgres.Use(ctx, pool, &postgres.Options{TablePrefix: name + "_"})
		defer s.Close()
		desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
		check(err)
		defer desk.Stop(ctx)
		desk.Hooks().TicketCreated.Bind("shop", func(_ context.Context, e hooks.Created) error {
			told <- name + " hear of ticket " + fmt.Sprint(e.Ticket.ID)
			return nil
		})
		check(fleet.Add(ctx, name, desk))
		desks[name] = desk
	}
	ended := make(chan error)
	go func() { ended <- fleet.Run(ctx) }()

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	for _, name := range []string{"chairs", "lamps"} {
		_, err := desks[name].CreateTicket(ann, ticket.Draft{Subject: "Broken", Body: "It arrived in two pieces."})
		check(err)
		fmt.Println(<-told)
	}
	cancel()
	check(<-ended)
	check(fleet.Remove(context.Background(), "lamps")) // a shop closes: its desk may be stopped, and its store closed
	fmt.Println("desks:", fleet.Health().Desks, "failing:", len(fleet.Health().Failing))
	// Output:
	// chairs hear of ticket 1
	// lamps hear of ticket 1
	// desks: 1 failing: 0
}
