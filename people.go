package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// People are the agents, customers and organisations that the desk knows: those of Config.Directory, and its own, which
// work out of the box. What is put here is the desk's own; what the host's directory knows stays the host's to change.
// Customers may not look at people, and no passwords are kept.
type People struct{ d *Desk }

// People returns the group of verbs for people.
func (d *Desk) People() People { return People{d} }

// Agent returns an agent. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers; ticket.ErrNotFound.
func (p People) Agent(ctx context.Context, id string) (ticket.Agent, error) {
	return lookUp(ctx, p.d, "read agent "+id, func(ctx context.Context, conf *config) (ticket.Agent, error) { return p.d.agent(ctx, conf, id) })
}

// Agents lists all agents by id, inactive ones too. Errors: as Agent, without ticket.ErrNotFound.
func (p People) Agents(ctx context.Context) ([]ticket.Agent, error) {
	return lookUp(ctx, p.d, "list agents", p.d.agents)
}

// Members lists the active agents who are members of a department (M34). Errors: as Agents.
func (p People) Members(ctx context.Context, department string) ([]ticket.Agent, error) {
	return lookUp(ctx, p.d, "list members", func(ctx context.Context, conf *config) ([]ticket.Agent, error) {
		all, err := p.d.agents(ctx, conf)
		return slices.DeleteFunc(all, func(a ticket.Agent) bool { return a.Inactive || !slices.Contains(a.Departments, department) }), err
	})
}

// Responsible lists the agents whom news of a ticket concern (M34): its assignee, or, where it has none, the members of
// its department, or all agents if the settings say so. A silent department has nobody. Inactive agents, and those who
// may not see the ticket, are left out. Errors: as Agent.
func (p People) Responsible(ctx context.Context, ticketID int64) ([]ticket.Agent, error) {
	ctx, actor, err := p.d.enter(ctx)
	if err != nil {
		return nil, failed("list responsible agents", err)
	}
	out, err := p.d.responsible(ctx, actor, ticketID)
	return out, failed(fmt.Sprintf("list agents responsible for ticket %d", ticketID), err)
}

func (d *Desk) responsible(ctx context.Context, actor ticket.Actor, id int64) ([]ticket.Agent, error) {
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.authorize(ctx, conf, actor, ActSee, nil); err != nil {
		return nil, err
	}
	all, err := d.agents(ctx, conf)
	if err != nil {
		return nil, err
	}
	var out []ticket.Agent
	for _, a := range all {
		if a.Inactive || !conf.Concerns(a, t) {
			continue
		}
		sees, err := d.decide(ctx, conf, ticket.Staff(a.ID, a.Name, a.Email), ActSee, t)
		if err != nil {
			return nil, err
		}
		if sees.Allowed {
			out = append(out, a)
		}
	}
	return out, nil
}

// PutAgent adds an agent, or changes the one with the ID. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the
// right to configure; ticket.ErrInvalid.
func (p People) PutAgent(ctx context.Context, a ticket.Agent) error {
	a = a.Clone()
	a.Email = ticket.NormalizeEmail(a.Email)
	var e ticket.ValidationError
	return Catalog(p).put(ctx, kindAgent, a.ID, a, &e, func(ctx context.Context, w *write) error {
		var e ticket.ValidationError
		w.d.checkAgentEntry(w.conf, &e, a)
		if e.Err() != nil {
			return e.Err()
		}
		return w.notePeople(ctx, keyHasAgents)
	})
}

func (d *Desk) checkAgentEntry(conf *config, e *ticket.ValidationError, a ticket.Agent) {
	checkID(e, a.ID)
	if a.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	for field, s := range map[string]string{"name": a.Name, "first_name": a.FirstName, "last_name": a.LastName, "email": a.Email, "locale": a.Locale} {
		e.CheckLine(field, s, d.cfg.Limits.Text)
	}
	checkZone(e, a.Zone)
	for _, code := range a.Roles {
		if _, ok := conf.Role(code); !ok {
			e.Add("roles", ticket.FaultUnknown, "%q is no role: put the role first", code)
		}
	}
	conf.CheckPlaces(e, nil, a.Departments)
	d.checkSignatures(conf, e, a.Signatures)
}

// DeleteAgent removes one of the desk's own agents, and with them their rights: as soon as a desk has had an agent, an
// id that nobody knows has none. Their private views go, unless the host's directory knows the id as well. Tickets keep
// the id; an agent who has left is better made Inactive. Errors: as PutAgent; ticket.ErrNotFound.
func (p People) DeleteAgent(ctx context.Context, id string) error {
	hosted := false
	if dir := p.d.cfg.Directory; dir != nil { // asked ahead of the transaction: it may be far away
		_, err := dir.Agent(ctx, id)
		if hosted = err == nil; !hosted && !errors.Is(err, ticket.ErrNotFound) {
			return failed("delete agent "+id, err)
		}
	}
	return failed("delete agent "+id, p.d.configure(ctx, func(ctx context.Context, w *write) error {
		if err := w.putConfig(ctx, kindAgent, id, nil, ticket.EventCatalog, "agent/"+id); err != nil {
			return err
		}
		if !hosted {
			if err := w.dropViews(ctx, id); err != nil {
				return err
			}
		}
		return w.notePeople(ctx, keyHasAgents)
	}))
}

// lookUp is the frame of everything that reads people.
func lookUp[T any](ctx context.Context, d *Desk, op string, fn func(context.Context, *config) (T, error)) (T, error) {
	var zero T
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return zero, failed(op, err)
	}
	conf, err := d.confOf(ctx)
	if err == nil {
		err = d.authorize(ctx, conf, actor, ActSee, nil)
	}
	if err != nil {
		return zero, failed(op, err)
	}
	v, err := fn(ctx, conf)
	return v, failed(op, err)
}

func checkID(e *ticket.ValidationError, id string) {
	if strings.TrimSpace(id) == "" {
		e.Add("id", ticket.FaultRequired, "is empty: use the host's own id")
	}
	e.CheckLine("id", id, 200)
}

func checkZone(e *ticket.ValidationError, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		e.Add("zone", ticket.FaultUnknown, "%q is no IANA time zone, as Europe/Berlin is one", zone)
	}
}

// keepPeople is the frame of every change of customers and organisations. What was changed is journalled without the values:
// a person who is erased must not live on in the journal.
func (d *Desk) keepPeople(ctx context.Context, op string, fn func(ctx context.Context, w *write) error) error {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		err = d.mayAtAll(ctx, actor, ActPeople)
	}
	if err == nil {
		_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
			if err := d.authorize(ctx, w.conf, actor, ActPeople, nil); err != nil {
				return err
			}
			return fn(ctx, w)
		})
	}
	return failed(op, err)
}

// putPerson stores a record of the directory and journals the names of the fields that changed.
func (w *write) putPerson(ctx context.Context, rec *store.Record, old json.RawMessage, what string) error {
	if err := w.tx.PutRecord(ctx, rec); err != nil {
		return err
	}
	if err := w.hasPeople(ctx); err != nil {
		return err
	}
	changes := diffDocs(old, rec.Doc)
	for i := range changes {
		changes[i].Old, changes[i].New = "", ""
	}
	if len(changes) == 0 {
		return nil
	}
	return w.record(ctx, &ticket.Event{Type: ticket.EventPeople, Subject: what, Changes: changes})
}

// hasPeople says once that the directory is not empty.
func (w *write) hasPeople(ctx context.Context) error {
	if w.conf.people {
		return nil
	}
	return w.notePeople(ctx, keyHasPeople)
}

// notePeople notes for good that there are, or were, people of a sort.
func (w *write) notePeople(ctx context.Context, key string) error {
	_, err := w.tx.Record(ctx, kindHasPeople, key)
	if errors.Is(err, ticket.ErrNotFound) {
		w.configured = true
		return w.tx.PutRecord(ctx, &store.Record{Kind: kindHasPeople, Key: key, Doc: json.RawMessage(`true`)})
	}
	return err
}

// point makes key lead to id, unless it leads to somebody else.
func (w *write) point(ctx context.Context, kind, key, id, what string) error {
	rec, err := w.tx.Record(ctx, kind, key)
	if errors.Is(err, ticket.ErrNotFound) {
		doc, err := json.Marshal(pointer{id})
		if err != nil {
			return err
		}
		return w.tx.PutRecord(ctx, &store.Record{Kind: kind, Key: key, Parent: id, Doc: doc})
	}
	if err != nil {
		return err
	}
	var held pointer
	if err := json.Unmarshal(rec.Doc, &held); err != nil {
		return err
	}
	if held.ID != id {
		return fmt.Errorf("%w: %s is another's", ticket.ErrExists, what)
	}
	return nil
}

// unpoint takes back what point did, if it is still so.
func (w *write) unpoint(ctx context.Context, kind, key, id string) error {
	rec, err := w.tx.Record(ctx, kind, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var held pointer
	if err := json.Unmarshal(rec.Doc, &held); err != nil || held.ID != id {
		return err
	}
	return w.tx.DeleteRecord(ctx, kind, key)
}
