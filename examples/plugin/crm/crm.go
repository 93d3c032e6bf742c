// Package crm is what a hook author ships: it binds to a desk's hooks and needs no more of the library than packages
// hooks and ticket.
//
// It asks for an order number where a customer complains about a delivery, tells a CRM of every new ticket, and shows
// on the agent's page what the CRM knows.
package crm

import (
	"context"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Client talks to a CRM. Record must be idempotent in key: it may be called again with the same one.
type Client interface {
	Record(ctx context.Context, key, customer, what string) error
	Note(ctx context.Context, customer string) (string, error)
}

// Plugin ties a CRM to a desk.
type Plugin struct{ CRM Client }

// id names the bindings, in errors and in the database. It stays the same for ever.
const id = "acme.crm"

// Register binds the plugin. Call it once per desk, before Start.
func (p Plugin) Register(r *hooks.Registry) {
	r.TicketClientCreateValidation.Bind(id, p.wantOrder)
	r.TicketCreated.Bind(id, p.record, hooks.MaxAttempts(8))
	r.TicketAdminAreaViewDetailSidebar.Bind(id, p.sidebar, hooks.Timeout(2*time.Second))
}

var orderNumber = regexp.MustCompile(`\b\d{4,}\b`)

// wantOrder is a gate: it runs before anything is written and refuses with a message per field.
func (p Plugin) wantOrder(_ context.Context, in hooks.Creating) error {
	var e ticket.ValidationError
	if len(strings.TrimSpace(in.Draft.Subject)) < 5 {
		e.Add("subject", ticket.FaultTooShort, "is too short: say in a few words what it is about")
	}
	if strings.Contains(strings.ToLower(in.Draft.Subject), "delivery") && in.Draft.Service == "" && !orderNumber.MatchString(in.Draft.Body) {
		e.Add("service", ticket.FaultRequired, "is missing: which order is it about?")
	}
	return e.Err()
}

// record is a durable event: an error has it called again later, also after a restart. The event's id is the key by
// which the CRM knows a repetition.
func (p Plugin) record(ctx context.Context, e hooks.Created) error {
	return p.CRM.Record(ctx, fmt.Sprintf("helpdesk-%d", e.EventID), e.Ticket.Requester.Email, e.Ticket.Code+": "+e.Ticket.Subject)
}

var sidebar = template.Must(template.New("").Parse(`<aside class="crm"><h3>CRM</h3><p>{{.}}</p></aside>`))

// sidebar is a view: what it returns goes into the agent's page.
func (p Plugin) sidebar(ctx context.Context, page hooks.Page) (template.HTML, error) {
	note, err := p.CRM.Note(ctx, page.Ticket.Requester.Email)
	if err != nil || note == "" {
		return "", err
	}
	var b strings.Builder
	if err := sidebar.Execute(&b, note); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // html/template has escaped it
}
