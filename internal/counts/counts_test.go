package counts_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/counts"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// filled is a store with some tickets of all sorts, and the tickets.
func filled(t *testing.T) (store.Store, []*ticket.Ticket) {
	t.Helper()
	s, r := memory.New(nil), rand.New(rand.NewPCG(5, 6))
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	var all []*ticket.Ticket
	err := s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		for i := range 300 {
			id, err := tx.NewID(ctx, "ticket")
			if err != nil {
				return err
			}
			tk := &ticket.Ticket{ID: id, Code: fmt.Sprint("C", i), Brand: one("a", "b"), Department: one("x", "y"), Folder: ticket.Folder(one("inbox", "inbox", "archive", "spam")),
				Assignee: one("", "7", "8"), Requester: ticket.Person{ID: one("42", "43")}, UnreadByStaff: r.IntN(2) == 0, UnreadByClient: r.IntN(3) == 0,
				CreatedAt: time.Unix(int64(i), 0).UTC(), UpdatedAt: time.Unix(int64(i), 0).UTC()}
			tk.Class = ticket.Class(one("new", "open", "closed"))
			tk.Status = string(tk.Class)
			if r.IntN(9) == 0 {
				tk.DeletedAt = new(time.Unix(9, 0).UTC())
			}
			if r.IntN(9) == 0 && i > 0 {
				tk.MergedInto = all[0].ID
			}
			all = append(all, tk)
			if err := tx.PutTicket(ctx, tk); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, all
}

func view(t *testing.T, s store.Store, fn func(ctx context.Context, r store.Reader) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// plainly counts one by one what the numbers say.
func plainly(all []*ticket.Ticket, scope ticket.Scope, folder ticket.Folder, unread func(*ticket.Ticket) bool) (sum, unassigned ticket.Tally, agents map[string]ticket.Tally) {
	agents = map[string]ticket.Tally{}
	for _, t := range all {
		if t.DeletedAt != nil || t.MergedInto != 0 || !scope.Sees(t) || (folder != "" && t.Folder != folder) {
			continue
		}
		n := 0
		if unread(t) {
			n = 1
		}
		sum.Add(t.Class, 1, n)
		if t.Assignee == "" {
			unassigned.Add(t.Class, 1, n)
			continue
		}
		a := agents[t.Assignee]
		a.Add(t.Class, 1, n)
		agents[t.Assignee] = a
	}
	return sum, unassigned, agents
}

func TestKept(t *testing.T) {
	t.Parallel()
	s, all := filled(t)
	for name, scope := range map[string]ticket.Scope{
		"all": {All: true}, "a department": {Places: []ticket.Place{{Department: "x"}}}, "two places and one's own": {Agent: "7", AgentPlaces: []ticket.Place{{}}, Places: []ticket.Place{{Brand: "a", Department: "x"}, {Brand: "b", Department: "y"}}},
	} {
		t.Run("M17 M18 the numbers of "+name+" are those of the tickets", func(t *testing.T) {
			t.Parallel()
			view(t, s, func(ctx context.Context, r store.Reader) error {
				got, err := counts.Kept(ctx, r, scope, ticket.CounterQuery{Folders: []ticket.Folder{ticket.Inbox}})
				sum, unassigned, agents := plainly(all, scope, ticket.Inbox, func(t *ticket.Ticket) bool { return t.UnreadByStaff })
				if got.All != sum || got.Unassigned != unassigned || !reflect.DeepEqual(got.Agents, agents) || got.More {
					t.Errorf("%+v\nwant %+v, unassigned %+v, agents %+v", got, sum, unassigned, agents)
				}
				for folder, tally := range got.Folders {
					if want, _, _ := plainly(all, scope, folder, func(t *ticket.Ticket) bool { return t.UnreadByStaff }); tally != want {
						t.Errorf("%s: %+v, want %+v", folder, tally, want)
					}
				}
				if total := got.Statuses["new"].Total + got.Statuses["open"].Total + got.Statuses["closed"].Total; total != sum.Total || got.Brands["a"].Total+got.Brands["b"].Total != sum.Total {
					t.Errorf("%+v", got)
				}
				return err
			})
		})
	}
}

func TestOwn(t *testing.T) {
	t.Parallel()
	s, all := filled(t)
	scope := ticket.Scope{Requester: "42"}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := counts.Own(ctx, r, scope, ticket.CounterQuery{}, func(string) bool { return false })
		want, _, _ := plainly(all, scope, "", func(t *ticket.Ticket) bool { return t.UnreadByClient })
		if got.All != want || len(got.Agents) != 0 || got.Unassigned != (ticket.Tally{}) || got.More {
			t.Errorf("M61 %+v, want %+v and nothing of agents", got, want)
		}
		if err != nil {
			return err
		}
		if got, err = counts.Own(ctx, r, scope, ticket.CounterQuery{}, func(string) bool { return true }); got.All != want || len(got.Departments) != 1 || got.Departments[""] != want {
			t.Errorf("M61 of hidden departments %+v, want %+v without a name", got, want)
		}
		return err
	})
}

// TestSum holds the numbers against the list, for random queries that they answer.
func TestSum(t *testing.T) {
	t.Parallel()
	s, _ := filled(t)
	r := rand.New(rand.NewPCG(7, 8))
	view(t, s, func(ctx context.Context, reader store.Reader) error {
		for range 500 {
			var q ticket.Query
			if r.IntN(2) == 0 {
				q.Statuses = []string{"new", "open"}[:1+r.IntN(2)]
			}
			if r.IntN(2) == 0 {
				q.Classes = []ticket.Class{ticket.ClassOpen}
			}
			if r.IntN(2) == 0 {
				q.Folders = []ticket.Folder{ticket.Inbox}
			}
			if r.IntN(2) == 0 {
				q.Departments = []string{"x"}
			}
			switch r.IntN(3) {
			case 0:
				q.Assignee = "7"
			case 1:
				q.Unassigned = true
			}
			q.UnreadByStaff = r.IntN(2) == 0
			scope := []ticket.Scope{{All: true}, {Places: []ticket.Place{{Brand: "a"}}}}[r.IntN(2)]
			got, sure, err := counts.Sum(ctx, reader, scope, q)
			if err != nil {
				return err
			}
			want, err := reader.CountTickets(ctx, q, scope, ticket.MaxCount)
			if !counts.Answers(q) || !sure || got != want {
				t.Errorf("%+v: %+v (sure: %v), want %+v", q, got, sure, want)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, q := range []ticket.Query{{Requester: "42"}, {Tags: []string{"a"}}, {Unassigned: true, Assignee: "7"}, {UpdatedFrom: time.Unix(1, 0)}} {
		if counts.Answers(q) {
			t.Errorf("%+v cannot be answered by numbers", q)
		}
	}
}
