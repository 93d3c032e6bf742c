package remote

import (
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Match is a question about the words of a document: of each entry of All one term, and none of None.
type Match struct {
	All  [][]Term
	None []Term
}

// Term is words, with their columns' tags, that stand side by side.
type Term struct {
	Words  []string
	Prefix bool // the last of them need only begin so
	Apart  bool // they may stand anywhere
}

// apart asks for the words of each term wherever they stand: where they stand side by side no index knows.
func (m Match) apart() Match {
	all := make([][]Term, len(m.All))
	for i, entry := range m.All {
		for _, t := range entry {
			t.Apart = len(t.Words) > 1
			all[i] = append(all[i], t)
		}
	}
	return Match{All: all, None: m.None}
}

// phrases reports whether words are to stand side by side.
func (m Match) phrases() bool {
	return slices.ContainsFunc(m.All, func(entry []Term) bool {
		return slices.ContainsFunc(entry, func(t Term) bool { return len(t.Words) > 1 })
	})
}

// matchOf writes a question in tagged words; nothing says that no document can answer it.
func matchOf(q store.SearchQuery, scope ticket.Scope) (m Match, nothing bool) {
	columns := store.Columns(scope)
	for _, entry := range q.All {
		list := terms(entry, columns)
		nothing = nothing || len(list) == 0
		m.All = append(m.All, list)
	}
	if len(q.Who) > 0 {
		var own []Term
		for _, w := range q.Who {
			if list := tokens(w); len(list) == 1 {
				own = append(own, Term{Words: []string{whoTag + list[0]}})
			}
		}
		nothing = nothing || len(own) == 0
		m.All = append(m.All, own)
	}
	m.None = terms(q.None, columns)
	return m, nothing
}

// terms lists phrases in the columns, or in those that they name.
func terms(phrases []store.Phrase, columns []store.Column) (out []Term) {
	for _, p := range phrases {
		words := tokens(strings.Join(p.Words, " "))
		if len(words) == 0 {
			continue
		}
		for _, c := range columns {
			if p.Column != "" && p.Column != c {
				continue
			}
			t := Term{Prefix: p.Prefix}
			for _, w := range words {
				t.Words = append(t.Words, tags[c]+w)
			}
			out = append(out, t)
		}
	}
	return out
}
