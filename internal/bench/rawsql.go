package main

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// rawSQL is how somebody who knows the schema asks one database: what differs stands here.
type rawSQL struct {
	prefix  string                           // of tables
	walk    func(table, index string) string // reads a table along an index
	box     string                           // how the index of the updates alone begins
	free    string                           // stands before a column that must not choose the index
	after   func(op string) string           // the page begins after a time and an id
	twice   bool                             // which after has as three arguments
	ends    bool                             // each arm of a union ends by itself
	merge   string                           // reads the documents whose keys a union gives, if it does not do so itself
	grouped string                           // counts all tickets by folder, class, status and assignee, %s being a condition
	found   func(m asked, who string) (from string, args []any)
	newest  string // the order of a search
}

var sqliteSQL = rawSQL{
	prefix: "helpdesk_", box: "box = 0", free: "+",
	walk:  func(table, index string) string { return table + " INDEXED BY " + table + "_" + index },
	after: func(op string) string { return "(updated, id) " + op + " (?, ?)" },
	// The arms are co-routines, which go no further than the merge does, and have keys alone: a document is read only where
	// it stands in the page.
	merge: "SELECT k.updated, k.id, t.doc FROM (%s) k CROSS JOIN {p}tickets t ON t.id = k.id ORDER BY k.updated %[2]s, k.id %[2]s",
	// Left alone, the database takes an index for the box, and looks up nearly every ticket by its id. One text to group by
	// is sorted faster than four.
	grouped: "SELECT folder || char(31) || class || char(31) || status || char(31) || assignee, count(*), sum(unread) FROM {p}tickets NOT INDEXED WHERE %s GROUP BY 1",
	found:   foundSQLite, newest: "f.rowid",
}

// text puts the names of tables into a statement.
func (d *rawSQL) text(text string) string { return strings.ReplaceAll(text, "{p}", d.prefix) }

// page is the query that somebody would write who knows the schema: one walk through the index that suits, or, where the
// actor may see some departments and the index does not know them, one for each, merged by the database.
func (d *rawSQL) page(v view, seen []string, desc bool, after *ticket.Ticket) (string, []any) {
	dir, op := "ASC", ">"
	if desc {
		dir, op = "DESC", "<"
	}
	order := " ORDER BY updated " + dir + ", id " + dir
	limit := fmt.Sprintf(" LIMIT %d", pageOf+1)
	walk := func(columns, index, where string, args []any) (string, []any) {
		if args = slices.Clone(args); after != nil {
			where, args = where+" AND "+d.after(op), append(args, after.UpdatedAt.UnixMicro())
			if d.twice {
				args = append(args, after.UpdatedAt.UnixMicro())
			}
			args = append(args, after.ID)
		}
		if index == "updated" {
			where = strings.Replace(where, "box = 0", d.box, 1)
		}
		return d.text("SELECT " + columns + " FROM " + d.walk("{p}tickets", index) + " WHERE " + where), args
	}
	if len(seen) == 0 {
		text, args := walk("updated, id, doc", v.index, v.where, v.args)
		return text + order + limit, args
	}
	if !v.arms {
		text, args := walk("updated, id, doc", v.index, v.where+" AND "+d.free+"department IN (?"+strings.Repeat(", ?", len(seen)-1)+")", slices.Concat(v.args, anys(seen)))
		return text + order + limit, args
	}
	columns := "updated, id"
	if d.merge == "" {
		columns += ", doc"
	}
	var parts []string
	var args []any
	for _, one := range seen {
		part, more := walk(columns, "department", v.where+" AND department = ?", slices.Concat(v.args, []any{one}))
		if d.ends {
			part = "(" + part + order + limit + ")"
		}
		parts, args = append(parts, part), append(args, more...)
	}
	all := strings.Join(parts, " UNION ALL ") + order + limit
	if d.merge == "" {
		return all, args
	}
	return fmt.Sprintf(d.text(d.merge), all, dir), args
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// count is the one query that counts all tickets anew: one walk, grouped by what the numbers are by.
func (d *rawSQL) count(seen []string) (string, []any) {
	where, args := "box < 4", []any(nil)
	if len(seen) > 0 {
		where, args = where+" AND department IN (?"+strings.Repeat(", ?", len(seen)-1)+")", anys(seen)
	}
	return fmt.Sprintf(d.text(d.grouped), where), args
}

// asked is what a search asks for: of each entry one phrase, and none of none.
type asked struct {
	all  [][]string
	none []string
}

// search is the query of somebody who knows the schema, for the newest that the index of words finds.
func (d *rawSQL) search(m asked, seen []string, requester string) (string, []any) {
	text, args := d.found(m, requester)
	if requester != "" {
		text, args = text+" AND t.requester = ?", append(args, requester)
	}
	if len(seen) > 0 {
		text, args = text+" AND t.department IN (?"+strings.Repeat(", ?", len(seen)-1)+")", append(args, anys(seen)...)
	}
	return d.text(text) + " ORDER BY " + d.newest + fmt.Sprintf(" DESC LIMIT %d", pageOf+1), args
}

// foundSQLite walks the index from its end.
func foundSQLite(m asked, requester string) (string, []any) {
	entries := make([]string, len(m.all))
	for i, list := range m.all {
		phrases := make([]string, len(list))
		for j, p := range list {
			phrases[j] = ftsPhrase(p)
		}
		if entries[i] = strings.Join(phrases, " OR "); len(list) > 1 {
			entries[i] = "(" + entries[i] + ")"
		}
	}
	match := strings.Join(entries, " AND ")
	for _, p := range m.none {
		match += " NOT " + ftsPhrase(p)
	}
	if requester != "" { // the column who has a token for each client: the ways of the index cross at once
		match = fmt.Sprintf(`"‖%s" AND {subject codes people body} : (%s)`, whoToken(requester), match)
	}
	return `SELECT f.rowid, t.id, t.doc FROM {p}search f CROSS JOIN {p}documents d ON d.doc = f.rowid CROSS JOIN {p}tickets t ON t.id = d.ticket
		WHERE f.{p}search MATCH ? AND t.box < 4`, []any{match}
}

func ftsPhrase(p string) string {
	if word, ok := strings.CutSuffix(p, "*"); ok {
		return `"` + word + `" *`
	}
	return `"` + p + `"`
}

// whoToken stands in the documents of a client's tickets.
func whoToken(requester string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(requester)) // a hash never fails
	return fmt.Sprintf("r%016x", h.Sum64())
}
