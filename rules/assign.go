package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Assignment is the configuration of the action "auto_assign" (X26): who gets a ticket that nobody has.
type Assignment struct {
	By Method `json:"by"` // round_robin: one after the other; least_loaded: who has the fewest that wait for staff
	// Agents are ids; empty means the members of the ticket's department. Those who are inactive or away get none.
	Agents []string `json:"agents,omitempty"`
	// Capacity is how many tickets an agent has at most that wait for staff (of class new or open); 0 means any number.
	Capacity int  `json:"capacity,omitempty"`
	Again    bool `json:"again,omitempty"` // also a ticket that somebody has
}

// Method is how one of several agents is chosen.
type Method string

// The methods.
const (
	RoundRobin  Method = "round_robin"  // one after the other, by id
	LeastLoaded Method = "least_loaded" // who has the fewest tickets that wait for staff; of equals the first by id
)

const (
	kindRotation = "rotation"   // record: who was the last
	kindAway     = "agent_away" // record: until when
)

func (r *Rules) assignActions() {
	AddAction(r, Action[Assignment]{
		Name: "auto_assign", Doc: "assigns a ticket that nobody has to one of several agents; where none is free it is tried again every 15 minutes, until somebody has the ticket or it is solved",
		Check: func(with Assignment, _ *Setup) error {
			if with.Capacity < 0 {
				return errors.New("capacity is below 0")
			}
			return known("method", string(with.By), []string{string(RoundRobin), string(LeastLoaded)})
		},
		Agents: func(with Assignment) []string { return with.Agents },
		Do: func(ctx context.Context, a *Acting, with Assignment) error {
			found, err := r.assign(ctx, a.Ticket, with)
			if err != nil || found {
				return err
			}
			a.Say("nobody is free")
			return r.assignLater(ctx, a.Ticket, with)
		},
	})
	r.agenda.Handle(dueAssignment, r.assignmentDue)
}

// assign reports whether it found somebody, or somebody has the ticket.
func (r *Rules) assign(ctx context.Context, t *ticket.Ticket, with Assignment) (found bool, err error) {
	if t.Assignee != "" && !with.Again {
		return true, nil
	}
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		agent, err := r.choose(ctx, tx, t, with)
		if found = agent != ""; err != nil || !found {
			return err
		}
		_, err = r.desk.UpdateTicket(ctx, t.ID, ticket.Patch{Assignee: &agent})
		return err
	})
	return found, err
}

const (
	dueAssignment = "assign" // on the agenda
	assignEvery   = 15 * time.Minute
)

// unassigned is a ticket on the agenda that nobody was free for.
type unassigned struct {
	With  Assignment   `json:"with"`
	Cause ticket.Cause `json:"cause,omitzero"`
}

// assignLater has it tried again whether somebody is free for a ticket that nobody has.
func (r *Rules) assignLater(ctx context.Context, t *ticket.Ticket, with Assignment) error {
	if t.Assignee != "" {
		return nil
	}
	// Later it is the desk that assigns: a macro's agent must have the right to do so now. This changes nothing.
	if _, err := r.desk.UpdateTicket(ctx, t.ID, ticket.Patch{Assignee: new("")}); err != nil {
		return err
	}
	cause, err := r.desk.Cause(ctx)
	if err != nil {
		return err
	}
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return r.putUnassigned(ctx, tx, t.ID, unassigned{with, cause})
	})
}

func (r *Rules) putUnassigned(ctx context.Context, tx store.Tx, ticketID int64, u unassigned) error {
	doc, err := json.Marshal(u)
	if err != nil {
		return err
	}
	now := r.desk.Now()
	next := now.Truncate(assignEvery).Add(assignEvery) // of several rules that ask for it at once, one
	return agenda.Put(ctx, tx, now, agenda.Entry{What: dueAssignment, Key: record.ID(ticketID), Ticket: ticketID, Due: next, Doc: doc})
}

// assignmentDue tries it again.
func (r *Rules) assignmentDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	var u unassigned
	if err := json.Unmarshal(e.Doc, &u); err != nil {
		return err
	}
	t, err := holder(ctx, tx, e.Ticket)
	if err != nil || t == nil || t.Assignee != "" || t.Folder == ticket.Spam || !slices.Contains([]ticket.Class{ticket.ClassNew, ticket.ClassOpen, ticket.ClassPending}, t.Class) {
		return err
	}
	found, err := r.assign(r.desk.Because(system(ctx), u.Cause), t, u.With)
	switch {
	case err != nil && isOwn(err): // as who was to get it may not see it
		r.log.WarnContext(ctx, "a ticket could not be assigned", "ticket", t.ID, "error", err)
	case err != nil || found:
		return err
	}
	return r.putUnassigned(ctx, tx, t.ID, u)
}

// choose names who gets the ticket; nobody where none is free. It is decided by one transaction at a time.
func (r *Rules) choose(ctx context.Context, tx store.Tx, t *ticket.Ticket, with Assignment) (string, error) {
	free, err := r.free(ctx, tx, t, with)
	if err != nil || len(free) == 0 {
		return "", err
	}
	if with.By == LeastLoaded {
		return slices.MinFunc(free, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.load, b.load), cmp.Compare(a.id, b.id)) }).id, nil
	}
	last, err := record.Read[string](ctx, tx, kindRotation, t.Department)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return "", err
	}
	next := free[0].id
	for _, c := range free {
		if c.id > last {
			next = c.id
			break
		}
	}
	return next, record.Put(ctx, tx, kindRotation, t.Department, "", next)
}

type candidate struct {
	id   string
	load int
}

// free are those who can get the ticket, by id.
func (r *Rules) free(ctx context.Context, tx store.Tx, t *ticket.Ticket, with Assignment) ([]candidate, error) {
	// One at a time: two tickets at once would go to the same agent.
	if err := r.lockRotation(ctx, tx, t.Department); err != nil {
		return nil, err
	}
	all, err := r.desk.Agents(system(ctx))
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, a := range all {
		wanted := slices.Contains(a.Departments, t.Department)
		if len(with.Agents) > 0 {
			wanted = slices.Contains(with.Agents, a.ID)
		}
		if !wanted || a.Inactive || a.ID == t.Assignee {
			continue
		}
		away, err := r.isAway(ctx, tx, a.ID)
		if err != nil {
			return nil, err
		}
		c := candidate{id: a.ID}
		if c.load, err = load(ctx, tx, a.ID); err != nil {
			return nil, err
		}
		if !away && (with.Capacity == 0 || c.load < with.Capacity) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b candidate) int { return cmp.Compare(a.id, b.id) })
	return out, nil
}

// lockRotation has others wait who choose for the department.
func (r *Rules) lockRotation(ctx context.Context, tx store.Tx, department string) error {
	_, err := tx.LockRecord(ctx, kindRotation, department)
	if errors.Is(err, ticket.ErrNotFound) {
		return record.Put(ctx, tx, kindRotation, department, "", "")
	}
	return err
}

// load is how many tickets of an agent wait for staff.
func load(ctx context.Context, r store.Reader, agent string) (int, error) {
	n, err := r.CountTickets(ctx, ticket.Query{Assignee: agent, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen}}, everything, ticket.MaxCount)
	return n.N, err
}

func (r *Rules) isAway(ctx context.Context, x store.Reader, agent string) (bool, error) {
	until, err := record.Read[time.Time](ctx, x, kindAway, agent)
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	return err == nil && until.After(r.desk.Now()), err
}

// SetAway has an agent get no tickets by auto_assign until then; the zero time ends it. Agents say it of themselves, and who
// may configure the desk of everybody. Where the desk keeps its people itself they are to be known, but for the end of it.
// Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrInvalid for who is nobody.
func (r *Rules) SetAway(ctx context.Context, agent string, until time.Time) error {
	actor, err := ticket.ActorFrom(ctx)
	if err == nil && (actor.Kind != ticket.ActorStaff || actor.ID != agent) {
		err = r.desk.MayConfigure(ctx)
	}
	if err == nil && !until.IsZero() {
		err = r.checkKnown(ctx, agent)
	}
	if err == nil {
		err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if until.IsZero() {
				return tx.DeleteRecord(ctx, kindAway, agent)
			}
			return record.Put(ctx, tx, kindAway, agent, "", until.UTC())
		})
	}
	return failed("set away "+agent, err)
}

// Absence is that an agent is away.
type Absence struct {
	Agent string    `json:"agent"` // id
	Until time.Time `json:"until"`
}

// Away lists who is away now, by their ids, and until when. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (r *Rules) Away(ctx context.Context) (out []Absence, err error) {
	actor, err := ticket.ActorFrom(ctx)
	if err == nil && actor.IsCustomer() {
		err = ticket.ErrForbidden
	}
	if err != nil {
		return nil, failed("list who is away", err)
	}
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out = nil
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindAway})
		for _, rec := range recs {
			a := Absence{Agent: rec.Key}
			if err := json.Unmarshal(rec.Doc, &a.Until); err != nil {
				return err
			}
			if a.Until.After(r.desk.Now()) {
				out = append(out, a)
			}
		}
		return err
	})
	return out, failed("list who is away", err)
}

// HandOver gives the tickets of an agent that are not solved to others, each as with says, and returns how many of them
// found somebody. The agent gets none of them back, whether away or not. It takes the right to assign them. It can be
// called again where it was interrupted. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrInvalid.
func (r *Rules) HandOver(ctx context.Context, agent string, with Assignment) (n int, err error) {
	op := "hand over the tickets of " + agent
	if err := known("method", string(with.By), []string{string(RoundRobin), string(LeastLoaded)}); err != nil {
		return 0, failed(op, ticket.Invalid("by", ticket.FaultUnknown, "%v", err))
	}
	if agent == "" {
		return 0, failed(op, ticket.Invalid("agent", ticket.FaultRequired, "is empty"))
	}
	with.Again = true
	q := ticket.Query{Assignee: agent, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen, ticket.ClassPending}, Sort: ticket.OldestCreated}
	var ids []int64
	for id, err := range r.selected(ctx, q) {
		if err != nil {
			return 0, failed(op, err)
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		t, err := r.desk.Ticket(ctx, id)
		if err == nil && t.Assignee == agent {
			_, err = r.assign(ctx, t, with)
		}
		if err != nil {
			return n, failed(op, fmt.Errorf("ticket %d: %w", id, err))
		}
		if t, err = r.desk.Ticket(ctx, id); err != nil {
			return n, failed(op, err)
		}
		if t.Assignee != agent {
			n++
		}
	}
	return n, nil
}
