package move

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
)

// compare reads both stores side by side and notes where they differ. With a repair it makes the target like the source.
func (m *moving) compare(ctx context.Context, fix *repair) error {
	m.report.Kinds, m.report.Sequences, m.report.Differing, m.report.Differences = nil, 0, 0, nil
	var lines []Line
	for _, kind := range store.RowKinds() {
		line, err := m.compareKind(ctx, kind, fix)
		if err != nil {
			return fmt.Errorf("move: compare %s: %w", kind, err)
		}
		lines = append(lines, line)
	}
	if err := m.compareSequences(ctx); err != nil {
		return fmt.Errorf("move: compare sequences: %w", err)
	}
	m.report.Kinds = lines
	return nil
}

func (m *moving) note(flaw Flaw, kind store.RowKind, at store.Place) {
	m.report.Differing++
	if len(m.report.Differences) < MaxDifferences {
		m.report.Differences = append(m.report.Differences, Difference{flaw, kind, at})
	}
}

// compareKind walks the rows of a kind in both stores at once, by their places.
func (m *moving) compareKind(ctx context.Context, kind store.RowKind, fix *repair) (Line, error) {
	a := &reading{m: m.from, kind: kind, length: m.opts.Batch, most: m.opts.Batch, totals: newTotals()}
	b := &reading{m: m.to, kind: kind, length: m.opts.Batch, most: m.opts.Batch, totals: newTotals()}
	fix.begin(kind)
	for steps := 1; ; steps++ {
		if err := firstError(a.load(ctx), b.load(ctx)); err != nil {
			return Line{}, err
		}
		if a.ended() && b.ended() {
			break
		}
		flaw, at, err := step(a, b)
		if err != nil {
			return Line{}, err
		}
		if flaw != "" {
			m.note(flaw, kind, at)
			if err := fix.add(ctx, flaw, a.last, at); err != nil {
				return Line{}, err
			}
		}
		if steps%m.opts.Batch == 0 {
			m.tell(StageCompare, kind, a.totals.Rows)
		}
	}
	m.tell(StageCompare, kind, a.totals.Rows)
	return Line{Kind: kind, From: a.totals.total(), To: b.totals.total()}, fix.flush(ctx)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// step takes the row of the lower place, or both where they stand in the same one, and says how they differ.
func step(a, b *reading) (flaw Flaw, at store.Place, err error) {
	order := 0
	switch {
	case b.ended():
		order = -1
	case a.ended():
		order = 1
	default:
		order = a.place().Compare(b.place())
	}
	if order < 0 {
		_, err = a.take()
		return Missing, a.last.Place(), err
	}
	if order > 0 {
		_, err = b.take()
		return Extra, b.last.Place(), err
	}
	want, err := a.take()
	if err != nil {
		return "", store.Place{}, err
	}
	got, err := b.take()
	if err == nil && got != want {
		flaw = Changed
	}
	return flaw, a.last.Place(), err
}

// reading reads the rows of a kind one after the other.
type reading struct {
	m      store.Mover
	kind   store.RowKind
	length int // of the next list
	most   int
	rows   []store.Row
	after  *store.Place
	over   bool
	last   store.Row // that was taken
	totals *totals
}

// load sees to it that there is a row to take, unless all were.
func (r *reading) load(ctx context.Context) error {
	for len(r.rows) == 0 && !r.over {
		rows, err := r.m.Rows(ctx, r.kind, r.after, r.length)
		if err != nil {
			return err
		}
		if r.over = len(rows) == 0; r.over {
			return nil
		}
		r.length = nextLength(r.length, len(rows), r.most)
		r.after = new(rows[len(rows)-1].Place())
		for _, row := range rows {
			if !isState(row) {
				r.rows = append(r.rows, row)
			}
		}
	}
	return nil
}

func (r *reading) ended() bool { return len(r.rows) == 0 }

func (r *reading) place() store.Place { return r.rows[0].Place() }

// take returns the checksum of the next row, which is last then.
func (r *reading) take() (sum [32]byte, err error) {
	r.last, r.rows = r.rows[0], r.rows[1:]
	sum, size, err := sumOf(r.last)
	r.totals.add(sum, size)
	return sum, err
}

// compareSequences looks for sequences that would give out ids again.
func (m *moving) compareSequences(ctx context.Context) error {
	want, err := m.from.Sequences(ctx)
	if err != nil {
		return err
	}
	list, err := m.to.Sequences(ctx)
	if err != nil {
		return err
	}
	got := make(map[string]int64, len(list))
	for _, q := range list {
		got[q.Name] = q.Last
	}
	for _, q := range want {
		if got[q.Name] < q.Last {
			m.note(Behind, "", store.Place{Key: q.Name})
		}
	}
	m.report.Sequences = len(want)
	return nil
}

// repair makes the target like the source, in transactions of some rows each. A nil one does nothing.
type repair struct {
	m    *moving
	put  []store.Row
	size int
	kind store.RowKind // of gone
	gone []store.Place
}

// begin says of which kind what follows is.
func (f *repair) begin(kind store.RowKind) {
	if f != nil {
		f.kind = kind
	}
}

func (f *repair) add(ctx context.Context, flaw Flaw, row store.Row, at store.Place) error {
	if f == nil {
		return nil
	}
	if flaw == Extra {
		f.gone = append(f.gone, at)
	} else {
		_, size, err := sumOf(row)
		if err != nil {
			return err
		}
		f.put, f.size = append(f.put, row), f.size+size
	}
	if len(f.put)+len(f.gone) < f.m.opts.Batch && f.size < store.RowsSize {
		return nil
	}
	return f.flush(ctx)
}

func (f *repair) flush(ctx context.Context) error {
	if f == nil || len(f.put)+len(f.gone) == 0 {
		return nil
	}
	err := f.m.target.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := f.m.to.RemoveRows(ctx, f.kind, f.gone); err != nil {
			return err
		}
		if err := f.m.to.PutRows(ctx, f.put); err != nil {
			return err
		}
		return f.m.state.put(ctx, tx)
	})
	if err != nil {
		return err
	}
	f.m.state.version++
	f.m.report.Repaired += int64(len(f.put) + len(f.gone))
	f.put, f.gone, f.size = nil, nil, 0
	return nil
}
