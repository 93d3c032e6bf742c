package gateway

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Scope is the part of a mail that a spam pattern is about.
type Scope string

// The parts.
const (
	InHeaders Scope = "headers" // each field, decoded, as "Name: value"
	InSubject Scope = "subject"
	InBody    Scope = "body" // the text, and the HTML as it came
)

// Pattern is a rule for spam (M50): a mail that opens a ticket goes to the Spam folder where Match matches, unless Unless
// does. Both are regular expressions of Go's regexp, which take time in proportion to the mail; "/…/i" with its flags is
// taken, too, as PHP has it.
type Pattern struct {
	Name     string `json:"name"` // names it, for good
	Inactive bool   `json:"inactive,omitempty"`
	Scope    Scope  `json:"scope"`
	Match    string `json:"match"`
	// Unless stands in for what a look-ahead would exclude: /user.*@(?!shop\.example)/ is user.*@, unless
	// user.*@shop\.example.
	Unless string `json:"unless,omitempty"`
}

// maxPattern is how long an expression may be, in bytes, and maxSteps how many steps its program may have: for each letter
// of a mail all of them may be gone through. Without counted repetitions there are hardly more steps than bytes.
const (
	maxPattern = 2000
	maxSteps   = 2500
)

// Check says what is wrong with a pattern: a *ticket.ValidationError with the fields name, scope, match and unless.
func (p Pattern) Check() error {
	_, err := p.compile()
	return err
}

// filter is a pattern ready for use.
type filter struct {
	Pattern
	match, unless *regexp.Regexp // unless may be nil
}

func (p Pattern) compile() (filter, error) {
	var e ticket.ValidationError
	f := filter{Pattern: p}
	if p.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", p.Name, 100)
	if !slices.Contains([]Scope{InHeaders, InSubject, InBody}, p.Scope) {
		e.Add("scope", ticket.FaultUnknown, "%q is none of headers, subject and body", p.Scope)
	}
	if strings.TrimSpace(p.Match) == "" {
		e.Add("match", ticket.FaultRequired, "is empty: it would match every mail")
	}
	f.match = compileField(&e, "match", p.Match)
	if p.Unless != "" {
		f.unless = compileField(&e, "unless", p.Unless)
	}
	return f, e.Err()
}

func compileField(e *ticket.ValidationError, field, text string) *regexp.Regexp {
	if len(text) > maxPattern {
		e.Add(field, ticket.FaultTooLong, "has %d bytes, and may have %d", len(text), maxPattern)
		return nil
	}
	bare, flags, fault := undelimited(text)
	if fault == "" {
		fault = foreign(bare)
	}
	if fault != "" {
		e.Add(field, ticket.FaultMalformed, "%s", fault)
		return nil
	}
	if flags != "" {
		bare = "(?" + flags + ")" + bare
	}
	re, err := regexp.Compile(bare)
	if err != nil {
		e.Add(field, ticket.FaultMalformed, "is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	if n := steps(bare); n > maxSteps {
		e.Add(field, ticket.FaultTooLong, "repeats so much that it has %d steps, and may have %d: use * or + in place of large numbers", n, maxSteps)
		return nil
	}
	return re
}

// steps is the size of the program that an expression becomes.
func steps(bare string) int {
	parsed, err := syntax.Parse(bare, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// undelimited takes the delimiters of PHP off, and its flags as Go has them.
func undelimited(text string) (bare, flags, fault string) {
	const delimiters = "/#~!@%|"
	if len(text) < 2 || !strings.ContainsRune(delimiters, rune(text[0])) {
		return text, "", ""
	}
	end := strings.LastIndexByte(text, text[0])
	if end == 0 || strings.Trim(text[end+1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return text, "", ""
	}
	for _, flag := range text[end+1:] {
		switch flag {
		case 'i', 'm', 's', 'U':
			if !strings.ContainsRune(flags, flag) {
				flags += string(flag)
			}
		case 'u': // texts are UTF-8 anyway
		default:
			return "", "", fmt.Sprintf("has the flag %q, which is not known here: i, m, s, U and u are", flag)
		}
	}
	bare = strings.ReplaceAll(text[1:end], `\`+text[:1], text[:1]) // delimiters within are escaped
	return bare, flags, ""
}

var (
	lookAround    = regexp.MustCompile(`\(\?<?[=!]`)
	backReference = regexp.MustCompile(`\\[1-9]|\\k[<{']|\(\?P=`)
	possessive    = regexp.MustCompile(`\(\?>|[*+?}]\+`)
)

// foreign says what of other dialects an expression uses; empty if nothing.
func foreign(text string) string {
	bare := strings.ReplaceAll(text, `\\`, "")
	switch {
	case strings.Contains(bare, "(?!") || strings.Contains(bare, "(?<!"):
		return `excludes something by a look-around, as "(?!…)": leave that out, and put what must not match into the field unless`
	case lookAround.MatchString(bare):
		return `has a look-around, as "(?=…)": write what must be there as a part of the expression`
	case backReference.MatchString(bare):
		return "refers back to what it has matched: that is not known here"
	case possessive.MatchString(bare):
		return "has a possessive or atomic group: leave it out, for no expression takes long here"
	}
	return ""
}

// catches reports whether the mail is spam by the pattern.
func (f filter) catches(m *Mail) bool {
	if f.Inactive {
		return false
	}
	return slices.ContainsFunc(m.scope(f.Scope), func(s string) bool {
		return f.match.MatchString(s) && (f.unless == nil || !f.unless.MatchString(s))
	})
}

// scope are the texts of a part of the mail.
func (m *Mail) scope(s Scope) (out []string) {
	switch s {
	case InSubject:
		return []string{m.Subject}
	case InBody:
		if m.HTML == "" {
			return []string{m.Text}
		}
		return []string{m.Text, m.HTML}
	}
	for _, f := range m.header {
		out = append(out, f.name+": "+oneLine(decodeWords(f.value)))
	}
	return out
}

// caught is the first of the patterns, by name, that catches the mail; empty if none does.
func caught(filters []filter, m *Mail) string {
	for _, f := range filters {
		if f.catches(m) {
			return f.Name
		}
	}
	return ""
}

// compiled are patterns ready for use, by name. One that cannot be used any more is left out: it was checked when it was
// put, and no mail waits for it to be mended.
func compiled(list []Pattern) []filter {
	var out []filter
	for _, p := range list {
		if f, err := p.compile(); err == nil {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b filter) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// caught is the name of the stored pattern that matches a mail.
func (g *Gateway) caught(ctx context.Context, m *Mail) (string, error) {
	if m.caught != nil {
		return *m.caught, nil
	}
	filters, err := g.filters(ctx)
	if err != nil {
		return "", err
	}
	return caught(filters, m), nil
}
