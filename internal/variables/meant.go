package variables

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Meant is the variable that somebody probably meant by a name that is none, however they wrote it: "ticket_cod", "customer
// name", "ticket.requester.name". It is empty where none is near.
func Meant(name string, fields []ticket.Field) string {
	best, least := "", 0
	written := words(name)
	for _, s := range []string{strings.Join(written, "_"), translated(written)} {
		for v := range names(fields) {
			if far := apart(s, v); far > 0 && (least == 0 || far < least) {
				best, least = v, far
			}
		}
	}
	return best
}

// names yields every variable there is.
func names(fields []ticket.Field) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, e := range table {
			if !yield(e.Name) {
				return
			}
		}
		for _, f := range fields {
			if !yield("f_"+f.Code) || !yield("f_"+f.Code+"_label") {
				return
			}
		}
	}
}

// apart is how far a name is from that of a variable: 1 for the same; more where it is the end of it, or its beginning, or
// misspelt; 0 where it is something else.
func apart(s, v string) int {
	const same, misspelt, end, beginning = 1, 10, 100, 1000
	if s == v {
		return same
	}
	if d := typos(s, v); d > 0 {
		return misspelt + d
	}
	begins := strings.HasPrefix(v, s+"_") && s != "ticket" && s != "f" // of which there are many
	for rest := v; ; begins = begins || strings.HasPrefix(rest, s+"_") {
		_, after, more := strings.Cut(rest, "_")
		if !more {
			break
		}
		if rest = after; s == rest {
			return end
		}
		if d := typos(s, rest); d > 0 {
			return end + d
		}
	}
	if begins && s != "" {
		return beginning
	}
	return 0
}

// typos is how many letters are to be changed, if those are few for the length of the name; else 0. Short names are soon
// like another: they begin with the same letter at least.
func typos(s, v string) int {
	most := min(len(s)/4, 3)
	if len(s) == 3 {
		most = 1
	}
	if most == 0 || len(s) < 6 && s[0] != v[0] {
		return 0
	}
	if d := nearest.Distance(s, v); d <= most {
		return d
	}
	return 0
}

// words are those of a name, in lower case, whatever parts them.
func words(name string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) { // customerName
			b.WriteByte(' ')
		}
		last = r
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// translated are words as names of variables have them, for what conditions, or other programs, call something else.
func translated(words []string) string {
	others := map[string]string{"requester": "customer", "client": "customer", "brand": "store", "shop": "store", "agent": "user",
		"owner": "assignee", "id": "code", "number": "code", "field": "f"}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = cmp.Or(others[w], w)
	}
	if len(out) > 1 && out[0] == "ticket" && out[1] == "f" {
		out = out[1:]
	}
	return strings.Join(out, "_")
}
