package ticket

import (
	"slices"
	"time"
)

// EventType names what happened.
type EventType string

// The types of journal entries. One write is one entry; what it changed stands in Changes.
const (
	EventCreated        EventType = "created"
	EventReplied        EventType = "replied"
	EventNoted          EventType = "noted"
	EventUpdated        EventType = "updated"
	EventDeleted        EventType = "deleted"
	EventRestored       EventType = "restored"
	EventPurged         EventType = "purged"
	EventMessageEdited  EventType = "message_edited"
	EventMessageDeleted EventType = "message_deleted"
	EventRead           EventType = "read"
	EventRedacted       EventType = "redacted"    // text was taken out; the entry does not say which
	EventMerged         EventType = "merged"      // others into this one: the change "tickets" has their ids
	EventMergedInto     EventType = "merged_into" // this one into another; also the end of it: see the change "merged_into"
	EventUnmerged       EventType = "unmerged"    // others that were merged into this one stand for themselves again
	EventSplit          EventType = "split"       // messages became a new ticket: the change "tickets" has its id
	EventRated          EventType = "rated"
	EventTimeLogged     EventType = "time_logged" // working time was logged, changed or removed
	EventInvoiced       EventType = "invoiced"    // working time was billed
	EventInvoiceVoided  EventType = "invoice_voided"
	EventLinksRevoked   EventType = "links_revoked" // the guest links of the ticket
	EventMailRejected   EventType = "mail_rejected"
	EventUndelivered    EventType = "message_undelivered" // a mail server reported that a message did not reach somebody
	EventDeliveryDead   EventType = "delivery_dead"
	EventFilesRemoved   EventType = "files_removed" // contents of old attachments, by retention (M13); Detail says why
	EventCatalog        EventType = "catalog_changed"
	EventSettings       EventType = "settings_changed"
	EventPeople         EventType = "people_changed" // names the fields, and no values: what is erased must not live on here
)

// Change is one field's difference, written as text: times as RFC 3339, lists and structures as JSON.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Event is an entry of the journal, which is audit trail and outbox in one. It holds ids and differences, never bodies.
// Seq orders the entries of one ticket; entries without a ticket have TicketID and Seq 0.
type Event struct {
	ID        int64       `json:"id"`
	Type      EventType   `json:"type"`
	TicketID  int64       `json:"ticket_id,omitempty"`
	MessageID int64       `json:"message_id,omitempty"`
	Seq       int64       `json:"seq,omitempty"`
	Version   int64       `json:"version,omitempty"` // of the ticket after the write
	At        time.Time   `json:"at"`
	Actor     Actor       `json:"actor"`
	Cause     Cause       `json:"cause,omitzero"`
	Changes   []Change    `json:"changes,omitempty"`
	Kind      MessageKind `json:"kind,omitempty"`    // of the message
	Subject   string      `json:"subject,omitempty"` // what an entry without a ticket is about; of a purged ticket its code and subject
	Detail    string      `json:"detail,omitempty"`
}

// Cause is why an event happened, where another event or a rule made it happen.
type Cause struct {
	Event   int64  `json:"event,omitempty"`   // the event whose handler wrote this one
	Binding string `json:"binding,omitempty"` // the hook that did it
	Rule    string `json:"rule,omitempty"`
	Mass    int64  `json:"mass,omitempty"`  // the mass action that did it
	Depth   int    `json:"depth,omitempty"` // how many handlers stand between this event and a person
}

// Changed returns the change of field, if the event has one.
func (e *Event) Changed(field string) (Change, bool) {
	for _, c := range e.Changes {
		if c.Field == field {
			return c, true
		}
	}
	return Change{}, false
}

// Clone returns a deep copy.
func (e *Event) Clone() *Event {
	c := *e
	c.Changes = slices.Clone(e.Changes)
	return &c
}
