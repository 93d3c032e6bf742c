package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Survey returns a signed link by which the requester rates an answer of staff without a login (M25): 76 characters
// that may stand in a URL as they are. It opens a page that asks, and nothing else of the ticket. Staff make it with the
// right to reply, and so does whoever sends the answer by mail, where Settings.SurveyInMail asks for ratings.
//
// It ends after Settings.SurveyExpiry, and as guest links do: by GuestLinks.Revoke, with its key, and when somebody else
// becomes the requester under another address. Errors: ticket.ErrNoActor; ticket.ErrNotFound, for deleted ones too;
// ticket.ErrForbidden for customers, without the right, and where the switch is off; ticket.ErrInvalid for a message that
// is no answer of staff; ticket.ErrBusy.
func (g Ratings) Survey(ctx context.Context, messageID int64) (string, error) {
	text, err := g.d.survey(ctx, messageID)
	return text, failed(fmt.Sprintf("make survey of message %d", messageID), err)
}

func (d *Desk) survey(ctx context.Context, messageID int64) (string, error) {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return "", err
	}
	m, t, err := d.readMessage(ctx, actor, messageID)
	if err != nil {
		return "", err
	}
	if err := d.may(ctx, actor, t, ActReply); err != nil {
		return "", err
	}
	if t.DeletedAt != nil || m.DeletedAt != nil {
		return "", ticket.ErrNotFound
	}
	if err := isAnswer(m); err != nil {
		return "", err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return "", err
	}
	s := conf.SettingsOf(t)
	if !s.SurveyInMail {
		return "", errSurveysOff
	}
	generation, err := d.linkGeneration(ctx, t.ID)
	if err != nil {
		return "", err
	}
	ring, err := d.linkKeys(ctx, conf)
	if err != nil {
		return "", err
	}
	return token.SealSurvey(ring, token.Link{Ticket: t.ID, Message: m.ID, Expires: d.Now().Add(time.Duration(s.SurveyExpiry)).Unix(), Generation: generation,
		Person: token.PersonOf(t.ID, linkName(t.Requester))})
}

var errSurveysOff = fmt.Errorf("%w: the settings ask for no ratings by mail", ticket.ErrForbidden)

// Show returns what the page of a survey shows. It writes nothing, however often and by whomever the link is followed,
// as mail scanners do: a rating takes Ratings.Rate, which a page calls on POST alone. It needs no actor.
//
// Errors: ticket.ErrTokenInvalid, ticket.ErrTokenRevoked, ticket.ErrTokenExpired, in this order; ticket.ErrNotFound where
// the ticket or the message is deleted; ticket.ErrForbidden where the settings no longer ask for ratings.
func (g Ratings) Show(ctx context.Context, text string) (ticket.Survey, error) {
	s, _, err := g.d.openSurvey(ctx, text)
	return s, failed("open survey", err)
}

// openSurvey says what a link asks, and as whom its reader acts. As for guest links, all is looked up before anything is
// decided.
func (d *Desk) openSurvey(ctx context.Context, text string) (ticket.Survey, ticket.Actor, error) {
	none := ticket.Survey{}
	if err := d.usable(ctx); err != nil {
		return none, ticket.Actor{}, err
	}
	conf, err := d.config(ctx)
	if err != nil {
		return none, ticket.Actor{}, err
	}
	l, genuine := token.OpenSurvey(conf.keys[keyLinks], text)
	generation, err := d.linkGeneration(ctx, l.Ticket)
	if err != nil {
		return none, ticket.Actor{}, err
	}
	asked, err := d.ticketIfAny(ctx, l.Ticket)
	if err != nil {
		return none, ticket.Actor{}, err
	}
	m, t, rating, err := d.surveyed(ctx, l.Message, asked)
	if err != nil {
		return none, ticket.Actor{}, err
	}
	expires := time.Unix(l.Expires, 0).UTC()
	switch {
	case !genuine:
		return none, ticket.Actor{}, ticket.ErrTokenInvalid
	case asked.ID == 0, t.ID == 0, t.DeletedAt != nil, m.DeletedAt != nil:
		return none, ticket.Actor{}, ticket.ErrNotFound
	case generation != l.Generation, token.PersonOf(l.Ticket, linkName(asked.Requester)) != l.Person:
		return none, ticket.Actor{}, ticket.ErrTokenRevoked
	case !d.Now().Before(expires):
		return none, ticket.Actor{}, ticket.ErrTokenExpired
	}
	s := conf.SettingsOf(t)
	if !s.SurveyInMail {
		return none, ticket.Actor{}, errSurveysOff
	}
	out := ticket.Survey{TicketID: t.ID, Code: asked.Code, Subject: asked.Subject, MessageID: m.ID, Person: asked.Requester,
		Grades: slices.Clone(s.RatingGrades), Rating: rating, Changeable: s.RatingChangeable || rating == nil, Expires: expires}
	if s.SignAs != ticket.SignDepartment { // (M04)
		out.Agent = m.Author.Name
	}
	return out, linkActor(t.ID, asked.Requester), nil
}

// surveyed returns a message with the ticket that has it now, and its rating by the requester of the one that it was
// asked about; empty ones where there are none.
func (d *Desk) surveyed(ctx context.Context, messageID int64, asked *ticket.Ticket) (m *ticket.Message, t *ticket.Ticket, rating *ticket.Rating, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		m, t, rating = &ticket.Message{}, &ticket.Ticket{}, nil
		found, err := r.Message(ctx, messageID)
		if err == nil {
			m = found
			var of *ticket.Ticket
			if of, err = r.Ticket(ctx, m.TicketID, ticket.Scope{All: true}); err == nil {
				t = of
			}
		}
		if err != nil {
			return err
		}
		was, had, err := ratingBy(ctx, r, t.ID, m.ID, asked.Requester)
		if had {
			rating = &was
		}
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		err = nil
	}
	return m, t, rating, err
}

// Rate records the rating that the page of a survey asked for, of the message that the link is for: draft.MessageID is
// not looked at. A grade and a comment may come one after the other: neither takes the other away, and a form that has
// no field for a comment leaves draft.Comment nil. It needs no actor. Errors: as Show, and as Desk.Rate.
func (g Ratings) Rate(ctx context.Context, text string, draft ticket.RatingDraft) (ticket.Rating, error) {
	r, err := g.d.rateByLink(ctx, text, draft)
	return r, failed("rate by survey", err)
}

func (d *Desk) rateByLink(ctx context.Context, text string, draft ticket.RatingDraft) (ticket.Rating, error) {
	if err := d.writable(ctx); err != nil {
		return ticket.Rating{}, err
	}
	s, actor, err := d.openSurvey(ctx, text)
	if err != nil {
		return ticket.Rating{}, err
	}
	draft.MessageID = s.MessageID
	return d.storeRating(ticket.WithActor(ctx, actor), actor, s.TicketID, draft, func(w *write) (ticket.Person, error) {
		switch {
		case !w.settings().SurveyInMail:
			return s.Person, errSurveysOff
		case s.Code == w.after.Code && !s.Person.Is(w.after.Requester): // that of a merged ticket stays as it was
			return s.Person, ticket.ErrTokenRevoked
		}
		return s.Person, nil
	})
}
