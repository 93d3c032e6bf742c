package notify

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mail programs put a conversation together by the ids that a mail refers to (RFC 5322, 3.6.4), and each reader has other
// mails of it: a letter refers to those that its own reader has sent or got.

const (
	kindThread = "correspondence" // record, of a ticket: what one reader has got
	maxThread  = 20               // ids that are kept of it
)

// got is a mail that somebody has got.
type got struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

func threadKey(l *Letter) string {
	return record.ID(l.Ticket) + "/" + readerOf(l.Ticket, l.Agent, l.To)
}

// noteSent notes what its reader has got with a letter.
func noteSent(ctx context.Context, tx store.Tx, l *Letter) error {
	if l.Copy != "" {
		return nil
	}
	list, err := record.Read[[]got](ctx, tx, kindThread, threadKey(l))
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	list = append(list, got{l.MessageID, l.Ended})
	return record.Put(ctx, tx, kindThread, threadKey(l), record.ID(l.Ticket), list[max(0, len(list)-maxThread):])
}

// correspondence is what the reader of a letter has got.
func (n *Notifier) correspondence(ctx context.Context, l *Letter) (list []got, err error) {
	err = n.store.View(store.OneRead(ctx), func(ctx context.Context, x store.Reader) (err error) {
		list, err = record.Read[[]got](ctx, x, kindThread, threadKey(l))
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, nil
	}
	return list, err
}

// thread is what a letter answers, and what it refers to: the root that all letters of a ticket share, what its reader has
// written by mail, and what they have got.
func (l *Letter) thread(f *gathered, marker ticket.Marker) (inReplyTo, references []string, err error) {
	root, err := marker.Mark(ticket.Mark{TicketID: l.Ticket}, l.From)
	if err != nil {
		return nil, nil, err
	}
	written := slices.Clone(f.recent)
	if f.message != nil {
		written = append(written, f.message)
	}
	var all []got // what was written first: an answer to it may be of the same moment
	for _, m := range written {
		if m.Mail != nil && m.Mail.MessageID != "" && m.Author.Person().Is(f.person) {
			all = append(all, got{m.Mail.MessageID, m.CreatedAt})
		}
	}
	list := append(all, f.got...)
	slices.SortStableFunc(list, func(a, b got) int { return a.At.Compare(b.At) })
	references = []string{root.MessageID}
	for _, g := range list {
		references = append(references, g.ID)
	}
	return references[1:][max(0, len(references)-2):], references, nil
}
