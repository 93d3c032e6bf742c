package webhook

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Desk is what webhooks need of a desk; helpdesk.Automation has it.
type Desk interface {
	Now() time.Time
	Hooks() *hooks.Registry
	Uses(s store.Store) bool
	ExpandForStaff(ctx context.Context, id int64, text string, format ticket.Format) (string, error)
	Once(ctx context.Context, fn func(ctx context.Context) error) error
	Wake()
	AddStep(step func(ctx context.Context) (int, error))
	AddCheck(fn func(ctx context.Context) ([]ticket.Problem, error))
	Departments(ctx context.Context) ([]ticket.Department, error)
	Brands(ctx context.Context) ([]ticket.Brand, error)
	MayConfigure(ctx context.Context) error
	PutDefinition(ctx context.Context, kind, code, name string, doc []byte, version int64) (int64, error)
	DeleteDefinition(ctx context.Context, kind, code string) error
	SealSecret(ctx context.Context, place string, secret []byte) ([]byte, error)
	OpenSecret(ctx context.Context, place string, kept []byte) ([]byte, error)
}

// Options tune the webhooks of a desk. The zero Options work, and so does nil.
type Options struct {
	// Insecure takes endpoints without TLS, too: what is sent there can be read on its way. Check tells of them.
	Insecure bool
	// AllowPrivate lets endpoints be in networks that are not public: on this machine, behind the same firewall. Whoever may
	// configure the desk can then have it call whatever it reaches.
	AllowPrivate bool
	Roots        *x509.CertPool // that certificates of endpoints are from; default: those of the system
	Resolver     *net.Resolver  // default: that of the system
	Timeout      time.Duration  // of a request, with its answer; default 15 s
	// Workers is how many requests a started desk makes at once. Default 4. Tick makes one after the other.
	Workers int
	Logger  *slog.Logger // is told what fails; default: nobody is, and Log and the desk's Check say it
}

// Binding is the id under which webhooks are bound to the desk's events: after rules.Binding, so that they see a ticket as
// rules have left it.
const Binding = "helpdesk.webhooks"

const rulesBinding = "helpdesk.rules"

// Webhooks are those of a desk. They are safe for concurrent use; any number of processes may have them.
type Webhooks struct {
	desk    Desk
	store   store.Store
	opts    Options
	log     *slog.Logger
	agenda  *agenda.Agenda
	client  *http.Client
	traffic traffic
	upkeep  upkeep
}

// New returns the webhooks that stand in the desk's store, and has the desk send what happens. It must be called before
// desk.Start, once in a process.
func New(d Desk, s store.Store, o *Options) (*Webhooks, error) {
	if !d.Uses(s) {
		return nil, errors.New("webhook: the store is not the desk's: give the one that the desk was made with")
	}
	w := &Webhooks{desk: d, store: s, traffic: traffic{mu: sync.Mutex{}, to: map[string]*lane{}}}
	if o != nil {
		w.opts = *o
	}
	w.opts.Timeout, w.opts.Workers = positive(w.opts.Timeout, 15*time.Second), positive(w.opts.Workers, 4)
	w.log = cmp.Or(w.opts.Logger, slog.New(slog.DiscardHandler))
	w.client = newClient(w.opts)
	w.agenda = agenda.New(agenda.Options{
		Kind: kindWork, Ranked: true, Store: s, Now: d.Now, Logger: w.log, LeaseTTL: max(time.Minute, 3*w.opts.Timeout),
		Batch:    1,       // what is leased with a request to a slow endpoint would wait for it
		Attempts: 1 << 30, // what an endpoint does not take is given up by a table of ours; a store that fails comes back
	})
	w.agenda.HandleOutside(sendEntry, w.send)
	w.bind()
	for range w.opts.Workers {
		d.AddStep(w.agenda.Step)
	}
	d.AddStep(w.clearUp)
	d.AddCheck(w.problems)
	return w, nil
}

func positive[T int | time.Duration](n, standard T) T {
	if n <= 0 {
		return standard
	}
	return n
}

// system is ctx with the webhooks as the actor, who may do everything.
func system(ctx context.Context) context.Context {
	return ticket.WithActor(ctx, ticket.System(Binding))
}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("webhook: %s: %w", op, err)
}
