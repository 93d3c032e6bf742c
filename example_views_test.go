package helpdesk_test

import (
	"context"
	"html/template"
	"os"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Hooks add to the host's own pages: {{hook}} names the place in a template.
func Example_views() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketClientAreaViewDetail.Bind("acme.hours", func(_ context.Context, p hooks.Page) (template.HTML, error) {
		return template.HTML("<p>" + template.HTMLEscapeString(p.Ticket.Requester.Name) + ", we are here from 9 to 5.</p>"), nil
	})

	ann := ticket.Client("42", "Ann & Ben", "ann@example.com")
	t, err := desk.CreateTicket(ticket.WithActor(ctx, ann), ticket.Draft{Subject: "Lamp <broken>", Body: "It arrived in two pieces."})
	check(err)
	page := template.Must(template.New("").Funcs(desk.Hooks().FuncMap(ctx)).Parse(
		`<h1>{{.Ticket.Subject}}</h1>{{hook "TicketClientAreaViewDetail" .}}
`))
	check(page.Execute(os.Stdout, hooks.Page{Actor: ann, Ticket: t}))
	// Output:
	// <h1>Lamp &lt;broken&gt;</h1><p>Ann &amp; Ben, we are here from 9 to 5.</p>
}
