package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAppointment(t *testing.T) {
	t.Parallel()
	visit := func(s *shop, in time.Duration) rules.Appointment {
		return rules.Appointment{At: s.Now().Add(in), Text: "At Ann's", Remind: rules.Recipients{Owner: true, Customer: true}, Before: ticket.Duration(time.Hour)}
	}
	setUp := func(t *testing.T) (*shop, int64) {
		s := newShop(t, shopOptions{})
		id := s.open(t).ID
		must(s.Appointments().Set(bob, id, visit(s, 2*day)))(t)
		return s, id
	}
	t.Run("I07 people are reminded before an appointment, once", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		s.later(t, 2*day-time.Hour-time.Second)
		if len(s.notices()) != 0 {
			t.Error("too early")
		}
		s.later(t, time.Second)
		told := s.notices()
		if len(told) != 1 || !told[0].To.Customer || !strings.Contains(told[0].Text, "2026-01-07 09:00 UTC") || !strings.Contains(told[0].Text, "At Ann's") {
			t.Errorf("told %+v", told)
		}
		ok(t, s.DeleteTicket(host, id))
		must(s.RestoreTicket(host, id))(t)
		s.later(t, 30*day)
		if told := s.notices(); len(told) != 0 {
			t.Errorf("told again: %+v", told)
		}
		if a := must(s.Appointments().Get(bob, id))(t); !a.Reminded || !a.Remind.Owner || a.By.ID != "7" {
			t.Errorf("stored: %+v", a)
		}
	})
	t.Run("I07 an appointment that is changed or cleared reminds at the new time, or never", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.Appointments().Set(bob, id, visit(s, 4*day)))(t)
		s.later(t, 3*day)
		if len(s.notices()) != 0 {
			t.Error("reminded of the old time")
		}
		s.later(t, day)
		if len(s.notices()) != 1 {
			t.Error("not reminded of the new time")
		}
		must(s.Appointments().Set(bob, id, visit(s, day)))(t)
		ok(t, s.Appointments().Clear(bob, id))
		wantErr(t, s.Appointments().Clear(bob, id), ticket.ErrNotFound)
		_, err := s.Appointments().Get(bob, id)
		wantErr(t, err, ticket.ErrNotFound)
		s.later(t, 3*day)
		if len(s.notices()) != 0 {
			t.Error("reminded of what was cleared")
		}
		if got := s.history(t, id, "appointment"); len(got) != 4 || !strings.HasSuffix(got[3], "Z>") || !strings.HasPrefix(got[0], ">2026-01-07T09:00:00Z") {
			t.Errorf("the journal has %v", got)
		}
	})
	t.Run("I07 who sets one for soon is reminded at once, and of a merged ticket the one that has it", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		must(s.Appointments().Set(bob, id, visit(s, time.Minute)))(t)
		target := s.open(t).ID
		must(s.Merge(host, target, id))(t)
		if a := must(s.Appointments().Get(bob, target))(t); a.Ticket != id {
			t.Errorf("found %+v", a)
		}
		s.later(t, 0)
		if told := s.notices(); len(told) != 1 || told[0].Ticket != target {
			t.Errorf("told %+v", told)
		}
		must(s.Appointments().Set(bob, target, visit(s, day)))(t)
		ok(t, s.Appointments().Clear(bob, target))
		wantErr(t, s.Appointments().Clear(bob, target), ticket.ErrNotFound)
	})
	t.Run("I07 what makes no sense is refused", func(t *testing.T) {
		t.Parallel()
		s, id := setUp(t)
		for _, a := range []rules.Appointment{{}, visit(s, 0), visit(s, -day), {At: s.Now().Add(day), Before: -1}} {
			_, err := s.Appointments().Set(bob, id, a)
			wantErr(t, err, ticket.ErrInvalid)
		}
	})
}
