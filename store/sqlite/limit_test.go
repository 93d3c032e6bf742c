package sqlite

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLimits looks for limits that are bare parameters. SQLite (from 3.47 on) plans for the value of such a one, and so
// prepares the statement anew each time that it is bound: that costs more than most of our reads.
func TestLimits(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`LIMIT \?\d*([^\d+]|$)`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	looked := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		looked += strings.Count(string(text), "LIMIT ?")
		for _, line := range bare.FindAllString(string(text), -1) {
			t.Errorf("%s: %q: write LIMIT ?+0", f, line)
		}
	}
	if looked == 0 || !bare.MatchString("LIMIT ?)") || bare.MatchString("LIMIT ?+0") {
		t.Error("the test sees nothing")
	}
}
