package helpdesk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/fulltext"
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
	a := d.ask(conf, actor, scope, s)
	out.Cut = a.cut
	if a.nothing {
		return out, nil
	}
	page, err := d.found(ctx, engine, a, scope)
	if errors.Is(err, store.ErrSearchBroken) {
		d.broken.Store(true)
	}
	if err != nil {
		return out, err
	}
	if out.Next, err = asking.hideCursor(page.Next); err != nil {
		return out, err
	}
	out.Hits, err = d.hits(ctx, actor, scope, a, page.Tickets, s.Highlights)
	return out, err
}

// found asks the index, or lists where there is nothing to ask it for.
func (d *Desk) found(ctx context.Context, engine store.Searcher, a asked, scope ticket.Scope) (page ticket.Page, err error) {
	if len(a.query.All)+len(a.query.None) > 0 {
		a.query.Who = narrowed(scope, a.query.Filter)
		return engine.Search(ctx, a.query, scope)
	}
	if _, err := engine.Stale(ctx, 0); err != nil { // the same error with words and without
		return page, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		page, err = r.Tickets(ctx, a.query.Filter, scope)
		return err
	})
	return page, err
}

// asked is a question as the store takes it.
type asked struct {
	query   store.SearchQuery
	cut     bool
	nothing bool // no ticket can be all of what the filters ask for
}

// ask reads a search: its words, and its filters by what the actor may ask for.
func (d *Desk) ask(conf *config, actor ticket.Actor, scope ticket.Scope, s ticket.Search) asked {
	f := filters{d: d, conf: conf, actor: actor, q: s.Filter}
	parsed := fulltext.Parse(s.Text, f.knows)
	for _, field := range parsed.Fields {
		if !f.secret(field) && f.apply(field) {
			continue
		}
		if phrase := field.Phrase; field.Not { // it is text after all
			parsed.None = append(parsed.None, phrase)
		} else {
			parsed.All = append(parsed.All, []fulltext.Phrase{phrase})
		}
	}
	f.q.Sort, f.q.Cursor, f.q.Limit = ticket.NewestUpdate, s.Cursor, s.Limit
	f.q.After, f.q.Before, f.q.Ranks = nil, nil, nil // which are for lists
	out := asked{cut: parsed.Cut, nothing: f.nothing}
	out.query = store.SearchQuery{Ranked: s.Order == ticket.Ranked, Filter: f.q, None: f.phrases(parsed.None, "")}
	for _, entry := range parsed.All {
		if list := f.phrases(entry, f.column); len(list) > 0 {
			out.query.All = append(out.query.All, list)
		}
	}
	for _, p := range f.more {
		out.query.All = append(out.query.All, []store.Phrase{p})
	}
	return out
}

// secret reports whether a filter names a department that the actor hears nothing of: then it is text, as any other word.
func (f *filters) secret(field fulltext.Field) bool {
	if field.Name != "department" {
		return false
	}
	hidden := only(f.conf.departments, func(d ticket.Department) bool { return f.conf.keepsFrom(f.actor, d.Code) })
	for value := range strings.SplitSeq(field.Value, ",") {
		is := func(s string) bool { return fulltext.Fold(s) == fulltext.Fold(value) }
		if slices.ContainsFunc(hidden, func(d ticket.Department) bool { return is(d.Code) || is(d.Name) }) {
			return true
		}
	}
	return false
}

// phrases are those of a question for the store, in a column or in all.
func (f *filters) phrases(list []fulltext.Phrase, column store.Column) (out []store.Phrase) {
	for _, p := range list {
		if len(p.Words) > 0 {
			out = append(out, store.Phrase{Words: p.Words, Prefix: p.Prefix, Column: column})
		}
	}
	return out
}
