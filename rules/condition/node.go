package condition

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// node is a condition, or a part of one, of what was found to be harmless and well typed: all that is ever run is written
// from nodes.
type node struct {
	op    string // and, or, not, ?, a comparison, + - * /, neg, or one of those below
	kind  Kind
	args  []*node
	field *Field // of opField
	past  bool   // of opField: as it was before the change
	name  string // of opCall
	text  string // of opText, opDate; the pattern of opMatches
	num   float64
	flag  bool
	re    *regexp.Regexp // of opMatches
	day   time.Time      // of opDate
	at    int            // where it begins, in characters
}

// What a node can be beside an operator.
const (
	opField   = "field"
	opText    = "text"
	opNumber  = "number"
	opBool    = "bool"
	opList    = "list" // of texts or of numbers, on the right of in
	opDate    = "date"
	opCall    = "call"
	opEach    = "#" // the entry of a list that any, all, none, one or count look at
	opMatches = "matches"
	opNeg     = "neg"
)

// constant reports whether the node is a value that stands in the condition.
func (n *node) constant() bool {
	switch n.op {
	case opText, opNumber, opBool, opList, opDate:
		return true
	}
	return false
}

// parts are the nodes that n is made of, itself first.
func (n *node) parts(yield func(*node) bool) { n.walk(yield) }

func (n *node) walk(yield func(*node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, a := range n.args {
		if !a.walk(yield) {
			return false
		}
	}
	return true
}

// strength orders operators: the greater binds first.
func strength(op string) int {
	switch op {
	case "?":
		return 0
	case "or":
		return 10
	case "and":
		return 15
	case "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith", opMatches:
		return 20
	case "+", "-":
		return 30
	case "not":
		return 50
	case "*", "/":
		return 60
	case opNeg:
		return 90
	}
	return 1000
}

// String writes the node as people write conditions.
func (n *node) String() string {
	p := printer{}
	p.write(n, 0)
	return p.String()
}

// printer writes nodes. With code, it writes what is run.
type printer struct {
	strings.Builder
	code  *code
	clock bool
}

// code is what a text that is run refers to.
type code struct {
	schema   *Schema
	types    map[string]any // of what it reads, by the names that it has in the text
	places   int            // more than the greatest that it reads
	patterns []*regexp.Regexp
}

// read returns the name of a field.
func (c *code) read(of slot) string {
	place := c.schema.slots.place(of)
	name := called(place)
	c.types[name], c.places = of.zero(), max(c.places, place+1)
	return name
}

// write writes n, in brackets if it binds less than least.
func (p *printer) write(n *node, least int) {
	own := strength(n.op)
	if own < least {
		p.WriteString("(")
		p.write(n, 0)
		p.WriteString(")")
		return
	}
	switch n.op {
	case "and", "or":
		for i, a := range n.args {
			if i > 0 {
				p.WriteString(" " + n.op + " ")
			}
			p.write(a, own+1)
		}
	case "?":
		p.write(n.args[0], own+1)
		p.WriteString(" ? ")
		p.write(n.args[1], own+1)
		p.WriteString(" : ")
		p.write(n.args[2], own+1)
	case "not":
		p.negation(n.args[0])
	case opNeg:
		p.WriteString("-")
		p.write(n.args[0], own+1)
	case opField, opText, opNumber, opBool, opList, opDate, opCall, opEach:
		p.leaf(n)
	default:
		p.binary(n, n.op)
	}
}

func (p *printer) negation(n *node) {
	switch n.op {
	case "in", "contains", "startsWith", "endsWith":
		p.binary(n, "not "+n.op)
	case opMatches:
		if p.code == nil {
			p.binary(n, "not "+n.op)
			return
		}
		fallthrough
	default:
		p.WriteString("not ")
		p.write(n, strength(opNeg))
	}
}

func (p *printer) binary(n *node, op string) {
	if n.op == opMatches && p.code != nil {
		p.call("_matches", func() { p.write(n.args[0], 0); p.WriteString(", " + strconv.Itoa(len(p.code.patterns))) })
		p.code.patterns = append(p.code.patterns, n.re)
		return
	}
	if p.code != nil && p.clock {
		op = crossing(n, op)
	}
	own := strength(n.op)
	left := own
	if own == strength("==") {
		left++ // a comparison of comparisons is written with brackets
	}
	p.write(n.args[0], left)
	p.WriteString(" " + op + " ")
	if n.op == opMatches {
		p.WriteString(quote(n.text))
		return
	}
	p.write(n.args[1], own+1)
}

// crossing makes "at least" of equality with hours_since_….
func crossing(n *node, op string) string {
	if op != "==" {
		return op
	}
	if _, _, ok := threshold(n.args[0], n.args[1]); ok {
		return ">="
	}
	if _, _, ok := threshold(n.args[1], n.args[0]); ok {
		return "<="
	}
	return op
}

// threshold reads "hours since a time, and a number": hours_since_…, or hours_since(ticket.solved_at).
func threshold(since, value *node) (stamp *Field, hours float64, ok bool) {
	if value.op != opNumber || !since.ages() {
		return nil, 0, false
	}
	if since.op == opCall {
		since = since.args[0]
	}
	return since.field, value.num, true
}

// ages reports whether n is the hours since a time.
func (n *node) ages() bool {
	switch n.op {
	case opField:
		return strings.HasPrefix(n.field.Name, "hours_since_")
	case opCall:
		return n.name == "hours_since" && n.args[0].op == opField && n.args[0].field.Name != "now"
	}
	return false
}

func (p *printer) leaf(n *node) {
	switch n.op {
	case opField:
		p.field(n)
	case opText:
		p.WriteString(quote(n.text))
	case opNumber:
		p.number(n.num)
	case opBool:
		p.WriteString(strconv.FormatBool(n.flag))
	case opList:
		p.WriteString("[")
		p.list(n.args)
		p.WriteString("]")
	case opDate:
		name := "date"
		if p.code != nil {
			name = "_date"
		}
		p.call(name, func() { p.WriteString(quote(n.text)) })
	case opEach:
		p.WriteString("#")
	case opCall:
		p.function(n)
	}
}

func (p *printer) number(f float64) {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if (p.code != nil || math.Abs(f) > 1<<53) && !strings.Contains(s, ".") {
		s += ".0" // whole numbers are computed with as all others, and may be greater than what is read as one
	}
	p.WriteString(s)
}

func (p *printer) list(list []*node) {
	for i, a := range list {
		if i > 0 {
			p.WriteString(", ")
		}
		p.write(a, 0)
	}
}

func (p *printer) call(name string, args func()) {
	p.WriteString(name + "(")
	args()
	p.WriteString(")")
}

// field writes the name of a field; in what is run, that of its place.
func (p *printer) field(n *node) {
	f, name := n.field, n.field.Name
	if n.past {
		name = f.earlier()
	}
	switch {
	case p.code != nil && f.lazy:
		p.call("_lazy", func() { p.WriteString(p.code.read(slot{field: f})) })
	case p.code != nil:
		p.WriteString(p.code.read(slot{f, n.past}))
	case f.code != "" && !word(f.code):
		p.WriteString(strings.TrimSuffix(name, "."+f.code) + "[" + quote(f.code) + "]")
	default:
		p.WriteString(name)
	}
}

// word reports whether s can stand after a point.
func word(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && s[0] < 0x80
}

// quote writes a text as the language reads it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\ufeff':
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
