package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A page answers an error with a status and a sentence that everybody may read, and marks the fields of its form. The
// text of the error itself is for the log.
func Example_errors() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	answer := func(err error) {
		fmt.Println(ticket.HTTPStatus(err), ticket.ErrorCode(err)+":", ticket.PublicMessage(err))
		var v *ticket.ValidationError
		if !errors.As(err, &v) {
			return
		}
		for _, f := range v.Fields {
			switch f.Fault {
			case ticket.FaultRequired:
				fmt.Println("-", f.Field, "bitte ausfüllen")
			default:
				fmt.Println("-", f.Field, f.Message)
			}
		}
	}
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	_, err = desk.CreateTicket(ann, ticket.Draft{Body: "It is broken.", Priority: "asap"})
	answer(err)
	_, err = desk.Ticket(ann, 4711)
	answer(err)
	// Output:
	// 422 invalid: this cannot be done as it is
	// - subject bitte ausfüllen
	// - priority "asap" is no priority: use one of low, medium, high
	// 404 not_found: there is no such thing, or it is not yours to see
}
