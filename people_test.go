package helpdesk_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAssignment(t *testing.T) {
	t.Parallel()
	t.Run("I05 assignment and re-assignment record who assigned", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := must(d.Assign(as(bob), open(t, d, ann).ID, "8"))(t)
		equal(t, "assignee", tk.Assignee, "8")
		equal(t, "assigned by", tk.AssignedBy, "7")
		tk = must(d.Assign(as(carol), tk.ID, "7"))(t)
		equal(t, "assigned by", tk.AssignedBy, "8")
		equal(t, "changes", d.Fired()["TicketAssignedChange"], 2)
		tk = must(d.Assign(as(carol), tk.ID, ""))(t)
		equal(t, "assignee", tk.Assignee, "")
		equal(t, "unassigned", len(must(d.Tickets(as(bob), ticket.Query{Unassigned: true}))(t).Tickets), 1)
	})
	t.Run("G04 of many agents who claim at once one gets the ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				agent := ticket.Staff(string(rune('a'+i)), "", "")
				if _, err := d.Claim(as(agent), tk.ID); err == nil {
					won.Add(1)
				} else {
					is(t, err, ticket.ErrConflict)
				}
			})
		}
		wg.Wait()
		equal(t, "winners", won.Load(), 1)
		_, err := d.Claim(as(ann), tk.ID)
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("M63 the replying agent becomes owner of an unassigned ticket, by setting", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "assignee", must(d.Ticket(as(bob), tk.ID))(t).Assignee, "")
		set(t, d, ticket.SettingsPatch{AssignOnReply: new(true)})
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		must(d.Reply(as(carol), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "assignee", must(d.Ticket(as(bob), tk.ID))(t).Assignee, "7")
	})
	t.Run("I13 agents watch and stop watching", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		var wg sync.WaitGroup
		for _, a := range []ticket.Actor{bob, carol} {
			wg.Go(func() { must(d.Watch(as(a), tk.ID, a.ID))(t) })
		}
		wg.Wait()
		equal(t, "watchers", len(must(d.Ticket(as(bob), tk.ID))(t).Watchers), 2)
		equal(t, "watched by Carol", len(must(d.Tickets(as(bob), ticket.Query{Watcher: "8"}))(t).Tickets), 1)
		must(d.Unwatch(as(bob), tk.ID, "8"))(t)
		equal(t, "watched by Carol", len(must(d.Tickets(as(bob), ticket.Query{Watcher: "8"}))(t).Tickets), 0)
		_, err := d.Watch(as(ann), tk.ID, "42")
		is(t, err, ticket.ErrForbidden)
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	t.Run("every message is gone through, in either order, beyond a page", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		for range ticket.MaxPage + 5 {
			must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		}
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		for actor, want := range map[*ticket.Actor]int{&bob: ticket.MaxPage + 7, &ann: 2} {
			for _, newest := range []bool{false, true} {
				var seqs []int64
				for m, err := range d.AllMessages(as(*actor), tk.ID, ticket.MessageQuery{Newest: newest, Limit: 3}) {
					ok(t, err)
					seqs = append(seqs, m.Seq)
				}
				if newest {
					slices.Reverse(seqs)
				}
				if len(slices.Compact(slices.Clone(seqs))) != want || !slices.IsSorted(seqs) || seqs[0] != 1 {
					t.Errorf("%s, newest first (%t): %d messages, want %d: %v", actor.Name, newest, len(seqs), want, seqs)
				}
			}
		}
		_, err := d.Messages(as(bob), tk.ID, ticket.MessageQuery{TicketID: tk.ID + 1})
		invalid(t, err, "ticket_id")
	})
	t.Run("I15 M63 customers see replies and disclosed third-party messages, and neither notes nor confided ones", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "careful"}))(t)
		to := []ticket.Person{{Email: "lab@third.example"}}
		seen := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "please test", Kind: ticket.KindThirdParty, To: to, Cc: to, Bcc: to}))(t)
		confided := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "is it fake?", Kind: ticket.KindConfided, To: to}))(t)
		equal(t, "for staff", len(must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)), 4)
		mine := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)
		if len(mine) != 2 || mine[1].ID != seen.ID {
			t.Errorf("the customer sees %d messages", len(mine))
		}
		equal(t, "notes for the customer", len(must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindNote}}))(t)), 0)
		_, err := d.Message(as(ann), confided.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.AddNote(as(ann), tk.ID, ticket.ReplyDraft{Body: "x"})
		is(t, err, ticket.ErrForbidden)
		equal(t, "own To", seen.To[0].Email+seen.Cc[0].Email+seen.Bcc[0].Email, "lab@third.examplelab@third.examplelab@third.example")
	})
	t.Run("G05 unread for staff goes when staff reply or close, unread for the customer when they look", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		if !tk.UnreadByStaff || tk.UnreadByClient {
			t.Errorf("new: %v %v", tk.UnreadByStaff, tk.UnreadByClient)
		}
		must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)
		equal(t, "after looking", must(d.Ticket(as(bob), tk.ID))(t).UnreadByStaff, true)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		tk = must(d.Ticket(as(bob), tk.ID))(t)
		if tk.UnreadByStaff || !tk.UnreadByClient {
			t.Errorf("replied: %v %v", tk.UnreadByStaff, tk.UnreadByClient)
		}
		equal(t, "read by the customer", must(d.MarkRead(as(ann), tk.ID))(t).UnreadByClient, false)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "unread list", len(must(d.Tickets(as(bob), ticket.Query{UnreadByStaff: true}))(t).Tickets), 1)
		must(d.Reply(as(host), tk.ID, ticket.ReplyDraft{Body: "we have got it"}))(t)
		equal(t, "after an automatic answer", must(d.Ticket(as(bob), tk.ID))(t).UnreadByStaff, true)
		equal(t, "closed", must(d.CloseTicket(as(bob), tk.ID))(t).UnreadByStaff, false)
	})
	t.Run("W24 W25 an edited message keeps its old text, a deleted one leaves nothing but its place", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "first"}))(t)
		m = must(d.EditMessage(as(bob), m.ID, "second"))(t)
		equal(t, "body", m.Body, "second")
		old := must(d.Revisions(as(bob), m.ID))(t)
		if len(old) != 1 || old[0].Body != "first" {
			t.Errorf("revisions are %v", old)
		}
		_, err := d.Revisions(as(ann), m.ID)
		is(t, err, ticket.ErrForbidden)
		m = must(d.DeleteMessage(as(bob), m.ID))(t)
		if m.Body != "" || m.DeletedAt == nil {
			t.Errorf("deleted: %+v", m)
		}
		equal(t, "revisions", len(must(d.Revisions(as(bob), m.ID))(t)), 0)
		equal(t, "messages", len(must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)), 2)
		_, err = d.EditMessage(as(bob), m.ID, "third")
		is(t, err, ticket.ErrNotFound)
		_, err = d.EditMessage(as(ann), m.ID, "third")
		is(t, err, ticket.ErrForbidden)
	})
}
