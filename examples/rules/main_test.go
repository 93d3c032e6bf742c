package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the session in README.md anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func rulesCommand(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = command(t.Context(), args, &o, &e)
	return status, o.String(), e.String()
}

// quickstart makes a database as the quickstart example does.
func quickstart(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "helpdesk.db")
	if out, err := exec.Command("go", "run", "../quickstart", "-db", db).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return db
}

const prompt = "$ go run ./examples/rules"

var (
	codes = regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`)
	times = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\dZ)?`)
)

// perform does the commands of a session on a database, and writes what a terminal would show.
func perform(t *testing.T, db, session string) string {
	t.Helper()
	var out strings.Builder
	for l := range strings.Lines(session) {
		line, is := strings.CutPrefix(l, prompt)
		if !is {
			continue
		}
		args := strings.Fields(strings.ReplaceAll(line, "examples/rules/", ""))
		for i, a := range args {
			switch {
			case a == "helpdesk.db":
				args[i] = db
			case codes.MatchString(a): // of the ticket about sparks
				_, report, _ := rulesCommand(t, "-db", db, "-file", "quickstart.yaml", "-dry-run")
				args[i] = codes.FindString(report[strings.LastIndex(report, "\n20"):])
			}
		}
		_, said, errs := rulesCommand(t, args...)
		if said += errs; len(args) > 0 { // the demonstration has its own time
			said = times.ReplaceAllString(codes.ReplaceAllString(said, "ABC-123-45678"), "2026-03-02 09:00")
		}
		out.WriteString(l + said)
	}
	return out.String()
}

func TestRules(t *testing.T) {
	t.Parallel()
	t.Run("M52 M59 X04 the session in the README is what happens", func(t *testing.T) {
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
		got := perform(t, quickstart(t), session)
		if *update {
			if err := os.WriteFile("README.md", []byte(before+"```text\n"+got+"```"+after), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		if got != session {
			t.Errorf("the session is now (go test ./examples/rules -update writes it):\n%s", got)
		}
	})
	t.Run("M52 what is wrong with a file is told with its place, line by line", func(t *testing.T) {
		t.Parallel()
		const rule = "rules:\n- code: a\n  name: A\n  on: [created]\n"
		for text, want := range map[string]string{
			rule + "  whne: x\n":                    "the file: line 5, column 3: unknown field \"whne\"",
			rule + "  every: [1h]\n when: x\n":      "the file: line 6, column 2",
			rule + "  when: ticket.statsu == 'x'\n": "when: line 5, column 9: ticket.statsu is not known: did you mean ticket.status?",
			rule + "  do: [{set_status: closd}, {set_priorty: high}]\n": "rules[0].do[0].set_status: line 5, column 21: there is no status \"closd\"; did you mean \"closed\"? (in \"a\")\n" +
				"  rules[0].do[1].set_priorty: line 5, column 43: there is no action \"set_priorty\"; did you mean \"set_priority\"? (in \"a\")\n",
		} {
			name := filepath.Join(t.TempDir(), "a.yaml")
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			if status, out, errs := rulesCommand(t, "-file", name); status != 1 || out != "" || !strings.Contains(errs, want) {
				t.Errorf("%s: status %d, %q %q, want %q", text, status, out, errs, want)
			}
		}
	})
	t.Run("X04 what can hardly be meant is a warning", func(t *testing.T) {
		t.Parallel()
		name := filepath.Join(t.TempDir(), "a.yaml")
		text := "rules:\n- {code: a, name: A, on: [created], stop: true}\n- {code: b, name: B, on: [created]}\n"
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if status, out, errs := rulesCommand(t, "-file", name); status != 0 || !strings.Contains(out, `warning: b: it is never looked at`) {
			t.Errorf("status %d, %q %q", status, out, errs)
		}
	})
	t.Run("what the flags do not say is asked for, and a file that is not there is not made", func(t *testing.T) {
		t.Parallel()
		none := filepath.Join(t.TempDir(), "none.db")
		for _, c := range []struct {
			status int
			says   string
			args   string
		}{
			{2, "name its file with -db", "-dry-run"},
			{2, "name its file with -db", "-save -file cookbook.yaml"},
			{2, "name their file with -file", "-save -db " + none},
			{2, "name its code with -explain", "-rule a -db " + none},
			{2, "is no flag", "now"},
			{1, "there is no desk", "-dry-run -db " + none},
			{1, "no such file", "-file none.yaml"},
		} {
			status, out, errs := rulesCommand(t, strings.Fields(c.args)...)
			if status != c.status || !strings.Contains(errs, c.says) || out != "" {
				t.Errorf("%v: status %d, %q %q, want %d and %q", c.args, status, out, errs, c.status, c.says)
			}
		}
		if _, err := os.Stat(none); err == nil {
			t.Error("a desk was made")
		}
		if status, _, _ := rulesCommand(t, "-h"); status != 0 {
			t.Errorf("-h: status %d", status)
		}
	})
}
