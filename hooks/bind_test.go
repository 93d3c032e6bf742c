package hooks_test

import (
	"context"
	"math"
	"testing"

	"github.com/helpdeskgo/helpdesk/hooks"
)

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	t.Run("X02 a binding without a function panics at once", func(t *testing.T) {
		t.Parallel()
		defer func() {
			if recover() == nil {
				t.Error("it was taken")
			}
		}()
		hooks.New(nil).TicketCreated.Bind("x", nil)
	})
	t.Run("X02 the order of priorities holds at both ends", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		order := ""
		for _, p := range []int{1, math.MinInt, math.MaxInt} {
			name := map[int]string{1: "b", math.MinInt: "a", math.MaxInt: "c"}[p]
			r.TicketCreateValidation.Bind(name, func(context.Context, hooks.Creating) error { order += name; return nil }, hooks.Priority(p))
		}
		if err := r.TicketCreateValidation.Run(context.Background(), creating(ann)); err != nil || order != "abc" {
			t.Errorf("order is %q, %v", order, err)
		}
	})
}
