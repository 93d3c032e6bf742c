package helpdesk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// checkMass brings an action into its normal form and says what is wrong with it, whatever its tickets are.
func (d *Desk) checkMass(ctx context.Context, actor ticket.Actor, a *ticket.MassAction) error {
	if err := d.mayAtAll(ctx, actor, ActSee); err != nil { // what is refused tells of catalogue and agents
		return err
	}
	if err := normalMass(a); err != nil {
		return err
	}
	switch a.Do {
	case ticket.MassMerge:
		_, err := d.readToMerge(ctx, actor, a.Into)
		return err
	case ticket.MassUpdate:
		return d.checkMassPatch(ctx, actor, *a)
	}
	return nil
}

// checkMassPatch checks of an update what is the same for every ticket. Custom fields are brought into their normal
// form.
func (d *Desk) checkMassPatch(ctx context.Context, actor ticket.Actor, a ticket.MassAction) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	var e ticket.ValidationError
	p := a.Patch
	if len(a.AddTags) > 0 {
		p.Tags = &a.AddTags
	}
	d.checkSets(&e, conf, p)
	switch {
	case p.Brand != nil && p.Department != nil:
		conf.CheckPlace(&e, *p.Brand, *p.Department)
	case p.Brand != nil:
		conf.CheckBrand(&e, *p.Brand)
	case p.Department != nil:
		conf.CheckDepartment(&e, *p.Department)
	}
	unknown := &ticket.Ticket{}
	(&write{d: d, conf: conf, actor: actor, after: unknown}).checkFieldValues(&e, p)
	if err := e.Err(); err != nil {
		return err
	}
	return d.checkAssignee(ctx, actor, unknown, p)
}

// normalMass checks the shape of an action.
func normalMass(a *ticket.MassAction) error {
	var e ticket.ValidationError
	a.AddTags, a.RemoveTags = normalTags(a.AddTags), normalTags(a.RemoveTags)
	switch {
	case (len(a.IDs) == 0) == (a.Query == nil):
		e.Add("ids", ticket.FaultConflicting, "or a query say which tickets are meant: give one of both")
	case len(a.IDs) > ticket.MaxMass:
		e.Add("ids", ticket.FaultTooMany, "are too many: %d at most; use a query", ticket.MaxMass)
	}
	if i := slices.IndexFunc(a.IDs, func(id int64) bool { return id <= 0 }); i >= 0 {
		e.Add("ids", ticket.FaultUnknown, "hold %d, which is no ticket's: leave it out", a.IDs[i])
	}
	seen := map[int64]bool{}
	a.IDs = slices.DeleteFunc(a.IDs, func(id int64) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
	nothing := ticket.Diff(&ticket.Ticket{}, &ticket.Ticket{Tags: slices.Concat(a.AddTags, a.RemoveTags)}) == nil && emptyPatch(a.Patch)
	switch a.Do {
	case ticket.MassUpdate:
		if nothing {
			e.Add("patch", ticket.FaultRequired, "changes nothing")
		}
		if a.Patch.Version != 0 {
			e.Add("patch", ticket.FaultNotAllowed, "names a version, which is not for many tickets: leave it out")
		}
		if a.Patch.Tags != nil && len(a.AddTags)+len(a.RemoveTags) > 0 {
			e.Add("add_tags", ticket.FaultConflicting, "and remove_tags do not go with tags in the patch")
		}
	case ticket.MassDelete, ticket.MassRestore, ticket.MassPurge, ticket.MassMerge:
		if !nothing {
			e.Add("patch", ticket.FaultConflicting, "and tags are for %q only", ticket.MassUpdate)
		}
	default:
		e.Add("do", ticket.FaultUnknown, "%q is nothing that can be done to many: use %q, %q, %q, %q or %q", a.Do, ticket.MassUpdate, ticket.MassDelete, ticket.MassRestore, ticket.MassPurge, ticket.MassMerge)
	}
	if (a.Do == ticket.MassMerge) != (a.Into != 0) {
		e.Add("into", ticket.FaultConflicting, "is the target of %q, and of nothing else", ticket.MassMerge)
	}
	if a.Query != nil {
		a.Query.Sort, a.Query.Cursor, a.Query.Limit = ticket.OldestCreated, "", massBatch
	}
	return e.Err()
}

func emptyPatch(p ticket.Patch) bool {
	doc, err := json.Marshal(p)
	return err == nil && strings.Trim(string(doc), "{}") == ""
}
