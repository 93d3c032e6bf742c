// Package nearest finds the name that somebody may have meant.
package nearest

import "iter"

// most is how many bytes of a name are looked at, so that a hostile one costs nothing.
const most = 100

// Of returns the name that is the fewest changes of a letter away (Levenshtein's distance, in bytes), the first of equal
// ones; nothing where there are no names.
func Of(name string, names iter.Seq[string]) string {
	best, least := "", -1
	for n := range names {
		if d := Distance(name, n); least < 0 || d < least {
			best, least = n, d
		}
	}
	return best
}

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
