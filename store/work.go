package store

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrStale says that work is leased by somebody else, or no longer in the state that the caller saw.
var ErrStale = errors.New("lease is lost: somebody else has the work")

// WorkState is where a piece of work stands.
type WorkState string

// The states of work.
const (
	WorkPending WorkState = "pending"
	WorkLeased  WorkState = "leased"
	WorkDone    WorkState = "done"
	WorkDead    WorkState = "dead" // given up; waits for a person
)

// Work is anything that falls due: a delivery, a timer, a lease on a gateway.
type Work struct {
	ID   int64
	Kind string // as in "delivery"; what a worker asks for
	Name string // which worker: of a delivery, point and binding

	// OrderKey and Seq put work into lanes: no work is leased while earlier work of its lane (a smaller Seq, or the
	// same and a smaller ID) is pending or leased. Dead work holds its lane only where the later work says HoldOnDead.
	// Empty means no lane.
	OrderKey   string
	Seq        int64
	HoldOnDead bool
	// After is another lane: the work is not leased while work of that lane with a Seq up to its own is pending or
	// leased.
	After string

	Due      time.Time // domain time: leased from then on
	State    WorkState
	Epoch    int64     // counts the leases; fences a holder that woke too late
	Attempt  int       // counts the leases since the work was put or retried by hand
	LeasedTo time.Time // store time: leased until then, and free for others after
	Effect   bool      // the worker's own writes are committed (see Tx.MarkEffect)

	EventID  int64 // what it is about, for inspection
	TicketID int64
	Error    string // of the last attempt
	Created  time.Time
	Finished time.Time // domain time
	Doc      json.RawMessage
}

// LeaseRequest asks for work.
type LeaseRequest struct {
	Kind  string
	Names []string      // only work with these names; empty means any
	DueBy time.Time     // domain time: only work due then
	TTL   time.Duration // the lease ends so long after the store's clock
	Limit int           // at most so many works, so 0 asks for none; of one lane at most one
}

// WorkQuery selects work: zero fields select everything, set ones are joined by and.
type WorkQuery struct {
	Kind     string
	States   []WorkState
	Name     string
	EventID  int64
	TicketID int64
	BeforeID int64 // continues a listing
	Limit    int   // default 50, at most 1,000
}

// Size is how many works, or of CountWork how many of each state, q asks for.
func (q WorkQuery) Size() int {
	const standard, most = 50, 1000
	if q.Limit <= 0 {
		return standard
	}
	return min(q.Limit, most)
}

// Selects reports whether q selects w.
func (q WorkQuery) Selects(w *Work) bool {
	return (q.Kind == "" || q.Kind == w.Kind) && (q.Name == "" || q.Name == w.Name) &&
		(len(q.States) == 0 || slices.Contains(q.States, w.State)) && (q.EventID == 0 || q.EventID == w.EventID) &&
		(q.TicketID == 0 || q.TicketID == w.TicketID) && (q.BeforeID == 0 || w.ID < q.BeforeID)
}

// Selects reports whether w is what r asks for, and free at now, the store's clock. What lanes say of it is another
// matter: see Work.Holds.
func (r LeaseRequest) Selects(w *Work, now time.Time) bool {
	free := w.State == WorkPending || (w.State == WorkLeased && !w.LeasedTo.After(now))
	return free && w.Kind == r.Kind && (len(r.Names) == 0 || slices.Contains(r.Names, w.Name)) && !w.Due.After(ticket.Time(r.DueBy))
}

// Holds reports whether other must wait for w: because w comes earlier in its lane, or lies in the lane that other comes
// after.
func (w *Work) Holds(other *Work) bool {
	open := w.State == WorkPending || w.State == WorkLeased
	if w.ID == other.ID || w.OrderKey == "" {
		return false
	}
	if w.OrderKey == other.After && w.Seq <= other.Seq && open {
		return true
	}
	earlier := w.Seq < other.Seq || (w.Seq == other.Seq && w.ID < other.ID)
	return w.OrderKey == other.OrderKey && earlier && (open || (w.State == WorkDead && other.HoldOnDead))
}

// Record is a small document: an entry of the catalogue, settings, a subscription, an old version of a message. Parent
// groups records of a kind.
type Record struct {
	Kind    string
	Key     string
	Parent  string
	Version int64
	Doc     json.RawMessage
}

// RecordQuery selects records of one kind, in the order of their keys.
type RecordQuery struct {
	Kind   string
	Parent string // if not empty, only those with it
	After  string // continues a listing after this key
	Limit  int    // 0 means all
}

// AnyVersion as Record.Version overwrites whatever is stored.
const AnyVersion int64 = -1
