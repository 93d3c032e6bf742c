package helpdesk_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var twoDepartments = []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}

// counted returns an actor's numbers of the inbox, or of everything.
func counted(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, folders ...ticket.Folder) ticket.Counters {
	t.Helper()
	return must(d.Counters(as(a), ticket.CounterQuery{Folders: folders}))(t)
}

func TestCounters(t *testing.T) {
	t.Parallel()
	t.Run("M17 M18 my tickets, all, unassigned, new unassigned, and per agent open, in progress, closed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: twoDepartments})
		a, b, c := open(t, d, ann), open(t, d, ann), open(t, d, guest)
		open(t, d, ann)
		must(d.Claim(as(bob), a.ID))(t)
		must(d.SetStatus(as(bob), a.ID, "in_progress"))(t)
		must(d.Claim(as(bob), b.ID))(t)
		must(d.Assign(as(bob), c.ID, "8"))(t)
		must(d.CloseTicket(as(bob), c.ID))(t)
		must(d.Transfer(as(bob), b.ID, "sales"))(t)
		got := counted(t, d, bob)
		equal(t, "all", got.All, ticket.Tally{Total: 4, Unread: 3, New: 2, Open: 1, Closed: 1})
		equal(t, "mine", got.Mine, ticket.Tally{Total: 2, Unread: 2, New: 1, Open: 1})
		equal(t, "mine active", got.Mine.Active(), 2)
		equal(t, "unassigned", got.Unassigned, ticket.Tally{Total: 1, Unread: 1, New: 1})
		equal(t, "Carol's", got.Agents["8"], ticket.Tally{Total: 1, Closed: 1})
		equal(t, "done", got.Agents["8"].Done(), 1)
		equal(t, "in progress", got.Statuses["in_progress"].Total, 1)
		equal(t, "in sales", got.Departments["sales"], ticket.Tally{Total: 1, Unread: 1, New: 1})
		equal(t, "of the brand", got.Brands["default"].Total, 4)
		equal(t, "in progress by class", got.All.Open, 1)
		equal(t, "Carol's own", counted(t, d, carol).Mine.Total, 1)
	})
	t.Run("M61 unread for me: a reply of the customer counts until it is read, one of staff for the customer", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		equal(t, "new", counted(t, d, bob).Unassigned.Unread, 1)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		equal(t, "answered", counted(t, d, bob).All.Unread, 0)
		equal(t, "Ann's", counted(t, d, ann).All, ticket.Tally{Total: 1, Unread: 1, New: 1})
		must(d.MarkRead(as(ann), tk.ID))(t)
		equal(t, "read by Ann", counted(t, d, ann).All.Unread, 0)
		equal(t, "of agents for Ann", len(counted(t, d, ann).Agents), 0)
		equal(t, "Gus's", counted(t, d, guest).All.Total, 0)
	})
	t.Run("M60 M61 the numbers are of the folders asked for, and of all where none is; what is deleted or merged is in none", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		spam, gone := open(t, d, guest), open(t, d, ann)
		open(t, d, ann)
		must(d.MoveTo(as(bob), spam.ID, ticket.Spam))(t)
		ok(t, d.DeleteTicket(as(bob), gone.ID))
		got := counted(t, d, bob, ticket.Inbox)
		equal(t, "inbox", got.All.Total, 1)
		all := counted(t, d, bob).All.Total
		equal(t, "every folder, as the list has", all, len(must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets))
		equal(t, "every folder", all, 2)
		equal(t, "spam", got.Folders[ticket.Spam].Total, 1)
		equal(t, "both", counted(t, d, bob, ticket.Inbox, ticket.Spam).All.Total, 2)
		must(d.RestoreTicket(as(bob), gone.ID))(t)
		equal(t, "restored", counted(t, d, bob, ticket.Inbox).All.Total, 2)
		ok(t, d.DeleteTicket(as(bob), spam.ID))
		ok(t, d.Purge(as(bob), spam.ID))
		equal(t, "purged", counted(t, d, bob).Folders[ticket.Spam].Total, 0)
	})
	t.Run("M17 numbers have a plus where they end", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for range ticket.MaxCount + 1 {
			open(t, d, ann)
		}
		equal(t, "kept", must(d.CountTickets(as(bob), ticket.Query{Folders: []ticket.Folder{ticket.Inbox}}))(t).String(), "1001")
		equal(t, "walked", must(d.CountTickets(as(bob), ticket.Query{Requester: ann.ID}))(t).String(), "1000+")
		equal(t, "the customer's", must(d.CountTickets(as(ann), ticket.Query{}))(t).String(), "1000+")
		got := counted(t, d, ann)
		equal(t, "counted", got.All.Total, ticket.MaxCount)
		equal(t, "more", got.More, true)
	})
	t.Run("M17 a customer is told nothing of tags, watchers and deleted tickets by a count", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		is(t, drop(d.CountTickets(as(ann), ticket.Query{Tags: []string{"a"}})), ticket.ErrInvalid)
		is(t, drop(d.CountTickets(as(ann), ticket.Query{Watcher: "7"})), ticket.ErrInvalid)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		equal(t, "deleted", must(d.CountTickets(as(ann), ticket.Query{Deleted: true}))(t).N, 0)
		equal(t, "deleted for staff", must(d.CountTickets(as(bob), ticket.Query{Deleted: true}))(t).N, 1)
	})
	t.Run("M17 Check finds numbers that are wrong", func(t *testing.T) {
		t.Parallel()
		file := t.TempDir() + "/desk.db"
		s := must(sqlite.Open(context.Background(), file, nil))(t)
		t.Cleanup(func() { ok(t, s.Close()) })
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		open(t, d, ann)
		equal(t, "problems", len(must(d.Check(context.Background()))(t)), 0)
		db := must(sql.Open("sqlite", file))(t)
		_, err := db.ExecContext(context.Background(), "UPDATE helpdesk_tallies SET numbers = replace(numbers, ' 1 1', ' 17 1')")
		ok(t, err)
		ok(t, db.Close())
		problems := must(d.Check(context.Background()))(t)
		if len(problems) != 1 || problems[0].Area != "counters" || !strings.Contains(problems[0].Message, "off by +16 tickets, +0 unread") {
			t.Errorf("found %v", problems)
		}
	})
}
