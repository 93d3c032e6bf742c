package remotetest

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// wrongNumbers has somebody change a number by hand that the store has read already.
func wrongNumbers(t *testing.T, k Kit, srv Server) {
	dsn := srv.Database()
	s := k.open(t, dsn, Options{Busy: 5 * time.Second})
	check := func(want int) {
		t.Helper()
		wrong, err := s.(store.TallyChecker).CheckTallies(t.Context())
		if err != nil || len(wrong) != want {
			t.Errorf("wrong are %q, %v; want %d", wrong, err, want)
		}
	}
	for id := int64(1); id <= 3; id++ {
		if err := put(t.Context(), s, id); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.(store.Settler).Settle(t.Context()); err != nil || n == 0 {
		t.Fatalf("%d settled, %v", n, err)
	}
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		list, err := r.Tallies(ctx, store.TallyQuery{By: store.TallyPlaces}, everything)
		if err == nil && (len(list.Rows) != 1 || list.Rows[0].N != 3) {
			t.Errorf("the numbers are %+v", list.Rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check(0)
	k.Exec(t, dsn, "UPDATE {p}tallies SET n = n + 5")
	check(1)
}
