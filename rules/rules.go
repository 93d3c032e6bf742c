package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Desk is what rules need of a desk; helpdesk.Automation has it.
type Desk interface {
	Writer
	Catalog
	Keeper
	Known
	Now() time.Time
	Hooks() *hooks.Registry
	Uses(s store.Store) bool
	History(ctx context.Context, id int64, q ticket.EventQuery) ([]*ticket.Event, error)
	CustomerGroup(ctx context.Context, id string) (string, error)
	Wake()
	AddStep(step func(ctx context.Context) (int, error))
	AddCheck(fn func(ctx context.Context) ([]ticket.Problem, error))
}

// Writer is how rules change tickets: as everybody does.
type Writer interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Ticket(ctx context.Context, id int64) (*ticket.Ticket, error)
	CreateTicket(ctx context.Context, d ticket.Draft) (*ticket.Ticket, error)
	UpdateTicket(ctx context.Context, id int64, p ticket.Patch) (*ticket.Ticket, error)
	Reply(ctx context.Context, id int64, d ticket.ReplyDraft) (*ticket.Message, error)
	AddNote(ctx context.Context, id int64, d ticket.ReplyDraft) (*ticket.Message, error)
	Expand(ctx context.Context, id int64, text string, format ticket.Format) (string, error)
	Once(ctx context.Context, fn func(ctx context.Context) error) error
	Caused(ctx context.Context, rule string) context.Context
	Cause(ctx context.Context) (ticket.Cause, error)
	Because(ctx context.Context, c ticket.Cause) context.Context
}

// Catalog is what rules may name, and where they are kept.
type Catalog interface {
	Statuses(ctx context.Context) ([]ticket.Status, error)
	Priorities(ctx context.Context) ([]ticket.Priority, error)
	Departments(ctx context.Context) ([]ticket.Department, error)
	Brands(ctx context.Context) ([]ticket.Brand, error)
	Fields(ctx context.Context) ([]ticket.Field, error)
	Agents(ctx context.Context) ([]ticket.Agent, error)
	CheckAgent(ctx context.Context, id string) (own bool, err error)
	MayConfigure(ctx context.Context) error
	MayWork(ctx context.Context, ticketID int64) error
	PutDefinition(ctx context.Context, kind, code, name string, doc []byte, version int64) (int64, error)
	DeleteDefinition(ctx context.Context, kind, code string) error
}

// Options tune the rules of a desk. The zero Options work, and so does nil.
type Options struct {
	// Functions are the host's own, which rules call by their names: see the action "call".
	Functions map[string]Function
	Logger    *slog.Logger // is told of what fails; default: nobody is. The desk's Check says in any case which rules have failed in the last three days
	Notify    Notify       // tells people; default: a notice becomes an internal note of its ticket
	// ActionTimeout is how long an action may take that is the host's, and Notify: their contexts end then. Default 10 s.
	ActionTimeout time.Duration
	// Workers is how many such calls a started desk makes at once; those that a rule makes for a ticket come in their order.
	// Nothing else that is due waits for them. Default 4. Tick, and a Fleet for each of its desks, make one after the other. What goes on when its context has
	// ended keeps one busy: the desk's Check tells where none is left.
	Workers int
}

// Rules are those of a desk. They are safe for concurrent use; any number of processes may have them.
type Rules struct {
	desk   Desk
	store  store.Store
	log    *slog.Logger
	agenda *agenda.Agenda
	// errands are what waits for others: functions of the host's, and Notify.
	errands *agenda.Agenda
	notify  Notify
	within  time.Duration // of one action

	functions map[string]Function
	actions   map[string]*action
	set       atomic.Pointer[ruleset]
	pruned    pruning
	faulty    faulty
	timing    atomic.Pointer[timing]
}

// New returns the rules that stand in the desk's store, and has the desk do what they say. It must be called before
// desk.Start, once in a process.
func New(d Desk, s store.Store, o *Options) (*Rules, error) {
	if o == nil {
		o = &Options{}
	}
	workers := o.Workers
	if workers <= 0 {
		workers = 4
	}
	if !d.Uses(s) {
		return nil, errors.New("rules: the store is not the desk's: give the one that the desk was made with")
	}
	r := &Rules{desk: d, store: s, log: o.Logger, notify: o.Notify, functions: maps.Clone(o.Functions), actions: map[string]*action{}}
	if r.within = o.ActionTimeout; r.within <= 0 {
		r.within = 10 * time.Second
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.agenda = agenda.New(agenda.Options{Store: s, Now: d.Now, Logger: r.log})
	r.errands = agenda.New(agenda.Options{Kind: agenda.Errand, Batch: 1, Store: s, Now: d.Now, Logger: r.log, LeaseTTL: max(time.Minute, 3*r.within)})
	r.errands.HandleOutside(outsideEntry, r.doOutside)
	r.agenda.HandleOutside(clockEntry, r.checkClock)
	r.agenda.Handle(fireEntry, r.fired)
	r.builtin()
	r.bind()
	d.AddStep(r.agenda.Step)
	for range workers {
		d.AddStep(r.errands.Step)
	}
	d.AddCheck(r.problems)
	r.watchDue()
	r.watchDeadlines()
	d.AddCheck(r.timingProblems)
	d.AddCheck(r.untold)
	return r, nil
}

// system is ctx with the rules as the actor, who may do everything.
func system(ctx context.Context) context.Context {
	return ticket.WithActor(ctx, ticket.System(Binding))
}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rules: %s: %w", op, err)
}
