package sla

import (
	"cmp"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Facts are what decides on a ticket's policy.
type Facts struct {
	Brand        string
	Customer     string // id of the requester
	Organisation string // id
	Group        string // of the requester, as ticket.Customer has it
	Priority     string
	Department   string
}

// FactsOf are those of a ticket. It does not know the group.
func FactsOf(t *ticket.Ticket) Facts {
	return Facts{Brand: t.Brand, Customer: t.Requester.ID, Organisation: t.Organisation, Priority: t.Priority, Department: t.Department}
}

// Choose returns the policy that a ticket is under: of those that fit, the most particular one. First counts the client:
// a policy that names the customer comes before one that names the organisation, that before one that names the group, and
// that before one for everybody. Then comes one that names the priority before one that does not, then the department,
// then the brand. What is still equal is decided by Sort, the smaller one first, and by Code. ok is false where none fits.
func Choose(policies []Policy, f Facts) (best Policy, ok bool) {
	for _, p := range policies {
		if p.fits(f) && (!ok || before(p, best, f)) {
			best, ok = p, true
		}
	}
	return best, ok
}

func (p Policy) fits(f Facts) bool {
	among := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	everybody := len(p.For.Customers)+len(p.For.Organisations)+len(p.For.Groups) == 0
	return !p.Inactive && (everybody || p.client(f) > 0) && among(p.Brands, f.Brand) && among(p.For.Priorities, f.Priority) && among(p.For.Departments, f.Department)
}

// client is how closely the policy names the client.
func (p Policy) client(f Facts) int {
	for i, l := range []struct {
		list []string
		id   string
	}{{p.For.Customers, f.Customer}, {p.For.Organisations, f.Organisation}, {p.For.Groups, f.Group}} {
		if l.id != "" && slices.Contains(l.list, l.id) {
			return 3 - i
		}
	}
	return 0
}

// before reports whether p is more particular than q; both fit.
func before(p, q Policy, f Facts) bool {
	named := func(list []string) int { return min(len(list), 1) }
	return cmp.Or(
		cmp.Compare(q.client(f), p.client(f)), cmp.Compare(named(q.For.Priorities), named(p.For.Priorities)),
		cmp.Compare(named(q.For.Departments), named(p.For.Departments)), cmp.Compare(named(q.Brands), named(p.Brands)),
		cmp.Compare(p.Sort, q.Sort), cmp.Compare(p.Code, q.Code)) < 0
}
