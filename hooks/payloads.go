package hooks

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Creating is a ticket about to be opened. Filters may change Draft. Checking says that a form only asks, as it may at
// every key: nothing is written after it, so a hook that counts or costs something can leave that for later.
type Creating struct {
	Actor    ticket.Actor
	Draft    *ticket.Draft
	Checking bool
}

// Replying is a message about to be added: a reply, or a note at the points for notes. Checking is as in Creating.
type Replying struct {
	Actor    ticket.Actor
	Ticket   *ticket.Ticket
	Draft    *ticket.ReplyDraft
	Checking bool
}

// Updating is a ticket about to be changed. After is nil for filters, which may change Patch.
type Updating struct {
	Actor   ticket.Actor
	Ticket  *ticket.Ticket // as it is
	Patch   *ticket.Patch
	After   *ticket.Ticket // as it would be
	Changes []ticket.Change
}

// Deleting is a ticket about to be deleted, or purged if it is deleted already.
type Deleting struct {
	Actor  ticket.Actor
	Ticket *ticket.Ticket
}

// Merging is some tickets about to be merged into another one, or, with Undo, to be taken out of it again.
type Merging struct {
	Actor   ticket.Actor
	Target  *ticket.Ticket
	Sources []*ticket.Ticket
	Undo    bool
}

// Across reports whether a merge takes messages into another department or brand, where others may see them: who sees
// the target sees what was the source's. A gate that keeps a department's matters to itself asks this.
func (p Merging) Across() bool {
	return !p.Undo && p.Target != nil && slices.ContainsFunc(p.Sources, func(s *ticket.Ticket) bool {
		return s.Department != p.Target.Department || s.Brand != p.Target.Brand
	})
}

// Splitting is a ticket about to lose messages to a new one.
type Splitting struct {
	Actor  ticket.Actor
	Ticket *ticket.Ticket
	Split  ticket.Split
}

// Editing is a message about to get another body. Delete means that it is to be removed, and Body is empty then.
type Editing struct {
	Actor   ticket.Actor
	Ticket  *ticket.Ticket
	Message *ticket.Message // as it is
	Body    string
	Delete  bool
}

// Attaching is a file about to be stored; its content is not read yet, so its Size is what the upload says, 0 where
// that is unknown. Ticket is nil when the ticket is about to be opened.
type Attaching struct {
	Actor  ticket.Actor
	Ticket *ticket.Ticket
	File   ticket.File
}

// Scanning is a file whose content was read and is about to be attached: File has its size and, in Blob, its SHA-256.
// Ticket is nil when the ticket is about to be opened. A ValidationError refuses the message, and of a mail this file
// alone, which then has the reason in File.Missing; any other failure refuses too, and a mail is tried again later.
type Scanning struct {
	Actor  ticket.Actor
	Ticket *ticket.Ticket
	File   ticket.File
	// Open reads the content, as often as it is called, until the hook returns. Whoever opens, closes.
	Open func(ctx context.Context) (io.ReadSeekCloser, error)
}

// Mailing is a mail that came in and is about to become a ticket or a message. A ValidationError is a recorded refusal;
// any other failure means that the mail is tried again later.
type Mailing struct {
	Actor     ticket.Actor // whom the mail claims to be from; nothing is proven by that
	Gateway   string
	Ticket    *ticket.Ticket // that it answers, or nil
	Subject   string
	Text      string
	MessageID string
	To, Cc    []ticket.Person
	Files     []ticket.File
	Size      int64 // bytes of the raw mail
	Degraded  bool  // it could not be parsed in full
}

// Committing is a write inside its transaction, before the commit. Before is nil for a new ticket; Message is nil where
// none is added or changed.
type Committing struct {
	Actor   ticket.Actor
	Before  *ticket.Ticket
	After   *ticket.Ticket
	Message *ticket.Message
	Event   *ticket.Event
}

// Suggesting asks for answers to a question that a customer is about to ask. Hooks append to Answers.
type Suggesting struct {
	Actor   ticket.Actor
	Brand   string
	Locale  string
	Subject string
	Body    string
	Answers []Answer
}

// Answer is a suggestion, as an article of a knowledge base.
type Answer struct {
	Title   string
	URL     string
	Excerpt string
}

// Account tells the host of a guest who opens a ticket. A hook that has or makes an account for them sets CustomerID,
// and Organisation if they belong to one. It may be asked again about the same address: a ticket can be refused after it.
type Account struct {
	Actor        ticket.Actor
	Brand        string
	Name         string
	Email        string
	CustomerID   string
	Organisation string
}

// Transliterating is a text about to be stored. Hooks may change Text.
type Transliterating struct {
	Actor ticket.Actor
	Field string // "subject" or "body"
	Text  string
}

// Page is what a view is drawn on. Fields that the page has nothing for are zero.
type Page struct {
	Actor   ticket.Actor
	Brand   string
	Locale  string
	Ticket  *ticket.Ticket
	Tickets []*ticket.Ticket
	Draft   *ticket.Draft
}

func (p Creating) actor() ticket.Actor        { return p.Actor }
func (p Replying) actor() ticket.Actor        { return p.Actor }
func (p Updating) actor() ticket.Actor        { return p.Actor }
func (p Deleting) actor() ticket.Actor        { return p.Actor }
func (p Merging) actor() ticket.Actor         { return p.Actor }
func (p Splitting) actor() ticket.Actor       { return p.Actor }
func (p Editing) actor() ticket.Actor         { return p.Actor }
func (p Attaching) actor() ticket.Actor       { return p.Actor }
func (p Scanning) actor() ticket.Actor        { return p.Actor }
func (p Mailing) actor() ticket.Actor         { return p.Actor }
func (p Committing) actor() ticket.Actor      { return p.Actor }
func (p Suggesting) actor() ticket.Actor      { return p.Actor }
func (p Account) actor() ticket.Actor         { return p.Actor }
func (p Transliterating) actor() ticket.Actor { return p.Actor }
func (p Page) actor() ticket.Actor            { return p.Actor }

// Meta is what every event payload has: which event it is, who did it, when and why.
type Meta struct {
	EventID int64 // the same for every delivery of the event: the key to do things once
	Type    ticket.EventType
	Seq     int64 // of the ticket's events
	At      time.Time
	Actor   ticket.Actor
	Cause   ticket.Cause
	Attempt int // 1 for the first delivery

	entry *ticket.Event
}

// journalled is the entry of the journal that an event's payload was made of.
func (m Meta) journalled() *ticket.Event { return m.entry.Clone() }

// Created is the payload of events about a new ticket. Message is its first one, without its body if it is encrypted:
// see Messaged.
type Created struct {
	Meta
	Ticket  *ticket.Ticket
	Message *ticket.Message
}

// Messaged is the payload of events about a message. Ticket is as of the event; Message is as it is now: edited or
// redacted since, perhaps, and marked by DeletedAt when it is gone. An encrypted message has Encrypted set and no body,
// for handlers copy bodies to places that know nothing of keys: who needs it calls Desk.Message. Events of a ticket
// that was purged before they were delivered are not delivered.
type Messaged struct {
	Meta
	Ticket  *ticket.Ticket
	Message *ticket.Message
}

// Updated is the payload of TicketUpdated: all that one write changed, also what came with a message.
type Updated struct {
	Meta
	Ticket  *ticket.Ticket
	Changes []ticket.Change
}

// Changed is the payload of events about one property of a ticket, with its old and new value as the history shows
// them.
type Changed struct {
	Meta
	Ticket *ticket.Ticket
	Old    string
	New    string
}

// Tagged is the payload of TicketTagsChange.
type Tagged struct {
	Meta
	Ticket         *ticket.Ticket
	Old, New       []string
	Added, Removed []string
}

// Fielded is the payload of TicketFieldsChange: the custom fields that one write changed.
type Fielded struct {
	Meta
	Ticket   *ticket.Ticket
	Old, New map[string]string // by code; an empty value means none
}

// Removed is the payload of events about a ticket that was deleted, restored or purged.
type Removed struct {
	Meta
	TicketID int64
	Ticket   *ticket.Ticket // nil when purged
	Code     string
	Title    string // its subject
}

// Moved is the payload of TicketMerged, TicketUnmerged and TicketSplit.
type Moved struct {
	Meta
	Ticket *ticket.Ticket // the target of a merge, the source of a split
	Others []int64        // the sources of a merge, the new ticket of a split
}

// Rated is the payload of TicketRated.
type Rated struct {
	Meta
	Ticket  *ticket.Ticket
	Message *ticket.Message
	Grade   string
	Comment string
}

// Timed is the payload of TicketTimeLogged. A new entry has no Before, one that was removed no After.
type Timed struct {
	Meta
	Ticket        *ticket.Ticket
	Entry         int64 // for Time.Entry; 0 where time that was moved to another ticket was billed
	Before, After time.Duration
}

// Invoiced is the payload of TicketInvoiced.
type Invoiced struct {
	Meta
	Ticket    *ticket.Ticket
	Invoice   int64
	Reference string // the Invoicer's
}

// Voided is the payload of TicketInvoiceVoided.
type Voided struct {
	Meta
	Ticket  *ticket.Ticket
	Invoice int64
	Key     string // under which the Invoicer may have got it
}

// Rejected is the payload of TicketMailRejected.
type Rejected struct {
	Meta
	Gateway string
	Mail    int64 // for Gateway.Raw and Gateway.Requeue
	From    string
	Subject string
	Reason  string
	// MayAnswer says that an automatic answer to it is allowed: it is no robot's, nobody says that it is forged, and there were
	// not too many (gateway.Caps).
	MayAnswer bool
}

// Dead is the payload of TicketDeliveryDead.
type Dead struct {
	Meta
	Delivery int64  // to retry or discard it
	Point    string // where the hook is bound
	Binding  string // its id
	Reason   string
}

// Configured is the payload of events about the catalogue and the settings.
type Configured struct {
	Meta
	What    string // as "status/open" or "settings/brand/outlet"
	Changes []ticket.Change
}

// Occurrence is an event with what its payloads are built from.
type Occurrence struct {
	Event   *ticket.Event
	Ticket  *ticket.Ticket // as of the event
	Message *ticket.Message
	Attempt int
}

// clone keeps one handler's changes from the next handler, and the text of encrypted messages from all of them (W32).
func (o Occurrence) clone() Occurrence {
	o.Event, o.Ticket, o.Message = copyOf(o.Event), copyOf(o.Ticket), copyOf(o.Message)
	if o.Message != nil && o.Message.Encrypted {
		o.Message.Body, o.Message.HTMLBody, o.Message.Sealed = "", "", false
	}
	return o
}

func (o Occurrence) meta() Meta {
	e := o.Event
	return Meta{EventID: e.ID, Type: e.Type, Seq: e.Seq, At: e.At, Actor: e.Actor, Cause: e.Cause, Attempt: o.Attempt, entry: e}
}
