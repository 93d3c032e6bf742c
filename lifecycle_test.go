package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestLifecycle(t *testing.T) {
	t.Parallel()
	t.Run("M30 deletion is journalled with actor, code and subject, and can be undone until the purge", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.External = "shop-1"
		draft.Files = []ticket.Upload{{Name: "a.txt", Content: strings.NewReader("hello")}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		is(t, d.DeleteTicket(as(bob), tk.ID), ticket.ErrNotFound)
		_, err := d.Ticket(as(ann), tk.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"})
		is(t, err, ticket.ErrNotFound)
		equal(t, "listed", len(must(d.Tickets(as(bob), ticket.Query{}))(t).Tickets), 0)
		equal(t, "listed as deleted", len(must(d.Tickets(as(bob), ticket.Query{Deleted: true}))(t).Tickets), 1)
		back := must(d.RestoreTicket(as(bob), tk.ID))(t)
		if back.DeletedAt != nil {
			t.Error("still deleted")
		}
		invalid(t, d.Purge(as(bob), tk.ID), "")
		ok(t, d.DeleteTicket(as(carol), tk.ID))
		last := history(t, d, tk.ID)
		e := last[len(last)-1]
		equal(t, "entry", string(e.Type)+" "+e.Actor.ID+" "+e.Subject, "deleted 8 "+tk.Code+" Lamp broken")
		ok(t, d.Purge(as(bob), tk.ID))
		_, err = d.Ticket(as(bob), tk.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.Message(as(bob), m.ID)
		is(t, err, ticket.ErrNotFound)
		_, err = d.Mail().OpenBlob(as(bob), m.Files[0].Blob)
		is(t, err, ticket.ErrNotFound)
		journal := must(d.Journal(as(bob), ticket.EventQuery{Types: []ticket.EventType{ticket.EventPurged}}))(t)
		if len(journal) != 1 || journal[0].Subject != tk.Code+" Lamp broken" || journal[0].Actor.ID != "7" {
			t.Errorf("journal has %+v", journal)
		}
		must(d.CreateTicket(as(ann), draft))(t) // the external id is free again
	})
	t.Run("M60 folders by hand and by the status list", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		for _, f := range []ticket.Folder{ticket.Spam, ticket.Archive, ticket.Inbox} {
			equal(t, "folder", must(d.MoveTo(as(bob), tk.ID, f))(t).Folder, f)
			equal(t, "in it", len(must(d.Tickets(as(bob), ticket.Query{Folders: []ticket.Folder{f}}))(t).Tickets), 1)
		}
		_, err := d.MoveTo(as(bob), tk.ID, "attic")
		invalid(t, err, "folder")
	})
	t.Run("M76 a ticket that became an object of the host has the reference, and an event says so", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		tk = must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Converted: &ticket.Ref{Kind: "rma", ID: "R-1"}}))(t)
		equal(t, "converted", *tk.Converted, ticket.Ref{Kind: "rma", ID: "R-1"})
		equal(t, "TicketConverted", d.Fired()["TicketConverted"], 1)
	})
	t.Run("M80 settings are typed, versioned, journalled, and the seed does not overwrite them", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := must(helpdesk.New(as(bob), s, &helpdesk.Config{Settings: ticket.SettingsPatch{DefaultPriority: new("low")}}))(t)
		p, version, err := d.Settings().Layer(as(bob), ticket.DeskLayer)
		ok(t, err)
		equal(t, "seeded", *p.DefaultPriority, "low")
		p.DefaultPriority = new("high")
		ok(t, d.Settings().Put(as(bob), ticket.DeskLayer, p, version))
		is(t, d.Settings().Put(as(bob), ticket.DeskLayer, p, version), ticket.ErrConflict)
		journal := must(d.Journal(as(bob), ticket.EventQuery{Types: []ticket.EventType{ticket.EventSettings}}))(t)
		if len(journal) != 1 || journal[0].Changes[0] != (ticket.Change{Field: "default_priority", Old: "low", New: "high"}) {
			t.Errorf("journal has %+v", journal)
		}
		again := must(helpdesk.New(as(bob), s, &helpdesk.Config{Settings: ticket.SettingsPatch{DefaultPriority: new("low")}}))(t)
		equal(t, "after a restart", must(again.Settings().Get(as(bob), "", "", ""))(t).DefaultPriority, "high")
		// The other desk on the same store, a replica, sees a change at its next operation.
		ok(t, again.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{DefaultPriority: new("medium")}))
		equal(t, "seen by the replica", must(d.CreateTicket(as(ann), lamp()))(t).Priority, "medium")
		ok(t, again.Catalog().PutStatus(as(bob), ticket.Status{Code: "beta", Name: "Beta", Class: ticket.ClassOpen}))
		draft := lamp()
		draft.Status = "beta"
		equal(t, "new status at the replica", must(d.CreateTicket(as(bob), draft))(t).Status, "beta")
		invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{DefaultStatus: new("nonsense")}), "default_status")
		invalid(t, d.Settings().Update(as(bob), "planet/x", ticket.SettingsPatch{}), "layer")
		is(t, d.Settings().Update(as(ann), ticket.DeskLayer, ticket.SettingsPatch{}), ticket.ErrForbidden)
	})
	t.Run("M76 M30 every change is in the history with actor, old, new and time", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		d.Clock.Advance(1)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("Lamp in pieces"), Tags: &[]string{" Lamp ", "lamp", "Broken"}, Fields: map[string]*string{"color": new("red")}}))(t)
		list := history(t, d, tk.ID)
		e := list[len(list)-1]
		equal(t, "actor", e.Actor.ID, "7")
		equal(t, "at", e.At, d.Now())
		want := []ticket.Change{{Field: "subject", Old: "Lamp broken", New: "Lamp in pieces"}, {Field: "tags", New: `["broken","lamp"]`}, {Field: "fields.color", New: "red"}}
		got := ticket.Decisions(e.Changes)
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Errorf("change %d of %v is not %v", i, got, want[i])
			}
		}
		_, err := d.History(as(ann), tk.ID, ticket.EventQuery{})
		is(t, err, ticket.ErrForbidden)
		before := len(list)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("Lamp in pieces")}))(t)
		equal(t, "entries after a change that is none", len(history(t, d, tk.ID)), before)
	})
	t.Run("G05 W30 a stale version is a conflict, and nothing is written", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		must(d.SetPriority(as(bob), tk.ID, "high"))(t)
		_, err := d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Version: tk.Version, Priority: new("low")})
		is(t, err, ticket.ErrConflict)
		now := must(d.Ticket(as(bob), tk.ID))(t)
		equal(t, "priority", now.Priority, "high")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Version: now.Version, Priority: new("low")}))(t)
	})
}

func TestObserving(t *testing.T) {
	t.Parallel()
	t.Run("X16 observer, health and check", func(t *testing.T) {
		t.Parallel()
		var writes []helpdesk.WriteInfo
		d := newDesk(t, helpdesk.Config{Observer: helpdesk.Observer{Write: func(_ ctx, w helpdesk.WriteInfo) { writes = append(writes, w) }}})
		tk := open(t, d, ann)
		if len(writes) != 1 || writes[0].TicketID != tk.ID || writes[0].Events[0] != ticket.EventCreated {
			t.Errorf("observed %+v", writes)
		}
		h := must(d.Health(as(bob)))(t)
		equal(t, "pending", h.Pending, 0)
		equal(t, "problems", len(must(d.Check(as(bob)))(t)), 0)
	})
	t.Run("M75 check lists what nobody can have meant, and each part adds its own", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		ok(t, d.Catalog().PutDepartment(as(bob), ticket.Department{Code: "support", Name: "Support", Inactive: true}))
		equal(t, "problems", len(must(d.Check(as(bob)))(t)), 1)
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
		idle := must(helpdesk.New(as(bob), openStore(t), nil))(t)
		idle.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { return nil })
		equal(t, "problems of a desk that nobody started", len(must(idle.Check(as(bob)))(t)), 1)
		ok(t, idle.Start(as(bob)))
		equal(t, "problems once it is", len(must(idle.Check(as(bob)))(t)), 0)
		ok(t, idle.Stop(as(bob)))
		d.AddCheck(func(ctx) ([]helpdesk.Problem, error) { return []helpdesk.Problem{{Area: "mail", Message: "none"}}, nil })
		equal(t, "problems with a part's own", len(must(d.Check(as(bob)))(t)), 2)
	})
}
