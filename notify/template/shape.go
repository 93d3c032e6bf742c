package template

import (
	"iter"
	"maps"
	"slices"
)

// sort is what a value can be done with.
type sort int

const (
	text   sort = iota // printed and compared
	block              // the same; HTML in HTML, and it may have several lines
	number             // compared
	truth              // asked for
	record             // has fields; dates and orders print too
	list               // looped over
	either             // one or another of these, of which only can be asked whether it is there
)

// shape is what the check knows of a value. A nil shape is one of which something wrong was said already.
type shape struct {
	sort   sort
	fields map[string]*shape // of a record
	open   bool              // the record may have any field
	prints bool              // the record prints
	of     *shape            // what a list has
}

var (
	aText   = &shape{sort: text}
	aBlock  = &shape{sort: block}
	aNumber = &shape{sort: number}
	aTruth  = &shape{sort: truth}
	aDate   = &shape{sort: record, prints: true, fields: dateFields()}
	anOrder = &shape{sort: record, prints: true, open: true}
)

func dateFields() map[string]*shape {
	out := map[string]*shape{}
	for _, name := range formats {
		out[name] = aText
	}
	return out
}

// listOf is the shape of a list of records.
func listOf(fields map[string]*shape) *shape {
	return &shape{sort: list, of: &shape{sort: record, fields: fields}}
}

// printable reports whether a value of the shape can be written.
func (s *shape) printable() bool {
	return s.sort == text || s.sort == block || s.sort == number || s.sort == truth || s.prints
}

// comparable is how values are compared; those of different results are not.
func (s *shape) comparable() string {
	switch s.sort {
	case text, block:
		return "text"
	case number:
		return "number"
	case truth:
		return "truth"
	}
	return ""
}

// names are those of the fields.
func (s *shape) names() iter.Seq[string] { return slices.Values(slices.Sorted(maps.Keys(s.fields))) }

// row is an entry of a list.
type row map[string]any

// loop is what templates loop over: nil where there is nothing, else a list of which no more can be had than the view has
// turns left.
func (v *view) loop(list []row) any {
	if len(list) == 0 {
		return nil
	}
	list = list[:min(len(list), maxList)]
	return iter.Seq[row](func(yield func(row) bool) {
		for _, r := range list {
			if v.turns--; v.turns < 0 || !yield(r) {
				return
			}
		}
	})
}

// object is a record of the host's; it prints as its label.
type object map[string]string

// String is what people call it.
func (o object) String() string { return o["label"] }
