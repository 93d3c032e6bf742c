package helpdesk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shelf is a blob store that can be counted, and made to fail at its n-th call.
type shelf struct {
	store.BlobStore
	mu    sync.Mutex
	there map[string]bool
	calls []string
	left  int
	err   error
}

func newShelf(t testing.TB) *shelf {
	s := memory.New(nil)
	t.Cleanup(func() { _ = s.Close() })
	return &shelf{BlobStore: store.Chunks(s), there: map[string]bool{}}
}

func (s *shelf) failAt(n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.err, s.calls = n, err, nil
}

func (s *shelf) called(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
	if s.left--; s.left == 0 {
		return s.err
	}
	return nil
}

func (s *shelf) Create(ctx context.Context, name string, r io.Reader) error {
	err := s.called("Create")
	if err != nil {
		_, _ = io.CopyN(io.Discard, r, 10) // it fails on the way
	} else {
		err = s.BlobStore.Create(ctx, name, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there[name] = true // remains, perhaps
	return err
}

func (s *shelf) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	if err := s.called("Open"); err != nil {
		return nil, err
	}
	return s.BlobStore.Open(ctx, name, offset)
}

func (s *shelf) Delete(ctx context.Context, name string) error {
	err := s.called("Delete")
	if err == nil {
		err = s.BlobStore.Delete(ctx, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		delete(s.there, name)
	}
	return err
}

func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.there)
}

// attachment is a file of n bytes that are the same for the same seed.
func attachment(name string, n int, seed uint64) ticket.Upload {
	return ticket.Upload{Name: name, Content: bytes.NewReader(noise(n, seed))}
}

func noise(n int, seed uint64) []byte {
	out := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = src.Read(out)
	return out
}

func withFiles(files ...ticket.Upload) ticket.Draft {
	d := lamp()
	d.Files = files
	return d
}

// contents reads every file and raw mail that any message shows, and holds the records, links and objects against them.
// inChunks lists the objects of the desk's own store, where somebody can; shelf may be nil.
func contents(t testing.TB, d *helpdesk.Desk, s store.Store, inChunks func() []string, objects func() []string) (kept int) {
	t.Helper()
	show := func(q ticket.Query) {
		for tk, err := range d.AllTickets(as(bob), q) {
			ok(t, err)
			var bytes int64
			for _, m := range must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t) {
				for n, f := range m.Files {
					if f.Blob == "" {
						continue
					}
					kept++
					bytes += f.Size
					r, _, err := d.Files().Open(as(bob), m.ID, n)
					ok(t, err)
					size, err := io.Copy(io.Discard, r)
					if ok(t, err); size != f.Size {
						t.Errorf("%s has %d bytes, and says %d", f.Name, size, f.Size)
					}
					ok(t, r.Close())
				}
			}
			equal(t, "bytes of the files of a ticket", tk.FileBytes, bytes)
		}
	}
	show(ticket.Query{})
	show(ticket.Query{Deleted: true})
	own, others := map[string]bool{}, map[string]bool{}
	ok(t, s.View(context.Background(), func(c ctx, r store.Reader) error {
		for _, kind := range []string{"upload", "trash"} {
			list, err := r.Records(c, store.RecordQuery{Kind: kind})
			if err != nil || len(list) > 0 {
				t.Errorf("%d records of kind %s are left: %v", len(list), kind, err)
			}
		}
		list, err := r.Records(c, store.RecordQuery{Kind: "blob"})
		for _, rec := range list {
			var p struct {
				Object string
				Chunks bool
			}
			ok(t, json.Unmarshal(rec.Doc, &p))
			if owners := must(r.Linked(c, "blob", rec.Key))(t); len(owners) == 0 {
				t.Errorf("content %s is kept by nobody", rec.Key)
			}
			if p.Chunks {
				own[p.Object] = true
			} else {
				others[p.Object] = true
			}
		}
		return err
	}))
	compare := func(what string, list func() []string, known map[string]bool) {
		if list == nil {
			return
		}
		found := list()
		for _, name := range found {
			if !known[name] {
				t.Errorf("object %s %s is an orphan", name, what)
			}
		}
		equal(t, "objects "+what, len(found), len(known))
	}
	compare("in the desk's own store", inChunks, own)
	compare("in the blob store", objects, others)
	return kept
}

func (s *shelf) list() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.there {
		out = append(out, name)
	}
	return out
}

// chunksOf lists the objects in the chunks of a store, if it is one that can be asked.
func chunksOf(t testing.TB, s store.Store) func() []string {
	sq, can := s.(*sqlite.Store)
	if !can {
		return nil
	}
	return func() (out []string) {
		rows := must(sq.DB().Query(`SELECT DISTINCT blob FROM helpdesk_chunks`))(t)
		defer rows.Close()
		for rows.Next() {
			var name string
			ok(t, rows.Scan(&name))
			out = append(out, name)
		}
		ok(t, rows.Err())
		return out
	}
}
