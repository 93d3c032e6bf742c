package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// servedWalk goes on by one statement at a time: all arms from where the last statement ended, merged by the server.
type servedWalk struct {
	r    Reader
	l    *listing
	path path
	few  int // see race.enter
}

// leastBatch is how many tickets a statement looks at, at least, where not all of them are in the list.
const leastBatch = 64

func (s *servedWalk) advance(ctx context.Context, w *walk, want, tickets int) error {
	if len(s.path.arms) == 0 {
		w.done = true
		return nil
	}
	if s.few > 0 {
		text, args := s.l.fewText(s.path, w.ph, s.few, s.r.Reach.Few+1)
		w.done = true
		_, err := s.read(ctx, w, want, text, args)
		return err
	}
	for until := w.walked + tickets; len(w.hits) < want && w.walked < until && !w.done; {
		ph := w.ph
		if w.last != nil {
			ph.from = s.l.cursorAt(*w.last)
		}
		n := min(s.batch(w, want), until-w.walked)
		text, args := s.l.pageText(s.path, ph, n)
		read, err := s.read(ctx, w, want, text, args)
		if err != nil {
			return err
		}
		w.done = read < n && len(w.hits) < want
	}
	return nil
}

// batch is how many tickets are probably enough.
func (s *servedWalk) batch(w *walk, want int) int {
	missing := want - len(w.hits)
	switch {
	case s.path.exact:
		return missing
	case w.walked == 0 && s.nearly(w.ph):
		return missing + missing/8
	case w.walked == 0:
		return max(missing*3/2, leastBatch)
	case len(w.hits) == 0:
		return s.r.Reach.Walk
	}
	return max(missing*w.walked/len(w.hits)*5/4, leastBatch)
}

// nearly reports whether the path is exact but for deleted tickets and merged ones, which are few.
func (s *servedWalk) nearly(ph phase) bool {
	other := func(c condition) bool { return c.of != "box" }
	return !slices.ContainsFunc(s.l.complete(s.path, ph), func(a arm) bool { return slices.ContainsFunc(a.rest, other) })
}

// read takes over what a statement finds, and says how many tickets it looked at.
func (s *servedWalk) read(ctx context.Context, w *walk, want int, text string, args []any) (n int, err error) {
	all, page := make([]found, 0, min(want, leastBatch)), taker{l: s.l, room: s.l.limit - len(w.hits)}
	err = s.r.Source.Each(ctx, func(scan func(...any) error) error {
		var f found
		page.into = &f
		err := scan(w.ph.next(&f, &page)...)
		all = append(all, f)
		return err
	}, text, args...)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(all, w.ph.compare) // which they are, but no database says so
	w.walked += len(all)
	for _, f := range all {
		if len(w.hits) >= want {
			break
		}
		place := f
		place.doc, place.ticket = nil, nil
		if w.look(place, f.shown()) {
			w.hits = append(w.hits, f)
		}
	}
	return len(all), nil
}

// taker takes documents as a driver holds them: those of the page are decoded at once, while the server goes on, and none
// is copied.
type taker struct {
	l    *listing
	room int // in the page
	into *found
}

// Scan implements sql.Scanner.
func (t *taker) Scan(src any) error {
	switch doc := src.(type) {
	case nil:
		return nil
	case []byte:
		return t.ScanBytes(doc)
	case string:
		return t.ScanBytes([]byte(doc))
	}
	return fmt.Errorf("a document is a %T", src)
}

// ScanBytes is what pgx calls in its place.
func (t *taker) ScanBytes(doc []byte) error {
	switch {
	case doc == nil: // the ticket is not in the list
		return nil
	case t.room <= 0 || t.l.doc != document:
		t.into.doc = slices.Clone(doc)
		return nil
	}
	t.room--
	t.into.doc = doc
	err := t.l.decode(t.into)
	t.into.doc = nil
	return err
}

func (s *servedWalk) close() {}

// pageText reads the next tickets of a path, at most so many. What the indexes do not answer is asked of each, and shows
// in the document.
func (l *listing) pageText(p path, ph phase, most int) (string, []any) {
	arms := l.complete(p, ph)
	if len(arms) == 1 && arms[0].of == tickets {
		a := arms[0]
		at, id := ph.place(a)
		shown, args := shownIf(a.rest, l.doc)
		where, walked := l.d.where(a)
		return "SELECT " + at + ", " + id + ", " + shown + " FROM " + l.d.from(a) + where + order(ph.desc, ph.sorted(at, id)...) +
			" LIMIT " + l.d.limit, append(append(args, walked...), most)
	}
	if l.d.lazy && disjoint(arms) {
		return l.sideText(arms, ph, most)
	}
	texts, args := make([]string, len(arms)), []any(nil)
	for i, a := range arms {
		at, id := ph.place(a)
		where, walked := l.d.where(a)
		texts[i] = "SELECT " + at + " AS at, " + id + " AS id FROM " + l.d.from(a) + where + order(ph.desc, ph.sorted(at, id)...) + " LIMIT " + l.d.limit
		args = append(append(args, walked...), most)
	}
	return l.merged(texts, args, ph, most, l.unanswered(arms, ph))
}

// disjoint reports whether no ticket is met by two arms: they walk one index, each for a value of its own.
func disjoint(arms []arm) bool {
	return !slices.ContainsFunc(arms, func(a arm) bool { return a.of != tickets || a.index != arms[0].index })
}

// sideText has the arms read side by side, each as far as it is needed, with their documents.
func (l *listing) sideText(arms []arm, ph phase, most int) (string, []any) {
	texts, args := make([]string, len(arms)), []any(nil)
	for i, a := range arms {
		at, id := ph.place(a)
		shown, asked := shownIf(a.rest, l.doc)
		where, walked := l.d.where(a)
		texts[i] = "(SELECT " + at + " AS at, " + id + " AS id, " + shown + " AS doc FROM " + l.d.from(a) + where + order(ph.desc, ph.sorted(at, id)...) +
			" LIMIT " + l.d.limit + ")"
		args = append(append(append(args, asked...), walked...), most)
	}
	return "SELECT w.at, w.id, w.doc FROM (" + strings.Join(texts, " UNION ALL ") + ") w" + order(ph.desc, ph.sorted("w.at", "w.id")...) + " LIMIT " + l.d.limit,
		append(args, most)
}

// merged reads the tickets whose places several queries select, each once.
func (l *listing) merged(texts []string, args []any, ph phase, most int, conds []condition) (string, []any) {
	from := texts[0]
	switch {
	case len(texts) > 1 && l.d.lazy:
		from = "SELECT DISTINCT u.at, u.id FROM ((" + strings.Join(texts, ") UNION ALL (") + ")) u" + order(ph.desc, ph.sorted("u.at", "u.id")...) + " LIMIT " + l.d.limit
		args = append(args, most)
	case len(texts) > 1:
		from = "(" + strings.Join(texts, ") UNION (") + ")" + order(ph.desc, ph.sorted("at", "id")...) + " LIMIT " + l.d.limit
		args = append(args, most)
	}
	shown := "SELECT " + l.doc + " FROM {p}tickets t WHERE t.id = w.id"
	var asked []any
	if len(conds) > 0 {
		var cond string
		cond, asked = all(conds)
		shown += " AND " + cond
	}
	return "SELECT w.at, w.id, (" + shown + ") FROM (" + from + ") w", append(asked, args...)
}

// unanswered are the conditions that not every arm answers. Of those that arms ask in a form of their own it is the one
// that holds for all.
func (l *listing) unanswered(arms []arm, ph phase) (out []condition) {
	for _, c := range slices.Concat(l.asked, ph.asked(l.d), l.seen) {
		same := func(r condition) bool { return r.of == c.of }
		if slices.ContainsFunc(arms, func(a arm) bool { return slices.ContainsFunc(a.rest, same) }) {
			out = append(out, c)
		}
	}
	return out
}

// fewText sorts what a path meets, of which there is no more than few.
func (l *listing) fewText(p path, ph phase, most int, few int64) (string, []any) {
	texts, args := make([]string, len(p.arms)), []any(nil)
	at, id := ph.place(arm{})
	for i, a := range p.arms {
		conds := l.rest(a, ph)
		if ph.from != nil {
			begins := ph.begins(at, id)
			conds = append(slices.Clip(conds), condition{"", begins.text(either), begins.args(either)})
		}
		text, walked := l.d.metText(p, a, few)
		args = append(args, walked...)
		joins := around(l.d.ticket, "k.id")
		if ph.field != "" && !ph.valueless {
			joins, args = joins+l.d.value, append(args, ph.field)
		}
		where := ""
		if len(conds) > 0 {
			cond, asked := all(conds)
			where, args = " WHERE "+cond, append(args, asked...)
		}
		texts[i] = "SELECT " + at + " AS at, " + id + " AS id FROM (" + text + ") k" + joins + where +
			order(ph.desc, ph.sorted(at, id)...) + " LIMIT " + l.d.limit
		args = append(args, most)
	}
	return l.merged(texts, args, ph, most, nil)
}

// metText selects the ids that an arm of a path meets, at most so many.
func (d *Dialect) metText(p path, a arm, most int64) (string, []any) {
	where, args := d.where(a)
	sorted := ""
	if d.ordered {
		sorted = order(false, a.first(p), a.of.id)
	}
	return "SELECT " + a.of.id + " AS id FROM " + d.from(a) + where + sorted + " LIMIT " + d.limit, append(args, most)
}

// first is the column that the index of an arm goes on with behind those of which it has one value.
func (a arm) first(p path) string {
	switch {
	case p.by != "":
		return a.of.alias + "." + p.by
	case a.of == values:
		return valueColumn[0]
	}
	return a.limits[0].columns[0]
}

// fewest returns the first path that meets few tickets. All are counted in one statement.
func (r Reader) fewest(ctx context.Context, paths []path) (path, bool, error) {
	if i := slices.IndexFunc(paths, func(p path) bool { return len(p.arms) == 0 }); i >= 0 {
		return paths[i], true, nil
	}
	if len(paths) == 0 {
		return path{}, false, nil
	}
	text, args := r.Dialect.countsText(paths, r.Reach.Few+1)
	counts, into := make([]int64, len(paths)), make([]any, len(paths))
	for i := range counts {
		into[i] = &counts[i]
	}
	err := r.Source.Each(ctx, func(scan func(...any) error) error { return scan(into...) }, text, args...)
	i := slices.IndexFunc(counts, func(n int64) bool { return n <= r.Reach.Few })
	if err != nil || i < 0 {
		return path{}, false, err
	}
	return paths[i], true, nil
}

// countsText counts what each path meets, as far as most.
func (d *Dialect) countsText(paths []path, most int64) (string, []any) {
	counts, args := make([]string, len(paths)), []any(nil)
	for i, p := range paths {
		texts := make([]string, len(p.arms))
		for j, a := range p.arms {
			text, walked := d.metText(p, a, most)
			texts[j], args = text, append(args, walked...)
		}
		from := texts[0]
		if len(texts) > 1 {
			from, args = "("+strings.Join(texts, ") UNION ALL (")+") LIMIT "+d.limit, append(args, most)
		}
		counts[i] = "(SELECT count(*) FROM (" + from + ") c)"
	}
	return "SELECT " + strings.Join(counts, ", "), args
}
