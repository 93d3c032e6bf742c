package condition

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/helpdeskgo/helpdesk/internal/nearest"
)

func nearestOf(name string, names []string) string { return nearest.Of(name, slices.Values(names)) }

func lowered(s string) string { return strings.ToLower(s) }

func (r *reader) call(name string, args []ast.Node, at, depth int) *node {
	f, ok := function(name)
	if !ok {
		var names []string
		for _, f := range Functions() {
			names = append(names, f.Name)
		}
		r.fail(at, nearestOf(name, names), "%s is no function of conditions", name)
	}
	if len(args) != len(f.takes) {
		r.fail(at, f.Usage, "%s takes %d arguments, not %d", name, len(f.takes), len(args))
	}
	n := &node{op: opCall, kind: f.Result, name: name, at: at}
	for i, a := range args {
		n.args = append(n.args, r.argument(f, i, a, at, depth))
	}
	switch name {
	case "lower", "upper", "trim", "len":
		r.spend(at, 2*long(n))
	case "date":
		return r.date(n)
	case "changed", "changed_to", "changed_from":
		r.change(n)
	}
	return n
}

func (r *reader) argument(f Function, i int, a ast.Node, at, depth int) *node {
	var arg *node
	if p, ok := a.(*ast.PredicateNode); ok {
		if r.each {
			r.fail(at, "", "%s stands within another function that looks at a list: one is enough", f.Name)
		}
		r.each = true
		arg = r.node(p.Node, depth+1)
		r.each = false
	} else {
		arg = r.node(a, depth+1)
	}
	if f.looks() && i == 0 && arg.op != opField {
		r.fail(arg.at, "", "%s, and %s looks at the lists of the ticket, as ticket.tags", describe(arg), f.Name)
	}
	if f.takes[i] != nil && !slices.Contains(f.takes[i], arg.kind) {
		r.fail(arg.at, f.Usage, "%s, and %s takes something else", describe(arg), f.Name)
	}
	return arg
}

func (r *reader) date(n *node) *node {
	if n.args[0].op != opText {
		r.fail(n.at, `date("2026-12-31")`, "a date stands in the condition as it is")
	}
	day, err := r.schema.date(n.args[0].text)
	if err != nil {
		r.fail(n.args[0].at, `date("2026-12-31")`, "%s is no date", quote(n.args[0].text))
	}
	return &node{op: opDate, kind: Time, text: n.args[0].text, day: day, at: n.at}
}

func (r *reader) change(n *node) {
	f := n.args[0]
	if f.op != opField || f.past || !f.field.Before {
		r.fail(f.at, "", "%s, and of what is now and was before the change %s can tell: as of ticket.status or a custom field", describe(f), n.name)
	}
	if n.name == "changed" {
		return
	}
	value := n.args[1]
	if f.kind == List || f.kind == Time {
		r.fail(f.at, "changed("+f.String()+")", "%s: only changed can tell of it", describe(f))
	}
	if value.kind != f.kind || !value.constant() {
		r.fail(value.at, "", "%s: write a %s as it is", describe(value), f.kind)
	}
	r.named(f, value)
}

// pattern reads matches. Patterns are RE2's (https://github.com/google/re2/wiki/Syntax): they take no more than their steps
// times the bytes of the text, and of that a condition has a budget.
func (r *reader) pattern(n *node) *node {
	left, right := n.args[0], n.args[1]
	r.want(left, Text, n.op)
	if right.op != opText {
		r.fail(right.at, "", "a pattern stands in the condition as it is: write it in quotes")
	}
	if len(right.text) > MaxPattern {
		r.fail(right.at, "", "the pattern has %d bytes: shorten it to %d", len(right.text), MaxPattern)
	}
	r.spend(right.at, steps(right.text)*min(long(left), MaxMatched))
	re, err := regexp.Compile(right.text)
	if err != nil {
		r.fail(right.at, "", "the pattern is not understood: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return &node{op: opMatches, kind: Bool, args: []*node{left}, text: right.text, re: re, at: left.at}
}

// spend counts what a run costs.
func (r *reader) spend(at, bytes int) {
	if r.cost += bytes; r.cost > maxCost {
		r.fail(at, "", "looks at too much text: ask for less of message.body and of lists, and make patterns shorter, above all counted repetitions as {1,500}")
	}
}

// long is how many bytes a text has, or the entries that it is made of, at the most.
func long(n *node) int {
	most := len(n.text)
	for p := range n.parts {
		switch p.op {
		case opField:
			most = max(most, p.field.long)
		case opEach:
			most = max(most, MaxEntry*MaxList)
		}
	}
	return most
}

// steps is how many states a pattern has.
func steps(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 1
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 1
	}
	return len(prog.Inst)
}
