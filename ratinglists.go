package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// List lists ratings, page by page: of a ticket in the order in which they were given, others by when they were given
// first. Staff see those of the tickets that they may see, if Settings.RatingsToStaff shows them there or they have the
// right to the ticket's journal. Customers see those of one ticket, if Settings.RatingsToCustomers shows them.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound for a ticket that the actor may not see; ticket.ErrForbidden for
// customers who ask for more than one ticket, and where the settings show them none; ticket.ErrInvalid for a cursor that
// is none of the same query, asked by the same actor.
func (g Ratings) List(ctx context.Context, q ticket.RatingQuery) (ticket.RatingPage, error) {
	page, err := g.d.ratings(ctx, q)
	return page, failed("list ratings", err)
}

func (d *Desk) ratings(ctx context.Context, q ticket.RatingQuery) (ticket.RatingPage, error) {
	none := ticket.RatingPage{}
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return none, err
	}
	if q.TicketID != 0 {
		t, err := d.read(ctx, actor, q.TicketID)
		if err != nil {
			return none, err
		}
		if err := d.maySeeRatings(ctx, actor, t); err != nil {
			return none, err
		}
	} else if _, _, err := d.staffAt(ctx); err != nil {
		return none, err
	}
	if q.Limit <= 0 {
		q.Limit = ticket.DefaultPage
	}
	q.Limit = min(q.Limit, ticket.MaxPage)
	q.From, q.To = ticket.Time(q.From), ticket.Time(q.To)
	whole := q
	whole.Cursor, whole.Limit = "", 0
	list, err := d.listing(ctx, actor, kindRating, whole)
	if err == nil {
		q.Cursor, err = list.openCursor(q.Cursor)
	}
	if err != nil {
		return none, err
	}
	var page ticket.RatingPage
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		page, err = ratingPage(ctx, r, q)
		return err
	})
	if err == nil {
		page.Next, err = list.hideCursor(page.Next)
	}
	if err != nil {
		return none, err
	}
	return page, d.hideRatings(ctx, actor, &page)
}

// maySeeRatings asks the settings of a ticket that the actor may see.
func (d *Desk) maySeeRatings(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	s := conf.settingsOf(t)
	if (actor.IsCustomer() && s.RatingsToCustomers) || (!actor.IsCustomer() && s.RatingsToStaff) {
		return nil
	}
	return d.may(ctx, actor, t, ActHistory)
}

func ratingPage(ctx context.Context, r store.Reader, q ticket.RatingQuery) (page ticket.RatingPage, err error) {
	list := store.RecordQuery{Kind: kindRating, Parent: decimal(q.TicketID), After: q.Cursor, Limit: ticket.MaxPage + 1}
	if q.TicketID == 0 {
		list.Kind, list.Parent = kindRatingAt, q.Agent
		if list.After == "" && !q.From.IsZero() {
			list.After = byNumber(max(0, q.From.UnixMicro()))
		}
	}
	recs, err := r.Records(ctx, list)
	for i, rec := range recs {
		if q.TicketID == 0 && !q.To.IsZero() && rec.Key >= byNumber(max(0, q.To.UnixMicro())) {
			break
		}
		if i == ticket.MaxPage || len(page.Ratings) == q.Limit {
			page.Next = recs[i-1].Key
			break
		}
		one, err := ratingOf(ctx, r, rec)
		if err != nil {
			return page, err
		}
		if q.Selects(one) {
			page.Ratings = append(page.Ratings, one)
		}
	}
	return page, err
}

// ratingOf reads a rating, or what points to one.
func ratingOf(ctx context.Context, r store.Reader, rec *store.Record) (out ticket.Rating, err error) {
	if rec.Kind == kindRating {
		return out, json.Unmarshal(rec.Doc, &out)
	}
	var id int64
	if err := json.Unmarshal(rec.Doc, &id); err != nil {
		return out, err
	}
	return readRecord[ticket.Rating](ctx, r, kindRating, byNumber(id))
}

// hideRatings leaves out what the actor may not see.
func (d *Desk) hideRatings(ctx context.Context, actor ticket.Actor, page *ticket.RatingPage) error {
	sees := map[int64]bool{}
	var kept []ticket.Rating
	for _, r := range page.Ratings {
		seen, asked := sees[r.TicketID]
		if !asked {
			t, err := d.read(ctx, actor, r.TicketID)
			if err == nil {
				err = d.maySeeRatings(ctx, actor, t)
			}
			if err != nil && !errors.Is(err, ticket.ErrNotFound) && !errors.Is(err, ticket.ErrForbidden) {
				return err
			}
			seen = err == nil
			sees[r.TicketID] = seen
		}
		if seen {
			kept = append(kept, r)
		}
	}
	page.Ratings = kept
	return nil
}

// Sums counts the grades of all that List lists for the query, page after page. Errors: as List.
func (g Ratings) Sums(ctx context.Context, q ticket.RatingQuery) (ticket.RatingSums, error) {
	sums := ticket.RatingSums{Grades: map[string]int{}, Agents: map[string]map[string]int{}}
	q.Cursor, q.Limit = "", ticket.MaxPage
	for {
		page, err := g.d.ratings(ctx, q)
		if err != nil {
			return ticket.RatingSums{}, failed("sum up ratings", err)
		}
		for _, r := range page.Ratings {
			sums.Total++
			sums.Grades[r.Grade]++
			if sums.Agents[r.Agent] == nil {
				sums.Agents[r.Agent] = map[string]int{}
			}
			sums.Agents[r.Agent][r.Grade]++
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return sums, nil
		}
	}
}
