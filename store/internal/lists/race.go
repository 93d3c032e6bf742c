package lists

import "context"

// race has several walks of a phase look at a few tickets each, and then goes on with the one that finds most.
type race struct {
	l     *listing
	reach Reach
	ph    phase
	want  int // hits that fill the page
	walks []*walk
}

// enter starts a walk of a path. If few is not 0, what the path meets is few and in another order: it is sorted, and at
// most so much of it is shown.
func (x *race) enter(r Reader, p path, few int) *walk {
	w := &walk{ph: x.ph}
	if r.Dialect.served {
		w.steps = &servedWalk{r: r, l: x.l, path: p, few: few}
	} else {
		w.steps = &openWalk{d: r.Dialect, from: r.Source.(Opener), doc: x.l.doc, arms: x.l.complete(p, x.ph), few: few}
	}
	x.walks = append(x.walks, w)
	return w
}

// advance lets a walk go on, and takes over what it has found where that ends the race.
func (x *race) advance(ctx context.Context, w *walk, tickets int) (ended bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := w.steps.advance(ctx, w, x.want, tickets); err != nil {
		return false, err
	}
	if ended = w.done || len(w.hits) >= x.want; ended {
		x.l.hits = append(x.l.hits, w.hits...)
	}
	return ended, nil
}

// finish goes on with the best walk until the page is full or enough was looked at. stopped is the last place of the
// walk that came farthest, or nil if it came to the end.
func (x *race) finish(ctx context.Context) (stopped *found, err error) {
	best := x.walks[0] // there is always the walk in the order itself
	for _, w := range x.walks[1:] {
		if len(w.hits) > len(best.hits) || (len(w.hits) == len(best.hits) && x.farther(w, best)) {
			best = w
		}
	}
	for left := x.left(); left > 0; left = x.left() {
		if !x.l.d.served { // which asks for as many as it takes
			left = min(left, x.reach.Slice)
		}
		if ended, err := x.advance(ctx, best, left); err != nil || ended {
			return nil, err
		}
	}
	for _, w := range x.walks {
		if x.farther(w, best) {
			best = w
		}
	}
	x.l.hits = append(x.l.hits, best.hits...)
	return best.last, nil
}

// farther reports whether a has gone farther than b.
func (x *race) farther(a, b *walk) bool {
	return a.last != nil && (b.last == nil || x.ph.compare(*a.last, *b.last) > 0)
}

// left is how many tickets may still be looked at for the page.
func (x *race) left() int { return x.reach.Walk - x.l.walked - x.walked() }

func (x *race) walked() (n int) {
	for _, w := range x.walks {
		n += w.walked
	}
	return n
}

func (x *race) close() {
	x.l.walked += x.walked()
	for _, w := range x.walks {
		w.steps.close()
	}
}
