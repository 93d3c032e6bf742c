//go:build unix

package imap_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// halted waits until the process stands still by itself, and then stops it as a machine does that sleeps; false if it
// has come to its end instead.
func (p *process) halted(t *testing.T) bool {
	t.Helper()
	if said := p.line(t); said != "halt" {
		if err := p.Wait(); err != nil || said != "done" {
			t.Errorf("the other process says %q, %v", said, err)
		}
		return false
	}
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return true
}

// wake has it go on.
func (p *process) wake(t *testing.T) {
	t.Helper()
	if _, err := fmt.Fprintln(p.in); err != nil {
		t.Fatal(err)
	}
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// TestPausedAtEveryTransaction stops a process before each of its transactions in turn, until another has done its work.
func TestPausedAtEveryTransaction(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 of two processes one sleeps before any transaction, and wakes when the other has done all", func(t *testing.T, address string) {
		f := newFolders(t, address)
		step := 1
		if testing.Short() {
			step = 4
		}
		var names []string
		for n := 1; ; n += step {
			name := fmt.Sprintf("p%d", n)
			mails := varied(name)
			f.fill(t, name, mails...)
			names = append(names, name)
			e := f.errand(name)
			e.Halt = n
			p := e.start(t)
			if !p.halted(t) { // it has fewer transactions
				break
			}
			f.finish(t, name, mails)
			p.wake(t)
			if said := p.end(t); said[len(said)-1] != "done" {
				t.Errorf("stopped before transaction %d it ends with %q", n, said)
			}
		}
		t.Logf("stopped at %d transactions; %v", len(names)-1, f.check(t, names...))
		if (len(names)-1)*step < 10 {
			t.Errorf("only %d stops", len(names)-1)
		}
	})
}

// TestPausedLeader stops the process that fetches in the middle of a mailbox, while others wait for their turn.
func TestPausedLeader(t *testing.T) {
	t.Parallel()
	const mails = 80 // where it sleeps another transaction is yet to come
	grounds := mailproof.NewGrounds(t)
	for _, others := range []int{1, 4} {
		grounds.Each(t, fmt.Sprintf("X05 of %d processes the one that fetches sleeps past its lease, and is refused when it wakes", others+1), func(t *testing.T, address string) {
			f := newFolders(t, address)
			name := "leader"
			var list [][]byte
			for n := range mails {
				list = append(list, numbered(n, 0))
			}
			f.fill(t, name, list...)
			e := f.errand(name)
			e.HaltMail = 40
			leader := e.start(t)
			if !leader.halted(t) {
				t.Fatal("it did not stand still")
			}
			e = f.errand(name)
			e.Stay = true
			var rest []*process
			for range others {
				rest = append(rest, e.start(t))
			}
			f.await(t, name, list)
			leader.wake(t)
			said := leader.end(t)
			if len(said) != 2 || !strings.HasPrefix(said[0], "refused:") || said[1] != "done" {
				t.Errorf("who woke too late says %q", said)
			}
			for _, p := range rest {
				if err := p.in.Close(); err != nil {
					t.Error(err)
				}
				if said := p.end(t); !slices.Equal(said, []string{"done"}) {
					t.Errorf("another says %q", said)
				}
			}
			f.finish(t, name, list)
			t.Log(f.check(t, name))
		})
	}
}
