package mailboxes

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/store"
)

// Run runs every active gateway until ctx ends, and then returns nil. Definitions that are saved or deleted, by any process,
// are followed: what has changed is ended and begun anew, the others go on. No gateway waits for another. Of an inactive one
// nothing is fetched, and what was fetched becomes messages. Any number of processes may run the same gateways.
func (s *Set) Run(ctx context.Context) error {
	r := &running{set: s, of: map[string]*runner{}}
	defer r.all.Wait() // each ends with ctx
	for ctx.Err() == nil {
		if err := r.follow(ctx); err != nil && ctx.Err() == nil {
			s.log(ctx, "the definitions could not be read: trying again", "error", err, "in", s.opts.Watch)
		}
		pause(ctx, s.opts.Watch, s.changed)
	}
	return nil
}

// running are the gateways that a Run runs.
type running struct {
	set     *Set
	known   bool
	version int64 // of the configuration
	of      map[string]*runner
	all     sync.WaitGroup
}

// runner is one of them.
type runner struct {
	definition Definition
	of         string // state of it
	gone       bool   // it is deleted
	stop       context.CancelFunc
	ended      chan struct{}
}

// follow begins and ends gateways as the definitions want it.
func (r *running) follow(ctx context.Context) error {
	list, changed, err := r.look(ctx)
	if err != nil || !changed {
		return err
	}
	wanted := map[string]bool{}
	for _, d := range list {
		wanted[d.Code] = true
		was := r.of[d.Code]
		if was != nil && was.of == d.state() {
			continue
		}
		if was != nil {
			was.stop()
		}
		r.of[d.Code] = r.begin(ctx, d, was, r.set.run)
	}
	for code, g := range r.of {
		if wanted[code] || g.gone {
			continue
		}
		g.stop()
		r.of[code] = r.begin(ctx, g.definition, g, r.set.finish)
		r.of[code].gone, r.of[code].of = true, ""
	}
	return nil
}

// look reads the definitions, if something of the configuration has changed.
func (r *running) look(ctx context.Context) (list []Definition, changed bool, err error) {
	var version int64
	err = r.set.store.View(ctx, func(ctx context.Context, tx store.Reader) (err error) {
		if version, err = tx.ConfigVersion(ctx); err != nil || r.known && version == r.version {
			return err
		}
		list, err = readAll(ctx, tx)
		return err
	})
	changed = err == nil && (!r.known || version != r.version)
	if changed {
		r.known, r.version = true, version
	}
	return list, changed, err
}

// state is all that a definition says: versions begin anew where one was deleted.
func (d Definition) state() string {
	b, _ := json.Marshal(d) // it came from JSON
	return string(b)
}

// begin runs a gateway, once the one in whose place it comes has ended.
func (r *running) begin(ctx context.Context, d Definition, was *runner, run func(context.Context, Definition)) *runner {
	ctx, stop := context.WithCancel(ctx)
	out := &runner{definition: d, of: d.state(), stop: stop, ended: make(chan struct{})}
	r.all.Go(func() {
		defer close(out.ended)
		defer stop()
		if was != nil {
			<-was.ended
		}
		run(ctx, d)
	})
	return out
}

// finish makes messages of what was fetched from a mailbox while its gateway was deleted.
func (s *Set) finish(ctx context.Context, d Definition) {
	g, err := s.gateway(d)
	if err != nil {
		return // it never ran
	}
	for ctx.Err() == nil {
		_, err := g.ProcessPart(ctx, gateway.Everything)
		st, statusErr := g.Status(ctx)
		if err = errors.Join(err, statusErr); err == nil && st.Waiting == 0 {
			return
		}
		if err != nil && ctx.Err() == nil {
			s.log(ctx, "the last mails of a gateway that was deleted are tried again", "gateway", d.Code, "error", err)
		}
		pause(ctx, s.opts.Watch, nil)
	}
}

// pause waits for a time, for a sign, or for the end of the context.
func pause(ctx context.Context, d time.Duration, sign <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-sign:
	case <-t.C:
	}
}

// run runs one gateway.
func (s *Set) run(ctx context.Context, d Definition) {
	g, err := s.gateway(d)
	if err != nil {
		s.log(ctx, "a gateway cannot be run: change its definition", "gateway", d.Code, "error", err)
		return
	}
	if d.Inactive {
		_ = g.Work(ctx) // it ends with ctx
		return
	}
	for _, w := range d.warnings() {
		s.log(ctx, w, "gateway", d.Code)
	}
	_ = g.Run(ctx, s.source(d))
}

// Fetch does everything once, without a timer, for a gateway (M43): it fetches what is new, makes messages of it, tells the
// mailbox, and returns what became of each mail; see gateway.Poll. Errors: ticket.ErrNotFound; ticket.ErrInvalid for a gateway
// that is not active; those of the mailbox, and what was fetched before is processed in spite of it.
func (s *Set) Fetch(ctx context.Context, code string) ([]gateway.Outcome, error) {
	d, err := s.active(ctx, code)
	if err != nil {
		return nil, failed("fetch "+code, err)
	}
	g, err := s.gateway(d)
	if err != nil {
		return nil, err
	}
	return g.Poll(ctx, s.source(d))
}
