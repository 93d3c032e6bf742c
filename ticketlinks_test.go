package helpdesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func links(t testing.TB, d *helpdesktest.Desk, who ticket.Actor, id int64) []ticket.Link {
	t.Helper()
	return must(d.Ticket(as(who), id))(t).Links
}

func TestTicketLinks(t *testing.T) {
	t.Parallel()
	t.Run("X12 a link has two sides, one kind, and ends on both", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, ann).ID
		var gates []int64
		d.Hooks().TicketUpdateValidation.Bind("test", func(_ ctx, in hooks.Updating) error {
			gates = append(gates, in.Ticket.ID)
			return nil
		})
		must(d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: b}))(t)
		got := must(d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkDuplicate, Ticket: b}))(t)
		if want := []ticket.Link{{Kind: ticket.LinkDuplicate, Ticket: b}}; !slices.Equal(got.Links, want) {
			t.Errorf("links are %v", got.Links)
		}
		if want := []ticket.Link{{Kind: ticket.LinkOriginal, Ticket: a}}; !slices.Equal(links(t, d, bob, b), want) {
			t.Errorf("the other side has %v", links(t, d, bob, b))
		}
		if !slices.Equal(gates, []int64{a, b, a, b}) {
			t.Errorf("gates saw %v", gates)
		}
		must(d.UnlinkTicket(as(bob), b, a))(t)
		if len(links(t, d, bob, a))+len(links(t, d, bob, b)) > 0 {
			t.Error("a side of the link is left")
		}
		version := must(d.Ticket(as(bob), a))(t).Version
		must(d.UnlinkTicket(as(bob), b, a))(t)
		equal(t, "version after unlinking again", must(d.Ticket(as(bob), a))(t).Version, version)
		_, err := d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: a})
		invalid(t, err, "ticket")
		_, err = d.LinkTicket(as(bob), a, ticket.Link{Kind: "cousin", Ticket: b})
		invalid(t, err, "kind")
		for _, k := range []ticket.LinkKind{ticket.LinkRelated, ticket.LinkDuplicate, ticket.LinkOriginal, ticket.LinkParent, ticket.LinkChild, ticket.LinkBlocks, ticket.LinkBlockedBy} {
			equal(t, "names "+string(k), strings.Contains(err.Error(), string(k)), true)
		}
		_, err = d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: 99})
		is(t, err, ticket.ErrNotFound)
		set(t, d, ticket.SettingsPatch{CustomerEdit: new(ticket.EditWhileOpen)})
		_, err = d.LinkTicket(as(ann), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: b})
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("X12 G04 whoever may not see the other ticket is shown no link, in the history neither", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		a := open(t, d, ann).ID
		b := must(d.Transfer(as(host), open(t, d, guest).ID, "billing"))(t).ID
		must(d.LinkTicket(as(host), a, ticket.Link{Kind: ticket.LinkChild, Ticket: b}))(t)
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "support", Name: "S", Grants: []ticket.Grant{{Departments: []string{"support"}}}}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"support"}}))
		if got := links(t, d, carol, a); len(got) > 0 {
			t.Errorf("Carol is shown %v", got)
		}
		if got := links(t, d, ann, a); len(got) > 0 {
			t.Errorf("Ann is shown %v", got)
		}
		for _, e := range must(d.History(as(carol), a, ticket.EventQuery{}))(t) {
			if c, changed := e.Changed("links"); changed && (c.Old != "" || c.New != "") {
				t.Errorf("Carol's history tells of %v", c)
			}
		}
		must(d.Merge(as(host), b, open(t, d, ann).ID))(t)
		must(d.Merge(as(host), b, a))(t)
		equal(t, "where Carol's ticket has gone", must(d.Ticket(as(carol), a))(t).MergedInto, -1)
		for _, e := range must(d.History(as(carol), a, ticket.EventQuery{}))(t) {
			if c, changed := e.Changed("merged_into"); changed {
				equal(t, "where Carol's history says that it has gone", c.New, "-1")
			}
		}
	})
	t.Run("X12 however many links a ticket has, one look into the store tells which of them are shown", func(t *testing.T) {
		t.Parallel()
		s := &looks{Store: memory.New(nil)}
		d := must(helpdesk.New(t.Context(), s, &helpdesk.Config{Dispatch: helpdesk.Manual}))(t)
		a := must(d.CreateTicket(as(ann), lamp()))(t).ID
		count := func() int32 {
			s.n.Store(0)
			must(d.Ticket(as(bob), a))(t)
			must(d.History(as(bob), a, ticket.EventQuery{}))(t)
			return s.n.Load()
		}
		none := count()
		for range 9 {
			must(d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: must(d.CreateTicket(as(guest), lamp()))(t).ID}))(t)
		}
		equal(t, "more looks, one for the ticket and one for its history", count()-none, 2)
		equal(t, "shown", len(must(d.Ticket(as(bob), a))(t).Links), 9)
		equal(t, "shown to Ann", len(must(d.Ticket(as(ann), a))(t).Links), 0)
	})
	t.Run("X12 links go along with a merge, end with a purge, and come back with an undo", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, c := open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID
		must(d.LinkTicket(as(bob), b, ticket.Link{Kind: ticket.LinkParent, Ticket: c}))(t)
		must(d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkDuplicate, Ticket: b}))(t)
		before := frozen(t, d, a, b, c)
		must(d.Merge(as(bob), a, b))(t)
		if got := links(t, d, bob, a); !slices.Contains(got, ticket.Link{Kind: ticket.LinkParent, Ticket: c}) {
			t.Errorf("the target has %v", got)
		}
		must(d.Unmerge(as(bob), b))(t)
		equal(t, "after undoing", frozen(t, d, a, b, c), before)
		must(d.Merge(as(bob), a, b))(t)
		must(d.UnlinkTicket(as(bob), a, c))(t)
		if got := links(t, d, bob, c); len(got) > 0 {
			t.Errorf("the other side has %v", got)
		}
		must(d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: c}))(t)
		ok(t, d.DeleteTicket(as(bob), a))
		ok(t, d.Purge(as(bob), a))
		if got := links(t, d, bob, c); len(got) > 0 {
			t.Errorf("after the purge the other side has %v", got)
		}
	})
}

// looks counts how often a store is looked into.
type looks struct {
	store.Store
	n atomic.Int32
}

func (s *looks) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	s.n.Add(1)
	return s.Store.View(ctx, fn)
}

func TestMentions(t *testing.T) {
	t.Parallel()
	staffed := func(t *testing.T) *helpdesktest.Desk {
		d := newDesk(t, inPlaces(helpdesk.Config{Agents: []ticket.Agent{
			{ID: "7", Name: "Bob Bauer", FirstName: "Bob"}, {ID: "8", Name: "Carol", Departments: []string{"billing"}}, {ID: "9", Name: "Bob Other", FirstName: "Bob"}, {ID: "10", Name: "Gone", Inactive: true},
		}}))
		return d
	}
	t.Run("X30 a note names agents and departments, in its text or chosen", func(t *testing.T) {
		t.Parallel()
		d := staffed(t)
		id := open(t, d, ann).ID
		for body, want := range map[string][]ticket.Mention{
			"@bobbauer, @8 and @8: see (@billing).": {{Agent: "7"}, {Agent: "8"}, {Department: "billing"}},
			"@Bob is two":                           nil,
			"ann@carol.example, @gone, @, @@ @…":    nil,
			"@CAROL.":                               {{Agent: "8"}},
		} {
			if got := must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: body}))(t).Mentions; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", body, got, want)
			}
		}
		got := must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: "@carol", Mentions: []ticket.Mention{{Agent: "9"}, {Agent: "8"}}}))(t).Mentions
		if want := []ticket.Mention{{Agent: "9"}, {Agent: "8"}}; !slices.Equal(got, want) {
			t.Errorf("chosen: %v", got)
		}
		equal(t, "mentions of a public reply", len(must(d.Reply(as(bob), id, ticket.ReplyDraft{Body: "@carol"}))(t).Mentions), 0)
		for what, draft := range map[string]ticket.ReplyDraft{
			"unknown agent": {Mentions: []ticket.Mention{{Agent: "99"}}}, "unknown department": {Mentions: []ticket.Mention{{Department: "x"}}},
			"both": {Mentions: []ticket.Mention{{Agent: "7", Department: "billing"}}}, "neither": {Mentions: []ticket.Mention{{}}},
		} {
			t.Log(what)
			draft.Body = "x"
			_, err := d.AddNote(as(bob), id, draft)
			invalid(t, err, "mentions")
		}
		_, err := d.Reply(as(bob), id, ticket.ReplyDraft{Body: "x", Mentions: []ticket.Mention{{Agent: "8"}}})
		invalid(t, err, "mentions")
	})
	t.Run("X30 an agent finds what mentions them and their departments, the newest first, as long as they may see it", func(t *testing.T) {
		t.Parallel()
		d := staffed(t)
		id := open(t, d, ann).ID
		var want []string
		for _, body := range []string{"@carol 1", "@billing 2", "@9 3", "@carol @billing 4"} {
			d.Clock.Advance(time.Minute)
			must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: body}))(t)
		}
		must(d.UpdateTicket(as(bob), id, ticket.Patch{Subject: new("x"), Note: "@carol 5"}))(t)
		list := func() (got []string) {
			q := ticket.MentionQuery{Limit: 2}
			for {
				page := must(d.Mentions().List(as(carol), q))(t)
				for _, m := range page.Mentions {
					got = append(got, m.Message.Body)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					return got
				}
			}
		}
		want = []string{"@carol 5", "@carol @billing 4", "@billing 2", "@carol 1"}
		if got := list(); !slices.Equal(got, want) {
			t.Errorf("mentions are %q, want %q", got, want)
		}
		all := must(d.Messages(as(bob), id, ticket.MessageQuery{}))(t)
		chosen := must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: "see @9", Mentions: []ticket.Mention{{Agent: "7"}}}))(t)
		if got := must(d.EditMessage(as(bob), chosen.ID, "see @8x"))(t).Mentions; !slices.Equal(got, []ticket.Mention{{Agent: "7"}}) {
			t.Errorf("after an edit that takes out who was named, %v is left of who was chosen", got)
		}
		must(d.EditMessage(as(bob), all[1].ID, "nobody 1"))(t)
		must(d.DeleteMessage(as(bob), all[2].ID))(t)
		if got := list(); !slices.Equal(got, want[:2]) {
			t.Errorf("after an edit and a removal mentions are %q", got)
		}
		_, err := d.Mentions().List(as(ann), ticket.MentionQuery{})
		is(t, err, ticket.ErrForbidden)
		_, err = d.Mentions().List(as(carol), ticket.MentionQuery{Cursor: "no' OR 1"})
		invalid(t, err, "cursor")
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "b", Name: "B", Grants: []ticket.Grant{{Departments: []string{"billing"}}}}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"b"}, Departments: []string{"billing"}}))
		equal(t, "of a ticket that she no longer sees", strings.Join(list(), " "), "")
		equal(t, "unseen there", must(d.Mentions().Unseen(as(carol)))(t), ticket.Count{})
	})
	t.Run("X30 a note for an agent and for her departments comes once, on whichever page", func(t *testing.T) {
		t.Parallel()
		d := staffed(t)
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Departments: []string{"billing", "support"}}))
		id := open(t, d, ann).ID
		for range 3 {
			must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: "@support @billing @carol"}))(t)
		}
		must(d.AddNote(as(bob), id, ticket.ReplyDraft{Body: "@support @billing"}))(t)
		for limit := 1; limit < 6; limit++ {
			var seen []int64
			q := ticket.MentionQuery{Limit: limit}
			for first := true; first || q.Cursor != ""; first = false {
				page := must(d.Mentions().List(as(carol), q))(t)
				for _, m := range page.Mentions {
					if m.Mention.Agent != "8" && strings.Contains(m.Message.Body, "@carol") {
						t.Errorf("of %q it is said that it names %+v", m.Message.Body, m.Mention)
					}
					seen = append(seen, m.Message.ID)
				}
				q.Cursor = page.Next
			}
			equal(t, "notes", len(seen), 4)
			equal(t, "each once", len(slices.Compact(seen)), 4)
		}
	})
	t.Run("X30 an agent marks up to which note they have seen what mentions them, and counts what came since", func(t *testing.T) {
		t.Parallel()
		d := staffed(t)
		id := open(t, d, ann).ID
		note := func(a ticket.Actor, body string) *ticket.Message {
			d.Clock.Advance(time.Minute)
			return must(d.AddNote(as(a), id, ticket.ReplyDraft{Body: body}))(t)
		}
		unseen := func(a ticket.Actor, want string) {
			t.Helper()
			equal(t, "unseen by "+a.Name, must(d.Mentions().Unseen(as(a)))(t).String(), want)
			page, n := must(d.Mentions().List(as(a), ticket.MentionQuery{Limit: ticket.MaxPage}))(t), 0
			for _, m := range page.Mentions {
				if !m.Seen {
					n++
				}
			}
			equal(t, "not seen on the page of "+a.Name, fmt.Sprint(n), strings.TrimSuffix(want, "+"))
		}
		unseen(carol, "0")
		one, two := note(bob, "@carol 1"), note(bob, "@billing @bobbauer 2")
		note(carol, "@billing 3") // her own
		unseen(carol, "2")
		unseen(bob, "0")
		ok(t, d.Mentions().MarkSeen(as(carol), one.ID))
		unseen(carol, "1")
		ok(t, d.Mentions().MarkSeen(as(carol), two.ID))
		ok(t, d.Mentions().MarkSeen(as(carol), one.ID)) // takes nothing back
		unseen(carol, "0")
		for range 102 {
			note(bob, "@carol again")
		}
		equal(t, "many", must(d.Mentions().Unseen(as(carol)))(t).String(), "100+")
		is(t, d.Mentions().MarkSeen(as(ann), one.ID), ticket.ErrForbidden)
		is(t, d.Mentions().MarkSeen(as(carol), 1<<40), ticket.ErrNotFound)
		is(t, drop(d.Mentions().Unseen(as(ann))), ticket.ErrForbidden)
	})
}
