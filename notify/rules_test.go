package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ruled is a shop with rules.
func ruled(t testing.TB) (*shop, *rules.Rules) {
	t.Helper()
	var r *rules.Rules
	x := newShop(t, setup{before: func(d *helpdesktest.Desk, o *notify.Options) {
		r = must(rules.New(d.Automation(), d.Store, nil))(t)
		o.Rules, o.Hours = r, r.Calendars().Page
	}})
	return x, r
}

func (x *shop) rule(t testing.TB, r *rules.Rules, yaml string) {
	t.Helper()
	must(r.Import(x.host, must(rules.ParseFile([]byte(yaml)))(t), false))(t)
}

func TestRules(t *testing.T) {
	t.Parallel()
	t.Run("M52 a rule moves a new ticket: those who have it now hear of it, and the department that it left does not", func(t *testing.T) {
		t.Parallel()
		x, r := ruled(t)
		x.rule(t, r, `rules: [{code: sales, name: Sales, on: [created], when: 'ticket.subject contains "offer"', do: [{set_department: sales}]}]`)
		tk := must(x.CreateTicket(as(gus), ticket.Draft{Subject: "An offer", Body: "Make me one."}))(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "cem@shop.example: "+subject(tk))
		same(t, "told after that", x.told(t))
	})
	t.Run("M58 Check says so where notifications were not given the rules", func(t *testing.T) {
		t.Parallel()
		said := func(x *shop) bool {
			return slices.ContainsFunc(must(x.Check(x.host))(t), func(p ticket.Problem) bool { return strings.Contains(p.Message, "notify.Options.Rules") })
		}
		with, _ := ruled(t)
		without := newShop(t, setup{before: func(d *helpdesktest.Desk, _ *notify.Options) { must(rules.New(d.Automation(), d.Store, nil))(t) }})
		if said(with) || !said(without) {
			t.Errorf("with: %v, without: %v", said(with), said(without))
		}
	})
	t.Run("M58 a rule tells owner, customer, department and addresses, in its own words", func(t *testing.T) {
		t.Parallel()
		x, r := ruled(t)
		x.rule(t, r, `rules: [{code: vip, name: VIP, on: [noted], notify: [{to: {owner: true, customer: true, department: true, addresses: [boss@shop.example]}, subject: 'Look at [ticket_code]', body: 'It is from [ticket_customer_name].'}]}]`)
		tk := x.mine(t)
		must(x.AddNote(as(ann), tk.ID, ticket.ReplyDraft{Body: "A VIP."}))(t)
		mails := x.mails(t)
		mails = append(mails, x.mails(t)...)
		to := map[string]string{}
		for _, m := range mails {
			to[m.to] = m.subject(t)
			if !strings.Contains(m.text(t), "It is from Gus Gold <gus@example.com>.") || (strings.Contains(m.text(t), "A VIP.") && m.to != ann.Email && m.to != bob.Email) {
				t.Error(m.text(t))
			}
		}
		for _, who := range []string{"ann@shop.example", "bob@shop.example", "gus@example.com", "boss@shop.example"} {
			if !strings.Contains(to[who], "Look at "+tk.Code) {
				t.Errorf("%s got %q", who, to[who])
			}
		}
		equal(t, "mails", len(mails), 4)
	})
	t.Run("M58 a guest who alone is told something is called by name, and is named to staff with their address", func(t *testing.T) {
		t.Parallel()
		x, r := ruled(t)
		x.rule(t, r, `rules: [{code: both, name: Both, on: [noted], do: [{add_note: {body: 'Of [ticket_customer_name].'}}], notify: [{to: {owner: true}, subject: Look, body: 'By [ticket_customer_name].'}, {to: {customer: true}, subject: Yours, body: 'Dear [ticket_customer_name].'}]}]`)
		tk := x.mine(t)
		must(x.AddNote(as(ann), tk.ID, ticket.ReplyDraft{Body: "A VIP."}))(t)
		all := ""
		for range 2 {
			for _, m := range x.mails(t) {
				all += m.to + ": " + m.text(t)
			}
		}
		list := must(x.Messages(x.host, tk.ID, ticket.MessageQuery{}))(t)
		if note := list[len(list)-1].Body; note != "Of Gus Gold <gus@example.com>." {
			t.Errorf("the note is %q", note)
		}
		if !strings.Contains(all, "By Gus Gold <gus@example.com>.") || !strings.Contains(all, "Dear Gus Gold.") {
			t.Error(all)
		}
	})
	t.Run("M28 while nobody is there a new ticket is answered with when somebody will be", func(t *testing.T) {
		t.Parallel()
		x, r := ruled(t)
		must(r.Calendars().Save(x.host, calendar.Calendar{Code: "days", Name: "Days", Zone: "UTC", Week: calendar.Weekdays("09:00-17:00")}))(t)
		x.Clock.Advance(12 * time.Hour)
		tk := x.lamp(t)
		for _, m := range x.mails(t) {
			if m.to == "gus@example.com" && (!strings.Contains(m.text(t), "12 hours") || !strings.Contains(m.text(t), tk.Code)) {
				t.Error(m.text(t))
			}
		}
	})
}
