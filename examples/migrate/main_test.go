package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// migrate runs the command.
func migrate(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = command(t.Context(), args, &o, &e)
	return status, o.String(), e.String()
}

// moved moves a desk and returns the checksums that it was shown with.
func moved(t *testing.T, from, to string) []string {
	t.Helper()
	status, out, errs := migrate(t, "-from", from, "-to", to)
	if status != 0 || !strings.HasSuffix(out, "both stores hold the same\n") {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	return sums(out)
}

// sums finds the checksums in what was printed.
func sums(out string) []string { return regexp.MustCompile(`\b[0-9a-f]{16}\b`).FindAllString(out, -1) }

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run("X17 a desk moves and goes on: replies by code, link and thread, new codes, what is due, files, search", func(t *testing.T) {
		t.Parallel()
		live(t, file(t, "from.db"), file(t, "to.db"))
	})
	for name, database := range map[string]func(t *testing.T) string{
		"PostgreSQL": func(t *testing.T) string { return pgserver.Start(t, "fsync = off").Database() },
		"MariaDB":    func(t *testing.T) string { return "mysql:" + mariaserver.Start(t).Database() },
	} {
		t.Run("X17 a desk moves from a file to "+name+", goes on there, and moves into another file with the same checksums", func(t *testing.T) {
			t.Parallel()
			over, to := database(t), file(t, "to.db")
			live(t, file(t, "from.db"), over)
			there := moved(t, over, to)
			if status, out, _ := migrate(t, "-from", to, "-to", over, "-verify"); status != 0 || !slices.Equal(there, sums(out)) {
				t.Errorf("the checksums are %v on the server, and of the file:\n%s", there, out)
			}
		})
	}
	t.Run("X17 what is wrong is said, and nothing is done", func(t *testing.T) {
		t.Parallel()
		from, other := file(t, "from.db"), file(t, "other.db")
		for _, name := range []string{from, other} {
			putOne(t, name, 1)
		}
		for _, c := range []struct {
			status int
			says   string
			args   []string
		}{
			{2, "-from and -to are needed", nil},
			{2, "are the same", []string{"-from", from, "-to", from}},
			{2, "is no flag", []string{"-from", from, "-to", other, "now"}},
			{2, "do not go together", []string{"-from", from, "-to", other, "-ahead", "-verify"}},
			{1, `"lamp" is no kind of store`, []string{"-from", "lamp:x", "-to", other}},
			{1, "names no store", []string{"-from", "desk.db", "-to", other}},
			{1, "there is no desk", []string{"-from", file(t, "none.db"), "-to", file(t, "new.db")}},
			{1, "the target is not empty", []string{"-from", from, "-to", other}},
		} {
			status, out, errs := migrate(t, c.args...)
			if status != c.status || !strings.Contains(errs, c.says) || out != "" {
				t.Errorf("%v: status %d, %q %q, want %d and %q", c.args, status, out, errs, c.status, c.says)
			}
		}
		if status, out, _ := migrate(t, "-h"); status != 0 || out != "" {
			t.Errorf("-h: status %d", status)
		}
	})
	t.Run("X17 most is moved ahead, -verify shows what is new since, and the second run ends the move", func(t *testing.T) {
		t.Parallel()
		from, to := file(t, "from.db"), file(t, "to.db")
		putOne(t, from, 1)
		if status, out, errs := migrate(t, "-from", from, "-to", to, "-ahead"); status != 0 || !strings.Contains(out, "not whole yet") {
			t.Errorf("ahead: status %d\n%s%s", status, out, errs)
		}
		if s, err := open(t.Context(), to, true); err != nil {
			t.Error(err)
		} else if _, err = helpdesk.New(t.Context(), s, nil); !errors.Is(err, store.ErrPartial) || s.Close() != nil {
			t.Errorf("a desk opens on the half of another: %v", err)
		}
		putOne(t, from, 2)
		if status, out, _ := migrate(t, "-from", from, "-to", to, "-verify"); status != 1 || !strings.Contains(out, "differs: tickets: 2 is missing") {
			t.Errorf("verify: status %d\n%s", status, out)
		}
		moved(t, from, to)
		if status, _, _ := migrate(t, "-from", from, "-to", to, "-verify"); status != 0 {
			t.Errorf("verify after the move: status %d", status)
		}
	})
}

// live lets a desk live in one store and go on in another.
func live(t *testing.T, from, to string) {
	t.Helper()
	var p past
	t.Run("before", func(t *testing.T) { p = begin(t, start(t, from)) })
	if shown := moved(t, from, to); len(shown) != len(store.RowKinds()) {
		t.Errorf("%d checksums were shown, want one of each kind", len(shown))
	}
	t.Run("after", func(t *testing.T) { goOn(t, start(t, to), p) })
}

// putOne puts a ticket into a store.
func putOne(t *testing.T, name string, id int64) {
	t.Helper()
	s, err := open(t.Context(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.PutTicket(ctx, &ticket.Ticket{ID: id, Subject: "lamp"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestQuickstartMoves runs the quickstart on a desk that has moved: it must find all that it did before.
func TestQuickstartMoves(t *testing.T) {
	t.Parallel()
	t.Run("X17 the quickstart does nothing twice on a desk that has moved", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		program := filepath.Join(dir, "quickstart")
		if out, err := exec.Command("go", "build", "-o", program, "../quickstart").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		run := func(db string) string {
			t.Helper()
			out, err := exec.Command(program, "-db", filepath.Join(dir, db)).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(string(out), "HERE")
		}
		run("first.db")
		moved(t, "sqlite:"+filepath.Join(dir, "first.db"), "sqlite:"+filepath.Join(dir, "moved.db"))
		if err := os.Rename(filepath.Join(dir, "first.db"), filepath.Join(dir, "kept.db")); err != nil {
			t.Fatal(err)
		}
		if got, want := run("moved.db"), run("kept.db"); got != want {
			t.Errorf("where the desk has moved to it says\n%s\nwhere it was\n%s", got, want)
		}
	})
}
