// Package postgres is the store for desks that run in several processes, on several machines: PostgreSQL 13 or newer,
// and nothing else beside it. A server that speaks its protocol and keeps its rules does, too: docs/SCALING.md says what
// is asked of it.
//
//	s, err := postgres.Open(ctx, "postgres://desk@db/shop", nil)
//	desk, err := helpdesk.New(ctx, s, nil)
//
// Open makes connections of its own, Use takes a pool of pgx, and UseDB a *sql.DB over pgx's stdlib. All writes of a
// closure travel together, so a closure costs few round trips more than what it asks for.
//
// Any number of processes share the tables. Leases go by the server's clock; who woke too late is refused
// (store.ErrStale). A closure that the server rolls back for the sake of others, as in a deadlock, is run again, and so
// is one whose connection is lost before the commit, until Options.BusyTimeout is over.
//
// Transactions that write are READ COMMITTED, and lock what they decide by; those that read see one snapshot.
package postgres
