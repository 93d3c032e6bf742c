// Package storetest proves that a store keeps the contract of package store, for strangers' stores as for the module's
// own.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) store.Store { return mystore.Open(t.TempDir()) }, nil)
//	}
//
// Run is split into groups by guarantee, each a subtest that can be run alone (go test -run 'TestStore/lanes'). Model
// compares a store with the reference store over random operations, Benchmark measures it, and Faulty makes a store
// fail where a caller's test wants it to.
package storetest

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

// Open returns a new, empty store. Its files belong into t.TempDir or vanish in t.Cleanup; the suite closes the store.
type Open func(t testing.TB) store.Store

// Options say what else a store can do. What is missing is left out of the suite, as are store.Waker, store.Compacter
// and store.Mover where a store has them not.
type Options struct {
	// Reopen closes the store and opens the same database again.
	Reopen func(t testing.TB, s store.Store) store.Store

	// Another opens the database of s once more, as another process does.
	Another func(t testing.TB, s store.Store) store.Store

	// HostDB returns the database handle over which a host would begin its own transactions, for stores with
	// store.HostTx.
	HostDB func(t testing.TB, s store.Store) *sql.DB

	// Pages is how many pages of lists are turned while others write, at least; default 100. The environment has the
	// last word: HELPDESK_PAGES.
	Pages int

	// Kill starts a process that runs Write on a new, empty database, kills it (SIGKILL) while it writes, and returns
	// the database opened again and all that the process acknowledged.
	Kill func(t testing.TB) (s store.Store, acknowledged []byte)
}

// group is one guarantee and the proofs of it.
type group struct {
	name   string
	proofs []proof
	needs  func(s store.Store, o *Options) bool // nil if every store must give the guarantee
}

// proof is one sentence about a store and the code that proves it.
type proof struct {
	name string
	run  func(t testing.TB, e *env)
}

func groups() []group {
	return []group{
		{"round trips", roundTrips, nil}, {"rollback", rollbacks, nil}, {"savepoints", savepoints, nil}, {"isolation", isolations, nil},
		{"endings", endings, nil}, {"cancelling", cancellings, nil}, {"commit functions", commitFunctions, nil}, {"ids", idProofs, nil},
		{"locks", locks, nil}, {"callers", callers, nil}, {"unique keys", uniqueKeys, nil}, {"links", links, nil}, {"records", records, nil},
		{"blobs", blobs, nil}, {"queries", queries, nil}, {"fields", fields, nil}, {"scopes", scopes, nil}, {"pages", pages, nil},
		{"counts", counts, nil}, {"messages", messages, nil},
		{"events", events, nil}, {"work once", workOnce, nil}, {"leases", leases, nil}, {"fencing", fencings, nil}, {"lanes", lanes, nil},
		{"dead letters", deadLetters, nil}, {"pruning", prunings, nil}, {"work lists", workLists, nil}, {"closing", closings, nil},
		{"waking", wakings, func(s store.Store, _ *Options) bool { _, ok := s.(store.Waker); return ok }},
		{"searching", searchings, func(s store.Store, _ *Options) bool { _, ok := s.(store.Searcher); return ok }},
		{"settling", settlings, func(s store.Store, _ *Options) bool { _, ok := s.(store.Settler); return ok }},
		{"moving", movings, func(s store.Store, _ *Options) bool { _, ok := s.(store.Mover); return ok }},
		{"compacting", compactings, func(s store.Store, _ *Options) bool { _, ok := s.(store.Compacter); return ok }},
		{"processes", processes, func(_ store.Store, o *Options) bool { return o.Another != nil }},
		{"reopening", reopenings, func(_ store.Store, o *Options) bool { return o.Reopen != nil }},
		{"host transactions", hostTransactions, func(_ store.Store, o *Options) bool { return o.HostDB != nil }},
		{"killing", killings, func(_ store.Store, o *Options) bool { return o.Kill != nil }},
	}
}

// applicable are the groups whose guarantee the store is meant to give.
func applicable(t testing.TB, open Open, opts *Options) []group {
	s := open(t)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	return slices.DeleteFunc(groups(), func(g group) bool { return g.needs != nil && !g.needs(s, opts) })
}

// Run runs the whole suite; opts may be nil.
func Run(t *testing.T, open Open, opts *Options) {
	if opts == nil {
		opts = &Options{}
	}
	for _, g := range applicable(t, open, opts) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range g.proofs {
				t.Run(p.name, func(t *testing.T) {
					t.Parallel()
					p.run(t, newEnv(t, open, opts))
				})
			}
		})
	}
}
