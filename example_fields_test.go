package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// stock is the host's things, as tickets refer to them.
type stock struct{}

// Object implements helpdesk.Objects.
func (stock) Object(_ context.Context, ref ticket.Ref) (ticket.Object, error) {
	if ref.ID != "A-17" {
		return ticket.Object{}, ticket.ErrNotFound
	}
	return ticket.Object{Ref: ticket.Ref{Label: "Order A-17"}, URL: "https://shop.example/orders/A-17"}, nil
}

// Custom fields are checked by their type, and tickets are found and sorted by them.
func ExampleCatalog_PutField() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Objects: stock{}})
	check(err)
	defer desk.Stop(ctx)
	check(desk.Catalog().PutField(ctx, ticket.Field{
		Code: "color", Name: "Colour", Labels: ticket.Label{"de": "Farbe"}, Type: ticket.FieldSelect, Visible: true, Editable: true,
		Options: ticket.ParseOptions("r | Red\nb | Blue"),
	}))
	check(desk.Catalog().PutField(ctx, ticket.Field{Code: "cost", Name: "Cost of the repair", Type: ticket.FieldNumber, RequiredForStaff: true}))

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	form, err := desk.Catalog().FieldsFor(ann, "", "")
	check(err)
	fmt.Println(len(form), form[0].Labels.In("default", "de-AT", form[0].Name))

	_, err = desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x", Fields: map[string]string{"color": "green"}})
	fmt.Println(err)
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x", Service: "A-17", Fields: map[string]string{"color": "r"}})
	check(err)
	_, err = desk.UpdateTicket(ctx, t.ID, ticket.Patch{Fields: map[string]*string{"cost": new("12.50")}})
	check(err)

	page, err := desk.Tickets(ctx, ticket.Query{
		Fields: []ticket.FieldFilter{{Code: "color", Values: []string{"r"}}, {Code: "cost", From: "10", To: "20"}}, Sort: ticket.ByFieldDesc("cost"),
	})
	check(err)
	fmt.Println(len(page.Tickets), page.Tickets[0].Fields["cost"])

	objects, err := desk.Objects(ann, t.ID)
	check(err)
	fmt.Println(objects[0].Label, objects[0].URL)
	// Output:
	// 1 Farbe
	// helpdesk: create ticket: invalid: fields.color: "green" is no option: use one of r, b
	// 1 12.5
	// Order A-17 https://shop.example/orders/A-17
}
