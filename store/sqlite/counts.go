package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tallyTable is where the numbers of one kind are kept.
type tallyTable struct {
	name, columns      string
	raise, lower, drop string // statements that count one ticket more or less; their arguments are the columns
	recount            string // selects the columns, 0, and the number, counted anew
	into               func(*store.Tally) []any
}

var tallyTables = map[store.TallyKind]tallyTable{
	store.TallyPlaces: newTallyTable("tallies", "folder, department, brand, class, status, unread, assigned",
		"SELECT folder, department, brand, class, status, unread, assignee <> '', 0, count(*) FROM {p}tickets WHERE box < 4 GROUP BY 1, 2, 3, 4, 5, 6, 7",
		func(t *store.Tally) []any {
			return []any{&t.Folder, &t.Department, &t.Brand, &t.Class, &t.Status, &t.Unread, &t.Assigned}
		}),
	store.TallyAssignees: newTallyTable("assignee_tallies", "assignee, folder, department, brand, class, status, unread",
		"SELECT assignee, folder, department, brand, class, status, unread, 0, count(*) FROM {p}tickets WHERE box < 4 AND assignee <> '' GROUP BY 1, 2, 3, 4, 5, 6, 7",
		func(t *store.Tally) []any {
			return []any{&t.Assignee, &t.Folder, &t.Department, &t.Brand, &t.Class, &t.Status, &t.Unread}
		}),
	store.TallyTags: newTallyTable("tag_tallies", "tag, department, brand",
		"SELECT tag.value, department, brand, 0, count(DISTINCT t.id) FROM {p}tickets t, json_each(doc, '$.tags') AS tag WHERE box < 4 GROUP BY 1, 2, 3",
		func(t *store.Tally) []any { return []any{&t.Tag, &t.Department, &t.Brand} }),
}

func newTallyTable(name, columns, recount string, into func(*store.Tally) []any) tallyTable {
	list := strings.Split(columns, ", ")
	where := make([]string, len(list))
	for i, c := range list {
		where[i] = c + " = ?"
	}
	name = "{p}" + name
	this := " WHERE " + strings.Join(where, " AND ")
	return tallyTable{
		name: name, columns: columns, recount: recount, into: into,
		raise: "INSERT INTO " + name + " (" + columns + ", n) VALUES (" + strings.Repeat("?, ", len(list)) + "1) ON CONFLICT DO UPDATE SET n = n + 1",
		lower: "UPDATE " + name + " SET n = n - 1" + this + " AND n > 1",
		drop:  "DELETE FROM " + name + this,
	}
}

func (t tallyTable) args(of store.Tally) []any { return values(t.into(&of)) }

// values reads what pointers to columns point to.
func values(to []any) []any {
	out := make([]any, len(to))
	for i, p := range to {
		switch p := p.(type) {
		case *string:
			out[i] = *p
		case *ticket.Folder:
			out[i] = string(*p)
		case *ticket.Class:
			out[i] = string(*p)
		case *bool:
			out[i] = *p
		}
	}
	return out
}

// counted is a ticket as one number counts it.
type counted struct {
	by store.TallyKind
	store.Tally
}

// counted lists the numbers that count the ticket.
func (r ticketRow) counted() []counted {
	c := r.columns
	if !r.known || c.box >= boxDeleted {
		return nil
	}
	place := ticket.Place{Brand: c.brand, Department: c.department}
	one := store.Tally{Place: place, Folder: ticket.Folder(c.folder), Class: ticket.Class(c.class), Status: c.status, Unread: c.unread}
	mine := one
	one.Assigned, mine.Assignee = c.assignee != "", c.assignee
	out := append(make([]counted, 0, 2+len(r.facets)), counted{store.TallyPlaces, one})
	if c.assignee != "" {
		out = append(out, counted{store.TallyAssignees, mine})
	}
	for _, f := range r.facets {
		if f.kind == facetTag {
			out = append(out, counted{store.TallyTags, store.Tally{Place: place, Tag: f.value}})
		}
	}
	return out
}

// changeCounts keeps the numbers, in the transaction that changes the ticket: only those that differ are touched.
func (s *session) changeCounts(old, row ticketRow) error {
	before, after := old.counted(), row.counted()
	for _, c := range after {
		if slices.Contains(before, c) {
			continue
		}
		t := tallyTables[c.by]
		if _, err := s.exec(t.raise, t.args(c.Tally)...); err != nil {
			return err
		}
	}
	for _, c := range before {
		if slices.Contains(after, c) {
			continue
		}
		t := tallyTables[c.by]
		n, err := s.exec(t.lower, t.args(c.Tally)...)
		if err == nil && n == 0 {
			_, err = s.exec(t.drop, t.args(c.Tally)...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Tallies sums up what is kept, and walks what is not: see store.Reader.
func (r *reader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	if err := r.check(ctx); err != nil {
		return store.Tallies{}, err
	}
	if _, ok := tallyTables[q.By]; !ok {
		return store.Tallies{}, invalid("by", "%d is nothing to count by", q.By)
	}
	sum := tally.Sum{}
	if scope.Only != 0 {
		err := r.tallyOnly(sum, q, scope)
		return store.Tallies{Rows: sum.Rows()}, classify("count tickets", err)
	}
	err := r.tallyKept(sum, q, scope)
	more := false
	if err == nil {
		more, err = r.tallyWalked(sum, q, scope)
	}
	return store.Tallies{Rows: sum.Rows(), More: more}, classify("count tickets", err)
}

func (r *reader) tallyOnly(sum tally.Sum, q store.TallyQuery, scope ticket.Scope) error {
	var found []*ticket.Ticket
	err := r.ses.each(func(rows *sql.Rows) error {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		t := new(ticket.Ticket)
		found = append(found, t)
		return decode(doc, t)
	}, "SELECT doc FROM {p}tickets WHERE id = ?", scope.Only)
	for _, t := range found {
		if scope.Sees(t) {
			sum.AddTicket(q, t)
		}
	}
	return err
}

// tallyKept adds the numbers of the places, and what the agent has elsewhere.
func (r *reader) tallyKept(sum tally.Sum, q store.TallyQuery, scope ticket.Scope) error {
	if in, any := keptIn(scope); any {
		if err := r.tallyRows(sum, q, q.By, in, nil); err != nil {
			return err
		}
	}
	if scope.All || scope.Agent == "" || q.By == store.TallyTags {
		return nil
	}
	mine := func(t *ticket.Ticket) bool { return tally.Own(scope, t) && !tally.InPlace(scope, t) }
	return r.tallyRows(sum, q, store.TallyAssignees, keptRows{}.with("assignee = ?", scope.Agent), mine)
}

// keptRows selects rows of a table of numbers.
type keptRows struct {
	where []string
	args  []any
}

func (k keptRows) with(cond string, args ...any) keptRows {
	return keptRows{append(slices.Clip(k.where), cond), append(slices.Clip(k.args), args...)}
}

// keptIn selects what a scope sees because of where it lies, if it sees anything for that.
func keptIn(scope ticket.Scope) (k keptRows, any bool) {
	if scope.All {
		return k, true
	}
	var in keptRows
	for _, p := range widest(slices.DeleteFunc(slices.Clone(scope.Places), func(p ticket.Place) bool { return p == ticket.Place{} })) {
		switch {
		case p.Brand == "":
			in = in.with("department = ?", p.Department)
		case p.Department == "":
			in = in.with("brand = ?", p.Brand)
		default:
			in = in.with("department = ? AND brand = ?", p.Department, p.Brand)
		}
	}
	if len(in.where) == 0 {
		return k, false
	}
	return k.with("("+strings.Join(in.where, " OR ")+")", in.args...), true
}

// tallyRows adds the rows of one kind that counts holds for; nil holds for all. Rows by assignee are added to numbers by
// place as such.
func (r *reader) tallyRows(sum tally.Sum, q store.TallyQuery, from store.TallyKind, in keptRows, counts func(*ticket.Ticket) bool) error {
	t := tallyTables[from]
	if len(q.Folders) > 0 && from != store.TallyTags {
		args := make([]any, len(q.Folders))
		for i, f := range q.Folders {
			args[i] = string(f)
		}
		in = in.with("folder IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	}
	if q.Assignee != "" && q.By == store.TallyAssignees {
		in = in.with("assignee = ?", q.Assignee)
	}
	if q.Prefix != "" && from == store.TallyTags {
		in = in.with("tag >= ? AND tag < ?", q.Prefix, pastPrefix(q.Prefix))
	}
	text := "SELECT " + t.columns + ", n FROM " + t.name
	if len(in.where) > 0 {
		text += " WHERE " + strings.Join(in.where, " AND ")
	}
	return r.ses.each(func(rows *sql.Rows) error {
		var one store.Tally
		if err := rows.Scan(append(t.into(&one), &one.N)...); err != nil {
			return err
		}
		if counts != nil && !counts(&ticket.Ticket{Assignee: one.Assignee, Brand: one.Brand, Department: one.Department}) {
			return nil
		}
		if from == store.TallyAssignees && q.By == store.TallyPlaces {
			one.Assignee, one.Assigned = "", true
		}
		sum.Add(q, one)
		return nil
	}, text, in.args...)
}

// pastPrefix is above everything that begins with prefix, compared byte by byte: no byte of UTF-8 is 255.
func pastPrefix(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string([]byte{prefix[last] + 1})
}

// CheckTallies counts all tickets anew; see store.TallyChecker.
func (s *Store) CheckTallies(ctx context.Context) (out []string, err error) {
	err = s.View(ctx, func(_ context.Context, r store.Reader) error {
		out = nil
		ses := r.(*reader).ses
		for _, by := range []store.TallyKind{store.TallyPlaces, store.TallyAssignees, store.TallyTags} {
			t := tallyTables[by]
			text := "SELECT " + t.columns + ", sum(kept), sum(n) FROM (SELECT " + t.columns + ", n AS kept, 0 AS n FROM " + t.name +
				" UNION ALL " + t.recount + ") GROUP BY " + t.columns + " HAVING sum(kept) <> sum(n) LIMIT 10"
			err := ses.each(func(rows *sql.Rows) error {
				var one store.Tally
				var kept, n int
				err := rows.Scan(append(t.into(&one), &kept, &n)...)
				out = append(out, fmt.Sprintf("%s: %s %q: %d are kept, and there are %d", t.name[len("{p}"):], t.columns, t.args(one), kept, n))
				return err
			}, text)
			if err != nil {
				return classify("check the numbers of tickets", err)
			}
		}
		return nil
	})
	return out[:min(len(out), 10)], err
}
