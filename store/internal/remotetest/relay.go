package remotetest

import (
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// relay stands between a store and its server, and can keep one answer from the store: it waits for it, for then the
// server has done what it was asked to, and ends the connection instead of passing it on.
type relay struct {
	to    string
	in    net.Listener
	wg    sync.WaitGroup
	armed atomic.Bool
}

var hostPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// newRelay returns the name by which the database is reached over the relay.
func newRelay(t testing.TB, dsn string) (r *relay, over string) {
	t.Helper()
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r = &relay{to: hostPort.FindString(dsn), in: in}
	r.wg.Go(r.accept)
	t.Cleanup(func() { _ = in.Close(); r.wg.Wait() })
	return r, hostPort.ReplaceAllString(dsn, in.Addr().String())
}

func (r *relay) accept() {
	for {
		c, err := r.in.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = c.Close()
			continue
		}
		r.wg.Go(func() { _, _ = io.Copy(server, c); _ = server.Close() })
		r.wg.Go(func() { r.answer(c, server); _, _ = c.Close(), server.Close() })
	}
}

func (r *relay) answer(c, server net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := server.Read(b)
		if err != nil || r.armed.CompareAndSwap(true, false) {
			return
		}
		if _, err := c.Write(b[:n]); err != nil {
			return
		}
	}
}

// lostAnswer has the answer to writes and their commit, which travel together, get lost: they are done, and must not be
// done once more.
func lostAnswer(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	r, over := newRelay(t, dsn)
	s, look := k.open(t, over, Options{Busy: 5 * time.Second}), k.open(t, dsn, Options{})
	t.Cleanup(func() { _ = s.Close() }) // before the relay ends
	var made []int64
	var runs int
	write := func() error {
		runs = 0
		return s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			runs++
			id, err := tx.NewID(ctx, "ticket")
			if made = append(made, id); err != nil {
				return err
			}
			return tx.PutTicket(ctx, newTicket(id))
		})
	}
	for range 3 { // ids are there, and statements are known to the server
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	r.armed.Store(true)
	if err := write(); !errors.Is(err, store.ErrUncertain) || runs != 1 {
		t.Errorf("the closure ran %d times and got %v, want once and %v", runs, err, store.ErrUncertain)
	}
	there := 0
	for _, id := range made {
		if ok, err := exists(t.Context(), look, id); err != nil {
			t.Fatal(err)
		} else if ok {
			there++
		}
	}
	if there != 4 {
		t.Errorf("%d tickets are there after 4 writes", there)
	}
	if err := write(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
