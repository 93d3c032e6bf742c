package gateway

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// readWith reads with one parser only; nil if it refuses.
func readWith(p parser, raw []byte) *Mail {
	r := reader{raw: raw, received: noon, limits: Limits{}.withDefaults()}
	m := r.parsed(clean(raw, r.limits), []parser{p})
	if m != nil {
		m.header = nil // enmime does not keep the order of different fields
	}
	return m
}

// disagreement compares the two parsers on a mail that go-message accepts, and
// returns the first field that differs, or "" if none does. Blank lines at the end
// of a body part are not compared: the parsers differ on whose they are.
func disagreement(raw []byte) string {
	strict, lenient := readWith(readStrict, raw), readWith(readLenient, raw)
	if strict == nil || lenient == nil {
		return ""
	}
	a, b := reflect.ValueOf(*strict), reflect.ValueOf(*lenient)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		switch name {
		case "Attachments", "header", "folds", "caught", "Text", "HTML":
			continue
		}
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			return name
		}
	}
	if strings.TrimSpace(strict.Text) != strings.TrimSpace(lenient.Text) {
		return "Text"
	}
	if strings.Join(strings.Fields(strict.HTML), " ") != strings.Join(strings.Fields(lenient.HTML), " ") {
		return "HTML"
	}
	if len(strict.Attachments) != len(lenient.Attachments) {
		return "Attachments"
	}
	for i, x := range strict.Attachments {
		y := lenient.Attachments[i]
		if x.Filename != y.Filename || x.MediaType != y.MediaType || x.Inline != y.Inline ||
			!bytes.Equal(bytes.TrimRight(x.Data, "\r\n"), bytes.TrimRight(y.Data, "\r\n")) {
			return "Attachment " + x.Filename
		}
	}
	return ""
}

// TestParsersAgree reads every corpus mail that go-message accepts with enmime too.
func TestParsersAgree(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HELPDESK_MAILCORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "mailcorpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the mail corpus is not here: set HELPDESK_MAILCORPUS to its folder")
	}
	mails, accepted := 0, 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".raw" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		mails++
		if readWith(readStrict, raw) == nil {
			return nil
		}
		accepted++
		if field := disagreement(raw); field != "" {
			t.Errorf("%s: the parsers disagree on %s", path, field)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("go-message accepts %d of %d mails", accepted, mails)
	if accepted*100 < mails*85 {
		t.Errorf("go-message accepts only %d of %d mails", accepted, mails)
	}
}
