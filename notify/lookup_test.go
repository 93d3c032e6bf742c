package notify_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// linked counts the letters that are linked with a message.
func (x *shop) linked(t testing.TB, messageID int64) (n int) {
	t.Helper()
	done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		ids, err := r.Linked(ctx, "letter_message", strconv.FormatInt(messageID, 10))
		n = len(ids)
		return err
	}))
	return n
}

func TestLettersOfMessage(t *testing.T) {
	t.Parallel()
	t.Run("X29 what was sent cannot be taken back after its ticket was merged, or it was split off", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		one, two := x.mine(t), x.mine(t)
		m := must(x.Reply(as(ann), one.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
		x.told(t)
		sent := func(where string) {
			t.Helper()
			list := must(x.n.Delivery(as(ann), m.ID))(t)
			if len(list) == 0 || list[0].Ticket != one.ID || list[0].State != notify.Sent || list[0].Message != m.ID {
				t.Errorf("%s: %+v", where, list)
			}
			if _, err := x.n.Recall(as(ann), m.ID); !errors.Is(err, ticket.ErrConflict) {
				t.Errorf("%s: %v", where, err)
			}
			if must(x.Message(as(ann), m.ID))(t).DeletedAt != nil {
				t.Errorf("%s, what was sent is deleted", where)
			}
		}
		sent("where it was written")
		must(x.Merge(as(ann), two.ID, one.ID))(t)
		x.told(t)
		sent("merged")
		must(x.Split(as(ann), two.ID, ticket.Split{Messages: []int64{m.ID}}))(t)
		x.told(t)
		sent("split off")
	})
	t.Run("X29 what is held can be taken back after its ticket was merged", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		one, two := x.mine(t), x.mine(t)
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
		m := must(x.Reply(as(ann), one.ID, ticket.ReplyDraft{Body: "Go away!"}))(t)
		x.told(t)
		must(x.Merge(as(ann), two.ID, one.ID))(t)
		must(x.n.Recall(as(ann), m.ID))(t)
		x.Clock.Advance(time.Hour)
		for _, got := range x.mails(t) {
			if got.Header.Get("Auto-Submitted") == "" {
				t.Errorf("it is sent: %s", got.text(t))
			}
		}
		equal(t, "state", must(x.n.Letters(x.host, one.ID))(t)[len(must(x.n.Letters(x.host, one.ID))(t))-1].State, notify.Cancelled)
	})
	t.Run("X29 letters of before they were linked are found by their ticket, each once, and links go with letters", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today.", Cc: []ticket.Person{{Email: "eva@example.com"}}}))(t)
		x.told(t)
		list := must(x.n.Delivery(as(ann), m.ID))(t)
		equal(t, "letters", len(list), 2)
		equal(t, "links", x.linked(t, m.ID), 2)
		done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			return tx.Unlink(ctx, "letter_message", strconv.FormatInt(m.ID, 10), list[0].ID)
		}))
		equal(t, "letters, one of them not linked", len(must(x.n.Delivery(as(ann), m.ID))(t)), 2)
		x.Clock.Advance(100 * 24 * time.Hour)
		x.tick(t)
		equal(t, "links of letters that were cleared away", x.linked(t, m.ID), 0)
		m = must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "And tomorrow."}))(t)
		x.told(t)
		equal(t, "links", x.linked(t, m.ID), 1)
		done(t, x.DeleteTicket(x.host, tk.ID))
		done(t, x.Purge(x.host, tk.ID))
		x.tick(t)
		equal(t, "links of a ticket that was purged", x.linked(t, m.ID), 0)
	})
}
