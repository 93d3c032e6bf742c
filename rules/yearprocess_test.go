package rules_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// The variables that make this test binary a process that lives through a year on a file until somebody kills it: the
// file, the number of its life, and the script.
const (
	yearVariable   = "HELPDESK_YEAR_CHILD"
	lifeVariable   = "HELPDESK_YEAR_LIFE"
	scriptVariable = "HELPDESK_YEAR_SCRIPT"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(yearVariable); path != "" {
		liveOn(path)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// yearFile is a year's file, where tables of the host's keep what has to outlive the process.
type yearFile struct {
	*sqlite.Store
	leases func() time.Time
	turn   int // of the script: how many acts are over
}

const yearTables = `
CREATE TABLE year_now (at INTEGER NOT NULL);
CREATE TABLE year_acts (turn INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, happened INTEGER NOT NULL);
CREATE TABLE year_heard (what TEXT PRIMARY KEY, times INTEGER NOT NULL);`

// openYear opens the file for a life of its process. That one holds no leases of those before: an hour has passed.
func openYear(t testing.TB, path string, life int) *yearFile {
	t.Helper()
	leases := func() time.Time { return time.Now().Add(time.Duration(life) * time.Hour) }
	return &yearFile{must(sqlite.Open(bg, path, &sqlite.Options{SearchOff: true, Now: leases}))(t), leases, 0}
}

func (f *yearFile) exec(ctx context.Context, text string, args ...any) error {
	return only(f.Querier(ctx).ExecContext(ctx, text, args...))
}

func (f *yearFile) number(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	ok(t, f.DB().QueryRow(query, args...).Scan(&n))
	return n
}

func (f *yearFile) hear(ctx context.Context, what string) error {
	return f.exec(ctx, "INSERT INTO year_heard VALUES (?1, 1) ON CONFLICT DO UPDATE SET times = times + 1", what)
}

// pass keeps the time, and says it.
func (f *yearFile) pass(t testing.TB, at time.Time) {
	t.Helper()
	ok(t, f.exec(bg, "UPDATE year_now SET at = ?1", at.UnixMicro()))
	fmt.Println("now", at.UnixMicro())
}

// play has an act happen, and notes that in its transaction.
func (f *yearFile) play(t testing.TB, y *year, a act) {
	t.Helper()
	note := func(ctx context.Context, happened bool) error {
		return f.exec(ctx, "INSERT INTO year_acts VALUES (?1, ?2, ?3)", f.turn, y.ids[a.n], happened)
	}
	err := y.InTx(bg, func(ctx context.Context) error {
		if err := y.perform(ctx, a); err != nil {
			return err
		}
		return note(ctx, true)
	})
	if err != nil && tooLate(err) {
		err = note(bg, false)
	}
	ok(t, err)
	f.turn++
}

// remembered is a year as the file has it: where it has come to, and the acts that are left of its script.
func (f *yearFile) remembered(t testing.TB, s shortYear) (*year, []act) {
	t.Helper()
	y := newYear(true)
	y.file = f
	y.shop = y.process(t, f.Store, helpdesktest.NewClock(time.UnixMicro(f.number(t, "SELECT at FROM year_now")).UTC()))
	y.asks(f.DB())
	acts := must(f.DB().Query("SELECT turn, ticket, happened FROM year_acts ORDER BY turn"))(t)
	defer func() { ok(t, acts.Close()) }()
	for ; acts.Next(); f.turn++ {
		var turn int
		var id int64
		var happened bool
		ok(t, acts.Scan(&turn, &id, &happened))
		if a := s.list[turn]; happened {
			y.happened = append(y.happened, a)
			y.opened(a.n, id)
		}
	}
	ok(t, acts.Err())
	return y, s.list[f.turn:]
}

// remembers reads what the host has heard of.
func (y *year) remembers(t testing.TB) {
	t.Helper()
	heard := must(y.file.DB().Query("SELECT what, times FROM year_heard"))(t)
	defer func() { ok(t, heard.Close()) }()
	for heard.Next() {
		var what string
		var times int
		ok(t, heard.Scan(&what, &times))
		y.heard[what] = times
	}
	ok(t, heard.Err())
}

// liveOn lives through the rest of a year, and says what becomes of it.
func liveOn(path string) {
	var t noTest
	fmt.Println("born")
	var tickets, days int
	if _, err := fmt.Sscan(os.Getenv(scriptVariable), &tickets, &days); err != nil {
		t.Fatal(err)
	}
	life := must(strconv.Atoi(os.Getenv(lifeVariable)))(t)
	f := openYear(t, path, life)
	fmt.Println("left", f.number(t, "SELECT count(*) FROM helpdesk_work WHERE state = 1 AND leased_to > ?1", f.leases().Add(-time.Hour).UnixMicro()))
	s := newShortYear(tickets, time.Duration(days)*day)
	y, list := f.remembered(t, s)
	y.byTime(t, list, s.end, func() { y.settle(t) })
	ok(t, y.Stop(bg))
	ok(t, f.Close())
	fmt.Println("over")
}

// noTest is what helpers of tests are given by a process that is none. What fails ends it.
type noTest struct{ testing.TB }

// failedCode tells an end by a failure from one by a kill.
const failedCode = 3

func (noTest) Helper()        {}
func (noTest) Cleanup(func()) {}
func (noTest) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(failedCode)
}
func (n noTest) Fatalf(format string, args ...any) { n.Fatal(fmt.Sprintf(format, args...)) }

// killing is when a process is killed: so long after it has said that it is that time, or was born.
type killing struct {
	at    time.Time
	after time.Duration
}

// killings draws so many, over the whole year. Every eighth comes while the process opens its file.
func killings(seed uint64, n int, length time.Duration) (out []killing) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for range n {
		out = append(out, killing{yearBegin.Add(time.Hour + time.Duration(rng.Int64N(int64(length*19/20)))), time.Duration(rng.Int64N(int64(12 * time.Millisecond)))})
	}
	slices.SortFunc(out, func(a, b killing) int { return a.at.Compare(b.at) })
	for i := 7; i < n; i += 8 {
		out[i] = killing{after: time.Duration(rng.Int64N(int64(60 * time.Millisecond)))}
	}
	return out
}

// lived is what became of one life of a process.
type lived struct {
	killed, over bool
	left         int // leases of the one before
}

// live starts a process, and kills it, if k is not nil.
func live(t testing.TB, s shortYear, path string, n int, k *killing) (l lived) {
	t.Helper()
	cmd := exec.Command(must(os.Executable())(t))
	cmd.Env = append(os.Environ(), yearVariable+"="+path, lifeVariable+"="+itoa(n), fmt.Sprintf("%s=%d %d", scriptVariable, s.tickets, s.length/day))
	cmd.Stderr = os.Stderr
	out := must(cmd.StdoutPipe())(t)
	ok(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, text, _ := strings.Cut(lines.Text(), " ")
		at, _ := strconv.ParseInt(text, 10, 64)
		switch what {
		case "left":
			l.left = int(at)
		case "over":
			l.over = true
		}
		if k != nil && (k.at.IsZero() || what == "now" && !time.UnixMicro(at).Before(k.at)) {
			<-time.After(k.after)
			_ = cmd.Process.Kill()
			k = nil
		}
	}
	switch _, code := cmd.Wait(), cmd.ProcessState.ExitCode(); {
	case code == 0:
	case code == failedCode || code == 2 || k != nil:
		t.Fatalf("life %d of the process ended with %d", n, code)
	default:
		l.killed = !l.over
	}
	return l
}

// TestYearKilledProcess lives through a part of a year with a process that is killed again and again, and begun anew on its
// file.
func TestYearKilledProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector hears nothing of a process that is killed: run it without -short, or make kills")
	}
	t.Parallel()
	kills, s := 50, orWholeYear(t, newShortYear(50, 50*day))
	if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
		kills = n
	}
	want := s.undisturbed(t)
	t.Run("X07 X08 a year whose process is ended by SIGKILL again and again has the same journals, on SQLite", func(t *testing.T) {
		seed, path := rand.Uint64(), filepath.Join(t.TempDir(), "desk.db")
		t.Logf("seed %d", seed)
		f := openYear(t, path, 0)
		ok(t, f.exec(bg, yearTables))
		y := newYear(true)
		y.shop = y.process(t, f.Store, helpdesktest.NewClock(yearBegin))
		y.define(t)
		ok(t, f.exec(bg, "INSERT INTO year_now VALUES (?1)", y.Now().UnixMicro()))
		ok(t, y.Stop(bg))
		ok(t, f.Close())
		killed, hits, lives := s.killed(t, path, killings(seed, kills, s.length))
		f = openYear(t, path, lives+1)
		t.Cleanup(func() { _ = f.Close() })
		y, left := f.remembered(t, s)
		y.remembers(t)
		t.Logf("%d kills of the process, %d of them with work in its hands; it lived %d times", killed, hits, lives)
		if killed < kills*9/10 || hits < killed/10 {
			t.Errorf("too few kills, or too few that hit")
		}
		if len(left) > 0 {
			t.Errorf("%d acts are left", len(left))
		}
		var sound string
		ok(t, f.DB().QueryRow("PRAGMA integrity_check").Scan(&sound))
		equal(t, "integrity", []string{sound}, []string{"ok"})
		y.expectNothingLeft(t)
		y.expectRunsOnce(t)
		y.expectStages(t, false)
		y.expectClosings(t)
		same(t, sorted(y.journals(t)), sorted(want.journals(t)))
		same(t, y.ran(t), want.ran(t))
		y.heardAs(t, want)
	})
}

// killed has processes live through the year on the file, one after the other, and counts: who was killed, who of them had
// work in its hands, and how many there were.
func (s shortYear) killed(t testing.TB, path string, list []killing) (killed, hits, lives int) {
	t.Helper()
	for {
		var k *killing
		if lives < len(list) {
			k = &list[lives]
		}
		lives++
		l := live(t, s, path, lives, k)
		if l.left > 0 {
			hits++
		}
		if l.over {
			return killed, hits, lives
		}
		killed++
	}
}
