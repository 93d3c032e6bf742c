package helpdesk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	// keyCursors is what the key of cursors is kept under. It is made with the store, and never changed: a cursor ends
	// with the page that somebody has open.
	keyCursors    = "cursors"
	cursorPurpose = "cursor of a list"
	maxCursor     = 4096 // characters; the longest sort is far below
)

var cursorText = base64.RawURLEncoding.Strict()

// hideCursor makes a store's cursor one for people: nobody can read from it where in the order something stands that
// they may not see, nor go on in another list, or as somebody else.
func (a asking) hideCursor(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	hidden, err := a.conf.keys[keyCursors].Hide(cursorPurpose, []byte(s), a.place)
	return cursorText.EncodeToString(hidden), err
}

// openCursor returns the store's cursor.
func (a asking) openCursor(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if len(s) <= maxCursor {
		hidden, err := cursorText.DecodeString(s) // which overlooks line breaks: hence the length of s
		if body, ok := a.conf.keys[keyCursors].Reveal(cursorPurpose, hidden, a.place); ok && err == nil && len(s) == cursorText.EncodedLen(len(hidden)) {
			return string(body), nil
		}
	}
	return "", ticket.Invalid("cursor", ticket.FaultUnknown, "is none of this list: start again without one, and keep the query and who asks while you page")
}

// bind returns what a cursor is bound to: the query, but for its Limit, and who asks.
func (a asking) bind() ([]byte, error) {
	q := a.query
	q.Cursor, q.Limit = "", 0
	if q.Sort == "" {
		q.Sort = ticket.NewestUpdate
	}
	return placeOf(a.actor, q, a.words)
}

func placeOf(actor ticket.Actor, query any, words string) ([]byte, error) {
	who := ticket.Actor{Kind: actor.Kind, ID: actor.ID, Ticket: actor.Ticket}
	if actor.ID == "" {
		who.Email = actor.Email
	}
	doc, err := json.Marshal([]any{query, who, words})
	if err != nil {
		return nil, ticket.Invalid("query", ticket.FaultMalformed, "cannot be kept in a cursor: %v", err) // as a time after the year 9999
	}
	sum := sha256.Sum256(doc)
	return sum[:], nil
}

// listing is a list of records that somebody asks for, query without its cursor and limit. Its cursors are keys, which
// say of what is left out when it was and which number it has: they are hidden as those of tickets.
func (d *Desk) listing(ctx context.Context, actor ticket.Actor, kind string, query any) (a asking, err error) {
	a.actor = actor
	if a.conf, err = d.confOf(ctx); err == nil {
		a.place, err = placeOf(actor, query, kind)
	}
	return a, err
}
