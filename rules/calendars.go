package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Calendars are the working hours that stand in the store (M28).
type Calendars struct{ r *Rules }

// Calendars returns the group of verbs for calendars.
func (r *Rules) Calendars() Calendars { return Calendars{r} }

var calendarForm = form[calendar.Calendar]{"calendar", func(c *calendar.Calendar) heading { return heading{c.Code, c.Name, c.Sort, &c.Version} }}

// Save stores a calendar, a new one or one that was read and changed, and returns it as it is stored.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure; ticket.ErrConflict, unless Version is that
// of what is stored, or AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (g Calendars) Save(ctx context.Context, c calendar.Calendar) (out calendar.Calendar, err error) {
	err = g.r.configuring(ctx, func(ctx context.Context, _ store.Tx) error {
		var e ticket.ValidationError
		known, err := g.r.brandCodes(ctx)
		if err != nil {
			return err
		}
		checkKnown(&e, "brands", "brand", c.Brands, known)
		if err := with(&e, c.Check()); err != nil {
			return err
		}
		out, err = calendarForm.put(ctx, g.r.desk, c.Clone())
		return err
	})
	return out, failed("save calendar "+c.Code, err)
}

// with adds the faults of a check to those of another; any other error stays alone.
func with(e *ticket.ValidationError, err error) error {
	var more *ticket.ValidationError
	if err != nil && !errors.As(err, &more) {
		return err
	}
	if more != nil {
		e.Fields = append(e.Fields, more.Fields...)
	}
	return e.Err()
}

// Get returns a calendar. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure; ticket.ErrNotFound.
func (g Calendars) Get(ctx context.Context, code string) (c calendar.Calendar, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		c, err = calendarForm.get(ctx, x, code)
		return err
	})
	return c, failed("read calendar "+code, err)
}

// List returns them all, by Sort and code. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure.
func (g Calendars) List(ctx context.Context) (out []calendar.Calendar, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = calendarForm.list(ctx, x)
		return err
	})
	return out, failed("list calendars", err)
}

// Delete removes a calendar. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure;
// ticket.ErrNotFound; ticket.ErrInvalid while a policy counts by it.
func (g Calendars) Delete(ctx context.Context, code string) error {
	return failed("delete calendar "+code, g.r.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockRecord(ctx, calendarForm.record(), code); err != nil { // as Policies.Save does
			return err
		}
		policies, err := policyForm.list(ctx, tx)
		if err != nil {
			return err
		}
		policies = slices.DeleteFunc(policies, func(p sla.Policy) bool { return p.Calendar != code })
		if len(policies) > 0 {
			names := codes(policies, func(p sla.Policy) string { return p.Code })
			return ticket.Invalid("code", ticket.FaultInUse, "these policies count by it: %s: give them another calendar first", strings.Join(names, ", "))
		}
		return g.r.desk.DeleteDefinition(ctx, calendarForm.kind, code)
	}))
}

// Hours returns the calendar of a brand, made ready: of those that are active and serve it one that names it before one
// for all brands, then by Sort and code. An empty brand means the default one. Everybody may ask. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound where there is none.
func (g Calendars) Hours(ctx context.Context, brand string) (*calendar.Hours, error) {
	h, _, err := g.hours(ctx, brand)
	return h, failed("working hours", err)
}

// hours are those of a brand, and its settings.
func (g Calendars) hours(ctx context.Context, brand string) (*calendar.Hours, ticket.Settings, error) {
	s, err := g.r.desk.SettingsOf(ctx, brand)
	if err != nil {
		return nil, s, err
	}
	t, err := g.r.loadTiming(ctx)
	if err != nil {
		return nil, s, err
	}
	brand = cmp.Or(brand, s.DefaultBrand)
	for _, named := range []bool{true, false} {
		for _, c := range t.calendars {
			if !c.Inactive && c.Serves(brand) && (len(c.Brands) > 0) == named {
				return c.hours, s, nil
			}
		}
	}
	return nil, s, fmt.Errorf("%w: no calendar serves brand %q", ticket.ErrNotFound, brand)
}

// Page returns all that a page shows of the working hours of the visitor's brand now (M69). What the visitor's Defaults
// leave out is taken from the settings: OpenMessage, ClosedMessage and HolidayNotice. Everybody may ask. Errors: as Hours.
func (g Calendars) Page(ctx context.Context, v calendar.Visitor) (calendar.Page, error) {
	h, s, err := g.hours(ctx, v.Brand)
	if err != nil {
		return calendar.Page{}, failed("page of working hours", err)
	}
	v.Brand = cmp.Or(v.Brand, s.DefaultBrand)
	d := &v.Defaults
	if d.Notice = cmp.Or(d.Notice, s.HolidayNotice); d.OpenMessage == nil {
		d.OpenMessage = s.OpenMessage
	}
	if d.ClosedMessage == nil {
		d.ClosedMessage = s.ClosedMessage
	}
	return h.Page(g.r.desk.Now(), v), nil
}

// OpenNow reports whether a brand is in its working hours. Everybody may ask. Errors: as Hours.
func (g Calendars) OpenNow(ctx context.Context, brand string) (bool, error) {
	h, err := g.Hours(ctx, brand)
	return err == nil && h.OpenAt(g.r.desk.Now()), err
}
