package ticket

import (
	"slices"
	"strings"
	"time"
)

// Sort is the order of a list. Ties are broken by id.
type Sort string

// The orders of a list.
const (
	NewestUpdate  Sort = "updated_desc"
	OldestUpdate  Sort = "updated_asc"
	NewestCreated Sort = "created_desc"
	OldestCreated Sort = "created_asc"
)

// ByField sorts by a custom field, ascending, by the first line of its value: see FieldKey. Tickets without a value come
// last, in either direction. A code of more than 255 bytes cannot be sorted by: ErrInvalid.
func ByField(code string) Sort { return Sort("field_asc/" + code) }

// ByFieldDesc sorts by a custom field, descending.
func ByFieldDesc(code string) Sort { return Sort("field_desc/" + code) }

// Field returns the code of the custom field that s sorts by.
func (s Sort) Field() (code string, descending, ok bool) {
	if code, ok = strings.CutPrefix(string(s), "field_asc/"); ok {
		return code, false, code != ""
	}
	code, ok = strings.CutPrefix(string(s), "field_desc/")
	return code, true, ok && code != ""
}

// MaxPage is the most tickets, messages or events that one page holds, DefaultPage how many it holds when nobody says.
const (
	MaxPage     = 200
	DefaultPage = 50
)

// Query selects tickets. Zero fields select everything; set fields are joined by and, the values of one field by or.
// Addresses are compared in their normal form (NormalizeEmail), all else as it is.
type Query struct {
	Folders     []Folder
	Classes     []Class
	Statuses    []string
	Departments []string
	Brands      []string
	Priorities  []string
	Channels    []Channel
	Tags        []string // having all of them

	Assignee     string
	Unassigned   bool
	Requester    string // host id
	Email        string // requester's address
	Organisation string
	Participant  string // address
	Watcher      string
	Service      string
	Related      Ref // Kind and ID
	External     string

	UnreadByStaff bool
	Deleted       bool // deleted tickets instead of the others
	Merged        bool // tickets that were merged into others, instead of those; deleted ones of them are Deleted

	Fields []FieldFilter // custom fields

	CreatedFrom, CreatedTo time.Time // from inclusive, to exclusive
	UpdatedFrom, UpdatedTo time.Time

	Sort   Sort   // default NewestUpdate
	Cursor string // of the page before; opaque
	Limit  int    // default DefaultPage, at most MaxPage
}

// Clone returns a deep copy.
func (q Query) Clone() Query {
	q.Folders, q.Classes, q.Statuses, q.Departments = slices.Clone(q.Folders), slices.Clone(q.Classes), slices.Clone(q.Statuses), slices.Clone(q.Departments)
	q.Brands, q.Priorities, q.Channels, q.Tags = slices.Clone(q.Brands), slices.Clone(q.Priorities), slices.Clone(q.Channels), slices.Clone(q.Tags)
	q.Fields = slices.Clone(q.Fields)
	for i := range q.Fields {
		q.Fields[i].Values = slices.Clone(q.Fields[i].Values)
	}
	return q
}

// Page is one page of a list. Next is empty on the last one. No ticket that stays unchanged during the paging is missed
// or repeated.
type Page struct {
	Tickets []*Ticket `json:"tickets"`
	Next    string    `json:"next,omitempty"`
}

// Place is a part of the desk; an empty field means any. The zero Place is all of it.
type Place struct {
	Brand      string `json:"brand,omitempty"`
	Department string `json:"department,omitempty"`
}

// Holds reports whether t lies in the place.
func (p Place) Holds(t *Ticket) bool {
	return (p.Brand == "" || p.Brand == t.Brand) && (p.Department == "" || p.Department == t.Department)
}

// Scope is what of the tickets an actor may see: whatever one of its fields lets them see. The zero Scope sees nothing.
type Scope struct {
	All           bool
	Places        []Place  // sees every ticket of these; the zero Place opens nothing here: All is for that
	Agent         string   // sees what is assigned to this agent or watched by them
	AgentPlaces   []Place  // where Agent counts; none means everywhere
	Requester     string   // sees what this host id requested
	Emails        []string // sees what these addresses requested as guests (a requester without id), or take part in
	Organisations []string // sees what was requested for these

	Only     int64 // if not zero, sees this ticket and no other, and this one only if another field shows it
	Internal bool  // sees notes and confided messages
}

// Sees reports whether t is in scope. Stores apply the same rule inside their queries.
func (s Scope) Sees(t *Ticket) bool {
	holds := func(p Place) bool { return p.Holds(t) }
	switch {
	case s.Only != 0 && s.Only != t.ID:
		return false
	case s.All, slices.ContainsFunc(s.Places, func(p Place) bool { return p != Place{} && p.Holds(t) }):
		return true
	case s.Agent != "" && (t.Assignee == s.Agent || slices.Contains(t.Watchers, s.Agent)) &&
		(len(s.AgentPlaces) == 0 || slices.ContainsFunc(s.AgentPlaces, holds)):
		return true
	case s.Requester != "" && t.Requester.ID == s.Requester:
		return true
	case t.Organisation != "" && slices.Contains(s.Organisations, t.Organisation):
		return true
	}
	return slices.ContainsFunc(s.Emails, func(email string) bool { return seesAs(t, NormalizeEmail(email)) })
}

// seesAs reports whether the address is that of a guest who requested t, or takes part in it.
func seesAs(t *Ticket, email string) bool {
	if email == "" {
		return false
	}
	if t.Requester.ID == "" && NormalizeEmail(t.Requester.Email) == email {
		return true
	}
	return slices.ContainsFunc(t.Participants, func(p Person) bool { return NormalizeEmail(p.Email) == email })
}

// MessageQuery selects messages of one ticket in the order of Seq.
type MessageQuery struct {
	TicketID int64
	AfterSeq int64 // continues a listing after this Seq, in the order asked for; 0 starts it
	Kinds    []MessageKind
	Newest   bool // in the opposite order
	Limit    int  // default DefaultPage, at most MaxPage
}

// EventQuery selects journal entries: of one ticket in the order of Seq, or of the whole desk, all tickets included, in
// the order of time and id. Zero fields select everything.
type EventQuery struct {
	TicketID int64     // 0 means the whole desk
	AfterSeq int64     // with TicketID: only entries after this Seq
	Since    time.Time // only entries of this time or later
	AfterID  int64     // without TicketID: continues a listing after the entry (Since, AfterID)
	Types    []EventType
	Limit    int // default DefaultPage, at most MaxPage
}
