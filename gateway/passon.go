package gateway

import (
	"context"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// passedOn is a mail that an agent has passed on to the desk: who wrote it is the customer, what the agent wrote above is
// for staff.
type passedOn struct {
	letter letter
	from   ticket.Person
	above  string
}

// passOn looks whether the mail is one. Only an agent's is asked, with proof: anybody can write a forwarded block.
func (v *delivery) passOn() (passedOn, bool) {
	inner, ok := Forwarded(v.mail)
	if !ok || v.decision.Agent == "" {
		return passedOn{}, false
	}
	l := v.desk.Limits()
	p := passedOn{letter: v.letter(), from: person(inner.From, l), above: strings.TrimSpace(v.mail.Text[:inner.Begins])}
	if p.from.Email == "" {
		return passedOn{}, false
	}
	m := v.within(inner).withoutMarks()
	p.letter.text, p.letter.mail.Folds = cutFolded("", m.Text, m.Folds(v.opts.Markers...), l.Body)
	p.letter.html, p.letter.files = cutText(m.HTML, l.Body), uploads(m, l)
	if m.Subject != "" {
		p.letter.subject = fitLine(m.Subject, l.Subject)
	}
	return p, strings.TrimSpace(m.Text) != "" || len(m.Attachments) > 0
}

// within is the mail that was passed on: an attached one whole, or what stands of one in the text, with the files of the
// mail around it.
func (v *delivery) within(inner *Inner) *Mail {
	if inner.Attachment >= 0 {
		a := v.mail.Attachments[inner.Attachment]
		return v.understand(a.Data, job{Received: v.job.Received})
	}
	m := *v.mail
	m.Text, m.HTML = strings.TrimSpace(v.mail.Text[inner.Body:]), "" // the HTML is not to be parted
	m.Subject = inner.Subject
	return &m
}

// noteAbove keeps what the agent wrote above as a note.
func (v *delivery) noteAbove(ctx context.Context, ticketID int64, above string) error {
	if above == "" {
		return nil
	}
	_, err := v.desk.Reply(ticket.WithActor(ctx, v.known.agent()), ticketID, ticket.ReplyDraft{Kind: ticket.KindNote, Body: cutText(above, v.desk.Limits().Body)})
	return err
}
