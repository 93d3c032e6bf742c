package placeholder

import (
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// What keeps a text from being filled in.
var (
	ErrTooLong = errors.New("is too long with its values filled in")
	ErrTooMany = fmt.Errorf("has more than %d variables", Max)
)

// Values gives the value of a name. Each name of a text is asked for once.
type Values func(name string) string

func (v Values) once() Values {
	known := map[string]string{}
	return func(name string) string {
		s, ok := known[name]
		if !ok {
			s = v(name)
			known[name] = s
		}
		return s
	}
}

// builder stops at its limits.
type builder struct {
	strings.Builder
	limit  int
	filled int
	err    error
}

// count says whether there may be one more value.
func (b *builder) count() bool {
	if b.filled++; b.filled > Max {
		b.err = ErrTooMany
	}
	return b.err == nil
}

func (b *builder) add(s string) bool {
	if b.Len()+len(s) > b.limit {
		b.err = ErrTooLong
		return false
	}
	b.WriteString(s)
	return true
}

// Write implements io.Writer.
func (b *builder) Write(p []byte) (int, error) {
	b.add(string(p))
	return len(p), b.err
}

func (b *builder) result() (string, error) {
	if b.err != nil {
		return "", b.err
	}
	return b.String(), nil
}

// Plain fills a text in. What the values hold is text, and never a placeholder. Errors: ErrTooLong, for a result of
// more than limit bytes; ErrTooMany.
func Plain(text string, limit int, v Values) (string, error) {
	b := builder{limit: limit}
	v = v.once()
	pieces(text, b.add, func(name string) bool { return b.count() && b.add(v(name)) })
	return b.result()
}

// Markdown fills a text in CommonMark in. What the values hold is text, on one line. Errors: as Plain.
func Markdown(text string, limit int, v Values) (string, error) {
	return Plain(text, limit, func(name string) string { return quoteMarkdown(v(name)) })
}

// quoteMarkdown has a text mean itself in CommonMark: its punctuation is escaped where it could mean something.
func quoteMarkdown(s string) string {
	s = strings.Join(strings.Fields(s), " ") // a line of its own could begin a block
	var b strings.Builder
	digits := true // so far
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\`*_{}[]<>#!|~&$^", r),
			i == 0 && strings.ContainsRune("-+=:", r), // a list, a rule, the underline of a heading, a table's border
			digits && i > 0 && strings.ContainsRune(".)", r):
			b.WriteByte('\\')
		}
		digits = digits && '0' <= r && r <= '9'
		b.WriteRune(r)
	}
	return b.String()
}

// delimiters cannot stand in a text: a text with them is refused.
const left, right = "\x00{", "}\x00"

// HTML fills a fragment of HTML in. html/template makes each value safe for the place where it stands: text, an
// attribute, an address, a script. Where a fragment has placeholders, its comments go away. Errors: as Plain; that of
// html/template where a placeholder stands in a place that cannot be made safe, or the fragment ends inside a tag.
func HTML(fragment string, limit int, v Values) (string, error) {
	if len(fragment) > limit {
		return "", ErrTooLong
	}
	if strings.IndexByte(fragment, 0) >= 0 {
		return "", errors.New("holds a NUL character: remove it")
	}
	var source strings.Builder
	b := builder{limit: limit}
	var values []string
	at := map[string]int{}
	pieces(fragment, func(s string) bool { source.WriteString(s); return true }, func(name string) bool {
		if !b.count() {
			return false
		}
		n, ok := at[name]
		if !ok {
			n = len(values)
			at[name], values = n, append(values, v(name))
		}
		source.WriteString(left + "index . " + strconv.Itoa(n) + right)
		return true
	})
	if b.err != nil {
		return "", b.err
	}
	if len(values) == 0 {
		return source.String(), nil
	}
	t, err := template.New("text").Delims(left, right).Parse(source.String())
	if err != nil {
		return "", fmt.Errorf("cannot be filled in: %w", err)
	}
	if err := t.Execute(&b, values); err != nil && b.err == nil {
		return "", fmt.Errorf("cannot be filled in: %w", err)
	}
	return b.result()
}
