package move

import (
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
)

// MaxDifferences is how many differences a report lists.
const MaxDifferences = 20

// Report says what Copy did, and what Verify or the last comparison of Copy found.
type Report struct {
	Resumed  bool  // an earlier call has begun
	Copied   int64 // rows that this call has copied
	Repaired int64 // rows that it has put again or removed, because the source had changed
	Finished bool  // the target is whole; Verify says nothing of it

	Kinds       []Line // in the order of store.RowKinds; none before the stores were compared
	Sequences   int    // sequences of the source
	Differing   int64  // how many differences there are
	Differences []Difference
}

// Equal reports whether the stores were compared to their ends, and no difference was found.
func (r *Report) Equal() bool { return len(r.Kinds) > 0 && r.Differing == 0 }

// Line is what both stores hold of one kind.
type Line struct {
	Kind     store.RowKind
	From, To Total
}

// Total sums rows up. Sum is the SHA-256 of those of all rows, in hexadecimal; it does not depend on the store that they are
// in.
type Total struct {
	Rows  int64
	Bytes int64 // as JSON, and of files their size
	Sum   string
}

// Flaw is in what a row differs.
type Flaw string

// What may be wrong with the target.
const (
	Missing Flaw = "missing"
	Extra   Flaw = "extra"
	Changed Flaw = "changed"
	Behind  Flaw = "behind" // a sequence that would give out ids again
)

// Difference is a row that the target does not have as the source has it, or a sequence, which has no Kind.
type Difference struct {
	Flaw  Flaw
	Kind  store.RowKind
	Place store.Place
}

// String says it in a line.
func (d Difference) String() string {
	p := d.Place
	switch d.Kind {
	case "":
		return fmt.Sprintf("sequence %s is %s", p.Key, d.Flaw)
	case store.RowTickets, store.RowMessages, store.RowEvents, store.RowWork:
		return fmt.Sprintf("%s: %d is %s", d.Kind, p.ID, d.Flaw)
	case store.RowLinks:
		return fmt.Sprintf("%s: %s %q of %d is %s", d.Kind, p.Kind, p.Key, p.ID, d.Flaw)
	case store.RowChunks:
		return fmt.Sprintf("%s: %d of blob %s is %s", d.Kind, p.ID, p.Key, d.Flaw)
	}
	return fmt.Sprintf("%s: %s %q is %s", d.Kind, p.Kind, p.Key, d.Flaw)
}
