package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Macro is what an agent does at once by hand (X27): a reply, and actions beside it. Code, Name and Do are required.
type Macro struct {
	Code        string   `json:"code"` // names it for good
	Name        string   `json:"name"`
	Notes       string   `json:"notes,omitempty"`
	Inactive    bool     `json:"inactive,omitempty"`
	Sort        int      `json:"sort,omitempty"`
	Brands      []string `json:"brands,omitempty"`      // of the tickets; empty means all
	Departments []string `json:"departments,omitempty"` // of the tickets; empty means all
	Do          []Step   `json:"do"`                    // in their order, all or none: "reply" takes a text, as a quick response has it
	// Version is that of the stored macro: SaveMacro refuses an older one. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

const (
	defMacro  = "macro"
	kindMacro = "config/" + defMacro
)

// SaveMacro stores a macro and returns it as it is stored. Errors: as Save.
func (r *Rules) SaveMacro(ctx context.Context, m Macro) (Macro, error) {
	op := "save macro " + m.Code
	err := r.desk.MayConfigure(ctx)
	if err == nil {
		err = r.checkMacro(ctx, &m)
	}
	if err != nil {
		return m, failed(op, err)
	}
	version := m.Version
	m.Version = 0 // the store counts
	doc, err := json.Marshal(m)
	if err == nil {
		m.Version, err = r.desk.PutDefinition(ctx, defMacro, m.Code, m.Name, doc, version)
	}
	return m, failed(op, err)
}

func (r *Rules) checkMacro(ctx context.Context, m *Macro) error {
	s, err := r.setup(ctx)
	if err != nil {
		return err
	}
	var e ticket.ValidationError
	if len(m.Do) == 0 {
		e.Add("do", ticket.FaultRequired, "names no action")
	}
	e.CheckCount("do", len(m.Do), maxSteps)
	r.checkSteps(&e, m.Do, s)
	for i, b := range m.Brands {
		if err := known("brand", b, s.BrandCodes()); err != nil {
			e.Add(fmt.Sprintf("brands[%d]", i), ticket.FaultUnknown, "%v", err)
		}
	}
	for i, d := range m.Departments {
		if err := known("department", d, s.DepartmentCodes()); err != nil {
			e.Add(fmt.Sprintf("departments[%d]", i), ticket.FaultUnknown, "%v", err)
		}
	}
	return e.Err()
}

// DeleteMacro removes a macro. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound.
func (r *Rules) DeleteMacro(ctx context.Context, code string) error {
	return failed("delete macro "+code, r.desk.DeleteDefinition(ctx, defMacro, code))
}

// Macros lists those that an agent may apply to a ticket, by Sort and name; for ticket 0 all there are, which takes the
// right to configure the desk. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden, also for customers.
func (r *Rules) Macros(ctx context.Context, ticketID int64) ([]Macro, error) {
	op := fmt.Sprintf("list macros for ticket %d", ticketID)
	var t *ticket.Ticket
	var err error
	if ticketID == 0 {
		err = r.desk.MayConfigure(ctx)
	} else {
		t, err = r.staffs(ctx, ticketID)
	}
	if err != nil {
		return nil, failed(op, err)
	}
	all, err := r.macros(ctx)
	all = slices.DeleteFunc(all, func(m Macro) bool { return t != nil && !m.serves(t) })
	return all, failed(op, err)
}

// staffs returns a ticket to who works on it.
func (r *Rules) staffs(ctx context.Context, id int64) (*ticket.Ticket, error) {
	actor, err := ticket.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if actor.IsCustomer() {
		return nil, ticket.ErrForbidden
	}
	return r.desk.Ticket(ctx, id)
}

func (r *Rules) macros(ctx context.Context) (list []Macro, err error) {
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindMacro})
		list = list[:0]
		for _, rec := range recs {
			var m Macro
			if err := json.Unmarshal(rec.Doc, &m); err != nil {
				return fmt.Errorf("the stored macro %q: %w", rec.Key, err)
			}
			m.Version = rec.Version
			list = append(list, m)
		}
		return err
	})
	slices.SortStableFunc(list, func(a, b Macro) int {
		return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return list, err
}

func (m *Macro) serves(t *ticket.Ticket) bool {
	return !m.Inactive && (len(m.Brands) == 0 || slices.Contains(m.Brands, t.Brand)) &&
		(len(m.Departments) == 0 || slices.Contains(m.Departments, t.Department))
}

// Apply has the acting agent do what a macro says, all or nothing, and returns the ticket. Each action needs the right that
// it would need by hand. Errors: ticket.ErrNoActor; ticket.ErrNotFound, also for a macro that is not for such a ticket;
// ticket.ErrForbidden; and those of the verbs that the actions call.
func (r *Rules) Apply(ctx context.Context, ticketID int64, macro string) (*ticket.Ticket, error) {
	op := fmt.Sprintf("apply macro %s to ticket %d", macro, ticketID)
	t, err := r.staffs(ctx, ticketID)
	if err != nil {
		return nil, failed(op, err)
	}
	list, err := r.macros(ctx)
	if err != nil {
		return nil, failed(op, err)
	}
	at := slices.IndexFunc(list, func(m Macro) bool { return m.Code == macro && m.serves(t) })
	if at < 0 {
		return nil, failed(op, fmt.Errorf("%w: there is no such macro for this ticket", ticket.ErrNotFound))
	}
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		var done Ran
		a := &Acting{Rule: "macro/" + macro, Ticket: t}
		return r.steps(r.desk.Caused(ctx, a.Rule), tx, a, list[at].Do, &done)
	})
	if err == nil {
		t, err = r.desk.Ticket(ctx, ticketID)
	}
	if err != nil {
		return nil, failed(op, err)
	}
	return t, nil
}
