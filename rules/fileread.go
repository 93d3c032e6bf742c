package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a file. The library takes time by the square of what is nested, and of the names in one mapping; so what is
// beyond them is refused while the file is cut into tokens, which takes time by its length.
const (
	maxNesting = 100     // lists and mappings in each other
	maxNames   = 1000    // in one mapping
	maxTokens  = 400_000 // some thousand rules
)

// level is a list or a mapping that has begun.
type level struct {
	column int // of its entries; 0 for one in brackets
	names  int
}

// bounds watches the tokens of a file go by.
type bounds struct {
	levels []level
	before *token.Token
	tokens int
}

// readYAML is the one document of a file, without references and within bounds. It is nil for an empty file.
func readYAML(b []byte) (body ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // the library's own
			err = fmt.Errorf("cannot be read: %v", p)
		}
	}()
	if err := bounded(string(b)); err != nil {
		return nil, err
	}
	parsed, err := parser.ParseBytes(b, 0)
	switch {
	case err != nil:
		return nil, err
	case len(parsed.Docs) > 1:
		return nil, errors.New("has more than one document")
	case len(parsed.Docs) == 0:
		return nil, nil
	}
	return parsed.Docs[0].Body, nil
}

func bounded(text string) error {
	var s scanner.Scanner
	s.Init(text)
	w := &bounds{}
	for {
		tokens, err := s.Scan()
		for _, t := range tokens {
			if m := w.pass(t); m != nil {
				return m
			}
		}
		if err != nil { // the end; or a fault, of which the parser says more
			return nil
		}
	}
}

// pass looks at the next token.
func (w *bounds) pass(t *token.Token) error {
	switch t.Type {
	case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType:
		return &misfit{"", t, "anchors, aliases and tags are not read: put a text that begins with !, & or * in single quotes"}
	case token.MappingKeyType:
		return &misfit{"", t, "names that begin with ? are not read"}
	case token.SequenceStartType, token.MappingStartType:
		w.levels = append(w.levels, level{})
	case token.SequenceEndType, token.MappingEndType:
		w.leave(0)
		w.levels = w.levels[:max(len(w.levels)-1, 0)]
	case token.SequenceEntryType:
		w.enter(t.Position.Column)
	case token.MappingValueType:
		if w.before != nil {
			w.enter(w.before.Position.Column)
		}
		if n := len(w.levels); n > 0 {
			w.levels[n-1].names++
		}
	}
	w.before, w.tokens = t, w.tokens+1
	switch n := len(w.levels); {
	case n > maxNesting:
		return &misfit{"", t, fmt.Sprintf("is nested deeper than %d", maxNesting)}
	case n > 0 && w.levels[n-1].names > maxNames:
		return &misfit{"", t, fmt.Sprintf("has more than %d names in one mapping", maxNames)}
	case w.tokens > maxTokens:
		return &misfit{"", t, fmt.Sprintf("has more than %d names, values and signs: make several files of it", maxTokens)}
	}
	return nil
}

// enter begins a level at a column, unless there is one, or the entry stands in brackets.
func (w *bounds) enter(column int) {
	w.leave(column)
	if n := len(w.levels); n == 0 || w.levels[n-1].column != 0 && w.levels[n-1].column < column {
		w.levels = append(w.levels, level{column: column})
	}
}

// leave ends the levels that are further to the right, up to the next bracket.
func (w *bounds) leave(column int) {
	for n := len(w.levels); n > 0 && w.levels[n-1].column > column; n-- {
		w.levels = w.levels[:n-1]
	}
}

// toJSON writes what a file says, with its names in their order.
func toJSON(b *bytes.Buffer, n ast.Node) error {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		b.WriteString("null")
		return nil
	case *ast.MappingNode, *ast.MappingValueNode:
		return mappingJSON(b, entries(n))
	case *ast.SequenceNode:
		b.WriteByte('[')
		for i, v := range n.Values {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := toJSON(b, v); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case *ast.StringNode:
		return valueJSON(b, n, n.Value)
	case *ast.LiteralNode:
		return valueJSON(b, n, n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		if text := n.GetToken().Value; json.Valid([]byte(text)) { // as it is written, and not as a computer has it
			b.WriteString(text)
			return nil
		}
		return valueJSON(b, n, n.(ast.ScalarNode).GetValue())
	case *ast.BoolNode:
		return valueJSON(b, n, n.Value)
	}
	return &misfit{"", n.GetToken(), fmt.Sprintf("%q cannot be read: put it in quotes", clip(n.GetToken().Value))}
}

func mappingJSON(b *bytes.Buffer, list []*ast.MappingValueNode) error {
	b.WriteByte('{')
	for i, e := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := valueJSON(b, e.Key, e.Key.GetToken().Value); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := toJSON(b, e.Value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func valueJSON(b *bytes.Buffer, n ast.Node, v any) error {
	if s, is := v.(string); is {
		v = strings.ToValidUTF8(s, "�")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return &misfit{"", n.GetToken(), fmt.Sprintf("%q cannot be read: put it in quotes", clip(n.GetToken().Value))}
	}
	b.Write(text)
	return nil
}
