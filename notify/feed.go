package notify

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	kindFeed   = "feed"    // record, of an agent
	kindFeedOf = "feed_of" // record: how far an agent's feed has come
	keepFeed   = 30 * 24 * time.Hour
)

// News is an entry of an agent's feed (M32).
type News struct {
	ID      int64         `json:"id"` // its number in the agent's feed, from 1
	Kind    template.Kind `json:"kind"`
	Role    Role          `json:"role"`
	Ticket  int64         `json:"ticket"`
	Message int64         `json:"message,omitempty"`
	Event   int64         `json:"event,omitempty"`
	At      time.Time     `json:"at"`

	// What the ticket is called, as it is when the feed is read. Nobody is named: whoever did it may call themselves as they like.
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

// feedState is how far an agent's feed has come.
type feedState struct {
	Last int64 `json:"last"` // number of the newest entry
	Seen int64 `json:"seen"` // and of the newest that its agent has seen
}

func feedParent(agent string) string { return "agent/" + agent }

// feedKey puts the entries of an agent in the order of their numbers.
func feedKey(agent string, number int64) string { return agent + "/" + record.Ordered(number) }

// putFeed puts what agents are told into their feeds. Whoever polls goes by numbers, so an entry must not come in behind one
// with a higher number: an agent's number is taken under a lock that is held until the commit. The agents come in their
// order, lest two wait for each other, and last, lest others wait for long.
func (n *Notifier) putFeed(ctx context.Context, tx store.Tx, o occasion, all []news) error {
	of := map[string]news{}
	for _, x := range all {
		if x.feed && x.Agent != "" { // whatever their mail is like
			of[x.Agent] = x
		}
	}
	agents := slices.Sorted(maps.Keys(of))
	states := make([]*store.Record, len(agents))
	for i, agent := range agents { // the locks before the writes: those go to the database together
		var err error
		if states[i], err = lockFeed(ctx, tx, agent); err != nil {
			return err
		}
	}
	for i, agent := range agents {
		x := of[agent]
		e := News{Kind: x.Kind, Role: x.Role, Ticket: o.Ticket.ID, Event: o.Event.ID, At: ticket.Time(n.desk.Now())}
		if o.Message != nil {
			e.Message = o.Message.ID
		}
		if err := changeFeed(ctx, tx, states[i], func(s *feedState) error { s.Last++; e.ID = s.Last; return nil }); err != nil {
			return err
		}
		if err := record.Put(ctx, tx, kindFeed, feedKey(agent, e.ID), feedParent(agent), e); err != nil {
			return err
		}
	}
	return nil
}

// lockFeed locks an agent's feed; a new one is put by its version, so that only one process does.
func lockFeed(ctx context.Context, tx store.Tx, agent string) (*store.Record, error) {
	rec, err := tx.LockRecord(ctx, kindFeedOf, agent)
	if errors.Is(err, ticket.ErrNotFound) {
		return &store.Record{Kind: kindFeedOf, Key: agent, Doc: []byte("{}")}, nil
	}
	return rec, err
}

func changeFeed(ctx context.Context, tx store.Tx, rec *store.Record, fn func(s *feedState) error) error {
	var s feedState
	if err := json.Unmarshal(rec.Doc, &s); err != nil {
		return err
	}
	if err := fn(&s); err != nil {
		return err
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	rec.Doc = doc
	return tx.PutRecord(ctx, rec)
}

const (
	feedPage = 50 // news of a page
	maxFeed  = 200
)

// Feed returns what has happened for the acting agent after a cursor, Next of an earlier page; an empty one begins after what
// they have seen (MarkFeedSeen). What they may no longer see is left out. Errors: ticket.ErrNoActor;
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
	at, state, recs, err := n.feedRecords(ctx, who, cursor, limit)
	if err != nil {
		return FeedPage{}, err
	}
	page := FeedPage{News: []News{}, Next: record.ID(at)}
	for _, rec := range recs {
		var e News
		if err := json.Unmarshal(rec.Doc, &e); err != nil {
			return FeedPage{}, err
		}
		page.Next = record.ID(e.ID)
		t, err := n.desk.Ticket(ctx, e.Ticket)
		if ticket.ErrorCode(err) == "not_found" {
			continue
		}
		if err != nil {
			return FeedPage{}, err
		}
		e.Code, e.Subject, e.Seen = t.Code, t.Subject, e.ID <= state.Seen
		page.News = append(page.News, e)
	}
	s, err := n.desk.Surroundings(ctx, &ticket.Ticket{})
	page.Interval = int(time.Duration(s.Settings.FeedInterval) / time.Second)
	return page, err
}

// feedRecords reads a page, from where it begins, and how far the feed has come.
func (n *Notifier) feedRecords(ctx context.Context, agent, cursor string, limit int) (at int64, s feedState, recs []*store.Record, err error) {
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if s, err = record.Read[feedState](ctx, x, kindFeedOf, agent); err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		if at, err = s.position(cursor); err != nil {
			return err
		}
		recs, err = x.Records(ctx, store.RecordQuery{Kind: kindFeed, Parent: feedParent(agent), After: feedKey(agent, at), Limit: limit})
		return err
	})
	return at, s, recs, err
}

// position is the number that a cursor stands for. One that the feed has not come to yet, as after a backup was put back,
// would hide all that comes until then.
func (s feedState) position(cursor string) (int64, error) {
	if cursor == "" {
		return s.Seen, nil
	}
	at, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || at < 0 || at > s.Last || record.ID(at) != cursor {
		return 0, ticket.Invalid("cursor", ticket.FaultMalformed, "%q is none of this feed: give Next of an earlier page, or nothing to begin anew", cursor)
	}
	return at, nil
}

// MarkFeedSeen says that the acting agent has seen their feed up to a cursor. Errors: as Feed.
func (n *Notifier) MarkFeedSeen(ctx context.Context, cursor string) error {
	who, err := agentIn(ctx)
	if err == nil {
		err = n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			rec, err := lockFeed(ctx, tx, who)
			if err != nil {
				return err
			}
			return changeFeed(ctx, tx, rec, func(s *feedState) error {
				at, err := s.position(cursor)
				s.Seen = max(s.Seen, at)
				return err
			})
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
	limit := 0
	if given := r.URL.Query().Get("limit"); given != "" {
		var err error
		if limit, err = strconv.Atoi(given); err != nil || limit <= 0 {
			http.Error(w, "limit is how many, from 1 on", http.StatusBadRequest)
			return
		}
	}
	page, err := n.feed(r.Context(), r.URL.Query().Get("after"), limit)
	if err != nil {
		http.Error(w, ticket.PublicMessage(err), ticket.HTTPStatus(err))
		return
	}
	doc, err := json.Marshal(page)
	if err != nil {
		http.Error(w, ticket.PublicMessage(err), ticket.HTTPStatus(err))
		return
	}
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(doc))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if slices.Contains(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(doc); err != nil {
		n.log.DebugContext(r.Context(), "a feed was not read to its end", "error", err)
	}
}

// pruneNews removes news that is older than anybody would look for, feed by feed.
func (n *Notifier) pruneNews(ctx context.Context, now time.Time) error {
	var agents []*store.Record
	err := n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		agents, err = x.Records(ctx, store.RecordQuery{Kind: kindFeedOf}) // as many as there are agents
		return err
	})
	for _, rec := range agents {
		for after := feedKey(rec.Key, 0); after != "" && err == nil; {
			after, err = n.pruneFeed(ctx, rec.Key, after, now.Add(-keepFeed))
		}
	}
	return err
}

// pruneFeed removes what an agent was told before a time, of a part of their feed, and returns after which key to go on; ""
// where all that follows is newer. What cannot be read stays, and is in nobody's way.
func (n *Notifier) pruneFeed(ctx context.Context, agent, after string, before time.Time) (next string, err error) {
	const part = 500
	var old []string
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		old, next = nil, ""
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindFeed, Parent: feedParent(agent), After: after, Limit: part})
		if len(recs) == part {
			next = recs[part-1].Key
		}
		for _, rec := range recs {
			e, err := decode[News](rec.Doc)
			switch {
			case err == nil && e.At.Before(before):
				old = append(old, rec.Key)
			case err == nil: // they are in the order of their times
				next = ""
				return nil
			}
		}
		return err
	})
	if err != nil || len(old) == 0 {
		return next, err
	}
	return next, n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, key := range old {
			if err := tx.DeleteRecord(ctx, kindFeed, key); err != nil {
				return err
			}
		}
		return nil
	})
}
