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
var exampleFiles = []string{"example_*_test.go", "example_test.go", "*/example_*test.go", "notify/*/example_*test.go", "examples/*/*.go", "examples/*/*/*.go"}

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
	"Automation.AddStep":           "rules calls it",
	"Automation.Agents":            "rules calls it",
	"Automation.Because":           "rules calls it",
	"Automation.Brands":            "rules calls it",
	"Automation.Cause":             "rules calls it",
	"Automation.Caused":            "rules calls it",
	"Automation.CheckAgent":        "rules calls it",
	"Automation.CheckText":         "rules calls it",
	"Automation.CustomerGroup":     "rules calls it",
	"Automation.DeleteDefinition":  "rules calls it",
	"Automation.DoubtText":         "rules calls it",
	"Automation.Departments":       "rules calls it",
	"Automation.Expand":            "rules calls it",
	"Automation.ExpandForStaff":    "rules calls it",
	"Automation.Fields":            "rules calls it",
	"Automation.MayConfigure":      "rules calls it",
	"Automation.Once":              "rules calls it",
	"Automation.Priorities":        "rules calls it",
	"Automation.MayWork":           "rules calls it",
	"Automation.PutDefinition":     "rules calls it",
	"Automation.SealSecret":        "notify/webhook calls it",
	"Automation.OpenSecret":        "notify/webhook calls it",
	"Automation.SettingsOf":        "rules calls it",
	"Automation.Statuses":          "rules calls it",
	"Automation.Trace":             "rules calls it",
	"Automation.Uses":              "rules calls it",
	"Mail.CheckMail":               "gateway calls it",
	"Notification.Steady":          "notify calls it",
	"Notification.Surroundings":    "notify calls it",
	"Notification.Sees":            "notify calls it",
	"Notification.WritesAs":        "notify calls it",
	"Notification.IsAgents":        "notify calls it",
	"Notification.Agent":           "notify calls it",
	"Notification.Members":         "notify calls it",
	"Notification.Responsible":     "notify calls it",
	"Notification.Customer":        "notify calls it",
	"Notification.Marker":          "notify calls it",
	"Notification.Undeliverable":   "notify calls it",
	"Notification.MarkUndelivered": "notify calls it",
	"Notification.GuestLink":       "notify calls it",
	"Notification.SurveyLink":      "notify calls it",
	"Notification.Signature":       "notify calls it",
	"Notification.OpenFile":        "notify calls it",
	"Mail.Correspondent":           "gateway calls it",
	"Mail.RejectMail":              "gateway calls it",
	"Mail.StoreBlob":               "gateway calls it",
	"Mail.Usable":                  "gateway calls it",
	"Mail.EmptySubject":            "gateway calls it",
	"Mail.MayConfigure":            "gateway/mailboxes calls it",
	"Mail.CheckGateways":           "gateway/mailboxes calls it",
	"Mail.PutGateway":              "gateway/mailboxes calls it",
	"Mail.DeleteGateway":           "gateway/mailboxes calls it",
	"Mail.Codes":                   "gateway calls it",
	"Limits":                       "gateway calls it",
	"Now":                          "gateway calls it",
	"Mail.Uses":                    "gateway calls it",
	"Mail.Joinable":                "gateway calls it",
	"Files.OpenRaw":                "as Open",
	"Tick":                         "background mode does it",
	"Catalog.DeleteDepartment":     "as DeletePriority",
	"Catalog.DeleteBrand":          "as DeletePriority",
	"Catalog.DeleteQuickResponse":  "as DeletePriority",
	"Deliveries.Discard":           "as Retry",
	"Catalog.DeleteField":          "as DeletePriority",
	"Catalog.DeleteRole":           "as DeletePriority",
	"Catalog.Fields":               "as Priorities",
	"Catalog.Roles":                "as Priorities",
	"Settings.Winners":             "as Layer",
	"Mail.TakesPart":               "gateway calls it",
	"Mail.MarkUndelivered":         "gateway calls it",
	"Mail.DropOldKey":              "as GuestLinks.DropOldKey",
	"People.Agent":                 "as Customer",
	"People.Agents":                "as Customers",
	"People.Members":               "as Customers",
	"People.DeleteAgent":           "as DeleteCustomer",
	"People.DeleteOrganisation":    "as DeleteCustomer",
	"ResetFired":                   "ExpectEvents does it",
	"ExpectFired":                  "as ExpectEvents",
	"Set":                          "as Advance",
	"Mail.KeepBlob":                "gateway calls it",
	"Mail.RetainBlob":              "gateway calls it",
	"Mail.ReleaseBlob":             "gateway calls it",
	"Mail.OpenBlob":                "gateway calls it",
}

func TestExamplesShowEveryVerb(t *testing.T) {
	t.Parallel()
	called := calledIn(t, glob(t, exampleFiles...))
	d := &helpdesk.Desk{}
	names := methods(d, groups(d))
	for _, v := range []any{&helpdesktest.Desk{}, &helpdesktest.Clock{}} {
		for i := range reflect.TypeOf(v).NumMethod() {
			names[reflect.TypeOf(v).Method(i).Name] = true
		}
	}
	for name := range names {
		if !called[name] && withoutExample[name] == "" {
			t.Errorf("no Example calls %s", name)
		}
	}
	for name := range withoutExample {
		if !names[name] {
			t.Errorf("%s is excused, and there is no such verb", name)
		}
	}
}

func TestTourNamesEveryVerb(t *testing.T) {
	t.Parallel()
	doc := read(t, "doc.go")
	desk := reflect.TypeFor[*helpdesk.Desk]()
	for i := range desk.NumMethod() {
		if name := "[Desk." + desk.Method(i).Name + "]"; !strings.Contains(doc, name) {
			t.Errorf("doc.go does not name %s", name)
		}
	}
}

// calledIn names the methods and functions that the files call, and those of groups with the group's name before them.
func calledIn(t *testing.T, files []string) map[string]bool {
	t.Helper()
	called := map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		groups := map[string]string{} // by the variable that holds one
		ast.Inspect(f, func(n ast.Node) bool {
			if set, isSet := n.(*ast.AssignStmt); isSet && len(set.Lhs) == len(set.Rhs) {
				for i, to := range set.Lhs {
					if v, isVar := to.(*ast.Ident); isVar {
						groups[v.Name] = groupOf(set.Rhs[i], nil)
					}
				}
			}
			if call, isCall := n.(*ast.CallExpr); isCall {
				if sel, isSelector := call.Fun.(*ast.SelectorExpr); isSelector {
					called[sel.Sel.Name] = true
					called[groupOf(sel.X, groups)+sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	return called
}

// groupOf is the name of the group that an expression calls for or that a variable holds, with a dot, or nothing.
func groupOf(x ast.Expr, held map[string]string) string {
	if v, isVar := x.(*ast.Ident); isVar {
		return held[v.Name]
	}
	if call, isCall := x.(*ast.CallExpr); isCall && len(call.Args) == 0 {
		if sel, isSelector := call.Fun.(*ast.SelectorExpr); isSelector {
			return sel.Sel.Name + "."
		}
	}
	return ""
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
