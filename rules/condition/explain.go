package condition

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Outcome is what a part of a condition came to.
type Outcome string

// The outcomes of a part.
const (
	True   Outcome = "true"
	False  Outcome = "false"
	Failed Outcome = "error"
)

// Tree tells of a condition, or of a part of it, what it came to and why.
type Tree struct {
	Text    string  `json:"text"` // as it was understood
	Line    int     `json:"line,omitempty"`
	Column  int     `json:"column,omitempty"` // in characters
	Outcome Outcome `json:"outcome"`
	// Skipped says that the condition was decided before: this part was looked at for the explanation only.
	Skipped bool    `json:"skipped,omitempty"`
	Says    string  `json:"says"` // why, in a sentence
	Values  []Seen  `json:"values,omitempty"`
	Error   string  `json:"error,omitempty"`
	Parts   []*Tree `json:"parts,omitempty"`
}

// Seen is what something had when a condition asked for it.
type Seen struct {
	Text  string `json:"text"`  // what was asked for
	Value string `json:"value"` // texts in quotes, long ones cut off
}

// Explain runs the condition part by part. The outcome of the tree is that of Match, unless a text could not be read.
func (c *Condition) Explain(v *Vars) *Tree {
	if c.root == nil {
		return &Tree{Line: 1, Column: 1, Outcome: True, Says: "matched: the condition is empty, and always true"}
	}
	x := explainer{c: c, vars: v}
	t := x.explain(c.root)
	switch t.Outcome {
	case True:
		t.Says = "matched: " + t.Says
	case False:
		t.Says = "did not match: " + t.Says
	}
	return t
}

type explainer struct {
	c    *Condition
	vars *Vars
}

func (x *explainer) explain(n *node) *Tree {
	t := &Tree{Text: n.String()}
	t.Line, t.Column = place(x.c.text, n.at)
	switch {
	case n.op == "and":
		x.row(t, n.args, False)
	case n.op == "or":
		x.row(t, n.args, True)
	case n.op == "not":
		x.not(t, n.args[0])
	case n.op == "?" && n.kind == Bool:
		x.choice(t, n.args)
	default:
		x.leaf(t, n)
	}
	return t
}

// row explains what is joined by one word: the first part that comes to decisive decides.
func (x *explainer) row(t *Tree, args []*node, decisive Outcome) {
	t.Outcome = True
	if decisive == True {
		t.Outcome = False
	}
	decided := false
	var deciding, all []string
	for _, a := range args {
		part := x.explain(a)
		t.Parts = append(t.Parts, part)
		part.skip(decided)
		all = append(all, part.Says)
		switch {
		case part.Outcome == decisive && (!decided || t.Outcome == decisive):
			deciding = append(deciding, part.Says)
			t.Outcome, decided = decisive, true
		case part.Outcome == Failed && !decided:
			t.Outcome, t.Error, decided = Failed, part.Error, true
			t.Says = part.Says
		}
	}
	switch t.Outcome {
	case Failed:
	case decisive:
		t.Says = sentence(deciding)
	default:
		t.Says = sentence(all)
	}
}

// sentence joins what parts say, if there are few.
func sentence(parts []string) string {
	const most = 4
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// skip marks what was not looked at by Match.
func (t *Tree) skip(skipped bool) {
	if !skipped {
		return
	}
	t.Skipped = true
	for _, p := range t.Parts {
		p.skip(true)
	}
}

func (x *explainer) not(t *Tree, n *node) {
	part := x.explain(n)
	t.Parts, t.Says, t.Error, t.Outcome = []*Tree{part}, part.Says, part.Error, Failed
	switch part.Outcome {
	case True:
		t.Outcome = False
	case False:
		t.Outcome = True
	}
}

func (x *explainer) choice(t *Tree, args []*node) {
	cond, yes, no := x.explain(args[0]), x.explain(args[1]), x.explain(args[2])
	t.Parts = []*Tree{cond, yes, no}
	taken := yes
	switch cond.Outcome {
	case False:
		taken = no
		yes.skip(true)
	case Failed:
		taken = cond
		yes.skip(true)
		no.skip(true)
	default:
		no.skip(true)
	}
	t.Outcome, t.Error, t.Says = taken.Outcome, taken.Error, taken.Says
}

// leaf explains what has no conditions in it.
func (x *explainer) leaf(t *Tree, n *node) {
	out, err := x.value(n)
	if err != nil {
		t.Outcome, t.Error, t.Says = Failed, err.Error(), n.String()+" could not be told: "+err.Error()
		return
	}
	t.Outcome = False
	if out == true {
		t.Outcome = True
	}
	for _, a := range asked(n) {
		if value, err := x.value(a); err == nil {
			t.Values = append(t.Values, Seen{Text: a.String(), Value: x.show(value)})
		}
	}
	t.Says = x.says(t, n)
}

// asked are the parts of a leaf whose values tell why.
func asked(n *node) []*node {
	args := n.args
	if n.op == opField {
		args = []*node{n}
	}
	if n.op == opCall && strings.HasPrefix(n.name, "changed") {
		was := *n.args[0]
		was.past = true
		return []*node{&was, n.args[0]}
	}
	var out []*node
	for _, a := range args {
		each := false
		for p := range a.parts {
			each = each || p.op == opEach
		}
		if !a.constant() && !each {
			out = append(out, a)
		}
	}
	return out
}

func (x *explainer) value(n *node) (any, error) {
	p, err := x.c.schema.compile(n)
	if err != nil {
		return nil, err
	}
	return p.run(x.vars)
}

// says is one fact: what there was, and what it was held against.
func (x *explainer) says(t *Tree, n *node) string {
	if n.op == opCall && strings.HasPrefix(n.name, "changed") && len(t.Values) == 2 {
		before, now := t.Values[0].Value, t.Values[1].Value
		if before == now {
			return n.args[0].String() + " was " + now + " before, too"
		}
		return n.args[0].String() + " was " + before + " before, and is " + now
	}
	if len(t.Values) == 0 {
		return n.String() + " is " + string(t.Outcome)
	}
	subject := t.Values[0]
	text := subject.Text + " was " + subject.Value
	if len(n.args) != 2 || n.op == opCall {
		if n.op == opMatches {
			return text + ", which " + phrase(opMatches, t.Outcome) + " " + quote(n.text)
		}
		if n.op == opField {
			return text
		}
		return text + ": " + clip(n.String()) + " is " + string(t.Outcome)
	}
	op, other := n.op, n.args[1]
	if x.c.schema.Clock {
		op = crossing(n, op)
	}
	if n.args[0].constant() {
		op, other = turned(op), n.args[0]
	}
	if op == "in" && n.args[0].constant() {
		return text + ", which " + phrase("has", t.Outcome) + " " + clip(other.String())
	}
	against := clip(other.String())
	if len(t.Values) == 2 {
		against += ", which was " + t.Values[1].Value
	}
	if (op == "==" && t.Outcome == True) || (op == "!=" && t.Outcome == False) {
		return text
	}
	return text + ", " + phrase(op, t.Outcome) + " " + against
}

// phrase says how a comparison came out.
func phrase(op string, o Outcome) string {
	yes := map[string]string{"==": "as is", "!=": "not", "<": "less than", "<=": "at most", ">": "greater than", ">=": "at least", "in": "one of",
		"contains": "which contains", "startsWith": "which starts with", "endsWith": "which ends with", opMatches: "matches", "has": "has"}
	no := map[string]string{"==": "not", "!=": "as is", "in": "none of", "contains": "which does not contain", "startsWith": "which does not start with",
		"endsWith": "which does not end with", opMatches: "does not match", "has": "has not"}
	if o == True {
		return yes[op]
	}
	if s := no[op]; s != "" {
		return s
	}
	return "not " + yes[op]
}

// show writes a value for people.
func (x *explainer) show(v any) string {
	switch v := v.(type) {
	case string:
		return quote(clip(v))
	case float64:
		if math.IsNaN(v) {
			return "not set"
		}
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	case time.Time:
		if v.IsZero() {
			return "not set"
		}
		return v.In(x.c.schema.zone()).Format(time.RFC3339)
	case []string:
		var parts []string
		for _, s := range v[:min(len(v), 10)] {
			parts = append(parts, quote(clip(s)))
		}
		if len(v) > 10 {
			parts = append(parts, "…")
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

// clip shortens what is shown.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return cut(s, most) + "…"
}
