package condition

import (
	"slices"
	"strings"
	"time"
)

// Function is one that conditions may call.
type Function struct {
	Name   string `json:"name"`
	Usage  string `json:"usage"`
	Result Kind   `json:"result"`
	Doc    string `json:"doc"`

	takes [][]Kind // of each argument, those that are taken; nil: a field
}

// Functions lists what conditions may call, for documentation.
func Functions() []Function {
	text, list, when := []Kind{Text}, []Kind{List}, []Kind{Time}
	any1 := []Kind{Text, Number, Bool, Time, List}
	return []Function{
		{"lower", "lower(text)", Text, "the text in lower case", [][]Kind{text}},
		{"upper", "upper(text)", Text, "the text in upper case", [][]Kind{text}},
		{"trim", "trim(text)", Text, "the text without white space at its ends", [][]Kind{text}},
		{"len", "len(x)", Number, "how many characters a text has, or entries a list", [][]Kind{{Text, List}}},
		{"any", `any(list, # startsWith "a")`, Bool, "whether it holds for an entry, which # is", [][]Kind{list, {Bool}}},
		{"all", `all(list, …)`, Bool, "whether it holds for every entry", [][]Kind{list, {Bool}}},
		{"none", `none(list, …)`, Bool, "whether it holds for no entry", [][]Kind{list, {Bool}}},
		{"one", `one(list, …)`, Bool, "whether it holds for exactly one entry", [][]Kind{list, {Bool}}},
		{"count", `count(list, …)`, Number, "for how many entries it holds", [][]Kind{list, {Bool}}},
		{"is_set", "is_set(field)", Bool, "whether it has a value: a text or a list that is not empty, a checkbox that is set", [][]Kind{any1}},
		{"changed", "changed(field)", Bool, "whether it is another than before the change", [][]Kind{nil}},
		{"changed_to", "changed_to(field, value)", Bool, "whether it changed, and is now this", [][]Kind{nil, any1}},
		{"changed_from", "changed_from(field, value)", Bool, "whether it changed, and was this", [][]Kind{nil, any1}},
		{"date", `date("2026-12-31")`, Time, "the first moment of a day", [][]Kind{text}},
		{"hours_since", "hours_since(time)", Number, "how many hours ago it was", [][]Kind{when}},
		{"hour", "hour(time)", Number, "the hour of the day, 0 to 23", [][]Kind{when}},
		{"weekday", "weekday(time)", Text, "the day of the week, as monday", [][]Kind{when}},
		{"day", "day(time)", Number, "the day of the month", [][]Kind{when}},
		{"month", "month(time)", Number, "the month, 1 to 12", [][]Kind{when}},
		{"year", "year(time)", Number, "the year", [][]Kind{when}},
	}
}

func function(name string) (Function, bool) {
	list := Functions()
	i := slices.IndexFunc(list, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Function{}, false
	}
	return list[i], true
}

// looks reports whether the function looks at the entries of a list.
func (f Function) looks() bool { return len(f.takes) == 2 && slices.Equal(f.takes[1], []Kind{Bool}) }

// native reports whether expr has the function.
func (f Function) native() bool {
	return f.looks() || slices.Contains([]string{"lower", "upper", "trim", "len"}, f.Name)
}

// function writes a call.
func (p *printer) function(n *node) {
	f, _ := function(n.name)
	if p.code == nil || f.native() {
		p.call(n.name, func() { p.list(n.args) })
		return
	}
	switch n.name {
	case "is_set":
		p.isSet(n.args[0])
	case "changed":
		p.differs(n.args[0])
	case "changed_to", "changed_from":
		was := *n.args[0]
		was.past = n.name == "changed_from"
		p.WriteString("(")
		p.differs(n.args[0])
		p.WriteString(" and ")
		p.write(&node{op: "==", args: []*node{&was, n.args[1]}}, strength("not"))
		p.WriteString(")")
	case "hours_since":
		now, _ := p.code.schema.lookup("now")
		p.call("_hours", func() { p.WriteString(p.code.read(slot{field: now}) + ", "); p.list(n.args) })
	default:
		p.call("_"+n.name, func() { p.list(n.args) })
	}
}

func (p *printer) isSet(n *node) {
	switch n.kind {
	case Text:
		p.WriteString("(")
		p.write(n, 30)
		p.WriteString(` != "")`)
	case Bool:
		p.WriteString("(")
		p.write(n, 0)
		p.WriteString(")")
	case List:
		p.WriteString("(len(")
		p.write(n, 0)
		p.WriteString(") > 0)")
	default:
		p.call("_set_"+string(n.kind), func() { p.write(n, 0) })
	}
}

// differs writes that a field is another than it was.
func (p *printer) differs(n *node) {
	was := *n
	was.past = true
	p.call("_differ", func() { p.list([]*node{n, &was}) })
}

// weekdays are the days as weekday gives them.
func weekdays() []string {
	var out []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		out = append(out, strings.ToLower(d.String()))
	}
	return out
}
