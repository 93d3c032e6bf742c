package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMassStart(t *testing.T) {
	t.Parallel()
	t.Run("M62 a patch that no ticket can take is refused at the start, as a single update is", func(t *testing.T) {
		t.Parallel()
		cfg := inPlaces(helpdesk.Config{Agents: []ticket.Agent{{ID: "7", Name: "Bob", Roles: []string{"admin"}}, {ID: "9", Name: "Dan", Inactive: true}},
			Roles: []ticket.Role{{Code: "admin", Name: "Admin", Grants: []ticket.Grant{{}}}}})
		cfg.Departments = append(cfg.Departments, ticket.Department{Code: "closed", Name: "Closed", Inactive: true}, ticket.Department{Code: "here", Name: "Here", Brands: []string{"default"}})
		cfg.Fields = []ticket.Field{{Code: "size", Name: "Size", Type: ticket.FieldNumber}}
		d := newDesk(t, cfg)
		ids := many(t, d, 2)
		long := strings.Repeat("x", 2000)
		for field, p := range map[string]ticket.Patch{
			"status": {Status: new("gone")}, "priority": {Priority: new("gone")}, "department": {Department: new("gone")}, "brand": {Brand: new("gone")},
			"folder": {Folder: new(ticket.Folder("gone"))}, "assignee": {Assignee: new("gone")}, "subject": {Subject: new(" ")}, "phone": {Phone: &long},
			"fields.gone": {Fields: map[string]*string{"gone": new("1")}}, "fields.size": {Fields: map[string]*string{"size": new("large")}},
			"requester": {Requester: &ticket.Person{Name: "Nobody"}}, "tags": {Tags: &[]string{long}}, "watchers": {Watchers: &[]string{long}},
		} {
			_, err := d.UpdateTicket(as(bob), ids[0], p)
			invalid(t, err, field)
			_, err = d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: p})
			invalid(t, err, field)
		}
		for field, a := range map[string]ticket.MassAction{
			"tags":       {AddTags: []string{long}},
			"assignee":   {Patch: ticket.Patch{Assignee: new("9")}},
			"department": {Patch: ticket.Patch{Department: new("closed")}},
		} {
			a.IDs, a.Do = ids, ticket.MassUpdate
			_, err := d.Mass().Start(as(bob), a)
			invalid(t, err, field)
		}
		_, err := d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Department: new("here"), Brand: new("outlet")}})
		invalid(t, err, "department")
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Department: new("here"), Fields: map[string]*string{"size": new("07")}}}))(t)
		equal(t, "failed", run.Failed, 0)
		equal(t, "the size", must(d.Ticket(as(bob), ids[1]))(t).Fields["size"], must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Fields: map[string]*string{"size": new("07")}}))(t).Fields["size"])
	})
	t.Run("M62 what only a ticket can tell is left to the tickets", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{Settings: ticket.SettingsPatch{RequireClosingNote: new(true)}}))
		ids := many(t, d, 2)
		must(d.UpdateTicket(as(bob), ids[0], ticket.Patch{Status: new("closed"), Note: "x"}))(t)
		run := must(d.Mass().Start(as(bob), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Status: new("closed")}}))(t)
		equal(t, "failed without a note", run.Failed, 1)
	})
	t.Run("M62 the target of a merge must be there for whoever starts it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		ids := many(t, d, 4)
		into := func(target int64) ticket.MassAction {
			return ticket.MassAction{IDs: ids[:1], Do: ticket.MassMerge, Into: target}
		}
		must(d.Transfer(as(host), ids[3], "billing"))(t)
		must(d.Merge(as(host), ids[3], ids[2]))(t)
		hire(t, d, carol, []string{"support"}, ticket.Grant{Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightSee, ticket.RightMerge}},
			ticket.Grant{Departments: []string{"billing"}, Rights: []ticket.Right{ticket.RightSee}, Brands: []string{"outlet"}})
		for what, c := range map[string]struct {
			actor  ticket.Actor
			target int64
			want   error
		}{"nothing": {host, 99, ticket.ErrNotFound}, "a shell": {host, ids[2], ticket.ErrMerged}, "one that she does not see": {carol, ids[3], ticket.ErrNotFound}} {
			if _, err := d.Mass().Start(as(c.actor), into(c.target)); err == nil {
				t.Errorf("into %s: started", what)
			} else {
				is(t, err, c.want)
			}
		}
		equal(t, "done", must(d.Mass().Start(as(carol), into(ids[1])))(t).Done, 1)
		hire(t, d, dan, nil)
		_, err := d.Mass().Start(as(dan), ticket.MassAction{IDs: ids, Do: ticket.MassUpdate, Patch: ticket.Patch{Assignee: new("gone")}})
		is(t, err, ticket.ErrForbidden) // and not who works here
	})
}
