package helpdesk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// asking is a desk whose every switch asks for ratings.
func asking(t testing.TB) *helpdesktest.Desk {
	t.Helper()
	d := newDesk(t, helpdesk.Config{})
	set(t, d, ticket.SettingsPatch{SurveyInMail: new(true), SurveyOnPage: new(true), RateTickets: new(true)})
	return d
}

// answered is a ticket with an answer of Bob's, and the link of its survey.
func answered(t testing.TB, d *helpdesktest.Desk, by ticket.Actor) (*ticket.Ticket, *ticket.Message, string) {
	t.Helper()
	tk := open(t, d, by)
	m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "try the other socket"}))(t)
	return tk, m, must(d.Ratings().Survey(as(host), m.ID))(t)
}

func show(d *helpdesktest.Desk, text string) error {
	return drop(d.Ratings().Show(context.Background(), text))
}

func TestSurveys(t *testing.T) {
	t.Parallel()
	t.Run("M25 a signed link takes a grade and then a comment, for the agent who wrote the answer", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		var told []hooks.Rated
		d.Hooks().TicketRated.Bind("owner", func(_ ctx, e hooks.Rated) error { told = append(told, e); return nil })
		d.Hooks().TicketRated.Bind("at once", func(_ ctx, e hooks.Rated) error { told = append(told, e); return nil }, hooks.Volatile())
		tk, m, text := answered(t, d, guest)
		must(d.Assign(as(bob), tk.ID, "8"))(t)
		before := must(d.Ticket(as(bob), tk.ID))(t)
		s := must(d.Ratings().Show(context.Background(), text))(t)
		equal(t, "grades", strings.Join(s.Grades, " "), "bad neutral good")
		equal(t, "agent", s.Agent, "Bob")
		equal(t, "code", s.Code, tk.Code)
		set(t, d, ticket.SettingsPatch{SignAs: new(ticket.SignDepartment)})
		equal(t, "agent of a department that signs", must(d.Ratings().Show(context.Background(), text))(t).Agent, "")
		equal(t, "given", s.Rating == nil, true)
		d.Clock.Advance(time.Hour)
		r := must(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "good"}))(t)
		equal(t, "for", r.Agent, bob.ID)
		equal(t, "by", r.Person.Email, guest.Email)
		again := must(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "good", Comment: new("quick!")}))(t)
		equal(t, "the same", again.ID, r.ID)
		equal(t, "shown", must(d.Ratings().Show(context.Background(), text))(t).Rating.Comment, "quick!")
		must(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "good", Comment: new("quick!")}))(t) // changes nothing
		if len(told) != 4 || told[3].Comment != "quick!" || told[0].Grade != "good" || told[0].Message == nil || told[1].Message == nil || told[0].Message.ID != m.ID {
			t.Errorf("told %+v", told)
		}
		equal(t, "channel", told[0].Actor.Channel, ticket.ChannelLink)
		equal(t, "place in lists", must(d.Ticket(as(bob), tk.ID))(t).UpdatedAt, before.UpdatedAt)
		equal(t, "ratings", len(must(d.Ratings().List(as(bob), ticket.RatingQuery{TicketID: tk.ID}))(t).Ratings), 1)
	})
	t.Run("M25 a comment alone keeps the grade that was given, and is none where there is none", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		_, m, text := answered(t, d, ann)
		byLink := func(grade, comment string) error {
			return drop(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: grade, Comment: new(comment)}))
		}
		invalid(t, byLink("", "quick!"), "grade")
		ok(t, byLink("good", ""))
		set(t, d, ticket.SettingsPatch{RatingGrades: &[]string{"1", "2"}, RatingChangeable: new(false)})
		invalid(t, byLink("", ""), "grade")
		ok(t, byLink("", "quick!"))
		r := must(d.Ratings().Show(context.Background(), text))(t).Rating
		equal(t, "rating", r.Grade+" "+r.Comment, "good quick!")
		is(t, byLink("", "slow"), ticket.ErrExists)
		is(t, drop(d.Rate(as(ann), m.TicketID, ticket.RatingDraft{MessageID: m.ID, Comment: new("slow")})), ticket.ErrExists)
	})
	t.Run("M25 R05 a rating that is sent again without a comment keeps the one that was given, and an empty one takes it away", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		tk, m, text := answered(t, d, ann)
		rate := func(draft ticket.RatingDraft) string {
			t.Helper()
			return must(d.Ratings().Rate(context.Background(), text, draft))(t).Comment
		}
		equal(t, "given", rate(ticket.RatingDraft{Grade: "bad", Comment: new("slow")}), "slow")
		version := must(d.Ticket(as(bob), tk.ID))(t).Version
		equal(t, "clicked twice", rate(ticket.RatingDraft{Grade: "bad"}), "slow")
		equal(t, "version", must(d.Ticket(as(bob), tk.ID))(t).Version, version)
		equal(t, "thought better", rate(ticket.RatingDraft{Grade: "good"}), "slow")
		equal(t, "logged in", must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{MessageID: m.ID, Grade: "neutral"}))(t).Comment, "slow")
		equal(t, "cleared", rate(ticket.RatingDraft{Grade: "neutral", Comment: new("")}), "")
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new("all in all")}))(t)
		set(t, d, ticket.SettingsPatch{RatingChangeable: new(false)})
		equal(t, "as it was", must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good"}))(t).Comment, "all in all")
		is(t, drop(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new("")})), ticket.ErrExists)
	})
	t.Run("M25 following the link, however often, writes nothing", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		tk, _, text := answered(t, d, ann)
		state := func() string {
			return fmt.Sprint(journalled(t, d), must(d.Ticket(as(host), tk.ID))(t).Version, recordsOf(t, d, "rating"), recordsOf(t, d, "rating_at"))
		}
		before := state()
		for range 5 {
			ok(t, show(d, text))
		}
		equal(t, "state", state(), before)
	})
	t.Run("M25 the link ends as guest links do, and opens no ticket", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		tk, m, text := answered(t, d, guest)
		is(t, opens(d, text), ticket.ErrTokenInvalid)
		is(t, show(d, linkTo(t, d, tk.ID)), ticket.ErrTokenInvalid)
		for _, x := range []string{"", "x", text[1:], text + "A", strings.Repeat("A", len(text))} {
			is(t, show(d, x), ticket.ErrTokenInvalid)
			is(t, drop(d.Ratings().Rate(context.Background(), x, ticket.RatingDraft{Grade: "good"})), ticket.ErrTokenInvalid)
		}
		ok(t, d.GuestLinks().Revoke(as(bob), tk.ID))
		is(t, show(d, text), ticket.ErrTokenRevoked)
		text = must(d.Ratings().Survey(as(bob), m.ID))(t)
		ok(t, d.GuestLinks().RotateKey(as(bob)))
		ok(t, show(d, text))
		ok(t, d.GuestLinks().DropOldKey(as(bob)))
		is(t, show(d, text), ticket.ErrTokenInvalid)
		text = must(d.Ratings().Survey(as(bob), m.ID))(t)
		d.Clock.Advance(30*24*time.Hour - time.Second)
		ok(t, show(d, text))
		d.Clock.Advance(time.Second)
		is(t, show(d, text), ticket.ErrTokenExpired)
		is(t, drop(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "good"})), ticket.ErrTokenExpired)
		text = must(d.Ratings().Survey(as(bob), m.ID))(t)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		is(t, show(d, text), ticket.ErrNotFound)
		must(d.RestoreTicket(as(bob), tk.ID))(t)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Requester: new(ann.Person())}))(t)
		is(t, show(d, text), ticket.ErrTokenRevoked)
		text = must(d.Ratings().Survey(as(bob), m.ID))(t)
		must(d.DeleteMessage(as(bob), m.ID))(t)
		is(t, show(d, text), ticket.ErrNotFound)
	})
	t.Run("M25 mail and page have a switch each", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		_, m, text := answered(t, d, ann)
		set(t, d, ticket.SettingsPatch{SurveyInMail: new(false)})
		is(t, drop(d.Ratings().Survey(as(bob), m.ID)), ticket.ErrForbidden)
		is(t, show(d, text), ticket.ErrForbidden)
		is(t, drop(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "good"})), ticket.ErrForbidden)
		must(d.Rate(as(ann), m.TicketID, ticket.RatingDraft{MessageID: m.ID, Grade: "good"}))(t)
		set(t, d, ticket.SettingsPatch{SurveyInMail: new(true), SurveyOnPage: new(false)})
		is(t, drop(d.Rate(as(ann), m.TicketID, ticket.RatingDraft{MessageID: m.ID, Grade: "bad"})), ticket.ErrForbidden)
		must(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "bad"}))(t)
	})
	t.Run("M25 answers of staff are rated, and nothing else", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		tk, m, _ := answered(t, d, ann)
		question := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		note := must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "hm"}))(t)
		other := open(t, d, ann)
		_, err := d.Ratings().Survey(as(bob), question.ID)
		invalid(t, err, "message_id")
		_, err = d.Ratings().Survey(as(bob), note.ID)
		invalid(t, err, "message_id")
		_, err = d.Rate(as(ann), tk.ID, ticket.RatingDraft{MessageID: question.ID, Grade: "good"})
		invalid(t, err, "message_id")
		is(t, drop(d.Rate(as(ann), tk.ID, ticket.RatingDraft{MessageID: note.ID, Grade: "good"})), ticket.ErrNotFound)
		is(t, drop(d.Rate(as(ann), other.ID, ticket.RatingDraft{MessageID: m.ID, Grade: "good"})), ticket.ErrNotFound)
		is(t, drop(d.Ratings().Survey(as(ann), m.ID)), ticket.ErrForbidden)
	})
}

func TestRatings(t *testing.T) {
	t.Parallel()
	t.Run("R05 the requester rates the ticket, for its assignee, with a scale and a switch", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Participants = []ticket.Person{{Email: guest.Email}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		must(d.Claim(as(carol), tk.ID))(t)
		must(d.CloseTicket(as(carol), tk.ID))(t)
		rate := func(a ticket.Actor, grade string) error {
			return drop(d.Rate(as(a), tk.ID, ticket.RatingDraft{Grade: grade}))
		}
		is(t, rate(ann, "good"), ticket.ErrForbidden) // the switch is off
		set(t, d, ticket.SettingsPatch{RateTickets: new(true), RatingGrades: &[]string{"1", "2", "3", "4", "5"}})
		invalid(t, rate(ann, "good"), "grade")
		is(t, rate(guest, "5"), ticket.ErrForbidden) // takes part, and asked for nothing
		is(t, rate(bob, "5"), ticket.ErrForbidden)
		is(t, rate(ticket.Client("77", "Eve", "eve@example.com"), "5"), ticket.ErrNotFound)
		ok(t, rate(ann, "4"))
		ok(t, rate(host, "5")) // for her
		got := must(d.Ratings().List(as(bob), ticket.RatingQuery{TicketID: tk.ID}))(t).Ratings
		equal(t, "ratings", len(got), 1)
		equal(t, "grade", got[0].Grade, "5")
		equal(t, "agent", got[0].Agent, carol.ID)
		byLink := must(d.GuestLinks().Open(context.Background(), linkTo(t, d, tk.ID)))(t).Actor
		ok(t, rate(byLink, "3"))
		_, err := d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "1", Comment: new(strings.Repeat("x", ticket.MaxComment+1))})
		invalid(t, err, "comment")
	})
	t.Run("R05 a rating stays as it was given where the settings say so, but for a first comment", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		set(t, d, ticket.SettingsPatch{RatingChangeable: new(false)})
		tk, _, text := answered(t, d, ann)
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good"}))(t)
		is(t, drop(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "bad"})), ticket.ErrExists)
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new("thanks")}))(t)
		is(t, drop(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new("no thanks")})), ticket.ErrExists)
		equal(t, "may choose", must(d.Ratings().Show(context.Background(), text))(t).Changeable, true)
		must(d.Ratings().Rate(context.Background(), text, ticket.RatingDraft{Grade: "bad"}))(t)
		equal(t, "may change", must(d.Ratings().Show(context.Background(), text))(t).Changeable, false)
	})
	t.Run("M25 R05 results by agent, by customer, by ticket and by time, with sums", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		start := d.Now()
		for n, grade := range []string{"good", "bad", "good", "neutral"} {
			who, by := ann, bob
			if n%2 == 1 {
				who, by = guest, carol
			}
			tk := open(t, d, who)
			m := must(d.Reply(as(by), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
			must(d.Rate(as(who), tk.ID, ticket.RatingDraft{MessageID: m.ID, Grade: grade}))(t)
			must(d.Rate(as(who), tk.ID, ticket.RatingDraft{Grade: "good"}))(t)
			d.Clock.Advance(time.Hour)
		}
		sums := must(d.Ratings().Sums(as(bob), ticket.RatingQuery{}))(t)
		equal(t, "all", sums.Total, 8)
		equal(t, "good", sums.Grades["good"], 6)
		equal(t, "Carol's bad", sums.Agents["8"]["bad"], 1)
		equal(t, "of nobody", sums.Agents[""]["good"], 4)
		for what, c := range map[string]struct {
			q    ticket.RatingQuery
			want int
		}{
			"agent": {ticket.RatingQuery{Agent: "8"}, 2}, "customer": {ticket.RatingQuery{Customer: ann.Person()}, 4}, "guest": {ticket.RatingQuery{Customer: ticket.Person{Email: guest.Email}}, 4},
			"from": {ticket.RatingQuery{From: start.Add(2 * time.Hour)}, 4}, "to": {ticket.RatingQuery{To: start.Add(time.Hour)}, 2},
			"grade": {ticket.RatingQuery{Grades: []string{"bad", "neutral"}}, 2}, "agent's hour": {ticket.RatingQuery{Agent: "7", From: start, To: start.Add(time.Hour)}, 1},
		} {
			n := 0
			for c.q.Limit = 1; ; {
				page := must(d.Ratings().List(as(bob), c.q))(t)
				n += len(page.Ratings)
				if c.q.Cursor = page.Next; c.q.Cursor == "" {
					break
				}
			}
			equal(t, what, n, c.want)
		}
	})
	t.Run("M25 histories show ratings or hide them, to customers and to staff", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{RateTickets: new(true), DefaultRole: new("clerk")}, Roles: []ticket.Role{
			{Code: "clerk", Name: "C", Grants: []ticket.Grant{{Rights: []ticket.Right{ticket.RightSee}}}}, {Code: "lead", Name: "L", Grants: []ticket.Grant{{}}},
		}, Agents: []ticket.Agent{{ID: "7", Name: "Bob"}, {ID: "8", Name: "Carol", Roles: []string{"lead"}}}})
		tk := open(t, d, ann)
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "bad"}))(t)
		list := func(a ticket.Actor) error { return drop(d.Ratings().List(as(a), ticket.RatingQuery{TicketID: tk.ID})) }
		is(t, list(ann), ticket.ErrForbidden)
		ok(t, list(bob))
		set2 := func(p ticket.SettingsPatch) { t.Helper(); ok(t, d.Settings().Update(as(host), ticket.DeskLayer, p)) }
		set2(ticket.SettingsPatch{RatingsToCustomers: new(true), RatingsToStaff: new(false)})
		ok(t, list(ann))
		is(t, list(guest), ticket.ErrNotFound)
		is(t, list(bob), ticket.ErrForbidden)
		ok(t, list(carol))
		equal(t, "Bob's list", len(must(d.Ratings().List(as(bob), ticket.RatingQuery{}))(t).Ratings), 0)
		equal(t, "Carol's list", len(must(d.Ratings().List(as(carol), ticket.RatingQuery{}))(t).Ratings), 1)
		is(t, drop(d.Ratings().List(as(ann), ticket.RatingQuery{})), ticket.ErrForbidden)
		is(t, drop(d.Ratings().Sums(as(ann), ticket.RatingQuery{Agent: "7"})), ticket.ErrForbidden)
	})
	t.Run("M25 a scale has 2 to 10 grades, each of them once", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for _, grades := range [][]string{nil, {"a"}, {"a", "a"}, {"a", ""}, strings.Split("abcdefghijk", ""), {"a", "b\nc"}} {
			invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{RatingGrades: &grades}), "rating_grades")
		}
		invalid(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{SurveyExpiry: new(ticket.Duration(0))}), "survey_expiry")
	})
}

func TestRatingsGoAlong(t *testing.T) {
	t.Parallel()
	t.Run("M25 I11 the ratings of a merged ticket move with it, and back", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		a, b := open(t, d, ann), open(t, d, guest)
		must(d.Rate(as(ann), a.ID, ticket.RatingDraft{Grade: "bad"}))(t)
		must(d.Rate(as(guest), b.ID, ticket.RatingDraft{Grade: "good"}))(t)
		grades := func(id int64) string {
			var out []string
			for _, r := range must(d.Ratings().List(as(bob), ticket.RatingQuery{TicketID: id}))(t).Ratings {
				out = append(out, r.Grade)
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		moved := must(helpdesk.MoveRatings(context.Background(), d.Desk, a.ID, b.ID, nil))(t)
		equal(t, "all", grades(b.ID), "bad good")
		equal(t, "left", grades(a.ID), "")
		must(helpdesk.MoveRatings(context.Background(), d.Desk, a.ID, b.ID, moved))(t)
		equal(t, "back", grades(a.ID), "bad")
		equal(t, "own", grades(b.ID), "good")
	})
	t.Run("M25 X13 X25 purge, redaction, erasure and export reach ratings", func(t *testing.T) {
		t.Parallel()
		d := asking(t)
		tk := open(t, d, ann)
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new("good, said Ann, pin 4711")}))(t)
		var out bytes.Buffer
		ok(t, d.People().Export(as(host), ann.Person(), &out, nil))
		z := must(zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())))(t)
		if doc := string(must(io.ReadAll(must(z.Open("tickets/" + tk.Code + ".json"))(t)))(t)); !strings.Contains(doc, "pin 4711") {
			t.Errorf("the export has no rating: %s", doc)
		}
		must(d.Redact(as(bob), tk.ID, "4711", "good"))(t)
		one := func() ticket.Rating { return must(d.Ratings().List(as(bob), ticket.RatingQuery{}))(t).Ratings[0] }
		equal(t, "redacted", one().Comment, helpdesk.Redacted+", said Ann, pin "+helpdesk.Redacted)
		equal(t, "grade", one().Grade, "good")
		gone := must(d.People().Erase(as(host), ann.Person(), nil))(t)
		equal(t, "erased", one().Person, gone.As)
		if strings.Contains(one().Comment, "Ann") {
			t.Errorf("the comment still says %q", one().Comment)
		}
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
		for _, kind := range []string{"rating", "rating_at"} {
			equal(t, kind+" left", len(recordsOf(t, d, kind)), 0)
		}
	})
}
