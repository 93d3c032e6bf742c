package condition

import "maps"

// Never reports that no ticket can be as the condition says, and why. It is careful: false means that it does not know.
func (c *Condition) Never() (reason string, never bool) {
	if c.root == nil {
		return "", false
	}
	return c.schema.contradiction(part{c.root, true})
}

// Always reports that every ticket is as the condition says, as far as it knows.
func (c *Condition) Always() bool {
	if c.root == nil {
		return true
	}
	_, always := c.schema.contradiction(part{c.root, false})
	return always
}

// Implies reports that other holds wherever c does, as far as it knows. Both must have been compiled with the same Schema.
func (c *Condition) Implies(other *Condition) bool {
	switch {
	case other.root == nil:
		return true
	case c.root == nil:
		return other.Always()
	}
	_, implied := c.schema.contradiction(part{c.root, true}, part{other.root, false})
	return implied
}

// part is a node that is to hold, or not to hold.
type part struct {
	*node
	holds bool
}

// split returns the parts of p: all of them are to be so, or, with any, one.
func (p part) split() (parts []part, any bool) {
	switch p.op {
	case "not":
		return []part{{p.args[0], !p.holds}}, false
	case "and", "or":
		for _, a := range p.args {
			parts = append(parts, part{a, p.holds})
		}
		return parts, (p.op == "or") == p.holds
	}
	return nil, false
}

// maxSteps bounds the search for a contradiction: what takes longer is not found.
const maxSteps = 2000

type search struct {
	schema *Schema
	steps  int
}

func (s *Schema) contradiction(parts ...part) (reason string, found bool) {
	x := search{schema: s}
	return x.refute(parts, nil)
}

// refute reports whether the parts cannot all be so, with what is claimed already.
func (x *search) refute(parts []part, claimed map[string]claim) (reason string, found bool) {
	claimed = maps.Clone(claimed)
	if claimed == nil {
		claimed = map[string]claim{}
	}
	var choices []part
	for len(parts) > 0 {
		if x.steps++; x.steps > maxSteps {
			return "", false
		}
		p := parts[0]
		parts = parts[1:]
		inner, any := p.split()
		switch {
		case any:
			choices = append(choices, p)
		case inner != nil:
			parts = append(inner, parts...)
		default:
			if reason, found := x.claim(p, claimed); found {
				return reason, true
			}
		}
	}
	if len(choices) == 0 {
		return "", false
	}
	options, _ := choices[0].split()
	for _, o := range options {
		r, found := x.refute(append([]part{o}, choices[1:]...), claimed)
		if !found {
			return "", false
		}
		if reason == "" {
			reason = r
		}
	}
	return reason, true
}

// claim adds what p says to what is claimed, or says why that cannot be.
func (x *search) claim(p part, claimed map[string]claim) (reason string, found bool) {
	if p.op == opBool {
		return p.String() + " stands there", p.flag != p.holds
	}
	for _, c := range x.schema.claims(p.node, p.holds) {
		key := c.left.String()
		before, met := claimed[key]
		both := c
		if met {
			both = before.and(c)
		}
		claimed[key] = both
		if !both.impossible() {
			continue
		}
		if !met || c.impossible() {
			return p.says() + " never holds", true
		}
		return p.says() + " contradicts what else is asked of " + key, true
	}
	return "", false
}

func (p part) says() string {
	if p.holds {
		return clip(p.String())
	}
	return clip(negate(p.node).String())
}
