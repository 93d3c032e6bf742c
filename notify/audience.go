package notify

import (
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Role is why somebody hears of something.
type Role string

// The roles. Who has several is told once, in the first of them.
const (
	Requester   Role = "requester"
	Participant Role = "participant" // a Cc of the ticket or of the message
	Copied      Role = "bcc"         // a blind copy of the message
	ThirdParty  Role = "third_party" // whom a message to a third party is for
	Mentioned   Role = "mentioned"   // by a note, by name or by their department
	Owner       Role = "owner"       // the assignee
	Responsible Role = "responsible" // for a ticket that nobody has: see People.Responsible
	Watcher     Role = "watcher"
	Subscriber  Role = "subscriber" // of the department, by their own choice
	Named       Role = "named"      // by a rule, or whatever else names agents
	Listed      Role = "listed"     // an address of the settings, or of a rule
	Chosen      Role = "chosen"     // by the settings, for the feed (M32)
)

// staff reports whether those who hear in the role are agents.
func (r Role) staff() bool {
	return slices.Contains([]Role{Mentioned, Owner, Responsible, Watcher, Subscriber, Named, Chosen}, r)
}

// occasion is something that people may be told of, with all that it depends on.
type occasion struct {
	Event   *ticket.Event
	Ticket  *ticket.Ticket  // as it is when the event is told
	Message *ticket.Message // of the event; nil where it has none
	// Cause is the type of the event by whose handling this one came about; empty where a person did it.
	Cause ticket.EventType

	Settings    ticket.Settings
	Responsible []string // agents whom news of the ticket concern
	Members     []string // of the departments that the message mentions
	Subscribers []string // agents who want to hear of all that happens in the department
	// Introduced says that staff have written to those outside: what a guest writes goes to others whom they name only then.
	// Whoever finds the form could have the desk write to anybody otherwise.
	Introduced bool
	Sources    []ticket.Person // whose tickets were merged into it
	Closed     bool            // nobody is there now
	notice     *ticket.Notice  // in words of its own

	now     time.Time // when what is not held is due: see Notifier.dueNow
	from    string    // address that mail about the ticket is from
	locales []string  // of its brand
	marker  ticket.Marker
}

// hearing is somebody who hears of an occasion.
type hearing struct {
	Agent  string        // id, of staff
	Person ticket.Person // of everybody else
	Role   Role
	Kind   template.Kind
	Why    string // for people
}

// audience gathers who hears of an occasion; each once.
type audience struct {
	occasion
	heard []hearing
}

// listen is who hears of an occasion, in no particular order of importance but that of their roles. It asks for no rights.
func listen(o occasion) []hearing {
	a := &audience{occasion: o}
	if a.silent() == "" {
		a.gather()
	}
	return a.heard
}

// silent says why nobody is told of the occasion; empty where somebody may be.
func (a *audience) silent() string {
	t, m := a.Ticket, a.Message
	switch {
	case t.DeletedAt != nil:
		return "the ticket is deleted"
	case t.Folder == ticket.Spam:
		return "the ticket is spam"
	case t.MergedInto != 0:
		return "the ticket has become part of another one"
	case m != nil && m.DeletedAt != nil:
		return "the message is deleted"
	case m != nil && m.Mail != nil && m.Mail.Quiet != "":
		return m.Mail.Quiet
	case m != nil && m.Mail != nil && m.Mail.Automatic:
		return "the mail was written by a robot" // (X21)
	case a.Event.Type == ticket.EventCreated && t.Class == ticket.ClassClosed && t.ClosedAt != nil && t.ClosedAt.Equal(t.CreatedAt):
		return "the ticket was opened closed: the matter was settled elsewhere"
	}
	return ""
}

func (a *audience) gather() {
	switch a.Event.Type {
	case ticket.EventCreated:
		a.created()
	case ticket.EventReplied:
		a.replied()
	case ticket.EventNoted:
		a.noted()
	case ticket.EventUpdated:
		a.updated()
	case ticket.EventMerged:
		for _, p := range a.Sources {
			a.person(p, Requester, template.Merged, "their ticket was merged into another one")
		}
	case ticket.EventRated:
		a.agent(a.Ticket.Assignee, Owner, template.SurveyResult, "they have the ticket")
		a.addresses(a.Settings.RatingAddresses, template.SurveyResult, "the settings send every rating there")
	}
}

// created is of a new ticket.
func (a *audience) created() {
	if a.Ticket.SplitFrom != 0 { // what it says was told where it was written
		a.team(template.StaffTicket, "there is a new ticket, split off from another one")
		return
	}
	if a.Message != nil && !a.Message.Author.IsCustomer() {
		a.customers(template.CustomerMessage, "staff have written to them")
	} else if a.Settings.TellOpened && a.mayAnswer() {
		kind := template.CustomerTicket
		if a.Closed {
			kind = template.OutOfHours
		}
		a.requester(kind, "their ticket is there")
		a.others(template.CustomerTicket)
	}
	kind := template.StaffTicket
	if by := a.Event.Actor; by.Kind == ticket.ActorStaff && by.ID != a.Ticket.Assignee {
		a.agent(a.Ticket.Assignee, Owner, template.Assignment, "the ticket was opened for them")
	}
	a.team(kind, "there is a new ticket")
	a.addresses(a.Settings.NewTicketAddresses, kind, "the settings send every new ticket there")
	for _, id := range a.Settings.FeedNewTickets {
		a.agent(id, Chosen, kind, "the settings have every new ticket in their feed")
	}
}

// replied is of a message that is no note.
func (a *audience) replied() {
	m := a.Message
	switch {
	case m == nil:
		return
	case m.Author.IsCustomer():
		a.team(template.StaffMessage, "there is a new message")
		if m.Kind == ticket.KindReply {
			a.others(template.CustomerMessage)
			a.requester(template.CustomerMessage, "somebody has written on their ticket")
		}
		return
	case m.Kind == ticket.KindReply:
		a.customers(template.CustomerMessage, "staff have written to them")
	default:
		a.addressed()
	}
	a.agent(a.Ticket.Assignee, Owner, template.StaffMessage, "somebody else has answered on their ticket")
	a.watchers(template.StaffMessage, "there is a new message")
	a.changed()
}

// noted is of an internal note. A mail that could not be tied to the ticket is one, and nobody has read it yet.
func (a *audience) noted() {
	m := a.Message
	if m == nil {
		return
	}
	what := "a note"
	if m.Unproven {
		what = "a mail that could not be tied to the ticket"
	}
	for _, n := range m.Mentions {
		a.agent(n.Agent, Mentioned, template.Mentioned, what+" mentions them")
	}
	for _, id := range a.Members {
		a.agent(id, Mentioned, template.Mentioned, what+" mentions their department")
	}
	if m.Unproven || m.Author.IsCustomer() {
		a.team(template.StaffMessage, "there is a mail that could not be tied to the ticket")
		return
	}
	a.agent(a.Ticket.Assignee, Owner, template.StaffMessage, "there is a note on their ticket")
	a.watchers(template.StaffMessage, "there is a note")
	a.changed()
	a.closed()
}

// updated is of properties that changed by themselves.
func (a *audience) updated() {
	a.changed()
	a.closed()
	if c, ok := a.Event.Changed("folder"); ok && c.Old == string(ticket.Spam) { // nobody was told of it while it lay there
		a.team(template.StaffTicket, "a ticket was taken out of the spam")
	}
	if a.Cause != "" || a.Event.Actor.Kind == ticket.ActorSystem {
		return // what rules do is no news for those who look at the ticket: they would hear of each of them
	}
	if !slices.ContainsFunc(a.Event.Changes, func(c ticket.Change) bool { return slices.Contains(worth, c.Field) || isField(c) }) {
		return
	}
	a.agent(a.Ticket.Assignee, Owner, template.Updated, "their ticket was changed")
	a.watchers(template.Updated, "the ticket was changed")
}

// worth are the fields of whose changes an agent is told.
var worth = []string{"status", "priority", "department", "subject", "requester", "participants", "locked", "service"}

func isField(c ticket.Change) bool {
	_, ok := c.CustomField()
	return ok
}

// closed tells the customer that staff, or a rule, take their ticket for done.
func (a *audience) closed() {
	if _, ok := a.Event.Changed("status"); ok && a.Ticket.Class.Done() && a.Settings.TellClosed && !a.Event.Actor.IsCustomer() {
		a.requester(template.Closed, "their ticket is done")
	}
}

// changed tells those who have got the ticket by the event. What a rule does about a new ticket or message comes before
// that is told: it was told to those who have it now.
func (a *audience) changed() {
	told := a.Cause == ticket.EventCreated || a.Cause == ticket.EventReplied
	if c, ok := a.Event.Changed("assignee"); ok && c.New == a.Ticket.Assignee && !told {
		a.agent(c.New, Owner, template.Assignment, "the ticket was assigned to them")
	}
	moved, ok := a.Event.Changed("department")
	if ok && moved.New == a.Ticket.Department && a.Ticket.Assignee == "" && !told {
		a.responsible(template.StaffTicket, "the ticket came to their department")
	}
}

// team is everybody of staff whom a ticket concerns.
func (a *audience) team(kind template.Kind, why string) {
	a.agent(a.Ticket.Assignee, Owner, kind, why+", and they have it")
	if a.Ticket.Assignee == "" {
		a.responsible(kind, why+", which nobody has")
	}
	a.watchers(kind, why)
	for _, id := range a.Subscribers {
		a.agent(id, Subscriber, kind, why+" in a department that they subscribe to")
	}
}

func (a *audience) responsible(kind template.Kind, why string) {
	for _, id := range a.Responsible {
		a.agent(id, Responsible, kind, why)
	}
}

func (a *audience) watchers(kind template.Kind, why string) {
	for _, id := range a.Ticket.Watchers {
		a.agent(id, Watcher, kind, why+", and they watch the ticket")
	}
}

// customers are all who are to read what staff have written. An agent who has sent it with another program has sent it
// to them already.
func (a *audience) customers(kind template.Kind, why string) {
	if m := a.Message; m.Mail != nil && m.Mail.Sent {
		return
	}
	if a.Ticket.Class != "" && a.Message.Kind != ticket.KindReply {
		return
	}
	a.requester(kind, why)
	for _, p := range slices.Concat(a.Message.To, a.Message.Cc) {
		a.person(p, Participant, kind, "the message is for them, too")
	}
	a.others(kind)
	for _, p := range a.Message.Bcc {
		a.person(p, Copied, kind, "they get a blind copy of the message")
	}
}

// addressed are those whom a message to third parties names; nobody else outside hears of it (M63).
func (a *audience) addressed() {
	if m := a.Message; m.Mail != nil && m.Mail.Sent {
		return
	}
	for _, p := range slices.Concat(a.Message.To, a.Message.Cc) {
		a.person(p, ThirdParty, template.ThirdPartyMessage, "the message is for them")
	}
	for _, p := range a.Message.Bcc {
		a.person(p, Copied, template.ThirdPartyMessage, "they get a blind copy of the message")
	}
}

func (a *audience) requester(kind template.Kind, why string) {
	if !a.has(a.Ticket.Requester) {
		a.person(a.Ticket.Requester, Requester, kind, why)
	}
}

// others are the participants who do not have the message by the same mail already.
func (a *audience) others(kind template.Kind) {
	if a.Event.Actor.Kind == ticket.ActorGuest && !a.Introduced {
		return
	}
	for _, p := range a.Ticket.Participants {
		if !a.has(p) {
			a.person(p, Participant, kind, "they take part in the ticket")
		}
	}
}

// has reports whether the mail that the message came in by went to a person, too.
func (a *audience) has(p ticket.Person) bool {
	m := a.Message
	return m != nil && m.Mail != nil && m.Author.IsCustomer() && slices.ContainsFunc(slices.Concat(m.To, m.Cc), p.Is)
}

// mayAnswer reports whether an automatic answer to the message is allowed (RFC 3834, 2).
func (a *audience) mayAnswer() bool {
	return a.Message == nil || a.Message.Mail == nil || !a.Message.Mail.Unanswerable
}

func (a *audience) agent(id string, r Role, kind template.Kind, why string) {
	by := a.Event.Actor
	if id == "" || by.Kind == ticket.ActorStaff && by.ID == id {
		return
	}
	if !slices.ContainsFunc(a.heard, func(h hearing) bool { return h.Agent == id }) {
		a.heard = append(a.heard, hearing{Agent: id, Role: r, Kind: kind, Why: why})
	}
}

func (a *audience) person(p ticket.Person, r Role, kind template.Kind, why string) {
	confirmed := kind == template.CustomerTicket || kind == template.OutOfHours
	if a.did(p, r) && !confirmed || p.Email == "" && p.ID == "" {
		return
	}
	if !slices.ContainsFunc(a.heard, func(h hearing) bool { return h.Agent == "" && h.Person.Is(p) }) {
		a.heard = append(a.heard, hearing{Person: p, Role: r, Kind: kind, Why: why})
	}
}

// did reports whether a person has done it themselves: an agent, too, whose own request the ticket is. What agents address
// to themselves they get.
func (a *audience) did(p ticket.Person, r Role) bool {
	by := a.Event.Actor
	if by.Kind == ticket.ActorStaff {
		return r == Requester && ticket.Person{Email: by.Email}.Is(p) // ids of agents are no ids of customers
	}
	return by.IsCustomer() && by.Person().Is(p)
}

func (a *audience) addresses(list []string, kind template.Kind, why string) {
	for _, email := range list {
		a.person(ticket.Person{Email: ticket.NormalizeEmail(email)}, Listed, kind, why)
	}
}
