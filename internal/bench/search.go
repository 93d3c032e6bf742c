package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// terms are what is looked for: the desk's question, and the one that somebody would write to the index.
var terms = []struct{ name, text, raw string }{
	{"a common word", "order", `"order"`},
	{"two common words", "lamp order", `"lamp" AND "order"`},
	{"three words", "Lampe OR lamp refund warranty", `("lampe" OR "lamp") AND "refund" AND "warranty"`},
	{"a rare word", "linen", `"linen"`},
	{"a Turkish word", "SİPARİŞ", `"siparis"`},
	{"a Japanese word", "請求書", `"請求 求書"`},
	{"a Russian beginning", "достав*", `"достав" *`},
	{"a phrase", `"thank you"`, `"thank you"`},
	{"without a word", "lamp -order", `"lamp" NOT "order"`},
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

// rawSearch is the query of somebody who knows the schema: a walk of the index from its end.
func rawSearch(match string, seen []string, requester string) (string, []any) {
	text := `SELECT f.rowid, t.id, t.doc FROM helpdesk_search f CROSS JOIN helpdesk_documents d ON d.doc = f.rowid CROSS JOIN helpdesk_tickets t ON t.id = d.ticket
		WHERE f.helpdesk_search MATCH ? AND t.box < 4`
	if requester != "" { // the column who has a token for each client: the ways of the index cross at once
		h := fnv.New64a()
		_, _ = h.Write([]byte(requester))
		match = fmt.Sprintf(`"‖r%016x" AND {subject codes people body} : (%s)`, h.Sum64(), match)
		text += " AND t.requester = ?"
	}
	args := []any{match}
	if requester != "" {
		args = append(args, requester)
	}
	if len(seen) > 0 {
		text += " AND t.department IN (?" + strings.Repeat(", ?", len(seen)-1) + ")"
		for _, d := range seen {
			args = append(args, d)
		}
	}
	return text + fmt.Sprintf(" ORDER BY f.rowid DESC LIMIT %d", pageOf+1), args
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
			if l.s.DB().QueryRowContext(ctx, "SELECT count(*) FROM helpdesk_documents").Scan(&n) == nil {
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
	few := *e
	few.n = max(e.n/20, 5)
	var out []result
	for _, who := range seekers() {
		r := result{name: "for " + who.name, promise: 1 / 1.5}
		for _, x := range terms {
			text, args := rawSearch(x.raw, who.seen, who.requester)
			m, err := l.searched(ctx, &few, x.name, x.text, who.actor, text, args)
			if err != nil {
				return nil, err
			}
			fmt.Printf("searched for %s, for %s: %.2f\n", x.name, who.name, m.ratio)
			r.worst(m, "FTS")
		}
		out = append(out, r)
	}
	return out, nil
}

// searched compares one search. Highlights are left out: the raw side has none.
func (l *lister) searched(ctx context.Context, e *env, what, words string, who ticket.Actor, text string, args []any) (measured, error) {
	m := measured{what: what}
	as := ticket.WithActor(ctx, who)
	q := ticket.Search{Text: words, Highlights: -1}
	st, err := l.conn.PrepareContext(ctx, text)
	if err != nil {
		return m, err
	}
	defer st.Close()
	page, err := l.desk.Search(as, q)
	if err != nil {
		return m, err
	}
	ids, err := read(ctx, st, args)
	if err != nil {
		return m, err
	}
	var got []int64
	for _, h := range page.Hits {
		got = append(got, h.Ticket.ID)
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
