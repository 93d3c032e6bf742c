package rules_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFollowUp(t *testing.T) {
	t.Parallel()
	t.Run("M65 a follow-up at a date reminds and sets what it says, once", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		at := s.Now().Add(3 * day)
		f := must(s.FollowUps().Add(bob, id, rules.FollowUp{At: at, Text: "Call Ann", Remind: rules.Recipients{Owner: true, Agents: []string{"8"}}, SetStatus: "in_progress", SetPriority: "high", SetOwner: "7"}))(t)
		if f.ID == 0 || f.By.ID != "7" || f.Ticket != id || !f.At.Equal(at) {
			t.Errorf("added %+v", f)
		}
		s.later(t, 3*day-time.Second)
		if got := s.get(t, id); got.Status != "open" || len(s.notices()) != 0 {
			t.Fatalf("too early: %s", got.Status)
		}
		s.later(t, time.Second)
		s.later(t, 30*day)
		got, told := s.get(t, id), s.notices()
		if got.Status != "in_progress" || got.Priority != "high" || got.Assignee != "7" {
			t.Errorf("the ticket is %s, %s, of %q", got.Status, got.Priority, got.Assignee)
		}
		if len(told) != 1 || told[0].Text != "Call Ann" || !told[0].To.Owner || !slices.Equal(told[0].To.Agents, []string{"8"}) || told[0].Ticket != id || told[0].ID == "" || told[0].Why != "followup:1" || !told[0].At.Equal(at) {
			t.Errorf("told %+v", told)
		}
		if got := s.history(t, id, "status"); !slices.Equal(got, []string{"followup:1 open>in_progress"}) {
			t.Errorf("the journal has %v", got)
		}
		if got := must(s.FollowUps().List(bob, id))(t); len(got) != 0 {
			t.Errorf("still to come: %+v", got)
		}
		want := []string{">" + at.Format(time.RFC3339), "followup:1 " + at.Format(time.RFC3339) + ">"}
		if got := s.history(t, id, "follow_up"); !slices.Equal(got, want) {
			t.Errorf("the journal has %v, want %v", got, want)
		}
	})
	t.Run("M65 a follow-up after a period is due so long after it was added", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(2 * time.Hour), SetStatus: "closed"}))(t)
		s.later(t, 2*time.Hour-time.Microsecond)
		if s.get(t, id).Status != "open" {
			t.Error("too early")
		}
		s.later(t, time.Microsecond)
		if s.get(t, id).Status != "closed" {
			t.Error("not done")
		}
	})
	t.Run("M65 without a Notify the reminder is a note", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{silent: true})
		id := s.open(t).ID
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: 1, Text: "Call Ann", Remind: rules.Recipients{Customer: true, Addresses: []string{"x@y.example"}}}))(t)
		s.later(t, time.Hour)
		if got := s.notes(t, id); !slices.Equal(got, []string{"For customer, x@y.example:\n\nCall Ann"}) {
			t.Errorf("notes %q", got)
		}
	})
	t.Run("M65 what cannot be set any more keeps nobody from being reminded", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: 1, Text: "Call", Remind: rules.Recipients{Owner: true}, SetStatus: "waiting_customer"}))(t)
		ok(t, s.Catalog().DeleteStatus(host, "waiting_customer"))
		s.later(t, time.Hour)
		if got := s.notes(t, id); len(got) != 1 || !strings.Contains(got[0], "waiting_customer") || len(s.notices()) != 1 {
			t.Errorf("notes %q", got)
		}
	})
	t.Run("M65 a notice that fails is tried again, under its id, and holds nothing up", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		s.failNotices(errors.New("no mail server"))
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(time.Hour), Text: "A", Remind: rules.Recipients{Owner: true}}))(t)
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(2 * time.Hour), SetStatus: "closed"}))(t)
		s.later(t, time.Hour)
		s.later(t, time.Hour)
		if s.get(t, id).Status != "closed" || len(s.notices()) != 0 {
			t.Error("the second follow-up waits for the mail server")
		}
		s.failNotices(nil)
		s.later(t, time.Hour)
		s.later(t, day)
		if told := s.notices(); len(told) != 1 || told[0].Text != "A" {
			t.Errorf("told %+v", told)
		}
	})
	t.Run("M65 it can be cancelled, and is listed until then", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id, other := s.open(t).ID, s.open(t).ID
		late := must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(2 * day), SetStatus: "closed"}))(t)
		early := must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(day), SetPriority: "low"}))(t)
		if got := must(s.FollowUps().List(bob, id))(t); len(got) != 2 || got[0].ID != early.ID || got[1].ID != late.ID {
			t.Errorf("listed %+v", got)
		}
		wantErr(t, s.FollowUps().Cancel(bob, other, late.ID), ticket.ErrNotFound)
		ok(t, s.FollowUps().Cancel(bob, id, late.ID))
		wantErr(t, s.FollowUps().Cancel(bob, id, late.ID), ticket.ErrNotFound)
		s.later(t, 3*day)
		if got := s.get(t, id); got.Status != "open" || got.Priority != "low" {
			t.Errorf("%s, %s", got.Status, got.Priority)
		}
	})
	t.Run("M65 what makes no sense is refused, by field", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		for field, f := range map[string]rules.FollowUp{
			"at":               {SetStatus: "closed"},
			"after":            {After: -1, SetStatus: "closed"},
			"remind":           {After: 1},
			"text":             {After: 1, Remind: rules.Recipients{Owner: true}},
			"set_status":       {After: 1, SetStatus: "gone"},
			"set_priority":     {After: 1, SetPriority: "gone"},
			"cancel_on":        {After: 1, SetStatus: "closed", CancelOn: "god"},
			"remind.addresses": {After: 1, Text: "x", Remind: rules.Recipients{Addresses: []string{"x"}}},
		} {
			_, err := s.FollowUps().Add(bob, id, f)
			if got := ticket.FieldErrors(err); len(got[field]) != 1 {
				t.Errorf("%s: %v", field, err)
			}
		}
		_, err := s.FollowUps().Add(bob, id, rules.FollowUp{At: s.Now().Add(-time.Hour), SetStatus: "closed"})
		wantErr(t, err, ticket.ErrInvalid)
		if got := s.history(t, id, "follow_up"); len(got) != 0 {
			t.Errorf("the journal has %v", got)
		}
	})
}

func TestFollowUpAnswered(t *testing.T) {
	t.Parallel()
	reply := func(s *shop, t *testing.T, id int64) { must(s.Reply(ann, id, ticket.ReplyDraft{Body: "It shines"}))(t) }
	answer := func(s *shop, t *testing.T, id int64) { must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Fine"}))(t) }
	for _, c := range []struct {
		name     string
		on       rules.CancelOn
		do       func(s *shop, t *testing.T, id int64)
		survives bool
	}{
		{"M65 a reply of the customer cancels", rules.CancelOnCustomer, reply, false},
		{"M65 a reply of an agent does not, where the customer is waited for", rules.CancelOnCustomer, answer, true},
		{"M65 a reply of an agent cancels, where anybody is", rules.CancelOnAnybody, answer, false},
		{"M65 a reply of the customer cancels, where anybody is", rules.CancelOnAnybody, reply, false},
		{"M65 no reply cancels, where nobody asked for that", rules.CancelOnNone, reply, true},
		{"X21 an automatic mail cancels nothing", rules.CancelOnAnybody, func(s *shop, t *testing.T, id int64) { s.mail(t, id, true) }, true},
		{"M65 a mail of the customer cancels", rules.CancelOnCustomer, func(s *shop, t *testing.T, id int64) { s.mail(t, id, false) }, false},
		{"M65 a note cancels nothing", rules.CancelOnAnybody, func(s *shop, t *testing.T, id int64) { must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "x"}))(t) }, true},
		{"M65 what the host's code writes cancels nothing", rules.CancelOnAnybody, func(s *shop, t *testing.T, id int64) { must(s.Reply(host, id, ticket.ReplyDraft{Body: "x"}))(t) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, shopOptions{})
			id := s.open(t).ID
			reply(s, t, id) // before it was added: no answer to it
			answer(s, t, id)
			must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(day), SetPriority: "high", CancelOn: c.on}))(t)
			c.do(s, t, id) // at the same moment
			if got := len(must(s.FollowUps().List(bob, id))(t)) == 1; got != c.survives {
				t.Errorf("listed: %v", got)
			}
			s.later(t, 2*day)
			if got := s.get(t, id).Priority == "high"; got != c.survives {
				t.Errorf("done: %v", got)
			}
		})
	}
}

func TestFollowUpOfTicketsThatGo(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) (*shop, int64) {
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(day), Text: "Call", Remind: rules.Recipients{Owner: true}, SetPriority: "high"}))(t)
		return s, id
	}
	t.Run("M65 of a deleted ticket it rests, and is done late when that is restored", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		ok(t, s.DeleteTicket(host, id))
		s.later(t, day)
		if len(s.notices()) != 0 {
			t.Error("told of a deleted ticket")
		}
		must(s.RestoreTicket(host, id))(t)
		s.later(t, 0)
		s.later(t, day)
		if len(s.notices()) != 1 || s.get(t, id).Priority != "high" {
			t.Error("lost, or done twice")
		}
	})
	t.Run("M65 of a ticket that was restored in time it is done once", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		ok(t, s.DeleteTicket(host, id))
		must(s.RestoreTicket(host, id))(t)
		s.later(t, 2*day)
		if n := len(s.notices()); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
	t.Run("M65 of a merged ticket it happens to the one that has it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		target := s.open(t).ID
		must(s.Merge(host, target, id))(t)
		s.later(t, day)
		if told := s.notices(); len(told) != 1 || told[0].Ticket != target || s.get(t, target).Priority != "high" {
			t.Errorf("told %+v, priority %s", told, s.get(t, target).Priority)
		}
	})
	t.Run("M65 of a merged ticket it is cancelled by what comes after, and by nothing that came to the other one before", func(t *testing.T) {
		t.Parallel()
		for _, answered := range []bool{false, true} {
			s := newShop(t, shopOptions{})
			target, middle, id := s.open(t).ID, s.open(t).ID, s.open(t).ID
			must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(3 * day), Text: "Call", Remind: rules.Recipients{Owner: true}, CancelOn: rules.CancelOnCustomer}))(t)
			s.later(t, time.Hour)
			for _, other := range []int64{middle, target} {
				must(s.Reply(ann, other, ticket.ReplyDraft{Body: "about something else"}))(t)
			}
			s.later(t, time.Hour)
			must(s.Merge(bob, middle, id))(t)
			must(s.Merge(bob, target, middle))(t)
			s.later(t, time.Hour)
			if answered {
				must(s.Reply(ann, target, ticket.ReplyDraft{Body: "about both"}))(t)
			}
			s.later(t, 3*day)
			if told := s.notices(); (len(told) == 0) != answered {
				t.Errorf("answered: %v, told %+v", answered, told)
			}
		}
	})
	t.Run("M65 of a merged ticket it is listed, and cancelled, with the one that has it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		middle, target := s.open(t).ID, s.open(t).ID
		must(s.Merge(host, middle, id))(t)
		must(s.Merge(host, target, middle))(t)
		list := must(s.FollowUps().List(bob, target))(t)
		if len(list) != 1 || list[0].Ticket != id {
			t.Fatalf("listed %+v", list)
		}
		ok(t, s.FollowUps().Cancel(bob, target, list[0].ID))
		s.later(t, 2*day)
		if told := s.notices(); len(told) != 0 {
			t.Errorf("told %+v", told)
		}
	})
	t.Run("M65 of a purged ticket nothing is left", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		ok(t, s.DeleteTicket(host, id))
		ok(t, s.Purge(host, id))
		s.later(t, 2*day)
		if len(s.notices()) != 0 {
			t.Error("told of a purged ticket")
		}
		if n := s.records(t, "followup"); n != 0 {
			t.Errorf("%d records are left", n)
		}
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
	})
}
