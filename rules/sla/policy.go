package sla

import (
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Target is what a policy promises.
type Target string

// The targets.
const (
	FirstResponse Target = "first_response" // the first reply of staff
	NextResponse  Target = "next_response"  // each one after, while the customer waits
	Resolution    Target = "resolution"     // the ticket solved or closed
)

// Targets lists them all.
func Targets() []Target { return []Target{FirstResponse, NextResponse, Resolution} }

// Policy is what is promised to some customers for some tickets (I21). Code and Name are required, and one target.
type Policy struct {
	Code     string   `json:"code"`               // names it for good
	Name     string   `json:"name"`               // for people
	Inactive bool     `json:"inactive,omitempty"` // no ticket is under it
	Brands   []string `json:"brands,omitempty"`   // empty means all (B03)
	Sort     int      `json:"sort,omitempty"`     // of policies that fit equally well the lowest first; then by code
	For      Match    `json:"for,omitzero"`       // which tickets; empty means all

	Calendar      string `json:"calendar,omitempty"`      // code; default: time counts day and night
	FirstResponse Goal   `json:"first_response,omitzero"` // the first reply of staff
	NextResponse  Goal   `json:"next_response,omitzero"`  // each one after, while the customer waits
	Resolution    Goal   `json:"resolution,omitzero"`     // the ticket solved or closed
	Pause         Pause  `json:"pause,omitzero"`          // when clocks stand still besides

	// Since is when the policy came into force: what was due before is no stage of its clocks any more, so that a new
	// policy does not tell of years that are over. They count by it all the same. Zero means for ever; where policies are
	// stored, it is set when a policy is new or active again, unless it is given.
	Since time.Time `json:"since,omitzero"`

	// Version is that of the stored policy: saving an older one is refused. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

// Match says which tickets a policy is for: those that every list which is not empty has. The first three are one list,
// that of the clients: one of them is enough.
type Match struct {
	Customers     []string `json:"customers,omitempty"`     // ids
	Organisations []string `json:"organisations,omitempty"` // ids
	Groups        []string `json:"groups,omitempty"`        // as ticket.Customer has them
	Priorities    []string `json:"priorities,omitempty"`    // codes
	Departments   []string `json:"departments,omitempty"`   // codes
}

// Goal is a target in working time. The zero Goal promises nothing.
type Goal struct {
	Within ticket.Duration `json:"within"`         // working time
	Warn   []Warning       `json:"warn,omitempty"` // stages before it, each by "percent" that has passed or "before" that is left
}

// Warning is a stage before the deadline: when so much of the time has passed, or when only so much is left. One of both is
// set.
type Warning struct {
	Percent int             `json:"percent,omitempty"` // from 1 to 99
	Before  ticket.Duration `json:"before,omitempty"`  // working time
}

// Pause says when clocks stand still besides: while the ticket is in one of these statuses.
type Pause struct {
	Statuses []string       `json:"statuses,omitempty"` // codes
	Classes  []ticket.Class `json:"classes,omitempty"`
}

// In reports whether clocks stand still in a status.
func (p Pause) In(status string, class ticket.Class) bool {
	return slices.Contains(p.Statuses, status) || slices.Contains(p.Classes, class)
}

// Goal returns that of a target.
func (p Policy) Goal(t Target) Goal {
	switch t {
	case FirstResponse:
		return p.FirstResponse
	case NextResponse:
		return p.NextResponse
	case Resolution:
		return p.Resolution
	}
	return Goal{}
}

// after is how much working time has passed when the warning is due.
func (w Warning) after(within ticket.Duration) time.Duration {
	if w.Percent > 0 {
		whole, part := within/100, within%100 // so that nothing overflows
		return time.Duration(whole*ticket.Duration(w.Percent) + part*ticket.Duration(w.Percent)/100).Truncate(time.Microsecond)
	}
	return time.Duration(within - w.Before)
}

// Clone returns a deep copy.
func (p Policy) Clone() Policy {
	p.Brands = slices.Clone(p.Brands)
	f := &p.For
	f.Customers, f.Organisations, f.Groups = slices.Clone(f.Customers), slices.Clone(f.Organisations), slices.Clone(f.Groups)
	f.Priorities, f.Departments = slices.Clone(f.Priorities), slices.Clone(f.Departments)
	for _, g := range []*Goal{&p.FirstResponse, &p.NextResponse, &p.Resolution} {
		g.Warn = slices.Clone(g.Warn)
	}
	p.Pause.Statuses, p.Pause.Classes = slices.Clone(p.Pause.Statuses), slices.Clone(p.Pause.Classes)
	return p
}
