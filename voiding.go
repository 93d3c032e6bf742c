package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// VoidInvoice gives up an invoice that has no reference, because Config.Invoicer never took it: its entries are free
// again, to be changed and to be on another invoice, and the invoice stays in the list with VoidedAt set. Whether the
// host's books have it all the same, after a crash, only the host knows: they find it by its Key. Doing it again changes
// nothing. It takes the rights of Invoice.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, for an invoice of a deleted ticket too; ticket.ErrForbidden;
// ticket.ErrConflict for one that the Invoicer has taken, wholly or for time that was moved to another ticket since;
// ticket.ErrBusy.
func (g Time) VoidInvoice(ctx context.Context, id int64) (ticket.Invoice, error) {
	inv, err := g.d.voidInvoice(ctx, id)
	return inv, failed(fmt.Sprintf("void invoice %d", id), err)
}

func (d *Desk) voidInvoice(ctx context.Context, id int64) (ticket.Invoice, error) {
	none := ticket.Invoice{}
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return none, err
	}
	inv, err := d.loadInvoice(ctx, id)
	if err != nil {
		return none, hidden(err)
	}
	err = d.onTime(ctx, actor, inv.TicketID, invoiceActs, func(ctx context.Context, w *write) error { return w.voidInvoice(ctx, id) })
	if err != nil {
		return none, err
	}
	// The invoice is void by now, so an entry elsewhere that is not freed for an error is on none that is ever billed: it is
	// freed when this is called again.
	freed := map[int64]bool{inv.TicketID: true, 0: true} // 0 of those that are free or purged
	for _, e := range inv.Entries {
		if freed[e.TicketID] || e.Invoice != id {
			continue
		}
		freed[e.TicketID] = true
		if err := d.freeEntries(ctx, actor, e.TicketID, id); err != nil {
			return none, err
		}
	}
	return d.loadInvoice(ctx, id)
}

// voidInvoice gives up an invoice of the ticket that the write has locked, and frees those of its entries that are
// there.
func (w *write) voidInvoice(ctx context.Context, id int64) error {
	doc, err := record.Read[invoiceDoc](ctx, w.tx, kindInvoice, record.Ordered(id))
	if err != nil {
		return err
	}
	switch {
	case doc.TicketID != w.after.ID:
		return ticket.ErrConflict // it was moved meanwhile
	case doc.Reference != "":
		return standing(fmt.Sprintf("the invoice was billed, as %q", doc.Reference))
	case doc.VoidedAt.IsZero():
		if err := w.checkUntaken(ctx, &doc); err != nil {
			return err
		}
		doc.VoidedAt, w.quiet = w.now, true
		if err := w.journal(ctx, ticket.EventInvoiceVoided, nil, []ticket.Change{{Field: invoiceField + record.ID(id), Old: doc.Key}}); err != nil {
			return err
		}
		if err := record.Put(ctx, w.tx, kindInvoice, record.Ordered(id), record.ID(doc.TicketID), doc); err != nil {
			return err
		}
	}
	return w.freeEntries(ctx, &doc)
}

// checkUntaken refuses an invoice of which a part has got its reference already.
func (w *write) checkUntaken(ctx context.Context, doc *invoiceDoc) error {
	return eachEntry(ctx, w.tx, doc, func(e ticket.TimeEntry) error {
		if e.Reference == "" {
			return nil
		}
		return standing(fmt.Sprintf("the Invoicer has taken it as %q: call Time.Invoice, which ends it", e.Reference))
	})
}

// freeEntries takes those entries off a void invoice that are the locked ticket's.
func (w *write) freeEntries(ctx context.Context, doc *invoiceDoc) error {
	return eachEntry(ctx, w.tx, doc, func(e ticket.TimeEntry) error {
		if e.TicketID != w.after.ID {
			return nil
		}
		e.Invoice = 0
		return times.Put(ctx, w.tx, &e, &e)
	})
}

// eachEntry calls fn for what is on an invoice and still there.
func eachEntry(ctx context.Context, r store.Reader, doc *invoiceDoc, fn func(ticket.TimeEntry) error) error {
	for _, id := range doc.Entries {
		e, err := times.Get(ctx, r, id)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && e.Invoice != doc.ID) {
			continue
		}
		if err == nil {
			err = fn(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// freeEntries does so on another ticket.
func (d *Desk) freeEntries(ctx context.Context, actor ticket.Actor, ticketID, id int64) error {
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lockUnchecked(ctx, ticketID); err != nil {
			return err
		}
		doc, err := record.Read[invoiceDoc](ctx, w.tx, kindInvoice, record.Ordered(id))
		if err != nil {
			return err
		}
		return w.freeEntries(ctx, &doc)
	})
	return err
}
