// Package cursor writes and reads the cursors of ticket lists, one form for all stores. A cursor holds the sort of the
// list and the place of the last ticket that was shown: its sort time in microseconds, or the key of its custom field,
// and its id.
package cursor

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// sorts are written by their place, so the order must never change. Those by a custom field follow.
var sorts = [...]ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated}

const (
	byField     = byte(len(sorts))
	byFieldDesc = byField + 1

	maxCode = 255 // bytes of a field's code: its length stands in one
	length  = 1 + 8 + 8
)

var encoding = base64.RawURLEncoding.Strict()

// Position is the place of a ticket in a list.
type Position struct {
	At  time.Time       // the time that the list is sorted by
	Key ticket.FieldKey // of the custom field that it is sorted by; empty where the ticket has no value
	ID  int64
}

// Compare orders positions as sort does: negative when p comes before q. Ties are broken by the id, in the direction of
// sort. Without a value in the field comes after all with one, whatever the direction.
func (p Position) Compare(q Position, sort ticket.Sort) int {
	if (p.Key == "") != (q.Key == "") {
		return cmp.Compare(q.Key, p.Key)
	}
	c := cmp.Or(p.At.Compare(q.At), cmp.Compare(p.Key, q.Key), cmp.Compare(p.ID, q.ID))
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
	if code, _, ok := s.Field(); ok && len(code) <= maxCode {
		return s, nil
	}
	if !slices.Contains(sorts[:], s) {
		return "", ticket.Invalid("sort", fmt.Sprintf("%.300q is no order of a list: use one of %q, or ticket.ByField", s, sorts))
	}
	return s, nil
}

// Descending reports whether sort shows the greatest time or key, and of equal ones the greatest id, first.
func Descending(sort ticket.Sort) bool {
	_, desc, ok := sort.Field()
	return (ok && desc) || sort == ticket.NewestUpdate || sort == ticket.NewestCreated
}

// ByUpdate reports whether sort goes by UpdatedAt; otherwise it goes by CreatedAt or a custom field.
func ByUpdate(sort ticket.Sort) bool {
	return sort == ticket.NewestUpdate || sort == ticket.OldestUpdate
}

// Of returns where t stands in a list of that sort.
func Of(t *ticket.Ticket, sort ticket.Sort) Position {
	if code, _, ok := sort.Field(); ok {
		p := Position{ID: t.ID}
		if keys := ticket.KeysOf(t.Fields[code]); len(keys) > 0 {
			p.Key = keys[0]
		}
		return p
	}
	if ByUpdate(sort) {
		return Position{At: t.UpdatedAt, ID: t.ID}
	}
	return Position{At: t.CreatedAt, ID: t.ID}
}

// Format writes p as the cursor of a list of that sort, which Sort must have approved.
func Format(p Position, sort ticket.Sort) string {
	b := make([]byte, 0, length)
	code, desc, ok := sort.Field()
	switch {
	case !ok:
		b = append(b, byte(slices.Index(sorts[:], sort)))
		b = binary.BigEndian.AppendUint64(b, uint64(p.At.UnixMicro()))
	case desc:
		b = append(b, byFieldDesc)
	default:
		b = append(b, byField)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(p.ID))
	if ok {
		b = append(b, byte(len(code)))
		b = append(b, code...)
		b = append(b, p.Key...)
	}
	return encoding.EncodeToString(b)
}

// Parse reads what Format wrote for the same sort; anything else is ticket.ErrInvalid.
func Parse(s string, sort ticket.Sort) (Position, error) {
	b, err := encoding.DecodeString(s) // which overlooks line breaks: hence the length of s
	if err != nil || len(s) != encoding.EncodedLen(len(b)) || len(b) == 0 {
		return Position{}, unknown()
	}
	if b[0] == byField || b[0] == byFieldDesc {
		return parseField(b, sort)
	}
	if len(b) != length || b[0] > byFieldDesc {
		return Position{}, unknown()
	}
	if sorts[b[0]] != sort {
		return Position{}, other(sorts[b[0]])
	}
	at := int64(binary.BigEndian.Uint64(b[1:9]))
	return Position{At: time.UnixMicro(at).UTC(), ID: int64(binary.BigEndian.Uint64(b[9:]))}, nil
}

func parseField(b []byte, sort ticket.Sort) (Position, error) {
	const head = 1 + 8 + 1
	if len(b) <= head || len(b) < head+int(b[head-1]) {
		return Position{}, unknown()
	}
	end := head + int(b[head-1])
	of := ticket.ByField(string(b[head:end]))
	if b[0] == byFieldDesc {
		of = ticket.ByFieldDesc(string(b[head:end]))
	}
	if of != sort {
		return Position{}, other(of)
	}
	if !utf8.Valid(b[end:]) || bytes.IndexByte(b[end:], 0) >= 0 { // no key is like that, and not every database takes it
		return Position{}, unknown()
	}
	return Position{ID: int64(binary.BigEndian.Uint64(b[1:])), Key: ticket.FieldKey(b[end:])}, nil
}

func unknown() error {
	return ticket.Invalid("cursor", "is none that a list gave out: start again without one")
}

func other(sort ticket.Sort) error {
	return ticket.Invalid("cursor", fmt.Sprintf("is of the order %q: keep the order while paging", sort))
}
