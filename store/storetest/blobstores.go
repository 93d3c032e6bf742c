package storetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// BlobOptions say what else can be proven of a blob store.
type BlobOptions struct {
	// Kill starts a process that runs WriteBlobs on an empty blob store, kills it (SIGKILL) while it writes, and
	// returns the same blob store, opened again, and all that the process acknowledged.
	Kill func(t testing.TB) (b store.BlobStore, acknowledged []byte)
}

// RunBlobs proves that a blob store keeps its contract. open returns an empty one, which goes with the test; opts may
// be nil.
//
//	func TestBlobs(t *testing.T) {
//		storetest.RunBlobs(t, func(t testing.TB) store.BlobStore { return mybucket.New(t.Name()) }, nil)
//	}
func RunBlobs(t *testing.T, open func(t testing.TB) store.BlobStore, opts *BlobOptions) {
	for _, p := range blobProofs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, open(t))
		})
	}
	if opts != nil && opts.Kill != nil {
		t.Run("of what a killed process wrote, all that it acknowledged is there, and nothing in part", func(t *testing.T) {
			t.Parallel()
			b, acknowledged := opts.Kill(t)
			blobsKilled(t, b, acknowledged)
		})
	}
}

type blobProof struct {
	name string
	run  func(t testing.TB, b store.BlobStore)
}

var blobProofs = []blobProof{
	{"a content of any length is read back, from any place", blobRanges},
	{"a content is read in steps of any size, and from two places at once", blobSteps},
	{"nothing is there before it was created, and after it was deleted", blobGone},
	{"a content whose reader fails is not there, and the reader's error is returned", blobReaderFails},
	{"a content whose context ends in mid-stream is not there", blobCancelled},
	{"a content is deleted alone", blobDeletedAlone},
	{"many create, read and delete at once", blobsTogether},
	{"a content that is deleted while it is read is not read wrongly", blobDeletedMeanwhile},
	{"names that lead elsewhere are refused", blobNames},
}

// blobName is a name as a desk makes it.
func blobName() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return hex.EncodeToString(b[:])
}

func create(t testing.TB, b store.BlobStore, data []byte) string {
	t.Helper()
	name := blobName()
	if err := b.Create(t.Context(), name, bytes.NewReader(data)); err != nil {
		t.Fatalf("create %d bytes: %v", len(data), err)
	}
	return name
}

func readFrom(ctx context.Context, b store.BlobStore, name string, offset int64) ([]byte, error) {
	r, err := b.Open(ctx, name, offset)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

func blobRanges(t testing.TB, b store.BlobStore) {
	const chunk = store.ChunkSize
	for _, n := range []int{0, 1, 7, 8, 9, chunk - 9, chunk - 8, chunk - 7, chunk - 1, chunk, chunk + 1, 2*chunk - 8, 2 * chunk, 17*chunk - 8, 17*chunk + 3, 33 * chunk} {
		want := content(n)
		name := create(t, b, want)
		for _, at := range []int{0, 1, 7, 8, chunk - 9, chunk - 8, chunk - 7, chunk - 1, chunk, chunk + 1, 2*chunk - 8, 16*chunk - 8, 16 * chunk, n - 1} {
			if at > 0 && at >= n || at < 0 {
				continue
			}
			got, err := readFrom(t.Context(), b, name, int64(at))
			if err != nil || !bytes.Equal(got, want[at:]) {
				t.Errorf("of %d bytes, those from %d on came back as %d (%v), or as others", n, at, len(got), err)
			}
		}
	}
}

func blobSteps(t testing.TB, b store.BlobStore) {
	want := content(2*store.ChunkSize + 17)
	name := create(t, b, want)
	first, err := b.Open(t.Context(), name, 0)
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, store.ChunkSize/2)
	if _, err := io.ReadFull(first, half); err != nil {
		t.Fatal(err)
	}
	second, err := readFrom(t.Context(), b, name, 1)
	if err != nil || !bytes.Equal(second, want[1:]) {
		t.Errorf("the second reader got %d bytes, %v", len(second), err)
	}
	rest, err := io.ReadAll(iotest.HalfReader(first))
	if err != nil || !bytes.Equal(append(half, rest...), want) {
		t.Errorf("the first reader got %d bytes, %v", len(half)+len(rest), err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	small := create(t, b, nil)
	if err := b.Create(t.Context(), blobName(), iotest.OneByteReader(strings.NewReader("slow"))); err != nil {
		t.Errorf("a slow reader: %v", err)
	}
	if got, err := readFrom(t.Context(), b, small, 0); err != nil || len(got) != 0 {
		t.Errorf("an empty content has %d bytes, %v", len(got), err)
	}
}

// absent expects that there is nothing under a name.
func absent(t testing.TB, b store.BlobStore, name, when string) {
	t.Helper()
	for _, at := range []int64{0, 1, store.ChunkSize} {
		data, err := readFrom(context.WithoutCancel(t.Context()), b, name, at)
		if !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("%s, from %d on: %d bytes, %v; want %v", when, at, len(data), err, ticket.ErrNotFound)
		}
	}
}

func blobGone(t testing.TB, b store.BlobStore) {
	absent(t, b, blobName(), "before it was created")
	for _, n := range []int{0, 5, store.ChunkSize, 3 * store.ChunkSize, 40 * store.ChunkSize} {
		name := create(t, b, content(n))
		for range 2 {
			if err := b.Delete(t.Context(), name); err != nil {
				t.Fatalf("delete %d bytes: %v", n, err)
			}
			absent(t, b, name, "after it was deleted")
		}
	}
}

var errReader = errors.New("the line is dead")

func blobReaderFails(t testing.TB, b store.BlobStore) {
	for _, n := range []int{0, 100, store.ChunkSize, 3*store.ChunkSize + 5, 20 * store.ChunkSize} {
		name := blobName()
		err := b.Create(t.Context(), name, io.MultiReader(bytes.NewReader(content(n)), iotest.ErrReader(errReader)))
		if !errors.Is(err, errReader) {
			t.Errorf("after %d bytes: %v, want %v", n, err, errReader)
		}
		absent(t, b, name, "a content whose reader failed")
		if err := b.Delete(t.Context(), name); err != nil {
			t.Errorf("delete what is not there: %v", err)
		}
	}
}

// stopper ends a context after some bytes, and goes on.
type stopper struct {
	left int
	stop context.CancelFunc
}

func (s *stopper) Read(p []byte) (int, error) {
	if s.left <= 0 {
		s.stop()
	}
	if s.left < -64*store.ChunkSize {
		return 0, io.EOF // nobody looked at the context
	}
	s.left -= len(p)
	return len(p), nil
}

func blobCancelled(t testing.TB, b store.BlobStore) {
	for _, n := range []int{0, 1000, store.ChunkSize, 20 * store.ChunkSize} {
		ctx, cancel := context.WithCancel(t.Context())
		name := blobName()
		err := b.Create(ctx, name, &stopper{n, cancel})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d bytes: %v, want %v", n, err, context.Canceled)
		}
		absent(t, b, name, "a content whose context ended")
		cancel()
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	name := create(t, b, []byte("x"))
	if _, err := readFrom(ended, b, name, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("reading with an ended context: %v", err)
	}
}

func blobDeletedAlone(t testing.TB, b store.BlobStore) {
	stem := blobName()[:20]
	want := content(2*store.ChunkSize + 1)
	names := []string{stem, stem + "a", stem + "0", stem + "aa"}
	for _, name := range names {
		if err := b.Create(t.Context(), name, bytes.NewReader(want)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Delete(t.Context(), names[1]); err != nil {
		t.Fatal(err)
	}
	absent(t, b, names[1], "the deleted one")
	for _, name := range slices.Delete(names, 1, 2) {
		if got, err := readFrom(t.Context(), b, name, 0); err != nil || !bytes.Equal(got, want) {
			t.Errorf("its neighbour %s has %d bytes, %v", name, len(got), err)
		}
	}
}

func blobsTogether(t testing.TB, b store.BlobStore) {
	errs := together(8, func(i int) error {
		for n := range 6 {
			want := content(i*1000 + n*store.ChunkSize/2)
			name := blobName()
			if err := b.Create(t.Context(), name, bytes.NewReader(want)); err != nil {
				return err
			}
			got, err := readFrom(t.Context(), b, name, 0)
			if err != nil || !bytes.Equal(got, want) {
				return fmt.Errorf("%d bytes came back as %d: %w", len(want), len(got), err)
			}
			if n%2 == 1 {
				continue
			}
			if err := b.Delete(t.Context(), name); err != nil {
				return err
			}
			if _, err := readFrom(t.Context(), b, name, 0); !errors.Is(err, ticket.ErrNotFound) {
				return fmt.Errorf("after it was deleted: %w", err)
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// blobDeletedMeanwhile reads on after the content is gone: to the right end, or to an error.
func blobDeletedMeanwhile(t testing.TB, b store.BlobStore) {
	for _, n := range []int{2 * store.ChunkSize, 40*store.ChunkSize - 8} {
		want := content(n)
		name := create(t, b, want)
		r, err := b.Open(t.Context(), name, 0)
		if err != nil {
			t.Fatal(err)
		}
		begin := make([]byte, 100)
		if _, err := io.ReadFull(r, begin); err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(r)
		got := append(begin, rest...)
		if err == nil && !bytes.Equal(got, want) || err != nil && (!errors.Is(err, ticket.ErrNotFound) || !bytes.HasPrefix(want, got)) {
			t.Errorf("of %d bytes %d were read, with %v", n, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func blobNames(t testing.TB, b store.BlobStore) {
	for _, name := range []string{"", "short", "../../../../etc/passwd", "aaaaaaaa/../../bbbbbbbb", `aaaaaaaa\..\bbbb`, "aaaaaaaa\x00", "AAAAAAAA", "aaaa.aaaa", strings.Repeat("a", 65), "日本日本日本"} {
		_, openErr := b.Open(t.Context(), name, 0)
		for verb, err := range map[string]error{
			"Create": b.Create(t.Context(), name, strings.NewReader("x")), "Open": openErr, "Delete": b.Delete(t.Context(), name),
		} {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s %q: %v, want %v", verb, name, err, ticket.ErrInvalid)
			}
		}
	}
}
