package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestScaled builds a small desk twice and reads it: the lines of lists on it say something, and nothing differs.
func TestScaled(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	sum := func(dir string) (string, string) {
		e := &env{n: 50, rounds: 1, scale: 400, cache: dir}
		path, err := e.scaled(ctx)
		if err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var docs, messages string
		var n int
		err = db.QueryRow("SELECT group_concat(doc, char(10)) FROM (SELECT doc FROM helpdesk_tickets ORDER BY id)").Scan(&docs)
		if err == nil {
			err = db.QueryRow("SELECT count(*), group_concat(body, char(10)) FROM (SELECT body FROM helpdesk_messages ORDER BY id)").Scan(&n, &messages)
		}
		if err != nil || n != 4*e.scale {
			t.Fatalf("%d messages, %v", n, err)
		}
		checkWords(t, messages)
		return path, fmt.Sprintf("%x", sha256.Sum256([]byte(docs+messages)))
	}
	dir := t.TempDir()
	path, one := sum(dir)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, two := sum(t.TempDir()); one != two {
		t.Error("the same scale gives another desk")
	}
	again, _ := sum(dir)
	if after, err := os.Stat(again); err != nil || again != path || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the file is not used again: %v, %v, %v", again, after, err)
	}
	l, err := openLister(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close(ctx)
	for _, v := range views() {
		for _, who := range readers() {
			r, times, err := l.standard(ctx, &env{n: 1, rounds: 1}, v, who)
			if err != nil || len(times) < 2 || r.ratio <= 0 {
				t.Errorf("%s for %s: %+v, %v", v.name, who.name, r, err)
			}
		}
	}
	if r, err := l.other(ctx, 1); err != nil || len(r.notes) != 10 {
		t.Errorf("others: %+v, %v", r, err)
	}
}

// checkWords expects all four scripts, very common words and very rare ones.
func checkWords(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("not UTF-8")
	}
	for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Katakana} {
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(script, r) }) {
			t.Errorf("a script is missing: %v", script)
		}
	}
	count := map[string]int{}
	for word := range strings.FieldsSeq(text) {
		count[word]++
	}
	most, once := 0, 0
	for _, n := range count {
		if most = max(most, n); n == 1 {
			once++
		}
	}
	if most < 500 || once < 500 {
		t.Errorf("the commonest word comes %d times, and %d words come once", most, once)
	}
}
