package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/rights"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Observer hears what a desk does, for metrics and traces. Any of its functions may be nil; they are called in the
// goroutine that did the work and must be fast.
type Observer struct {
	Write    func(ctx context.Context, w WriteInfo)
	Delivery func(ctx context.Context, d DeliveryInfo)
	Hook     func(r hooks.Report) // something went wrong in a hook
}

// WriteInfo is one write.
type WriteInfo struct {
	TicketID int64
	Events   []ticket.EventType
	Took     time.Duration // of the transaction, waiting included
	Err      error
}

// DeliveryInfo is one attempt to deliver.
type DeliveryInfo struct {
	Delivery Delivery
	Took     time.Duration
	Err      error
}

func (d *Desk) observeWrite(ctx context.Context, w *write, err error, took time.Duration) {
	if d.cfg.Observer.Write == nil {
		return
	}
	info := WriteInfo{Took: took, Err: err}
	if w != nil && w.after != nil {
		info.TicketID = w.after.ID
	}
	if w != nil && err == nil {
		for _, e := range w.events {
			info.Events = append(info.Events, e.event.Type)
		}
	}
	d.cfg.Observer.Write(ctx, info)
}

func (d *Desk) observeDelivery(ctx context.Context, w *store.Work, err error, took time.Duration) {
	if d.cfg.Observer.Delivery != nil {
		d.cfg.Observer.Delivery(ctx, DeliveryInfo{deliveryOf(w), took, err})
	}
}

// hookFailed tells logger and observer of a failing hook.
func (d *Desk) hookFailed(r hooks.Report) {
	if d.cfg.Observer.Hook != nil {
		d.cfg.Observer.Hook(r)
	}
	if r.Stuck {
		d.run.stuck.Add(1)
	}
	switch {
	case r.Stuck:
		d.log(context.Background(), "a hook is past its deadline and still running: its caller waits", "point", r.Point, "binding", r.Binding, "took", r.Took)
	case errors.Is(r.Err, hooks.ErrPanic):
		d.log(context.Background(), "a hook panicked", "point", r.Point, "binding", r.Binding, "error", r.Err, "stack", string(r.Stack))
	case d.endedBy(r.Err): // it is put back
	default:
		d.log(context.Background(), "a hook failed", "point", r.Point, "binding", r.Binding, "error", r.Err, "took", r.Took)
	}
}

func (d *Desk) log(ctx context.Context, msg string, args ...any) {
	if d.cfg.Logger != nil {
		d.cfg.Logger.WarnContext(ctx, "helpdesk: "+msg, args...)
	}
}

// Health is how a desk is doing.
type Health struct {
	Started    bool      `json:"started"`
	Pending    int       `json:"pending"`     // deliveries that wait; counted to 1,000
	Leased     int       `json:"leased"`      // deliveries in somebody's hands; counted to 1,000
	Dead       int       `json:"dead"`        // deliveries given up; counted to 1,000
	Oldest     time.Time `json:"oldest"`      // when the oldest open delivery was written, of the newest 1,000; zero if none is open
	Mass       int       `json:"mass"`        // mass actions that are on their way, or wait for whoever carries them out; counted to 1,000
	StuckHooks int64     `json:"stuck_hooks"` // how often a hook of this process overran its deadline without ending
	Stale      int       `json:"stale"`       // tickets that the search does not know as they are; counted to 1,000
	StaleSince time.Time `json:"stale_since"` // when the first of them was changed, by the store's clock; zero if there are none
	Unseen     []string  `json:"unseen"`      // stored subscriptions whose handler no process has started with for a day
}

// Health reports how the desk is doing. Errors: ticket.ErrStopped; the store's own.
func (d *Desk) Health(ctx context.Context) (Health, error) {
	if err := d.usable(ctx); err != nil {
		return Health{}, failed("health", err)
	}
	conf, err := d.config(ctx)
	if err != nil {
		return Health{}, failed("health", err)
	}
	h := Health{Started: d.run.started.Load(), StuckHooks: d.run.stuck.Load()}
	for _, s := range conf.subs {
		if d.Now().Sub(s.LastSeen) > 24*time.Hour && !slices.Contains(d.bindings().durable, s.name()) {
			h.Unseen = append(h.Unseen, s.name())
		}
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		counts, err := r.CountWork(ctx, store.WorkQuery{Kind: kindDelivery, Limit: 1000})
		if err != nil {
			return err
		}
		mass, err := r.CountWork(ctx, store.WorkQuery{Kind: kindMass, Limit: 1000})
		if err != nil {
			return err
		}
		h.Mass = min(mass[store.WorkPending]+mass[store.WorkLeased], 1000)
		h.Pending, h.Leased, h.Dead = counts[store.WorkPending], counts[store.WorkLeased], counts[store.WorkDead]
		open, err := r.Works(ctx, store.WorkQuery{Kind: kindDelivery, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1000})
		for _, w := range open {
			if h.Oldest.IsZero() || w.Created.Before(h.Oldest) {
				h.Oldest = w.Created
			}
		}
		return err
	})
	if err == nil {
		var lag store.SearchLag
		lag, err = d.searchLag(ctx)
		h.Stale, h.StaleSince = lag.Tickets, lag.Since
	}
	return h, failed("health", err)
}

// Problem is something that is set up wrong.
type Problem = ticket.Problem

// checks are what Check runs beside its own: each part of the library adds its own.
type checks []func(ctx context.Context) ([]Problem, error)

// AddCheck has Check run fn as well. It must be called before the desk is used by several goroutines.
func (d *Desk) AddCheck(fn func(ctx context.Context) ([]Problem, error)) {
	d.checks = append(d.checks, fn)
}

// Check lists what is set up in a way that nobody can have meant, and numbers of Counters that are wrong: all tickets are
// counted for that, which takes seconds where there are a million. An empty list is good news. Errors:
// ticket.ErrStopped; the store's own.
func (d *Desk) Check(ctx context.Context) ([]Problem, error) {
	if err := d.usable(ctx); err != nil {
		return nil, failed("check", err)
	}
	conf, err := d.config(ctx)
	if err != nil {
		return nil, failed("check", err)
	}
	problems := d.checkConfig(conf)
	if n := len(d.bindings().durable); n > 0 && d.cfg.Dispatch == Background && !d.run.started.Load() {
		problems = append(problems, Problem{Area: "hooks", Message: fmt.Sprintf("durable hooks hear of nothing (%d bound): call Desk.Start, or Desk.Tick with Config.Dispatch Manual", n)})
	}
	late, err := d.checkSearch(ctx)
	if err != nil {
		return nil, failed("check", err)
	}
	problems = append(problems, late...)
	for _, fn := range append(checks{d.checkTallies, d.checkMassWaits}, d.checks...) {
		more, err := fn(ctx)
		if err != nil {
			return problems, failed("check", err)
		}
		problems = append(problems, more...)
	}
	return problems, nil
}

func (d *Desk) checkConfig(conf *config) []Problem {
	var out []Problem
	add := func(area, format string, args ...any) {
		out = append(out, Problem{Area: area, Message: fmt.Sprintf(format, args...)})
	}
	active := 0
	for _, dep := range conf.Departments {
		if !dep.Inactive {
			active++
		}
	}
	if active == 0 {
		add("catalogue", "no department is active: nobody can open a ticket")
	}
	if _, ok := conf.StatusOfClass(ticket.ClassClosed, ticket.ClassSolved); !ok {
		add("catalogue", "no status is of class closed or solved: tickets can never be finished")
	}
	out = append(out, d.unseeded(conf)...)
	out = append(out, conf.checkRights()...)
	for _, text := range conf.GatewayProblems() {
		add("mail", "%s", text)
	}
	for _, b := range conf.Brands {
		s := conf.Settings(b.Code, "", "")
		if dep, _ := conf.Department(s.DefaultDepartment); active > 0 && !b.Inactive && (dep.Code == "" || dep.Inactive || !dep.Serves(b.Code)) {
			add("settings", "brand %s: the default department %q takes no tickets of it", b.Code, s.DefaultDepartment)
		}
		if dep, _ := conf.Department(s.DefaultDepartment); dep.Internal && s.CustomerSection {
			add("settings", "brand %s: the default department %q is internal, and forms must name it to customers: choose another one, or open their tickets as the host", b.Code, dep.Code)
		}
		if b.Inactive && b.Code == conf.Settings("", "", "").DefaultBrand {
			add("settings", "the default brand %q is not active", b.Code)
		}
		for _, dep := range conf.Departments {
			s := conf.Settings(b.Code, dep.Code, "")
			if _, ok := conf.Status(s.DefaultStatus); !ok {
				add("settings", "brand %s, department %s: the default status %q does not exist", b.Code, dep.Code, s.DefaultStatus)
			}
			if _, ok := conf.Priority(s.DefaultPriority); !ok {
				add("settings", "brand %s, department %s: the default priority %q does not exist", b.Code, dep.Code, s.DefaultPriority)
			}
			if _, ok := d.cfg.Codes.Named(s.CodeFormat); !ok {
				add("settings", "brand %s, department %s: the code format %q is not in Config.Codes", b.Code, dep.Code, s.CodeFormat)
			}
		}
	}
	for _, s := range conf.subs {
		if s.After != "" && !subscribes(conf.subs, s.After) {
			add("hooks", "%s waits for the binding %q, which nobody has made", s.name(), s.After)
		}
		if waitsFor(conf.subs, s.After, s.ID, map[string]bool{}) {
			add("hooks", "%s waits for %q, which waits for it: the first event that both hear of stops both", s.name(), s.After)
		}
		if _, err := d.hooks.Lookup(s.Point); err != nil {
			add("hooks", "%s is bound at a point that this version of the library does not have", s.name())
		}
	}
	return out
}

// checkRights looks at who may do what, as soon as the desk knows several agents.
func (c *config) checkRights() (out []Problem) {
	if code := c.Settings("", "", "").DefaultRole; code != "" {
		if _, ok := c.Role(code); !ok {
			out = append(out, Problem{Area: "rights", Message: fmt.Sprintf("the default role %q does not exist: agents without a role of their own have no rights", code)})
		}
	}
	if len(c.Agents) < 2 {
		return out
	}
	s := c.Settings("", "", "")
	if r, ok := c.Role(s.DefaultRole); ok {
		for _, g := range r.Grants {
			if rights.Everything(g) {
				out = append(out, Problem{Area: "rights", Message: fmt.Sprintf("agents without a role have %q, which may do everything: narrow it, or give them roles", r.Code)})
			}
		}
	}
	for _, dep := range c.Departments {
		member := func(a ticket.Agent) bool { return !a.Inactive && slices.Contains(a.Departments, dep.Code) }
		if !dep.Inactive && !s.UnassignedToAll && !slices.ContainsFunc(c.Agents, member) {
			out = append(out, Problem{Area: "rights", Message: fmt.Sprintf("department %s has no members: nobody hears of its new tickets", dep.Code)})
		}
		sees := func(a ticket.Agent) bool {
			return rights.Staff{ID: a.ID, Agent: a, Roles: c.RolesOf(a)}.SeesDepartment(dep.Code)
		}
		if !dep.Inactive && !slices.ContainsFunc(c.Agents, sees) {
			out = append(out, Problem{Area: "rights", Message: fmt.Sprintf("no agent sees the tickets of department %s: name it in a grant, or make somebody a member", dep.Code)})
		}
	}
	return out
}

func subscribes(subs []subscription, id string) bool {
	for _, s := range subs {
		if s.ID == id {
			return true
		}
	}
	return false
}

// waitsFor reports whether the binding id is the other or waits for it. seen are those that were looked at.
func waitsFor(subs []subscription, id, other string, seen map[string]bool) bool {
	if id == "" || seen[id] {
		return false
	}
	if id == other {
		return true
	}
	seen[id] = true
	for _, s := range subs {
		if s.ID == id && waitsFor(subs, s.After, other, seen) {
			return true
		}
	}
	return false
}
