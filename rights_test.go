package helpdesk_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// deputy is an authorizer under which one agent may do only what is listed.
type deputy struct {
	helpdesk.DefaultAuthorizer
	may map[helpdesk.Action]bool
}

func (p deputy) Authorize(c ctx, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Actor.ID == bob.ID && !p.may[r.Action] {
		return helpdesk.Deny("a deputy may not"), nil
	}
	return p.DefaultAuthorizer.Authorize(c, r)
}

func TestRights(t *testing.T) {
	t.Parallel()
	t.Run("X01 a guard writes by no way, and reads whatever it wants", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
		old := open(t, d, ann)
		ok(t, d.DeleteTicket(as(bob), old.ID))
		waiting := must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{}))(t)[0].ID
		asked := 0
		d.Hooks().TicketCreateGuard.Bind("g", func(c ctx, _ hooks.Committing) error {
			asked++
			_, err := d.Mail().StoreBlob(c, strings.NewReader("x"))
			is(t, err, ticket.ErrForbidden)
			is(t, d.Deliveries().Discard(c, waiting), ticket.ErrForbidden)
			equal(t, "history", len(must(d.History(c, old.ID, ticket.EventQuery{}))(t)), 2)
			equal(t, "deleted", len(must(d.Tickets(c, ticket.Query{Deleted: true}))(t).Tickets), 1)
			return nil
		})
		open(t, d, guest)
		equal(t, "asked", asked > 0, true)
	})
	t.Run("M63 a customer does not see who got a blind copy", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi", Bcc: []ticket.Person{{Email: "boss@desk.example"}}}))(t)
		equal(t, "staff", len(must(d.Message(as(carol), m.ID))(t).Bcc), 1)
		equal(t, "customer", len(must(d.Message(as(ann), m.ID))(t).Bcc), 0)
		equal(t, "customer, in the list", len(must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[1].Bcc), 0)
	})
	t.Run("I05 G08 a patch and a reply need the rights of what they change", func(t *testing.T) {
		t.Parallel()
		see := map[helpdesk.Action]bool{helpdesk.ActSee: true, helpdesk.ActUpdate: true, helpdesk.ActReply: true}
		d := newDesk(t, helpdesk.Config{Authorizer: deputy{may: see}})
		tk := open(t, d, ann)
		for name, p := range map[string]ticket.Patch{"status": {Status: new("closed")}, "assignee": {Assignee: new("7")}, "note": {Note: "x", Priority: new("high")}} {
			if _, err := d.UpdateTicket(as(bob), tk.ID, p); err == nil {
				t.Errorf("the right to update was enough to set the %s", name)
			} else {
				is(t, err, ticket.ErrForbidden)
			}
		}
		_, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "closed"})
		is(t, err, ticket.ErrForbidden)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Priority: new("high")}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		must(d.CloseTicket(as(ann), tk.ID))(t)
	})
	t.Run("M30 nobody writes to a deleted ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		before := len(history(t, d, tk.ID))
		_, err := d.EditMessage(as(bob), m.ID, "x")
		is(t, err, ticket.ErrNotFound)
		_, err = d.DeleteMessage(as(bob), m.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.MarkRead(as(bob), tk.ID)
		is(t, err, ticket.ErrNotFound)
		equal(t, "entries", len(history(t, d, tk.ID)), before)
	})
	t.Run("M71 a participant is found by their address however it was written", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Participants = []ticket.Person{{Email: " Gus@Example.COM"}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.Ticket(as(guest), tk.ID))(t)
		equal(t, "listed", len(must(d.Tickets(as(guest), ticket.Query{}))(t).Tickets), 1)
		must(d.Reply(as(guest), tk.ID, ticket.ReplyDraft{Body: "me too"}))(t)
	})
	t.Run("M71 a nobody sees nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Requester, draft.Participants = ticket.Person{ID: "42"}, []ticket.Person{{Name: "no address"}}
		tk := must(d.CreateTicket(as(bob), draft))(t)
		for _, a := range []ticket.Actor{ticket.Guest("", ""), ticket.Client("", "", "")} {
			_, err := d.Ticket(as(a), tk.ID)
			is(t, err, ticket.ErrNotFound)
			equal(t, "listed", len(must(d.Tickets(as(a), ticket.Query{}))(t).Tickets), 0)
			_, err = d.Reply(as(a.Via(ticket.ChannelEmail)), tk.ID, ticket.ReplyDraft{Body: "x"})
			is(t, err, ticket.ErrNotFound)
		}
	})
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	t.Run("R06 the closing note cannot be left out by another verb, nor be blank", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{RequireClosingNote: new(true)})
		tk := open(t, d, ann)
		_, err := d.SetStatus(as(bob), tk.ID, "closed", " \n")
		invalid(t, err, "note")
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Status: new("closed")})
		invalid(t, err, "note")
		file := []ticket.Upload{{Name: "a", Missing: "lost"}}
		_, err = d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Status: "closed", Files: file})
		invalid(t, err, "note")
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "a new lamp is on its way", Status: "closed"}))(t)
	})
	t.Run("M80 what any layer of the settings names cannot be deleted", func(t *testing.T) {
		t.Parallel()
		layers := map[string]func(*ticket.SettingsPatch){
			"default":  func(p *ticket.SettingsPatch) { p.DefaultStatus = new("beta") },
			"reopen":   func(p *ticket.SettingsPatch) { p.ReopenStatus = new("beta") },
			"staff":    func(p *ticket.SettingsPatch) { p.StatusOnStaff = new("beta") },
			"customer": func(p *ticket.SettingsPatch) { p.StatusOnCustomer = new("beta") },
			"archive":  func(p *ticket.SettingsPatch) { p.ArchiveStatuses = &[]string{"beta"} },
			"silent":   func(p *ticket.SettingsPatch) { p.SilentStatuses = &[]string{"beta"} },
			"solved":   func(p *ticket.SettingsPatch) { p.SolvedStatuses = &[]string{"beta"} },
		}
		for name, change := range layers {
			d := newDesk(t, helpdesk.Config{})
			ok(t, d.Catalog().PutStatus(as(bob), ticket.Status{Code: "beta", Name: "Beta", Class: ticket.ClassOpen}))
			var p ticket.SettingsPatch
			change(&p)
			ok(t, d.Settings().Put(as(bob), ticket.DepartmentLayer("support"), p, 0))
			if err := d.Catalog().DeleteStatus(as(bob), "beta"); err == nil {
				t.Errorf("%s: the status is gone", name)
			}
			ok(t, d.Settings().Put(as(bob), ticket.DepartmentLayer("support"), ticket.SettingsPatch{}, 1))
			ok(t, d.Catalog().DeleteStatus(as(bob), "beta"))
		}
		d := newDesk(t, helpdesk.Config{Brands: []ticket.Brand{{Code: "default", Name: "D"}, {Code: "outlet", Name: "O"}}})
		ok(t, d.Catalog().PutPriority(as(bob), ticket.Priority{Code: "urgent", Name: "Urgent"}))
		ok(t, d.Catalog().PutDepartment(as(bob), ticket.Department{Code: "sales", Name: "Sales", Brands: []string{"outlet"}}))
		p := ticket.SettingsPatch{DefaultPriority: new("urgent"), DefaultDepartment: new("sales")}
		ok(t, d.Settings().Put(as(bob), ticket.BrandLayer("outlet"), p, 0))
		invalid(t, d.Catalog().DeletePriority(as(bob), "urgent"), "code")
		invalid(t, d.Catalog().DeleteDepartment(as(bob), "sales"), "code")
		invalid(t, d.Catalog().DeleteBrand(as(bob), "outlet"), "code")
	})
	t.Run("M80 settings that nobody could work with are refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for field, p := range map[string]ticket.SettingsPatch{
			"default_status":     {DefaultStatus: new("")},
			"after_close":        {AfterClose: new(ticket.AfterClose(""))},
			"delivery_retention": {DeliveryRetention: new(ticket.Duration(-1))},
			"reopen_status":      {ReopenStatus: new("closed")},
		} {
			invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, p), field)
		}
	})
	t.Run("M75 Check names a default department or brand that takes no tickets", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "S"}, {Code: "sales", Name: "S"}}})
		ok(t, d.Catalog().PutDepartment(as(bob), ticket.Department{Code: "support", Name: "S", Inactive: true}))
		if len(must(d.Check(as(bob)))(t)) == 0 {
			t.Error("no problem, and nobody can open a ticket without naming a department")
		}
	})
	t.Run("I01 codes that are used up are a typed error", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Codes: ticket.Codes{oneCode{}}, Settings: ticket.SettingsPatch{CodeFormat: new("one")}})
		open(t, d, ann)
		_, err := d.CreateTicket(as(ann), lamp())
		invalid(t, err, "code_format")
	})
	t.Run("M63 the recipients of a draft and what its mail says are checked", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for field, change := range map[string]func(*ticket.Draft){
			"to":   func(p *ticket.Draft) { p.To = []ticket.Person{{Email: "a\x00@b"}} },
			"cc":   func(p *ticket.Draft) { p.Cc = make([]ticket.Person, 1000) },
			"mail": func(p *ticket.Draft) { p.Mail = &ticket.Mail{MessageID: "a\x00b"} },
		} {
			draft := lamp()
			change(&draft)
			_, err := d.CreateTicket(as(ann), draft)
			invalid(t, err, field)
		}
	})
	t.Run("W29 the thread of a deleted message is still found, that of a purged ticket is not", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Mail: &ticket.Mail{MessageID: "ours@desk.example"}}))(t)
		must(d.DeleteMessage(as(bob), m.ID))(t)
		equal(t, "linked", linked(t, d, "ours@desk.example"), 1)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
		equal(t, "linked", linked(t, d, "ours@desk.example"), 0)
	})
}

// oneCode is a format with a single code.
type oneCode struct{ ticket.RandomCode }

func (oneCode) Name() string                         { return "one" }
func (oneCode) New(string, int64, *rand.Rand) string { return "AAA-000-00000" }

func linked(t *testing.T, d *helpdesktest.Desk, messageID string) (n int) {
	t.Helper()
	ok(t, d.Store.View(context.Background(), func(c ctx, r store.Reader) error {
		ids, err := r.Linked(c, "message-id", messageID)
		n = len(ids)
		return err
	}))
	return n
}
