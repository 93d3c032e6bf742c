package rules_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAgendaOfFailures(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T, hours int) (*shop, rules.Due) {
		s := newShop(t, shopOptions{})
		s.failNotices(errors.New("no mail server"))
		must(s.FollowUps().Add(bob, s.open(t).ID, rules.FollowUp{After: 1, Text: "Call", Remind: rules.Recipients{Owner: true}}))(t)
		for range hours {
			s.later(t, time.Hour)
		}
		var failing []rules.Due
		for _, d := range must(s.Agenda().List(host, 0))(t) {
			if d.What == "notice" {
				failing = append(failing, d)
			}
		}
		if len(failing) != 1 || failing[0].Error == "" {
			t.Fatalf("on the agenda: %+v", failing)
		}
		return s, failing[0]
	}
	t.Run("X07 what was given up is a problem, and is done when somebody retries it", func(t *testing.T) {
		t.Parallel()
		s, d := setUp(t, 48)
		if d.State != store.WorkDead {
			t.Fatalf("%+v", d)
		}
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, "no mail server") {
			t.Errorf("problems: %v", got)
		}
		s.failNotices(nil)
		ok(t, s.Agenda().Retry(host, d.ID))
		s.later(t, 0)
		if told := s.notices(); len(told) != 1 {
			t.Errorf("told %+v", told)
		}
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
		wantErr(t, s.Agenda().Retry(host, d.ID), ticket.ErrConflict)
		s.later(t, 40*day) // and then nothing is left of it
		s.later(t, 0)
		if list := must(s.Agenda().List(host, 0))(t); len(list) != 0 {
			t.Errorf("on the agenda: %+v", list)
		}
	})
	t.Run("X07 what still waits can be tried at once, or be discarded", func(t *testing.T) {
		t.Parallel()
		s, d := setUp(t, 10)
		ok(t, s.Agenda().Retry(host, d.ID))
		s.later(t, 0)
		ok(t, s.Agenda().Discard(host, d.ID))
		s.failNotices(nil)
		s.later(t, day)
		if told := s.notices(); len(told) != 0 {
			t.Errorf("told %+v", told)
		}
	})
	t.Run("X07 what was given up is discarded after 90 days, and what is discarded leaves no text", func(t *testing.T) {
		t.Parallel()
		for what, end := range map[string]func(s *shop, d rules.Due){
			"by hand": func(s *shop, d rules.Due) { ok(t, s.Agenda().Discard(host, d.ID)) },
			"in time": func(s *shop, _ rules.Due) { s.later(t, 89*day); s.later(t, 2*day) },
		} {
			s, d := setUp(t, 48)
			if n := s.records(t, "notice"); n != 1 {
				t.Fatalf("%s: %d notices are kept", what, n)
			}
			end(s, d)
			for _, left := range must(s.Agenda().List(host, 0))(t) {
				if left.ID == d.ID && (left.State != store.WorkDone || left.Error != "") {
					t.Errorf("%s: on the agenda is %+v", what, left)
				}
			}
			if n := s.records(t, "notice"); n != 0 {
				t.Errorf("%s: %d notices are kept", what, n)
			}
			wantErr(t, s.Agenda().Retry(host, d.ID), ticket.ErrConflict)
		}
	})
	t.Run("X25 what waits to be told, or was given up, has nothing of what was redacted, or of whom somebody erased", func(t *testing.T) {
		t.Parallel()
		for _, hours := range []int{3, 48} { // waits; was given up
			s := newShop(t, shopOptions{})
			s.failNotices(errors.New("nobody is ann@example.com, 4111-1111"))
			id := s.open(t).ID
			must(s.FollowUps().Add(bob, id, rules.FollowUp{After: 1, Text: "Write to ann@example.com, 4111-1111", Remind: rules.Recipients{Owner: true}}))(t)
			for range hours {
				s.later(t, time.Hour)
			}
			must(s.Redact(host, id, "4111-1111"))(t)
			must(s.People().Erase(host, customer.Person(), nil))(t)
			var due rules.Due
			for _, d := range must(s.Agenda().List(host, 0))(t) {
				if d.What == "notice" {
					due = d
				}
			}
			if bad := strings.Contains(due.Error, "ann@") || strings.Contains(due.Error, "4111"); due.Error == "" || bad && due.State == store.WorkDead {
				t.Errorf("on the agenda is %+v", due)
			}
			s.failNotices(nil)
			ok(t, s.Agenda().Retry(host, due.ID))
			s.later(t, 0)
			told := s.notices()
			if len(told) != 1 || !strings.HasPrefix(told[0].Text, "Write to ") || strings.Contains(told[0].Text, "ann@") || strings.Contains(told[0].Text, "4111") {
				t.Errorf("after %d hours: told is %+v", hours, told)
			}
		}
	})
	t.Run("X07 of a ticket that was purged nobody is told any more", func(t *testing.T) {
		t.Parallel()
		for _, hours := range []int{3, 48} { // waits; was given up
			s, d := setUp(t, hours)
			ok(t, s.DeleteTicket(host, d.Ticket))
			ok(t, s.Purge(host, d.Ticket))
			s.failNotices(nil)
			s.later(t, day)
			if told := s.notices(); len(told) != 0 || s.records(t, "notice") != 0 {
				t.Errorf("told %+v", told)
			}
			for _, left := range must(s.Agenda().List(host, 0))(t) {
				if left.State != store.WorkDone || left.Error != "" {
					t.Errorf("after %d hours: on the agenda is %+v", hours, left)
				}
			}
		}
	})
	t.Run("X07 the agenda is for those who may configure", func(t *testing.T) {
		t.Parallel()
		s, d := setUp(t, 1)
		_, err := s.Agenda().List(ann, 0)
		wantErr(t, err, ticket.ErrForbidden)
		wantErr(t, s.Agenda().Retry(ann, d.ID), ticket.ErrForbidden)
		wantErr(t, s.Agenda().Discard(ann, d.ID), ticket.ErrForbidden)
		wantErr(t, s.Agenda().Discard(host, 1<<40), ticket.ErrNotFound)
	})
}
