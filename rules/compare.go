package rules

import "slices"

// Difference is what two reports do not have in common.
type Difference struct {
	Before []Hit `json:"before,omitempty"` // only in the first
	After  []Hit `json:"after,omitempty"`  // only in the second
	// More says that a report was cut off: see MaxHits and Trial.Tickets. What is listed is right, and there may be more of it.
	More bool `json:"more,omitempty"`
}

// Compare says what another set of rules would do otherwise: reports of the same tickets in the same order, and of the same
// time (X04). Where one was cut off at MaxHits it goes as far as the last ticket with hits that both have in full.
func Compare(before, after Report) Difference {
	a, b := before.whole(), after.whole()
	x, y, both := a, b, lastOfBoth(a, b)
	if after.cut() {
		x = through(a, both)
	}
	if before.cut() {
		y = through(b, both)
	}
	return Difference{Before: only(x, b), After: only(y, a), More: before.More || after.More}
}

// cut reports whether there were more hits than are listed.
func (r Report) cut() bool { return r.More && len(r.Hits) >= MaxHits }

// whole are the hits of the tickets of which all are listed.
func (r Report) whole() []Hit {
	if !r.cut() {
		return r.Hits
	}
	last := r.Hits[len(r.Hits)-1].TicketID
	return r.Hits[:slices.IndexFunc(r.Hits, func(h Hit) bool { return h.TicketID == last })]
}

// lastOfBoth is the last ticket of which both have hits; 0 for none. Up to it, both go over the same tickets.
func lastOfBoth(a, b []Hit) int64 {
	in := map[int64]bool{}
	for _, h := range b {
		in[h.TicketID] = true
	}
	for _, h := range slices.Backward(a) {
		if in[h.TicketID] {
			return h.TicketID
		}
	}
	return 0
}

// through are the hits up to those of a ticket; none where it has none.
func through(list []Hit, id int64) []Hit {
	for i, h := range slices.Backward(list) {
		if h.TicketID == id {
			return list[:i+1]
		}
	}
	return nil
}

// only is what a has and b has not.
func only(a, b []Hit) (out []Hit) {
	in := map[string]bool{}
	for _, h := range b {
		in[jsonText(h)] = true
	}
	for _, h := range a {
		if !in[jsonText(h)] {
			out = append(out, h)
		}
	}
	return out
}
