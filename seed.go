package helpdesk

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// keySeed is the kind of the key that whoever seeds reserves.
const keySeed = "seed"

func (c *config) seeded() bool {
	return c.Catalogued() && len(c.Roles) > 0 && c.keyed()
}

// seed reads the configuration, and writes it where the store has none. Of two processes that start at once one seeds.
func (d *Desk) seed(ctx context.Context) error {
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		conf, err := loadConfig(ctx, tx)
		if err != nil {
			return err
		}
		if !conf.seeded() { // somebody may be at it: whoever comes second waits here, and finds what is there by then
			if _, err := tx.Reserve(ctx, keySeed, "desk", 1); err != nil {
				return err
			}
			if conf, err = loadConfig(ctx, tx); err != nil {
				return err
			}
		}
		if !conf.Catalogued() {
			if err := d.seedInto(ctx, tx); err != nil {
				return err
			}
			if conf, err = loadConfig(ctx, tx); err != nil {
				return err
			}
		}
		if len(conf.Roles) == 0 { // also a store from before there were roles
			if conf, err = d.seedRoles(ctx, tx); err != nil {
				return err
			}
		}
		if conf, err = seedKeys(ctx, tx, conf); err != nil {
			return err
		}
		tx.OnCommit(func() { d.conf.Store(conf) })
		return nil
	})
}

func (d *Desk) seedInto(ctx context.Context, tx store.Tx) error {
	c := d.cfg
	patch := seedSettings(c)
	conf := &config{Setup: setup.Setup{
		Statuses: c.Statuses, Priorities: c.Priorities, Departments: c.Departments, Brands: c.Brands, Fields: c.Fields, Roles: c.Roles, Quick: c.QuickResponses, Agents: c.Agents,
		Layers: map[ticket.Layer]ticket.SettingsPatch{ticket.DeskLayer: patch},
	}}
	if err := d.checkSeed(conf, patch); err != nil {
		return err
	}
	for _, s := range c.Statuses {
		if err := record.Put(ctx, tx, kindStatus, s.Code, "", s); err != nil {
			return err
		}
	}
	for _, p := range c.Priorities {
		if err := record.Put(ctx, tx, kindPriority, p.Code, "", p); err != nil {
			return err
		}
	}
	for _, dep := range c.Departments {
		if err := record.Put(ctx, tx, kindDepartment, dep.Code, "", dep); err != nil {
			return err
		}
	}
	for _, b := range c.Brands {
		if err := record.Put(ctx, tx, kindBrand, b.Code, "", b); err != nil {
			return err
		}
	}
	for _, f := range c.Fields {
		if err := record.Put(ctx, tx, kindField, f.Code, "", f); err != nil {
			return err
		}
	}
	for _, q := range c.QuickResponses {
		if err := record.Put(ctx, tx, kindQuick, q.Code, "", q); err != nil {
			return err
		}
	}
	if err := seedAgents(ctx, tx, c.Agents); err != nil {
		return err
	}
	if reflect.ValueOf(patch).IsZero() {
		return nil
	}
	return record.Put(ctx, tx, kindSettings, string(ticket.DeskLayer), "", patch)
}

func seedAgents(ctx context.Context, tx store.Tx, agents []ticket.Agent) error {
	for _, a := range agents {
		a.Email = ticket.NormalizeEmail(a.Email)
		if err := record.Put(ctx, tx, kindAgent, a.ID, "", a); err != nil {
			return err
		}
	}
	if len(agents) == 0 {
		return nil
	}
	return record.Put(ctx, tx, kindHasPeople, keyHasAgents, "", true)
}

func (d *Desk) seedRoles(ctx context.Context, tx store.Tx) (*config, error) {
	var e ticket.ValidationError
	conf, err := loadConfig(ctx, tx)
	if err != nil {
		return nil, err
	}
	once(&e, "roles", d.cfg.Roles, func(r ticket.Role) string { return r.Code })
	for _, r := range d.cfg.Roles {
		checkRole(&e, r)
		for _, g := range r.Grants {
			conf.CheckPlaces(&e, g.Brands, g.Departments)
		}
	}
	if err := e.Err(); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	for _, r := range d.cfg.Roles {
		if err := record.Put(ctx, tx, kindRole, r.Code, "", r); err != nil {
			return nil, err
		}
	}
	return loadConfig(ctx, tx)
}

// seedSettings completes the settings of a seed: where the catalogue lacks a default and the settings name none, the
// first entry is the default.
func seedSettings(c Config) ticket.SettingsPatch {
	p, s := c.Settings, ticket.DefaultSettings().Apply(c.Settings)
	conf := setup.Setup{Statuses: c.Statuses, Priorities: c.Priorities, Departments: c.Departments, Brands: c.Brands}
	if _, ok := conf.Status(s.DefaultStatus); !ok && p.DefaultStatus == nil && len(c.Statuses) > 0 {
		p.DefaultStatus = &c.Statuses[0].Code
	}
	if _, ok := conf.Priority(s.DefaultPriority); !ok && p.DefaultPriority == nil && len(c.Priorities) > 0 {
		p.DefaultPriority = &c.Priorities[len(c.Priorities)/2].Code
	}
	if _, ok := conf.Department(s.DefaultDepartment); !ok && p.DefaultDepartment == nil && len(c.Departments) > 0 {
		p.DefaultDepartment = &c.Departments[0].Code
	}
	if _, ok := conf.Brand(s.DefaultBrand); !ok && p.DefaultBrand == nil && len(c.Brands) > 0 {
		p.DefaultBrand = &c.Brands[0].Code
	}
	return p
}

// once adds which codes a seed has twice.
func once[T any](e *ticket.ValidationError, field string, list []T, code func(T) string) {
	seen := map[string]bool{}
	for _, v := range list {
		if seen[code(v)] {
			e.Add(field, ticket.FaultDuplicate, "%q is there twice", code(v))
		}
		seen[code(v)] = true
	}
}

func (d *Desk) checkSeed(conf *config, p ticket.SettingsPatch) error {
	var e ticket.ValidationError
	once(&e, "statuses", conf.Statuses, func(s ticket.Status) string { return s.Code })
	once(&e, "priorities", conf.Priorities, func(p ticket.Priority) string { return p.Code })
	once(&e, "departments", conf.Departments, func(d ticket.Department) string { return d.Code })
	once(&e, "brands", conf.Brands, func(b ticket.Brand) string { return b.Code })
	once(&e, "quick_responses", conf.Quick, func(q ticket.QuickResponse) string { return q.Code })
	once(&e, "agents", conf.Agents, func(a ticket.Agent) string { return a.ID })
	once(&e, "fields", conf.Fields, func(f ticket.Field) string { return f.Code })
	for _, s := range conf.Statuses {
		checkEntry(&e, s.Code, s.Name)
		if !s.Class.Valid() {
			e.Add("statuses", ticket.FaultUnknown, "%q has the class %q, which is none", s.Code, s.Class)
		}
	}
	for _, v := range conf.Priorities {
		checkEntry(&e, v.Code, v.Name)
	}
	for _, v := range conf.Departments {
		checkEntry(&e, v.Code, v.Name)
		d.checkSignatures(conf, &e, v.Signatures)
	}
	for _, v := range conf.Brands {
		checkEntry(&e, v.Code, v.Name)
	}
	for _, f := range conf.Fields {
		checkEntry(&e, f.Code, f.Name)
		conf.CheckField(&e, f)
	}
	for _, q := range conf.Quick {
		d.checkQuick(conf, &e, q)
	}
	for _, a := range conf.Agents {
		d.checkAgentEntry(conf, &e, a)
	}
	conf.CheckSettings(&e, p, d.hasCodes)
	if err := e.Err(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// unseeded lists what the host's Config names and the catalogue lacks: it was added when the store was seeded already,
// or has been deleted since.
func (d *Desk) unseeded(conf *config) []Problem {
	c := d.seeds
	return slices.Concat(
		lacking("Statuses", "Catalog.PutStatus", c.Statuses, conf.Statuses, func(v ticket.Status) string { return v.Code }),
		lacking("Priorities", "Catalog.PutPriority", c.Priorities, conf.Priorities, func(v ticket.Priority) string { return v.Code }),
		lacking("Departments", "Catalog.PutDepartment", c.Departments, conf.Departments, func(v ticket.Department) string { return v.Code }),
		lacking("Brands", "Catalog.PutBrand", c.Brands, conf.Brands, func(v ticket.Brand) string { return v.Code }),
		lacking("Roles", "Catalog.PutRole", c.Roles, conf.Roles, func(v ticket.Role) string { return v.Code }),
		lacking("Fields", "Catalog.PutField", c.Fields, conf.Fields, func(v ticket.Field) string { return v.Code }),
		lacking("QuickResponses", "Catalog.PutQuickResponse", c.QuickResponses, conf.Quick, func(v ticket.QuickResponse) string { return v.Code }),
		lacking("Agents", "People.PutAgent", c.Agents, conf.Agents, func(v ticket.Agent) string { return v.ID }),
	)
}

func lacking[T any](list, verb string, named, there []T, code func(T) string) (out []Problem) {
	has := map[string]bool{}
	for _, v := range there {
		has[code(v)] = true
	}
	for _, v := range named {
		if !has[code(v)] {
			out = append(out, Problem{Area: "catalogue", Message: fmt.Sprintf("Config.%s names %q, which the desk lacks: it seeds an empty store only; put it with %s, or leave it out", list, code(v), verb)})
		}
	}
	return out
}
