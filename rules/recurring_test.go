package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// weekly opens a ticket each Monday at nine in Berlin; the clock of a test begins on such a Monday, at ten there.
func weekly() rules.Recurring {
	return rules.Recurring{Code: "weekly", Name: "Weekly", Rule: "DTSTART:20260105T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO", Zone: "Europe/Berlin",
		Ticket: rules.TicketTemplate{Subject: "Water the plants", Body: "All of them", Requester: ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}}}
}

// opened are the times at which tickets were opened, the first first.
func (s *shop) opened(t testing.TB) (at []string) {
	t.Helper()
	for x, err := range s.AllTickets(host, ticket.Query{Sort: ticket.OldestCreated}) {
		ok(t, err)
		at = append(at, x.CreatedAt.Format("01-02T15:04"))
	}
	return at
}

// opens holds the times at which tickets were opened against what they should be.
func (s *shop) opens(t testing.TB, want ...string) {
	t.Helper()
	if got := s.opened(t); !slices.Equal(got, want) {
		t.Errorf("opened at %v, want %v", got, want)
	}
}

// repeating is a shop in which a ticket recurs every week, or as it is changed.
func repeating(t testing.TB, change func(d *rules.Recurring)) *shop {
	t.Helper()
	s := newShop(t, shopOptions{})
	d := weekly()
	if change != nil {
		change(&d)
	}
	must(s.RecurringTickets().Save(host, d))(t)
	return s
}

func TestRecurring(t *testing.T) {
	t.Parallel()
	t.Run("I07 a ticket is opened at each time of the rule, once, by the clock on the wall", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, func(d *rules.Recurring) {
			d.Ticket.Priority, d.Ticket.Assignee, d.Ticket.Tags = "high", "7", []string{"plants"}
		})
		for range 13 * 7 * 24 {
			s.later(t, time.Hour)
		}
		s.opens(t, "01-12T08:00", "01-19T08:00", "01-26T08:00", "02-02T08:00", "02-09T08:00", "02-16T08:00", "02-23T08:00",
			"03-02T08:00", "03-09T08:00", "03-16T08:00", "03-23T08:00", "03-30T07:00", "04-06T07:00")
		x := must(s.Tickets(host, ticket.Query{}))(t).Tickets[0]
		if x.Subject != "Water the plants" || x.Requester.ID != "42" || x.Priority != "high" || x.Assignee != "7" || !slices.Equal(x.Tags, []string{"plants"}) {
			t.Errorf("opened %+v", x)
		}
		e := must(s.History(host, x.ID, ticket.EventQuery{}))(t)[0]
		if e.Cause.Rule != "recurring:weekly" || e.Actor.Kind != ticket.ActorSystem {
			t.Errorf("opened by %+v, because of %+v", e.Actor, e.Cause)
		}
	})
	for name, c := range map[string]struct {
		change func(d *rules.Recurring)
		want   []string
	}{
		"I07 of what was missed one is opened":                {func(d *rules.Recurring) {}, []string{"02-14T09:00", "02-16T09:00"}},
		"I07 of what was missed all are opened":               {func(d *rules.Recurring) { d.CatchUp = rules.CatchUpAll }, append(slices.Repeat([]string{"02-14T09:00"}, 5), "02-16T09:00")},
		"I07 of what was missed as many are opened as wanted": {func(d *rules.Recurring) { d.CatchUp, d.Bound = rules.CatchUpAll, 2 }, []string{"02-14T09:00", "02-14T09:00", "02-16T09:00"}},
		"I07 of what was missed none is opened":               {func(d *rules.Recurring) { d.CatchUp = rules.CatchUpSkip }, []string{"02-16T09:00"}},
		"I07 what is a little late is not missed": {func(d *rules.Recurring) {
			d.CatchUp, d.Grace = rules.CatchUpSkip, ticket.Duration(6*day)
		}, []string{"02-14T09:00", "02-16T09:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := repeating(t, c.change)
			s.later(t, 40*day) // Saturday, 14 February
			s.later(t, 0)
			s.later(t, 2*day)
			if name == "I07 of what was missed none is opened" {
				c.want[0] = s.opened(t)[0]
			}
			s.opens(t, c.want...)
		})
	}
	t.Run("I07 another rule holds from when it was saved, and what is the same goes on", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, nil)
		s.later(t, 8*day) // Tuesday the 13th
		d := must(s.RecurringTickets().List(host))(t)[0]
		d.Name = "Each week"
		d = must(s.RecurringTickets().Save(host, d))(t)
		s.later(t, 0)
		s.opens(t, "01-13T09:00")
		d.Rule = "DTSTART:20260101T180000\nRRULE:FREQ=DAILY"
		d = must(s.RecurringTickets().Save(host, d))(t)
		s.later(t, 0)
		s.opens(t, "01-13T09:00")
		s.later(t, 8*time.Hour)
		s.opens(t, "01-13T09:00", "01-13T17:00")
		d.Inactive = true
		d = must(s.RecurringTickets().Save(host, d))(t)
		s.later(t, 20*day+time.Hour)
		d.Inactive = false
		must(s.RecurringTickets().Save(host, d))(t)
		s.later(t, 0)
		s.opens(t, "01-13T09:00", "01-13T17:00")
		ok(t, s.RecurringTickets().Delete(host, d.Code))
		wantErr(t, s.RecurringTickets().Delete(host, d.Code), ticket.ErrNotFound)
		s.later(t, 20*day)
		s.opens(t, "01-13T09:00", "01-13T17:00")
	})
	t.Run("I07 X07 a clock that was ahead and is set back does not keep tickets from recurring, and none comes twice", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, func(d *rules.Recurring) { d.Rule, d.Zone = "DTSTART:20260105T120000\nRRULE:FREQ=DAILY", "UTC" })
		s.later(t, 3*day)
		s.later(t, 60*day)
		s.Clock.Advance(-60 * day)
		were := len(s.opened(t))
		s.later(t, time.Minute)
		for range 30 {
			s.later(t, day)
		}
		if n := len(s.opened(t)) - were; n != 30 {
			t.Errorf("%d were opened in the 30 days after", n)
		}
	})
	t.Run("I07 X07 who saves a rule while the clock is set back has it go on at once", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, nil)
		s.later(t, 60*day)
		s.Clock.Advance(-60 * day)
		d := must(s.RecurringTickets().List(host))(t)[0]
		d.Name = "Another"
		must(s.RecurringTickets().Save(host, d))(t)
		were := len(s.opened(t))
		s.later(t, 7*day)
		if n := len(s.opened(t)) - were; n != 1 {
			t.Errorf("%d were opened in the week after", n)
		}
	})
	t.Run("I07 a rule that is over opens nothing more", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, func(d *rules.Recurring) { d.Rule += ";COUNT=3" }) // the first of them is before the clock begins
		for range 10 {
			s.later(t, 7*day)
		}
		s.opens(t, "01-12T09:00", "01-19T09:00")
	})
	t.Run("I07 a ticket that the desk refuses is a problem, and is opened when that is mended", func(t *testing.T) {
		t.Parallel()
		s := repeating(t, func(d *rules.Recurring) { d.CatchUp, d.Ticket.Department = rules.CatchUpAll, "garden" })
		for range 30 * 24 {
			s.later(t, time.Hour)
		}
		s.opens(t)
		if got := must(s.Check(host))(t); len(got) != 1 || !strings.Contains(got[0].Message, "garden") || got[0].Area != "rules" {
			t.Errorf("problems: %v", got)
		}
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "garden", Name: "Garden"}))
		s.later(t, time.Hour)
		s.opens(t, slices.Repeat([]string{"02-04T10:00"}, 4)...)
		if got := must(s.Check(host))(t); len(got) != 0 {
			t.Errorf("problems: %v", got)
		}
	})
	t.Run("I07 the next times are shown before anything is saved", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		next := must(s.RecurringTickets().Next(weekly(), 2))(t)
		if len(next) != 2 || next[0].Format(time.RFC3339) != "2026-01-12T09:00:00+01:00" || next[1].Format(time.RFC3339) != "2026-01-19T09:00:00+01:00" {
			t.Errorf("next: %v", next)
		}
		_, err := s.RecurringTickets().Next(rules.Recurring{}, 2)
		wantErr(t, err, ticket.ErrInvalid)
	})
	t.Run("I07 what makes no sense is refused, by field", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		for field, change := range map[string]func(d *rules.Recurring){
			"code": func(d *rules.Recurring) { d.Code = "No" }, "name": func(d *rules.Recurring) { d.Name = "" },
			"rule": func(d *rules.Recurring) { d.Rule = "daily" }, "zone": func(d *rules.Recurring) { d.Zone = "Berlin" },
			"catch_up": func(d *rules.Recurring) { d.CatchUp = "never" }, "bound": func(d *rules.Recurring) { d.Bound = -1 },
			"grace": func(d *rules.Recurring) { d.Grace = 1 }, "ticket.subject": func(d *rules.Recurring) { d.Ticket.Subject = "" },
			"ticket.requester": func(d *rules.Recurring) { d.Ticket.Requester = ticket.Person{} },
		} {
			d := weekly()
			change(&d)
			_, err := s.RecurringTickets().Save(host, d)
			if got := ticket.FieldErrors(err); len(got[field]) != 1 || len(got) != 1 {
				t.Errorf("%s: %v", field, err)
			}
		}
		d := must(s.RecurringTickets().Save(host, weekly()))(t)
		_, err := s.RecurringTickets().Save(host, weekly())
		wantErr(t, err, ticket.ErrConflict)
		d.Version, d.Name = store.AnyVersion, "Each week"
		if d = must(s.RecurringTickets().Save(host, d))(t); d.Version != 2 || d.CatchUp != rules.CatchUpOnce {
			t.Errorf("stored %+v", d)
		}
	})
}
