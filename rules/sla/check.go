package sla

import (
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Bounds of what a policy may say.
const (
	MaxWithin   = ticket.Duration(366 * 24 * time.Hour)
	MaxWarnings = 10  // of a goal
	mostList    = 500 // entries
	mostText    = 200
)

// Check says what is wrong with the policy by itself, as a ticket.ValidationError that names each field as JSON does, or
// nil. Whether there is what it names is another matter.
func (p Policy) Check() error {
	var e ticket.ValidationError
	if p.Code == "" || strings.Trim(p.Code, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" {
		e.Add("code", ticket.FaultMalformed, "%.100q is no code: use lower-case letters, digits, and _ - .", p.Code)
	}
	e.CheckLine("code", p.Code, 64)
	if p.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", p.Name, mostText)
	for _, l := range []struct {
		field string
		list  []string
	}{
		{"brands", p.Brands}, {"for.customers", p.For.Customers}, {"for.organisations", p.For.Organisations}, {"for.groups", p.For.Groups},
		{"for.priorities", p.For.Priorities}, {"for.departments", p.For.Departments}, {"pause.statuses", p.Pause.Statuses},
	} {
		checkList(&e, l.field, l.list)
	}
	e.CheckCount("pause.classes", len(p.Pause.Classes), len(ticket.Classes()))
	for _, c := range p.Pause.Classes {
		if !c.Valid() {
			e.Add("pause.classes", ticket.FaultUnknown, "%.100q is no class: use some of new, open, pending", c)
		}
	}
	promises := false
	for _, t := range Targets() {
		g := p.Goal(t)
		promises = promises || g.Within > 0
		g.check(&e, string(t))
	}
	if !promises {
		e.Add("resolution.within", ticket.FaultRequired, "is empty as that of the other targets is: give one of them a time")
	}
	return e.Err()
}

func checkList(e *ticket.ValidationError, field string, list []string) {
	e.CheckCount(field, len(list), mostList)
	for _, s := range list[:min(len(list), mostList)] {
		if e.CheckLine(field, s, mostText); s == "" {
			e.Add(field, ticket.FaultRequired, "has an empty entry: take it out")
		}
	}
}

func (g Goal) check(e *ticket.ValidationError, field string) {
	if g.Within < 0 || g.Within > MaxWithin || g.Within%ticket.Duration(time.Microsecond) != 0 {
		e.Add(field+".within", ticket.FaultOutOfRange, "must be from 1µs to %s of working time, or 0 for no such target", MaxWithin)
		return
	}
	e.CheckCount(field+".warn", len(g.Warn), MaxWarnings)
	for i, w := range g.Warn[:min(len(g.Warn), MaxWarnings)] {
		switch {
		case g.Within == 0:
			e.Add(field+".warn", ticket.FaultConflicting, "needs the target: give within, or take the warning out")
			return
		case (w.Percent != 0) == (w.Before != 0):
			e.Add(field+".warn", ticket.FaultConflicting, "has an entry with percent and before, or with none of both: give one")
		case w.Percent < 0 || w.Percent > 99:
			e.Add(field+".warn", ticket.FaultOutOfRange, "percent must be from 1 to 99")
		case w.Before < 0 || w.Before >= g.Within || w.Before%ticket.Duration(time.Microsecond) != 0:
			e.Add(field+".warn", ticket.FaultOutOfRange, "before must be shorter than within")
		case slices.Contains(g.Warn[:i], w):
			e.Add(field+".warn", ticket.FaultDuplicate, "has the same entry twice: take one out")
		}
	}
}
