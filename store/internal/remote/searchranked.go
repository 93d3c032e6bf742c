package remote

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/bookmark"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func better(a, b hit) int {
	return cmp.Or(cmp.Compare(b.score, a.score), a.compare(b.place))
}

// topScore is above every score.
const topScore = 1 << 30

// searchRanked sorts the newest of what is found, and when those are shown the next. The cursor says where they begin,
// so what changes meanwhile leaves the others where they are.
func (r *reader) searchRanked(q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	from, after := top, hit{place: top, score: topScore}
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Ranked, 5)
		if err != nil {
			return page, err
		}
		from, after = place{at[0], at[1]}, hit{place: place{at[2], at[3]}, score: int(at[4])}
	}
	w := r.question(q, scope, "'1'")
	all, more, err := r.gather(w, from, store.RankedMost)
	if err != nil {
		return page, err
	}
	if len(all) == store.RankedMost {
		more = &all[len(all)-1].place
	}
	if more != nil {
		page.Next = bookmark.Format(bookmark.Ranked, more.updated, more.ticket, top.updated, top.ticket, topScore)
	}
	if err := r.score(q, scope, all); err != nil {
		return page, err
	}
	slices.SortFunc(all, better)
	all = slices.DeleteFunc(all, func(h hit) bool { return better(after, h) >= 0 })
	if limit := ticket.PageSize(q.Filter.Limit); len(all) > limit {
		all = all[:limit]
		last := all[limit-1]
		page.Next = bookmark.Format(bookmark.Ranked, from.updated, from.ticket, last.updated, last.ticket, int64(last.score))
	}
	page.Tickets, err = r.read(all)
	return page, err
}

// read reads the tickets of hits, in their order.
func (r *reader) read(hits []hit) ([]*ticket.Ticket, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	list := make([]place, len(hits))
	for i, h := range hits {
		list[i] = h.place
	}
	docs, err := r.visible(question{cond: "1 = 1", column: "t.doc"}, list)
	var out []*ticket.Ticket
	for _, h := range hits {
		t := new(ticket.Ticket)
		if err == nil {
			err = row.Decode(docs[h.ticket], t)
		}
		out = append(out, t)
	}
	return out, err
}

// score adds up what each entry of the question counts for the documents that were found.
func (r *reader) score(q store.SearchQuery, scope ticket.Scope, all []hit) error {
	if len(all) == 0 || len(q.All) == 0 {
		return nil
	}
	var sum []string
	var args []any
	for _, entry := range q.All {
		text := "CASE"
		for _, c := range []store.Column{store.ColumnCodes, store.ColumnSubject, store.ColumnPeople} {
			if list := terms(entry, []store.Column{c}); len(list) > 0 {
				cond, with := r.s.d.Holds(Match{All: [][]Term{list}})
				text, args = text+" WHEN "+cond+" THEN "+string(rune('0'+c.Weight())), append(args, with...)
			}
		}
		if text == "CASE" {
			text += " WHEN 1 = 1 THEN 1"
		}
		sum = append(sum, text+" ELSE 1 END")
	}
	at := make(map[int64]int, len(all))
	for i, h := range all {
		at[h.ticket] = i
		args = append(args, h.ticket)
	}
	text := "SELECT d.ticket, " + strings.Join(sum, " + ") + " FROM {p}documents d WHERE d.ticket IN (?" + strings.Repeat(", ?", len(all)-1) + ")"
	return r.ses.each("rank documents", text, func(scan Scan) error {
		var id int64
		var score int
		err := scan(&id, &score)
		all[at[id]].score = score
		return err
	}, args...)
}
