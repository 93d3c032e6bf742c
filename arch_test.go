package helpdesk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/helpdeskgo/helpdesk"

// deps lists what a package is built from, itself included.
func deps(t *testing.T, dir, pkg string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// TestHouse holds the arrows of docs/ARCHITECTURE.md against the code.
func TestHouse(t *testing.T) {
	t.Parallel()
	root := []string{
		"ticket", "hooks", "store", "internal/alone", "internal/token", "internal/mark", "internal/nearest", "internal/placeholder", "internal/fulltext", "internal/markup",
		"internal/redact", "internal/rights", "internal/policy", "internal/search", "internal/variables", "internal/merging", "internal/download",
		"internal/counts", "internal/identity", "internal/journal", "internal/record", "internal/ledger", "internal/content", "internal/setup", "internal/agenda",
	}
	documents := slices.Concat([]string{"ticket", "store"}, modulePackages(t, "github.com/go-json-experiment/json"))
	memory := []string{"ticket", "store", "store/scan", "store/cursor", "store/internal/tally", "store/internal/bookmark"}
	house := map[string][]string{ // package: what of this module it may stand on, and of another; nothing else
		"ticket":                 {},
		"hooks":                  {"ticket", "internal/nearest"},
		"store":                  {"ticket"},
		"":                       root,
		"internal/alone":         {},
		"internal/fulltext":      {},
		"internal/nearest":       {},
		"internal/token":         {},
		"internal/mark":          {"ticket", "internal/token"},
		"internal/placeholder":   {},
		"internal/markup":        {},
		"internal/redact":        {"ticket", "internal/markup"},
		"internal/rights":        {"ticket"},
		"internal/policy":        {"ticket"},
		"internal/setup":         {"ticket"},
		"internal/variables":     {"ticket", "internal/nearest", "internal/placeholder"},
		"internal/merging":       {"ticket"},
		"internal/download":      {"ticket"},
		"internal/counts":        {"ticket", "store"},
		"internal/identity":      {"ticket", "internal/redact", "internal/markup"},
		"internal/content":       {"ticket"},
		"internal/trigger":       {"ticket"},
		"internal/record":        {"ticket", "store"},
		"internal/journal":       {"ticket", "store"},
		"internal/agenda":        {"ticket", "store"},
		"internal/ledger":        {"ticket", "store", "internal/record"},
		"internal/search":        {"ticket", "store", "internal/fulltext", "internal/markup"},
		"internal/htmltext":      {"golang.org/x/net/html", "golang.org/x/net/html/atom"},
		"internal/replytext":     {"ticket", "internal/htmltext", "golang.org/x/net/html", "golang.org/x/net/html/atom"},
		"store/cursor":           {"ticket"},
		"store/internal/row":     documents,
		"store/internal/hostsql": {"ticket", "store"},
		"store/internal/lists":   slices.Concat([]string{"store/cursor", "store/internal/row", "store/internal/tally"}, documents),
		"store/internal/remote": slices.Concat([]string{
			"store/cursor", "store/internal/row", "store/internal/lists", "store/internal/tally", "store/internal/bookmark", "store/internal/migrate",
			"store/internal/hostsql",
		}, documents),
		"rules/condition": slices.Concat([]string{"ticket", "internal/nearest", "internal/markup"}, modulePackages(t, "github.com/expr-lang/expr")),
		"rules": slices.Concat([]string{
			"ticket", "hooks", "store", "rules/condition", "rules/calendar", "rules/sla", "internal/agenda", "internal/journal", "internal/record", "internal/nearest", "internal/markup",
		}, modulePackages(t, "github.com/expr-lang/expr"), modulePackages(t, "github.com/teambition/rrule-go"), modulePackages(t, "github.com/goccy/go-yaml")),
		"notify": slices.Concat([]string{
			"ticket", "hooks", "store", "rules/calendar", "notify/letter", "notify/template", "notify/smtp", "notify/survey",
			"internal/agenda", "internal/record", "internal/safehtml", "internal/htmltext", "internal/mark", "internal/token", "internal/nearest", "internal/bearer",
		}, modulePackages(t, "golang.org/x/net"), modulePackages(t, "golang.org/x/text"), modulePackages(t, "github.com/emersion/go-message"), modulePackages(t, "github.com/emersion/go-smtp"),
			modulePackages(t, "github.com/emersion/go-sasl"), modulePackages(t, "github.com/emersion/go-msgauth"), modulePackages(t, "github.com/microcosm-cc/bluemonday")),
		"notify/webhook": {"ticket", "hooks", "store", "internal/agenda", "internal/journal", "internal/record", "internal/nearest"},
		"notify/survey":  {"ticket"},
		"notify/webhook/action": slices.Concat([]string{
			"notify/webhook", "rules", "ticket", "hooks", "store", "rules/condition", "rules/calendar", "rules/sla", "internal/agenda", "internal/journal", "internal/record", "internal/nearest", "internal/markup",
		}, modulePackages(t, "github.com/expr-lang/expr"), modulePackages(t, "github.com/teambition/rrule-go"), modulePackages(t, "github.com/goccy/go-yaml")),
		"notify/letter":       slices.Concat([]string{"ticket", "golang.org/x/net/idna"}, modulePackages(t, "github.com/emersion/go-message"), modulePackages(t, "golang.org/x/text")),
		"notify/template":     {"ticket", "internal/nearest", "internal/mark", "internal/token", "internal/htmltext", "golang.org/x/net/html", "golang.org/x/net/html/atom"},
		"store/move":          {"ticket", "store"},
		"store/scan":          {"ticket", "store", "store/cursor", "store/internal/tally"},
		"store/memory":        memory,
		"store/blobdir":       {"ticket", "store"},
		"helpdesktest":        slices.Concat([]string{"", "store/memory", "notify/letter", "golang.org/x/net/idna"}, root, memory, modulePackages(t, "github.com/emersion/go-message"), modulePackages(t, "golang.org/x/text")),
		"rules/calendar":      {"ticket"},
		"rules/sla":           {"ticket", "rules/calendar"},
		"examples/plugin/crm": {"ticket", "hooks", "internal/nearest"},
	}
	for pkg, allowed := range house {
		t.Run("/"+pkg+" stands on what is below it, and on the standard library", func(t *testing.T) {
			t.Parallel()
			ok := map[string]bool{path(pkg): true}
			for _, a := range allowed {
				ok[path(a)] = true
			}
			for _, d := range deps(t, ".", "./"+pkg) {
				if !ok[d] {
					t.Errorf("%s imports %s", path(pkg), d)
				}
			}
		})
	}
	t.Run("nothing below the root imports it", func(t *testing.T) {
		t.Parallel()
		for _, pkg := range []string{"ticket", "hooks", "store", "store/memory", "store/sqlite", "store/postgres", "store/mysql", "store/blobdir", "store/move", "gateway", "gateway/imap", "gateway/mailboxes", "gateway/oauth", "gateway/pop3", "rules", "notify/letter", "notify/smtp", "notify", "notify/template", "notify/survey", "notify/webhook", "notify/webhook/action", "internal/cms", "internal/safehtml", "internal/tnef"} {
			for _, d := range deps(t, ".", "./"+pkg) {
				if d == module {
					t.Errorf("%s imports the root", pkg)
				}
			}
		}
	})
}

// modulePackages lists the packages of another module, so that a room may stand on all of it.
func modulePackages(t *testing.T, module string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list %s: %v", module, err)
	}
	return strings.Fields(string(out))
}

// path is the import path of a package of this module. One of another is given whole.
func path(pkg string) string {
	if host, _, _ := strings.Cut(pkg, "/"); strings.Contains(host, ".") {
		return pkg
	}
	return strings.TrimSuffix(module+"/"+pkg, "/")
}

// TestRootAddsNoModule builds a program that imports the root alone, as a user's module.
func TestRootAddsNoModule(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":  "module host.example/shop\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + here + "\n",
		"main.go": "package main\n\nimport \"" + module + "\"\n\nfunc main() { _, _ = helpdesk.New(nil, nil, nil) }\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", os.DevNull, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args, err, out)
		}
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(mod), "\n\t") + strings.Count(string(mod), "// indirect"); got != 0 {
		t.Errorf("the root alone brings other modules:\n%s", mod)
	}
}
