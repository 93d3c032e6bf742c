package condition

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Group is a condition as a form: conditions of which all or any are true, or false. The zero Group is always true.
type Group struct {
	Mode       Mode    `json:"mode,omitempty"` // default All
	Is         Outcome `json:"is,omitempty"`   // what they are to be: True, the default, or False
	Conditions []Item  `json:"conditions,omitempty"`
}

// Mode says how many conditions of a Group are to be so.
type Mode string

// The modes of a Group.
const (
	All Mode = "all"
	Any Mode = "any"
)

// Item is one condition of a Group: a comparison, or a group in its place.
type Item struct {
	Field    string   `json:"field,omitempty"`  // the Name of a Field
	Before   bool     `json:"before,omitempty"` // as it was before the change
	Operator Operator `json:"operator,omitempty"`
	// Values are what it is compared with, as many as the operator takes: texts as they are, numbers as "72", days as
	// "2026-12-31", and "true" or "false".
	Values []string `json:"values,omitempty"`
	// MatchCase has capitals count in what people wrote (Field.Fold), which is compared without case otherwise.
	MatchCase bool   `json:"match_case,omitempty"`
	Group     *Group `json:"group,omitempty"`
}

// FromGroup writes a form as a condition. Errors: *Error, which names the condition by its place in the form.
func FromGroup(g Group, s *Schema) (string, error) {
	if s == nil {
		s = &Schema{}
	}
	if len(g.Conditions) == 0 {
		return "", nil
	}
	b := builder{schema: s}
	n, err := b.group(g, "", 0)
	if err != nil {
		return "", err
	}
	text := n.String()
	_, err = Compile(text, s) // for what is bounded there
	return text, err
}

// Group returns the condition as a form, and false if it says what no form can.
func (c *Condition) Group() (Group, bool) {
	if c.root == nil {
		return Group{}, true
	}
	g, ok := groupOf(c.root)
	if !ok {
		item, ok := itemOf(c.root)
		return Group{Mode: All, Is: True, Conditions: []Item{item}}, ok
	}
	return g, true
}

// builder makes nodes of forms.
type builder struct{ schema *Schema }

func (b builder) fail(at, format string, args ...any) *Error {
	return &Error{Message: at + ": " + fmt.Sprintf(format, args...)}
}

func (b builder) group(g Group, at string, depth int) (*node, error) {
	switch {
	case g.Mode != "" && g.Mode != All && g.Mode != Any:
		return nil, b.fail(at+"mode", "%q is no mode: use all or any", g.Mode)
	case g.Is != "" && g.Is != True && g.Is != False:
		return nil, b.fail(at+"is", "%q is neither true nor false", g.Is)
	case len(g.Conditions) == 0:
		return nil, b.fail(at+"conditions", "is empty: remove the group, or add a condition")
	case depth > maxDepth:
		return nil, b.fail(at+"conditions", "is nested deeper than %d: make it simpler", maxDepth)
	}
	op := "and"
	if (g.Mode == Any) != (g.Is == False) { // all are false: not one of them is true
		op = "or"
	}
	n := &node{op: op, kind: Bool}
	for i, item := range g.Conditions {
		a, err := b.item(item, fmt.Sprintf("%sconditions[%d]", at, i), depth)
		if err != nil {
			return nil, err
		}
		if a.op == op {
			n.args = append(n.args, a.args...)
		} else {
			n.args = append(n.args, a)
		}
	}
	if len(n.args) == 1 {
		n = n.args[0]
	}
	if g.Is == False {
		n = negate(n)
	}
	return n, nil
}

func negate(n *node) *node { return &node{op: "not", kind: Bool, args: []*node{n}} }

func (b builder) item(item Item, at string, depth int) (*node, error) {
	if item.Group != nil {
		return b.group(*item.Group, at+".", depth+1)
	}
	f, ok := b.schema.lookup(item.Field)
	if !ok {
		r := reader{schema: b.schema}
		return nil, &Error{Message: fmt.Sprintf("%s: %q is no field", at, item.Field), Suggestion: r.nearestName(item.Field)}
	}
	if item.Before && !f.Before {
		return nil, b.fail(at, "%s was not kept as it was before the change", f.Name)
	}
	form, ok := formOf(f, item.Operator)
	if !ok {
		return nil, b.fail(at, "%q cannot be asked of %s, a %s: use one of %s", item.Operator, f.Name, f.Kind, names(OperatorsOf(*f)))
	}
	if item.Before && form.changes {
		return nil, b.fail(at, "%s is asked of the field as it is now", item.Operator)
	}
	if n := len(item.Values); n == 0 && form.takes > 0 || form.takes < 2 && n != form.takes || n > maxValues {
		return nil, b.fail(at, "%s has %d values, and takes %s", item.Operator, n, []string{"none", "one", "1 to 200"}[form.takes])
	}
	field := &node{op: opField, kind: f.Kind, field: f, past: item.Before}
	values := make([]*node, len(item.Values))
	for i, v := range item.Values {
		var err *Error
		if values[i], err = b.value(field, item, v, at); err != nil {
			return nil, err
		}
	}
	return form.build(field, values, f.Fold && !item.MatchCase), nil
}

// value reads a value of a form.
func (b builder) value(field *node, item Item, v, at string) (*node, *Error) {
	f := field.field
	switch f.Kind {
	case Number:
		num, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(num) || math.IsInf(num, 0) {
			return nil, b.fail(at, "%q is no number: write it as 72.5", clip(v))
		}
		return &node{op: opNumber, kind: Number, num: num}, nil
	case Bool:
		if v != "true" && v != "false" {
			return nil, b.fail(at, "%q is neither true nor false", clip(v))
		}
		return &node{op: opBool, kind: Bool, flag: v == "true"}, nil
	case Time:
		day, err := b.schema.date(v)
		if err != nil {
			return nil, b.fail(at, "%q is no date: write it as 2026-12-31", clip(v))
		}
		return &node{op: opDate, kind: Time, text: v, day: day}, nil
	}
	if v == "" {
		return nil, b.fail(at, "a value is empty: ask whether it is set")
	}
	if f.Lower || (f.Fold && !item.MatchCase && item.Operator != Matches && item.Operator != NotMatches) {
		v = lowered(v)
	}
	return &node{op: opText, kind: Text, text: v}, nil
}

// groupOf reads a node as a group of several, or as one that is false.
func groupOf(n *node) (Group, bool) {
	g := Group{Mode: All, Is: True}
	if _, item := itemOf(n); item {
		return g, false
	}
	if n.op == "not" {
		g.Is, n = False, n.args[0]
	}
	args := []*node{n}
	switch n.op {
	case "and", "or":
		args = n.args
		if (n.op == "or") != (g.Is == False) {
			g.Mode = Any
		}
	default:
		if g.Is == True {
			return g, false
		}
	}
	for _, a := range args {
		item, ok := itemOf(a)
		if !ok {
			inner, ok := groupOf(a)
			if !ok {
				return g, false
			}
			item = Item{Group: &inner}
		}
		g.Conditions = append(g.Conditions, item)
	}
	return g, true
}

// itemOf reads a node as one comparison: by writing with every operator what it may have been written from.
func itemOf(n *node) (Item, bool) {
	field, values := comparedIn(n)
	if field == nil {
		return Item{}, false
	}
	if field.kind == Bool && (n.op == opField || n.op == "not" || n.op == "==" || n.op == "!=") {
		return yesOrNo(field, n)
	}
	text := n.String()
	for _, op := range OperatorsOf(*field.field) {
		form, _ := formOf(field.field, op)
		if form.takes == 0 && len(values) > 0 && !plainSet(n) || form.takes == 1 && len(values) != 1 || form.takes == 2 && len(values) == 0 {
			continue
		}
		for _, matchCase := range []bool{false, true} {
			item, ok := itemAs(field, form, op, values, matchCase, text)
			if ok {
				return item, true
			}
		}
	}
	return Item{}, false
}

// yesOrNo reads what was asked of a field that is true or false, by any of the ways to ask it.
func yesOrNo(field, n *node) (Item, bool) {
	for _, op := range []Operator{Is, IsNotSet} {
		form, _ := formOf(field.field, op)
		for _, flag := range []bool{true, false} {
			if item, ok := itemAs(field, form, op, []*node{{op: opBool, kind: Bool, flag: flag}}, false, n.String()); ok {
				return item, true
			}
		}
	}
	return Item{}, false
}

func itemAs(field *node, form form, op Operator, values []*node, matchCase bool, text string) (Item, bool) {
	f := field.field
	fold := f.Fold && !matchCase
	item := Item{Field: f.Name, Before: field.past, Operator: op, MatchCase: matchCase}
	if matchCase && (!f.Fold || form.caseless) {
		return item, false
	}
	if form.takes == 0 {
		values = nil
	}
	given := slices.Clone(values)
	for i, v := range given {
		if fold && (op == Matches || op == NotMatches) {
			given[i] = &node{op: opText, kind: Text, text: without(v.text, foldPattern)}
		} else if (fold || f.Lower) && lowered(v.text) != v.text {
			return item, false
		}
		item.Values = append(item.Values, valueText(given[i]))
		if v.op == opText && item.Values[i] == "" {
			return item, false
		}
	}
	written := form.build(field, given, fold)
	if written.String() == text {
		return item, true
	}
	return item, slices.ContainsFunc(form.spellings(field, given, fold), func(n *node) bool { return n.String() == text })
}

// comparedIn finds the one field that a node is about, and the values that it is held against.
func comparedIn(n *node) (field *node, values []*node) {
	for p := range n.parts {
		switch p.op {
		case "and", "or", "?", "+", "-", "*", "/", opNeg:
			return nil, nil
		case opField:
			if field != nil {
				return nil, nil
			}
			field = p
		case opMatches:
			values = append(values, &node{op: opText, kind: Text, text: p.text})
		case opText, opNumber, opBool, opDate:
			values = append(values, p)
		}
	}
	return field, values
}

// plainSet reports whether n is x != "" or x == "", which ask whether x is set.
func plainSet(n *node) bool {
	return len(n.args) == 2 && (n.op == "==" || n.op == "!=") && n.args[1].op == opText && n.args[1].text == ""
}

// valueText is a value as a form has it.
func valueText(n *node) string {
	switch n.op {
	case opNumber:
		return strconv.FormatFloat(n.num, 'f', -1, 64)
	case opBool:
		return strconv.FormatBool(n.flag)
	}
	return n.text
}
