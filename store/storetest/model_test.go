package storetest

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

func TestModel(t *testing.T) {
	t.Parallel()
	good := func(testing.TB) store.Store { return memory.New(nil) }
	t.Run("X09 two good stores answer alike", func(t *testing.T) {
		t.Parallel()
		Model(t, good, 3000, 0)
	})
	t.Run("X09 a script of a seed is always the same", func(t *testing.T) {
		t.Parallel()
		one, again, other := describe(newScript(7, 200)), describe(newScript(7, 200)), describe(newScript(8, 200))
		if one != again || one == other {
			t.Error("the seed does not decide the script")
		}
	})
	for _, name := range []string{
		"Update joins without a savepoint", "PutRecord ignores the version", "Reserve always succeeds", "Finish has no fence",
		"Lease ignores lanes", "Lease forgets the names", "PutWork puts twice", "SetWork ignores the state", "PruneWork ignores the time",
	} {
		t.Run("X09 the model notices: "+name, func(t *testing.T) {
			t.Parallel()
			failures := attempt(t, func(t testing.TB) {
				Model(t, func(testing.TB) store.Store { return brokenStores[name].open() }, 3000, 1)
			})
			if len(failures) != 1 {
				t.Fatalf("got %d failures, want 1: %v", len(failures), failures)
			}
			if n := strings.Count(failures[0], "transaction "); n > 12 || !strings.Contains(failures[0], "HELPDESK_MODEL_SEED=1 ") {
				t.Errorf("the report has %d transactions, want at most 12 and the seed:\n%s", n, failures[0])
			}
			t.Log(failures[0])
		})
	}
}
