package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// bucket is a blob store as somebody would write it over an object store: the smallest that keeps the contract, for its
// broken twins to be made of.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func newBucket() *bucket { return &bucket{objects: map[string][]byte{}} }

func (b *bucket) Create(ctx context.Context, name string, r io.Reader) error {
	if err := store.CheckBlobName(name); err != nil {
		return err
	}
	var data bytes.Buffer
	for ctx.Err() == nil {
		if _, err := io.CopyN(&data, r, store.ChunkSize); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name] = data.Bytes()
	return nil
}

func (b *bucket) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	if err := errors.Join(store.CheckBlobName(name), ctx.Err()); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.objects[name]
	if !ok {
		return nil, fmt.Errorf("bucket: %w", ticket.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data[offset:])), nil
}

func (b *bucket) Delete(_ context.Context, name string) error {
	if err := store.CheckBlobName(name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
	return nil
}

func TestBucket(t *testing.T) {
	t.Parallel()
	t.Run("M16", func(t *testing.T) {
		t.Parallel()
		RunBlobs(t, func(testing.TB) store.BlobStore { return newBucket() }, nil)
	})
}

// The twins, each with one fault.
type (
	forgetsOffset struct{ *bucket }
	keepsHalves   struct{ *bucket }
	deafBucket    struct{ *bucket }
	immortal      struct{ *bucket }
	greedy        struct{ *bucket }
	cutsShort     struct{ *bucket }
	mute          struct{ *bucket }
	trusting      struct{ *bucket }
	racy          struct {
		*bucket
		last chan string
	}
)

func (b forgetsOffset) Open(ctx context.Context, name string, _ int64) (io.ReadCloser, error) {
	return b.bucket.Open(ctx, name, 0)
}

func (b keepsHalves) Create(ctx context.Context, name string, r io.Reader) error {
	var data bytes.Buffer
	_, err := data.ReadFrom(r)
	return errors.Join(b.bucket.Create(ctx, name, &data), err)
}

func (b deafBucket) Create(ctx context.Context, name string, r io.Reader) error {
	return b.bucket.Create(context.WithoutCancel(ctx), name, r)
}

func (b immortal) Delete(_ context.Context, name string) error { return store.CheckBlobName(name) }

func (b greedy) Delete(ctx context.Context, name string) error {
	b.mu.Lock()
	for other := range b.objects {
		if strings.HasPrefix(other, name) {
			delete(b.objects, other)
		}
	}
	b.mu.Unlock()
	return b.bucket.Delete(ctx, name)
}

// cutsShort gives, of what is deleted while it is read, what it has at hand.
func (b cutsShort) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	r, err := b.bucket.Open(ctx, name, offset)
	if err != nil {
		return nil, err
	}
	return shortReader{r, b, name}, nil
}

type shortReader struct {
	io.ReadCloser
	b    cutsShort
	name string
}

func (r shortReader) Read(p []byte) (int, error) {
	r.b.mu.Lock()
	_, there := r.b.objects[r.name]
	r.b.mu.Unlock()
	if !there {
		return 0, io.EOF
	}
	return r.ReadCloser.Read(p)
}

func (b mute) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	r, err := b.bucket.Open(ctx, name, offset)
	if errors.Is(err, ticket.ErrNotFound) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return r, err
}

func (b trusting) Create(ctx context.Context, name string, r io.Reader) error {
	if store.CheckBlobName(name) != nil {
		return nil
	}
	return b.bucket.Create(ctx, name, r)
}

// racy writes, when two come at once, the content of one under the name of the other.
func (b racy) Create(ctx context.Context, name string, r io.Reader) error {
	select {
	case b.last <- name:
		defer func() { <-b.last }()
		for range 10_000 {
			runtime.Gosched() // so that another one comes meanwhile
		}
		return b.bucket.Create(ctx, name, r)
	default:
		return b.bucket.Create(ctx, blobName(), r)
	}
}

func TestBrokenBlobStores(t *testing.T) {
	t.Parallel()
	for name, twin := range map[string]struct {
		open  func() store.BlobStore
		fails string // a proof that must fail
	}{
		"Open forgets the offset":             {func() store.BlobStore { return forgetsOffset{newBucket()} }, blobProofs[0].name},
		"Create keeps what its reader had":    {func() store.BlobStore { return keepsHalves{newBucket()} }, blobProofs[3].name},
		"Create ignores its context":          {func() store.BlobStore { return deafBucket{newBucket()} }, blobProofs[4].name},
		"Delete does nothing":                 {func() store.BlobStore { return immortal{newBucket()} }, blobProofs[2].name},
		"Delete goes by prefix":               {func() store.BlobStore { return greedy{newBucket()} }, blobProofs[5].name},
		"a reader ends early after a Delete":  {func() store.BlobStore { return cutsShort{newBucket()} }, blobProofs[7].name},
		"Open gives nothing for what is gone": {func() store.BlobStore { return mute{newBucket()} }, blobProofs[2].name},
		"Create takes any name":               {func() store.BlobStore { return trusting{newBucket()} }, blobProofs[8].name},
		"Create mixes up two callers":         {func() store.BlobStore { return racy{newBucket(), make(chan string, 1)} }, blobProofs[6].name},
	} {
		t.Run("M16 the suite finds that "+name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(blobProofs, func(p blobProof) bool { return p.name == twin.fails })
			if failures := attempt(t, func(t testing.TB) { blobProofs[i].run(t, twin.open()) }); len(failures) == 0 {
				t.Errorf("it does not fail at %q", twin.fails)
			}
		})
	}
}

func TestKilledBlobs(t *testing.T) {
	t.Parallel()
	b := newBucket()
	var said bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := WriteBlobs(ctx, b, writerFunc(func(p []byte) (int, error) {
		if n++; n > 12 {
			cancel()
		}
		return said.Write(p)
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	t.Run("M16 the suite finds that a killed process lost what it had acknowledged", func(t *testing.T) {
		if failures := attempt(t, func(t testing.TB) { blobsKilled(t, newBucket(), said.Bytes()) }); len(failures) == 0 {
			t.Error("it does not fail")
		}
	})
	t.Run("M16 the suite finds that a killed process left halves", func(t *testing.T) {
		half := newBucket()
		for name, data := range b.objects {
			half.objects[name] = data[:len(data)/2]
		}
		if failures := attempt(t, func(t testing.TB) { blobsKilled(t, half, said.Bytes()) }); len(failures) == 0 {
			t.Error("it does not fail")
		}
	})
	if failures := attempt(t, func(t testing.TB) { blobsKilled(t, b, said.Bytes()) }); len(failures) > 0 {
		t.Errorf("a good one fails: %q", failures)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
