package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Macro is what an agent does at once by hand (X27): a reply, and actions beside it. Code, Name and Do are required.
type Macro struct {
	Code        string   `json:"code"`                  // names it for good
	Name        string   `json:"name"`                  // for agents
	Notes       string   `json:"notes,omitempty"`       // for those who look after it
	Inactive    bool     `json:"inactive,omitempty"`    // nobody is offered it
	Sort        int      `json:"sort,omitempty"`        // the lowest first; then by code
	Brands      []string `json:"brands,omitempty"`      // of the tickets; empty means all
	Departments []string `json:"departments,omitempty"` // of the tickets; empty means all
	Do          []Step   `json:"do"`                    // at most 50, in their order, all or none: "reply" takes a text, as a quick response has it
	// Version is that of the stored macro: Save refuses an older one. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

// Macros are those that stand in the store.
type Macros struct{ r *Rules }

// Macros returns the group of verbs for macros.
func (r *Rules) Macros() Macros { return Macros{r} }

var macroForm = form[Macro]{"macro", func(m *Macro) heading { return heading{m.Code, m.Name, m.Sort, &m.Version} }}

// Save stores a macro and returns it as it is stored. Errors: as Rules.Save.
func (g Macros) Save(ctx context.Context, m Macro) (out Macro, err error) {
	err = g.r.configuring(ctx, func(ctx context.Context, _ store.Tx) error {
		if err := g.r.checkMacro(ctx, &m); err != nil {
			return err
		}
		out, err = macroForm.put(ctx, g.r.desk, m)
		return err
	})
	return out, failed("save macro "+m.Code, err)
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
	if err := r.checkTexts(ctx, &e, m.Do); err != nil {
		return err
	}
	checkKnown(&e, "brands", "brand", m.Brands, s.BrandCodes())
	checkKnown(&e, "departments", "department", m.Departments, s.DepartmentCodes())
	return e.Err()
}

// Delete removes a macro. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound.
func (g Macros) Delete(ctx context.Context, code string) error {
	return failed("delete macro "+code, g.r.desk.DeleteDefinition(ctx, macroForm.kind, code))
}

// List returns all macros, by Sort and code. Errors: ticket.ErrNoActor; ticket.ErrForbidden for who may not configure.
func (g Macros) List(ctx context.Context) (out []Macro, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = macroForm.list(ctx, x)
		return err
	})
	return out, failed("list macros", err)
}

// For lists those that an agent may apply to a ticket, by Sort and code. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers.
func (g Macros) For(ctx context.Context, ticketID int64) (out []Macro, err error) {
	t, err := g.r.staffs(ctx, ticketID)
	if err == nil {
		out, err = g.r.macrosFor(ctx, t)
	}
	if err == nil && slices.ContainsFunc(out, g.r.runsHost) {
		if err = g.r.desk.MayWork(ctx, ticketID); errors.Is(err, ticket.ErrForbidden) {
			out, err = slices.DeleteFunc(out, g.r.runsHost), nil
		}
	}
	return out, failed(fmt.Sprintf("list macros for ticket %d", ticketID), err)
}

// asRule is a rule that does the same, for what is to be said of both.
func (m Macro) asRule() *Rule { return &Rule{Code: m.Code, Inactive: m.Inactive, Do: m.Do} }

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

func (r *Rules) macrosFor(ctx context.Context, t *ticket.Ticket) (out []Macro, err error) {
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = macroForm.list(ctx, x)
		return err
	})
	return slices.DeleteFunc(out, func(m Macro) bool { return !m.serves(t) }), err
}

// runsHost reports whether a macro runs code of the host's, which asks for no right by itself.
func (r *Rules) runsHost(m Macro) bool {
	return slices.ContainsFunc(m.Do, func(s Step) bool {
		a := r.actions[s.Action]
		return a != nil && (a.outside || !a.ours)
	})
}

func (m *Macro) serves(t *ticket.Ticket) bool {
	return !m.Inactive && (len(m.Brands) == 0 || slices.Contains(m.Brands, t.Brand)) &&
		(len(m.Departments) == 0 || slices.Contains(m.Departments, t.Department))
}

// Apply has the acting agent do what a macro says, all or nothing, and returns the ticket. Each action needs the right that
// it would need by hand; "call", and actions of the host's, that to reply to the ticket or to update it. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound, also for a macro that is not for such a ticket; ticket.ErrForbidden; and those of
// the verbs that the actions call.
func (g Macros) Apply(ctx context.Context, ticketID int64, macro string) (*ticket.Ticket, error) {
	op := fmt.Sprintf("apply macro %s to ticket %d", macro, ticketID)
	r := g.r
	if _, err := r.staffs(ctx, ticketID); err != nil { // what may not be seen is not locked
		return nil, failed(op, err)
	}
	err := r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := lockTicket(ctx, tx, ticketID); err != nil {
			return err
		}
		return r.applyMacro(ctx, tx, ticketID, macro)
	})
	var t *ticket.Ticket
	if err == nil {
		t, err = r.desk.Ticket(ctx, ticketID)
	}
	if err != nil {
		return nil, failed(op, err)
	}
	return t, nil
}

// applyMacro does what a macro says with the ticket as it is under its lock: tags, for one, are added to those that it has.
func (r *Rules) applyMacro(ctx context.Context, tx store.Tx, id int64, macro string) error {
	t, err := r.staffs(ctx, id)
	if err != nil {
		return err
	}
	list, err := r.macrosFor(ctx, t)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(m Macro) bool { return m.Code == macro })
	if at < 0 {
		return fmt.Errorf("%w: there is no such macro for this ticket", ticket.ErrNotFound)
	}
	if r.runsHost(list[at]) {
		if err := r.desk.MayWork(ctx, id); err != nil {
			return err
		}
	}
	a := &Acting{Rule: "macro/" + macro, Ticket: t}
	return r.steps(r.desk.Caused(ctx, a.Rule), tx, a, list[at].Do, &Ran{})
}
