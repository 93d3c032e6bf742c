package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

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
	if h, err := d.Mail().StoreBlob(as(host), bytes.NewReader(noise(300_000, 4))); err == nil {
		if d.Mail().KeepBlob(as(host), h, 7) == nil {
			_ = d.Mail().ReleaseBlob(as(host), h.Blob(), 7, 0)
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
						r, _, err := d.Files().Open(as(bob), m[0].ID, 0)
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
