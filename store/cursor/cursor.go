// Package cursor is the order of ticket lists, and the cursors between their tickets, for whoever writes a store: one form
// for all stores. A cursor stands in an order between two places, whether or not tickets are there: it holds the one
// place, on which side of it it stands, and the direction in which the list goes on.
//
// Desks hide cursors from those who page: they sign and encrypt what a store gives out.
package cursor

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// sorts are written by their place, so the order must never change. Those by a custom field follow.
var sorts = [...]ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated,
	ticket.NewestReply, ticket.OldestReply, ticket.MostUrgent, ticket.LeastUrgent}

const (
	byField     = byte(len(sorts))
	byFieldDesc = byField + 1

	before = 0x40 // flags beside the sort
	back   = 0x80

	maxCode = 255 // bytes of a field's code: its length stands in one
	head    = 1 + 8
)

var encoding = base64.RawURLEncoding.Strict()

// Cursor is where a page begins, or, going back, where it ends.
type Cursor struct {
	Position
	Before bool // it stands right before the position; otherwise right after it
	Back   bool // it leads to the tickets before it; otherwise to those after it
}

// Admits reports whether a ticket at p lies where the cursor leads to.
func (c Cursor) Admits(p Position, o Order) bool {
	d := o.Compare(p, c.Position)
	switch {
	case d == 0:
		return c.Before != c.Back
	case c.Back:
		return d < 0
	}
	return d > 0
}

// Turned is the cursor at the same place that leads the other way.
func (c Cursor) Turned() Cursor {
	c.Back = !c.Back
	return c
}

// Of returns the cursor that q asks to go on from, in its order, or nil where q starts at the beginning. ErrInvalid for
// a cursor of another order, or that no list gave out.
func Of(q ticket.Query, o Order) (*Cursor, error) {
	switch {
	case q.Cursor != "":
		c, err := Parse(q.Cursor, o.Sort)
		return &c, err
	case q.After != nil:
		return &Cursor{Position: o.Of(q.After)}, nil
	case q.Before != nil:
		return &Cursor{Position: o.Of(q.Before), Before: true, Back: true}, nil
	}
	return nil, nil
}

// Around returns the cursors of the pages after and before the one that began at from and goes on at more, in the
// direction of from; nil is where it begins and where it is over.
func Around(o Order, from, more *Cursor) (next, prev string) {
	write := func(c *Cursor) string {
		if c == nil {
			return ""
		}
		return Format(*c, o.Sort)
	}
	if from == nil {
		return write(more), ""
	}
	turned := from.Turned()
	if from.Back {
		return write(&turned), write(more)
	}
	return write(more), write(&turned)
}

// Format writes c as the cursor of a list of that sort, which OrderOf must have approved.
func Format(c Cursor, sort ticket.Sort) string {
	code, desc, field := sort.Field()
	kind := byte(slices.Index(sorts[:], sort))
	switch {
	case field && desc:
		kind = byFieldDesc
	case field:
		kind = byField
	}
	if c.Before {
		kind |= before
	}
	if c.Back {
		kind |= back
	}
	b := binary.BigEndian.AppendUint64([]byte{kind}, uint64(c.ID))
	if field {
		b = append(b, byte(len(code)))
		b = append(b, code...)
		return encoding.EncodeToString(append(b, c.Key...))
	}
	b = binary.BigEndian.AppendUint64(b, uint64(c.At.UnixMicro()))
	if ByPriority(sort) {
		b = append(b, c.Priority...)
	}
	return encoding.EncodeToString(b)
}

// Parse reads what Format wrote for the same sort; anything else is ticket.ErrInvalid.
func Parse(s string, sort ticket.Sort) (Cursor, error) {
	b, err := encoding.DecodeString(s) // which overlooks line breaks: hence the length of s
	if err != nil || len(s) != encoding.EncodedLen(len(b)) || len(b) <= head {
		return Cursor{}, unknown()
	}
	kind := b[0] &^ (before | back)
	c := Cursor{Before: b[0]&before != 0, Back: b[0]&back != 0, Position: Position{ID: int64(binary.BigEndian.Uint64(b[1:]))}}
	of, tail, ok := sortOf(kind, b[head:])
	switch {
	case !ok:
		return Cursor{}, unknown()
	case of != sort:
		return Cursor{}, other(of)
	}
	if kind >= byField {
		c.Key = ticket.FieldKey(tail)
		return c, text(tail)
	}
	c.At = time.UnixMicro(int64(binary.BigEndian.Uint64(b[head:]))).UTC()
	c.Priority = string(tail)
	return c, text(tail)
}

// sortOf returns the sort of a cursor, of which b is what follows the id, and what of b follows the sort and the time.
func sortOf(kind byte, b []byte) (of ticket.Sort, tail []byte, ok bool) {
	switch {
	case kind > byFieldDesc:
		return "", nil, false
	case kind < byField:
		if len(b) < 8 || (len(b) > 8 && !ByPriority(sorts[kind])) {
			return "", nil, false
		}
		return sorts[kind], b[8:], true
	}
	n := int(b[0])
	if n == 0 || len(b) < 1+n {
		return "", nil, false
	}
	code, tail := string(b[1:1+n]), b[1+n:]
	if kind == byFieldDesc {
		return ticket.ByFieldDesc(code), tail, true
	}
	return ticket.ByField(code), tail, true
}

// text refuses what no key or code is like, and not every database takes.
func text(b []byte) error {
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return unknown()
	}
	return nil
}

func unknown() error {
	return ticket.Invalid("cursor", ticket.FaultUnknown, "is none that a list gave out: start again without one")
}

func other(sort ticket.Sort) error {
	return ticket.Invalid("cursor", ticket.FaultConflicting, "is of the order %q: keep the order while paging", sort)
}
