package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The kinds of records of working time. Timers and invoices have the ticket as their parent; for entries see ledger.
const (
	kindTime    = "time"
	kindTimeAt  = "time_start"
	kindTimer   = "timer"   // the key is the agent
	kindInvoice = "invoice" // the key is the id
)

// times are kept by when the work began. Times before 1970 are refused where entries come in.
var times = ledger.Ledger[ticket.TimeEntry]{Kind: kindTime, At: kindTimeAt, Place: func(e *ticket.TimeEntry) ledger.Place {
	return ledger.Place{ID: e.ID, Ticket: e.TicketID, Agent: e.Agent, Time: e.Start}
}}

// spend counts a change of an entry in the ticket that the write has locked, and journals it: was is nil for a new
// entry, e for one that goes. Working time moves no ticket up a list.
func (w *write) spend(ctx context.Context, was, e *ticket.TimeEntry) error {
	c := ticket.Change{}
	if was != nil {
		w.after.Spent = w.after.Spent.Minus(*was)
		c.Field, c.Old = timeField+record.ID(was.ID), was.Duration.String()
	}
	if e != nil {
		w.after.Spent = w.after.Spent.Plus(*e)
		c.Field, c.New = timeField+record.ID(e.ID), e.Duration.String()
		if w.after.Spent.Total < 0 || w.after.Spent.Billable < 0 {
			return ticket.Invalid("duration", ticket.FaultOutOfRange, "is too much: the ticket would have more than 292 years")
		}
	}
	w.quiet = true
	return w.journal(ctx, ticket.EventTimeLogged, nil, append(ticket.Diff(w.last, w.after), c))
}

// timeField stands before the number of an entry in the change that its event has.
const timeField = "time/"

// forgetTime removes what a purged ticket has of working time.
func (w *write) forgetTime(ctx context.Context, id int64) error {
	if err := times.Forget(ctx, w.tx, id); err != nil {
		return err
	}
	for _, kind := range []string{kindTimer, kindInvoice} {
		recs, err := w.tx.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(id)})
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if err := w.forgetTimed(ctx, rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetTimed removes a timer or an invoice of a purged ticket, whose entries are gone by then. An invoice that has not
// come to its end goes where what is left of its time has gone: it would be on no invoice that is ever billed.
func (w *write) forgetTimed(ctx context.Context, rec *store.Record) error {
	if rec.Kind != kindInvoice {
		return w.tx.DeleteRecord(ctx, rec.Kind, rec.Key)
	}
	var doc invoiceDoc
	if err := json.Unmarshal(rec.Doc, &doc); err != nil {
		return err
	}
	for _, id := range doc.Entries {
		e, err := times.Get(ctx, w.tx, id)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && (doc.Reference != "" || e.Invoice != doc.ID)) {
			continue
		}
		if err != nil {
			return err
		}
		return record.Move(ctx, w.tx, rec, record.ID(e.TicketID), func(i *invoiceDoc) { i.TicketID = e.TicketID })
	}
	return w.tx.DeleteRecord(ctx, rec.Kind, rec.Key)
}

// scrubTime takes texts out of the notes of entries and running timers.
func (w *write) scrubTime(ctx context.Context, s *scrubber) (bool, error) {
	of := record.ID(w.after.ID)
	entries, err := scrubRecords(ctx, w, store.RecordQuery{Kind: kindTime, Parent: of}, "", func(e ticket.TimeEntry) (ticket.TimeEntry, bool, error) {
		was := e.Note
		e.Note = s.Text(was)
		return e, e.Note != was, nil
	})
	if err != nil {
		return false, err
	}
	timers, err := scrubRecords(ctx, w, store.RecordQuery{Kind: kindTimer, Parent: of}, "", func(t ticket.Timer) (ticket.Timer, bool, error) {
		was := t.Note
		t.Note = s.Text(was)
		return t, t.Note != was, nil
	})
	return entries || timers, err
}

// moveTime moves the working time of a ticket to another: its entries, its invoices and the timers that run on it. The
// sums of both tickets follow; storing them is for the caller. It returns what moveTimeBack needs.
func (w *write) moveTime(ctx context.Context, from, to *ticket.Ticket) (moved []string, err error) {
	for _, kind := range []string{kindTime, kindInvoice, kindTimer} {
		recs, err := w.tx.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(from.ID)})
		if err != nil {
			return moved, err
		}
		for _, rec := range recs {
			if err := w.moveTimeRecord(ctx, rec, from, to); err != nil {
				return moved, err
			}
			moved = append(moved, kind+"/"+rec.Key)
		}
	}
	return moved, nil
}

// moveTimeBack takes back to the ticket from what moveTime moved to the other, as it is now. What was deleted since, what
// is elsewhere by now, and a timer that was started since, stays as it is.
func (w *write) moveTimeBack(ctx context.Context, from, to *ticket.Ticket, moved []string, at time.Time) error {
	for _, m := range moved {
		kind, key, _ := strings.Cut(m, "/")
		rec, err := w.tx.Record(ctx, kind, key)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && rec.Parent != record.ID(to.ID)) {
			continue
		}
		if err == nil && kind == kindTimer {
			var t ticket.Timer
			if err = json.Unmarshal(rec.Doc, &t); err == nil && t.Start.After(at) { // the agent has one at a time: it is another
				continue
			}
		}
		if err == nil {
			err = w.moveTimeRecord(ctx, rec, to, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *write) moveTimeRecord(ctx context.Context, rec *store.Record, from, to *ticket.Ticket) error {
	switch rec.Kind {
	case kindTime:
		return record.Move(ctx, w.tx, rec, record.ID(to.ID), func(e *ticket.TimeEntry) {
			from.Spent, to.Spent = from.Spent.Minus(*e), to.Spent.Plus(*e)
			e.TicketID = to.ID
		})
	case kindInvoice:
		return record.Move(ctx, w.tx, rec, record.ID(to.ID), func(i *invoiceDoc) { i.TicketID = to.ID })
	}
	return record.Move(ctx, w.tx, rec, record.ID(to.ID), func(t *ticket.Timer) { t.TicketID = to.ID })
}
