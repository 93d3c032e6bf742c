package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/record"
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
)

// config is everything that is configured, as of one version of the store. It is immutable: a change makes a new one.
// What it works out it keeps.
type config struct {
	version     int64
	statuses    []ticket.Status // sorted
	priorities  []ticket.Priority
	departments []ticket.Department
	brands      []ticket.Brand
	layers      map[ticket.Layer]ticket.SettingsPatch
	resolved    sync.Map // ticket.Settings by the layers that make them: [4]ticket.Layer
	subs        []subscription
	roles       []ticket.Role
	agents      []ticket.Agent    // of the desk's own directory
	merged      map[string]string // customers who were merged into another
	people      bool              // the desk's own directory has customers or organisations
	staffed     bool              // the desk keeps agents of its own, or has kept some
	fields      []ticket.Field
	quick       []ticket.QuickResponse
	keys        map[string]token.Ring // by purpose
}

// loadConfig reads all of it.
func loadConfig(ctx context.Context, r store.Reader) (*config, error) {
	c := &config{layers: map[ticket.Layer]ticket.SettingsPatch{}}
	var err error
	if c.version, err = r.ConfigVersion(ctx); err != nil {
		return nil, err
	}
	var settings, people []*store.Record
	var merges []merged
	err = errors.Join(
		loadAll(ctx, r, kindStatus, &c.statuses), loadAll(ctx, r, kindPriority, &c.priorities),
		loadAll(ctx, r, kindDepartment, &c.departments), loadAll(ctx, r, kindBrand, &c.brands),
		loadAll(ctx, r, kindSubscription, &c.subs), loadAll(ctx, r, kindRole, &c.roles), loadAll(ctx, r, kindAgent, &c.agents),
		loadAll(ctx, r, kindField, &c.fields), loadAll(ctx, r, kindQuick, &c.quick), loadAll(ctx, r, kindMerged, &merges))
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
	c.staffed = len(c.agents) > 0 // also in a store from before it was noted
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
		c.layers[ticket.Layer(rec.Key)] = p
	}
	slices.SortStableFunc(c.roles, func(a, b ticket.Role) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.fields, func(a, b ticket.Field) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.quick, func(a, b ticket.QuickResponse) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.statuses, func(a, b ticket.Status) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.priorities, func(a, b ticket.Priority) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.departments, func(a, b ticket.Department) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(c.brands, func(a, b ticket.Brand) int { return cmp.Compare(a.Sort, b.Sort) })
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
	var out *config
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		c := d.conf.Load()
		v, err := r.ConfigVersion(ctx)
		if err != nil {
			return err
		}
		if c != nil && c.version == v {
			out = c
			return nil
		}
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

// settings resolves the layers: desk < brand < department < gateway. Each combination of layers that exist is resolved
// once, so made-up names take no room.
func (c *config) settings(brand, department, gateway string) ticket.Settings {
	layers := layersOf(brand, department, gateway)
	for i, l := range layers {
		if _, ok := c.layers[l]; !ok {
			layers[i] = ""
		}
	}
	if s, ok := c.resolved.Load(layers); ok {
		return s.(ticket.Settings)
	}
	s := ticket.DefaultSettings()
	for _, l := range layers {
		s = s.Apply(c.layers[l])
	}
	c.resolved.Store(layers, s)
	return s
}

// defaults are the brand and the department that a draft would get.
func (c *config) defaults(brand, department, gateway string) (string, string) {
	place := ticket.Draft{Brand: brand, Department: department, Form: gateway}
	c.fillPlace(&place)
	return place.Brand, place.Department
}

// layersOf lists the layers from the most general to the most particular.
func layersOf(brand, department, gateway string) [4]ticket.Layer {
	return [4]ticket.Layer{ticket.DeskLayer, ticket.BrandLayer(brand), ticket.DepartmentLayer(department), ticket.GatewayLayer(gateway)}
}

func (c *config) settingsOf(t *ticket.Ticket) ticket.Settings {
	return c.settings(t.Brand, t.Department, t.Gateway)
}

// settingsFor are those of a draft whose defaults are filled in.
func (c *config) settingsFor(t *ticket.Draft) ticket.Settings {
	return c.settings(t.Brand, t.Department, formOf(t))
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

func (c *config) status(code string) (ticket.Status, bool) {
	return find(c.statuses, func(s ticket.Status) string { return s.Code }, code)
}

func (c *config) priority(code string) (ticket.Priority, bool) {
	return find(c.priorities, func(p ticket.Priority) string { return p.Code }, code)
}

func (c *config) department(code string) (ticket.Department, bool) {
	return find(c.departments, func(d ticket.Department) string { return d.Code }, code)
}

func (c *config) brand(code string) (ticket.Brand, bool) {
	return find(c.brands, func(b ticket.Brand) string { return b.Code }, code)
}

func (c *config) role(code string) (ticket.Role, bool) {
	return find(c.roles, func(r ticket.Role) string { return r.Code }, code)
}

func (c *config) agent(id string) (ticket.Agent, bool) {
	return find(c.agents, func(a ticket.Agent) string { return a.ID }, id)
}

func (c *config) field(code string) (ticket.Field, bool) {
	return find(c.fields, func(f ticket.Field) string { return f.Code }, code)
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

// statusOfClass returns the first status of the first class that has one.
func (c *config) statusOfClass(classes ...ticket.Class) (string, bool) {
	for _, class := range classes {
		for _, s := range c.statuses {
			if s.Class == class {
				return s.Code, true
			}
		}
	}
	return "", false
}

// solved reports whether the settings count the status as solved (M27).
func (c *config) solved(s ticket.Settings, code string) bool {
	if len(s.SolvedStatuses) > 0 {
		return slices.Contains(s.SolvedStatuses, code)
	}
	st, _ := c.status(code)
	return st.Class.Done()
}

// codes lists the codes of a list, for messages that say what would be right.
func codes[T any](list []T, code func(T) string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = code(v)
	}
	return strings.Join(out, ", ")
}

// names tells the hook registry what the panels' parameters show of the catalogue.
func (d *Desk) names() hooks.Names {
	return hooks.Names{
		Rank: func(code string) int {
			c := d.conf.Load()
			i := slices.IndexFunc(c.priorities, func(p ticket.Priority) bool { return p.Code == code })
			if i < 0 || len(c.priorities) < 2 {
				return 2
			}
			return 1 + (2*i+(len(c.priorities)-1)/2)/(len(c.priorities)-1)
		},
		Department: func(code string) string { v, _ := d.conf.Load().department(code); return or(v.Name, code) },
		Status:     func(code string) string { v, _ := d.conf.Load().status(code); return or(v.Name, code) },
		Priority:   func(code string) string { v, _ := d.conf.Load().priority(code); return or(v.Name, code) },
		Zone:       func() *time.Location { return d.zone("") },
	}
}

// or returns the first string that is not empty.
func or(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
