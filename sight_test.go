package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// walled is a desk where Carol sees the sales, and Bob everything.
func walled(t *testing.T) *helpdesktest.Desk {
	t.Helper()
	d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}})
	ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Departments: []string{"sales"}}}}))
	ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob"}))
	ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"seller"}}))
	return d
}

func TestSight(t *testing.T) {
	t.Parallel()
	t.Run("G07 a ticket is given to nobody who would not see it", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		tk := open(t, d, ann)
		_, err := d.Assign(as(bob), tk.ID, "8")
		invalid(t, err, "assignee")
		_, err = d.UpdateTicket(as(host), tk.ID, ticket.Patch{Assignee: new("8"), Note: "yours"})
		invalid(t, err, "assignee")
		equal(t, "messages", must(d.Ticket(as(bob), tk.ID))(t).Seq, 1)
		moved := must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Assignee: new("8"), Department: new("sales")}))(t)
		equal(t, "moved and given", moved.Assignee+" "+moved.Department, "8 sales")
		must(d.Assign(as(bob), tk.ID, ""))(t)

		_, err = d.CreateTicket(as(bob), ticket.Draft{Subject: "x", Body: "x", Requester: ann.Person(), Assignee: "8"})
		invalid(t, err, "assignee")
		equal(t, "opened", must(d.CreateTicket(as(bob), ticket.Draft{Subject: "x", Body: "x", Requester: ann.Person(), Assignee: "8", Department: "sales"}))(t).Assignee, "8")

		long := open(t, d, ann)
		m := must(d.Reply(as(ann), long.ID, ticket.ReplyDraft{Body: "and another thing"}))(t)
		_, err = d.Split(as(bob), long.ID, ticket.Split{Messages: []int64{m.ID}, Assignee: "8"})
		invalid(t, err, "assignee")
		equal(t, "split off", must(d.Split(as(bob), long.ID, ticket.Split{Messages: []int64{m.ID}, Assignee: "8", Department: "sales"}))(t).Assignee, "8")

		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: []int64{long.ID}, Do: ticket.MassUpdate, Patch: ticket.Patch{Assignee: new("8")}}))(t)
		equal(t, "of many", results(t, d, run.ID)[0].Code, "invalid")
	})
	t.Run("G07 nobody takes a ticket to where they do not see it", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		role := ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Departments: []string{"sales"}}, {Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightCreate}}}}
		ok(t, d.Catalog().PutRole(as(host), role))
		draft := ticket.Draft{Subject: "x", Body: "x", Requester: ann.Person(), Assignee: "8", Department: "support"}
		_, err := d.CreateTicket(as(carol), draft)
		invalid(t, err, "assignee")
		draft.Department = "sales"
		tk := must(d.CreateTicket(as(carol), draft))(t)
		must(d.Assign(as(carol), tk.ID, ""))(t)
		_, err = d.UpdateTicket(as(carol), tk.ID, ticket.Patch{Assignee: new("8"), Department: new("support")})
		invalid(t, err, "assignee")
		equal(t, "taken where it lies", must(d.Assign(as(carol), tk.ID, "8"))(t).Assignee, "8")
		equal(t, "transferred", must(d.Transfer(as(carol), tk.ID, "support"))(t).Assignee, "")
	})
	t.Run("I13 nobody watches a ticket who would not see it, and who does so stays when it moves", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		tk := open(t, d, ann)
		for _, id := range []string{"8", "nobody"} {
			_, err := d.Watch(as(bob), tk.ID, id)
			invalid(t, err, "watchers")
			_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Watchers: &[]string{"7", id}})
			invalid(t, err, "watchers")
			_, err = d.CreateTicket(as(bob), ticket.Draft{Subject: "x", Body: "x", Requester: ann.Person(), Watchers: []string{id}})
			invalid(t, err, "watchers")
		}
		_, err := d.Watch(as(bob), tk.ID, "8")
		if !strings.Contains(err.Error(), "move it to where they do, or give them a role with a grant for its department") {
			t.Error(err)
		}
		moved := must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Watchers: &[]string{"8"}, Department: new("sales")}))(t)
		equal(t, "moved and watched", len(moved.Watchers), 1)
		must(d.Transfer(as(bob), tk.ID, "support"))(t)
		equal(t, "moved back", len(must(d.Watch(as(bob), tk.ID, "7"))(t).Watchers), 2)
		equal(t, "unwatched", len(must(d.Unwatch(as(bob), tk.ID, "8"))(t).Watchers), 1)
	})
	t.Run("G07 a grant that shows what is one's own lets a ticket become that", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "seller", Name: "Seller", Grants: []ticket.Grant{{Sight: ticket.SightMine}}}))
		tk := open(t, d, ann)
		equal(t, "assignee", must(d.Assign(as(bob), tk.ID, "8"))(t).Assignee, "8")
	})
	t.Run("M51 nobody but a gateway and the host writes to a ticket that they do not see", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		d.Hooks().TicketNoteValidation.Bind("tells", func(_ ctx, in hooks.Replying) error {
			return ticket.Invalid("body", ticket.FaultRefused, "is about %q", in.Ticket.Subject)
		})
		tk := open(t, d, ann)
		draft := ticket.ReplyDraft{Body: "x", Unproven: true}
		for _, a := range []ticket.Actor{carol, ticket.Client("66", "Eve", "eve@example.com")} {
			for _, id := range []int64{tk.ID, 999} {
				_, err := d.Reply(as(a), id, draft)
				said := ticket.Invalid("unproven", ticket.FaultNotAllowed, "is what a gateway says of a mail: leave it out").Error()
				equal(t, "reply", strings.TrimPrefix(err.Error(), fmt.Sprintf("helpdesk: reply to ticket %d: ", id)), said)
				_, err = d.AddNote(as(a), id, draft)
				invalid(t, err, "unproven")
				err = d.CheckReply(as(a), id, draft)
				equal(t, "check", strings.TrimPrefix(err.Error(), fmt.Sprintf("helpdesk: check reply to ticket %d: ", id)), said)
			}
		}
		equal(t, "messages", must(d.Ticket(as(bob), tk.ID))(t).Seq, 1)
	})
	t.Run("X30 a note mentions nobody who may not see the ticket, and says so to whoever writes it", func(t *testing.T) {
		t.Parallel()
		d := walled(t)
		tk := open(t, d, ann)
		for _, note := range []ticket.ReplyDraft{{Body: "@carol look"}, {Body: "look", Mentions: []ticket.Mention{{Agent: "8"}}}} {
			_, err := d.AddNote(as(bob), tk.ID, note)
			invalid(t, err, "mentions")
		}
		_, err := d.SetStatus(as(bob), tk.ID, "closed", "@carol knows")
		invalid(t, err, "mentions")
		equal(t, "by the host's code", len(must(d.AddNote(as(host), tk.ID, ticket.ReplyDraft{Body: "@carol @bob"}))(t).Mentions), 1)
		_, err = d.AddNote(as(host), tk.ID, ticket.ReplyDraft{Body: "x", Mentions: []ticket.Mention{{Agent: "8"}}})
		invalid(t, err, "mentions")
		equal(t, "carol reads", len(must(d.Mentions().List(as(carol), ticket.MentionQuery{}))(t).Mentions), 0)

		must(d.Transfer(as(bob), tk.ID, "sales"))(t)
		must(d.Watch(as(bob), tk.ID, "8"))(t)
		m := must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "@carol look"}))(t)
		equal(t, "mentions", len(m.Mentions), 1)
		must(d.Transfer(as(bob), tk.ID, "support"))(t)
		equal(t, "edited later", len(must(d.EditMessage(as(bob), m.ID, "@carol look again"))(t).Mentions), 1)
		note := must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "look"}))(t)
		_, err = d.EditMessage(as(bob), note.ID, "@carol look")
		invalid(t, err, "mentions")
	})
}
