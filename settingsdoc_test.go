package helpdesk_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestSettingsDoc(t *testing.T) {
	t.Parallel()
	doc := settingsDoc(t)
	if *update {
		ok(t, os.WriteFile("docs/SETTINGS.md", []byte(doc), 0o644))
	}
	if read(t, "docs/SETTINGS.md") != doc {
		t.Error("docs/SETTINGS.md is not what the code says: run go test -run TestSettingsDoc . -update")
	}
}

// settingsDoc lists the switches with what the source says of them, and what a new desk begins with.
func settingsDoc(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# What a new desk begins with\n\nThis page is made from the code.\n\n## Settings\n\n" +
		"`Settings().Update` changes them in one of four layers: desk, brand, department, gateway or form.\n\n" +
		"| switch | default | |\n|---|---|---|\n")
	comments := commentsOf(t, "ticket/settings.go", "Settings")
	defaults := reflect.ValueOf(ticket.DefaultSettings())
	for i := range defaults.NumField() {
		f := defaults.Type().Field(i)
		value := "none"
		if v := defaults.Field(i); v.Kind() == reflect.Bool || !v.IsZero() {
			value = "`" + string(must(json.Marshal(defaults.Field(i).Interface()))(t)) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Name, value, comments[f.Name])
	}
	b.WriteString("\n## Statuses\n\n`Config.Statuses` seeds them: `ticket.StatusPreset` has four lists. Rules, filters and numbers go by the class; the code\n" +
		"is a name, and stays when the name that people read is changed.\n\n| preset | code | name | class |\n|---|---|---|---|\n")
	for _, p := range []ticket.Preset{ticket.PresetDefault, ticket.PresetShop, ticket.PresetBilling, ticket.PresetMSP} {
		for _, s := range ticket.StatusPreset(p) {
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", p, s.Code, s.Name, s.Class)
		}
	}
	b.WriteString("\n## Priorities\n\n| code | name |\n|---|---|\n")
	for _, p := range ticket.DefaultPriorities() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", p.Code, p.Name)
	}
	return b.String()
}

// commentsOf reads the comments of a struct's fields.
func commentsOf(t *testing.T, file, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	ast.Inspect(must(parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments))(t), func(n ast.Node) bool {
		spec, isType := n.(*ast.TypeSpec)
		if !isType || spec.Name.Name != name {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			out[f.Names[0].Name] = strings.TrimSpace(f.Comment.Text())
		}
		return false
	})
	return out
}
