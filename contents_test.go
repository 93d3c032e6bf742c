package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/ticket"
)

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
				r, f, err := d.Files().Open(as(ann), m.ID, i)
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
		if _, _, err := first.Files().Open(as(ann), m.ID, 0); err == nil || !strings.Contains(err.Error(), "Config.BlobStore") {
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
		must(d.Mail().StoreBlob(as(host), bytes.NewReader(noise(1<<20, 4))))(t)
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
		r, _, err := d.Files().Open(as(ann), m.ID, 0)
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
		r, _, err = d.Files().Open(as(ann), m.ID, 0)
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
