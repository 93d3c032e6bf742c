package mailboxes

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/trigger"
)

// Do does one step of a gateway: see gateway.Do. Errors: as Fetch.
func (s *Set) Do(ctx context.Context, code string, step gateway.Step) (gateway.Stepped, error) {
	d, err := s.active(ctx, code)
	if err != nil {
		return gateway.Stepped{}, failed("step of "+code, err)
	}
	return s.do(ctx, d, step)
}

func (s *Set) do(ctx context.Context, d Definition, step gateway.Step) (gateway.Stepped, error) {
	g, err := s.gateway(d)
	if err != nil {
		return gateway.Stepped{Error: err.Error()}, err
	}
	return g.Do(ctx, s.source(d), step)
}

// DoAll does one step of every active gateway, side by side, and returns what came of each by its code. The error joins
// those of all of them.
func (s *Set) DoAll(ctx context.Context, step gateway.Step) (map[string]gateway.Stepped, error) {
	list, err := s.all(ctx)
	if err != nil {
		return nil, failed("step", err)
	}
	out := map[string]gateway.Stepped{}
	var errs []error
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, d := range list {
		if d.Inactive {
			continue
		}
		all.Go(func() {
			did, err := s.do(ctx, d, step)
			mu.Lock()
			defer mu.Unlock()
			out[d.Code], errs = did, append(errs, err)
		})
	}
	all.Wait()
	return out, errors.Join(errs...)
}

// Handler returns a handler of which each request does one step, as gateway.Handler does: of the gateway that the parameter
// gateway names, or of all active ones. The answer has by code what came of each; its status is 502 if one has failed, 404
// for a gateway that there is none of, and 400 for one that is not active. Errors: ticket.ErrInvalid for a secret of less than 16
// bytes.
func (s *Set) Handler(secret string) (http.Handler, error) {
	h, err := trigger.Handler(secret, func(r *http.Request) (any, error) {
		step, err := gateway.StepNamed(r.FormValue("step"))
		if err != nil {
			return nil, err
		}
		code := r.FormValue("gateway")
		if code == "" {
			out, err := s.DoAll(r.Context(), step)
			return out, plain(err)
		}
		d, err := s.active(r.Context(), code)
		if err != nil {
			return nil, err
		}
		out, err := s.do(r.Context(), d, step)
		return map[string]gateway.Stepped{code: out}, plain(err)
	})
	return h, failed("handler", err)
}

// plain is an error that says nothing of the request: that was in order.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}
