// Package nearest finds the name that somebody may have meant.
package nearest

import (
	"iter"
	"strings"
)

// most is how many bytes of a name are looked at, so that a hostile one costs nothing.
const most = 100

// Of returns the shortest name that begins with what was given, as set_priority does with set_prio; else the one that is the
// fewest changes of a letter away (Levenshtein's distance, in bytes), the first of equal ones; nothing where there are no
// names.
func Of(name string, names iter.Seq[string]) string {
	best, least, longer := "", -1, ""
	for n := range names {
		if d := Distance(name, n); least < 0 || d < least {
			best, least = n, d
		}
		if Begins(name, n) && (longer == "" || len(n) < len(longer)) {
			longer = n
		}
	}
	if longer != "" && least > 1 {
		return longer
	}
	return best
}

// Begins reports whether a name was begun by what was given, as far as a few letters can tell.
func Begins(given, name string) bool { return len(given) > 2 && strings.HasPrefix(name, given) }

// Distance is how many letters of a are to be changed, added or left out to make it b, in bytes, of which the first 100 are
// looked at.
func Distance(a, b string) int {
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+change)
		}
	}
	return row[len(b)]
}
