package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

func TestSidesWriteTheSame(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	e := &env{n: 5, rounds: 1, dir: t.TempDir()}
	d, err := newDesk(ctx, e, sqlite.Full, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close(ctx)
	r, err := newRaw(ctx, e, d.path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	ours, err := accountOf(ctx, d.path, 20, repeat(ctx, d.create))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := accountOf(ctx, r.path, 20, repeat(ctx, r.create))
	if err != nil {
		t.Fatal(err)
	}
	if ours.rows != theirs.rows || ours.commits != theirs.commits || ours.commits != 1 || ours.bytes < 0.97*theirs.bytes || ours.bytes > 1.03*theirs.bytes {
		t.Errorf("ours %s, raw %s", ours, theirs)
	}
}

func TestCommitsAreCounted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE helpdesk_x (a TEXT)"); err != nil {
		t.Fatal(err)
	}
	got, err := accountOf(context.Background(), path, 7, func(n int) error {
		for i := range n {
			if _, err := db.Exec("INSERT INTO helpdesk_x VALUES (?)", fmt.Sprintf("%04d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if want := (account{1, 4, 1}); err != nil || got != want {
		t.Errorf("counted %s, %v", got, err)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    result
		want bool
	}{{result{ratio: 0.7, promise: 0.7}, true}, {result{ratio: 0.69, promise: 0.7}, false}, {result{ratio: 5, promise: 5, most: true}, true}, {result{ratio: 5.1, promise: 5, most: true}, false}} {
		if c.r.holds() != c.want {
			t.Errorf("%+v holds: %t", c.r, c.r.holds())
		}
	}
	e := &env{n: 10, rounds: 3}
	work := func(d time.Duration) func(int) error {
		return func(n int) error {
			for range n {
				<-time.After(d)
			}
			return nil
		}
	}
	if _, _, ratio, err := e.pairs(work(time.Millisecond), work(5*time.Millisecond)); err != nil || ratio < 2 {
		t.Errorf("a is five times as fast, measured %.2f, %v", ratio, err)
	}
}
