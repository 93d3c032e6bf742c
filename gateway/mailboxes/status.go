package mailboxes

import (
	"context"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Status is how a stored gateway is: what its last fetch came to, whoever fetched.
type Status struct {
	Code, Name string
	Inactive   bool
	Warnings   []string // what its definition takes into account, as certificates that nobody looks at
	gateway.Status
}

// Status reports on all gateways, by code.
func (s *Set) Status(ctx context.Context) ([]Status, error) {
	list, err := s.all(ctx)
	if err != nil {
		return nil, failed("status", err)
	}
	var out []Status
	for _, d := range list {
		g, err := s.gateway(d)
		if err != nil {
			return nil, err
		}
		st, err := g.Status(ctx)
		if err != nil {
			return nil, failed("status", err)
		}
		out = append(out, Status{Code: d.Code, Name: d.Name, Inactive: d.Inactive, Warnings: d.warnings(), Status: st})
	}
	return out, nil
}

// active is a definition that is.
func (s *Set) active(ctx context.Context, code string) (Definition, error) {
	d, err := s.stored(ctx, code)
	if err == nil && d.Inactive {
		err = ticket.Invalid("code", ticket.FaultInactive, "gateway %s is not active: save it as active first", code)
	}
	return d, err
}

// unchecked is the warning that the desk itself has.
const unchecked = "certificates are not checked: whoever is in between reads the mails and the password"

// warnings tells what of a definition should be thought over.
func (d Definition) warnings() (out []string) {
	if d.Unchecked {
		out = append(out, unchecked)
	}
	if d.Security == NoTLS && !loopback(d.Host) {
		out = append(out, "the connection is not protected: whoever is in between reads the mails and the password")
	}
	if d.Trusted {
		out = append(out, "the mailbox is trusted: whoever can put a mail into it can write as any agent")
	}
	return out
}

// check is what Desk.Check asks beside what the desk itself sees.
func (s *Set) check(ctx context.Context) ([]ticket.Problem, error) {
	all, err := s.Status(ctx)
	var out []ticket.Problem
	add := func(code, format string, args ...any) {
		out = append(out, ticket.Problem{Area: "mail", Message: "gateway " + code + ": " + fmt.Sprintf(format, args...)})
	}
	for _, st := range all {
		if st.Inactive {
			continue
		}
		for _, w := range st.Warnings {
			if w != unchecked {
				add(st.Code, "%s", w)
			}
		}
		switch {
		case st.Paused:
			add(st.Code, "is paused since %s: %s", st.FailingSince.Format(time.RFC3339), st.Failure)
		case st.Failure != "":
			add(st.Code, "fails since %s: %s", st.FailingSince.Format(time.RFC3339), st.Failure)
		}
		if st.Quarantined > 0 {
			add(st.Code, "mails are in quarantine (%d): look at them, and try them again", st.Quarantined)
		}
	}
	return out, err
}
