package condition

import (
	"math"
	"slices"
	"strconv"
)

// claim is what a part of a condition says of one value, if the part holds. The zero claim says nothing.
type claim struct {
	left *node // the value

	among  bool     // it is one of in
	in     []string // texts; "true" and "false"
	out    []string // it is none of these
	has    []string // a list has all of these
	lacks  []string // and none of these
	ranged bool     // it lies between lo and hi
	lo, hi float64  // numbers, and times as Unix seconds
	above  bool     // lo itself is out
	below  bool     // hi itself is out
	unset  bool     // or it is not set; with ranged
}

// claims returns what n says if it holds, or does not.
func (s *Schema) claims(n *node, holds bool) []claim {
	out := []claim{{left: n, among: true, in: []string{strconv.FormatBool(holds)}}} // no part holds and does not hold
	switch n.op {
	case "==", "!=", "<", "<=", ">", ">=":
		out = append(out, s.compared(n, holds)...)
	case "in":
		out = append(out, s.contained(n, holds)...)
	case opCall:
		out = append(out, s.called(n, holds)...)
	}
	return out
}

func (s *Schema) compared(n *node, holds bool) []claim {
	op, left, right := n.op, n.args[0], n.args[1]
	if s.Clock {
		op = crossing(n, op)
	}
	if left.constant() && !right.constant() {
		op, left, right = turned(op), right, left
	}
	if !right.constant() {
		return nil
	}
	switch right.op {
	case opText, opBool:
		if op != "==" && op != "!=" {
			return nil
		}
		return []claim{member(left, []string{valueText(right)}, (op == "==") == holds)}
	case opNumber:
		return between(left, op, right.num, holds)
	case opDate:
		return between(left, op, float64(right.day.Unix()), holds)
	}
	return nil
}

// member claims that a value is one of some, or none of them.
func member(left *node, values []string, is bool) claim {
	if is {
		return claim{left: left, among: true, in: values}
	}
	return claim{left: left, out: values}
}

// between claims a range. A number that is not set is in no range, and so in what is not one.
func between(left *node, op string, v float64, holds bool) []claim {
	c := claim{left: left, ranged: true, lo: math.Inf(-1), hi: math.Inf(1)}
	if !holds {
		op = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[op]
		c.unset = left.kind == Number && op != "=="
	}
	switch op {
	case "==":
		c.lo, c.hi = v, v
	case "!=":
		return nil
	case "<", "<=":
		c.hi, c.below = v, op == "<"
	case ">", ">=":
		c.lo, c.above = v, op == ">"
	}
	return []claim{c}
}

func (s *Schema) contained(n *node, holds bool) []claim {
	left, right := n.args[0], n.args[1]
	switch {
	case right.op == opList && left.kind == Text:
		var values []string
		for _, v := range right.args {
			values = append(values, v.text)
		}
		return []claim{member(left, values, holds)}
	case right.op == opList && holds:
		c := claim{left: left, ranged: true, lo: math.Inf(1), hi: math.Inf(-1)}
		for _, v := range right.args {
			c.lo, c.hi = min(c.lo, v.num), max(c.hi, v.num)
		}
		return []claim{c}
	case left.op == opText && right.kind == List && right.op != opList:
		if holds {
			return []claim{{left: right, has: []string{left.text}}}
		}
		return []claim{{left: right, lacks: []string{left.text}}}
	}
	return nil
}

func (s *Schema) called(n *node, holds bool) []claim {
	x := n.args[0]
	switch {
	case n.name == "is_set":
		return isSetClaim(x, holds)
	case n.name == "changed_to" && holds:
		return s.compared(&node{op: "==", args: []*node{x, n.args[1]}}, true)
	case n.name == "changed_from" && holds:
		was := *x
		was.past = true
		return s.compared(&node{op: "==", args: []*node{&was, n.args[1]}}, true)
	}
	return nil
}

func isSetClaim(x *node, holds bool) []claim {
	switch x.kind {
	case Text:
		return []claim{member(x, []string{""}, !holds)}
	case Bool:
		return []claim{member(x, []string{"true"}, holds)}
	case Number:
		if holds {
			return []claim{{left: x, ranged: true, lo: math.Inf(-1), hi: math.Inf(1)}}
		}
		return []claim{{left: x, ranged: true, lo: math.Inf(1), hi: math.Inf(-1), unset: true}}
	}
	return nil
}

// and is what both claims say, of the same value.
func (c claim) and(d claim) claim {
	switch {
	case c.among && d.among:
		c.in = slices.DeleteFunc(slices.Clone(c.in), func(v string) bool { return !slices.Contains(d.in, v) })
	case d.among:
		c.among, c.in = true, d.in
	}
	c.out = slices.Concat(c.out, d.out)
	c.has, c.lacks = slices.Concat(c.has, d.has), slices.Concat(c.lacks, d.lacks)
	switch {
	case c.ranged && d.ranged:
		if d.lo > c.lo || (d.lo == c.lo && d.above) {
			c.lo, c.above = d.lo, d.above
		}
		if d.hi < c.hi || (d.hi == c.hi && d.below) {
			c.hi, c.below = d.hi, d.below
		}
		c.unset = c.unset && d.unset
	case d.ranged:
		c.ranged, c.lo, c.hi, c.above, c.below, c.unset = true, d.lo, d.hi, d.above, d.below, d.unset
	}
	return c
}

// or is what at least one of the claims says.
func (c claim) or(d claim) claim {
	both := claim{left: c.left}
	in := func(list []string) func(string) bool { return func(v string) bool { return !slices.Contains(list, v) } }
	switch {
	case c.among && d.among:
		both.among, both.in = true, slices.Concat(c.in, slices.DeleteFunc(slices.Clone(d.in), func(v string) bool { return slices.Contains(c.in, v) }))
	default:
		both.out = slices.DeleteFunc(slices.Clone(c.out), in(d.out))
	}
	both.has = slices.DeleteFunc(slices.Clone(c.has), in(d.has))
	both.lacks = slices.DeleteFunc(slices.Clone(c.lacks), in(d.lacks))
	if c.ranged && d.ranged {
		both.ranged, both.unset = true, c.unset || d.unset
		both.lo, both.hi = min(c.lo, d.lo), max(c.hi, d.hi)
	}
	return both
}

// values are those of in that out leaves.
func (c claim) values() []string {
	var out []string
	for _, v := range c.in {
		if !slices.Contains(c.out, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// impossible reports whether no value is as claimed.
func (c claim) impossible() bool {
	if c.among && !slices.ContainsFunc(c.values(), c.possible) {
		return true
	}
	if slices.ContainsFunc(c.has, func(v string) bool { return slices.Contains(c.lacks, v) || !c.possible(v) }) {
		return true
	}
	return c.ranged && !c.unset && (c.lo > c.hi || (c.lo == c.hi && (c.above || c.below)))
}

// possible reports whether the value of a field can be v, or a list can have it.
func (c claim) possible(v string) bool {
	n := c.left
	if n.op == opCall && n.name == "lower" {
		return lowered(v) == v
	}
	if n.op != opField || v == "" || (n.kind != Text && n.kind != List) {
		return true
	}
	f := n.field
	return (f.Open || slices.Contains(f.Options, v)) && (!f.Lower || lowered(v) == v)
}
