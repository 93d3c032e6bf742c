package search

import (
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/fulltext"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// filters turn the name:value parts of a search into a query of lists.
type filters struct {
	terms   Terms
	actor   ticket.Actor
	q       ticket.Query
	column  store.Column   // in which words are looked for, if not in all
	more    []store.Phrase // what filters ask the index for
	nothing bool           // no ticket can be all of it
}

// staffFilters and filterNames are what may stand before the colon: some is for staff alone, and text for others.
var (
	filterNames  = []string{"status", "department", "priority", "brand", "is", "in", "before", "after", "subject", "from", "channel", "organisation"}
	staffFilters = []string{"tag", "assignee"}
)

func (f *filters) knows(name string) bool {
	return slices.Contains(filterNames, name) || !f.actor.IsCustomer() && slices.Contains(staffFilters, name)
}

// secret reports whether a filter names a department that the actor hears nothing of.
func (f *filters) secret(field fulltext.Field) bool {
	if field.Name != "department" {
		return false
	}
	for value := range strings.SplitSeq(field.Value, ",") {
		is := func(s string) bool { return fulltext.Fold(s) == fulltext.Fold(value) }
		if slices.ContainsFunc(f.terms.Secret, func(d ticket.Department) bool { return is(d.Code) || is(d.Name) }) {
			return true
		}
	}
	return false
}

// apply adds one filter, or reports that it means none: then it is text.
func (f *filters) apply(field fulltext.Field) bool {
	switch field.Name {
	case "status":
		return choose(f, &f.q.Statuses, field, f.terms.Statuses, func(s ticket.Status) (string, string) { return s.Code, s.Name })
	case "department":
		return choose(f, &f.q.Departments, field, f.terms.Departments, func(d ticket.Department) (string, string) { return d.Code, d.Name })
	case "priority":
		return choose(f, &f.q.Priorities, field, f.terms.Priorities, func(p ticket.Priority) (string, string) { return p.Code, p.Name })
	case "brand":
		return choose(f, &f.q.Brands, field, f.terms.Brands, func(b ticket.Brand) (string, string) { return b.Code, b.Name })
	case "is":
		return f.is(field)
	case "in":
		return f.in(field)
	}
	if field.Not {
		return false
	}
	switch field.Name {
	case "before":
		return f.before(field.Value)
	case "after":
		return f.after(field.Value)
	case "subject":
		return f.look(field.Value, store.ColumnSubject)
	case "from":
		if strings.Contains(field.Value, "@") {
			return f.only(&f.q.Email, ticket.NormalizeEmail(field.Value))
		}
		return f.look(field.Value, store.ColumnPeople)
	case "channel":
		return f.narrowChannel(ticket.Channel(strings.ToLower(field.Value)))
	case "organisation":
		return f.only(&f.q.Organisation, field.Value)
	case "tag":
		f.q.Tags = append(slices.Clip(f.q.Tags), field.Value)
		return true
	case "assignee":
		return f.assignee(field.Value)
	}
	return false
}

// choose narrows a list of codes to those that the values name, one or several with commas between, by code or by name;
// a minus in front means all others.
func choose[T any](f *filters, list *[]string, field fulltext.Field, from []T, entry func(T) (code, name string)) bool {
	var chosen []string
	for value := range strings.SplitSeq(field.Value, ",") {
		found := false
		for _, v := range from {
			code, name := entry(v)
			if fulltext.Fold(code) == fulltext.Fold(value) || fulltext.Fold(name) == fulltext.Fold(value) {
				chosen, found = append(chosen, code), true
			}
		}
		if !found {
			return false
		}
	}
	if field.Not {
		var others []string
		for _, v := range from {
			if code, _ := entry(v); !slices.Contains(chosen, code) {
				others = append(others, code)
			}
		}
		chosen = others
	}
	narrow(f, list, chosen)
	return true
}

// narrow leaves of a list of values those that are in another; an empty list is all values.
func narrow[T comparable](f *filters, list *[]T, to []T) {
	if len(*list) > 0 {
		to = slices.DeleteFunc(slices.Clone(to), func(v T) bool { return !slices.Contains(*list, v) })
	}
	*list = to
	f.nothing = f.nothing || len(to) == 0
}

// only sets a filter that has one value.
func (f *filters) only(filter *string, value string) bool {
	f.nothing = f.nothing || *filter != "" && *filter != value
	*filter = value
	return value != ""
}

// look asks for a phrase in one column.
func (f *filters) look(text string, column store.Column) bool {
	p, _ := fulltext.PhraseOf(text)
	if len(p.Words) > 0 {
		f.more = append(f.more, store.Phrase{Words: p.Words, Prefix: p.Prefix, Column: column})
	}
	return true
}

func (f *filters) is(field fulltext.Field) bool {
	value := fulltext.Fold(field.Value)
	if class := ticket.Class(value); class.Valid() {
		classes := []ticket.Class{class}
		if field.Not {
			classes = slices.DeleteFunc(ticket.Classes(), func(c ticket.Class) bool { return c == class })
		}
		narrow(f, &f.q.Classes, classes)
		return true
	}
	switch {
	case field.Not:
		return false
	case value == "done":
		narrow(f, &f.q.Classes, []ticket.Class{ticket.ClassSolved, ticket.ClassClosed})
	case value == "unread" && !f.actor.IsCustomer():
		f.q.UnreadByStaff = true
	case value == "unassigned":
		f.q.Unassigned = true
	case value == "mine" && f.actor.Kind == ticket.ActorStaff:
		return f.only(&f.q.Assignee, f.actor.ID)
	default:
		return false
	}
	return true
}

// in is a folder, or where words are looked for.
func (f *filters) in(field fulltext.Field) bool {
	value := fulltext.Fold(field.Value)
	if folder := ticket.Folder(value); folder.Valid() {
		folders := []ticket.Folder{folder}
		if field.Not {
			folders = slices.DeleteFunc([]ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}, func(o ticket.Folder) bool { return o == folder })
		}
		narrow(f, &f.q.Folders, folders)
		return true
	}
	columns := map[string]store.Column{"subject": store.ColumnSubject, "body": store.ColumnBody, "notes": store.ColumnNotes, "people": store.ColumnPeople, "code": store.ColumnCodes}
	column, ok := columns[value]
	if !ok || field.Not || column == store.ColumnNotes && f.actor.IsCustomer() {
		return false
	}
	f.column = column
	return true
}

func (f *filters) narrowChannel(c ticket.Channel) bool {
	if c == "" {
		return false
	}
	narrow(f, &f.q.Channels, []ticket.Channel{c})
	return true
}

// assignee is an agent by id or by name, "me", or "none".
func (f *filters) assignee(value string) bool {
	switch folded := fulltext.Fold(value); {
	case folded == "none":
		f.q.Unassigned = true
		return true
	case folded == "me" && f.actor.Kind == ticket.ActorStaff:
		return f.only(&f.q.Assignee, f.actor.ID)
	default:
		for _, a := range f.terms.Agents {
			if fulltext.Fold(a.Name) == folded {
				return f.only(&f.q.Assignee, a.ID)
			}
		}
	}
	return f.only(&f.q.Assignee, value)
}

// before and after are about the last change, in days of the desk's zone.
func (f *filters) before(value string) bool {
	from, _, ok := f.period(value)
	if ok && (f.q.UpdatedTo.IsZero() || from.Before(f.q.UpdatedTo)) {
		f.q.UpdatedTo = from
	}
	return ok
}

func (f *filters) after(value string) bool {
	_, end, ok := f.period(value)
	if ok && end.After(f.q.UpdatedFrom) {
		f.q.UpdatedFrom = end
	}
	return ok
}

// period is a day, a month or a year.
func (f *filters) period(value string) (from, end time.Time, ok bool) {
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{time.DateOnly, 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if at, err := time.ParseInLocation(form.layout, value, f.terms.Zone); err == nil {
			return at, at.AddDate(form.years, form.months, form.days), true
		}
	}
	return from, end, false
}
