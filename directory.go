package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Directory knows the host's people. Without one, everybody is who they say they are.
type Directory interface {
	// Customer returns who has the address at the brand, and the organisation that they belong to, if any;
	// ticket.ErrNotFound for nobody. The same address is the same customer at every brand, unless the directory says
	// otherwise.
	Customer(ctx context.Context, brand, email string) (p ticket.Person, organisation string, err error)
}

// identify ties a draft of somebody who is known by an address only to the customer with that address.
func (d *Desk) identify(ctx context.Context, draft *ticket.Draft) error {
	p := draft.Requester
	if d.cfg.Directory == nil || p.ID != "" || p.Email == "" {
		return nil
	}
	brand := or(draft.Brand, d.conf.Load().settings("", "", "").DefaultBrand)
	known, organisation, err := d.cfg.Directory.Customer(ctx, brand, ticket.NormalizeEmail(p.Email))
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	known.Email, known.Name = or(known.Email, p.Email), or(known.Name, p.Name)
	draft.Requester = known
	draft.Organisation = or(draft.Organisation, organisation)
	return nil
}
