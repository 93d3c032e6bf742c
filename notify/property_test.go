package notify

import (
	"math/rand/v2"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// anyOccasion is something that may happen, whatever that is.
func anyOccasion(r *rand.Rand) occasion {
	types := []ticket.EventType{ticket.EventCreated, ticket.EventReplied, ticket.EventNoted, ticket.EventUpdated, ticket.EventMerged, ticket.EventRated, ticket.EventDeleted}
	people := []ticket.Person{gus, eva, tom, {}}
	some := func() (out []ticket.Person) {
		for _, p := range people {
			if r.IntN(3) == 0 {
				out = append(out, p)
			}
		}
		return out
	}
	agents := func() (out []string) {
		for _, id := range []string{"ann", "bob", "cem", ""} {
			if r.IntN(3) == 0 {
				out = append(out, id)
			}
		}
		return out
	}
	by := []ticket.Actor{byGus, byEva, byTom, ann, byRule}[r.IntN(5)]
	o := happens(types[r.IntN(len(types))], by, joined(some()...), watched(agents()...), subscribed(agents()...))
	o.Ticket.Assignee = []string{"", "ann", "bob"}[r.IntN(3)]
	o.Responsible, o.Members, o.Sources = agents(), agents(), some()
	o.Closed, o.Introduced = r.IntN(4) == 0, r.IntN(2) == 0
	s := &o.Settings
	s.TellOpened, s.TellClosed = r.IntN(2) == 0, r.IntN(2) == 0
	s.FeedNewTickets = agents()
	s.NewTicketAddresses, s.RatingAddresses = []string{"list@shop.example"}, []string{"gus@example.com"}
	if r.IntN(2) == 0 {
		changes([]string{"status=closed", "assignee=bob", "department=sales", "priority=high"}[r.IntN(4)])(&o)
		o.Ticket.Class = ticket.Classes()[r.IntN(5)]
	}
	if m := o.Message; m != nil {
		m.To, m.Cc, m.Bcc = some(), some(), some()
		if o.Event.Type == ticket.EventReplied {
			m.Kind = []ticket.MessageKind{ticket.KindReply, ticket.KindThirdParty, ticket.KindConfided}[r.IntN(3)]
		}
		if r.IntN(2) == 0 {
			m.Mail = &ticket.Mail{Automatic: r.IntN(5) == 0, Unanswerable: r.IntN(3) == 0, Sent: r.IntN(4) == 0}
		}
	}
	return o
}

// wrong says what may never be of those who hear of an occasion; empty where nothing is.
func wrong(o occasion, heard []hearing) string {
	seen := map[string]bool{}
	for _, h := range heard {
		key := h.Agent + h.Person.Email
		m := o.Message
		outside := h.Agent == ""
		switch {
		case key == "":
			return "somebody without a name and an address hears of it"
		case seen[key]:
			return "somebody hears twice"
		case h.Agent != "" && o.Event.Actor.Kind == ticket.ActorStaff && h.Agent == o.Event.Actor.ID:
			return "an agent hears of what they did"
		case outside && o.Event.Type == ticket.EventNoted && h.Kind != template.Closed:
			return "somebody outside hears of a note"
		case outside && m != nil && m.Kind == ticket.KindConfided && h.Role != ThirdParty && h.Role != Copied:
			return "somebody outside hears of what was confided to a third party"
		case h.Role == Participant && o.Event.Actor.Kind == ticket.ActorGuest && !o.Introduced:
			return "a guest has the desk write to somebody"
		case m != nil && m.Mail != nil && m.Mail.Automatic:
			return "a robot's mail is told of"
		case outside && m != nil && m.Mail != nil && m.Mail.Unanswerable && h.Kind == template.CustomerTicket:
			return "a mail is answered that may not be"
		}
		seen[key] = true
	}
	return ""
}

func TestNeverHears(t *testing.T) {
	t.Parallel()
	t.Run("M63 internal notes are for staff, nobody hears of what they did, and nobody twice, whatever happens", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(9, 9))
		told := 0
		for range 50_000 {
			o := anyOccasion(r)
			heard := listen(o)
			told += len(heard)
			if w := wrong(o, heard); w != "" {
				t.Fatalf("%s: %+v\non %s by %s, message %+v", w, heard, o.Event.Type, o.Event.Actor.Kind, o.Message)
			}
		}
		if told < 50_000 {
			t.Errorf("%d hear of 50,000 things: nothing was tried", told)
		}
	})
	t.Run("M63 the check finds a customer who hears of a note", func(t *testing.T) {
		t.Parallel()
		for want, broken := range map[string][]hearing{
			"somebody outside hears of a note":                   {{Person: gus, Role: Requester, Kind: template.CustomerMessage}},
			"an agent hears of what they did":                    {{Agent: "ann", Role: Owner, Kind: template.StaffMessage}},
			"somebody hears twice":                               {{Agent: "bob", Role: Owner}, {Agent: "bob", Role: Watcher}},
			"somebody without a name and an address hears of it": {{Role: Requester}},
		} {
			if got := wrong(happens(ticket.EventNoted, ann), broken); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		}
	})
}
