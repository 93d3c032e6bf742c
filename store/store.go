// Package store is the contract between a desk and its database.
//
// A store knows six things: tickets, messages, events, work, records and blobs. It keeps what it is given and answers
// simple questions; it decides nothing. Aggregates are put whole, so that a new field of a ticket adds no method, and
// everything that falls due is Work, so that a new kind of timer adds none either.
//
// Times come back in UTC and exact to the microsecond, documents byte by byte, and an empty list or map may come back
// as nil. Rows belong together only by what the caller says: a store does not check that the ticket of a message
// exists.
//
// Texts are UTF-8 without NUL, and compared byte by byte. Kinds have at most 64 bytes, and keys, the Parent of a record,
// and the Name, OrderKey and After of work at most MaxKey each; what is longer a store may refuse with
// ticket.ErrInvalid. What has a limit nowhere, as the document of a record, is bounded by the desk's limits alone.
//
// All access happens in closures: Store.Update for writing, Store.View for reading. Packages storetest (the conformance
// suite) and memory (the reference implementation) say in code what this package says in words. What queries select is
// said in code too: ticket.Query.Selects and ticket.Scope.Sees, WorkQuery.Selects, LeaseRequest.Selects, Work.Holds, and
// for lists, counts and numbers packages scan and cursor.
package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrUncertain says that the connection to the database was lost while a transaction was being committed: it may be
// there, or not. Who repeats it should be able to tell, as by an external id or a key.
var ErrUncertain = errors.New("the database went away during the commit: look whether it is there before you repeat it")

// Store is one database of one tenant. It is safe for concurrent use, by several processes too if the implementation
// says so.
type Store interface {
	// Update runs fn in a transaction that is committed, durably, when fn returns nil, and rolled back when fn returns
	// an error, panics, or ends its goroutine. fn may be run again after a rollback that was not its fault, as for a
	// deadlock, so it must not leave traces outside the transaction; Tx.OnCommit is the place for those.
	//
	// Other transactions may commit while fn runs. What fn may count on until it commits: nobody else changes what it has
	// locked (Tx.LockTicket, Tx.LockRecord), a key that it has reserved is its own (Tx.Reserve), and a record that it has
	// read is as it was if it can put it by its version (Tx.PutRecord). Whatever else it reads, lists above all, others
	// may be changing. Stores whose transactions are serialisable, or run one by one, give more than that.
	//
	// If ctx carries an open transaction of this store (from an outer Update or from HostTx.WithTx), fn joins it behind
	// a savepoint: its error undoes its own writes and nothing else. The context that fn gets carries the transaction.
	// fn and everything that it calls must use that context, from one goroutine. A context that is kept beyond its
	// closure leads to ticket.ErrTxDone.
	//
	// Errors: fn's own; ticket.ErrBusy when the database could not be had in time; ctx.Err() when ctx ended before the
	// commit began (once it began, its outcome is awaited); ticket.ErrStopped after Close; ErrUncertain where the
	// database went away in the middle of the commit.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error

	// View runs fn over one consistent snapshot, or in the transaction that ctx carries, as that goes on writing. It does
	// not wait for writers, nor do they wait for it: fn may call Update, which commits beside it.
	// The context that fn gets carries no transaction of its own: a View inside a View has another snapshot. Errors as
	// for Update.
	View(ctx context.Context, fn func(ctx context.Context, r Reader) error) error

	// Now is the clock by which leases are counted: the database's own where several machines share it.
	Now(ctx context.Context) (time.Time, error)

	// Close ends the store. Transactions that run are awaited.
	Close() error
}

// Reader reads. What it returns belongs to the caller. Single look-ups fail with ticket.ErrNotFound. Every method fails
// with ticket.ErrTxDone after the closure, and with ctx.Err() when ctx has ended.
type Reader interface {
	// Ticket returns a ticket, deleted ones too, if scope sees it; otherwise ticket.ErrNotFound.
	Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error)
	// Tickets lists one page; a page may be short and still have a next. ticket.ErrInvalid for an unknown sort and for
	// a cursor that is not of this query's sort.
	Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error)
	// CountTickets counts what Tickets would list page after page, up to limit, which must be above 0
	// (ticket.ErrInvalid). It may end earlier, and say that there are more, where it would have to look at many tickets
	// that are not counted. The query's Sort, Cursor and Limit play no part.
	CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error)
	// Tallies gives numbers of live tickets that scope sees, fast however many there are.
	Tallies(ctx context.Context, q TallyQuery, scope ticket.Scope) (Tallies, error)

	Message(ctx context.Context, id int64) (*ticket.Message, error)
	Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error)

	Event(ctx context.Context, id int64) (*ticket.Event, error)
	Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error)

	Work(ctx context.Context, id int64) (*Work, error)
	// Works lists work for inspection, by id descending.
	Works(ctx context.Context, q WorkQuery) ([]*Work, error)
	// CountWork counts by state what q selects, up to its Limit for each state. States of which there is none may be
	// missing.
	CountWork(ctx context.Context, q WorkQuery) (map[WorkState]int, error)

	// Due reports whether Tx.Lease would find work now. It may say so where lanes hold all of it back; it never says no
	// where there is some.
	Due(ctx context.Context, r LeaseRequest) (bool, error)

	Record(ctx context.Context, kind, key string) (*Record, error)
	// Records lists records of one kind by key.
	Records(ctx context.Context, q RecordQuery) ([]*Record, error)
	// ConfigVersion is a number that changes whenever any process puts or deletes a record of a kind for which
	// ConfigKind holds, and never comes again for other records: not even one that a rolled back transaction has seen. A
	// store may answer from a cache that other processes' commits renew.
	ConfigVersion(ctx context.Context) (int64, error)

	// Holder returns who reserved a unique key.
	Holder(ctx context.Context, kind, key string) (int64, error)
	// Linked returns the ids linked to a key, ascending; none is no error.
	Linked(ctx context.Context, kind, key string) ([]int64, error)

	// Chunk returns chunk n of a blob, counted from 0.
	Chunk(ctx context.Context, blob string, n int) ([]byte, error)
}

// Tx reads and writes. A read sees the transaction's own writes. Implementations may buffer writes until the next read
// or the commit, so a write's error may come late; it always comes before Update returns nil.
type Tx interface {
	Reader

	// NewID returns an id of a sequence that no call, of any process, has returned before; only what a rolled back
	// transaction got may come again. It does not promise an order, and knows nothing of ids that a caller puts without
	// it. Sequences come into being by being named. Those named "code/…" count codes: they start at 1 and leave gaps only
	// for rollbacks and crashes. In a store of many writers nobody should wait until the transaction of another who took
	// an id has ended: blocks of ids taken aside do that.
	NewID(ctx context.Context, sequence string) (int64, error)

	// LockTicket returns the ticket, deleted ones too, or ticket.ErrNotFound, and keeps other transactions from
	// changing it until this one ends. Who locks several takes them by ascending id, lest two wait for each other.
	LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error)
	// PutTicket stores the whole ticket, new or known by its ID.
	PutTicket(ctx context.Context, t *ticket.Ticket) error
	// DeleteTicket removes a ticket, its messages and its events for good, but no keys, links, work or blobs. One that
	// is not there is no error.
	DeleteTicket(ctx context.Context, id int64) error
	// PutMessage stores the whole message, new or known by its ID; it may have moved to another ticket.
	PutMessage(ctx context.Context, m *ticket.Message) error
	// PutEvent stores the whole event, new or known by its ID.
	PutEvent(ctx context.Context, e *ticket.Event) error

	// PutWork stores new work, under an ID that no other has; an empty State means pending. Work with the same
	// OrderKey, Seq and Name is put once: the second is dropped without error. An empty OrderKey is always new.
	PutWork(ctx context.Context, w *Work) error
	// Lease hands out due work, what has been due longest first, ties by ID: see LeaseRequest. Work is free when it is
	// pending, or leased with LeasedTo not after the store's clock. Every lease raises the work's Epoch and its
	// Attempt.
	Lease(ctx context.Context, r LeaseRequest) ([]*Work, error)
	// Finish stores a new State, Due, Error, Doc, Effect and Finished of leased work, if its Epoch is still w's and it
	// is still leased; otherwise ErrStale, also where it is gone. An Effect that is marked stays marked, whatever w says:
	// its holder need not know, for the answer to a commit may be lost. A lease that has ended by the clock but was not taken
	// over still counts. The states are: done, dead, or pending again with a new Due (and then Finished is zero);
	// others are ticket.ErrInvalid.
	Finish(ctx context.Context, w *Work) error
	// MarkEffect sets Effect of leased work under the same condition as Finish, and keeps the lease.
	MarkEffect(ctx context.Context, w *Work) error
	// SetWork changes the state of work that is not leased, for retrying and discarding by hand; ErrStale if its state
	// is no longer from, or it is gone. Retried work is pending with Attempt 0, Due at and no Finished; discarded work,
	// done or dead, has Finished at. Everything else stays. ticket.ErrInvalid where from or to is leased.
	SetWork(ctx context.Context, id int64, from, to WorkState, at time.Time) error
	// PruneWork deletes at most limit finished (done) works of the kind that were finished before t, and says how many.
	PruneWork(ctx context.Context, kind string, t time.Time, limit int) (int, error)

	// LockRecord returns the record, or ticket.ErrNotFound, and keeps other transactions from changing and from removing
	// it until this one ends. Whoever decides something by what belongs to a record locks it first.
	LockRecord(ctx context.Context, kind, key string) (*Record, error)
	// PutRecord stores a record. Its Version must be the stored one (0 for a new record), otherwise ticket.ErrConflict:
	// whoever gave it to the closure knows an old one. Where it is what this transaction itself has read, by Record (also
	// that there is none), LockRecord or in a list, nobody does, but another commit came between: then Update rolls back
	// and runs the closure again. What is stored has the next version; r itself is left alone, because the closure may
	// run again. AnyVersion stores regardless.
	PutRecord(ctx context.Context, r *Record) error
	// DeleteRecord removes a record; one that is not there is no error.
	DeleteRecord(ctx context.Context, kind, key string) error

	// Reserve takes a unique key for id, and says who holds it: id itself, or another that was first. Under concurrency
	// one wins: a transaction that has reserved or released the key and has not ended is waited for.
	Reserve(ctx context.Context, kind, key string, id int64) (holder int64, err error)
	// Release gives a key up, if id holds it.
	Release(ctx context.Context, kind, key string, id int64) error
	// Link ties id to a key beside others, Unlink unties it. Doing it again is no error.
	Link(ctx context.Context, kind, key string, id int64) error
	Unlink(ctx context.Context, kind, key string, id int64) error

	// PutChunk stores chunk n of a blob, in place of the one that was there: at most ChunkSize bytes, otherwise
	// ticket.ErrInvalid.
	PutChunk(ctx context.Context, blob string, n int, data []byte) error
	// DeleteBlob removes all chunks of a blob.
	DeleteBlob(ctx context.Context, blob string) error

	// OnCommit has fn called after the outermost transaction has committed, in the committing caller's goroutine and in
	// the order of the calls. It is dropped when the part of the transaction that called it is rolled back, and never
	// called in a transaction that the host began (HostTx.WithTx), because nobody says when that one commits.
	OnCommit(fn func())
	// Hosted reports whether the transaction was begun by the host (HostTx.WithTx).
	Hosted() bool
}

// MaxKey is how many bytes every store takes as a key, beside a kind of 64.
const MaxKey = 1024

// ChunkSize is the most that one chunk of a blob holds.
const ChunkSize = 256 << 10

// ConfigKind reports whether records of the kind are configuration that processes cache: those are counted by
// Reader.ConfigVersion.
func ConfigKind(kind string) bool { return len(kind) > 7 && kind[:7] == "config/" }

// HostTx is what a store over database/sql can do besides: let the host's own statements and the desk's share one
// transaction.
type HostTx interface {
	// Querier runs the host's statements in the transaction that ctx carries, or, where it carries none, outside any.
	Querier(ctx context.Context) Querier
	// WithTx returns a context that carries a transaction which the host began and will end. The error says what of the
	// connection's settings does not fit. A closure that Update would run again fails with ticket.ErrBusy there: only the
	// host can begin its transaction anew.
	WithTx(ctx context.Context, tx *sql.Tx) (context.Context, error)
}

// Querier is the part of *sql.DB and *sql.Tx that runs statements.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Waker is a store that notices commits of other processes.
type Waker interface {
	// Wake returns a channel that gets a value after commits that put work or made it pending again, also by other
	// processes; several may share one value, and one may come without cause. It is closed when ctx ends.
	Wake(ctx context.Context) <-chan struct{}
}

// Backuper is a store that can copy itself while it runs.
type Backuper interface {
	// Backup writes a consistent copy to path, which must not exist.
	Backup(ctx context.Context, path string) error
}

// Settler is a store that writes some of what it keeps quickly first, as differences of numbers, and puts it into its
// place later. What it answers is right before that, too, but comes the slower the more there is. Both methods join the
// transaction that ctx carries.
type Settler interface {
	// Unsettled is how much is not in its place yet, counted to 1,000.
	Unsettled(ctx context.Context) (int, error)
	// Settle puts at most 1,000 pieces of it into their place, the oldest first, and returns how many it were. Others go on
	// writing meanwhile, and settling, too: none is settled twice.
	Settle(ctx context.Context) (int, error)
}

// Compacter is a store that keeps what was removed or overwritten until it is compacted.
type Compacter interface {
	// Compact leaves nothing of it in the store's own files. Others go on or wait meanwhile, as the store says.
	// ticket.ErrInvalid inside a transaction.
	Compact(ctx context.Context) error
}
