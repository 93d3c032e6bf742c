package condition

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Narrow returns queries for the tickets that are worth asking at now: every ticket for which the condition holds is
// selected by one of them, deleted and merged tickets apart, and others may be. No queries means that it holds for none.
//
// If since is not zero, only those need be selected for which it holds now and did not at since: those that were updated
// since then, and those that have crossed a threshold. That takes a condition which can change in no other way; one that
// asks for the time otherwise (Facts.Drifts), or for the requester's group, is narrowed as if since were zero. What changes
// without moving UpdatedAt, as working time does, is not among them: the journal has it.
func (c *Condition) Narrow(now, since time.Time) []ticket.Query {
	if c.root == nil {
		return sinceQueries(ticket.Query{}, c.Facts(), now, since)
	}
	var q ticket.Query
	claims := c.schema.implied(part{c.root, true})
	for _, key := range slices.Sorted(maps.Keys(claims)) {
		claim := claims[key]
		if claim.impossible() || !c.schema.narrow(&q, claim, now) {
			return nil
		}
	}
	return sinceQueries(q, c.Facts(), now, since)
}

// sinceQueries divides q by what may have made the condition hold since then.
func sinceQueries(q ticket.Query, facts Facts, now, since time.Time) []ticket.Query {
	if since.IsZero() || facts.Drifts || facts.Group {
		return []ticket.Query{q}
	}
	updated := q.Clone()
	later(&updated.UpdatedFrom, since)
	out := slices.DeleteFunc([]ticket.Query{updated}, void)
	for _, t := range facts.Thresholds {
		crossed := q.Clone()
		from, to := window(&crossed, t.Timestamp)
		if from == nil {
			return []ticket.Query{q}
		}
		later(from, since.Add(-hoursOf(t.Hours)-slack))
		earlier(to, now.Add(-hoursOf(t.Hours)+slack))
		if !void(crossed) {
			out = append(out, crossed)
		}
	}
	return out
}

// void reports whether a period of q has no time in it.
func void(q ticket.Query) bool {
	over := func(from, to time.Time) bool { return !from.IsZero() && !to.IsZero() && !from.Before(to) }
	return over(q.CreatedFrom, q.CreatedTo) || over(q.UpdatedFrom, q.UpdatedTo) || over(q.LastReplyFrom, q.LastReplyTo)
}

// slack is what computing with hours may be wrong by, and more.
const slack = time.Second

// hoursOf is a duration of hours; longer ones than time has are cut to some 200 years.
func hoursOf(h float64) time.Duration {
	const most = 200 * 366 * 24
	return time.Duration(max(-most, min(most, h)) * float64(time.Hour))
}

// window returns the bounds that a query has for a time; nil if it has none.
func window(q *ticket.Query, stamp string) (from, to *time.Time) {
	switch stamp {
	case "ticket.created_at":
		return &q.CreatedFrom, &q.CreatedTo
	case "ticket.updated_at":
		return &q.UpdatedFrom, &q.UpdatedTo
	case "ticket.last_reply_at":
		return &q.LastReplyFrom, &q.LastReplyTo
	}
	return nil, nil
}

func later(bound *time.Time, t time.Time) {
	if bound.IsZero() || t.After(*bound) {
		*bound = t
	}
}

func earlier(bound *time.Time, t time.Time) {
	if bound.IsZero() || t.Before(*bound) {
		*bound = t
	}
}

// implied is what a part claims of each value, by the text of the value.
func (s *Schema) implied(p part) map[string]claim {
	out := map[string]claim{}
	inner, any := p.split()
	if inner == nil {
		for _, c := range s.claims(p.node, p.holds) {
			out[c.left.String()] = merged(out, c)
		}
		return out
	}
	for i, a := range inner {
		of := s.implied(a)
		switch {
		case any && i == 0:
			out = of
		case any:
			for key, c := range out {
				if d, both := of[key]; both {
					out[key] = c.or(d)
				} else {
					delete(out, key)
				}
			}
		default:
			for _, c := range of {
				out[c.left.String()] = merged(out, c)
			}
		}
	}
	return out
}

func merged(all map[string]claim, c claim) claim {
	if d, met := all[c.left.String()]; met {
		return d.and(c)
	}
	return c
}

// narrow adds to q what a claim says, if a query can; false says that nothing can be so.
func (s *Schema) narrow(q *ticket.Query, c claim, now time.Time) bool {
	n := c.left
	switch {
	case n.ages():
		if c.ranged && !c.unset {
			narrowAge(q, c, now)
		}
	case n.op == opField && !n.past && n.kind == Time:
		if from, to := window(q, n.field.Name); from != nil && c.ranged {
			bound(from, c.lo, later, 0)
			bound(to, c.hi, earlier, slack)
		}
	case n.op == opField && !n.past && n.kind == List:
		narrowList(q, n.field, c.has)
	case n.op == opField && !n.past && n.field.code != "":
		narrowCustom(q, n.field, c)
	case n.op == opField && !n.past:
		return s.narrowField(q, n.field, c)
	}
	return true
}

// narrowAge makes bounds of hours.
func narrowAge(q *ticket.Query, c claim, now time.Time) {
	f := c.left.field
	if c.left.op == opCall {
		f = c.left.args[0].field
		if c.left.args[0].past {
			return
		}
	}
	from, to := window(q, stampOf(f))
	if from == nil {
		return
	}
	if !math.IsInf(c.lo, 0) {
		earlier(to, now.Add(-hoursOf(c.lo)+slack))
	}
	if !math.IsInf(c.hi, 0) && c.hi < 100*366*24 {
		later(from, now.Add(-hoursOf(c.hi)-slack))
	}
}

func bound(t *time.Time, seconds float64, set func(*time.Time, time.Time), slack time.Duration) {
	if !math.IsInf(seconds, 0) {
		set(t, time.Unix(int64(seconds), 0).UTC().Add(slack))
	}
}

// findable reports whether a store finds what has the value just as a condition sees it.
func findable(v string) bool {
	return v != "" && len(v) < 200 && !strings.ContainsAny(v, "\r\n") && strings.TrimSpace(v) == v
}

func narrowList(q *ticket.Query, f *Field, has []string) {
	for _, v := range has {
		switch {
		case !findable(v):
		case f.Name == "ticket.tags" && len(q.Tags) < ticket.MaxConditions:
			add(&q.Tags, v)
		case f.Name == "ticket.watchers":
			q.Watcher = v
		case f.Name == "ticket.participants":
			q.Participant = v
		}
	}
}

func narrowCustom(q *ticket.Query, f *Field, c claim) {
	if !c.among || len(q.Fields) == ticket.MaxConditions {
		return
	}
	values := c.values()
	if f.Kind == Bool {
		if len(values) == 1 && values[0] == "true" {
			q.Fields = append(q.Fields, ticket.FieldFilter{Code: f.code, Values: []string{"1"}})
		}
		return
	}
	for _, v := range values {
		if !findable(v) || ticket.KeyOf(v) == "" {
			return
		}
	}
	if f.Kind == Text && len(values) > 0 && len(values) <= ticket.MaxValues {
		q.Fields = append(q.Fields, ticket.FieldFilter{Code: f.code, Values: values})
	}
}

// narrowField narrows by what is no custom field.
func (s *Schema) narrowField(q *ticket.Query, f *Field, c claim) bool {
	values, ok := s.chosen(f, c)
	if !ok {
		return true
	}
	if len(values) == 0 {
		return false
	}
	switch f.Name {
	case "ticket.status":
		q.Statuses = values
	case "ticket.class":
		q.Classes = codes[ticket.Class](values)
	case "ticket.folder":
		q.Folders = codes[ticket.Folder](values)
	case "ticket.department":
		q.Departments = values
	case "ticket.brand":
		q.Brands = values
	case "ticket.priority":
		q.Priorities = values
	case "ticket.channel":
		q.Channels = codes[ticket.Channel](values)
	default:
		narrowOne(q, f, values)
	}
	return true
}

// narrowOne narrows by what a query has one value of.
func narrowOne(q *ticket.Query, f *Field, values []string) {
	if len(values) != 1 {
		return
	}
	v := values[0]
	if f.Name == "ticket.assignee" && v == "" {
		q.Unassigned = true
	}
	switch {
	case f.Name == "ticket.unread_by_staff":
		q.UnreadByStaff = v == "true"
	case f.Name == "ticket.unread_by_client":
		q.UnreadByClient = v == "true"
	case !findable(v):
	case f.Name == "ticket.assignee":
		q.Assignee = v
	case f.Name == "ticket.requester.id":
		q.Requester = v
	case f.Name == "ticket.requester.email":
		q.Email = v
	case f.Name == "ticket.organisation":
		q.Organisation = v
	case f.Name == "ticket.service":
		q.Service = v
	case f.Name == "ticket.external":
		q.External = v
	}
}

// chosen are the values that a field may have; ok says that they can be told, and are not too many for a query.
func (s *Schema) chosen(f *Field, c claim) (values []string, ok bool) {
	fixed := f.Name == "ticket.class" || f.Name == "ticket.folder"
	if c.among {
		values = c.values()
		if fixed {
			values = slices.DeleteFunc(values, func(v string) bool { return !slices.Contains(f.Options, v) })
		}
		return values, len(values) <= ticket.MaxValues
	}
	if len(c.out) == 0 || !f.sure {
		return nil, false
	}
	values = claim{in: f.Options, out: c.out}.values()
	return values, len(values) > 0 && len(values) <= ticket.MaxValues // what is left over may be that it has no value
}

func codes[S ~string](list []string) []S {
	out := make([]S, len(list))
	for i, v := range list {
		out[i] = S(v)
	}
	return out
}
