package helpdesk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Dispatch says who runs the handlers of durable events.
type Dispatch int

// The dispatch modes.
const (
	Background Dispatch = iota // goroutines of the desk, between Start and Stop
	Inline                     // whoever caused the event, after the commit and before the verb or InTx returns; for tests and small tools. Who commits a transaction of their own (WithTx) calls Deliveries.Dispatch after that, or Desk.Tick, which also tries again what failed
	Manual                     // nobody: a Fleet does, or the host calls Desk.Tick, which also does what is due by the clock, or Deliveries.Dispatch
)

// Config tunes a desk. The zero Config works, and so does none.
type Config struct {
	// Now is the clock of all domain time. Default time.Now.
	Now func() time.Time
	// Logger gets what nobody else can be told: panics of hooks with their stacks, deliveries that died. Default:
	// nothing is logged.
	Logger *slog.Logger
	// Observer hears of writes, deliveries and failing hooks.
	Observer Observer

	// Statuses, Priorities, Departments and Brands seed an empty store, and are not looked at afterwards: what is added
	// here later is put with Catalog, and Check names what is missing. Defaults: PresetDefault, ticket.DefaultPriorities,
	// one department "support", one brand "default".
	Statuses    []ticket.Status
	Priorities  []ticket.Priority
	Departments []ticket.Department
	Brands      []ticket.Brand
	// Roles seed a store without any. Default: one role "agent" with every right.
	Roles []ticket.Role
	// Fields, QuickResponses and Agents seed an empty store.
	Fields         []ticket.Field
	QuickResponses []ticket.QuickResponse
	Agents         []ticket.Agent
	// Settings seeds the settings of the desk's layer.
	Settings ticket.SettingsPatch

	// Codes are the ticket code formats that the desk recognises; Settings.CodeFormat names the one it writes. Default:
	// random and number.
	Codes  ticket.Codes
	Limits ticket.Limits

	// BlobStore keeps the contents of files, as a directory does (package store/blobdir). Default: the desk's own
	// store. Contents stay where they were stored: a desk whose BlobStore is set later still has the old ones, and one
	// that had a BlobStore needs it for as long as there are contents in it. What is attached inside a transaction goes
	// into the desk's own store, with that transaction.
	BlobStore store.BlobStore
	// UploadTTL is how long an upload may lie still before it counts as dead and is swept away. Default 24 h.
	UploadTTL time.Duration

	Dispatch     Dispatch
	Workers      int           // handlers that run at the same time for one binding, in background mode; default 4
	PollInterval time.Duration // how often the background looks for what nobody woke it for; default 1 s
	LeaseTTL     time.Duration // how long a delivery, a mass action or, up to a minute, the index is held by one process; default 5 min, and more than any hook's Timeout

	// Authorizer decides who may do what. Default: DefaultAuthorizer.
	Authorizer Authorizer
	// Directory is the host's own users; what it does not know is looked up among the desk's own (People).
	Directory Directory
	// Objects tells of the host's objects that tickets refer to. Default: nothing is known of them.
	Objects Objects
	// Locate returns the IANA time zone of an IP address, or nothing. It is asked for a requester whose zone nobody has
	// stored (M74).
	Locate func(ctx context.Context, ip string) (zone string, err error)
	// Sealer encrypts the bodies of messages for which that is asked; without one they are refused. See NewSealer.
	Sealer Sealer
	// Invoicer takes billable time (Time.Invoice). Without one that is refused.
	Invoicer Invoicer
	// TimerLimit is how long a timer may run before it counts as forgotten. Default 12 h.
	TimerLimit time.Duration
	// PresenceExpiry is how long an agent is counted as present without Present being called again. Default 60 s.
	PresenceExpiry time.Duration
	// Timeouts of hooks: see hooks.Config.
	HookTimeout, GuardTimeout, EventTimeout time.Duration
}

// Desk is a help desk over one store. It is safe for concurrent use. A desk that was never started works, and its
// deliveries wait for Dispatch, or Tick in manual mode; a stopped one answers every verb with ticket.ErrStopped.
type Desk struct {
	cfg    Config
	seeds  Config // the part of the host's own Config that seeds, without the defaults
	store  store.Store
	hooks  *hooks.Registry
	conf   atomic.Pointer[config]
	seen   sync.Mutex   // serialises storing subscriptions
	made   atomic.Int64 // counts the bindings that were made
	stored atomic.Int64 // what made was when the bindings were last stored, durably
	boost  chan struct{}
	steps  []step
	woken  atomic.Pointer[member] // of the fleet that the desk is in
	run    runner
	checks checks
	boxed  atomic.Bool // somebody looks after the gateways that stand in the store

	retained retained
	broken   atomic.Bool // the search was seen to be damaged
	indexing sync.Mutex  // held by whoever indexes
}

// New returns a desk over s. It reads the catalogue and the settings, and seeds them where the store is empty. s stays
// the caller's to close. Errors: ticket.ErrInvalid for a seed that does not fit together and inside a transaction;
// store.ErrPartial while a desk is being moved into s; the store's own.
func New(ctx context.Context, s store.Store, cfg *Config) (*Desk, error) {
	if s == nil {
		return nil, fmt.Errorf("helpdesk: new: %w", ticket.Invalid("store", ticket.FaultRequired, "is nil: open one, as with sqlite.Open"))
	}
	if _, inside := store.TxFrom(ctx, s); inside {
		return nil, fmt.Errorf("helpdesk: new: %w", ticket.Invalid("", ticket.FaultUnavailable, "a desk is not made inside a transaction: make it before"))
	}
	if err := store.CheckWhole(ctx, s); err != nil {
		return nil, fmt.Errorf("helpdesk: new: %w", err)
	}
	d := &Desk{store: s, boost: make(chan struct{}, 1)}
	if cfg != nil {
		d.cfg, d.seeds = *cfg, *cfg
	}
	d.cfg.fill()
	d.hooks = hooks.New(&hooks.Config{Report: d.hookFailed, Timeout: d.cfg.HookTimeout, GuardTimeout: d.cfg.GuardTimeout, EventTimeout: d.cfg.EventTimeout,
		Context: d.withoutAlso})
	d.hooks.SetNames(d.names())
	d.hooks.OnBound(d.bound)
	d.run.init()
	if err := d.seed(ctx); err != nil {
		return nil, fmt.Errorf("helpdesk: new: %w", err)
	}
	return d, nil
}

func (c *Config) fill() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Codes == nil {
		c.Codes = ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}
	}
	if c.Statuses == nil {
		c.Statuses = ticket.StatusPreset(ticket.PresetDefault)
	}
	if c.Priorities == nil {
		c.Priorities = ticket.DefaultPriorities()
	}
	if c.Departments == nil {
		c.Departments = []ticket.Department{{Code: "support", Name: "Support"}}
	}
	if c.Brands == nil {
		c.Brands = []ticket.Brand{{Code: "default", Name: "Default"}}
	}
	if c.Roles == nil {
		c.Roles = defaultRoles()
	}
	if c.Authorizer == nil {
		c.Authorizer = DefaultAuthorizer{}
	}
	if c.Workers <= 0 {
		c.Workers = 4
	}
	if c.PollInterval <= 0 {
		c.PollInterval = time.Second
	}
	if c.LeaseTTL <= 0 {
		c.LeaseTTL = 5 * time.Minute
	}
	if c.PresenceExpiry <= 0 {
		c.PresenceExpiry = time.Minute
	}
	if c.TimerLimit <= 0 {
		c.TimerLimit = 12 * time.Hour
	}
	if c.UploadTTL <= 0 {
		c.UploadTTL = 24 * time.Hour
	}
	c.Limits = c.Limits.WithDefaults()
}

// Uses reports whether s is the desk's store: what is to share the desk's transactions must be on the same one.
func (g Mail) Uses(s store.Store) bool { return g.store == s }

// Hooks returns the registry of hook points.
func (d *Desk) Hooks() *hooks.Registry { return d.hooks }

// Codes returns the ticket code formats that the desk recognises.
func (g Mail) Codes() ticket.Codes { return g.cfg.Codes }

// Limits returns the limits that the desk holds its inputs to.
func (d *Desk) Limits() ticket.Limits { return d.cfg.Limits }

// Now returns the desk's time.
func (d *Desk) Now() time.Time { return ticket.Time(d.cfg.Now()) }

// InTx runs fn in one transaction: the desk's verbs, and the host's own statements through store.HostTx.Querier, if
// they are called with the context that fn gets. All of it is committed when fn returns nil, and none of it when fn
// returns an error or panics. Events are sent only after the commit.
//
// fn may be run again after a rollback that was not its fault, so it should have no effects outside the transaction.
// Gates run in it with the short deadline of guards: call CheckTicket before, where a gate talks to other systems.
// Errors: fn's own, ticket.ErrBusy, ticket.ErrStopped, ctx.Err().
func (d *Desk) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := d.usable(ctx); err != nil {
		return err
	}
	if fn == nil {
		return failed("in transaction", ticket.Invalid("", ticket.FaultRequired, "needs a function"))
	}
	return d.store.Update(ctx, func(ctx context.Context, _ store.Tx) error { return fn(ctx) })
}

// WithoutTx returns a context that carries no transaction, for work inside InTx that must stand even if the transaction
// is rolled back. A store with one writer, as SQLite has, cannot write with it before the transaction is over.
func WithoutTx(ctx context.Context) context.Context { return store.ContextWithoutTx(ctx) }

// inTx reports whether ctx carries a transaction of the desk's store.
func (d *Desk) inTx(ctx context.Context) bool {
	_, ok := store.TxFrom(ctx, d.store)
	return ok
}

// usable refuses work for a stopped desk and an ended context.
func (d *Desk) usable(ctx context.Context) error {
	if d.run.stopped.Load() {
		return ticket.ErrStopped
	}
	return ctx.Err()
}

// writable is usable for what writes beside the verbs: not in a guard.
func (d *Desk) writable(ctx context.Context) error {
	if inGuard(ctx) {
		return errGuardWrites
	}
	return d.usable(ctx)
}

// enter is how every verb begins: the desk must be usable and somebody must act. The context keeps what the verb finds
// out about them.
func (d *Desk) enter(ctx context.Context) (context.Context, ticket.Actor, error) {
	if err := d.usable(ctx); err != nil {
		return ctx, ticket.Actor{}, err
	}
	a, err := ticket.ActorFrom(ctx)
	return context.WithValue(ctx, foundKey{d}, &found{actor: a}), a, err
}

// standing is a ticket.ErrConflict that reading again does not help: it says what does.
type standing string

func (e standing) Error() string { return string(e) }

func (e standing) Is(target error) bool { return target == ticket.ErrConflict }

// failed wraps err with the operation, and leaves nil alone.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("helpdesk: %s: %w", op, err)
}
