package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindTally is the record of a counter.
const kindTally = "mail-tally"

// count is its document.
type count struct {
	Mails  int     `json:"n,omitempty"`
	At     []int64 `json:"at,omitempty"`     // of the last of the same mail, in seconds since 1970
	Ticket int64   `json:"ticket,omitempty"` // of these
}

// plus is the count with what another one has beside it.
func (c count) plus(more count, most int) count {
	c.Mails += more.Mails
	c.At = append(slices.Clone(c.At), more.At...)
	c.At = c.At[max(0, len(c.At)-most):]
	if c.Ticket == 0 {
		c.Ticket = more.Ticket
	}
	return c
}

// tally counts the mails of one batch towards the caps. It is read ahead and stored behind, once for all of them: a
// process that dies forgets what it has counted in a batch, and others see it when the batch is over.
type tally struct {
	g      *Gateway
	caps   Caps
	now    time.Time
	stored map[string]count
	added  map[string]count
}

func (g *Gateway) newTally() *tally {
	return &tally{g: g, caps: g.opts.Caps.withDefaults(), now: g.desk.Now(), stored: map[string]count{}, added: map[string]count{}}
}

// keys are those of the counters that a mail is looked up in.
func (t *tally) keys(s subject) (keys []string) {
	for _, c := range t.caps.counters(s, t.now) {
		keys = append(keys, c.key)
	}
	if t.caps.Repeats > 0 {
		current, before := s.repeated(t.now)
		keys = append(keys, current, before)
	}
	return keys
}

// load reads the counters of mails, as far as they are not known.
func (t *tally) load(ctx context.Context, mails ...subject) error {
	missing := map[string]count{}
	for _, m := range mails {
		for _, key := range t.keys(m) {
			if _, known := t.stored[key]; !known {
				missing[key] = count{}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	err := t.g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		for key := range missing {
			c, _, err := readCount(ctx, r, key)
			if err != nil {
				return err
			}
			missing[key] = c
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read how many mails there were: %w", err)
	}
	for key, c := range missing {
		t.stored[key] = c
	}
	return nil
}

// readCount reads a counter, with the version of its record.
func readCount(ctx context.Context, r store.Reader, key string) (c count, version int64, err error) {
	rec, err := r.Record(ctx, kindTally, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return count{}, 0, nil
	}
	if err != nil {
		return count{}, 0, err
	}
	return c, rec.Version, json.Unmarshal(rec.Doc, &c)
}

// over says which cap a mail is above, if it is above one, and the ticket of those that are the same, if there were too
// many of these.
func (t *tally) over(s subject) (why string, same int64) {
	for _, c := range t.caps.counters(s, t.now) {
		if t.stored[c.key].Mails+t.added[c.key].Mails >= c.cap {
			why = c.why
			break
		}
	}
	if t.caps.Repeats <= 0 {
		return why, 0
	}
	current, before := s.repeated(t.now)
	all := t.stored[before].plus(t.stored[current], 2*t.caps.Repeats).plus(t.added[current], 2*t.caps.Repeats)
	recent := 0
	for _, at := range all.At {
		if t.now.Unix()-at < int64(repeatsWithin.Seconds()) {
			recent++
		}
	}
	if recent < t.caps.Repeats {
		return why, 0
	}
	return fmt.Sprintf("the same mail has come more than %d times within ten minutes", t.caps.Repeats), all.Ticket
}

// add counts a mail, and remembers its ticket for those that are the same.
func (t *tally) add(s subject, ticketID int64) {
	for _, c := range t.caps.counters(s, t.now) {
		t.added[c.key] = t.added[c.key].plus(count{Mails: 1}, 0)
	}
	if t.caps.Repeats > 0 {
		current, _ := s.repeated(t.now)
		t.added[current] = t.added[current].plus(count{At: []int64{t.now.Unix()}, Ticket: ticketID}, t.caps.Repeats)
	}
}

// mostOldCounters is how many old counters are removed at once.
const mostOldCounters = 500

// save stores what was counted, and removes what counts no more.
func (t *tally) save(ctx context.Context) error {
	if len(t.added) == 0 {
		return nil
	}
	err := t.g.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		for _, key := range slices.Sorted(maps.Keys(t.added)) { // in one order, so that no two processes wait for each other
			c, version, err := readCount(ctx, tx, key)
			if err != nil {
				return err
			}
			doc, err := json.Marshal(c.plus(t.added[key], max(0, t.caps.Repeats)))
			if err != nil {
				return err
			}
			if err := tx.PutRecord(ctx, &store.Record{Kind: kindTally, Key: key, Version: version, Doc: doc}); err != nil {
				return err
			}
		}
		return t.removeOld(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("store how many mails there were: %w", err)
	}
	return nil
}

// removeOld looks for counters that have ended, once an hour in each process.
func (t *tally) removeOld(ctx context.Context, tx store.Tx) error {
	hour := t.now.Truncate(hourly)
	if t.g.swept.Load() == hour.Unix() {
		return nil
	}
	old, err := tx.Records(ctx, store.RecordQuery{Kind: kindTally, Limit: mostOldCounters})
	if err != nil {
		return err
	}
	for _, rec := range old {
		if rec.Key >= fmt.Sprintf("%010d", t.now.Add(-repeatsWithin).Unix()) {
			break // they are in the order in which they end
		}
		if err := tx.DeleteRecord(ctx, kindTally, rec.Key); err != nil {
			return err
		}
	}
	if len(old) < mostOldCounters {
		tx.OnCommit(func() { t.g.swept.Store(hour.Unix()) })
	}
	return nil
}
