package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a folder of our own mails: all twelve, the first one twice, an empty file, and files that are no mails.
func writeFolder(t *testing.T) string {
	t.Helper()
	mails, err := ownMails()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"again/copy.eml": mails[0], "empty.raw": nil, "README.txt": []byte("no mail"), "folder.eml/inside.txt": nil}
	for n, raw := range mails {
		files[fmt.Sprintf("%02d/mail%s", n, []string{".eml", ".raw", ".EML"}[n%3])] = raw
	}
	dir := t.TempDir()
	for name, raw := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolder(t *testing.T) {
	t.Parallel()
	feed := func(t *testing.T, db, dir, want string) {
		t.Helper()
		if got := quickstart(t.Context(), "-db", db, "-eml", dir).good(t); got != want+"\n" {
			t.Errorf("got %swant %s", got, want)
		}
	}
	t.Run("every file is a message or a copy, and nothing is new the second time", func(t *testing.T) {
		t.Parallel()
		db, dir := filepath.Join(t.TempDir(), "helpdesk.db"), writeFolder(t)
		feed(t, db, dir, "14 files = 13 messages + 1 exact duplicates + 0 refusals, 13 new")
		feed(t, db, dir, "14 files = 13 messages + 1 exact duplicates + 0 refusals, 0 new")
	})
	t.Run("what the demonstration knows is not new, what it refused stays refused", func(t *testing.T) {
		t.Parallel()
		db, dir := filepath.Join(t.TempDir(), "helpdesk.db"), writeFolder(t)
		quickstart(t.Context(), "-db", db).good(t)
		feed(t, db, dir, "14 files = 12 messages + 1 exact duplicates + 1 refusals, 1 new")
	})
	t.Run("the real and malformed mails of the corpus", func(t *testing.T) {
		t.Parallel()
		dir := os.Getenv("HELPDESK_MAILCORPUS")
		if dir == "" {
			dir = "../../../shared/mailcorpus"
		}
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("no mail corpus at %s: set HELPDESK_MAILCORPUS to its folder", dir)
		}
		db := filepath.Join(t.TempDir(), "helpdesk.db")
		feed(t, db, dir, "243 files = 238 messages + 5 exact duplicates + 0 refusals, 238 new")
		feed(t, db, dir, "243 files = 238 messages + 5 exact duplicates + 0 refusals, 0 new")
	})
	t.Run("what cannot be read is named, and keeps no other mail back", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "b.eml"), []byte("From: ann@example.com\r\n\r\nhello"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("nowhere", filepath.Join(dir, "a.eml")); err != nil {
			t.Fatal(err)
		}
		r := quickstart(t.Context(), "-db", filepath.Join(t.TempDir(), "helpdesk.db"), "-eml", dir)
		if r.status != 1 || !strings.Contains(r.out, "1 files = 1 messages") || !strings.Contains(r.errs, "a.eml") {
			t.Errorf("status %d, %s%s", r.status, r.out, r.errs)
		}
	})
	t.Run("a file too big for a mail is named", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		path := filepath.Join(dir, "big.eml")
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, maxFile+1); err != nil {
			t.Fatal(err)
		}
		r := quickstart(t.Context(), "-db", filepath.Join(dir, "helpdesk.db"), "-eml", dir)
		if r.status != 1 || !strings.Contains(r.errs, "big.eml is over 64 MB") {
			t.Errorf("status %d: %s", r.status, r.errs)
		}
	})
}

func TestBalance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		b    balance
		says string
	}{
		"all there":     {balance{files: 4, messages: 2, duplicates: 1, refusals: 1}, ""},
		"in quarantine": {balance{files: 1, quarantined: []string{"a.eml (broken)"}}, "1 in quarantine: a.eml (broken)"},
		"waiting":       {balance{files: 7, waiting: strings.Split("1234567", "")}, "7 wait for another attempt, run it again in 5 minutes: 1, 2, 3, 4, 5, and 2 more"},
		"one is lost":   {balance{files: 2, messages: 1}, "the sum does not match: a mail is neither a message nor a duplicate nor refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := c.b.check(); err != nil {
				got = err.Error()
			}
			if got != c.says {
				t.Errorf("got %q, want %q", got, c.says)
			}
		})
	}
}
