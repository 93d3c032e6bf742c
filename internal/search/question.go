package search

import (
	"time"

	"github.com/helpdeskgo/helpdesk/internal/fulltext"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Terms are what the filters of a text can name.
type Terms struct {
	Statuses    []ticket.Status
	Departments []ticket.Department
	Priorities  []ticket.Priority
	Brands      []ticket.Brand
	Agents      []ticket.Agent
	Secret      []ticket.Department // of those, the ones that the actor hears nothing of: their names are text
	Zone        *time.Location      // of days
}

// Question is a search as a store takes it.
type Question struct {
	Query   store.SearchQuery
	Cut     bool // the text was too long
	Nothing bool // no ticket can be all of what the filters ask for
}

// Words reports whether there is anything to ask an index for.
func (q Question) Words() bool { return len(q.Query.All)+len(q.Query.None) > 0 }

// Ask reads a search: its words, and its filters by what the actor may ask for. What is no filter for them is text.
func Ask(s ticket.Search, a ticket.Actor, terms Terms) Question {
	f := filters{terms: terms, actor: a, q: s.Filter}
	parsed := fulltext.Parse(s.Text, f.knows)
	for _, field := range parsed.Fields {
		if !f.secret(field) && f.apply(field) {
			continue
		}
		if phrase := field.Phrase; field.Not {
			parsed.None = append(parsed.None, phrase)
		} else {
			parsed.All = append(parsed.All, []fulltext.Phrase{phrase})
		}
	}
	f.q.Sort, f.q.Cursor, f.q.Limit = ticket.NewestUpdate, s.Cursor, s.Limit
	f.q.After, f.q.Before, f.q.Ranks = nil, nil, nil // which are for lists
	out := Question{Cut: parsed.Cut, Nothing: f.nothing}
	out.Query = store.SearchQuery{Ranked: s.Order == ticket.Ranked, Filter: f.q, None: phrases(parsed.None, "")}
	for _, entry := range parsed.All {
		if list := phrases(entry, f.column); len(list) > 0 {
			out.Query.All = append(out.Query.All, list)
		}
	}
	for _, p := range f.more {
		out.Query.All = append(out.Query.All, []store.Phrase{p})
	}
	return out
}

// phrases are those of a question for the store, in a column or in all.
func phrases(list []fulltext.Phrase, column store.Column) (out []store.Phrase) {
	for _, p := range list {
		if len(p.Words) > 0 {
			out = append(out, store.Phrase{Words: p.Words, Prefix: p.Prefix, Column: column})
		}
	}
	return out
}
