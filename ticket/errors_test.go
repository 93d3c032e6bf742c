package ticket

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
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
	for _, c := range tellings {
		got[c.code] = c.err
	}
	if len(want) < 20 || len(got) != len(want) || len(tellings) != len(want) {
		t.Errorf("%d errors, %d codes of %d entries", len(want), len(got), len(tellings))
	}
	for _, code := range want {
		if err := got[code]; err == nil || ErrorCode(fmt.Errorf("helpdesk: open: %w", err)) != code {
			t.Errorf("%v has the code %q, want %q", err, ErrorCode(err), code)
		}
	}
	for err, want := range map[error]string{
		nil: "", Invalid("subject", FaultRequired, "is empty"): "invalid", context.Canceled: "failed", errors.New("x"): "failed",
		errors.Join(ErrHookFailed, ErrNotFound): "hook_failed", errors.Join(ErrHookFailed, ErrRefused): "refused",
		errors.Join(ErrRefused, Invalid("subject", FaultRequired, "is empty")): "refused",
	} {
		if got := ErrorCode(err); got != want {
			t.Errorf("%v has the code %q, want %q", err, got, want)
		}
	}
}

// TestErrorsDoc holds docs/ERRORS.md to the code: each error with its code, status and public message, and each fault
// with its comment.
func TestErrorsDoc(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/ERRORS.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range tellings {
		want = append(want, fmt.Sprintf("| `%s` | %d | %s |", c.code, c.status, c.public))
	}
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			value := strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`)
			want = append(want, fmt.Sprintf("| `%s` | `%s` | %s |", spec.Names[0].Name, value, strings.TrimSpace(spec.Comment.Text())))
		}
		return true
	})
	if len(want) < 35 {
		t.Errorf("only %d rows were found", len(want))
	}
	for _, row := range want {
		if !strings.Contains(string(page), row+"\n") {
			t.Errorf("docs/ERRORS.md lacks the row %s", row)
		}
	}
}

// TestPublicMessage shows that nothing of what wraps an error is public, and that a page can always be answered.
func TestPublicMessage(t *testing.T) {
	t.Parallel()
	for _, c := range append(slices.Clone(tellings), telling{err: errors.New("dial tcp 10.0.0.7"), status: 500, public: ours}) {
		err := fmt.Errorf("helpdesk: hook acme.crm of role boss: %w: dial tcp 10.0.0.7", c.err)
		if got := PublicMessage(err); got != c.public || got == "" || strings.Contains(got, "acme") {
			t.Errorf("the message of %v is %q", c.err, got)
		}
		if got := HTTPStatus(err); got != c.status || got < 400 {
			t.Errorf("the status of %v is %d", c.err, got)
		}
	}
	if PublicMessage(nil) != "" || HTTPStatus(nil) != 200 {
		t.Error("no error has a message or a status of one")
	}
}

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	var e ValidationError
	e.Add("subject", FaultTooLong, "is long")
	e.Add("", FaultRefused, "not today")
	e.Add("subject", FaultMalformed, "is odd")
	by := FieldErrors(fmt.Errorf("create ticket: %w", &e))
	if len(by) != 2 || len(by["subject"]) != 2 || by["subject"][1].Fault != FaultMalformed || len(by[""]) != 1 || by[""][0].Message != "not today" {
		t.Errorf("%+v", by)
	}
	for _, err := range []error{nil, ErrNotFound, ErrInvalid} {
		if by := FieldErrors(err); by != nil || by["subject"] != nil {
			t.Errorf("of %v there are %+v", err, by)
		}
	}
}
