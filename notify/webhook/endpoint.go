package webhook

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// AnyVersion as the Version of what is put has it replace whatever is stored.
const AnyVersion = store.AnyVersion

// Endpoint is where events are sent. Code, Name and URL are required; the other zero values are good.
type Endpoint struct {
	Code string `json:"code"` // names it for good
	Name string `json:"name"`
	URL  string `json:"url"` // https; whoever may configure the desk sees it
	// Events are the types that are sent, as Types lists them; empty means all. What rules send comes in any case.
	Events []string `json:"events,omitempty"`
	// Brands and Departments are those whose tickets it hears of, as rules have left them; empty means all. That a ticket was
	// purged it hears of any, by its id and code.
	Brands      []string `json:"brands,omitempty"`
	Departments []string `json:"departments,omitempty"`
	// Notes has internal notes be sent, too: without it nothing tells that there is one.
	Notes bool `json:"notes,omitempty"`
	// Bodies has texts and people be sent: the subject, the requester, who did it, messages, comments. Without it there are
	// ids, codes and what has changed. Messages that are encrypted stay in the desk.
	Bodies bool `json:"bodies,omitempty"`

	Disabled bool   `json:"disabled,omitempty"` // nothing is sent, and what happens meanwhile is not kept for it: see ReplaySince
	Why      string `json:"why,omitempty"`      // it is disabled: the endpoint is gone, or has failed for days

	// Version is that of what is stored: Put refuses an older one. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
	// What Put ignores: ID begins every webhook-id, SecretSet is when the secret was made, and until OldSecretUntil the one
	// before it signs as well.
	ID             string    `json:"id"`
	SecretSet      time.Time `json:"secret_set,omitzero"`
	OldSecretUntil time.Time `json:"old_secret_until,omitzero"`
}

const (
	maxURL  = 2000 // bytes
	maxList = 100
	maxWhy  = 1000
)

// check adds what is wrong with an endpoint, but for its code and name, which the desk checks.
func (e Endpoint) check(v *ticket.ValidationError, o Options, brands, departments []string) {
	if fault, err := checkURL(e.URL, o); err != nil {
		v.Add("url", fault, "%v", err)
	}
	v.CheckLine("url", e.URL, maxURL)
	v.CheckText("why", e.Why, maxWhy)
	lists := []struct {
		field, what string
		names, of   []string
	}{
		{"events", "type of event", e.Events, Types()},
		{"brands", "brand", e.Brands, brands},
		{"departments", "department", e.Departments, departments},
	}
	for _, l := range lists {
		v.CheckCount(l.field, len(l.names), maxList)
		for _, name := range l.names {
			if !slices.Contains(l.of, name) {
				v.Add(l.field, ticket.FaultUnknown, "there is no %s %q%s", l.what, name, hint(name, l.of))
			}
		}
	}
}

func hint(name string, of []string) string {
	if near := nearest.Of(name, slices.Values(of)); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// checkURL says what is wrong with a URL. What its host's name means is looked at with each request.
func checkURL(text string, o Options) (ticket.Fault, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return ticket.FaultRequired, fmt.Errorf("is empty")
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return ticket.FaultMalformed, fmt.Errorf("is no URL: write it as https://erp.example/hooks")
	case u.Scheme == "http" && !o.Insecure:
		return ticket.FaultNotAllowed, fmt.Errorf("begins with http: what is sent could be read on its way; use https")
	case u.Scheme != "https" && u.Scheme != "http":
		return ticket.FaultNotAllowed, fmt.Errorf("begins with %.20q: use https", u.Scheme)
	case u.User != nil || u.Fragment != "":
		return ticket.FaultNotAllowed, fmt.Errorf("has a user or a fragment: requests are signed, and neither is sent")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !o.AllowPrivate && !public(ip) {
		return ticket.FaultNotAllowed, fmt.Errorf("%s is no public address: give one, or set webhook.Options.AllowPrivate", ip)
	}
	return "", nil
}

// hears reports whether an endpoint is sent what has such a type, about a ticket there; an empty place is known to be any.
func (e Endpoint) hears(typ string, t *ticket.Ticket) bool {
	if e.Disabled || len(e.Events) > 0 && !slices.Contains(e.Events, typ) {
		return false
	}
	return t == nil || within(e.Brands, t.Brand) && within(e.Departments, t.Department)
}

func within(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

// insecure reports whether what is sent can be read on its way.
func (e Endpoint) insecure() bool { return !strings.HasPrefix(strings.ToLower(e.URL), "https:") }
