// Package mysql is the store for desks that run in several processes, on several machines: MariaDB 10.6 or newer, or
// MySQL 8.0, and nothing else beside it.
//
//	s, err := mysql.Open(ctx, "desk:secret@tcp(db)/shop", nil)
//	desk, err := helpdesk.New(ctx, s, nil)
//
// Open makes connections of its own, Use takes a host's *sql.DB. All writes of a closure travel together on connections
// of Open, and on those of a host that let several statements be sent at once (multiStatements=true and
// interpolateParams=true in the DSN); otherwise each travels alone.
//
// Any number of processes share the tables. Leases go by the server's clock; who woke too late is refused
// (store.ErrStale). A closure that the server rolls back for the sake of others, as in a deadlock, is run again, and so
// is one whose connection is lost before the commit, until Options.BusyTimeout is over.
//
// Transactions that write are READ COMMITTED, and lock what they decide by; those that read see one snapshot.
package mysql
