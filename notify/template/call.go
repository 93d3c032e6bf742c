package template

import (
	"slices"
	"text/template/parse"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// known are the functions of templates: those of text/template that can neither take long nor make markup, and ours.
var known = []string{"and", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "truncate"}

// call looks at a call of a function and returns what comes out of it.
func (c *checker) call(f *parse.IdentifierNode, args []parse.Node, dot, before *value) *value {
	var given []*value
	for _, a := range args {
		given = append(given, c.argument(a, dot))
	}
	if before != nil {
		given = append(given, before)
	}
	if !slices.Contains(known, f.Ident) {
		c.add(f.Position(), ticket.FaultUnknown, "%q is no function: did you mean %q? A variable has a dot before it", f.Ident, nearest.Of(f.Ident, slices.Values(known)))
		return &value{}
	}
	least, most := arity(f.Ident)
	if len(given) < least || most > 0 && len(given) > most {
		c.add(f.Position(), ticket.FaultMalformed, "%s has %d values: it takes %s", f.Ident, len(given), takes[f.Ident])
		return &value{}
	}
	if slices.ContainsFunc(given, func(v *value) bool { return v.shape == nil }) {
		return &value{}
	}
	return c.result(f, given)
}

// result is what a known function makes of known values.
func (c *checker) result(f *parse.IdentifierNode, given []*value) *value {
	switch f.Ident {
	case "not":
		return &value{aTruth}
	case "and", "or":
		return oneOf(given)
	case "truncate":
		if given[0].shape.sort != number || !given[1].shape.printable() {
			c.add(f.Position(), ticket.FaultMalformed, "truncate takes %s", takes["truncate"])
			return &value{}
		}
		return &value{aText}
	}
	first := given[0].shape.comparable()
	for _, g := range given {
		if kind := g.shape.comparable(); kind == "" || kind != first || kind == "truth" && f.Ident != "eq" && f.Ident != "ne" {
			c.add(f.Position(), ticket.FaultMalformed, "%s compares texts with texts and numbers with numbers", f.Ident)
			return &value{}
		}
	}
	return &value{aTruth}
}

// oneOf is one of several values, so that it can be what all of them can.
func oneOf(given []*value) *value {
	out := given[0].shape
	for _, g := range given[1:] {
		switch kind := g.shape.comparable(); {
		case g.shape == out:
		case kind != "" && kind == out.comparable():
			out = aText
			if kind != "text" {
				out = g.shape
			}
		default:
			out = &shape{sort: either, prints: out.printable() && g.shape.printable()}
		}
	}
	return &value{out}
}

func arity(name string) (least, most int) {
	switch name {
	case "not":
		return 1, 1
	case "and", "or":
		return 1, 0
	case "eq":
		return 2, 0
	}
	return 2, 2
}

var takes = map[string]string{
	"and": "one or more values", "or": "one or more values", "not": "one value", "eq": "two values or more", "ne": "two values", "lt": "two values", "le": "two values",
	"gt": "two values", "ge": "two values", "truncate": "a number of characters and a text, as in truncate 80 .ticket_subject",
}
