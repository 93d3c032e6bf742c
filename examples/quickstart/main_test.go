package main

import (
	"bytes"
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain lets one goroutine pass that is not ours: a connection of go-imap's in-memory server whose client hangs up in
// the middle of a message keeps its encoder locked, and waits for it itself (imapserver, responseEncoder.end).
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/emersion/go-imap/v2/imapserver.(*Conn).serve"))
}

// result is what a run of the command left behind.
type result struct {
	status    int
	out, errs string
}

// quickstart runs the command with a password in its environment.
func quickstart(ctx context.Context, args ...string) result {
	var out, errs bytes.Buffer
	status := command(ctx, args, func(string) string { return "secret" }, &out, &errs)
	return result{status, out.String(), errs.String()}
}

// good expects success, and on the error output nothing but progress.
func (r result) good(t *testing.T) string {
	t.Helper()
	if other := regexp.MustCompile(`(?m)^… .*\n`).ReplaceAllString(r.errs, ""); r.status != 0 || other != "" {
		t.Fatalf("status %d: %s\n%s", r.status, r.errs, r.out)
	}
	return r.out
}

// masked replaces what differs from run to run.
func masked(s string) string {
	s = regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`).ReplaceAllString(s, "ABC-123-45678")
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(s, "127.0.0.1:PORT")
}

// golden compares with a file of testdata, in which ticket codes and ports are masked.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = masked(got)
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew); got:\n%s", name, got)
	}
}

func TestFirstAndSecondRun(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	golden(t, "first.txt", quickstart(t.Context(), "-db", db).good(t))
	golden(t, "second.txt", quickstart(t.Context(), "-db", db).good(t))
}

func TestMailboxThatBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cursor, uidValidity bool
	}{
		"the cursor deleted":                      {cursor: true},
		"UIDVALIDITY changed":                     {uidValidity: true},
		"the cursor deleted, UIDVALIDITY changed": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := filepath.Join(t.TempDir(), "helpdesk.db")
			first := options{db: db, once: true, every: time.Minute}
			var out, errs bytes.Buffer
			if err := run(t.Context(), first, &out, &errs); err != nil {
				t.Fatal(err)
			}
			if c.cursor {
				deleteCursor(t, db)
			}
			again := first
			if c.uidValidity {
				again.validity = 7
			}
			out.Reset()
			if err := run(t.Context(), again, &out, &errs); err != nil {
				t.Fatal(err)
			}
			golden(t, "second.txt", out.String())
			// The cursor shows that the mails were fetched again all the same.
			want := `{"validity":1,"uid":12}`
			if c.uidValidity {
				want = `{"validity":7,"uid":12}`
			}
			if got := cursor(t, db); got != want {
				t.Errorf("the cursor is %s, want %s", got, want)
			}
		})
	}
}

// open opens a database that the command has left.
func open(t *testing.T, db string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// gatewayRecord is the kind of record that holds a mailbox's cursor.
const gatewayRecord = "gateway"

func deleteCursor(t *testing.T, db string) {
	t.Helper()
	err := open(t, db).Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Record(ctx, gatewayRecord, demoGateway); err != nil {
			return err
		}
		return tx.DeleteRecord(ctx, gatewayRecord, demoGateway)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cursor(t *testing.T, db string) (doc string) {
	t.Helper()
	err := open(t, db).View(t.Context(), func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, gatewayRecord, demoGateway)
		if err == nil {
			doc = string(rec.Doc)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	quickstart(t.Context(), "-db", db).good(t)
	desk, err := helpdesk.New(t.Context(), open(t, db), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = desk.Stop(context.Background()) })
	ctx := ticket.WithActor(t.Context(), agent())
	files := map[string]ticket.File{}
	for tk, err := range desk.AllTickets(ctx, ticket.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		messages, err := desk.Messages(ctx, tk.ID, ticket.MessageQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			for _, f := range m.Files {
				files[f.Name] = f
			}
		}
	}
	if f := files["shade.png"]; !f.Inline || f.ContentID != "shade@example.net" || f.Blob == "" {
		t.Errorf("the inline picture is %+v", f)
	}
	if f := files["dimmer.log"]; f.Size != 1<<20 || f.Inline || f.Blob == "" {
		t.Errorf("the big attachment is %+v", f)
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	db := filepath.Join(dir, "wrong.db")
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"an unknown flag":           {[]string{"-x"}, 2, "-x"},
		"a word":                    {[]string{"mails"}, 2, "mails"},
		"a mailbox and a folder":    {[]string{"-imap", "imaps://u@h", "-eml", dir}, 2, "-eml and -imap"},
		"a folder without end":      {[]string{"-eml", dir, "-once=false"}, 2, "-once"},
		"a folder without a name":   {[]string{"-eml", ""}, 2, "-eml"},
		"no time to wait":           {[]string{"-every", "0s"}, 2, "-every"},
		"no address of a mailbox":   {[]string{"-imap", "mail.example.com"}, 2, "imaps://user@host"},
		"a missing folder":          {[]string{"-db", db, "-eml", filepath.Join(dir, "none")}, 1, "no such file"},
		"a file as a folder":        {[]string{"-db", db, "-eml", "main.go"}, 1, "is no folder"},
		"a folder without mails":    {[]string{"-db", db, "-eml", dir}, 1, "no mail in"},
		"a database without folder": {[]string{"-db", filepath.Join(dir, "none", "x.db")}, 1, "make its directory first"},
		"a database that is none":   {[]string{"-db", "main.go"}, 1, "no SQLite database"},
		"a server that is not":      {[]string{"-db", filepath.Join(dir, "net.db"), "-imap", "imap+insecure://u@" + nobody}, 1, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := quickstart(t.Context(), c.args...)
			if r.status != c.status || !strings.Contains(r.errs, c.says) || strings.Count(r.errs, "\n") != 1 {
				t.Errorf("status %d, want %d with one line about %q: %s", r.status, c.status, c.says, r.errs)
			}
		})
	}
	t.Run("a missing password", func(t *testing.T) {
		t.Parallel()
		var out, errs bytes.Buffer
		status := command(t.Context(), []string{"-imap", "imaps://u@h"}, func(string) string { return "" }, &out, &errs)
		if status != 2 || !strings.Contains(errs.String(), passwordVariable) {
			t.Errorf("status %d: %s", status, errs.String())
		}
	})
	t.Run("a question for help", func(t *testing.T) {
		t.Parallel()
		if out := quickstart(t.Context(), "-h").good(t); !strings.Contains(out, "-imap") {
			t.Errorf("help is %q", out)
		}
	})
}

// listener is an output that calls a function when a text has been written.
type listener struct {
	mu    sync.Mutex
	text  strings.Builder
	want  string
	heard func()
}

func (l *listener) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	if l.heard != nil && strings.Contains(l.text.String(), l.want) {
		l.heard()
		l.heard = nil
	}
	return len(b), nil
}

// listen has the listener call heard for want, written already or not.
func (l *listener) listen(want string, heard func()) {
	l.mu.Lock()
	l.want, l.heard = want, heard
	l.mu.Unlock()
	_, _ = l.Write(nil)
}

func (l *listener) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
