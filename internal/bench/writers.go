package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// heldFor is how long a transaction that has counted stays open, again and again.
const heldFor = 300 * time.Millisecond

// servedWriters measures 16 writers beside a transaction that is held open, against a desk that keeps no numbers.
func servedWriters(ctx context.Context, e *env) (out []result, err error) {
	wide := *e
	wide.n *= 5
	for _, settling := range []bool{false, true} {
		r, err := e.server.writers(ctx, &wide, settling)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *server) writers(ctx context.Context, e *env, settling bool) (r result, err error) {
	// Two connections more: for who holds one, and for who settles.
	with, err := s.newDesk(ctx, connections+2, 1)
	if err != nil {
		return r, err
	}
	without, err := s.newDesk(ctx, connections+2, 1)
	if err != nil {
		return r, errors.Join(err, with.close(ctx))
	}
	defer func() {
		err = errors.Join(err, with.close(ctx), without.close(ctx), s.drop(ctx, with.path), s.drop(ctx, without.path))
	}()
	for _, text := range s.uncount {
		if _, err := s.db.ExecContext(ctx, strings.ReplaceAll(text, "{p}", without.path)); err != nil {
			return r, err
		}
	}
	ours, theirs, ratio, err := e.pairs(with.besideHeld(ctx, settling), without.besideHeld(ctx, settling))
	r = result{name: "under writers", ours: perOp("16 writers", ours), raw: perOp("without numbers", theirs), ratio: ratio, promise: 0.7,
		notes: []string{"without numbers: the server drops what is inserted as a difference", fmt.Sprintf("a transaction that has created a ticket is held open for %s, again and again", heldFor)}}
	if settling {
		r.name += ", settled"
		r.notes = append(r.notes, "differences are summed up all the time, a thousand at once")
	}
	return r, err
}

// besideHeld makes rounds of writers beside a transaction that is held open, and perhaps somebody who settles numbers.
func (d *desk) besideHeld(ctx context.Context, settling bool) func(int) error {
	return func(n int) error {
		ctx, stop := context.WithCancel(ctx)
		errs := make(chan error, 2)
		go func() { errs <- d.hold(ctx) }()
		go func() {
			if settling {
				errs <- d.settle(ctx)
				return
			}
			errs <- nil
		}()
		err := together(ctx, connections, n, d.create)
		stop()
		return errors.Join(err, <-errs, <-errs)
	}
}

// hold creates tickets, each in a transaction that stays open, until ctx ends.
func (d *desk) hold(ctx context.Context) error {
	for ctx.Err() == nil {
		err := d.InTx(context.WithoutCancel(ctx), func(in context.Context) error {
			if err := d.create(in); err != nil {
				return err
			}
			select {
			case <-time.After(heldFor):
			case <-ctx.Done():
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settle sums up differences until ctx ends.
func (d *desk) settle(ctx context.Context) error {
	s, ok := d.s.(store.Settler)
	if !ok {
		return fmt.Errorf("%T has nothing to settle", d.s)
	}
	for ctx.Err() == nil {
		n, err := s.Settle(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return nil
}
