package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A host that keeps its set-up in code puts it at each start: a put of what is there already writes nothing, and leaves
// nothing in the journal. A form asks for the departments that its customer may choose.
func Example_setup() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	setUp := func() {
		for i, dep := range []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}, {Code: "fraud", Name: "Fraud", Internal: true}} {
			dep.Sort = i
			check(desk.Catalog().PutDepartment(ctx, dep))
		}
		check(desk.Catalog().PutField(ctx, ticket.Field{Code: "invoice", Name: "Invoice", Type: ticket.FieldText, Visible: true, Editable: true}))
		check(desk.Settings().Update(ctx, ticket.DeskLayer, ticket.SettingsPatch{StatusOnStaff: new("in_progress")}))
	}
	for range 2 {
		setUp()
		events, err := desk.Journal(ctx, ticket.EventQuery{Types: []ticket.EventType{ticket.EventCatalog, ticket.EventSettings}})
		check(err)
		fmt.Println(len(events), "changes")
	}

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	choices, err := desk.Catalog().DepartmentsFor(ann, "", "contact")
	check(err)
	for _, dep := range choices {
		fmt.Println(dep.Code, dep.Name)
	}
	// Output:
	// 4 changes
	// 4 changes
	// support Support
	// sales Sales
}
