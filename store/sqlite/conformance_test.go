package sqlite_test

import (
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

// files remembers where the stores of the suite are.
type files struct{ paths sync.Map }

func (f *files) open(t testing.TB) store.Store {
	return f.openAt(t, filepath.Join(t.TempDir(), "desk.db"))
}

func (f *files) openAt(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.paths.Store(s, path)
	return s
}

func (f *files) reopen(t testing.TB, s store.Store) store.Store {
	t.Helper()
	path, _ := f.paths.Load(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return f.openAt(t, path.(string))
}

func (f *files) another(t testing.TB, s store.Store) store.Store {
	path, _ := f.paths.Load(s)
	return f.openAt(t, path.(string))
}

func hostDB(_ testing.TB, s store.Store) *sql.DB { return s.(*sqlite.Store).DB() }

// kill starts a writing process, kills it, and opens what it left.
func (f *files) kill(t testing.TB) (store.Store, []byte) {
	t.Helper()
	path, acknowledged := killed(t)
	return f.openAt(t, path), acknowledged
}

func BenchmarkStore(b *testing.B) {
	var f files
	storetest.Benchmark(b, f.open)
}

func TestChunks(t *testing.T) {
	t.Parallel()
	t.Run("M16", func(t *testing.T) {
		t.Parallel()
		storetest.RunBlobs(t, func(t testing.TB) store.BlobStore { return store.Chunks(open(t, nil)) }, &storetest.BlobOptions{Kill: killBlobs})
	})
}

// killBlobs starts a process that writes contents, kills it, and opens what it left.
func killBlobs(t testing.TB) (store.BlobStore, []byte) {
	path := filepath.Join(t.TempDir(), "desk.db")
	acknowledged := killedAs(t, "blobs", path, 20+rand.N(40))
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.Chunks(s), acknowledged
}

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("X09 the SQLite store keeps the contract", func(t *testing.T) {
		t.Parallel()
		var f files
		pages := 10_000
		if testing.Short() {
			pages = 0
		}
		storetest.Run(t, f.open, &storetest.Options{Reopen: f.reopen, Another: f.another, HostDB: hostDB, Kill: f.kill, Pages: pages})
	})
}
