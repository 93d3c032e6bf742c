package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/helpdeskgo/helpdesk/store/move"
)

// line tells how far the move is, on one line of a terminal that is written over.
type line struct {
	out    io.Writer
	now    func() time.Time
	said   time.Time
	length int
}

func newLine(out io.Writer, now func() time.Time) *line {
	return &line{out: out, now: now, said: now()}
}

// pause is the time between two looks of a person at the line.
const pause = 200 * time.Millisecond

func (l *line) tell(p move.Progress) {
	if now := l.now(); now.Sub(l.said) >= pause {
		l.said = now
		l.write(fmt.Sprintf("%s %s: %d", map[move.Stage]string{move.StageCopy: "copying", move.StageCompare: "comparing"}[p.Stage], p.Kind, p.Rows))
	}
}

func (l *line) write(text string) {
	fmt.Fprint(l.out, "\r", text, strings.Repeat(" ", max(0, l.length-len(text))))
	l.length = len(text)
}

// end leaves an empty line behind.
func (l *line) end() {
	if l.length > 0 {
		l.write("")
		fmt.Fprint(l.out, "\r")
	}
}

// printReport prints what both stores hold, and in what they differ.
func printReport(out io.Writer, r *move.Report) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.Kinds) > 0 {
		fmt.Fprintln(w, "kind\tfrom\tto\tchecksum\t")
	}
	for _, k := range r.Kinds {
		sums := k.From.Sum[:16]
		if k.To.Sum != k.From.Sum {
			sums += " is not " + k.To.Sum[:16]
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t\n", k.Kind, k.From.Rows, k.To.Rows, sums)
	}
	_ = w.Flush() // out tells by itself
	for _, d := range r.Differences {
		fmt.Fprintln(out, "differs:", d)
	}
	if more := r.Differing - int64(len(r.Differences)); more > 0 {
		fmt.Fprintf(out, "and %d more\n", more)
	}
}
