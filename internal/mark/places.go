package mark

import (
	"fmt"
	"strings"
)

// The places of a mark. Each begins with what other programs hardly write, and is told from the rest by its length.
const (
	idPrefix   = "hd."
	tagPrefix  = "hd"
	codePrefix = "hd-"
)

// maxLocal is how long the local part of an address may be (RFC 5321 §4.5.3.1.1).
const maxLocal = 64

// ID is a Message-ID with a mark, without angle brackets.
func ID(sealed, domain string) string { return idPrefix + sealed + "@" + domain }

// InID returns the mark in a Message-ID of the form of ID; empty if it has none.
func InID(id string) string {
	local, _, _ := strings.Cut(id, "@")
	if s, ok := strings.CutPrefix(local, idPrefix); ok && whole(s) {
		return s
	}
	return ""
}

// Address is an address with a mark after a plus; empty where it would be too long.
func Address(sealed, base string) string {
	local, domain, ok := strings.Cut(base, "@")
	local += "+" + tagPrefix + sealed
	if !ok || len(local) > maxLocal {
		return ""
	}
	return local + "@" + domain
}

// InAddress returns the mark in an address of the form of Address, also behind another delimiter, for mail servers have
// their own; empty if it has none.
func InAddress(address string) string {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	i := strings.LastIndexAny(local, "+-=_#")
	if i < 0 {
		return ""
	}
	if s, ok := strings.CutPrefix(local[i+1:], tagPrefix); ok && whole(s) {
		return s
	}
	return ""
}

// Base is an address without the mark in it.
func Base(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	s := InAddress(address)
	if s == "" {
		return address
	}
	return local[:len(local)-len(s)-len(tagPrefix)-1] + "@" + domain
}

// Code is a mark as it stands in the text of a mail.
func Code(sealed string) string { return codePrefix + sealed }

// HTML is a mark as it stands in the HTML of a mail, in three ways: mail programs drop attributes, or what nobody sees,
// or comments, but rarely all of them.
func HTML(sealed string) string {
	code := Code(sealed)
	return fmt.Sprintf(`<div id="%s" class="%s" style="font-size:1px;line-height:1px;max-height:1px;color:transparent;overflow:hidden;mso-hide:all">%s<!-- %s --></div>`, code, code, code, code)
}

// mostCodes is how many marks are looked for in a text: each mail that it quotes has one, in a few places.
const mostCodes = 100

// InText returns the marks in a text or in the source of HTML, each once, in their order.
func InText(text string) []string {
	var list []string
	seen := map[string]bool{}
	for len(list) < mostCodes {
		_, after, found := strings.Cut(text, codePrefix)
		if !found {
			break
		}
		s := run(after)
		if whole(s) && !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
		text = after[len(s):]
	}
	return list
}

// run is what of a text may be a mark.
func run(text string) string {
	for i, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return text[:i]
		}
	}
	return text
}

func whole(s string) bool {
	return len(s) >= least && len(s) <= most && run(strings.ToLower(s)) == strings.ToLower(s)
}

// Strip returns a text, or the source of HTML, without the marks in it: those of Code, and those in addresses.
func Strip(text string) string {
	for _, prefix := range []string{codePrefix, "+" + tagPrefix} {
		text = stripAfter(text, prefix)
	}
	return text
}

func stripAfter(text, prefix string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, prefix)
		if !found {
			break
		}
		b.WriteString(before)
		if s := run(after); whole(s) {
			text = after[len(s):]
			continue
		}
		b.WriteString(prefix)
		text = after
	}
	if b.Len() == 0 {
		return text
	}
	b.WriteString(text)
	return b.String()
}
