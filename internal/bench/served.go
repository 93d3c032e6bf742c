package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// servedLines are the promises of a desk on a server.
var servedLines = []line{
	{name: "create", run: servedCreate},
	{name: "concurrent", all: servedConcurrent},
	{name: "list", all: servedList, scaled: true},
	{name: "counters", all: servedCounters},
	{name: "search", all: servedSearch, scaled: true},
	{name: "lease", run: servedLease},
}

// connections is how many a desk on a server has, and the raw program beside it.
const connections = 16

const servedPromise = 0.7

// against measures creating tickets by a desk on the server and by the raw program, in the same manner of rounds.
func (s *server) against(ctx context.Context, e *env, connections int, round rounds) (ours, theirs time.Duration, r result, err error) {
	d, err := s.newDesk(ctx, connections, 1)
	if err != nil {
		return 0, 0, r, err
	}
	raw, err := s.newRaw(ctx, d, connections)
	if err != nil {
		return 0, 0, r, errors.Join(err, d.close(ctx))
	}
	defer func() {
		err = errors.Join(err, raw.close(), d.close(ctx), s.drop(ctx, d.path), s.drop(ctx, raw.prefix))
	}()
	if r.notes, err = s.accounts(ctx, d, raw, round); err != nil {
		return 0, 0, r, err
	}
	ours, theirs, r.ratio, err = e.pairs(round(ctx, d.create), round(ctx, raw.create))
	return ours, theirs, r, err
}

// accounts says what both sides write for a ticket.
func (s *server) accounts(ctx context.Context, d *desk, raw *rawServed, round rounds) ([]string, error) {
	a, err := s.accountOf(ctx, d.path, 200, round(ctx, d.create))
	if err != nil {
		return nil, err
	}
	b, err := s.accountOf(ctx, raw.prefix, 200, round(ctx, raw.create))
	return []string{"per ticket: ours " + a.String() + "; raw " + b.String(),
		s.committed + "; ids are taken aside, 256 at once of each of four kinds, by a row that is raised and not waited for on the disk"}, err
}

func servedCreate(ctx context.Context, e *env) (result, error) {
	ours, theirs, r, err := e.server.against(ctx, e, 1, repeat)
	r.ours, r.raw, r.promise = perOp("desk", ours), perOp("one round trip", theirs), servedPromise
	return r, err
}

func servedConcurrent(ctx context.Context, e *env) (out []result, err error) {
	wide := *e
	wide.n *= 5
	for _, callers := range []int{connections, callers} {
		ours, theirs, r, err := e.server.against(ctx, &wide, connections, crowdOf(callers))
		if err != nil {
			return nil, err
		}
		r.name = fmt.Sprintf("%d callers", callers)
		r.ours, r.raw, r.promise = perOp("16 connections", ours), perOp("16 connections", theirs), servedPromise
		out = append(out, r)
	}
	return out, nil
}

// openScaled opens the scaled desk on the server.
func (s *server) openScaled(ctx context.Context, e *env) (*lister, error) {
	prefix, err := s.scaled(ctx, e.scale)
	if err != nil {
		return nil, err
	}
	return s.lister(ctx, prefix)
}

// servedList measures the standard views on the server.
func servedList(ctx context.Context, e *env) (out []result, err error) {
	l, err := e.server.openScaled(ctx, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	out, _, err = l.standards(ctx, e)
	return out, err
}

// servedCounters compares the numbers beside the lists with a count, on the scaled desk, and writers with writers who keep
// no numbers.
func servedCounters(ctx context.Context, e *env) ([]result, error) {
	kept, err := keptNumbers(ctx, e)
	if err != nil {
		return nil, err
	}
	written, err := servedWriters(ctx, e)
	return append(kept, written...), err
}

func keptNumbers(ctx context.Context, e *env) (out []result, err error) {
	if e.scale == 0 {
		fmt.Println("counters on a full desk are left out: they need -scale")
		return nil, nil
	}
	l, err := e.server.openScaled(ctx, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	return l.counted(ctx)
}

// servedSearch measures searches against the server's own.
func servedSearch(ctx context.Context, e *env) (out []result, err error) {
	l, err := e.server.openScaled(ctx, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	if err := l.indexed(ctx); err != nil {
		return nil, err
	}
	return l.searches(ctx, e)
}
