package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// leastSecret is how long the secret of a Handler must be, in bytes.
const leastSecret = 16

// Handler returns a handler of which each request does one step, for hosts whose scheduler calls a URL (R13): with the
// parameter step, "fetch" takes mails in, "process" makes messages of those that were taken in and acknowledges them,
// and "poll", the default, does both. The secret, of at least 16 bytes, stands in the header as "Authorization: Bearer
// SECRET". Only POST does something.
//
// The answer is JSON: fetched, done, waiting, quarantined, and error, whose text may hold what the mail server said. Its
// status is 200; 502 if the step failed, then in part; 401 for a wrong secret. Errors: ticket.ErrInvalid for a secret
// that is too short.
func (g *Gateway) Handler(src Source, secret string) (http.Handler, error) {
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("gateway %s: handler: %w", g.name, ticket.Invalid("secret", ticket.FaultTooShort, "has %d bytes, and needs %d", len(secret), leastSecret))
	}
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		switch {
		case !bearer || subtle.ConstantTimeCompare(got[:], want[:]) != 1:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the secret is missing or wrong", http.StatusUnauthorized)
			return
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "use POST", http.StatusMethodNotAllowed)
			return
		}
		g.answer(w, r, src)
	}), nil
}

// stepped is what a step answers.
type stepped struct {
	Fetched     int    `json:"fetched"`
	Done        int    `json:"done"`
	Waiting     int    `json:"waiting"`
	Quarantined int    `json:"quarantined"`
	Error       string `json:"error,omitempty"`
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, src Source) {
	step := r.FormValue("step")
	if step != "" && step != "poll" && step != "fetch" && step != "process" {
		http.Error(w, "step is none of fetch, process and poll", http.StatusBadRequest)
		return
	}
	out, err := g.step(r.Context(), src, step)
	status, statusErr := g.Status(r.Context())
	if out.Waiting, out.Quarantined = status.Waiting, status.Quarantined; err == nil {
		err = statusErr
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		out.Error = fitLine(err.Error(), 1000)
		w.WriteHeader(http.StatusBadGateway)
	}
	_ = json.NewEncoder(w).Encode(out) // whoever asked has gone
}

func (g *Gateway) step(ctx context.Context, src Source, name string) (out stepped, err error) {
	if name != "process" {
		out.Fetched, err = g.Fetch(ctx, src)
	}
	if name == "fetch" {
		return out, err
	}
	list, processErr := g.processAll(ctx)
	out.Done = len(list)
	if err == nil {
		err = processErr
	}
	if err == nil {
		_, err = g.Acknowledge(ctx, src)
	}
	return out, err
}
