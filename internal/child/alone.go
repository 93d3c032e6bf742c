package child

import (
	"fmt"
	"os"
	"testing"
)

// Alone stands in for the test that a server belongs to, in a program that is none.
type Alone struct {
	testing.TB
	cleanups []func()
}

// Run runs fn, and what it had cleaned up afterwards. ok is false where a server could not be had; why, stands on
// standard error.
func Run(fn func(a *Alone)) (ok bool) {
	a := &Alone{}
	defer func() {
		if r := recover(); r != nil {
			if r != any(a) {
				panic(r)
			}
			ok = false
		}
		for i := len(a.cleanups) - 1; i >= 0; i-- {
			a.cleanups[i]()
		}
	}()
	fn(a)
	return true
}

// Helper does nothing.
func (a *Alone) Helper() {}

// Failed is false: who fails ends at once.
func (a *Alone) Failed() bool { return false }

// Cleanup has f called at the end of Run, the last first.
func (a *Alone) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }

// Logf prints on standard error.
func (a *Alone) Logf(f string, v ...any) { fmt.Fprintf(os.Stderr, f+"\n", v...) }

// Error prints on standard error.
func (a *Alone) Error(v ...any) { fmt.Fprintln(os.Stderr, v...) }

// Skip is Fatal: there is nothing else to do.
func (a *Alone) Skip(v ...any) { a.Fatal(v...) }

// Fatal prints on standard error, and ends Run.
func (a *Alone) Fatal(v ...any) {
	fmt.Fprintln(os.Stderr, v...)
	panic(a)
}
