package helpdesk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
)

// glob lists files, and fails the test where there are none.
func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, p := range patterns {
		files, err := filepath.Glob(p)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files at %s (%v)", p, err)
		}
		all = append(all, files...)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// exampleFiles are what the documents may quote: files that are compiled and run by tests.
var exampleFiles = []string{"example_*_test.go", "example_test.go", "*/example_*test.go", "examples/*/*.go", "examples/*/*/*.go"}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// asExample turns a program of a document into the Example that it must be.
func asExample(snippet string) string {
	return strings.NewReplacer("package main\n", "package helpdesk_test\n", "func main() {\n", "func Example() {\n\tdefer inTempDir()()\n").Replace(snippet)
}

// indented moves a snippet into a function.
func indented(snippet string) string {
	return regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(snippet, "\t$1")
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	var code []string
	for _, f := range glob(t, exampleFiles...) {
		code = append(code, read(t, f))
	}
	within := func(snippet string) bool {
		return slices.ContainsFunc(code, func(c string) bool { return strings.Contains(c, snippet) })
	}
	t.Run("every Go snippet of the documents stands in an Example", func(t *testing.T) {
		t.Parallel()
		found := 0
		for _, f := range glob(t, "*.md", "docs/*.md", "docs/adr/*.md", "examples/*/*.md") {
			for _, m := range goBlock.FindAllStringSubmatch(read(t, f), -1) {
				found++
				if s := asExample(m[1]); !within(s) && !within(indented(s)) {
					t.Errorf("%s has a snippet that no Example contains:\n%s", f, m[1])
				}
			}
		}
		if found < 2 {
			t.Errorf("%d snippets found: the README has two", found)
		}
	})
	t.Run("every line of code in the tour of doc.go stands in an Example", func(t *testing.T) {
		t.Parallel()
		found := 0
		for line := range strings.Lines(read(t, "doc.go")) {
			stmt, isCode := strings.CutPrefix(strings.TrimSpace(line), "//\t")
			if !isCode || stmt == "…" {
				continue
			}
			if found++; !within("\t" + stmt + "\n") {
				t.Errorf("no Example has the line %s", stmt)
			}
		}
		if found == 0 {
			t.Error("doc.go has no code: has the way to find it changed?")
		}
	})
}

// withoutExample are the verbs that a newcomer does not need, each with its reason.
var withoutExample = map[string]string{
	"CheckMail":           "gateway calls it",
	"RejectMail":          "gateway calls it",
	"StoreBlob":           "gateway calls it",
	"Codes":               "gateway calls it",
	"Limits":              "gateway calls it",
	"Now":                 "gateway calls it",
	"Uses":                "gateway calls it",
	"OpenRaw":             "as OpenFile",
	"Tick":                "background mode does it",
	"DeleteDepartment":    "as DeletePriority",
	"DeleteBrand":         "as DeletePriority",
	"DeleteQuickResponse": "as DeletePriority",
	"Discard":             "as Retry",
	"DeleteField":         "as DeletePriority",
	"DeleteRole":          "as DeletePriority",
	"Fields":              "as Priorities",
	"Roles":               "as Priorities",
	"Winners":             "as Layer",
	"TakesPart":           "gateway calls it",
	"Agent":               "as Customer",
	"Agents":              "as Customers",
	"Members":             "as Customers",
	"DeleteAgent":         "as DeleteCustomer",
	"DeleteOrganisation":  "as DeleteCustomer",
	"ResetFired":          "ExpectFired does it",
	"Set":                 "as Advance",
	"KeepBlob":            "gateway calls it",
	"RetainBlob":          "gateway calls it",
	"ReleaseBlob":         "gateway calls it",
	"OpenBlob":            "gateway calls it",
}

func TestExamplesShowEveryVerb(t *testing.T) {
	t.Parallel()
	called := calledIn(t, glob(t, exampleFiles...))
	for _, v := range []any{
		&helpdesk.Desk{}, helpdesk.Catalog{}, helpdesk.Settings{}, helpdesk.Deliveries{}, helpdesk.People{}, helpdesk.Links{},
		helpdesk.Mass{}, helpdesk.Time{}, helpdesk.Ratings{}, helpdesk.Tags{},
		helpdesk.Views{},
		&helpdesktest.Desk{}, &helpdesktest.Clock{},
	} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumMethod() {
			if name := typ.Method(i).Name; !called[name] && withoutExample[name] == "" {
				t.Errorf("%v has %s, which no Example calls", typ, name)
			}
		}
	}
}

// calledIn names the methods and functions that the files call.
func calledIn(t *testing.T, files []string) map[string]bool {
	t.Helper()
	called := map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, isCall := n.(*ast.CallExpr); isCall {
				if sel, isSelector := call.Fun.(*ast.SelectorExpr); isSelector {
					called[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	return called
}

var (
	required = regexp.MustCompile(`(?m)^(?:require )?\t?([\w./-]+\.[\w./-]+) (v[\w.+-]+)$`)
	tool     = regexp.MustCompile(`(?m)^tool ([\w./-]+)/cmd/`)
)

func TestDependenciesAreAccountedFor(t *testing.T) {
	t.Parallel()
	doc := read(t, "docs/DEPENDENCIES.md")
	accounted := func(path, version string) {
		if !strings.Contains(doc, path+" "+version) {
			t.Errorf("docs/DEPENDENCIES.md has no %s %s", path, version)
		}
	}
	direct := required.FindAllStringSubmatch(read(t, "go.mod"), -1)
	if len(direct) == 0 {
		t.Error("go.mod requires nothing: has the way to find it changed?")
	}
	for _, m := range direct {
		accounted(m[1], m[2])
	}
	tools := read(t, "tools/go.mod")
	used := tool.FindAllStringSubmatch(tools, -1)
	if len(used) == 0 {
		t.Error("tools/go.mod has no tool: has the way to find it changed?")
	}
	for _, m := range used {
		version := regexp.MustCompile(regexp.QuoteMeta(m[1]) + ` (v\S+)`).FindStringSubmatch(tools)
		if version == nil {
			t.Errorf("tools/go.mod does not require %s", m[1])
			continue
		}
		accounted(m[1], version[1])
	}
}
