package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Known is what rules learn of customers and brands; helpdesk.Automation has it.
type Known interface {
	CustomerGroup(ctx context.Context, id string) (string, error)
	SettingsOf(ctx context.Context, brand string) (ticket.Settings, error)
}

// timing is all calendars and policies made ready, as of one version of the configuration. It never changes.
type timing struct {
	version   int64
	calendars []workingHours // by Sort and code
	set       *sla.Set
	problems  []ticket.Problem // of what cannot be used here
}

// workingHours are a calendar and what was made of it.
type workingHours struct {
	calendar.Calendar
	hours *calendar.Hours
}

// loadTiming returns what is stored now.
func (r *Rules) loadTiming(ctx context.Context) (t *timing, err error) {
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		t, err = r.timingIn(ctx, x)
		return err
	})
	return t, err
}

// timingIn returns what is stored as x sees it.
func (r *Rules) timingIn(ctx context.Context, x store.Reader) (*timing, error) {
	version, err := x.ConfigVersion(ctx)
	if err != nil {
		return nil, err
	}
	if t := r.timing.Load(); t != nil && t.version == version {
		return t, nil
	}
	calendars, err1 := calendarForm.list(ctx, x)
	policies, err2 := policyForm.list(ctx, x)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	t := &timing{version: version}
	if err := t.compile(calendars, policies); err != nil {
		return nil, err
	}
	r.timing.Store(t) // no other configuration will ever have this version
	return t, nil
}

// compile leaves out what cannot be used here, as a calendar of a zone that only another machine knows: the rest goes on,
// and the desk's Check tells of it.
func (t *timing) compile(calendars []calendar.Calendar, policies []sla.Policy) (err error) {
	known := map[string]bool{"": true}
	calendars = slices.DeleteFunc(calendars, func(c calendar.Calendar) bool {
		h, err := calendar.Compile(c)
		if err != nil {
			t.problem("calendar %s cannot be used: %v", c.Code, err)
			return true
		}
		t.calendars, known[c.Code] = append(t.calendars, workingHours{c, h}), true
		return false
	})
	policies = slices.DeleteFunc(policies, func(p sla.Policy) bool {
		err := p.Check()
		if err == nil && !known[p.Calendar] {
			err = fmt.Errorf("its calendar %s cannot be used", p.Calendar)
		}
		if err != nil {
			t.problem("no ticket is under policy %s: %v", p.Code, err)
		}
		return err != nil
	})
	t.set, err = sla.NewSet(policies, calendars)
	return err
}

func (t *timing) problem(format string, args ...any) {
	t.problems = append(t.problems, ticket.Problem{Area: "rules", Message: fmt.Sprintf(format, args...)})
}

// timingProblems is for the desk's Check.
func (r *Rules) timingProblems(ctx context.Context) ([]ticket.Problem, error) {
	t, err := r.loadTiming(ctx)
	if err != nil {
		return nil, err
	}
	return t.problems, nil
}
