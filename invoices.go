package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Invoicer takes billable time into the host's books (I17). It is called outside of any transaction. What comes under a
// key that it has taken before is the same invoice again, after a crash or an error: it bills nothing and returns the
// same reference. An error leaves the invoice to the next call of Time.Invoice.
type Invoicer interface {
	Invoice(ctx context.Context, inv ticket.Invoice) (reference string, err error)
}

// invoiceDoc is how an invoice is stored: the entries are those that say they are on it.
type invoiceDoc struct {
	ID        int64     `json:"id"`
	Key       string    `json:"key"`
	TicketID  int64     `json:"ticket_id"`
	Entries   []int64   `json:"entries"`
	Frozen    []frozen  `json:"frozen,omitempty"` // what they said, without notes: an entry may be purged with its ticket
	Reference string    `json:"reference,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	BilledAt  time.Time `json:"billed_at,omitzero"`
	VoidedAt  time.Time `json:"voided_at,omitzero"`
}

// open reports whether the invoice has not come to its end.
func (doc *invoiceDoc) open() bool { return doc.Reference == "" && doc.VoidedAt.IsZero() }

// frozen is an entry as it was handed over.
type frozen struct {
	Agent    string          `json:"agent"`
	Start    time.Time       `json:"started_at"`
	Duration ticket.Duration `json:"duration"`
}

// thawed is the entry at a place of the invoice, where it is no longer stored, or no longer on this invoice.
func (doc *invoiceDoc) thawed(n int) ticket.TimeEntry {
	e := ticket.TimeEntry{ID: doc.Entries[n], Billable: true, Invoice: doc.ID, Reference: doc.Reference}
	if n < len(doc.Frozen) {
		e.Agent, e.Start, e.Duration = doc.Frozen[n].Agent, doc.Frozen[n].Start, doc.Frozen[n].Duration
	}
	return e
}

// Invoice hands the billable time of a ticket that is on no invoice to Config.Invoicer and stores the reference that it
// gives. An invoice that did not come to its end before is handed over again, with the same key and the same entries;
// what was logged since waits for the next one. VoidInvoice gives such a one up. It takes the rights to update the ticket and to edit messages.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden; ticket.ErrInvalid where there is nothing to
// invoice, without a Config.Invoicer, inside a transaction, and for an empty reference; ticket.ErrConflict, which names
// the reference, where the invoice was given up while it was handed over; the Invoicer's own; ticket.ErrBusy.
func (g Time) Invoice(ctx context.Context, ticketID int64) (ticket.Invoice, error) {
	inv, err := g.d.invoice(ctx, ticketID)
	return inv, failed(fmt.Sprintf("invoice ticket %d", ticketID), err)
}

var invoiceActs = []Action{ActUpdate, ActEdit}

func (d *Desk) invoice(ctx context.Context, ticketID int64) (ticket.Invoice, error) {
	none := ticket.Invoice{}
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return none, err
	}
	if _, err := d.read(ctx, actor, ticketID); err != nil {
		return none, err
	}
	switch {
	case d.cfg.Invoicer == nil:
		return none, ticket.Invalid("", ticket.FaultUnavailable, "nobody takes invoices: set Config.Invoicer")
	case d.inTx(ctx):
		return none, ticket.Invalid("", ticket.FaultUnavailable, "an invoice is not made inside a transaction, which could be rolled back: call it outside")
	}
	var doc invoiceDoc
	err = d.onTime(ctx, actor, ticketID, invoiceActs, func(ctx context.Context, w *write) (err error) {
		doc, err = w.openInvoice(ctx)
		return err
	})
	if err != nil {
		return none, err
	}
	inv, err := d.loadInvoice(ctx, doc.ID)
	if err != nil || inv.Reference != "" { // somebody else was faster
		return inv, err
	}
	if !inv.VoidedAt.IsZero() {
		return none, ticket.ErrConflict // given up meanwhile: the next call makes another one
	}
	for i := range inv.Entries {
		inv.Entries[i].Reference = "" // what was moved to another ticket may have it already
	}
	if inv.Ticket, err = d.ticketIfAny(ctx, inv.TicketID); err != nil {
		return none, err
	}
	ref, err := d.cfg.Invoicer.Invoice(ctx, inv)
	if err != nil {
		return none, fmt.Errorf("invoice %d: %w", doc.ID, err)
	}
	if ref == "" {
		return none, ticket.Invalid("reference", ticket.FaultRequired, "is empty: the Invoicer must say how it knows the invoice")
	}
	return d.billed(context.WithoutCancel(ctx), actor, doc.ID, ref)
}

// openInvoice returns the invoice of the ticket that has not come to its end, or a new one of all that is on none.
func (w *write) openInvoice(ctx context.Context) (doc invoiceDoc, err error) {
	var docs []invoiceDoc
	if err := record.ReadAll(ctx, w.tx, kindInvoice, record.ID(w.after.ID), &docs); err != nil {
		return doc, err
	}
	if i := slices.IndexFunc(docs, func(d invoiceDoc) bool { return d.open() }); i >= 0 {
		return docs[i], nil
	}
	var entries []ticket.TimeEntry
	if err := record.ReadAll(ctx, w.tx, kindTime, record.ID(w.after.ID), &entries); err != nil {
		return doc, err
	}
	entries = slices.DeleteFunc(entries, func(e ticket.TimeEntry) bool { return !e.Billable || e.Invoice != 0 })
	if len(entries) == 0 {
		return doc, ticket.Invalid("", ticket.FaultState, "there is no billable time that is on no invoice")
	}
	doc = invoiceDoc{Key: randomHex(16), TicketID: w.after.ID, CreatedAt: w.now}
	if doc.ID, err = w.tx.NewID(ctx, kindInvoice); err != nil {
		return doc, err
	}
	for _, e := range entries {
		e.Invoice = doc.ID
		doc.Entries, doc.Frozen = append(doc.Entries, e.ID), append(doc.Frozen, frozen{e.Agent, e.Start, e.Duration})
		if err := times.Put(ctx, w.tx, &e, &e); err != nil {
			return doc, err
		}
	}
	return doc, record.Put(ctx, w.tx, kindInvoice, record.Ordered(doc.ID), record.ID(doc.TicketID), doc)
}

// loadInvoice reads an invoice with its entries as they are.
func (d *Desk) loadInvoice(ctx context.Context, id int64) (inv ticket.Invoice, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		doc, err := record.Read[invoiceDoc](ctx, r, kindInvoice, record.Ordered(id))
		if err != nil {
			return err
		}
		inv = ticket.Invoice{ID: doc.ID, Key: doc.Key, TicketID: doc.TicketID, Reference: doc.Reference, CreatedAt: doc.CreatedAt, BilledAt: doc.BilledAt, VoidedAt: doc.VoidedAt}
		for n, id := range doc.Entries {
			e, err := times.Get(ctx, r, id)
			if errors.Is(err, ticket.ErrNotFound) || (err == nil && e.Invoice != doc.ID) {
				e, err = doc.thawed(n), nil // purged with its ticket, or free again: what was handed over stays what it was
			}
			if err != nil {
				return err
			}
			inv.Entries, inv.Total = append(inv.Entries, e), inv.Total+e.Duration
		}
		return nil
	})
	return inv, err
}

// billed stores the reference of an invoice. Its entries may have come to several tickets since: each is a transaction
// of its own, and the invoice, which the next call would otherwise begin with, comes last.
func (d *Desk) billed(ctx context.Context, actor ticket.Actor, id int64, ref string) (ticket.Invoice, error) {
	inv, err := d.loadInvoice(ctx, id)
	if err != nil || inv.Reference != "" { // somebody else was faster
		return inv, err
	}
	doc := invoiceDoc{ID: id, TicketID: inv.TicketID}
	for _, e := range inv.Entries {
		if e.TicketID == inv.TicketID || e.TicketID == 0 || e.Reference != "" {
			continue
		}
		if err := d.onInvoice(ctx, actor, e.TicketID, &doc, ref, nil); err != nil {
			return inv, err
		}
	}
	err = d.onInvoice(ctx, actor, doc.TicketID, &doc, ref, func(ctx context.Context, w *write) error {
		doc.BilledAt = w.now
		c := ticket.Change{Field: invoiceField + record.ID(doc.ID), New: doc.Reference}
		if err := w.journal(ctx, ticket.EventInvoiced, nil, append(ticket.Diff(w.last, w.after), c)); err != nil {
			return err
		}
		return record.Put(ctx, w.tx, kindInvoice, record.Ordered(doc.ID), record.ID(doc.TicketID), doc)
	})
	if err != nil {
		return inv, err
	}
	return d.loadInvoice(ctx, id)
}

// invoiceField stands before the number of an invoice in the change that its event has.
const invoiceField = "invoice/"

// onInvoice marks the entries of one ticket as billed, and does the rest in the same transaction. Without a rest the sum
// of the ticket is an event of its own.
func (d *Desk) onInvoice(ctx context.Context, actor ticket.Actor, ticketID int64, doc *invoiceDoc, ref string, rest func(context.Context, *write) error) error {
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lockUnchecked(ctx, ticketID); err != nil {
			return err
		}
		now, err := record.Read[invoiceDoc](ctx, w.tx, kindInvoice, record.Ordered(doc.ID))
		if err != nil {
			return err
		}
		if *doc = now; doc.Reference != "" {
			return nil // somebody else was faster
		}
		if !doc.open() {
			return standing(fmt.Sprintf("invoice %d was given up while it was handed over: the Invoicer has it as %q", doc.ID, ref))
		}
		w.quiet = true
		if err := w.markBilled(ctx, doc, ref); err != nil {
			return err
		}
		if rest == nil {
			if err := w.step(ctx, ticket.EventTimeLogged, nil); err != nil {
				return err
			}
			return w.commit(ctx, nil)
		}
		if doc.TicketID != ticketID {
			return ticket.ErrConflict // moved meanwhile: the next call finds it there
		}
		doc.Reference = ref
		if err := rest(ctx, w); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	return err
}

// markBilled writes the reference into those entries of an invoice that are the locked ticket's.
func (w *write) markBilled(ctx context.Context, doc *invoiceDoc, ref string) error {
	for _, id := range doc.Entries {
		e, err := times.Get(ctx, w.tx, id)
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if e.TicketID != w.after.ID || e.Reference != "" {
			continue
		}
		was := e
		e.Reference = ref
		w.after.Spent = w.after.Spent.Minus(was).Plus(e)
		if err := times.Put(ctx, w.tx, &was, &e); err != nil {
			return err
		}
	}
	return nil
}

// Invoices lists the invoices of a ticket in their order; one without a Reference has not come to its end, or was given up
// (VoidedAt). Errors:
// ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers.
func (g Time) Invoices(ctx context.Context, ticketID int64) ([]ticket.Invoice, error) {
	list, err := g.d.invoices(ctx, ticketID)
	return list, failed(fmt.Sprintf("list invoices of ticket %d", ticketID), err)
}

func (d *Desk) invoices(ctx context.Context, ticketID int64) ([]ticket.Invoice, error) {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := d.read(ctx, actor, ticketID); err != nil {
		return nil, err
	}
	var docs []invoiceDoc
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		docs = nil
		return record.ReadAll(ctx, r, kindInvoice, record.ID(ticketID), &docs)
	})
	if err != nil {
		return nil, err
	}
	out := make([]ticket.Invoice, len(docs))
	for i, doc := range docs {
		if out[i], err = d.loadInvoice(ctx, doc.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}
