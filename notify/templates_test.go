package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	t.Run("M24 a stored template is sent in the place of the library's, and one that is disabled is not sent", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		own := template.Stored{Kind: template.CustomerTicket, Source: template.Source{Subject: "Got it: {{.ticket_subject}}", Text: "We have it, {{.ticket_customer_name}}.", HTML: "<p>We have it.</p>"}}
		done(t, x.n.PutTemplate(x.host, own))
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Disabled: true}))
		tk := x.lamp(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 1)
		equal(t, "subject", mails[0].subject(t), "[#"+tk.Code+"] Got it: "+tk.Subject)
		if !strings.Contains(mails[0].text(t), "We have it, Gus Gold.") {
			t.Error(mails[0].text(t))
		}
		equal(t, "stored", len(must(x.n.Templates(x.host))(t)), 2)
		done(t, x.n.DeleteTemplate(x.host, template.StaffTicket, "", ""))
		done(t, x.n.DeleteTemplate(x.host, template.CustomerTicket, "", ""))
		tk = x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "ann@shop.example: "+subject(tk), "bob@shop.example: "+subject(tk))
	})
	t.Run("M24 a template that is disabled for a language is sent to nobody in it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: bob.ID, Name: bob.Name, Email: bob.Email, Locale: "de", Departments: []string{"support"}}))
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Locale: "de", Disabled: true}))
		tk := x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "ann@shop.example: "+subject(tk))
	})
	t.Run("M24 a template that is disabled for all is sent in the language that has one of its own", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: bob.ID, Name: bob.Name, Email: bob.Email, Locale: "de", Departments: []string{"support"}}))
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Disabled: true}))
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Locale: "de", Source: template.Source{Subject: "Neu: {{.ticket_subject}}", Text: "Neu.", HTML: "<p>Neu.</p>"}}))
		tk := x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "bob@shop.example: [#"+tk.Code+"] Neu: "+tk.Subject)
	})
	t.Run("M24 a digest is not sent where its template is disabled", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.atFive(t)
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.Digest, Disabled: true}))
		x.lamp(t)
		x.told(t)
		x.Clock.Advance(9 * time.Hour)
		same(t, "told", x.told(t))
	})
	t.Run("M24 what waits is not sent where its template is disabled meanwhile", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.atFive(t)
		x.lamp(t)
		x.told(t)
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Disabled: true}))
		x.Clock.Advance(9 * time.Hour)
		same(t, "told", x.told(t))
	})
	t.Run("M68 an unknown variable is refused with its place", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		wrong := template.Stored{Kind: template.CustomerTicket, Source: template.Source{Subject: "Hello", Text: "Hello\n{{.ticket_costumer_name}}", HTML: "<p>x</p>"}}
		err := x.n.PutTemplate(x.host, wrong)
		if !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "ticket_customer_name") {
			t.Error(err)
		}
		if err := x.n.PutTemplate(as(gus), wrong); !errors.Is(err, ticket.ErrForbidden) {
			t.Error(err)
		}
		m := must(x.Messages(x.host, x.lamp(t).ID, ticket.MessageQuery{}))(t)[0]
		r := must(x.n.Preview(x.host, template.Stored{Kind: template.CustomerMessage, Source: template.Source{Subject: "About {{.ticket_code}}", Text: "{{.last_message}}", HTML: "<p>x</p>"}}, m.ID))(t)
		if !strings.Contains(r.Subject, "About ") || !strings.Contains(r.Text, "Monday") {
			t.Errorf("%+v", r)
		}
	})
}
