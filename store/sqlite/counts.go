package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tallyTable is where numbers of one kind are kept.
type tallyTable struct {
	name, columns           string // columns are those of the key, the last two its place
	named                   string // the column of the assignee or the tag, where there is one
	read, insert, put, drop string // statements about one row; their last arguments are the key
	numbered                bool   // a row has numbers by class and status, and not one alone
	recount                 string // selects the columns, and then class, status, whether assigned, the number, and that of unread ones
	into                    func(*store.Tally) []any
}

var tallyTables = map[store.TallyKind]tallyTable{
	store.TallyPlaces: newTallyTable("tallies", "folder, department, brand", "numbers",
		"SELECT folder, department, brand, class, status, assignee <> '', count(*), sum(unread) FROM {p}tickets WHERE box < 4 GROUP BY 1, 2, 3, 4, 5, 6",
		func(t *store.Tally) []any { return []any{(*string)(&t.Folder), &t.Department, &t.Brand} }),
	store.TallyAssignees: newTallyTable("assignee_tallies", "assignee, folder, department, brand", "numbers",
		"SELECT assignee, folder, department, brand, class, status, true, count(*), sum(unread) FROM {p}tickets WHERE box < 4 AND assignee <> '' GROUP BY 1, 2, 3, 4, 5, 6",
		func(t *store.Tally) []any { return []any{&t.Assignee, (*string)(&t.Folder), &t.Department, &t.Brand} }),
	store.TallyTags: newTallyTable("tag_tallies", "tag, department, brand", "n",
		"SELECT tag.value, department, brand, '', '', false, count(DISTINCT t.id), 0 FROM {p}tickets t, json_each(doc, '$.tags') AS tag WHERE box < 4 GROUP BY 1, 2, 3",
		func(t *store.Tally) []any { return []any{&t.Tag, &t.Department, &t.Brand} }),
}

func newTallyTable(name, columns, value, recount string, into func(*store.Tally) []any) tallyTable {
	list := strings.Split(columns, ", ")
	where := make([]string, len(list))
	for i, c := range list {
		where[i] = c + " = ?"
	}
	name = "{p}" + name
	this := " WHERE " + strings.Join(where, " AND ")
	return tallyTable{
		name: name, named: list[0], columns: columns, recount: recount, into: into, numbered: value == "numbers",
		read:   "SELECT " + value + " FROM " + name + this,
		insert: "INSERT INTO " + name + " (" + value + ", " + columns + ") VALUES (?" + strings.Repeat(", ?", len(list)) + ")",
		put:    "UPDATE " + name + " SET " + value + " = ?" + this,
		drop:   "DELETE FROM " + name + this,
	}
}

// key returns the columns of t's row, after what else a statement takes.
func (t tallyTable) key(of store.Tally, args ...any) []any {
	for _, p := range t.into(&of) {
		args = append(args, *p.(*string))
	}
	return args
}

// counted is what the row of a table of numbers is of.
type counted struct {
	by store.TallyKind
	store.Tally
}

// split says which row a count stands in, and as what.
func split(c row.Count) (counted, number) {
	x := number{class: c.Class, status: c.Status, assigned: c.Assigned, n: c.N, unread: c.Unread}
	c.Class, c.Status, c.Assigned, c.N, c.Unread = "", "", false, 0, 0
	return counted{c.By, c.Tally}, x
}

// changeCounts keeps the numbers, in the transaction that changes the ticket: only rows that count it otherwise than
// before are touched, each once.
func (s *session) changeCounts(old, now row.Row) error {
	differences := row.Differences(old, now)
	for len(differences) > 0 {
		of, _ := split(differences[0])
		var changes []number
		differences = slices.DeleteFunc(differences, func(c row.Count) bool {
			in, x := split(c)
			if in == of {
				changes = append(changes, x)
			}
			return in == of
		})
		if err := s.changeCount(of, changes); err != nil {
			return err
		}
	}
	return nil
}

// changeCount changes one row, which comes with its first ticket and goes with its last one.
func (s *session) changeCount(c counted, changes []number) error {
	t := tallyTables[c.by]
	var stored string
	err := s.row([]any{&stored}, t.read, t.key(c.Tally)...)
	known := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	now := numbers{}
	if known {
		now = t.numbers(reading{}, nil, stored)
	}
	for _, x := range changes {
		now = now.add(x)
	}
	switch {
	case len(now) == 0 && known:
		_, err = s.exec(t.drop, t.key(c.Tally)...)
	case len(now) == 0:
		err = nil
	case known:
		_, err = s.exec(t.put, t.key(c.Tally, t.value(now))...)
	default:
		_, err = s.exec(t.insert, t.key(c.Tally, t.value(now))...)
	}
	return err
}

// numbers reads what a row of the table has: its lines, or its one number.
func (t tallyTable) numbers(r reading, out numbers, stored string) numbers {
	if t.numbered {
		return r.numbers(out, stored)
	}
	n, _ := strconv.Atoi(stored)
	return append(out, number{n: n})
}

func (t tallyTable) value(l numbers) any {
	if t.numbered {
		return l.String()
	}
	return l[0].n
}

// Tallies gives what is kept, and walks what is not: see store.Reader.
func (r *reader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (out store.Tallies, err error) {
	if err := r.check(ctx); err != nil {
		return out, err
	}
	if _, ok := tallyTables[q.By]; !ok {
		return out, invalid("by", ticket.FaultUnknown, "%d is nothing to count by", q.By)
	}
	if scope.Only != 0 {
		err = r.tallyOnly(&out, q, scope)
		return out, classify("count tickets", err)
	}
	if err = r.tallyKept(&out, q, scope); err == nil {
		err = r.lists().Tally(ctx, &out, q, scope)
	}
	return out, classify("count tickets", err)
}

func (r *reader) tallyOnly(out *store.Tallies, q store.TallyQuery, scope ticket.Scope) error {
	var found []*ticket.Ticket
	err := r.ses.each(func(rows *sql.Rows) error {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		t := new(ticket.Ticket)
		found = append(found, t)
		return row.Decode(doc, t)
	}, "SELECT doc FROM {p}tickets WHERE id = ?", scope.Only)
	for _, t := range found {
		if scope.Sees(t) {
			out.Rows = append(out.Rows, tally.Of(q, t)...)
		}
	}
	return err
}

// tallyKept adds the numbers of the places, and what the agent has elsewhere.
func (r *reader) tallyKept(out *store.Tallies, q store.TallyQuery, scope ticket.Scope) error {
	if in, any := lists.KeptIn(scope); any {
		if err := r.tallyRows(out, q, q.By, in, nil); err != nil {
			return err
		}
	}
	if scope.All || scope.Agent == "" || q.By == store.TallyTags {
		return nil
	}
	mine := func(t *ticket.Ticket) bool { return tally.Own(scope, t) && !tally.InPlace(scope, t) }
	return r.tallyRows(out, q, store.TallyAssignees, lists.Kept{}.With("assignee = ?", scope.Agent), mine)
}

// tallyRows adds the rows of one kind that counts holds for; nil holds for all. Rows by assignee are added to numbers by
// place as such.
func (r *reader) tallyRows(out *store.Tallies, q store.TallyQuery, from store.TallyKind, in lists.Kept, counts func(*ticket.Ticket) bool) error {
	t := tallyTables[from]
	var one store.Tally
	var stored string
	var list, sums numbers
	together := q.Whole && counts == nil
	into, known := t.into(&one), reading{}
	if together {
		into = into[:len(into)-2]
	}
	into = append(into, &stored)
	where, args := in.Asked(q, from, t.named).Where()
	return r.ses.each(func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if counts != nil && !counts(&ticket.Ticket{Assignee: one.Assignee, Brand: one.Brand, Department: one.Department}) {
			return nil
		}
		list, sums = t.numbers(known, list[:0], stored), sums[:0]
		for _, x := range list {
			sums = sums.add(x)
		}
		for _, x := range sums {
			sum := one
			sum.Class, sum.Status, sum.Assigned, sum.N, sum.Unread = x.class, x.status, x.assigned, x.n, x.unread
			if q.By == store.TallyPlaces {
				sum.Assignee = ""
			}
			if q.Whole {
				sum.Place = ticket.Place{}
			}
			out.Rows = append(out.Rows, sum)
		}
		return nil
	}, t.query(where, together), args...)
}

// query selects rows of the table, or what they have together whatever their places.
func (t tallyTable) query(where string, together bool) string {
	value, sum := "n", "sum(n)"
	if t.numbered {
		value, sum = "numbers", "group_concat(numbers, char(10))"
	}
	if !together {
		return "SELECT " + t.columns + ", " + value + " FROM " + t.name + " WHERE " + where
	}
	columns := strings.TrimSuffix(t.columns, ", department, brand")
	return "SELECT " + columns + ", " + sum + " FROM " + t.name + " WHERE " + where + " GROUP BY " + columns
}

// CheckTallies counts all tickets anew; see store.TallyChecker.
func (s *Store) CheckTallies(ctx context.Context) (out []string, err error) {
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		for _, by := range []store.TallyKind{store.TallyPlaces, store.TallyAssignees, store.TallyTags} {
			kept := &store.Tallies{}
			err := r.(*reader).tallyRows(kept, store.TallyQuery{By: by}, by, lists.Kept{}, nil)
			if err != nil {
				return err
			}
			sum := tally.Sum{}
			for _, t := range kept.Rows {
				sum.Add(t)
			}
			if err := r.(*reader).recount(sum, by); err != nil {
				return err
			}
			for _, t := range sum.Wrong() {
				table := tallyTables[by]
				what := table.key(t, table.name[len("{p}"):], string(t.Class), t.Status)
				out = append(out, fmt.Sprintf("%q is off by %+d tickets, %+d unread", what, t.N, t.Unread))
			}
		}
		return nil
	})
	return out[:min(len(out), 10)], classify("check the numbers of tickets", err)
}

// recount takes from a sum what there is.
func (r *reader) recount(sum tally.Sum, by store.TallyKind) error {
	t := tallyTables[by]
	return r.ses.each(func(rows *sql.Rows) error {
		var one store.Tally
		err := rows.Scan(append(t.into(&one), (*string)(&one.Class), &one.Status, &one.Assigned, &one.N, &one.Unread)...)
		one.N, one.Unread = -one.N, -one.Unread
		sum.Add(one)
		return err
	}, t.recount)
}
