package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

// The variables that make this test binary a child of one of its tests.
const (
	childVariable = "HELPDESK_SQLITE_CHILD"
	pathVariable  = "HELPDESK_SQLITE_PATH"
)

var children = map[string]func(){"write": writeChild, "load": loadChild, "hold": holdChild, "blobs": blobsChild}

// child is a process that runs one of children on the file at path.
type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t testing.TB, role, path string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.Command(exe)}
	c.Env = append(os.Environ(), childVariable+"="+role, pathVariable+"="+path)
	c.Stderr = os.Stderr
	if c.in, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

// openChild opens the store of a child, which ends when its parent closes its standard input.
func openChild() (context.Context, *sqlite.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := sqlite.Open(ctx, os.Getenv(pathVariable), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return ctx, s
}

func writeChild() {
	ctx, s := openChild()
	if err := storetest.Write(ctx, s, os.Stdout); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func blobsChild() {
	ctx, s := openChild()
	if err := storetest.WriteBlobs(ctx, store.Chunks(s), os.Stdout); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func holdChild() {
	ctx, s := openChild()
	_ = s.Update(ctx, func(ctx context.Context, _ store.Tx) error {
		fmt.Println("held")
		<-ctx.Done()
		return nil
	})
	_ = s.Close()
}

// killed starts a writing process on a new file, kills it after some of its writes, and returns the path and what it
// acknowledged.
func killed(t testing.TB) (path string, acknowledged []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "desk.db")
	return path, killedAs(t, "write", path, 1+rand.N(300))
}

// killedAs starts a process in a role, kills it after so many lines, and returns all that it said.
func killedAs(t testing.TB, role, path string, lines int) []byte {
	t.Helper()
	c := start(t, role, path)
	var got bytes.Buffer
	for range lines {
		line, err := c.out.ReadString('\n')
		if err != nil {
			t.Fatalf("the writing process ended: %v", err)
		}
		got.WriteString(line)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(&got, c.out); err != nil {
		t.Fatal(err)
	}
	return got.Bytes()
}

func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector hears nothing of a process that is killed: run it without -short, or make kills")
	}
	t.Parallel()
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("HELPDESK_KILLS")); err == nil && n > 0 {
		kills = n
	}
	hits, writes := 0, 0
	for range kills {
		path, acknowledged := killed(t)
		s, err := sqlite.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		var sound string
		if err := s.DB().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("integrity_check: %s, %v", sound, err)
		}
		n := storetest.CheckWrites(t, s, acknowledged)
		writes += n
		if count(t, s.DB(), "SELECT count(*) FROM helpdesk_tickets") > n { // committed, and killed before it could say so
			hits++
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d kills, %d acknowledged writes, nothing lost; %d kills hit between commit and acknowledgement", kills, writes, hits)
}

// report is what a process says of its load.
type report struct {
	Created, Done int64
	Longest       time.Duration
	Errors        []string
}

// load creates tickets from some callers, and works on deliveries from two more. The effect of a delivery is a row of
// which there can be one.
func load(ctx context.Context, s *sqlite.Store, callers, each int) (r report) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	timed := func(fn func() error) {
		start := time.Now()
		err := fn()
		mu.Lock()
		defer mu.Unlock()
		r.Longest = max(r.Longest, time.Since(start))
		if err != nil {
			r.Errors = append(r.Errors, err.Error())
		}
	}
	var creating, created, done atomic.Int64
	creating.Store(int64(callers))
	for range callers {
		wg.Go(func() {
			defer creating.Add(-1)
			for range each {
				timed(func() error { return create(ctx, s, 1) })
				created.Add(1)
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for more := true; more || creating.Load() > 0; {
				timed(func() error {
					n, err := deliver(ctx, s)
					done.Add(int64(n))
					more = n > 0 && err == nil
					return err
				})
			}
		})
	}
	wg.Wait()
	r.Created, r.Done = created.Load(), done.Load()
	return r
}

// deliver leases some work, and does and finishes it in one more transaction.
func deliver(ctx context.Context, s *sqlite.Store) (int, error) {
	var list []*store.Work
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		list, err = tx.Lease(ctx, store.LeaseRequest{Kind: "delivery", DueBy: time.Now(), TTL: time.Minute, Limit: 20})
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, w := range list {
			if _, err := s.Querier(ctx).ExecContext(ctx, "INSERT INTO effects VALUES (?)", w.ID); err != nil {
				return err
			}
			done := *w
			done.State = store.WorkDone
			if err := tx.Finish(ctx, &done); err != nil {
				return err
			}
		}
		return nil
	})
}

func loadChild() {
	ctx, s := openChild()
	fmt.Println("open")
	r := load(ctx, s, 8, loadEach)
	_ = s.Close()
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

const loadEach = 150

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	if _, err := s.DB().ExecContext(t.Context(), "CREATE TABLE effects (work INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	c := start(t, "load", path(t, s))
	if line, err := c.out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	ours := load(t.Context(), s, 8, loadEach)
	var theirs report
	if err := json.NewDecoder(c.out).Decode(&theirs); err != nil {
		t.Fatal(err)
	}
	if _, err := deliver(t.Context(), s); err != nil { // what came after both had stopped looking
		t.Error(err)
	}
	for _, r := range []report{ours, theirs} {
		t.Logf("a process created %d, delivered %d, longest wait %v", r.Created, r.Done, r.Longest)
		if len(r.Errors) > 0 {
			t.Errorf("%d calls failed, as %q", len(r.Errors), r.Errors[0])
		}
	}
	want := 2 * 8 * loadEach
	for _, q := range []string{"SELECT count(*) FROM helpdesk_tickets", "SELECT count(DISTINCT id) FROM helpdesk_keys",
		"SELECT count(*) FROM effects", "SELECT count(*) FROM helpdesk_work WHERE state = 2"} {
		if n := count(t, s.DB(), q); n != want {
			t.Errorf("%s: %d, want %d", q, n, want)
		}
	}
}

func path(t testing.TB, s *sqlite.Store) (file string) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTwoProcessesStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "desk.db")
	var wg sync.WaitGroup
	for range 8 { // eight stores of one process lock each other as processes do
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), file, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := create(t.Context(), s, 1); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := sqlite.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, s.DB(), "SELECT count(*) FROM helpdesk_tickets"); n != 8 {
		t.Errorf("%d tickets, want one of each", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
