package helpdesk_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
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

// many opens n tickets of Ann's.
func many(t testing.TB, d *helpdesktest.Desk, n int) []int64 {
	t.Helper()
	var ids []int64
	for range n {
		ids = append(ids, open(t, d, ann).ID)
	}
	return ids
}

func results(t testing.TB, d *helpdesktest.Desk, id int64) (out []ticket.MassResult) {
	t.Helper()
	for after := int64(0); ; {
		list := must(d.Mass().Results(as(bob), id, after, 7))(t)
		if out = append(out, list...); len(list) == 0 {
			return out
		}
		after = list[len(list)-1].Ticket
	}
}

func TestMass(t *testing.T) {
	t.Parallel()
	t.Run("M62 status, owner, department, priority, tags and folder of many, each ticket its own event", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		ids := many(t, d, 3)
		must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Tags: &[]string{"old", "kept"}}))(t)
		told := map[int64]int{}
		d.Hooks().TicketUpdated.Bind("test", func(_ ctx, e hooks.Updated) error { told[e.Ticket.ID]++; return nil })
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, AddTags: []string{"Lamp"}, RemoveTags: []string{"old"},
			Patch: ticket.Patch{Status: new("closed"), Assignee: new("7"), Department: new("billing"), Priority: new("high"), Folder: new(ticket.Archive), Note: "all of them"}}))(t)
		if run.State != ticket.MassDone || run.Done != 3 || run.Failed != 0 || run.Total.N != 3 || run.By.ID != "7" {
			t.Errorf("run is %+v", run)
		}
		for i, id := range ids {
			got := must(d.Ticket(as(bob), id))(t)
			want := []string{"lamp"}
			if i == 0 {
				want = []string{"kept", "lamp"}
			}
			if got.Status != "closed" || got.Assignee != "7" || got.Department != "billing" || got.Priority != "high" || got.Folder != ticket.Archive || got.Seq != 2 || !slices.Equal(got.Tags, want) {
				t.Errorf("ticket is %+v", got)
			}
			equal(t, "told of it", told[id], 1)
			h := history(t, d, id)
			equal(t, "the cause", h[len(h)-1].Cause.Mass, run.ID)
			equal(t, "the actor", h[len(h)-1].Actor.ID, "7")
		}
	})
	t.Run("M62 a partial failure is reported per ticket, and repeats nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		ids := append(many(t, d, 12), 99)
		d.Hooks().TicketDeleteValidation.Bind("test", func(_ ctx, in hooks.Deleting) error {
			if in.Ticket.ID == ids[3] {
				return ticket.Invalid("", ticket.FaultRefused, "not this one")
			}
			return nil
		})
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassDelete}))(t)
		equal(t, "done", run.Done, 13)
		equal(t, "failed", run.Failed, 2)
		got := results(t, d, run.ID)
		equal(t, "results", len(got), 13)
		for _, r := range got {
			if failed := r.Ticket == ids[3] || r.Ticket == 99; failed != (r.Error != "") {
				t.Errorf("result is %+v", r)
			}
		}
		again := must(d.Mass().Run(as(bob), run.ID))(t)
		equal(t, "done after running it again", again.Done, 13)
		restored := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &ticket.Query{Deleted: true}, Do: ticket.MassRestore}))(t)
		equal(t, "restored", restored.Done, 11)
		merged := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids[1:4], Do: ticket.MassMerge, Into: ids[0]}))(t)
		equal(t, "merged", merged.Done-merged.Failed, 3)
		equal(t, "messages of the target", must(d.Ticket(as(bob), ids[0]))(t).Seq, 4)
	})
	t.Run("M62 a query selects, under the rights of whoever started it, also what the action takes out of it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		ids := many(t, d, 120)
		for _, id := range ids[:7] {
			must(d.Transfer(as(host), id, "billing"))(t)
		}
		ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "s", Name: "S", Grants: []ticket.Grant{{Departments: []string{"support"}}}}))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"s"}}))
		run := must(d.Mass().Start(as(carol), ticket.MassAction{Query: &ticket.Query{Statuses: []string{"open"}}, Do: ticket.MassUpdate, Patch: ticket.Patch{Status: new("in_progress")}}))(t)
		if run.Done != 113 || run.Failed != 0 || run.Total.N != 113 {
			t.Errorf("run is %+v", run)
		}
		left := must(d.Tickets(as(host), ticket.Query{Statuses: []string{"open"}}))(t)
		equal(t, "tickets left alone", len(left.Tickets), 7)
		named := must(d.Mass().Start(as(carol), ticket.MassAction{IDs: ids[:2], Do: ticket.MassDelete}))(t)
		equal(t, "failed on what she does not see", named.Failed, 2)
		must(d.Mass().Get(as(host), named.ID))(t) // who may configure the desk may look at all of them
		_, err := d.Mass().Get(as(carol), must(d.Mass().Start(as(host), ticket.MassAction{IDs: ids[:1], Do: ticket.MassDelete}))(t).ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("M62 an action goes on where it was interrupted, and does to each ticket what it does once", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s := must(sqlite.Open(context.Background(), dir+"/desk.db", nil))(t)
		first := helpdesktest.New(t, &helpdesktest.Options{Store: s, Manual: true})
		ids := many(t, first, 130)
		run := must(first.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Note: "once"}}))(t)
		ctx, cancel := context.WithCancel(as(bob))
		seen := 0
		first.Hooks().TicketNoteAdded.Bind("count", func(context.Context, hooks.Messaged) error { return nil })
		first.Hooks().TicketNoteValidation.Bind("stop", func(context.Context, hooks.Replying) error {
			if seen++; seen == 70 {
				cancel()
			}
			return nil
		})
		_, err := first.Mass().Run(ctx, run.ID)
		is(t, err, context.Canceled)
		ok(t, first.Stop(context.Background()))
		ok(t, s.Close())
		second, _ := onDisk(t, dir, helpdesk.Config{})
		was := must(second.Mass().Get(as(bob), run.ID))(t)
		if was.State != ticket.MassRunning || was.Done != 50 {
			t.Errorf("after the interruption it is %+v", was)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := second.Mass().Run(as(bob), run.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		over := must(second.Mass().Get(as(bob), run.ID))(t)
		if over.State != ticket.MassDone || over.Done != 130 || over.Failed != 0 {
			t.Errorf("in the end it is %+v", over)
		}
		for _, id := range ids {
			if got := must(second.Ticket(as(bob), id))(t); got.Seq != 2 {
				t.Errorf("ticket %d has %d messages, want its first and one note", id, got.Seq)
			}
		}
	})
	t.Run("M62 the background carries it out, Tick does in manual mode, and Cancel ends it", func(t *testing.T) {
		t.Parallel()
		d := must(helpdesk.New(context.Background(), openStore(t), nil))(t)
		ok(t, d.Start(context.Background()))
		defer func() { ok(t, d.Stop(context.Background())) }()
		var ids []int64
		for range 60 {
			ids = append(ids, must(d.CreateTicket(as(ann), lamp()))(t).ID)
		}
		over := make(chan struct{})
		var n atomic.Int32 // each handler has a goroutine of its own
		d.Hooks().TicketDeleted.Bind("test", func(ctx, hooks.Removed) error {
			if n.Add(1) == 60 {
				close(over)
			}
			return nil
		}, hooks.Volatile())
		must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassDelete}))(t)
		select {
		case <-over:
		case <-time.After(30 * time.Second):
			t.Fatal("the background has not carried it out in 30 s")
		}
		m := helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Manual: true})
		ids = many(t, m, 3)
		run := must(m.Mass().Start(as(bob), ticket.MassAction{IDs: ids[:2], Do: ticket.MassDelete}))(t)
		gone := must(m.Mass().Start(as(bob), ticket.MassAction{IDs: ids[2:], Do: ticket.MassDelete}))(t)
		equal(t, "cancelled", must(m.Mass().Cancel(as(bob), gone.ID))(t).State, ticket.MassCancelled)
		must(m.Tick(context.Background()))(t)
		equal(t, "state", must(m.Mass().Get(as(bob), run.ID))(t).State, ticket.MassDone)
		equal(t, "done of the cancelled one", must(m.Mass().Get(as(bob), gone.ID))(t).Done, 0)
		equal(t, "cancelled once more", must(m.Mass().Cancel(as(bob), run.ID))(t).State, ticket.MassDone)
		m.Clock.Advance(31 * 24 * time.Hour)
		must(m.Tick(context.Background()))(t)
		_, err := m.Mass().Get(as(bob), run.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("M62 what cannot be done to many is said before anything is", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		id := open(t, d, ann).ID
		for field, a := range map[string]ticket.MassAction{
			"ids": {Do: ticket.MassDelete}, "do": {IDs: []int64{id}}, "patch": {IDs: []int64{id}, Do: ticket.MassUpdate}, "into": {IDs: []int64{id}, Do: ticket.MassMerge},
			"add_tags": {IDs: []int64{id}, Do: ticket.MassUpdate, AddTags: []string{"a"}, Patch: ticket.Patch{Tags: &[]string{"b"}}},
		} {
			_, err := d.Mass().Start(as(bob), a)
			invalid(t, err, field)
		}
		for what, a := range map[string]ticket.MassAction{
			"both": {IDs: []int64{id}, Query: &ticket.Query{}, Do: ticket.MassDelete}, "too many": {IDs: make([]int64, ticket.MaxMass+1), Do: ticket.MassDelete},
			"a version": {IDs: []int64{id}, Do: ticket.MassUpdate, Patch: ticket.Patch{Version: 1, Subject: new("x")}}, "a patch to delete": {IDs: []int64{id}, Do: ticket.MassDelete, AddTags: []string{"a"}},
		} {
			if _, err := d.Mass().Start(as(bob), a); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := d.Mass().Start(as(ann), ticket.MassAction{IDs: []int64{id}, Do: ticket.MassDelete})
		is(t, err, ticket.ErrForbidden)
		is(t, d.InTx(as(bob), func(ctx context.Context) error {
			run, err := d.Mass().Start(ctx, ticket.MassAction{IDs: []int64{id}, Do: ticket.MassDelete})
			if err != nil {
				return err
			}
			_, err = d.Mass().Run(ctx, run.ID)
			return err
		}), ticket.ErrInvalid)
	})
	t.Run("M62 handlers that start mass actions cannot cause each other without end", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		id, n := open(t, d, ann).ID, 0
		var last error
		d.Hooks().TicketUpdated.Bind("test", func(ctx context.Context, _ hooks.Updated) error {
			if n++; n > 100 {
				return nil
			}
			_, last = d.Mass().Start(ctx, ticket.MassAction{IDs: []int64{id}, Do: ticket.MassUpdate, Patch: ticket.Patch{Subject: new(strconv.Itoa(n))}})
			return last
		})
		must(d.SetPriority(as(bob), id, "high"))(t)
		is(t, last, ticket.ErrTooDeep)
	})
	t.Run("M62 a query does not reach what is opened while it is carried out", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		many(t, d, 60)
		d.Hooks().TicketUpdated.Bind("test", func(ctx context.Context, e hooks.Updated) error {
			if e.Ticket.ID > 400 {
				return nil
			}
			d.Clock.Advance(time.Second)
			return drop(d.CreateTicket(ctx, ticket.Draft{Subject: "x", Body: "y", Requester: ann.Person()}))
		})
		run := must(d.Mass().Start(as(bob), ticket.MassAction{Query: &ticket.Query{}, Do: ticket.MassUpdate, Patch: ticket.Patch{Priority: new("high")}}))(t)
		equal(t, "tickets that it did", run.Done, 60)
		equal(t, "tickets that it was to do", run.Total, ticket.Count{N: 60})
	})
	t.Run("M62 a cancelled action does no other ticket, and counts those that it did", func(t *testing.T) {
		t.Parallel()
		d := newDeskOnce(t, helpdesk.Config{})
		ids, n := many(t, d, 10), 0
		d.Hooks().TicketDeleteValidation.Bind("test", func(context.Context, hooks.Deleting) error {
			if n++; n == 3 {
				return drop(d.Mass().Cancel(as(bob), 1))
			}
			return nil
		})
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassDelete}))(t)
		equal(t, "state", run.State, ticket.MassCancelled)
		equal(t, "done", run.Done, 2)
		equal(t, "results", len(results(t, d, run.ID)), 2)
		must(d.Ticket(as(bob), ids[2]))(t) // it was being deleted
	})
}
