package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Objects is what the host says about things of its own: orders, servers, returns (M77).
type Objects interface {
	// Object returns what there is to show of one. ticket.ErrNotFound for one that is gone.
	Object(ctx context.Context, ref ticket.Ref) (ticket.Object, error)
}

// serviceKind is the kind under which Objects is asked about Ticket.Service.
const serviceKind = "service"

// Objects lists what the host says about the objects that a ticket refers to: its related ones, its service (of kind
// "service") and what it was converted to. One that the host does not know, or cannot tell of now, is shown by its
// reference alone: a missing object is in nobody's way. Errors: ticket.ErrNoActor; ticket.ErrNotFound.
func (d *Desk) Objects(ctx context.Context, id int64) ([]ticket.Object, error) {
	op := fmt.Sprintf("read objects of ticket %d", id)
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, failed(op, err)
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, failed(op, err)
	}
	var out []ticket.Object
	for _, ref := range refsOf(t) {
		out = append(out, d.object(ctx, ref))
	}
	return out, nil
}

func refsOf(t *ticket.Ticket) []ticket.Ref {
	refs := append([]ticket.Ref(nil), t.Related...)
	if t.Service != "" {
		refs = append(refs, ticket.Ref{Kind: serviceKind, ID: t.Service})
	}
	if t.Converted != nil {
		refs = append(refs, *t.Converted)
	}
	return refs
}

func (d *Desk) object(ctx context.Context, ref ticket.Ref) ticket.Object {
	plain := ticket.Object{Ref: ref}
	plain.Label = cmp.Or(ref.Label, ref.ID)
	if d.cfg.Objects == nil {
		return plain
	}
	o, err := d.cfg.Objects.Object(ctx, ref)
	if err != nil {
		if !errors.Is(err, ticket.ErrNotFound) {
			d.log(ctx, "an object of the host cannot be read", "kind", ref.Kind, "error", err)
		}
		return plain
	}
	o.Kind, o.ID, o.Label = ref.Kind, ref.ID, cmp.Or(o.Label, plain.Label)
	return o
}

// LocalTime returns the time of now where the requester of a ticket is (M74): in the zone that the directory has for
// them or for their organisation, in the one that Config.Locate finds for the address that they wrote from, or else in
// the brand's. known says whether one of the first three was there. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers; the directory's own.
func (d *Desk) LocalTime(ctx context.Context, id int64) (now time.Time, known bool, err error) {
	now, known, err = d.localTime(ctx, id)
	return now, known, failed(fmt.Sprintf("read local time of ticket %d", id), err)
}

func (d *Desk) localTime(ctx context.Context, id int64) (time.Time, bool, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return time.Time{}, false, err
	}
	if err := d.mayAtAll(ctx, actor, ActSee); err != nil {
		return time.Time{}, false, err
	}
	zone, err := d.zoneOf(ctx, t)
	if err != nil {
		return time.Time{}, false, err
	}
	if loc, err := time.LoadLocation(zone); zone != "" && err == nil {
		return d.Now().In(loc), true, nil
	}
	return d.Now().In(d.zone(t.Brand)), false, nil
}

func (d *Desk) zoneOf(ctx context.Context, t *ticket.Ticket) (string, error) {
	conf, err := d.confOf(ctx)
	if err != nil {
		return "", err
	}
	if t.Requester.ID != "" {
		c, err := d.customerByID(ctx, conf, t.Requester.ID)
		if err == nil && c.Zone != "" {
			return c.Zone, nil
		}
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return "", err
		}
	}
	if t.Organisation != "" {
		o, err := d.organisation(ctx, conf, t.Organisation)
		if err == nil && o.Zone != "" {
			return o.Zone, nil
		}
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return "", err
		}
	}
	if d.cfg.Locate == nil || t.IP == "" {
		return "", nil
	}
	zone, err := d.cfg.Locate(ctx, t.IP)
	if err != nil { // a guess of the host's; without it the brand's zone will do
		d.log(ctx, "the zone of an address cannot be found", "error", err)
	}
	return zone, nil
}
