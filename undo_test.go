package helpdesk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// alike opens tickets that have much in common: people under several names, tags, watchers, objects, links, and mails
// that cite one another.
func alike(t testing.TB, r *rand.Rand, d *helpdesktest.Desk, n int) (ids []int64) {
	t.Helper()
	people := []ticket.Person{{Name: "Pat", Email: "pat@example.com"}, {Name: "G.", Email: "gus@example.com"}, {ID: "43", Email: "eve@example.com"}}
	for i := range n {
		d.Clock.Advance(time.Minute)
		draft := lamp()
		draft.Mail = &ticket.Mail{MessageID: fmt.Sprintf("%d@example.com", i), References: []string{fmt.Sprintf("%d@example.com", r.IntN(n))}}
		who := oneOf(r, ann, guest, ticket.Guest("Gustav", "gus@example.com"), ticket.Client("43", "Eve", "eve@example.com"))
		id := must(d.CreateTicket(as(who.Via(ticket.ChannelEmail)), draft))(t).ID
		ids = append(ids, id)
		tags, watchers, related, joined := some(r, []string{"a", "b", "c"}), some(r, []string{"7", "8", "9"}), some(r, []ticket.Ref{{Kind: "order", ID: "5"}}), some(r, people)
		must(d.UpdateTicket(as(bob), id, ticket.Patch{Tags: &tags, Watchers: &watchers, Related: &related, Participants: &joined}))(t)
		for range r.IntN(2) {
			must(d.Reply(as(bob), id, ticket.ReplyDraft{Body: "hi"}))(t)
			logged(t, d, id, ticket.TimeEntry{Duration: minutes(1 + r.IntN(9)), Billable: true})
		}
		if r.IntN(2) == 0 {
			must(d.MarkRead(as(bob), id))(t)
		}
		if other := oneOf(r, ids...); other != id {
			must(d.LinkTicket(as(bob), id, ticket.Link{Kind: ticket.LinkRelated, Ticket: other}))(t)
		}
	}
	d.Clock.Advance(time.Minute)
	return ids
}

// merged are tickets by where they have gone.
type merged map[int64]int64

// undo undoes one merge, any of those that can be undone.
func (m merged) undo(t testing.TB, r *rand.Rand, d *helpdesktest.Desk) {
	t.Helper()
	source := oneOf(r, slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(id int64) bool { return m[m[id]] != 0 })...)
	must(d.Unmerge(as(host), source))(t)
	delete(m, source)
	for shell, target := range m { // what is still merged has brought its customer
		for m[target] != 0 {
			target = m[target]
		}
		if who := must(d.Ticket(as(host), shell))(t).Requester; !must(d.Ticket(as(host), target))(t).Concerns(who) {
			t.Errorf("ticket %d has lost %v, who came with ticket %d", target, who, shell)
		}
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	t.Run("X06 whatever was merged into whatever, undone in any order everything is as it was", func(t *testing.T) {
		t.Parallel()
		undone := 0
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 3))
			d := newDesk(t, helpdesk.Config{})
			ids := alike(t, r, d, 6)
			before, into := frozen(t, d, ids...), merged{}
			for range 6 {
				d.Clock.Advance(time.Duration(r.IntN(2)) * time.Minute)
				target, source := oneOf(r, ids...), oneOf(r, ids...)
				if target == source || into[target] != 0 || into[source] != 0 {
					continue
				}
				must(d.Merge(as(host), target, source))(t)
				into[source] = target
				if undone++; r.IntN(4) == 0 {
					into.undo(t, r, d)
				}
			}
			for len(into) > 0 {
				d.Clock.Advance(time.Minute)
				into.undo(t, r, d)
			}
			if after := frozen(t, d, ids...); after != before {
				t.Fatalf("seed %d:\n%s\nis not\n%s", seed, after, before)
			}
		}
		if undone < 80 {
			t.Errorf("%d merges are too little to prove anything", undone)
		}
	})
	t.Run("I11 messages that were split off go back to their old places, also where these are not in the order of time", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		id := talk(t, d, ann, "one").ID
		for _, body := range []string{"two", "three", "four"} {
			d.Clock.Advance(-time.Minute) // as where several machines write, one of which is late
			must(d.Reply(as(bob), id, ticket.ReplyDraft{Body: body}))(t)
		}
		third := must(d.Messages(as(bob), id, ticket.MessageQuery{}))(t)[2].ID
		part := must(d.Split(as(bob), id, ticket.Split{Messages: []int64{third}}))(t)
		equal(t, "what is left", bodies(t, d, id), "one two four")
		must(d.Unsplit(as(bob), part.ID))(t)
		equal(t, "the thread again", bodies(t, d, id), "one two three four")
	})
	t.Run("I11 what is still to be read goes along, and what a message got since goes back with it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, guest, "a1").ID, talk(t, d, ann, "b1").ID
		answer := must(d.Reply(as(bob), b, ticket.ReplyDraft{Body: "b2"}))(t).ID
		equal(t, "the source is to be read", must(d.Ticket(as(host), b))(t).UnreadByClient, true)
		equal(t, "the target is to be read", must(d.Merge(as(host), a, b))(t).UnreadByClient, true)
		must(d.Time().Log(as(bob), a, ticket.TimeEntry{Duration: minutes(3), MessageID: answer}))(t)
		must(d.Unmerge(as(host), b))(t)
		equal(t, "the time of the source", must(d.Ticket(as(host), b))(t).Spent.Total, minutes(3))
		equal(t, "the time of the target", must(d.Ticket(as(host), a))(t).Spent.Total, 0)
	})
}
