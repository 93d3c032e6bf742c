package remote

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/bookmark"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A search has two ways. What is rare is found by the index of words, and sorted. What is not is found by going through
// the newest documents and looking into each: that is over soon, for there are many. Which of the two costs less is guessed
// by how much of it there is in the newest few documents; the index may still find too much. Either is bounded.
const (
	rare      = 5000      // documents that are sorted
	looks     = 8192      // documents that are looked into for one page
	farthest  = 4 * looks // the same, where few of them are likely to be found, and looked up
	firstLook = 256
	atATime   = 4096 // of them: MariaDB copies what it looks into
	few       = 4    // of them
	soon      = 1024 // documents to look into are fewer than finding them by the index costs
	atOnce    = 500  // tickets that are asked for at once
)

// place is where a document stands: the newest first.
type place struct{ updated, ticket int64 }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(q.updated, p.updated), cmp.Compare(q.ticket, p.ticket))
}

// top is before every place.
var top = place{1<<63 - 1, 1<<63 - 1}

// hit is a ticket that was found.
type hit struct {
	place
	doc   []byte
	score int
}

// question is one search: what the words must be, what the ticket's row must be, and where in time.
type question struct {
	match   Match
	nothing bool // an entry has no term that could be
	own     bool // of somebody's own tickets, which are few
	ranked  bool // page after page is gathered anew: how must not depend on what is newest
	cond    string
	args    []any
	bounds  string
	between []any
	column  string // what is read of the tickets that are found
}

// Search lists one page; see store.Searcher.
func (s *Store) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	err = s.looking(ctx, func(r *reader) (err error) {
		if q.Ranked {
			page, err = r.searchRanked(q, scope)
		} else {
			page, err = r.searchNewest(q, scope)
		}
		return err
	})
	return page, err
}

func (r *reader) question(q store.SearchQuery, scope ticket.Scope, column string) question {
	f := q.Filter
	f.Deleted, f.Merged, f.Sort, f.Cursor = false, false, "", ""
	w := question{column: column, bounds: "d.updated > " + hidden, own: len(q.Who) > 0, ranked: q.Ranked}
	w.cond, w.args = r.s.d.Lists.Conditions(f, scope)
	w.match, w.nothing = matchOf(q, scope)
	if !f.UpdatedFrom.IsZero() {
		w.bounds, w.between = w.bounds+" AND d.updated >= ?", append(w.between, row.Micros(ticket.Time(f.UpdatedFrom)))
	}
	if !f.UpdatedTo.IsZero() { // a document may be older than its ticket
		w.bounds, w.between = w.bounds+" AND d.updated < ?", append(w.between, row.Micros(ticket.Time(f.UpdatedTo)))
	}
	return w
}

// from bounds a question to what comes after a place.
func (w question) from(p place) (string, []any) {
	if p == top {
		return w.bounds, w.between
	}
	return w.bounds + " AND d.updated <= ? AND (d.updated < ? OR d.ticket < ?)", append(slices.Clip(w.between), p.updated, p.updated, p.ticket)
}

// reach is how far one goes through the newest documents until there is enough: probably so far, and no farther than most.
type reach struct{ far, most int }

// gather finds the newest tickets after a place, as many as are wanted. more is where to go on, nil where nothing is
// left.
func (r *reader) gather(w question, after place, want int) (hits []hit, more *place, err error) {
	if w.nothing {
		return nil, nil, nil
	}
	to, first := reach{most: looks}, 0
	if !w.own && !w.ranked {
		first = firstLook
		if hits, err = r.looked(w, after, 0, firstLook, want); err != nil {
			return nil, nil, err
		}
		if len(hits) == want {
			return hits, &hits[want-1].place, nil
		}
		if to, err = r.reach(w, after, len(hits), want); err != nil {
			return nil, nil, err
		}
	}
	if r.unit != nil { // others' commits move documents across the border of what was looked into
		hits, first = nil, 0
	}
	late := r.s.d.LateWords && r.unit != nil && r.unit.indexed
	if len(w.match.All) > 0 && !late && to.far == 0 {
		list, all, err := r.byWords(w, after)
		if err != nil {
			return nil, nil, err
		}
		if all {
			return r.among(w, list, want)
		}
	}
	return r.byTime(w, after, hits, first, want, to)
}

// reach guesses how far one has to go where so many were found in the newest few documents: 0 where the index of words finds
// all that there is at less cost.
func (r *reader) reach(w question, after place, found, want int) (to reach, err error) {
	to = reach{farthest, looks}
	if found > 0 {
		to.far = want * firstLook / found
	}
	if to.far <= soon || len(w.match.All) == 0 {
		return to, nil
	}
	exact, is := r.s.d.Holds(w.match)
	words, with := r.s.d.Holds(w.match.apart())
	bounds, between := w.from(after)
	var documents, having, fit int // or somewhat more documents: numbers of tickets jump
	text := "SELECT (SELECT coalesce(max(ticket), 0) FROM {p}documents), count(*), coalesce(sum(CASE WHEN " + exact + " THEN 1 ELSE 0 END), 0) FROM (SELECT d.words FROM {p}documents d WHERE " + bounds +
		" ORDER BY d.updated DESC, d.ticket DESC LIMIT ?) d WHERE " + words
	if _, err := r.ses.row("search", text, []any{&documents, &having, &fit}, slices.Concat(is, between, []any{firstLook}, with)...); err != nil {
		return to, err
	}
	if fit <= few { // what is common and yet not found is hidden, and each of it is looked up
		to.most = farthest
	}
	if all := documents / firstLook * having; all <= rare/2 && all < to.far {
		to.far = 0
	}
	return to, nil
}

// byWords finds places by the index of words; all is false where there are too many. It asks the index for what costs least,
// and those documents for the rest: somebody's own tickets are few, whatever stands in them, and phrases are not indexed.
func (r *reader) byWords(w question, after place) (list []place, all bool, err error) {
	easy := w.match
	switch {
	case w.own:
		easy = Match{All: w.match.All[len(w.match.All)-1:]}
	case w.match.phrases():
		easy = w.match.apart()
	default:
		return r.indexed(w, after, easy, "1", nil)
	}
	words, with := r.s.d.Holds(w.match)
	return r.indexed(w, after, easy, "CASE WHEN "+words+" THEN 1 ELSE 0 END", with)
}

// indexed lists the documents which the index finds, and of which is true what is asked of them.
func (r *reader) indexed(w question, after place, m Match, is string, with []any) (list []place, all bool, err error) {
	cond, args := r.s.d.Find(m)
	bounds, between := w.from(after)
	found := 0
	err = r.ses.each("list documents", "SELECT d.updated, d.ticket, "+is+" FROM {p}documents d WHERE "+cond+" AND "+bounds+" LIMIT ?", func(scan Scan) error {
		var p place
		var fits int
		if err := scan(&p.updated, &p.ticket, &fits); err != nil {
			return err
		}
		if found++; fits == 1 {
			list = append(list, p)
		}
		return nil
	}, slices.Concat(with, args, between, []any{rare + 1})...)
	slices.SortFunc(list, place.compare)
	return list, found <= rare, err
}

// among looks which of the places are those of tickets that are looked for.
func (r *reader) among(w question, list []place, want int) (hits []hit, more *place, err error) {
	for len(list) > 0 && len(hits) < want {
		n := min(len(list), max(atOnce, want))
		seen, err := r.visible(w, list[:n])
		if err != nil {
			return nil, nil, err
		}
		for _, p := range list[:n] {
			if doc, ok := seen[p.ticket]; ok && len(hits) < want {
				hits = append(hits, hit{place: p, doc: doc})
			}
		}
		list = list[n:]
	}
	return hits, nil, nil
}

// visible reads those of the tickets that are looked for.
func (r *reader) visible(w question, list []place) (map[int64][]byte, error) {
	args := slices.Clone(w.args)
	for _, p := range list {
		args = append(args, p.ticket)
	}
	out := map[int64][]byte{}
	err := r.ses.each("read tickets", "SELECT t.id, "+w.column+" FROM {p}tickets t WHERE "+w.cond+" AND t.id IN (?"+strings.Repeat(", ?", len(list)-1)+")", func(scan Scan) error {
		var id int64
		var doc []byte
		err := scan(&id, &doc)
		out[id] = doc
		return err
	}, args...)
	return out, err
}

// byTime goes through the newest documents, behind the first of them, in which hits were found.
func (r *reader) byTime(w question, after place, hits []hit, first, want int, to reach) ([]hit, *place, error) {
	n := min(max(4*firstLook, to.far*3/2), atATime)
	for looked := 0; looked < to.most; n = min(4*n, atATime, to.most-looked) {
		list, err := r.looked(w, after, first, n, want-len(hits))
		if err != nil {
			return nil, nil, err
		}
		if hits = append(hits, list...); len(hits) == want {
			return hits, &hits[want-1].place, nil
		}
		there, err := r.skip(w, &after, first+n)
		if err != nil || !there {
			return hits, nil, err
		}
		looked, first = looked+n, 0
	}
	return hits, &after, nil
}

// looked looks into the n documents behind the next offset ones until enough is found.
func (r *reader) looked(w question, after place, offset, n, want int) ([]hit, error) {
	words, with := r.s.d.Holds(w.match)
	bounds, between := w.from(after)
	args := slices.Concat(between, []any{n, offset}, with, w.args, []any{want})
	return several(r, "documents", func(scan Scan) (h hit, err error) { return h, scan(&h.updated, &h.ticket, &h.doc) }, "SELECT d.updated, d.ticket, "+w.column+` FROM
		(SELECT d.updated, d.ticket, d.words FROM {p}documents d WHERE `+bounds+` ORDER BY d.updated DESC, d.ticket DESC LIMIT ? OFFSET ?) d
		JOIN {p}tickets t ON t.id = d.ticket WHERE `+words+" AND "+w.cond+" ORDER BY d.updated DESC, d.ticket DESC LIMIT ?", args...)
}

// skip moves a place n documents on; there reports whether there are so many.
func (r *reader) skip(w question, at *place, n int) (there bool, err error) {
	bounds, between := w.from(*at)
	text := "SELECT d.updated, d.ticket FROM {p}documents d WHERE " + bounds + " ORDER BY d.updated DESC, d.ticket DESC LIMIT 1 OFFSET ?"
	return r.ses.row("search", text, []any{&at.updated, &at.ticket}, append(slices.Clone(between), n-1)...)
}

func (r *reader) searchNewest(q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	after := top
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Newest, 2)
		if err != nil {
			return page, err
		}
		after = place{at[0], at[1]}
	}
	limit := ticket.PageSize(q.Filter.Limit)
	hits, more, err := r.gather(r.question(q, scope, "t.doc"), after, limit+1)
	if err != nil {
		return page, err
	}
	if len(hits) > limit {
		hits, more = hits[:limit], &hits[limit-1].place
	}
	for _, h := range hits {
		t := new(ticket.Ticket)
		if err := row.Decode(h.doc, t); err != nil {
			return page, err
		}
		page.Tickets = append(page.Tickets, t)
	}
	if more != nil {
		page.Next = bookmark.Format(bookmark.Newest, more.updated, more.ticket)
	}
	return page, nil
}
