package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// terms are what is looked for: the desk's question, and its words as the indexes have them.
var terms = []struct {
	name, text string
	raw        asked
}{
	{"a common word", "order", asked{all: [][]string{{"order"}}}},
	{"two common words", "lamp order", asked{all: [][]string{{"lamp"}, {"order"}}}},
	{"three words", "Lampe OR lamp refund warranty", asked{all: [][]string{{"lampe", "lamp"}, {"refund"}, {"warranty"}}}},
	{"a rare word", "linen", asked{all: [][]string{{"linen"}}}},
	{"a Turkish word", "SİPARİŞ", asked{all: [][]string{{"siparis"}}}},
	{"a Japanese word", "請求書", asked{all: [][]string{{"請求 求書"}}}},
	{"a Russian beginning", "достав*", asked{all: [][]string{{"достав*"}}}},
	{"a phrase", `"thank you"`, asked{all: [][]string{{"thank you"}}}},
	{"without a word", "lamp -order", asked{all: [][]string{{"lamp"}}, none: []string{"order"}}},
}

// seekers are who searches: the condition is what a raw query adds for them.
func seekers() []struct {
	reader
	requester string
} {
	type seeker = struct {
		reader
		requester string
	}
	var out []seeker
	for _, r := range readers() {
		out = append(out, seeker{r, ""})
	}
	c := customerOf(1)
	return append(out, seeker{reader{"a client", ticket.Client(c.ID, c.Name, c.Email), nil}, c.ID})
}

// indexed brings the search of the scaled desk up to date, and says how fast that was. It stays so for the next run.
func (l *lister) indexed(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	go func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var n int
			if l.db.QueryRowContext(ctx, l.sql.text("SELECT count(*) FROM {p}documents")).Scan(&n) == nil {
				fmt.Printf("indexing: %d tickets, %s\n", n, time.Since(start).Round(time.Second))
			}
		}
	}()
	n, err := l.desk.Index().Update(ctx)
	if err == nil && n > 0 {
		fmt.Printf("indexed %d tickets, %.0f a second\n", n, float64(n)/time.Since(start).Seconds())
	}
	return err
}

// runSearch measures searches, each by its worst kind of words, newest first.
func runSearch(ctx context.Context, e *env) ([]result, error) {
	l, err := e.openScaled(ctx)
	if err != nil {
		return nil, err
	}
	defer l.close(ctx)
	if err := l.indexed(ctx); err != nil {
		return nil, err
	}
	return l.searches(ctx, e)
}

// searches measures all searches.
func (l *lister) searches(ctx context.Context, e *env) ([]result, error) {
	few := *e
	few.n = max(e.n/20, 5)
	var out []result
	for _, who := range seekers() {
		r := result{name: "for " + who.name, promise: 1 / 1.5}
		for _, x := range terms {
			text, args := l.sql.search(x.raw, who.seen, who.requester)
			m, err := l.searched(ctx, &few, x.name, x.text, who.actor, text, args)
			if err != nil {
				return nil, err
			}
			fmt.Printf("searched for %s, for %s: ours %.3f ms, raw %.3f ms, %.2f\n", x.name, who.name, ms(m.ours), ms(m.raw), m.ratio)
			r.worst(m, "FTS")
		}
		out = append(out, r)
	}
	return out, nil
}

// patience is how long the raw side may take to find what was committed: under load an index of words of InnoDB was seen
// to do so a moment later.
const patience = 20 * time.Second

// bothFind is what both sides find.
func (l *lister) bothFind(ctx, as context.Context, q ticket.Search, st *sql.Stmt, args []any) (got, ids []int64, err error) {
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		page, err := l.desk.Search(as, q)
		if err != nil {
			return nil, nil, err
		}
		if ids, err = read(ctx, st, args); err != nil {
			return nil, nil, err
		}
		got = got[:0]
		for _, h := range page.Hits {
			got = append(got, h.Ticket.ID)
		}
		if slices.Equal(got, ids) || time.Since(begin) > patience {
			return got, ids, nil
		}
	}
}

// searched compares one search. Highlights are left out: the raw side has none.
func (l *lister) searched(ctx context.Context, e *env, what, words string, who ticket.Actor, text string, args []any) (measured, error) {
	m := measured{what: what}
	as := ticket.WithActor(ctx, who)
	q := ticket.Search{Text: words, Highlights: -1}
	st, err := l.conn.PrepareContext(ctx, l.bind(text))
	if err != nil {
		return m, err
	}
	defer st.Close()
	got, ids, err := l.bothFind(ctx, as, q, st, args)
	if err != nil {
		return m, err
	}
	if !slices.Equal(got, ids) {
		return m, fmt.Errorf("%s: ours finds %v, raw %v", what, got, ids)
	}
	m.what = fmt.Sprintf("%s (%d hits)", what, len(got))
	ours := repeat(ctx, func(context.Context) error { return errOf(l.desk.Search(as, q)) })
	raw := repeat(ctx, func(context.Context) error { return errOf(read(ctx, st, args)) })
	m.ours, m.raw, m.ratio, err = e.pairs(ours, raw)
	return m, err
}
