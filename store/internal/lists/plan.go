package lists

import (
	"context"
	"slices"
)

// complete returns the arms of a path with what their walks do not answer, and where the page begins.
func (l *listing) complete(p path, ph phase) []arm {
	out := make([]arm, len(p.arms))
	for i, a := range p.arms {
		out[i] = l.whole(p, a, ph)
	}
	return out
}

// exact reports whether everything that a path meets is in the phase.
func (l *listing) exact(p path, ph phase) bool {
	asked := slices.Concat(l.asked, ph.asked(l.d), l.seen)
	bounded := func(of string) bool { return of == ph.column && p.by == ph.column && (ph.from == nil || l.d.served) }
	return !slices.ContainsFunc(p.arms, func(a arm) bool {
		return len(a.rest) > 0 || slices.ContainsFunc(asked, func(c condition) bool { return !slices.Contains(a.answers, c.of) && !bounded(c.of) })
	})
}

// way is a path that is made when it is tried; false if there is none.
type way func() (path, bool)

func made(p path) way { return func() (path, bool) { return p, true } }

// ways returns the ways to walk a phase in its order, all of which find the same tickets: one that is exact alone, or
// else those that are worth trying, the one that most probably looks at the fewest tickets first.
func (r Reader) ways(ctx context.Context, l *listing, ph phase) (ways []way, exact bool, err error) {
	main, err := r.orderPath(ctx, l, ph)
	if err != nil {
		return nil, false, err
	}
	var paths []path
	if ph.column == "updated" {
		paths = append(l.personPaths(), l.boxPaths(ph)...)
	}
	if p, ok := l.exactPath(append(slices.Clip(paths), main), ph); ok {
		return []way{made(p)}, true, nil
	}
	for _, p := range paths[:min(len(paths), maxWays-2)] {
		ways = append(ways, made(p))
	}
	if ph.column == "updated" && !l.scope.All {
		ways = append(ways, l.scopePath)
	}
	if ph.priority != nil || ph.others != nil {
		return append([]way{made(main)}, ways...), false, nil
	}
	return append(ways, made(main)), false, nil
}

// exactPath returns one of the paths that is exact, or the scope's own.
func (l *listing) exactPath(paths []path, ph phase) (path, bool) {
	if !l.scope.All && ph.column == "updated" && l.scopeAnswers() {
		if p, ok := l.scopePath(); ok {
			paths = append(paths, p)
		}
	}
	i := slices.IndexFunc(paths, func(p path) bool { return l.exact(p, ph) })
	if i < 0 {
		return path{}, false
	}
	return paths[i], true
}

// scopeAnswers reports whether the scope's own path may answer all that is asked: it walks boxes and, in them, one column
// for each part. It is not made in vain, for it may have many arms.
func (l *listing) scopeAnswers() bool {
	return !slices.ContainsFunc(l.asked, func(c condition) bool {
		others := func(p part) bool { return p.column != c.of }
		return c.of != "box" && c.of != "folder" && slices.ContainsFunc(l.parts, others)
	})
}

// orderPath is that of the listing; where priorities without a rank are walked they are looked up before.
func (r Reader) orderPath(ctx context.Context, l *listing, ph phase) (path, error) {
	if ph.others == nil {
		return l.orderPath(ph), nil
	}
	codes, err := r.unranked(ctx, boxesOf(l.q), ph.others)
	if err != nil {
		return path{}, err
	}
	if len(codes)*len(boxesOf(l.q)) > maxArms {
		return l.orderPath(phase{column: ph.column}), nil
	}
	p := path{by: "updated"}
	for _, a := range l.boxed("priority", "priority", codes) {
		a.answers = slices.DeleteFunc(a.answers, func(of string) bool { return of == "priority" }) // q may ask for some of them
		p.arms = append(p.arms, a.answering("others"))
	}
	return p, nil
}

// Reach is how far lists go. The zero value is that of UsualReach.
type Reach struct {
	// Walk is how many tickets are looked at for one page, more or less: a page of which few tickets are in the list ends
	// there, and its cursor stands where the walk stopped.
	Walk int
	// Slice is how many tickets each plan looks at, at least, before it is compared with the others.
	Slice int
	// Few is how many are sorted for a list that is in another order than what they were found by.
	Few int64
}

// UsualReach is what stores go by.
var UsualReach = Reach{Walk: 4000, Slice: 256, Few: 1000}

// maxWays is how many ways are tried.
const maxWays = 8

// walkPhase walks a phase and adds what it finds to the listing. stopped is the last place that was looked at where it
// ended before the page was full and the phase over.
func (r Reader) walkPhase(ctx context.Context, l *listing, ph phase) (stopped *found, err error) {
	if ph.single, err = r.isSingle(ctx, l, ph); err != nil {
		return nil, err
	}
	ways, exact, err := r.ways(ctx, l, ph)
	if err != nil {
		return nil, err
	}
	x := &race{l: l, ph: ph, reach: r.Reach, want: l.limit + 1 - len(l.hits)}
	defer x.close()
	for i, way := range ways {
		p, ok := way()
		if !ok || (i > 0 && x.left() <= 0) {
			continue
		}
		p.exact = exact
		w := x.enter(r, p, 0)
		if ended, err := x.advance(ctx, w, max(x.reach.Slice, 2*x.want)); err != nil || ended {
			return nil, err
		}
		if i > 0 || exact || x.left() <= 0 {
			continue
		}
		few, ok, err := r.fewPath(ctx, l, ph)
		if err != nil {
			return nil, err
		}
		if ok {
			_, err := x.advance(ctx, x.enter(r, few, x.want), x.want*len(few.arms)+1)
			return nil, err
		}
	}
	return x.finish(ctx)
}

// fewPath looks for a way to the tickets of a phase that meets only few of them, which then can be sorted.
func (r Reader) fewPath(ctx context.Context, l *listing, ph phase) (p path, ok bool, err error) {
	paths := l.fewPaths(ph)
	if r.Dialect.served {
		return r.fewest(ctx, paths)
	}
	for _, p := range paths {
		if ok, err = r.isFew(ctx, p); err != nil || ok {
			return p, ok, err
		}
	}
	return path{}, false, nil
}

// fewPaths are the ways to tickets that would have to be sorted.
func (l *listing) fewPaths(ph phase) []path {
	paths := append(l.loosePaths(), l.personPaths()...)
	if p, ok := l.scopePath(); ok {
		paths = append(paths, p)
	}
	paths = append(paths, l.boxPaths(ph)...)
	if l.q.Deleted || len(l.q.Folders) > 0 {
		paths = append(paths, path{by: "updated", arms: l.boxed("updated", "", nil)})
	}
	paths = slices.DeleteFunc(paths, func(p path) bool { return p.by != "" && p.by == ph.column })
	return paths[:min(len(paths), maxWays)]
}

// isFew reports whether the walks of a path meet few tickets.
func (r Reader) isFew(ctx context.Context, p path) (bool, error) {
	left := r.Reach.Few
	for _, a := range p.arms {
		text, args := r.Dialect.countText(a, left+1)
		n, err := r.number(ctx, text, args...)
		if left -= n; err != nil || left < 0 {
			return false, err
		}
	}
	return true, nil
}
