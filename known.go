package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// CustomerGroup is the group of a customer, as the directory has it: empty for one whom it does not know, and for a guest,
// whose id is empty. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers; those of the directory.
func (g Automation) CustomerGroup(ctx context.Context, id string) (string, error) {
	ctx, actor, err := g.enter(ctx)
	if err == nil && actor.IsCustomer() {
		err = ticket.ErrForbidden
	}
	if err != nil || id == "" {
		return "", failed("group of a customer", err)
	}
	conf, err := g.confOf(ctx)
	if err != nil {
		return "", failed("group of a customer", err)
	}
	c, err := g.customerByID(ctx, conf, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return "", nil
	}
	return c.Group, failed("group of a customer", err)
}

// SettingsOf are the settings of a brand; an empty one means the default brand. Errors: ticket.ErrNoActor.
func (g Automation) SettingsOf(ctx context.Context, brand string) (ticket.Settings, error) {
	return g.Settings().Get(ctx, brand, "", "")
}
