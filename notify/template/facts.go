package template

import (
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Facts are what a letter may tell. They are raw: templates make them safe. Whatever is zero is left out.
type Facts struct {
	Ticket     *ticket.Ticket // nil for a letter about none, as a mail that was refused
	Brand      ticket.Brand
	Department ticket.Department // the zero value where the catalogue does not have the ticket's; likewise the next two
	Status     ticket.Status
	Priority   ticket.Priority
	Fields     []ticket.Field  // of the catalogue
	Customer   ticket.Customer // what the directory knows of the requester
	Stranger   bool            // the requester's name is what they call themselves: staff are shown it with the address
	Owner      ticket.Agent    // the assignee
	User       ticket.Agent    // who acts
	To         ticket.Person   // who gets the letter

	// ForStaff says that the reader is an agent, who sees internal notes and the names of agents. Others see how those
	// sign (M04). Letters of a kind that is never for staff have none of it, whatever ForStaff says.
	ForStaff bool
	SignedAs string // how who acts signs: their own name, or that of their department

	Message *Turn    // what was said last; nil where nothing was
	History []Turn   // before it, the newest first, as many as are to be quoted (M23)
	Changes []Change // of an update

	Title, Note string // plain: of a rule's notice, a reminder, a chaser; the message of an out-of-hours mail; why a mail was refused
	Rating      *Rating
	Items       []Item   // of a digest
	Others      []string // codes of the tickets that were merged into this one
	TimeLeft    string   // until somebody is there again, in words

	// Links as they suit the reader. GuestURL is for those outside alone, BackendURL for staff alone; of those that are
	// given, TicketURL comes last. What is no http or https address is left out.
	TicketURL, GuestURL, BackendURL string

	Survey    []Grade          // the best first; none: no survey. Never for staff
	Signature ticket.Signature // filled in, its HTML safe to show. Never for staff (M78)
	Order     *ticket.Object   // what the ticket refers to

	Marks         ticket.Marks // HTML stands in the HTML, Code in the text
	Marker        bool         // "reply above this line" stands at the top: for who may answer by mail
	CodeInSubject bool         // "[#CODE] subject"

	Zone *time.Location // of dates; nil is the brand's, else UTC
	Now  time.Time
}

// Turn is one message of a conversation.
type Turn struct {
	Author    string // as staff see it
	Email     string // of who said it; is shown where nothing proves that they did, or that this is their name
	SignedAs  string // how an agent signed it; empty is Facts.SignedAs
	At        time.Time
	Text      string
	HTML      string // safe to show, as of gateway.Sanitize; empty shows Text
	FromStaff bool
	Internal  bool     // is shown to staff alone
	Stranger  bool     // Author is what they call themselves, and nobody knows them: it is shown with the address
	Unproven  bool     // nothing proves that it is from Author, as ticket.Message.Unproven: letters say so
	Files     []string // names
}

// Change is one property that was changed, for people: Label, Old and New as they read them.
//
// Without a Label it is one of the journal, whose property Field is, as in ticket.Change: the label is that of the
// reader's language, options, lists and people are made readable, and a property that people do not know is left out. The
// codes of status, priority, department, brand and assignee are not: Old and New are their names.
type Change struct{ Label, Field, Old, New string }

// Rating is the result of a survey.
type Rating struct{ Grade, Comment string }

// Grade is what a survey offers. A label that is one of the codes of ticket.DefaultSettings is put into words, as is
// Rating.Grade; a host's own have theirs by the key grade_<code> in its file of words.
type Grade struct{ Label, URL string }

// Item is one notice of a digest.
type Item struct{ Code, Subject, URL, Text string }
