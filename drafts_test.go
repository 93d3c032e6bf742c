package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func save(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, id int64, body string) ticket.SavedDraft {
	t.Helper()
	return must(d.Drafts().Save(as(a), id, ticket.SavedDraft{Body: body}))(t)
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	t.Run("M15 a draft is saved again and again, one for each agent and ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, ann), open(t, d, ann)
		save(t, d, bob, tk.ID, "Dear")
		d.Clock.Advance(time.Second)
		full := ticket.SavedDraft{Kind: ticket.KindThirdParty, Body: "Dear Ann", Format: ticket.Markdown, HTMLBody: "<p>", To: []ticket.Person{{Email: "lab@x.example"}},
			Cc: []ticket.Person{{Email: "c@x.example"}}, Bcc: []ticket.Person{{Email: "b@x.example"}}, Status: "closed", Seen: 1}
		saved := must(d.Drafts().Save(as(bob), tk.ID, full))(t)
		save(t, d, carol, tk.ID, "Carol's")
		save(t, d, bob, other.ID, "the other one")
		got := must(d.Drafts().Get(as(bob), tk.ID))(t)
		equal(t, "draft", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", saved))
		full.TicketID, full.Agent, full.Version, full.SavedAt = tk.ID, "7", saved.Version, d.Now()
		equal(t, "draft", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", full))
		equal(t, "Carol's", must(d.Drafts().Get(as(carol), tk.ID))(t).Body, "Carol's")
		equal(t, "records", len(recordsOf(t, d, "draft")), 3)
	})
	t.Run("M15 saving leaves no trace in the ticket, the journal and the hooks", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		before := journalled(t, d)
		d.Clock.Advance(time.Hour)
		d.ResetFired()
		save(t, d, bob, tk.ID, "Dear")
		ok(t, d.Drafts().Discard(as(bob), tk.ID))
		ok(t, d.Drafts().Discard(as(bob), tk.ID))
		d.ExpectFired(t, nil)
		equal(t, "journal", journalled(t, d), before)
		equal(t, "version", must(d.Ticket(as(bob), tk.ID))(t).Version, tk.Version)
		is(t, drop(d.Drafts().Get(as(bob), tk.ID)), ticket.ErrNotFound)
	})
	t.Run("M15 the draft goes with the message that it was, or stays with one that was refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		save(t, d, bob, tk.ID, "Dear Ann")
		save(t, d, carol, tk.ID, "Dear Ann, too")
		_, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "nonsense"})
		is(t, err, ticket.ErrInvalid)
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "call her"}))(t)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"}))(t)
		draft := must(d.Drafts().Get(as(bob), tk.ID))(t) // none of that was it
		must(d.Reply(as(bob), tk.ID, draft.Reply()))(t)
		is(t, drop(d.Drafts().Get(as(bob), tk.ID)), ticket.ErrNotFound)
		must(d.Drafts().Get(as(carol), tk.ID))(t)
		must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Kind: ticket.KindNote, Body: "x"}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		must(d.Drafts().Get(as(bob), tk.ID))(t)
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		is(t, drop(d.Drafts().Get(as(bob), tk.ID)), ticket.ErrNotFound)
	})
	t.Run("M15 a second tab hears that the draft is another one, if it asks", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		first := save(t, d, bob, tk.ID, "one")
		first.Body = "two"
		second := must(d.Drafts().Save(as(bob), tk.ID, first))(t)
		is(t, drop(d.Drafts().Save(as(bob), tk.ID, first)), ticket.ErrConflict)
		equal(t, "kept", must(d.Drafts().Get(as(bob), tk.ID))(t).Body, "two")
		save(t, d, bob, tk.ID, "three")
		is(t, drop(d.Drafts().Save(as(bob), tk.ID, second)), ticket.ErrConflict)
		ok(t, d.Drafts().Discard(as(bob), tk.ID))
		is(t, drop(d.Drafts().Save(as(bob), tk.ID, second)), ticket.ErrConflict)
		again := save(t, d, bob, tk.ID, "four")
		for _, old := range []ticket.SavedDraft{first, second} {
			if again.Version == old.Version {
				t.Error("a version came again")
			}
		}
	})
}

func TestDraftsAreTheAgents(t *testing.T) {
	t.Parallel()
	t.Run("M15 mine are listed, the latest first, for tickets that I may see", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{
			Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "billing", Name: "Billing"}},
			Authorizer:  byDepartment{of: map[string][]string{"7": {"support"}, "8": {"support", "billing"}}},
		})
		var ids []int64
		for i := range 3 {
			tk := open(t, d, ann)
			ids = append(ids, tk.ID)
			d.Clock.Advance(time.Second)
			save(t, d, bob, tk.ID, fmt.Sprint(i))
		}
		save(t, d, carol, ids[0], "Carol's")
		mine := func() (s string) {
			for _, x := range must(d.Drafts().List(as(bob)))(t) {
				s += x.Body
			}
			return s
		}
		equal(t, "mine", mine(), "210")
		must(d.Transfer(as(carol), ids[1], "billing"))(t)
		equal(t, "mine", mine(), "20")
		is(t, drop(d.Drafts().Get(as(bob), ids[1])), ticket.ErrNotFound)
		ok(t, d.DeleteTicket(as(bob), ids[2]))
		equal(t, "mine", mine(), "0")
		is(t, drop(d.Drafts().Save(as(bob), ids[2], ticket.SavedDraft{Body: "x"})), ticket.ErrNotFound)
		is(t, drop(d.Drafts().Save(as(bob), ids[1], ticket.SavedDraft{Body: "x"})), ticket.ErrNotFound)
	})
	t.Run("M15 drafts are for agents who may send them, and held to the limits", func(t *testing.T) {
		t.Parallel()
		may := map[helpdesk.Action]bool{helpdesk.ActSee: true, helpdesk.ActNote: true}
		d := newDesk(t, helpdesk.Config{Authorizer: deputy{may: may}})
		tk := open(t, d, ann)
		for _, a := range []ticket.Actor{ann, guest, host, ticket.Staff("", "Nobody", "")} {
			is(t, drop(d.Drafts().Save(as(a), tk.ID, ticket.SavedDraft{Body: "x"})), ticket.ErrForbidden)
			is(t, drop(d.Drafts().Get(as(a), tk.ID)), ticket.ErrForbidden)
			is(t, drop(d.Drafts().List(as(a))), ticket.ErrForbidden)
			is(t, d.Drafts().Discard(as(a), tk.ID), ticket.ErrForbidden)
		}
		is(t, drop(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: "x"})), ticket.ErrForbidden)
		must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Kind: ticket.KindNote}))(t) // nothing yet
		for field, s := range map[string]ticket.SavedDraft{
			"body": {Body: strings.Repeat("x", 1<<20+1)}, "html_body": {HTMLBody: "\x00"}, "kind": {Kind: "shout"}, "format": {Format: "rtf"},
			"to": {To: []ticket.Person{{Email: "x"}}}, "cc": {Cc: make([]ticket.Person, 1000)}, "bcc": {Bcc: []ticket.Person{{Name: "\n"}}}, "status": {Status: "a\nb"},
			"encrypted": {Encrypted: true},
		} {
			invalid(t, drop(d.Drafts().Save(as(carol), tk.ID, s)), field)
		}
	})
	t.Run("M15 I14 a purge takes the drafts and presences of its ticket, and of no other", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var ids []int64
		for range 12 { // so that one id begins with another
			ids = append(ids, open(t, d, ann).ID)
		}
		agents := make([]ticket.Actor, 120) // more than one page
		for i := range agents {
			agents[i] = ticket.Staff(fmt.Sprint("a/", i), "", "")
			save(t, d, agents[i], ids[0], "x")
		}
		save(t, d, bob, ids[11], "x")
		must(d.Present(as(bob), ids[0], ticket.Writing))(t)
		must(d.Present(as(bob), ids[11], ticket.Writing))(t)
		ok(t, d.DeleteTicket(as(bob), ids[0]))
		ok(t, d.Purge(as(bob), ids[0]))
		equal(t, "drafts", len(recordsOf(t, d, "draft")), 1)
		equal(t, "presences", len(recordsOf(t, d, "presence")), 1)
		must(d.Drafts().Get(as(bob), ids[11]))(t)
	})
	t.Run("M15 I11 a message to a merged ticket takes the draft of that one along, and no other", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, ann).ID
		save(t, d, bob, a, "for the target")
		save(t, d, bob, b, "for the source")
		must(d.Merge(as(bob), a, b))(t)
		must(d.Reply(as(bob), b, ticket.ReplyDraft{Body: "for the source"}))(t)
		equal(t, "the other draft", must(d.Drafts().Get(as(bob), a))(t).Body, "for the target")
		_, err := d.Drafts().Get(as(bob), b)
		is(t, err, ticket.ErrNotFound)
	})
}
