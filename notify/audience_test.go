package notify

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What the rows of TestWhoHears are made of. Support has ann and bob; cem subscribes to it, and dan watches the ticket.
var (
	gus     = ticket.Person{ID: "42", Name: "Gus", Email: "gus@example.com"}
	eva     = ticket.Person{Name: "Eva", Email: "eva@example.com"}
	tom     = ticket.Person{Name: "Tom", Email: "tom@carrier.example"}
	ann     = ticket.Staff("ann", "Ann", "ann@shop.example")
	byGus   = ticket.Client("42", "Gus", "gus@example.com")
	byEva   = ticket.Guest("Eva", "eva@example.com")
	byRule  = ticket.System("helpdesk.rules")
	byTom   = ticket.Guest("Tom", "tom@carrier.example")
	midyear = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
)

type with func(o *occasion)

// happens is an event by somebody on a ticket of Gus, which nobody has.
func happens(t ticket.EventType, by ticket.Actor, mods ...with) occasion {
	o := occasion{
		Event:       &ticket.Event{ID: 7, Type: t, TicketID: 1, Actor: by},
		Ticket:      &ticket.Ticket{ID: 1, Requester: gus, Department: "support", Status: "open", Class: ticket.ClassOpen, Folder: ticket.Inbox, CreatedAt: midyear},
		Settings:    ticket.DefaultSettings(),
		Responsible: []string{"ann", "bob"},
	}
	if t == ticket.EventCreated || t == ticket.EventReplied || t == ticket.EventNoted {
		kind := ticket.KindReply
		if t == ticket.EventNoted {
			kind = ticket.KindNote
		}
		o.Message = &ticket.Message{ID: 3, TicketID: 1, Kind: kind, Author: by}
	}
	for _, mod := range mods {
		mod(&o)
	}
	return o
}

func owned(id string) with {
	return func(o *occasion) { o.Ticket.Assignee, o.Responsible = id, []string{id} }
}
func watched(ids ...string) with    { return func(o *occasion) { o.Ticket.Watchers = ids } }
func subscribed(ids ...string) with { return func(o *occasion) { o.Subscribers = ids } }
func joined(p ...ticket.Person) with {
	return func(o *occasion) { o.Ticket.Participants = p }
}
func kind(k ticket.MessageKind) with { return func(o *occasion) { o.Message.Kind = k } }
func to(p ...ticket.Person) with     { return func(o *occasion) { o.Message.To = p } }
func cc(p ...ticket.Person) with     { return func(o *occasion) { o.Message.Cc = p } }
func bcc(p ...ticket.Person) with    { return func(o *occasion) { o.Message.Bcc = p } }
func mailed(fn func(m *ticket.Mail)) with {
	return func(o *occasion) { o.Message.Mail = &ticket.Mail{MessageID: "a@b"}; fn(o.Message.Mail) }
}
func plain(*ticket.Mail) {}
func switched(fn func(s *ticket.Settings)) with {
	return func(o *occasion) { fn(&o.Settings) }
}
func changes(fields ...string) with {
	return func(o *occasion) {
		for _, f := range fields {
			name, to, _ := strings.Cut(f, "=")
			o.Event.Changes = append(o.Event.Changes, ticket.Change{Field: name, New: to})
			switch name {
			case "assignee":
				owned(to)(o)
			case "department":
				o.Ticket.Department = to
			case "class":
				o.Ticket.Class = ticket.Class(to)
			}
		}
	}
}
func done(o *occasion) {
	o.Ticket.Class = ticket.ClassClosed
	changes("status=closed")(o)
}
func introduced(o *occasion) { o.Introduced = true }
func rescued(o *occasion) {
	o.Event.Changes = append(o.Event.Changes, ticket.Change{Field: "folder", Old: string(ticket.Spam), New: string(ticket.Inbox)})
}
func because(t ticket.EventType) with { return func(o *occasion) { o.Cause = t } }
func is(fn func(t *ticket.Ticket)) with {
	return func(o *occasion) { fn(o.Ticket) }
}

// TestWhoHears is the table of docs/NOTIFY.md: of each event, who hears of it, in which role, by which template.
func TestWhoHears(t *testing.T) {
	t.Parallel()
	for _, row := range whoHears {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, h := range listen(row.of) {
				who := h.Agent
				if who == "" {
					who = h.Person.Email
				}
				got = append(got, fmt.Sprintf("%s %s %s", who, h.Role, h.Kind))
				if h.Why == "" {
					t.Errorf("nobody says why %s hears of it", who)
				}
				if h.Role.staff() != (h.Agent != "") {
					t.Errorf("%s is %s", who, h.Role)
				}
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(row.hear))
			if !slices.Equal(got, want) {
				t.Errorf("hear of it:\n\t%s\nnot\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
	if len(whoHears) < 60 {
		t.Errorf("%d rows", len(whoHears))
	}
	t.Run("M75 the manual has the table", func(t *testing.T) {
		t.Parallel()
		const file, begin, end = "../docs/NOTIFY.md", "<!-- who hears what: written by go test ./notify -run TestWhoHears -update -->\n", "<!-- end of who hears what -->"
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok1 := strings.Cut(string(doc), begin)
		old, after, ok2 := strings.Cut(rest, end)
		if !ok1 || !ok2 {
			t.Fatalf("%s has no place for the table", file)
		}
		var b strings.Builder
		b.WriteString("| what happens on a ticket of Gus | who hears of it, as what, by which template |\n|---|---|\n")
		for _, row := range whoHears {
			_, what, _ := strings.Cut(row.name, " ")
			hear := "nobody"
			if len(row.hear) > 0 {
				hear = strings.Join(row.hear, "<br>")
			}
			b.WriteString("| " + what + " | " + hear + " |\n")
		}
		if *update {
			if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
		if old != b.String() {
			t.Errorf("%s is not what the code says: run go test ./notify -run TestWhoHears -update", file)
		}
	})
}

var update = flag.Bool("update", false, "write the table of the manual anew")

type whoHearsRow struct {
	name string
	of   occasion
	hear []string
}

var whoHears = []whoHearsRow{
	// A new ticket.
	{"M24 a customer opens a ticket", happens(ticket.EventCreated, byGus),
		[]string{"gus@example.com requester customer_ticket", "ann responsible staff_ticket", "bob responsible staff_ticket"}},
	{"I26 nobody tells customers that it is there, where the switch is off", happens(ticket.EventCreated, byGus, switched(func(s *ticket.Settings) { s.TellOpened = false })),
		[]string{"ann responsible staff_ticket", "bob responsible staff_ticket"}},
	{"M28 a customer opens a ticket while nobody is there", happens(ticket.EventCreated, byGus, owned("ann"), func(o *occasion) { o.Closed = true }),
		[]string{"gus@example.com requester out_of_hours", "ann owner staff_ticket"}},
	{"M24 a customer opens one for an agent", happens(ticket.EventCreated, byGus, owned("ann")),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket"}},
	{"M24 with a participant, by a form", happens(ticket.EventCreated, byGus, owned("ann"), joined(eva)),
		[]string{"gus@example.com requester customer_ticket", "eva@example.com participant customer_ticket", "ann owner staff_ticket"}},
	{"M24 a guest opens a ticket by a form, and names somebody: nobody else may be written to by that", happens(ticket.EventCreated, byEva, owned("ann"), joined(tom), is(func(t *ticket.Ticket) { t.Requester = eva })),
		[]string{"eva@example.com requester customer_ticket", "ann owner staff_ticket"}},
	{"M32 agents who are chosen have every new ticket in their feed", happens(ticket.EventCreated, byGus, owned("ann"), switched(func(s *ticket.Settings) { s.FeedNewTickets = []string{"ann", "cem"} })),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket", "cem chosen staff_ticket"}},
	{"M24 with a participant, by a mail that they have", happens(ticket.EventCreated, byGus, owned("ann"), joined(eva), cc(eva), mailed(plain)),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket"}},
	{"X21 by a mail that may not be answered", happens(ticket.EventCreated, byGus, owned("ann"), mailed(func(m *ticket.Mail) { m.Unanswerable = true })),
		[]string{"ann owner staff_ticket"}},
	{"X21 by a robot", happens(ticket.EventCreated, byGus, owned("ann"), mailed(func(m *ticket.Mail) { m.Automatic = true })), nil},
	{"X21 by a mail of a flood", happens(ticket.EventCreated, byGus, owned("ann"), mailed(func(m *ticket.Mail) { m.Quiet = "over 30 an hour" })), nil},
	{"M34 in a department that is silent", happens(ticket.EventCreated, byGus, func(o *occasion) { o.Responsible = nil }),
		[]string{"gus@example.com requester customer_ticket"}},
	{"I26 a list of addresses hears of new tickets", happens(ticket.EventCreated, byGus, owned("ann"), switched(func(s *ticket.Settings) { s.NewTicketAddresses = []string{"Boss@Shop.example"} })),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket", "boss@shop.example listed staff_ticket"}},
	{"X14 watchers and subscribers of the department hear of new tickets", happens(ticket.EventCreated, byGus, owned("ann"), watched("dan"), subscribed("cem", "ann")),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket", "dan watcher staff_ticket", "cem subscriber staff_ticket"}},
	{"M24 staff open one for a customer", happens(ticket.EventCreated, ann, owned("bob")),
		[]string{"gus@example.com requester customer_message", "bob owner assignment"}},
	{"M24 staff open one for a customer, and keep it", happens(ticket.EventCreated, ann, owned("ann")),
		[]string{"gus@example.com requester customer_message"}},
	{"M24 an agent opens one of their own, as by mail", happens(ticket.EventCreated, ann, owned("bob"), is(func(t *ticket.Ticket) { t.Requester = ticket.Person{Email: "Ann@shop.example"} })),
		[]string{"bob owner assignment"}},
	{"M24 an agent opens one for a customer, with a blind copy for themselves", happens(ticket.EventCreated, ann, owned("bob"), is(func(t *ticket.Ticket) { t.Requester = eva }), bcc(ticket.Person{Email: "ann@shop.example"})),
		[]string{"ann@shop.example bcc customer_message", "bob owner assignment", "eva@example.com requester customer_message"}},
	{"M24 staff open one that nobody has", happens(ticket.EventCreated, ann),
		[]string{"gus@example.com requester customer_message", "bob responsible staff_ticket"}},
	{"M24 staff open one that they have sent as a mail themselves", happens(ticket.EventCreated, ann, owned("bob"), mailed(func(m *ticket.Mail) { m.Sent = true })),
		[]string{"bob owner assignment"}},
	{"M24 the shop opens one in a customer's name", happens(ticket.EventCreated, byRule, func(o *occasion) { o.Message.Author = byGus }, owned("ann")),
		[]string{"gus@example.com requester customer_ticket", "ann owner staff_ticket"}},
	{"I07 a recurring ticket is opened by a rule", happens(ticket.EventCreated, byRule, owned("ann")),
		[]string{"gus@example.com requester customer_message", "ann owner staff_ticket"}},
	{"M24 what was settled elsewhere, opened closed", happens(ticket.EventCreated, ann, owned("bob"), is(func(t *ticket.Ticket) { t.Class, t.ClosedAt = ticket.ClassClosed, new(midyear) })), nil},
	{"M24 spam", happens(ticket.EventCreated, byGus, is(func(t *ticket.Ticket) { t.Folder = ticket.Spam })), nil},
	{"M24 a ticket that was deleted meanwhile", happens(ticket.EventCreated, byGus, is(func(t *ticket.Ticket) { t.DeletedAt = new(midyear) })), nil},
	{"M24 a ticket that became part of another one meanwhile", happens(ticket.EventCreated, byGus, is(func(t *ticket.Ticket) { t.MergedInto = 9 })), nil},
	{"M24 a requester without an address", happens(ticket.EventCreated, byGus, owned("ann"), is(func(t *ticket.Ticket) { t.Requester = ticket.Person{Name: "Gus"} })),
		[]string{"ann owner staff_ticket"}},

	// Answers of customers.
	{"M24 the customer answers", happens(ticket.EventReplied, byGus, owned("ann")), []string{"ann owner staff_message"}},
	{"M24 the customer answers, and nobody has the ticket", happens(ticket.EventReplied, byGus), []string{"ann responsible staff_message", "bob responsible staff_message"}},
	{"X14 watchers and subscribers hear of answers", happens(ticket.EventReplied, byGus, owned("ann"), watched("dan", "ann"), subscribed("cem")),
		[]string{"ann owner staff_message", "dan watcher staff_message", "cem subscriber staff_message"}},
	{"M24 the customer answers on the page, and participants hear of it", happens(ticket.EventReplied, byGus, owned("ann"), joined(eva)),
		[]string{"ann owner staff_message", "eva@example.com participant customer_message"}},
	{"M24 the customer answers by a mail that the participant has", happens(ticket.EventReplied, byGus, owned("ann"), joined(eva), to(eva), mailed(plain)),
		[]string{"ann owner staff_message"}},
	{"M24 a guest answers by a form before staff have: whom they have named hears nothing", happens(ticket.EventReplied, byEva, owned("ann"), joined(eva, tom)),
		[]string{"ann owner staff_message", "gus@example.com requester customer_message"}},
	{"M24 a guest answers after staff have: participants hear of it", happens(ticket.EventReplied, byEva, owned("ann"), joined(eva, tom), introduced),
		[]string{"ann owner staff_message", "gus@example.com requester customer_message", "tom@carrier.example participant customer_message"}},
	{"M24 a participant answers, and the customer hears of it", happens(ticket.EventReplied, byEva, owned("ann"), joined(eva)),
		[]string{"ann owner staff_message", "gus@example.com requester customer_message"}},
	{"M24 a participant answers by a mail that the customer has", happens(ticket.EventReplied, byEva, owned("ann"), joined(eva), cc(gus), mailed(plain)),
		[]string{"ann owner staff_message"}},
	{"X21 an out-of-office answer", happens(ticket.EventReplied, byGus, owned("ann"), mailed(func(m *ticket.Mail) { m.Automatic = true })), nil},
	{"X21 the same mail for the fourth time", happens(ticket.EventReplied, byGus, owned("ann"), mailed(func(m *ticket.Mail) { m.Quiet = "came 4 times" })), nil},
	{"M63 a third party answers in confidence", happens(ticket.EventReplied, byTom, owned("ann"), joined(eva), kind(ticket.KindConfided)), []string{"ann owner staff_message"}},
	{"M63 a third party answers, and the customer may read it", happens(ticket.EventReplied, byTom, owned("ann"), joined(eva), kind(ticket.KindThirdParty)), []string{"ann owner staff_message"}},
	{"X21 a message that was deleted meanwhile", happens(ticket.EventReplied, byGus, owned("ann"), func(o *occasion) { o.Message.DeletedAt = new(midyear) }), nil},

	// Answers of staff.
	{"M24 staff answer", happens(ticket.EventReplied, ann, owned("ann")), []string{"gus@example.com requester customer_message"}},
	{"I26 another agent answers on somebody's ticket", happens(ticket.EventReplied, ann, owned("bob")),
		[]string{"gus@example.com requester customer_message", "bob owner staff_message"}},
	{"M24 staff answer on a ticket that nobody has", happens(ticket.EventReplied, ann), []string{"gus@example.com requester customer_message"}},
	{"M24 participants get the answer, too", happens(ticket.EventReplied, ann, owned("ann"), joined(eva)),
		[]string{"gus@example.com requester customer_message", "eva@example.com participant customer_message"}},
	{"M63 copies and blind copies of one message", happens(ticket.EventReplied, ann, owned("ann"), cc(eva), bcc(tom)),
		[]string{"gus@example.com requester customer_message", "eva@example.com participant customer_message", "tom@carrier.example bcc customer_message"}},
	{"M63 a blind copy to somebody who gets it anyway", happens(ticket.EventReplied, ann, owned("ann"), joined(eva), bcc(eva)),
		[]string{"gus@example.com requester customer_message", "eva@example.com participant customer_message"}},
	{"M64 an answer that the agent has sent with another program", happens(ticket.EventReplied, ann, owned("bob"), joined(eva), mailed(func(m *ticket.Mail) { m.Sent = true })),
		[]string{"bob owner staff_message"}},
	{"M64 an answer by mail to the desk", happens(ticket.EventReplied, ann, owned("ann"), mailed(plain)), []string{"gus@example.com requester customer_message"}},
	{"M57 a rule answers", happens(ticket.EventReplied, byRule, owned("ann")),
		[]string{"gus@example.com requester customer_message", "ann owner staff_message"}},
	{"X14 watchers hear of what staff answer", happens(ticket.EventReplied, ann, owned("ann"), watched("dan", "ann")),
		[]string{"gus@example.com requester customer_message", "dan watcher staff_message"}},
	{"M63 a message to a third party that the customer may read", happens(ticket.EventReplied, ann, owned("ann"), joined(eva), kind(ticket.KindThirdParty), to(tom)),
		[]string{"tom@carrier.example third_party third_party_message"}},
	{"M63 a message to a third party in confidence, with a copy", happens(ticket.EventReplied, ann, owned("bob"), kind(ticket.KindConfided), to(tom), bcc(eva)),
		[]string{"tom@carrier.example third_party third_party_message", "eva@example.com bcc third_party_message", "bob owner staff_message"}},
	{"M63 replying takes the ticket: nobody is told that it is theirs", happens(ticket.EventReplied, ann, changes("assignee=ann")), []string{"gus@example.com requester customer_message"}},
	{"I26 an answer that closes: the answer says it", happens(ticket.EventReplied, ann, owned("ann"), done, switched(func(s *ticket.Settings) { s.TellClosed = true })),
		[]string{"gus@example.com requester customer_message"}},

	// Notes.
	{"X30 a note mentions an agent", happens(ticket.EventNoted, ann, owned("ann"), func(o *occasion) { o.Message.Mentions = []ticket.Mention{{Agent: "bob"}} }), []string{"bob mentioned mention"}},
	{"X30 a note mentions a department", happens(ticket.EventNoted, ann, owned("ann"), func(o *occasion) {
		o.Message.Mentions, o.Members = []ticket.Mention{{Department: "sales"}}, []string{"ann", "cem"}
	}), []string{"cem mentioned mention"}},
	{"X30 a note mentions who has the ticket: they hear once", happens(ticket.EventNoted, ann, owned("bob"), func(o *occasion) { o.Message.Mentions = []ticket.Mention{{Agent: "bob"}} }), []string{"bob mentioned mention"}},
	{"M63 a note is for who has the ticket and who watches it, and no customer", happens(ticket.EventNoted, ann, owned("bob"), watched("dan"), joined(eva)),
		[]string{"bob owner staff_message", "dan watcher staff_message"}},
	{"M64 a mail that could not be tied to the ticket", happens(ticket.EventNoted, byTom, func(o *occasion) { o.Message.Unproven = true }),
		[]string{"ann responsible staff_message", "bob responsible staff_message"}},
	{"I26 a note that closes the ticket", happens(ticket.EventNoted, ann, owned("ann"), done, switched(func(s *ticket.Settings) { s.TellClosed = true })),
		[]string{"gus@example.com requester closed"}},
	{"M57 a note of a rule", happens(ticket.EventNoted, byRule, owned("ann")), []string{"ann owner staff_message"}},

	// Changes.
	{"I26 a ticket is given to an agent", happens(ticket.EventUpdated, ann, changes("assignee=bob")), []string{"bob owner assignment"}},
	{"I26 an agent takes a ticket", happens(ticket.EventUpdated, ann, changes("assignee=ann")), nil},
	{"I26 a ticket is given back", happens(ticket.EventUpdated, ann, changes("assignee="), func(o *occasion) { o.Responsible = []string{"ann", "bob"} }), nil},
	{"I26 a ticket that was given to one, and to another since", happens(ticket.EventUpdated, ann, changes("assignee=bob"), owned("cem")), nil},
	{"M52 a rule gives a ticket to an agent, an hour after", happens(ticket.EventUpdated, byRule, changes("assignee=bob"), because(ticket.EventUpdated)), []string{"bob owner assignment"}},
	{"M52 a rule gives a new ticket to an agent: they hear of the new ticket", happens(ticket.EventUpdated, byRule, changes("assignee=bob"), because(ticket.EventCreated)), nil},
	{"M52 a rule moves a new ticket: its new department hears of the new ticket", happens(ticket.EventUpdated, byRule, changes("department=sales"), because(ticket.EventCreated)), nil},
	{"M34 a ticket comes to a department", happens(ticket.EventUpdated, ann, changes("department=sales"), func(o *occasion) { o.Responsible = []string{"cem"} }),
		[]string{"cem responsible staff_ticket"}},
	{"M34 a ticket that somebody has comes to a department", happens(ticket.EventUpdated, ann, changes("department=sales"), owned("bob"), func(o *occasion) { o.Responsible = []string{"bob"} }),
		[]string{"bob owner updated"}},
	{"I26 somebody else changes an agent's ticket", happens(ticket.EventUpdated, ann, changes("priority=high"), owned("bob"), watched("dan")),
		[]string{"bob owner updated", "dan watcher updated"}},
	{"I26 a rule changes an agent's ticket", happens(ticket.EventUpdated, byRule, changes("priority=high"), owned("bob"), watched("dan")), nil},
	{"I26 tags are no news", happens(ticket.EventUpdated, ann, changes("tags=[\"a\"]"), owned("bob")), nil},
	{"I26 a field of the shop's own is", happens(ticket.EventUpdated, ann, changes("fields.size=XL"), owned("bob")), []string{"bob owner updated"}},
	{"I26 staff close a ticket", happens(ticket.EventUpdated, ann, done, owned("ann"), switched(func(s *ticket.Settings) { s.TellClosed = true })), []string{"gus@example.com requester closed"}},
	{"I26 staff close a ticket, and the switch is off", happens(ticket.EventUpdated, ann, done, owned("ann")), nil},
	{"I26 the customer closes it", happens(ticket.EventUpdated, byGus, done, owned("ann"), switched(func(s *ticket.Settings) { s.TellClosed = true })), []string{"ann owner updated"}},
	{"I10 a rule closes it", happens(ticket.EventUpdated, byRule, done, owned("ann"), because(ticket.EventUpdated), switched(func(s *ticket.Settings) { s.TellClosed = true })),
		[]string{"gus@example.com requester closed"}},

	{"M60 a ticket is taken out of the spam", happens(ticket.EventUpdated, ann, rescued, watched("dan")),
		[]string{"bob responsible staff_ticket", "dan watcher staff_ticket"}},
	{"M60 a rule takes a ticket out of the spam", happens(ticket.EventUpdated, byRule, rescued, owned("bob"), because(ticket.EventCreated)),
		[]string{"bob owner staff_ticket"}},

	// What else happens.
	{"M24 tickets become one", happens(ticket.EventMerged, ann, owned("bob"), func(o *occasion) { o.Sources = []ticket.Person{eva} }), []string{"eva@example.com requester merged"}},
	{"M25 a customer rates an answer", happens(ticket.EventRated, byGus, owned("ann"), switched(func(s *ticket.Settings) { s.RatingAddresses = []string{"quality@shop.example"} })),
		[]string{"ann owner survey_result", "quality@shop.example listed survey_result"}},
	{"M24 a ticket is read", happens(ticket.EventRead, ann, owned("bob")), nil},
	{"X21 a mail did not arrive", happens(ticket.EventUndelivered, byRule, owned("ann")), nil},
	{"M24 a ticket is deleted", happens(ticket.EventDeleted, ann, owned("bob")), nil},
}
