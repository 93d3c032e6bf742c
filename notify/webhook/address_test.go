package webhook

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	t.Run("X14 addresses that are not public are known in every spelling", func(t *testing.T) {
		t.Parallel()
		for _, ip := range []string{
			"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
			"192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
			"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
			"2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "4000::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1111%eth0",
		} {
			if public(netip.MustParseAddr(ip)) {
				t.Errorf("%s passes", ip)
			}
			if refuse("tcp", netip.AddrPortFrom(netip.MustParseAddr(ip), 443).String(), nil) == nil {
				t.Errorf("%s is dialled", ip)
			}
		}
		for _, ip := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "192.167.0.1", "100.128.0.1", "169.253.0.1", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"} {
			if !public(netip.MustParseAddr(ip)) {
				t.Errorf("%s is refused", ip)
			}
		}
		for _, bad := range []string{"", "1.1.1.1", "localhost:80", "[::1]", "1.1.1.1:x"} {
			if refuse("tcp", bad, nil) == nil {
				t.Errorf("%q is dialled", bad)
			}
		}
	})
	t.Run("X14 no proxy, no cookies, and nothing that outlives a request", func(t *testing.T) {
		t.Parallel()
		c := newClient(Options{})
		tr, _ := c.Transport.(*http.Transport)
		if tr == nil || tr.Proxy != nil || c.Jar != nil || !tr.DisableKeepAlives {
			t.Errorf("%+v", c)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for _, s := range []string{"", "0", "120", "-1", "1e9", "18446744073709551615", "9223372036854775807", "Mon, 05 Jan 2026 10:00:00 GMT", "Mon, 05 Jan 1026 10:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", " 5 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d := retryAfter(s, now); d < 0 || d > time.Hour {
			t.Errorf("%q asks for %s", s, d)
		}
	})
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"", "https://erp.example/x", "http://erp.example", "https://127.0.0.1", "https://[::ffff:127.0.0.1]:443/", "https://u:p@x", "https://x#y", "https:x", "//x", "https://[fe80::1%25eth0]/", "https://0x7f.1/", "HTTPS://X"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := checkURL(s, Options{}); err != nil {
			return
		}
		r, err := http.NewRequest(http.MethodPost, s, nil)
		if err != nil {
			t.Fatalf("%q is taken, and makes no request: %v", s, err)
		}
		if ip, err := netip.ParseAddr(r.URL.Hostname()); r.URL.Scheme != "https" || r.URL.Host == "" || r.URL.User != nil || err == nil && !public(ip) {
			t.Errorf("%q is taken", s)
		}
	})
}

func FuzzID(f *testing.F) {
	e := Endpoint{ID: "0123456789abcdef"}
	for _, s := range []string{"", "msg_0123456789abcdef_e7", "msg_0123456789abcdef_e07", "msg_0123456789abcdef_e-7", "msg_0123456789abcdef_r7", "msg__e7", "msg_0123456789abcdef_e9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n := e.eventOf(s); n != 0 && webhookID(e.ID, 'e', n) != s {
			t.Errorf("%q names event %d", s, n)
		}
	})
}
