package helpdesk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// UpdateTicket changes properties of a ticket. All the convenience verbs are this one with a patch of their own.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden; ticket.ErrConflict if the patch has a Version
// that is not the ticket's; ticket.ErrInvalid for values that the catalogue does not have or that are over the limits,
// and where policy wants a closing note; ticket.ErrRefused; ticket.ErrBusy. A patch that changes nothing is no error
// and leaves no trace. One that moves the ticket out of its assignee's sight, and names no other one, unassigns it.
func (d *Desk) UpdateTicket(ctx context.Context, id int64, patch ticket.Patch) (*ticket.Ticket, error) {
	return d.update(ctx, "update", id, change{act: ActUpdate, patch: patch})
}

// SetStatus changes the status; a note says why, for staff only. Customers may close and reopen (G08). Errors: as
// UpdateTicket.
func (d *Desk) SetStatus(ctx context.Context, id int64, status string, note ...string) (*ticket.Ticket, error) {
	return d.update(ctx, "set status of", id, change{act: ActStatus, patch: ticket.Patch{Status: &status, Note: first(note)}})
}

// Solve sets the first status of class solved, or closed where there is none. Errors: as UpdateTicket.
func (d *Desk) Solve(ctx context.Context, id int64, note ...string) (*ticket.Ticket, error) {
	return d.update(ctx, "solve", id, change{act: ActStatus, patch: ticket.Patch{Note: first(note)}, derive: toClass(ticket.ClassSolved, ticket.ClassClosed)})
}

// CloseTicket sets the first status of class closed, or solved where there is none. Errors: as UpdateTicket.
func (d *Desk) CloseTicket(ctx context.Context, id int64, note ...string) (*ticket.Ticket, error) {
	return d.update(ctx, "close", id, change{act: ActStatus, patch: ticket.Patch{Note: first(note)}, derive: toClass(ticket.ClassClosed, ticket.ClassSolved)})
}

// ReopenTicket sets the status that the settings have for reopened tickets. Open tickets stay as they are. Customers
// may reopen where they may write: ticket.ErrClosed and ticket.ErrLocked otherwise. Errors: as UpdateTicket.
func (d *Desk) ReopenTicket(ctx context.Context, id int64, note ...string) (*ticket.Ticket, error) {
	return d.update(ctx, "reopen", id, change{act: ActStatus, patch: ticket.Patch{Note: first(note)}, derive: func(w *write, t *ticket.Ticket, p *ticket.Patch) error {
		if s := w.conf.SettingsOf(t); t.Class.Done() {
			p.Status = new(cmp.Or(s.ReopenStatus, s.DefaultStatus))
		}
		return nil
	}})
}

// SetPriority changes the priority. Errors: as UpdateTicket.
func (d *Desk) SetPriority(ctx context.Context, id int64, priority string) (*ticket.Ticket, error) {
	return d.update(ctx, "set priority of", id, change{act: ActUpdate, patch: ticket.Patch{Priority: &priority}})
}

// Assign gives the ticket to an agent; an empty id takes it from whoever has it. The id must be one that the directory
// knows, if it knows any agents, and of somebody who sees the ticket then. Errors: as UpdateTicket.
func (d *Desk) Assign(ctx context.Context, id int64, agent string) (*ticket.Ticket, error) {
	return d.update(ctx, "assign", id, change{act: ActAssign, patch: ticket.Patch{Assignee: &agent}})
}

// Claim assigns the ticket to the acting agent, if nobody has it: of two agents who claim at once one gets it, and the
// other ticket.ErrConflict. Claiming what one has already changes nothing. Errors: as UpdateTicket; ticket.ErrForbidden
// for an actor who is no agent.
func (d *Desk) Claim(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return d.update(ctx, "claim", id, change{act: ActAssign, derive: func(w *write, t *ticket.Ticket, p *ticket.Patch) error {
		switch {
		case w.actor.Kind != ticket.ActorStaff || w.actor.ID == "":
			return fmt.Errorf("%w: only an agent can claim", ticket.ErrForbidden)
		case t.Assignee != "" && t.Assignee != w.actor.ID:
			return fmt.Errorf("%w: agent %q has the ticket", ticket.ErrConflict, t.Assignee)
		}
		p.Assignee = &w.actor.ID
		return nil
	}})
}

// Transfer moves the ticket to another department. An agent who has it, and would not see it there, has it no more.
// Errors: as UpdateTicket.
func (d *Desk) Transfer(ctx context.Context, id int64, department string) (*ticket.Ticket, error) {
	return d.update(ctx, "transfer", id, change{act: ActUpdate, patch: ticket.Patch{Department: &department}})
}

// Lock keeps customers from writing until Unlock. Errors: as UpdateTicket.
func (d *Desk) Lock(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return d.update(ctx, "lock", id, change{act: ActUpdate, patch: ticket.Patch{Locked: new(true)}})
}

// Unlock undoes Lock. Errors: as UpdateTicket.
func (d *Desk) Unlock(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return d.update(ctx, "unlock", id, change{act: ActUpdate, patch: ticket.Patch{Locked: new(false)}})
}

// SetService says which order or service the ticket is about; empty for none. Errors: as UpdateTicket.
func (d *Desk) SetService(ctx context.Context, id int64, service string) (*ticket.Ticket, error) {
	return d.update(ctx, "set service of", id, change{act: ActUpdate, patch: ticket.Patch{Service: &service}})
}

// MoveTo moves the ticket to another folder. Errors: as UpdateTicket.
func (d *Desk) MoveTo(ctx context.Context, id int64, folder ticket.Folder) (*ticket.Ticket, error) {
	return d.update(ctx, "move", id, change{act: ActUpdate, patch: ticket.Patch{Folder: &folder}})
}

// Watch makes an agent a watcher of the ticket, who hears of it. The id must be one that the directory knows, if it
// knows any agents, and of somebody who sees the ticket then. Errors: as UpdateTicket.
func (d *Desk) Watch(ctx context.Context, id int64, agent string) (*ticket.Ticket, error) {
	return d.update(ctx, "watch", id, change{act: ActUpdate, derive: func(_ *write, t *ticket.Ticket, p *ticket.Patch) error {
		if agent == "" {
			return ticket.Invalid("watchers", ticket.FaultRequired, "needs the id of an agent")
		}
		list := slices.Clone(t.Watchers)
		if !slices.Contains(list, agent) {
			list = append(list, agent)
		}
		p.Watchers = &list
		return nil
	}})
}

// Unwatch undoes Watch. Errors: as UpdateTicket.
func (d *Desk) Unwatch(ctx context.Context, id int64, agent string) (*ticket.Ticket, error) {
	return d.update(ctx, "unwatch", id, change{act: ActUpdate, derive: func(_ *write, t *ticket.Ticket, p *ticket.Patch) error {
		list := slices.DeleteFunc(slices.Clone(t.Watchers), func(s string) bool { return s == agent })
		p.Watchers = &list
		return nil
	}})
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// change is what an update wants. derive completes the patch from the ticket: before the gates from the ticket as it
// was read, and again from the locked row, where it decides.
type change struct {
	act    Action
	acts   []Action // act, and what else the caller's patch needs the right for
	patch  ticket.Patch
	whom   []ticket.Mention // whom the patch's note mentions
	loser  string           // who has the ticket, and would not see it where the patch moves it
	derive func(w *write, t *ticket.Ticket, p *ticket.Patch) error
}

// rights are what the patch of the caller needs: to update is not yet to close, to assign or to note.
func (c change) rights() []Action {
	acts := []Action{c.act}
	if c.patch.Status != nil {
		acts = append(acts, ActStatus)
	}
	if c.patch.Assignee != nil {
		acts = append(acts, ActAssign)
	}
	if c.patch.Note != "" {
		acts = append(acts, ActNote)
	}
	return acts
}

func (c change) complete(w *write, t *ticket.Ticket) (ticket.Patch, error) {
	p := c.patch
	if c.derive == nil {
		return p, nil
	}
	err := c.derive(w, t, &p) // which changes p
	return p, err
}

func toClass(classes ...ticket.Class) func(*write, *ticket.Ticket, *ticket.Patch) error {
	return func(w *write, t *ticket.Ticket, p *ticket.Patch) error {
		if t.Class == classes[0] {
			return nil
		}
		code, err := w.closing(t, classes...)
		p.Status = &code
		return err
	}
}

func (d *Desk) update(ctx context.Context, verb string, id int64, c change) (*ticket.Ticket, error) {
	t, err := d.tryUpdate(ctx, id, c)
	return t, failed(fmt.Sprintf("%s ticket %d", verb, id), err)
}

func (d *Desk) tryUpdate(ctx context.Context, id int64, c change) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	c.patch, c.acts = c.patch.Clone(), c.rights() // what hooks change is not the caller's
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, t, c.acts...); err != nil {
		return nil, err
	}
	if f := &d.hooks.TicketPatch; !f.Empty() {
		in := hooks.Updating{Actor: actor, Ticket: t.Clone(), Patch: &c.patch}
		if err := f.Run(ctx, &in); err != nil {
			return nil, err
		}
		c.patch = filtered(in.Patch, c.patch)
	}
	if err := d.checkAssignee(ctx, actor, t, c.patch); err != nil {
		return nil, err
	}
	p, after, err := d.tryChange(ctx, actor, t, c)
	if err != nil {
		return nil, err
	}
	if c.loser, err = d.loser(ctx, t, after); err != nil {
		return nil, err
	}
	unassign(actor, t, after, c.loser)
	if err := d.checkSight(ctx, actor, t, after); err != nil {
		return nil, err
	}
	if c.whom, err = d.mentionsIn(ctx, actor, after, ticket.KindNote, c.patch.Note, nil); err != nil {
		return nil, err
	}
	if err := d.gateUpdate(ctx, actor, t, after, p); err != nil {
		return nil, err
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.update(ctx, id, c) })
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.after), nil
}

// checkAssignee refuses to give a ticket to nobody. It is no matter for the transaction: the directory may be far away.
func (d *Desk) checkAssignee(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, p ticket.Patch) error {
	if p.Assignee == nil || *p.Assignee == t.Assignee || (actor.Kind == ticket.ActorStaff && *p.Assignee == actor.ID) {
		return nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	return d.checkAgent(ctx, conf, "assignee", *p.Assignee)
}

// tryChange tries a change on the ticket as it was read, and returns the whole patch and what would come out.
func (d *Desk) tryChange(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, c change) (p ticket.Patch, after *ticket.Ticket, err error) {
	err = d.tryConfig(ctx, func(conf *config) (err error) {
		w := &write{d: d, conf: conf, actor: actor, now: d.Now(), before: t, after: t.Clone()}
		if p, err = c.complete(w, t); err != nil {
			return err
		}
		after = w.after
		return w.apply(p)
	})
	return p, after, err
}

// gateUpdate shows the gates what would come out of a change.
func (d *Desk) gateUpdate(ctx context.Context, actor ticket.Actor, t, after *ticket.Ticket, p ticket.Patch) error {
	r, limit := d.hooks, d.gateLimit(ctx)
	var errs []error
	if g := &r.TicketNoteValidation; strings.TrimSpace(p.Note) != "" && !g.Empty() {
		note := ticket.ReplyDraft{Kind: ticket.KindNote, Body: p.Note}
		errs = append(errs, g.RunWithin(ctx, limit, hooks.Replying{Actor: actor, Ticket: t, Draft: &note}))
	}
	in := hooks.Updating{Actor: actor, Ticket: t, Patch: &p, After: after, Changes: ticket.Diff(t, after)}
	if len(in.Changes) == 0 {
		return mergeRefusals(errs...)
	}
	errs = append(errs, r.TicketUpdateValidation.RunWithin(ctx, limit, in))
	if t.Status != after.Status {
		errs = append(errs, r.TicketStatusValidation.RunWithin(ctx, limit, in))
	}
	if t.Assignee != after.Assignee {
		errs = append(errs, r.TicketAssignValidation.RunWithin(ctx, limit, in))
	}
	return mergeRefusals(errs...)
}

// update is the part inside the transaction.
func (w *write) update(ctx context.Context, id int64, c change) error {
	if err := w.lock(ctx, id, c.acts...); err != nil {
		return err
	}
	if err := alive(w.after); err != nil {
		return err
	}
	if c.patch.Version != 0 && c.patch.Version != w.after.Version {
		return fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, w.after.Version, c.patch.Version)
	}
	p, err := c.complete(w, w.after)
	if err != nil {
		return err
	}
	if strings.TrimSpace(p.Note) != "" {
		if err := w.note(ctx, p.Note, c.whom); err != nil {
			return err
		}
	}
	if err := w.apply(p); err != nil {
		return err
	}
	unassign(w.actor, w.before, w.after, c.loser)
	if err := w.step(ctx, ticket.EventUpdated, nil); err != nil {
		return err
	}
	return w.commit(ctx, &w.d.hooks.TicketUpdateGuard)
}

// note adds the note that a change comes with, ahead of the change.
func (w *write) note(ctx context.Context, body string, whom []ticket.Mention) error {
	if err := w.d.authorize(ctx, w.conf, w.actor, ActNote, w.after); err != nil {
		return err
	}
	m, err := w.newMessage(ctx, ticket.KindNote)
	if err != nil {
		return err
	}
	m.Body = body
	if err := w.mention(ctx, m, whom); err != nil {
		return err
	}
	return w.step(ctx, ticket.EventNoted, m)
}
