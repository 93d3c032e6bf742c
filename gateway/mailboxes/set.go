package mailboxes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/oauth"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Desk is what stored gateways need of a desk; helpdesk.Mail has it.
type Desk interface {
	gateway.Desk
	MayConfigure(ctx context.Context) error
	PutGateway(ctx context.Context, doc []byte, version int64) (stored int64, err error)
	DeleteGateway(ctx context.Context, code string) error
	CheckGateways(fn func(ctx context.Context) ([]ticket.Problem, error)) error
}

// Options tune a Set. The zero Options work, and so does nil, for what needs no secret.
type Options struct {
	// Sealer encrypts passwords and tokens: helpdesk.NewSealer makes one. Without it none is taken.
	Sealer oauth.Sealer
	Logger *slog.Logger // is told what fails; default: nobody is, and Status says it
	// Gateway is what all gateways have in common beside what their definitions say: limits, Decrypt, and
	// Progress, which several may call at once. Lists of it stand in front of those of the definitions.
	Gateway gateway.Options
	// Watch is how often Run looks for definitions that another process has changed; default 5 s. What this Set itself
	// changes is noticed at once.
	Watch time.Duration
}

// Set is all gateways that stand in a store. It is safe for concurrent use; any number of processes may have one.
type Set struct {
	desk    Desk
	store   store.Store
	opts    Options
	changed chan struct{}
	mu      sync.Mutex
	sources map[string]kept // by code
}

// kept is a mailbox that was opened, for as long as its definition is the same: its tokens are asked for once.
type kept struct {
	of     string
	source gateway.Source
}

// New returns the gateways of a store, and has the desk's Check look after them. Nothing is fetched yet. A desk has them
// once: share the Set. Errors: ticket.ErrInvalid; ticket.ErrExists for the second Set of a desk.
func New(d Desk, s store.Store, o *Options) (*Set, error) {
	var e ticket.ValidationError
	switch {
	case d == nil:
		e.Add("desk", ticket.FaultRequired, "is nil")
	case s == nil:
		e.Add("store", ticket.FaultRequired, "is nil: give the desk's")
	case !d.Uses(s):
		e.Add("store", ticket.FaultConflicting, "is not the desk's: give the one that the desk was made with")
	}
	if err := e.Err(); err != nil {
		return nil, fmt.Errorf("mailboxes: new: %w", err)
	}
	set := &Set{desk: d, store: s, changed: make(chan struct{}, 1), sources: map[string]kept{}}
	if o != nil {
		set.opts = *o
	}
	if set.opts.Watch <= 0 {
		set.opts.Watch = 5 * time.Second
	}
	if err := d.CheckGateways(set.check); err != nil {
		return nil, fmt.Errorf("mailboxes: new: call it once in a process: %w", err)
	}
	return set, nil
}

// kindDefinition is the record of a definition; the desk puts it.
const kindDefinition = "config/gateway"

// AnyVersion as Definition.Version has Save replace whatever is stored.
const AnyVersion = store.AnyVersion

// Definition returns a gateway as it stands in the store, without its secrets. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden; ticket.ErrNotFound.
func (s *Set) Definition(ctx context.Context, code string) (d Definition, err error) {
	if err = s.desk.MayConfigure(ctx); err == nil {
		d, err = s.stored(ctx, code)
	}
	return d, failed("definition "+code, err)
}

// Definitions lists them by code. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (s *Set) Definitions(ctx context.Context) (list []Definition, err error) {
	if err = s.desk.MayConfigure(ctx); err == nil {
		list, err = s.all(ctx)
	}
	return list, failed("definitions", err)
}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("mailboxes: %s: %w", op, err)
}

func (s *Set) stored(ctx context.Context, code string) (d Definition, err error) {
	err = s.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		d, err = read(ctx, r, code)
		return err
	})
	return d, err
}

func (s *Set) all(ctx context.Context) (list []Definition, err error) {
	err = s.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		list, err = readAll(ctx, r)
		return err
	})
	return list, err
}

func read(ctx context.Context, r store.Reader, code string) (Definition, error) {
	rec, err := r.Record(ctx, kindDefinition, code)
	if errors.Is(err, ticket.ErrNotFound) {
		return Definition{}, fmt.Errorf("%w: there is no gateway %.100q", ticket.ErrNotFound, code)
	}
	if err != nil {
		return Definition{}, err
	}
	return parsed(rec)
}

func parsed(rec *store.Record) (d Definition, err error) {
	if err = json.Unmarshal(rec.Doc, &d); err != nil {
		return d, fmt.Errorf("read the definition of gateway %s: %w", rec.Key, err)
	}
	d.Version = rec.Version
	return d, nil
}

func readAll(ctx context.Context, r store.Reader) (list []Definition, err error) {
	for after := ""; ; {
		page, err := r.Records(ctx, store.RecordQuery{Kind: kindDefinition, After: after, Limit: 500})
		if err != nil || len(page) == 0 {
			return list, err
		}
		for _, rec := range page {
			d, err := parsed(rec)
			if err != nil {
				return nil, err
			}
			list, after = append(list, d), rec.Key
		}
	}
}

// Gateway returns a gateway, for what it can do by itself: its quarantine, its patterns, mails that are tried again.
// Errors: ticket.ErrNotFound.
func (s *Set) Gateway(ctx context.Context, code string) (*gateway.Gateway, error) {
	d, err := s.stored(ctx, code)
	if err != nil {
		return nil, failed("gateway "+code, err)
	}
	return s.gateway(d)
}

// gateway makes what a definition says.
func (s *Set) gateway(d Definition) (*gateway.Gateway, error) {
	o := s.opts.Gateway
	if o.Logger == nil {
		o.Logger = s.opts.Logger
	}
	o.Mailbox, o.Own, o.Opening = d.mailbox(), slices.Concat(o.Own, d.Addresses), d.Opening
	o.Acknowledge, o.AcknowledgeAfter = d.Done != Keep, time.Duration(d.DoneAfter)*24*time.Hour
	o.FetchLimit = d.FetchLimit
	if d.Interval > 0 {
		o.Interval = time.Duration(d.Interval)
	}
	if d.NoSubject != "" {
		o.NoSubject = d.NoSubject
	}
	o.Policy.Strangers, o.Policy.Newcomers, o.Policy.Colleagues, o.Policy.Trusted = d.Strangers, d.Newcomers, d.Colleagues, d.Trusted
	o.Servers, o.Allow, o.Markers = slices.Concat(o.Servers, d.Servers), slices.Concat(o.Allow, d.Allow), slices.Concat(o.Markers, d.Markers)
	o.SpamHeaders, o.Participants, o.Apart = d.SpamHeaders, d.Participants, d.Apart
	o.Policy.Sent, o.SentBy = d.Sent, cmp.Or(d.SentBy, o.SentBy)
	o.ContactForms, o.NumberLines = slices.Concat(o.ContactForms, d.ContactForms), slices.Concat(o.NumberLines, d.NumberLines)
	if d.Caps != (gateway.Caps{}) {
		o.Caps = d.Caps
	}
	g, err := gateway.New(d.Code, s.desk, s.store, &o)
	return g, failed("gateway "+d.Code, err)
}

func (s *Set) log(ctx context.Context, msg string, args ...any) {
	if s.opts.Logger != nil {
		s.opts.Logger.WarnContext(ctx, "helpdesk: mailboxes: "+msg, args...)
	}
}
