package condition

import "slices"

// Compared lists the texts that a condition holds a field against, by ==, !=, in, changed_to or changed_from, as the field is
// or was: ticket.assignee, say, and the agents that the condition names.
func (c *Condition) Compared(field string) (out []string) {
	if c.root == nil {
		return nil
	}
	for n := range c.root.parts {
		switch n.op {
		case "==", "!=", "in", opCall:
		default:
			continue
		}
		if !slices.ContainsFunc(n.args, func(a *node) bool { return a.op == opField && a.field.Name == field }) {
			continue
		}
		for _, a := range n.args {
			for v := range a.parts {
				if v.op == opText && v.text != "" {
					add(&out, v.text)
				}
			}
		}
	}
	return out
}
