package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Hooks by name, for code that comes from a billing panel: the names and keys are the panel's.
func Example_namedHooks() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Inline})
	check(err)
	defer desk.Stop(ctx)

	check(desk.Hooks().BindNamed("TicketOpen", "acme.log", func(_ context.Context, in hooks.Params) (hooks.Result, error) {
		fmt.Println("opened:", in["subject"], "in", in["deptname"])
		return hooks.Result{}, nil
	}))
	check(desk.Hooks().BindNamed("TicketOpenValidation", "acme.subject", func(_ context.Context, in hooks.Params) (hooks.Result, error) {
		if len(in["subject"].(string)) < 5 {
			return hooks.Result{Fields: map[string]string{"subject": "is too short"}}, nil
		}
		return hooks.Result{}, nil
	}))
	err = desk.Hooks().BindNamed("TicketOpned", "acme.log", func(context.Context, hooks.Created) error { return nil })
	fmt.Println(errors.Is(err, hooks.ErrUnknownPoint), err)
	point, err := desk.Hooks().Lookup("TicketOpen")
	check(err)
	fmt.Println("TicketOpen is", point.Name, "with", point.Payload)

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	_, err = desk.CreateTicket(ann, ticket.Draft{Subject: "Hm", Body: "It arrived in two pieces."})
	fmt.Println(errors.Is(err, ticket.ErrInvalid))
	_, err = desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	// Output:
	// true hooks: no such hook point: "TicketOpned" (did you mean "TicketOpen"?)
	// TicketOpen is TicketClientCreated with hooks.Created
	// true
	// opened: Lamp broken in Support
}
