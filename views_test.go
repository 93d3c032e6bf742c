package helpdesk_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// viewDesk has two departments, a member of each, one who may configure, and one who may do nothing.
func viewDesk(t *testing.T) *helpdesktest.Desk {
	t.Helper()
	d := newDesk(t, helpdesk.Config{
		Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}, {Code: "going", Name: "Going"}},
		Roles: []ticket.Role{
			{Code: "agent", Name: "Agent", Grants: []ticket.Grant{{Rights: []ticket.Right{ticket.RightSee, ticket.RightReply}}}},
			{Code: "chief", Name: "Chief", Grants: []ticket.Grant{{}}}, {Code: "none", Name: "None"}},
		Agents: []ticket.Agent{
			{ID: "7", Name: "Bob", Roles: []string{"agent"}, Departments: []string{"support"}},
			{ID: "8", Name: "Carol", Roles: []string{"agent"}, Departments: []string{"sales"}},
			{ID: "1", Name: "Chief", Roles: []string{"chief"}}, {ID: "9", Name: "Dan", Roles: []string{"none"}}},
	})
	return d
}

var (
	chief = ticket.Staff("1", "Chief", "chief@desk.example")
	dan   = ticket.Staff("9", "Dan", "dan@desk.example")
)

func viewNames(t *testing.T, d *helpdesktest.Desk, a ticket.Actor) string {
	t.Helper()
	var names []string
	for _, v := range must(d.Views().List(as(a)))(t) {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}

func TestSavedViews(t *testing.T) {
	t.Parallel()
	t.Run("X12 a private view is its owner's, a shared one those whom it is shared with", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		mine := must(d.Views().Put(as(bob), ticket.View{Name: "Bob's", Owner: "7", Sort: 9}))(t)
		sales := must(d.Views().Put(as(chief), ticket.View{Name: "For sales", Departments: []string{"sales"}, Sort: 2}))(t)
		all := must(d.Views().Put(as(host), ticket.View{Name: "For all", Sort: 3}))(t)
		for actor, want := range map[ticket.Actor]string{bob: "For all, Bob's", carol: "For sales, For all", chief: "For sales, For all", host: "For sales, For all"} {
			equal(t, "what "+actor.Name+" has", viewNames(t, d, actor), want)
			for _, v := range []ticket.View{mine, sales, all} {
				got, err := d.Views().Get(as(actor), v.ID)
				if sees := strings.Contains(want, v.Name); sees != (err == nil) || sees != (got.Name == v.Name) {
					t.Errorf("%s reads %q: %v, %v", actor.Name, v.Name, got, err)
				} else if err != nil {
					is(t, err, ticket.ErrNotFound)
				}
			}
		}
		for _, actor := range []ticket.Actor{dan, ann, guest} {
			_, err := d.Views().List(as(actor))
			is(t, err, ticket.ErrForbidden)
			_, err = d.Views().Get(as(actor), all.ID)
			is(t, err, ticket.ErrForbidden)
			_, err = d.Views().Put(as(actor), ticket.View{Name: "x", Owner: actor.ID})
			is(t, err, ticket.ErrForbidden)
		}
	})
	t.Run("X12 who may keep which views", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		mine := must(d.Views().Put(as(bob), ticket.View{Name: "Bob's", Owner: "7"}))(t)
		shared := must(d.Views().Put(as(chief), ticket.View{Name: "Shared"}))(t)
		for what, c := range map[string]struct {
			actor ticket.Actor
			view  ticket.View
			want  error
		}{
			"a shared one without the right":     {bob, ticket.View{Name: "x"}, ticket.ErrForbidden},
			"one for somebody else":              {chief, ticket.View{Name: "x", Owner: "7"}, ticket.ErrForbidden},
			"a change of somebody's private one": {chief, ticket.View{ID: mine.ID, Name: "x", Owner: "1"}, ticket.ErrNotFound},
			"a shared one made one's own":        {bob, ticket.View{ID: shared.ID, Name: "x", Owner: "7"}, ticket.ErrForbidden},
			"a private one shared":               {bob, ticket.View{ID: mine.ID, Name: "x"}, ticket.ErrForbidden},
			"one that is not there":              {chief, ticket.View{ID: 99, Name: "x"}, ticket.ErrNotFound},
			"without a name":                     {bob, ticket.View{Owner: "7"}, ticket.ErrInvalid},
			"of two lines":                       {bob, ticket.View{Name: "a\nb", Owner: "7"}, ticket.ErrInvalid},
			"private, for a department":          {bob, ticket.View{Name: "x", Owner: "7", Departments: []string{"sales"}}, ticket.ErrInvalid},
			"for an unknown department":          {chief, ticket.View{Name: "x", Departments: []string{"none"}}, ticket.ErrInvalid},
			"in an unknown order":                {bob, ticket.View{Name: "x", Owner: "7", Query: ticket.Query{Sort: "random"}}, ticket.ErrInvalid},
			"beyond all measure":                 {bob, ticket.View{Name: "x", Owner: "7", Query: ticket.Query{Tags: []string{strings.Repeat("x", 40000)}}}, ticket.ErrInvalid},
			"of a time that nobody can write":    {bob, ticket.View{Name: "x", Owner: "7", Query: ticket.Query{CreatedTo: time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)}}, ticket.ErrInvalid},
		} {
			if _, err := d.Views().Put(as(c.actor), c.view); err == nil {
				t.Errorf("%s: saved", what)
			} else {
				is(t, err, c.want)
			}
		}
		if _, err := d.Views().Put(as(bob), ticket.View{Name: "x"}); !strings.Contains(err.Error(), "one's id as owner") {
			t.Errorf("whoever forgot the owner is told %v", err)
		}
		is(t, d.Views().Delete(as(carol), mine.ID), ticket.ErrNotFound)
		is(t, d.Views().Delete(as(chief), mine.ID), ticket.ErrNotFound)
		is(t, d.Views().Delete(as(bob), shared.ID), ticket.ErrForbidden)
		ok(t, d.Views().Delete(as(bob), mine.ID))
		ok(t, d.Views().Delete(as(chief), shared.ID))
		is(t, d.Views().Delete(as(chief), shared.ID), ticket.ErrNotFound)
	})
	t.Run("X12 a change on top of another's change is a conflict", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		v := must(d.Views().Put(as(chief), ticket.View{Name: "Shared"}))(t)
		first, second := v, v
		first.Name, second.Name = "First", "Second"
		first = must(d.Views().Put(as(chief), first))(t)
		_, err := d.Views().Put(as(host), second)
		is(t, err, ticket.ErrConflict)
		second.Version = 0
		second = must(d.Views().Put(as(host), second))(t)
		equal(t, "the version", second.Version, first.Version+1)
		equal(t, "the name", must(d.Views().Get(as(bob), v.ID))(t).Name, "Second")
	})
	t.Run("X12 shared views are journalled, private ones are not, not even when they were shared before", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		journal := func() []*ticket.Event {
			return must(d.Journal(as(chief), ticket.EventQuery{Limit: ticket.MaxPage}))(t)
		}
		before := len(journal())
		own := must(d.Views().Put(as(chief), ticket.View{Name: "Own", Owner: "1"}))(t)
		must(d.Views().Put(as(chief), own))(t)
		equal(t, "the journal of private views", len(journal())-before, 0)
		v := must(d.Views().Put(as(chief), ticket.View{Name: "Shared"}))(t)
		must(d.Views().Put(as(chief), v))(t)
		equal(t, "the journal of a shared view, saved twice", len(journal())-before, 1)
		v.Version, v.Name, v.Owner = 0, "secret", "1"
		v = must(d.Views().Put(as(chief), v))(t)
		ok(t, d.Views().Delete(as(chief), v.ID))
		events := journal()[before:]
		equal(t, "the journal", len(events), 2)
		for _, e := range events {
			if slices.ContainsFunc(e.Changes, func(c ticket.Change) bool { return c.New == "secret" }) {
				t.Errorf("a private view shows in the journal: %+v", e)
			}
		}
	})
	t.Run("X12 a view is a whole query, and opens when what it names is gone", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		q := ticket.Query{
			Folders: []ticket.Folder{ticket.Inbox}, Classes: []ticket.Class{ticket.ClassNew}, Statuses: []string{"gone"}, Departments: []string{"going"}, Brands: []string{"gone"},
			Priorities: []string{"gone"}, Channels: []ticket.Channel{ticket.ChannelEmail}, Tags: []string{"a"}, Assignee: "gone", Requester: "42", Email: "a@example.com",
			Organisation: "acme", Participant: "b@example.com", Watcher: "7", Service: "order", Related: ticket.Ref{Kind: "order", ID: "5"}, External: "e",
			UnreadByStaff: true, UnreadByClient: true, Unassigned: true, Deleted: true, Fields: []ticket.FieldFilter{{Code: "gone", Values: []string{"x"}, From: "1", To: "2"}, {Code: "b", Empty: true}},
			CreatedFrom: at, CreatedTo: at, UpdatedFrom: at, UpdatedTo: at, LastReplyFrom: at, LastReplyTo: at, Sort: ticket.ByField("gone"), Limit: 7, Cursor: "dropped",
		}
		v := must(d.Views().Put(as(chief), ticket.View{Name: "Everything at once", Departments: []string{"going"}, Query: q}))(t)
		ok(t, d.Catalog().DeleteDepartment(as(chief), "going"))
		got := must(d.Views().Get(as(chief), v.ID))(t)
		q.Cursor = ""
		if !reflect.DeepEqual(got.Query, q) {
			t.Errorf("the query came back as %+v, want %+v", got.Query, q)
		}
		page := must(d.Tickets(as(chief), got.Query))(t)
		equal(t, "the tickets of what is gone", len(page.Tickets), 0)
		got.Query = ticket.Query{Departments: []string{"going", "support"}, Priorities: []string{"gone", "medium"}}
		open(t, d, ann)
		equal(t, "the tickets of what is left", len(must(d.Tickets(as(bob), got.Query))(t).Tickets), 1)
	})
}

func TestViewNames(t *testing.T) {
	t.Parallel()
	put := func(t *testing.T, d *helpdesktest.Desk, a ticket.Actor, v ticket.View) ticket.View {
		t.Helper()
		return must(d.Views().Put(as(a), v))(t)
	}
	t.Run("M61 the views of an owner have different names, and so have the shared ones", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		mine := put(t, d, bob, ticket.View{Name: "Today", Owner: "7"})
		other := put(t, d, bob, ticket.View{Name: "Tomorrow", Owner: "7"})
		put(t, d, carol, ticket.View{Name: "Today", Owner: "8"})
		shared := put(t, d, chief, ticket.View{Name: "Today"})
		for what, c := range map[string]struct {
			actor ticket.Actor
			view  ticket.View
		}{
			"a second one": {bob, ticket.View{Name: "Today", Owner: "7"}}, "one in capitals": {bob, ticket.View{Name: " TODAY ", Owner: "7"}},
			"a new name":        {bob, ticket.View{ID: other.ID, Name: "Today", Owner: "7"}},
			"a second shared":   {chief, ticket.View{Name: "Today", Departments: []string{"sales"}}},
			"a private, shared": {chief, ticket.View{ID: put(t, d, chief, ticket.View{Name: "today", Owner: "1"}).ID, Name: "today"}},
		} {
			_, err := d.Views().Put(as(c.actor), c.view)
			if err == nil {
				t.Errorf("%s: saved", what)
			}
			invalid(t, err, "name")
		}
		mine.Sort, mine.Name = 3, "today"
		put(t, d, bob, mine)
		ok(t, d.Views().Delete(as(chief), shared.ID))
		put(t, d, chief, ticket.View{Name: "Today"})
	})
	t.Run("M61 of many who save a view of one name at once one does", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		const callers = 16
		errs := make([]error, callers)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = d.Views().Put(as(chief), ticket.View{Name: []string{"Today", "TODAY"}[i%2]}) })
		}
		wg.Wait()
		saved := 0
		for _, err := range errs {
			if err == nil {
				saved++
				continue
			}
			invalid(t, err, "name")
		}
		equal(t, "saved", saved, 1)
	})
	t.Run("M61 a name is free when its view has another one, or another owner, or is gone", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		v := put(t, d, chief, ticket.View{Name: "Today"})
		for what, next := range map[string]ticket.View{"renamed": {ID: v.ID, Name: "Now"}, "made private": {ID: v.ID, Name: "Today", Owner: "1"}} {
			put(t, d, chief, next)
			again := put(t, d, chief, ticket.View{Name: "Today"})
			ok(t, d.Views().Delete(as(chief), again.ID))
			if got := put(t, d, chief, ticket.View{ID: v.ID, Name: "Today"}); got.ID != v.ID {
				t.Errorf("%s: the name went to view %d", what, got.ID)
			}
		}
		put(t, d, bob, ticket.View{Name: "Mine", Owner: "7"})
		ok(t, d.People().DeleteAgent(as(host), "7"))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Another", Roles: []string{"agent"}}))
		put(t, d, bob, ticket.View{Name: "Mine", Owner: "7"})
	})
	t.Run("M61 X13 views that an erasure leaves with one name stay readable, and can be changed", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		first := put(t, d, chief, ticket.View{Name: "For Zoë Quist", Sort: 1})
		second := put(t, d, chief, ticket.View{Name: "For zoe@quist.example", Sort: 2})
		must(d.CreateTicket(as(zoe), lamp()))(t)
		must(d.People().Erase(as(host), ticket.Person{ID: zoe.ID}, nil))(t)
		equal(t, "views", viewNames(t, d, chief), "For (erased), For (erased)")
		for _, v := range []ticket.View{first, second} {
			v = must(d.Views().Get(as(chief), v.ID))(t)
			v.Query.Unassigned = true
			equal(t, "unassigned", put(t, d, chief, v).Query.Unassigned, true)
		}
		_, err := d.Views().Put(as(chief), ticket.View{Name: "For (erased)"})
		invalid(t, err, "name")
		put(t, d, chief, ticket.View{Name: "For Zoë Quist"}) // nothing remembers that it was taken
	})
	t.Run("M61 private views go with their agent, shared ones stay", func(t *testing.T) {
		t.Parallel()
		d := viewDesk(t)
		mine, shared := put(t, d, chief, ticket.View{Name: "Mine", Owner: "1"}), put(t, d, chief, ticket.View{Name: "Ours"})
		put(t, d, bob, ticket.View{Name: "Bob's", Owner: "7"})
		ok(t, d.People().DeleteAgent(as(host), "1"))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "1", Name: "Another", Roles: []string{"chief"}}))
		equal(t, "views of the next with that id", viewNames(t, d, chief), "Ours")
		_, err := d.Views().Get(as(chief), mine.ID)
		is(t, err, ticket.ErrNotFound)
		ok(t, d.Views().Delete(as(chief), shared.ID))
		equal(t, "views of others", viewNames(t, d, bob), "Bob's")
	})
	t.Run("M61 who is still an agent of the host's keeps their views", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Directory: hostAgent{id: "7"}})
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob"}))
		put(t, d, bob, ticket.View{Name: "Bob's", Owner: "7"})
		ok(t, d.People().DeleteAgent(as(host), "7"))
		equal(t, "views", viewNames(t, d, bob), "Bob's")
	})
}

// hostAgent is a directory that knows one agent.
type hostAgent struct {
	helpdesk.Nobody
	id string
}

func (h hostAgent) Agent(_ context.Context, id string) (ticket.Agent, error) {
	if id != h.id {
		return ticket.Agent{}, ticket.ErrNotFound
	}
	return ticket.Agent{ID: id, Name: "Bob"}, nil
}
