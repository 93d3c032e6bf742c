package ticket

import (
	"slices"
	"time"
)

// Agent is somebody of the staff, as a Directory knows them. The desk keeps no passwords: authenticating people is the
// host's work.
type Agent struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`                  // as staff see it
	FirstName   string      `json:"first_name,omitempty"`  // for texts that customers read
	LastName    string      `json:"last_name,omitempty"`   //
	Email       string      `json:"email,omitempty"`       // lower case
	Inactive    bool        `json:"inactive,omitempty"`    // has no rights and gets no tickets
	Roles       []string    `json:"roles,omitempty"`       // codes; none means Settings.DefaultRole
	Departments []string    `json:"departments,omitempty"` // is a member of these
	Locale      string      `json:"locale,omitempty"`      // BCP 47
	Zone        string      `json:"zone,omitempty"`        // IANA time zone
	Signatures  []Signature `json:"signatures,omitempty"`  // one for each brand, at most
}

// Customer is somebody whom the desk serves: a contact of an organisation, or a person of their own.
type Customer struct {
	ID           string   `json:"id"`
	Name         string   `json:"name,omitempty"`
	Emails       []string `json:"emails,omitempty"` // lower case, the first is written to
	Phone        string   `json:"phone,omitempty"`
	Organisation string   `json:"organisation,omitempty"` // id
	// SeesOrganisation lets the customer see every ticket of their organisation.
	SeesOrganisation bool      `json:"sees_organisation,omitempty"`
	Brand            string    `json:"brand,omitempty"`  // known at this brand only; empty means at all
	Locale           string    `json:"locale,omitempty"` // BCP 47
	Zone             string    `json:"zone,omitempty"`   // IANA time zone
	Group            string    `json:"group,omitempty"`  // the host's own sorting of customers
	MergedInto       string    `json:"merged_into,omitempty"`
	Version          int64     `json:"version,omitempty"` // of the stored entry; 0 puts regardless
	CreatedAt        time.Time `json:"created_at,omitzero"`
}

// Person returns the customer as a ticket names them.
func (c Customer) Person() Person {
	p := Person{ID: c.ID, Name: c.Name}
	if len(c.Emails) > 0 {
		p.Email = c.Emails[0]
	}
	return p
}

// Organisation is a company or household that several customers belong to (I02).
type Organisation struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Domains []string `json:"domains,omitempty"` // mail domains of its people, lower case
	Phone   string   `json:"phone,omitempty"`
	Zone    string   `json:"zone,omitempty"` // IANA time zone
	Notes   string   `json:"notes,omitempty"`
	Version int64    `json:"version,omitempty"` // of the stored entry; 0 puts regardless
}

// Correspondent is what a desk knows of a mail address. Nothing of it is proven by a mail that claims to be from there.
type Correspondent struct {
	Own          bool   // the desk itself writes as this address
	Agent        *Agent // whose it is, of the active ones; nil if nobody's
	Customer     string // id of the registered customer whose it is
	Organisation string // id of the organisation that the customer, or the domain, belongs to
}

// Rejection is a mail that was refused.
type Rejection struct {
	Gateway         string
	Mail            int64 // the number of its work, for Gateway.Raw and Gateway.Requeue
	Subject, Reason string
	MayAnswer       bool // its sender may be told so: it is no robot's, and nobody says that it is forged
}

// Signature closes what an agent or a department writes (M78). Both texts may hold the variables of quick responses.
type Signature struct {
	Brand string `json:"brand,omitempty"` // empty means every brand without one of its own
	Text  string `json:"text,omitempty"`
	HTML  string `json:"html,omitempty"`
}

// Clone returns a deep copy.
func (a Agent) Clone() Agent {
	a.Roles, a.Departments, a.Signatures = slices.Clone(a.Roles), slices.Clone(a.Departments), slices.Clone(a.Signatures)
	return a
}

// Clone returns a deep copy.
func (c Customer) Clone() Customer {
	c.Emails = slices.Clone(c.Emails)
	return c
}

// Clone returns a deep copy.
func (o Organisation) Clone() Organisation {
	o.Domains = slices.Clone(o.Domains)
	return o
}

// QuickResponse is a ready answer that an agent puts into a reply (M47). Body and HTML may hold variables, as in
// "[ticket_code]": see Variables of package helpdesk.
type QuickResponse struct {
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Body        string   `json:"body,omitempty"`
	HTML        string   `json:"html,omitempty"`
	Inactive    bool     `json:"inactive,omitempty"`
	Departments []string `json:"departments,omitempty"` // empty means all
	Brands      []string `json:"brands,omitempty"`      // empty means all
	Sort        int      `json:"sort,omitempty"`
}

// Clone returns a deep copy.
func (q QuickResponse) Clone() QuickResponse {
	q.Departments, q.Brands = slices.Clone(q.Departments), slices.Clone(q.Brands)
	return q
}

// Object is what the host says about something of its own that a ticket refers to (M77).
type Object struct {
	Ref
	URL    string            `json:"url,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}
