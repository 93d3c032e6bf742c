package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ratings are what requesters think of the answers that they got (M25) and of their tickets (R05), and the signed links
// by which they say so without a login.
type Ratings struct{ d *Desk }

// Ratings returns the group of verbs for ratings.
func (d *Desk) Ratings() Ratings { return Ratings{d} }

// Rate rates an answer of staff, where Settings.SurveyOnPage has customers asked for that, or the ticket as a whole,
// where Settings.RateTickets does. Only the requester rates: a participant has not asked for anything, and the host's
// own code may rate for them. Rating again changes the rating if Settings.RatingChangeable says so; a comment may be added
// to a grade anyway. A draft without a comment keeps the one that was given, as when a button is clicked once more, and
// a comment without a grade keeps the grade. The rating counts for the agent who wrote the answer, or who has the
// ticket.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, also for a message that is not the ticket's or was deleted;
// ticket.ErrForbidden for everybody else, and where the switch is off; ticket.ErrInvalid for a grade that is not of the
// scale, a comment over ticket.MaxComment, and a message that is no answer of staff; ticket.ErrExists for what may not
// be changed; ticket.ErrBusy.
func (d *Desk) Rate(ctx context.Context, ticketID int64, draft ticket.RatingDraft) (ticket.Rating, error) {
	r, err := d.rate(ctx, ticketID, draft)
	return r, failed(fmt.Sprintf("rate ticket %d", ticketID), err)
}

func (d *Desk) rate(ctx context.Context, ticketID int64, draft ticket.RatingDraft) (ticket.Rating, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return ticket.Rating{}, err
	}
	t, err := d.read(ctx, actor, ticketID)
	if err != nil {
		return ticket.Rating{}, err
	}
	if err := errors.Join(d.mayRate(ctx, actor, t), alive(t)); err != nil {
		return ticket.Rating{}, err
	}
	return d.storeRating(ctx, actor, ticketID, draft, func(w *write) (ticket.Person, error) {
		s := w.settings()
		if on := (draft.MessageID == 0 && s.RateTickets) || (draft.MessageID != 0 && s.SurveyOnPage); !on {
			return ticket.Person{}, fmt.Errorf("%w: the settings ask for no rating here", ticket.ErrForbidden)
		}
		return w.after.Requester, d.mayRate(ctx, actor, w.after)
	})
}

// mayRate refuses everybody but the requester and the host's own code.
func (d *Desk) mayRate(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	if actor.Kind == ticket.ActorSystem {
		return nil
	}
	if actor.IsCustomer() {
		scope, err := d.scope(ctx, actor)
		if err != nil {
			return err
		}
		mine := ticket.Scope{Requester: scope.Requester}
		if t.Requester.ID == "" {
			mine.Emails = scope.Emails
		}
		own := t.Clone()
		if own.Participants = nil; mine.Sees(own) {
			return nil
		}
	}
	return fmt.Errorf("%w: the requester rates, and nobody else", ticket.ErrForbidden)
}

// storeRating is the write behind a rating. allow has the last word, on the ticket as it is under its lock.
// It returns who rates.
func (d *Desk) storeRating(ctx context.Context, actor ticket.Actor, ticketID int64, draft ticket.RatingDraft,
	allow func(*write) (ticket.Person, error)) (out ticket.Rating, err error) {
	var v ticket.ValidationError
	if draft.Comment != nil {
		v.CheckText("comment", *draft.Comment, ticket.MaxComment)
	}
	if err := v.Err(); err != nil {
		return out, err
	}
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lockUnchecked(ctx, ticketID); err != nil {
			return hidden(err)
		}
		if err := alive(w.after); err != nil {
			return err
		}
		who, err := allow(w)
		if err != nil {
			return err
		}
		if out, err = w.rate(ctx, who, draft); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	if err != nil {
		return ticket.Rating{}, err
	}
	return out, nil
}

// rate stores somebody's rating, and journals it where it is another one than before.
func (w *write) rate(ctx context.Context, who ticket.Person, draft ticket.RatingDraft) (ticket.Rating, error) {
	r := ticket.Rating{TicketID: w.after.ID, MessageID: draft.MessageID, Agent: w.after.Assignee, Person: who, RatedAt: w.now}
	m, err := w.rated(ctx, draft.MessageID)
	if err != nil {
		return r, err
	}
	if m != nil {
		r.Agent = m.Author.ID
	}
	was, had, err := ratingBy(ctx, w.tx, r.TicketID, r.MessageID, r.Person)
	if err != nil {
		return r, err
	}
	comment := was.Comment
	if draft.Comment != nil {
		comment = *draft.Comment
	}
	if had && draft.Grade == "" && draft.Comment != nil && comment != "" {
		draft.Grade = was.Grade // as the scale was then
	} else if err := checkGrade(draft.Grade, w.settings().RatingGrades); err != nil {
		return r, err
	}
	switch {
	case had && was.Grade == draft.Grade && was.Comment == comment:
		return was, nil
	case had && !w.settings().RatingChangeable && (was.Grade != draft.Grade || was.Comment != ""):
		return was, fmt.Errorf("%w: the rating was given, and may not be changed", ticket.ErrExists)
	case had:
		r = was
	default:
		if r.ID, err = w.tx.NewID(ctx, kindRating); err != nil {
			return r, err
		}
	}
	r.Grade, r.Comment, r.ChangedAt = draft.Grade, comment, w.now
	if err := ratings.Put(ctx, w.tx, nil, &r); err != nil {
		return r, err
	}
	w.quiet = true
	c := ticket.Change{Field: "rating", Old: was.Grade, New: r.Grade}
	if err := w.journal(ctx, ticket.EventRated, nil, []ticket.Change{c}); err != nil {
		return r, err
	}
	last := &w.events[len(w.events)-1]
	last.event.Detail = r.Comment
	if m != nil {
		last.event.MessageID, last.event.Kind, last.about = m.ID, m.Kind, m
	}
	return r, nil
}

func checkGrade(grade string, scale []string) error {
	if slices.Contains(scale, grade) {
		return nil
	}
	return ticket.Invalid("grade", ticket.FaultUnknown, "%q is no grade: use one of %s", grade, strings.Join(scale, ", "))
}

// rated returns the answer that is rated; nil for the ticket as a whole.
func (w *write) rated(ctx context.Context, id int64) (*ticket.Message, error) {
	if id == 0 {
		return nil, nil
	}
	m, err := w.tx.Message(ctx, id)
	if err != nil {
		return nil, hidden(err)
	}
	if m.TicketID != w.after.ID || !m.Kind.Public() || m.DeletedAt != nil {
		return nil, ticket.ErrNotFound
	}
	return m, isAnswer(m)
}

// isAnswer refuses what nobody is asked to rate.
func isAnswer(m *ticket.Message) error {
	if m.Kind != ticket.KindReply || m.Author.Kind != ticket.ActorStaff {
		return ticket.Invalid("message_id", ticket.FaultMalformed, "is no answer of staff: those are rated")
	}
	return nil
}

// The kinds of records of ratings: see ledger.
const (
	kindRating   = "rating"
	kindRatingAt = "rating_at"
)

// ratings are kept by when they were given first.
var ratings = ledger.Ledger[ticket.Rating]{Kind: kindRating, At: kindRatingAt, Place: func(r *ticket.Rating) ledger.Place {
	return ledger.Place{ID: r.ID, Ticket: r.TicketID, Agent: r.Agent, Time: r.RatedAt}
}}

// ratingBy returns what a person has said of a message, or of the ticket.
func ratingBy(ctx context.Context, r store.Reader, ticketID, messageID int64, p ticket.Person) (ticket.Rating, bool, error) {
	var all []ticket.Rating
	err := record.ReadAll(ctx, r, kindRating, record.ID(ticketID), &all)
	i := slices.IndexFunc(all, func(r ticket.Rating) bool { return r.MessageID == messageID && r.Person.Is(p) })
	if err != nil || i < 0 {
		return ticket.Rating{}, false, err
	}
	return all[i], true, nil
}

// scrubRatings takes texts and the person out of the ratings of the ticket.
func (w *write) scrubRatings(ctx context.Context, s *scrubber) (bool, error) {
	of := store.RecordQuery{Kind: kindRating, Parent: record.ID(w.after.ID)}
	return scrubRecords(ctx, w, of, "", func(r ticket.Rating) (ticket.Rating, bool, error) {
		was := r
		r.Comment, r.Person.Name, r.Person.Email = s.Text(r.Comment), s.Text(r.Person.Name), s.Text(r.Person.Email)
		if s.Person != nil && s.Person(was.Person) {
			r.Person = s.As
		}
		return r, r != was, nil
	})
}

// moveRatings moves the ratings of a ticket to another. It returns what moveRatingsBack needs.
func (w *write) moveRatings(ctx context.Context, from, to *ticket.Ticket) (moved []string, err error) {
	recs, err := w.tx.Records(ctx, store.RecordQuery{Kind: kindRating, Parent: record.ID(from.ID)})
	for _, rec := range recs {
		if err == nil {
			err = record.Move(ctx, w.tx, rec, record.ID(to.ID), func(r *ticket.Rating) { r.TicketID = to.ID })
		}
		moved = append(moved, rec.Key)
	}
	return moved, err
}

// moveRatingsBack takes back to the ticket from what moveRatings moved to the other, as it is now. What is elsewhere by
// now stays there.
func (w *write) moveRatingsBack(ctx context.Context, from, to *ticket.Ticket, moved []string) error {
	for _, key := range moved {
		rec, err := w.tx.Record(ctx, kindRating, key)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && rec.Parent != record.ID(to.ID)) {
			continue
		}
		if err == nil {
			err = record.Move(ctx, w.tx, rec, record.ID(from.ID), func(r *ticket.Rating) { r.TicketID = from.ID })
		}
		if err != nil {
			return err
		}
	}
	return nil
}
