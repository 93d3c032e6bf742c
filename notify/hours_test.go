package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

func TestHours(t *testing.T) {
	t.Parallel()
	t.Run("M28 M24 letters leave though the calendar cannot be had, as if somebody were there, and Check says so until it can", func(t *testing.T) {
		t.Parallel()
		broken, slow := errors.New("calendar on fire"), false
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.Hours = func(ctx context.Context, _ calendar.Visitor) (calendar.Page, error) {
				if slow {
					<-ctx.Done()
					return calendar.Page{}, ctx.Err()
				}
				return calendar.Page{}, broken
			}
		}})
		const trouble = "the working hours cannot be had"
		if s := x.checked(t); strings.Contains(s, trouble) {
			t.Error(s)
		}
		tk := x.lamp(t)
		x.tick(t)
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			if l.State != notify.Sent || l.Attempts != 1 || l.Kind == "out_of_hours" {
				t.Errorf("%+v", l)
			}
		}
		equal(t, "mails", len(x.taken(t)), 3)
		if s := x.checked(t); !strings.Contains(s, trouble) || !strings.Contains(s, "calendar on fire") {
			t.Error(s)
		}
		if broken = nil; !testing.Short() {
			slow = true // longer than anybody waits
			x.lamp(t)
			x.tick(t)
			equal(t, "mails", len(x.taken(t)), 6)
			if s := x.checked(t); !strings.Contains(s, "context deadline exceeded") {
				t.Error(s)
			}
		}
		slow = false
		x.lamp(t)
		x.tick(t)
		if s := x.checked(t); strings.Contains(s, trouble) {
			t.Error(s)
		}
	})
	t.Run("M28 M24 a calendar that does not look at its context holds nothing up, and is asked again when it has answered", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("takes as long as a calendar may: run without -short")
		}
		asked, answer := make(chan bool, 10), make(chan bool)
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.Hours = func(context.Context, calendar.Visitor) (calendar.Page, error) {
				asked <- true
				<-answer
				return calendar.Page{Open: true}, nil
			}
		}})
		for n := range 2 {
			x.lamp(t)
			x.tick(t)
			equal(t, "mails", len(x.taken(t)), 3*(n+1))
		}
		equal(t, "questions", len(asked), 1)
		if s := x.checked(t); !strings.Contains(s, "has not answered an earlier question") {
			t.Error(s)
		}
		close(answer)
		for len(asked) < 2 {
			x.lamp(t)
			x.tick(t)
		}
		if s := x.checked(t); strings.Contains(s, "working hours") {
			t.Error(s)
		}
	})
}
