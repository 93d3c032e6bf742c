package helpdesk

import (
	"context"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What goes with a ticket or with its messages when those move, beside the messages themselves.

// moveAlong takes over what belongs to the ticket of s as a whole. undo is the merge that is being undone: then exactly
// what it had moved comes back.
func (w *write) moveAlong(context.Context, *write, *joining) error { return nil }

// moveSplit takes over what belongs to messages that w's new ticket has from the ticket of s.
func (w *write) moveSplit(context.Context, *write, []*ticket.Message) error { return nil }
