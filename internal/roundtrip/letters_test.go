package roundtrip_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// sent is a letter of the desk that somebody may answer.
type sent struct {
	kind   template.Kind
	reader ticket.Actor
	ticket int64 // in which an answer belongs; 0: in none that is there
	letter received
}

// occasions are what has the desk write a letter of each kind about a ticket of its own, to whom, and how.
var occasions = []struct {
	kind   template.Kind
	reader ticket.Actor
	happen func(t testing.TB, w *world, tk *ticket.Ticket)
}{
	{template.CustomerTicket, gus, func(testing.TB, *world, *ticket.Ticket) {}},
	{template.StaffTicket, ann, func(testing.TB, *world, *ticket.Ticket) {}},
	{template.CustomerMessage, gus, func(t testing.TB, w *world, tk *ticket.Ticket) {
		must(w.Reply(as(ann), tk.ID, ticket.ReplyDraft{Format: ticket.HTML, Body: "<p>You wrote:</p><blockquote>It was bright on Monday.</blockquote><p>Is it <b>plugged in</b>?</p><ul><li>Yes</li><li>No</li></ul>"}))(t)
	}},
	{template.StaffMessage, ann, func(t testing.TB, w *world, tk *ticket.Ticket) {
		w.take(t, tk)
		must(w.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "It is dark still."}))(t)
	}},
	{template.ThirdPartyMessage, ticket.Guest(lux.Name, lux.Email), func(t testing.TB, w *world, tk *ticket.Ticket) {
		must(w.Reply(as(ann), tk.ID, ticket.ReplyDraft{Kind: ticket.KindThirdParty, To: []ticket.Person{lux}, Body: "Can you send another one?"}))(t)
	}},
	{template.Assignment, ann, func(t testing.TB, w *world, tk *ticket.Ticket) {
		must(w.UpdateTicket(as(bob), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
	}},
	{template.Mentioned, ann, func(t testing.TB, w *world, tk *ticket.Ticket) {
		must(w.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "Who has another one?", Mentions: []ticket.Mention{{Agent: ann.ID}}}))(t)
	}},
	{template.Reminder, ann, notice("followup:1", ticket.Recipients{Agents: []string{ann.ID}})},
	{template.RuleNotice, ann, notice("rule:vip", ticket.Recipients{Agents: []string{ann.ID}})},
	{template.Chaser, gus, notice("autoclose:waiting", ticket.Recipients{Customer: true})},
	{template.SLAWarning, ann, notice("sla:gold", ticket.Recipients{Agents: []string{ann.ID}})},
	{template.Closed, gus, func(t testing.TB, w *world, tk *ticket.Ticket) { must(w.CloseTicket(as(ann), tk.ID))(t) }},
	{template.Merged, eva, func(t testing.TB, w *world, tk *ticket.Ticket) {
		other := must(w.CreateTicket(as(eva), ticket.Draft{Subject: "The same lamp", Body: "It is dark here, too."}))(t)
		must(w.Merge(w.host, tk.ID, other.ID))(t)
	}},
	{template.Updated, ann, func(t testing.TB, w *world, tk *ticket.Ticket) {
		w.take(t, tk)
		must(w.UpdateTicket(as(bob), tk.ID, ticket.Patch{Priority: new("high")}))(t)
	}},
	{template.SurveyResult, ann, func(t testing.TB, w *world, tk *ticket.Ticket) {
		w.take(t, tk)
		must(w.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It was the fuse."}))(t)
		s := must(w.Settings().Get(w.host, "", "", ""))(t)
		must(w.Rate(as(verified(gus)), tk.ID, ticket.RatingDraft{Grade: s.RatingGrades[0], Comment: new("That was quick.")}))(t)
	}},
	{template.OutOfHours, gus, nil},
	{template.Digest, cem, nil},
	{template.Refused, gus, nil},
}

// notice has the desk tell of a ticket in words of its own, as rules do.
func notice(why string, to ticket.Recipients) func(t testing.TB, w *world, tk *ticket.Ticket) {
	return func(t testing.TB, w *world, tk *ticket.Ticket) {
		done(t, w.n.Notify(context.Background(), ticket.Notice{ID: why, Ticket: tk.ID, Why: why, To: to, Text: "Look at " + tk.Code + ".\n\nIt has waited for long."}))
	}
}

// take gives a ticket to Ann, who tells herself nothing of that.
func (w *world) take(t testing.TB, tk *ticket.Ticket) {
	t.Helper()
	must(w.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
}

// send has the desk write a letter of each kind, and returns them as their readers' mailbox has them.
func (w *world) send(t testing.TB) []sent {
	t.Helper()
	done(t, w.n.SetPreferences(as(cem), notify.Preferences{Topics: map[template.Kind]notify.Choice{template.StaffTicket: notify.InDigest}, DigestAt: "17:00"}))
	about := map[template.Kind]*ticket.Ticket{}
	for i, o := range occasions {
		d := ticket.Draft{Subject: fmt.Sprintf("Lamp %d is dark", i), Body: fmt.Sprintf("It was bright on Monday.\n\nThis is about %s.", o.kind)}
		switch o.kind {
		case template.Refused:
			w.refuse(t)
			continue
		case template.Digest:
			d.Department = "sales"
		case template.OutOfHours:
			must(w.r.Calendars().Save(w.host, calendar.Calendar{Code: "days", Name: "Days", Zone: "UTC", Week: calendar.Weekdays("07:00-07:30")}))(t)
		}
		tk := must(w.CreateTicket(as(gus), d))(t)
		w.settle(t)
		if o.kind == template.OutOfHours {
			done(t, w.r.Calendars().Delete(w.host, "days"))
		}
		if o.happen != nil {
			o.happen(t, w, tk)
			w.settle(t)
		}
		about[o.kind] = tk
	}
	w.Clock.Advance(10 * time.Hour) // the digest is due
	w.settle(t)
	return w.found(t, about)
}

const refusal = "refused@shop.example" // a Message-ID

// refuse has a letter go out that tells of no ticket.
func (w *world) refuse(t testing.TB) {
	t.Helper()
	r := must(must(template.New(template.Options{}))(t).Render(template.Refused, "", "en", &template.Facts{To: gus.Person(), Title: "Offers", Note: "It was too large."}))(t)
	l := &letter.Letter{From: letter.Address{Email: help}, To: []letter.Address{{Email: gus.Email}}, MessageID: refusal, Date: w.Now(), Subject: r.Subject, Text: r.Text, HTML: r.HTML}
	done(t, w.mailer.Send(context.Background(), l, "", gus.Email))
}

// found are the letters that the occasions had written.
func (w *world) found(t testing.TB, about map[template.Kind]*ticket.Ticket) (out []sent) {
	t.Helper()
	all, kinds := w.post.letters(t), w.kinds(t, about)
	for _, o := range occasions {
		s := sent{kind: o.kind, reader: o.reader}
		if tk := about[o.kind]; tk != nil && o.kind != template.Digest {
			s.ticket = tk.ID
		}
		for _, m := range all {
			if m.to == o.reader.Email && kinds[strings.TrimPrefix(m.id, twin)] == o.kind {
				s.letter = m
			}
		}
		if s.letter.text == "" {
			t.Errorf("no letter of the kind %s has come for %s", o.kind, o.reader.Email)
			continue
		}
		out = append(out, s)
	}
	return out
}

// kinds are those of the letters that the occasions had written, by their Message-IDs, as the desk has them in its books.
func (w *world) kinds(t testing.TB, about map[template.Kind]*ticket.Ticket) map[string]template.Kind {
	t.Helper()
	out := map[string]template.Kind{refusal: template.Refused}
	for kind, tk := range about {
		for _, l := range must(w.n.Letters(w.host, tk.ID))(t) {
			if l.Kind == kind {
				out[l.MessageID] = kind
			} else if l.Digest {
				out[l.MessageID] = template.Digest
			}
		}
	}
	return out
}

// unmarked is a mailer that takes every mark away: the broken twin of the real one.
type unmarked struct{ notify.Mailer }

const twin = "twin."

var codes = regexp.MustCompile(`(\[#)?[A-Z]{3}-\d{3}-\d{5}\]?|##-.*-##`)

// Send takes the marks from what it sends.
func (u unmarked) Send(ctx context.Context, l *letter.Letter, from, to string) error {
	c := *l
	c.MessageID, c.InReplyTo, c.References, c.ReplyTo = twin+l.MessageID, nil, nil, nil
	for _, s := range []*string{&c.Subject, &c.Text, &c.HTML} {
		*s = codes.ReplaceAllString(mark.Strip(*s), "")
	}
	return u.Mailer.Send(ctx, &c, from, to)
}
