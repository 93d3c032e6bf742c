package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/bookmark"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxWalk is how many documents one page of a search walks: most of them may be hidden or filtered out.
const maxWalk = 5000

// Search walks the documents that have the words from the newest back, and looks at the ticket of each: see
// store.Searcher.
func (s *Store) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	if s.opts.SearchOff {
		return page, store.ErrSearchOff
	}
	err = s.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		x := r.(*reader)
		if err := x.check(ctx); err != nil {
			return err
		}
		if q.Ranked {
			page, err = x.searchRanked(q, scope)
		} else {
			page, err = x.searchNewest(q, scope)
		}
		return searchFailed("search", err)
	})
	return page, err
}

// matchWalk is one search: the question to the index, the condition on the ticket's row, and the documents between
// which it goes.
type matchWalk struct {
	match    string
	cond     string
	args     []any
	from, to int64 // documents: from inclusive, to exclusive
}

func (r *reader) newWalk(q store.SearchQuery, scope ticket.Scope, to int64) (matchWalk, error) {
	q.Filter.Deleted, q.Filter.Merged, q.Filter.Sort = false, false, ""
	w := matchWalk{match: matchOf(q, scope), from: 1, to: to}
	w.cond, w.args = lists.SQLite.Conditions(q.Filter, scope)
	if from := q.Filter.UpdatedFrom; !from.IsZero() {
		w.from = numberOf(row.Micros(from))
	}
	if until := q.Filter.UpdatedTo; !until.IsZero() {
		end, err := r.numbersUntil(row.Micros(until))
		w.to = min(w.to, end)
		return w, err
	}
	return w, nil
}

// step reads one document of a walk: visible says whether its ticket is one of those looked for.
type step func(doc, id int64, visible bool, text []byte) (more bool)

// errEnough ends a walk.
var errEnough = errors.New("enough")

// run walks, at most as far as one page may. columns is what is read of the tickets that are looked for.
func (r *reader) run(w matchWalk, column string, next step) (walked int, err error) {
	text := "SELECT f.rowid, d.ticket, CASE WHEN " + w.cond + " THEN " + column + ` END
		FROM {p}search f CROSS JOIN {p}documents d ON d.doc = f.rowid CROSS JOIN {p}tickets t ON t.id = d.ticket
		WHERE f.{p}search MATCH ? AND f.rowid >= ? AND f.rowid < ? ORDER BY f.rowid DESC LIMIT ?+0`
	args := append(slices.Clip(w.args), w.match, w.from, w.to, maxWalk)
	err = r.ses.each(func(rows *sql.Rows) error {
		var doc, id int64
		var of sql.RawBytes
		if err := rows.Scan(&doc, &id, &of); err != nil {
			return err
		}
		if walked++; !next(doc, id, of != nil, of) {
			return errEnough
		}
		return nil
	}, text, args...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return walked, err
}

const newestPlace = 1<<63 - 1

func (r *reader) searchNewest(q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	to := int64(newestPlace)
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Newest, 1)
		if err != nil {
			return page, err
		}
		to = at[0]
	}
	w, err := r.newWalk(q, scope, to)
	if err != nil {
		return page, err
	}
	limit, last, full := ticket.PageSize(q.Filter.Limit), int64(0), false
	var failed error
	walked, err := r.run(w, "t.doc", func(doc, _ int64, visible bool, text []byte) bool {
		if full = visible && len(page.Tickets) == limit; full {
			return false
		}
		if last = doc; visible {
			t := new(ticket.Ticket)
			failed = row.Decode(text, t)
			page.Tickets = append(page.Tickets, t)
		}
		return failed == nil
	})
	if full || walked == maxWalk {
		page.Next = bookmark.Format(bookmark.Newest, last)
	}
	return page, cmp.Or(err, failed)
}

// ranked is a document with its score.
type ranked struct {
	doc, id int64
	score   int
}

func (a ranked) compare(b ranked) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.doc, a.doc))
}

// topScore is above every score.
const topScore = 1 << 30

// searchRanked sorts the newest of what is found, and when those are shown the next. The cursor says where they begin,
// so what changes meanwhile leaves the others where they are.
func (r *reader) searchRanked(q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	to, after := int64(newestPlace), ranked{score: topScore}
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Ranked, 3)
		if err != nil {
			return page, err
		}
		to, after = at[0], ranked{doc: at[2], score: int(at[1])}
	}
	w, err := r.newWalk(q, scope, to)
	if err != nil {
		return page, err
	}
	var all []ranked
	var last int64
	walked, err := r.run(w, "1", func(doc, id int64, visible bool, _ []byte) bool {
		if last = doc; visible {
			all = append(all, ranked{doc: doc, id: id})
		}
		return len(all) < store.RankedMost
	})
	if len(all) == store.RankedMost || walked == maxWalk {
		page.Next = bookmark.Format(bookmark.Ranked, last, topScore, 0)
	}
	if err != nil || len(all) == 0 {
		return page, err
	}
	w.from, w.to = last, all[0].doc+1
	if err := r.score(w, q, scope, all); err != nil {
		return page, err
	}
	slices.SortFunc(all, ranked.compare)
	all = slices.DeleteFunc(all, func(x ranked) bool { return after.compare(x) >= 0 })
	if limit := ticket.PageSize(q.Filter.Limit); len(all) > limit {
		all = all[:limit]
		page.Next = bookmark.Format(bookmark.Ranked, to, int64(all[limit-1].score), all[limit-1].doc)
	}
	for _, x := range all {
		t, err := r.ticket(x.id)
		if err != nil {
			return page, err
		}
		page.Tickets = append(page.Tickets, t)
	}
	return page, nil
}

// score adds up what each entry of the question counts for the documents of a walk.
func (r *reader) score(w matchWalk, q store.SearchQuery, scope ticket.Scope, all []ranked) error {
	at := make(map[int64]int, len(all))
	for i, x := range all {
		at[x.doc] = i
	}
	for _, entry := range q.All {
		best := make([]int, len(all))
		for i := range best {
			best[i] = 1
		}
		for _, c := range store.Columns(scope) {
			if c.Weight() == 1 {
				continue
			}
			err := r.ses.each(func(rows *sql.Rows) error {
				var doc int64
				err := rows.Scan(&doc)
				if i, ok := at[doc]; ok {
					best[i] = max(best[i], c.Weight())
				}
				return err
			}, "SELECT rowid FROM {p}search WHERE {p}search MATCH ? AND rowid >= ? AND rowid < ?", "("+w.match+") AND "+anyPhrase([]store.Column{c}, entry), w.from, w.to)
			if err != nil {
				return err
			}
		}
		for i := range all {
			all[i].score += best[i]
		}
	}
	return nil
}

// matchOf writes a question in the language of the index (https://sqlite.org/fts5.html, 3).
func matchOf(q store.SearchQuery, scope ticket.Scope) string {
	columns := store.Columns(scope)
	var all []string
	for _, entry := range q.All {
		all = append(all, anyPhrase(columns, entry))
	}
	if len(q.Who) > 0 {
		var own []string
		for _, w := range q.Who {
			own = append(own, quoted(apartToken+w))
		}
		all = append(all, "("+strings.Join(own, " OR ")+")")
	}
	if len(all) == 0 {
		all = []string{quoted(everyDocument)}
	}
	match := "(" + strings.Join(all, " AND ") + ")"
	if len(q.None) > 0 {
		match += " NOT " + anyPhrase(columns, q.None)
	}
	return match
}

// What stands in the column who begins with a mark that is no letter, so no word is like it: a question about all columns
// need not leave that one out, which would make it look at each place of each word.
const (
	apartToken    = "‖"
	everyDocument = apartToken + "all"  // stands in each
	noDocument    = apartToken + "none" // stands in none
)

// whoOf writes the column who.
func whoOf(tokens string) string {
	var b strings.Builder
	for _, w := range strings.Fields(tokens) {
		b.WriteString(apartToken + w + " ")
	}
	return b.String() + everyDocument
}

// anyPhrase asks for one of several phrases in the columns, or in those that they name.
func anyPhrase(columns []store.Column, phrases []store.Phrase) string {
	var parts []string
	for _, p := range phrases {
		in := columns
		if p.Column != "" {
			in = slices.DeleteFunc(slices.Clone(columns), func(c store.Column) bool { return c != p.Column })
		}
		if len(in) == 0 || len(p.Words) == 0 {
			continue
		}
		names := make([]string, len(in))
		for i, c := range in {
			names[i] = string(c)
		}
		text := quoted(strings.Join(p.Words, " "))
		if len(in) < len(store.Columns(ticket.Scope{Internal: true})) {
			text = "{" + strings.Join(names, " ") + "} : " + text
		}
		if p.Prefix {
			text += " *"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return quoted(noDocument)
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// quoted writes a text so that it is nothing but a text. No other function puts any into a question.
func quoted(text string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, "\x00", " "), `"`, `""`) + `"`
}
