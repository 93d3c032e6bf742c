package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// told is one event at one point: what a hook hears of.
type told struct {
	Event int64
	Point string
}

// faults collects what is wrong, and counts what it does not list.
type faults struct {
	list []string
	more int
}

func (f *faults) add(format string, args ...any) {
	if len(f.list) == 20 {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// check holds everything that is in the database against what was acknowledged.
func (h *host) check(ctx context.Context, acked map[task]bool, r *report) error {
	ctx = ticket.WithActor(ctx, agent)
	var f faults
	expected := map[told]bool{}
	kept := map[int64]bool{}
	statuses := map[string]int{}
	present := map[string]int{}
	for tk, err := range h.AllTickets(ctx, ticket.Query{}) {
		if err != nil {
			return err
		}
		kept[tk.ID] = true
		statuses[tk.Status]++
		if err := h.checkTicket(ctx, tk, present, expected, &f); err != nil {
			return err
		}
	}
	f.writes(acked, present)
	if err := h.checkEffects(ctx, expected, r, &f); err != nil {
		return err
	}
	if err := h.checkReminders(ctx, kept, r, &f); err != nil {
		return err
	}
	if err := h.checkCounters(ctx, statuses, &f); err != nil {
		return err
	}
	r.Events, r.Faults = len(expected), f.list
	if f.more > 0 {
		r.Faults = append(r.Faults, fmt.Sprintf("and %d more", f.more))
	}
	return nil
}

// checkTicket notes what a ticket holds, and holds its journal against its rows.
func (h *host) checkTicket(ctx context.Context, tk *ticket.Ticket, present map[string]int, expected map[told]bool, f *faults) error {
	n := int64(0)
	for m, err := range h.AllMessages(ctx, tk.ID, ticket.MessageQuery{}) {
		if err != nil {
			return err
		}
		if n++; m.Seq != n {
			f.add("ticket %d: message %d stands where message %d should", tk.ID, m.Seq, n)
		}
		present[tk.External+": "+m.Body]++
	}
	events, err := h.History(ctx, tk.ID, ticket.EventQuery{Limit: ticket.MaxPage})
	if err != nil {
		return err
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			f.add("ticket %d: event %d stands where event %d should", tk.ID, e.Seq, i+1)
		}
		switch e.Type {
		case ticket.EventCreated:
			expected[told{e.ID, "TicketCreated"}] = true
		case ticket.EventReplied:
			expected[told{e.ID, "TicketReplied"}] = true
		}
		for _, c := range e.Changes {
			if c.Field == "status" {
				expected[told{e.ID, "TicketStatusChange"}] = true
			}
		}
	}
	if n != tk.Seq || int64(len(events)) != tk.EventSeq {
		f.add("ticket %d has %d messages of %d, and %d events of %d", tk.ID, n, tk.Seq, len(events), tk.EventSeq)
	}
	return nil
}

// writes: each acknowledged write is there once, and nothing else is.
func (f *faults) writes(acked map[task]bool, present map[string]int) {
	for t := range acked {
		at := strconv.Itoa(t.Ticket) + ": " + t.text()
		if n := present[at]; n != 1 {
			f.add("write %s was acknowledged, and is there %d times", t.key(), n)
		}
		delete(present, at)
	}
	for at := range present {
		f.add("ticket %s was not asked for", at)
	}
}

// checkEffects: each event was told at least once, its effect made exactly once, and those of a ticket in order.
func (h *host) checkEffects(ctx context.Context, expected map[told]bool, r *report, f *faults) error {
	heard := map[told]int{}
	err := h.rows(ctx, "SELECT event, point, 0, 0 FROM replicas_heard ORDER BY id", func(w told, _, _ int64) { heard[w]++; r.Heard++ })
	if err != nil {
		return err
	}
	made, last := map[told]int{}, map[int64]int64{}
	err = h.rows(ctx, "SELECT event, point, ticket, seq FROM replicas_effects ORDER BY id", func(w told, ticketID, seq int64) {
		made[w]++
		if seq < last[ticketID] {
			f.add("ticket %d: the effect of event %d was made after that of event %d", ticketID, seq, last[ticketID])
		}
		last[ticketID] = seq
	})
	if err != nil {
		return err
	}
	for w := range expected {
		if heard[w] == 0 {
			f.add("event %d was never told to %s", w.Event, w.Point)
		}
		if made[w] != 1 {
			f.add("the effect of event %d at %s was made %d times", w.Event, w.Point, made[w])
		}
		delete(made, w)
	}
	for w := range made {
		f.add("an effect of event %d at %s was made, and there is no such event", w.Event, w.Point)
	}
	return nil
}

func (h *host) rows(ctx context.Context, query string, each func(w told, ticketID, seq int64)) error {
	rows, err := h.s.Querier(ctx).QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var w told
		var ticketID, seq int64
		if err := rows.Scan(&w.Event, &w.Point, &ticketID, &seq); err != nil {
			return err
		}
		each(w, ticketID, seq)
	}
	return rows.Err()
}

// checkReminders: each ticket's reminder was sent once.
func (h *host) checkReminders(ctx context.Context, kept map[int64]bool, r *report, f *faults) error {
	sent := map[int64]int{}
	err := h.rows(ctx, "SELECT 0, '', ticket, 0 FROM replicas_reminders", func(_ told, id, _ int64) { sent[id]++; r.Reminders++ })
	for id := range kept {
		if sent[id] != 1 {
			f.add("ticket %d was reminded of %d times", id, sent[id])
		}
	}
	return err
}

// checkCounters: the numbers beside the lists are those of a full count, and no delivery was given up.
func (h *host) checkCounters(ctx context.Context, statuses map[string]int, f *faults) error {
	wrong, err := h.s.CheckTallies(ctx)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		f.add("counters: %s", w)
	}
	c, err := h.Counters(ctx, ticket.CounterQuery{Folders: []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}})
	if err != nil {
		return err
	}
	all := 0
	for code, n := range statuses {
		all += n
		if c.Statuses[code].Total != n {
			f.add("Counters says %d tickets are %s, and %d are", c.Statuses[code].Total, code, n)
		}
	}
	if c.All.Total != all {
		f.add("Counters says there are %d tickets, and there are %d", c.All.Total, all)
	}
	health, err := h.Health(ctx)
	if health.Dead > 0 {
		f.add("%d deliveries are dead", health.Dead)
	}
	return err
}
