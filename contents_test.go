package helpdesk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
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
					r, _, err := d.OpenFile(as(bob), m.ID, n)
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

// blobStores opens each kind of blob store that a desk can have; nil is its own store.
var blobStores = map[string]func(t testing.TB) store.BlobStore{
	"the desk's own store": func(testing.TB) store.BlobStore { return nil },
	"a directory": func(t testing.TB) store.BlobStore {
		dir := must(blobdir.Open(t.TempDir()))(t)
		t.Cleanup(func() { ok(t, dir.Close()) })
		return dir
	},
}

func TestContents(t *testing.T) {
	t.Parallel()
	for name, open := range blobStores {
		t.Run("M16 files of any size go into "+name+" and come back, from any place", func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{BlobStore: open(t)})
			sizes := []int{0, 1, store.ChunkSize - 8, store.ChunkSize, store.ChunkSize + 1, 5 << 20}
			var files []ticket.Upload
			for i, n := range sizes {
				files = append(files, attachment(fmt.Sprintf("%d.bin", n), n, uint64(i)))
			}
			tk := must(d.CreateTicket(as(ann), withFiles(files...)))(t)
			m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
			for i, n := range sizes {
				want := noise(n, uint64(i))
				r, f, err := d.OpenFile(as(ann), m.ID, i)
				ok(t, err)
				equal(t, "size", f.Size, int64(n))
				for _, at := range []int64{0, int64(n) / 2, int64(n), 0} {
					must(r.Seek(at, io.SeekStart))(t)
					if got := must(io.ReadAll(r))(t); !bytes.Equal(got, want[at:]) {
						t.Errorf("of %d bytes, those from %d on came back as %d, or as others", n, at, len(got))
					}
				}
				equal(t, "end", must(r.Seek(0, io.SeekEnd))(t), int64(n))
				ok(t, r.Close())
			}
			contents(t, d.Desk, d.Store, chunksOf(t, d.Store), nil)
		})
		t.Run("M16 the same bytes are kept once in "+name+", until the last who keeps them is gone", func(t *testing.T) {
			t.Parallel()
			own := open(t)
			var box *shelf
			cfg := helpdesk.Config{}
			if own != nil {
				box = &shelf{BlobStore: own, there: map[string]bool{}}
				cfg.BlobStore = box
			}
			d := newDesk(t, cfg)
			for _, n := range []int{1000, 3 << 20} {
				var ids []int64
				for range 3 {
					tk := must(d.CreateTicket(as(ann), withFiles(attachment("a.bin", n, 1), attachment("b.bin", n, 1))))(t)
					ids = append(ids, tk.ID)
				}
				if box != nil {
					equal(t, "objects", box.count(), 1)
				}
				for i, id := range ids {
					left := contents(t, d.Desk, d.Store, chunksOf(t, d.Store), nil)
					equal(t, "files", left, 2*(len(ids)-i))
					ok(t, d.DeleteTicket(as(bob), id))
					ok(t, d.Purge(as(bob), id))
				}
				equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), nil), 0)
				if box != nil {
					equal(t, "objects", box.count(), 0)
				}
			}
		})
	}
	t.Run("M16 a desk that is given a blob store still has what it kept in its own, and without it says what is missing", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		first := must(helpdesk.New(as(bob), s, nil))(t)
		tk := must(first.CreateTicket(as(ann), withFiles(attachment("a.bin", 400_000, 1))))(t)
		second := must(helpdesk.New(as(bob), s, &helpdesk.Config{BlobStore: newShelf(t)}))(t)
		must(second.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("b.bin", 400_000, 2)}}))(t)
		equal(t, "files", contents(t, second, s, nil, nil), 2)
		m := must(first.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[1]
		if _, _, err := first.OpenFile(as(ann), m.ID, 0); err == nil || !strings.Contains(err.Error(), "Config.BlobStore") {
			t.Errorf("it says %v", err)
		}
	})
	t.Run("M16 a message that is refused, rolled back or never committed leaves nothing after the sweep", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		no := errors.New("no")
		files := func() ticket.Draft {
			return withFiles(attachment("a.bin", 10, 1), attachment("b.bin", 600_000, 2))
		}
		refused := files()
		refused.Department = "none"
		_, err := d.CreateTicket(as(ann), refused)
		is(t, err, ticket.ErrInvalid)
		late := files() // found out in the transaction alone
		late.LinkedTo = 99
		_, err = d.CreateTicket(as(ann), late)
		is(t, err, ticket.ErrInvalid)
		equal(t, "objects", box.count(), 0)
		is(t, d.InTx(as(ann), func(c ctx) error {
			must(d.CreateTicket(c, files()))(t)
			return no
		}), no)
		ok(t, d.InTx(as(ann), func(c ctx) error {
			_, err := d.CreateTicket(c, late)
			is(t, err, ticket.ErrInvalid)
			return nil // and the host commits
		}))
		ended, cancel := context.WithCancel(as(ann))
		half := withFiles(ticket.Upload{Name: "half.bin", Content: io.MultiReader(bytes.NewReader(noise(3<<20, 3)), readerFunc(func([]byte) (int, error) { cancel(); return 0, ended.Err() }))})
		_, err = d.CreateTicket(ended, half)
		is(t, err, context.Canceled)
		must(d.StoreBlob(as(host), bytes.NewReader(noise(1<<20, 4))))(t)
		equal(t, "objects before the sweep", box.count(), 1)
		d.Clock.Advance(23 * time.Hour)
		must(d.Tick(context.Background()))(t)
		equal(t, "objects before their time is over", box.count(), 1)
		d.Clock.Advance(time.Hour)
		must(d.Tick(context.Background()))(t)
		equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), box.list), 0)
		equal(t, "done by an idle desk", must(d.Tick(context.Background()))(t), 0)
	})
	t.Run("M16 files that are attached in a transaction are there with it", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		ok(t, d.InTx(as(ann), func(c ctx) error {
			tk := must(d.CreateTicket(c, withFiles(attachment("a.bin", 10, 1), attachment("b.bin", 2<<20, 2))))(t)
			_, err := d.Reply(c, tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{attachment("c.bin", 2<<20, 2)}})
			return err
		}))
		equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), box.list), 3)
	})
	t.Run("M16 an upload that takes longer than its time is renewed, and one that lay still is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{BlobStore: newShelf(t)})
		slow := func(pause time.Duration) ticket.Upload {
			return ticket.Upload{Name: "slow.bin", Content: io.LimitReader(readerFunc(func(p []byte) (int, error) {
				d.Clock.Advance(pause)
				must(d.Tick(context.Background()))(t)
				return min(len(p), 100_000), nil
			}), 1<<20)}
		}
		must(d.CreateTicket(as(ann), withFiles(attachment("first.bin", 1<<20, 1), slow(6*time.Hour))))(t)
		_, err := d.CreateTicket(as(ann), withFiles(attachment("first.bin", 1<<20, 2), slow(25*time.Hour)))
		is(t, err, ticket.ErrConflict)
		equal(t, "files", contents(t, d.Desk, d.Store, nil, nil), 2)
	})
	t.Run("M16 a reader whose content is removed is told so, and one whose bytes were changed is not given them", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box})
		tk := must(d.CreateTicket(as(ann), withFiles(attachment("a.bin", 3<<20, 1))))(t)
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		r, _, err := d.OpenFile(as(ann), m.ID, 0)
		ok(t, err)
		begin := make([]byte, 1000)
		must(io.ReadFull(r, begin))(t)
		must(d.DeleteMessage(as(bob), m.ID))(t)
		rest, err := io.ReadAll(r)
		is(t, err, ticket.ErrNotFound)
		if !bytes.HasPrefix(noise(3<<20, 1), append(begin, rest...)) {
			t.Error("it read other bytes")
		}
		tk = must(d.CreateTicket(as(ann), withFiles(attachment("b.bin", 600_000, 2))))(t)
		m = must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		box.BlobStore = liar{box.BlobStore}
		r, _, err = d.OpenFile(as(ann), m.ID, 0)
		ok(t, err)
		got, err := io.ReadAll(r)
		if err == nil || len(got) >= 600_000 {
			t.Errorf("%d damaged bytes were read, with %v", len(got), err)
		}
		ok(t, r.Close())
		if _, err := r.Read(begin); err == nil {
			t.Error("it was read after it was closed")
		}
	})
}

// liar gives other bytes than it got.
type liar struct{ store.BlobStore }

func (l liar) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	r, err := l.BlobStore.Open(ctx, name, offset)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		if n > 0 {
			p[0] ^= 1
		}
		return n, err
	}), r}, nil
}

// TestContentFaults fails every call to the store and to the blob store in turn, and lets the sweep run afterwards:
// every file that a message shows is there, and nothing else.
func TestContentFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	t.Run("M16 whichever call fails, nothing that is shown is missing, and nothing that is not shown is left", func(t *testing.T) {
		t.Parallel()
		for _, where := range []string{"own", "store", "blob store"} {
			for n := 1; ; n++ {
				f := storetest.NewFaulty(memory.New(nil))
				box := newShelf(t)
				cfg := &helpdesk.Config{Dispatch: helpdesk.Manual, BlobStore: box}
				if where == "own" {
					cfg.BlobStore = nil
				}
				clock := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
				cfg.Now = func() time.Time { return clock }
				d := must(helpdesk.New(context.Background(), f, cfg))(t)
				failed := func() bool { return f.Failed() != "" }
				if where == "blob store" {
					box.failAt(n, broken)
					failed = func() bool { return box.left <= 0 }
				} else {
					f.FailAt(n, broken)
				}
				fileLife(d)
				hit := failed()
				f.FailAt(0, nil)
				box.failAt(0, nil)
				clock = clock.Add(25 * time.Hour)
				must(d.Tick(context.Background()))(t)
				contents(t, d, f, nil, box.list)
				if t.Failed() {
					t.Fatalf("after call %d of the %s failed", n, where)
				}
				if !hit {
					t.Logf("%s: %d calls failed, one at a time", where, n-1)
					break
				}
			}
		}
	})
}

// fileLife is everything that happens to files, whatever fails of it.
func fileLife(d *helpdesk.Desk) {
	one, _ := d.CreateTicket(as(ann), withFiles(attachment("a.bin", 10, 1), attachment("b.bin", 300_000, 2)))
	two, _ := d.CreateTicket(as(ann), withFiles(attachment("c.bin", 300_000, 2), attachment("d.bin", 10, 1)))
	if one != nil {
		_, _ = d.Reply(as(bob), one.ID, ticket.ReplyDraft{Body: "x", Files: []ticket.Upload{attachment("e.bin", 1_400_000, 3)}})
		_ = d.DeleteTicket(as(bob), one.ID)
		_ = d.Purge(as(bob), one.ID)
	}
	if two != nil {
		if m, _ := d.Messages(as(bob), two.ID, ticket.MessageQuery{}); len(m) > 0 {
			_, _ = d.DeleteMessage(as(bob), m[0].ID)
		}
	}
	if h, err := d.StoreBlob(as(host), bytes.NewReader(noise(300_000, 4))); err == nil {
		if d.KeepBlob(as(host), h, 7) == nil {
			_ = d.ReleaseBlob(as(host), h.Blob(), 7, 0)
		}
	}
	_, _ = d.Tick(context.Background())
}

// TestContentsTogether has many callers attach, delete and purge the same few contents at once.
func TestContentsTogether(t *testing.T) {
	t.Parallel()
	for name, open := range blobStores {
		t.Run("M16 the same bytes attached and purged by many at once are never lost in "+name, func(t *testing.T) {
			t.Parallel()
			s, files := openStore(t), open(t)
			d := must(helpdesk.New(context.Background(), s, &helpdesk.Config{BlobStore: files}))(t)
			ok(t, d.Start(context.Background()))
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					for n := range 12 {
						size := []int{1000, 400_000}[n%2]
						tk, err := d.CreateTicket(as(ann), withFiles(attachment("a.bin", size, 1)))
						if err != nil {
							t.Error(err)
							return
						}
						m, err := d.Messages(as(bob), tk.ID, ticket.MessageQuery{})
						if err != nil {
							t.Error(err)
							return
						}
						r, _, err := d.OpenFile(as(bob), m[0].ID, 0)
						if err != nil {
							t.Error(err)
							return
						}
						if got, err := io.ReadAll(r); err != nil || len(got) != size {
							t.Errorf("%d bytes of %d, %v", len(got), size, err)
						}
						if err := errors.Join(r.Close(), d.DeleteTicket(as(bob), tk.ID)); err != nil {
							t.Error(err)
						}
						if (i+n)%5 == 0 {
							continue
						}
						if err := d.Purge(as(bob), tk.ID); err != nil {
							t.Error(err)
						}
						if _, err := d.Tick(context.Background()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			ok(t, d.Stop(context.Background()))
			after := must(helpdesk.New(context.Background(), s, &helpdesk.Config{BlobStore: files}))(t)
			must(after.Tick(context.Background()))(t)
			if kept := contents(t, after, s, chunksOf(t, s), nil); kept < 8 {
				t.Errorf("%d files are kept", kept)
			}
		})
	}
}
