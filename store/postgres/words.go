package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// What a tsvector holds (https://www.postgresql.org/docs/current/textsearch-limitations.html).
const (
	maxVector = 900_000 // bytes of words and places: a megabyte, with some room
	maxWord   = 2000    // bytes
	maxPlace  = 16383   // words behind it stand at the same place
	maxPlaces = 255     // of one word
)

// words writes a tsvector: each word with its tag, and its places in the column.
func words(columns []remote.Tokens) any {
	places := map[string][]int{}
	size := 0
	for _, c := range columns {
		for i, w := range c.List {
			w = cut(c.Tag + w)
			at := places[w]
			if at == nil {
				size += len(w) + 8
			}
			if size += 2; size > maxVector {
				break
			}
			if len(at) < maxPlaces {
				places[w] = append(at, min(i+1, maxPlace))
			}
		}
	}
	var b strings.Builder
	for w, at := range places {
		b.WriteString(quoted(w))
		sign := byte(':')
		for _, n := range slices.Compact(at) {
			b.WriteByte(sign)
			b.WriteString(strconv.Itoa(n))
			sign = ','
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func cut(w string) string {
	if len(w) > maxWord {
		w = strings.ToValidUTF8(w[:maxWord], "")
	}
	return w
}

// quoted writes a word so that it is nothing but a word.
func quoted(w string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(w) + "'"
}

// holds asks for a tsquery (https://www.postgresql.org/docs/current/datatype-textsearch.html, 8.11.2).
func holds(m remote.Match) (string, []any) {
	var all []string
	for _, entry := range m.All {
		all = append(all, anyOf(entry))
	}
	if len(m.None) > 0 {
		all = append(all, "!"+anyOf(m.None))
	}
	if len(all) == 0 {
		return "1 = 1", nil
	}
	return "d.words @@ ?::tsquery", []any{strings.Join(all, " & ")}
}

func anyOf(terms []remote.Term) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		list := make([]string, len(t.Words))
		for j, w := range t.Words {
			list[j] = quoted(cut(w))
		}
		if t.Prefix {
			list[len(list)-1] += ":*"
		}
		by := " <-> "
		if t.Apart {
			by = " & "
		}
		out[i] = "(" + strings.Join(list, by) + ")"
	}
	return "(" + strings.Join(out, " | ") + ")"
}
