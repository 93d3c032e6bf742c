// Package trigger lets a host's scheduler have something done by a request that brings a secret.
package trigger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// leastSecret is how long a secret must be, in bytes.
const leastSecret = 16

// Handler returns a handler that does what do does, for each POST whose header has "Authorization: Bearer SECRET", and
// answers with what it returns, as JSON. The status is 200, or 502 if do has failed; 400 for a ticket.ValidationError, and
// 404 for ticket.ErrNotFound, which then are the answer; 401 for a wrong secret. Errors: ticket.ErrInvalid for a secret of
// less than 16 bytes.
func Handler(secret string, do func(r *http.Request) (any, error)) (http.Handler, error) {
	if len(secret) < leastSecret {
		return nil, ticket.Invalid("secret", ticket.FaultTooShort, "has %d bytes, and needs %d", len(secret), leastSecret)
	}
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		switch {
		case !bearer || subtle.ConstantTimeCompare(got[:], want[:]) != 1:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the secret is missing or wrong: send Authorization: Bearer SECRET", http.StatusUnauthorized)
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "use POST", http.StatusMethodNotAllowed)
		default:
			out, err := do(r)
			answer(w, out, err)
		}
	}), nil
}

func answer(w http.ResponseWriter, out any, err error) {
	var invalid *ticket.ValidationError
	switch {
	case errors.As(err, &invalid):
		http.Error(w, invalid.Error(), http.StatusBadRequest)
		return
	case errors.Is(err, ticket.ErrNotFound):
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
	_ = json.NewEncoder(w).Encode(out) // whoever asked has gone
}
