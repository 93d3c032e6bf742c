package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// lister reads the scaled desk, and beside it raw SQL on the same file.
type lister struct {
	desk *helpdesk.Desk
	s    store.Store
	conn *sql.Conn
	db   *sql.DB
	path string // of the file, if it is one
	sql  rawSQL
	bind func(string) string
}

// openScaled opens the scaled desk, which is built where there is none.
func (e *env) openScaled(ctx context.Context) (*lister, error) {
	path, err := e.scaled(ctx)
	if err != nil {
		return nil, err
	}
	return openLister(ctx, path)
}

func openLister(ctx context.Context, path string) (*lister, error) {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	l := &lister{desk: desk, s: s, path: path, sql: sqliteSQL, bind: asIs}
	if l.db, err = sql.Open("sqlite", "file:"+path+"?_pragma=cache_size(-16384)&_pragma=temp_store(2)"); err == nil {
		l.conn, err = l.db.Conn(ctx)
	}
	return l, err
}

func (l *lister) close(ctx context.Context) error {
	return errors.Join(l.conn.Close(), l.db.Close(), l.desk.Stop(ctx), l.s.Close())
}

// view is one of the standard lists of a desk. where is what a raw query asks, by which index it walks, and whether that
// index has one arm for each department that the actor may see.
type view struct {
	name  string
	query ticket.Query
	index string
	where string
	args  []any
	arms  bool
}

const boxes = "(box = 0 OR box = 1 OR box = 2 OR box = 3)" // everything that is not deleted

// views are the standard ones, with what is there in plenty, so that there are deep pages.
func views() []view {
	inbox := []ticket.Folder{ticket.Inbox}
	org, customer := organisationOf(1), customerOf(1).ID
	return []view{
		{"folder", ticket.Query{Folders: inbox}, "updated", "box = 0", nil, true},
		{"class", ticket.Query{Folders: inbox, Classes: []ticket.Class{ticket.ClassOpen}}, "class", "box = 0 AND class = ?", []any{"open"}, false},
		{"status", ticket.Query{Folders: inbox, Statuses: []string{"waiting"}}, "status", "box = 0 AND status = ?", []any{"waiting"}, false},
		{"department", ticket.Query{Folders: inbox, Departments: departments[1:2]}, "department", "box = 0 AND department = ?", []any{departments[1]}, false},
		{"assignee", ticket.Query{Folders: inbox, Assignee: agentID(2)}, "assignee", "box = 0 AND assignee = ?", []any{agentID(2)}, false},
		{"unassigned", ticket.Query{Folders: inbox, Unassigned: true}, "assignee", "box = 0 AND assignee = ?", []any{""}, false},
		{"requester", ticket.Query{Requester: customer}, "requester", "requester <> '' AND requester = ? AND " + boxes, []any{customer}, false},
		{"organisation", ticket.Query{Organisation: org}, "organisation", "organisation <> '' AND organisation = ? AND " + boxes, []any{org}, false},
	}
}

const pageOf = ticket.DefaultPage

// place is where a page begins: the desk's cursor and the last ticket before it.
type place struct {
	cursor string
	last   *ticket.Ticket
}

// deep turns pages through the desk until the list, or enough of it, is behind, and returns a place far down from which
// another full page follows: what a page costs is compared at the same size everywhere.
func (l *lister) deep(ctx context.Context, q ticket.Query) (place, error) {
	for _, q.Limit = range []int{ticket.MaxPage, pageOf, 3} {
		at, err := l.places(ctx, q)
		if err != nil {
			return place{}, err
		}
		if len(at) > 0 {
			return at[(len(at)-1)*3/4], nil
		}
	}
	return place{}, nil
}

// places are those in a list from which a page of pageOf tickets, or of a step, follows.
func (l *lister) places(ctx context.Context, q ticket.Query) (at []place, err error) {
	full := min(q.Limit, pageOf)
	for next := (place{}); len(at) < 100; {
		page, err := l.desk.Tickets(ctx, q)
		if err != nil {
			return nil, err
		}
		if next.cursor != "" && len(page.Tickets) >= full {
			at = append(at, next)
		}
		if page.Next == "" || len(page.Tickets) == 0 {
			break
		}
		next = place{page.Next, page.Tickets[len(page.Tickets)-1]}
		q.Cursor = page.Next
	}
	return at, nil
}

// read runs a prepared raw query as a page of a list or a search is read: its rows are decoded.
func read(ctx context.Context, st *sql.Stmt, args []any) ([]int64, error) {
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := make([]int64, 0, pageOf)
	var at, id int64
	var doc sql.RawBytes // lives until the next row, and that is long enough
	for rows.Next() {
		if err := rows.Scan(&at, &id, &doc); err != nil {
			return nil, err
		}
		if len(ids) == pageOf {
			break
		}
		t := new(ticket.Ticket)
		if err := json.Unmarshal(doc, t); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// reader is who reads, and the departments that a raw query for them names; none means all.
type reader struct {
	name  string
	actor ticket.Actor
	seen  []string
}

func readers() []reader {
	return []reader{{"all", ticket.Staff("chief", "", ""), nil}, {"8 departments", ticket.Staff(agentID(0), "", ""), departments[:bigDepartments]}}
}

// measured is one kind of page.
type measured struct {
	what      string
	ours, raw time.Duration
	ratio     float64
}

// worst takes a measurement into a line that shows the worst of several; raw names the other side.
func (r *result) worst(m measured, raw string) {
	r.notes = append(r.notes, fmt.Sprintf("%s: ours %.3f ms, raw %.3f ms, %.2f", m.what, ms(m.ours), ms(m.raw), m.ratio))
	if r.ratio == 0 || m.ratio < r.ratio {
		r.ratio, r.ours, r.raw = m.ratio, perOp(m.what, m.ours), perOp(raw, m.raw)
	}
}

// measure compares one kind of page.
func (l *lister) measure(ctx context.Context, e *env, v view, who reader, sort ticket.Sort, deep bool) (m measured, ok bool, err error) {
	as := ticket.WithActor(ctx, who.actor)
	q := v.query
	q.Sort = sort
	m.what = string(sort) + ", first page"
	var at place
	if deep {
		m.what = string(sort) + ", deep"
		if at, err = l.deep(as, q); err != nil || at.cursor == "" {
			return m, false, err
		}
	}
	q.Cursor = at.cursor
	text, args := l.sql.page(v, who.seen, sort == ticket.NewestUpdate, at.last)
	st, err := l.conn.PrepareContext(ctx, l.bind(text))
	if err != nil {
		return m, false, err
	}
	defer st.Close()
	page, err := l.desk.Tickets(as, q)
	if err != nil {
		return m, false, err
	}
	ids, err := read(ctx, st, args)
	if err != nil {
		return m, false, err
	}
	if got := idsOf(page.Tickets); !slices.Equal(got, ids) || len(got) == 0 {
		return m, false, fmt.Errorf("%s for %s, %s: ours %v, raw %v", v.name, who.name, m.what, got, ids)
	}
	ours := repeat(ctx, func(context.Context) error { return errOf(l.desk.Tickets(as, q)) })
	raw := repeat(ctx, func(context.Context) error { return errOf(read(ctx, st, args)) })
	m.ours, m.raw, m.ratio, err = e.pairs(ours, raw)
	return m, true, err
}

func errOf[T any](_ T, err error) error { return err }

func idsOf(list []*ticket.Ticket) []int64 {
	var out []int64
	for _, t := range list {
		out = append(out, t.ID)
	}
	return out
}

// runList measures the standard views, each by its worst kind of page, and then everything else against them.
func runList(ctx context.Context, e *env) ([]result, error) {
	l, err := e.openScaled(ctx)
	if err != nil {
		return nil, err
	}
	defer l.close(ctx)
	out, all, err := l.standards(ctx, e)
	if err != nil {
		return nil, err
	}
	other, err := l.other(ctx, median(all))
	if err != nil {
		return nil, err
	}
	memory, err := memoryOf(ctx, l.path)
	return append(out, other, memory), err
}

// standards measures all standard views.
func (l *lister) standards(ctx context.Context, e *env) (out []result, all []time.Duration, err error) {
	few := *e
	few.n, few.rounds = max(e.n/20, 5), 3*e.rounds // many short pairs: what disturbs the machine lasts longer than a page
	for _, v := range views() {
		for _, who := range readers() {
			r, times, err := l.standard(ctx, &few, v, who)
			if err != nil {
				return nil, nil, err
			}
			out, all = append(out, r), append(all, times...)
		}
	}
	return out, all, nil
}

func (l *lister) standard(ctx context.Context, e *env, v view, who reader) (r result, times []time.Duration, err error) {
	r = result{name: v.name + " for " + who.name, promise: 1 / 1.3}
	for _, sort := range []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate} {
		for _, deep := range []bool{false, true} {
			m, ok, err := l.measure(ctx, e, v, who, sort, deep)
			if err != nil {
				return r, nil, err
			}
			if !ok {
				continue
			}
			times = append(times, m.ours)
			r.worst(m, "SQL")
		}
	}
	return r, times, nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
