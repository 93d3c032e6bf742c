package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// books are a host's: what comes under a known key is the same invoice.
type books struct {
	mu    sync.Mutex
	calls int
	fail  error // after the books are written
	by    map[string]ticket.Invoice
	refs  map[string]string
}

func (b *books) Invoice(_ context.Context, inv ticket.Invoice) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls++; inv.Entries[0].Note == "lost" {
		return "", errCut
	}
	if b.by == nil {
		b.by, b.refs = map[string]ticket.Invoice{}, map[string]string{}
	}
	if had, known := b.by[inv.Key]; known && (lines(had) != lines(inv) || had.Total != inv.Total) {
		return "", fmt.Errorf("key %s came with other entries", inv.Key)
	}
	if _, known := b.by[inv.Key]; !known {
		b.by[inv.Key], b.refs[inv.Key] = inv, fmt.Sprintf("INV-%d", len(b.by)+1)
	}
	return b.refs[inv.Key], b.fail
}

var errCut = errors.New("the line was cut")

// lines are what an invoice bills.
func lines(inv ticket.Invoice) (out string) {
	for _, e := range inv.Entries {
		out += fmt.Sprintln(e.ID, e.Agent, e.Start, e.Duration)
	}
	return out
}

func TestInvoices(t *testing.T) {
	t.Parallel()
	t.Run("I17 the billable time of a ticket is handed over once, with the reference stored back", func(t *testing.T) {
		t.Parallel()
		b := &books{}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		var told []hooks.Invoiced
		d.Hooks().TicketInvoiced.Bind("acme", func(_ ctx, e hooks.Invoiced) error { told = append(told, e); return nil })
		tk := open(t, d, ann)
		one := logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(15)})
		inv := must(d.Time().Invoice(as(bob), tk.ID))(t)
		equal(t, "reference", inv.Reference, "INV-1")
		equal(t, "total", inv.Total, minutes(30))
		equal(t, "entries", len(inv.Entries), 1)
		equal(t, "client", b.by[inv.Key].Ticket.Requester.ID, ann.ID)
		equal(t, "on the entry", must(d.Time().Entry(as(bob), one.ID))(t).Reference, "INV-1")
		equal(t, "sum", addsUp(t, d, tk.ID), ticket.Spent{Total: minutes(45), Billable: minutes(30), Invoiced: minutes(30)})
		equal(t, "told", len(told), 1)
		equal(t, "told the reference", told[0].Reference, "INV-1")
		equal(t, "told the sum", told[0].Ticket.Spent.Unbilled(), 0)
		is(t, drop(d.Time().Invoice(as(bob), tk.ID)), ticket.ErrInvalid) // nothing is left
		err := d.Time().Delete(as(bob), one.ID)
		is(t, err, ticket.ErrConflict)
		equal(t, "says to read again", strings.Contains(err.Error(), "read it again"), false)
		is(t, drop(d.Time().Edit(as(bob), one.ID, ticket.TimePatch{Note: new("x")})), ticket.ErrConflict)
		equal(t, "handed over", b.calls, 1)
		equal(t, "unbilled", len(entriesBy(t, d, ticket.TimeQuery{Unbilled: true})), 0)
	})
	t.Run("I17 after an error the same invoice is handed over again, and what was logged meanwhile waits", func(t *testing.T) {
		t.Parallel()
		b := &books{fail: errCut}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		tk := open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		is(t, drop(d.Time().Invoice(as(bob), tk.ID)), b.fail)
		open := must(d.Time().Invoices(as(bob), tk.ID))(t)
		equal(t, "open", open[0].Reference, "")
		equal(t, "billed", spentOn(t, d, tk.ID).Invoiced, 0)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(5), Billable: true})
		b.fail = nil
		inv := must(d.Time().Invoice(as(bob), tk.ID))(t)
		equal(t, "key", inv.Key, open[0].Key)
		equal(t, "total", inv.Total, minutes(30))
		equal(t, "the next", must(d.Time().Invoice(as(bob), tk.ID))(t).Total, minutes(5))
		equal(t, "invoices", len(must(d.Time().Invoices(as(bob), tk.ID))(t)), 2)
		equal(t, "sum", addsUp(t, d, tk.ID).Unbilled(), 0)
	})
	t.Run("I17 what was purged since is handed over as it was", func(t *testing.T) {
		t.Parallel()
		b := &books{fail: errCut}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(4), Billable: true})
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(3), Billable: true, MessageID: m.ID})
		is(t, drop(d.Time().Invoice(as(bob), tk.ID)), b.fail)
		part := must(d.Split(as(bob), tk.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
		ok(t, d.DeleteTicket(as(bob), part.ID))
		ok(t, d.Purge(as(bob), part.ID))
		b.fail = nil
		inv := must(d.Time().Invoice(as(bob), tk.ID))(t)
		if inv.Total != minutes(7) || len(inv.Entries) != 2 || inv.Entries[1].Agent != "7" || inv.Entries[1].Duration != minutes(3) {
			t.Errorf("the invoice is %+v", inv)
		}
	})
	t.Run("I17 an invoice that has not come to its end goes where its time is, when its ticket is purged", func(t *testing.T) {
		t.Parallel()
		b := &books{fail: errors.New("the line was cut")}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(4), Billable: true})
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(3), Billable: true, MessageID: m.ID})
		is(t, drop(d.Time().Invoice(as(bob), tk.ID)), b.fail)
		key := must(d.Time().Invoices(as(bob), tk.ID))(t)[0].Key
		part := must(d.Split(as(bob), tk.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
		b.fail = nil
		inv := must(d.Time().Invoice(as(bob), part.ID))(t)
		if inv.Total != minutes(7) || inv.Key != key || inv.TicketID != part.ID {
			t.Errorf("the invoice is %+v", inv)
		}
		equal(t, "sum", addsUp(t, d, part.ID), ticket.Spent{Total: minutes(3), Billable: minutes(3), Invoiced: minutes(3)})
	})
	t.Run("I17 callers at once hand over one invoice", func(t *testing.T) {
		t.Parallel()
		b := &books{}
		d := newDesk(t, helpdesk.Config{Invoicer: b})
		tk := open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		var wg sync.WaitGroup
		refs := make([]string, 8)
		for i := range refs {
			wg.Go(func() {
				inv, err := d.Time().Invoice(as(bob), tk.ID)
				if refs[i] = inv.Reference; err != nil && !errors.Is(err, ticket.ErrInvalid) { // too late: nothing is left
					t.Error(err)
				}
			})
		}
		wg.Wait()
		equal(t, "invoices", len(b.by), 1)
		for _, ref := range refs {
			if ref != "" && ref != "INV-1" {
				t.Errorf("a caller has the reference %s", ref)
			}
		}
		equal(t, "sum", addsUp(t, d, tk.ID).Invoiced, minutes(30))
		equal(t, "told", d.Fired()["TicketInvoiced"], 1)
	})
	t.Run("I17 whichever call to the store fails, the next try bills the same entries under the same key", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk on fire")
		for n := 1; ; n++ {
			f := storetest.NewFaulty(memory.New(nil))
			b := &books{}
			d := must(helpdesk.New(context.Background(), f, &helpdesk.Config{Dispatch: helpdesk.Manual, Invoicer: b}))(t)
			tk := must(d.CreateTicket(as(ann), lamp()))(t)
			for range 3 {
				must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(10), Billable: true}))(t)
			}
			f.FailAt(n, broken)
			_, err := d.Time().Invoice(as(bob), tk.ID)
			hit := f.Failed()
			f.FailAt(0, nil)
			if hit == "" {
				t.Logf("%d calls failed, one at a time", n-1)
				break
			}
			is(t, err, broken)
			must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(1), Billable: true}))(t)
			again := must(helpdesk.New(context.Background(), f, &helpdesk.Config{Dispatch: helpdesk.Manual, Invoicer: b}))(t) // after a crash
			for {
				if _, err := again.Time().Invoice(as(bob), tk.ID); err != nil {
					is(t, err, ticket.ErrInvalid)
					break
				}
			}
			var total ticket.Duration
			for _, inv := range b.by {
				total += inv.Total
			}
			equal(t, "billed", total, minutes(31))
			equal(t, "sum", must(again.Ticket(as(bob), tk.ID))(t).Spent, ticket.Spent{Total: minutes(31), Billable: minutes(31), Invoiced: minutes(31)})
			if t.Failed() {
				t.Fatalf("after call %d, %s, failed", n, hit)
			}
		}
	})
	t.Run("I17 an invoice needs somebody who takes it, a reference, and no transaction", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		is(t, drop(d.Time().Invoice(as(bob), tk.ID)), ticket.ErrInvalid)
		d = newDesk(t, helpdesk.Config{Invoicer: silent{}})
		tk = open(t, d, ann)
		logged(t, d, tk.ID, ticket.TimeEntry{Duration: minutes(30), Billable: true})
		_, err := d.Time().Invoice(as(bob), tk.ID)
		invalid(t, err, "reference")
		ok(t, d.InTx(as(bob), func(c context.Context) error {
			is(t, drop(d.Time().Invoice(c, tk.ID)), ticket.ErrInvalid)
			return nil
		}))
	})
}

type silent struct{}

func (silent) Invoice(context.Context, ticket.Invoice) (string, error) { return "", nil }
