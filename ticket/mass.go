package ticket

import (
	"slices"
	"time"
)

// MassVerb is what a mass action does to each of its tickets.
type MassVerb string

// The verbs of mass actions (M62). Marking as spam, archiving, assigning, closing and the like are updates.
const (
	MassUpdate  MassVerb = "update"
	MassDelete  MassVerb = "delete"
	MassRestore MassVerb = "restore"
	MassPurge   MassVerb = "purge"
	MassMerge   MassVerb = "merge" // into MassAction.Into
)

// MaxMass is how many tickets a mass action may name by their ids.
const MaxMass = 10_000

// MassAction is one thing to do to many tickets, named by IDs or selected by Query. Each is judged by itself: rights,
// gates, events and conflicts are those of the single verbs.
type MassAction struct {
	IDs []int64 `json:"ids,omitempty"` // a ticket that is named twice is meant once
	// Query selects the tickets, in the order in which they were created, each when its turn comes; those that are opened
	// after the start are not meant. Sort, Cursor and Limit play no part.
	Query *Query   `json:"query,omitempty"`
	Do    MassVerb `json:"do"`

	Patch      Patch    `json:"patch,omitzero"`        // of MassUpdate; Version is not for many
	AddTags    []string `json:"add_tags,omitempty"`    // of MassUpdate
	RemoveTags []string `json:"remove_tags,omitempty"` // of MassUpdate
	Into       int64    `json:"into,omitempty"`        // of MassMerge: the target
}

// Clone returns a deep copy.
func (a MassAction) Clone() MassAction {
	a.IDs, a.AddTags, a.RemoveTags, a.Patch = slices.Clone(a.IDs), slices.Clone(a.AddTags), slices.Clone(a.RemoveTags), a.Patch.Clone()
	if a.Query != nil {
		a.Query = new(a.Query.Clone())
	}
	return a
}

// MassState is where a mass action stands.
type MassState string

// The states of mass actions.
const (
	MassRunning   MassState = "running"
	MassDone      MassState = "done"
	MassCancelled MassState = "cancelled"
)

// MassRun is a mass action on its way.
type MassRun struct {
	ID       int64      `json:"id"`
	Action   MassAction `json:"action"`
	By       Actor      `json:"by"`
	State    MassState  `json:"state"`
	Total    Count      `json:"total"`  // how many tickets there were when it was started
	Done     int        `json:"done"`   // tickets that are over, failed ones too
	Failed   int        `json:"failed"` // tickets that it could not be done to: see MassResult
	Started  time.Time  `json:"started"`
	Finished time.Time  `json:"finished,omitzero"`
}

// MassResult is what became of one ticket.
type MassResult struct {
	Ticket int64     `json:"ticket"`
	Code   string    `json:"code,omitempty"`  // why it could not be done, to sort by: see ErrorCode; empty if it was
	Error  string    `json:"error,omitempty"` // the same for people to read
	At     time.Time `json:"at"`
}
