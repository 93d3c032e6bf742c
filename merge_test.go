package helpdesk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// talk opens a ticket and adds messages, "a:…" of its customer and "b:…" of Bob, a minute apart.
func talk(t testing.TB, d *helpdesktest.Desk, who ticket.Actor, first string, more ...string) *ticket.Ticket {
	t.Helper()
	d.Clock.Advance(time.Minute)
	tk := must(d.CreateTicket(as(who), ticket.Draft{Subject: "About " + first, Body: first}))(t)
	say(t, d, who, tk.ID, more...)
	return must(d.Ticket(as(host), tk.ID))(t)
}

func say(t testing.TB, d *helpdesktest.Desk, who ticket.Actor, id int64, more ...string) {
	t.Helper()
	for _, m := range more {
		d.Clock.Advance(time.Minute)
		by, text, _ := strings.Cut(m, ":")
		if by == "b" {
			must(d.Reply(as(bob), id, ticket.ReplyDraft{Body: text}))(t)
		} else {
			must(d.Reply(as(who), id, ticket.ReplyDraft{Body: text}))(t)
		}
	}
}

// bodies are what stands in a ticket, in order.
func bodies(t testing.TB, d *helpdesktest.Desk, id int64) string {
	t.Helper()
	var out []string
	for i, m := range must(d.Messages(as(host), id, ticket.MessageQuery{Limit: ticket.MaxPage}))(t) {
		if m.Seq != int64(i)+1 || m.TicketID != id {
			t.Errorf("message %d of ticket %d stands as %d of ticket %d", i+1, id, m.Seq, m.TicketID)
		}
		out = append(out, m.Body)
	}
	return strings.Join(out, " ")
}

// frozen is all of a ticket that an undo must bring back: everything but what counts its writes.
func frozen(t testing.TB, d *helpdesktest.Desk, ids ...int64) string {
	t.Helper()
	var all []any
	for _, id := range ids {
		tk := must(d.Ticket(as(host), id))(t).Clone()
		tk.Version, tk.EventSeq, tk.UpdatedAt = 0, 0, time.Time{}
		all = append(all, tk, must(d.Messages(as(host), id, ticket.MessageQuery{Limit: ticket.MaxPage}))(t))
	}
	return string(must(json.MarshalIndent(all, "", " "))(t))
}

func TestMerge(t *testing.T) {
	t.Parallel()
	t.Run("I11 messages, people, tags, objects and files go into the target, sorted by time, and both codes lead there", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1")
		b := talk(t, d, guest, "g1")
		say(t, d, ann, a.ID, "b:a2")
		say(t, d, guest, b.ID, "b:g2")
		must(d.UpdateTicket(as(bob), b.ID, ticket.Patch{Tags: &[]string{"lamp"}, Watchers: &[]string{"8"}, Related: &[]ticket.Ref{{Kind: "order", ID: "5"}}}))(t)
		must(d.Reply(as(guest), b.ID, ticket.ReplyDraft{Body: "g3", Files: []ticket.Upload{{Name: "x.txt", Content: strings.NewReader("12345")}}}))(t)
		got := must(d.Merge(as(bob), a.ID, b.ID))(t)
		equal(t, "the thread", bodies(t, d, a.ID), "a1 g1 a2 g2 g3")
		equal(t, "the source's thread", bodies(t, d, b.ID), "")
		equal(t, "Seq", got.Seq, 5)
		equal(t, "FileBytes", got.FileBytes, 5)
		if !slices.Equal(got.Tags, []string{"lamp"}) || !slices.Equal(got.Watchers, []string{"8"}) || len(got.Related) != 1 || len(got.Participants) != 1 || got.Participants[0].Email != "gus@example.com" {
			t.Errorf("the target is %+v", got)
		}
		equal(t, "what the code of the source finds", must(d.TicketByCode(as(bob), b.Code))(t).ID, a.ID)
		equal(t, "what the code of the target finds", must(d.TicketByCode(as(bob), a.Code))(t).ID, a.ID)
		equal(t, "what the source's customer finds", must(d.TicketByCode(as(guest), b.Code))(t).ID, a.ID)
		shell := must(d.Ticket(as(bob), b.ID))(t)
		equal(t, "MergedInto", shell.MergedInto, a.ID)
		if list := must(d.Merged(as(bob), a.ID))(t); len(list) != 1 || list[0].ID != b.ID {
			t.Errorf("merged are %v", list)
		}
		if page := must(d.Tickets(as(bob), ticket.Query{}))(t); len(page.Tickets) != 1 {
			t.Errorf("%d tickets are listed", len(page.Tickets))
		}
		_, err := d.SetStatus(as(bob), b.ID, "closed")
		is(t, err, ticket.ErrMerged)
		is(t, d.DeleteTicket(as(bob), b.ID), ticket.ErrMerged)
		_, err = d.Merge(as(bob), b.ID, a.ID)
		is(t, err, ticket.ErrMerged)
	})
	t.Run("X12 I11 a search finds what was merged under the target, by its words and its code, and back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, ann, "apple"), talk(t, d, guest, "banana")
		find := func(text string) (out []int64) {
			must(d.Index().Update(as(host)))(t)
			for _, h := range must(d.Search(as(bob), ticket.Search{Text: text}))(t).Hits {
				out = append(out, h.Ticket.ID)
			}
			return out
		}
		for _, text := range []string{"banana", b.Code, "gus@example.com"} {
			if got := find(text); !slices.Equal(got, []int64{b.ID}) {
				t.Errorf("%s finds %v", text, got)
			}
		}
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		for _, text := range []string{"banana apple", b.Code, "gus@example.com"} {
			if got := find(text); !slices.Equal(got, []int64{a.ID}) {
				t.Errorf("merged, %s finds %v", text, got)
			}
		}
		must(d.Unmerge(as(bob), b.ID))(t)
		for _, text := range []string{"banana", b.Code, "gus@example.com"} {
			if got := find(text); !slices.Equal(got, []int64{b.ID}) {
				t.Errorf("apart again, %s finds %v", text, got)
			}
		}
	})
	t.Run("X23 a newer message of a customer marks the target unread and is its last reply", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1", "b:a2")
		old := talk(t, d, ann, "o1", "b:o2")
		b := talk(t, d, guest, "g1")
		must(d.MarkRead(as(bob), b.ID))(t)
		got := must(d.Merge(as(bob), a.ID, b.ID))(t)
		if !got.UnreadByStaff || got.LastReplyBy != ticket.ActorGuest || !got.LastReplyAt.Equal(b.LastReplyAt) {
			t.Errorf("unread %t, last reply by %s at %s, want %s", got.UnreadByStaff, got.LastReplyBy, got.LastReplyAt, b.LastReplyAt)
		}
		back := must(d.Unmerge(as(bob), b.ID))(t)
		got = must(d.Ticket(as(bob), a.ID))(t)
		if got.UnreadByStaff || got.LastReplyBy != ticket.ActorStaff || !got.LastReplyAt.Equal(a.LastReplyAt) || back.UnreadByStaff {
			t.Errorf("undone, unread is %t, last reply by %s at %s, want %s", got.UnreadByStaff, got.LastReplyBy, got.LastReplyAt, a.LastReplyAt)
		}
		got = must(d.Merge(as(bob), b.ID, a.ID))(t)
		equal(t, "unread after merging an older one", got.UnreadByStaff, false)
		equal(t, "last reply after merging an older one", got.LastReplyBy, ticket.ActorGuest)
		must(d.Merge(as(bob), old.ID, b.ID))(t)
	})
	t.Run("X06 undo brings back exactly what was moved, chains and several sources too", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, c := talk(t, d, ann, "a1"), talk(t, d, guest, "g1"), talk(t, d, ann, "c1")
		say(t, d, ann, a.ID, "b:a2", "a:a3")
		say(t, d, guest, b.ID, "b:g2", "a:g3")
		must(d.UpdateTicket(as(bob), a.ID, ticket.Patch{Tags: &[]string{"lamp"}, Participants: &[]ticket.Person{{Email: "x@example.com"}}}))(t)
		must(d.UpdateTicket(as(bob), b.ID, ticket.Patch{Tags: &[]string{"foot", "lamp"}, Participants: &[]ticket.Person{{Email: "x@example.com"}, {Email: "y@example.com"}}}))(t)
		must(d.AddNote(as(bob), c.ID, ticket.ReplyDraft{Body: "c2"}))(t)
		before := frozen(t, d, a.ID, b.ID, c.ID)
		must(d.Merge(as(bob), a.ID, b.ID, c.ID))(t)
		must(d.Unmerge(as(bob), b.ID))(t)
		must(d.Unmerge(as(bob), c.ID))(t)
		equal(t, "after two merges and their undoing", frozen(t, d, a.ID, b.ID, c.ID), before)
		must(d.Merge(as(bob), b.ID, c.ID))(t)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		equal(t, "the chain leads", must(d.TicketByCode(as(bob), c.Code))(t).ID, a.ID)
		_, err := d.Unmerge(as(bob), c.ID)
		is(t, err, ticket.ErrMerged)
		must(d.Unmerge(as(bob), b.ID))(t)
		equal(t, "the chain leads then", must(d.TicketByCode(as(bob), c.Code))(t).ID, b.ID)
		must(d.Unmerge(as(bob), c.ID))(t)
		equal(t, "after the chain", frozen(t, d, a.ID, b.ID, c.ID), before)
		_, err = d.Unmerge(as(bob), c.ID)
		invalid(t, err, "source")
	})
	t.Run("I11 later replies stay with the target unless they name the source, its mails or its code", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		gus := ticket.Guest("Gus", "gus@example.com").Via(ticket.ChannelEmail)
		a := talk(t, d, ann, "a1")
		b := must(d.CreateTicket(as(gus), ticket.Draft{Subject: "x", Body: "g1", Mail: &ticket.Mail{MessageID: "g1@example.com"}}))(t)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		d.Clock.Advance(time.Minute)
		say(t, d, ann, a.ID, "b:a2", "a:a3")
		m := must(d.Reply(as(gus), b.ID, ticket.ReplyDraft{Body: "g2", Mail: &ticket.Mail{MessageID: "g2@example.com"}}))(t)
		equal(t, "the ticket of a reply to the source", m.TicketID, a.ID)
		equal(t, "Via", m.Via, b.ID)
		must(d.Reply(as(gus), a.ID, ticket.ReplyDraft{Body: "g3", Mail: &ticket.Mail{MessageID: "g3@example.com", InReplyTo: []string{"g2@example.com"}}}))(t)
		must(d.Reply(as(gus), a.ID, ticket.ReplyDraft{Body: "g4", Mail: &ticket.Mail{MessageID: "g4@example.com"}}))(t)
		back := must(d.Unmerge(as(bob), b.ID))(t)
		equal(t, "the target's thread", bodies(t, d, a.ID), "a1 a2 a3 g4")
		equal(t, "the source's thread", bodies(t, d, b.ID), "g1 g2 g3")
		if !back.UnreadByStaff || back.LastReplyBy != ticket.ActorGuest {
			t.Errorf("the source is unread %t, last reply by %s", back.UnreadByStaff, back.LastReplyBy)
		}
	})
	t.Run("X06 a split is a ticket with a code of its own, and undoing it restores the thread", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1", "a:a2", "b:a3", "a:a4")
		before := frozen(t, d, a.ID)
		list := must(d.Messages(as(bob), a.ID, ticket.MessageQuery{}))(t)
		part := must(d.Split(as(bob), a.ID, ticket.Split{Messages: []int64{list[1].ID, list[3].ID}, Subject: "Another matter"}))(t)
		equal(t, "the new thread", bodies(t, d, part.ID), "a2 a4")
		equal(t, "the old thread", bodies(t, d, a.ID), "a1 a3")
		equal(t, "SplitFrom", part.SplitFrom, a.ID)
		equal(t, "its requester", part.Requester, a.Requester)
		equal(t, "its subject", part.Subject, "Another matter")
		equal(t, "what its code finds", must(d.TicketByCode(as(ann), part.Code))(t).ID, part.ID)
		must(d.Unsplit(as(bob), part.ID))(t)
		equal(t, "after undoing", frozen(t, d, a.ID), before)
		equal(t, "what its code finds then", must(d.TicketByCode(as(ann), part.Code))(t).ID, a.ID)
		must(d.Unmerge(as(bob), part.ID))(t)
		equal(t, "the new thread again", bodies(t, d, part.ID), "a2 a4")
		for what, ids := range map[string][]int64{"none": nil, "all": {list[0].ID, list[2].ID}, "a foreign one": {list[1].ID}} {
			if _, err := d.Split(as(bob), a.ID, ticket.Split{Messages: ids}); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := d.Unsplit(as(bob), a.ID)
		is(t, err, ticket.ErrInvalid)
	})
	t.Run("X23 merging and splitting have a right, gates and a guard of their own", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Roles: []ticket.Role{{Code: "agent", Name: "Agent", Grants: []ticket.Grant{{Rights: slices.DeleteFunc(ticket.Rights(), func(r ticket.Right) bool { return r == ticket.RightMerge })}}}}})
		a, b := talk(t, d, ann, "a1", "a:a2"), talk(t, d, ann, "b1")
		first := must(d.Messages(as(host), a.ID, ticket.MessageQuery{}))(t)[0].ID
		for what, err := range map[string]error{
			"merge": drop(d.Merge(as(bob), a.ID, b.ID)), "split": drop(d.Split(as(bob), a.ID, ticket.Split{Messages: []int64{first}})), "merge by a customer": drop(d.Merge(as(ann), a.ID, b.ID)),
		} {
			if !errors.Is(err, ticket.ErrForbidden) {
				t.Errorf("%s: %v", what, err)
			}
		}
		var gates []string
		d.Hooks().TicketMergeValidation.Bind("test", func(_ ctx, in hooks.Merging) error {
			gates = append(gates, "merge")
			if in.Undo {
				gates = append(gates, "undo")
			}
			return nil
		})
		d.Hooks().TicketSplitValidation.Bind("test", func(_ ctx, in hooks.Splitting) error {
			gates = append(gates, "split")
			return ticket.Invalid("messages", ticket.FaultRefused, "stay together")
		})
		no := errors.New("no")
		guarded := int64(0)
		d.Hooks().TicketMoveGuard.Bind("test", func(_ ctx, in hooks.Committing) error {
			if in.After.ID == guarded {
				return no
			}
			return nil
		})
		must(d.Merge(as(host), a.ID, b.ID))(t)
		must(d.Unmerge(as(host), b.ID))(t)
		_, err := d.Split(as(host), a.ID, ticket.Split{Messages: []int64{first}})
		is(t, err, ticket.ErrRefused)
		equal(t, "the gates", strings.Join(gates, " "), "merge merge undo split")
		before := frozen(t, d, a.ID, b.ID)
		for _, guarded = range []int64{a.ID, b.ID} {
			_, err = d.Merge(as(host), a.ID, b.ID)
			is(t, err, no)
		}
		equal(t, "after the guard's refusals", frozen(t, d, a.ID, b.ID), before)
	})
	t.Run("I11 I09 M25 working time and ratings move with a ticket, and with messages, and come back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{SurveyOnPage: new(true), SurveyInMail: new(true)})
		a, b := talk(t, d, guest, "a1", "b:a2"), talk(t, d, ann, "b1", "b:b2")
		answer := must(d.Messages(as(bob), b.ID, ticket.MessageQuery{}))(t)[1].ID
		must(d.Time().Log(as(bob), b.ID, ticket.TimeEntry{Start: d.Now().Add(-time.Hour), Duration: ticket.Duration(time.Hour), Billable: true, MessageID: answer}))(t)
		must(d.Time().Log(as(bob), b.ID, ticket.TimeEntry{Start: d.Now().Add(-time.Hour), Duration: ticket.Duration(time.Minute)}))(t)
		must(d.Rate(as(ann), b.ID, ticket.RatingDraft{MessageID: answer, Grade: "good"}))(t)
		what := func(id int64) string {
			return fmt.Sprint(len(must(d.Time().Entries(as(bob), ticket.TimeQuery{TicketID: id}))(t).Entries), must(d.Ticket(as(bob), id))(t).Spent,
				len(must(d.Ratings().List(as(bob), ticket.RatingQuery{TicketID: id}))(t).Ratings))
		}
		none, all := what(a.ID), what(b.ID)
		survey := must(d.Ratings().Survey(as(bob), answer))(t)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		equal(t, "the target has", what(a.ID), all)
		equal(t, "the source has", what(b.ID), none)
		equal(t, "what the survey is about", must(d.Ratings().Show(as(host), survey))(t).MessageID, answer)
		must(d.Ratings().Rate(as(host), survey, ticket.RatingDraft{Grade: "bad", Comment: new("after all")}))(t)
		equal(t, "the target has, rated again", what(a.ID), all)
		part := must(d.Split(as(bob), a.ID, ticket.Split{Messages: []int64{answer}}))(t)
		equal(t, "the part has", what(part.ID), "1 {1h0m0s 1h0m0s 0s} 1")
		must(d.Unsplit(as(bob), part.ID))(t)
		must(d.Unmerge(as(bob), b.ID))(t)
		equal(t, "in the end the target has", what(a.ID), none)
		equal(t, "in the end the source has", what(b.ID), all)
	})
	t.Run("W32 encrypted messages are sealed anew where they go, and opened there", func(t *testing.T) {
		t.Parallel()
		sealer := must(helpdesk.NewSealer([]byte(strings.Repeat("k", 32))))(t)
		d := newDesk(t, helpdesk.Config{Sealer: sealer})
		a := talk(t, d, ann, "a1")
		b := must(d.CreateTicket(as(ann), ticket.Draft{Subject: "x", Body: "secret", Encrypted: true}))(t)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		equal(t, "the thread", bodies(t, d, a.ID), "a1 secret")
		must(d.Unmerge(as(bob), b.ID))(t)
		equal(t, "the source's thread", bodies(t, d, b.ID), "secret")
	})
	t.Run("M12 guest links of the source open the target, until one of both is revoked", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := talk(t, d, ann, "a1"), talk(t, d, guest, "g1")
		link := must(d.GuestLinks().New(as(bob), b.ID, nil))(t)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		l := must(d.GuestLinks().Open(as(host), link))(t)
		equal(t, "what it opens", l.Ticket, a.ID)
		must(d.Ticket(as(l.Actor), a.ID))(t)
		must(d.Unmerge(as(bob), b.ID))(t)
		equal(t, "what it opens then", must(d.GuestLinks().Open(as(host), link))(t).Ticket, b.ID)
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		ok(t, d.GuestLinks().Revoke(as(bob), a.ID))
		_, err := d.GuestLinks().Open(as(host), link)
		is(t, err, ticket.ErrTokenRevoked)
	})
	t.Run("X25 redaction and erasure reach the shells, and a purge takes them along", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1")
		b := talk(t, d, guest, "pumpkin")
		must(d.Merge(as(bob), a.ID, b.ID))(t)
		equal(t, "redacted", must(d.Redact(as(bob), a.ID, "pumpkin"))(t), true)
		if text := frozen(t, d, a.ID, b.ID); strings.Contains(text, "pumpkin") {
			t.Errorf("it still stands in %s", text)
		}
		e := must(d.People().Erase(as(host), guest.Person(), nil))(t)
		equal(t, "tickets in which the person was", e.Tickets, 2)
		if text := frozen(t, d, a.ID, b.ID); strings.Contains(text, "gus@example.com") {
			t.Errorf("the person still stands in %s", text)
		}
		ok(t, d.DeleteTicket(as(bob), a.ID))
		_, err := d.Unmerge(as(bob), b.ID)
		is(t, err, ticket.ErrNotFound)
		ok(t, d.Purge(as(bob), a.ID))
		_, err = d.Ticket(as(host), b.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("I11 what cannot be merged is said", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := talk(t, d, ann, "a1")
		for what, sources := range map[string][]int64{"none": nil, "itself": {a.ID}, "twice": {9, 9}, "too many": make([]int64, 101)} {
			if _, err := d.Merge(as(bob), a.ID, sources...); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := d.Merge(as(bob), a.ID, 99)
		is(t, err, ticket.ErrNotFound)
	})
}
