package rules_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// year is a desk that lives through a year of what people do, and of everything that is due.
type year struct {
	*shop
	exact bool // each thing is done at its very time, and not by the hour

	ids      map[int]int64 // of the tickets of the script, by their numbers
	numbers  map[int64]int
	happened []act
	mu       sync.Mutex
	heard    map[string]int                                // how often the host was told or called, by the id that it is to go by
	look     func(t testing.TB) (next time.Time, late int) // in place of next
	file     *yearFile                                     // of a process that may be killed; nil for one that is not
}

var yearBegin = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func itoa(n int) string { return strconv.Itoa(n) }

func newYear(exact bool) *year {
	return &year{exact: exact, ids: map[int]int64{}, numbers: map[int64]int{}, heard: map[string]int{}}
}

// process is a desk with rules, as one process has them. In an exact year nothing happens of itself.
func (y *year) process(t testing.TB, s store.Store, clock *helpdesktest.Clock) *shop {
	t.Helper()
	return y.begun(t, helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock, Manual: y.exact, Config: y.config()}))
}

func (y *year) config() helpdesk.Config {
	return helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetShop), Settings: ticket.SettingsPatch{RateTickets: new(true), DeliveryRetention: new(ticket.Duration(day))}}
}

// begun gives a desk its rules, and starts it.
func (y *year) begun(t testing.TB, d *helpdesktest.Desk) *shop {
	t.Helper()
	p := &shop{Desk: d}
	crm := func(ctx context.Context, a *rules.Acting, _ map[string]string) error {
		return y.hear(ctx, "call "+fmt.Sprint(a.ID))
	}
	tell := func(ctx context.Context, n rules.Notice) error { return y.hear(ctx, "notice "+n.ID) }
	p.Rules = must(rules.New(p.Automation(), p.Store, &rules.Options{Notify: tell, Functions: map[string]rules.Function{"crm": crm}}))(t)
	ok(t, p.Start(bg))
	return p
}

// hear is the host, who is told or called.
func (y *year) hear(ctx context.Context, what string) error {
	if y.file != nil {
		return y.file.hear(ctx, what)
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.heard[what]++
	return nil
}

// pass has it be a later time.
func (y *year) pass(t testing.TB, at time.Time) {
	t.Helper()
	if y.file != nil {
		y.file.pass(t, at)
	}
	y.Clock.Set(at)
}

// settle does what is due now.
func (s *shop) settle(t testing.TB) {
	t.Helper()
	for range 100 {
		n := must(s.Tick(bg))(t)
		if n += s.DispatchAll(t); n == 0 {
			return
		}
	}
	t.Fatal("there is always something to do")
}

// next is when something is due after now, and how much is due by now.
func (y *year) next(t testing.TB) (next time.Time, late int) {
	t.Helper()
	if y.look != nil {
		return y.look(t)
	}
	now := y.Now()
	ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) error {
		next, late = time.Time{}, 0
		q := store.WorkQuery{States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1000}
		for {
			list, err := agenda.Works(ctx, x, q)
			if err != nil {
				return err
			}
			for _, w := range list {
				if q.BeforeID = w.ID; !w.Due.After(now) {
					late++
				} else if next.IsZero() || w.Due.Before(next) {
					next = w.Due
				}
			}
			if len(list) < q.Limit {
				return nil
			}
		}
	}))
	return next, late
}

// asks has the year ask the database of its store instead, at once: also what is left to deliver, and what is being done.
func (y *year) asks(db *sql.DB) {
	y.look = func(t testing.TB) (next time.Time, late int) {
		t.Helper()
		const text = `SELECT count(CASE WHEN state = 1 OR due <= %[1]d THEN 1 END), min(CASE WHEN due > %[1]d THEN due END)
			FROM helpdesk_work WHERE state IN (0, 1) AND kind IN ('due', 'delivery')`
		var at *int64
		ok(t, db.QueryRow(fmt.Sprintf(text, y.Now().UnixMicro())).Scan(&late, &at))
		if at != nil {
			next = time.UnixMicro(*at).UTC()
		}
		return next, late
	}
}

// byHour lives through a script, with a look at what is due each hour.
func (y *year) byHour(t testing.TB, list []act, length time.Duration) {
	t.Helper()
	y.settle(t)
	for hour := time.Hour; hour <= length; hour += time.Hour {
		for len(list) > 0 && !list[0].at.After(yearBegin.Add(hour)) {
			y.Clock.Set(list[0].at)
			y.play(t, list[0])
			list = list[1:]
		}
		y.Clock.Set(yearBegin.Add(hour))
		must(y.Tick(bg))(t)
	}
	y.settle(t)
}

// byTime lives through a script from one thing to the next, each done by turn when it is due.
func (y *year) byTime(t testing.TB, list []act, end time.Time, turn func()) {
	t.Helper()
	turn()
	for {
		next, late := y.next(t)
		switch {
		case late > 0:
			t.Fatalf("%s: %d things are late", y.Now(), late)
		case len(list) > 0 && (next.IsZero() || list[0].at.Before(next)):
			y.pass(t, list[0].at)
			y.play(t, list[0])
			list = list[1:]
		case next.IsZero() || next.After(end):
			y.pass(t, end)
			return
		default:
			y.pass(t, next)
		}
		turn()
	}
}

// drawn is what of a cause or a change is drawn by lot: an id.
var drawn, number = regexp.MustCompile(`:[0-9]+$`), regexp.MustCompile(`[0-9]+`)

// journals are what has happened to each ticket: what, when, to what, because of which rule. Tickets go by their numbers in
// the script, others by when they were opened.
func (y *year) journals(t testing.TB) map[string][]string {
	t.Helper()
	out, names := map[string][]string{}, map[string]string{}
	for x, err := range y.AllTickets(host, ticket.Query{Sort: ticket.OldestCreated, Folders: []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}}) {
		ok(t, err)
		if _, known := y.numbers[x.ID]; !known {
			names[fmt.Sprint(x.ID)] = "recurring " + x.CreatedAt.Format(time.RFC3339)
		}
	}
	for id, n := range y.numbers {
		names[fmt.Sprint(id)] = "ticket " + itoa(n)
	}
	for id, name := range names {
		n, _ := strconv.ParseInt(id, 10, 64)
		for _, e := range y.journal(t, n) {
			for i, c := range e.Changes {
				if c.Field == "tickets" || c.Field == "merged_into" {
					e.Changes[i].New = number.ReplaceAllStringFunc(c.New, func(id string) string { return names[id] })
				}
			}
			out[name] = append(out[name], fmt.Sprint(e.At.Format(time.RFC3339Nano), " ", e.Type, " ", drawn.ReplaceAllString(e.Cause.Rule, ""), " ", e.Changes))
		}
	}
	return out
}

// journal is that of a ticket, also of one that is deleted.
func (y *year) journal(t testing.TB, id int64) (out []*ticket.Event) {
	t.Helper()
	ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) (err error) {
		out = nil
		q := ticket.EventQuery{TicketID: id, Limit: ticket.MaxPage}
		for {
			page, err := x.Events(ctx, q)
			if err != nil {
				return err
			}
			for _, e := range page {
				out, q.AfterSeq = append(out, e.Clone()), e.Seq
			}
			if len(page) < q.Limit {
				return nil
			}
		}
	}))
	return out
}

// same holds journals against those of another life.
func same(t testing.TB, got, want map[string][]string) {
	t.Helper()
	differ := 0
	for name, w := range want {
		g := got[name]
		if slices.Equal(g, w) {
			continue
		}
		if differ++; differ > 3 {
			continue
		}
		i := 0
		for i < min(len(g), len(w)) && g[i] == w[i] {
			i++
		}
		t.Errorf("%s, entry %d of %d:\n%s\nwant of %d:\n%s", name, i, len(g), strings.Join(g[i:min(i+4, len(g))], "\n"), len(w), strings.Join(w[i:min(i+4, len(w))], "\n"))
	}
	if differ > 0 || len(got) != len(want) {
		t.Errorf("%d tickets of %d have another journal; there are %d", differ, len(want), len(got))
	}
}

// TestYear lives through a year of 1,000 tickets under thirty rules, twice.
func TestYear(t *testing.T) {
	t.Parallel()
	tickets, length := 1000, 365*day
	if testing.Short() {
		tickets, length = 40, 31*day
	}
	list := script(17, yearBegin, tickets, length)
	var years [2]*year
	for i := range years {
		y := newYear(false)
		y.shop = y.process(t, nil, helpdesktest.NewClock(yearBegin))
		y.define(t)
		years[i] = y
	}
	t.Run("X07 a year is lived", func(t *testing.T) {
		for i := range years {
			t.Run(itoa(i), func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				years[i].byHour(t, list, length)
				t.Logf("%d acts happened; it took %v", len(years[i].happened), time.Since(began))
			})
		}
	})
	t.Run("X07 in a year each due thing happens once", func(t *testing.T) { years[0].expect(t, length) })
	t.Run("X07 the same year has the same journal", func(t *testing.T) { same(t, years[1].journals(t), years[0].journals(t)) })
}
