package lists

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Tally adds to out what scope sees for reasons by which no numbers are kept: it looks at the newest tickets of each
// reason, and says whether there are more of one. Numbers are kept of what scope sees because of where it lies, and, but
// for tags, of what is assigned to its agent.
func (r Reader) Tally(ctx context.Context, out *store.Tallies, q store.TallyQuery, scope ticket.Scope) error {
	if scope.All {
		return nil
	}
	seen, limit := map[int64]bool{}, tally.Limit(q)
	look := func(t *ticket.Ticket, box int, w countWalk) {
		if seen[t.ID] || box >= row.BoxDeleted || !w.holds(t) {
			return
		}
		if kept := tally.InPlace(scope, t) || (q.By != store.TallyTags && tally.Own(scope, t)); !kept {
			seen[t.ID] = true
			out.Rows = append(out.Rows, tally.Of(q, t)...)
		}
	}
	walks := countWalks(q, scope)
	size := 1
	if r.Dialect.served {
		size = len(walks)
	}
	for len(walks) > 0 {
		some := walks[:min(size, len(walks), maxArms)]
		walks = walks[len(some):]
		counts := make([]int, len(some))
		text, args := r.Dialect.countedText(some, q, limit+1)
		err := r.Source.Each(ctx, func(scan func(...any) error) error {
			n, t, box, err := scanCounted(scan)
			if err != nil {
				return err
			}
			if counts[n]++; counts[n] <= limit {
				look(t, box, some[n])
			}
			return nil
		}, text, args...)
		if err != nil {
			return err
		}
		out.More = out.More || slices.Max(counts) > limit
	}
	return nil
}

// countWalk goes through the newest tickets that somebody sees for one reason.
type countWalk struct {
	arm
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

// countedText reads the columns that are counted by, of the tickets of several walks. Each walk ends at the limit whatever
// comes of it.
func (d *Dialect) countedText(walks []countWalk, q store.TallyQuery, limit int) (string, []any) {
	tags := "NULL"
	if q.By == store.TallyTags {
		tags = d.tags
	}
	texts, args := make([]string, len(walks)), []any(nil)
	for i, w := range walks {
		where, walked := d.where(w.arm)
		texts[i] = "SELECT " + strconv.Itoa(i) + ", t.id, t.box, t.folder, t.brand, t.department, t.class, t.status, t.unread, t.assignee, t.requester, " + tags +
			" FROM (SELECT " + w.of.id + " AS id FROM " + d.from(w.arm) + where + order(true, w.of.alias+".updated", w.of.id) + " LIMIT " + d.limit + ") w" +
			around(d.ticket, "w.id")
		args = append(append(args, walked...), limit)
	}
	return strings.Join(texts, " UNION ALL "), args
}

func scanCounted(scan func(...any) error) (n int, t *ticket.Ticket, box int, err error) {
	t = new(ticket.Ticket)
	var unread int
	var tags []byte
	err = scan(&n, &t.ID, &box, (*string)(&t.Folder), &t.Brand, &t.Department, (*string)(&t.Class), &t.Status, &unread, &t.Assignee, &t.Requester.ID, &tags)
	t.UnreadByStaff = unread != 0
	if err == nil && tags != nil {
		err = readTags(tags, t)
	}
	return n, t, box, err
}

// readTags reads the tags of a ticket from a list, or from its document.
func readTags(from []byte, t *ticket.Ticket) error {
	if from[0] != '{' {
		return json.Unmarshal(from, &t.Tags)
	}
	var doc struct{ Tags []string }
	err := json.Unmarshal(from, &doc)
	t.Tags = doc.Tags
	return err
}

// countWalks lists the reasons for which scope sees tickets beside where they lie. What an agent has is among them for tags
// only.
func countWalks(q store.TallyQuery, s ticket.Scope) (out []countWalk) {
	facet := func(kind int, value string, places []ticket.Place) {
		out = append(out, countWalk{arm: faceted(row.Facet{Kind: kind, Value: value}, ""), places: places})
	}
	if s.Agent != "" {
		facet(row.FacetWatcher, s.Agent, s.AgentPlaces)
	}
	if s.Agent != "" && q.By == store.TallyTags {
		for _, box := range []int{row.BoxInbox, row.BoxArchive, row.BoxSpam, row.BoxOther} {
			out = append(out, countWalk{arm: through("assignee").is("t.box", box).is("t.assignee", s.Agent), places: s.AgentPlaces})
		}
	}
	if s.Requester != "" {
		out = append(out, countWalk{arm: own("requester", s.Requester)})
	}
	for _, o := range distinct(s.Organisations, func(o string) string { return o }) {
		out = append(out, countWalk{arm: own("organisation", o)})
	}
	for _, e := range distinct(s.Emails, ticket.NormalizeEmail) {
		out = append(out, countWalk{arm: own(guestColumn, e), guests: true})
		facet(row.FacetParticipant, e, nil)
	}
	return out
}
