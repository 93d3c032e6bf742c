package pgserver

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRestart shows that what was committed is there after a crash.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := Start(t)
	dsn := s.Database()
	sql := func(text string) string {
		t.Helper()
		out, err := exec.Command(s.bin+"/psql", "-X", "-A", "-t", "-q", "-d", dsn, "-c", text).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", text, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	sql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
	s.Crash()
	s.Run()
	if got := sql("SELECT n FROM t"); got != "7" {
		t.Errorf("after a crash: %q", got)
	}
	if other := s.Database(); other == dsn {
		t.Errorf("two databases are one: %s", dsn)
	}
}
