package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The kinds of configuration records. The store counts their changes, so that every process notices those of the
// others.
const (
	kindStatus       = "config/status"
	kindPriority     = "config/priority"
	kindDepartment   = "config/department"
	kindBrand        = "config/brand"
	kindSettings     = "config/settings"
	kindSubscription = "config/subscription"
	kindRole         = "config/role"
	kindAgent        = "config/agent"
	kindField        = "config/field"
	kindQuick        = "config/quick_response"
	kindKey          = "config/key" // keys of signed tokens
	kindGateway      = "config/gateway"
)

// config is everything that is configured, as of one version of the store. It is immutable: a change makes a new one.
// What it works out it keeps.
type config struct {
	setup.Setup
	version int64
	subs    []subscription
	merged  map[string]string     // customers who were merged into another
	people  bool                  // the desk's own directory has customers or organisations
	staffed bool                  // the desk keeps agents of its own, or has kept some
	keys    map[string]token.Ring // by purpose
}

// loadConfig reads all of it.
func loadConfig(ctx context.Context, r store.Reader) (*config, error) {
	c := &config{Setup: setup.Setup{Layers: map[ticket.Layer]ticket.SettingsPatch{}}}
	var err error
	if c.version, err = r.ConfigVersion(ctx); err != nil {
		return nil, err
	}
	var settings, people []*store.Record
	var merges []merged
	err = errors.Join(
		loadAll(ctx, r, kindStatus, &c.Statuses), loadAll(ctx, r, kindPriority, &c.Priorities),
		loadAll(ctx, r, kindDepartment, &c.Departments), loadAll(ctx, r, kindBrand, &c.Brands),
		loadAll(ctx, r, kindSubscription, &c.subs), loadAll(ctx, r, kindRole, &c.Roles), loadAll(ctx, r, kindAgent, &c.Agents),
		loadAll(ctx, r, kindField, &c.Fields), loadAll(ctx, r, kindQuick, &c.Quick), loadAll(ctx, r, kindGateway, &c.Gateways),
		loadAll(ctx, r, kindMerged, &merges))
	if err != nil {
		return nil, err
	}
	if settings, err = r.Records(ctx, store.RecordQuery{Kind: kindSettings}); err != nil {
		return nil, err
	}
	if c.keys, err = loadKeys(ctx, r); err != nil {
		return nil, err
	}
	if people, err = r.Records(ctx, store.RecordQuery{Kind: kindHasPeople}); err != nil {
		return nil, err
	}
	c.staffed = len(c.Agents) > 0 // also in a store from before it was noted
	for _, rec := range people {
		c.people, c.staffed = c.people || rec.Key == keyHasPeople, c.staffed || rec.Key == keyHasAgents
	}
	c.merged = map[string]string{}
	for _, m := range merges {
		c.merged[m.From] = m.Into
	}
	for _, rec := range settings {
		var p ticket.SettingsPatch
		if err := json.Unmarshal(rec.Doc, &p); err != nil {
			return nil, err
		}
		c.Layers[ticket.Layer(rec.Key)] = p
	}
	c.Sort()
	return c, nil
}

func loadAll[T any](ctx context.Context, r store.Reader, kind string, out *[]T) error {
	return record.ReadAll(ctx, r, kind, "", out)
}

// config returns the current configuration, noticing what other processes changed.
func (d *Desk) config(ctx context.Context) (*config, error) {
	if tx, ok := store.TxFrom(ctx, d.store); ok {
		return d.configIn(ctx, tx)
	}
	if c, ok := ctx.Value(steadyKey{d}).(*config); ok {
		return c, nil
	}
	out := d.conf.Load()
	var version int64
	err := d.store.View(store.OneRead(ctx), func(ctx context.Context, r store.Reader) (err error) {
		version, err = r.ConfigVersion(ctx)
		return err
	})
	if err != nil || (out != nil && out.version == version) {
		return out, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if out, err = loadConfig(ctx, r); err == nil {
			d.conf.Store(out)
		}
		return err
	})
	return out, err
}

// tryConfig runs a check ahead of a transaction, which will check again: with the configuration at hand, and, if that
// has something against it, with the newest.
func (d *Desk) tryConfig(ctx context.Context, check func(*config) error) error {
	conf := d.conf.Load()
	err := check(conf)
	if err == nil {
		return nil
	}
	fresh, loadErr := d.config(ctx)
	if loadErr != nil {
		return loadErr
	}
	if fresh.version == conf.version {
		return err
	}
	return check(fresh)
}

// configIn returns the configuration as the transaction sees it. What it loads is cached when the transaction has
// committed, and not before.
func (d *Desk) configIn(ctx context.Context, tx store.Tx) (*config, error) {
	c := d.conf.Load()
	v, err := tx.ConfigVersion(ctx)
	if err != nil || (c != nil && c.version == v) {
		return c, err
	}
	c, err = loadConfig(ctx, tx)
	if err == nil {
		tx.OnCommit(func() { d.conf.Store(c) })
	}
	return c, err
}

// reconfigure has the process work with what the write changed, as soon as it is committed.
func (w *write) reconfigure(ctx context.Context) error {
	if !w.configured {
		return nil
	}
	c, err := loadConfig(ctx, w.tx)
	if err == nil {
		w.tx.OnCommit(func() { w.d.conf.Store(c) })
	}
	return err
}

func find[T any](list []T, code func(T) string, want string) (T, bool) {
	for _, v := range list {
		if code(v) == want {
			return v, true
		}
	}
	var zero T
	return zero, false
}

// canonical is the id that a customer goes by, whoever they were merged into.
func (c *config) canonical(id string) string {
	for range len(c.merged) + 1 { // each step leads to another one: a circle would end, too
		into, ok := c.merged[id]
		if !ok {
			return id
		}
		id = into
	}
	return id
}

// names tells the hook registry what the panels' parameters show of the catalogue.
func (d *Desk) names() hooks.Names {
	return hooks.Names{
		Rank: func(code string) int {
			c := d.conf.Load()
			i := slices.IndexFunc(c.Priorities, func(p ticket.Priority) bool { return p.Code == code })
			if i < 0 || len(c.Priorities) < 2 {
				return 2
			}
			return 1 + (2*i+(len(c.Priorities)-1)/2)/(len(c.Priorities)-1)
		},
		Department: func(code string) string { v, _ := d.conf.Load().Department(code); return cmp.Or(v.Name, code) },
		Status:     func(code string) string { v, _ := d.conf.Load().Status(code); return cmp.Or(v.Name, code) },
		Priority:   func(code string) string { v, _ := d.conf.Load().Priority(code); return cmp.Or(v.Name, code) },
		Zone:       func() *time.Location { return d.zone("") },
	}
}
