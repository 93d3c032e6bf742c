package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// inbox lists the tickets that lie in the inbox.
func (s *shop) inbox(t testing.TB) (ids []int64) {
	t.Helper()
	for _, x := range must(s.Tickets(bob, ticket.Query{Folders: []ticket.Folder{ticket.Inbox}}))(t).Tickets {
		ids = append(ids, x.ID)
	}
	return ids
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) (*shop, int64) {
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		must(s.SetStatus(bob, id, "in_progress"))(t)
		z := must(s.Snooze(bob, id, s.Now().Add(2*day)))(t)
		if z.By.ID != "7" || !z.Until.Equal(s.Now().Add(2*day)) {
			t.Fatalf("snoozed %+v", z)
		}
		return s, id
	}
	back := func(t *testing.T, s *shop, id int64, told int) {
		t.Helper()
		if !slices.Equal(s.inbox(t), []int64{id}) || s.records(t, "snooze") != 0 {
			t.Errorf("the ticket lies in %s", s.get(t, id).Folder)
		}
		if list := s.notices(); len(list) != told {
			t.Errorf("told %+v, want %d", list, told)
		}
	}
	t.Run("X15 a snoozed ticket is out of the inbox until its time, and then whoever snoozed it is told, once", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		s.later(t, 2*day-time.Second)
		if got := s.inbox(t); len(got) != 0 {
			t.Errorf("in the inbox: %v", got)
		}
		if n := must(s.Counters(bob, ticket.CounterQuery{}))(t); len(n.Folders) != 1 || n.Folders[ticket.Inbox].Total != 0 {
			t.Errorf("the numbers of the inbox: %+v", n)
		}
		if got := must(s.Snoozes(bob))(t); len(got) != 1 || got[0].Ticket != id {
			t.Errorf("snoozed: %+v", got)
		}
		s.later(t, time.Second)
		told := s.notices()
		if len(told) != 1 || !slices.Equal(told[0].To.Agents, []string{"7"}) || told[0].Why != "snooze:1" {
			t.Errorf("told %+v", told)
		}
		s.later(t, 30*day)
		back(t, s, id, 0)
		if got := s.get(t, id).Status; got != "in_progress" {
			t.Errorf("the status is %s", got)
		}
		if got := s.history(t, id, "folder"); !slices.Equal(got, []string{"inbox>archive", "snooze:1 archive>inbox"}) {
			t.Errorf("the journal has %v", got)
		}
	})
	t.Run("X15 a reply of the customer wakes it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.Reply(ann, id, ticket.ReplyDraft{Body: "Well?"}))(t)
		if len(s.inbox(t)) != 1 {
			t.Error("it is not back at once")
		}
		s.later(t, 0)
		told := s.notices()
		if len(told) != 1 || !strings.Contains(told[0].Text, "replied") {
			t.Errorf("told %+v", told)
		}
		s.later(t, 30*day)
		back(t, s, id, 0)
	})
	t.Run("X21 an automatic mail wakes nothing", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		s.mail(t, id, true)
		must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "x"}))(t)
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "x"}))(t)
		if len(s.inbox(t)) != 0 || len(s.notices()) != 0 {
			t.Error("it is awake")
		}
		s.mail(t, id, false)
		s.later(t, 0)
		back(t, s, id, 1)
	})
	t.Run("X15 it is woken by hand, and nobody is told", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		ok(t, s.Unsnooze(bob, id))
		wantErr(t, s.Unsnooze(bob, id), ticket.ErrNotFound)
		s.later(t, 30*day)
		back(t, s, id, 0)
	})
	t.Run("X15 a move to the inbox ends it, and a status that an agent gives it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.MoveTo(bob, id, ticket.Inbox))(t)
		back(t, s, id, 0)
		must(s.Snooze(bob, id, s.Now().Add(day)))(t)
		must(s.SetStatus(bob, id, "open"))(t)
		back(t, s, id, 0)
	})
	t.Run("X15 snoozing again changes the time, either way", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.Snooze(bob, id, s.Now().Add(5*day)))(t)
		s.later(t, 3*day)
		if len(s.inbox(t)) != 0 {
			t.Error("woken at the old time")
		}
		must(s.Snooze(bob, id, s.Now().Add(time.Hour)))(t)
		s.later(t, time.Hour)
		back(t, s, id, 1)
		s.later(t, 30*day)
		back(t, s, id, 0)
		must(s.Snooze(bob, id, s.Now().Add(time.Hour)))(t)
		ok(t, s.Unsnooze(bob, id))
		must(s.Snooze(bob, id, s.Now().Add(time.Hour)))(t) // until the same time
		s.later(t, time.Hour)
		back(t, s, id, 1)
	})
	t.Run("X15 what is closed meanwhile stays where it is, and what was deleted wakes when it is restored", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.CloseTicket(bob, id))(t)
		s.later(t, 3*day)
		if got := s.get(t, id); got.Folder != ticket.Archive || len(s.notices()) != 0 || s.records(t, "snooze") != 0 {
			t.Errorf("closed: in %s", got.Folder)
		}
		s, id = setUp(t)
		ok(t, s.DeleteTicket(host, id))
		s.later(t, 3*day)
		must(s.RestoreTicket(host, id))(t)
		s.later(t, 0)
		back(t, s, id, 1)
	})
	t.Run("X15 a ticket that was merged rests until it is unmerged", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		target := s.open(t).ID
		must(s.Merge(host, target, id))(t)
		s.later(t, 3*day)
		if len(s.notices()) != 0 {
			t.Error("woken")
		}
		must(s.Unmerge(host, id))(t)
		s.later(t, 0)
		if got := s.get(t, id).Folder; got != ticket.Inbox || len(s.notices()) != 1 {
			t.Errorf("it lies in %s", got)
		}
	})
	t.Run("X15 what is out of sight already cannot be snoozed, nor until yesterday", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		for _, until := range []time.Time{{}, s.Now(), s.Now().AddDate(101, 0, 0)} {
			_, err := s.Snooze(bob, id, until)
			wantErr(t, err, ticket.ErrInvalid)
		}
		for _, f := range []ticket.Folder{ticket.Spam, ticket.Archive} {
			must(s.MoveTo(bob, id, f))(t)
			_, err := s.Snooze(bob, id, s.Now().Add(day))
			wantErr(t, err, ticket.ErrInvalid)
		}
		must(s.MoveTo(bob, id, ticket.Inbox))(t)
		must(s.CloseTicket(bob, id))(t)
		_, err := s.Snooze(bob, id, s.Now().Add(day))
		wantErr(t, err, ticket.ErrInvalid)
	})
}
