package gateway

import (
	"html"
	"strings"
)

// sender finds who wrote a mail: From, and where that holds no address, the
// headers that come nearest to it. The name in an unreadable From is kept.
func sender(h header) (from Address, unknown bool) {
	name := ""
	for _, value := range h.values("from") {
		value = unescaped(value)
		if list, _ := parseAddresses(value, 1); len(list) > 0 {
			return list[0], false
		}
		if a, ok := lastAddress(value); ok {
			return a, false
		}
		if name == "" {
			text, _, comment := dissect(value)
			name = displayName(strings.Trim(text, "\" "), comment)
		}
	}
	for _, substitute := range []string{"reply-to", "return-path", "sender", "x-original-sender", "x-sender"} {
		for _, value := range h.values(substitute) {
			if list, _ := parseAddresses(value, 1); len(list) > 0 {
				return Address{firstOf(list[0].Name, name), list[0].Email}, false
			}
		}
	}
	name, _ = cutRunes(name, 200)
	return Address{name, UnknownSender}, true
}

// unescaped is a value whose brackets somebody wrote as HTML does.
func unescaped(value string) string {
	if strings.Contains(value, "&lt;") && !strings.Contains(value, "<") {
		return html.UnescapeString(value)
	}
	return value
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}
