package rules_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine's zones may be none

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// timed is a desk with calendars and policies, and who uses it.
type timed struct {
	*helpdesktest.Desk
	*rules.Rules
	host, agent, customer context.Context
}

func newTimed(t *testing.T, s store.Store) *timed {
	t.Helper()
	d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetMSP)}})
	r, err := rules.New(d.Automation(), d.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	act := func(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }
	o := &timed{Desk: d, Rules: r, host: act(ticket.System("host")), agent: act(ticket.Staff("7", "Bob", "bob@desk.example")), customer: act(ticket.Client("42", "Ann", "ann@example.com"))}
	for _, b := range []string{"lamps", "chairs"} {
		o.done(t, d.Catalog().PutBrand(o.host, ticket.Brand{Code: b, Name: b}))
	}
	return o
}

func (o *timed) done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *timed) calendar(t *testing.T, c calendar.Calendar) calendar.Calendar {
	t.Helper()
	out, err := o.Calendars().Save(o.host, c)
	o.done(t, err)
	return out
}

func (o *timed) policy(t *testing.T, p sla.Policy) sla.Policy {
	t.Helper()
	out, err := o.Policies().Save(o.host, p)
	o.done(t, err)
	return out
}

// clock is the one of a target, as an agent sees it.
func (o *timed) clock(t *testing.T, id int64, target sla.Target) sla.Clock {
	t.Helper()
	list, err := o.Policies().Clocks(o.agent, id)
	o.done(t, err)
	i := slices.IndexFunc(list, func(c sla.Clock) bool { return c.Target == target })
	if i < 0 {
		t.Fatalf("no clock for %s: %+v", target, list)
	}
	return list[i]
}

func (o *timed) open(t *testing.T) *ticket.Ticket {
	t.Helper()
	tk, err := o.CreateTicket(o.customer, ticket.Draft{Subject: "Broken lamp", Body: "It does not light."})
	o.done(t, err)
	return tk
}

func (o *timed) say(ctx context.Context, t *testing.T, id int64) {
	t.Helper()
	_, err := o.Reply(ctx, id, ticket.ReplyDraft{Body: "Hello"})
	o.done(t, err)
}

func officeHours() calendar.Calendar {
	return calendar.Calendar{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00")}
}

func goldPolicy() sla.Policy {
	return sla.Policy{Code: "gold", Name: "Gold", Calendar: "office", Pause: sla.Pause{Statuses: []string{"hold"}},
		FirstResponse: sla.Goal{Within: ticket.Duration(4 * time.Hour), Warn: []sla.Warning{{Percent: 50}}},
		NextResponse:  sla.Goal{Within: ticket.Duration(8 * time.Hour)}, Resolution: sla.Goal{Within: ticket.Duration(16 * time.Hour)}}
}

// onTimedStores runs a test on the stores that need no server.
func onTimedStores(t *testing.T, name string, test func(t *testing.T, o *timed)) {
	t.Helper()
	t.Run(name+" in memory", func(t *testing.T) {
		t.Parallel()
		test(t, newTimed(t, memory.New(nil)))
	})
	t.Run(name+" in SQLite", func(t *testing.T) {
		t.Parallel()
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, newTimed(t, s))
	})
}

func TestStoredCalendars(t *testing.T) {
	t.Parallel()
	onTimedStores(t, "M28 a calendar is stored, read, changed by who knows its version, and removed", func(t *testing.T, o *timed) {
		first := o.calendar(t, officeHours())
		if got, err := o.Calendars().Get(o.host, "office"); err != nil || first.Version != 1 || got.Version != 1 || got.Week.Monday[0] != "09:00-17:00" {
			t.Errorf("got %+v, %v", got, err)
		}
		changed := first.Clone()
		changed.Name, changed.Sort = "The office", 5
		if second := o.calendar(t, changed); second.Version != 2 {
			t.Errorf("got version %d", second.Version)
		}
		for name, c := range map[string]calendar.Calendar{"an old version": first, "a new one of the same code": officeHours()} {
			if _, err := o.Calendars().Save(o.host, c); !errors.Is(err, ticket.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		any := first.Clone()
		any.Version = rules.AnyVersion
		o.calendar(t, any)
		o.calendar(t, calendar.Calendar{Code: "a", Name: "A"})
		if list, err := o.Calendars().List(o.host); err != nil || len(list) != 2 || list[0].Code != "a" || list[1].Code != "office" || list[1].Version != 3 {
			t.Errorf("got %+v, %v", list, err)
		}
		o.done(t, o.Calendars().Delete(o.host, "a"))
		_, err := o.Calendars().Get(o.host, "a")
		if again := o.Calendars().Delete(o.host, "a"); !errors.Is(err, ticket.ErrNotFound) || !errors.Is(again, ticket.ErrNotFound) {
			t.Errorf("got %v, %v", err, again)
		}
	})
	t.Run("M28 only those may who configure the desk, but everybody may ask whether it is open", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		for name, err := range map[string]error{
			"save": func() error {
				_, err := o.Calendars().Save(o.customer, calendar.Calendar{Code: "b", Name: "B"})
				return err
			}(),
			"get":    func() error { _, err := o.Calendars().Get(o.customer, "office"); return err }(),
			"list":   func() error { _, err := o.Calendars().List(o.customer); return err }(),
			"delete": o.Calendars().Delete(o.customer, "office"),
			"clocks": func() error { _, err := o.Policies().Clocks(o.customer, o.open(t).ID); return err }(),
		} {
			if !errors.Is(err, ticket.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if open, err := o.Calendars().OpenNow(o.customer, "default"); err != nil || !open {
			t.Errorf("got %v, %v", open, err)
		}
		if _, err := o.Calendars().OpenNow(context.Background(), "default"); !errors.Is(err, ticket.ErrNoActor) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("M28 what the calendar and the catalogue have against it is told together", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		_, err := o.Calendars().Save(o.host, calendar.Calendar{Code: "x", Name: "X", Zone: "Mars/Base", Brands: []string{"lamps", "tables"}})
		if f := ticket.FieldErrors(err); len(f) != 2 || f["zone"] == nil || !strings.Contains(f["brands"][0].Message, "tables") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("B03 a brand has the calendar that names it, else one for all brands", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		if _, err := o.Calendars().Hours(o.customer, "lamps"); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		for _, c := range []calendar.Calendar{
			{Code: "all", Name: "All", Sort: -1}, {Code: "lamps", Name: "Lamps", Sort: 2, Brands: []string{"lamps"}}, {Code: "later", Name: "Later", Sort: 3, Brands: []string{"lamps"}},
			{Code: "gone", Name: "Gone", Inactive: true, Brands: []string{"lamps", "chairs"}},
		} {
			o.calendar(t, c)
		}
		for brand, want := range map[string]string{"lamps": "lamps", "chairs": "all", "default": "all", "": "all"} {
			if h, err := o.Calendars().Hours(o.customer, brand); err != nil || h.Calendar().Code != want {
				t.Errorf("%s: %v, %v", brand, h, err)
			}
		}
	})
	t.Run("M69 one call returns the page of a brand, and follows what is saved", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		c := o.calendar(t, officeHours())
		another := helpdesktest.New(t, &helpdesktest.Options{Store: o.Store, Clock: o.Clock}) // as another process has
		other, err := rules.New(another.Automation(), o.Store, nil)
		o.done(t, err)
		o.Clock.Set(time.Date(2026, 1, 5, 17, 30, 0, 0, time.UTC))
		page, err := other.Calendars().Page(o.customer, calendar.Visitor{Brand: "lamps", Locale: "en"})
		if err != nil || page.Open || page.Message != "We are closed now. We open in 15 hours 30 minutes." || len(page.Week) != 7 || len(page.Days) != 7 {
			t.Errorf("got %+v, %v", page, err)
		}
		c.Week.Monday = []calendar.Span{"09:00-20:00"}
		o.calendar(t, c)
		if page, err := other.Calendars().Page(o.customer, calendar.Visitor{Brand: "lamps"}); err != nil || !page.Open {
			t.Errorf("got %+v, %v", page, err)
		}
	})
}

func TestDefaultMessages(t *testing.T) {
	t.Parallel()
	t.Run("M28 the settings of a brand have the default messages and the notice, and a calendar overrides them", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		c := officeHours()
		c.Special = []calendar.Special{{Name: "Carnival", From: "2026-02-16"}}
		c = o.calendar(t, c)
		o.done(t, o.Settings().Update(o.host, ticket.DeskLayer, ticket.SettingsPatch{OpenMessage: &ticket.Label{"": "Ask away."}, HolidayNotice: new(60)}))
		o.done(t, o.Settings().Update(o.host, ticket.BrandLayer("lamps"), ticket.SettingsPatch{OpenMessage: &ticket.Label{"de": "Wir leuchten."}, HolidayNotice: new(1)}))
		say := func(brand, want string, special int) {
			t.Helper()
			page, err := o.Calendars().Page(o.customer, calendar.Visitor{Brand: brand, Locale: "de"})
			if err != nil || page.Message != want || len(page.Special) != special {
				t.Errorf("%s: got %+v, %v", brand, page, err)
			}
		}
		say("", "Ask away.", 1)
		say("lamps", "Wir leuchten.", 0)
		c.OpenMessage = ticket.Label{"": "At your service."}
		o.calendar(t, c)
		say("lamps", "At your service.", 0)
		err := o.Settings().Update(o.host, ticket.DeskLayer, ticket.SettingsPatch{HolidayNotice: new(-1), ClosedMessage: &ticket.Label{"de": strings.Repeat("x", 2001)}})
		if f := ticket.FieldErrors(err); len(f) != 2 || f["holiday_notice"] == nil || f["closed_message"] == nil {
			t.Errorf("got %v", err)
		}
	})
}
