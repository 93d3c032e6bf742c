package condition

import (
	"errors"
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
)

// Condition is a text that was checked, ready to run. It is safe for concurrent use.
type Condition struct {
	text     string
	schema   *Schema
	root     *node    // nil: always true
	program  *program // of root
	warnings []*Warning
}

// Compile checks a condition against what the desk has. An empty text is a condition that is always true. Errors: *Error,
// with the place and what may have been meant. What can be run and was hardly meant is a warning: see Warnings.
func Compile(text string, s *Schema) (*Condition, error) {
	if s == nil {
		s = &Schema{}
	}
	r := &reader{schema: s, text: text}
	root, err := r.read()
	if err != nil {
		return nil, err
	}
	c := &Condition{text: text, schema: s, root: root, warnings: r.warnings}
	if root == nil {
		return c, nil
	}
	if c.program, err = s.compile(root); err != nil {
		return nil, err
	}
	return c, nil
}

// compile makes a program of a node. It fails with what the checks before it have missed.
func (s *Schema) compile(n *node) (*program, error) {
	p := printer{code: &code{schema: s, types: map[string]any{}}, clock: s.Clock}
	p.write(n, 0)
	compiled, err := expr.Compile(p.String(), s.options(p.code)...)
	if err != nil {
		return nil, &Error{Message: "cannot be run: " + bare(err)}
	}
	return &program{Program: compiled, schema: s, places: p.code.places}, nil
}

// bare is what an error of expr's says, without the text that it shows: that is of a program, and not of the condition.
func bare(err error) string {
	var f *file.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}

// Text is the condition as it was given.
func (c *Condition) Text() string { return c.text }

// String is the condition as it was understood, in one line.
func (c *Condition) String() string {
	if c.root == nil {
		return ""
	}
	return c.root.String()
}

// Match reports whether the condition holds. Errors: what a Lazy text failed with; Vars that NewVars has not made.
func (c *Condition) Match(v *Vars) (bool, error) {
	if c.root == nil {
		return true, nil
	}
	out, err := c.program.run(v)
	if err != nil {
		return false, err
	}
	ok, is := out.(bool)
	if !is {
		return false, fmt.Errorf("condition: it came to %T, and not to true or false", out)
	}
	return ok, nil
}

// run runs a program. A panic in it is an error.
func (p *program) run(v *Vars) (any, error) {
	if v.shared == nil {
		return nil, errEnv
	}
	out, err := v.shared.run(p.Program, v.seenBy(p))
	if err == nil {
		return out, nil
	}
	var f *file.Error
	if errors.As(err, &f) && f.Prev != nil {
		return nil, fmt.Errorf("condition: %w", f.Prev)
	}
	return nil, fmt.Errorf("condition: %s", bare(err))
}
