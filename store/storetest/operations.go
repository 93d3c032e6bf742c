package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// written turns the answer of a write into one of an operation. Stores may collect writes until the next read, so there
// is one.
func written(ctx context.Context, tx store.Tx, err error) (string, error) {
	if err == nil {
		_, err = tx.Linked(ctx, "none", "none")
	}
	return "", err
}

// answer turns the answer of a read into one of an operation: that something is missing is an answer.
func answer(v any, err error) (string, error) {
	if err != nil {
		return kindOf(err), nil
	}
	return text(v), nil
}

// op describes an operation whose effect is a write.
func op(text string, do func(ctx context.Context, tx store.Tx) error) *operation {
	return &operation{text, func(ctx context.Context, tx store.Tx, _ *world) (string, error) { return written(ctx, tx, do(ctx, tx)) }}
}

// ask describes an operation whose effect is an answer.
func ask(text string, do func(ctx context.Context, tx store.Tx) (any, error)) *operation {
	return &operation{text, func(ctx context.Context, tx store.Tx, _ *world) (string, error) { return answer(do(ctx, tx)) }}
}

func (g *generator) putTicket() *operation {
	t := g.ticket()
	return op("PutTicket "+brief(*t), func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, t) })
}

// lockTicket changes a little of a ticket, as most writes of a desk do: what stays must be found under what has changed.
func (g *generator) lockTicket() *operation {
	id, subject, what, other := g.ticketID(), fmt.Sprint("subject ", g.IntN(100)), pick(g, "subject", "update", "status", "tags", "fields", "assignee"), g.ticket()
	return ask(fmt.Sprintf("LockTicket %d, PutTicket with %q and the %s of %s", id, subject, what, brief(*other)), func(ctx context.Context, tx store.Tx) (any, error) {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return nil, err
		}
		t.Subject = subject
		switch what {
		case "update":
			t.UpdatedAt = other.UpdatedAt
		case "status":
			t.Status, t.Class, t.UnreadByStaff = other.Status, other.Class, other.UnreadByStaff
		case "tags":
			t.Tags = slices.Clone(other.Tags)
		case "fields":
			t.Fields = maps.Clone(other.Fields)
		case "assignee":
			t.Assignee, t.Watchers = other.Assignee, slices.Clone(other.Watchers)
		}
		return t, tx.PutTicket(ctx, t)
	})
}

func (g *generator) deleteTicket() *operation {
	id := g.ticketID()
	return op(fmt.Sprint("DeleteTicket ", id), func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, id) })
}

func (g *generator) putMessage() *operation {
	id := 1 + g.Int64N(modelEntries)
	m := &ticket.Message{ID: id, TicketID: g.ticketID(), Seq: id, Kind: pick(g, ticket.KindReply, ticket.KindNote), Body: fmt.Sprint(g.IntN(100)), CreatedAt: g.at()}
	return op("PutMessage "+brief(*m), func(ctx context.Context, tx store.Tx) error { return tx.PutMessage(ctx, m) })
}

func (g *generator) putEvent() *operation {
	id := 1 + g.Int64N(modelEntries)
	e := &ticket.Event{ID: id, TicketID: g.ticketID(), Seq: id, Type: pick(g, ticket.EventUpdated, ticket.EventReplied), At: g.at()}
	if g.chance(4) {
		e.TicketID, e.Seq = 0, 0
	}
	return op("PutEvent "+brief(*e), func(ctx context.Context, tx store.Tx) error { return tx.PutEvent(ctx, e) })
}

func (g *generator) listTickets() *operation {
	q, scope := g.query(), g.scope()
	return ask("Tickets "+brief(q)+" for "+brief(scope), func(ctx context.Context, tx store.Tx) (any, error) {
		first, err := tx.Tickets(ctx, q, scope)
		if err != nil {
			return nil, err
		}
		p := pager{ctx, tx, q, scope}
		before, _, err1 := p.back(first)
		after, last, err2 := p.forth(first)
		if err := firstError(err1, err2); err != nil {
			return nil, err
		}
		all := append(before, after[len(first.Tickets):]...)
		again, _, err := p.back(last)
		return []any{all, again}, err
	})
}

func (g *generator) countTickets() *operation {
	q, scope, limit := g.query(), g.scope(), pick(g, 1, 5, 1000)
	return ask(fmt.Sprint("CountTickets ", brief(q), " for ", brief(scope), " up to ", limit), func(ctx context.Context, tx store.Tx) (any, error) {
		return tx.CountTickets(ctx, q, scope, limit)
	})
}

func (g *generator) tally() *operation {
	q := store.TallyQuery{By: pick(g, store.TallyPlaces, store.TallyAssignees, store.TallyTags), Folders: some(g, ticket.Inbox, ticket.Archive),
		Assignee: pick(g, "", "", "1"), Prefix: pick(g, "", "", "a"), Whole: g.chance(2), Brands: some(g, "main", "shop"), Departments: some(g, "sales")}
	scope := g.scope()
	return ask("Tallies "+brief(q)+" for "+brief(scope), func(ctx context.Context, tx store.Tx) (any, error) {
		got, err := tx.Tallies(ctx, q, scope)
		return tally.Summed(got), err
	})
}

func (g *generator) readTicket() *operation {
	id, scope := g.ticketID(), g.scope()
	return ask(fmt.Sprint("Ticket ", id, " for ", brief(scope)), func(ctx context.Context, tx store.Tx) (any, error) { return tx.Ticket(ctx, id, scope) })
}

func (g *generator) readThread() *operation {
	q := ticket.MessageQuery{TicketID: g.ticketID(), Newest: g.chance(2), Kinds: some(g, ticket.KindNote, ticket.KindReply), Limit: pick(g, 0, 2)}
	if g.chance(2) {
		q.AfterSeq = g.Int64N(modelEntries)
	}
	return ask("Messages "+brief(q), func(ctx context.Context, tx store.Tx) (any, error) { return tx.Messages(ctx, q) })
}

func (g *generator) readJournal() *operation {
	q := ticket.EventQuery{Types: some(g, ticket.EventUpdated, ticket.EventReplied), Limit: pick(g, 0, 1, 4)}
	if g.chance(2) {
		q.Since = g.at()
	}
	if g.chance(2) {
		q.TicketID, q.AfterSeq = g.ticketID(), g.Int64N(modelEntries)
	} else if !q.Since.IsZero() {
		q.AfterID = g.Int64N(modelEntries)
	}
	return ask("Events "+brief(q), func(ctx context.Context, tx store.Tx) (any, error) { return tx.Events(ctx, q) })
}

func (g *generator) lockRecord() *operation {
	kind, key, doc := pick(g, "kind", "config/x"), g.key(), json.RawMessage(text(g.IntN(100)))
	return ask(fmt.Sprintf("LockRecord %s %s, PutRecord with %s", kind, key, doc), func(ctx context.Context, tx store.Tx) (any, error) {
		r, err := tx.LockRecord(ctx, kind, key)
		if err != nil {
			return nil, err
		}
		r.Doc = doc
		return r, tx.PutRecord(ctx, r)
	})
}

func (g *generator) putRecord() *operation {
	r := &store.Record{Kind: pick(g, "kind", "config/x"), Key: g.key(), Parent: pick(g, "", "p"), Doc: json.RawMessage(text(g.IntN(100)))}
	r.Version = pick(g, store.AnyVersion, store.AnyVersion, g.Int64N(4))
	return op("PutRecord "+brief(*r), func(ctx context.Context, tx store.Tx) error { return tx.PutRecord(ctx, r) })
}

func (g *generator) deleteRecord() *operation {
	kind, key := pick(g, "kind", "config/x"), g.key()
	return op("DeleteRecord "+kind+" "+key, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, kind, key) })
}

func (g *generator) listRecords() *operation {
	q := store.RecordQuery{Kind: pick(g, "kind", "config/x", "none"), Parent: pick(g, "", "p"), After: pick(g, "", "", g.key()), Limit: pick(g, 0, 0, 1, 2)}
	return ask("Records "+brief(q), func(ctx context.Context, tx store.Tx) (any, error) { return tx.Records(ctx, q) })
}

func (g *generator) reserve() *operation {
	kind, key, id := pick(g, "code", "external"), g.key(), g.ticketID()
	return ask(fmt.Sprint("Reserve ", kind, " ", key, " ", id), func(ctx context.Context, tx store.Tx) (any, error) { return tx.Reserve(ctx, kind, key, id) })
}

func (g *generator) release() *operation {
	kind, key, id := pick(g, "code", "external"), g.key(), g.ticketID()
	return op(fmt.Sprint("Release ", kind, " ", key, " ", id), func(ctx context.Context, tx store.Tx) error { return tx.Release(ctx, kind, key, id) })
}

func (g *generator) link() *operation {
	key, id, undo := g.key(), g.ticketID(), g.chance(3)
	return ask(fmt.Sprintf("Link %s %d, unlink: %v", key, id, undo), func(ctx context.Context, tx store.Tx) (any, error) {
		var err error
		if undo {
			err = tx.Unlink(ctx, "mail", key, id)
		} else {
			err = tx.Link(ctx, "mail", key, id)
		}
		if err != nil {
			return nil, err
		}
		return tx.Linked(ctx, "mail", key)
	})
}

func (g *generator) blob() *operation {
	key, n, data := g.key(), g.IntN(3), text(g.IntN(1000))
	if g.chance(4) {
		return op("DeleteBlob "+key, func(ctx context.Context, tx store.Tx) error { return tx.DeleteBlob(ctx, key) })
	}
	return op(fmt.Sprint("PutChunk ", key, " ", n, " ", data), func(ctx context.Context, tx store.Tx) error {
		return tx.PutChunk(ctx, key, n, []byte(data))
	})
}

// pager turns pages, the same tickets whatever the sizes of the pages are.
type pager struct {
	ctx   context.Context
	r     store.Reader
	q     ticket.Query
	scope ticket.Scope
}

// back lists a page and all before it, forth a page and all after it. last is the page that it ended with.
func (p pager) back(page ticket.Page) (all []*ticket.Ticket, last ticket.Page, err error) {
	return p.turn(page, func(page ticket.Page) string { return page.Prev }, func(all, more []*ticket.Ticket) []*ticket.Ticket { return append(more, all...) })
}

func (p pager) forth(page ticket.Page) (all []*ticket.Ticket, last ticket.Page, err error) {
	return p.turn(page, func(page ticket.Page) string { return page.Next }, func(all, more []*ticket.Ticket) []*ticket.Ticket { return append(all, more...) })
}

func (p pager) turn(page ticket.Page, to func(ticket.Page) string, join func(all, more []*ticket.Ticket) []*ticket.Ticket) ([]*ticket.Ticket, ticket.Page, error) {
	all := slices.Clone(page.Tickets)
	for n := 0; to(page) != ""; n++ {
		if n > 500 {
			return nil, page, errors.New("the pages do not end")
		}
		p.q.Cursor = to(page)
		var err error
		if page, err = p.r.Tickets(p.ctx, p.q, p.scope); err != nil {
			return nil, page, err
		}
		all = join(all, slices.Clone(page.Tickets))
	}
	return all, page, nil
}

// brief writes the fields of a struct that are set.
func brief(v any) string {
	rv := reflect.ValueOf(v)
	var parts []string
	for i := range rv.NumField() {
		if f := rv.Field(i); !f.IsZero() {
			parts = append(parts, rv.Type().Field(i).Name+"="+text(f.Interface()))
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}
