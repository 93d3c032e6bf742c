package storetest

import (
	"slices"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
)

// Faulty is a store that fails where a test wants it to: at the n-th call of a method of Reader or Tx, or at a commit,
// which counts as a call by the name "Commit". A test that fails every call in turn proves that its subject leaves
// nothing half-done:
//
//	for n := 1; ; n++ {
//		s := storetest.NewFaulty(memory.New(nil))
//		s.FailAt(n, errBroken)
//		err := subject(s)
//		if s.Failed() == "" {
//			break // it makes fewer calls
//		}
//		… // look at err and at what s holds: FailAt(0, nil) makes it well again
//	}
//
// The call that fails does not reach the store inside. OnCommit and Hosted cannot fail. Optional abilities of the store
// inside are hidden.
type Faulty struct {
	wrapped
	mu     sync.Mutex
	left   int  // calls until the one that fails
	dead   bool // and so do all after it
	err    error
	calls  []string
	failed string
}

var _ store.Store = (*Faulty)(nil)

// NewFaulty returns a store that does what s does until FailAt is called. Closing it closes s.
func NewFaulty(s store.Store) *Faulty {
	f := &Faulty{}
	f.wrapped = wrapped{
		Store: s, owner: f,
		tx:     func(x store.Tx) store.Tx { return faultyTx{faultyReader{x, f}, x} },
		reader: func(r store.Reader) store.Reader { return faultyReader{r, f} },
		commit: func() error { return f.do("Commit", func() error { return nil }) },
	}
	return f
}

// FailAt has the n-th call from now on, counted from 1, fail with err, once; 0 means none. Calls and Failed start anew.
func (f *Faulty) FailAt(n int, err error) { f.fail(n, err, false) }

// FailFrom is FailAt for a process that dies there: the n-th call and all after it fail, until FailAt or FailFrom is called.
func (f *Faulty) FailFrom(n int, err error) { f.fail(n, err, true) }

func (f *Faulty) fail(n int, err error, dead bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.dead, f.err, f.calls, f.failed = n, dead, err, nil, ""
}

// Calls lists the names of the calls since FailAt, the failed one included.
func (f *Faulty) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Failed returns the name of the call that failed first since FailAt, empty if none did.
func (f *Faulty) Failed() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// hit counts a call and says how it fails.
func (f *Faulty) hit(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	f.left--
	if f.left > 0 || f.left < 0 && (!f.dead || f.failed == "") {
		return nil
	}
	if f.failed == "" {
		f.failed = name
	}
	return f.err
}

func (f *Faulty) do(name string, call func() error) error {
	if err := f.hit(name); err != nil {
		return err
	}
	return call()
}

func faulty[T any](f *Faulty, name string, call func() (T, error)) (out T, err error) {
	if err := f.hit(name); err != nil {
		return out, err
	}
	return call()
}
