package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"encoding/json"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	kindFeed = "feed"      // record, of an agent
	kindSeen = "feed_seen" // record: up to where an agent has seen theirs
	keepFeed = 30 * 24 * time.Hour
)

// News is an entry of an agent's feed (M32).
type News struct {
	ID      int64         `json:"id"`
	Kind    template.Kind `json:"kind"`
	Role    Role          `json:"role"`
	Ticket  int64         `json:"ticket"`
	Message int64         `json:"message,omitempty"`
	Event   int64         `json:"event,omitempty"`
	At      time.Time     `json:"at"`

	// What the ticket is called, and who did it; both are looked up when the feed is read.
	Code    string `json:"code"`
	Subject string `json:"subject"`
	Seen    bool   `json:"seen"`
}

// FeedPage is a part of a feed.
type FeedPage struct {
	News []News `json:"news"` // the oldest first
	// Next continues after the last one: for Feed, now or whenever it is polled again.
	Next string `json:"next"`
	// Interval is how often to ask, in seconds, by the settings; 0: not at all (M32).
	Interval int `json:"interval"`
}

// feedEntry is what is stored of it: no text of the ticket.
type feedEntry struct {
	Agent string `json:"agent"`
	News
}

func (n *Notifier) putFeed(ctx context.Context, tx store.Tx, o occasion, x news) error {
	id, err := tx.NewID(ctx, kindFeed)
	if err != nil {
		return err
	}
	e := feedEntry{x.Agent, News{ID: id, Kind: x.Kind, Role: x.Role, Ticket: o.Ticket.ID, Event: o.Event.ID, At: ticket.Time(n.desk.Now())}}
	if o.Message != nil {
		e.Message = o.Message.ID
	}
	return record.Put(ctx, tx, kindFeed, record.Ordered(id), "agent/"+x.Agent, e)
}

const (
	feedPage = 50 // news of a page
	maxFeed  = 200
)

// Feed returns what has happened for the acting agent after a cursor, Next of an earlier page; an empty one begins with the
// newest of what they have not seen. What they may no longer see is left out. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for everybody else; ticket.ErrInvalid for a cursor that is none.
func (n *Notifier) Feed(ctx context.Context, cursor string, limit int) (FeedPage, error) {
	p, err := n.feed(ctx, cursor, limit)
	return p, failed("read the feed", err)
}

func (n *Notifier) feed(ctx context.Context, cursor string, limit int) (FeedPage, error) {
	who, err := agentIn(ctx)
	if err != nil {
		return FeedPage{}, err
	}
	if limit <= 0 {
		limit = feedPage
	}
	limit = min(limit, maxFeed)
	seen, recs, err := n.feedRecords(ctx, who, cursor, limit)
	if err != nil {
		return FeedPage{}, err
	}
	page := FeedPage{News: []News{}, Next: cursor}
	if page.Next == "" {
		page.Next = seen
	}
	for _, rec := range recs {
		page.Next = rec.Key
		var e feedEntry
		if err := json.Unmarshal(rec.Doc, &e); err != nil {
			return FeedPage{}, err
		}
		t, err := n.desk.Ticket(ctx, e.Ticket)
		if ticket.ErrorCode(err) == "not_found" {
			continue
		}
		if err != nil {
			return FeedPage{}, err
		}
		e.Code, e.Subject, e.Seen = t.Code, t.Subject, rec.Key <= seen
		page.News = append(page.News, e.News)
	}
	s, err := n.desk.Surroundings(ctx, &ticket.Ticket{})
	page.Interval = int(time.Duration(s.Settings.FeedInterval) / time.Second)
	return page, err
}

// feedRecords reads a page, and up to where the agent has seen theirs.
func (n *Notifier) feedRecords(ctx context.Context, agent, cursor string, limit int) (seen string, recs []*store.Record, err error) {
	if _, err := strconv.ParseInt(cursor, 10, 64); cursor != "" && (err != nil || len(cursor) != len(record.Ordered(0))) {
		return "", nil, ticket.Invalid("cursor", ticket.FaultMalformed, "%q is none: give Next of an earlier page, or nothing", cursor)
	}
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if seen, err = record.Read[string](ctx, x, kindSeen, agent); ticket.ErrorCode(err) == "not_found" {
			seen, err = "", nil
		}
		if err != nil {
			return err
		}
		after := cursor
		if after == "" {
			after = seen
		}
		recs, err = x.Records(ctx, store.RecordQuery{Kind: kindFeed, Parent: "agent/" + agent, After: after, Limit: limit})
		return err
	})
	return seen, recs, err
}

// MarkFeedSeen says that the acting agent has seen their feed up to a cursor. Errors: as Feed.
func (n *Notifier) MarkFeedSeen(ctx context.Context, cursor string) error {
	who, err := agentIn(ctx)
	if err == nil {
		_, _, err = n.feedRecords(ctx, who, cursor, 1)
	}
	if err == nil {
		err = n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			was, err := record.Read[string](ctx, tx, kindSeen, who)
			if err != nil && ticket.ErrorCode(err) != "not_found" {
				return err
			}
			return record.Put(ctx, tx, kindSeen, who, "", max(was, cursor))
		})
	}
	return failed("mark the feed as seen", err)
}

func agentIn(ctx context.Context) (string, error) {
	a, err := ticket.ActorFrom(ctx)
	if err == nil && a.Kind != ticket.ActorStaff {
		err = fmt.Errorf("%w: a feed is an agent's", ticket.ErrForbidden)
	}
	return a.ID, err
}

// ServeFeed answers a poll with the feed of the agent who stands in the request's context (ticket.WithActor), as JSON: the
// query's "after" is the cursor, "limit" how many. An unchanged one costs a 304 (RFC 9110, 13).
func (n *Notifier) ServeFeed(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	page, err := n.feed(r.Context(), r.URL.Query().Get("after"), limit)
	if err != nil {
		http.Error(w, ticket.PublicMessage(err), ticket.HTTPStatus(err))
		return
	}
	tag := fmt.Sprintf(`"%s-%d-%d"`, page.Next, len(page.News), page.Interval)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if slices.Contains(r.Header.Values("If-None-Match"), tag) && len(page.News) == 0 {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(page); err != nil {
		n.log.DebugContext(r.Context(), "a feed was not read to its end", "error", err)
	}
}
