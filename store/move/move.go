package move

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Errors of Copy and Verify.
var (
	// ErrUnable says that one of the stores is no store.Mover.
	ErrUnable = errors.New("the store cannot be moved: it does not fulfil store.Mover")
	// ErrNotEmpty says that the target holds something that is not the remains of a move.
	ErrNotEmpty = errors.New("the target is not empty: use a new database, and open no desk on it before")
	// ErrAnother says that the target holds the remains of a move from another source.
	ErrAnother = errors.New("the target holds the remains of a move from another source: use a new database")
	// ErrDiffers says that the stores differ. Of Copy it means that the source is still written to, or the target is.
	ErrDiffers = errors.New("the stores differ: stop the desk and move again")
)

// Options of Copy and Verify. The zero value is ready to use.
type Options struct {
	// Progress is told what was done, after each transaction and after each list of rows that was compared, by the goroutine
	// that called Copy or Verify. It should be quick.
	Progress func(Progress)
	// Batch is how many rows one transaction writes at most; default 500, at most 5,000. It writes fewer where they are
	// large.
	Batch int
	// Ahead copies from a source that is in use, and stops before the end: the target is not whole yet. Called once more
	// with it, Copy goes after what has changed; called without it, when the source is at rest, it does so and ends the
	// move.
	Ahead bool
}

// Stage is what Copy is doing.
type Stage string

// The stages of a move.
const (
	StageCopy    Stage = "copy"
	StageCompare Stage = "compare"
)

// Progress is how far a move is.
type Progress struct {
	Stage Stage
	Kind  store.RowKind
	Rows  int64 // of the kind, in this stage, so far; of those that an earlier call has copied too
}

const maxBatch = 5000

// passes is how often Copy compares, and goes after what it finds, before it gives up.
const passes = 3

// moving is one call of Copy or Verify.
type moving struct {
	opts     Options
	from, to store.Mover
	source   store.Store
	target   store.Store
	state    state
	report   Report
}

// Copy copies all rows of from to the empty store to, or goes on with a move that was interrupted, and compares both. The
// report is never nil; where the error is ErrDiffers it says what differs. Other errors: ErrUnable, ErrNotEmpty,
// ErrAnother, store.ErrPartial of a source that is one's target; ticket.ErrConflict where two copy into the same target; ticket.ErrInvalid where ctx
// carries a transaction of one of the stores; those of the stores, and of ctx. After any of them Copy can be called again.
func Copy(ctx context.Context, from, to store.Store, opts *Options) (*Report, error) {
	m, err := newMoving(ctx, from, to, opts)
	if err == nil {
		err = m.copy(ctx)
	}
	return &m.report, err
}

// Verify compares two stores row by row. The report says how many rows of each kind there are, with a checksum of all that
// they hold; where something differs the error is ErrDiffers. Sequences of to may be further than those of from. What a
// desk has written since it was moved differs, of course. Nothing is written.
func Verify(ctx context.Context, from, to store.Store, opts *Options) (*Report, error) {
	m, err := newMoving(ctx, from, to, opts)
	if err == nil {
		err = m.compare(ctx, nil)
	}
	if err == nil && !m.report.Equal() {
		err = fmt.Errorf("move: %w", ErrDiffers)
	}
	return &m.report, err
}

func newMoving(ctx context.Context, from, to store.Store, opts *Options) (*moving, error) {
	m := &moving{source: from, target: to}
	if opts != nil {
		m.opts = *opts
	}
	if m.opts.Batch <= 0 {
		m.opts.Batch = 500
	}
	m.opts.Batch = min(m.opts.Batch, maxBatch)
	for _, s := range []store.Store{from, to} {
		if s == nil || (reflect.ValueOf(s).Kind() == reflect.Pointer && reflect.ValueOf(s).IsNil()) {
			return m, fmt.Errorf("move: %w", ticket.Invalid("store", ticket.FaultRequired, "is missing"))
		}
		if _, inside := store.TxFrom(ctx, s); inside {
			return m, fmt.Errorf("move: %w", ticket.Invalid("ctx", ticket.FaultNotAllowed, "carries a transaction: a move takes many of its own"))
		}
	}
	var able [2]bool
	m.from, able[0] = from.(store.Mover)
	m.to, able[1] = to.(store.Mover)
	for i, s := range []store.Store{from, to} {
		if !able[i] {
			return m, fmt.Errorf("move: %T: %w", s, ErrUnable)
		}
	}
	return m, nil
}

func (m *moving) copy(ctx context.Context) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	again := m.state.whole()
	for _, kind := range store.RowKinds() {
		if err := m.copyKind(ctx, kind); err != nil {
			return fmt.Errorf("move: copy %s: %w", kind, err)
		}
	}
	if m.opts.Ahead {
		if again {
			return m.compare(ctx, &repair{m: m})
		}
		return nil
	}
	for range passes {
		if err := m.raiseSequences(ctx); err != nil {
			return err
		}
		if err := m.compare(ctx, &repair{m: m}); err != nil {
			return err
		}
		if m.report.Equal() {
			return m.end(ctx)
		}
	}
	return fmt.Errorf("move: compared %d times: %w", passes, ErrDiffers)
}

// copyKind copies the rows of a kind that are not copied yet.
func (m *moving) copyKind(ctx context.Context, kind store.RowKind) error {
	length := m.opts.Batch
	for {
		done := m.state.mark(kind)
		if done.Done {
			return nil
		}
		rows, err := m.from.Rows(ctx, kind, done.After, length)
		if err != nil {
			return err
		}
		length = nextLength(length, len(rows), m.opts.Batch)
		if done.Done = len(rows) == 0; !done.Done {
			done.After, done.Rows = new(rows[len(rows)-1].Place()), done.Rows+int64(len(rows))
		}
		next := m.state.with(kind, done)
		err = m.target.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := m.to.PutRows(ctx, rows); err != nil {
				return err
			}
			return next.put(ctx, tx)
		})
		if err != nil {
			return err
		}
		next.version++
		m.state = next
		m.report.Copied += int64(len(rows))
		m.tell(StageCopy, kind, done.Rows)
	}
}

// nextLength is how many rows to ask for next: where rows are large, not many more than the last list had, because a
// server may send all that is asked for.
func nextLength(asked, got, most int) int {
	if got < asked {
		return max(1, got)
	}
	return min(2*asked, most)
}

func (m *moving) raiseSequences(ctx context.Context) error {
	list, err := m.from.Sequences(ctx)
	if err == nil {
		err = m.to.RaiseSequences(ctx, list)
	}
	if err != nil {
		return fmt.Errorf("move: raise sequences: %w", err)
	}
	return nil
}

func (m *moving) tell(stage Stage, kind store.RowKind, rows int64) {
	if m.opts.Progress != nil {
		m.opts.Progress(Progress{Stage: stage, Kind: kind, Rows: rows})
	}
}
