package helpdesk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// inPlaces adds two departments and two brands.
func inPlaces(cfg helpdesk.Config) helpdesk.Config {
	cfg.Departments = []ticket.Department{{Code: "support", Name: "Support"}, {Code: "billing", Name: "Billing"}}
	cfg.Brands = []ticket.Brand{{Code: "default", Name: "Shop"}, {Code: "outlet", Name: "Outlet"}}
	return cfg
}

// hire puts an agent with one role of these grants.
func hire(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, departments []string, grants ...ticket.Grant) {
	t.Helper()
	ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "role-" + a.ID, Name: "Role", Grants: grants}))
	ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: a.ID, Name: a.Name, Roles: []string{"role-" + a.ID}, Departments: departments}))
}

func openIn(t testing.TB, d *helpdesktest.Desk, brand, department string) *ticket.Ticket {
	t.Helper()
	draft := lamp()
	draft.Brand, draft.Department, draft.Requester = brand, department, ann.Person()
	return must(d.CreateTicket(as(host), draft))(t)
}

func TestRoles(t *testing.T) {
	t.Parallel()
	t.Run("M51 a desk begins with one role that gives every right everywhere", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		roles := must(d.Catalog().Roles(as(bob)))(t)
		if len(roles) != 1 || roles[0].Code != "agent" || len(roles[0].Grants) != 1 {
			t.Fatalf("roles are %+v", roles)
		}
		tk := open(t, d, ann)
		for _, act := range helpdesk.Actions() {
			if e := must(d.Rights().Explain(as(bob), bob, act, tk.ID))(t); !e.Allowed || e.Right.Role != "agent" || e.Right.Grant != 1 {
				t.Errorf("%s: %s", act, e)
			}
		}
		_, err := d.Catalog().Roles(as(ann))
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("M51 rights hold in the departments of the grant, in lists and by verbs", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		hire(t, d, bob, nil, ticket.Grant{Departments: []string{"support"}, Rights: []ticket.Right{ticket.RightSee, ticket.RightReply}})
		mine, other := openIn(t, d, "", "support"), openIn(t, d, "", "billing")
		page := must(d.Tickets(as(bob), ticket.Query{}))(t)
		equal(t, "listed", len(page.Tickets), 1)
		must(d.Reply(as(bob), mine.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		_, err := d.Reply(as(bob), other.ID, ticket.ReplyDraft{Body: "hi"})
		is(t, err, ticket.ErrNotFound)
		_, err = d.SetPriority(as(bob), mine.ID, "high")
		is(t, err, ticket.ErrForbidden)
		_, err = d.AddNote(as(bob), mine.ID, ticket.ReplyDraft{Body: "hi"})
		is(t, err, ticket.ErrForbidden)
		_, err = d.CreateTicket(as(bob), lamp())
		is(t, err, ticket.ErrForbidden)
		_, err = d.TicketByCode(as(bob), other.Code)
		is(t, err, ticket.ErrNotFound)
		is(t, d.DeleteTicket(as(bob), mine.ID), ticket.ErrForbidden)
		is(t, d.Catalog().PutRole(as(bob), ticket.Role{Code: "mine", Name: "Mine", Grants: []ticket.Grant{{}}}), ticket.ErrForbidden)
	})
	t.Run("M51 a member hands a ticket to a department that they cannot see", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		hire(t, d, bob, nil, ticket.Grant{Departments: []string{"support"}})
		tk := openIn(t, d, "", "support")
		must(d.Transfer(as(bob), tk.ID, "billing"))(t)
		_, err := d.Ticket(as(bob), tk.ID)
		is(t, err, ticket.ErrNotFound)
		equal(t, "department", must(d.Ticket(as(host), tk.ID))(t).Department, "billing")
	})
	t.Run("M51 to see has a scope: mine, my departments, all", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		in := openIn(t, d, "", "support")
		out := openIn(t, d, "", "billing")
		given := must(d.Assign(as(host), openIn(t, d, "", "billing").ID, bob.ID))(t)
		watched := must(d.Watch(as(host), openIn(t, d, "", "billing").ID, bob.ID))(t)
		for sight, want := range map[ticket.Sight][]int64{
			ticket.SightMine: {given.ID, watched.ID}, ticket.SightDepartment: {in.ID, given.ID, watched.ID}, ticket.SightAll: {in.ID, out.ID, given.ID, watched.ID},
		} {
			hire(t, d, bob, []string{"support"}, ticket.Grant{Sight: sight})
			got := map[int64]bool{}
			for _, tk := range must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets {
				got[tk.ID] = true
			}
			equal(t, string(sight), len(got), len(want))
			for _, id := range want {
				if !got[id] {
					t.Errorf("%s does not list ticket %d", sight, id)
				}
				must(d.Ticket(as(bob), id))(t)
			}
		}
	})
	t.Run("B03 M51 a grant for a brand ends at the brand", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		hire(t, d, bob, nil, ticket.Grant{Brands: []string{"outlet"}})
		shop, outlet := openIn(t, d, "default", "support"), openIn(t, d, "outlet", "support")
		must(d.Ticket(as(bob), outlet.ID))(t)
		_, err := d.Ticket(as(bob), shop.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.UpdateTicket(as(bob), outlet.ID, ticket.Patch{Brand: new("default")})
		ok(t, err)
		_, err = d.Ticket(as(bob), outlet.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("M51 what is about the whole desk needs a grant for all of it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		hire(t, d, bob, nil, ticket.Grant{Departments: []string{"support"}})
		is(t, d.Catalog().PutPriority(as(bob), ticket.Priority{Code: "x", Name: "X"}), ticket.ErrForbidden)
		_, err := d.Journal(as(bob), ticket.EventQuery{})
		is(t, err, ticket.ErrForbidden)
		_, err = d.People().PutCustomer(as(bob), ticket.Customer{ID: "x"})
		is(t, err, ticket.ErrForbidden)
		hire(t, d, bob, nil, ticket.Grant{Rights: []ticket.Right{ticket.RightHistory, ticket.RightPeople}, Sight: ticket.SightMine})
		_, err = d.Journal(as(bob), ticket.EventQuery{})
		is(t, err, ticket.ErrForbidden)
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "x"}))(t)
		for _, sight := range []ticket.Sight{ticket.SightMine, ticket.SightDepartment} { // every right, and they could give themselves the rest
			hire(t, d, bob, nil, ticket.Grant{Sight: sight})
			is(t, d.People().PutAgent(as(bob), ticket.Agent{ID: "7", Departments: []string{"billing"}}), ticket.ErrForbidden)
			_, err = d.People().PutCustomer(as(bob), ticket.Customer{ID: "y"})
			is(t, err, ticket.ErrForbidden)
			hire(t, d, bob, nil, ticket.Grant{Sight: sight, Rights: ticket.Rights()})
			must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "y"}))(t)
		}
	})
	t.Run("M51 Check tells of a department whose tickets no agent sees", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		blind := func() bool {
			problems := must(d.Check(as(host)))(t)
			return slices.ContainsFunc(problems, func(p helpdesk.Problem) bool {
				return p.Area == "rights" && strings.Contains(p.Message, "no agent sees the tickets of department billing")
			})
		}
		hire(t, d, bob, []string{"support"}, ticket.Grant{Sight: ticket.SightDepartment})
		hire(t, d, ticket.Staff("8", "Eve", "eve@desk.example"), nil, ticket.Grant{Departments: []string{"support"}})
		equal(t, "unseen", blind(), true)
		hire(t, d, bob, []string{"support", "billing"}, ticket.Grant{Sight: ticket.SightDepartment})
		equal(t, "with a member", blind(), false)
		hire(t, d, bob, nil, ticket.Grant{Sight: ticket.SightDepartment})
		hire(t, d, ticket.Staff("8", "Eve", "eve@desk.example"), nil, ticket.Grant{})
		equal(t, "with somebody who sees all", blind(), false)
	})
	t.Run("G04 without the right to see all one creates and sees one's own; with it one claims and replies", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		hire(t, d, bob, nil, ticket.Grant{Rights: []ticket.Right{ticket.RightSee, ticket.RightCreate, ticket.RightReply}, Sight: ticket.SightMine})
		theirs := open(t, d, ann)
		own := must(d.CreateTicket(as(bob), lamp()))(t)
		list := must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets
		if len(list) != 1 || list[0].ID != own.ID {
			t.Errorf("listed are %d tickets", len(list))
		}
		_, err := d.Claim(as(bob), theirs.ID)
		is(t, err, ticket.ErrNotFound)
		hire(t, d, bob, nil, ticket.Grant{Rights: []ticket.Right{ticket.RightSee, ticket.RightReply, ticket.RightAssign}})
		must(d.Claim(as(bob), theirs.ID))(t)
		must(d.Reply(as(bob), theirs.ID, ticket.ReplyDraft{Body: "hi"}))(t)
	})
	t.Run("X10 the library says why an agent does not see a ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		tk := openIn(t, d, "outlet", "billing")
		for what, c := range map[string]struct {
			grant ticket.Grant
			says  string
		}{
			"another department": {ticket.Grant{Departments: []string{"support"}}, `department support, and the ticket lies in brand "outlet", department "billing"`},
			"another brand":      {ticket.Grant{Brands: []string{"default"}}, "brand default"},
			"no right":           {ticket.Grant{Rights: []ticket.Right{ticket.RightReply}}, `does not give the right "see"`},
			"not mine":           {ticket.Grant{Sight: ticket.SightMine}, "neither assigned to the agent nor watched"},
			"no member":          {ticket.Grant{Sight: ticket.SightDepartment}, `no member of department "billing"`},
		} {
			hire(t, d, bob, []string{"support"}, c.grant)
			e := must(d.Rights().Explain(as(host), bob, helpdesk.ActSee, tk.ID))(t)
			if e.Allowed || !strings.Contains(e.String(), c.says) {
				t.Errorf("%s: %s", what, e)
			}
			_, err := d.Ticket(as(bob), tk.ID)
			is(t, err, ticket.ErrNotFound)
			equal(t, what, must(d.Rights().May(as(bob), helpdesk.ActReply, tk.ID))(t), false)
		}
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: bob.ID, Name: "Bob", Inactive: true}))
		if e := must(d.Rights().Explain(as(host), bob, helpdesk.ActSee, tk.ID))(t); !strings.Contains(e.String(), "inactive") {
			t.Error(e)
		}
		_, err := d.Rights().Explain(as(bob), bob, helpdesk.ActSee, tk.ID)
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("M51 a role is checked, journalled, and kept while somebody has it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for field, r := range map[string]ticket.Role{
			"grants": {Code: "x", Name: "X", Grants: []ticket.Grant{{Rights: []ticket.Right{"fly"}}}}, "departments": {Code: "x", Name: "X", Grants: []ticket.Grant{{Departments: []string{"none"}}}},
			"brands": {Code: "x", Name: "X", Grants: []ticket.Grant{{Brands: []string{"none"}}}}, "code": {Code: "X X", Name: "X"},
		} {
			invalid(t, d.Catalog().PutRole(as(bob), r), field)
		}
		invalid(t, d.Catalog().PutRole(as(bob), ticket.Role{Code: "x", Name: "X", Grants: []ticket.Grant{{Sight: "far"}}}), "grants")
		hire(t, d, bob, nil, ticket.Grant{})
		invalid(t, d.Catalog().DeleteRole(as(host), "role-7"), "code")
		invalid(t, d.Catalog().DeleteRole(as(host), "agent"), "code")
		ok(t, d.People().DeleteAgent(as(host), bob.ID))
		ok(t, d.Catalog().DeleteRole(as(host), "role-7"))
		invalid(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{DefaultRole: new("none")}), "default_role")
		ok(t, d.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{DefaultRole: new("")}))
		_, err := d.Tickets(as(bob), ticket.Query{})
		ok(t, err)
		_, err = d.CreateTicket(as(bob), lamp())
		is(t, err, ticket.ErrForbidden)
	})
	t.Run("M34 unassigned news go to the department's members, or to all, and a silent department has none", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		hire(t, d, bob, []string{"support"}, ticket.Grant{})
		hire(t, d, carol, []string{"billing"}, ticket.Grant{})
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "9", Name: "Gone", Departments: []string{"support"}, Inactive: true}))
		tk := openIn(t, d, "", "support")
		names := func() (out string) {
			for _, a := range must(d.People().Responsible(as(host), tk.ID))(t) {
				out += a.ID
			}
			return out
		}
		equal(t, "members", names(), "7")
		set(t, d, ticket.SettingsPatch{UnassignedToAll: new(true)})
		equal(t, "all", names(), "78")
		must(d.Assign(as(host), tk.ID, carol.ID))(t)
		equal(t, "owner", names(), "8")
		must(d.Assign(as(host), tk.ID, ""))(t)
		ok(t, d.Catalog().PutDepartment(as(host), ticket.Department{Code: "support", Name: "Support", Silent: true, Sender: "help@shop.example", Sort: 3}))
		equal(t, "silent", names(), "")
		equal(t, "members", len(must(d.People().Members(as(host), "support"))(t)), 1)
		_, err := d.Assign(as(host), tk.ID, "9")
		invalid(t, err, "assignee")
		_, err = d.Assign(as(host), tk.ID, "nobody")
		invalid(t, err, "assignee")
	})
}

func TestCheckOfRights(t *testing.T) {
	t.Parallel()
	t.Run("M75 grants that are wide open, and departments without members, are pointed out", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, inPlaces(helpdesk.Config{}))
		found := func() (out []string) {
			for _, p := range must(d.Check(as(host)))(t) {
				if p.Area == "rights" {
					out = append(out, p.Message)
				}
			}
			return out
		}
		hire(t, d, bob, []string{"support"}, ticket.Grant{})
		equal(t, "with one agent", len(found()), 0)
		hire(t, d, carol, []string{"support"}, ticket.Grant{})
		if all := found(); len(all) != 2 || !strings.Contains(all[0], `"agent"`) || !strings.Contains(all[1], "billing") {
			t.Errorf("found %q", all)
		}
		set(t, d, ticket.SettingsPatch{DefaultRole: new("")})
		hire(t, d, carol, []string{"billing"}, ticket.Grant{})
		equal(t, "mended", len(found()), 0)
	})
}
