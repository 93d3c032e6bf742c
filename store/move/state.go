package move

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// state is how far a move is: a record in the target, which goes when the move ends.
type state struct {
	Marks  map[store.RowKind]mark `json:"marks"`
	Source []string               `json:"source"` // see footprints

	version int64 // of the record
}

// mark is how far the rows of a kind are.
type mark struct {
	After *store.Place `json:"after,omitempty"`
	Rows  int64        `json:"rows"`
	Done  bool         `json:"done,omitempty"`
}

func (s state) mark(kind store.RowKind) mark { return s.Marks[kind] }

// whole reports whether everything was copied once.
func (s state) whole() bool {
	return !slices.ContainsFunc(store.RowKinds(), func(kind store.RowKind) bool { return !s.Marks[kind].Done })
}

// with returns a state that is further with one kind.
func (s state) with(kind store.RowKind, m mark) state {
	s.Marks = maps.Clone(s.Marks)
	s.Marks[kind] = m
	return s
}

// put stores the state, unless another mover has done so since it was read.
func (s state) put(ctx context.Context, tx store.Tx) error {
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	err = tx.PutRecord(ctx, &store.Record{Kind: store.MoveKind, Key: store.MoveKind, Version: s.version, Doc: doc})
	if errors.Is(err, ticket.ErrConflict) {
		return fmt.Errorf("another process copies into the same target: %w", err)
	}
	return err
}

// load reads the state from a store; found says whether there is one.
func load(ctx context.Context, from store.Store) (s state, found bool, err error) {
	err = from.View(ctx, func(ctx context.Context, r store.Reader) error {
		record, err := r.Record(ctx, store.MoveKind, store.MoveKind)
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		s = state{}
		if err := json.Unmarshal(record.Doc, &s); err != nil {
			return fmt.Errorf("read how far the move is: %w", err)
		}
		s.version = record.Version
		return nil
	})
	if s.Marks == nil {
		s.Marks = map[store.RowKind]mark{}
	}
	return s, found, err
}

// isState reports whether a row is the note of a move, which belongs to no desk.
func isState(row store.Row) bool {
	return row.Record != nil && row.Record.Kind == store.MoveKind && row.Record.Key == store.MoveKind
}

// begin finds out how far an earlier call has come, or makes sure that the target is empty and notes that it is one now.
func (m *moving) begin(ctx context.Context) error {
	if err := store.CheckWhole(ctx, m.source); err != nil {
		return fmt.Errorf("move: look at the source: %w", err)
	}
	prints, err := m.footprints(ctx)
	if err != nil {
		return fmt.Errorf("move: look at the source: %w", err)
	}
	if m.state, m.report.Resumed, err = load(ctx, m.target); err != nil {
		return fmt.Errorf("move: look at the target: %w", err)
	}
	if m.report.Resumed {
		common := func(print string) bool { return slices.Contains(prints, print) }
		if len(m.state.Source) > 0 && !slices.ContainsFunc(m.state.Source, common) {
			return fmt.Errorf("move: %w", ErrAnother)
		}
		return nil
	}
	for _, kind := range store.RowKinds() {
		rows, err := m.to.Rows(ctx, kind, nil, 1)
		if err == nil && len(rows) > 0 {
			err = fmt.Errorf("it has %s: %w", kind, ErrNotEmpty)
		}
		if err != nil {
			return fmt.Errorf("move: look at the target: %w", err)
		}
	}
	return m.first(ctx, prints)
}

// first notes that the target is one. Sequences are raised before there are rows, for the sake of speed: ids below them
// need no looking at.
func (m *moving) first(ctx context.Context, prints []string) error {
	list, err := m.from.Sequences(ctx)
	if err == nil {
		m.state.Source = prints
		err = m.target.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := m.to.RaiseSequences(ctx, list); err != nil {
				return err
			}
			return m.state.put(ctx, tx)
		})
	}
	if err != nil {
		return fmt.Errorf("move: begin: %w", err)
	}
	m.state.version++
	return nil
}

// end takes the note of the move away: the target is whole.
func (m *moving) end(ctx context.Context) error {
	err := m.target.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.DeleteRecord(ctx, store.MoveKind, store.MoveKind)
	})
	if err != nil {
		return fmt.Errorf("move: end: %w", err)
	}
	m.report.Finished = true
	return nil
}

// footprints are checksums of the oldest rows, by which a source is told from another: some of them stay as they are.
func (m *moving) footprints(ctx context.Context) (out []string, err error) {
	const oldest = 8
	for _, kind := range []store.RowKind{store.RowEvents, store.RowMessages, store.RowTickets} {
		rows, err := m.from.Rows(ctx, kind, nil, oldest)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			sum, _, err := sumOf(row)
			if err != nil {
				return nil, err
			}
			out = append(out, hex.EncodeToString(sum[:8]))
		}
	}
	return out, nil
}
