package helpdesk_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// readerFunc is a file whose reading does something.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestLeases(t *testing.T) {
	t.Parallel()
	dead := []store.WorkState{store.WorkDead}
	t.Run("X03 a delivery does not die of what kept its handler from being called", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		c, cancel := context.WithCancel(context.Background())
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; cancel(); return nil }, hooks.MaxAttempts(1))
		open(t, d, ann)
		open(t, d, ann)
		_, _ = d.Deliveries().Dispatch(c)
		equal(t, "dead", len(must(d.Deliveries().List(as(bob), helpdesk.DeliveryQuery{States: dead}))(t)), 0)
		d.DispatchAll(t)
		equal(t, "told without waiting for a lease to end", told, 2)
	})
	t.Run("X03 a handler that ends its goroutine holds up no other delivery of the batch", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error {
			if told++; told == 1 {
				gone()
			}
			return nil
		})
		open(t, d, ann)
		open(t, d, ann)
		ended := make(chan struct{})
		go func() { defer close(ended); _, _ = d.Deliveries().Dispatch(context.Background()) }()
		<-ended
		d.DispatchAll(t)
		equal(t, "told", told, 2)
	})
	t.Run("X03 a delivery whose lease ended while it waited for its turn is not begun", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{LeaseTTL: 300 * time.Millisecond}) // longer than a busy machine takes to begin with a delivery
		told := 0
		d.Hooks().TicketCreated.Bind("slow", func(c ctx, _ hooks.Created) error {
			if told++; told == 1 {
				<-c.Done()
			}
			return nil
		}, hooks.Timeout(900*time.Millisecond))
		open(t, d, ann)
		open(t, d, ann)
		equal(t, "begun", must(d.Deliveries().Dispatch(context.Background()))(t), 1)
		d.DispatchAll(t)
		equal(t, "told", told, 2)
	})
	t.Run("X03 a desk that stops gives back what it had leased and not begun", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := must(helpdesk.New(context.Background(), s, &helpdesk.Config{Workers: 1}))(t)
		begun, end := make(chan struct{}, 9), make(chan struct{})
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { begun <- struct{}{}; <-end; return nil })
		for range 5 {
			must(d.CreateTicket(as(ann), lamp()))(t)
		}
		ok(t, d.Start(context.Background()))
		<-begun
		stopped := make(chan error)
		go func() { stopped <- d.Stop(context.Background()) }()
		for {
			if _, err := d.Journal(as(bob), ticket.EventQuery{}); errors.Is(err, ticket.ErrStopped) {
				break
			}
		}
		close(end)
		ok(t, <-stopped)
		next := manual(t, s, helpdesk.Config{Now: time.Now})
		told := 0
		next.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		next.DispatchAll(t)
		equal(t, "told by the next", told, 4)
	})
	t.Run("X03 a delivery in hand when its subscription ends is not put back", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d, other := manual(t, s, helpdesk.Config{}), manual(t, s, helpdesk.Config{})
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error {
			return errors.Join(other.Deliveries().Unsubscribe(as(bob), "TicketCreated", "acme"), errors.New("and fail"))
		})
		open(t, d, ann)
		d.DispatchAll(t)
		equal(t, "pending", must(d.Health(as(bob)))(t).Pending, 0)
	})
	t.Run("X03 a handler that succeeded late has succeeded", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("slow", func(c ctx, _ hooks.Created) error { told++; <-c.Done(); return nil }, hooks.Timeout(time.Millisecond))
		open(t, d, ann)
		d.DispatchAll(t)
		d.Clock.Advance(time.Hour)
		d.DispatchAll(t)
		equal(t, "told", told, 1)
	})
	t.Run("X03 retention keeps up with any number of finished deliveries", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		ok(t, d.Store.Update(context.Background(), func(c ctx, tx store.Tx) error {
			for range 2500 {
				id, err := tx.NewID(c, "work")
				if err == nil {
					err = tx.PutWork(c, &store.Work{ID: id, Kind: "delivery", Name: "x|y", State: store.WorkDone, Finished: d.Now(), Created: d.Now(), Due: d.Now()})
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
		d.Clock.Advance(30 * 24 * time.Hour)
		equal(t, "removed", must(d.Tick(context.Background()))(t), 2500)
	})
	t.Run("M75 Check names bindings that wait for themselves or for each other", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		h := d.Hooks()
		h.TicketCreated.Bind("self", func(ctx, hooks.Created) error { return nil }, hooks.After("self"))
		h.TicketCreated.Bind("a", func(ctx, hooks.Created) error { return nil }, hooks.After("b"))
		h.TicketReplied.Bind("b", func(ctx, hooks.Messaged) error { return nil }, hooks.After("a"))
		h.TicketCreated.Bind("c", func(ctx, hooks.Created) error { return nil }, hooks.After("b"))
		ok(t, d.Start(context.Background()))
		equal(t, "problems", len(must(d.Check(as(bob)))(t)), 3)
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	t.Run("M12 W30 a file whose content another ticket's purge removes meanwhile is kept", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Files = []ticket.Upload{{Name: "a", Content: strings.NewReader("same")}}
		old := must(d.CreateTicket(as(ann), draft))(t)
		ok(t, d.DeleteTicket(as(bob), old.ID))
		purge := readerFunc(func([]byte) (int, error) { ok(t, d.Purge(as(bob), old.ID)); return 0, io.EOF })
		draft.Files = []ticket.Upload{{Name: "a", Content: strings.NewReader("same")}, {Name: "b", Content: purge}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		r, _, err := d.Files().Open(as(bob), m.ID, 0)
		ok(t, err)
		equal(t, "content", string(must(io.ReadAll(r))(t)), "same")
	})
	t.Run("W31 what a locked ticket refuses costs no room in the store", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := must(d.Lock(as(bob), open(t, d, ann).ID))(t)
		read := false
		content := readerFunc(func([]byte) (int, error) { read = true; return 0, io.EOF })
		_, err := d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Files: []ticket.Upload{{Name: "a", Content: content}}})
		is(t, err, ticket.ErrLocked)
		equal(t, "read", read, false)
	})
	t.Run("R07 X18 a file without a text that continues in a new ticket has no text there, and the filters of new tickets hold", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Directory: directory{people: map[string]ticket.Person{"gus@example.com": {ID: "43", Email: "gus@example.com"}}}})
		set(t, d, ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)})
		seen := 0
		d.Hooks().TicketAttachmentValidation.Bind("count", func(ctx, hooks.Attaching) error { seen++; return nil })
		d.Hooks().TicketDraft.Bind("tag", func(_ ctx, in *hooks.Creating) error { in.Draft.Tags = []string{"filtered"}; return nil })
		tk := must(d.CloseTicket(as(bob), open(t, d, ann).ID))(t)
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Files: []ticket.Upload{{Name: "a", Content: strings.NewReader("x")}}}))(t)
		equal(t, "body", m.Body, "")
		equal(t, "files", len(m.Files), 1)
		equal(t, "files shown to the gates", seen, 1)
		fresh := must(d.Ticket(as(bob), m.TicketID))(t)
		equal(t, "tags", strings.Join(fresh.Tags, ","), "filtered")
		equal(t, "requester", fresh.Requester.ID, "42")
	})
}
