package memory_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

func open(testing.TB) store.Store { return memory.New(nil) }

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("X09 the reference store keeps the contract", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, open, nil)
	})
}

func TestChunks(t *testing.T) {
	t.Parallel()
	t.Run("M16", func(t *testing.T) {
		t.Parallel()
		storetest.RunBlobs(t, func(t testing.TB) store.BlobStore {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			return store.Chunks(s)
		}, nil)
	})
}

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, open) }
