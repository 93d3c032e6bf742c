package gateway

import (
	"strings"
	"unicode/utf8"
)

// Address is a mailbox: a display name, decoded and possibly empty, and an address
// in lower case. RFC 5321 §2.4 lets the part before the @ depend on case; no
// provider does, and a customer who writes it differently is the same one.
type Address struct {
	Name  string
	Email string
}

// UnknownSender is the address of a mail whose headers hold none. It can never
// receive mail (RFC 2606 §2).
const UnknownSender = "unknown@sender.invalid"

// parseAddresses reads an address list (RFC 5322 §3.4, the obsolete forms of §4.4
// too) and what senders write instead: semicolons between addresses, unquoted or
// encoded names, missing brackets. Entries without an address are left out. At
// most limit addresses are returned; cut tells whether there were more.
func parseAddresses(value string, limit int) (list []Address, cut bool) {
	for _, entry := range splitAddresses(value) {
		a, ok := parseAddress(entry)
		if !ok {
			continue
		}
		if len(list) == limit {
			return list, true
		}
		list = append(list, a)
	}
	return list, false
}

// splitAddresses cuts a list at its commas and semicolons, group names taken off.
func splitAddresses(value string) []string {
	var entries []string
	s := addressScanner{}
	start := 0
	for i := 0; i < len(value); i++ {
		c := value[i]
		if s.escaped(c) || s.inside(c) {
			continue
		}
		switch c {
		case ',', ';':
			entries = append(entries, value[start:i])
			start = i + 1
		case ':':
			if !strings.ContainsAny(value[start:i], "@[") { // a group's name (RFC 5322 §3.4)
				start = i + 1
			}
		}
	}
	if s.quote && start < len(value) {
		// The last quote was never closed: it is no quote.
		return append(entries, strings.Split(value[start:], ",")...)
	}
	return append(entries, value[start:])
}

// addressScanner follows quotes, comments and angle brackets.
type addressScanner struct {
	quote, angle, escape bool
	comment              int
}

func (s *addressScanner) escaped(c byte) bool {
	if s.escape {
		s.escape = false
		return true
	}
	s.escape = c == '\\' && (s.quote || s.comment > 0)
	return s.escape
}

// inside takes one character and reports whether it is within, or the edge of, a
// quote, a comment or angle brackets.
func (s *addressScanner) inside(c byte) bool {
	switch {
	case s.quote:
		s.quote = c != '"'
		return true
	case s.comment > 0:
		switch c {
		case '(':
			s.comment++
		case ')':
			s.comment--
		}
		return true
	case c == '"':
		s.quote = true
		return true
	case c == '(':
		s.comment++
		return true
	case s.angle:
		s.angle = c != '>'
		return true
	case c == '<':
		s.angle = true
		return true
	}
	return false
}

// parseAddress reads one mailbox; ok is false where it holds no address.
func parseAddress(entry string) (a Address, ok bool) {
	if bare := strings.Fields(entry); len(bare) > 1 && !strings.ContainsAny(entry, "<>\"()") && allAddresses(bare) {
		entry = bare[0] // commas are missing
	}
	name, spec, comment := dissect(entry)
	if spec != "" || strings.Contains(entry, "<") {
		if email, ok := addrSpec(spec); ok {
			return Address{displayName(name, comment), email}, true
		}
	} else if email, ok := addrSpec(name); ok {
		return Address{displayName("", comment), email}, true
	}
	return lastAddress(entry)
}

func allAddresses(words []string) bool {
	for _, w := range words {
		if _, ok := addrSpec(w); !ok {
			return false
		}
	}
	return true
}

// dissect splits a mailbox into what stands before, within and in comments around
// the angle brackets.
func dissect(entry string) (name, spec, comment string) {
	var before, within, remark strings.Builder
	s, done := addressScanner{}, false
	for i := range len(entry) {
		c := entry[i]
		was := s
		escaped := s.escaped(c)
		if escaped && !was.escape {
			continue // the backslash
		}
		edge := !escaped && s.inside(c) && (was.comment != s.comment || was.angle != s.angle) && s.comment <= 1 && was.comment <= 1
		done = done || was.angle && !s.angle && within.Len() > 0
		switch {
		case edge:
		case was.comment > 0:
			remark.WriteByte(c)
		case done: // what follows the address is nothing
		case was.angle:
			within.WriteByte(c)
		default:
			before.WriteByte(c)
		}
	}
	return strings.TrimSpace(before.String()), strings.TrimSpace(within.String()), strings.TrimSpace(remark.String())
}

// displayName is the decoded name without its quotes; a comment serves where there
// is none.
func displayName(name, comment string) string {
	if name == "" {
		name = comment
	}
	if n := len(name); n >= 2 && name[0] == '"' && name[n-1] == '"' {
		name = name[1 : n-1]
	}
	name = oneLine(decodeWords(name))
	if n := len(name); n >= 2 && (name[0] == '"' && name[n-1] == '"' || name[0] == '\'' && name[n-1] == '\'') {
		name = strings.TrimSpace(name[1 : n-1])
	}
	return name
}

// addrSpec checks and cleans an addr-spec (RFC 5322 §3.4.1): routes and blanks are
// taken off, encoded words decoded.
func addrSpec(s string) (string, bool) {
	s = strings.Trim(strings.TrimSpace(s), "<>")
	if strings.Contains(s, "=?") || !utf8.ValidString(s) {
		s = decodeWords(s)
	}
	s = strings.TrimPrefix(oneLine(s), "mailto:")
	if route, rest, ok := strings.Cut(s, ":"); ok && strings.HasPrefix(route, "@") {
		s = rest
	}
	if s == "" || s[0] != '"' {
		s = strings.ReplaceAll(strings.ReplaceAll(s, " @", "@"), "@ ", "@")
		s = strings.ReplaceAll(strings.ReplaceAll(s, " .", "."), ". ", ".")
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 320 {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	if strings.ContainsAny(domain, " \t<>()\",;:@") && !strings.HasPrefix(domain, "[") {
		return "", false
	}
	if strings.ContainsAny(local, " <>(),;:\"@") && (len(local) <= 2 || local[0] != '"' || local[len(local)-1] != '"') {
		return "", false
	}
	return strings.ToLower(strings.TrimSuffix(s, ".")), true
}

// lastAddress finds the last thing in an entry that looks like an address, also in
// the forms "Name [mailto:address]" and "name;address".
func lastAddress(entry string) (Address, bool) {
	text := oneLine(decodeWords(entry))
	begin, end := 0, 0
	for at := strings.LastIndexByte(text, '@'); at >= 0 && end == 0; at = strings.LastIndexByte(text[:at], '@') {
		begin, end = addressAround(text, at)
	}
	if end == 0 {
		return Address{}, false
	}
	email := strings.ToLower(strings.TrimRight(text[begin:end], "."))
	name := strings.TrimRight(text[:begin], " <[(;:")
	if i := strings.LastIndex(strings.ToLower(name), "mailto"); i >= 0 && i == len(name)-len("mailto") {
		name = name[:i]
	}
	name = strings.Trim(name, " <[(;:\"',")
	if strings.Contains(name, "@") {
		name = ""
	}
	return Address{name, email}, true
}

// addressAround is the thing around an @ that looks like an address; end is 0 where none does.
func addressAround(s string, at int) (begin, end int) {
	const foreign = " \t\n\r\f\v<>()[],;:\"'@*\\"
	from := max(at-65, 0)
	begin = from + 1 + strings.LastIndexAny(s[from:at], foreign)
	tail := s[at+1 : min(len(s), at+257)]
	size := strings.IndexAny(tail, foreign)
	if size < 0 {
		size = len(tail)
	}
	if begin >= at || at-begin > 64 || size == 0 || size > 255 {
		return 0, 0
	}
	return begin, at + 1 + size
}
