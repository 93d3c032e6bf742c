package ticket

import (
	"slices"
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

	CreatedFrom, CreatedTo time.Time // from inclusive, to exclusive
	UpdatedFrom, UpdatedTo time.Time

	Sort   Sort   // default NewestUpdate
	Cursor string // of the page before; opaque
	Limit  int    // default DefaultPage, at most MaxPage
}

// Page is one page of a list. Next is empty on the last one. No ticket that stays unchanged during the paging is missed
// or repeated.
type Page struct {
	Tickets []*Ticket `json:"tickets"`
	Next    string    `json:"next,omitempty"`
}

// Scope is what of the tickets an actor may see: whatever one of its fields lets them see. The zero Scope sees nothing.
type Scope struct {
	All         bool
	Departments []string // sees every ticket of these
	Agent       string   // sees what is assigned to this agent or watched by them
	Requester   string   // sees what this host id requested
	Email       string   // sees what this address requested as a guest (a requester without id), or takes part in
	Internal    bool     // sees notes and confided messages
}

// Sees reports whether t is in scope. Stores apply the same rule inside their queries.
func (s Scope) Sees(t *Ticket) bool {
	email := NormalizeEmail(s.Email)
	switch {
	case s.All, slices.Contains(s.Departments, t.Department):
		return true
	case s.Agent != "" && (t.Assignee == s.Agent || slices.Contains(t.Watchers, s.Agent)):
		return true
	case s.Requester != "" && t.Requester.ID == s.Requester:
		return true
	case email == "":
		return false
	case t.Requester.ID == "" && NormalizeEmail(t.Requester.Email) == email:
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
