package condition

// Conjuncts are the parts of a condition that must all hold, each as a condition of its own; of one that is not made so,
// itself, and of one that is always true, none.
func (c *Condition) Conjuncts() (out []*Condition) {
	var add func(n *node)
	add = func(n *node) {
		if n.op == "and" {
			for _, a := range n.args {
				add(a)
			}
			return
		}
		if program, err := c.schema.compile(n); err == nil { // which it was, as a part of the whole
			out = append(out, &Condition{text: n.String(), schema: c.schema, root: n, program: program})
		}
	}
	if c.root != nil {
		add(c.root)
	}
	return out
}
