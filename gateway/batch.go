package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
)

// How mails are processed: so many are leased at once, and so many conversations go on side by side, whose commits a store
// may put together. A large mail is read when its turn comes, and alone.
const (
	batch      = 32
	sideBySide = 8
	largeMail  = 1 << 20
)

// inHand is a mail that this process has leased.
type inHand struct {
	work       *store.Work
	job        job
	unreadable bool
	mail       *Mail // nil until it is read

	outcome     Outcome
	done, waits bool
}

// Process turns mails that were fetched into messages: those that are due, one batch. What belongs together, by sender or
// by what it cites, is processed in its order. Mails that must be tried again later are not among the outcomes.
func (g *Gateway) Process(ctx context.Context) ([]Outcome, error) {
	works, err := g.lease(ctx)
	if err != nil {
		return nil, fmt.Errorf("gateway %s: lease: %w", g.name, err)
	}
	all := make([]*inHand, len(works))
	for i, w := range works {
		all[i] = &inHand{work: w}
		all[i].unreadable = json.Unmarshal(w.Doc, &all[i].job) != nil
	}
	small, large := g.split(ctx, all)
	g.each(conversations(small, g.desk.Codes()), func(list []*inHand) {
		for _, h := range list {
			g.turn(ctx, h, true)
		}
	})
	for _, h := range all { // in their order: what was too large for company, and what waits for others of the batch
		if h.waits || large[h] {
			g.turn(ctx, h, false)
		}
	}
	var out []Outcome
	for _, h := range all {
		if h.done {
			out = append(out, h.outcome)
		}
	}
	return out, ctx.Err()
}

// turn processes a mail, or, where there is no more time, gives it back at once and not only when its lease ends.
func (g *Gateway) turn(ctx context.Context, h *inHand, mayWait bool) {
	if err := ctx.Err(); err != nil {
		g.later(ctx, h.work, err)
		return
	}
	if h.outcome, h.done, h.waits = g.one(ctx, h, mayWait); h.done {
		g.told(func(p *Progress) { p.Done++ })
	}
}

// split reads the mails that are small, and says which are large.
func (g *Gateway) split(ctx context.Context, all []*inHand) (small []*inHand, large map[*inHand]bool) {
	large = map[*inHand]bool{}
	var single [][]*inHand
	for _, h := range all {
		if h.job.Size > largeMail {
			large[h] = true
			continue
		}
		small, single = append(small, h), append(single, []*inHand{h})
	}
	g.each(single, func(list []*inHand) {
		_ = g.load(ctx, list[0]) // tried again at its turn, which says what is wrong
	})
	return small, large
}

// load reads a mail, if it is not read yet.
func (g *Gateway) load(ctx context.Context, h *inHand) (err error) {
	if h.mail != nil || h.unreadable || h.job.Raw == "" {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("reading panicked: %v", v)
		}
	}()
	raw, err := g.readRaw(ctx, h.job)
	if err != nil {
		return err
	}
	h.mail = g.read(raw, h.job)
	return nil
}

// each calls fn for each list, some of them side by side.
func (g *Gateway) each(lists [][]*inHand, fn func([]*inHand)) {
	var all sync.WaitGroup
	next := make(chan []*inHand)
	for range min(sideBySide, len(lists)) {
		all.Go(func() {
			for list := range next {
				fn(list)
			}
		})
	}
	for _, list := range lists {
		next <- list
	}
	close(next)
	all.Wait()
}

// conversations groups mails that may have to do with each other: of one sender, or citing the same.
func conversations(list []*inHand, codes CodeFinder) [][]*inHand {
	group := make([]int, len(list)) // of each mail, the first mail of its group, or one on the way there
	first := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	seen := map[string]int{}
	for i, h := range list {
		group[i] = i
		for _, key := range h.about(codes) {
			if earlier, ok := seen[key]; ok {
				a, b := first(earlier), first(i)
				group[max(a, b)] = min(a, b)
			}
			seen[key] = i
		}
	}
	var out [][]*inHand
	at := map[int]int{}
	for i, h := range list {
		f := first(i)
		n, ok := at[f]
		if !ok {
			n, at[f] = len(out), len(out)
			out = append(out, nil)
		}
		out[n] = append(out[n], h)
	}
	return out
}

// about is what ties a mail to others.
func (h *inHand) about(codes CodeFinder) []string {
	m := h.mail
	if m == nil {
		return nil
	}
	keys := []string{"from:" + m.From.Email, "id:" + m.MessageID}
	for _, c := range Citations(m, codes, nil) {
		if c.By == BySubject {
			keys = append(keys, "code:"+c.Value)
			continue
		}
		keys = append(keys, "id:"+c.Value)
	}
	return keys
}
