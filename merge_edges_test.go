package helpdesk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
	t.Run("I11 whom a code has led to the target is told the way to the source", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann), open(t, d, ann)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		led := must(d.TicketByCode(as(bob), b.Code))(t)
		_, undo := d.Unmerge(as(bob), led.ID)
		_, again := d.Merge(as(bob), a.ID, led.ID)
		for field, err := range map[string]error{"source": undo, "sources": again} {
			if invalid(t, err, field); !strings.Contains(err.Error(), "Desk.Merged") {
				t.Error(err)
			}
		}
		must(d.Unmerge(as(bob), must(d.Merged(as(bob), led.ID))(t)[0].ID))(t)
		equal(t, "code", must(d.TicketByCode(as(bob), b.Code))(t).ID, b.ID)
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
		equal(t, "the target's requester, who cites the source", must(d.Mail().TakesPart(as(ann.Via(ticket.ChannelEmail)), b))(t), true)
		equal(t, "the source's requester", must(d.Mail().TakesPart(as(gus), b))(t), true)
		must(d.UpdateTicket(as(bob), a, ticket.Patch{Participants: &[]ticket.Person{}}))(t)
		equal(t, "one who was taken out", must(d.Mail().TakesPart(as(gus), b))(t), false)
	})
	t.Run("X06 what two sources brought stays until both are taken apart, in either order", func(t *testing.T) {
		t.Parallel()
		for _, first := range []int{0, 1} {
			d := newDesk(t, helpdesk.Config{})
			a, b, c := open(t, d, ann).ID, open(t, d, guest).ID, open(t, d, guest).ID
			ok(t, drop(d.MarkRead(as(bob), a)))
			for _, id := range []int64{b, c} {
				must(d.UpdateTicket(as(bob), id, ticket.Patch{Tags: &[]string{"lamp"}, Watchers: &[]string{"8"}, Related: &[]ticket.Ref{{Kind: "order", ID: "5"}}}))(t)
			}
			before := frozen(t, d, a, b, c)
			d.Clock.Advance(time.Minute)
			must(d.Merge(as(bob), a, b))(t)
			must(d.Merge(as(bob), a, c))(t)
			sources := []int64{b, c}
			must(d.Unmerge(as(bob), sources[first]))(t)
			got := must(d.Ticket(as(guest), a))(t) // they have another ticket in it
			equal(t, "participants", len(got.Participants), 1)
			got = must(d.Ticket(as(bob), a))(t)
			if len(got.Tags) != 1 || len(got.Watchers) != 1 || len(got.Related) != 1 || !got.UnreadByStaff {
				t.Errorf("the target has tags %v, watchers %v and objects %v, unread is %t", got.Tags, got.Watchers, got.Related, got.UnreadByStaff)
			}
			must(d.Unmerge(as(bob), sources[1-first]))(t)
			equal(t, "after both", frozen(t, d, a, b, c), before)
		}
	})
	t.Run("X06 who was taken out of the target between two merges does not come back when the second is undone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, c := open(t, d, ann).ID, open(t, d, guest).ID, open(t, d, guest).ID
		must(d.Merge(as(bob), a, b))(t)
		must(d.UpdateTicket(as(bob), a, ticket.Patch{Participants: &[]ticket.Person{}}))(t)
		before := frozen(t, d, a, b, c)
		d.Clock.Advance(time.Minute)
		must(d.Merge(as(bob), a, c))(t)
		must(d.Unmerge(as(bob), c))(t)
		equal(t, "after both", frozen(t, d, a, b, c), before)
		is(t, drop(d.Ticket(as(guest), a)), ticket.ErrNotFound)
	})
	t.Run("X06 who came with two sources stays for the second, also where they were made one customer with another since", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		eve, eva := ticket.Client("5", "Eve", "eve@example.com"), ticket.Client("6", "Eva", "eva@example.com")
		for _, c := range []ticket.Actor{eve, eva} {
			must(d.People().PutCustomer(as(host), ticket.Customer{ID: c.ID, Name: c.Name, Emails: []string{c.Email}}))(t)
		}
		a, b, c := open(t, d, ann).ID, open(t, d, eve).ID, open(t, d, eve).ID
		must(d.Merge(as(bob), a, b, c))(t)
		must(d.People().MergeCustomers(as(host), eva.ID, eve.ID))(t)
		must(d.Unmerge(as(bob), b))(t)
		must(d.Ticket(as(eva), a))(t)
		must(d.Unmerge(as(bob), c))(t)
		is(t, drop(d.Ticket(as(eva), a)), ticket.ErrNotFound)
	})
	t.Run("X06 what was said between two merges stays unread when both are undone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, c := open(t, d, ann).ID, open(t, d, guest).ID, open(t, d, guest).ID
		ok(t, drop(d.MarkRead(as(bob), a)))
		d.Clock.Advance(time.Minute)
		must(d.Merge(as(bob), a, b))(t)
		say(t, d, ann, a, "a:and another thing")
		d.Clock.Advance(time.Minute)
		must(d.Merge(as(bob), a, c))(t)
		must(d.Unmerge(as(bob), b))(t)
		must(d.Unmerge(as(bob), c))(t)
		equal(t, "unread", must(d.Ticket(as(bob), a))(t).UnreadByStaff, true)
	})
	t.Run("X06 what another source brought stays with it, also where it answers a mail of the one that is taken apart", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		gus := ticket.Guest("Gus", "gus@example.com").Via(ticket.ChannelEmail)
		a := open(t, d, ann).ID
		b := must(d.CreateTicket(as(gus), ticket.Draft{Subject: "x", Body: "b1", Mail: &ticket.Mail{MessageID: "b1@example.com"}}))(t).ID
		c := must(d.CreateTicket(as(gus), ticket.Draft{Subject: "x", Body: "c1", Mail: &ticket.Mail{MessageID: "c1@example.com", InReplyTo: []string{"b1@example.com"}}}))(t).ID
		before := frozen(t, d, a, b, c)
		must(d.Merge(as(bob), a, b))(t)
		must(d.Merge(as(bob), a, c))(t)
		must(d.Unmerge(as(bob), b))(t)
		must(d.Unmerge(as(bob), c))(t)
		equal(t, "after both", frozen(t, d, a, b, c), before)
	})
	t.Run("X06 of replies to two sources each goes along with its own, by the code or by the last mail that it cites", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		gus := ticket.Guest("Gus", "gus@example.com").Via(ticket.ChannelEmail)
		a := open(t, d, ann).ID
		b := must(d.CreateTicket(as(gus), ticket.Draft{Subject: "x", Body: "b1", Mail: &ticket.Mail{MessageID: "b1@example.com"}}))(t).ID
		c := must(d.CreateTicket(as(gus), ticket.Draft{Subject: "x", Body: "c1", Mail: &ticket.Mail{MessageID: "c1@example.com", InReplyTo: []string{"b1@example.com"}}}))(t).ID
		must(d.Merge(as(bob), a, b))(t)
		must(d.Merge(as(bob), a, c))(t)
		for i, id := range []int64{c, a} {
			d.Clock.Advance(time.Minute)
			mail := ticket.Mail{MessageID: fmt.Sprintf("r%d@example.com", i), InReplyTo: []string{"c1@example.com"}, References: []string{"b1@example.com", "c1@example.com"}}
			must(d.Reply(as(gus), id, ticket.ReplyDraft{Body: fmt.Sprint("c", i+2), Mail: &mail}))(t)
		}
		must(d.Unmerge(as(bob), b))(t)
		equal(t, "the first", bodies(t, d, b), "b1")
		must(d.Unmerge(as(bob), c))(t)
		equal(t, "the second", bodies(t, d, c), "c1 c2 c3")
	})
	t.Run("X06 a message that was split off and purged does not keep a merge from being undone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, ann, "a1").ID, talk(t, d, ann, "b1", "a:b2", "a:b3").ID
		must(d.Merge(as(bob), a, b))(t)
		list := must(d.Messages(as(bob), a, ticket.MessageQuery{}))(t)
		part := must(d.Split(as(bob), a, ticket.Split{Messages: []int64{list[2].ID}}))(t).ID
		_, err := d.Unmerge(as(bob), b)
		is(t, err, ticket.ErrConflict)
		ok(t, d.DeleteTicket(as(host), part))
		ok(t, d.Purge(as(host), part))
		must(d.Unmerge(as(bob), b))(t)
		equal(t, "the target", bodies(t, d, a), "a1")
		equal(t, "the source", bodies(t, d, b), "b1 b3")
	})
	t.Run("I09 X06 a timer that was started on the target after a merge stays there", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, guest).ID
		must(d.Time().Start(as(bob), b, nil))(t)
		must(d.Merge(as(bob), a, b))(t)
		d.Clock.Advance(time.Minute)
		must(d.Time().Start(as(bob), a, nil))(t)
		must(d.Unmerge(as(bob), b))(t)
		equal(t, "the timer runs on ticket", must(d.Time().Running(as(bob)))(t).TicketID, a)
	})
	t.Run("I09 I11 more working time than a sum can hold is not merged", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, guest).ID
		for range 150 {
			for _, id := range []int64{a, b} {
				logged(t, d, id, ticket.TimeEntry{Agent: "7", Start: d.Now().Add(-time.Duration(ticket.MaxEntry)), Duration: ticket.MaxEntry})
			}
		}
		_, err := d.Merge(as(bob), a, b)
		invalid(t, err, "sources")
	})
	t.Run("M25 I09 X06 what an answer got while it was merged goes back with it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{SurveyInMail: new(true)})
		a, b := open(t, d, ann).ID, talk(t, d, guest, "b1", "b:b2").ID
		answer := must(d.Messages(as(bob), b, ticket.MessageQuery{}))(t)[1].ID
		survey := must(d.Ratings().Survey(as(bob), answer))(t)
		must(d.Merge(as(bob), a, b))(t)
		must(d.Ratings().Rate(as(host), survey, ticket.RatingDraft{Grade: must(d.Ratings().Show(as(host), survey))(t).Grades[0]}))(t)
		logged(t, d, a, ticket.TimeEntry{Duration: minutes(3), MessageID: answer})
		logged(t, d, a, ticket.TimeEntry{Duration: minutes(4)})
		must(d.Unmerge(as(bob), b))(t)
		equal(t, "ratings of the target", len(must(d.Ratings().List(as(host), ticket.RatingQuery{TicketID: a}))(t).Ratings), 0)
		equal(t, "ratings of the source", len(must(d.Ratings().List(as(host), ticket.RatingQuery{TicketID: b}))(t).Ratings), 1)
		equal(t, "time of the target", addsUp(t, d, a).Total, minutes(4))
		equal(t, "time of the source", addsUp(t, d, b).Total, minutes(3))
	})
	t.Run("M25 X23 a survey shows the subject of the ticket that it was sent for, wherever the answer is now", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{SurveyInMail: new(true)})
		a := talk(t, d, guest, "a1", "b:a2")
		answer := must(d.Messages(as(bob), a.ID, ticket.MessageQuery{}))(t)[1].ID
		survey := must(d.Ratings().Survey(as(bob), answer))(t)
		part := must(d.Split(as(bob), a.ID, ticket.Split{Messages: []int64{answer}, Subject: "Is Gus a fraud?", Requester: ann.Person()}))(t)
		_, err := d.Ticket(as(guest), part.ID)
		is(t, err, ticket.ErrNotFound)
		equal(t, "the subject", must(d.Ratings().Show(as(host), survey))(t).Subject, a.Subject)
	})
	t.Run("X25 I11 a merged ticket is redacted with its target, and not without it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, ann, "a1").ID, talk(t, d, guest, "pumpkin").ID
		must(d.Merge(as(bob), a, b))(t)
		_, err := d.Redact(as(host), b, "pumpkin") // which would leave it in the message
		is(t, err, ticket.ErrMerged)
		equal(t, "found", must(d.Redact(as(host), a, "pumpkin"))(t), true)
		if text := frozen(t, d, a, b); strings.Contains(text, "pumpkin") {
			t.Errorf("it still stands in %s", text)
		}
	})
	t.Run("X23 an agent who is put in the same transaction can be given what is split off", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1", "a:a2").ID
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob"}))
		second := must(d.Messages(as(host), a, ticket.MessageQuery{}))(t)[1].ID
		ok(t, d.InTx(as(host), func(ctx context.Context) error {
			if err := d.People().PutAgent(ctx, ticket.Agent{ID: "9", Name: "Nina"}); err != nil {
				return err
			}
			return drop(d.Split(ctx, a, ticket.Split{Messages: []int64{second}, Assignee: "9"}))
		}))
	})
	t.Run("X13 an erasure reaches saved lists and mass actions, with what the tickets had against them", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		zoe := ticket.Client("z-9", "support", "zoe@quist.example") // who bears the name of a department
		must(d.People().PutCustomer(as(host), ticket.Customer{ID: zoe.ID, Name: zoe.Name, Emails: []string{zoe.Email}}))(t)
		a := open(t, d, zoe).ID
		q := ticket.Query{Departments: []string{"support"}, Requester: zoe.ID}
		run := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &q, Do: ticket.MassUpdate, Patch: ticket.Patch{Note: "call zoe@quist.example"}}))(t)
		d.Hooks().TicketUpdateValidation.Bind("test", func(_ context.Context, in hooks.Updating) error {
			return ticket.Invalid("subject", ticket.FaultRefused, "is not for %s", in.Ticket.Requester.Email)
		})
		failed := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: []int64{a}, Do: ticket.MassUpdate, Patch: ticket.Patch{Subject: new("x")}}))(t)
		view := must(d.Views().Put(as(bob), ticket.View{Name: "Hers", Owner: "7", Query: q}))(t)
		mail := must(d.Views().Put(as(bob), ticket.View{Name: "By mail", Owner: "7", Query: ticket.Query{Email: zoe.Email}}))(t)
		equal(t, "failed", failed.Failed, 1)
		must(d.People().Erase(as(host), zoe.Person(), nil))(t)
		view = must(d.Views().Get(as(bob), view.ID))(t)
		for what, v := range map[string]any{
			"mass action": must(d.Mass().Get(as(bob), run.ID))(t), "other mass action": must(d.Mass().Get(as(bob), failed.ID))(t), "view": view,
			"view by mail": must(d.Views().Get(as(bob), mail.ID))(t), "result": must(d.Mass().Results(as(bob), failed.ID, 0, 0))(t),
		} {
			if text := string(must(json.Marshal(v))(t)); strings.Contains(text, "zoe@") || strings.Contains(text, "z-9") {
				t.Errorf("the %s is %s", what, text)
			}
		}
		equal(t, "what the list has", len(must(d.Tickets(as(bob), view.Query))(t).Tickets), 1)
	})
}

func TestMergeLimits(t *testing.T) {
	t.Parallel()
	t.Run("I11 a merge gives no ticket more than one may have, and says what is too much", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Limits: ticket.Limits{List: 3}})
		ids := many(t, d, 4)
		must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Watchers: &[]string{"1", "2"}, Tags: &[]string{"a", "b", "c"}}))(t)
		must(d.UpdateTicket(as(bob), ids[1], ticket.Patch{Watchers: &[]string{"3", "4"}}))(t)
		must(d.UpdateTicket(as(bob), ids[2], ticket.Patch{Watchers: &[]string{"2", "3"}, Tags: &[]string{"a"}}))(t)
		_, err := d.Merge(as(bob), ids[0], ids[1])
		invalid(t, err, "watchers")
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids[1:], Do: ticket.MassMerge, Into: ids[0]}))(t)
		equal(t, "merged in a mass action", run.Done-run.Failed, 2)
		got := must(d.Ticket(as(bob), ids[0]))(t)
		equal(t, "watchers", strings.Join(got.Watchers, " "), "1 2 3")
		equal(t, "tags", strings.Join(got.Tags, " "), "a b c")
		must(d.Unwatch(as(bob), ids[0], "1"))(t)
		for _, r := range results(t, d, run.ID) {
			equal(t, "the code of a result", r.Code, map[bool]string{true: "invalid"}[r.Ticket == ids[1]])
		}
	})
}
