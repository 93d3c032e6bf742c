package fulltext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Range is a part of a text, in bytes: from Start up to, and without, End. It begins and ends between letters.
type Range struct{ Start, End int }

// Find returns where the phrases stand in a text, in order and without overlaps, the first limit of them.
func Find(text string, phrases []Phrase, limit int) []Range {
	if len(phrases) == 0 {
		return nil
	}
	var out []Range
	tokens := Tokens(text)
	for i := range tokens {
		if len(out) >= limit {
			break
		}
		at := Range{tokens[i].Start, tokens[i].Start}
		for _, p := range phrases {
			if end := p.at(tokens[i:], text); end > at.End {
				at.End = end
			}
		}
		if at.End == at.Start {
			continue
		}
		if last := len(out) - 1; last >= 0 && at.Start <= out[last].End { // pairs overlap
			out[last].End = max(out[last].End, at.End)
			continue
		}
		out = append(out, at)
	}
	return out
}

// at returns where the phrase ends that begins with the first of the tokens, or 0.
func (p Phrase) at(tokens []Token, text string) int {
	n := len(p.Words)
	if n == 0 || n > len(tokens) {
		return 0
	}
	for i, w := range p.Words {
		if strings.HasPrefix(tokens[i].Text, w) {
			if i == n-1 && p.Prefix {
				continue
			}
			if r, size := utf8.DecodeRuneInString(w); n == 1 && size == len(w) && classOf(r) == paired { // one letter of a pair
				_, size := utf8.DecodeRuneInString(text[tokens[i].Start:])
				return tokens[i].Start + size
			}
		}
		if tokens[i].Text != w {
			return 0
		}
	}
	return tokens[n-1].End
}

// Snippet returns the part of a text, of about width bytes, that shows the most of the ranges beside each other, and the
// ranges within it. It begins and ends at blanks where some are near.
func Snippet(text string, found []Range, width int) (part string, within []Range) {
	if len(found) == 0 {
		return "", nil
	}
	first, last := densest(found, width)
	spare := max(0, width-(found[last].End-found[first].Start))
	start := before(text, max(0, found[first].Start-spare/3))
	end := after(text, min(len(text), max(found[last].End, start+width)))
	start, end = min(start, found[first].Start), max(end, found[last].End)
	for _, r := range found {
		if r.Start >= start && r.End <= end {
			within = append(within, Range{r.Start - start, r.End - start})
		}
	}
	return text[start:end], within
}

// densest returns the first and the last of the most ranges that fit into the width.
func densest(found []Range, width int) (first, last int) {
	best := -1
	for i, j := 0, 0; i < len(found); i++ {
		j = max(j, i)
		for j+1 < len(found) && found[j+1].End-found[i].Start <= width {
			j++
		}
		if j-i > best {
			best, first, last = j-i, i, j
		}
	}
	return first, last
}

// slack is how far a snippet's edges move to stand at a blank, in bytes.
const slack = 24

// before moves an edge back to where a word begins.
func before(text string, at int) int {
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	from := max(0, at-slack)
	if i := strings.LastIndexFunc(text[from:at], unicode.IsSpace); i >= 0 && at > 0 {
		_, size := utf8.DecodeRuneInString(text[from+i:])
		return from + i + size
	}
	if from == 0 {
		return 0
	}
	return at
}

// after moves an edge on to where a word ends.
func after(text string, at int) int {
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	to := min(len(text), at+slack)
	if i := strings.IndexFunc(text[at:to], unicode.IsSpace); i >= 0 {
		return at + i
	}
	if to == len(text) {
		return to
	}
	return at
}
