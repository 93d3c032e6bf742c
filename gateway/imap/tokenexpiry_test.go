package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// expiring is a Dovecot that takes one access token at a time, and whose connections can be cut.
type expiring struct {
	*dovecot.Server
	taken atomic.Pointer[string]
	wire  *wire
}

func newExpiring(t *testing.T) *expiring {
	t.Helper()
	e := &expiring{}
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("token") == *e.taken.Load() {
			io.WriteString(w, `{"active":true,"username":"`+dovecot.Username+`"}`)
			return
		}
		io.WriteString(w, `{"active":false}`)
	}))
	t.Cleanup(tokens.Close)
	e.Server = dovecot.StartOAuth(t, tokens.URL, "xoauth2")
	e.wire = newWire(t, e.AddrTLS)
	return e
}

// expire has the server end what was begun with the token, as it does when its time is over, and take another.
func (e *expiring) expire(next string) error {
	e.taken.Store(&next)
	e.wire.cut()
	return nil
}

// wire carries connections to a server, and can be cut.
type wire struct {
	listener net.Listener
	mutex    sync.Mutex
	open     []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	w := &wire{listener: listen(t)}
	var carrying sync.WaitGroup
	carrying.Go(func() {
		for {
			near, err := w.listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			w.mutex.Lock()
			w.open = append(w.open, near, far)
			w.mutex.Unlock()
			carrying.Go(func() { _, _ = io.Copy(near, far); near.Close() })
			carrying.Go(func() { _, _ = io.Copy(far, near); far.Close() })
		}
	})
	t.Cleanup(func() { w.listener.Close(); w.cut(); carrying.Wait() })
	return w
}

func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, c := range w.open {
		c.Close()
	}
	w.open = nil
}

// TestTokenExpires: an access token ends in the middle of a fetch.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	mails := some(1, 60, 4000)
	for name, c := range map[string]struct {
		next string // what the source of tokens gives when it is asked again
		err  error  // or how it fails
		want error  // of that fetch
	}{
		"and the source of tokens has a new one":        {"second", nil, nil},
		"and the source of tokens gives the old one":    {"first", nil, gateway.ErrAuthentication},
		"and the source of tokens is away":              {"", errors.New("no route"), imap.ErrNetwork},
		"and nothing is granted any more, for a moment": {"", gateway.ErrInvalidGrant, gateway.ErrInvalidGrant},
	} {
		grounds.Each(t, "I29 a token expires in mid-session, "+name, func(t *testing.T, address string) {
			e := newExpiring(t)
			e.Deliver(t, mails...)
			first, asked := "first", 0
			e.taken.Store(&first)
			config := imap.Config{Address: e.wire.listener.Addr().String(), Username: dovecot.Username, TLSConfig: &tls.Config{RootCAs: e.Pool}, WindowBytes: 20_000}
			config.Token = func(context.Context) (string, error) {
				if asked++; asked == 1 {
					return first, nil
				}
				if asked == 2 {
					return c.next, c.err
				}
				return "second", nil
			}
			s := newSite(t, address, gateway.Options{})
			src := &meddled{source(t, config), 10, func() error { return e.expire("second") }}
			if _, err := s.g.Poll(t.Context(), src); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if status, err := s.g.Status(t.Context()); err != nil || (status.Failure != "") != (c.want != nil) || c.want != nil && status.Cursor.UID < 10 {
				t.Errorf("%+v, %v", status, err)
			}
			s.Clock.Advance(time.Hour)
			s.poll(t, src)
			if tally := s.check(t, slices.Values(mails)); tally[gateway.Opened] != len(mails) {
				t.Error(tally)
			}
		})
	}
}
