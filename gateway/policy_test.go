package gateway_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// newPolicy is a desk with an agent and a gateway with options.
func newPolicy(t *testing.T, o gateway.Options) *inbox {
	t.Helper()
	d := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Agents: []ticket.Agent{{ID: "7", Name: "Bob", Email: "bob@desk.example"}}}})
	g, err := gateway.New("support", joined{d.Mail()}, d.Store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return &inbox{d, g, &box{validity: 1}}
}

// code is that of a ticket.
func (i *inbox) code(t *testing.T, id int64) string {
	t.Helper()
	return i.ticket(t, id).Code
}

const proof = "Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\n"

func TestPolicies(t *testing.T) {
	t.Parallel()
	t.Run("M64 an agent's mail is an agent's answer only with proof", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Servers: []string{"mx.desk.example"}})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		subject := "Re: [#" + i.code(t, id) + "] Help"
		i.box.add(letter("bob@desk.example", "2@desk.example", subject, "", "unproven"))
		if o := i.only(t, gateway.Noted); !strings.Contains(o.Reason, "agent") {
			t.Errorf("%+v", o)
		}
		i.box.add(letter("bob@desk.example", "3@desk.example", subject, proof, "proven"))
		o := i.only(t, gateway.Answered)
		m := i.message(t, o.MessageID)
		if m.Author.Kind != ticket.ActorStaff || m.Author.ID != "7" || m.Kind != ticket.KindReply || m.Unproven {
			t.Errorf("%+v", m)
		}
	})
	t.Run("X05 an absence notice reopens nothing, a person does", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		if _, err := i.CloseTicket(staff(), id); err != nil {
			t.Fatal(err)
		}
		i.box.add(letter(ann, "2@example.com", "Away", "In-Reply-To: <1@example.com>\nAuto-Submitted: auto-replied\n", "I am away"))
		o := i.only(t, gateway.Answered)
		if m := i.message(t, o.MessageID); !m.Mail.Automatic || m.Mail.Kind != string(gateway.KindAutoReply) {
			t.Errorf("%+v", m.Mail)
		}
		if got := i.ticket(t, id); got.Class != ticket.ClassClosed {
			t.Errorf("a robot has reopened it: %s", got.Class)
		}
		i.box.add(letter(ann, "3@example.com", "Re: Help", "In-Reply-To: <1@example.com>\n", "still broken"))
		i.only(t, gateway.Answered)
		if got := i.ticket(t, id); got.Class == ticket.ClassClosed {
			t.Error("a person has not")
		}
	})
	t.Run("I20 whom nobody knows is held, and let in", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Policy: gateway.Policy{Newcomers: gateway.NewcomersHold}})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		o := i.only(t, gateway.Held)
		if list, err := i.g.Quarantine(t.Context()); err != nil || len(list) != 1 || list[0].Result != gateway.Held {
			t.Fatalf("%v, %v", list, err)
		}
		if err := i.g.Requeue(t.Context(), o.Work); err != nil {
			t.Fatal(err)
		}
		i.only(t, gateway.Opened)
	})
	t.Run("I20 whom nobody wants is dropped or refused, and recorded", func(t *testing.T) {
		t.Parallel()
		for policy, want := range map[gateway.Newcomers]gateway.Result{gateway.NewcomersIgnore: gateway.Dropped, gateway.NewcomersRefuse: gateway.Rejected} {
			i := newPolicy(t, gateway.Options{Policy: gateway.Policy{Newcomers: policy}})
			rejected := 0
			i.Hooks().TicketMailRejected.Bind("test", func(context.Context, hooks.Rejected) error { rejected++; return nil })
			i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
			o := i.only(t, want)
			if _, err := i.raw(o.Work); err != nil {
				t.Errorf("%s: the raw mail is gone: %v", want, err)
			}
			if (rejected == 1) != (want == gateway.Rejected) {
				t.Errorf("%s: %d refusals told", want, rejected)
			}
		}
	})
	t.Run("M50 what a trusted filter calls spam is in the Spam folder", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{SpamHeaders: true})
		i.box.add(letter(ann, "1@example.com", "Pills", "X-Spam-Flag: YES\n", "cheap"), letter(ann, "2@example.com", "Help", "X-Spam-Flag: NO\n", "please"))
		out := i.poll(t)
		folders := []ticket.Folder{i.ticket(t, out[0].TicketID).Folder, i.ticket(t, out[1].TicketID).Folder}
		if !slices.Equal(folders, []ticket.Folder{ticket.Spam, ticket.Inbox}) {
			t.Errorf("%v", folders)
		}
	})
	t.Run("M40 a mail from an own address is held, and not lost", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Own: []string{"Support@Desk.example"}})
		i.box.add(letter("support@desk.example", "1@desk.example", "Help", "", "please"))
		if o := i.only(t, gateway.Held); o.Reason == "" {
			t.Errorf("%+v", o)
		}
	})
	t.Run("M22 who is in copy takes part, as far as there is room", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Participants: 2, Own: []string{"support@desk.example"}})
		i.box.add(letter(ann, "1@example.com", "Help", "Cc: Cem <cem@example.net>, support@desk.example, bob@desk.example\n", "please"))
		id := i.only(t, gateway.Opened).TicketID
		in := func() (out []string) {
			for _, p := range i.ticket(t, id).Participants {
				out = append(out, p.Email)
			}
			return out
		}
		if got := in(); !slices.Equal(got, []string{"cem@example.net"}) {
			t.Errorf("%q", got)
		}
		i.box.add(letter("cem@example.net", "2@example.net", "Re: Help", "In-Reply-To: <1@example.com>\nCc: CEM@example.net, dan@example.org, eva@example.org\n", "me too"))
		i.only(t, gateway.Answered)
		if got := in(); !slices.Equal(got, []string{"cem@example.net", "dan@example.org"}) {
			t.Errorf("%q", got)
		}
		i.box.add(letter("mallory@example.org", "3@example.org", "Re: [#"+i.code(t, id)+"]", "Cc: evil@example.org\n", "let us in"))
		i.only(t, gateway.Noted)
		if got := in(); len(got) != 2 {
			t.Errorf("%q", got)
		}
	})
	t.Run("X22 the list that a mail came by is recorded, and the author is an unproven requester", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter("'Ann' via Sales <sales@lists.example>", "1@lists.example", "Help", "Reply-To: ann@example.com\nList-Id: Sales <sales.lists.example>\n", "please"))
		o := i.only(t, gateway.Opened)
		if tk, m := i.ticket(t, o.TicketID), i.message(t, o.MessageID); tk.Requester.Email != "ann@example.com" || m.Mail.Relay != "sales.lists.example" {
			t.Errorf("%+v, %+v", tk.Requester, m.Mail)
		}
	})
	t.Run("M22 nobody does by default", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter(ann, "1@example.com", "Help", "Cc: cem@example.net\n", "please"))
		if got := i.ticket(t, i.only(t, gateway.Opened).TicketID).Participants; len(got) != 0 {
			t.Errorf("%v", got)
		}
	})
	t.Run("X11 a mail that an agent passes on is the customer's, only with proof", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{Servers: []string{"mx.desk.example"}})
		const body = "Cem called about this, please hurry.\n\n---------- Forwarded message ---------\nFrom: Cem Kaya <cem@example.net>\n" +
			"Date: Mon, 2 Mar 2026 at 12:00\nSubject: Broken lamp\nTo: bob@desk.example\n\nMy lamp is broken.\n"
		i.box.add(letter("bob@desk.example", "1@desk.example", "Fwd: Broken lamp", proof, body))
		o := i.only(t, gateway.Opened)
		tk := i.ticket(t, o.TicketID)
		if tk.Requester.Email != "cem@example.net" || tk.Requester.Name != "Cem Kaya" || tk.Subject != "Broken lamp" {
			t.Errorf("%+v, %q", tk.Requester, tk.Subject)
		}
		page, err := i.Messages(staff(), tk.ID, ticket.MessageQuery{})
		if err != nil || len(page) != 2 || page[0].Body != "My lamp is broken." || page[0].Author.ID != "7" ||
			page[1].Kind != ticket.KindNote || page[1].Body != "Cem called about this, please hurry." {
			t.Errorf("%v: %+v", err, page)
		}
		i.box.add(letter("bob@desk.example", "2@desk.example", "Fwd: Broken lamp", "", body))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Requester.Email != "bob@desk.example" {
			t.Errorf("a From line alone has named a requester: %+v", tk.Requester)
		}
	})
}
