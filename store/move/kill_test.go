package move_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/move"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// The variables that make this test binary a process that moves a desk.
const (
	childVariable = "HELPDESK_MOVE_FROM"
	toVariable    = "HELPDESK_MOVE_TO"
)

// openNamed opens a file, or a database on a server.
func openNamed(ctx context.Context, name string) (store.Store, error) {
	switch {
	case strings.HasPrefix(name, "postgres:"):
		return postgres.Open(ctx, name, &postgres.Options{Connections: 4})
	case strings.Contains(name, "@tcp("):
		return mysql.Open(ctx, name, &mysql.Options{Connections: 4})
	}
	return sqlite.Open(ctx, name, nil)
}

// copyChild copies a file to another store, and says so after every step.
func copyChild() int {
	ctx := context.Background()
	from, err := sqlite.Open(ctx, os.Getenv(childVariable), nil)
	if err == nil {
		var to store.Store
		if to, err = openNamed(ctx, os.Getenv(toVariable)); err == nil {
			_, err = move.Copy(ctx, from, to, &move.Options{Batch: 8, Progress: func(p move.Progress) { fmt.Println(p) }})
			if errors.Is(err, move.ErrNotEmpty) { // killed when all was done, before it could say so
				_, err = move.Verify(ctx, from, to, nil)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("moved")
	return 0
}

// moveKilled runs a process that moves, kills it after some of its steps, and reports whether it had ended before.
func moveKilled(t *testing.T, from, to string, steps int) bool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), childVariable+"="+from, toVariable+"="+to)
	c.Stderr = os.Stderr
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines, last := bufio.NewScanner(pipe), ""
	for n := 0; lines.Scan(); n++ {
		if last = lines.Text(); n == steps {
			if err := c.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if _ = c.Wait(); c.ProcessState.Exited() && last != "moved" {
		t.Fatal("the moving process has failed")
	}
	return last == "moved"
}

func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("X17 a move is killed again and again, goes on each time, and the desk is whole", func(t *testing.T) {
		t.Parallel()
		moves := 3
		if testing.Short() {
			moves = 1
		}
		if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
			moves = (n + 9) / 10
		}
		kills := 0
		for range moves {
			kills += killedMove(t, filepath.Join(t.TempDir(), "to.db"))
		}
		t.Logf("%d moves, %d kills, nothing lost", moves, kills)
	})
}

// killedMove moves a new desk to a target with a process that is killed after some steps, until it comes to its end.
func killedMove(t *testing.T, target string) (kills int) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "from.db")
	from := fill(t, openFile(t, source), rand.Uint64())
	for !moveKilled(t, source, target, rand.N(25)) {
		if kills++; kills > 100 {
			t.Fatal("the move does not get on")
		}
	}
	to, err := openNamed(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if r := verified(t, from, closing(t, to)); r.Kinds[0].To.Rows == 0 {
		t.Error("nothing has moved")
	}
	return kills
}
