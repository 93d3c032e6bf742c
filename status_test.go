package helpdesk_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// set changes the settings of the desk's layer.
func set(t testing.TB, d *helpdesktest.Desk, p ticket.SettingsPatch) {
	t.Helper()
	ok(t, d.Settings().Update(as(bob), ticket.DeskLayer, p))
}

func TestStatus(t *testing.T) {
	t.Parallel()
	t.Run("M45 M46 statuses and priorities are the user's: names, translations, colours, order, any set", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		list := must(d.Catalog().Statuses(as(bob)))(t)
		equal(t, "statuses", list[0].Name+" / "+list[1].Name+" / "+list[2].Name, "Open / In Progress / Closed")
		prios := must(d.Catalog().Priorities(as(bob)))(t)
		equal(t, "priorities", prios[0].Name+" / "+prios[1].Name+" / "+prios[2].Name, "Low / Medium / High")
		ok(t, d.Catalog().PutStatus(as(bob), ticket.Status{Code: "beta", Name: "Beta", Labels: ticket.Label{"de": "Betatest", "outlet/de": "Probe"}, Class: ticket.ClassPending, Color: "red", Sort: 15}))
		list = must(d.Catalog().Statuses(as(bob)))(t)
		equal(t, "second", list[1].Code, "beta")
		equal(t, "German", list[1].Labels.In("", "de-AT", list[1].Name), "Betatest")
		equal(t, "German at the outlet", list[1].Labels.In("outlet", "de", list[1].Name), "Probe")
		equal(t, "Japanese", list[1].Labels.In("", "ja", list[1].Name), "Beta")
		tk := must(d.SetStatus(as(bob), open(t, d, ann).ID, "beta"))(t)
		equal(t, "class", tk.Class, ticket.ClassPending)
		invalid(t, d.Catalog().DeleteStatus(as(bob), "beta"), "code")
		invalid(t, d.Catalog().PutStatus(as(bob), ticket.Status{Code: "beta", Name: "Beta", Class: ticket.ClassClosed}), "code")
		invalid(t, d.Catalog().PutStatus(as(bob), ticket.Status{Code: "No Code", Name: "x", Class: "y"}), "class")
		ok(t, d.Catalog().PutPriority(as(bob), ticket.Priority{Code: "urgent", Name: "Urgent", Sort: 40}))
		equal(t, "priority", must(d.SetPriority(as(bob), tk.ID, "urgent"))(t).Priority, "urgent")
		is(t, d.Catalog().PutStatus(as(ann), ticket.Status{Code: "z", Name: "Z", Class: ticket.ClassOpen}), ticket.ErrForbidden)
	})
	t.Run("M80 what the settings of any layer name cannot be taken out of the catalogue", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		ok(t, d.Catalog().PutStatus(as(bob), ticket.Status{Code: "waiting", Name: "Waiting", Class: ticket.ClassPending}))
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("support"), ticket.SettingsPatch{StatusOnStaff: new("waiting")}))
		invalid(t, d.Catalog().DeleteStatus(as(bob), "waiting"), "code")
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("support"), ticket.SettingsPatch{StatusOnStaff: new("")}))
		ok(t, d.Catalog().DeleteStatus(as(bob), "waiting"))
	})
	t.Run("W33 I03 the presets of the shop, the billing panel and the MSP", func(t *testing.T) {
		t.Parallel()
		for preset, want := range map[ticket.Preset]string{ticket.PresetShop: "waiting_customer", ticket.PresetBilling: "replied", ticket.PresetMSP: "hold"} {
			d := newDesk(t, helpdesk.Config{Statuses: ticket.StatusPreset(preset)})
			tk := must(d.SetStatus(as(bob), open(t, d, ann).ID, want))(t)
			equal(t, string(preset), tk.Class, ticket.ClassPending)
			tk = must(d.Solve(as(bob), tk.ID))(t)
			if !tk.Class.Done() {
				t.Errorf("%s: solved is of class %s", preset, tk.Class)
			}
		}
		equal(t, "unknown preset", len(ticket.StatusPreset("x")), 0)
	})
	t.Run("M05 entering an archive status moves to the Archive, and reopening back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{ArchiveStatuses: &[]string{"closed"}})
		tk := must(d.CloseTicket(as(bob), open(t, d, ann).ID))(t)
		equal(t, "folder", tk.Folder, ticket.Archive)
		equal(t, "folder", must(d.ReopenTicket(as(bob), tk.ID))(t).Folder, ticket.Inbox)
	})
	t.Run("M06 in a silent status the customer cannot write, staff can", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{SilentStatuses: &[]string{"in_progress"}})
		tk := must(d.SetStatus(as(bob), open(t, d, ann).ID, "in_progress"))(t)
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"})
		is(t, err, ticket.ErrClosed)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "working"}))(t)
	})
	t.Run("W31 a locked ticket takes no customer message, and unlocking restores", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := must(d.Lock(as(bob), open(t, d, ann).ID))(t)
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"})
		is(t, err, ticket.ErrLocked)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "no"}))(t)
		must(d.Unlock(as(bob), tk.ID))(t)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "thanks"}))(t)
		equal(t, "lock changes", d.Fired()["TicketLockChange"], 2)
	})
	t.Run("M27 the list of solved statuses decides what counts as solved", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{SolvedStatuses: &[]string{"in_progress"}})
		tk := must(d.SetStatus(as(bob), open(t, d, ann).ID, "in_progress"))(t)
		if tk.SolvedAt == nil {
			t.Error("in progress is not solved")
		}
		equal(t, "TicketSolved", d.Fired()["TicketSolved"], 1)
		tk = must(d.SetStatus(as(bob), tk.ID, "closed"))(t)
		if tk.SolvedAt != nil {
			t.Error("closed is solved")
		}
	})
	t.Run("R06 policy can ask for closing notes, and SetStatus takes one", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{RequireClosingNote: new(true)})
		tk := open(t, d, ann)
		_, err := d.SetStatus(as(bob), tk.ID, "closed")
		invalid(t, err, "note")
		must(d.SetStatus(as(bob), tk.ID, "closed", "sent a new lamp"))(t)
		notes := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindNote}}))(t)
		if len(notes) != 1 || notes[0].Body != "sent a new lamp" {
			t.Errorf("notes are %v", notes)
		}
	})
	t.Run("R08 R09 a reply of staff and of the customer set a status, or do nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetShop)})
		tk := open(t, d, ann)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "?"}))(t)
		equal(t, "status", must(d.Ticket(as(bob), tk.ID))(t).Status, "open")
		set(t, d, ticket.SettingsPatch{StatusOnStaff: new("waiting_customer"), StatusOnCustomer: new("in_progress")})
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "?"}))(t)
		equal(t, "status", must(d.Ticket(as(bob), tk.ID))(t).Status, "waiting_customer")
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "!"}))(t)
		equal(t, "status", must(d.Ticket(as(bob), tk.ID))(t).Status, "in_progress")
	})
	t.Run("G08 the customer may close, and a message may carry a status", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		_, err := d.SetStatus(as(ann), tk.ID, "in_progress")
		is(t, err, ticket.ErrForbidden)
		must(d.CloseTicket(as(ann), tk.ID))(t)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "again"}))(t)
		equal(t, "status after a reply", must(d.Ticket(as(ann), tk.ID))(t).Status, "open")
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "found it", Status: "closed"}))(t)
		equal(t, "status", must(d.Ticket(as(ann), tk.ID))(t).Status, "closed")
		_, err = d.CloseTicket(as(guest), tk.ID)
		is(t, err, ticket.ErrNotFound)
	})
}

func TestAfterClose(t *testing.T) {
	t.Parallel()
	closed := func(t *testing.T, p ticket.AfterClose) (*helpdesktest.Desk, *ticket.Ticket) {
		d := newDesk(t, helpdesk.Config{})
		set(t, d, ticket.SettingsPatch{AfterClose: &p})
		return d, must(d.CloseTicket(as(bob), open(t, d, ann).ID))(t)
	}
	t.Run("R07 refuse", func(t *testing.T) {
		t.Parallel()
		d, tk := closed(t, ticket.AfterCloseRefuse)
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"})
		is(t, err, ticket.ErrClosed)
		_, err = d.ReopenTicket(as(ann), tk.ID)
		is(t, err, ticket.ErrClosed)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "by the way"}))(t)
	})
	t.Run("R07 link", func(t *testing.T) {
		t.Parallel()
		d, tk := closed(t, ticket.AfterCloseLink)
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"}))(t)
		if m.TicketID == tk.ID {
			t.Fatal("the message is in the closed ticket")
		}
		fresh := must(d.Ticket(as(ann), m.TicketID))(t)
		equal(t, "linked to", fresh.LinkedTo, tk.ID)
		equal(t, "subject", fresh.Subject, tk.Subject)
		equal(t, "the closed one", must(d.Ticket(as(ann), tk.ID))(t).Class, ticket.ClassClosed)
	})
	t.Run("R07 reopen", func(t *testing.T) {
		t.Parallel()
		d, tk := closed(t, ticket.AfterCloseReopen)
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hello?"}))(t)
		equal(t, "status", must(d.Ticket(as(ann), tk.ID))(t).Status, "open")
		equal(t, "TicketReopened", d.Fired()["TicketReopened"], 1)
	})
}
