package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Model does the same random operations on the store that open returns and on the reference store, in the same
// transactions, savepoints and rollbacks, and compares what they answer after each, and all that they hold from time to
// time. Where they differ it repeats fewer and fewer of the transactions on new stores and reports the shortest list
// that still differs, with the seed.
//
// The environment has the last word, for longer runs and for repeating one: HELPDESK_MODEL_OPS is the number of
// operations, HELPDESK_MODEL_SEED the seed. A seed of 0 stands for one that is drawn.
func Model(t testing.TB, open Open, ops int, seed uint64) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("HELPDESK_MODEL_OPS")); err == nil {
		ops = n
	}
	if n, err := strconv.ParseUint(os.Getenv("HELPDESK_MODEL_SEED"), 10, 64); err == nil {
		seed = n
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d, %d operations", seed, ops) // said first: a store may end the test before it has answered
	steps := newScript(seed, ops)
	n, difference := compareStores(t, open, steps)
	if difference == "" {
		t.Logf("seed %d: %d operations in %d transactions gave the same", seed, ops, len(steps))
		return
	}
	steps, difference = shrink(t, open, steps[:n+1], difference)
	t.Errorf("the stores differ (repeat with HELPDESK_MODEL_SEED=%d HELPDESK_MODEL_OPS=%d); the shortest way there:\n%s%s",
		seed, ops, describe(steps), difference)
}

// step is a transaction, or a part of one behind a savepoint.
type step struct {
	items []item
	undo  bool
}

// item is an operation or a part.
type item struct {
	op   *operation
	part *step
}

// operation does one thing to a store and says what came of it. The error is one that a caller would roll back for.
type operation struct {
	text string
	run  func(ctx context.Context, tx store.Tx, w *world) (string, error)
}

// world is what a run on one store remembers.
type world struct {
	leased []*store.Work
	search store.Searcher // the store, if both it and the reference store can search
}

// newScript draws transactions with that many operations in all.
func newScript(seed uint64, ops int) []*step {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, seed))}
	var steps []*step
	for ops > 0 {
		n := min(ops, 1+g.IntN(6))
		steps = append(steps, g.step(n, 0))
		ops -= n
	}
	return steps
}

func (g *generator) step(n, depth int) *step {
	s := &step{undo: g.chance(8)}
	for n > 0 {
		if depth < 2 && g.chance(8) {
			inside := 1 + g.IntN(n)
			s.items = append(s.items, item{part: g.step(inside, depth+1)})
			n -= inside
			continue
		}
		s.items = append(s.items, item{op: g.operation()})
		n--
	}
	return s
}

// run does the step and returns what was answered, line by line.
func (st *step) run(ctx context.Context, s store.Store, w *world) string {
	var out strings.Builder
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, it := range st.items {
			if it.part != nil {
				out.WriteString(it.part.run(ctx, s, w))
				continue
			}
			answer, err := it.op.run(ctx, tx, w)
			fmt.Fprintf(&out, "%s = %s %s\n", it.op.text, answer, kindOf(err))
			if err != nil {
				return err
			}
		}
		if st.undo {
			return errUndo
		}
		return nil
	})
	fmt.Fprintf(&out, "ended with %s\n", kindOf(err))
	return out.String()
}

// kindOf names the error that err is, so that stores may word it as they like.
func kindOf(err error) string {
	if err == nil {
		return "ok"
	}
	for _, kind := range []error{ticket.ErrNotFound, ticket.ErrConflict, ticket.ErrInvalid, ticket.ErrExists, store.ErrStale, errUndo} {
		if errors.Is(err, kind) {
			return "(" + kind.Error() + ")"
		}
	}
	return "(" + err.Error() + ")"
}

// compareStores runs the steps on two new stores and returns the number of the first step after which they differ, and
// how.
func compareStores(t testing.TB, open Open, steps []*step) (int, string) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience)
	defer cancel()
	want, got := memory.New(nil), open(t)
	defer func() {
		if err := errors.Join(want.Close(), got.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	var wantWorld, gotWorld world
	if s, ok := got.(store.Searcher); ok {
		wantWorld.search, gotWorld.search = want, s
	}
	for i, st := range steps {
		a, b := st.run(ctx, want, &wantWorld), st.run(ctx, got, &gotWorld)
		if a == b && (i%20 == 0 || i == len(steps)-1) {
			a, b = contents(ctx, want), contents(ctx, got)
		}
		if a != b {
			return i, difference(b, a)
		}
	}
	return len(steps), ""
}

// difference shows the first line in which two answers differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(nothing)", "(nothing)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf(" got %.2000s\nwant %.2000s", a, b)
		}
	}
	return ""
}

// shrink leaves out as many steps, and then as many items of them, as it can while the stores still differ, for at most
// twenty seconds.
func shrink(t testing.TB, open Open, steps []*step, differs string) ([]*step, string) {
	end := time.Now().Add(20 * time.Second)
	steps, differs = shrinkSteps(t, open, steps, differs, end)
	for i := len(steps) - 1; i >= 0; i-- {
		for j := 0; i < len(steps) && j < len(steps[i].items) && time.Now().Before(end); {
			fewer := slices.Clone(steps)
			fewer[i] = &step{items: slices.Delete(slices.Clone(steps[i].items), j, j+1), undo: steps[i].undo}
			if n, d := compareStores(t, open, fewer); d != "" {
				steps, differs = fewer[:n+1], d
			} else {
				j++
			}
		}
	}
	return steps, differs
}

func shrinkSteps(t testing.TB, open Open, steps []*step, differs string, end time.Time) ([]*step, string) {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps) && time.Now().Before(end); {
			fewer := slices.Delete(slices.Clone(steps), at, at+size)
			if n, d := compareStores(t, open, fewer); d != "" {
				steps, differs = fewer[:n+1], d
			} else {
				at += size
			}
		}
	}
	return steps, differs
}

// describe lists the steps for people.
func describe(steps []*step) string {
	var out strings.Builder
	var write func(st *step, indent string)
	write = func(st *step, indent string) {
		for _, it := range st.items {
			if it.part == nil {
				fmt.Fprintf(&out, "%s  %s\n", indent, it.op.text)
				continue
			}
			fmt.Fprintf(&out, "%s  part\n", indent)
			write(it.part, indent+"  ")
		}
		if st.undo {
			fmt.Fprintf(&out, "%s  roll back\n", indent)
		}
	}
	for i, st := range steps {
		fmt.Fprintf(&out, "transaction %d\n", i+1)
		write(st, "")
	}
	return out.String()
}
