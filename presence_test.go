package helpdesk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// there says who is told to be at a ticket.
func there(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, id int64, doing ticket.Activity) (s string) {
	t.Helper()
	for _, p := range must(d.Present(as(a), id, doing))(t) {
		s += fmt.Sprintf("%s %s since %s. ", p.Name, p.Activity, p.Since.Format("04:05"))
	}
	return s
}

func TestPresence(t *testing.T) {
	t.Parallel()
	t.Run("I14 an agent is told who else views and who writes, since when, and until they are gone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, ann), open(t, d, ann)
		equal(t, "at first", there(t, d, bob, tk.ID, ticket.Viewing), "")
		d.Clock.Advance(10 * time.Second)
		equal(t, "for Carol", there(t, d, carol, tk.ID, ticket.Writing), "Bob viewing since 00:00. ")
		d.Clock.Advance(10 * time.Second)
		equal(t, "for Bob", there(t, d, bob, tk.ID, ticket.Writing), "Carol writing since 00:10. ")
		equal(t, "elsewhere", there(t, d, bob, other.ID, ticket.Viewing), "")
		equal(t, "for a third", there(t, d, ticket.Staff("9", "Dora", ""), tk.ID, ticket.Viewing), "Bob writing since 00:20. Carol writing since 00:10. ")
		ok(t, d.Leave(as(bob), tk.ID))
		ok(t, d.Leave(as(bob), tk.ID))
		d.Clock.Advance(49 * time.Second) // Carol was seen 59 s ago
		equal(t, "for Bob", there(t, d, bob, tk.ID, ticket.Viewing), "Carol writing since 00:10. Dora viewing since 00:20. ")
		d.Clock.Advance(time.Second)
		equal(t, "for Bob", there(t, d, bob, tk.ID, ticket.Viewing), "Dora viewing since 00:20. ")
		equal(t, "back", there(t, d, carol, tk.ID, ticket.Writing), "Bob viewing since 01:09. Dora viewing since 00:20. ")
		equal(t, "Carol begins anew", there(t, d, bob, tk.ID, ticket.Viewing), "Carol writing since 01:10. Dora viewing since 00:20. ")
	})
	t.Run("I14 another process sees the same", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		other := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		tk := open(t, d, ann)
		there(t, d, bob, tk.ID, ticket.Writing)
		equal(t, "there", there(t, other, carol, tk.ID, ticket.Viewing), "Bob writing since 00:00. ")
	})
	t.Run("I14 what says nothing new is written at most every third of the expiry", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{PresenceExpiry: 30 * time.Second})
		tk := open(t, d, ann)
		for range 60 {
			there(t, d, bob, tk.ID, ticket.Viewing)
			d.Clock.Advance(time.Second)
		}
		equal(t, "writes", recordsOf(t, d, "presence")[0].Version, 6)
		there(t, d, bob, tk.ID, ticket.Writing)
		there(t, d, bob, tk.ID, ticket.Writing)
		equal(t, "writes", recordsOf(t, d, "presence")[0].Version, 7)
		equal(t, "journal", journalled(t, d), 1)
	})
	t.Run("I14 what is over is removed by whoever comes, or by Tick", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, ann), open(t, d, ann)
		there(t, d, bob, tk.ID, ticket.Viewing)
		there(t, d, bob, other.ID, ticket.Viewing)
		d.Clock.Advance(time.Minute)
		there(t, d, carol, tk.ID, ticket.Viewing)
		equal(t, "records", len(recordsOf(t, d, "presence")), 2)
		equal(t, "done", must(d.Tick(as(host)))(t), 1)
		equal(t, "records", len(recordsOf(t, d, "presence")), 1)
	})
	t.Run("I14 customers are neither told nor seen", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		for _, a := range []ticket.Actor{ann, guest, host} {
			is(t, drop(d.Present(as(a), tk.ID, ticket.Viewing)), ticket.ErrForbidden)
			is(t, d.Leave(as(a), tk.ID), ticket.ErrForbidden)
		}
		invalid(t, drop(d.Present(as(bob), tk.ID, "sleeping")), "activity")
		equal(t, "records", len(recordsOf(t, d, "presence")), 0)
	})
}

func TestSeen(t *testing.T) {
	t.Parallel()
	t.Run("I14 a reply can ask to be refused if a public message came since", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.AddNote(as(carol), tk.ID, ticket.ReplyDraft{Body: "a note is no news to the customer"}))(t)
		first := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi", Seen: first.ID}))(t)
		news := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "it works again"}))(t)
		before := journalled(t, d)
		is(t, drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "send it back", Seen: m.ID})), ticket.ErrConflict)
		is(t, drop(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Seen: m.ID})), ticket.ErrConflict)
		equal(t, "journal", journalled(t, d), before)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "good!", Seen: news.ID}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "bye"}))(t)
		is(t, drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Seen: 1 << 40})), ticket.ErrConflict)
	})
	t.Run("I11 X06 I14 what came after a merge, an undo or a split does not count as seen, however short the thread is then", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, ann, "a1"), talk(t, d, guest, "g1", "b:g2", "a:g3")
		last := func(id int64) int64 {
			list := must(d.Messages(as(bob), id, ticket.MessageQuery{Newest: true, Limit: 1}))(t)
			return list[0].ID
		}
		reply := func(id, seen int64) error {
			return drop(d.Reply(as(bob), id, ticket.ReplyDraft{Body: "x", Seen: seen}))
		}
		seenInA, seenInB := last(a.ID), last(b.ID)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		is(t, reply(a.ID, seenInA), ticket.ErrConflict)
		ok(t, reply(b.ID, seenInB)) // whoever looked at the source has seen all that came last
		merged := last(a.ID)
		say(t, d, guest, b.ID, "a:g4")
		is(t, reply(b.ID, merged), ticket.ErrConflict)
		seen := last(a.ID)
		must(d.Unmerge(as(bob), b.ID))(t)
		say(t, d, ann, a.ID, "a:a2")
		is(t, reply(a.ID, seen), ticket.ErrConflict)
		c := talk(t, d, ann, "c1", "b:c2", "a:c3")
		said := must(d.Messages(as(bob), c.ID, ticket.MessageQuery{Newest: true, Limit: 2}))(t)
		seen = said[0].ID
		must(d.Split(as(bob), c.ID, ticket.Split{Messages: []int64{seen, said[1].ID}}))(t)
		say(t, d, ann, c.ID, "a:c4")
		is(t, reply(c.ID, seen), ticket.ErrConflict)
		ok(t, reply(c.ID, last(c.ID)))
	})
}
