// Package mark writes the marks of mail that the desk sends, and finds and reads them in what comes back: one piece for
// both, so that they cannot differ. It is pure; who keeps the keys is for the caller.
package mark

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const purpose = "mail mark"

// letters are the alphabet of marks: they stand in addresses, where case may be lost.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// How many characters a mark has.
var (
	least = letters.EncodedLen(token.Overhead + len(ticket.Recipient{}) + 1)
	most  = letters.EncodedLen(token.Overhead + len(ticket.Recipient{}) + 3*binary.MaxVarintLen64)
)

// Seal returns a mark as lower-case letters and digits. The error says that there is no key, or what the mark lacks.
func Seal(r token.Ring, m ticket.Mark) (string, error) {
	if m.TicketID <= 0 || m.MessageID < 0 || m.Number < 0 {
		return "", errors.New("mark: it needs a ticket, and no number may be negative")
	}
	b := append([]byte(nil), m.To[:]...)
	numbers := []int64{m.TicketID, m.MessageID, m.Number}
	for numbers[len(numbers)-1] == 0 { // an address has little room
		numbers = numbers[:len(numbers)-1]
	}
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	sealed, err := r.Seal(purpose, b)
	return letters.EncodeToString(sealed), err
}

// Open reads what Seal wrote, whatever became of its case. What is not genuine is the zero Mark; claimed says that it
// names a key of the ring all the same: it was forged, or damaged.
func Open(r token.Ring, s string) (m ticket.Mark, genuine, claimed bool) {
	sealed, ok := decode(s)
	if !ok {
		return ticket.Mark{}, false, false
	}
	claimed = r.Names(sealed)
	b, genuine := r.Open(purpose, sealed)
	if !genuine {
		return ticket.Mark{}, false, claimed
	}
	if m, genuine = parse(b); !genuine {
		return ticket.Mark{}, false, claimed
	}
	return m, true, true
}

func decode(s string) ([]byte, bool) {
	if len(s) < least || len(s) > most {
		return nil, false
	}
	s = strings.ToLower(s)
	sealed, err := letters.DecodeString(s)
	return sealed, err == nil && letters.EncodeToString(sealed) == s // no bit is without meaning
}

func parse(b []byte) (m ticket.Mark, ok bool) {
	if len(b) < len(m.To) {
		return m, false
	}
	m.To, b = ticket.Recipient(b), b[len(m.To):]
	for _, to := range []*int64{&m.TicketID, &m.MessageID, &m.Number} {
		if len(b) == 0 {
			break
		}
		n, size := binary.Uvarint(b)
		if size <= 0 || int64(n) < 0 {
			return m, false
		}
		*to, b = int64(n), b[size:]
	}
	return m, len(b) == 0
}
