package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

const (
	drained = 20000 // deliveries
	drainBy = 8     // workers
	batchOf = 64
)

// servedLease measures draining deliveries in batches, against a raw drain of the same rows.
func servedLease(ctx context.Context, e *env) (r result, err error) {
	s := e.server
	prefix := newPrefix()
	st, err := s.open(ctx, s.dsn, prefix, connections)
	if err != nil {
		return r, err
	}
	db, err := s.connect(s.dsn)
	if err != nil {
		return r, errors.Join(err, st.Close())
	}
	defer func() { err = errors.Join(err, db.Close(), st.Close(), s.drop(ctx, prefix)) }()
	n := drained
	if e.drained > 0 {
		n = e.drained
	}
	var ours, theirs []time.Duration
	var ratios []float64
	for range 3 {
		a, err := s.drain(ctx, st, prefix, n, func(ctx context.Context) (int, error) { return leaseBatch(ctx, st) })
		if err != nil {
			return r, err
		}
		b, err := s.drain(ctx, st, prefix, n, func(ctx context.Context) (int, error) { return s.rawBatch(ctx, db, prefix) })
		if err != nil {
			return r, err
		}
		ours, theirs, ratios = append(ours, a), append(theirs, b), append(ratios, float64(b)/float64(a))
	}
	return result{ours: perOp("Lease, Finish", median(ours)), raw: perOp("SKIP LOCKED", median(theirs)), ratio: median(ratios), promise: 0.2,
		notes: []string{fmt.Sprintf("%d deliveries, each of a ticket of its own, by %d workers, %d at once: one transaction to lease, one to end the leases", n, drainBy, batchOf)}}, nil
}

// drain puts n deliveries, and returns what one took of the time until they are done.
func (s *server) drain(ctx context.Context, st served, prefix string, n int, batch func(context.Context) (int, error)) (time.Duration, error) {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM "+prefix+"work"); err != nil {
		return 0, err
	}
	for made := 0; made < n; made += 1000 {
		if err := st.Update(ctx, func(ctx context.Context, tx store.Tx) error { return putDeliveries(ctx, tx, made, min(1000, n-made)) }); err != nil {
			return 0, err
		}
	}
	if _, err := s.db.ExecContext(ctx, s.tidy+prefix+"work"); err != nil {
		return 0, err
	}
	took, err := timed(func(int) error { return drainAll(ctx, batch) }, n)
	if err != nil {
		return 0, err
	}
	var done int
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM "+prefix+"work WHERE state = 2").Scan(&done)
	if err == nil && done != n {
		err = fmt.Errorf("of %d deliveries %d are done", n, done)
	}
	return took, err
}

// putDeliveries puts some, each in a lane of its own.
func putDeliveries(ctx context.Context, tx store.Tx, from, n int) error {
	for i := range n {
		id, err := tx.NewID(ctx, "work")
		if err != nil {
			return err
		}
		w := &store.Work{ID: id, Kind: "delivery", Name: "bench", OrderKey: "bench/" + strconv.Itoa(from+i), Seq: 1, State: store.WorkPending, EventID: id, TicketID: int64(from + i),
			Due: time.Unix(1e9, 0), Created: time.Unix(1e9, 0)}
		if err := tx.PutWork(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// drainAll runs batches by several workers until each finds nothing.
func drainAll(ctx context.Context, batch func(context.Context) (int, error)) error {
	errs := make(chan error, drainBy)
	var wg sync.WaitGroup
	for range drainBy {
		wg.Go(func() {
			for {
				n, err := batch(ctx)
				if err != nil {
					errs <- err
				}
				if err != nil || n == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// leaseBatch leases some deliveries, and ends their leases.
func leaseBatch(ctx context.Context, st store.Store) (n int, err error) {
	var list []*store.Work
	err = st.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		list, err = tx.Lease(ctx, store.LeaseRequest{Kind: "delivery", Names: []string{"bench"}, DueBy: time.Now(), TTL: time.Minute, Limit: batchOf})
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), st.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, w := range list {
			w.State, w.Finished = store.WorkDone, time.Now()
			if err := tx.Finish(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// rawBatch is the raw side: two transactions, too.
func (s *server) rawBatch(ctx context.Context, db *sql.DB, prefix string) (int, error) {
	now := time.Now().UnixMicro()
	var ids []any
	err := inTx(ctx, db, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, s.bind("SELECT id, doc FROM "+prefix+"work WHERE ready = 1 AND kind = ? AND name = ? AND due <= ? ORDER BY due, id LIMIT 64 FOR UPDATE SKIP LOCKED"), "delivery", "bench", now)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var doc sql.RawBytes
			if err := rows.Scan(&id, &doc); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(ids) == 0 {
			return err
		}
		return errOf(tx.ExecContext(ctx, s.bind("UPDATE "+prefix+"work SET state = 1, epoch = epoch + 1, attempt = attempt + 1, ready = 0, leased_to = ? WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")"),
			append([]any{now + 60_000_000}, ids...)...))
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), inTx(ctx, db, func(tx *sql.Tx) error {
		return errOf(tx.ExecContext(ctx, s.bind("UPDATE "+prefix+"work SET state = 2, finished = ?, leased_to = 0 WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")"),
			append([]any{now}, ids...)...))
	})
}

// inTx runs fn in a transaction.
func inTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
