package move

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"

	"github.com/helpdeskgo/helpdesk/store"
)

// sumOf returns the SHA-256 of all that a row holds, and how many bytes that is. Rows that a desk cannot tell apart have the
// same: an empty list is as good as none.
func sumOf(row store.Row) (sum [sha256.Size]byte, size int, err error) {
	text, err := encode(row)
	return sha256.Sum256(text), len(text), err
}

// encode writes a row down. Documents and data follow what is written as JSON, byte by byte.
func encode(row store.Row) ([]byte, error) {
	var v any
	var raw []byte
	switch row.Kind() {
	case store.RowTickets:
		v = row.Ticket
	case store.RowMessages:
		v = row.Message
	case store.RowEvents:
		v = row.Event
	case store.RowWork:
		w := *row.Work
		w.Doc, raw = nil, w.Doc
		v = w
	case store.RowRecords:
		r := *row.Record
		r.Doc, raw = nil, r.Doc
		v = r
	case store.RowKeys:
		v = row.Key
	case store.RowLinks:
		v = row.Link
	case store.RowChunks:
		v, raw = row.Place(), row.Chunk.Data
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	text = binary.BigEndian.AppendUint64(text, uint64(len(text)))
	return append(text, raw...), nil
}

// totals sums up the rows of a kind on one side, in the order of their places.
type totals struct {
	Total
	hash hash.Hash
}

func newTotals() *totals { return &totals{hash: sha256.New()} }

func (t *totals) add(sum [sha256.Size]byte, size int) {
	t.Rows++
	t.Bytes += int64(size)
	t.hash.Write(sum[:])
}

func (t *totals) total() Total {
	t.Sum = hex.EncodeToString(t.hash.Sum(nil))
	return t.Total
}
