package sqlite_test

import (
	"testing"

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
}
