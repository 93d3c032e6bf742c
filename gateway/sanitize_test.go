package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
)

// TestSanitizeCorpus: what is shown of real mails says what their text says, is balanced, and is safe
// already when it is sanitised again.
func TestSanitizeCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector sees one goroutine: run it without -short")
	}
	t.Parallel()
	dir := os.Getenv("HELPDESK_MAILCORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "mailcorpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the mail corpus is not here: set HELPDESK_MAILCORPUS to its folder")
	}
	bodies, blocked := 0, 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		body := string(raw)
		switch filepath.Ext(path) {
		case ".eml", ".raw":
			body = Read(raw, noon, nil).HTML
		case ".html":
		default:
			return nil
		}
		if body == "" {
			return nil
		}
		bodies++
		shown := Sanitize(body, nil)
		blocked += shown.Blocked
		if want, got := words(htmltext.Convert(body)), words(htmltext.Convert(shown.HTML)); got != want {
			t.Errorf("%s: other words are shown: %s", path, difference(got, want))
		}
		if again := Sanitize(shown.HTML, nil); again.HTML != shown.HTML {
			t.Errorf("%s: sanitising again changes it", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d HTML bodies, %d remote pictures", bodies, blocked)
	if bodies < 50 {
		t.Errorf("only %d HTML bodies", bodies)
	}
}

// words joins the words of a text; what marks lists and lines is none.
func words(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\n\u00A0-", r) }), "")
}

// difference shows where two texts part.
func difference(got, want string) string {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	n = max(n-20, 0)
	return got[n:min(n+80, len(got))] + " | want | " + want[n:min(n+80, len(want))]
}

// TestWorstHTML: a megabyte of bad HTML is read and shown in time.
func TestWorstHTML(t *testing.T) {
	t.Parallel()
	size := 1 << 20
	if testing.Short() { // the race detector sees one goroutine, at any size
		size >>= 5
	}
	megabyte := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, source := range map[string]string{
		"nested":     megabyte("<div><ol><li>"),
		"tables":     megabyte("<table><tr><td>"),
		"formatting": megabyte("<b><p></b>x"),
		"comments":   megabyte("<!--"),
		"brackets":   megabyte("<"),
		"attributes": "<p " + megabyte("style=a:b ") + ">",
		"entities":   megabyte("&amp;lt;"),
		"lists":      megabyte("<ol>"),
		"addresses":  megabyte(`<a data-cfemail=0b6a4b73>`),
		"white":      megabyte(" \n"),
		"paragraphs": megabyte("<p>"),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			htmltext.Convert(source)
			read := time.Since(begin)
			Sanitize(source, nil)
			most := 10 * time.Second
			if testing.Short() { // under the race detector, on a machine that does other things, too
				most = time.Minute
			}
			if shown := time.Since(begin) - read; read > most || shown > most {
				t.Errorf("read in %v, shown in %v", read, shown)
			}
		})
	}
}
