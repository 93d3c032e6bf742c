package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/search"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// documentOf reads what a ticket is found by.
func documentOf(ctx context.Context, r store.Reader, id int64) (store.Document, error) {
	t, err := r.Ticket(ctx, id, ticket.Scope{All: true})
	if errors.Is(err, ticket.ErrNotFound) {
		return store.Document{Gone: true}, nil
	}
	if err != nil {
		return store.Document{}, err
	}
	c := search.Compose(t)
	if c.Gone() {
		return c.Document(), nil
	}
	if err := errors.Join(composeMerged(ctx, r, c, id), composeMessages(ctx, r, c, id)); err != nil {
		return store.Document{}, err
	}
	return c.Document(), nil
}

// composeMerged adds the tickets that were merged into one.
func composeMerged(ctx context.Context, r store.Reader, c *search.Composer, id int64) error {
	ids, err := shellsOf(ctx, r, id)
	if err != nil {
		return err
	}
	for _, id := range ids {
		shell, err := r.Ticket(ctx, id, ticket.Scope{All: true})
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		c.Merged(shell)
	}
	return nil
}

// composeMessages adds messages, the newest first, as long as there is room.
func composeMessages(ctx context.Context, r store.Reader, c *search.Composer, id int64) error {
	q := ticket.MessageQuery{TicketID: id, Newest: true, Limit: ticket.MaxPage}
	for {
		list, err := r.Messages(ctx, q)
		if err != nil {
			return err
		}
		room := true
		for _, m := range list {
			room = c.Message(m) && room
			q.AfterSeq = m.Seq
		}
		if len(list) < ticket.MaxPage || !room {
			return nil
		}
	}
}
