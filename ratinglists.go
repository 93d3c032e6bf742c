package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
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
	q.From, q.To = ticket.Time(q.From), ticket.Time(q.To)
	whole := q
	whole.Cursor, whole.Limit = "", 0
	lq := ledger.Query[ticket.Rating]{Ticket: q.TicketID, Agent: q.Agent, From: q.From, To: q.To, Cursor: q.Cursor, Limit: q.Limit, Selects: q.Selects}
	list, next, err := ledgerPage(ctx, d, actor, ratings, whole, lq, func(t *ticket.Ticket) (bool, error) {
		err := d.maySeeRatings(ctx, actor, t)
		if errors.Is(err, ticket.ErrForbidden) {
			return false, nil
		}
		return err == nil, err
	})
	return ticket.RatingPage{Ratings: list, Next: next}, err
}

// maySeeRatings asks the settings of a ticket that the actor may see.
func (d *Desk) maySeeRatings(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	s := conf.SettingsOf(t)
	if (actor.IsCustomer() && s.RatingsToCustomers) || (!actor.IsCustomer() && s.RatingsToStaff) {
		return nil
	}
	return d.may(ctx, actor, t, ActHistory)
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
