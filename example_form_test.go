package helpdesk_test

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A contact form that says beside each field what is wrong with it, and what a gate has to say that is about none.
func ExampleDesk_CreateTicket_form() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	system := ticket.WithActor(ctx, ticket.System("shop"))
	check(desk.Catalog().PutField(system, ticket.Field{Code: "order", Name: "Order", Type: ticket.FieldNumber, Visible: true, Editable: true}))
	logger := log.New(io.Discard, "", 0)

	page := template.Must(template.New("form").Parse(`<form method="post">{{.Sentence}}
	{{range index .Wrong ""}}{{.Message}}{{end}}
	<input name="subject" value="{{.Draft.Subject}}">{{range .Wrong.subject}}{{.Message}}{{end}}
	<textarea name="body">{{.Draft.Body}}</textarea>{{range .Wrong.body}}{{.Message}}{{end}}
	<input name="order" value="{{.Draft.Fields.order}}">{{range index .Wrong "fields.order"}}{{.Message}}{{end}}
	</form>`))
	post := func(w http.ResponseWriter, r *http.Request) {
		draft := ticket.Draft{Subject: r.FormValue("subject"), Body: r.FormValue("body"), Fields: map[string]string{"order": r.FormValue("order")}}
		t, err := desk.CreateTicket(r.Context(), draft) // who acts stands in the context
		if err == nil {
			http.Redirect(w, r, "/tickets/"+t.Code, http.StatusSeeOther)
			return
		}
		logger.Print(err) // the text of the error is for the log alone
		w.WriteHeader(ticket.HTTPStatus(err))
		_ = page.Execute(w, map[string]any{"Draft": draft, "Sentence": ticket.PublicMessage(err), "Wrong": ticket.FieldErrors(err)})
	}

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	send := func(form url.Values) {
		r := httptest.NewRequestWithContext(ann, http.MethodPost, "/contact", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		post(w, r)
		fmt.Println(w.Code)
		for line := range strings.Lines(w.Body.String()) {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	send(url.Values{"subject": {"Lamp"}, "order": {"x"}})
	desk.Hooks().TicketClientCreateValidation.Bind("acme.holiday", func(context.Context, hooks.Creating) error {
		return ticket.Invalid("", ticket.FaultRefused, "we are on holiday: write on Monday")
	})
	send(url.Values{"subject": {"Lamp"}, "body": {"It is broken."}})
	// Output:
	// 422
	// <form method="post">this cannot be done as it is
	//
	// <input name="subject" value="Lamp">
	// <textarea name="body"></textarea>is empty: write something or attach a file
	// <input name="order" value="x">&#34;x&#34; is no number: write it as -12.5
	// </form>
	// 422
	// <form method="post">this cannot be done as it is
	// we are on holiday: write on Monday
	// <input name="subject" value="Lamp">
	// <textarea name="body">It is broken.</textarea>
	// <input name="order" value="">
	// </form>
}
