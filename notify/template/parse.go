package template

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxSource is how long a part of a template may be, in bytes.
const maxSource = 256 << 10

// problem is something wrong with a source.
type problem struct {
	line, column int // from 1, columns in characters
	fault        ticket.Fault
	text         string
}

func (p problem) String() string {
	return fmt.Sprintf("line %d, column %d: %s", p.line, p.column, p.text)
}

// part is a template that is ready to be executed.
type part struct {
	file string
	text *texttemplate.Template // one of both
	html *htmltemplate.Template
	refs map[string]entry // the variables that it names
	uses map[string]bool  // those that it writes
	most int              // turns that its loops may take in all
	size int              // of its source
}

// scope says what a part may name.
type scope struct {
	names  names
	fields []ticket.Field // nil lets every custom field pass
	layout bool
	html   bool
	sample func(*part) error // executes it once
}

var functions = map[string]any{"truncate": truncate}

// truncate cuts a text to a number of characters; of HTML what people read of it.
func truncate(n int, s any) string {
	if html, ok := s.(htmltemplate.HTML); ok {
		s = htmltext.Convert(string(html))
	}
	r := []rune(fmt.Sprint(s))
	if n = max(n, 0); len(r) <= n {
		return string(r)
	}
	return strings.TrimSpace(string(r[:n])) + "…"
}

// compile parses and checks a part.
func compile(file, source string, sc scope) (*part, []problem) {
	tree, p := parseSource(source)
	if p != nil {
		return nil, []problem{*p}
	}
	c := &checker{source: source, scope: sc, refs: map[string]entry{}, uses: map[string]bool{}}
	c.check(tree)
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b problem) int {
			return (a.line-b.line)*maxSource + a.column - b.column
		})
		return nil, c.problems
	}
	out := &part{file: file, refs: c.refs, uses: c.uses, most: min(maxTurns, maxSteps/max(c.inLoops, 1)), size: len(source)}
	var err error
	if sc.html {
		out.html, err = htmltemplate.New("template").Option("missingkey=zero").Funcs(functions).AddParseTree("template", tree)
	} else {
		out.text, err = texttemplate.New("template").Option("missingkey=zero").Funcs(functions).AddParseTree("template", tree)
	}
	if err == nil {
		err = sc.sample(out)
	}
	if err != nil {
		return nil, []problem{c.failure(err)}
	}
	return out, nil
}

// parseSource parses without looking at functions, which the check does better.
func parseSource(source string) (*parse.Tree, *problem) {
	switch {
	case len(source) > maxSource:
		return nil, &problem{1, 1, ticket.FaultTooLong, fmt.Sprintf("is longer than %d kB: shorten it", maxSource>>10)}
	case !utf8.ValidString(source) || strings.ContainsRune(source, 0):
		return nil, &problem{1, 1, ticket.FaultMalformed, "is no text in UTF-8, or holds a NUL character: save it as UTF-8"}
	}
	t := parse.New("template")
	t.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	tree, err := t.Parse(source, "", "", trees)
	if err != nil {
		return nil, malformed(source, err)
	}
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		if name != "template" && trees[name].Root != nil {
			line, column := position(source, int(trees[name].Root.Position()))
			return nil, &problem{line, column, ticket.FaultNotAllowed, "templates are not defined within another: write what it says in its place"}
		}
	}
	return tree, nil
}

var parseError = regexp.MustCompile(`(?s)^template: template:(\d+)(?::\d+)?: (.*)$`)

// malformed says what the parser says, which knows the line alone: the column is that of the last action that begins there.
func malformed(source string, err error) *problem {
	m := parseError.FindStringSubmatch(err.Error())
	if m == nil {
		return &problem{1, 1, ticket.FaultMalformed, err.Error()}
	}
	line, _ := strconv.Atoi(m[1])
	column := 1
	if all := strings.Split(source, "\n"); line >= 1 && line <= len(all) {
		if i := strings.LastIndex(all[line-1], "{{"); i >= 0 {
			column = utf8.RuneCountInString(all[line-1][:i]) + 1
		}
	}
	return &problem{line, column, ticket.FaultMalformed, m[2]}
}

// position is where a byte of a source stands.
func position(source string, at int) (line, column int) {
	before := source[:min(max(at, 0), len(source))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// failure says what is wrong with a part that could not be executed.
func (c *checker) failure(err error) problem {
	var unsafe *htmltemplate.Error
	if errors.As(err, &unsafe) {
		p := problem{max(unsafe.Line, 1), 1, ticket.FaultMalformed, "cannot be made safe: " + unsafe.Description}
		if unsafe.Node != nil {
			p.line, p.column = position(c.source, int(unsafe.Node.Position()))
		}
		return p
	}
	if m := regexp.MustCompile(`^template: template:(\d+):(\d+): (?:executing "template" at )?(.*)$`).FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		column, _ := strconv.Atoi(m[2])
		return problem{line, column + 1, ticket.FaultMalformed, m[3]}
	}
	return problem{1, 1, ticket.FaultMalformed, err.Error()}
}

var errTooLong = errors.New("says more than a megabyte: shorten it")

// Limits of an execution. They bound its time without a clock: what takes time writes, or loops.
const (
	maxOutput = 1 << 20
	maxTurns  = 10_000
	maxSteps  = 1_000_000 // nodes within loops, times turns
)

// limited is a text that does not grow over maxOutput.
type limited struct{ strings.Builder }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxOutput {
		return 0, errTooLong
	}
	return l.Builder.Write(b)
}

// length is about how much a value writes, where that may be much.
func length(value any) int {
	switch s := value.(type) {
	case string:
		return len(s)
	case htmltemplate.HTML:
		return len(s)
	}
	return 0
}

// execute fills a part in.
func (p *part) execute(v *view) (string, error) {
	v.html, v.turns = p.html != nil, p.most
	data, room := make(map[string]any, len(p.refs)), p.size
	for name, e := range p.refs {
		if v.told(name) {
			data[name] = ""
			continue
		}
		data[name] = e.value(v)
		room += length(data[name])
	}
	var out limited
	out.Grow(min(room, maxOutput))
	var w io.Writer = &out
	var err error
	if p.html != nil {
		err = p.html.Execute(w, data)
	} else {
		err = p.text.Execute(w, data)
	}
	if err == nil && v.turns < 0 {
		err = fmt.Errorf("loops more than %d times: loop over fewer lists within each other", p.most)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", p.file, err)
	}
	return out.String(), nil
}
