package ticket

import (
	"maps"
	"slices"
)

// Draft is a ticket that somebody wants to open. Subject and Body (or a file) are needed; all else has a default. Of a
// customer's draft, Requester and Assignee are the desk's to say; Organisation, Folder, Watchers and Status are refused;
// Priority, Department, Service and Files are for the settings to allow; the rest is taken as the host filled it in.
//
// A ValidationError names the fields as JSON would: subject, body, html_body, format, files, brand, department, status,
// priority, assignee, folder, requester, organisation, phone, participants, watchers, form, external, service, related,
// tags, fields (fields.<code> for one of the catalogue), linked_to, to, cc, mail, encrypted.
type Draft struct {
	Subject  string
	Body     string
	Format   Format // default Plain
	HTMLBody string // HTML alternative of a mail
	Files    []Upload

	Brand      string // default: of the gateway, the department, the desk
	Department string
	Status     string
	Priority   string
	Assignee   string
	Folder     Folder // default Inbox

	// Requester is whom staff or the host's code open the ticket for. Clients and guests are their own requester,
	// and so are, by name and address and without their id, staff who name nobody; the host's code must name somebody.
	Requester    Person
	Organisation string
	Phone        string
	Participants []Person
	Watchers     []string

	Form     string // code of the form whose settings hold (see GatewayLayer); a mail's gateway goes before it
	External string // the host's own id; a second draft with the same one is refused with ErrExists
	Service  string
	Related  []Ref
	Tags     []string
	Fields   map[string]string
	Close    bool  // opened and closed at once, for matters that were settled elsewhere
	LinkedTo int64 // a ticket that this one continues

	To, Cc []Person // as the mail that it came by was addressed
	Mail   *Mail

	Encrypted bool // store the body encrypted (W32); what else the ticket holds is not
}

// ReplyDraft is a message that somebody wants to add. Body or a file is needed.
type ReplyDraft struct {
	Body     string
	Format   Format      // default Plain
	Kind     MessageKind // default KindReply; AddNote sets KindNote
	HTMLBody string
	Files    []Upload

	To, Cc, Bcc []Person
	Status      string // the message carries a change of status (G08)
	Unproven    bool   // see Message.Unproven: kept as a note, without any right on the ticket; for mails and the host's own code
	Mail        *Mail

	Encrypted bool // store the body encrypted (W32); files are not
	// Mentions are whom an internal note is for, beside those whom its text names: "@" before the id of an agent, their
	// name in one word, a first name that nobody else has, or the code or the name of a department.
	Mentions []Mention
	// Seen, if not zero, is the ID of the last message that the author had seen: where a public one stands after it, or
	// where it has gone to another ticket, the reply is refused with ErrConflict (I14). It is no Seq, for merging and
	// splitting give messages other ones.
	Seen int64
}

// Split says which messages of a ticket become a new one, and what that is to be. What is empty is taken from the old
// ticket; the status is that of new tickets.
type Split struct {
	Messages   []int64 // their ids; not all that the ticket has
	Subject    string
	Department string
	Assignee   string
	Requester  Person // as the customer who wrote the messages
}

// Clone returns a deep copy.
func (s Split) Clone() Split {
	s.Messages = slices.Clone(s.Messages)
	return s
}

// Patch changes a ticket. A nil field leaves things as they are; a pointer to an empty value clears.
type Patch struct {
	// Version, if not zero, must be the ticket's: a stale one is refused with ErrConflict.
	Version int64 `json:"version,omitempty"`

	Subject      *string            `json:"subject,omitempty"`
	Status       *string            `json:"status,omitempty"`
	Priority     *string            `json:"priority,omitempty"`
	Department   *string            `json:"department,omitempty"`
	Brand        *string            `json:"brand,omitempty"`
	Assignee     *string            `json:"assignee,omitempty"`
	Folder       *Folder            `json:"folder,omitempty"`
	Locked       *bool              `json:"locked,omitempty"`
	Requester    *Person            `json:"requester,omitempty"` // another person's ticket loses its Organisation, unless the patch names one
	Organisation *string            `json:"organisation,omitempty"`
	Phone        *string            `json:"phone,omitempty"`
	Participants *[]Person          `json:"participants,omitempty"`
	Watchers     *[]string          `json:"watchers,omitempty"`
	Service      *string            `json:"service,omitempty"`
	Related      *[]Ref             `json:"related,omitempty"`
	Converted    *Ref               `json:"converted,omitempty"` // a pointer to the zero Ref clears
	Tags         *[]string          `json:"tags,omitempty"`
	Fields       map[string]*string `json:"fields,omitempty"` // by code; a nil or empty value clears that field

	Note string `json:"note,omitempty"` // kept as an internal note; policy can require one for closing (R06)
}

// Clone returns a deep copy. The contents of files are shared.
func (d Draft) Clone() Draft {
	d.Files, d.Participants, d.Watchers = slices.Clone(d.Files), slices.Clone(d.Participants), slices.Clone(d.Watchers)
	d.Related, d.Tags, d.Fields = slices.Clone(d.Related), slices.Clone(d.Tags), maps.Clone(d.Fields)
	d.To, d.Cc, d.Mail = slices.Clone(d.To), slices.Clone(d.Cc), d.Mail.clone()
	return d
}

// Clone returns a deep copy. The contents of files are shared.
func (r ReplyDraft) Clone() ReplyDraft {
	r.Files, r.Mail = slices.Clone(r.Files), r.Mail.clone()
	r.To, r.Cc, r.Bcc, r.Mentions = slices.Clone(r.To), slices.Clone(r.Cc), slices.Clone(r.Bcc), slices.Clone(r.Mentions)
	return r
}

// Clone returns a deep copy.
func (p Patch) Clone() Patch {
	p.Subject, p.Status, p.Priority, p.Department = clonePtr(p.Subject), clonePtr(p.Status), clonePtr(p.Priority), clonePtr(p.Department)
	p.Brand, p.Assignee, p.Folder, p.Locked = clonePtr(p.Brand), clonePtr(p.Assignee), clonePtr(p.Folder), clonePtr(p.Locked)
	p.Requester, p.Organisation, p.Phone = clonePtr(p.Requester), clonePtr(p.Organisation), clonePtr(p.Phone)
	p.Service, p.Converted = clonePtr(p.Service), clonePtr(p.Converted)
	p.Participants, p.Watchers, p.Related, p.Tags = cloneList(p.Participants), cloneList(p.Watchers), cloneList(p.Related), cloneList(p.Tags)
	p.Fields = maps.Clone(p.Fields)
	for code, v := range p.Fields {
		p.Fields[code] = clonePtr(v)
	}
	return p
}

func cloneList[T any](p *[]T) *[]T {
	if p == nil {
		return nil
	}
	return new(slices.Clone(*p))
}
