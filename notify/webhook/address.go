package webhook

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"crypto/tls"
)

// special are the networks that are for a purpose of their own (IANA's special-purpose registries), beside those that
// netip.Addr tells of: loopback, private, link-local, multicast. An address of the last ones may carry another in it.
var special = [...]string{
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"168.63.129.16/32", // what machines of a large cloud ask for their own set-up
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
}

// public reports whether anybody can reach an address. Of IPv6 that is one network, 2000::/3.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, p := range special {
		if netip.MustParsePrefix(p).Contains(ip) {
			return false
		}
	}
	return true
}

// refuse keeps a connection from being made to an address that is not public. It sees the address itself, after its name
// was looked up, so that it does not matter what the name meant before.
func refuse(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !public(to.Addr()) {
		return fmt.Errorf("%s is no public address: see webhook.Options.AllowPrivate", address)
	}
	return nil
}

// newClient returns a client that goes where it is sent and nowhere else: no redirects, no proxies, no cookies. It keeps no
// connections, so that nothing of it outlives a request.
func newClient(o Options) *http.Client {
	d := &net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver, KeepAlive: -1}
	if !o.AllowPrivate {
		d.Control = refuse
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.DialContext, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
			TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: o.Timeout,
			ExpectContinueTimeout: time.Second,
		},
	}
}
