package remote

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
)

// Dialect is what differs from one kind of server to another. Texts have ? for arguments, {p} before the names of tables
// and {i} before those of indexes.
type Dialect struct {
	Name string // begins the texts of errors

	// Schema returns the name, quoted, of the schema (in MySQL: the database) that the tables lie in.
	Schema func(ctx context.Context, db *sql.DB) (string, error)
	// Migrations are the schema's.
	Migrations     fs.FS
	MigrationTable string // makes it, unless it is there
	// LockMigrations makes others who would migrate wait until the connection's transaction ends, or the connection does.
	LockMigrations   func(ctx context.Context, c Conn, schema string) error
	UnlockMigrations func(ctx context.Context, c Conn, schema string) error

	// Conn makes a connection for the store of one of the pool's.
	Conn func(*sql.Conn) Conn
	// HostConn makes one of a transaction that the host began.
	HostConn func(*sql.Tx) Conn
	// Rebind puts the server's own signs in the place of ?.
	Rebind func(text string) string

	Lists *lists.Dialect // how lists are asked for

	BeginWrite []string // begins a transaction that sees each statement's moment
	BeginRead  []string // begins one that reads one moment, and writes nothing
	Clock      string   // the server's time, as an expression, in microseconds since 1970

	// OnConflict begins what is set in a row with the same key, of a table that the statement calls t.
	OnConflict func(keys string) string
	New        func(column string) string // the value that was to be inserted
	Old        func(column string) string // the value that is there
	// OnceOnly, after an insertion, leaves a row with the same key as it is. No other key may be there already.
	OnceOnly func(keys string) string
	// Sum adds a column up, as a number of its own kind.
	Sum func(column string) string
	// Alias is the name t of the table of an insertion, where the server wants to be told.
	Alias string
	// PutWork is all of an insertion of work but its values: workColumns, and a lane has each seq and name once.
	PutWork func(columns string, values int) string
	// SkipLocked, after a selection from w, locks its rows, but for those that others have.
	SkipLocked string
	// FreeLanes makes work ready that is parked for one of n lanes, its arguments, up to the first unfinished piece of
	// that, in one statement; nil where a server has no good one.
	FreeLanes func(n int) string
	// Reserve writes a key unless it is there, and returns who holds it: arguments are kind, name, holder.
	Reserve func(later, ask func(Statement) error, kind, key string, id int64) (holder int64, err error)
	// TakeIDs raises a sequence by n, in a transaction of its own, and returns what it was raised to; 1 is the first id.
	TakeIDs func(ctx context.Context, c Conn, prefix, sequence string, n int64) (next int64, err error)

	// Words writes the tokens of a document as its column words, for WordsValue: as many as there is room for.
	Words      func([]Tokens) any
	WordsValue string
	LateWords  bool // the index of words knows of documents when they are committed
	// Prime comes before the first savepoint of a transaction, where the index of words would not know otherwise that
	// what was done to documents behind it has been undone. A host sets savepoints of its own: in its transactions
	// documents are hidden, and removed later.
	Prime []string
	// Find is the condition that a document d, of which something is asked for, holds what is asked, as the index of
	// words answers it; Holds as the document does.
	Find, Holds func(Match) (string, []any)

	// Judge says what an error of the driver means.
	Judge func(error) Verdict
	// CheckHosted says what of a host's transaction does not fit: one is the first column of a query's row.
	CheckHosted func(one func(text string) (string, error), prefix string) error
	// Watch calls woke after commits of others that put work, and every Settings.PollInterval, until ctx ends.
	Watch func(ctx context.Context, s *Store, woke func())
	// Notify tells others of a commit that put work; nil where the server has no means.
	Notify func(ctx context.Context, s *Store) error
}

// Verdict is what an error of the driver means for a transaction.
type Verdict int

// The verdicts.
const (
	Failed    Verdict = iota
	Repeat            // the server has rolled back for the sake of others: the same again may succeed
	Busy              // a lock could not be had in time
	Duplicate         // a key is there already
	Lost              // the connection is gone, or there was none to be had
	Unsent            // the same, and the server has not seen the statement
	Refused           // a value is one that the server does not take
	Over              // the transaction is over
)
