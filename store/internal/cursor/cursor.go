// Package cursor writes and reads the cursors of ticket lists, one form for all stores. A cursor holds the sort of the
// list and the place of the last ticket that was shown: its sort time in microseconds and its id.
package cursor

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// sorts are written by their place, so the order must never change.
var sorts = [...]ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated}

const length = 1 + 8 + 8

var encoding = base64.RawURLEncoding.Strict()

// Position is the place of a ticket in a list.
type Position struct {
	At time.Time // the time that the list is sorted by
	ID int64
}

// Compare orders positions as sort does: negative when p comes before q. Ties of the time are broken by the id, in the
// direction of sort.
func (p Position) Compare(q Position, sort ticket.Sort) int {
	c := cmp.Or(p.At.Compare(q.At), cmp.Compare(p.ID, q.ID))
	if Descending(sort) {
		return -c
	}
	return c
}

// Sort returns s, or the default where s is empty, or ticket.ErrInvalid for an order that lists do not have.
func Sort(s ticket.Sort) (ticket.Sort, error) {
	if s == "" {
		return ticket.NewestUpdate, nil
	}
	if !slices.Contains(sorts[:], s) {
		return "", ticket.Invalid("sort", fmt.Sprintf("%q is no order of a list: use one of %q", s, sorts))
	}
	return s, nil
}

// Descending reports whether sort shows the greatest time, and of equal times the greatest id, first.
func Descending(sort ticket.Sort) bool {
	return sort == ticket.NewestUpdate || sort == ticket.NewestCreated
}

// ByUpdate reports whether sort goes by UpdatedAt; otherwise it goes by CreatedAt.
func ByUpdate(sort ticket.Sort) bool {
	return sort == ticket.NewestUpdate || sort == ticket.OldestUpdate
}

// Of returns where t stands in a list of that sort.
func Of(t *ticket.Ticket, sort ticket.Sort) Position {
	if ByUpdate(sort) {
		return Position{At: t.UpdatedAt, ID: t.ID}
	}
	return Position{At: t.CreatedAt, ID: t.ID}
}

// Format writes p as the cursor of a list of that sort, which Sort must have approved.
func Format(p Position, sort ticket.Sort) string {
	b := make([]byte, 0, length)
	b = append(b, byte(slices.Index(sorts[:], sort)))
	b = binary.BigEndian.AppendUint64(b, uint64(p.At.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(p.ID))
	return encoding.EncodeToString(b)
}

// Parse reads what Format wrote for the same sort; anything else is ticket.ErrInvalid.
func Parse(s string, sort ticket.Sort) (Position, error) {
	b, err := encoding.DecodeString(s) // which overlooks line breaks: hence the length of s
	if err != nil || len(s) != encoding.EncodedLen(length) || len(b) != length || int(b[0]) >= len(sorts) {
		return Position{}, ticket.Invalid("cursor", "is none that a list gave out: start again without one")
	}
	if sorts[b[0]] != sort {
		return Position{}, ticket.Invalid("cursor", fmt.Sprintf("is of the order %q: keep the order while paging", sorts[b[0]]))
	}
	at := int64(binary.BigEndian.Uint64(b[1:9]))
	return Position{At: time.UnixMicro(at).UTC(), ID: int64(binary.BigEndian.Uint64(b[9:]))}, nil
}
