package gateway

import (
	"slices"
	"strings"
)

// Servers of Authentication that are no names.
const (
	EveryServer   = "*" // any server at all: for looking at mails, never for deciding on rights
	UnnamedServer = "-" // a server that leaves its name out, as Microsoft 365 does
)

// Authenticity is what a mail server found out about a sender (RFC 8601). The values are in lower case.
type Authenticity struct {
	Server string // the authserv-id; empty if no trusted server said anything, or if it leaves its name out
	DMARC  string // pass, fail or none; none also where the check could not be made, or was not
	SPF    string // as the server says, such as pass, fail, softfail, neutral, none; empty if it was not checked
	DKIM   string // pass if any signature passed, else as the server says of the first; empty if it was not checked
	Domain string // whose From the DMARC result is about (header.from); empty if the server does not tell
}

// Proves reports whether the author of m is proven: DMARC passed for the domain of its only From address. An author that
// [Author] takes from another field never is: whoever owns a domain can name anybody there.
func (a Authenticity) Proves(m *Mail) bool {
	_, domain, _ := strings.Cut(m.From.Email, "@")
	author, via := Author(m)
	return author == m.From && via == "" && a.DMARC == "pass" && !m.FromUnknown && len(m.header.values("from")) == 1 && (a.Domain == "" || a.Domain == domain) && soleAuthor(m)
}

func soleAuthor(m *Mail) bool {
	list, cut := parseAddresses(m.header.get("from"), 2)
	return len(list) == 1 && !cut
}

// Authentication reads the Authentication-Results (RFC 8601) of the topmost field that one of the trusted servers
// wrote, and of no other: what stands below may come from the sender. trusted are authserv-ids, compared without case,
// or EveryServer or UnnamedServer; none means that nobody is trusted. Trust only servers that remove foreign fields
// which bear their name (RFC 8601 §5). ARC is not looked at: it says what others saw.
//
// With EveryServer the methods may come from several fields, the topmost that names a method counting.
func Authentication(m *Mail, trusted []string) Authenticity {
	a := Authenticity{DMARC: "none"}
	all := slices.Contains(trusted, EveryServer)
	found := false
	for _, value := range m.header.values("authentication-results") {
		server, results := parseAuthentication(oneLine(value))
		if !all && !trusts(trusted, server) {
			continue
		}
		if !found {
			a.Server, found = server, true
		}
		a.take(results)
		if !all {
			break
		}
	}
	if a.DMARC != "pass" && a.DMARC != "fail" {
		a.DMARC = "none"
	}
	return a
}

func trusts(trusted []string, server string) bool {
	return slices.ContainsFunc(trusted, func(t string) bool {
		t = strings.ToLower(strings.TrimSpace(t))
		return t != "" && (t == server || t == UnnamedServer && server == "")
	})
}

// take fills what is not known yet.
func (a *Authenticity) take(results []authResult) {
	dkim := ""
	for _, r := range results {
		switch {
		case r.method == "dmarc" && (a.DMARC == "none" || a.DMARC == ""):
			a.DMARC, a.Domain = r.result, strings.TrimSuffix(strings.ToLower(r.from), ".")
		case r.method == "spf" && a.SPF == "":
			a.SPF = r.result
		case r.method == "dkim" && (dkim == "" || r.result == "pass"):
			dkim = r.result
		}
	}
	a.DKIM = firstOf(a.DKIM, dkim)
}

// authResult is one resinfo of RFC 8601 §2.2.
type authResult struct{ method, result, from string }

// parseAuthentication reads one field: the server and what it found.
func parseAuthentication(value string) (server string, results []authResult) {
	pieces := splitAuthentication(beginning(value, 16<<10))
	if len(pieces) > 0 && !strings.Contains(pieces[0], "=") {
		words := strings.Fields(pieces[0])
		if len(words) > 0 { // a version may follow the name
			server = strings.ToLower(strings.TrimSuffix(words[0], "."))
		}
		pieces = pieces[1:]
	}
	for _, piece := range pieces {
		if r, ok := parseResult(piece); ok {
			results = append(results, r)
		}
	}
	return server, results
}

// splitAuthentication cuts at semicolons outside quotes, with comments taken out (they may nest, RFC 5322 §3.2.2) and
// the quotes of quoted strings removed; blanks in these become a character that no value holds.
func splitAuthentication(s string) []string {
	var pieces []string
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			if i++; quoted && depth == 0 && i < len(s) {
				b.WriteByte(shielded(s[i]))
			}
		case quoted:
			if quoted = c != '"'; quoted {
				b.WriteByte(shielded(c))
			}
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				b.WriteByte(' ')
			}
		case depth > 0:
		case c == '"':
			quoted = true
		case c == ';':
			pieces = append(pieces, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(pieces, b.String())
}

// shielded keeps quoted characters from being read as syntax.
func shielded(c byte) byte {
	if c == ' ' || c == '=' || c == ';' || c == '/' {
		return '_'
	}
	return c
}

// parseResult reads "method/version = result property=value …"; blanks may stand around the first "=".
func parseResult(piece string) (r authResult, ok bool) {
	method, rest, ok := strings.Cut(piece, "=")
	method, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(method)), "/")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 || strings.ContainsAny(strings.TrimSpace(method), " \t") {
		return r, false
	}
	r.method, r.result = strings.TrimSpace(method), strings.ToLower(words[0])
	for _, w := range words[1:] {
		if name, value, ok := strings.Cut(w, "="); ok && strings.EqualFold(name, "header.from") {
			r.from = value[strings.LastIndexByte(value, '@')+1:]
		}
	}
	return r, true
}
