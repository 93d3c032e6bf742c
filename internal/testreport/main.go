// Command testreport reads the output of go test -json and says what matters of it: failures in full, skips with their
// reasons, the rows of the feature list that were proven, and the sums. With
// -strict a skip is a failure.
//
//	go test -json ./... | go run ./internal/testreport -strict
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// event is a line of go test -json (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// report gathers the run.
type report struct {
	output                  map[string][]string // by package and test
	passed, failed, skipped []string
	broken                  []string // packages that failed, with or without a failing test
	packages                int
	begun                   map[string]bool // packages whose end was not seen
	rows                    map[string]bool
	garbage                 []string // lines that are no JSON: the compiler's
}

func main() {
	strict := flag.Bool("strict", false, "a skipped test is a failure")
	rows := flag.Bool("rows", false, "list the proven rows")
	flag.Parse()
	r, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	r.print(os.Stdout, *rows)
	if r.bad(*strict) {
		os.Exit(1)
	}
}

func read(in io.Reader) (*report, error) {
	r := &report{output: map[string][]string{}, rows: map[string]bool{}, begun: map[string]bool{}}
	s := bufio.NewScanner(in)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var e event
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			r.garbage = append(r.garbage, s.Text())
			continue
		}
		r.add(e)
	}
	for _, p := range slices.Sorted(maps.Keys(r.begun)) {
		r.broken = append(r.broken, p+" (which did not end)")
	}
	return r, s.Err()
}

// rowID is what the name of a proving subtest begins with.
var rowID = regexp.MustCompile(`^[MRGWIXB][0-9]{2}(-[MRGWIXB][0-9]{2})?$`)

func (r *report) add(e event) {
	key := e.Package + " " + e.Test
	if e.Test == "" {
		switch e.Action {
		case "start":
			r.begun[e.Package] = true
		case "pass", "fail", "skip":
			delete(r.begun, e.Package)
		}
	}
	switch {
	case e.Action == "output" || e.Action == "build-output":
		r.output[key] = append(r.output[key], e.Output)
	case e.Test == "" && e.Action == "fail":
		r.broken = append(r.broken, e.Package)
	case e.Test == "" && (e.Action == "pass" || e.Action == "skip"):
		r.packages++
	case e.Test == "":
	case e.Action == "pass":
		r.passed = append(r.passed, key)
		for _, part := range strings.Split(e.Test, "/")[1:] {
			r.prove(part)
		}
	case e.Action == "fail":
		r.failed = append(r.failed, key)
	case e.Action == "skip":
		r.skipped = append(r.skipped, key)
	}
}

// prove notes the ids at the beginning of a subtest's name.
func (r *report) prove(name string) {
	for _, word := range strings.Split(name, "_") {
		if !rowID.MatchString(word) {
			return
		}
		r.rows[word] = true
	}
}

func (r *report) bad(strict bool) bool {
	return len(r.failed)+len(r.broken)+len(r.garbage) > 0 || len(r.passed) == 0 || (strict && len(r.skipped) > 0)
}

func (r *report) print(out io.Writer, rows bool) {
	for _, line := range r.garbage {
		fmt.Fprintln(out, line)
	}
	for _, key := range append(slices.Clone(r.failed), r.broken...) {
		fmt.Fprintf(out, "FAILED %s\n%s", key, strings.Join(r.output[strings.TrimSpace(key)+" "], " "))
		fmt.Fprint(out, strings.Join(r.output[key], ""))
	}
	for _, key := range r.skipped {
		fmt.Fprintf(out, "skipped %s: %s\n", key, reason(r.output[key]))
	}
	var proven []string
	for id := range r.rows {
		proven = append(proven, id)
	}
	slices.Sort(proven)
	if rows {
		fmt.Fprintf(out, "rows proven: %s\n", strings.Join(proven, " "))
	}
	fmt.Fprintf(out, "%d packages, %d rows of the feature list proven\n", r.packages+len(r.broken), len(proven))
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", len(r.passed), len(r.failed)+len(r.broken), len(r.skipped))
}

// reason finds what t.Skip said among the lines of a test.
func reason(lines []string) string {
	for _, l := range lines {
		if l = strings.TrimSpace(l); strings.Contains(l, "_test.go:") || strings.Contains(l, ".go:") {
			_, text, _ := strings.Cut(l, ": ")
			return text
		}
	}
	return "no reason given"
}
