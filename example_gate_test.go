package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A gate refuses a write with a message per field. CheckTicket and CheckReply
// ask the same gates without writing anything, for a form that is being filled in.
func Example_gate() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketClientCreateValidation.Bind("acme.order", func(_ context.Context, in hooks.Creating) error {
		var e ticket.ValidationError
		byMail := in.Actor.Channel == ticket.ChannelEmail // whoever writes a mail has no form to fill in
		if !byMail && strings.Contains(in.Draft.Subject, "delivery") && in.Draft.Service == "" {
			e.Add("service", ticket.FaultRequired, "is missing: which order is it about?")
		}
		return e.Err()
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	draft := ticket.Draft{Subject: "My delivery", Body: "Where is it?"}
	_, err = desk.CreateTicket(ann, draft)
	fmt.Println(errors.Is(err, ticket.ErrRefused), errors.Is(err, ticket.ErrInvalid))
	var v *ticket.ValidationError
	if errors.As(err, &v) {
		for _, f := range v.Fields {
			fmt.Println(f.Field, f.Message)
		}
	}
	var by *hooks.Error
	if errors.As(err, &by) {
		fmt.Println("said", by.Binding, "at", by.Point)
	}
	_, err = desk.CreateTicket(ticket.WithActor(ctx, ticket.Guest("Gus", "gus@example.com").Via(ticket.ChannelEmail)), draft)
	fmt.Println("by mail:", err)
	draft.Service = "order 12345"
	fmt.Println(desk.CheckTicket(ann, draft))
	t, err := desk.CreateTicket(ann, draft)
	check(err)
	fmt.Println(desk.CheckReply(ann, t.ID, ticket.ReplyDraft{}))
	// Output:
	// true true
	// service is missing: which order is it about?
	// said acme.order at TicketClientCreateValidation
	// by mail: <nil>
	// <nil>
	// helpdesk: check reply to ticket 2: invalid: body: is empty: write something or attach a file
}
