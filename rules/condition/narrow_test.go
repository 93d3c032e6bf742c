package condition_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestNarrow(t *testing.T) {
	t.Parallel()
	clock := schema()
	clock.Clock = true
	ago := func(h float64) time.Time { return noon.Add(-time.Duration(h * float64(time.Hour))) }
	for text, want := range map[string]ticket.Query{
		``:                        {},
		`ticket.status == "open"`: {Statuses: []string{"open"}},
		`hours_since_last_reply == 720 and ticket.status != "closed"`:                           {Statuses: []string{"open", "in_progress", "waiting_customer"}, LastReplyTo: ago(720).Add(time.Second)},
		`hours_since_last_reply > 72 and ticket.status == "waiting_customer"`:                   {Statuses: []string{"waiting_customer"}, LastReplyTo: ago(72).Add(time.Second)},
		`hours_since_last_reply > 72 and last_reply_by == "client"`:                             {LastReplyTo: ago(72).Add(time.Second)},
		`hours_since_created > 24 and hours_since_created < 48`:                                 {CreatedTo: ago(24).Add(time.Second), CreatedFrom: ago(48).Add(-time.Second)},
		`ticket.status == "open" or ticket.status == "closed" and ticket.locked`:                {Statuses: []string{"open", "closed"}},
		`not (hours_since_last_reply > 5)`:                                                      {}, // or there was none
		`not (hours_since_last_reply > 5) or hours_since_last_reply < 3`:                        {},
		`last_reply_by not in ["client", "staff", "system"]`:                                    {}, // nobody has written
		`ticket.status == "open" or ticket.locked`:                                              {},
		`not (ticket.class in ["solved", "closed"])`:                                            {Classes: []ticket.Class{"new", "open", "pending"}},
		`ticket.folder != "spam" and not is_set(ticket.assignee)`:                               {Folders: []ticket.Folder{"inbox", "archive"}, Unassigned: true},
		`ticket.owner == "bob" and "vip" in ticket.tags`:                                        {Assignee: "bob", Tags: []string{"vip"}},
		`ticket.store == "lamps" and ticket.channel == "email"`:                                 {Brands: []string{"lamps"}, Channels: []ticket.Channel{"email"}},
		`field.colour == "red" and field.gift`:                                                  {Fields: []ticket.FieldFilter{{Code: "colour", Values: []string{"red"}}, {Code: "gift", Values: []string{"1"}}}},
		`ticket.requester.id == "42" and ticket.requester.email == "ann@example.com"`:           {Requester: "42", Email: "ann@example.com"},
		`ticket.organisation == "acme" and ticket.service == "1001" and ticket.external == "x"`: {Organisation: "acme", Service: "1001", External: "x"},
		`ticket.unread_by_staff and ticket.unread_by_client and "ann" in ticket.watchers`:       {UnreadByStaff: true, UnreadByClient: true, Watcher: "ann"},
		`not ticket.unread_by_staff and "bob@example.com" in ticket.participants`:               {Participant: "bob@example.com"},
		`ticket.priority == "high" and ticket.department in ["sales", "support"]`:               {Priorities: []string{"high"}, Departments: []string{"sales", "support"}},
		`ticket.organisation in ["acme", "other"] or ticket.service == " x"`:                    {},
		`ticket.updated_at < date("2026-01-01")`:                                                {UpdatedTo: time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)},
		`before.status == "open" and lower(ticket.status) == "open"`:                            {},
	} {
		t.Run("M59 "+text, func(t *testing.T) {
			t.Parallel()
			got := compile(t, text, clock).Narrow(noon, time.Time{})
			if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("M59 what tickets keep is asked for, though the desk has it no more", func(t *testing.T) {
		t.Parallel()
		open := schema()
		open.Complete = false
		for _, text := range []string{`ticket.status == "gone"`, `field.colour == "green"`} {
			if got := compile(t, text, open).Narrow(noon, time.Time{}); len(got) != 1 {
				t.Errorf("%s: got %+v", text, got)
			}
		}
	})
	t.Run("M59 what can never be true asks for nothing", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{`ticket.status == "open" and ticket.status == "closed"`, `ticket.class == "x"`, `ticket.class == ""`} {
			if got := compile(t, text, clock).Narrow(noon, time.Time{}); len(got) != 0 {
				t.Errorf("%s: got %+v", text, got)
			}
		}
	})
	t.Run("M59 since the last check, what was updated or has crossed is asked for", func(t *testing.T) {
		t.Parallel()
		since := noon.Add(-time.Hour)
		got := compile(t, `hours_since_last_reply == 720 and ticket.status == "open"`, clock).Narrow(noon, since)
		want := []ticket.Query{
			{Statuses: []string{"open"}, UpdatedFrom: since, LastReplyTo: ago(720).Add(time.Second)},
			{Statuses: []string{"open"}, LastReplyFrom: ago(721).Add(-time.Second), LastReplyTo: ago(720).Add(time.Second)},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
		if got := compile(t, `hours_since_changed > 24`, clock).Narrow(noon, since); len(got) != 1 || !got[0].UpdatedFrom.Equal(ago(25).Add(-time.Second)) {
			t.Errorf("got %+v", got)
		}
		for _, text := range []string{`hour(now) == 8`, `ticket.requester.group == "x"`, `hours_since(ticket.solved_at) > 3`, `hours_since_created / 2 > 3`} {
			if got := compile(t, text, clock).Narrow(noon, since); len(got) != 1 || !got[0].UpdatedFrom.IsZero() {
				t.Errorf("%s: got %+v", text, got)
			}
		}
	})
}

// selects reports whether one of the queries selects the ticket, and that a desk takes them.
func selects(t *testing.T, list []ticket.Query, tk *ticket.Ticket) bool {
	t.Helper()
	for _, q := range list {
		var e ticket.ValidationError
		if q.Check(&e); e.Err() != nil {
			t.Fatalf("%+v: %v", q, e.Err())
		}
	}
	return slices.ContainsFunc(list, func(q ticket.Query) bool { return q.Selects(tk) })
}

func TestNarrowExcludesNothing(t *testing.T) {
	t.Parallel()
	t.Run("M59 every ticket that matches is selected", func(t *testing.T) {
		t.Parallel()
		c, s, stale := newChance(4), schema(), schema()
		s.Clock, stale.Complete = true, false
		fields := s.List()
		matched, spared, crossed := 0, 0, 0
		for range rounds(1500) {
			s := pick(c, s, stale)
			one := randomCondition(t, c, s, fields)
			since := noon.Add(-time.Duration(c.IntN(20*24)) * time.Hour)
			all, some := one.Narrow(noon, time.Time{}), one.Narrow(noon, since)
			for range 30 {
				src := c.source(c.ticket())
				if !s.Complete && c.IntN(4) == 0 {
					src.Ticket.Status = "gone" // of a catalogue that is newer, or older
				}
				ok, err := one.Match(condition.NewVars(src))
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					if !selects(t, all, src.Ticket) {
						spared++
					}
					continue
				}
				matched++
				if !selects(t, all, src.Ticket) {
					t.Fatalf("%s holds for %+v, and is narrowed to %+v", one, src.Ticket, all)
				}
				then := src
				then.Now = since
				was, err := one.Match(condition.NewVars(then))
				if err != nil {
					t.Fatal(err)
				}
				if was && src.Ticket.UpdatedAt.Before(since) {
					continue
				}
				crossed++
				if !selects(t, some, src.Ticket) {
					t.Fatalf("%s holds for %+v since %v, and is narrowed to %+v", one, src.Ticket, since, some)
				}
			}
		}
		if matched < rounds(500) || spared < rounds(500) || crossed < rounds(200) {
			t.Errorf("matched %d, spared %d, crossed %d: that proves little", matched, spared, crossed)
		}
	})
}
