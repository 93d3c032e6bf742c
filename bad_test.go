package helpdesk_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// operation is one exported verb. byID ones get a ticket's or a message's id.
type operation struct {
	name    string
	byID    bool
	noActor bool // works without an actor
	do      func(d *helpdesktest.Desk, c ctx, id int64) error
}

func drop[T any](_ T, err error) error { return err }

var operations = []operation{
	{"CreateTicket", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.CreateTicket(c, lamp())) }},
	{"CheckReply", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return d.CheckReply(c, id, ticket.ReplyDraft{Body: "x"})
	}},
	{"CheckTicket", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.CheckTicket(c, lamp()) }},
	{"Ticket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Ticket(c, id)) }},
	{"TicketByCode", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.TicketByCode(c, "NO-1")) }},
	{"TicketByExternal", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.TicketByExternal(c, "none")) }},
	{"Tickets", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Tickets(c, ticket.Query{})) }},
	{"AllMessages", true, false, func(d *helpdesktest.Desk, c ctx, id int64) (err error) {
		for _, e := range d.AllMessages(c, id, ticket.MessageQuery{}) {
			err = e
		}
		return err
	}},
	{"AllTickets", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) (err error) {
		for _, e := range d.AllTickets(c, ticket.Query{}) {
			err = e
		}
		return err
	}},
	{"CountTickets", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.CountTickets(c, ticket.Query{})) }},
	{"Counters", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Counters(c, ticket.CounterQuery{})) }},
	{"Neighbours", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		_, _, err := d.Neighbours(c, ticket.Query{}, id)
		return err
	}},
	{"Views.Put", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Views().Put(c, ticket.View{Name: "x"}))
	}},
	{"Views.Get", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Views().Get(c, id)) }},
	{"Views.List", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Views().List(c)) }},
	{"Views.Delete", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Views().Delete(c, id) }},
	{"Search", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Search(c, ticket.Search{Text: "x"})) }},
	{"Index.Update", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Index().Update(c)) }},
	{"Index.Rebuild", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Index().Rebuild(c) }},
	{"UpdateTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.UpdateTicket(c, id, ticket.Patch{Subject: new("x")}))
	}},
	{"DeleteTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.DeleteTicket(c, id) }},
	{"RestoreTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.RestoreTicket(c, id)) }},
	{"Purge", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Purge(c, id) }},
	{"Reply", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Reply(c, id, ticket.ReplyDraft{Body: "x"}))
	}},
	{"AddNote", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.AddNote(c, id, ticket.ReplyDraft{Body: "x"}))
	}},
	{"EditMessage", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.EditMessage(c, id, "x")) }},
	{"DeleteMessage", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.DeleteMessage(c, id)) }},
	{"Message", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Message(c, id)) }},
	{"Messages", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Messages(c, id, ticket.MessageQuery{}))
	}},
	{"Revisions", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Revisions(c, id)) }},
	{"MarkRead", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.MarkRead(c, id)) }},
	{"Files.Open", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { _, _, err := d.Files().Open(c, id, 0); return err }},
	{"Files.OpenRaw", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Files().OpenRaw(c, id)) }},
	{"SetStatus", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.SetStatus(c, id, "closed")) }},
	{"Solve", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Solve(c, id)) }},
	{"CloseTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.CloseTicket(c, id)) }},
	{"ReopenTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.ReopenTicket(c, id)) }},
	{"SetPriority", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.SetPriority(c, id, "high")) }},
	{"Assign", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Assign(c, id, "7")) }},
	{"Claim", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Claim(c, id)) }},
	{"Transfer", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Transfer(c, id, "support")) }},
	{"Lock", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Lock(c, id)) }},
	{"Unlock", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Unlock(c, id)) }},
	{"SetService", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.SetService(c, id, "o")) }},
	{"MoveTo", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.MoveTo(c, id, ticket.Spam)) }},
	{"Watch", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Watch(c, id, "7")) }},
	{"Unwatch", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Unwatch(c, id, "7")) }},
	{"History", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.History(c, id, ticket.EventQuery{})) }},
	{"Journal", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Journal(c, ticket.EventQuery{})) }},
	{"Automation.Statuses", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Statuses(c)) }},
	{"Automation.Priorities", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Priorities(c)) }},
	{"Automation.Departments", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Departments(c)) }},
	{"Automation.Brands", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Brands(c)) }},
	{"Automation.Fields", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Fields(c)) }},
	{"Automation.Agents", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().Agents(c)) }},
	{"Automation.MayConfigure", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Automation().MayConfigure(c) }},
	{"Automation.MayWork", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Automation().MayWork(c, id) }},
	{"Automation.PutDefinition", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Automation().PutDefinition(c, "rule", "r", "R", []byte("{}"), 0))
	}},
	{"Automation.DeleteDefinition", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Automation().DeleteDefinition(c, "rule", "none")
	}},
	{"Automation.Trace", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Automation().Trace(c, id, ticket.Change{Field: "snoozed_until", New: "x"}))
	}},
	{"Automation.Expand", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Automation().Expand(c, id, "[ticket_code]", ticket.Plain))
	}},
	{"Automation.ExpandForStaff", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Automation().ExpandForStaff(c, id, "[ticket_code]", ticket.Plain))
	}},
	{"Notification.Steady", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Notification().Steady(c)) }},
	{"Notification.Surroundings", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Notification().Surroundings(c, &ticket.Ticket{}))
	}},
	{"Notification.Sees", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Notification().Sees(c, "7", &ticket.Ticket{}))
	}},
	{"Notification.WritesAs", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Notification().WritesAs(c, "ann@example.com"))
	}},
	{"Notification.IsAgents", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Notification().IsAgents(c, "ann@example.com"))
	}},
	{"Notification.Agent", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Notification().Agent(c, "none")) }},
	{"Notification.Members", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Notification().Members(c, "support")) }},
	{"Notification.Responsible", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Notification().Responsible(c, id)) }},
	{"Notification.Customer", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Notification().Customer(c, "none")) }},
	{"Notification.Marker", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Notification().Marker(c)) }},
	{"Notification.Undeliverable", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Notification().Undeliverable(c, "a@b"))
	}},
	{"Notification.MarkUndelivered", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Notification().MarkUndelivered(c, 0, ticket.Undelivered{Recipient: "a@b"})
	}},
	{"Notification.GuestLink", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Notification().GuestLink(c, id, ann.Person()))
	}},
	{"Notification.SurveyLink", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Notification().SurveyLink(c, id)) }},
	{"Notification.Signature", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Notification().Signature(c, id)) }},
	{"Notification.OpenFile", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		_, _, err := d.Notification().OpenFile(c, id, 0)
		return err
	}},
	{"Automation.SealSecret", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Automation().SealSecret(c, "x", nil))
	}},
	{"Automation.OpenSecret", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Automation().OpenSecret(c, "x", []byte("p")))
	}},
	{"Automation.CheckText", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Automation().CheckText(c, new(ticket.ValidationError), "text", "x", ticket.Plain)
	}},
	{"Automation.DoubtText", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().DoubtText(c, "[name]")) }},
	{"Automation.CheckAgent", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().CheckAgent(c, "7")) }},
	{"Automation.CustomerGroup", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().CustomerGroup(c, "42")) }},
	{"Automation.SettingsOf", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Automation().SettingsOf(c, "")) }},
	{"Mail.CheckMail", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().CheckMail(c, hooks.Mailing{}) }},
	{"Mail.Correspondent", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().Correspondent(c, "ann@example.com"))
	}},
	{"Mail.Marker", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Mail().Marker(c)) }},
	{"Mail.RotateKey", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().RotateKey(c) }},
	{"Mail.DropOldKey", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().DropOldKey(c) }},
	{"Mail.MarkUndelivered", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return d.Mail().MarkUndelivered(c, id)
	}},
	{"Mail.Undeliverable", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().Undeliverable(c, "ann@example.com"))
	}},
	{"Mail.Deliverable", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().Deliverable(c, "ann@example.com") }},
	{"Mail.RejectMail", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Mail().RejectMail(c, ticket.Rejection{Gateway: "g", Mail: 1, Subject: "x", Reason: "y"})
	}},
	{"Mail.MayConfigure", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().MayConfigure(c) }},
	{"Mail.PutGateway", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().PutGateway(c, []byte(`{"code":"x","name":"X"}`), store.AnyVersion))
	}},
	{"Mail.DeleteGateway", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().DeleteGateway(c, "none") }},
	{"Mail.Usable", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().Usable(c, "g", ticket.Opening{}))
	}},
	{"Mail.EmptySubject", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().EmptySubject(c, "g", ticket.Opening{}))
	}},
	{"Texts.Suggest", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Texts().Suggest(c, "", "", "", "")) }},
	{"Mail.TakesPart", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Mail().TakesPart(c, id)) }},
	{"Merge", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Merge(c, id, id+1)) }},
	{"LinkTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.LinkTicket(c, id, ticket.Link{Kind: ticket.LinkRelated, Ticket: id + 1}))
	}},
	{"UnlinkTicket", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.UnlinkTicket(c, id, id+1)) }},
	{"Mentions.List", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		if _, err := d.Mentions().List(c, ticket.MentionQuery{}); !errors.Is(err, ticket.ErrForbidden) {
			return err
		}
		return nil
	}},
	{"Mentions.Unseen", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		if _, err := d.Mentions().Unseen(c); !errors.Is(err, ticket.ErrForbidden) {
			return err
		}
		return nil
	}},
	{"Mentions.MarkSeen", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Mentions().MarkSeen(c, id) }},
	{"Mass.Start", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mass().Start(c, ticket.MassAction{IDs: []int64{1}, Do: ticket.MassDelete}))
	}},
	{"Mass.Get", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Mass().Get(c, id)) }},
	{"Mass.Results", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Mass().Results(c, id, 0, 0)) }},
	{"Mass.Cancel", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Mass().Cancel(c, id)) }},
	{"Mass.Run", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Mass().Run(c, id)) }},
	{"NextStatuses", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.NextStatuses(c, id)) }},
	{"Merged", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Merged(c, id)) }},
	{"Unmerge", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Unmerge(c, id)) }},
	{"Split", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Split(c, id, ticket.Split{Messages: []int64{1}}))
	}},
	{"Unsplit", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Unsplit(c, id)) }},
	{"Redact", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Redact(c, id, "no such text")) }},
	{"Rights.May", false, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Rights().May(c, helpdesk.ActReply, id))
	}},
	{"Rights.Explain", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Rights().Explain(c, ann, helpdesk.ActReply, id))
	}},
	{"Objects", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Objects(c, id)) }},
	{"LocalTime", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { _, _, err := d.LocalTime(c, id); return err }},
	{"Catalog.FieldsFor", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().FieldsFor(c, "", "")) }},
	{"Catalog.DepartmentsFor", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().DepartmentsFor(c, "", "")) }},
	{"InTx", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.InTx(c, func(ctx) error { return nil }) }},
	{"Mail.StoreBlob", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Mail().StoreBlob(c, strings.NewReader("x")))
	}},
	{"Mail.KeepBlob", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		h, err := d.Mail().StoreBlob(c, strings.NewReader("x"))
		return errors.Join(err, d.Mail().KeepBlob(c, h, 1))
	}},
	{"Mail.RetainBlob", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().RetainBlob(c, "none", 1, d.Now()) }},
	{"Mail.ReleaseBlob", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Mail().ReleaseBlob(c, "none", 1, 0) }},
	{"Mail.OpenBlob", true, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Mail().OpenBlob(c, "none")) }},
	{"Start", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Start(c) }},
	{"Deliveries.Dispatch", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Deliveries().Dispatch(c)) }},
	{"Tick", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Tick(c)) }},
	{"Health", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Health(c)) }},
	{"Check", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Check(c)) }},
	{"Catalog.Statuses", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Statuses(c)) }},
	{"Catalog.Priorities", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Priorities(c)) }},
	{"Catalog.Departments", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Departments(c)) }},
	{"Catalog.Brands", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Brands(c)) }},
	{"Catalog.PutStatus", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutStatus(c, ticket.Status{Code: "x", Name: "X", Class: ticket.ClassOpen})
	}},
	{"Catalog.PutPriority", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutPriority(c, ticket.Priority{Code: "x", Name: "X"})
	}},
	{"Catalog.PutDepartment", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutDepartment(c, ticket.Department{Code: "x", Name: "X"})
	}},
	{"Catalog.PutBrand", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutBrand(c, ticket.Brand{Code: "x", Name: "X"})
	}},
	{"Catalog.DeleteStatus", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteStatus(c, "none") }},
	{"Catalog.DeletePriority", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeletePriority(c, "none") }},
	{"Catalog.DeleteDepartment", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteDepartment(c, "none") }},
	{"Catalog.DeleteBrand", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteBrand(c, "none") }},
	{"Catalog.Roles", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Roles(c)) }},
	{"Catalog.PutRole", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutRole(c, ticket.Role{Code: "x", Name: "X"})
	}},
	{"Catalog.DeleteRole", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteRole(c, "none") }},
	{"Catalog.Fields", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().Fields(c)) }},
	{"Catalog.PutField", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutField(c, ticket.Field{Code: "x", Name: "X", Type: ticket.FieldText})
	}},
	{"Catalog.DeleteField", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteField(c, "none") }},
	{"People.Agent", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().Agent(c, "none")) }},
	{"People.Agents", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().Agents(c)) }},
	{"People.Members", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().Members(c, "support")) }},
	{"People.Responsible", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.People().Responsible(c, id)) }},
	{"People.PutAgent", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.People().PutAgent(c, ticket.Agent{ID: "x", Name: "X"})
	}},
	{"People.DeleteAgent", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.People().DeleteAgent(c, "none") }},
	{"People.Customer", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().Customer(c, "none")) }},
	{"People.CustomerByEmail", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().CustomerByEmail(c, "", "none@example.com"))
	}},
	{"People.Customers", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().Customers(c, helpdesk.PeopleQuery{}))
	}},
	{"People.PutCustomer", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().PutCustomer(c, ticket.Customer{ID: "x"}))
	}},
	{"People.DeleteCustomer", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.People().DeleteCustomer(c, "none") }},
	{"People.MergeCustomers", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().MergeCustomers(c, "none", "nobody"))
	}},
	{"People.UnmergeCustomer", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().UnmergeCustomer(c, "none")) }},
	{"People.Organisation", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.People().Organisation(c, "none")) }},
	{"People.Organisations", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().Organisations(c, helpdesk.PeopleQuery{}))
	}},
	{"People.PutOrganisation", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().PutOrganisation(c, ticket.Organisation{ID: "x", Name: "X"}))
	}},
	{"People.DeleteOrganisation", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.People().DeleteOrganisation(c, "none") }},
	{"People.Export", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.People().Export(c, ann.Person(), io.Discard, nil)
	}},
	{"People.Erase", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.People().Erase(c, ticket.Person{ID: "nobody"}, nil))
	}},
	{"Settings.Get", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Settings().Get(c, "", "", "")) }},
	{"Settings.Winners", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Settings().Winners(c, "", "", "")) }},
	{"Settings.Layer", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		_, _, err := d.Settings().Layer(c, ticket.DeskLayer)
		return err
	}},
	{"Settings.Put", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Settings().Put(c, ticket.DeskLayer, ticket.SettingsPatch{}, 0)
	}},
	{"Settings.Update", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Settings().Update(c, ticket.DeskLayer, ticket.SettingsPatch{})
	}},
	{"Deliveries.List", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Deliveries().List(c, helpdesk.DeliveryQuery{}))
	}},
	{"Deliveries.Retry", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Deliveries().Retry(c, id) }},
	{"Deliveries.Discard", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Deliveries().Discard(c, id) }},
	{"Deliveries.Subscriptions", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Deliveries().Subscriptions(c)) }},
	{"Deliveries.Unsubscribe", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Deliveries().Unsubscribe(c, "TicketCreated", "none")
	}},
	{"Catalog.QuickResponses", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Catalog().QuickResponses(c)) }},
	{"Catalog.PutQuickResponse", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return d.Catalog().PutQuickResponse(c, ticket.QuickResponse{Code: "x", Name: "X", Body: "x"})
	}},
	{"Catalog.DeleteQuickResponse", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Catalog().DeleteQuickResponse(c, "none") }},
	{"Texts.QuickResponses", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Texts().QuickResponses(c, id)) }},
	{"Texts.Expand", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Texts().Expand(c, id, "x", "")) }},
	{"Texts.Signature", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Texts().Signature(c, id)) }},
	{"Drafts.Save", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Drafts().Save(c, id, ticket.SavedDraft{Body: "x"}))
	}},
	{"Drafts.Get", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Drafts().Get(c, id)) }},
	{"Drafts.List", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Drafts().List(c)) }},
	{"Drafts.Discard", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Drafts().Discard(c, id) }},
	{"Present", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Present(c, id, ticket.Viewing)) }},
	{"Leave", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Leave(c, id) }},
	{"Time.Log", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Time().Log(c, id, ticket.TimeEntry{Duration: minutes(1)}))
	}},
	{"Time.Start", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Time().Start(c, id, nil)) }},
	{"Time.Stop", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Time().Stop(c)) }},
	{"Time.Running", true, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Time().Running(c)) }},
	{"Time.Cancel", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.Time().Cancel(c) }},
	{"Time.Entry", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Time().Entry(c, id)) }},
	{"Time.Edit", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Time().Edit(c, id, ticket.TimePatch{}))
	}},
	{"Time.Delete", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.Time().Delete(c, id) }},
	{"Time.Entries", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Time().Entries(c, ticket.TimeQuery{TicketID: id}))
	}},
	{"Time.Sum", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Time().Sum(c, ticket.Query{})) }},
	{"Time.Invoice", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Time().Invoice(c, id)) }},
	{"Time.VoidInvoice", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Time().VoidInvoice(c, id)) }},
	{"Time.Invoices", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Time().Invoices(c, id)) }},
	{"Rate", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Rate(c, id, ticket.RatingDraft{Grade: "good"}))
	}},
	{"Ratings.Survey", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.Ratings().Survey(c, id)) }},
	{"Ratings.Show", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Ratings().Show(c, "x")) }},
	{"Ratings.Rate", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error {
		return drop(d.Ratings().Rate(c, "x", ticket.RatingDraft{Grade: "good"}))
	}},
	{"Ratings.List", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Ratings().List(c, ticket.RatingQuery{TicketID: id}))
	}},
	{"Ratings.Sums", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error {
		return drop(d.Ratings().Sums(c, ticket.RatingQuery{TicketID: id}))
	}},
	{"Tags.List", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Tags().List(c, "")) }},
	{"Tags.Rename", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Tags().Rename(c, "x", "y")) }},
	{"Tags.Delete", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.Tags().Delete(c, "x")) }},
	{"GuestLinks.New", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.GuestLinks().New(c, id, nil)) }},
	{"GuestLinks.Open", false, true, func(d *helpdesktest.Desk, c ctx, _ int64) error { return drop(d.GuestLinks().Open(c, "x")) }},
	{"GuestLinks.OpenFor", false, true, func(d *helpdesktest.Desk, c ctx, id int64) error { return drop(d.GuestLinks().OpenFor(c, "x", id)) }},
	{"GuestLinks.Revoke", true, false, func(d *helpdesktest.Desk, c ctx, id int64) error { return d.GuestLinks().Revoke(c, id) }},
	{"GuestLinks.RotateKey", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.GuestLinks().RotateKey(c) }},
	{"GuestLinks.DropOldKey", false, false, func(d *helpdesktest.Desk, c ctx, _ int64) error { return d.GuestLinks().DropOldKey(c) }},
}

// journalled counts everything that was ever written, seen from outside.
func journalled(t *testing.T, d *helpdesktest.Desk) int {
	t.Helper()
	return len(must(d.Journal(as(bob), ticket.EventQuery{Limit: ticket.MaxPage}))(t))
}

func TestBadCalls(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		t.Run(op.name+" refuses a missing actor, an unknown id, an ended context and a stopped desk, and writes nothing", func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			tk := open(t, d, ann)
			before := journalled(t, d)
			if !op.noActor {
				is(t, op.do(d, context.Background(), tk.ID), ticket.ErrNoActor)
				is(t, op.do(d, as(ticket.Actor{Kind: "ghost"}), tk.ID), ticket.ErrNoActor)
			}
			ended, cancel := context.WithCancel(as(bob))
			cancel()
			is(t, op.do(d, ended, tk.ID), context.Canceled)
			if op.byID {
				is(t, op.do(d, as(bob), 999_999), ticket.ErrNotFound)
			}
			equal(t, "journal", journalled(t, d), before)
			ok(t, d.Stop(context.Background()))
			is(t, op.do(d, as(bob), tk.ID), ticket.ErrStopped)
		})
	}
	t.Run("the list above has every exported operation", func(t *testing.T) {
		t.Parallel()
		var names []string
		for _, op := range operations {
			names = append(names, op.name)
		}
		// Those that take no context or cannot fail, and Once and Cause, which need a delivery and are tested with them.
		skip := []string{"Hooks", "Limits", "Now", "Wake", "Stop", "AddCheck", "Mail.CheckGateways", "Also", "Mail.Codes", "Mail.Uses", "Mail.Joinable", "Files.Serve", "Deliveries.Once",
			"Automation.Uses", "Automation.Caused", "Automation.Cause", "Automation.Because", "Automation.AddStep", "Automation.Once"}
		d := newDesk(t, helpdesk.Config{})
		all := groups(d.Desk)
		for group := range all {
			skip = append(skip, group)
		}
		for name := range methods(d.Desk, all) {
			if !slices.Contains(names, name) && !slices.Contains(skip, name) {
				t.Errorf("%s is not in the list of operations", name)
			}
		}
	})
}

// groups are the groups of verbs that hang on a desk, by the methods that return them.
func groups(d *helpdesk.Desk) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	v := reflect.ValueOf(d)
	for i := range v.NumMethod() {
		of := v.Method(i).Type()
		if of.NumIn() == 0 && of.NumOut() == 1 && of.Out(0).Kind() == reflect.Struct && of.Out(0).PkgPath() == v.Type().Elem().PkgPath() {
			out[v.Type().Method(i).Name] = v.Method(i).Call(nil)[0]
		}
	}
	return out
}

// methods are those of a desk and, with the group's name before it, of its groups.
func methods(d *helpdesk.Desk, groups map[string]reflect.Value) map[string]bool {
	out := map[string]bool{}
	desk := reflect.TypeOf(d)
	for i := range desk.NumMethod() {
		out[desk.Method(i).Name] = true
	}
	for group, v := range groups {
		has := inherited(v.Type())
		for i := range v.NumMethod() {
			if name := v.Type().Method(i).Name; !has[name] {
				out[group+"."+name] = true
			}
		}
	}
	return out
}

// inherited are the methods that a group has from what it is built upon, as Mail from the desk, and does not say anew.
func inherited(group reflect.Type) map[string]bool {
	out := map[string]bool{}
	first := group.Field(0)
	for i := 0; first.Anonymous && i < first.Type.NumMethod(); i++ {
		out[first.Type.Method(i).Name] = true
	}
	return out
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	mega := strings.Repeat("x", 1<<20+1)
	drafts := map[string]struct {
		field  string
		change func(*ticket.Draft)
	}{
		"no subject":               {"subject", func(d *ticket.Draft) { d.Subject = "" }},
		"a blank subject":          {"subject", func(d *ticket.Draft) { d.Subject = " \t" }},
		"a link to nowhere":        {"linked_to", func(d *ticket.Draft) { d.LinkedTo = 9999 }},
		"a subject over 998 bytes": {"subject", func(d *ticket.Draft) { d.Subject = long }},
		"a NUL in the subject":     {"subject", func(d *ticket.Draft) { d.Subject = "a\x00b" }},
		"a line break in it":       {"subject", func(d *ticket.Draft) { d.Subject = "a\r\nBcc: x" }},
		"invalid UTF-8":            {"body", func(d *ticket.Draft) { d.Body = "a\xff" }},
		"a body over 1 MB":         {"body", func(d *ticket.Draft) { d.Body = mega }},
		"HTML over 1 MB":           {"html_body", func(d *ticket.Draft) { d.HTMLBody = mega }},
		"a NUL in the body":        {"body", func(d *ticket.Draft) { d.Body = "a\x00b" }},
		"nothing at all":           {"body", func(d *ticket.Draft) { d.Body = " \n" }},
		"an unknown status":        {"status", func(d *ticket.Draft) { d.Status = "x" }},
		"an unknown priority":      {"priority", func(d *ticket.Draft) { d.Priority = "x" }},
		"an unknown department":    {"department", func(d *ticket.Draft) { d.Department = "x" }},
		"an unknown brand":         {"brand", func(d *ticket.Draft) { d.Brand = "x" }},
		"an unknown folder":        {"folder", func(d *ticket.Draft) { d.Folder = "x" }},
		"an unknown format":        {"format", func(d *ticket.Draft) { d.Format = "x" }},
		"a requester of no kind":   {"requester", func(d *ticket.Draft) { d.Requester = ticket.Person{Name: "X"} }},
		"a malformed address":      {"requester", func(d *ticket.Draft) { d.Requester = ticket.Person{Email: "nobody"} }},
		"too many tags": {"tags", func(d *ticket.Draft) {
			d.Tags = strings.Split(strings.Repeat("t,", 50)+strings.Join(numbers(100), ","), ",")
		}},
		"a related object unnamed": {"related", func(d *ticket.Draft) { d.Related = []ticket.Ref{{Kind: "x"}} }},
		"a phone too long":         {"phone", func(d *ticket.Draft) { d.Phone = long + long }},
		"a file without content":   {"files", func(d *ticket.Draft) { d.Files = []ticket.Upload{{Name: "x"}} }},
		"a file over the limit": {"files", func(d *ticket.Draft) {
			d.Files = []ticket.Upload{{Name: "x", Content: endless{}}}
		}},
	}
	for name, c := range drafts {
		t.Run("CreateTicket refuses "+name+" with a typed error and writes nothing", func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			draft := lamp()
			draft.Requester = ann.Person()
			c.change(&draft)
			_, err := d.CreateTicket(as(host), draft)
			invalid(t, err, c.field)
			equal(t, "journal", journalled(t, d), 0)
		})
	}
	patches := map[string]struct {
		field string
		patch ticket.Patch
	}{
		"an empty subject":      {"subject", ticket.Patch{Subject: new("")}},
		"a long subject":        {"subject", ticket.Patch{Subject: &long}},
		"an unknown status":     {"status", ticket.Patch{Status: new("x")}},
		"an unknown priority":   {"priority", ticket.Patch{Priority: new("")}},
		"an unknown department": {"department", ticket.Patch{Department: new("x")}},
		"an unknown brand":      {"brand", ticket.Patch{Brand: new("x")}},
		"an unknown folder":     {"folder", ticket.Patch{Folder: new(ticket.Folder("x"))}},
		"nobody as requester":   {"requester", ticket.Patch{Requester: &ticket.Person{}}},
		"a NUL in the note":     {"note", ticket.Patch{Note: "\x00", Priority: new("high")}},
		"a line in a tag":       {"assignee", ticket.Patch{Assignee: new("a\nb")}},
	}
	for name, c := range patches {
		t.Run("UpdateTicket refuses "+name+" with a typed error and writes nothing", func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, helpdesk.Config{})
			tk := open(t, d, ann)
			_, err := d.UpdateTicket(as(bob), tk.ID, c.patch)
			invalid(t, err, c.field)
			equal(t, "journal", journalled(t, d), 1)
		})
	}
	t.Run("Reply and EditMessage refuse what CreateTicket refuses of a body", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		for _, body := range []string{"", mega, "a\xff", "a\x00"} {
			_, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: body})
			invalid(t, err, "body")
			_, err = d.EditMessage(as(bob), m.ID, body)
			invalid(t, err, "body")
		}
		_, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Kind: "shout"})
		invalid(t, err, "kind")
		_, err = d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "nonsense"})
		invalid(t, err, "status")
		equal(t, "journal", journalled(t, d), 1)
	})
	t.Run("lists refuse a foreign cursor", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		_, err := d.Tickets(as(bob), ticket.Query{Cursor: "garbage"})
		is(t, err, ticket.ErrInvalid)
	})
	t.Run("New refuses a store that is nil and a seed that does not fit together", func(t *testing.T) {
		t.Parallel()
		if _, err := helpdesk.New(context.Background(), nil, nil); err == nil {
			t.Error("a nil store was taken")
		}
		_, err := helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Settings: ticket.SettingsPatch{DefaultStatus: new("nonsense")}})
		is(t, err, ticket.ErrInvalid)
		_, err = helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Statuses: []ticket.Status{{Code: "X Y", Name: "x", Class: "z"}}})
		is(t, err, ticket.ErrInvalid)
	})
}

// endless is a file of a size that nobody has.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strings.Repeat("i", i+1)
	}
	return out
}
