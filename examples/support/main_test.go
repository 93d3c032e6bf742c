package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var update = flag.Bool("update", false, "write the session in README.md anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quickstart makes a database as the quickstart example does.
func quickstart(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	if out, err := exec.Command("go", "run", "../quickstart", "-db", db).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return db
}

var codes = regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`)

// perform does the commands of a session and writes what a terminal would show.
func perform(t *testing.T, db, session string) string {
	t.Helper()
	var out bytes.Buffer
	err := open(context.Background(), db, func(desk *helpdesk.Desk) error {
		a := &agent{desk: desk, actor: ticket.Staff("bob", "Bob", "bob@desk.example"), out: &out, paint: coloured(&out)}
		for l := range strings.Lines(session) {
			cmd, is := strings.CutPrefix(l, "> ")
			if !is {
				continue
			}
			fmt.Fprint(&out, "> ", cmd)
			words, err := split(strings.TrimSpace(cmd))
			if err == nil {
				err = a.do(context.Background(), words)
			}
			if err != nil {
				fmt.Fprintln(&out, "! "+plain(err))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSession(t *testing.T) {
	t.Parallel()
	t.Run("X12 M10 M18 I11 X06 M62 I09 X30 the session in the README is what happens on the quickstart's database", func(t *testing.T) {
		t.Parallel()
		readme, err := os.ReadFile("README.md")
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(readme), "```text\n")
		session, after, closed := strings.Cut(rest, "```")
		if !found || !closed {
			t.Fatal("README.md has no session")
		}
		got := codes.ReplaceAllString(perform(t, quickstart(t), session), "ABC-123-45678")
		if *update {
			if err := os.WriteFile("README.md", []byte(before+"```text\n"+got+"```"+after), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		if got != session {
			t.Errorf("the session is now (go test ./examples/support -update writes it):\n%s", got)
		}
	})
}

func TestCommand(t *testing.T) {
	t.Parallel()
	run := func(in string, args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		status := command(context.Background(), args, strings.NewReader(in), &out, &errs)
		return status, out.String(), errs.String()
	}
	t.Run("a wrong use says what to do", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			args   []string
			status int
			want   string
		}{
			{[]string{"-nope"}, 2, "usage"}, {[]string{"-h"}, 0, "usage"}, {[]string{"-db", filepath.Join(t.TempDir(), "none.db"), "list"}, 2, "quickstart makes one"},
		} {
			if status, _, errs := run("", c.args...); status != c.status || !strings.Contains(errs, c.want) {
				t.Errorf("%q: status %d, %q", c.args, status, errs)
			}
		}
	})
	t.Run("one command, or many from the input, with what went wrong in between", func(t *testing.T) {
		t.Parallel()
		db := filepath.Join(t.TempDir(), "desk.db")
		if err := os.WriteFile(db, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if status, out, errs := run("", "-db", db, "list"); status != 0 || out != "no tickets\n" {
			t.Errorf("status %d, %q, %q", status, out, errs)
		}
		if status, _, errs := run("", "-db", db, "reply"); status != 1 || !strings.Contains(errs, "reply ID TEXT") {
			t.Errorf("status %d, %q", status, errs)
		}
		status, out, _ := run("open 99\n\nnote \"x\nlist sort:none\nlist\nquit\nlist\n", "-db", db)
		want := "> ! read ticket 99: not found\n> > ! a quotation mark is open: write \"two words\"\n" +
			"> ! there is no order \"none\": use one of created, first, newest, oldest, replied, urgent, waiting\n> no tickets\n> "
		if status != 0 || out != want {
			t.Errorf("status %d, got:\n%s\nwant:\n%s", status, out, want)
		}
	})
	t.Run("X30 who is mentioned is told, and writes under their own name", func(t *testing.T) {
		t.Parallel()
		db := quickstart(t)
		for _, c := range []struct{ as, line, want string }{
			{"bob", `note 8 @eva look`, "for eva"},
			{"bob", `note 8 @nobody look`, "of #8\n"},
			{"eva", `mentions`, "Bob <bob@desk.example>: @eva look"},
			{"bob", `mentions`, "nobody mentions you"},
			{"eva", `reply 3 Hallo`, "sent"},
			{"eva", `open 3`, "Eva <eva@desk.example>"},
			{"eva", `assign 8 me-too`, "nobody whom the directory knows"},
			{"eva", `assign 3 none`, "belongs to nobody"},
			{"eva", `list assignee:none status:open`, "#3"},
		} {
			_, out, errs := run("", append([]string{"-db", db, "-as", c.as}, strings.Fields(c.line)...)...)
			if !strings.Contains(out+errs, c.want) {
				t.Errorf("%s: %s: %s%s", c.as, c.line, out, errs)
			}
		}
	})
	t.Run("what no ticket can have is refused, and not an empty list", func(t *testing.T) {
		t.Parallel()
		db := filepath.Join(t.TempDir(), "desk.db")
		if err := os.WriteFile(db, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		for filter, want := range map[string]string{
			"status:opne": "use one of open,", "class:x": "use one of new,", "folder:x": "use one of inbox, archive, spam", "priority:x": "use one of low,", "department:x": "use one of support", "tag:": "tag: what?",
		} {
			if status, _, errs := run("", "-db", db, "list", filter); status != 1 || !strings.Contains(errs, want) {
				t.Errorf("%s: status %d, %q", filter, status, errs)
			}
		}
	})
	t.Run("an interrupt ends a session that waits for a line", func(t *testing.T) {
		t.Parallel()
		in, keyboard := io.Pipe()
		defer keyboard.Close()
		ctx, interrupt := context.WithCancel(context.Background())
		a := &agent{out: interrupting{interrupt}, paint: coloured(io.Discard)}
		if err := a.converse(ctx, in); err != nil {
			t.Error(err)
		}
	})
	t.Run("help lists every command", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		a := &agent{out: &out, paint: coloured(io.Discard)}
		if err := a.help(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		for _, v := range verbs {
			if !strings.Contains(out.String(), v.name+" "+v.args) {
				t.Errorf("%s is not in it", v.name)
			}
		}
	})
	t.Run("what a stranger wrote moves no cursor, and wide letters keep the columns", func(t *testing.T) {
		t.Parallel()
		if got := line("a\x1b[2Jb\u202e\tc"); got != "a [2Jb c" {
			t.Errorf("it is shown as %q", got)
		}
		var out bytes.Buffer
		a := &agent{out: &out, paint: func(c, s string) string { return "<" + c + s + ">" }}
		a.table([]string{"x", "y"}, [][]string{{"見本", "1"}, {"abc", "2"}}, func(r, c int) string { return []string{"", "7"}[r] })
		if want := "<2x     ><2y>\n見本  1\n<7abc   ><72>\n"; out.String() != want {
			t.Errorf("got:\n%swant:\n%s", out.String(), want)
		}
	})
}

// interrupting is a terminal at which somebody presses Ctrl-C as soon as it asks for something.
type interrupting struct{ interrupt func() }

func (i interrupting) Write(b []byte) (int, error) {
	i.interrupt()
	return len(b), nil
}
