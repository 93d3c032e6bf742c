package helpdesk

import (
	"context"
	"fmt"
	"reflect"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// keySeed is the kind of the key that whoever seeds reserves.
const keySeed = "seed"

// catalogued reports whether there is a catalogue, and seeded whether there is all that a seed writes.
func (c *config) catalogued() bool { return len(c.statuses) > 0 || len(c.departments) > 0 }

func (c *config) seeded() bool {
	return c.catalogued() && len(c.roles) > 0 && len(c.keys[keyCursors]) > 0
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
		if !conf.catalogued() {
			if err := d.seedInto(ctx, tx); err != nil {
				return err
			}
			if conf, err = loadConfig(ctx, tx); err != nil {
				return err
			}
		}
		if len(conf.roles) == 0 { // also a store from before there were roles
			if conf, err = d.seedRoles(ctx, tx); err != nil {
				return err
			}
		}
		if conf, err = seedCursors(ctx, tx, conf); err != nil {
			return err
		}
		tx.OnCommit(func() { d.conf.Store(conf) })
		return nil
	})
}

func (d *Desk) seedInto(ctx context.Context, tx store.Tx) error {
	c := d.cfg
	patch := seedSettings(c)
	conf := &config{statuses: c.Statuses, priorities: c.Priorities, departments: c.Departments, brands: c.Brands, fields: c.Fields, roles: c.Roles, quick: c.QuickResponses, agents: c.Agents,
		layers: map[ticket.Layer]ticket.SettingsPatch{ticket.DeskLayer: patch}}
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
			conf.checkPlaces(&e, g.Brands, g.Departments)
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
	conf := &config{statuses: c.Statuses, priorities: c.Priorities, departments: c.Departments, brands: c.Brands}
	if _, ok := conf.status(s.DefaultStatus); !ok && p.DefaultStatus == nil && len(c.Statuses) > 0 {
		p.DefaultStatus = &c.Statuses[0].Code
	}
	if _, ok := conf.priority(s.DefaultPriority); !ok && p.DefaultPriority == nil && len(c.Priorities) > 0 {
		p.DefaultPriority = &c.Priorities[len(c.Priorities)/2].Code
	}
	if _, ok := conf.department(s.DefaultDepartment); !ok && p.DefaultDepartment == nil && len(c.Departments) > 0 {
		p.DefaultDepartment = &c.Departments[0].Code
	}
	if _, ok := conf.brand(s.DefaultBrand); !ok && p.DefaultBrand == nil && len(c.Brands) > 0 {
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
	once(&e, "statuses", conf.statuses, func(s ticket.Status) string { return s.Code })
	once(&e, "priorities", conf.priorities, func(p ticket.Priority) string { return p.Code })
	once(&e, "departments", conf.departments, func(d ticket.Department) string { return d.Code })
	once(&e, "brands", conf.brands, func(b ticket.Brand) string { return b.Code })
	once(&e, "quick_responses", conf.quick, func(q ticket.QuickResponse) string { return q.Code })
	once(&e, "agents", conf.agents, func(a ticket.Agent) string { return a.ID })
	once(&e, "fields", conf.fields, func(f ticket.Field) string { return f.Code })
	for _, s := range conf.statuses {
		checkEntry(&e, s.Code, s.Name)
		if !s.Class.Valid() {
			e.Add("statuses", ticket.FaultUnknown, "%q has the class %q, which is none", s.Code, s.Class)
		}
	}
	for _, v := range conf.priorities {
		checkEntry(&e, v.Code, v.Name)
	}
	for _, v := range conf.departments {
		checkEntry(&e, v.Code, v.Name)
		d.checkSignatures(conf, &e, v.Signatures)
	}
	for _, v := range conf.brands {
		checkEntry(&e, v.Code, v.Name)
	}
	for _, f := range conf.fields {
		checkEntry(&e, f.Code, f.Name)
		checkField(&e, conf, f)
	}
	for _, q := range conf.quick {
		d.checkQuick(conf, &e, q)
	}
	for _, a := range conf.agents {
		d.checkAgentEntry(conf, &e, a)
	}
	if err := e.Err(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := d.checkSettings(conf, p); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
