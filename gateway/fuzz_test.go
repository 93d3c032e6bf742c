package gateway

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// FuzzRead: any bytes become a sound Mail, and where both parsers accept them
// without complaint they say the same about the header.
func FuzzRead(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seed mails in testdata: %v", err)
	}
	for _, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Read(raw, noon, nil)
		if m.From.Email == "" || m.MessageID == "" || m.Identity == "" || m.Date.After(noon) {
			t.Errorf("incomplete: %+v", m)
		}
		strings := []string{m.From.Name, m.From.Email, m.Subject, m.MessageID, m.Text, m.HTML}
		strings = append(append(strings, m.InReplyTo...), m.References...)
		for _, a := range m.Attachments {
			strings = append(strings, a.Filename, a.MediaType, a.ContentID)
			if a.Filename == "" {
				t.Error("a nameless attachment")
			}
		}
		for _, s := range strings {
			if !utf8.ValidString(s) || containsNUL(s) {
				t.Errorf("not clean UTF-8: %q", s)
			}
		}
		for _, id := range append(m.InReplyTo, m.References...) {
			if id == "" {
				t.Error("an empty id")
			}
		}
		if again := Read(raw, noon, nil); again.Identity != m.Identity || again.Text != m.Text {
			t.Error("a second reading differs")
		}
	})
}

func containsNUL(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return true
		}
	}
	return false
}
