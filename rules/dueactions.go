package rules

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Later is the configuration of the action "snooze".
type Later struct {
	For ticket.Duration `json:"for"` // as "48h"
}

// dueActions are those that put something off.
func (r *Rules) dueActions() {
	AddAction(r, Action[FollowUp]{
		Name: "follow_up", Doc: "adds a follow-up: after so long people are reminded, or properties are set",
		Check: func(f FollowUp, _ *Setup) error {
			switch {
			case f.After == 0:
				return errors.New("after is missing: how long after is it due?")
			case f.After < 0:
				return fmt.Errorf("after is %s, and so before now: how long from now is it due?", f.After)
			}
			return f.check(time.Unix(0, 0).UTC(), func(d time.Duration) (time.Time, error) { return time.Unix(0, 0).UTC().Add(d), nil })
		},
		Agents: func(f FollowUp) []string { return []string{f.SetOwner} },
		Do: func(ctx context.Context, a *Acting, f FollowUp) error {
			_, err := r.FollowUps().Add(ctx, a.Ticket.ID, f)
			return err
		},
	})
	AddAction(r, Action[Later]{
		Name: "snooze", Doc: "puts the ticket out of sight for so long, or until the customer replies",
		Check: func(l Later, _ *Setup) error {
			switch {
			case l.For == 0:
				return errors.New("for is missing: for how long?")
			case l.For < 0:
				return fmt.Errorf("for is %s, and so before now: for how long from now?", l.For)
			}
			return nil
		},
		Do: func(ctx context.Context, a *Acting, l Later) error {
			_, err := r.Snooze(ctx, a.Ticket.ID, r.desk.Now().Add(time.Duration(l.For)))
			return err
		},
	})
}
