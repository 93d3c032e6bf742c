package mysql

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// prime writes to the index of words, and leaves nothing there. Of a transaction that has not done so before it sets a
// savepoint InnoDB of MariaDB 10.11.19 undoes no change of the index with the savepoint: at the commit documents leave
// the index that are there, and the server ends by an assertion (result != FTS_INVALID) when one is deleted again.
var prime = []string{
	"INSERT INTO {p}documents (ticket, version, updated, words) VALUES (-CONNECTION_ID(), 0, 0, '')",
	"DELETE FROM {p}documents WHERE ticket = -CONNECTION_ID()",
}

// The bounds of words and of documents.
const (
	maxWords = 1 << 20 // bytes of one document
	maxWord  = 80      // bytes: longer ones the index leaves out (innodb_ft_max_token_size)
)

// word writes a token with its tag as the index takes it: letters, digits and underscores of ASCII. Whatever begins a
// token begins its word.
func word(tagged string) string {
	var b strings.Builder
	b.WriteString(tagged[:1] + "q")
	for _, r := range tagged[1:] {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteString("_" + hex.EncodeToString(utf8.AppendRune(nil, r)))
		}
		if b.Len() > maxWord {
			return b.String()[:maxWord]
		}
	}
	return b.String()
}

// words writes a document: its words, each between blanks, the columns apart.
func words(columns []remote.Tokens) any {
	var b strings.Builder
	for _, c := range columns {
		b.WriteString(" zz")
		for _, t := range c.List {
			if b.Len() > maxWords {
				break
			}
			b.WriteString(" " + word(c.Tag+t))
		}
	}
	return b.String() + " "
}

// find asks the index (https://mariadb.com/kb/en/full-text-index-overview/#boolean-mode), which does not know phrases that
// end with a beginning and leaves some words out, and then the document.
func find(m remote.Match) (string, []any) {
	var all []string
	for _, entry := range m.All {
		list := make([]string, len(entry))
		for i, t := range entry {
			list[i] = phrase(t)
		}
		all = append(all, "+("+strings.Join(list, " ")+")")
	}
	cond, args := holds(m)
	return "MATCH (d.words) AGAINST (? IN BOOLEAN MODE) AND " + cond, append([]any{strings.Join(all, " ")}, args...)
}

// phrase asks for all words of a term: whether they stand side by side the document says.
func phrase(t remote.Term) string {
	list := make([]string, len(t.Words))
	for i, w := range t.Words {
		list[i] = "+" + word(w)
	}
	if t.Prefix {
		list[len(list)-1] += "*"
	}
	return "(" + strings.Join(list, " ") + ")"
}

// holds asks the document.
func holds(m remote.Match) (string, []any) {
	conds := []string{"1 = 1"}
	var args []any
	for _, entry := range m.All {
		cond, with := anyOf(entry)
		conds, args = append(conds, cond), append(args, with...)
	}
	if len(m.None) > 0 {
		cond, with := anyOf(m.None)
		conds, args = append(conds, "NOT "+cond), append(args, with...)
	}
	return strings.Join(conds, " AND "), args
}

func anyOf(terms []remote.Term) (string, []any) {
	var likes []string
	var args []any
	for _, t := range terms {
		texts := []string{strings.Join(wordsOf(t), " ")}
		if t.Apart {
			texts = wordsOf(t)
		}
		for i := range texts {
			if texts[i] = " " + texts[i]; !t.Prefix || i < len(texts)-1 {
				texts[i] += " "
			}
			args = append(args, texts[i])
		}
		likes = append(likes, "instr(d.words, ?) > 0"+strings.Repeat(" AND instr(d.words, ?) > 0", len(texts)-1))
	}
	return "(" + strings.Join(likes, " OR ") + ")", args
}

func wordsOf(t remote.Term) []string {
	list := make([]string, len(t.Words))
	for i, w := range t.Words {
		list[i] = word(w)
	}
	return list
}
