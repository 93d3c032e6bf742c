package storetest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var blobs = []proof{
	{"a blob of any length is read back", blobLengths},
	{"a chunk that is too long is refused", chunkTooLong},
	{"a chunk that is put again is replaced", chunkReplaced},
	{"a deleted blob is gone, and no other", blobDeleted},
}

// content is n bytes in which every chunk and place differs, all byte values among them.
func content(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return out
}

func (e *env) putBlob(t testing.TB, blob string, data []byte) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for n := 0; n == 0 || n*store.ChunkSize < len(data); n++ {
			end := min(len(data), (n+1)*store.ChunkSize)
			if err := tx.PutChunk(ctx, blob, n, data[n*store.ChunkSize:end]); err != nil {
				return err
			}
		}
		return nil
	})
}

func blobLengths(t testing.TB, e *env) {
	for _, n := range []int{0, 1, store.ChunkSize - 1, store.ChunkSize, store.ChunkSize + 1, 2 * store.ChunkSize, 3*store.ChunkSize + 17} {
		blob := "blob " + text(n)
		e.putBlob(t, blob, content(n))
		if got := e.getBlob(t, blob); !bytes.Equal(got, content(n)) {
			t.Errorf("%d bytes came back as %d bytes, or as others", n, len(got))
		}
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Chunk(ctx, "no such blob", 0); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("a missing blob: %v, want %v", err, ticket.ErrNotFound)
		}
		return nil
	})
}

// getBlob reads chunks until there is none.
func (e *env) getBlob(t testing.TB, blob string) (out []byte) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		out = nil
		for n := 0; ; n++ {
			data, err := r.Chunk(ctx, blob, n)
			if errors.Is(err, ticket.ErrNotFound) && n > 0 {
				return nil
			}
			if err != nil {
				return err
			}
			out = append(out, data...)
		}
	})
	return out
}

func chunkTooLong(t testing.TB, e *env) {
	e.refused(t, ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error {
		return tx.PutChunk(ctx, "blob", 0, make([]byte, store.ChunkSize+1))
	})
	e.read(t, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Chunk(ctx, "blob", 0); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("the refused chunk: %v, want %v", err, ticket.ErrNotFound)
		}
		return nil
	})
}

func chunkReplaced(t testing.TB, e *env) {
	given := []byte("the second")
	e.putBlob(t, "blob", []byte("the first and longer"))
	e.putBlob(t, "blob", given)
	copy(given, "spoilt")
	for range 2 {
		e.read(t, func(ctx context.Context, r store.Reader) error {
			got, err := r.Chunk(ctx, "blob", 0)
			if string(got) != "the second" {
				t.Errorf("the chunk is %q", got)
			}
			copy(got, "spoilt")
			return err
		})
	}
}

func blobDeleted(t testing.TB, e *env) {
	for _, blob := range []string{"a", "a/b", "A"} {
		e.putBlob(t, blob, content(store.ChunkSize+1))
	}
	for range 2 {
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteBlob(ctx, "a") })
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		for n := range 2 {
			if _, err := r.Chunk(ctx, "a", n); !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("chunk %d of the deleted blob: %v", n, err)
			}
		}
		return firstError(only(r.Chunk(ctx, "a/b", 1)), only(r.Chunk(ctx, "A", 1)))
	})
}
