package condition

import (
	"regexp"
	"slices"
	"strings"
)

// Operator is how an Item compares.
type Operator string

// The operators of forms. OperatorsOf says which a field has.
const (
	Is          Operator = "is"
	IsNot       Operator = "is_not"
	Contains    Operator = "contains" // a text; or an entry of a list
	NotContains Operator = "does_not_contain"
	StartsWith  Operator = "starts_with"
	EndsWith    Operator = "ends_with"
	Matches     Operator = "matches" // a pattern, as RE2 has them
	NotMatches  Operator = "does_not_match"
	Greater     Operator = "greater" // of times: later
	Less        Operator = "less"
	AtLeast     Operator = "at_least"
	AtMost      Operator = "at_most"
	OneOf       Operator = "is_one_of" // of lists: has one of them
	NoneOf      Operator = "is_none_of"
	IsSet       Operator = "is_set"
	IsNotSet    Operator = "is_not_set"
	Changed     Operator = "changed"
	ChangedTo   Operator = "changed_to"
	ChangedFrom Operator = "changed_from"
)

// form is how an operator is written.
type form struct {
	op       Operator
	takes    int // values: none, one, or 2 for several
	changes  bool
	caseless bool // case makes no difference to it
	build    func(field *node, values []*node, fold bool) *node
	// others are further ways to write the same.
	others func(field *node, values []*node, fold bool) []*node
}

func (f form) spellings(field *node, values []*node, fold bool) []*node {
	if f.others == nil {
		return nil
	}
	return f.others(field, values, fold)
}

// OperatorsOf lists the operators that a Group has for a field, in the order in which a settings page shows them.
func OperatorsOf(f Field) []Operator {
	var out []Operator
	for _, form := range formsOf(&f) {
		out = append(out, form.op)
	}
	return out
}

// Takes is how many values the operator takes at most: 0, 1, or 200 for a list of them.
func (o Operator) Takes() int {
	switch o {
	case IsSet, IsNotSet, Changed:
		return 0
	case OneOf, NoneOf:
		return maxValues
	}
	return 1
}

// Doc says what the operator asks, for settings pages and documentation.
func (o Operator) Doc() string {
	return map[Operator]string{
		Is: "is this", IsNot: "is another than this", Contains: "has this in it; a list: has it as an entry", NotContains: "does not have this in it",
		StartsWith: "starts with this", EndsWith: "ends with this", Matches: "matches this pattern (RE2)", NotMatches: "does not match this pattern",
		Greater: "is greater than this; a time: is later", Less: "is less than this; a time: is earlier", AtLeast: "is this, or greater", AtMost: "is this, or less",
		OneOf: "is one of these; a list: has one of them", NoneOf: "is none of these; a list: has none of them", IsSet: "has a value", IsNotSet: "has no value",
		Changed: "is another than before the change", ChangedTo: "changed, and is this now", ChangedFrom: "changed, and was this before",
	}[o]
}

func formOf(f *Field, op Operator) (form, bool) {
	list := formsOf(f)
	i := slices.IndexFunc(list, func(f form) bool { return f.op == op })
	if i < 0 {
		return form{}, false
	}
	return list[i], true
}

func formsOf(f *Field) []form {
	var out []form
	switch f.Kind {
	case Text:
		out = textForms(f.days())
	case Number:
		out = append([]form{infix(Is, "=="), infix(IsNot, "!=")}, append(orderForms(), among(OneOf, false), among(NoneOf, true))...)
	case Bool:
		out = []form{boolForm()}
	case Time:
		out = orderForms()
	case List:
		out = listForms()
	}
	out = append(out, setForm(IsSet, false), setForm(IsNotSet, true))
	if f.Before {
		out = append(out, changeForm(Changed, "changed"))
		if f.Kind == Number || f.Kind == Bool || (f.Kind == Text && !f.Fold) {
			out = append(out, changeForm(ChangedTo, "changed_to"), changeForm(ChangedFrom, "changed_from"))
		}
	}
	return out
}

func textForms(ordered bool) []form {
	out := []form{
		infix(Is, "=="), infix(IsNot, "!="), infix(Contains, "contains"), negated(infix(NotContains, "contains")),
		infix(StartsWith, "startsWith"), infix(EndsWith, "endsWith"), matching(Matches), negated(matching(NotMatches)),
		among(OneOf, false), among(NoneOf, true),
	}
	if ordered {
		out = append(out, orderForms()...)
	}
	return out
}

func orderForms() []form {
	return []form{infix(Greater, ">"), infix(Less, "<"), infix(AtLeast, ">="), infix(AtMost, "<=")}
}

func call(name string, kind Kind, args ...*node) *node {
	return &node{op: opCall, kind: kind, name: name, args: args}
}

// folded is the field without case, if it is to be.
func folded(n *node, fold bool) *node {
	if !fold || n.kind != Text {
		return n
	}
	return call("lower", Text, n)
}

func infix(name Operator, op string) form {
	pair := func(op string, a, b *node) *node { return &node{op: op, kind: Bool, args: []*node{a, b}} }
	return form{op: name, takes: 1,
		build: func(f *node, v []*node, fold bool) *node { return pair(op, folded(f, fold), v[0]) },
		others: func(f *node, v []*node, fold bool) []*node {
			if op == "contains" || op == "startsWith" || op == "endsWith" {
				return nil
			}
			return []*node{pair(turned(op), v[0], folded(f, fold))}
		}}
}

// negated is the form with not before it.
func negated(f form) form {
	build := f.build
	f.build = func(field *node, v []*node, fold bool) *node { return negate(build(field, v, fold)) }
	f.others = nil
	return f
}

// foldPattern has a pattern match without case.
const foldPattern = "(?i)"

func without(s, prefix string) string { return strings.TrimPrefix(s, prefix) }

func matching(name Operator) form {
	return form{op: name, takes: 1, build: func(f *node, v []*node, fold bool) *node {
		pattern := v[0].text
		if fold {
			pattern = foldPattern + pattern
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			re = nil // Compile of the text says so
		}
		return &node{op: opMatches, kind: Bool, args: []*node{f}, text: pattern, re: re}
	}}
}

func list(values []*node) *node { return &node{op: opList, kind: List, args: values} }

func among(name Operator, not bool) form {
	f := form{op: name, takes: 2, build: func(f *node, v []*node, fold bool) *node {
		return &node{op: "in", kind: Bool, args: []*node{folded(f, fold), list(v)}}
	}}
	if not {
		return negated(f)
	}
	return f
}

func boolForm() form {
	return form{op: Is, takes: 1,
		build: func(f *node, v []*node, _ bool) *node {
			if v[0].flag {
				return f
			}
			return negate(f)
		},
		others: func(f *node, v []*node, _ bool) []*node {
			other := &node{op: opBool, kind: Bool, flag: !v[0].flag}
			return []*node{
				{op: "==", args: []*node{f, v[0]}}, {op: "==", args: []*node{v[0], f}}, {op: "!=", args: []*node{f, other}}, {op: "!=", args: []*node{other, f}},
			}
		}}
}

func listForms() []form {
	each := &node{op: opEach, kind: Text}
	has := form{op: Contains, takes: 1, build: func(f *node, v []*node, fold bool) *node {
		if fold {
			return call("any", Bool, f, &node{op: "==", kind: Bool, args: []*node{folded(each, true), v[0]}})
		}
		return &node{op: "in", kind: Bool, args: []*node{v[0], f}}
	}}
	hasNot := has
	hasNot.op = NotContains
	some := form{op: OneOf, takes: 2, build: func(f *node, v []*node, fold bool) *node {
		return call("any", Bool, f, &node{op: "in", kind: Bool, args: []*node{folded(each, fold), list(v)}})
	}}
	none := some
	none.op = NoneOf
	return []form{has, negated(hasNot), some, negated(none)}
}

func setForm(name Operator, not bool) form {
	op := "!="
	if not {
		op = "=="
	}
	f := form{op: name, caseless: true, build: func(f *node, _ []*node, _ bool) *node { return call("is_set", Bool, f) }}
	if not {
		f = negated(f)
	}
	f.others = func(f *node, _ []*node, _ bool) []*node {
		if f.kind != Text {
			return nil
		}
		return []*node{{op: op, kind: Bool, args: []*node{f, {op: opText, kind: Text}}}}
	}
	return f
}

func changeForm(name Operator, fn string) form {
	takes := 1
	if name == Changed {
		takes = 0
	}
	return form{op: name, takes: takes, changes: true, caseless: true, build: func(f *node, v []*node, _ bool) *node {
		return call(fn, Bool, append([]*node{f}, v...)...)
	}}
}

func names(list []Operator) string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = string(o)
	}
	return strings.Join(out, ", ")
}
