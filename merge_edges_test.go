package helpdesk_test

import (
	"context"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMergeEdges(t *testing.T) {
	t.Parallel()
	t.Run("X12 a link of a ticket with itself cannot be made, and not be undone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := open(t, d, ann).ID
		_, err := d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: a})
		invalid(t, err, "ticket")
		_, err = d.UnlinkTicket(as(bob), a, a)
		invalid(t, err, "ticket")
	})
	t.Run("X12 a ticket that is merged while it is linked gets no link", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, c := open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID
		d.Hooks().TicketUpdateValidation.Bind("test", func(_ context.Context, in hooks.Updating) error {
			if in.Ticket.ID == b { // the gate of the second one is the last thing before the transaction
				return drop(d.Merge(as(bob), c, b))
			}
			return nil
		})
		_, err := d.LinkTicket(as(bob), a, ticket.Link{Kind: ticket.LinkRelated, Ticket: b})
		is(t, err, ticket.ErrMerged)
		equal(t, "links", len(must(d.Ticket(as(host), a))(t).Links), 0)
	})
	t.Run("X12 X06 a purged ticket leaves no link behind, also where a merge had spread it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, x := open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID
		must(d.LinkTicket(as(bob), b, ticket.Link{Kind: ticket.LinkRelated, Ticket: x}))(t)
		must(d.Merge(as(bob), a, b))(t)
		ok(t, d.DeleteTicket(as(host), x))
		ok(t, d.Purge(as(host), x))
		for _, id := range []int64{a, b} {
			if got := must(d.Ticket(as(host), id))(t); len(got.Links) > 0 {
				t.Errorf("ticket %d has the links %v", id, got.Links)
			}
		}
	})
	t.Run("I11 the purge of a chain of merges tells of every ticket in it, and of the links that it takes away", func(t *testing.T) {
		t.Parallel()
		var told []ticket.EventType
		d := newDesk(t, helpdesk.Config{Observer: helpdesk.Observer{Write: func(_ context.Context, w helpdesk.WriteInfo) { told = w.Events }}})
		a, b, c, x := open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID
		must(d.LinkTicket(as(bob), c, ticket.Link{Kind: ticket.LinkRelated, Ticket: x}))(t)
		must(d.Merge(as(bob), b, c))(t)
		must(d.Merge(as(bob), a, b))(t)
		ok(t, d.DeleteTicket(as(host), a))
		ok(t, d.Purge(as(host), a))
		count := map[ticket.EventType]int{}
		for _, e := range told {
			count[e]++
		}
		if count[ticket.EventPurged] != 3 || !slices.Contains(told, ticket.EventUpdated) {
			t.Errorf("told of %v", told)
		}
	})
	t.Run("I11 who takes part in a merged ticket is asked of the one that has it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, guest).ID
		must(d.Merge(as(bob), a, b))(t)
		gus := ticket.Guest("Gus", "gus@example.com").Via(ticket.ChannelEmail)
		equal(t, "the target's requester, who cites the source", must(d.TakesPart(as(ann.Via(ticket.ChannelEmail)), b))(t), true)
		equal(t, "the source's requester", must(d.TakesPart(as(gus), b))(t), true)
		must(d.UpdateTicket(as(bob), a, ticket.Patch{Participants: &[]ticket.Person{}}))(t)
		equal(t, "one who was taken out", must(d.TakesPart(as(gus), b))(t), false)
	})
}
