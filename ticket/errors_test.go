package ticket

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// TestErrorCodes reads the names of the errors from the source: each has the code that its name says, and no other.
func TestErrorCodes(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[A-Z][a-z]+`)
	var want []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Err") {
			parts := words.FindAllString(strings.TrimPrefix(spec.Names[0].Name, "Err"), -1)
			want = append(want, strings.ToLower(strings.Join(parts, "_")))
		}
		return true
	})
	got := map[string]error{}
	for _, c := range codes {
		got[c.code] = c.err
	}
	if len(want) < 20 || len(got) != len(want) || len(codes) != len(want) {
		t.Errorf("%d errors, %d codes of %d entries", len(want), len(got), len(codes))
	}
	for _, code := range want {
		if err := got[code]; err == nil || ErrorCode(fmt.Errorf("helpdesk: open: %w", err)) != code {
			t.Errorf("%v has the code %q, want %q", err, ErrorCode(err), code)
		}
	}
	for err, want := range map[error]string{
		nil: "", Invalid("subject", FaultRequired, "is empty"): "invalid", context.Canceled: "failed", errors.New("x"): "failed",
		errors.Join(ErrRefused, Invalid("subject", FaultRequired, "is empty")): "refused",
	} {
		if got := ErrorCode(err); got != want {
			t.Errorf("%v has the code %q, want %q", err, got, want)
		}
	}
}
