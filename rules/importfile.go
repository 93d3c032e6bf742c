package rules

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ImportFile reads a file as ParseFile does, and stores what it has as Import does. What is wrong with an entry is said with
// its place in the file, that of a condition with the place within it. Errors: as both.
func (r *Rules) ImportFile(ctx context.Context, text []byte, replace bool) (f File, warnings []Warning, err error) {
	if f, err = ParseFile(text); err != nil {
		return f, nil, err
	}
	warnings, err = r.take(ctx, f, replace)
	var faults *ticket.ValidationError
	if errors.As(err, &faults) {
		if body, e := readYAML(text); e == nil {
			for i, fault := range faults.Fields {
				faults.Fields[i].Message = located(body, fault)
			}
			err = faults
		}
	}
	return f, warnings, failed("import", err)
}

// located is what is wrong with a field of a file, with its line and column.
func located(body ast.Node, f ticket.FieldError) string {
	n := nodeAt(body, f.Field)
	if n == nil {
		return f.Message
	}
	at := placeOf(n).Position
	line, column, rest, ok := placeIn(f.Message)
	if ok && isWhole(n) && line == 1 {
		return fmt.Sprintf("line %d, column %d: %s", at.Line, at.Column+column-1+marksBefore(n), rest)
	}
	return fmt.Sprintf("line %d, column %d: %s", at.Line, at.Column, f.Message)
}

var placed = regexp.MustCompile(`^line (\d+), column (\d+): `)

// placeIn is the place that a message begins with, and the rest of it.
func placeIn(message string) (line, column int, rest string, ok bool) {
	m := placed.FindStringSubmatch(message)
	if m == nil {
		return 0, 0, "", false
	}
	line, _ = strconv.Atoi(m[1])
	column, _ = strconv.Atoi(m[2])
	return line, column, message[len(m[0]):], true
}

// isWhole reports whether a text stands in the file as it is, in one line.
func isWhole(n ast.Node) bool {
	s, is := n.(*ast.StringNode)
	return is && strings.Contains(s.Token.Origin, s.Value) && !strings.Contains(s.Value, "\n")
}

// marksBefore is how many quotation marks stand before a text.
func marksBefore(n ast.Node) int {
	switch n.GetToken().Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		return 1
	}
	return 0
}

// nodeAt is the part of a file that a path like rules[0].when names, as far as it is there; nil where nothing of it is.
func nodeAt(body ast.Node, path string) (found ast.Node) {
	n := body
	for _, step := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		next := childOf(n, step)
		if next == nil {
			break
		}
		n, found = next, next
	}
	return found
}

func childOf(n ast.Node, step string) ast.Node {
	if list, is := n.(*ast.SequenceNode); is {
		if i, err := strconv.Atoi(step); err == nil && i < len(list.Values) {
			return list.Values[i]
		}
		return nil
	}
	for _, e := range entries(n) {
		if strings.EqualFold(e.Key.GetToken().Value, step) {
			return e.Value
		}
	}
	return nil
}

// unasked looks for a condition that is begun, and says nothing: its rule would match always. Often # has made it a comment.
func unasked(body ast.Node) error {
	list, _ := childOf(body, "rules").(*ast.SequenceNode)
	if list == nil {
		return nil
	}
	for i, rule := range list.Values {
		for _, e := range entries(rule) {
			if _, nothing := e.Value.(*ast.NullNode); nothing && strings.EqualFold(e.Key.GetToken().Value, "when") {
				return &misfit{fmt.Sprintf("rules[%d].when", i), e.Key.GetToken(), "is empty: leave it out for a rule that always matches; what begins with # is a comment, and a condition in single quotes"}
			}
		}
	}
	return nil
}
