package store

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Errors of a Searcher.
var (
	// ErrSearchOff says that the store was opened without search.
	ErrSearchOff = errors.New("the store was opened without search: leave SearchOff out of its options")
	// ErrSearchBroken says that the documents cannot be read. RepairSearch helps.
	ErrSearchBroken = errors.New("the search index is damaged: it must be built anew")
)

// Searcher is a store that finds tickets by their texts. It keeps one document for each ticket, made of tokens that
// somebody else has cut, and knows which documents are older than their tickets: whatever puts a ticket or a message
// marks the ticket as stale, in the same transaction, and somebody makes its document anew later. What deletes a ticket
// for good removes its document and its mark.
//
// Every method joins the transaction that ctx carries, and is one by itself otherwise. All but Unindex fail with
// ErrSearchOff where the store was opened without search, and with ErrSearchBroken for a damaged index.
type Searcher interface {
	// Stale lists at most limit tickets whose documents may be out of date, those that were marked first at first
	// (or, where there are thousands, in any order), and after all of them what Reindex has still to do. The ticket that a
	// mark is for may be gone.
	Stale(ctx context.Context, limit int) ([]Stale, error)

	// Index stores documents, and takes away the marks that they were made for. A document whose ticket has been marked
	// anew since is left out; so is one that is older than what is stored. It returns how many were stored or removed.
	// The documents must be of one call of Stale and in its order; not all of them need be there.
	Index(ctx context.Context, docs []Document) (int, error)

	// Unindex removes documents at once, so that no search finds what was in them, and marks their tickets.
	Unindex(ctx context.Context, ids ...int64) error

	// Search lists one page of the tickets whose documents have what q asks for, and that are now what q selects and
	// scope sees, whatever the documents say: neither deleted nor merged ones. Without scope.Internal the column Notes is
	// not looked at. The newest documents, by Updated, come first (in about a hundredth of a second there is no order), or
	// those that fit best: see SearchQuery.Ranked. A page may be short and still have a next. ticket.ErrInvalid for a
	// cursor of another kind of search.
	Search(ctx context.Context, q SearchQuery, scope ticket.Scope) (ticket.Page, error)

	// SearchLag says how many tickets are stale, counted to 1,000, and since when the first of them is; zero if none is.
	SearchLag(ctx context.Context) (SearchLag, error)

	// Reindex has all documents made anew, as by Stale. Those that are there stay until then.
	Reindex(ctx context.Context) error

	// RepairSearch throws all documents away, and has them made anew.
	RepairSearch(ctx context.Context) error
}

// Stale is a ticket whose document may be out of date.
type Stale struct {
	Ticket int64
	Mark   int64     // what Index asks for; only the store knows its meaning
	Since  time.Time // store time
}

// SearchLag is how far documents are behind.
type SearchLag struct {
	Tickets int
	Since   time.Time // store time
}

// Document is what a ticket is found by. Its texts are tokens with a blank between any two: a token has the letters a to
// z, digits, and what is beyond ASCII.
type Document struct {
	Ticket  int64
	Mark    int64     // from Stale
	Version int64     // of the ticket that it was made of
	Updated time.Time // of the ticket
	Gone    bool      // there is no such ticket any more, or it is not to be found: nothing below counts

	Subject string
	Codes   string // what people cite it by
	People  string // names and addresses of those whom it concerns
	Body    string // of what customers may read
	Notes   string // of what they may not
	Who     string // opaque tokens of those whose own it is
}

// Column is a part of documents.
type Column string

// The columns that a search looks at. An empty Column is all of them.
const (
	ColumnSubject Column = "subject"
	ColumnCodes   Column = "codes"
	ColumnPeople  Column = "people"
	ColumnBody    Column = "body"
	ColumnNotes   Column = "notes"
)

// Columns returns what somebody may search.
func Columns(scope ticket.Scope) []Column {
	all := []Column{ColumnSubject, ColumnCodes, ColumnPeople, ColumnBody, ColumnNotes}
	if !scope.Internal {
		all = all[:4]
	}
	return all
}

// Text returns what a column of the document holds.
func (d *Document) Text(c Column) string {
	switch c {
	case ColumnSubject:
		return d.Subject
	case ColumnCodes:
		return d.Codes
	case ColumnPeople:
		return d.People
	case ColumnBody:
		return d.Body
	case ColumnNotes:
		return d.Notes
	}
	return ""
}

// Phrase is tokens that stand side by side in one column.
type Phrase struct {
	Words  []string
	Prefix bool   // the last of them need only begin so; a desk asks that of three letters or more
	Column Column // empty: any
}

// SearchQuery asks for documents. Without All it asks for every document.
type SearchQuery struct {
	All  [][]Phrase // of each entry something
	None []Phrase   // nothing of these
	// Who, if there are any, are tokens of which the column Who must have one. They spare the store tickets that scope
	// would hide, and decide nothing.
	Who []string
	// Ranked sorts the newest RankedMost of what is found by Column.Weight, the newest of equal ones first; after those
	// come the next. A store may sort fewer at a time.
	Ranked bool
	// Filter selects besides; its Sort and Deleted are not looked at.
	Filter ticket.Query
}

// RankedMost is how many of the newest tickets a ranked search sorts.
const RankedMost = 1000

// Weight is what an entry of SearchQuery.All counts for a document in which something of it stands in this column: the
// best of its columns does. The sum ranks the document.
func (c Column) Weight() int {
	switch c {
	case ColumnCodes:
		return 8
	case ColumnSubject:
		return 4
	case ColumnPeople:
		return 2
	}
	return 1
}
