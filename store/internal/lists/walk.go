package lists

import (
	"cmp"
	"context"
)

// walk goes through the tickets of a path in the order of a phase, a few at a time.
type walk struct {
	steps  stepper
	ph     phase
	hits   []found
	place  found
	last   *found // the place that was looked at last: nil, or the one above
	walked int
	done   bool
}

// stepper is how a walk is gone.
type stepper interface {
	// advance goes on until there are the wanted hits in all, or so many tickets more were looked at.
	advance(ctx context.Context, w *walk, want, tickets int) error
	close()
}

// next is where rows of the phase are read into: its place, its id, and what is read of it.
func (ph phase) next(f *found, doc any) []any {
	if len(ph.priority) > 0 {
		f.priority = ph.priority[0]
	}
	place := any(&f.at)
	if ph.field != "" && !ph.valueless {
		place = &f.key
	}
	return []any{place, &f.id, doc}
}

// compare orders places as they are walked.
func (ph phase) compare(a, b found) int {
	c := cmp.Compare(a.at, b.at)
	if c == 0 {
		c = cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	}
	if ph.desc {
		return -c
	}
	return c
}

// look takes notice of the place that the walk has come to, and says whether it is a hit: what several arms meet is one.
func (w *walk) look(at found, shown bool) bool {
	w.place, w.last = at, &w.place
	return shown && (len(w.hits) == 0 || w.hits[len(w.hits)-1].id != at.id)
}
