package main

import (
	"os"
	"path/filepath"
	"testing"
)

// forServers runs a test on each kind of server.
func forServers(t *testing.T, fn func(t *testing.T, s *server)) {
	t.Parallel()
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "bench") // short, and open to the server's user
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			if err := k.use(t.Context(), k.start(t, dir), func(s *server) error { fn(t, s); return nil }); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestServedSidesWriteTheSame shows that the raw program writes what the desk writes, and that both are counted.
func TestServedSidesWriteTheSame(t *testing.T) {
	forServers(t, func(t *testing.T, s *server) {
		ctx := t.Context()
		d, err := s.newDesk(ctx, 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer d.close(ctx)
		raw, err := s.newRaw(ctx, d, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.close()
		ours, err := s.accountOf(ctx, d.path, 20, repeat(ctx, d.create))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := s.accountOf(ctx, raw.prefix, 20, repeat(ctx, raw.create))
		if err != nil {
			t.Fatal(err)
		}
		if ours.rows != theirs.rows || ours.rows < 7 || ours.bytes < 0.95*theirs.bytes || ours.bytes > 1.05*theirs.bytes || ours.commits > 1.5 || theirs.commits > 1.2 {
			t.Errorf("ours %s, raw %s", ours, theirs)
		}
		if err := s.drop(ctx, temporary); err != nil {
			t.Fatal(err)
		}
		if left, err := s.tables(ctx, temporary); err != nil || len(left) > 0 {
			t.Errorf("tables are left: %q, %v", left, err)
		}
	})
}

// TestServedLines runs each line on a small desk: both sides find the same.
func TestServedLines(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector sees the same in the tests of the stores: run it without -short")
	}
	forServers(t, func(t *testing.T, s *server) {
		e := &env{n: 1, rounds: 1, scale: 400, drained: 300, server: s, dir: t.TempDir()}
		for _, l := range servedLines {
			results, err := l.results(t.Context(), e)
			if err != nil || len(results) == 0 {
				t.Errorf("%s: %v", l.name, err)
			}
			for _, r := range results {
				if r.ratio <= 0 || r.ours == "" || r.raw == "" || r.promise <= 0 {
					t.Errorf("%s: %+v", l.name, r)
				}
			}
		}
		one, err := s.scaled(t.Context(), e.scale)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := s.tables(t.Context(), one+"built"); err != nil || len(left) != 1 {
			t.Errorf("the desk does not stay for the next run: %q, %v", left, err)
		}
	})
}

// TestServerThatIsNotThere is told in words.
func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	if err := serve(t.Context(), "oracle", "", filepath.Join(t.TempDir(), "x"), nil); err == nil {
		t.Error("there is no such store")
	}
}
