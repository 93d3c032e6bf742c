package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// runFull measures the write lines once more on a desk that is full: each side has a copy of the scaled one of its own.
// What they write is that of the lines create and concurrent, which account for it.
func runFull(ctx context.Context, e *env) (out []result, err error) {
	scaled, err := e.scaled(ctx)
	if err != nil {
		return nil, err
	}
	path, other := filepath.Join(e.dir, "full.db"), filepath.Join(e.dir, "full-raw.db")
	if err := errors.Join(copyFile(path, scaled), copyFile(other, scaled)); err != nil {
		return nil, err
	}
	d, err := openDesk(ctx, path, sqlite.Full, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close(ctx)) }()
	raw, err := openRaw(ctx, other, path, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.close()) }()
	one := result{name: "create", promise: 0.70}
	ours, theirs, ratio, err := e.pairs(repeat(ctx, d.create), repeat(ctx, raw.create))
	if err != nil {
		return nil, err
	}
	one.ours, one.raw, one.ratio = perOp("desk", ours), perOp("prepared tx", theirs), ratio
	wide := *e
	wide.n *= 5
	many := result{name: "concurrent", promise: 2.0, unit: "x"}
	ours, theirs, ratio, err = wide.pairs(crowd(ctx, d.create), crowd(ctx, raw.create))
	if err != nil {
		return nil, err
	}
	many.ours, many.raw, many.ratio = perOp("64 callers", ours), perOp("64 behind a mutex", theirs), ratio
	durability, err := fullDurability(ctx, &wide, d, path)
	return []result{one, many, durability}, err
}

// fullDurability opens the file a second time, with less of it.
func fullDurability(ctx context.Context, e *env, full *desk, path string) (r result, err error) {
	normal, err := openDesk(ctx, path, sqlite.Normal, 1)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, normal.close(ctx)) }()
	ours, theirs, ratio, err := e.pairs(crowd(ctx, full.create), crowd(ctx, normal.create))
	return result{name: "durability", ours: perOp("FULL, 64 callers", ours), raw: perOp("NORMAL, 64 callers", theirs), ratio: ratio, promise: 0.85}, err
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync() // and not while the lines are measured
	}
	return err
}
