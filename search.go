package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/search"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Search finds tickets by words: of the subject, the messages, the names of files, the names and addresses of those
// whom they concern, and their codes; for staff also of notes, tags and custom fields (X12). See ticket.Search for what
// can be asked, and docs/SEARCH.md. A text that asks for no word lists what its filters select.
//
// It shows what the actor may see as it is now; what it is found by is as of the last indexing: see Index, and
// Health.Stale. Deleted and merged tickets are not found, nor is what encrypted messages say. Errors: ticket.ErrNoActor;
// ticket.ErrNoSearch; ticket.ErrInvalid for a foreign cursor, for deleted and merged tickets, for a Filter that Tickets
// would refuse, and for customers who filter by what they are not shown; store.ErrSearchBroken while a damaged index
// waits to be made anew.
func (d *Desk) Search(ctx context.Context, s ticket.Search) (ticket.SearchPage, error) {
	page, err := d.search(ctx, s)
	return page, failed("search", noSearch(err))
}

func (d *Desk) search(ctx context.Context, s ticket.Search) (out ticket.SearchPage, err error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return out, err
	}
	engine, err := d.searcher()
	if err != nil {
		return out, err
	}
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return out, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return out, err
	}
	if s.Filter.Deleted || s.Filter.Merged {
		return out, ticket.Invalid("deleted", ticket.FaultUnavailable, "and merged tickets are not searched: list them with Tickets")
	}
	s.Filter.Sort, s.Filter.Cursor, s.Filter.Limit = "", "", 0
	if err := d.checkQuery(ctx, conf, actor, s.Filter); err != nil {
		return out, err
	}
	s.Filter.Departments = conf.askable(ctx, actor, s.Filter.Departments)
	asking := asking{actor: actor, conf: conf, query: s.Filter, words: string(s.Order) + " " + s.Text}
	if asking.place, err = asking.bind(); err != nil {
		return out, err
	}
	if s.Cursor, err = asking.openCursor(s.Cursor); err != nil {
		return out, err
	}
	q := search.Ask(s, actor, search.Terms{Statuses: conf.Statuses, Departments: conf.Departments, Priorities: conf.Priorities, Brands: conf.Brands, Agents: conf.Agents, Zone: d.zone(""),
		Secret: only(conf.Departments, func(dep ticket.Department) bool { return conf.KeepsFrom(actor, dep.Code) })})
	out.Cut = q.Cut
	if q.Nothing {
		return out, nil
	}
	page, err := d.found(ctx, engine, q, scope)
	if errors.Is(err, store.ErrSearchBroken) {
		d.broken.Store(true)
	}
	if err != nil {
		return out, err
	}
	if out.Next, err = asking.hideCursor(page.Next); err != nil {
		return out, err
	}
	h := search.NewHighlighter(q.Query, s.Highlights)
	out.Hits = make([]ticket.Hit, 0, len(page.Tickets))
	for _, t := range page.Tickets {
		hit := ticket.Hit{Ticket: d.show(ctx, actor, t)}
		if hit.Highlights, err = d.highlights(ctx, h, hit.Ticket, scope.Internal); err != nil {
			return out, err
		}
		out.Hits = append(out.Hits, hit)
	}
	return out, nil
}

// found asks the index, or lists where there is nothing to ask it for.
func (d *Desk) found(ctx context.Context, engine store.Searcher, q search.Question, scope ticket.Scope) (page ticket.Page, err error) {
	if q.Words() {
		q.Query.Who = search.Owners(scope, q.Query.Filter)
		return engine.Search(ctx, q.Query, scope)
	}
	if _, err := engine.Stale(ctx, 0); err != nil { // the same error with words and without
		return page, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		page, err = r.Tickets(ctx, q.Query.Filter, scope)
		return err
	})
	return page, err
}

// highlights shows where the words stand in a ticket, and, of its newest messages, in those that the actor may read.
func (d *Desk) highlights(ctx context.Context, h *search.Highlighter, t *ticket.Ticket, internal bool) ([]ticket.Highlight, error) {
	h.Ticket(t)
	if !h.More() {
		return h.Highlights(), nil
	}
	q := ticket.MessageQuery{TicketID: t.ID, Newest: true, Limit: search.HighlightedMessages}
	if !internal {
		q.Kinds = publicKinds(nil)
	}
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		list, err := r.Messages(ctx, q)
		for _, m := range list {
			h.Message(m)
		}
		return err
	})
	return h.Highlights(), err
}
