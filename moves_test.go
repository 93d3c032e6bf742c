package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The property: whatever is opened, written, merged, split, undone, deleted and changed in masses, by whomever, the
// counters say what a full count says, an undo is exact, every code finds its ticket, and no message and no minute of
// working time is lost or doubled. What must be is kept here beside the desk, from what the verbs returned.

// moves is one random desk, and what the test knows of it.
type moves struct {
	*helpdesktest.Desk
	*rand.Rand
	t        testing.TB
	ids      []int64
	codes    map[string]int64 // every code that was ever given out, with its ticket
	into     map[int64]int64  // merged tickets, with where they have gone
	messages map[int64]bool
	spent    time.Duration
	count    struct{ done, refused, undone, checked int }
	faults   []string
}

var movers = []ticket.Actor{host, bob, carol, ticket.Staff("9", "Dan", "dan@desk.example"), ann, guest}

func newMoves(t testing.TB, seed uint64, s store.Store) *moves {
	m := &moves{Rand: rand.New(rand.NewPCG(seed, 11)), t: t, codes: map[string]int64{}, into: map[int64]int64{}, messages: map[int64]bool{}}
	m.Desk = helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: inPlaces(helpdesk.Config{
		Roles: []ticket.Role{
			{Code: "all", Name: "All", Grants: []ticket.Grant{{}}}, {Code: "support", Name: "Support", Grants: []ticket.Grant{{Departments: []string{"support"}}}},
			{Code: "own", Name: "Own", Grants: []ticket.Grant{{Sight: ticket.SightMine}}},
		},
		Agents: []ticket.Agent{{ID: "7", Name: "Bob", Roles: []string{"all"}}, {ID: "8", Name: "Carol", Roles: []string{"support"}}, {ID: "9", Name: "Dan", Roles: []string{"own"}}},
	})})
	for range 6 {
		m.open()
	}
	return m
}

func (m *moves) fault(format string, args ...any) {
	m.faults = append(m.faults, fmt.Sprintf(format, args...))
}

func (m *moves) some() int64 { return oneOf(m.Rand, m.ids...) }

// holder is where what was written to a ticket is by now.
func (m *moves) holder(id int64) int64 {
	for m.into[id] != 0 {
		id = m.into[id]
	}
	return id
}

func (m *moves) open() {
	draft := lamp()
	draft.Department, draft.Tags = oneOf(m.Rand, "support", "billing"), some(m.Rand, []string{"a", "b", "c"})
	draft.Requester = oneOf(m.Rand, ann.Person(), guest.Person())
	m.keep(must(m.CreateTicket(as(host), draft))(m.t))
}

// keep notes a new ticket.
func (m *moves) keep(t *ticket.Ticket) {
	m.ids, m.codes[t.Code] = append(m.ids, t.ID), t.ID
	for _, x := range must(m.Messages(as(host), t.ID, ticket.MessageQuery{Limit: ticket.MaxPage}))(m.t) {
		m.messages[x.ID] = true
	}
}

// fine reports whether a verb has done its work. What may stand in its way on such a desk is no fault.
func (m *moves) fine(what string, err error) bool {
	for _, known := range []error{ticket.ErrMerged, ticket.ErrNotFound, ticket.ErrForbidden, ticket.ErrConflict, ticket.ErrInvalid} {
		if errors.Is(err, known) {
			m.count.refused++
			return false
		}
	}
	if err != nil {
		m.fault("%s: %v", what, err)
	}
	m.count.done++
	return err == nil
}

func (m *moves) step() {
	m.Clock.Advance(time.Duration(m.IntN(5)) * time.Minute)
	staff := as(movers[m.IntN(3)])
	switch m.IntN(13) {
	case 0:
		m.open()
	case 1, 2:
		x, err := m.Reply(as(oneOf(m.Rand, movers...)), m.some(), ticket.ReplyDraft{Body: "hi"})
		if m.fine("reply", err) {
			m.messages[x.ID] = true
		}
	case 3:
		id := m.some()
		_, err := m.Merge(staff, id, m.others(id)...)
		if m.fine("merge", err) {
			m.learn()
		}
	case 4:
		id := m.some()
		if _, err := m.Unmerge(staff, id); m.fine("unmerge", err) {
			delete(m.into, id)
		}
	case 5:
		m.split(staff)
	case 6:
		if _, err := m.Unsplit(staff, m.some()); m.fine("unsplit", err) {
			m.learn()
		}
	case 7:
		p := ticket.Patch{Status: new(oneOf(m.Rand, "open", "in_progress", "closed")), Department: new(oneOf(m.Rand, "support", "billing")), Assignee: new(oneOf(m.Rand, "", "7", "8", "9"))}
		_, err := m.UpdateTicket(staff, m.some(), p)
		m.fine("update", err)
	case 8:
		m.fine("delete", m.DeleteTicket(staff, m.some()))
	case 9:
		_, err := m.RestoreTicket(staff, m.some())
		m.fine("restore", err)
	case 10:
		m.logTime(staff)
	case 11:
		_, err := m.LinkTicket(staff, m.some(), ticket.Link{Kind: ticket.LinkRelated, Ticket: m.some()})
		m.fine("link", err)
	case 12:
		m.mass(staff)
	}
}

// logTime logs a minute on a ticket, or on one of its messages.
func (m *moves) logTime(staff ctx) {
	id := m.some()
	entry := ticket.TimeEntry{Agent: "7", Duration: ticket.Duration(time.Minute), Billable: m.IntN(2) == 0}
	if list, err := m.Messages(staff, id, ticket.MessageQuery{}); err == nil && len(list) > 0 && m.IntN(2) == 0 {
		entry.MessageID = oneOf(m.Rand, list...).ID
	}
	if _, err := m.Time().Log(staff, id, entry); m.fine("log time", err) {
		m.spent += time.Minute
	}
}

func (m *moves) others(id int64) (out []int64) {
	for range 1 + m.IntN(2) {
		if o := m.some(); o != id && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// learn reads where merges have gone.
func (m *moves) learn() {
	for _, id := range m.ids {
		if into := must(m.Ticket(as(host), id))(m.t).MergedInto; into != 0 {
			m.into[id] = into
		}
	}
}

func (m *moves) split(staff ctx) {
	id := m.some()
	list, err := m.Messages(staff, id, ticket.MessageQuery{})
	if !m.fine("messages", err) || len(list) < 2 {
		return
	}
	s := ticket.Split{Messages: []int64{list[m.IntN(len(list))].ID}}
	if t, err := m.Split(staff, id, s); m.fine("split", err) {
		m.keep(t)
	}
}

func (m *moves) mass(staff ctx) {
	a := ticket.MassAction{Do: ticket.MassUpdate, AddTags: []string{"mass"}, Patch: ticket.Patch{Folder: new(oneOf(m.Rand, ticket.Inbox, ticket.Archive, ticket.Spam))}}
	switch m.IntN(4) {
	case 0:
		a = ticket.MassAction{Do: ticket.MassRestore}
	case 1:
		a = ticket.MassAction{Do: ticket.MassMerge, Into: m.some()}
	}
	if a.IDs = m.others(0); m.IntN(2) == 0 && a.Do != ticket.MassMerge {
		a.IDs, a.Query = nil, &ticket.Query{Departments: []string{"support"}, Deleted: a.Do == ticket.MassRestore}
	}
	run, err := m.Mass().Start(staff, a)
	if m.fine("mass "+string(a.Do), err) && run.State != ticket.MassDone {
		m.fault("mass action is %+v", run)
	}
	m.learn()
}

// undo merges and splits, takes all of it back at once, and compares.
func (m *moves) undo() {
	live := slices.DeleteFunc(slices.Clone(m.ids), func(id int64) bool {
		t := must(m.Ticket(as(host), id))(m.t)
		return t.MergedInto != 0 || t.DeletedAt != nil
	})
	if len(live) < 3 {
		return
	}
	m.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	before := frozen(m.t, m.Desk, live...)
	var back []func() error
	for range 1 + m.IntN(3) {
		target, sources := live[len(back)], live[len(back)+1:]
		source := oneOf(m.Rand, sources...)
		m.Clock.Advance(time.Minute)
		if _, err := m.Merge(as(host), target, source); m.fine("merge, to be undone", err) {
			back = append(back, func() error { return drop(m.Unmerge(as(host), source)) })
		}
		if len(back)+2 > len(live) {
			break
		}
	}
	for _, fn := range slices.Backward(back) {
		if err := fn(); err != nil {
			m.fault("undo: %v", err)
		}
	}
	if after := frozen(m.t, m.Desk, live...); after != before {
		m.fault("an undo was not exact:\n%s\nis not\n%s", after, before)
	}
	m.count.undone += len(back)
}

// check compares the desk with what must be.
func (m *moves) check() {
	m.count.checked++
	for code, id := range m.codes {
		t, err := m.TicketByCode(as(host), code)
		if err != nil || t.ID != m.holder(id) {
			m.fault("code %s of ticket %d finds %v (%v), want ticket %d", code, id, t, err, m.holder(id))
		}
	}
	m.checkContents()
	for _, a := range movers {
		m.checkCounters(a)
	}
}

func (m *moves) checkContents() {
	seen, spent := map[int64]bool{}, time.Duration(0)
	for _, id := range m.ids {
		t := must(m.Ticket(as(host), id))(m.t)
		list := must(m.Messages(as(host), id, ticket.MessageQuery{Limit: ticket.MaxPage}))(m.t)
		for i, x := range list {
			if seen[x.ID] || !m.messages[x.ID] || x.Seq != int64(i)+1 || x.TicketID != id {
				m.fault("message %d stands at place %d of ticket %d, as %d of ticket %d; known %t, doubled %t", x.ID, i+1, id, x.Seq, x.TicketID, m.messages[x.ID], seen[x.ID])
			}
			seen[x.ID] = true
		}
		if t.MergedInto == 0 && t.Seq != int64(len(list)) {
			m.fault("ticket %d counts %d messages and has %d", id, t.Seq, len(list))
		}
		for _, e := range must(m.Time().Entries(as(host), ticket.TimeQuery{TicketID: id, Limit: ticket.MaxPage}))(m.t).Entries {
			if e.MessageID != 0 && !slices.ContainsFunc(list, func(x *ticket.Message) bool { return x.ID == e.MessageID }) {
				m.fault("time entry %d is on ticket %d, and its message %d is not", e.ID, id, e.MessageID)
			}
		}
		spent += time.Duration(t.Spent.Total)
	}
	if !maps.Equal(seen, m.messages) {
		m.fault("there are %d messages, want %d", len(seen), len(m.messages))
	}
	if spent != m.spent {
		m.fault("%s of working time are on tickets, want %s", spent, m.spent)
	}
}

// checkCounters counts what an actor's lists show, one by one.
func (m *moves) checkCounters(a ticket.Actor) {
	q := ticket.CounterQuery{Folders: []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}}
	got := must(m.Counters(as(a), q))(m.t)
	want := ticket.Counters{Statuses: map[string]ticket.Tally{}, Departments: map[string]ticket.Tally{}, Agents: map[string]ticket.Tally{}}
	add := func(to map[string]ticket.Tally, key string, t *ticket.Ticket, unread int) {
		sum := to[key]
		sum.Add(t.Class, 1, unread)
		to[key] = sum
	}
	tagged := 0
	for t, err := range m.AllTickets(as(a), ticket.Query{Limit: 7}) {
		if err != nil {
			m.fault("list for %s: %v", a.Name, err)
			return
		}
		unread := 0
		if (a.IsCustomer() && t.UnreadByClient) || (!a.IsCustomer() && t.UnreadByStaff) {
			unread = 1
		}
		want.All.Add(t.Class, 1, unread)
		add(want.Statuses, t.Status, t, unread)
		add(want.Departments, t.Department, t, unread)
		if t.Assignee != "" && !a.IsCustomer() {
			add(want.Agents, t.Assignee, t, unread)
		}
		if slices.Contains(t.Tags, "mass") {
			tagged++
		}
	}
	if got.All != want.All || !maps.Equal(got.Statuses, want.Statuses) || !maps.Equal(got.Departments, want.Departments) || !maps.Equal(got.Agents, want.Agents) {
		m.fault("the counters of %s are\n%+v, want\n%+v", a.Name, got, want)
	}
	if a.IsCustomer() {
		return
	}
	if n := must(m.CountTickets(as(a), ticket.Query{Tags: []string{"mass"}}))(m.t); n.N != tagged || n.More {
		m.fault("%s counts %v tagged tickets, want %d", a.Name, n, tagged)
	}
}

func (m *moves) run(steps int) {
	for n := range steps {
		if m.step(); n%10 == 9 {
			m.undo()
			m.check()
		}
		if len(m.faults) > 0 {
			return
		}
	}
}

// TestMoves goes through random sequences; HELPDESK_MOVES_SEEDS makes it longer.
func TestMoves(t *testing.T) {
	t.Parallel()
	seeds := 6
	if s := os.Getenv("HELPDESK_MOVES_SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	t.Run("X06 I11 M17 M62 after any sequence counters are exact, undo is, every code finds its ticket, and nothing is lost", func(t *testing.T) {
		t.Parallel()
		var sum struct{ done, refused, undone, checked int }
		for seed := range seeds {
			m := newMoves(t, uint64(seed), openStore(t))
			m.run(150)
			for _, f := range m.faults {
				t.Fatalf("seed %d: %s", seed, f)
			}
			sum.done, sum.refused, sum.undone, sum.checked = sum.done+m.count.done, sum.refused+m.count.refused, sum.undone+m.count.undone, sum.checked+m.count.checked
		}
		t.Logf("%d desks: %d verbs done and %d refused, %d merges undone at once, all checked %d times", seeds, sum.done, sum.refused, sum.undone, sum.checked)
		if sum.done < 300 || sum.refused < 50 || sum.undone < 50 {
			t.Error("that is too little to prove anything")
		}
	})
	for name, fault := range map[string]func(store.Reader) store.Reader{
		"a number that is too great":                  func(r store.Reader) store.Reader { return miscounting{r} },
		"a code that leads elsewhere":                 func(r store.Reader) store.Reader { return misleading{r} },
		"a thread that has lost its last message":     func(r store.Reader) store.Reader { return forgetful{r} },
		"a ticket that says a minute more than it is": func(r store.Reader) store.Reader { return lavish{r} },
	} {
		t.Run("the check notices "+name, func(t *testing.T) {
			t.Parallel()
			s := &faulty{Store: openStore(t)}
			m := newMoves(t, 1, s)
			m.step()
			if m.check(); len(m.faults) > 0 {
				t.Fatalf("before anything is wrong: %s", m.faults[0])
			}
			s.fault = fault
			if m.check(); len(m.faults) == 0 {
				t.Error("it has not")
			}
		})
	}
}

// faulty is a store whose views go wrong as soon as fault is set.
type faulty struct {
	store.Store
	fault func(store.Reader) store.Reader
}

func (s *faulty) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r store.Reader) error {
		if s.fault != nil {
			r = s.fault(r)
		}
		return fn(ctx, r)
	})
}

type miscounting struct{ store.Reader }

func (r miscounting) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	out, err := r.Reader.Tallies(ctx, q, scope)
	if len(out.Rows) > 0 {
		out.Rows[0].N++
	}
	return out, err
}

type misleading struct{ store.Reader }

func (r misleading) Holder(ctx context.Context, kind, key string) (int64, error) {
	id, err := r.Reader.Holder(ctx, kind, key)
	return 1 + id%2, err
}

type forgetful struct{ store.Reader }

func (r forgetful) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	list, err := r.Reader.Messages(ctx, q)
	return list[:max(0, len(list)-1)], err
}

type lavish struct{ store.Reader }

func (r lavish) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	t, err := r.Reader.Ticket(ctx, id, scope)
	if err == nil {
		t.Spent.Total += ticket.Duration(time.Minute)
	}
	return t, err
}
