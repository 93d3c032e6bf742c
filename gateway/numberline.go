package gateway

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ByNumberLine is the weakest citation: a line of the body that says the number of a ticket. It is as guessable as a code
// in the subject.
const ByNumberLine CitedBy = "number_line"

// numberPlace stands for the code in a format of Options.NumberLines.
const numberPlace = "{code}"

// Bounds of the search for such lines.
const (
	maxNumberText  = 256 << 10 // bytes of text that are looked at
	maxNumberLine  = 300       // bytes of one line
	maxNumberLines = 10        // citations that are taken
)

// numberLine is a format: the letters and digits before the code and behind it, in lower case.
type numberLine struct{ before, after string }

// numberLinesOf reads formats. One that could be anything is a fault.
func numberLinesOf(formats []string, e *ticket.ValidationError) []numberLine {
	var list []numberLine
	for i, f := range formats {
		before, after, found := strings.Cut(f, numberPlace)
		n := numberLine{letters(before), letters(after)}
		field := fmt.Sprintf("number_lines[%d]", i)
		switch {
		case !found || strings.Contains(after, numberPlace):
			e.Add(field, ticket.FaultMalformed, "%q has no place for the code, or several: write it as in \"## Ticket number: %s\"", f, numberPlace)
		case utf8.RuneCountInString(n.before+n.after) < 2:
			e.Add(field, ticket.FaultMalformed, "%q would be found everywhere: put words around %s", f, numberPlace)
		default:
			list = append(list, n)
		}
	}
	return list
}

// letters are the letters and digits of a text, in lower case: programs quote, wrap in marks and dress up the rest.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// NumberLines lists the tickets that lines of a mail's text name, such as "## Ticket number: TCK-123", the topmost first:
// that of the newest mail which is quoted. formats are such lines with {code} in the place of the code, in every language
// that mails of the desk ever had; case, marks of quotation and punctuation do not count. codes may be nil: then a code
// is any word in that place. As of [Citations], nothing is proven by it.
func NumberLines(m *Mail, codes CodeFinder, formats []string) []Citation {
	return citedLines(m, codes, numberLinesOf(formats, new(ticket.ValidationError)))
}

func citedLines(m *Mail, codes CodeFinder, formats []numberLine) []Citation {
	var out []Citation
	if len(formats) == 0 || m.Degraded {
		return nil
	}
	for line := range strings.Lines(beginning(m.Text, maxNumberText)) {
		if line = strings.TrimSpace(line); line == "" || len(line) > maxNumberLine {
			continue
		}
		said := letters(line)
		i := slices.IndexFunc(formats, func(n numberLine) bool { return strings.HasPrefix(said, n.before) })
		if i < 0 {
			continue
		}
		for _, n := range formats[i:] {
			if code := n.codeIn(line, said, codes); code != "" && !slices.Contains(out, Citation{By: ByNumberLine, Value: code}) {
				out = append(out, Citation{By: ByNumberLine, Value: code})
				break
			}
		}
		if len(out) == maxNumberLines {
			break
		}
	}
	return out
}

// codeIn is the code in a line, if the line has the format; said are the letters of the line.
func (n numberLine) codeIn(line, said string, codes CodeFinder) string {
	var candidates []string
	if codes != nil {
		candidates = codes.Find(line)
	}
	for _, word := range strings.Fields(line) { // of a desk whose codes are but numbers
		candidates = append(candidates, strings.ToUpper(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })))
	}
	for _, code := range candidates {
		bare := letters(code)
		if !strings.ContainsAny(bare, "0123456789") {
			continue
		}
		if rest, ok := strings.CutPrefix(said, n.before+bare); ok && strings.HasPrefix(rest, n.after) {
			return code
		}
	}
	return ""
}
