package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Settings are the policy switches of a desk, in layers: desk < brand < department < gateway. They can be changed while
// the desk runs; every process sees the change at its next operation. Each change is journalled.
type Settings struct{ d *Desk }

// Settings returns the group of verbs for settings.
func (d *Desk) Settings() Settings { return Settings{d} }

// Get returns what holds for a brand, a department and a gateway or form. An empty brand or department means the default
// one, as it does in a draft. To customers an Internal department is one that nobody has. Errors: ticket.ErrNoActor.
func (s Settings) Get(ctx context.Context, brand, department, gateway string) (ticket.Settings, error) {
	ctx, actor, err := s.d.enter(ctx)
	if err != nil {
		return ticket.Settings{}, failed("read settings", err)
	}
	conf, err := s.d.config(ctx)
	if err != nil {
		return ticket.Settings{}, failed("read settings", err)
	}
	if conf.KeepsFrom(actor, department) {
		department = noDepartment
	}
	brand, department = conf.PlaceFor(brand, department, gateway)
	out := conf.Settings(brand, department, gateway).Clone()
	if conf.KeepsFrom(actor, out.DefaultDepartment) {
		out.DefaultDepartment = ""
	}
	return out, nil
}

// Winners tells, for each switch by its JSON name, which layer sets what Get returns (B04); a switch that nobody has
// set is not listed. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (s Settings) Winners(ctx context.Context, brand, department, gateway string) (map[string]ticket.Layer, error) {
	ctx, actor, err := s.d.enter(ctx)
	if err != nil {
		return nil, failed("read settings", err)
	}
	if err := s.d.mayAtAll(ctx, actor, ActSee); err != nil {
		return nil, failed("read settings", err)
	}
	conf, err := s.d.config(ctx)
	if err != nil {
		return nil, failed("read settings", err)
	}
	out := map[string]ticket.Layer{}
	brand, department = conf.PlaceFor(brand, department, gateway)
	for _, l := range setup.LayersOf(brand, department, gateway) {
		for _, name := range conf.Layers[l].Names() {
			out[name] = l
		}
	}
	return out, nil
}

// Layer returns what one layer sets, with the version for Put. A layer that sets nothing has version 0. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (s Settings) Layer(ctx context.Context, l ticket.Layer) (ticket.SettingsPatch, int64, error) {
	var p ticket.SettingsPatch
	ctx, actor, err := s.d.enter(ctx)
	if err == nil {
		err = s.d.mayAtAll(ctx, actor, ActSee)
	}
	if err != nil {
		return p, 0, failed("read settings", err)
	}
	var version int64
	err = s.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kindSettings, string(l))
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		version = rec.Version
		return json.Unmarshal(rec.Doc, &p)
	})
	return p, version, failed("read settings", err)
}

// Put replaces what one layer sets, if its version is still the given one. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for customers; ticket.ErrConflict; ticket.ErrInvalid for a value that the catalogue does not
// have.
func (s Settings) Put(ctx context.Context, l ticket.Layer, p ticket.SettingsPatch, version int64) error {
	return s.put(ctx, l, func(old ticket.SettingsPatch, at int64) (ticket.SettingsPatch, error) {
		if at != version {
			return p, fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, at, version)
		}
		return p, nil
	})
}

// Update sets some switches of one layer and leaves its others. Errors: as Put, without ticket.ErrConflict.
func (s Settings) Update(ctx context.Context, l ticket.Layer, p ticket.SettingsPatch) error {
	return s.put(ctx, l, func(old ticket.SettingsPatch, _ int64) (ticket.SettingsPatch, error) { return old.Merge(p), nil })
}

func (s Settings) put(ctx context.Context, l ticket.Layer, next func(ticket.SettingsPatch, int64) (ticket.SettingsPatch, error)) error {
	return failed("put settings of "+string(l), s.d.configure(ctx, func(ctx context.Context, w *write) error {
		if !w.conf.HasLayer(l) {
			return ticket.Invalid("layer", ticket.FaultUnknown, "%q is no layer: use desk, or a brand, a department or a gateway that exists", l)
		}
		var old ticket.SettingsPatch
		var version int64
		rec, err := w.tx.Record(ctx, kindSettings, string(l))
		if err == nil {
			version = rec.Version
			err = json.Unmarshal(rec.Doc, &old)
		}
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		p, err := next(old, version)
		if err != nil {
			return err
		}
		var e ticket.ValidationError
		if w.conf.CheckSettings(&e, p, w.d.hasCodes); e.Err() != nil {
			return e.Err()
		}
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return w.putConfig(ctx, kindSettings, string(l), doc, ticket.EventSettings, "settings/"+string(l))
	}))
}

// hasCodes reports whether there is a code format of a name.
func (d *Desk) hasCodes(format string) bool {
	_, ok := d.cfg.Codes.Named(format)
	return ok
}
