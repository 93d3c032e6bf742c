package remote

import "strings"

// puts are the statements that write a row whether or not there is one with its key.
type puts struct {
	message, event, field, chunk, link, meta, record, mark, work, tally, document, swept string
	newMessage, newEvent, newWork, newMark                                               string
	key, moved, sequence                                                                 string // of store.Mover
}

func newPuts(d *Dialect) puts {
	return puts{
		message:    d.put("messages", 1, "id", "ticket", "seq", "kind", "body", "html", "doc"),
		event:      d.put("events", 1, "id", "ticket", "seq", "at", "type", "doc"),
		newMessage: d.insert("messages", "id, ticket, seq, kind, body, html, doc", 7), newEvent: d.insert("events", "id, ticket, seq, at, type, doc", 6),
		field: d.put("field_values", 2, "ticket", "field", "value"),
		chunk: d.put("chunks", 2, "content", "n", "data"),
		meta:  d.put("meta", 1, "name", "value"),
		link:  d.insert("links", "kind, name, target", 3) + d.OnceOnly("kind, name, target"),
		record: "INSERT INTO {p}records" + d.Alias + " (kind, name, parent, doc, version) VALUES (?, ?, ?, ?, 1) " + d.OnConflict("kind, name") +
			"parent = " + d.New("parent") + ", doc = " + d.New("doc") + ", version = " + d.Old("version") + " + 1",
		mark:    "INSERT INTO {p}stale" + d.Alias + " (ticket, mark, since) VALUES (?, ?, " + d.Clock + ") " + d.OnConflict("ticket") + "mark = " + d.New("mark"),
		newMark: "INSERT INTO {p}stale" + d.Alias + " (ticket, mark, since) VALUES (?, ?, " + d.Clock + ")", newWork: d.insert("work", workColumns, strings.Count(workColumns, ",")+1),
		document: "INSERT INTO {p}documents" + d.Alias + " (ticket, version, updated, words) VALUES (?, ?, ?, " + d.WordsValue + ") " + d.OnConflict("ticket") +
			"version = " + d.New("version") + ", updated = " + d.New("updated") + ", words = " + d.New("words"),
		swept: "INSERT INTO {p}documents" + d.Alias + " (ticket, version, updated, words) VALUES (?, ?, ?, " + d.WordsValue + ") " + d.OnConflict("ticket") +
			d.unlessOlder("updated") + ", " + d.unlessOlder("words") + ", " + d.unlessOlder("version"),
		work:     d.PutWork(workColumns, strings.Count(workColumns, ",")+1),
		key:      d.put("keys", 2, "kind", "name", "holder"),
		moved:    d.put("records", 2, "kind", "name", "parent", "doc", "version"),
		sequence: d.insert("ids", "name, next", 2) + d.OnConflict("name") + "next = greatest(" + d.Old("next") + ", " + d.New("next") + ")",
		tally: d.insert("tallies", "id, "+tallyColumns+", n, unread", 11) + d.OnConflict("id") +
			"n = " + d.Old("n") + " + " + d.New("n") + ", unread = " + d.Old("unread") + " + " + d.New("unread"),
	}
}

func (d *Dialect) insert(table, columns string, n int) string {
	return "INSERT INTO {p}" + table + d.Alias + " (" + columns + ") VALUES (?" + strings.Repeat(", ?", n-1) + ") "
}

// put writes a row over the one with the same key, which the first columns are.
func (d *Dialect) put(table string, keys int, columns ...string) string {
	set := make([]string, 0, len(columns))
	for _, c := range columns[keys:] {
		set = append(set, c+" = "+d.New(c))
	}
	return d.insert(table, strings.Join(columns, ", "), len(columns)) + d.OnConflict(strings.Join(columns[:keys], ", ")) + strings.Join(set, ", ")
}

// unlessOlder sets a column unless the row is of a newer version than what was to be inserted: a sweep does not wait for
// those who store a document at this moment. The version itself is set last, for MySQL reads what is set already.
func (d *Dialect) unlessOlder(column string) string {
	return column + " = CASE WHEN " + d.New("version") + " < " + d.Old("version") + " THEN " + d.Old(column) + " ELSE " + d.New(column) + " END"
}
