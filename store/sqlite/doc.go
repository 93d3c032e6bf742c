// Package sqlite is the default store: one SQLite file, without cgo (modernc.org/sqlite).
//
//	s, err := sqlite.Open(ctx, "desk.db", nil)
//	defer s.Close()
//
// The file is in WAL mode, and every commit is on the disk before Update returns, unless Options say otherwise. Several
// processes may use one file on one machine; network file systems do not work (https://sqlite.org/wal.html).
//
// All writes of a process go through one connection. Callers who write at the same time share a commit: each runs its
// closure in its own goroutine, one after the other, and all learn the outcome when the commit is done. When one of them
// fails after it has written, the others run theirs again. A caller whose closures hold the writer for long, again and
// again, waits in a lane of its own, so that it costs the others little.
//
// The host's own tables may live in the same file: see Store.Querier for the preferred way, Store.WithTx for a
// transaction that the host began, and Use for a *sql.DB of the host's. All tables of the store carry
// Options.TablePrefix.
package sqlite
