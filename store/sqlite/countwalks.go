package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tallyWalked adds what scope sees for reasons by which no numbers are kept: it looks at the newest tickets of each
// reason, and says whether there are more of one.
func (r *reader) tallyWalked(out *store.Tallies, q store.TallyQuery, scope ticket.Scope) error {
	if scope.All {
		return nil
	}
	seen, limit := map[int64]bool{}, tally.Limit(q)
	for _, w := range countWalks(q, scope) {
		n := 0
		err := r.ses.each(func(rows *sql.Rows) error {
			t, box, err := scanCounted(rows)
			if n++; err != nil || n > limit || seen[t.ID] || box >= row.BoxDeleted {
				return err
			}
			if kept := tally.InPlace(scope, t) || (q.By != store.TallyTags && tally.Own(scope, t)); !kept && w.holds(t) {
				seen[t.ID] = true
				out.Rows = append(out.Rows, tally.Of(q, t)...)
			}
			return nil
		}, w.text(q), append(w.args, limit+1)...)
		if err != nil {
			return err
		}
		out.More = out.More || n > limit
	}
	return nil
}

// countWalk goes through the newest tickets that somebody sees for one reason.
type countWalk struct {
	from   string // selects ids
	args   []any
	places []ticket.Place // where it counts; none means everywhere
	guests bool           // counts what nobody with an id has requested
}

// holds reports whether the walk counts a ticket.
func (w countWalk) holds(t *ticket.Ticket) bool {
	if w.guests && t.Requester.ID != "" {
		return false
	}
	for _, p := range w.places {
		if p.Holds(t) {
			return true
		}
	}
	return len(w.places) == 0
}

// text reads the columns that are counted by. The inner query is the walk, which ends at the limit whatever comes of it.
func (w countWalk) text(q store.TallyQuery) string {
	tags := "NULL"
	if q.By == store.TallyTags {
		tags = "json_extract(t.doc, '$.tags')"
	}
	return "SELECT t.id, t.box, t.folder, t.brand, t.department, t.class, t.status, t.unread, t.assignee, t.requester, " + tags + " FROM (" + w.from +
		" ORDER BY updated DESC LIMIT ?+0) w CROSS JOIN {p}tickets t ON t.id = w.id"
}

func scanCounted(rows *sql.Rows) (*ticket.Ticket, int, error) {
	var t ticket.Ticket
	var box int
	var tags sql.NullString
	err := rows.Scan(&t.ID, &box, &t.Folder, &t.Brand, &t.Department, &t.Class, &t.Status, &t.UnreadByStaff, &t.Assignee, &t.Requester.ID, &tags)
	if err == nil && tags.Valid {
		err = json.Unmarshal([]byte(tags.String), &t.Tags)
	}
	return &t, box, err
}

// countWalks lists the reasons for which scope sees tickets beside where they lie. What an agent has is among them for tags
// only.
func countWalks(q store.TallyQuery, s ticket.Scope) (out []countWalk) {
	facet := func(kind int, value string, places []ticket.Place) {
		out = append(out, countWalk{from: "SELECT ticket AS id FROM {p}facets WHERE kind = ? AND value = ?", args: []any{kind, value}, places: places})
	}
	own := func(column, value string) {
		text := "SELECT id FROM {p}tickets INDEXED BY {p}tickets_" + column + " WHERE " + column + " <> '' AND " + column + " = ?"
		out = append(out, countWalk{from: text, args: []any{value}, guests: column == guestColumn})
	}
	if s.Agent != "" {
		facet(row.FacetWatcher, s.Agent, s.AgentPlaces)
	}
	if s.Agent != "" && q.By == store.TallyTags {
		for _, box := range []int{row.BoxInbox, row.BoxArchive, row.BoxSpam, row.BoxOther} {
			text := "SELECT id FROM {p}tickets INDEXED BY {p}tickets_assignee WHERE box = ? AND assignee = ?"
			out = append(out, countWalk{from: text, args: []any{box, s.Agent}, places: s.AgentPlaces})
		}
	}
	if s.Requester != "" {
		own("requester", s.Requester)
	}
	for _, o := range distinct(s.Organisations, func(o string) string { return o }) {
		own("organisation", o)
	}
	for _, e := range distinct(s.Emails, ticket.NormalizeEmail) {
		own(guestColumn, e)
		facet(row.FacetParticipant, e, nil)
	}
	return out
}

// CountTickets counts along the same walks as Tickets lists, over as many as some pages read; see store.Reader.
func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Count{}, err
	}
	if limit <= 0 {
		return ticket.Count{}, invalid("limit", ticket.FaultOutOfRange, "must be above 0")
	}
	q.Sort, q.Cursor, q.Limit, q.After, q.Before = "", "", 0, nil, nil
	l, err := newListing(q, scope)
	if err != nil {
		return ticket.Count{}, err
	}
	if scope.Only != 0 {
		page, err := r.only(l)
		return ticket.Count{N: len(page.Tickets)}, err
	}
	l.limit, l.doc = limit, "1"
	defer r.ses.free()
	for looked := 0; ; looked += l.walked {
		l.walked = 0
		stopped, err := r.walkPhases(ctx, l)
		switch {
		case err != nil:
			return ticket.Count{}, classify("count tickets", err)
		case len(l.hits) > limit, stopped != nil && looked+l.walked >= countReach:
			return ticket.Count{N: min(len(l.hits), limit), More: true}, nil
		case stopped == nil:
			return ticket.Count{N: len(l.hits)}, nil
		}
		l.from = l.cursorAt(*stopped)
	}
}

// countReach is how many tickets a count looks at, more or less: that of some pages.
const countReach = 4 * 5000

// walkPhases walks on until the page is full, enough was looked at, or the list is over.
func (r *reader) walkPhases(ctx context.Context, l *listing) (stopped *found, err error) {
	for _, ph := range l.phases() {
		if stopped, err = r.walkPhase(ctx, l, ph); err != nil || stopped != nil || len(l.hits) > l.limit {
			return stopped, err
		}
	}
	return nil, nil
}
