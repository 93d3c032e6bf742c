package template_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/template"
)

var update = flag.Bool("update", false, "write the goldens anew")

// built are the languages of the built-in templates.
var built = []string{"en", "de", "tr", "ru"}

func newSet(t testing.TB) *template.Set {
	t.Helper()
	s, err := template.New(template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func render(t testing.TB, s *template.Set, k template.Kind, locale string, f *template.Facts) template.Rendered {
	t.Helper()
	r, err := s.Render(k, "shop", locale, f)
	if err != nil || r.Passed != nil {
		t.Fatal(err, r.Passed)
	}
	return r
}

// golden compares a text with the one in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was rendered; run with -update and look at the difference:\n%s", file, got)
	}
}

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for _, locale := range built {
		for _, k := range template.Kinds() {
			t.Run("M24 "+string(k)+" in "+locale, func(t *testing.T) {
				t.Parallel()
				r := render(t, s, k, locale, template.Sample(k))
				golden(t, locale+"_"+string(k)+".txt", "Subject: "+r.Subject+"\n\n"+r.Text+"\n")
				if locale == "en" {
					golden(t, locale+"_"+string(k)+".html", r.HTML)
				}
				if strings.Contains(r.Text+r.HTML, "<no value>") || strings.Contains(r.HTML, "ZgotmplZ") {
					t.Errorf("%s\n%s", r.Text, r.HTML)
				}
			})
		}
	}
}
