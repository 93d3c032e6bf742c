package condition

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

func (r *reader) binary(a *ast.BinaryNode, depth int) *node {
	op := a.Operator
	switch op {
	case "&&":
		op = "and"
	case "||":
		op = "or"
	}
	deeper := depth + 1
	if l, ok := a.Left.(*ast.BinaryNode); ok && l.Operator == a.Operator {
		deeper = depth // a row of them is no nesting
	}
	left := r.node(a.Left, deeper)
	right := r.node(a.Right, depth+1)
	n := &node{op: op, kind: Bool, args: []*node{left, right}, at: left.at}
	switch op {
	case "and", "or":
		return r.joined(n)
	case "==", "!=":
		r.equality(n)
	case "<", "<=", ">", ">=":
		r.order(n)
	case "in":
		r.in(n)
	case "contains", "startsWith", "endsWith":
		if left.kind == List {
			r.fail(left.at, right.String()+" in "+left.String(), "%s: its entries are asked for by in", describe(left))
		}
		r.want(left, Text, op)
		r.want(right, Text, op)
		r.cased(left, right, "is in %s case, and so never has %s in it")
		r.spend(left.at, long(left)/8)
	case opMatches:
		return r.pattern(n)
	case "+", "-", "*", "/":
		r.want(left, Number, op)
		r.want(right, Number, op)
		n.kind = Number
	default:
		r.fail(a.Location().From, "", "%s is not known here: use and, or, not, in, comparisons, and + - * / with numbers", op)
	}
	return n
}

// joined makes one node of what is joined by the same word.
func (r *reader) joined(n *node) *node {
	var args []*node
	for _, a := range n.args {
		r.want(a, Bool, n.op)
		if a.op == n.op {
			args = append(args, a.args...)
		} else {
			args = append(args, a)
		}
	}
	n.args = args
	return n
}

func (r *reader) same(n *node) {
	if left, right := n.args[0], n.args[1]; left.kind != right.kind {
		r.fail(left.at, hint(left, right), "%s, and is compared with %s", describe(left), mention(right))
	}
}

// order is for numbers, times, and custom fields of dates, whose texts are in the order of their days. Texts are in none that
// people mean: "high" would be less than "low", and "10" less than "9".
func (r *reader) order(n *node) {
	for i, x := range n.args {
		with := n.args[1-i]
		if x.kind != Text || with.kind == Time || x.daily(with) || with.daily(x) || x.op == opText && with.kind != Text {
			continue
		}
		if x.op == opText && with.op != opText {
			x = with
		}
		r.fail(n.at, oneOf(n), "%s, and texts have no order: numbers have one, times, and custom fields of the types number and date", describe(x))
	}
	r.same(n)
	if left := n.args[0]; left.kind == Bool || left.kind == List {
		r.fail(left.at, "", "%s and has no order: compare numbers or times", describe(left))
	}
	r.reached(n)
}

// daily reports whether n is a day, and is compared with one.
func (n *node) daily(with *node) bool {
	return n.op == opField && n.field.days() && (with.op == opText || with.op == opField && with.field.days())
}

// oneOf names the values that a comparison of a text may mean, by the order in which the desk has them; empty where it
// does not know any.
func oneOf(n *node) string {
	op, field, value := n.op, n.args[0], n.args[1]
	if field.op == opText {
		op, field, value = turned(op), value, field
	}
	if field.op != opField || value.op != opText {
		return ""
	}
	list := field.field.Options
	i := slices.Index(list, value.text)
	if i < 0 || len(list) > maxNamed {
		return ""
	}
	switch op {
	case ">":
		list = list[i+1:]
	case ">=":
		list = list[i:]
	case "<":
		list = list[:i]
	case "<=":
		list = list[:i+1]
	}
	if len(list) == 0 {
		return ""
	}
	among := &node{op: opList, kind: List}
	for _, v := range list {
		among.args = append(among.args, &node{op: opText, kind: Text, text: v})
	}
	return (&node{op: "in", kind: Bool, args: []*node{field, among}}).String()
}

// hint says how to write a comparison of different kinds.
func hint(left, right *node) string {
	switch {
	case left.kind == Time && right.op == opText:
		return `date("2026-12-31")`
	case left.kind == List:
		return right.String() + " in " + left.String()
	case left.op == opCall && left.name == "weekday":
		return quote("monday")
	case left.kind == Text && right.op == opNumber:
		return quote(right.String())
	case left.kind == Number && right.op == opText:
		return numberOf(left, right.text)
	}
	return ""
}

func (r *reader) equality(n *node) {
	r.same(n)
	left, right := n.args[0], n.args[1]
	if left.kind == List {
		r.fail(left.at, "", "%s: ask for an entry by in, for any by is_set, for a change by changed", describe(left))
	}
	r.named(left, right)
	r.named(right, left)
	r.reached(n)
	for i, x := range n.args {
		if f, _, ok := threshold(x, n.args[1-i]); ok && (!r.schema.Clock || n.op == "!=") {
			r.warn(x.at, "", "%s is hardly ever exactly a number: ask whether it is greater", f.Name)
		}
	}
}

func (r *reader) in(n *node) {
	left, right := n.args[0], n.args[1]
	r.want(right, List, "in")
	if right.op != opList {
		r.want(left, Text, "in")
		r.named(right, left)
		return
	}
	if left.kind != right.args[0].kind {
		r.fail(left.at, "", "%s, and is looked for among %s", describe(left), mention(right))
	}
	for _, v := range right.args {
		r.named(left, v)
	}
	r.reached(n)
}
