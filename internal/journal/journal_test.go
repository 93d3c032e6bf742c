package journal_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// many is more than one page of a journal.
const many = 2*ticket.MaxPage + 3

// changed is a store with a ticket whose subject each event made the event's number.
func changed(t *testing.T) store.Store {
	t.Helper()
	s := memory.New(nil)
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutTicket(ctx, &ticket.Ticket{ID: 1, Version: many, EventSeq: many, Subject: strconv.Itoa(many)}); err != nil {
			return err
		}
		for n := int64(1); n <= many; n++ {
			e := &ticket.Event{ID: 100 + n, TicketID: 1, Seq: n, Version: n, Type: ticket.EventUpdated,
				Changes: []ticket.Change{{Field: "subject", Old: strconv.FormatInt(n-1, 10), New: strconv.FormatInt(n, 10)}}}
			if err := tx.PutEvent(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJournal(t *testing.T) {
	t.Parallel()
	t.Run("a ticket is as an event left it, however long ago", func(t *testing.T) {
		t.Parallel()
		s := changed(t)
		for _, seq := range []int64{1, 2, ticket.MaxPage, many - 1, many} {
			err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
				e, err := r.Event(ctx, 100+seq)
				if err != nil {
					return err
				}
				x, err := journal.AsOf(ctx, r, e)
				if err == nil && (x.Subject != strconv.FormatInt(seq, 10) || x.EventSeq != seq || x.Version != seq) {
					t.Errorf("as of event %d it is %q, event %d, version %d", seq, x.Subject, x.EventSeq, x.Version)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("all events after one are listed, page after page", func(t *testing.T) {
		t.Parallel()
		err := changed(t).View(t.Context(), func(ctx context.Context, r store.Reader) error {
			list, err := journal.Since(ctx, r, 1, 5)
			if err == nil && (len(list) != many-5 || list[0].Seq != 6 || list[len(list)-1].Seq != many) {
				t.Errorf("%d events from %d", len(list), list[0].Seq)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a ticket that is not there is not found", func(t *testing.T) {
		t.Parallel()
		err := memory.New(nil).View(t.Context(), func(ctx context.Context, r store.Reader) error {
			_, err := journal.AsOf(ctx, r, &ticket.Event{TicketID: 1, Seq: 1})
			return err
		})
		if !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}
