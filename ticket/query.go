package ticket

import (
	"slices"
	"strings"
	"time"
)

// Sort is the order of a list. Ties are broken by id.
type Sort string

// The orders of a list. Those by priority show the newest update of each priority first.
const (
	NewestUpdate  Sort = "updated_desc"
	OldestUpdate  Sort = "updated_asc"
	NewestCreated Sort = "created_desc"
	OldestCreated Sort = "created_asc"
	NewestReply   Sort = "replied_desc" // by LastReplyAt
	OldestReply   Sort = "replied_asc"
	MostUrgent    Sort = "priority_desc" // as the catalogue ranks the priorities; those that it has not come last
	LeastUrgent   Sort = "priority_asc"
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

// Valid reports whether s is an order of lists; the empty one is the default.
func (s Sort) Valid() bool {
	switch s {
	case "", NewestUpdate, OldestUpdate, NewestCreated, OldestCreated, NewestReply, OldestReply, MostUrgent, LeastUrgent:
		return true
	}
	code, _, ok := s.Field()
	return ok && len(code) <= 255
}

// MaxPage is the most tickets, messages or events that one page holds, DefaultPage how many it holds when nobody says.
const (
	MaxPage     = 200
	DefaultPage = 50
)

// PageSize is how many entries one page holds under that Limit of a query.
func PageSize(limit int) int {
	if limit <= 0 {
		return DefaultPage
	}
	return min(limit, MaxPage)
}

// MaxValues is how many values one list of a Query holds at most, MaxConditions how many Tags, and how many Fields.
const (
	MaxValues     = 200
	MaxConditions = 20
)

// Query selects tickets. Zero fields select everything; set fields are joined by and, the values of one field by or.
// Addresses are compared in their normal form (NormalizeEmail), all else as it is. What names nothing that there is, as
// a status that the catalogue has not, selects no ticket and is no error: a saved query outlives what it names. Folders
// and classes are the same in every desk, so others than those are ErrInvalid.
//
// Lists, counts and searches look into all folders, Spam too, unless Folders says otherwise; the numbers of Counters are
// those of the inbox.
type Query struct {
	Folders     []Folder  `json:"folders,omitempty"`
	Classes     []Class   `json:"classes,omitempty"`
	Statuses    []string  `json:"statuses,omitempty"`
	Departments []string  `json:"departments,omitempty"`
	Brands      []string  `json:"brands,omitempty"`
	Priorities  []string  `json:"priorities,omitempty"`
	Channels    []Channel `json:"channels,omitempty"`
	Tags        []string  `json:"tags,omitempty"` // having all of them

	Assignee     string `json:"assignee,omitempty"`
	Unassigned   bool   `json:"unassigned,omitempty"`
	Requester    string `json:"requester,omitempty"` // host id
	Email        string `json:"email,omitempty"`     // requester's address
	Organisation string `json:"organisation,omitempty"`
	Participant  string `json:"participant,omitempty"` // address
	Watcher      string `json:"watcher,omitempty"`
	Service      string `json:"service,omitempty"`
	Related      Ref    `json:"related,omitzero"` // Kind and ID
	External     string `json:"external,omitempty"`

	UnreadByStaff  bool `json:"unread_by_staff,omitempty"`
	UnreadByClient bool `json:"unread_by_client,omitempty"`
	Deleted        bool `json:"deleted,omitempty"` // deleted tickets instead of the others
	Merged         bool `json:"merged,omitempty"`  // tickets that were merged into others, instead of those; deleted ones of them are Deleted

	Fields []FieldFilter `json:"fields,omitempty"` // custom fields

	// Periods: from inclusive, to exclusive.
	CreatedFrom   time.Time `json:"created_from,omitzero"`
	CreatedTo     time.Time `json:"created_to,omitzero"`
	UpdatedFrom   time.Time `json:"updated_from,omitzero"`
	UpdatedTo     time.Time `json:"updated_to,omitzero"`
	LastReplyFrom time.Time `json:"last_reply_from,omitzero"`
	LastReplyTo   time.Time `json:"last_reply_to,omitzero"`

	Sort   Sort   `json:"sort,omitempty"`   // default NewestUpdate
	Cursor string `json:"cursor,omitempty"` // Next or Prev of a page of the same query; opaque
	Limit  int    `json:"limit,omitempty"`  // default DefaultPage, at most MaxPage

	// What a desk tells its store; it sets these itself, whatever they were.
	Ranks         []string `json:"-"` // codes of the priorities, the least urgent first, for the orders by priority
	After, Before *Ticket  `json:"-"` // without Cursor: the page that follows the place of this ticket, or the one that leads up to it
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

// Selects reports whether q selects t, wherever that stands in the list. Stores apply the same rule inside their queries.
func (q Query) Selects(t *Ticket) bool {
	return oneOf(q.Folders, t.Folder) && oneOf(q.Classes, t.Class) && oneOf(q.Statuses, t.Status) &&
		oneOf(q.Departments, t.Department) && oneOf(q.Brands, t.Brand) && oneOf(q.Priorities, t.Priority) &&
		oneOf(q.Channels, t.Channel) && same(q.Assignee, t.Assignee) && (!q.Unassigned || t.Assignee == "") &&
		same(q.Organisation, t.Organisation) && same(q.Service, t.Service) && same(q.External, t.External) &&
		(q.Watcher == "" || slices.Contains(t.Watchers, q.Watcher)) &&
		(!q.UnreadByStaff || t.UnreadByStaff) && (!q.UnreadByClient || t.UnreadByClient) &&
		q.Deleted == (t.DeletedAt != nil) && (q.Deleted || q.Merged == (t.MergedInto != 0)) &&
		within(t.CreatedAt, q.CreatedFrom, q.CreatedTo) && within(t.UpdatedAt, q.UpdatedFrom, q.UpdatedTo) &&
		within(t.LastReplyAt, q.LastReplyFrom, q.LastReplyTo) && q.selectsPeople(t) && q.selectsContent(t)
}

func (q Query) selectsPeople(t *Ticket) bool {
	email, participant := NormalizeEmail(q.Email), NormalizeEmail(q.Participant)
	return same(q.Requester, t.Requester.ID) && (email == "" || NormalizeEmail(t.Requester.Email) == email) &&
		(participant == "" || slices.ContainsFunc(t.Participants, func(p Person) bool { return NormalizeEmail(p.Email) == participant }))
}

// selectsContent looks at what a ticket can have several of.
func (q Query) selectsContent(t *Ticket) bool {
	lacks := func(tag string) bool { return !slices.Contains(t.Tags, tag) }
	fails := func(f FieldFilter) bool { return !f.Selects(t.Fields[f.Code]) }
	related := func(r Ref) bool { return r.Kind == q.Related.Kind && r.ID == q.Related.ID }
	return !slices.ContainsFunc(q.Tags, lacks) && !slices.ContainsFunc(q.Fields, fails) &&
		((q.Related.Kind == "" && q.Related.ID == "") || slices.ContainsFunc(t.Related, related))
}

func oneOf[T comparable](want []T, v T) bool { return len(want) == 0 || slices.Contains(want, v) }

func same(want, v string) bool { return want == "" || want == v }

// within reports whether from <= t < to, a zero bound meaning none.
func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(Time(from))) && (to.IsZero() || t.Before(Time(to)))
}

// Check adds to e what is wrong with q, whatever a catalogue says: an unknown order, folder or class, and lists that are
// too long.
func (q Query) Check(e *ValidationError) {
	if !q.Sort.Valid() {
		e.Add("sort", FaultUnknown, "%.300q is no order of a list: use one as ticket.NewestUpdate, or ticket.ByField", q.Sort)
	}
	if i := slices.IndexFunc(q.Folders, func(f Folder) bool { return !f.Valid() }); i >= 0 {
		e.Add("folders", FaultUnknown, "hold %.300q, which is no folder: use inbox, archive or spam", q.Folders[i])
	}
	if i := slices.IndexFunc(q.Classes, func(c Class) bool { return !c.Valid() }); i >= 0 {
		e.Add("classes", FaultUnknown, "hold %.300q, which is no class of statuses: use new, open, pending, solved or closed", q.Classes[i])
	}
	e.CheckCount("folders", len(q.Folders), MaxValues)
	e.CheckCount("classes", len(q.Classes), MaxValues)
	e.CheckCount("statuses", len(q.Statuses), MaxValues)
	e.CheckCount("departments", len(q.Departments), MaxValues)
	e.CheckCount("brands", len(q.Brands), MaxValues)
	e.CheckCount("priorities", len(q.Priorities), MaxValues)
	e.CheckCount("channels", len(q.Channels), MaxValues)
	e.CheckCount("tags", len(q.Tags), MaxConditions)
	e.CheckCount("fields", len(q.Fields), MaxConditions)
	for _, f := range q.Fields {
		e.CheckCount("fields", len(f.Values), MaxValues)
	}
}

// Page is one page of a list. No ticket that stays unchanged during the paging is missed or repeated, in either
// direction.
//
// A page may be short, even empty, and have a Next: how many tickets are looked at for one page is bounded, and where
// few of them are in the list it ends there. Whoever wants more goes on; see Desk.AllTickets.
type Page struct {
	Tickets []*Ticket `json:"tickets"`
	Next    string    `json:"next,omitempty"` // the cursor of the page after this one; empty on the last one
	Prev    string    `json:"prev,omitempty"` // of the page before; empty on the first one. It may turn out to be empty
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
	TicketID int64 // a verb that is given the ticket fills it in
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
