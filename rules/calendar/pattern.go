package calendar

import (
	"cmp"
	"slices"
	"sort"
)

// pattern is spans of local time that come again after each period. A pattern knows how much of it has passed at any
// time, and so every question is one of arithmetic, however far apart two moments are.
type pattern struct {
	period, origin int64
	spans          []span  // of one period, in order, apart from each other
	before         []int64 // how much of the period is open before each span
	total          int64
}

// newPattern takes spans that may touch, and that may go beyond the period into the next one.
func newPattern(period, origin int64, list []span) *pattern {
	var cut []span
	for _, s := range list {
		if s.to <= period {
			cut = append(cut, s)
			continue
		}
		cut = append(cut, span{s.from, period}, span{0, s.to - period})
	}
	p := &pattern{period: period, origin: origin, spans: union(cut)}
	for _, s := range p.spans {
		p.before = append(p.before, p.total)
		p.total += s.to - s.from
	}
	return p
}

// union joins spans that touch or overlap.
func union(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, s := range list {
		if last := len(out) - 1; last >= 0 && s.from <= out[last].to {
			out[last].to = max(out[last].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// at is how much has been open since the origin.
func (p *pattern) at(x int64) int64 {
	x -= p.origin
	n := x / p.period
	if x -= n * p.period; x < 0 {
		n, x = n-1, x+p.period
	}
	i := sort.Search(len(p.spans), func(i int) bool { return p.spans[i].from > x }) - 1
	sum := n * p.total
	if i >= 0 {
		sum += p.before[i] + min(x, p.spans[i].to) - p.spans[i].from
	}
	return sum
}

func (p *pattern) between(s span) int64 { return p.at(s.to) - p.at(s.from) }

// piece is a time in which a special period counts and no other does.
type piece struct {
	span
	special int // its place in Calendar.Special
	pattern *pattern
	differs int64 // how much more was open in all pieces before than the week says
}

// occurrence is one of the times at which a special period is.
type occurrence struct {
	span
	special int
}

// pieces divides special periods, which may overlap, into pieces, which do not.
func pieces(list []Special) []piece {
	var all []occurrence
	var cuts []int64
	for i, s := range list {
		for _, p := range s.periods(firstYear-1, lastYear) {
			all, cuts = append(all, occurrence{p, i}), append(cuts, p.from, p.to)
		}
	}
	slices.SortStableFunc(all, func(a, b occurrence) int { return cmp.Compare(a.from, b.from) })
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	patterns := make([]*pattern, len(list))
	var out []piece
	var now []occurrence // those that last
	for n := range max(len(cuts)-1, 0) {
		s := span{cuts[n], cuts[n+1]}
		for ; len(all) > 0 && all[0].from <= s.from; all = all[1:] {
			now = append(now, all[0])
		}
		if now = slices.DeleteFunc(now, func(o occurrence) bool { return o.to <= s.from }); len(now) == 0 {
			continue
		}
		i := slices.MinFunc(now, shorter).special
		if last := len(out) - 1; last >= 0 && out[last].to == s.from && out[last].special == i {
			out[last].to = s.to
			continue
		}
		if patterns[i] == nil {
			patterns[i] = newPattern(day, 0, spansOf(list[i].Hours))
		}
		out = append(out, piece{span: s, special: i, pattern: patterns[i]})
	}
	return out
}

func shorter(a, b occurrence) int {
	return cmp.Or(cmp.Compare(a.to-a.from, b.to-b.from), cmp.Compare(a.special, b.special))
}

func spansOf(list []Span) []span {
	var out []span
	for _, text := range list {
		if s, ok := text.times(); ok {
			out = append(out, s)
		}
	}
	return out
}

// local is a calendar without its zone: all of local time.
type local struct {
	week   *pattern
	pieces []piece // in order
}

// monday is the first one after the beginning of local time, a Thursday.
const monday = 4 * day

func newLocal(c Calendar) *local {
	l := &local{week: newPattern(week, monday, weekSpans(c)), pieces: pieces(c.Special)}
	differs := int64(0)
	for i := range l.pieces {
		p := &l.pieces[i]
		p.differs = differs
		differs += p.pattern.between(p.span) - l.week.between(p.span)
	}
	return l
}

func weekSpans(c Calendar) []span {
	switch c.Mode {
	case AlwaysOpen:
		return []span{{0, week}}
	case AlwaysClosed:
		return nil
	}
	var out []span
	for i, d := range days {
		for _, s := range spansOf(c.Week.On(d)) {
			out = append(out, span{s.from + int64(i)*day, s.to + int64(i)*day})
		}
	}
	return out
}

// last is the last piece that begins at x or before, or -1.
func (l *local) last(x int64) int {
	return sort.Search(len(l.pieces), func(i int) bool { return l.pieces[i].from > x }) - 1
}

// at is how much has been open by then, counted from some fixed time.
func (l *local) at(x int64) int64 {
	sum := l.week.at(x)
	i := l.last(x)
	if i < 0 {
		return sum
	}
	p := &l.pieces[i]
	s := span{p.from, min(x, p.to)}
	return sum + p.differs + p.pattern.between(s) - l.week.between(s)
}

// special is the piece that x lies in, and the next time at which that is another one, or none.
func (l *local) special(x int64) (p *piece, until int64) {
	until = 1<<63 - 1
	i := l.last(x)
	if i+1 < len(l.pieces) {
		until = l.pieces[i+1].from
	}
	if i >= 0 && x < l.pieces[i].to {
		return &l.pieces[i], l.pieces[i].to
	}
	return nil, until
}

// isOpen reports whether the microsecond that begins at x is open.
func (l *local) isOpen(x int64) bool { return l.at(x+1) > l.at(x) }

// worked is the first x of s by which n have been open since it began; n is at least 1 and at most what s has.
func (l *local) worked(s span, n int64) int64 {
	base := l.at(s.from)
	return search(s, func(x int64) bool { return l.at(x)-base >= n })
}

// opens is the first x of s that is open, or its end.
func (l *local) opens(s span) int64 {
	base := l.at(s.from)
	return search(s, func(x int64) bool { return l.at(x+1) > base })
}

// closes is the first x of s that is not, or its end.
func (l *local) closes(s span) int64 {
	base := l.at(s.from)
	return search(s, func(x int64) bool { return l.at(x+1)-base < x+1-s.from })
}

// search is the first x of s for which ok holds, which then holds for all that come after, or its end.
func search(s span, ok func(x int64) bool) int64 {
	from, to := s.from, s.to
	for from < to {
		if mid := from + (to-from)/2; ok(mid) {
			to = mid
		} else {
			from = mid + 1
		}
	}
	return from
}
