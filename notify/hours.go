package notify

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

// hoursWithin is how long a calendar of the host's may take.
const hoursWithin = 5 * time.Second

var errHours = errors.New("the calendar has not answered an earlier question: it should end with its context")

// openHours is what a calendar says.
type openHours struct {
	page calendar.Page
	err  error
}

// askHours asks the host's calendar, and waits no longer than that may take. A calendar that does not look at its context
// goes on behind it, and is asked nothing more until it has come to its end.
func (n *Notifier) askHours(ctx context.Context, v calendar.Visitor) (calendar.Page, error) {
	if n.overdue.Load() > 0 {
		return calendar.Page{}, errHours
	}
	ctx, cancel := context.WithTimeout(ctx, hoursWithin)
	defer cancel()
	said := make(chan openHours, 1)
	var over atomic.Bool // for one of the two
	go func() {
		defer func() {
			if over.Swap(true) {
				n.overdue.Add(-1)
			}
		}()
		said <- n.openHours(ctx, v)
	}()
	select {
	case h := <-said:
		return h.page, h.err
	case <-ctx.Done():
		if !over.Swap(true) {
			n.overdue.Add(1)
		}
		return calendar.Page{}, ctx.Err()
	}
}

// openHours is one question. A panic there is an error.
func (n *Notifier) openHours(ctx context.Context, v calendar.Visitor) (h openHours) {
	defer func() {
		if r := recover(); r != nil {
			h.err = fmt.Errorf("%w: %v", hooks.ErrPanic, r)
		}
	}()
	h.page, h.err = n.o.Hours(ctx, v)
	return h
}
