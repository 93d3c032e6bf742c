package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// CheckGateway refuses a gateway that opens tickets with what the catalogue does not have, and addresses that are none.
func (s *Setup) CheckGateway(e *ticket.ValidationError, g ticket.Gateway) {
	if g.Brand != "" {
		s.CheckBrand(e, g.Brand)
	}
	if g.Department != "" {
		if dep, ok := s.CheckDepartment(e, g.Department); ok && g.Brand != "" && !dep.Serves(g.Brand) {
			e.Add("department", ticket.FaultConflicting, "%q does not serve the brand %q", g.Department, g.Brand)
		}
	}
	if g.Status != "" {
		s.CheckStatus(e, g.Status)
	}
	if g.Priority != "" {
		s.CheckPriority(e, g.Priority)
	}
	for _, a := range g.Addresses {
		e.CheckLine("addresses", a, 320)
		if local, domain, ok := strings.Cut(a, "@"); !ok || local == "" || domain == "" || strings.ContainsAny(a, " <>,;") {
			e.Add("addresses", ticket.FaultMalformed, "%q is no address: write it as support@example.com", a)
		}
	}
}

// Usable is what a ticket can be opened with that comes through a gateway: what is asked for where the catalogue has it; or
// else what the settings say, those of the whole desk last; or else the first that there is. What there is none of stays
// empty.
func (s *Setup) Usable(o ticket.Opening, gateway string) (out ticket.Opening) {
	desk, here := s.Settings("", "", ""), s.Settings(o.Brand, o.Department, gateway)
	out.Brand = first(func(code string) bool {
		b, ok := s.Brand(code)
		return ok && !b.Inactive
	}, o.Brand, here.DefaultBrand, desk.DefaultBrand, every(s.Brands, func(b ticket.Brand) string { return b.Code }))
	out.Department = first(func(code string) bool {
		d, ok := s.Department(code)
		return ok && !d.Inactive && d.Serves(out.Brand)
	}, o.Department, s.Settings(out.Brand, "", gateway).DefaultDepartment, desk.DefaultDepartment, every(s.Departments, func(d ticket.Department) string { return d.Code }))
	here = s.Settings(out.Brand, out.Department, gateway)
	open, _ := s.StatusOfClass(ticket.ClassNew, ticket.ClassOpen)
	out.Status = first(func(code string) bool { _, ok := s.Status(code); return ok }, o.Status, here.DefaultStatus, desk.DefaultStatus, []string{open})
	out.Priority = first(func(code string) bool { _, ok := s.Priority(code); return ok }, o.Priority, here.DefaultPriority, desk.DefaultPriority,
		every(s.Priorities, func(p ticket.Priority) string { return p.Code }))
	return out
}

// first is the first code that will do: what is asked for, what is usual here and on the whole desk, or any.
func first(will func(code string) bool, asked, here, desk string, any []string) string {
	all := append([]string{asked, here, desk}, any...)
	if i := slices.IndexFunc(all, will); i >= 0 {
		return all[i]
	}
	return ""
}

func every[T any](list []T, code func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = code(v)
	}
	return out
}

// WritesAs reports whether an address is the desk's own: that of a brand, a department or a gateway.
func (s *Setup) WritesAs(email string) bool {
	email = ticket.NormalizeEmail(email)
	is := func(own string) bool { return ticket.NormalizeEmail(own) == email }
	return email != "" && (slices.ContainsFunc(s.Brands, func(b ticket.Brand) bool { return is(b.Sender) }) ||
		slices.ContainsFunc(s.Departments, func(d ticket.Department) bool { return is(d.Sender) }) ||
		slices.ContainsFunc(s.Gateways, func(g ticket.Gateway) bool { return slices.ContainsFunc(g.Addresses, is) }))
}

// GatewayProblems tells what is set up wrong with the gateways that stand in the store. A desk without any has its mail
// come in another way, or none.
func (s *Setup) GatewayProblems() (out []string) {
	if len(s.Gateways) == 0 {
		return nil
	}
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	active := slices.DeleteFunc(slices.Clone(s.Gateways), func(g ticket.Gateway) bool { return g.Inactive })
	if len(active) == 0 {
		add("no gateway is active: no mail becomes a ticket")
		return out
	}
	fetched := map[string]bool{}
	for _, g := range active {
		for _, a := range g.Addresses {
			fetched[ticket.NormalizeEmail(a)] = true
		}
		if g.Unchecked {
			add("gateway %s: the certificate of its server is not checked: whoever is in between reads the mails and the password; give the certificate's authority instead", g.Code)
		}
		var e ticket.ValidationError
		g.Addresses = nil // they are not what is looked at
		s.CheckGateway(&e, g)
		for _, f := range e.Fields {
			add("gateway %s: %s %s: its tickets are opened with another one", g.Code, f.Field, f.Message)
		}
	}
	for _, d := range s.Departments {
		if a := ticket.NormalizeEmail(d.Sender); a != "" && !d.Inactive && !fetched[a] {
			add("department %s writes as %s, and no active gateway has that address: answers to it become no messages", d.Code, d.Sender)
		}
	}
	for _, b := range s.Brands {
		if a := ticket.NormalizeEmail(b.Sender); a != "" && !b.Inactive && !fetched[a] {
			add("brand %s writes as %s, and no active gateway has that address: answers to it become no messages", b.Code, b.Sender)
		}
	}
	return out
}
