package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The rule by the clock: tickets that nobody has answered for thirty days, of which so many cross that time in one look.
const (
	clockCondition = `hours_since_last_reply > 720 and not (ticket.class in ["solved", "closed"])`
	clockAfter     = 720 * time.Hour
	crossing       = 1000
)

// handing counts the tickets that a store hands out while count is set.
type handing struct {
	store.Store
	count   bool
	handed  int
	tickets map[int64]bool
}

func (s *handing) hand(list ...*ticket.Ticket) {
	for _, t := range list {
		if s.count && t != nil {
			s.handed++
			s.tickets[t.ID] = true
		}
	}
}

func (s *handing) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, handingReader{r, s}) })
}

func (s *handing) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return fn(ctx, handingTx{tx, s}) })
}

type handingReader struct {
	store.Reader
	s *handing
}

func (r handingReader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	t, err := r.Reader.Ticket(ctx, id, scope)
	r.s.hand(t)
	return t, err
}

func (r handingReader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	r.s.hand(page.Tickets...)
	return page, err
}

type handingTx struct {
	store.Tx
	s *handing
}

func (x handingTx) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	return handingReader{x.Tx, x.s}.Ticket(ctx, id, scope)
}

func (x handingTx) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	return handingReader{x.Tx, x.s}.Tickets(ctx, q, scope)
}

func (x handingTx) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	t, err := x.Tx.LockTicket(ctx, id)
	x.s.hand(t)
	return t, err
}

// stepper keeps what rules would have the desk do by itself, so that it is done in a transaction of ours.
type stepper struct {
	helpdesk.Automation
	steps []func(ctx context.Context) (int, error)
}

// AddStep keeps a step.
func (d *stepper) AddStep(step func(ctx context.Context) (int, error)) {
	d.steps = append(d.steps, step)
}

func (d *stepper) all(ctx context.Context) error {
	for _, step := range d.steps {
		for {
			if n, err := step(ctx); n == 0 || err != nil {
				if err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// crossed is when the desk's last ticket was changed, and when so many had crossed the rule's hours before it as are to.
func crossed(ctx context.Context, path string) (now, since time.Time, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return now, since, err
	}
	defer db.Close()
	var last, first int64
	err = db.QueryRowContext(ctx, "SELECT max(updated) FROM helpdesk_tickets").Scan(&last)
	if err != nil {
		return now, since, err
	}
	now = time.UnixMicro(last).UTC().Add(time.Second)
	err = db.QueryRowContext(ctx, "SELECT replied FROM helpdesk_tickets WHERE replied < ? AND class NOT IN ('solved', 'closed') ORDER BY replied DESC LIMIT 1 OFFSET ?",
		now.Add(-clockAfter).UnixMicro(), crossing-1).Scan(&first)
	return now, time.UnixMicro(first).UTC().Add(clockAfter), err
}

var errUndone = errors.New("the trial is over")

// runTimeRules has a rule by the clock look over the scaled desk, in a transaction that is rolled back: the file is that of
// other lines, too.
func runTimeRules(ctx context.Context, e *env) (r result, err error) {
	path, err := e.scaled(ctx)
	if err != nil {
		return r, err
	}
	now, since, err := crossed(ctx, path)
	if err != nil {
		return r, fmt.Errorf("find %d tickets that cross %s: %w", crossing, clockAfter, err)
	}
	inner, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return r, err
	}
	s := &handing{Store: inner, tickets: map[int64]bool{}}
	defer func() { err = errors.Join(err, inner.Close()) }()
	at := now
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual, Now: func() time.Time { return at }})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, desk.Stop(ctx)) }()
	d := &stepper{Automation: desk.Automation()}
	rs, err := rules.New(d, s, nil)
	if err != nil {
		return r, err
	}
	trial := &clockTrial{stepper: d, rules: rs, s: s, at: &at, since: since}
	err = inner.Update(ticket.WithActor(ctx, ticket.System("bench")), func(ctx context.Context, _ store.Tx) error {
		if err := trial.run(ctx); err != nil {
			return err
		}
		return errUndone
	})
	if !errors.Is(err, errUndone) {
		return r, err
	}
	return trial.result(e, now), nil
}

// clockTrial is one rule that looks.
type clockTrial struct {
	*stepper
	rules *rules.Rules
	s     *handing
	at    *time.Time
	since time.Time

	fired            int
	looked, idle     time.Duration
	first, idleHands int // tickets that the store handed out, each time that it did
}

func (c *clockTrial) run(ctx context.Context) error {
	rule := rules.Rule{Code: "bench", Name: "Bench", On: []rules.Trigger{rules.ByClock}, When: clockCondition, Since: c.since, Do: []rules.Step{rules.Do("add_tags", []string{"old"})}}
	if _, _, err := c.rules.Save(ctx, rule); err != nil {
		return err
	}
	look := func() (time.Duration, error) {
		c.s.count = true
		start := time.Now()
		err := c.all(ctx)
		c.s.count = false
		return time.Since(start), err
	}
	var err error
	if c.looked, err = look(); err != nil {
		return err
	}
	c.first = c.s.handed
	if c.fired, err = c.count(ctx); err != nil {
		return err
	}
	*c.at = c.at.Add(time.Minute) // nothing is due
	c.idle, err = look()
	c.idleHands = c.s.handed - c.first
	return err
}

// count is how many tickets the rule has matched.
func (c *clockTrial) count(ctx context.Context) (n int, err error) {
	err = c.s.View(ctx, func(ctx context.Context, x store.Reader) error {
		list, err := x.Records(ctx, store.RecordQuery{Kind: "rulerun"})
		n = len(list)
		return err
	})
	return n, err
}

func (c *clockTrial) result(e *env, now time.Time) result {
	return result{
		ours: fmt.Sprintf("%d of %d tickets read, %d matched", len(c.s.tickets), e.scale, c.fired), raw: "none", ratio: float64(len(c.s.tickets)), promise: 5000, most: true, unit: " tickets",
		notes: []string{
			fmt.Sprintf("a look over %s, in which %d tickets cross %s; the store handed tickets out %d times (candidates, locks, what the desk's verb read); %s, all in one transaction",
				now.Sub(c.since).Round(time.Minute), crossing, clockAfter, c.first, c.looked.Round(time.Millisecond)),
			fmt.Sprintf("a step in which nothing is due: %s, and %d tickets", c.idle.Round(time.Microsecond), c.idleHands),
		},
	}
}
