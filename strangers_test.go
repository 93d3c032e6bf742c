package helpdesk_test

import (
	"context"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestStrangers(t *testing.T) {
	t.Parallel()
	t.Run("M51 an agent who was deleted, and an id that nobody knows, have no rights", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.Ticket(as(bob), tk.ID))(t) // a desk that never had an agent of its own leaves them to the host
		hire(t, d, bob, nil, ticket.Grant{Rights: []ticket.Right{ticket.RightSee}})
		_, err := d.Ticket(as(carol), tk.ID)
		is(t, err, ticket.ErrNotFound)
		ok(t, d.People().DeleteAgent(as(host), bob.ID))
		_, err = d.Ticket(as(bob), tk.ID)
		is(t, err, ticket.ErrNotFound)
		is(t, d.Catalog().PutRole(as(bob), ticket.Role{Code: "x", Name: "X"}), ticket.ErrForbidden)
		equal(t, "list", len(must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets), 0)
	})
	t.Run("M51 a host's directory that lists agents knows who is none", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Directory: staffList{}})
		tk := open(t, d, ann)
		must(d.Ticket(as(bob), tk.ID))(t)
		_, err := d.Ticket(as(carol), tk.ID)
		is(t, err, ticket.ErrNotFound)
	})
	t.Run("G01 R02 a typed address opens tickets, and no ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		thief := ticket.Guest("Thief", guest.Email)
		tk := open(t, d, guest)
		_, err := d.Ticket(as(thief), tk.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.Reply(as(thief), tk.ID, ticket.ReplyDraft{Body: "me"})
		is(t, err, ticket.ErrNotFound)
		_, err = d.GuestLinks().New(as(thief), tk.ID, nil)
		is(t, err, ticket.ErrNotFound)
		equal(t, "list", len(must(d.Tickets(as(thief), ticket.Query{}))(t).Tickets), 0)
		open(t, d, thief)
		must(d.Ticket(as(guest), tk.ID))(t)
		must(d.Reply(as(thief.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "by mail"}))(t)
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Name: "Ann", Emails: []string{ann.Email}}))(t)
		equal(t, "name", open(t, d, ticket.Guest("Thief", ann.Email)).Requester.ID, "42")
		equal(t, "name for staff", must(d.Tickets(as(bob), ticket.Query{Requester: "42"}))(t).Tickets[0].Requester.Name, "Ann")
	})
	t.Run("X10 May says of what is about no ticket what Explain says", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for _, act := range helpdesk.Actions() {
			for _, a := range []ticket.Actor{ann, guest, bob, host} {
				want := must(d.Rights().Explain(as(host), a, act, 0))(t).Allowed
				equal(t, string(act)+" of "+string(a.Kind), must(d.Rights().May(as(a), act, 0))(t), want)
			}
		}
	})
	t.Run("X13 a name that a stranger gave themselves takes nothing out, and one word counts in its own letters", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Name: "Will", Emails: []string{ann.Email}}))(t)
		open(t, d, ticket.Guest("the", ann.Email))
		draft := lamp()
		draft.Body = "Will will be there, the lamp too."
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.People().Erase(as(bob), ticket.Person{ID: "42"}, nil))(t)
		equal(t, "body", must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0].Body, "(erased) will be there, the lamp too.")
	})
	t.Run("X13 the files that somebody sent go with them, if that is asked for", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		d, s := onDisk(t, dir, helpdesk.Config{})
		tk := must(d.CreateTicket(as(zoe), withFiles(ticket.Upload{Name: "passport.txt", Content: strings.NewReader("passport of somebody")})))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "ours", Files: []ticket.Upload{{Name: "manual.txt", Content: strings.NewReader("how to mend a lamp")}}}))(t)
		must(d.People().Erase(as(bob), zoe.Person(), &helpdesk.EraseOptions{Files: true}))(t)
		must(d.Tick(context.Background()))(t)
		ok(t, s.Compact(context.Background()))
		equal(t, "traces of the contents", len(traces(t, dir, "passport of somebody")), 0)
		list := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)
		equal(t, "hers", list[0].Files[0].Blob+list[0].Files[0].Missing, "erased")
		_, f, err := d.Files().Open(as(bob), list[1].ID, 0)
		ok(t, err)
		equal(t, "ours", f.Name, "manual.txt")
		equal(t, "bytes", must(d.Ticket(as(bob), tk.ID))(t).FileBytes, int64(len("how to mend a lamp")))
	})
	t.Run("M26 a customer's draft says nothing that is for staff to say", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for field, change := range map[string]func(*ticket.Draft){
			"organisation": func(d *ticket.Draft) { d.Organisation = "acme" }, "folder": func(d *ticket.Draft) { d.Folder = ticket.Spam },
			"watchers": func(d *ticket.Draft) { d.Watchers = []string{"7"} }, "status": func(d *ticket.Draft) { d.Status = "closed" },
		} {
			draft := lamp()
			change(&draft)
			for _, a := range []ticket.Actor{ann, guest} {
				_, err := d.CreateTicket(as(a), draft)
				invalid(t, err, field)
			}
		}
	})
	t.Run("M51 a seed is held to what Put is held to, and a default role that is not there is pointed out", func(t *testing.T) {
		t.Parallel()
		role := func(g ticket.Grant) []ticket.Role {
			return []ticket.Role{{Code: "lead", Name: "Lead", Grants: []ticket.Grant{g}}}
		}
		_, err := helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Roles: role(ticket.Grant{Departments: []string{"none"}})})
		is(t, err, ticket.ErrInvalid)
		twice := []ticket.Department{{Code: "support", Name: "A"}, {Code: "support", Name: "B"}}
		_, err = helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Departments: twice})
		is(t, err, ticket.ErrInvalid)
		for _, cfg := range []helpdesk.Config{
			{Agents: []ticket.Agent{{ID: "7", Name: "Bob", Roles: []string{"none"}}}}, {Agents: []ticket.Agent{{ID: "7"}}},
			{QuickResponses: []ticket.QuickResponse{{Code: "x", Name: "X", Body: "[no_such_thing]"}}}, {Fields: []ticket.Field{{Code: "x", Type: ticket.FieldText}}},
		} {
			_, err := helpdesk.New(context.Background(), openStore(t), &cfg)
			is(t, err, ticket.ErrInvalid)
		}
		seeded := newDesk(t, helpdesk.Config{Agents: []ticket.Agent{{ID: "7", Name: "Bob", Email: "Bob@desk.example"}}, QuickResponses: []ticket.QuickResponse{{Code: "x", Name: "X", Body: "Dear [ticket_customer_name]"}}})
		tk := open(t, seeded, ann)
		equal(t, "offered", len(must(seeded.Texts().QuickResponses(as(bob), tk.ID))(t)), 1)
		_, err = seeded.Ticket(as(carol), tk.ID)
		is(t, err, ticket.ErrNotFound)
		d := newDesk(t, helpdesk.Config{Roles: role(ticket.Grant{})})
		found := false
		for _, p := range must(d.Check(as(host)))(t) {
			found = found || strings.Contains(p.Message, `default role "agent" does not exist`)
		}
		equal(t, "pointed out", found, true)
	})
	t.Run("M48 customers see neither tags nor whose mailbox an agent has", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Tags: &[]string{"difficult"}, Assignee: new("8")}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		seen := must(d.Ticket(as(ann), tk.ID))(t)
		equal(t, "ticket", strings.Join(seen.Tags, "")+seen.AssignedBy, "")
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[1]
		equal(t, "author", m.Author.Name+m.Author.Email, bob.Name)
	})
}

// staffList is a host's directory of one agent.
type staffList struct{ helpdesk.Nobody }

func (staffList) Agent(_ context.Context, id string) (ticket.Agent, error) {
	if id != bob.ID {
		return ticket.Agent{}, ticket.ErrNotFound
	}
	return ticket.Agent{ID: bob.ID, Name: bob.Name}, nil
}

func (l staffList) Agents(ctx context.Context) ([]ticket.Agent, error) {
	a, err := l.Agent(ctx, bob.ID)
	return []ticket.Agent{a}, err
}

func TestGuardsAskEverything(t *testing.T) {
	t.Parallel()
	t.Run("M48 X01 a guard lists by what its customer may not ask for", func(t *testing.T) {
		t.Parallel()
		d := newDeskOnce(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Tags: &[]string{"vip"}}))(t)
		found := 0
		d.Hooks().TicketCreateGuard.Bind("g", func(c ctx, _ hooks.Committing) error {
			page, err := d.Tickets(c, ticket.Query{Tags: []string{"vip"}})
			found += len(page.Tickets)
			return err
		})
		open(t, d, guest)
		equal(t, "found", found, 1)
		_, err := d.Tickets(as(ann), ticket.Query{Tags: []string{"vip"}})
		invalid(t, err, "tags")
	})
}
