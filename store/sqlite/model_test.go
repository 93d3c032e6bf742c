package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

// TestModel compares the store with the reference store over random operations; HELPDESK_MODEL_OPS makes it longer.
func TestModel(t *testing.T) {
	t.Parallel()
	t.Run("X09 the SQLite store answers as the reference store does", func(t *testing.T) {
		t.Parallel()
		ops := 2000
		if testing.Short() {
			ops = 200
		}
		var f files
		storetest.Model(t, f.open, ops, 0)
	})
	for _, few := range []int64{0, 3} {
		t.Run(fmt.Sprintf("X09 and so it does where lists look at few tickets for a page, and sort at most %d", few), func(t *testing.T) {
			t.Parallel()
			ops := 2000
			if testing.Short() {
				ops = 200
			}
			var f files
			storetest.Model(t, func(t testing.TB) store.Store {
				s := f.open(t)
				sqlite.Narrow(s.(*sqlite.Store), 4, 2, few)
				return s
			}, ops, 0)
		})
	}
}
