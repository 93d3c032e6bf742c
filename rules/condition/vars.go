package condition

import (
	"math"
	"time"
)

// The structures below are the names that a condition may use, and the one list of them: the tag expr is the name, doc what
// it is, of the list that its values come from, fold says that people wrote it, so that a Group compares it without case, and lower that it is kept in lower case.

// Vars is what conditions see of one ticket. NewVars fills it; once a condition was asked, it must not be changed, for it is
// not read again, nor copied. It is then safe for concurrent use.
type Vars struct {
	Ticket  Ticket  `expr:"ticket"`
	Before  Ticket  `expr:"before"`
	Message Message `expr:"message"`
	Event   Event   `expr:"event"`

	Now                 time.Time `expr:"now" doc:"the time at which the rule runs"`
	HoursSinceCreated   float64   `expr:"hours_since_created" doc:"hours since the ticket was created"`
	HoursSinceChanged   float64   `expr:"hours_since_changed" doc:"hours since the ticket was last changed"`
	HoursSinceLastReply float64   `expr:"hours_since_last_reply" doc:"hours since the last public message"`
	LastReplyBy         string    `expr:"last_reply_by" of:"sides" doc:"who wrote the last public message: client (with an account or without), staff or system"`

	custom, customBefore map[string]string // fields by code
	shared               *shared
}

// Ticket is the ticket as it is, or as it was before the change.
type Ticket struct {
	ID           float64  `expr:"id" doc:"its number in the store"`
	Code         string   `expr:"code" doc:"the code that people see"`
	External     string   `expr:"external" doc:"the host's own id for it"`
	Subject      string   `expr:"subject" fold:"1" doc:"its subject"`
	Brand        string   `expr:"brand" of:"brands" doc:"the code of its brand; ticket.store is the same"`
	Department   string   `expr:"department" of:"departments" doc:"the code of its department"`
	Status       string   `expr:"status" of:"statuses" doc:"the code of its status"`
	Class        string   `expr:"class" of:"classes" doc:"the class of its status"`
	Priority     string   `expr:"priority" of:"priorities" doc:"the code of its priority"`
	Folder       string   `expr:"folder" of:"folders" doc:"the folder that it lies in"`
	Assignee     string   `expr:"assignee" of:"agents" doc:"the id of its agent; ticket.owner is the same"`
	AssignedBy   string   `expr:"assigned_by" doc:"the id of who assigned it"`
	Watchers     []string `expr:"watchers" of:"agents" doc:"the ids of the agents who watch it"`
	Channel      string   `expr:"channel" of:"channels" doc:"how it came in"`
	Gateway      string   `expr:"gateway" of:"gateways" doc:"the code of the gateway that fetched it"`
	Locked       bool     `expr:"locked" doc:"takes no messages of customers"`
	Deleted      bool     `expr:"deleted" doc:"is deleted"`
	Merged       bool     `expr:"merged" doc:"is merged into another ticket"`
	Tags         []string `expr:"tags" of:"tags" lower:"1" doc:"its tags"`
	Requester    Customer `expr:"requester"`
	Organisation string   `expr:"organisation" doc:"the id of the requester's organisation"`
	Phone        string   `expr:"phone" fold:"1" doc:"the phone number of the form"`
	Participants []string `expr:"participants" lower:"1" doc:"the addresses in copy"`
	Service      string   `expr:"service" doc:"the order or service that it is about"`
	Converted    string   `expr:"converted" doc:"the kind of object that it was converted to"`
	OriginURL    string   `expr:"origin_url" doc:"the page that it was sent from"`
	Messages     float64  `expr:"messages" doc:"how many messages it has had"`
	SpentMinutes float64  `expr:"spent_minutes" doc:"minutes of working time that were logged"`
	UnreadStaff  bool     `expr:"unread_by_staff" doc:"has a message that no agent has read"`
	UnreadClient bool     `expr:"unread_by_client" doc:"has a message that the customer has not read"`
	LastReplyBy  string   `expr:"last_reply_by" of:"actors" doc:"the kind of who wrote the last public message, guests and clients apart"`
	LastMessage  Lazy     `expr:"last_message" fold:"1" doc:"the last public message as plain text, without what it quotes"`

	CreatedAt   time.Time `expr:"created_at" doc:"when it was created"`
	UpdatedAt   time.Time `expr:"updated_at" doc:"when it was last changed"`
	LastReplyAt time.Time `expr:"last_reply_at" doc:"when the last public message was written"`
	SolvedAt    time.Time `expr:"solved_at" doc:"when it was solved"`
	ClosedAt    time.Time `expr:"closed_at" doc:"when it was closed"`
}

// Customer is who asks.
type Customer struct {
	ID    string `expr:"id" doc:"the customer's id; empty for a guest"`
	Name  string `expr:"name" fold:"1" doc:"the customer's name"`
	Email string `expr:"email" lower:"1" doc:"the customer's address, in lower case"`
	Group string `expr:"group" of:"groups" doc:"the host's group of customers"`
}

// Message is the message that the event is about.
type Message struct {
	Body      Lazy     `expr:"body" fold:"1" doc:"its text, plain and without what it quotes"`
	Kind      string   `expr:"kind" of:"kinds" doc:"who may read it"`
	Author    Person   `expr:"author"`
	Channel   string   `expr:"channel" of:"channels" doc:"how it came in"`
	Files     float64  `expr:"files" doc:"how many files it has"`
	FileNames []string `expr:"file_names" fold:"1" doc:"the names of its files"`
	Automatic bool     `expr:"automatic" doc:"is a mail that a program wrote"`
}

// Person is who acted.
type Person struct {
	Kind  string `expr:"kind" of:"actors" doc:"guest, client, staff or system"`
	ID    string `expr:"id" doc:"the host's id"`
	Name  string `expr:"name" fold:"1" doc:"the name"`
	Email string `expr:"email" lower:"1" doc:"the address, in lower case"`
}

// Event is what happened.
type Event struct {
	Name    string   `expr:"name" of:"events" doc:"what happened"`
	Detail  string   `expr:"detail" doc:"of a deadline, which warning: 75% of its time has passed, or 30m are left of it, as 75% or 30m; breach where it was missed"`
	Actor   Person   `expr:"actor"`
	Rule    string   `expr:"rule" doc:"the code of the rule that did it; empty where a person did"`
	Changed []string `expr:"changed" of:"changes" doc:"the names of the ticket's fields that changed, as status; custom ones as field.telephone"`
}

// Lazy is a text that is read when a condition asks for it, once. It may be called by several goroutines.
type Lazy func() (string, error)

func (l Lazy) text() (string, error) {
	if l == nil {
		return "", nil
	}
	return l()
}

// unset is a number that nobody has given: it is neither less nor greater than any other, nor equal.
func unset() float64 { return math.NaN() }
