package condition

import (
	"fmt"
	"strings"
)

// Error is what is wrong with the text of a condition. Line and Column count from 1, columns in characters; both are 0 where
// there is no place to name.
type Error struct {
	Line       int    `json:"line,omitempty"`
	Column     int    `json:"column,omitempty"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"` // what may have been meant
}

// Error is the message with its place.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Column)
	}
	b.WriteString(e.Message)
	if e.Suggestion != "" {
		fmt.Fprintf(&b, ": did you mean %s?", e.Suggestion)
	}
	return b.String()
}

// Warning is what a condition may not have been meant to say, though it can be run.
type Warning = Error

// place returns line and column of the character at.
func place(text string, at int) (line, column int) {
	line, column = 1, 1
	for _, r := range text {
		if at == 0 {
			break
		}
		at--
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}
