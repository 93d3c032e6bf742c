package webhook_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// nameServer answers every question for IPv4 with the addresses that next returns.
func nameServer(t *testing.T, next func() [][4]byte) *net.Resolver {
	t.Helper()
	conn := must(net.ListenPacket("udp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { _ = conn.Close() })
	go func() { // ends with the connection
		for buf := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				for _, ip := range next() {
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: ip}})
				}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	t.Run("X14 a name that comes to mean this machine is not followed there", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int32
		resolver := nameServer(t, func() [][4]byte {
			if asked.Add(1) == 1 {
				return nil
			}
			return [][4]byte{{127, 0, 0, 1}, {10, 0, 0, 1}}
		})
		w := newWorld(t, nil, &webhook.Options{Resolver: resolver, Timeout: 20 * time.Second})
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(w.to.URL, "https://"))
		e := webhook.Endpoint{URL: "https://example.com:" + port + "/"} // a name of its certificate
		w.put(e)
		if a := must(w.hooks.Test(as(bob), "erp"))(t); !strings.Contains(a.Error, "no such host") {
			t.Errorf("as nobody's name: %+v", a)
		}
		a := must(w.hooks.Test(as(bob), "erp"))(t)
		if asked.Load() < 2 || a.Taken() || !strings.Contains(a.Error, ":"+port+" is no public address") || len(w.to.requests()) > 0 {
			t.Errorf("asked %d times: %+v", asked.Load(), a)
		}
		free := must(webhook.New(helpdesktest.New(t, &helpdesktest.Options{Store: w.Store}).Automation(), w.Store, &webhook.Options{AllowPrivate: true, Resolver: resolver, Roots: w.roots()}))(t)
		if a = must(free.Test(as(bob), "erp"))(t); !a.Taken() {
			t.Errorf("where it is allowed: %+v", a)
		}
	})
	t.Run("X14 an address that is not public is not put, and not sent to where others have put it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, &webhook.Options{})
		for _, bad := range []string{"https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data/", "http://erp.example/", "ftp://erp.example/", "erp.example", "https://u:p@erp.example/", "https://erp.example/#x", ""} {
			_, _, err := w.hooks.Put(as(bob), webhook.Endpoint{Code: "bad", Name: "Bad", URL: bad})
			wantErr(t, err, ticket.ErrInvalid)
		}
		open := must(webhook.New(helpdesktest.New(t, &helpdesktest.Options{Store: w.Store}).Automation(), w.Store, &webhook.Options{AllowPrivate: true, Insecure: true}))(t)
		for _, url := range []string{"https://127.0.0.1:1/", "http://erp.example/"} {
			_, _, err := open.Put(as(bob), webhook.Endpoint{Code: "erp", Name: "ERP", URL: url, Version: webhook.AnyVersion})
			ok(t, err)
			if a := must(w.hooks.Test(as(bob), "erp"))(t); a.Taken() || a.Status != 0 || !strings.Contains(a.Error, "Private") && !strings.Contains(a.Error, "use https") {
				t.Errorf("it goes to %s: %+v", url, a)
			}
		}
		w.problem("has no TLS")
		if n := len(w.to.requests()); n > 0 {
			t.Errorf("%d requests", n)
		}
	})
}
