package helpdesk_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// unbilled has the books lose an invoice of some time on a ticket, and returns it.
func unbilled(t testing.TB, d *helpdesktest.Desk, id int64) ticket.Invoice {
	t.Helper()
	logged(t, d, id, ticket.TimeEntry{Duration: minutes(30), Billable: true, Note: "lost"})
	is(t, drop(d.Time().Invoice(as(bob), id)), errCut)
	list := must(d.Time().Invoices(as(bob), id))(t)
	return list[len(list)-1]
}

func TestVoiding(t *testing.T) {
	t.Parallel()
	t.Run("I17 an invoice that nobody took is given up, and its time is free again", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Invoicer: &books{}})
		var told []hooks.Voided
		d.Hooks().TicketInvoiceVoided.Bind("acme", func(_ ctx, e hooks.Voided) error { told = append(told, e); return nil })
		tk := open(t, d, ann)
		lost := unbilled(t, d, tk.ID)
		one := lost.Entries[0]
		is(t, drop(d.Time().Edit(as(bob), one.ID, ticket.TimePatch{Note: new("found")})), ticket.ErrConflict)
		is(t, drop(d.Time().VoidInvoice(as(ann), lost.ID)), ticket.ErrForbidden)
		is(t, drop(d.Time().VoidInvoice(as(bob), 99)), ticket.ErrNotFound)
		void := must(d.Time().VoidInvoice(as(bob), lost.ID))(t)
		equal(t, "given up", void.VoidedAt, d.Now())
		version := must(d.Ticket(as(bob), tk.ID))(t).Version
		must(d.Time().VoidInvoice(as(bob), lost.ID))(t) // changes nothing
		equal(t, "version", must(d.Ticket(as(bob), tk.ID))(t).Version, version)
		if len(told) != 1 || told[0].Invoice != lost.ID || told[0].Key != lost.Key {
			t.Errorf("told %+v", told)
		}
		equal(t, "unbilled", len(entriesBy(t, d, ticket.TimeQuery{Unbilled: true})), 1)
		must(d.Time().Edit(as(bob), one.ID, ticket.TimePatch{Note: new("found"), Duration: new(minutes(20))}))(t)
		next := must(d.Time().Invoice(as(bob), tk.ID))(t)
		equal(t, "another key", next.Key == lost.Key, false)
		equal(t, "billed", next.Total, minutes(20))
		list := must(d.Time().Invoices(as(bob), tk.ID))(t)
		equal(t, "invoices", len(list), 2)
		equal(t, "what was on the first", list[0].Total, minutes(30))
		equal(t, "sum", addsUp(t, d, tk.ID).Invoiced, minutes(20))
		is(t, drop(d.Time().VoidInvoice(as(bob), next.ID)), ticket.ErrConflict)
		must(d.Time().VoidInvoice(as(bob), lost.ID))(t) // takes nothing off the other one
		equal(t, "on the entry", must(d.Time().Entry(as(bob), one.ID))(t).Invoice, next.ID)
	})
	t.Run("I17 I11 giving up frees the time that was split off since, and a crash in between is made good by the next call", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk on fire")
		for n := 1; ; n++ {
			f := storetest.NewFaulty(memory.New(nil))
			b := &books{fail: errCut}
			d := must(helpdesk.New(context.Background(), f, &helpdesk.Config{Dispatch: helpdesk.Manual, Invoicer: b}))(t)
			tk := must(d.CreateTicket(as(ann), lamp()))(t)
			m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
			must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(1), Billable: true}))(t)
			must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(2), Billable: true, MessageID: m.ID}))(t)
			is(t, drop(d.Time().Invoice(as(bob), tk.ID)), errCut)
			part := must(d.Split(as(bob), tk.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
			lost := must(d.Time().Invoices(as(bob), tk.ID))(t)[0]
			f.FailAt(n, broken)
			_, err := d.Time().VoidInvoice(as(bob), lost.ID)
			hit := f.Failed()
			if f.FailAt(0, nil); hit != "" {
				is(t, err, broken)
				must(d.Time().VoidInvoice(as(bob), lost.ID))(t)
			}
			b.fail = nil
			equal(t, "of the ticket", must(d.Time().Invoice(as(bob), tk.ID))(t).Total, minutes(1))
			equal(t, "of what was split off", must(d.Time().Invoice(as(bob), part.ID))(t).Total, minutes(2))
			if hit == "" {
				t.Logf("%d calls failed, one at a time", n-1)
				break
			}
			if t.Failed() {
				t.Fatalf("after call %d, %s, failed", n, hit)
			}
		}
	})
	t.Run("I17 what is given up while it is handed over is not billed, and says what the host's books have", func(t *testing.T) {
		t.Parallel()
		b := &hasty{}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		b.desk = d.Desk
		tk := open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		_, err := d.Time().Invoice(as(bob), tk.ID)
		is(t, err, ticket.ErrConflict)
		equal(t, "names the reference", strings.Contains(err.Error(), `"INV-9"`), true)
		equal(t, "sum", addsUp(t, d, tk.ID), ticket.Spent{Total: minutes(30), Billable: minutes(30)})
		equal(t, "free", len(entriesBy(t, d, ticket.TimeQuery{Unbilled: true})), 1)
	})
}

// hasty gives up what it is handed.
type hasty struct{ desk *helpdesk.Desk }

func (h *hasty) Invoice(_ context.Context, inv ticket.Invoice) (string, error) {
	_, err := h.desk.Time().VoidInvoice(as(bob), inv.ID)
	return "INV-9", err
}
