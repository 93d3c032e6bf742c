package agenda_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
)

func TestAgain(t *testing.T) {
	t.Parallel()
	t.Run("X14 a handler says when an entry is tried again, what it says then, and when it is given up", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := agenda.New(agenda.Options{Kind: "x", Store: b.store, Now: b.clock.Now, Attempts: 1})
		tries := 0
		a.HandleOutside("x", func(_ context.Context, e agenda.Entry) (agenda.Handler, error) {
			b.note(string(e.Doc))
			if tries++; tries == 3 {
				return nil, &agenda.Again{Err: errors.New("never")}
			}
			again := &agenda.Again{At: b.clock.Now().Add(7 * time.Minute), Err: errors.New("later")}
			if tries == 1 {
				again.Doc = json.RawMessage(`"second"`)
			}
			return nil, again
		})
		e := b.x("a", 0)
		e.Kind, e.Doc = "x", json.RawMessage(`"first"`)
		b.put(e)
		for range 4 {
			b.run(a)
			b.clock.advance(7*time.Minute - time.Second)
			b.run(a)
			b.clock.advance(time.Second)
		}
		b.expect(`"first"`, `"second"`, `"second"`)
		err := b.store.View(bg, func(ctx context.Context, x store.Reader) error {
			dead, err := x.Works(ctx, store.WorkQuery{Kind: "x", States: []store.WorkState{store.WorkDead}})
			if len(dead) != 1 || dead[0].Error != "never" || dead[0].Finished.IsZero() {
				t.Errorf("given up: %+v", dead)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("X14 entries of a ranked agenda are taken by their places, whenever they were put", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := agenda.New(agenda.Options{Ranked: true, Store: b.store, Now: b.clock.Now})
		a.Handle("x", func(_ context.Context, tx store.Tx, e agenda.Entry) error {
			tx.OnCommit(func() { b.note(e.Key) })
			return nil
		})
		for _, in := range []struct {
			key   string
			seq   int64
			after time.Duration
		}{{"third", 3, 0}, {"first", 1, 2 * time.Second}, {"second", 2, time.Second}} {
			e := b.x(in.key, in.after)
			e.Lane, e.Seq = "lane", in.seq
			b.put(e)
		}
		b.clock.advance(time.Minute)
		b.run(a)
		b.expect("first", "second", "third")
	})
}
