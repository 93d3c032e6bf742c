package gateway

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/helpdeskgo/helpdesk/internal/trigger"
)

// Handler returns a handler of which each request does one step, for hosts whose scheduler calls a URL (R13): the one that
// the parameter step names, or StepPoll. The secret, of at least 16 bytes, stands in the header as "Authorization: Bearer
// SECRET". Only POST does something.
//
// The answer is Stepped as JSON. Its status is 200; 502 if the step failed, then in part; 401 for a wrong secret; 400 for a
// step that there is none of. Errors: ticket.ErrInvalid for a secret that is too short.
func (g *Gateway) Handler(src Source, secret string) (http.Handler, error) {
	h, err := trigger.Handler(secret, func(r *http.Request) (any, error) {
		s, err := StepNamed(r.FormValue("step"))
		if err != nil {
			return nil, err
		}
		out, err := g.Do(r.Context(), src, s)
		if err != nil {
			err = errors.New(out.Error) // the request itself was in order
		}
		return out, err
	})
	if err != nil {
		return nil, fmt.Errorf("gateway %s: handler: %w", g.name, err)
	}
	return h, nil
}
