package gateway

import "strings"

// controlPrefix begins the names of the fields by which the desk's own mail speaks to the desk.
const controlPrefix = "x-helpdesk-"

// ControlHeader reports whether a header field is of the desk's own namespace, X-Helpdesk-. Anyone can write such
// fields, so a gateway that is not trusted must not act on them; Classify reads LoopHeader alone, which can harm only
// the mail that carries it.
func ControlHeader(name string) bool {
	return len(name) > len(controlPrefix) && strings.EqualFold(name[:len(controlPrefix)], controlPrefix)
}

// WithoutControlHeaders is m without the fields of the desk's own namespace, for untrusted gateways. m itself is not
// changed; if it has none, it is returned. Raw mails that are attached keep theirs.
func (m *Mail) WithoutControlHeaders() *Mail {
	var kept header
	for _, f := range m.header {
		if !ControlHeader(f.name) {
			kept = append(kept, f)
		}
	}
	if len(kept) == len(m.header) {
		return m
	}
	c := *m
	c.header = kept
	return &c
}
