package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mover is a store whose whole content can be read row by row, and written as it was in another store. Package
// store/move moves a desk with it.
//
// Rows are all that a desk has put, and nothing that a store makes of it: numbers are counted as tickets are put, and
// documents of a Searcher are made anew, because putting tickets and messages marks them as ever.
//
// Every method joins the transaction that ctx carries, and is one by itself otherwise: rows and a note of how far they go
// are written together.
type Mover interface {
	// Rows lists rows of a kind by their places (see Place.Compare), those after a place, or with nil from the first on.
	// It gives at most limit, and fewer where they are large: a store ends a list with the row that takes it past
	// RowsSize. An empty list says that there are no more. ticket.ErrInvalid for a kind that it does not know, and for a
	// limit below 1.
	Rows(ctx context.Context, kind RowKind, after *Place, limit int) ([]Row, error)

	// PutRows stores rows, all of them or none, exactly as they are: with their version, their state, their lease. A row
	// replaces the one in its place, and work also other work with the same OrderKey, Seq and Name; so doing it again
	// changes nothing. Rows of several kinds may be mixed, and none needs another to be there.
	PutRows(ctx context.Context, rows []Row) error

	// RemoveRows removes the rows of a kind in these places, a ticket with its messages and its events, as
	// Tx.DeleteTicket does. Where there is none it is no error.
	RemoveRows(ctx context.Context, kind RowKind, places []Place) error

	// Sequences lists the sequences of Tx.NewID by name, but for those that are the store's own affair. Last may be more
	// than what NewID has returned last, where blocks of ids are taken aside, but for those of codes.
	Sequences(ctx context.Context) ([]Sequence, error)

	// RaiseSequences sees to it that NewID returns what is above Last from now on, in every process that takes its first
	// id later. It lowers no sequence.
	RaiseSequences(ctx context.Context, list []Sequence) error
}

// RowsSize is how many bytes one list of Rows has, more or less.
const RowsSize = 4 << 20

// MoveKind is the kind, and the key, of a record that a store has as long as a desk is being moved into it.
const MoveKind = "move"

// ErrPartial says that a store holds a part of a desk.
var ErrPartial = errors.New("a move into the store has not ended: run it to its end, or use another database")

// CheckWhole returns ErrPartial for a store that a desk is being moved into.
func CheckWhole(ctx context.Context, s Store) error {
	return s.View(ctx, func(ctx context.Context, r Reader) error {
		_, err := r.Record(ctx, MoveKind, MoveKind)
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("store: %w", ErrPartial)
		}
		return err
	})
}

// RowKind is what a row is.
type RowKind string

// The kinds of rows.
const (
	RowTickets  RowKind = "tickets"
	RowMessages RowKind = "messages"
	RowEvents   RowKind = "events"
	RowWork     RowKind = "work"
	RowRecords  RowKind = "records"
	RowKeys     RowKind = "keys"  // of Tx.Reserve
	RowLinks    RowKind = "links" // of Tx.Link
	RowChunks   RowKind = "chunks"
)

// RowKinds lists all kinds, in the order in which they are best read and put. The journal is the last: where it has no new
// entry, nothing that a desk writes an entry for was written since the first kind was read.
func RowKinds() []RowKind {
	return []RowKind{RowRecords, RowTickets, RowMessages, RowWork, RowKeys, RowLinks, RowChunks, RowEvents}
}

// Row is one thing that a store keeps: exactly one of the fields is set.
type Row struct {
	Ticket  *ticket.Ticket
	Message *ticket.Message
	Event   *ticket.Event
	Work    *Work
	Record  *Record
	Key     *Key // a unique key and who holds it
	Link    *Key // a key and one of the ids that are linked to it
	Chunk   *Chunk
}

// Key is a key, by its kind, and an id.
type Key struct {
	Kind string
	Key  string
	ID   int64
}

// Chunk is a piece of a blob.
type Chunk struct {
	Blob string
	N    int // counted from 0
	Data []byte
}

// Place is where a row stands among those of its kind. No two have the same.
type Place struct {
	Kind string `json:"kind,omitempty"` // of records, keys and links
	Key  string `json:"key,omitempty"`  // of records, keys and links; of chunks the name of the blob
	ID   int64  `json:"id,omitempty"`   // of tickets, messages, events, work and links; of chunks their number
}

// Compare orders places: by Kind, then Key, both byte by byte, then ID.
func (p Place) Compare(o Place) int {
	return cmp.Or(cmp.Compare(p.Kind, o.Kind), cmp.Compare(p.Key, o.Key), cmp.Compare(p.ID, o.ID))
}

// Kind returns what the row is; empty for none.
func (r Row) Kind() RowKind {
	switch {
	case r.Ticket != nil:
		return RowTickets
	case r.Message != nil:
		return RowMessages
	case r.Event != nil:
		return RowEvents
	case r.Work != nil:
		return RowWork
	case r.Record != nil:
		return RowRecords
	case r.Key != nil:
		return RowKeys
	case r.Link != nil:
		return RowLinks
	case r.Chunk != nil:
		return RowChunks
	}
	return ""
}

// Place returns where the row stands.
func (r Row) Place() Place {
	switch {
	case r.Ticket != nil:
		return Place{ID: r.Ticket.ID}
	case r.Message != nil:
		return Place{ID: r.Message.ID}
	case r.Event != nil:
		return Place{ID: r.Event.ID}
	case r.Work != nil:
		return Place{ID: r.Work.ID}
	case r.Record != nil:
		return Place{Kind: r.Record.Kind, Key: r.Record.Key}
	case r.Key != nil:
		return Place{Kind: r.Key.Kind, Key: r.Key.Key}
	case r.Link != nil:
		return Place{Kind: r.Link.Kind, Key: r.Link.Key, ID: r.Link.ID}
	case r.Chunk != nil:
		return Place{Key: r.Chunk.Blob, ID: int64(r.Chunk.N)}
	}
	return Place{}
}

// Sequence is a sequence of Tx.NewID and how far it is.
type Sequence struct {
	Name string
	Last int64
}
