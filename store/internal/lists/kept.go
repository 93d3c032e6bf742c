package lists

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Kept selects rows of the numbers that a store keeps of tickets, by their columns folder, brand and department, and the
// one of the assignee or the tag, which stores name as they like.
type Kept struct {
	conds []string
	args  []any
}

// With adds a condition.
func (k Kept) With(cond string, args ...any) Kept {
	return Kept{append(slices.Clip(k.conds), cond), append(slices.Clip(k.args), args...)}
}

// Where joins the conditions; there is always one.
func (k Kept) Where() (string, []any) {
	if len(k.conds) == 0 {
		return "1 = 1", nil
	}
	return strings.Join(k.conds, " AND "), k.args
}

// KeptIn selects what a scope sees because of where it lies, if it sees anything for that.
func KeptIn(scope ticket.Scope) (k Kept, any bool) {
	if scope.All {
		return k, true
	}
	var in Kept
	for _, p := range widest(slices.DeleteFunc(slices.Clone(scope.Places), func(p ticket.Place) bool { return p == ticket.Place{} })) {
		switch {
		case p.Brand == "":
			in = in.With("department = ?", p.Department)
		case p.Department == "":
			in = in.With("brand = ?", p.Brand)
		default:
			in = in.With("department = ? AND brand = ?", p.Department, p.Brand)
		}
	}
	if len(in.conds) == 0 {
		return k, false
	}
	return k.With("("+strings.Join(in.conds, " OR ")+")", in.args...), true
}

// Asked adds what the query asks of numbers of one kind, whose assignee or tag stands in the column name.
func (k Kept) Asked(q store.TallyQuery, from store.TallyKind, name string) Kept {
	if from != store.TallyTags {
		k = oneOf(k, "folder", q.Folders)
	}
	k = oneOf(oneOf(k, "brand", q.Brands), "department", q.Departments)
	if q.Assignee != "" && q.By == store.TallyAssignees {
		k = k.With(name+" = ?", q.Assignee)
	}
	if q.Prefix != "" && from == store.TallyTags {
		k = k.With(name+" >= ?", q.Prefix)
		if past := pastPrefix(q.Prefix); past != "" {
			k = k.With(name+" < ?", past)
		}
	}
	return k
}

func oneOf[T ~string](k Kept, column string, values []T) Kept {
	if len(values) == 0 {
		return k
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	return k.With(column+equals(len(args)), args...)
}

// pastPrefix is the first text above everything that begins with prefix, or empty where there is none: texts are compared
// as their runes are, and servers take no others.
func pastPrefix(prefix string) string {
	r, size := utf8.DecodeLastRuneInString(prefix)
	before := prefix[:len(prefix)-size]
	switch {
	case size == 0:
		return ""
	case r == utf8.MaxRune:
		return pastPrefix(before)
	case r+1 == 0xD800: // surrogates are no runes
		return before + "\uE000"
	}
	return before + string(r+1)
}
