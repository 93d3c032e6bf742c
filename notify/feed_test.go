package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFeed(t *testing.T) {
	t.Parallel()
	t.Run("M32 an agent's feed has what concerns them, once, with a cursor, and nothing that they may not see any more", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.lamp(t)
		page := must(x.n.Feed(as(ann), "", 0))(t)
		equal(t, "news", len(page.News), 1)
		if n := page.News[0]; n.Kind != template.StaffTicket || n.Code != tk.Code || n.Subject != tk.Subject || n.Seen {
			t.Errorf("%+v", n)
		}
		equal(t, "interval", page.Interval, 30)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(bob.ID)}))(t)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
		equal(t, "of what is Bob's hears Ann", len(must(x.n.Feed(as(ann), page.Next, 0))(t).News), 0)
		bobs := must(x.n.Feed(as(bob), "", 2))(t)
		equal(t, "a page", len(bobs.News), 2)
		rest := must(x.n.Feed(as(bob), bobs.Next, 2))(t)
		if len(rest.News) != 1 || rest.News[0].Kind != template.StaffMessage {
			t.Errorf("%+v", rest)
		}
		done(t, x.n.MarkFeedSeen(as(bob), rest.Next))
		equal(t, "what is new", len(must(x.n.Feed(as(bob), "", 0))(t).News), 0)
		must(x.UpdateTicket(as(bob), tk.ID, ticket.Patch{Department: new("sales"), Assignee: new("")}))(t)
		equal(t, "of a ticket that went away", len(must(x.n.Feed(as(ann), "", 0))(t).News), 0)
		for _, who := range []ticket.Actor{gus, ticket.System("shop")} {
			if _, err := x.n.Feed(as(who), "", 0); !errors.Is(err, ticket.ErrForbidden) {
				t.Error(err)
			}
		}
		if _, err := x.n.Feed(as(ann), "nonsense", 0); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("M32 a poll that finds nothing new costs a 304", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.lamp(t)
		poll := func(after, tag string) *http.Response {
			r := httptest.NewRequest(http.MethodGet, "/feed?after="+after, nil).WithContext(as(ann))
			if tag != "" {
				r.Header.Set("If-None-Match", tag)
			}
			w := httptest.NewRecorder()
			x.n.ServeFeed(w, r)
			return w.Result()
		}
		first := poll("", "")
		var page notify.FeedPage
		done(t, json.NewDecoder(first.Body).Decode(&page))
		equal(t, "news", len(page.News), 1)
		equal(t, "status of what is known", poll("", first.Header.Get("ETag")).StatusCode, 304)
		done(t, x.n.MarkFeedSeen(as(ann), page.Next))
		equal(t, "status of what was seen since", poll("", first.Header.Get("ETag")).StatusCode, 200)
		equal(t, "status of a limit that is none", poll("&limit=abc", "").StatusCode, 400)
		second := poll(page.Next, "")
		equal(t, "status", second.StatusCode, 200)
		equal(t, "status", poll(page.Next, second.Header.Get("ETag")).StatusCode, 304)
		x.lamp(t)
		equal(t, "status", poll(page.Next, second.Header.Get("ETag")).StatusCode, 200)
		equal(t, "status", poll("x", "").StatusCode, 422)
	})
	t.Run("M24 nothing stays of a ticket that was purged, and what waits comes to nothing", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
		tk := x.mine(t)
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Still dark?"}, x.Clock.Now().Add(time.Hour)))(t)
		done(t, x.n.Notify(x.host, ticket.Notice{ID: "1", Ticket: tk.ID, To: ticket.Recipients{Customer: true}, Text: "Look."}))
		done(t, x.DeleteTicket(x.host, tk.ID))
		done(t, x.Purge(x.host, tk.ID))
		x.Clock.Advance(2 * time.Hour)
		same(t, "told", x.told(t))
		for _, kind := range []string{"letter", "later", "correspondence", "noticed"} {
			done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
				recs, err := r.Records(ctx, store.RecordQuery{Kind: kind})
				equal(t, kind, len(recs), 0)
				return err
			}))
		}
	})
	t.Run("M32 what is old goes, and so do letters", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.lamp(t)
		x.told(t)
		x.Clock.Advance(100 * 24 * time.Hour)
		x.tick(t)
		equal(t, "news", len(must(x.n.Feed(as(ann), "", 0))(t).News), 0)
		equal(t, "letters", len(must(x.n.Letters(x.host, tk.ID))(t)), 0)
	})
}
