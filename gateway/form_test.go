package gateway_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const form = "Website <form@desk.example>"

func TestContactForms(t *testing.T) {
	t.Parallel()
	visitor := "Reply-To: Zoe <zoe@example.net>\n"
	forms := gateway.Options{ContactForms: []string{"form@desk.example"}, Own: []string{"support@desk.example"}}
	t.Run("M73 whoever filled in a web form is the requester, and the form is told", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, forms)
		i.box.add(letter(form, "1@desk.example", "Contact", visitor+"Auto-Submitted: auto-generated\n", "please"))
		o := i.only(t, gateway.Opened)
		tk := i.ticket(t, o.TicketID)
		m := i.message(t, o.MessageID)
		if tk.Requester.Email != "zoe@example.net" || tk.Requester.Name != "Zoe" || m.Mail.Relay != "form@desk.example" || m.Mail.Automatic || o.Kind != gateway.KindHuman {
			t.Errorf("%+v, %+v, %+v", tk.Requester, m.Mail, o)
		}
	})
	t.Run("M73 without the option Reply-To is no requester", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter(form, "1@desk.example", "Contact", visitor, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Requester.Email != "form@desk.example" {
			t.Errorf("%+v", tk.Requester)
		}
	})
	t.Run("M73 a form that writes as an address of the desk itself is not held, and what is no form's is", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{ContactForms: []string{"support@desk.example"}, Own: []string{"support@desk.example", "sales@desk.example"}})
		i.box.add(letter("support@desk.example", "1@desk.example", "Contact", visitor, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Requester.Email != "zoe@example.net" {
			t.Errorf("%+v", tk.Requester)
		}
		i.box.add(letter("support@desk.example", "2@desk.example", "Contact", "", "no visitor"))
		i.only(t, gateway.Held)
		i.box.add(letter("support@desk.example", "3@desk.example", "Contact", "Reply-To: sales@desk.example\n", "the visitor types our address"))
		i.only(t, gateway.Held)
	})
	t.Run("M73 a form gives no standing in a ticket: whoever fills it in types any address", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, forms)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: "+ann+"\n", "cancel it"))
		if o := i.only(t, gateway.Noted); o.TicketID != id || !strings.Contains(o.Reason, "form") {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M73 in a trusted mailbox it does", func(t *testing.T) {
		t.Parallel()
		trusted := forms
		trusted.Policy.Trusted = true
		i := newPolicy(t, trusted)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: "+ann+"\n", "and this"))
		i.only(t, gateway.Answered)
	})
	t.Run("M73 nobody is an agent by a form, whatever is trusted and proven", func(t *testing.T) {
		t.Parallel()
		trusted := forms
		trusted.Policy.Trusted, trusted.Servers = true, []string{"mx.desk.example"}
		i := newPolicy(t, trusted)
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		i.box.add(letter(form, "2@desk.example", "[#"+i.code(t, id)+"]", "Reply-To: bob@desk.example\n"+proof, "give them the money back"))
		o := i.only(t, gateway.Noted)
		if m := i.message(t, o.MessageID); m.Author.Kind == ticket.ActorStaff || !m.Unproven {
			t.Errorf("%+v", m)
		}
		i.box.add(letter(form, "3@desk.example", "Contact", "Reply-To: bob@desk.example\n"+proof, "hello"))
		if m := i.message(t, i.only(t, gateway.Opened).MessageID); m.Author.Kind == ticket.ActorStaff {
			t.Errorf("%+v", m.Author)
		}
	})
}
