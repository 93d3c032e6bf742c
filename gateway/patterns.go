package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindPattern is the record of a spam pattern; every gateway of a store has the same.
const kindPattern = "config/spam-pattern"

// mostPatterns bounds how many there are: each is tried on each mail.
const mostPatterns = 1000

// patterns are those in use, until a process changes one.
type patterns struct {
	mu      sync.Mutex
	version int64
	known   bool
	filters []filter
}

// PutPattern adds a spam pattern, or changes the one of its name, for all gateways of the store. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for who may not change the configuration; ticket.ErrInvalid says what is wrong with it.
func (g *Gateway) PutPattern(ctx context.Context, p Pattern) error {
	doc, err := json.Marshal(p)
	if err == nil {
		err = errors.Join(g.desk.MayConfigure(ctx), p.Check())
	}
	if err == nil {
		err = g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			list, err := readPatterns(ctx, tx)
			if err != nil {
				return err
			}
			there := slices.ContainsFunc(list, func(q Pattern) bool { return q.Name == p.Name })
			if !there && len(list) >= mostPatterns {
				return ticket.Invalid("name", ticket.FaultTooMany, "there are %d patterns already: delete one first", len(list))
			}
			return tx.PutRecord(ctx, &store.Record{Kind: kindPattern, Key: p.Name, Version: store.AnyVersion, Doc: doc})
		})
	}
	if err != nil {
		return fmt.Errorf("gateway %s: put spam pattern %.100q: %w", g.name, p.Name, err)
	}
	return nil
}

// DeletePattern removes one. Errors: as PutPattern, and ticket.ErrNotFound.
func (g *Gateway) DeletePattern(ctx context.Context, name string) error {
	err := g.desk.MayConfigure(ctx)
	if err != nil {
		return fmt.Errorf("gateway %s: delete spam pattern %.100q: %w", g.name, name, err)
	}
	err = g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Record(ctx, kindPattern, name); err != nil {
			return err
		}
		return tx.DeleteRecord(ctx, kindPattern, name)
	})
	if err != nil {
		return fmt.Errorf("gateway %s: delete spam pattern %.100q: %w", g.name, name, err)
	}
	return nil
}

// Patterns lists the spam patterns, inactive ones too, by name.
func (g *Gateway) Patterns(ctx context.Context) (list []Pattern, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		list, err = readPatterns(ctx, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("gateway %s: list spam patterns: %w", g.name, err)
	}
	return list, nil
}

func readPatterns(ctx context.Context, r store.Reader) (list []Pattern, err error) {
	for after := ""; ; {
		page, err := r.Records(ctx, store.RecordQuery{Kind: kindPattern, After: after, Limit: 500})
		if err != nil || len(page) == 0 {
			return list, err
		}
		for _, rec := range page {
			var p Pattern
			if err := json.Unmarshal(rec.Doc, &p); err != nil {
				return nil, fmt.Errorf("read spam pattern %q: %w", rec.Key, err)
			}
			list, after = append(list, p), rec.Key
		}
	}
}

// filters are the patterns in use.
func (g *Gateway) filters(ctx context.Context) (out []filter, err error) {
	c := &g.patterns
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		version, err := r.ConfigVersion(ctx)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.known && c.version == version {
			out = c.filters
			return nil
		}
		list, err := readPatterns(ctx, r)
		if err != nil {
			return err
		}
		c.known, c.version, c.filters = true, version, compiled(list)
		out = c.filters
		return nil
	})
	return out, err
}

// Catch is a mail that a pattern would have caught.
type Catch struct {
	Outcome        // what became of it
	From    string // whom it is from
	Subject string
}

// TryPattern shows what a pattern, which need not be put, would have caught among the last mails of this gateway, and how
// many it has looked at: at most 1,000, and those only of which the raw bytes are kept. Errors: ticket.ErrInvalid.
func (g *Gateway) TryPattern(ctx context.Context, p Pattern, last int) (out []Catch, looked int, err error) {
	p.Inactive = false
	f, err := p.compile()
	if err != nil {
		return nil, 0, fmt.Errorf("gateway %s: try spam pattern: %w", g.name, err)
	}
	var works []*store.Work
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		works, err = r.Works(ctx, store.WorkQuery{Kind: kindMail, Name: g.name, Limit: min(max(last, 1), 1000)})
		return err
	})
	for _, w := range works {
		if err := ctx.Err(); err != nil {
			return out, looked, err
		}
		var j job
		if json.Unmarshal(w.Doc, &j) != nil || j.Raw == "" {
			continue
		}
		raw, err := g.readRaw(ctx, j)
		if err != nil {
			continue // retention has removed it
		}
		looked++
		m := g.read(ctx, raw, j)
		if !f.catches(m) {
			continue
		}
		c := Catch{From: m.From.Email, Subject: m.Subject}
		if j.Outcome != nil {
			c.Outcome = *j.Outcome
		}
		c.Work = w.ID
		out = append(out, c)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("gateway %s: try spam pattern: %w", g.name, err)
	}
	return out, looked, nil
}
