package hooks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/hooks"
)

func TestFieldsSayWhatPointsSay(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "catalogue.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if f, isField := n.(*ast.Field); isField && len(f.Names) == 1 {
			comments[f.Names[0].Name] = strings.TrimSpace(f.Comment.Text())
		}
		return true
	})
	for _, p := range hooks.New(nil).Points() {
		want := p.Doc
		if p.Waits != "" {
			want += "; not fired yet"
		}
		if comments[p.Name] != want {
			t.Errorf("the comment of Registry.%s is %q, and its point says %q", p.Name, comments[p.Name], want)
		}
	}
}
