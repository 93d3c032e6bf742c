// Package row is what of a ticket stands in columns and rows beside its document, in every store over SQL alike, and how
// documents and times are written.
package row

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The boxes by which lists are walked: the folder, or, whatever the folder, that the ticket is deleted or merged. What is
// below BoxDeleted is live.
const (
	BoxInbox = iota
	BoxArchive
	BoxSpam
	BoxOther // any other folder
	BoxDeleted
	BoxMerged
)

// BoxOf returns the box of live tickets in a folder.
func BoxOf(f ticket.Folder) int {
	switch f {
	case ticket.Inbox:
		return BoxInbox
	case ticket.Archive:
		return BoxArchive
	case ticket.Spam:
		return BoxSpam
	}
	return BoxOther
}

// Row is what of a ticket stands beside its document. The zero value is that of no ticket.
type Row struct {
	Known   bool // it is that of a ticket
	Columns Columns
	Facets  []Facet // each once
	Fields  []Field // by their codes
}

// Columns are the ticket's own row. Times are microseconds since 1970.
type Columns struct {
	Box                                                int
	Folder, Class, Status, Department, Brand, Priority string
	Channel, Assignee, Requester, Email, Organisation  string // Email is normal, see ticket.NormalizeEmail
	Service, External                                  string
	Unread, UnreadClient                               bool // by staff, and by the client
	Created, Updated, Replied                          int64
}

// Names are the names of the columns, in the order of Columns.AppendTo.
const Names = "box, folder, class, status, department, brand, priority, channel, assignee, requester, email, organisation, service, external, " +
	"unread, unread_client, created, updated, replied"

// Of returns the row of a ticket.
func Of(t *ticket.Ticket) Row {
	r := Row{Known: true, Columns: Columns{
		Box: BoxOf(t.Folder), Folder: string(t.Folder), Class: string(t.Class), Status: t.Status, Department: t.Department,
		Brand: t.Brand, Priority: t.Priority, Channel: string(t.Channel), Assignee: t.Assignee, Requester: t.Requester.ID,
		Email: ticket.NormalizeEmail(t.Requester.Email), Organisation: t.Organisation, Service: t.Service, External: t.External,
		Unread: t.UnreadByStaff, UnreadClient: t.UnreadByClient,
		Created: Micros(t.CreatedAt), Updated: Micros(t.UpdatedAt), Replied: Micros(t.LastReplyAt),
	}}
	switch {
	case t.DeletedAt != nil:
		r.Columns.Box = BoxDeleted
	case t.MergedInto != 0:
		r.Columns.Box = BoxMerged
	}
	for _, tag := range t.Tags {
		r.add(Facet{FacetTag, tag})
	}
	for _, p := range t.Participants {
		r.add(Facet{FacetParticipant, ticket.NormalizeEmail(p.Email)})
	}
	for _, w := range t.Watchers {
		r.add(Facet{FacetWatcher, w})
	}
	for _, ref := range t.Related {
		r.add(OfRelated(ref))
	}
	r.addFields(t.Fields)
	return r
}

func (r *Row) add(f Facet) {
	if !slices.Contains(r.Facets, f) {
		r.Facets = append(r.Facets, f)
	}
}

// AppendTo adds the values of the columns in the order of Names. Those that are true are 1, others 0.
func (c *Columns) AppendTo(args []any) []any {
	return append(args, c.Box, c.Folder, c.Class, c.Status, c.Department, c.Brand, c.Priority, c.Channel, c.Assignee, c.Requester, c.Email,
		c.Organisation, c.Service, c.External, flag(c.Unread), flag(c.UnreadClient), c.Created, c.Updated, c.Replied)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
