package rules_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestNoAnswer has what is no answer of a person come to a ticket that has a follow-up, is snoozed, and closes itself.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	byMail := func(name, email string) ticket.Actor { return ticket.Guest(name, email).Via(ticket.ChannelEmail) }
	for name, do := range map[string]func(t *testing.T, s *shop, id int64){
		"a mail that came back": func(t *testing.T, s *shop, id int64) {
			m := must(s.Messages(host, id, ticket.MessageQuery{Newest: true, Limit: 1}))(t)[0]
			ok(t, s.Mail().MarkUndelivered(host, m.ID, ticket.Undelivered{Recipient: "ann@example.com", Permanent: true, Proven: true, At: s.Now()}))
		},
		"an absence note": func(t *testing.T, s *shop, id int64) { s.mail(t, id, true) },
		"a mail whose sender is not proven": func(t *testing.T, s *shop, id int64) {
			ctx := ticket.WithActor(bg, byMail("Eve", "eve@example.com"))
			must(s.AddNote(ctx, id, ticket.ReplyDraft{Body: "I am Ann", Unproven: true, Mail: &ticket.Mail{MessageID: "eve@example.com"}}))(t)
		},
		"a reply of the host's code": func(t *testing.T, s *shop, id int64) {
			must(s.Reply(host, id, ticket.ReplyDraft{Body: "We have your mail."}))(t)
		},
		"a note of an agent": func(t *testing.T, s *shop, id int64) { must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "x"}))(t) },
	} {
		t.Run("X21 "+name+" cancels no follow-up, wakes no ticket and stops no closing", func(t *testing.T) {
			t.Parallel()
			s := newShop(t, shopOptions{})
			must(s.AutoCloses().Save(host, chasing()))(t)
			id := waiting(t, s)
			must(s.FollowUps().Add(bob, id, rules.FollowUp{After: ticket.Duration(5 * day), SetPriority: "high", CancelOn: rules.CancelOnAnybody}))(t)
			must(s.Snooze(bob, id, s.Now().Add(6*day)))(t)
			s.later(t, 4*day)
			do(t, s, id)
			s.later(t, 0)
			if got := s.get(t, id); got.Folder != ticket.Archive {
				t.Error("it is awake")
			}
			s.later(t, day)
			if got := s.get(t, id); got.Priority != "high" {
				t.Error("the follow-up was cancelled")
			}
			s.later(t, 2*day)
			s.stands(t, id, 1, "waiting_customer")
			do(t, s, id)
			s.later(t, 5*day)
			s.stands(t, id, 1, "closed")
		})
	}
}
