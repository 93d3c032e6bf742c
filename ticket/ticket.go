package ticket

import (
	"maps"
	"slices"
	"time"
)

// Folder is where a ticket lies. Deleted tickets keep their folder and have DeletedAt set.
type Folder string

// The folders of a desk (M60).
const (
	Inbox   Folder = "inbox"
	Archive Folder = "archive"
	Spam    Folder = "spam"
)

// Valid reports whether f is a folder of the desk.
func (f Folder) Valid() bool { return f == Inbox || f == Archive || f == Spam }

// Ref points to an object of the host: an order, a server, a return (I04, M76).
type Ref struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
}

// LinkKind says what another ticket is to the one that has the link.
type LinkKind string

// The kinds of links between tickets. Each has its opposite on the other side.
const (
	LinkRelated   LinkKind = "related"
	LinkDuplicate LinkKind = "duplicate"  // the other one is the original
	LinkOriginal  LinkKind = "original"   // the other one is a duplicate
	LinkParent    LinkKind = "parent"     // the other one is the parent
	LinkChild     LinkKind = "child"      // the other one is a child
	LinkBlockedBy LinkKind = "blocked_by" // the other one must be solved first
	LinkBlocks    LinkKind = "blocks"     // the other one waits for this one
)

// Opposite returns what this ticket is to the other one; empty for an unknown kind.
func (k LinkKind) Opposite() LinkKind {
	return map[LinkKind]LinkKind{LinkRelated: LinkRelated, LinkDuplicate: LinkOriginal, LinkOriginal: LinkDuplicate, LinkParent: LinkChild,
		LinkChild: LinkParent, LinkBlockedBy: LinkBlocks, LinkBlocks: LinkBlockedBy}[k]
}

// Link points to another ticket (X12).
type Link struct {
	Kind   LinkKind `json:"kind"`
	Ticket int64    `json:"ticket"`
}

// Spent is working time, summed up (I09).
type Spent struct {
	Total    Duration `json:"total,omitempty"`
	Billable Duration `json:"billable,omitempty"`
	Invoiced Duration `json:"invoiced,omitempty"` // of the billable time
}

// Unbilled is the billable time that no invoice has.
func (s Spent) Unbilled() Duration { return s.Billable - s.Invoiced }

// Ticket is one matter of one requester. Version grows by one with every write; Seq counts its messages and EventSeq
// its journal entries.
type Ticket struct {
	ID       int64  `json:"id"`
	Code     string `json:"code"`
	External string `json:"external,omitempty"` // the host's own id for it, unique
	Version  int64  `json:"version"`
	Seq      int64  `json:"seq"`
	EventSeq int64  `json:"event_seq"`

	Brand      string `json:"brand"`
	Department string `json:"department"`
	Subject    string `json:"subject"`
	Status     string `json:"status"`
	Class      Class  `json:"class"` // of Status
	Priority   string `json:"priority"`
	Folder     Folder `json:"folder"`
	Locked     bool   `json:"locked,omitempty"` // takes no customer messages (W31)

	Requester    Person   `json:"requester"`
	Organisation string   `json:"organisation,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	Participants []Person `json:"participants,omitempty"` // Cc
	Assignee     string   `json:"assignee,omitempty"`     // agent id; empty means unassigned
	AssignedBy   string   `json:"assigned_by,omitempty"`
	Watchers     []string `json:"watchers,omitempty"` // agent ids

	Channel   Channel           `json:"channel,omitempty"`
	OriginURL string            `json:"origin_url,omitempty"`
	IP        string            `json:"ip,omitempty"`
	UserAgent string            `json:"user_agent,omitempty"`
	Gateway   string            `json:"gateway,omitempty"`
	Service   string            `json:"service,omitempty"` // order or service that it is about
	Related   []Ref             `json:"related,omitempty"`
	Converted *Ref              `json:"converted,omitempty"`
	LinkedTo  int64             `json:"linked_to,omitempty"` // the closed or locked ticket that this one continues
	Links     []Link            `json:"links,omitempty"`     // to other tickets
	Tags      []string          `json:"tags,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"` // custom fields by code

	// MergedInto is the ticket that holds what this one held. Until it is unmerged no list shows it, nothing can be
	// written to it, and its code leads there. Whoever may not see that ticket finds -1 here.
	MergedInto int64 `json:"merged_into,omitempty"`
	SplitFrom  int64 `json:"split_from,omitempty"` // the ticket that its first messages were split off from

	FileBytes int64 `json:"file_bytes,omitempty"` // of the attachments whose contents are kept
	Spent     Spent `json:"spent,omitzero"`       // the working time that was logged

	UnreadByStaff  bool `json:"unread_by_staff,omitempty"`
	UnreadByClient bool `json:"unread_by_client,omitempty"`

	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	LastReplyAt time.Time  `json:"last_reply_at"` // of a public message
	LastReplyBy ActorKind  `json:"last_reply_by,omitempty"`
	SolvedAt    *time.Time `json:"solved_at,omitempty"` // first entered a solved status since it was last reopened
	ClosedAt    *time.Time `json:"closed_at,omitempty"`
	DeletedAt   *time.Time `json:"deleted_at,omitempty"`
}

// Clone returns a deep copy.
func (t *Ticket) Clone() *Ticket {
	c := *t
	c.Participants = slices.Clone(t.Participants)
	c.Watchers = slices.Clone(t.Watchers)
	c.Related = slices.Clone(t.Related)
	c.Links = slices.Clone(t.Links)
	c.Tags = slices.Clone(t.Tags)
	c.Fields = maps.Clone(t.Fields)
	c.Converted = clonePtr(t.Converted)
	c.SolvedAt, c.ClosedAt, c.DeletedAt = clonePtr(t.SolvedAt), clonePtr(t.ClosedAt), clonePtr(t.DeletedAt)
	return &c
}

// Concerns reports whether p is the requester or a participant of the ticket.
func (t *Ticket) Concerns(p Person) bool {
	return t.Requester.Is(p) || slices.ContainsFunc(t.Participants, p.Is)
}

// Clone returns a deep copy.
func (m *Message) Clone() *Message {
	c := *m
	c.To, c.Cc, c.Bcc = slices.Clone(m.To), slices.Clone(m.Cc), slices.Clone(m.Bcc)
	c.Files, c.Mentions = slices.Clone(m.Files), slices.Clone(m.Mentions)
	c.Mail, c.Undelivered = m.Mail.clone(), slices.Clone(m.Undelivered)
	c.EditedAt, c.DeletedAt = clonePtr(m.EditedAt), clonePtr(m.DeletedAt)
	return &c
}

func (m *Mail) clone() *Mail {
	c := clonePtr(m)
	if c != nil {
		c.InReplyTo, c.References, c.Folds = slices.Clone(c.InReplyTo), slices.Clone(c.References), slices.Clone(c.Folds)
	}
	return c
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// Time is t as the desk keeps it: UTC, truncated to a microsecond, without a monotonic clock.
func Time(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
