package imap_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// TestKilledAtEveryCommit kills a process that brings a folder in before each of its commits in turn, and after each.
func TestKilledAtEveryCommit(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 killed before or after any commit, no mail is lost, and none is two messages", func(t *testing.T, address string) {
		f := newFolders(t, address)
		step := 1
		if testing.Short() {
			step = 5
		}
		folders := map[string][][]byte{}
		stages := map[stage]int{}
		kills := 0
		for n, running := 1, true; running; n += step {
			for _, after := range []bool{false, true} {
				name := fmt.Sprintf("k%d-%v", n, after)
				folders[name] = varied(name)
				f.fill(t, name, folders[name]...)
				e := f.errand(name)
				e.Die, e.After = n, after
				p := e.start(t)
				if p.line(t) == "done" { // it makes fewer commits
					running = false
				} else {
					kills++
				}
				_ = p.Wait() // killed
				stages[f.stage(t, name, folders[name])]++
			}
		}
		names := slices.Sorted(maps.Keys(folders))
		for _, name := range names {
			f.finish(t, name, folders[name])
		}
		tally := f.check(t, names...)
		t.Logf("%d kills; stages %v; %v", kills, stages, tally)
		if want := len(names); tally[gateway.Opened] != 2*want || tally[gateway.Answered] != want || tally[gateway.Duplicate] != want || tally[gateway.Rejected] != want {
			t.Errorf("of %d folders became %v", want, tally)
		}
		if step == 1 { // or some of them were passed over
			expectStages(t, stages)
		}
	})
}

// expectStages expects kills at each of the boundaries that a mail passes.
func expectStages(t *testing.T, stages map[stage]int) {
	t.Helper()
	const all = 6
	for name, is := range map[string]func(s stage) bool{
		"nothing is fetched":                      func(s stage) bool { return s.fetched == 0 },
		"all is fetched, and nothing decided":     func(s stage) bool { return s.fetched == all && s.over == 0 },
		"some mails are over":                     func(s stage) bool { return s.over > 0 && s.over < all && s.moved == 0 },
		"all are over, and the server knows none": func(s stage) bool { return s.over == all && s.moved == 0 },
		"all are moved":                           func(s stage) bool { return s.over == all && s.moved == all },
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(stages)), is) {
			t.Errorf("no kill hit while %s: %v", name, stages)
		}
	}
}
