package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// twin is a store that fails a year in one way: it loses what is due, or forgets what was done.
type twin struct {
	store.Store
	mu sync.Mutex
	n  int // how often it might have failed

	lease     func(w *store.Work) bool     // whether that leased work is lost
	again     func(w *store.Work) bool     // whether work is to be done once more
	put       func(r *store.Record) bool   // whether that record is not stored, or changes it
	read      func(r *store.Record) []byte // what is read instead of its document, if it is not nil
	keeps     string                       // a kind of records that are never deleted
	forgetful bool                         // it is not noted that the effect of a delivery was made
}

func (s *twin) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		x = twinTx{x, s}
		return fn(store.ContextWithTx(ctx, s, x), x)
	})
}

// every reports whether it is the time to fail: each n-th time.
func (s *twin) every(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return s.n%n == 0
}

type twinTx struct {
	store.Tx
	s *twin
}

func (x twinTx) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	list, err := x.Tx.Lease(ctx, r)
	if err != nil || x.s.lease == nil {
		return list, err
	}
	var kept []*store.Work
	for _, w := range list {
		if !x.s.lease(w) {
			kept = append(kept, w)
			continue
		}
		lost := *w
		lost.State = store.WorkDone
		if err := x.Tx.Finish(ctx, &lost); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (x twinTx) Finish(ctx context.Context, w *store.Work) error {
	if w = new(*w); x.s.again != nil && w.State == store.WorkDone && x.s.again(w) {
		stored, err := x.Work(ctx, w.ID)
		if err != nil {
			return err
		}
		w.State, w.Finished, w.Doc = store.WorkPending, time.Time{}, stored.Doc
	}
	w.Effect = w.Effect && !x.s.forgetful
	return x.Tx.Finish(ctx, w)
}

func (x twinTx) PutRecord(ctx context.Context, r *store.Record) error {
	if r = new(*r); x.s.put != nil && x.s.put(r) {
		return nil
	}
	return x.Tx.PutRecord(ctx, r)
}

func (x twinTx) DeleteRecord(ctx context.Context, kind, key string) error {
	if kind == x.s.keeps {
		return nil
	}
	return x.Tx.DeleteRecord(ctx, kind, key)
}

func (x twinTx) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	r, err := x.Tx.Record(ctx, kind, key)
	if err != nil || x.s.read == nil {
		return r, err
	}
	if doc := x.s.read(r); doc != nil {
		r = new(*r)
		r.Doc = doc
	}
	return r, nil
}

func (x twinTx) MarkEffect(ctx context.Context, w *store.Work) error {
	if x.s.forgetful {
		return nil
	}
	return x.Tx.MarkEffect(ctx, w)
}

// twins are the ways to fail, and what the checks of a year have to say of each.
var twins = map[string]struct {
	want  string
	wrong func(s *twin)
}{
	"find nothing wrong where nothing is": {"", func(*twin) {}},
	"fail where the look of a rule by the clock is lost": {"rule aged fired at", func(s *twin) {
		s.lease = func(w *store.Work) bool { return strings.HasPrefix(w.Name, "clock|aged@") && s.every(9) }
	}},
	"fail where a crossing is lost": {"fired at []", func(s *twin) {
		s.put = func(r *store.Record) bool {
			return r.Kind == "rulerun" && bytes.Contains(r.Doc, []byte("by_clock")) && s.every(7)
		}
	}},
	"fail where a crossing fires twice": {"fired at [", func(s *twin) {
		s.put = func(r *store.Record) bool {
			if r.Kind == "ruleclock" && r.Key == "order_aged" {
				r.Doc = regexp.MustCompile(`"to":"[^"]*"`).ReplaceAll(r.Doc, []byte(`"to":"2026-01-04T00:00:00Z"`))
			}
			return false
		}
		s.read = func(r *store.Record) []byte { return instead(strings.HasPrefix(r.Key, "order_aged/"), `""`) }
	}},
	"fail where a stage is told twice": {"was told twice", func(s *twin) {
		s.read = func(r *store.Record) []byte { return instead(r.Kind == "deadline" && s.every(50), `[]`) }
	}},
	"fail where a stage is lost": {"stages told:", func(s *twin) {
		s.lease = func(w *store.Work) bool { return strings.HasPrefix(w.Name, "deadline|") && s.every(20) }
	}},
	"fail where a ticket closes itself too early": {"closed itself at", func(s *twin) {
		s.read = earlier
	}},
	"fail where a recurring ticket is left out": {"recurring tickets", func(s *twin) {
		s.lease = func(w *store.Work) bool { return strings.HasPrefix(w.Name, "recurrence|") && s.every(20) }
	}},
	"fail where the host is called twice": {"the host heard 2 times of call", func(s *twin) {
		s.again = func(w *store.Work) bool { return strings.HasPrefix(w.Name, "outside|") && s.every(20) }
	}},
	"fail where somebody is told twice": {"the host heard 2 times of notice", func(s *twin) {
		s.keeps = "notice"
		s.again = func(w *store.Work) bool { return strings.HasPrefix(w.Name, "notice|") && s.every(20) }
	}},
	"fail where a rule answers an event twice": {"calls were made by", func(s *twin) {
		s.forgetful = true
		s.again = func(w *store.Work) bool { return w.Kind == "delivery" && s.every(3) }
	}},
}

func instead(is bool, doc string) []byte {
	if is {
		return []byte(doc)
	}
	return nil
}

// earlier has the last of two chasers be two days older than it is.
func earlier(r *store.Record) []byte {
	var c map[string]any
	if r.Kind != "closing" || json.Unmarshal(r.Doc, &c) != nil || fmt.Sprint(c["chased"]) != "2" {
		return nil
	}
	at, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(c["chased_at"]))
	c["chased_at"] = at.Add(-2 * day)
	doc, _ := json.Marshal(c)
	return doc
}

// judge is a test whose failures are what is asked for.
type judge struct {
	testing.TB
	said []string
}

func (*judge) Helper()                          {}
func (*judge) Log(...any)                       {}
func (*judge) Logf(string, ...any)              {}
func (j *judge) Error(args ...any)              { j.said = append(j.said, fmt.Sprint(args...)) }
func (j *judge) Errorf(format string, a ...any) { j.Error(fmt.Sprintf(format, a...)) }
func (j *judge) Fatal(args ...any)              { j.Error(args...); runtime.Goexit() }
func (j *judge) Fatalf(format string, a ...any) { j.Fatal(fmt.Sprintf(format, a...)) }

// TestYearTwins has the checks of a year see years that went wrong.
func TestYearTwins(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("lives through eleven months: run it without -short")
	}
	tickets, length := 60, 31*day
	list := script(17, yearBegin, tickets, length)
	for name, w := range twins {
		t.Run("X07 the checks of a year "+name, func(t *testing.T) {
			t.Parallel()
			clock := helpdesktest.NewClock(yearBegin)
			s := &twin{Store: memory.New(&memory.Options{Now: clock.Now})}
			t.Cleanup(func() { _ = s.Close() })
			y, j := newYear(false), &judge{TB: t}
			y.shop = y.process(t, s, clock)
			y.define(t)
			w.wrong(s)
			y.byHour(t, list, length)
			var judging sync.WaitGroup
			judging.Go(func() { y.expect(j, length) })
			judging.Wait()
			if w.want == "" && len(j.said) > 0 || w.want != "" && !slices.ContainsFunc(j.said, func(s string) bool { return strings.Contains(s, w.want) }) {
				t.Errorf("the checks say %q, want %q", j.said[:min(3, len(j.said))], w.want)
			}
		})
	}
}
