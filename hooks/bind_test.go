package hooks_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
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
	t.Run("X02 the journal's entry is handed on at every event, and a copy of it", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		for _, p := range r.Points() {
			var got *ticket.Event
			err := r.BindNamed(p.Name, "relay", func(_ context.Context, e *ticket.Event) error { got = e; return nil })
			if p.Kind != hooks.KindEvent {
				if err == nil {
					t.Errorf("%s is no event, and took it", p.Name)
				}
				continue
			}
			e := &ticket.Event{ID: 7, TicketID: 3, Changes: []ticket.Change{{Field: "status", Old: "open", New: "closed"}}}
			if _, failed := r.Deliver(context.Background(), p.Name, "relay", hooks.Occurrence{Event: e, Ticket: &ticket.Ticket{ID: 3}, Message: &ticket.Message{ID: 4}, Attempt: 1}); err != nil || failed != nil {
				t.Fatalf("%s: %v, %v", p.Name, err, failed)
			}
			if !reflect.DeepEqual(got, e) || got == e {
				t.Errorf("%s was told %+v", p.Name, got)
			}
		}
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
