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
