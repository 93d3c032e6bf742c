// Package bookmark writes and reads the cursors of searches, one form for all stores: what kind of search it is, and the
// numbers that say where its page ended.
package bookmark

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Kind is a kind of search, whose cursors fit no other.
type Kind byte

// The kinds of search.
const (
	Newest Kind = 'n'
	Ranked Kind = 'r'
)

var encoding = base64.RawURLEncoding.Strict()

// Format writes a cursor.
func Format(k Kind, numbers ...int64) string {
	b := make([]byte, 0, 1+8*len(numbers))
	b = append(b, byte(k))
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return encoding.EncodeToString(b)
}

// Parse reads what Format wrote for the same kind and as many numbers; anything else is ticket.ErrInvalid.
func Parse(s string, k Kind, count int) ([]int64, error) {
	b, err := encoding.DecodeString(s) // which overlooks line breaks: hence the length of s
	if err != nil || len(s) != encoding.EncodedLen(len(b)) || len(b) != 1+8*count || b[0] != byte(k) {
		return nil, ticket.Invalid("cursor", ticket.FaultUnknown, "is none that this search gave out: start again without one, and keep the order while paging")
	}
	out := make([]int64, count)
	for i := range out {
		out[i] = int64(binary.BigEndian.Uint64(b[1+8*i:]))
	}
	return out, nil
}
