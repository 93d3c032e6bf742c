package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
)

// recurs is the newest entry on the agenda of a recurring ticket.
func (s *shop) recurs(t testing.TB) rules.Due {
	t.Helper()
	for _, d := range must(s.Agenda().List(host, 0))(t) {
		if d.What == "recurrence" {
			return d
		}
	}
	t.Fatal("nothing recurs")
	return rules.Due{}
}

// lose removes an entry that waits.
func (s *shop) lose(t testing.TB, id int64) {
	t.Helper()
	ok(t, s.Store.Update(bg, func(ctx context.Context, tx store.Tx) error {
		long := time.Unix(1, 0)
		if err := tx.SetWork(ctx, id, store.WorkPending, store.WorkDone, long); err != nil {
			return err
		}
		n, err := tx.PruneWork(ctx, "due", long.Add(time.Second), 10)
		if n != 1 {
			t.Errorf("%d entries are lost", n)
		}
		return err
	}))
}

// isAway has the shop refuse new tickets as long as what it returns is true.
func (s *shop) isAway() *bool {
	broken := true
	s.Hooks().TicketCreateValidation.Bind("test", func(context.Context, hooks.Creating) error {
		if broken {
			return errors.New("the shop's database is away")
		}
		return nil
	})
	return &broken
}

func TestRecall(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T, change func(d *rules.Recurring)) *shop {
		s := repeating(t, change)
		s.later(t, 2*time.Hour)
		return s
	}
	t.Run("I07 X07 a recurring ticket whose entry on the agenda is lost goes on, and opens none twice", func(t *testing.T) {
		t.Parallel()
		s := setUp(t, nil)
		s.lose(t, s.recurs(t).ID)
		s.later(t, time.Hour)
		for range 15 * 24 {
			s.later(t, time.Hour)
		}
		s.opens(t, "01-12T08:00", "01-19T08:00")
	})
	t.Run("I07 X07 what was missed because of a lost entry is caught up", func(t *testing.T) {
		t.Parallel()
		s := setUp(t, nil)
		s.lose(t, s.recurs(t).ID)
		s.later(t, 8*day)
		s.later(t, 0)
		s.opens(t, "01-13T11:00")
		s.later(t, 6*day)
		s.opens(t, "01-13T11:00", "01-19T11:00")
	})
	t.Run("I07 X07 one that was given up is a problem, is tried again, and goes on when that is mended", func(t *testing.T) {
		t.Parallel()
		s := setUp(t, nil)
		broken := s.isAway()
		for range 10 * 24 {
			s.later(t, time.Hour)
		}
		s.opens(t)
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, "database is away") {
			t.Errorf("problems: %v", got)
		}
		*broken = false
		s.later(t, time.Hour)
		s.later(t, time.Hour)
		if n := len(s.opened(t)); n != 1 {
			t.Errorf("%d are opened", n)
		}
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
		s.later(t, 7*day)
		if n := len(s.opened(t)); n != 2 {
			t.Errorf("%d are opened", n)
		}
	})
	t.Run("I07 who discards the entry leaves out what was due, and the next one comes", func(t *testing.T) {
		t.Parallel()
		s := setUp(t, nil)
		broken := s.isAway()
		s.later(t, 7*day)
		ok(t, s.Agenda().Discard(host, s.recurs(t).ID))
		*broken = false
		for range 7 * 24 {
			s.later(t, time.Hour)
		}
		s.opens(t, "01-19T08:00")
	})
	t.Run("I07 one that is inactive, or over, stays so", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(d *rules.Recurring){
			"inactive": func(d *rules.Recurring) { d.Inactive = true },
			"over":     func(d *rules.Recurring) { d.Rule += ";COUNT=1" },
		} {
			s := setUp(t, change)
			for range 8 * 24 {
				s.later(t, time.Hour)
			}
			if got := s.opened(t); len(got) > 0 {
				t.Errorf("%s: opened at %v", name, got)
			}
		}
	})
}
