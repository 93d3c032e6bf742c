// Command bench measures the promises of the library, each against the raw program beside it in the same run.
//
//	go run ./internal/bench [-n 2000] [-rounds 9] [-dir DIR] [-scale N] [create concurrent durability hooks delivery fairness wait full list counters search searchwrite rules timerules]
//	go run ./internal/bench -store postgres|mysql [-dsn DSN] [-n 400] [-rounds 9] [-dir DIR] [-scale N] [create concurrent list counters search lease]
//
// Without a DSN a private server runs, PostgreSQL or MariaDB, as durable as it comes; both sides are on one server.
//
// Lines that read a desk of many tickets need -scale, as in -scale 1000000: its file, or its tables on the server, are built
// once, and kept under -dir or in the user's cache directory (of servers, where root runs this: in /var/tmp).
//
// A line has the name, what the desk did, what the raw side did, their ratio, the promise, milliseconds or nanoseconds
// for information, and holds or SHORT. Under it stand rows, bytes and commits per operation of both sides. The exit
// status is 1 if any line is SHORT. Ratios mean something on an otherwise idle machine only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
)

// line is one promise.
type line struct {
	name string
	run  func(ctx context.Context, e *env) (result, error)
	all  func(ctx context.Context, e *env) ([]result, error) // in place of run: several lines

	scaled bool // it reads the scaled desk
}

// result is what a line measured.
type result struct {
	name      string  // after that of the line, if it is one of several
	ours, raw string  // for people
	ratio     float64 // or share, or the figure itself
	promise   float64
	most      bool   // the promise is an upper bound
	unit      string // of ratio
	notes     []string
}

func (r result) holds() bool {
	if r.most {
		return r.ratio <= r.promise
	}
	return r.ratio >= r.promise
}

// env is what all lines share.
type env struct {
	n      int    // operations of one round
	rounds int    // pairs of rounds; the median ratio counts
	dir    string // where the files are
	scale  int    // tickets of the scaled desk
	cache  string // where that is

	store   string  // what kind of store the desk is on
	dsn     string  // of its server
	server  *server // nil for a file
	drained int     // deliveries of the line lease, or as many as it says
}

var lines = []line{
	{name: "create", run: runCreate},
	{name: "concurrent", run: runConcurrent},
	{name: "durability", run: runDurability},
	{name: "hooks", run: runHooks},
	{name: "delivery", run: runDelivery},
	{name: "fairness", run: runFairness},
	{name: "wait", run: runWait},
	{name: "full", all: runFull, scaled: true},
	{name: "list", all: runList, scaled: true},
	{name: "search", all: runSearch, scaled: true},
	{name: "searchwrite", run: runSearchWrite},
	{name: "ingest", all: runIngest},
	{name: "send", all: runSend},
	{name: "letters", all: runDrainLetters},
	{name: "counters", all: runCounters, scaled: true},
	{name: "rules", run: runRules},
	{name: "timerules", run: runTimeRules, scaled: true},
}

func main() {
	e := &env{}
	flag.IntVar(&e.n, "n", 400, "operations of one round")
	flag.IntVar(&e.rounds, "rounds", 9, "pairs of rounds; the median ratio counts")
	flag.StringVar(&e.dir, "dir", "", "where the databases are made; default: a temporary directory")
	flag.IntVar(&e.scale, "scale", 0, "tickets of the desk for the lines that read a full one")
	flag.StringVar(&e.store, "store", "sqlite", "where the desk is: sqlite, postgres or mysql (MariaDB)")
	flag.StringVar(&e.dsn, "dsn", "", "a database on the server of -store; default: a private server, whose data stay under -dir or in a cache directory")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the whole run to this file")
	peak := flag.String("peak", "", "read this scaled file, print the peak of the memory, and do nothing else (the line \"list memory\" runs this)")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: bench [flags] [%s]\n       bench -store postgres|mysql [flags] [%s]\n", names(lines), names(servedLines))
		flag.PrintDefaults()
	}
	flag.Parse()
	if *peak != "" {
		if err := printPeak(context.Background(), *peak); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(2)
		}
		return
	}
	stop, err := startProfile(*profile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	short, err := run(context.Background(), e, flag.Args())
	if err = errors.Join(err, stop()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if short {
		os.Exit(1)
	}
}

// startProfile begins a CPU profile, if one is asked for; what it returns ends it.
func startProfile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

func names(lines []line) string {
	var out []string
	for _, l := range lines {
		out = append(out, l.name)
	}
	return strings.Join(out, " ")
}

// run measures the lines that are wanted, or all.
func run(ctx context.Context, e *env, want []string) (short bool, err error) {
	list := lines
	if e.store != "sqlite" {
		list = servedLines
	}
	for _, w := range want {
		if !slices.ContainsFunc(list, func(l line) bool { return l.name == w }) {
			return false, fmt.Errorf("no line %q: use some of %s", w, names(list))
		}
	}
	if e.cache = e.dir; e.cache == "" {
		if e.cache, err = e.usualCache(); err != nil {
			return false, err
		}
	}
	dir, err := os.MkdirTemp(e.dir, "helpdesk-bench-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	e.dir = dir
	p50, err := syncP50(dir)
	if err != nil {
		return false, err
	}
	fmt.Printf("disk: fdatasync p50 %.3f ms\n", p50.Seconds()*1000)
	if e.store == "sqlite" {
		return e.runLines(ctx, list, want)
	}
	err = serve(ctx, e.store, e.dsn, e.cache, func(s *server) error {
		e.server = s
		short, err = e.runLines(ctx, list, want)
		return err
	})
	return short, err
}

// usualCache is where what is built stays. Servers do not run as root, and cannot enter its home.
func (e *env) usualCache() (string, error) {
	if e.store != "sqlite" && os.Getuid() == 0 {
		return "/var/tmp/helpdesk-bench", nil
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "helpdesk-bench"), err
}

func (e *env) runLines(ctx context.Context, list []line, want []string) (short bool, err error) {
	for _, l := range list {
		if len(want) > 0 && !slices.Contains(want, l.name) {
			continue
		}
		if len(want) == 0 && l.scaled && e.scale == 0 {
			fmt.Printf("%-11s left out: it needs -scale\n", l.name)
			continue
		}
		results, err := l.results(ctx, e)
		if err != nil {
			return short, fmt.Errorf("%s: %w", l.name, err)
		}
		for _, r := range results {
			r.print(strings.TrimSpace(l.name + " " + r.name))
			short = short || !r.holds()
		}
	}
	return short, nil
}

func (l line) results(ctx context.Context, e *env) ([]result, error) {
	if l.all != nil {
		return l.all(ctx, e)
	}
	r, err := l.run(ctx, e)
	return []result{r}, err
}

func (r result) print(name string) {
	bound, verdict := "at least", "holds"
	if r.most {
		bound = "at most"
	}
	if !r.holds() {
		verdict = "SHORT"
	}
	fmt.Printf("%-11s ours %-34s raw %-34s %6.2f%s  promise %s %.2f%s  %s\n", name, r.ours, r.raw, r.ratio, r.unit, bound, r.promise, r.unit, verdict)
	for _, n := range r.notes {
		fmt.Printf("            %s\n", n)
	}
}
