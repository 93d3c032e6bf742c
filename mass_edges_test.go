package helpdesk_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMassStart(t *testing.T) {
	t.Parallel()
	t.Run("M62 a patch that no ticket can take is refused at the start, as a single update is", func(t *testing.T) {
		t.Parallel()
		cfg := inPlaces(helpdesk.Config{Agents: []ticket.Agent{{ID: "7", Name: "Bob", Roles: []string{"admin"}}, {ID: "9", Name: "Dan", Inactive: true}},
			Roles: []ticket.Role{{Code: "admin", Name: "Admin", Grants: []ticket.Grant{{}}}}})
		cfg.Departments = append(cfg.Departments, ticket.Department{Code: "closed", Name: "Closed", Inactive: true}, ticket.Department{Code: "here", Name: "Here", Brands: []string{"default"}})
		cfg.Fields = []ticket.Field{{Code: "size", Name: "Size", Type: ticket.FieldNumber}}
		d := newDesk(t, cfg)
		ids := many(t, d, 2)
		long := strings.Repeat("x", 2000)
		for field, p := range map[string]ticket.Patch{
			"status": {Status: new("gone")}, "priority": {Priority: new("gone")}, "department": {Department: new("gone")}, "brand": {Brand: new("gone")},
			"folder": {Folder: new(ticket.Folder("gone"))}, "assignee": {Assignee: new("gone")}, "subject": {Subject: new(" ")}, "phone": {Phone: &long},
			"fields.gone": {Fields: map[string]*string{"gone": new("1")}}, "fields.size": {Fields: map[string]*string{"size": new("large")}},
			"requester": {Requester: &ticket.Person{Name: "Nobody"}}, "tags": {Tags: &[]string{long}}, "watchers": {Watchers: &[]string{long}},
		} {
			_, err := d.UpdateTicket(as(bob), ids[0], p)
			invalid(t, err, field)
			_, err = d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: p})
			invalid(t, err, field)
		}
		for field, a := range map[string]ticket.MassAction{
			"tags":       {AddTags: []string{long}},
			"assignee":   {Patch: ticket.Patch{Assignee: new("9")}},
			"department": {Patch: ticket.Patch{Department: new("closed")}},
		} {
			a.IDs, a.Do = ids, ticket.MassUpdate
			_, err := d.Mass().Start(as(bob), a)
			invalid(t, err, field)
		}
		_, err := d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Department: new("here"), Brand: new("outlet")}})
		invalid(t, err, "department")
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Department: new("here"), Fields: map[string]*string{"size": new("07")}}}))(t)
		equal(t, "failed", run.Failed, 0)
		equal(t, "the size", must(d.Ticket(as(bob), ids[1]))(t).Fields["size"], must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Fields: map[string]*string{"size": new("07")}}))(t).Fields["size"])
	})
	t.Run("M62 what only a ticket can tell is left to the tickets", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{Settings: ticket.SettingsPatch{RequireClosingNote: new(true)}}))
		ids := many(t, d, 2)
		must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Status: new("closed"), Note: "x"}))(t)
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Status: new("closed")}}))(t)
		equal(t, "failed without a note", run.Failed, 1)
	})
	t.Run("M62 the target of a merge must be there for whoever starts it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		ids := many(t, d, 4)
		into := func(target int64) ticket.MassAction {
			return ticket.MassAction{IDs: ids[:1], Do: ticket.MassMerge, Into: target}
		}
		must(d.Transfer(as(host), ids[3], "billing"))(t)
		must(d.Merge(as(host), ids[3], ids[2]))(t)
		hire(t, d, carol, []string{"support"}, ticket.Grant{Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightSee, ticket.RightMerge}},
			ticket.Grant{Departments: []string{"billing"}, Rights: []ticket.Right{ticket.RightSee}, Brands: []string{"outlet"}})
		for what, c := range map[string]struct {
			actor  ticket.Actor
			target int64
			want   error
		}{"nothing": {host, 99, ticket.ErrNotFound}, "a shell": {host, ids[2], ticket.ErrMerged}, "one that she does not see": {carol, ids[3], ticket.ErrNotFound}} {
			if _, err := d.Mass().Start(as(c.actor), into(c.target)); err == nil {
				t.Errorf("into %s: started", what)
			} else {
				is(t, err, c.want)
			}
		}
		equal(t, "done", must(d.Mass().Start(as(carol), into(ids[1])))(t).Done, 1)
		hire(t, d, dan, nil)
		_, err := d.Mass().Start(as(dan), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Assignee: new("gone")}})
		is(t, err, ticket.ErrForbidden) // and not who works here
	})
}

// busyAt finds the database busy at some tickets.
type busyAt struct {
	helpdesk.DefaultAuthorizer
	tickets *[]int64
}

func (b busyAt) Authorize(c context.Context, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Ticket != nil && slices.Contains(*b.tickets, r.Ticket.ID) {
		return helpdesk.Decision{}, fmt.Errorf("the shop's rights: %w", ticket.ErrBusy)
	}
	return b.DefaultAuthorizer.Authorize(c, r)
}

func TestMassFailures(t *testing.T) {
	t.Parallel()
	high := func(ids []int64) ticket.MassAction {
		return ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Priority: new("high")}}
	}
	t.Run("M62 a result says by a code why a ticket could not be done", func(t *testing.T) {
		t.Parallel()
		var busy []int64
		d := newDesk(t, helpdesk.Config{Authorizer: busyAt{tickets: &busy}})
		ids := many(t, d, 7)
		d.Hooks().TicketUpdateValidation.Bind("test", func(_ ctx, in hooks.Updating) error {
			switch in.Ticket.ID {
			case ids[1]:
				return ticket.Invalid("priority", ticket.FaultRefused, "not this one")
			case ids[2]:
				return fmt.Errorf("spam service: %w", ticket.ErrBusy)
			case ids[3]:
				return ticket.ErrStopped
			}
			return nil
		})
		must(d.Merge(as(bob), ids[0], ids[4]))(t)
		ok(t, d.DeleteTicket(as(bob), ids[5]))
		busy = ids[6:]
		run := must(d.Mass().Start(as(bob), high(append(ids, 99))))(t)
		equal(t, "state", run.State, ticket.MassDone)
		equal(t, "failed", run.Failed, 7)
		want := map[int64]string{ids[1]: "refused", ids[2]: "hook_failed", ids[3]: "hook_failed", ids[4]: "merged",
			ids[5]: "not_found", ids[6]: "busy", 99: "not_found"}
		for _, r := range results(t, d, run.ID) {
			if r.Code != want[r.Ticket] || (r.Code == "") != (r.Error == "") {
				t.Errorf("result is %+v, want the code %q", r, want[r.Ticket])
			}
		}
	})
	t.Run("M62 a database that is busy for everybody is no result: the action goes on later", func(t *testing.T) {
		t.Parallel()
		path := t.TempDir() + "/desk.db"
		s := must(sqlite.Open(context.Background(), path, &sqlite.Options{BusyTimeout: 20 * time.Millisecond}))(t)
		t.Cleanup(func() { _ = s.Close() })
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Manual: true})
		run := must(d.Mass().Start(as(bob), high(many(t, d, 3))))(t)
		db := must(sql.Open("sqlite", path))(t)
		defer func() { ok(t, db.Close()) }()
		other := must(db.Conn(context.Background()))(t)
		defer func() { ok(t, other.Close()) }()
		must(other.ExecContext(context.Background(), "BEGIN IMMEDIATE"))(t)
		_, err := d.Mass().Run(as(bob), run.ID)
		is(t, err, ticket.ErrBusy)
		equal(t, "results", len(results(t, d, run.ID)), 0)
		must(other.ExecContext(context.Background(), "ROLLBACK"))(t)
		run = must(d.Mass().Run(as(bob), run.ID))(t)
		equal(t, "failed", run.Failed, 0)
		equal(t, "done", run.Done, 3)
	})
	t.Run("M62 tickets of a batch that was interrupted are counted, when the action goes on and when it is cancelled", func(t *testing.T) {
		t.Parallel()
		for _, cancelled := range []bool{false, true} {
			d := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true})
			many(t, d, 80)
			run := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &ticket.Query{Statuses: []string{"open"}}, Do: ticket.MassUpdate, Patch: ticket.Patch{Status: new("in_progress")}}))(t)
			stop, end := context.WithCancel(as(bob))
			defer end()
			n := 0
			d.Hooks().TicketUpdateValidation.Bind("test", func(context.Context, hooks.Updating) error {
				if n++; n == 70 {
					end()
				}
				return nil
			})
			_, err := d.Mass().Run(stop, run.ID)
			is(t, err, context.Canceled)
			want := 80
			if cancelled {
				run, want = must(d.Mass().Cancel(as(bob), run.ID))(t), len(results(t, d, run.ID))
				if want < 60 || want > 70 {
					t.Errorf("%d were done before the cancellation", want)
				}
			} else {
				run = must(d.Mass().Run(as(bob), run.ID))(t)
			}
			equal(t, "done", run.Done, want)
			equal(t, "failed", run.Failed, 0)
			left := must(d.CountTickets(as(host), ticket.Query{Statuses: []string{"open"}}))(t)
			equal(t, "tickets left", left.N, 80-want)
		}
	})
}

// brokenLists answers for single tickets alone, while it is broken.
type brokenLists struct {
	helpdesk.DefaultAuthorizer
	broken *atomic.Bool
}

var errNoLists = errors.New("the shop's rights are away")

func (b brokenLists) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if b.broken.Load() {
		return ticket.Scope{}, errNoLists
	}
	return b.DefaultAuthorizer.Scope(c, r)
}

// waiting are the numbers of Check and Health of mass actions that nobody carries out.
func waiting(t *testing.T, d *helpdesk.Desk) (said, there int) {
	t.Helper()
	for _, p := range must(d.Check(context.Background()))(t) {
		if p.Area == "mass" {
			said++
		}
	}
	return said, must(d.Health(context.Background()))(t).Mass
}

func TestMassWaits(t *testing.T) {
	t.Parallel()
	purge := func(ids ...int64) ticket.MassAction { return ticket.MassAction{IDs: ids, Do: ticket.MassPurge} }
	expect := func(t *testing.T, d *helpdesk.Desk, what string, said, there int) {
		t.Helper()
		if s, n := waiting(t, d); s != said || n != there {
			t.Errorf("%s: Check names %d problems, Health %d actions; want %d and %d", what, s, n, said, there)
		}
	}
	t.Run("M62 a desk that was never started says that its mass actions wait", func(t *testing.T) {
		t.Parallel()
		d := must(helpdesk.New(context.Background(), openStore(t), nil))(t)
		defer func() { ok(t, d.Stop(context.Background())) }()
		id := must(d.CreateTicket(as(ann), lamp()))(t).ID
		expect(t, d, "without one", 0, 0)
		run := must(d.Mass().Start(as(bob), purge(id)))(t)
		expect(t, d, "with one", 1, 1)
		must(d.Mass().Run(as(bob), run.ID))(t)
		expect(t, d, "with one that was run", 0, 0)
		run = must(d.Mass().Start(as(bob), purge(id)))(t)
		must(d.Mass().Cancel(as(bob), run.ID))(t)
		expect(t, d, "with one that was cancelled", 0, 0)
	})
	t.Run("M62 a desk without a background says so of one that nobody has begun for long", func(t *testing.T) {
		t.Parallel()
		d := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true})
		must(d.Mass().Start(as(bob), purge(many(t, d, 1)...)))(t)
		expect(t, d.Desk, "at once", 0, 1)
		d.Clock.Advance(10 * time.Minute)
		expect(t, d.Desk, "after ten minutes", 1, 1)
		must(d.Tick(context.Background()))(t)
		expect(t, d.Desk, "after Tick", 0, 0)
	})
	t.Run("M62 what interrupts an action again and again is said, until it goes on", func(t *testing.T) {
		t.Parallel()
		var broken atomic.Bool
		d := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true, Config: helpdesk.Config{Authorizer: brokenLists{broken: &broken}}})
		many(t, d, 60)
		run := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &ticket.Query{}, Do: ticket.MassDelete}))(t)
		broken.Store(true)
		_, err := d.Tick(context.Background())
		is(t, err, errNoLists)
		expect(t, d.Desk, "after a failure", 1, 1)
		broken.Store(false)
		d.Clock.Advance(time.Minute)
		must(d.Tick(context.Background()))(t)
		expect(t, d.Desk, "in the end", 0, 0)
		equal(t, "done", must(d.Mass().Get(as(bob), run.ID))(t).Done, 60)
	})
	t.Run("M62 what is over goes 30 days after its end, whenever it was started, and what is not over stays", func(t *testing.T) {
		t.Parallel()
		d := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true})
		ids := many(t, d, 4)
		late, soon, cancelled := must(d.Mass().Start(as(bob), purge(ids[0])))(t), must(d.Mass().Start(as(bob), purge(ids[1])))(t), must(d.Mass().Start(as(bob), purge(ids[2])))(t)
		must(d.Mass().Run(as(bob), soon.ID))(t)
		must(d.Mass().Cancel(as(bob), cancelled.ID))(t)
		d.Clock.Advance(20 * 24 * time.Hour)
		must(d.Mass().Run(as(bob), late.ID))(t)
		d.Clock.Advance(11 * 24 * time.Hour)
		must(d.Tick(context.Background()))(t)
		for _, run := range []ticket.MassRun{soon, cancelled} {
			_, err := d.Mass().Get(as(bob), run.ID)
			is(t, err, ticket.ErrNotFound)
		}
		equal(t, "state of the later one", must(d.Mass().Get(as(bob), late.ID))(t).State, ticket.MassDone)
		d.Clock.Advance(20 * 24 * time.Hour)
		must(d.Tick(context.Background()))(t)
		_, err := d.Mass().Get(as(bob), late.ID)
		is(t, err, ticket.ErrNotFound)
	})
}

func TestMassTogether(t *testing.T) {
	t.Parallel()
	t.Run("M62 whoever carries an action out beside others, and whenever it is cancelled, the numbers are those of the tickets", func(t *testing.T) {
		t.Parallel()
		for after := range int32(4) {
			d := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true})
			many(t, d, 120)
			run := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &ticket.Query{Statuses: []string{"open"}}, Do: ticket.MassUpdate, Patch: ticket.Patch{Status: new("closed")}}))(t)
			var n atomic.Int32
			d.Hooks().TicketUpdateValidation.Bind("test", func(context.Context, hooks.Updating) error {
				if n.Add(1) == 30*after {
					return drop(d.Mass().Cancel(as(bob), run.ID))
				}
				return nil
			})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { ok(t, drop(d.Mass().Run(as(bob), run.ID))) })
			}
			wg.Wait()
			got := must(d.Mass().Get(as(bob), run.ID))(t)
			closed := must(d.CountTickets(as(bob), ticket.Query{Statuses: []string{"closed"}}))(t).N
			if list := results(t, d, run.ID); got.State == ticket.MassRunning || got.Done != closed || got.Failed != 0 || len(list) != closed {
				t.Errorf("cancelled at %d: %d tickets are closed, %d results, and the action is %+v", 30*after, closed, len(list), got)
			}
		}
	})
	t.Run("M62 a ticket that is named twice is meant once, and what is no ticket's number is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		ids := many(t, d, 2)
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: append(ids, ids...), Do: ticket.MassDelete}))(t)
		if run.Total.N != 2 || run.Done != 2 || run.Failed != 0 {
			t.Errorf("run is %+v", run)
		}
		_, err := d.Mass().Start(as(bob), ticket.MassAction{IDs: []int64{ids[0], -1}, Do: ticket.MassRestore})
		invalid(t, err, "ids")
	})
}
