package lists

import "strings"

// Dialect is how a database is asked for lists: what differs stands here, and nowhere else.
type Dialect struct {
	// served says that a server answers: each statement is a round trip, and no rows are left open between two. Otherwise
	// the rows of several walks are open at once and read as far as they are needed.
	served bool
	// free stands before a column whose condition must not choose the index: that is for the one that the walk goes by.
	free string
	// limit is the argument of LIMIT.
	limit string
	// named is how an index is named behind a table, %s being its name. Without an index that is byID for tickets, and
	// nothing for others, which have but one order.
	named, byID string
	// ends is how the ends of a walk are written.
	ends ends
	// box is how the index of the updates alone begins.
	box string
	// plain is how a column is written that must not choose the index of a look-up, %s being the column.
	plain string
	// ordered says that the index of a walk is chosen by its order, and that of a look-up by values that are alone.
	ordered bool
	// whole says that indexes of single columns have the empty values too: others leave them out, and are only used
	// where the statement says the same.
	whole bool
	// exists and absent say whether there is a row, %s being the rest of a SELECT.
	exists, absent string
	// ticket joins the ticket t with the id that %s stands for, and value the value w of the field that is an argument.
	ticket, value string
	// tags are those of the ticket t, as a list in JSON or as the document that has them.
	tags string
	// Settings is a statement that has the planner of a server do what the statements of lists are written for. It holds
	// for the rest of a transaction, and what else is done there is to be kept from it. Empty where none is needed.
	Settings string
}

type ends int

const (
	// apart: a time and an id are compared one after the other where an index of tickets ends with the id by itself.
	apart ends = iota
	// together: they are compared as one.
	together
	// either: they are compared by two ranges of one walk.
	either
)

// SQLite names the index of every walk (https://sqlite.org/lang_indexedby.html), for statistics flip plans by value; a
// unary plus keeps columns out of others (https://sqlite.org/optoverview.html, 3), and CROSS JOIN keeps the order of
// tables. LIMIT has no index to choose, and so a plus as well.
var SQLite = &Dialect{
	free: "+", limit: "?+0", box: "t.box", plain: "%s", named: " INDEXED BY {p}%s", byID: " NOT INDEXED",
	exists: "EXISTS (SELECT 1%s)", absent: "NOT EXISTS (SELECT 1%s)",
	ticket: " CROSS JOIN {p}tickets t ON t.id = %s", value: " CROSS JOIN {p}field_values w ON w.ticket = t.id AND w.field = ?",
	tags: "json_extract(t.doc, '$.tags')",
}

// Postgres cannot be told an index. But every walk has an order that only one index has, and with Settings nothing is sorted
// instead: the values of a column in a box are in the order of a time by the index of that column, and, by the one of the
// time alone, they would be too, were that not made of something that is not the box itself. LATERAL with OFFSET keeps
// the order of tables, and so does counting: an EXISTS may be turned into a set of everything that there is.
var Postgres = &Dialect{
	served: true, limit: "?", ends: together, box: "(t.box + 0)", plain: "(%s || '')", ordered: true,
	exists: "(SELECT count(*)%s) > 0", absent: "(SELECT count(*)%s) = 0",
	ticket: " CROSS JOIN LATERAL (SELECT * FROM {p}tickets x WHERE x.id = %s OFFSET 0) t",
	value:  " CROSS JOIN LATERAL (SELECT * FROM {p}field_values x WHERE x.ticket = t.id AND x.field = ? OFFSET 0) w",
	tags:   "t.doc", // its own functions refuse a document with a NUL in any text
	// An order that an index has is never sorted for, and a table is never read as a whole, whatever statistics say. Then
	// one plan does for all arguments, and need not be made for each. What is sorted all the same, as the merged places
	// of several arms, looks so dear to the planner that it would compile it.
	Settings: `SELECT set_config('enable_sort', 'off', true), set_config('enable_incremental_sort', 'off', true),
		set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)`,
}

// MySQL is MariaDB too. FORCE INDEX names the index of every walk, and STRAIGHT_JOIN keeps the order of tables. Rows are
// not compared by an index, but two ranges are.
var MySQL = &Dialect{
	served: true, limit: "?", box: "t.box", plain: "%s", named: " FORCE INDEX ({i}%s)", byID: " FORCE INDEX (PRIMARY)", ends: either, whole: true,
	exists: "(SELECT count(*)%s) > 0", absent: "(SELECT count(*)%s) = 0",
	ticket: " STRAIGHT_JOIN {p}tickets t FORCE INDEX (PRIMARY) ON t.id = %s",
	value:  " STRAIGHT_JOIN {p}field_values w FORCE INDEX (PRIMARY) ON w.ticket = t.id AND w.field = ?",
	tags:   "json_extract(t.doc, '$.tags')",
}

// around puts a text where %s stands.
func around(pattern, text string) string {
	before, after, _ := strings.Cut(pattern, "%s")
	return before + text + after
}

// from writes what a walk goes through.
func (d *Dialect) from(a arm) string {
	text := "{p}" + a.of.name + " " + a.of.alias
	switch {
	case d.named != "" && a.index != "":
		return text + around(d.named, a.index)
	case a.of == tickets:
		return text + d.byID
	}
	return text
}

// where writes where a walk begins and ends.
func (d *Dialect) where(a arm) (string, []any) {
	conds := make([]string, 0, len(a.equal)+len(a.limits)+2)
	args := make([]any, 0, len(a.equal)+2*len(a.limits))
	if a.guard != "" && !d.whole {
		conds = append(conds, a.guard+" <> ''")
	}
	for _, e := range a.equal {
		conds, args = append(conds, e.column+" = ?"), append(args, e.value)
	}
	for _, l := range a.limits {
		conds, args = l.compare(d.ends, conds, args)
	}
	if len(conds) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conds, " AND "), args
}

// compare writes a limit by itself.
func (l limit) compare(how ends, conds []string, args []any) ([]string, []any) {
	at := l.columns[0]
	switch {
	case len(l.columns) == 1:
		return append(conds, at+l.op+"?"), append(args, l.values...)
	case how == either:
		id, beyond := l.columns[1], l.op[:2]+" "
		return append(conds, "("+at+beyond+"? OR ("+at+" = ? AND "+id+l.op+"?))"), append(args, l.values[0], l.values[0], l.values[1])
	}
	return append(conds, "("+at+", "+l.columns[1]+")"+l.op+"(?, ?)"), append(args, l.values...)
}

// order writes the order of some columns, either way.
func order(desc bool, columns ...string) string {
	dir := " ASC"
	if desc {
		dir = " DESC"
	}
	return " ORDER BY " + strings.Join(columns, dir+", ") + dir
}
