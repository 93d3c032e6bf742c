package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func minutes(n int) ticket.Duration { return ticket.Duration(time.Duration(n) * time.Minute) }

// logged adds an entry of Bob's.
func logged(t testing.TB, d *helpdesktest.Desk, id int64, e ticket.TimeEntry) ticket.TimeEntry {
	t.Helper()
	return must(d.Time().Log(as(bob), id, e))(t)
}

func spentOn(t testing.TB, d *helpdesktest.Desk, id int64) ticket.Spent {
	t.Helper()
	return must(d.Ticket(as(host), id))(t).Spent
}

func entriesBy(t testing.TB, d *helpdesktest.Desk, q ticket.TimeQuery) []ticket.TimeEntry {
	t.Helper()
	return must(d.Time().Entries(as(host), q))(t).Entries
}

// addsUp expects that a ticket's sum is that of its entries, which it returns.
func addsUp(t testing.TB, d *helpdesktest.Desk, id int64) (sum ticket.Spent) {
	t.Helper()
	for _, e := range entriesBy(t, d, ticket.TimeQuery{TicketID: id, Limit: ticket.MaxPage}) {
		sum = sum.Plus(e)
	}
	equal(t, "sum of the ticket", spentOn(t, d, id), sum)
	return sum
}

func TestTime(t *testing.T) {
	t.Parallel()
	t.Run("I09 an entry has agent, start, duration, message and note, and the ticket has the sum", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		e := logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true, MessageID: m.ID, Note: "soldered"})
		equal(t, "agent", e.Agent, bob.ID)
		equal(t, "start", e.Start, d.Now().Add(-30*time.Minute))
		equal(t, "end", e.End(), d.Now())
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(15)})
		equal(t, "sum", addsUp(t, d, tk.ID), ticket.Spent{Total: minutes(45), Billable: minutes(30)})
		equal(t, "unbilled", spentOn(t, d, tk.ID).Unbilled(), minutes(30))
		equal(t, "for the customer", must(d.Ticket(as(ann), tk.ID))(t).Spent, ticket.Spent{})
		equal(t, "read", must(d.Time().Entry(as(carol), e.ID))(t), e)
	})
	t.Run("I09 what is changed or deleted is no longer in the sums, and each event has the sums of its time", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var sums []ticket.Duration
		var told []hooks.Timed
		d.Hooks().TicketTimeLogged.Bind("sums", func(_ ctx, e hooks.Timed) error {
			sums, told = append(sums, e.Ticket.Spent.Total), append(told, e)
			return nil
		}, hooks.MaxAttempts(1))
		tk := open(t, d, ann)
		before := must(d.Ticket(as(bob), tk.ID))(t)
		d.Clock.Advance(time.Hour)
		ok(t, d.InTx(as(bob), func(c context.Context) error { // delivered when all of it is done
			c = ticket.WithActor(c, bob)
			e, err := d.Time().Log(c, tk.ID, ticket.TimeEntry{Duration: minutes(30)})
			ok(t, err)
			e = must(d.Time().Edit(c, e.ID, ticket.TimePatch{Duration: new(minutes(40)), Billable: new(true), Note: new("n"), Start: new(d.Now().Add(-2 * time.Hour))}))(t)
			must(d.Time().Edit(c, e.ID, ticket.TimePatch{Note: new("n")}))(t) // changes nothing
			return d.Time().Delete(c, e.ID)
		}))
		equal(t, "sum", addsUp(t, d, tk.ID), ticket.Spent{})
		if len(sums) != 3 || sums[0] != minutes(30) || sums[1] != minutes(40) || sums[2] != 0 {
			t.Errorf("the events had %v", sums)
		}
		equal(t, "before", told[1].Before, 30*time.Minute)
		equal(t, "after", told[1].After, 40*time.Minute)
		equal(t, "removed", told[2].After, 0)
		equal(t, "entries", len(entriesBy(t, d, ticket.TimeQuery{Agent: bob.ID})), 0)
		equal(t, "place in lists", must(d.Ticket(as(bob), tk.ID))(t).UpdatedAt, before.UpdatedAt)
	})
	t.Run("I09 entries are found by ticket, agent, time and what is unbilled, page by page", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann), open(t, d, guest)
		start := d.Now()
		for n := range 7 {
			id, who := a.ID, bob
			if n%2 == 1 {
				id, who = b.ID, carol
			}
			must(d.Time().Log(as(who), id, ticket.TimeEntry{Start: start.Add(time.Duration(-n) * time.Hour), Duration: minutes(n + 1), Billable: n > 2}))(t)
		}
		for what, c := range map[string]struct {
			q    ticket.TimeQuery
			want int
		}{
			"all": {ticket.TimeQuery{}, 7}, "ticket": {ticket.TimeQuery{TicketID: a.ID}, 4}, "agent": {ticket.TimeQuery{Agent: "8"}, 3},
			"from": {ticket.TimeQuery{From: start.Add(-2 * time.Hour)}, 3}, "to": {ticket.TimeQuery{To: start.Add(-2 * time.Hour)}, 4},
			"agent's hours": {ticket.TimeQuery{Agent: "7", From: start.Add(-4 * time.Hour), To: start}, 2},
			"unbilled":      {ticket.TimeQuery{Unbilled: true}, 4}, "unbilled of a ticket": {ticket.TimeQuery{TicketID: a.ID, Unbilled: true}, 2},
			"agent on a ticket": {ticket.TimeQuery{TicketID: a.ID, Agent: "8"}, 0},
		} {
			n := 0
			for c.q.Limit = 2; ; {
				page := must(d.Time().Entries(as(bob), c.q))(t)
				n += len(page.Entries)
				if c.q.Cursor = page.Next; c.q.Cursor == "" {
					break
				}
			}
			equal(t, what, n, c.want)
		}
		list := entriesBy(t, d, ticket.TimeQuery{})
		equal(t, "the earliest first", list[0].Duration, minutes(7))
	})
	t.Run("I09 sums by client and by organisation, and of what is unbilled", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for range 3 {
			draft := lamp()
			draft.Requester, draft.Organisation = ann.Person(), "acme"
			tk := must(d.CreateTicket(as(host), draft))(t)
			logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(10), Billable: true})
			logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(5)})
		}
		other := open(t, d, guest)
		logged(t, d, other.ID, ticket.TimeEntry{Duration: minutes(1)})
		want := ticket.Spent{Total: minutes(45), Billable: minutes(30)}
		equal(t, "client", must(d.Time().Sum(as(bob), ticket.Query{Requester: ann.ID}))(t), want)
		equal(t, "organisation", must(d.Time().Sum(as(bob), ticket.Query{Organisation: "acme"}))(t), want)
		equal(t, "unbilled", must(d.Time().Sum(as(bob), ticket.Query{}))(t).Unbilled(), minutes(30))
		is(t, drop(d.Time().Sum(as(ann), ticket.Query{})), ticket.ErrForbidden)
	})
	t.Run("I09 what makes no sense is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, ann), open(t, d, ann)
		m := must(d.Messages(as(bob), other.ID, ticket.MessageQuery{}))(t)[0]
		for field, e := range map[string]ticket.TimeEntry{
			"duration": {Duration: -1}, "message_id": {MessageID: m.ID, Duration: minutes(1)}, "started_at": {Start: time.Unix(-1, 0)}, "note": {Note: "a\x00"}, "agent": {Agent: "a\nb"},
		} {
			_, err := d.Time().Log(as(bob), tk.ID, e)
			invalid(t, err, field)
		}
		_, err := d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: ticket.MaxEntry + minutes(1)})
		invalid(t, err, "duration")
		_, err = d.Time().Log(as(host), tk.ID, ticket.TimeEntry{Duration: minutes(1)})
		invalid(t, err, "agent")
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		is(t, drop(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(1)})), ticket.ErrNotFound)
	})
}

func TestTimeUnits(t *testing.T) {
	t.Parallel()
	t.Run("I09 a duration is in whole seconds, and an entry by hand has at least one", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		for _, none := range []time.Duration{-time.Hour, -1, 0, 1, 499 * time.Millisecond} {
			_, err := d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: ticket.Duration(none)})
			invalid(t, err, "duration")
		}
		e := logged(t, d, tk.ID, ticket.TimeEntry{Duration: ticket.Duration(90*time.Second + 500*time.Millisecond)})
		equal(t, "logged", time.Duration(e.Duration), 91*time.Second)
		equal(t, "it began", e.Start, d.Now().Add(-91*time.Second))
		_, err := d.Time().Edit(as(bob), e.ID, ticket.TimePatch{Duration: new(ticket.Duration(0))})
		invalid(t, err, "duration")
		e = must(d.Time().Edit(as(bob), e.ID, ticket.TimePatch{Duration: new(ticket.Duration(1499 * time.Millisecond))}))(t)
		equal(t, "edited", time.Duration(e.Duration), time.Second)
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		d.Clock.Advance(1600 * time.Millisecond)
		equal(t, "running", time.Duration(must(d.Time().Running(as(bob)))(t).Elapsed), 2*time.Second)
		equal(t, "stopped", time.Duration(must(d.Time().Stop(as(bob)))(t).Duration), 2*time.Second)
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		none := must(d.Time().Stop(as(bob), "wrong ticket"))(t)
		equal(t, "stopped at once", none.Duration, 0)
		must(d.Time().Edit(as(bob), none.ID, ticket.TimePatch{Note: new("the wrong ticket")}))(t)
		equal(t, "sum", time.Duration(addsUp(t, d, tk.ID).Total), 3*time.Second)
	})
}

func TestTimeRights(t *testing.T) {
	t.Parallel()
	d := newDesk(t, helpdesk.Config{Departments: twoDepartments, Roles: []ticket.Role{
		{Code: "agent", Name: "A", Grants: []ticket.Grant{{Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightSee, ticket.RightUpdate}}}},
		{Code: "lead", Name: "L", Grants: []ticket.Grant{{}}}, {Code: "reader", Name: "R", Grants: []ticket.Grant{{Rights: []ticket.Right{ticket.RightSee}}}},
	}, Agents: []ticket.Agent{{ID: "7", Name: "Bob"}, {ID: "8", Name: "Carol", Roles: []string{"lead"}}, {ID: "9", Name: "Dan", Roles: []string{"reader"}}}})
	dan := ticket.Staff("9", "Dan", "")
	tk := open(t, d, ann)
	sales := must(d.Transfer(as(carol), open(t, d, ann).ID, "sales"))(t)
	mine := logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(1)})
	hers := must(d.Time().Log(as(carol), tk.ID, ticket.TimeEntry{Duration: minutes(2)}))(t)
	there := must(d.Time().Log(as(carol), sales.ID, ticket.TimeEntry{Duration: minutes(4)}))(t)
	t.Run("I09 agents keep their own time, and others' with the right to edit messages", func(t *testing.T) {
		is(t, drop(d.Time().Edit(as(bob), hers.ID, ticket.TimePatch{Note: new("x")})), ticket.ErrForbidden)
		is(t, d.Time().Delete(as(bob), hers.ID), ticket.ErrForbidden)
		is(t, drop(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Agent: "8", Duration: minutes(1)})), ticket.ErrForbidden)
		must(d.Time().Edit(as(carol), mine.ID, ticket.TimePatch{Note: new("x")}))(t)
		must(d.Time().Log(as(carol), tk.ID, ticket.TimeEntry{Agent: "7", Duration: minutes(1)}))(t)
		is(t, drop(d.Time().Log(as(dan), tk.ID, ticket.TimeEntry{Duration: minutes(1)})), ticket.ErrForbidden)
		is(t, drop(d.Time().Start(as(dan), tk.ID, nil)), ticket.ErrForbidden)
	})
	t.Run("I09 nobody reads the time of a ticket that they do not see, and customers none", func(t *testing.T) {
		is(t, drop(d.Time().Entry(as(bob), there.ID)), ticket.ErrNotFound)
		is(t, drop(d.Time().Edit(as(bob), there.ID, ticket.TimePatch{})), ticket.ErrNotFound)
		is(t, drop(d.Time().Entries(as(bob), ticket.TimeQuery{TicketID: sales.ID})), ticket.ErrNotFound)
		equal(t, "of Carol", len(must(d.Time().Entries(as(bob), ticket.TimeQuery{Agent: "8"}))(t).Entries), 1)
		equal(t, "sum", must(d.Time().Sum(as(bob), ticket.Query{}))(t).Total, minutes(4))
		for _, err := range []error{drop(d.Time().Entry(as(ann), mine.ID)), drop(d.Time().Entry(as(ann), 999)), drop(d.Time().Entries(as(ann), ticket.TimeQuery{})),
			drop(d.Time().Log(as(ann), tk.ID, ticket.TimeEntry{Duration: minutes(1)})), drop(d.Time().Start(as(ann), tk.ID, nil)), drop(d.Time().Invoices(as(ann), tk.ID)),
			drop(d.Time().Invoice(as(ann), tk.ID))} {
			is(t, err, ticket.ErrForbidden)
		}
	})
}

func TestTimers(t *testing.T) {
	t.Parallel()
	t.Run("I09 a running timer survives a restart, and leaves an entry", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		tk := open(t, d, ann)
		must(d.Time().Start(as(bob), tk.ID, &helpdesk.TimerOptions{Billable: true, Note: "looks at it"}))(t)
		ok(t, d.Stop(context.Background()))
		clock.Advance(20 * time.Minute)
		again := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		equal(t, "elapsed", must(again.Time().Running(as(bob)))(t).Elapsed, minutes(20))
		clock.Advance(10 * time.Minute)
		e := must(again.Time().Stop(as(bob)))(t)
		equal(t, "duration", e.Duration, minutes(30))
		equal(t, "note", e.Note, "looks at it")
		equal(t, "sum", addsUp(t, again, tk.ID), ticket.Spent{Total: minutes(30), Billable: minutes(30)})
		is(t, drop(again.Time().Stop(as(bob))), ticket.ErrNotFound)
		is(t, drop(again.Time().Running(as(bob))), ticket.ErrNotFound)
	})
	t.Run("I09 an agent has one timer: starting another stops it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann), open(t, d, ann)
		must(d.Time().Start(as(bob), a.ID, nil))(t)
		must(d.Time().Start(as(carol), a.ID, nil))(t)
		d.Clock.Advance(time.Minute)
		is(t, drop(d.Time().Start(as(bob), 999, nil)), ticket.ErrNotFound) // stops nothing
		must(d.Time().Start(as(bob), b.ID, nil))(t)
		equal(t, "on the first", addsUp(t, d, a.ID).Total, minutes(1))
		equal(t, "now on", must(d.Time().Running(as(bob)))(t).TicketID, b.ID)
		ok(t, d.Time().Cancel(as(bob)))
		ok(t, d.Time().Cancel(as(bob)))
		equal(t, "cancelled", addsUp(t, d, b.ID).Total, 0)
		equal(t, "Carol's runs", must(d.Time().Running(as(carol)))(t).Elapsed, minutes(1))
	})
	t.Run("I09 a clock that was set back gives no time, and a forgotten timer says so", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{TimerLimit: time.Hour})
		tk := open(t, d, ann)
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		d.Clock.Set(d.Now().Add(-time.Hour))
		equal(t, "elapsed", must(d.Time().Running(as(bob)))(t).Elapsed, 0)
		equal(t, "set back", must(d.Time().Stop(as(bob), "n"))(t).Duration, 0)
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		d.Clock.Advance(time.Hour)
		equal(t, "in time", must(d.Time().Running(as(bob)))(t).Forgotten, false)
		d.Clock.Advance(time.Second)
		equal(t, "forgotten", must(d.Time().Running(as(bob)))(t).Forgotten, true)
		equal(t, "entry", must(d.Time().Stop(as(bob)))(t).Forgotten, true)
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		d.Clock.Advance(1000 * 24 * time.Hour)
		equal(t, "for years", must(d.Time().Stop(as(bob)))(t).Duration, ticket.MaxEntry)
	})
	t.Run("I09 the time on a ticket that is deleted waits, and that of a purged one is gone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(1)})
		must(d.Time().Start(as(bob), tk.ID, nil))(t)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		is(t, drop(d.Time().Stop(as(bob))), ticket.ErrNotFound)
		must(d.Time().Running(as(bob)))(t)
		ok(t, d.Purge(as(bob), tk.ID))
		is(t, drop(d.Time().Running(as(bob))), ticket.ErrNotFound)
		for _, kind := range []string{"time", "time_start", "timer", "invoice"} {
			equal(t, kind+" left", len(recordsOf(t, d, kind)), 0)
		}
	})
}

func TestTimeMoves(t *testing.T) {
	t.Parallel()
	t.Run("I09 I11 the time of a merged ticket moves, and goes back as it is by then", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Invoicer: &books{}})
		a, b := open(t, d, ann), open(t, d, ann)
		first := logged(t, d, a.ID, ticket.TimeEntry{Duration: minutes(1), Billable: true})
		must(d.Time().Invoice(as(bob), a.ID))(t)
		second, third := logged(t, d, a.ID, ticket.TimeEntry{Duration: minutes(2)}), logged(t, d, a.ID, ticket.TimeEntry{Duration: minutes(4)})
		logged(t, d, b.ID, ticket.TimeEntry{Duration: minutes(8), Billable: true})
		must(d.Time().Start(as(bob), a.ID, nil))(t)
		moved := must(helpdesk.MoveTime(context.Background(), d.Desk, a.ID, b.ID, nil))(t)
		equal(t, "moved", len(moved), 5)
		equal(t, "left", addsUp(t, d, a.ID), ticket.Spent{})
		equal(t, "all", addsUp(t, d, b.ID), ticket.Spent{Total: minutes(15), Billable: minutes(9), Invoiced: minutes(1)})
		equal(t, "timer on", must(d.Time().Running(as(bob)))(t).TicketID, b.ID)
		equal(t, "invoices", len(must(d.Time().Invoices(as(bob), b.ID))(t)), 1)
		must(d.Time().Invoice(as(bob), b.ID))(t)
		must(d.Time().Edit(as(bob), second.ID, ticket.TimePatch{Duration: new(minutes(16))}))(t)
		ok(t, d.Time().Delete(as(bob), third.ID))
		must(helpdesk.MoveTime(context.Background(), d.Desk, a.ID, b.ID, moved))(t)
		equal(t, "back", addsUp(t, d, a.ID), ticket.Spent{Total: minutes(17), Billable: minutes(1), Invoiced: minutes(1)})
		equal(t, "own", addsUp(t, d, b.ID), ticket.Spent{Total: minutes(8), Billable: minutes(8), Invoiced: minutes(8)})
		equal(t, "where the first is", must(d.Time().Entry(as(bob), first.ID))(t).TicketID, a.ID)
	})
}

func TestTimeNotes(t *testing.T) {
	t.Parallel()
	t.Run("I09 X13 X25 redaction and erasure reach notes, and an export has the entries for staff", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		e := logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(1), Note: "called ann@example.com, pin 4711"})
		must(d.Time().Start(as(bob), tk.ID, &helpdesk.TimerOptions{Note: "pin 4711"}))(t)
		equal(t, "found", must(d.Redact(as(bob), tk.ID, "4711"))(t), true)
		equal(t, "redacted", must(d.Time().Entry(as(bob), e.ID))(t).Note, "called ann@example.com, pin "+helpdesk.Redacted)
		equal(t, "running", must(d.Time().Running(as(bob)))(t).Note, "pin "+helpdesk.Redacted)
		for internal, want := range map[bool]bool{true: true, false: false} {
			var out bytes.Buffer
			ok(t, d.People().Export(as(host), ann.Person(), &out, &helpdesk.ExportOptions{Internal: internal}))
			z := must(zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())))(t)
			doc := string(must(io.ReadAll(must(z.Open("tickets/" + tk.Code + ".json"))(t)))(t))
			equal(t, "has the note", strings.Contains(doc, "called ann"), want)
		}
		must(d.People().Erase(as(host), ann.Person(), nil))(t)
		if note := must(d.Time().Entry(as(bob), e.ID))(t).Note; strings.Contains(note, "ann@") {
			t.Errorf("the note still says %q", note)
		}
	})
}

// meddling is an authorizer that does something before each question what staff may see.
type meddling struct {
	helpdesk.DefaultAuthorizer
	do func()
}

func (a *meddling) Scope(ctx context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if a.do != nil && r.Actor.Kind == ticket.ActorStaff {
		a.do()
	}
	return a.DefaultAuthorizer.Scope(ctx, r)
}

func TestTimeEdges(t *testing.T) {
	t.Parallel()
	t.Run("I09 a sum has every ticket once, also one that is changed while it is made", func(t *testing.T) {
		t.Parallel()
		a := &meddling{}
		d := newDesk(t, helpdesk.Config{Authorizer: a})
		ids := many(t, d, ticket.MaxPage+1)
		for _, id := range ids {
			d.Clock.Advance(time.Second)
			must(d.MarkRead(as(host), id))(t)
			must(d.Time().Log(as(host), id, ticket.TimeEntry{Agent: "7", Duration: minutes(1)}))(t)
		}
		asked := 0
		a.do = func() {
			if asked++; asked == 2 { // the first page is read
				d.Clock.Advance(time.Second)
				must(d.SetPriority(as(host), ids[0], "high"))(t)
			}
		}
		equal(t, "sum", must(d.Time().Sum(as(bob), ticket.Query{}))(t).Total, minutes(len(ids)))
		if asked < 2 {
			t.Error("nothing was changed meanwhile")
		}
	})
	t.Run("I09 a timer on a deleted ticket is in the way of another one, and says how it goes", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := open(t, d, ann).ID, open(t, d, ann).ID
		must(d.Time().Start(as(bob), a, nil))(t)
		ok(t, d.DeleteTicket(as(bob), a))
		_, err := d.Time().Start(as(bob), b, nil)
		is(t, err, ticket.ErrConflict)
		if !strings.Contains(err.Error(), "Cancel") {
			t.Errorf("the error says %v", err)
		}
		_, err = d.Time().Stop(as(bob))
		is(t, err, ticket.ErrNotFound)
		ok(t, d.Time().Cancel(as(bob)))
		must(d.Time().Start(as(bob), b, nil))(t)
	})
	t.Run("I09 more time than a sum can hold is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := open(t, d, ann).ID
		e := ticket.TimeEntry{Agent: "7", Start: d.Now().Add(-time.Duration(ticket.MaxEntry)), Duration: ticket.MaxEntry}
		var err error
		for range 300 {
			if _, err = d.Time().Log(as(host), a, e); err != nil {
				break
			}
		}
		invalid(t, err, "duration")
		if got := must(d.Ticket(as(host), a))(t).Spent.Total; got < 200*ticket.MaxEntry {
			t.Errorf("the ticket has %d", got)
		}
	})
}
