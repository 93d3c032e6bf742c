package condition

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
)

// What can be run and is hardly meant: values that there are not, capitals in what is in lower case, hours that no day has.

// maxNamed is how many values of a list a message names.
const maxNamed = 12

// named warns of a value that the field has not: it is no error, for lists of the desk change while rules stay.
func (r *reader) named(f, value *node) {
	if value.op != opText || value.text == "" || r.cased(f, value, "is in %s case, and so never %s") {
		return
	}
	switch {
	case f.op == opCall && f.name == "weekday":
		r.unknown(f, value, weekdays())
	case f.op != opField || len(f.field.Options) == 0 && f.field.Open:
	case !f.field.Open:
		r.unknown(f, value, f.field.Options)
	case !slices.Contains(f.field.Options, value.text): // hosts have others, but hardly one that is nearly the same
		if near := meantOf(value.text, f.field.Options, len(value.text)/3); near != "" && len(value.text) > 3 {
			r.warn(value.at, quote(near), "%s is never %s, unless the host has named one so", f, quote(value.text))
		}
	}
}

// unknown warns of a value that is none of all: with the one that was probably meant, or with a few that there are.
func (r *reader) unknown(f, value *node, all []string) {
	if slices.Contains(all, value.text) {
		return
	}
	near := meantOf(value.text, all, min((len(value.text)+1)/2, 2))
	switch {
	case near != "":
		r.warn(value.at, quote(near), "%s is never %s: the desk has no such value", f, quote(value.text))
	case len(all) > 0 && len(all) <= maxNamed:
		r.warn(value.at, "", "%s is never %s: there are %s", f, quote(value.text), enumerated(all))
	default:
		r.warn(value.at, "", "%s is never %s: the desk has no such value", f, quote(value.text))
	}
}

// enumerated writes values as a sentence does.
func enumerated(all []string) string {
	quoted := make([]string, len(all))
	for i, v := range all {
		quoted[i] = quote(v)
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
	}
	return quoted[0]
}

// meantOf is the value that somebody may have meant: by another word for it, or by one that is no more letters away. It is
// empty where that would be a guess.
func meantOf(word string, all []string, away int) string {
	words := map[string]string{"customer": "client", "user": "client", "requester": "client", "guest": "client", "agent": "staff", "operator": "staff",
		"resolved": "solved", "waiting": "pending", "junk": "spam"}
	if v := words[lowered(word)]; slices.Contains(all, v) {
		return v
	}
	if rest, ok := strings.CutPrefix(word, ticketPrefix); ok && slices.Contains(all, rest) {
		return rest
	}
	for _, v := range all {
		if strings.EqualFold(v, word) {
			return v
		}
	}
	if near := nearestOf(word, all); near != "" && (nearest.Distance(word, near) <= away || nearest.Begins(word, near)) {
		return near
	}
	return ""
}

// cased warns of a text in the other case than all that it is compared with, and reports whether it did.
func (r *reader) cased(f, value *node, says string) bool {
	if value.op != opText {
		return false
	}
	name := caseOf(f)
	as := value.text
	switch name {
	case "lower":
		as = lowered(as)
	case "upper":
		as = strings.ToUpper(as)
	}
	if as == value.text {
		return false
	}
	r.warn(value.at, quote(as), "%s "+says, f, name, quote(value.text))
	return true
}

// caseOf is the case that a text always is in; empty for any.
func caseOf(n *node) string {
	switch {
	case n.op == opField && n.field.Lower:
		return "lower"
	case n.op == opCall && n.name == "trim":
		return caseOf(n.args[0])
	case n.op == opCall && (n.name == "lower" || n.name == "upper"):
		return n.name
	}
	return ""
}

// reached warns of a comparison with a number that no hour, day or month is.
func (r *reader) reached(n *node) {
	for i, x := range n.args {
		lo, hi, bounded := boundsOf(x)
		if !bounded {
			continue
		}
		op, values := n.op, []*node{n.args[1-i]}
		if i == 1 {
			op = turned(op)
		}
		if values[0].op == opList {
			op, values = "==", values[0].args
		}
		if !slices.ContainsFunc(values, func(v *node) bool { return v.op != opNumber || met(op, v.num, lo, hi) }) {
			r.warn(x.at, "", "%s is from %v to %v, so this never holds", x, lo, hi)
		}
	}
}

func boundsOf(n *node) (lo, hi float64, bounded bool) {
	if n.op != opCall {
		return 0, 0, false
	}
	switch n.name {
	case "hour":
		return 0, 23, true
	case "day":
		return 1, 31, true
	case "month":
		return 1, 12, true
	}
	return 0, 0, false
}

// met reports whether a whole number of a range can be so compared with v.
func met(op string, v, lo, hi float64) bool {
	switch op {
	case "<":
		return lo < v
	case "<=":
		return lo <= v
	case ">":
		return hi > v
	case ">=":
		return hi >= v
	case "==":
		return v >= lo && v <= hi && v == float64(int(v))
	}
	return true
}

// numberOf is the number that a text says, or the month of a name; empty for none.
func numberOf(of *node, text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	for m := time.January; m <= time.December && len(text) > 2; m++ {
		name := lowered(m.String())
		if of.op == opCall && of.name == "month" && strings.HasPrefix(name, lowered(text)) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}
