package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// runCounters compares the numbers beside the lists with the one query that counts all of them anew, on the same file.
func runCounters(ctx context.Context, e *env) (out []result, err error) {
	l, err := e.openScaled(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	return l.counted(ctx)
}

// counted measures all readers.
func (l *lister) counted(ctx context.Context) (out []result, err error) {
	for _, r := range readers() {
		one, err := l.counters(ctx, r)
		if err != nil {
			return out, err
		}
		out = append(out, one)
	}
	return out, nil
}

// counters measures one reader. Counting anew takes seconds, so there are few rounds of it.
func (l *lister) counters(ctx context.Context, r reader) (result, error) {
	var kept, anew ticket.Counters
	ours := repeat(ticket.WithActor(ctx, r.actor), func(ctx context.Context) (err error) {
		kept, err = l.desk.Counters(ctx, ticket.CounterQuery{Folders: []ticket.Folder{ticket.Inbox}})
		return err
	})
	theirs := repeat(ctx, func(ctx context.Context) (err error) {
		anew, err = l.countAnew(ctx, r)
		return err
	})
	var took, raw []time.Duration
	for range 3 {
		b, err := timed(theirs, 1)
		if err != nil {
			return result{}, err
		}
		raw = append(raw, b)
		for range 10 {
			a, err := timed(ours, 10)
			if err != nil {
				return result{}, err
			}
			took = append(took, a)
		}
	}
	if kept.All != anew.All || kept.Unassigned != anew.Unassigned || fmt.Sprint(kept.Statuses, kept.Agents, kept.Folders) != fmt.Sprint(anew.Statuses, anew.Agents, anew.Folders) {
		return result{}, fmt.Errorf("for %s the numbers that are kept differ from a count: %+v and %+v", r.name, kept, anew)
	}
	a, b := median(took), median(raw)
	return result{name: r.name, ours: perOp("Counters", a), raw: perOp("GROUP BY", b), ratio: float64(b) / float64(a), promise: 500, unit: "x"}, nil
}

// countAnew is the raw side.
func (l *lister) countAnew(ctx context.Context, r reader) (ticket.Counters, error) {
	out := ticket.Counters{Agents: map[string]ticket.Tally{}, Statuses: map[string]ticket.Tally{}, Folders: map[ticket.Folder]ticket.Tally{}}
	text, args := l.sql.count(r.seen)
	rows, err := l.conn.QueryContext(ctx, l.bind(text), args...)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var by string
		var n, unread int
		if err := rows.Scan(&by, &n, &unread); err != nil {
			return out, err
		}
		part := strings.Split(by, "\x1f")
		folder, class, status, assignee := part[0], part[1], part[2], part[3]
		add := func(t ticket.Tally) ticket.Tally {
			t.Add(ticket.Class(class), n, unread)
			return t
		}
		out.Folders[ticket.Folder(folder)] = add(out.Folders[ticket.Folder(folder)])
		if ticket.Folder(folder) != ticket.Inbox {
			continue
		}
		out.All, out.Statuses[status] = add(out.All), add(out.Statuses[status])
		if assignee == "" {
			out.Unassigned = add(out.Unassigned)
		} else {
			out.Agents[assignee] = add(out.Agents[assignee])
		}
	}
	return out, rows.Err()
}
