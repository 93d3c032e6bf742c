package condition

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/helpdeskgo/helpdesk/internal/nearest"
)

// reader makes nodes of what the parser found. What it does not know is refused.
type reader struct {
	schema   *Schema
	text     string
	nodes    int
	cost     int
	each     bool // within a function that looks at a list
	warnings []*Warning
}

// fault ends the reading; read catches it.
type fault struct{ err *Error }

func (r *reader) fail(at int, suggestion, format string, args ...any) {
	line, column := place(r.text, at)
	panic(fault{&Error{Line: line, Column: column, Message: fmt.Sprintf(format, args...), Suggestion: suggestion}})
}

func (r *reader) warn(at int, suggestion, format string, args ...any) {
	line, column := place(r.text, at)
	r.warnings = append(r.warnings, &Warning{Line: line, Column: column, Message: fmt.Sprintf(format, args...), Suggestion: suggestion})
}

// read makes a node of the text; nil of an empty one.
func (r *reader) read() (n *node, err error) {
	if err := sound(r.text); err != nil {
		return nil, err
	}
	if strings.TrimSpace(r.text) == "" {
		return nil, nil
	}
	defer func() {
		switch f := recover().(type) {
		case nil:
		case fault:
			n, err = nil, f.err
		default:
			panic(f)
		}
	}()
	config := conf.CreateNew()
	config.MaxNodes = 2 * MaxParts
	tree, err := parser.ParseWithConfig(r.text, config)
	if err != nil {
		return nil, r.unread(err)
	}
	n = r.node(tree.Node, 0)
	if n.kind != Bool {
		r.fail(n.at, "", "%s and says neither yes nor no: compare it with something", describe(n))
	}
	return n, nil
}

// sound looks at the text before a parser does.
func sound(text string) error {
	if len(text) > MaxSource {
		return &Error{Message: fmt.Sprintf("has %d bytes: shorten it to %d", len(text), MaxSource)}
	}
	if !utf8.ValidString(text) {
		return &Error{Message: "is not valid UTF-8: convert it"}
	}
	if strings.ContainsRune(text, 0) {
		return &Error{Message: "holds a NUL character: remove it"}
	}
	depth := 0
	for i, c := range []byte(text) {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth > 4*maxDepth {
			line, column := place(text, utf8.RuneCountInString(text[:i]))
			return &Error{Line: line, Column: column, Message: "has too many brackets in each other: make it simpler"}
		}
	}
	return nil
}

// unread tells what the parser did not understand.
func (r *reader) unread(err error) error {
	var f *file.Error
	if !errors.As(err, &f) {
		return &Error{Message: err.Error()}
	}
	line, column := place(r.text, f.From)
	out := &Error{Line: line, Column: column, Message: f.Message}
	if op, ours := foreign(r.text, f.From); op != "" {
		out.Message = fmt.Sprintf("%s is not known here: write %s", op, ours)
		return out
	}
	for _, s := range slips() {
		if found := s.says.FindStringSubmatch(f.Message); found != nil {
			out.Message = s.text
			if len(found) > 1 {
				out.Message = fmt.Sprintf(s.text, found[1])
			}
			break
		}
	}
	if cutOff.MatchString(r.text) {
		out.Message += `: it ends where # begins a comment in a file of YAML: put it in single quotes, as in when: 'any(ticket.tags, # startsWith "a")'`
	}
	return out
}

// cutOff is a condition of which a file has left out what stands behind #.
var cutOff = regexp.MustCompile(`\b(any|all|none|one|count)\s*\([^()]*,\s*$`)

func (r *reader) node(a ast.Node, depth int) *node {
	if a == nil {
		r.fail(0, "", "is incomplete: write the rest of it")
	}
	if r.nodes++; r.nodes > MaxParts {
		r.fail(a.Location().From, "", "has more than %d parts: make several rules of it", MaxParts)
	}
	if depth > maxDepth {
		r.fail(a.Location().From, "", "is nested deeper than %d: make it simpler", maxDepth)
	}
	at := a.Location().From
	switch a := a.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		return r.name(a)
	case *ast.StringNode:
		return &node{op: opText, kind: Text, text: a.Value, at: at}
	case *ast.IntegerNode:
		return &node{op: opNumber, kind: Number, num: float64(a.Value), at: at}
	case *ast.FloatNode:
		return &node{op: opNumber, kind: Number, num: a.Value, at: at}
	case *ast.BoolNode:
		return &node{op: opBool, kind: Bool, flag: a.Value, at: at}
	case *ast.ArrayNode:
		return r.array(a, depth)
	case *ast.UnaryNode:
		return r.unary(a, depth)
	case *ast.BinaryNode:
		return r.binary(a, depth)
	case *ast.ConditionalNode:
		return r.choice(a, depth)
	case *ast.BuiltinNode:
		return r.call(a.Name, a.Arguments, at, depth)
	case *ast.CallNode:
		if callee, ok := a.Callee.(*ast.IdentifierNode); ok {
			return r.call(callee.Value, a.Arguments, at, depth)
		}
		r.fail(at, "", "calls a method: conditions have functions only, as lower(ticket.subject)")
	case *ast.PointerNode:
		if a.Name == "" && r.each {
			return &node{op: opEach, kind: Text, at: at}
		}
		r.fail(at, "", "#%s stands for nothing here: # is the entry that any, all, none, one or count look at", a.Name)
	}
	r.fail(at, "", "%s", refusal(a))
	return nil
}

// refusal says why a part of expr's language is not in this one.
func refusal(a ast.Node) string {
	switch a.(type) {
	case *ast.NilNode:
		return "nil is not known: ask is_set(field), or compare with \"\""
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		return "variables and several statements are not known: write one condition"
	case *ast.ChainNode:
		return "?. is not needed: every field is there, and empty where it has no value"
	case *ast.SliceNode:
		return "parts of texts and lists cannot be cut out: use startsWith, endsWith, contains or any"
	case *ast.MapNode, *ast.PairNode:
		return "maps are not known"
	}
	return "this is not known here"
}

// name reads a field: ticket.status, field["order-no"].
func (r *reader) name(a ast.Node) *node {
	path, at := r.path(a)
	canonical, past := path, false
	if rest, ok := strings.CutPrefix(path, beforePrefix); ok {
		past = true
		if canonical = ticketPrefix + rest; strings.HasPrefix(rest, customPrefix) {
			canonical = rest
		}
	}
	f, ok := r.schema.lookup(canonical)
	switch {
	case !ok && slices.Contains([]string{"null", "NULL", "none", "None", "undefined"}, path):
		r.fail(at, "", "%s is not known: ask is_set(field), or compare with \"\"", path)
	case !ok:
		r.fail(at, r.meant(path), "%s is not known", path)
	case past && !f.Before:
		r.fail(at, f.Name, "%s was not kept as it was before the change", f.Name)
	}
	return &node{op: opField, kind: f.Kind, field: f, past: past, at: at}
}

func (r *reader) path(a ast.Node) (path string, at int) {
	switch a := a.(type) {
	case *ast.IdentifierNode:
		return a.Value, a.Location().From
	case *ast.MemberNode:
		property, constant := a.Property.(*ast.StringNode)
		if !constant || a.Optional || a.Method {
			r.fail(a.Location().From, "", "a field is named as it is: ticket.status; entries of lists are looked at by in and any")
		}
		if r.nodes++; r.nodes > MaxParts {
			r.fail(a.Location().From, "", "has more than %d parts: make several rules of it", MaxParts)
		}
		path, at = r.path(a.Node)
		return path + "." + property.Value, at
	}
	r.fail(a.Location().From, "", "only fields have names after a point, as ticket.status")
	return "", 0
}

// meant is what somebody may have meant by a name that is none: a field whose group was left out, a text without quotes,
// or a name that is misspelt.
func (r *reader) meant(path string) string {
	if strings.Contains(path, ".") {
		return r.nearestName(path)
	}
	for _, group := range []string{ticketPrefix, customPrefix, "message.", "event."} {
		if f, ok := r.schema.lookup(group + path); ok {
			return f.Name
		}
	}
	if near := r.nearestName(path); nearest.Distance(near, path) <= len(path)/3 || nearest.Begins(path, near) {
		return near
	}
	return strconv.Quote(path)
}

func (r *reader) nearestName(path string) string {
	return nearest.Of(path, func(yield func(string) bool) {
		for _, f := range r.schema.List() {
			if !yield(f.Name) || (f.Before && !yield(f.earlier())) {
				return
			}
		}
	})
}

func (r *reader) array(a *ast.ArrayNode, depth int) *node {
	at := a.Location().From
	if len(a.Nodes) == 0 || len(a.Nodes) > maxValues {
		r.fail(at, "", "has %d values: give 1 to %d", len(a.Nodes), maxValues)
	}
	n := &node{op: opList, kind: List, at: at}
	for _, x := range a.Nodes {
		v := r.node(x, depth+1)
		if v.op != opText && v.op != opNumber {
			r.fail(v.at, "", "is no value: a list has texts or numbers that stand there, as [\"a\", \"b\"]")
		}
		n.args = append(n.args, v)
	}
	if i := slices.IndexFunc(n.args, func(v *node) bool { return v.op != n.args[0].op }); i >= 0 {
		r.fail(n.args[i].at, "", "%s, and the values before it are not", describe(n.args[i]))
	}
	return n
}

func (r *reader) unary(a *ast.UnaryNode, depth int) *node {
	at, arg := a.Location().From, r.node(a.Node, depth+1)
	switch a.Operator {
	case "!", "not":
		if arg.kind != Bool {
			r.fail(arg.at, "", "%s, and %s goes before the text alone: put brackets around what is not to be, as in not (ticket.status == \"open\")", describe(arg), a.Operator)
		}
		return &node{op: "not", kind: Bool, args: []*node{arg}, at: min(at, arg.at)}
	}
	r.want(arg, Number, a.Operator)
	switch {
	case a.Operator == "+":
		return arg
	case arg.op == opNumber:
		return &node{op: opNumber, kind: Number, num: -arg.num, at: at}
	}
	return &node{op: opNeg, kind: Number, args: []*node{arg}, at: at}
}

func (r *reader) choice(a *ast.ConditionalNode, depth int) *node {
	cond, yes, no := r.node(a.Cond, depth+1), r.node(a.Exp1, depth+1), r.node(a.Exp2, depth+1)
	r.want(cond, Bool, "?")
	if yes.kind != no.kind || yes.kind == List {
		r.fail(yes.at, "", "%s, and the other choice is %s: both must be the same, and no list", describe(yes), mention(no))
	}
	return &node{op: "?", kind: yes.kind, args: []*node{cond, yes, no}, at: cond.at}
}

func (r *reader) want(n *node, kind Kind, op string) {
	if n.kind != kind {
		r.fail(n.at, "", "%s, and %s wants a %s", describe(n), op, kind)
	}
}

// describe names a node and what it is, for messages.
func describe(n *node) string { return fmt.Sprintf("%s is a %s", shown(n), n.kind) }

// mention is a value that a sentence ends in.
func mention(n *node) string { return fmt.Sprintf("%s, a %s", shown(n), n.kind) }

func shown(n *node) string {
	text := []rune(n.String())
	if len(text) > 60 {
		text = append(text[:60], '…')
	}
	return string(text)
}
