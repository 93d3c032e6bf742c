package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder stands in for a test that is expected to fail: it keeps the failures to itself.
type recorder struct {
	testing.TB
	ctx context.Context

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Helper() {}

func (r *recorder) Log(...any) {}

func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Cleanup(fn func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, fn)
}

func (r *recorder) Error(args ...any) { r.fail(fmt.Sprint(args...)) }

func (r *recorder) Errorf(format string, args ...any) { r.fail(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatal(args ...any) {
	r.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fail(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (r *recorder) fail(message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, message)
}

// attempt runs fn as a test of its own, which has a few seconds, and returns how it failed.
func attempt(t testing.TB, fn func(t testing.TB)) []string {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := &recorder{TB: t, ctx: ctx}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			for _, cleanup := range slices.Backward(r.cleanups) {
				cleanup()
			}
		}()
		defer func() {
			if v := recover(); v != nil {
				r.fail(fmt.Sprint("panic: ", v))
			}
		}()
		fn(r)
	})
	wg.Wait()
	return r.failures
}

// failedGroups runs groups of the suite on a store and returns those that failed, with what they said.
func failedGroups(t testing.TB, open Open, opts *Options, groups []group) map[string]string {
	failed := map[string]string{}
	for _, g := range groups {
		for _, p := range g.proofs {
			messages := attempt(t, func(t testing.TB) { p.run(t, newEnv(t, open, opts)) })
			if len(messages) > 0 {
				failed[g.name] += p.name + ": " + strings.Join(messages, "; ") + "\n"
			}
		}
	}
	return failed
}

// expectFailed expects that the group named want fails, or none if it is empty, and no other.
func expectFailed(t testing.TB, failed map[string]string, want string) {
	t.Helper()
	if want != "" && failed[want] == "" {
		t.Errorf("the group %q did not notice", want)
	}
	for group, said := range failed {
		if group != want {
			t.Errorf("the group %q failed too:\n%s", group, said)
		}
	}
}

// named are the groups of those names.
func named(names ...string) []group {
	return slices.DeleteFunc(groups(), func(g group) bool { return !slices.Contains(names, g.name) })
}
