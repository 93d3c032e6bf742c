package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// closed expects that the run ended cleanly: status 0, no error, and a database that SQLite has put together into its
// one file.
func (r result) closed(t *testing.T, db string) {
	t.Helper()
	out := r.good(t)
	if !strings.HasSuffix(out, "interrupted: the database is closed, and the next run goes on from here\n") {
		t.Errorf("the output ends with %q", out[max(0, len(out)-100):])
	}
	if _, err := os.Stat(db + "-wal"); err == nil {
		t.Error("the write-ahead log is still there")
	}
}

// until runs the command, and interrupts it when it has written want.
func until(t *testing.T, want string, args ...string) result {
	t.Helper()
	ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
	defer interrupt()
	out, errs := &listener{want: want, heard: interrupt}, &listener{}
	status := command(ctx, args, func(string) string { return userPassword }, out, errs)
	if ctx.Err() != context.Canceled {
		t.Errorf("it was not interrupted: %q was not written", want)
	}
	return result{status, out.String(), errs.String()}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"mailbox", "fetched", "worked", "TICKETS", "watching"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			db := filepath.Join(t.TempDir(), "helpdesk.db")
			until(t, stage, "-db", db, "-once=false").closed(t, db)
			whole(t, db)
		})
	}
}

// TestInterruptAnywhere interrupts at moments that nobody chose. Whatever was done then, the next run does the rest,
// and nothing twice.
func TestInterruptAnywhere(t *testing.T) {
	t.Parallel()
	moments := 15
	if testing.Short() {
		moments = 3
	}
	for n := range moments {
		t.Run(fmt.Sprintf("after %d ms", 10*n), func(t *testing.T) {
			t.Parallel()
			db := filepath.Join(t.TempDir(), "helpdesk.db")
			ctx, cancel := context.WithCancel(t.Context())
			timer := time.AfterFunc(time.Duration(10*n)*time.Millisecond, cancel)
			defer timer.Stop()
			quickstart(ctx, "-db", db, "-once=false").closed(t, db)
			whole(t, db)
		})
	}
}

// whole runs the command to its end and expects the tickets and the thread that an undisturbed run makes.
func whole(t *testing.T, db string) {
	t.Helper()
	undisturbed, err := os.ReadFile("testdata/second.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, want := withoutAnswer(tickets(t, masked(quickstart(t.Context(), "-db", db).good(t)))), withoutAnswer(tickets(t, string(undisturbed)))
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// withoutAnswer leaves out what Ann answers to the mail that she got: she answers in the process that caught it, and at its
// end.
func withoutAnswer(tickets string) string {
	tickets, _, _ = strings.Cut(tickets, "\n7. Ann Example")
	return strings.TrimSpace(strings.Replace(tickets, "bob       7 ", "bob       6 ", 1))
}

// tickets is the part of the output that shows what is in the database.
func tickets(t *testing.T, out string) string {
	t.Helper()
	_, out, found := strings.Cut(out, "\nTICKETS\n")
	out, _, ended := strings.Cut(out, "\nHOOKS\n")
	if !found || !ended {
		t.Fatalf("the output is not whole: %q", out)
	}
	return out
}
