package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// coloured returns what paints a text: on a terminal only, and not where NO_COLOR is set (https://no-color.org).
func coloured(out io.Writer) func(colour, text string) string {
	if f, ok := out.(*os.File); ok && os.Getenv("NO_COLOR") == "" {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
		}
	}
	return func(_, text string) string { return text }
}

// table prints rows in columns. colour says how a cell is painted; nil paints none.
func (a *agent) table(head []string, rows [][]string, colour func(row, column int) string) {
	var widths []int
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	print := func(row []string, paint func(i int, padded string) string) {
		var b strings.Builder
		for i, cell := range row {
			if i < len(row)-1 {
				cell += strings.Repeat(" ", widths[i]-columns(cell)+2)
			}
			b.WriteString(paint(i, cell))
		}
		fmt.Fprintln(a.out, strings.TrimRight(b.String(), " "))
	}
	if head != nil {
		print(head, func(_ int, s string) string { return a.paint("2", s) })
	}
	for r, row := range rows {
		print(row, func(i int, s string) string {
			if colour == nil || colour(r, i) == "" {
				return s
			}
			return a.paint(colour(r, i), s)
		})
	}
}

// columns is how wide a terminal shows a text: East Asian letters take two columns (Unicode Standard Annex 11).
func columns(s string) (n int) {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// line makes one short line of a text that somebody else wrote: nothing in it moves the cursor of a terminal.
func line(s string) string {
	s = strings.Join(strings.Fields(strings.Map(printable, s)), " ")
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:59]) + "…"
	}
	return s
}

// block is a text of several lines, indented.
func block(s string) string {
	var b strings.Builder
	for l := range strings.Lines(strings.TrimSpace(s)) {
		b.WriteString(strings.TrimRight("   "+strings.Map(printable, l), " ") + "\n")
	}
	return b.String()
}

func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
		return ' '
	}
	return r
}
