package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Limits of a source.
const (
	maxInLoops  = 2_000 // nodes within loops
	maxLoops    = 3     // loops within each other: html/template looks at each twice, and so at the innermost 2ⁿ times
	maxDepth    = 100   // branches within each other
	maxProblems = 10
)

// checker walks a source, knows of every value what can be done with it, and says what is wrong in every branch.
type checker struct {
	scope
	source   string
	problems []problem
	refs     map[string]entry
	uses     map[string]bool

	vars    []variable
	depth   int // of lists
	loops   int // around the node that is looked at
	inLoops int // nodes that were looked at there
}

// document begins what a letter has once.
var document = regexp.MustCompile(`(?i)<(!doctype|html|head|body)\b`)

type variable struct {
	name  string
	shape *shape
}

func (c *checker) add(at parse.Pos, fault ticket.Fault, format string, args ...any) {
	line, column := position(c.source, int(at))
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, problem{line, column, fault, fmt.Sprintf(format, args...)})
	}
}

// check looks at a whole source.
func (c *checker) check(t *parse.Tree) {
	if t == nil || t.Root == nil {
		return
	}
	c.list(t.Root, nil)
	if c.inLoops > maxInLoops {
		c.add(0, ticket.FaultTooMany, "has more than %d actions within loops: shorten it", maxInLoops)
	}
}

// list looks at nodes; dot is nil for the variables themselves.
func (c *checker) list(l *parse.ListNode, dot *value) {
	if l == nil {
		return
	}
	if c.depth++; c.depth == maxDepth+1 {
		c.add(l.Position(), ticket.FaultTooMany, "branches stand more than %d deep in each other: do with fewer", maxDepth)
	}
	known := len(c.vars)
	for _, n := range l.Nodes {
		c.node(n, dot)
	}
	c.vars = c.vars[:known]
	c.depth--
}

// value is what stands at a place: a shape, or, where it is nil, something that is wrong.
type value struct{ shape *shape }

func (c *checker) node(n parse.Node, dot *value) {
	if c.loops > 0 {
		c.inLoops++
	}
	switch n := n.(type) {
	case *parse.TextNode:
		if at := document.FindIndex(n.Text); at != nil && c.html && !c.layout {
			c.add(n.Position()+parse.Pos(at[0]), ticket.FaultNotAllowed, "what stands around a letter is the layout's: leave out %s…> and the like, and keep what is within the body", n.Text[at[0]:at[1]])
		}
	case *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
	case *parse.ActionNode:
		v := c.pipe(n.Pipe, dot)
		if len(n.Pipe.Decl) > 0 {
			return
		}
		if v.shape != nil && !v.shape.printable() {
			c.add(n.Pipe.Position(), ticket.FaultMalformed, "%s cannot be written whole: %s", n.Pipe, partsOf(v.shape))
		}
		c.written(n.Pipe)
	case *parse.IfNode:
		c.branch(&n.BranchNode, dot, func(*value) *value { return dot })
	case *parse.WithNode:
		c.branch(&n.BranchNode, dot, func(v *value) *value { return v })
		c.written(n.Pipe)
	case *parse.RangeNode:
		c.loop(n, dot)
	case *parse.TemplateNode:
		c.add(n.Position(), ticket.FaultNotAllowed, "templates do not call each other: write what it says in its place")
	default:
		c.add(n.Position(), ticket.FaultNotAllowed, "%s is not known here", n)
	}
}

// partsOf says what can be done with a value of several parts.
func partsOf(s *shape) string {
	switch s.sort {
	case either:
		return "ask for it with if"
	case list:
		return "loop over it with range"
	}
	return "it has ." + strings.Join(slices.Collect(s.names()), ", .")
}

// written notes which variables an action writes, or a loop or a block is about.
func (c *checker) written(p *parse.PipeNode) {
	for _, cmd := range p.Cmds {
		for _, a := range cmd.Args {
			switch a := a.(type) {
			case *parse.FieldNode:
				c.uses[a.Ident[0]] = true
			case *parse.VariableNode:
				if len(a.Ident) > 1 {
					c.uses[a.Ident[1]] = true
				}
			case *parse.PipeNode:
				c.written(a)
			}
		}
	}
}

func (c *checker) branch(b *parse.BranchNode, dot *value, within func(*value) *value) {
	known := len(c.vars)
	v := c.pipe(b.Pipe, dot)
	c.list(b.List, within(v))
	c.list(b.ElseList, dot)
	c.vars = c.vars[:known]
}

func (c *checker) loop(n *parse.RangeNode, dot *value) {
	known := len(c.vars)
	decl := n.Pipe.Decl
	bare := *n.Pipe
	bare.Decl = nil
	v := c.pipe(&bare, dot)
	c.written(&bare)
	of := &value{}
	switch {
	case v.shape == nil:
	case v.shape.sort != list:
		c.add(n.Pipe.Position(), ticket.FaultMalformed, "%s is no list: range is for %s", &bare, c.lists())
	default:
		of.shape = v.shape.of
	}
	switch len(decl) {
	case 0:
	case 1:
		c.declare(decl[0], of.shape)
	default:
		c.add(decl[1].Position(), ticket.FaultNotAllowed, "a loop has one variable here: write {{range %s := …}}", decl[len(decl)-1])
		c.declare(decl[1], of.shape)
	}
	if c.loops++; c.loops == maxLoops+1 {
		c.add(n.Position(), ticket.FaultTooMany, "loops stand more than %d deep in each other: do with fewer", maxLoops)
	}
	c.list(n.List, of)
	c.loops--
	c.list(n.ElseList, dot)
	c.vars = c.vars[:known]
}

// lists names the variables that can be looped over.
func (c *checker) lists() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		if c.names[name].shape.sort == list {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

func (c *checker) declare(n *parse.VariableNode, s *shape) {
	name := n.Ident[0]
	if name == "$" {
		c.add(n.Position(), ticket.FaultNotAllowed, "$ stands for all variables and cannot be another: choose a name, as in $x")
		return
	}
	c.vars = append(c.vars, variable{name, s})
}

// pipe looks at a pipeline and returns what comes out of it.
func (c *checker) pipe(p *parse.PipeNode, dot *value) *value {
	if p == nil {
		return &value{}
	}
	var v *value
	for _, cmd := range p.Cmds {
		v = c.command(cmd, dot, v)
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			c.assign(d, v)
			continue
		}
		c.declare(d, v.shape)
	}
	return v
}

func (c *checker) assign(n *parse.VariableNode, v *value) {
	i := slices.IndexFunc(c.vars, func(x variable) bool { return x.name == n.Ident[0] })
	if i < 0 {
		c.declare(n, nil)
		return
	}
	if old := c.vars[i].shape; old != nil && v.shape != nil && old != v.shape && (old.sort != v.shape.sort || old.sort == record || old.sort == list) {
		c.add(n.Position(), ticket.FaultMalformed, "%s was something else before: choose another name", n.Ident[0])
	}
}

// command looks at one command; before is what the pipeline gives it, nil for nothing.
func (c *checker) command(n *parse.CommandNode, dot, before *value) *value {
	if f, ok := n.Args[0].(*parse.IdentifierNode); ok {
		return c.call(f, n.Args[1:], dot, before)
	}
	if len(n.Args) > 1 || before != nil {
		c.add(n.Position(), ticket.FaultMalformed, "%s is no function: it takes nothing", n.Args[0])
	}
	return c.argument(n.Args[0], dot)
}

// argument looks at one value.
func (c *checker) argument(n parse.Node, dot *value) *value {
	if c.loops > 0 {
		c.inLoops++
	}
	switch n := n.(type) {
	case *parse.DotNode:
		if dot == nil {
			c.add(n.Position(), ticket.FaultMalformed, "the dot alone is all variables here: name one, as in .ticket_code")
			return &value{}
		}
		return dot
	case *parse.FieldNode:
		at := int(n.Position())
		if len(n.Ident) > 1 { // the parser has the place of the second
			at -= 1 + len(n.Ident[0])
		}
		return c.path(n.Ident, at, dot)
	case *parse.VariableNode:
		return c.variable(n)
	case *parse.ChainNode:
		v := c.argument(n.Node, dot)
		return c.fields(v, n.Field, int(n.Position()))
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.IdentifierNode:
		return c.call(n, nil, dot, nil)
	case *parse.StringNode:
		return &value{aText}
	case *parse.NumberNode:
		return &value{aNumber}
	case *parse.BoolNode:
		return &value{aTruth}
	}
	c.add(n.Position(), ticket.FaultNotAllowed, "%s is not known here", n)
	return &value{}
}

func (c *checker) variable(n *parse.VariableNode) *value {
	at := int(n.Position()) // of the first field, where there is one
	if n.Ident[0] == "$" {
		if len(n.Ident) == 1 {
			c.add(n.Position(), ticket.FaultMalformed, "$ alone is all variables: name one, as in $.ticket_code")
			return &value{}
		}
		return c.path(n.Ident[1:], at, nil)
	}
	for _, x := range slices.Backward(c.vars) {
		if x.name == n.Ident[0] {
			return c.fields(&value{x.shape}, n.Ident[1:], at)
		}
	}
	return &value{} // the parser refuses those that are not declared
}

// path looks at names behind dots; at is where the first dot stands.
func (c *checker) path(ident []string, at int, dot *value) *value {
	if dot != nil {
		return c.fields(dot, ident, at)
	}
	e, ok := c.names.find(ident[0], c.scope.fields, c.layout)
	if !ok {
		c.add(parse.Pos(at), ticket.FaultUnknown, "%q is no variable: did you mean %q?", "."+ident[0], "."+c.names.near(ident[0], c.scope.fields, c.layout))
		return &value{}
	}
	c.refs[ident[0]] = e
	return c.fields(&value{e.shape}, ident[1:], at+1+len(ident[0]))
}

// fields looks at the fields of a value.
func (c *checker) fields(v *value, ident []string, at int) *value {
	for _, name := range ident {
		if v.shape == nil {
			return v
		}
		if v.shape.open {
			return c.fields(&value{aText}, ident[1:], at+1+len(name))
		}
		f, ok := v.shape.fields[name]
		switch {
		case ok:
		case v.shape.fields == nil && v.shape.sort == list:
			c.add(parse.Pos(at), ticket.FaultUnknown, "a list has no %q: loop over it with range", "."+name)
		case v.shape.fields == nil:
			c.add(parse.Pos(at), ticket.FaultUnknown, "%q stands behind what has no parts: within with and range the variables are found behind $, as in $.ticket_code", "."+name)
		default:
			c.add(parse.Pos(at), ticket.FaultUnknown, "%q is not there: did you mean %q? Within with and range the variables are found behind $, as in $.ticket_code", "."+name, "."+nearest.Of(name, v.shape.names()))
		}
		v = &value{f}
		at += 1 + len(name)
		ident = ident[1:]
	}
	return v
}
