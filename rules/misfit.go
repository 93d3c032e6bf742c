package rules

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What a file has that does not fit is said as YAML has it, for who writes files: where it stands, what it is, and what is
// wanted there. Decoders speak of Go instead.

// misfit is the first part of a file that does not fit what it is for.
type misfit struct {
	path string // empty where the name at the place says enough
	at   *token.Token
	says string
}

func (m *misfit) Error() string { return strings.TrimPrefix(m.path+": "+m.says, ": ") }

// wants is that a place is for something else than what is there.
func wants(n ast.Node, path, what string) *misfit {
	return &misfit{path, placeOf(n), "wants " + what + ", and is " + kindOf(n)}
}

// placeOf is where a value begins.
func placeOf(n ast.Node) *token.Token {
	if list := entries(n); len(list) > 0 && n.GetToken().Value != "{" {
		return list[0].Key.GetToken()
	}
	return n.GetToken()
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	}
	return "a text"
}

// entries are those of a mapping; nil for anything else.
func entries(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

var (
	typeOfStep = reflect.TypeFor[Step]()
	typeOfTime = reflect.TypeFor[time.Time]()
	typeOfSpan = reflect.TypeFor[ticket.Duration]()
)

// fits looks for what does not fit a type of Go, which is one of a File.
func fits(n ast.Node, t reflect.Type, path string) *misfit {
	if _, nothing := n.(*ast.NullNode); nothing || n == nil {
		return nil
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return fits(n, t.Elem(), path)
	case t == typeOfStep:
		return fitsStep(n, path)
	case t == typeOfTime:
		return fitsText(n, path, new(time.Time), `a time, as "2026-12-24T14:00:00Z"`)
	case t == typeOfSpan:
		return fitsText(n, path, new(ticket.Duration), "a span, as 90m or 2d")
	}
	switch t.Kind() {
	case reflect.Struct:
		return fitsStruct(n, t, path)
	case reflect.Slice:
		return fitsList(n, t, path)
	case reflect.Map:
		return fitsMap(n, t, path)
	default:
		return fitsScalar(n, t, path)
	}
}

func fitsStruct(n ast.Node, t reflect.Type, path string) *misfit {
	known := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			known[name] = f.Type
		}
	}
	list := entries(n)
	if list == nil && kindOf(n) != "a mapping" {
		return wants(n, path, "a mapping, as "+exampleOf(n, t, slices.Sorted(maps.Keys(known))[0]))
	}
	for _, e := range list {
		key := e.Key.GetToken()
		of, ok := known[key.Value]
		for name := range known { // as JSON takes names
			if !ok && strings.EqualFold(name, key.Value) {
				of, ok = known[name], true
			}
		}
		if !ok {
			return &misfit{"", key, fmt.Sprintf("unknown field %q%s", key.Value, meantField(key.Value, slices.Sorted(maps.Keys(known)))) + inEntry(path)}
		}
		if m := fits(e.Value, of, strings.TrimPrefix(path+"."+key.Value, ".")); m != nil {
			return m
		}
	}
	return nil
}

// exampleOf is an entry that a mapping may have: with the value that stands in its place, if that is the span of one.
func exampleOf(n ast.Node, t reflect.Type, name string) string {
	for _, f := range reflect.VisibleFields(t) {
		if f.Type == typeOfSpan && fits(n, f.Type, "") == nil {
			name, _, _ = strings.Cut(f.Tag.Get("json"), ",")
			return name + ": " + n.GetToken().Value
		}
	}
	return name + ": …"
}

// meantField names the field that somebody may have meant, by what others call it, too.
func meantField(name string, known []string) string {
	for _, w := range [][2]string{{"if", "when"}, {"condition", "when"}, {"then", "do"}, {"actions", "do"}, {"triggers", "on"}, {"events", "on"}} {
		if strings.EqualFold(name, w[0]) && slices.Contains(known, w[1]) {
			return fmt.Sprintf("; did you mean %q?", w[1])
		}
	}
	return hint(name, known)
}

// inEntry names the part of a file that something stands in.
func inEntry(path string) string {
	if path == "" {
		return ""
	}
	return fmt.Sprintf(" (in %s)", path)
}

func fitsList(n ast.Node, t reflect.Type, path string) *misfit {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return wants(n, path, "a list")
	}
	for i, v := range list.Values {
		if m := fits(v, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); m != nil {
			return m
		}
	}
	return nil
}

func fitsMap(n ast.Node, t reflect.Type, path string) *misfit {
	if kindOf(n) != "a mapping" {
		return wants(n, path, "a mapping of names to values")
	}
	for _, e := range entries(n) {
		if m := fits(e.Value, t.Elem(), path+"."+e.Key.GetToken().Value); m != nil {
			return m
		}
	}
	return nil
}

// fitsStep looks at an action. What it is configured with is its own.
func fitsStep(n ast.Node, path string) *misfit {
	switch list := entries(n); {
	case kindOf(n) != "a mapping":
		return wants(n, path, "an action with its configuration, as add_tags: [vip], or archive: null")
	case len(list) != 1:
		return &misfit{path, placeOf(n), fmt.Sprintf("is to be one action, and has %d: give each an entry of the list", len(list))}
	}
	return nil
}

// fitsText looks at a text that has to be read as something.
func fitsText(n ast.Node, path string, as interface{ UnmarshalText([]byte) error }, what string) *misfit {
	switch {
	case kindOf(n) == "a mapping", kindOf(n) == "a list":
		return wants(n, path, what)
	case as.UnmarshalText([]byte(n.GetToken().Value)) != nil, kindOf(n) != "a text":
		return &misfit{path, n.GetToken(), fmt.Sprintf("wants %s, and is %q", what, n.GetToken().Value)}
	}
	return nil
}

func fitsScalar(n ast.Node, t reflect.Type, path string) *misfit {
	is := kindOf(n)
	switch t.Kind() {
	case reflect.String:
		if is == "a mapping" || is == "a list" {
			return wants(n, path, "a text")
		}
		if is != "a text" {
			return &misfit{path, n.GetToken(), fmt.Sprintf("wants a text, and is %s: put it in quotes", is)}
		}
	case reflect.Bool:
		if is != "true or false" {
			return wants(n, path, "true or false")
		}
	case reflect.Int, reflect.Int64:
		i, ok := new(big.Int).SetString(n.GetToken().Value, 0)
		switch {
		case is != "a number" && (!ok || i.IsInt64()):
			return wants(n, path, "a whole number")
		case !ok || !i.IsInt64():
			return &misfit{path, n.GetToken(), "wants a whole number, and is " + clip(n.GetToken().Value)}
		}
	}
	return nil
}
