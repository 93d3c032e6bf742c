package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// A file is written so that it is read as the same, to the byte: what could be taken for something else stands in quotes.

// yamlWriter writes the YAML of a JSON document, with its names in their order.
type yamlWriter struct {
	in  *json.Decoder
	out bytes.Buffer
}

func toYAML(doc []byte) ([]byte, error) {
	w := &yamlWriter{in: json.NewDecoder(bytes.NewReader(doc))}
	w.in.UseNumber()
	err := w.value(0, "")
	return bytes.TrimLeft(w.out.Bytes(), " \n"), err
}

// value writes what comes next, after the name or the dash before it. The first entry of a mapping follows a dash in its
// line; all else that has entries begins a new one.
func (w *yamlWriter) value(indent int, after string) error {
	t, err := w.in.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		return w.mapping(indent, after == "-")
	case json.Delim('['):
		return w.list(indent, after == "-")
	}
	w.out.WriteByte(' ')
	switch v := t.(type) {
	case nil:
		w.out.WriteString("null")
	case string:
		w.out.WriteString(yamlText(v, indent))
	default:
		fmt.Fprint(&w.out, v)
	}
	w.out.WriteByte('\n')
	return nil
}

// begins ends the line before the first entry.
func (w *yamlWriter) begins(indent int, inline, first bool) {
	switch {
	case first && inline:
		w.out.WriteByte(' ')
		return
	case first:
		w.out.WriteByte('\n')
	}
	w.out.WriteString(strings.Repeat(" ", indent))
}

func (w *yamlWriter) mapping(indent int, inline bool) error {
	first := true
	for ; w.in.More(); first = false {
		t, err := w.in.Token()
		if err != nil {
			return err
		}
		w.begins(indent, inline, first)
		w.out.WriteString(yamlName(fmt.Sprint(t)) + ":")
		if err := w.value(indent+2, ":"); err != nil {
			return err
		}
	}
	return w.ends(first, " {}\n")
}

func (w *yamlWriter) list(indent int, inline bool) error {
	first := true
	for ; w.in.More(); first = false {
		w.begins(indent, inline, first)
		w.out.WriteByte('-')
		if err := w.value(indent+2, "-"); err != nil {
			return err
		}
	}
	return w.ends(first, " []\n")
}

func (w *yamlWriter) ends(empty bool, as string) error {
	_, err := w.in.Token() // the bracket
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if empty {
		w.out.WriteString(as)
	}
	return err
}

// yamlName is the name of an entry; "on" is one of a rule, which nobody writes in quotes.
func yamlName(s string) string {
	if len(s) < 100 && plain(s) || s == "on" {
		return s
	}
	return quoted(s)
}

// plain reports whether a text may stand without quotes: words, conditions, spans of time.
func plain(s string) bool {
	if s == "" || strings.HasSuffix(s, " ") || strings.Contains(s, "<<") {
		return false
	}
	if '0' <= s[0] && s[0] <= '9' {
		return strings.Trim(s, "0123456789hms") == "" && strings.ContainsAny(s[len(s)-1:], "hms")
	}
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n": // what some reader takes for something else
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && (i == 0 || !strings.ContainsRune(`0123456789 _.,/()'"@+=!;<>*|%$?-`, r)) {
			return false
		}
	}
	return true
}

// yamlText is a text: as it is, as lines of their own, or in quotes.
func yamlText(s string, indent int) string {
	if plain(s) {
		return s
	}
	body, mark := s, "|-"
	if strings.HasSuffix(s, "\n") {
		body, mark = s[:len(s)-1], "|"
	}
	lines := strings.Split(body, "\n")
	if len(lines) < 2 || lines[0] == "" || lines[0][0] == ' ' || lines[len(lines)-1] == "" || !allPlain(lines) {
		return quoted(s)
	}
	for _, l := range lines {
		mark += "\n"
		if l != "" {
			mark += strings.Repeat(" ", indent) + l
		}
	}
	return mark
}

// allPlain reports whether lines may stand as they are.
func allPlain(lines []string) bool {
	for _, l := range lines {
		if strings.HasSuffix(l, " ") || strings.ContainsFunc(l, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return false
		}
	}
	return true
}

// quoted is a text in quotation marks, in one line.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
